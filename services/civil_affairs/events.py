"""What has happened in social assistance: dibao, marginal families, temporary aid (XN-9), two subsidies (EXT-2SUB)."""

from datetime import date
from decimal import Decimal

from shared.language.catalogue import event
from shared.language.fields import (
    CODE,
    DAY,
    DOCUMENT,
    FLAG,
    LINE,
    LOCAL_NUMBER,
    MONEY,
    MONTH,
    NOTE,
    OFFICER,
    PERSON,
    RATE,
    D,
    I,
    P,
    S,
    fact,
)


@event(
    "低保申请",
    clauses="XN-9",
    scope="family",
    sentence="{applicant}于{applied_on}申请低保({dibao_type}),申请保障人员:{persons}",
)
class DibaoApplied:
    """Recorded when a household, or one person of it, asks for the minimum living allowance."""

    dibao_type: str = fact(CODE, D, "低保类型", code_list="DIBAOTYPE")
    applicant: str = fact(PERSON, D, "申请人")
    persons: tuple[str, ...] = fact(PERSON, S, "申请保障人员", many=True)
    authorisation_doc: str = fact(DOCUMENT, S, "核对授权书")
    applied_on: date = fact(DAY, D, "申请日期")
    assisted_by: str | None = fact(OFFICER, I, "协助人", required=False)


@event(
    "低保受理",
    clauses="XN-9",
    scope="family",
    sentence="低保申请受理结果:{decision},日期:{accepted_on}",
)
class DibaoAcceptanceDecided:
    """Recorded when an application is accepted for decision, returned for missing papers, or not accepted."""

    decision: str = fact(CODE, I, "受理结果", code_list="DECISION")
    accepted_on: date = fact(DAY, I, "受理日期")
    missing: str | None = fact(NOTE, I, "需补正材料", required=False)


@event(
    "家庭经济状况核对",
    clauses="XN-9",
    scope="family",
    sentence="{checked_on}核对家庭经济状况:月人均收入{per_capita_income_month},低保月标准{standard_month},"
    "财产符合规定:{property_ok}",
)
class HouseholdEconomyChecked:
    """Recorded when a household's income and property have been checked against the records and at home."""

    checked_on: date = fact(DAY, S, "核对日期")
    per_capita_income_month: Decimal = fact(MONEY, S, "月人均收入")
    standard_month: Decimal = fact(MONEY, P, "低保月标准")
    property_ok: bool = fact(FLAG, S, "财产符合规定")
    method: str | None = fact(LINE, I, "核对方式", required=False)


@event(
    "公示",
    clauses="XN-9",
    scope="family",
    sentence="低保审核意见于{from_date}至{to_date}在{place}公示,已隐去未成年人信息:{minors_hidden}",
)
class DibaoNoticePosted:
    """Recorded when the intended decision has been put up for the neighbours to see."""

    from_date: date = fact(DAY, I, "公示起始日期")
    to_date: date = fact(DAY, I, "公示截止日期")
    place: str = fact(LINE, I, "公示地点")
    minors_hidden: bool = fact(FLAG, I, "已隐去未成年人信息")


@event(
    "低保审核确认",
    clauses="XN-9",
    scope="family",
    sentence="{decided_on}低保审核确认({dibao_type}):{decision};保障人员:{persons};月保障金额:{amount_month},"
    "起发月份:{pay_from};不予同意原因:{refuse_reason}",
)
class DibaoDecided:
    """Recorded when the bureau grants or refuses the minimum living allowance."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    refuse_reason: str | None = fact(CODE, I, "不予同意原因", code_list="REFUSE", required=False)
    dibao_type: str = fact(CODE, D, "低保类型", code_list="DIBAOTYPE")
    persons: tuple[str, ...] = fact(PERSON, S, "保障人员", many=True)
    amount_month: Decimal | None = fact(MONEY, D, "月保障金额", required=False)
    pay_from: str | None = fact(MONTH, I, "起发月份", required=False)
    cert_no: str | None = fact(LOCAL_NUMBER, D, "低保证号", required=False)
    decided_on: date = fact(DAY, I, "决定日期")


@event(
    "低保动态复核",
    clauses="XN-9",
    scope="family",
    sentence="{reviewed_on}低保动态复核结果:{result},月保障金额:{amount_month},下次复核期限:{next_due}",
)
class DibaoReviewed:
    """Recorded when a household on dibao has been looked at again."""

    reviewed_on: date = fact(DAY, I, "复核日期")
    result: str = fact(CODE, I, "复核结果", code_list="REVIEWRESULT")
    amount_month: Decimal | None = fact(MONEY, D, "月保障金额", required=False)
    effective_from: str | None = fact(MONTH, I, "起执行月份", required=False)
    next_due: date = fact(DAY, I, "下次复核期限")


@event(
    "低保终止",
    clauses="XN-9",
    scope="family",
    sentence="低保终止,原因:{reason},保障至{effective_to},渐退期至:{fade_out_to}",
)
class DibaoTerminated:
    """Recorded when dibao ends for a household or person."""

    reason: str = fact(CODE, D, "终止原因", code_list="ENDREASON")
    effective_to: str = fact(MONTH, I, "保障至")
    fade_out_to: str | None = fact(MONTH, I, "渐退期至", required=False)


@event(
    "低保边缘家庭认定",
    clauses="XN-9",
    scope="family",
    sentence="低保边缘家庭认定:{decision};月人均收入:{per_capita_income_month},收入上限与低保标准之比:{multiple},"
    "有效期自{valid_from}至{valid_to}",
)
class MarginalFamilyDecided:
    """Recorded when the bureau decides whether a household lives just above the dibao standard."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    per_capita_income_month: Decimal | None = fact(MONEY, S, "月人均收入", required=False)
    multiple: Decimal = fact(RATE, P, "收入上限与低保标准之比")
    valid_from: date | None = fact(DAY, I, "有效期起", required=False)
    valid_to: date | None = fact(DAY, I, "有效期止", required=False)


@event(
    "临时救助申请",
    clauses="XN-9",
    scope="family",
    sentence="{subject}一户于{applied_on}申请{kind}临时救助",
)
class TempAidApplied:
    """Recorded when a household in sudden or costly hardship asks for help, or is found."""

    kind: str = fact(CODE, D, "救助类型", code_list="TEMPKIND")
    cause: str = fact(NOTE, S, "困难原因")
    applied_on: date = fact(DAY, D, "申请日期")
    proactive: bool | None = fact(FLAG, I, "主动发现", required=False)


@event(
    "先行救助(紧急程序)",
    clauses="XN-9",
    scope="family",
    sentence="{by_org}于{granted_on}先行救助{amount}",
)
class TempAidEmergencyGranted:
    """Recorded when help is given at once and the formalities follow."""

    amount: Decimal = fact(MONEY, D, "救助金额")
    granted_on: date = fact(DAY, D, "救助日期")
    by_org: str = fact(LINE, I, "救助实施单位")


@event(
    "临时救助决定",
    clauses="XN-9",
    scope="family",
    sentence="{decided_on}临时救助决定:{decision},金额:{amount},不予同意原因:{refuse_reason}",
)
class TempAidDecided:
    """Recorded when temporary aid is granted or refused."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    refuse_reason: str | None = fact(CODE, I, "不予同意原因", code_list="REFUSE", required=False)
    amount: Decimal | None = fact(MONEY, D, "救助金额", required=False)
    decided_on: date = fact(DAY, I, "决定日期")


@event(
    "残疾人两项补贴申请",
    clauses="EXT-2SUB",
    scope="person",
    sentence="{subject}于{applied_on}申请残疾人两项补贴:{benefits}",
)
class TwoSubsidiesApplied:
    """Recorded when a disabled person asks for the living or the nursing subsidy, at any counter or online."""

    benefits: tuple[str, ...] = fact(CODE, D, "申请项目", code_list="BENEFIT", many=True)
    applied_on: date = fact(DAY, D, "申请日期")
    channel: str | None = fact(LINE, I, "申请渠道", required=False)


@event(
    "两项补贴审定",
    clauses="EXT-2SUB",
    scope="person",
    sentence="{subject}的残疾人两项补贴审定:{decision};项目:{benefits};起发月份:{pay_from},每月合计:{monthly_total}",
)
class TwoSubsidiesDecided:
    """Recorded when the bureau grants or refuses the subsidies."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    benefits: tuple[str, ...] = fact(CODE, D, "补贴项目", code_list="BENEFIT", many=True)
    pay_from: str | None = fact(MONTH, I, "起发月份", required=False)
    monthly_total: Decimal | None = fact(MONEY, D, "每月合计", required=False)


@event(
    "两项补贴停发",
    clauses="EXT-2SUB",
    scope="person",
    sentence="{subject}的{benefits}停发,原因:{reason},发放至{effective_to}",
)
class TwoSubsidiesStopped:
    """Recorded when one or both subsidies stop."""

    benefits: tuple[str, ...] = fact(CODE, D, "停发项目", code_list="BENEFIT", many=True)
    reason: str = fact(CODE, D, "停发原因", code_list="ENDREASON")
    effective_to: str = fact(MONTH, I, "发放至")
