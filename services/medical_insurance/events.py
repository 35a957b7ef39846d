"""What has happened in health, long-term care and commercial insurance (clause XN-10)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, refusal_reason, sensitive
from shared.language.kinds import (
    Day, Decision, Document, EndReason, Flag, Fund, InsuranceKind, Line, LtcLevel, Money, Month, Org, Refuse, Year,
)


@event("基本医保参保", about="person", clause="XN-10", key="subject year",
       says="{subject}参加{year}年度基本医疗保险[，个人缴费{premium_self}]，{assisted:已|未}获参保资助")
class BasicMedicalInsured:
    """Recorded when a person is insured for a year under the basic medical insurance."""
    year: Year = personal("参保年度", 2025)
    assisted: Flag = personal("获资助")
    premium_self: Money | None = personal("个人缴费", "200.00")


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


@event("评估异议/复评", about="person", clause="XN-10", key="process filed_on",
       says="{filed_on}收到对{subject}失能等级评估结论的异议[，复评等级：{new_level}]")
class LtcAssessmentDisputed:
    """Recorded when somebody objects to the level that was assessed, with the new level if there is one."""
    filed_on: Day = internal("提出日期", "2025-05-12")
    new_level: LtcLevel | None = sensitive("复评等级", "4")


@event("长护待遇核定", about="person", clause="XN-10",
       says="{subject}的长期护理保险待遇核定：{decision}，失能等级：{level}[，起享月份：{from_month}]"
            "[，每月待遇{amount_month}][，服务方式：{service_mode}][；不予同意原因：{refuse_reason}]")
class LtcBenefitDecided:
    """Recorded when the bureau grants or refuses the benefits of the assessed level."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    level: LtcLevel = sensitive("失能等级", "3")
    service_mode: Line | None = personal("服务方式", "机构上门护理")
    from_month: Month | None = internal("起享月份", "2025-06")
    amount_month: Money | None = personal("每月待遇金额", "1200.00")
    basis_doc: Document | None = internal("超出规定的依据")


@event("长护待遇停止", about="person", clause="XN-10", key="process",
       says="{subject}的长期护理保险待遇享受至{effective_to}，停止原因：{reason}")
class LtcBenefitStopped:
    """Recorded when the benefits of long-term care insurance end."""
    reason: EndReason = personal("停止原因", "goal")
    effective_to: Month = internal("待遇至", "2026-03")


@event("商业保险投保", about="person", clause="XN-10", key="subject kind insurer from_date",
       says="为{subject}投保商业保险，险种：{kind}，保险公司：{insurer}，保费{premium}，资金来源：{supported_by}，"
            "保障期自{from_date}至{to_date}")
class CommercialInsuranceTaken:
    """Recorded when a person is insured by a commercial insurer, and somebody pays the premium."""
    kind: InsuranceKind = personal("险种", "ACC")
    insurer: Line = internal("保险公司", "虚构人寿保险公司")
    premium: Money = personal("保费", "80.00")
    supported_by: Fund = internal("支持资金来源", "foundation")
    from_date: Day = personal("保障起日", "2025-07-01")
    to_date: Day = personal("保障止日", "2026-06-30")


@event("商业保险理赔", about="person", clause="XN-10", key="subject kind paid_on",
       says="{paid_on}向{subject}赔付商业保险金{amount}，险种：{kind}")
class CommercialClaimPaid:
    """Recorded when a commercial insurer has paid for a loss."""
    kind: InsuranceKind = personal("险种", "ACC")
    amount: Money = sensitive("赔付金额", "1860.00")
    paid_on: Day = personal("赔付日期", "2025-11-06")
