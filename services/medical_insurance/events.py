"""What has happened in long-term care insurance (clause XN-10)."""

from datetime import date
from decimal import Decimal

from shared.language.catalogue import event
from shared.language.fields import CODE, DAY, FLAG, LINE, MONEY, MONTH, ORGANISATION, YEAR, D, I, Organisation, S, fact


@event(
    "长护险参保",
    clauses="XN-10",
    scope="person",
    sentence="{subject}参加{year}年度长期护理保险,个人缴费{premium}",
)
class LtcEnrolled:
    """Recorded when a person is insured for a year."""

    year: int = fact(YEAR, D, "参保年度")
    premium: Decimal = fact(MONEY, D, "个人缴费")


@event(
    "长护险个人缴费资助",
    clauses="XN-10",
    scope="person",
    sentence="资助{subject}{year}年度长期护理保险个人缴费{amount},资金来源:{fund}",
)
class LtcPremiumAssisted:
    """Recorded when the premium, or part of it, is paid for the insured person."""

    year: int = fact(YEAR, D, "参保年度")
    amount: Decimal = fact(MONEY, D, "资助金额")
    fund: str = fact(CODE, I, "资金来源", code_list="FUND")


@event(
    "失能等级评估申请",
    clauses="XN-10",
    scope="person",
    sentence="{subject}于{applied_on}申请失能等级评估,失能起始日期:{disabled_since}",
)
class LtcAssessmentApplied:
    """Recorded when an insured person asks to have their loss of abilities assessed."""

    applied_on: date = fact(DAY, S, "申请日期")
    disabled_since: date | None = fact(DAY, S, "失能起始日期", required=False)


@event(
    "失能等级评估结论",
    clauses="XN-10",
    scope="person",
    sentence="{assessor_org}于{concluded_on}作出{subject}的失能等级评估结论:{level},有效期至{valid_to},认可结论:{accepted}",
)
class LtcAssessed:
    """Recorded when the assessment has come to a level."""

    level: str = fact(CODE, S, "失能等级", code_list="LTCLEVEL")
    assessor_org: Organisation = fact(ORGANISATION, I, "评估机构")
    concluded_on: date = fact(DAY, S, "结论日期")
    valid_to: date = fact(DAY, S, "有效期至")
    accepted: bool = fact(FLAG, I, "认可结论")


@event(
    "长护待遇核定",
    clauses="XN-10",
    scope="person",
    sentence="{subject}的长期护理保险待遇核定:{decision},失能等级:{level},起享月份:{from_month},"
    "不予同意原因:{refuse_reason}",
)
class LtcBenefitDecided:
    """Recorded when the bureau grants or refuses the benefits of the assessed level."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    refuse_reason: str | None = fact(CODE, I, "不予同意原因", code_list="REFUSE", required=False)
    level: str = fact(CODE, S, "失能等级", code_list="LTCLEVEL")
    service_mode: str | None = fact(LINE, D, "服务方式", required=False)
    from_month: str | None = fact(MONTH, I, "起享月份", required=False)
