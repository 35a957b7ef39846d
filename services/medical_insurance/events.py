"""What has happened in long-term care insurance (clause XN-10)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, refusal_reason, sensitive
from shared.language.kinds import Day, Decision, Flag, Fund, Line, LtcLevel, Money, Month, Org, Refuse, Year


@event("长护险参保", about="person", clause="XN-10", key="subject year",
       says="{subject}参加{year}年度长期护理保险，个人缴费{premium}")
class LtcEnrolled:
    """Recorded when a person is insured for a year."""
    year: Year = personal("参保年度", 2025)
    premium: Money = personal("个人缴费", "50.00")


@event("长护险个人缴费资助", about="person", clause="XN-10", key="subject year fund",
       says="资助{subject}{year}年度长期护理保险个人缴费{amount}，资金来源：{fund}")
class LtcPremiumAssisted:
    """Recorded when the premium, or part of it, is paid for the insured person."""
    year: Year = personal("参保年度", 2025)
    amount: Money = personal("资助金额", "50.00", over=0)
    fund: Fund = internal("资金来源", "medfund")


@event("失能等级评估申请", about="person", clause="XN-10", key="process",
       says="{subject}于{applied_on}申请失能等级评估[，失能起始日期：{disabled_since}]")
class LtcAssessmentApplied:
    """Recorded when an insured person asks to have their loss of abilities assessed."""
    applied_on: Day = sensitive("申请日期", "2025-04-10")
    disabled_since: Day | None = sensitive("失能起始日期", "2024-09-01")


@event("失能等级评估结论", about="person", clause="XN-10", key="process concluded_on",
       says="{assessor_org}于{concluded_on}作出{subject}的失能等级评估结论：{level}，有效期至{valid_to}，"
            "对结论{accepted:无异议|有异议}")
class LtcAssessed:
    """Recorded when the assessment has come to a level."""
    level: LtcLevel = sensitive("失能等级", "3")
    assessor_org: Org = internal("评估机构")
    concluded_on: Day = sensitive("结论日期", "2025-05-06")
    valid_to: Day = sensitive("有效期至", "2027-05-05")
    accepted: Flag = internal("认可结论")


@event("长护待遇核定", about="person", clause="XN-10",
       says="{subject}的长期护理保险待遇核定：{decision}，失能等级：{level}[，起享月份：{from_month}]"
            "[，不予同意原因：{refuse_reason}]")
class LtcBenefitDecided:
    """Recorded when the bureau grants or refuses the benefits of the assessed level."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    level: LtcLevel = sensitive("失能等级", "3")
    service_mode: Line | None = personal("服务方式", "机构上门护理")
    from_month: Month | None = internal("起享月份", "2025-06")
