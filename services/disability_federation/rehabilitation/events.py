"""What has happened in a disabled child's rehabilitation (clauses XN-2, XN-7; 国发〔2018〕20号)."""

from datetime import date
from decimal import Decimal

from shared.language.catalogue import event
from shared.language.fields import (
    CODE,
    COUNT,
    DAY,
    DOCUMENT,
    EVENT,
    FLAG,
    HOURS,
    LINE,
    MONEY,
    MONTH,
    NOTE,
    OFFICER,
    ORGANISATION,
    PERSON,
    RATE,
    YEAR,
    D,
    I,
    Organisation,
    P,
    S,
    fact,
)


@event(
    "诊断/筛查报告",
    clauses="XN-2 XN-7",
    scope="person",
    sentence="{hospital}({hospital_level})于{reported_on}出具{subject}的诊断报告,康复类别:{category},"
    "建议康复:{recommend_rehab}",
)
class DiagnosisReported:
    """Recorded when a hospital's diagnosis or a screening shows that a child needs rehabilitation, or does not."""

    category: str = fact(CODE, S, "康复类别", code_list="REHABCAT")
    severity: str | None = fact(NOTE, S, "程度", required=False)
    hospital: Organisation = fact(ORGANISATION, I, "诊断医院")
    hospital_level: str = fact(CODE, I, "医院等级", code_list="HOSPLEVEL")
    reported_on: date = fact(DAY, S, "报告日期")
    recommend_rehab: bool = fact(FLAG, S, "建议康复")
    doc: str = fact(DOCUMENT, S, "诊断报告")


@event(
    "康复救助申请",
    clauses="XN-2",
    scope="person",
    sentence="为{subject}申请{aid_year}年度康复救助,康复类别:{category},救助内容:{items},申请人:{applied_by}",
)
class RehabAidApplied:
    """Recorded when rehabilitation aid is asked for a child, for one year."""

    items: tuple[str, ...] = fact(CODE, S, "救助内容", code_list="REHABITEM", many=True)
    category: str = fact(CODE, S, "康复类别", code_list="REHABCAT")
    applied_by: str | None = fact(PERSON, D, "申请人", required=False)
    aid_year: int = fact(YEAR, I, "救助年度")
    at_residence: bool | None = fact(FLAG, I, "在居住地申请", required=False)


@event(
    "康复救助审核决定",
    clauses="XN-2",
    scope="person",
    sentence="{subject}的康复救助审核:{decision};救助内容:{items},救助期自{aid_from}至{aid_to},"
    "年度限额:{annual_limit};不予同意原因:{refuse_reason}",
)
class RehabAidDecided:
    """Recorded when the county federation grants or refuses rehabilitation aid."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    refuse_reason: str | None = fact(CODE, I, "不予同意原因", code_list="REFUSE", required=False)
    items: tuple[str, ...] | None = fact(CODE, S, "救助内容", code_list="REHABITEM", many=True, required=False)
    category: str | None = fact(CODE, S, "康复类别", code_list="REHABCAT", required=False)
    aid_from: date | None = fact(DAY, I, "救助期起", required=False)
    aid_to: date | None = fact(DAY, I, "救助期止", required=False)
    annual_limit: Decimal | None = fact(MONEY, I, "年度限额", required=False)


@event(
    "康复机构接收开训",
    clauses="XN-2",
    scope="person",
    sentence="{subject}于{started_on}在{institution}开始康复训练({mode})",
)
class RehabStarted:
    """Recorded when an institution has taken a child in and training has begun."""

    institution: Organisation = fact(ORGANISATION, I, "康复机构")
    mode: str = fact(CODE, I, "训练方式", code_list="TRAINMODE")
    agreement_doc: str | None = fact(DOCUMENT, I, "服务协议", required=False)
    started_on: date = fact(DAY, D, "开训日期")


@event(
    "月度训练记录",
    clauses="XN-2",
    scope="person",
    sentence="{subject}在{month}训练{sessions}次、{hours}小时,费用{fee_total},其中救助{fee_aided},自费{fee_self}",
)
class RehabMonthReported:
    """Recorded when an institution reports what a child was given in a month, and who pays for it."""

    month: str = fact(MONTH, D, "月份")
    sessions: int = fact(COUNT, D, "训练次数")
    hours: Decimal = fact(HOURS, D, "训练小时数")
    absent_days: int | None = fact(COUNT, D, "缺勤天数", required=False)
    fee_total: Decimal = fact(MONEY, D, "费用合计")
    fee_aided: Decimal = fact(MONEY, D, "救助金额")
    fee_self: Decimal = fact(MONEY, D, "自费金额")


@event(
    "变更定点机构/异地转介",
    clauses="XN-2",
    scope="person",
    sentence="自{from_date}起{subject}的康复机构由{old_institution}变更为{new_institution},跨县:{cross_county}",
)
class RehabInstitutionChanged:
    """Recorded when a child goes on training in another institution."""

    old_institution: Organisation = fact(ORGANISATION, I, "原康复机构")
    new_institution: Organisation = fact(ORGANISATION, I, "新康复机构")
    cross_county: bool = fact(FLAG, I, "跨县")
    approved_by: str = fact(OFFICER, I, "批准人")
    from_date: date = fact(DAY, I, "变更日期")


@event(
    "自费部分补助申请",
    clauses="XN-2",
    scope="person",
    sentence="为{subject}申请{period_from}至{period_to}的康复自费部分补助,自费{self_paid},含辅助器具:{includes_device}",
)
class SelfPaidSubsidyApplied:
    """Recorded when a family asks to be paid back part of what it paid itself."""

    period_from: date = fact(DAY, D, "费用期起")
    period_to: date = fact(DAY, D, "费用期止")
    self_paid: Decimal = fact(MONEY, S, "自费金额")
    includes_device: bool = fact(FLAG, D, "含辅助器具")
    invoices_doc: str = fact(DOCUMENT, S, "票据")


@event(
    "自费部分补助决定",
    clauses="XN-2 XN-S2",
    scope="person",
    sentence="{subject}的康复自费部分补助:{decision};可补助的自费{eligible_self_paid},比例{rate},补助{amount};"
    "不予同意原因:{refuse_reason}",
)
class SelfPaidSubsidyDecided:
    """Recorded when the subsidy to the self-paid part is granted or refused."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    refuse_reason: str | None = fact(CODE, I, "不予同意原因", code_list="REFUSE", required=False)
    eligible_self_paid: Decimal | None = fact(MONEY, I, "可补助的自费金额", required=False)
    rate: Decimal | None = fact(RATE, P, "补助比例", required=False)
    amount: Decimal | None = fact(MONEY, D, "补助金额", required=False)


@event(
    "人工耳蜗手术评估报告书",
    clauses="XN-2",
    scope="person",
    sentence="{hospital}({hospital_level})于{reported_on}出具{subject}的人工耳蜗手术评估报告:听力残疾{hearing_grade},"
    "符合手术条件:{meets_condition},符合适应症:{indication}",
)
class CochlearReportIssued:
    """Recorded when a hospital has said in writing whether a cochlear implant is indicated."""

    hospital: Organisation = fact(ORGANISATION, I, "出具医院")
    hospital_level: str = fact(CODE, I, "医院等级", code_list="HOSPLEVEL")
    hearing_grade: str = fact(CODE, S, "听力残疾等级", code_list="DISGRADE")
    meets_condition: bool = fact(FLAG, S, "符合手术条件")
    indication: bool = fact(FLAG, S, "符合适应症")
    reported_on: date = fact(DAY, S, "报告日期")
    doc: str = fact(DOCUMENT, S, "报告书")


@event(
    "人工耳蜗补助申请",
    clauses="XN-2",
    scope="person",
    sentence="为{subject}申请人工耳蜗补助,申请人:{applied_by}",
)
class CochlearSubsidyApplied:
    """Recorded when the subsidy for a cochlear implant is asked for, on the ground of a report."""

    report_event: str = fact(EVENT, I, "评估报告事件编号")
    applied_by: str | None = fact(PERSON, D, "申请人", required=False)


@event(
    "人工耳蜗补助决定",
    clauses="XN-2",
    scope="person",
    sentence="{subject}的人工耳蜗补助:{decision};金额:{amount},资金来源:{fund};不予同意原因:{refuse_reason}",
)
class CochlearSubsidyDecided:
    """Recorded when the subsidy for a cochlear implant is granted or refused."""

    decision: str = fact(CODE, I, "决定", code_list="DECISION")
    refuse_reason: str | None = fact(CODE, I, "不予同意原因", code_list="REFUSE", required=False)
    amount: Decimal | None = fact(MONEY, D, "补助金额", required=False)
    fund: str | None = fact(CODE, I, "资金来源", code_list="FUND", required=False)


@event(
    "人工耳蜗植入",
    clauses="XN-2",
    scope="person",
    sentence="{subject}于{implanted_on}在{hospital}植入人工耳蜗,侧别:{side}",
)
class CochlearImplanted:
    """Recorded when the implant is in place."""

    hospital: Organisation = fact(ORGANISATION, I, "手术医院")
    side: str = fact(CODE, S, "侧别", code_list="SIDE")
    implanted_on: date = fact(DAY, S, "植入日期")
    device_model: str | None = fact(LINE, I, "设备型号", required=False)


@event(
    "开机/调机",
    clauses="XN-2",
    scope="person",
    sentence="{subject}的人工耳蜗于{mapped_on}第{mapping_no}次开机或调机",
)
class CochlearMapped:
    """Recorded when the implant is switched on (the first time) or adjusted."""

    mapping_no: int = fact(COUNT, S, "第几次")
    mapped_on: date = fact(DAY, S, "开机或调机日期")
