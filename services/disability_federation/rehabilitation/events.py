"""What has happened in a disabled child's rehabilitation: aid and training, self-paid cost, cochlear implants."""

from shared.language.catalogue import event, key
from shared.language.fields import internal, personal, public, refusal_reason, sensitive
from shared.language.kinds import (
    AssessmentStage, Count, Day, Decision, DisabilityGrade, Document, EndReason, EventId, Flag, Fund, HospitalLevel,
    Hours, Line, Money, Month, Note, Officer, Org, Person, Rate, Refuse, RehabCategory, RehabItem, Side, TrainMode,
    Year,
)


@event("诊断/筛查报告", about="person", clause="XN-2 XN-7", key="subject category hospital reported_on",
       found_by="hospital",
       says="{hospital}（{hospital_level}）于{reported_on}出具{subject}的诊断报告，康复类别：{category}，"
            "{recommend_rehab:建议|不建议}康复")
class DiagnosisReported:
    """Recorded when a hospital's diagnosis or a screening shows that a child needs rehabilitation, or does not."""
    category: RehabCategory = sensitive("康复类别", "HEA")
    severity: Note | None = sensitive("程度")
    hospital: Org = internal("诊断医院")
    hospital_level: HospitalLevel = internal("医院等级", "3A")
    reported_on: Day = sensitive("报告日期", "2025-02-24")
    recommend_rehab: Flag = sensitive("建议康复")
    doc: Document = sensitive("诊断报告")


@event("康复救助申请", about="person", clause="XN-2", key="process",
       says="为{subject}申请{aid_year}年度康复救助，康复类别：{category}，救助内容：{items}[，申请人：{applied_by}]")
class RehabAidApplied:
    """Recorded when rehabilitation aid is asked for a child, for one year."""
    items: tuple[RehabItem, ...] = sensitive("救助内容", ["TRAIN"])
    category: RehabCategory = sensitive("康复类别", "HEA")
    applied_by: Person | None = personal("申请人", "421299198803150132")
    aid_year: Year = internal("救助年度", 2025)
    at_residence: Flag | None = internal("在居住地申请")


@event("康复救助审核决定", about="person", clause="XN-2",
       says="{subject}的康复救助审核：{decision}[；救助内容：{items}][，救助期自{aid_from}至{aid_to}]"
            "[，年度限额：{annual_limit}][，资金来源：{fund}][；不予同意原因：{refuse_reason}]")
class RehabAidDecided:
    """Recorded when the county federation grants or refuses rehabilitation aid."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    items: tuple[RehabItem, ...] | None = sensitive("救助内容", ["TRAIN"])
    category: RehabCategory | None = sensitive("康复类别", "HEA")
    aid_from: Day | None = internal("救助期起", "2025-04-09")
    aid_to: Day | None = internal("救助期止", "2025-12-31")
    annual_limit: Money | None = internal("年度限额", "15800.00")
    fund: Fund | None = internal("资金来源", "province")
    basis_doc: Document | None = internal("超出规定的依据")


@event("康复机构接收开训", about="person", clause="XN-2",
       says="{subject}于{started_on}在{institution}开始康复训练（{mode}）")
class RehabStarted:
    """Recorded when an institution has taken a child in and training has begun."""
    institution: Org = internal("康复机构")
    mode: TrainMode = internal("训练方式", "FULL")
    agreement_doc: Document | None = internal("服务协议")
    started_on: Day = personal("开训日期", "2025-08-04")


@event("康复评估", about="person", clause="XN-2",
       says="{subject}接受康复{stage}评估，评估工具：{tool}")
class RehabAssessed:
    """Recorded when it has been assessed how a child in training is doing: at first, in between, or at the end."""
    stage: AssessmentStage = sensitive("评估阶段", "initial")
    tool: Line = sensitive("评估工具", "虚构听觉言语能力量表")
    result: Note = sensitive("评估结果")
    assessor: Officer | None = internal("评估人")


@event("月度训练记录", about="person", clause="XN-2",
       key=key("subject month institution", otherwise="subject month process", given="institution"),
       says="{subject}在{month}[于{institution}]训练{sessions}次、{hours}小时，费用{fee_total}，其中救助{fee_aided}，"
            "自费{fee_self}[，医保报销{fee_insurance}][，上级项目{fee_upper}][，机构减免{fee_institution}]")
class RehabMonthReported:
    """Recorded when an institution reports what a child was given in a month, and who pays for it."""
    month: Month = personal("月份", "2025-08")
    sessions: Count = personal("训练次数", 18)
    hours: Hours = personal("训练小时数", "36")
    absent_days: Count | None = personal("缺勤天数", 2)
    fee_total: Money = personal("费用合计", "2900.00")
    fee_aided: Money = personal("救助金额", "1580.00")
    fee_self: Money = personal("自费金额", "820.00")
    institution: Org | None = internal("训练机构")
    fee_insurance: Money | None = personal("医保报销金额", "300.00")
    fee_upper: Money | None = personal("上级项目金额", "120.00")
    fee_institution: Money | None = personal("机构减免金额", "80.00")


@event("训练中断", about="person", clause="XN-2", key="process from_date",
       says="{subject}的康复训练自{from_date}起中断[，预计于{expected_resume}恢复]")
class RehabInterrupted:
    """Recorded when a child's training stops for a while, such as for an operation."""
    reason: Note = personal("中断原因", "虚构手术住院")
    from_date: Day = personal("中断日期", "2025-09-08")
    expected_resume: Day | None = personal("预计恢复日期", "2025-10-09")


@event("恢复训练", about="person", clause="XN-2", key="process resumed_on",
       says="{subject}于{resumed_on}恢复康复训练")
class RehabResumed:
    """Recorded when a child whose training was interrupted is being trained again."""
    resumed_on: Day = personal("恢复日期", "2025-10-09")


@event("变更定点机构/异地转介", about="person", clause="XN-2", key="process from_date new_institution",
       says="自{from_date}起{subject}的康复机构由{old_institution}变更为{new_institution}（{cross_county:跨县|县内}）")
class RehabInstitutionChanged:
    """Recorded when a child goes on training in another institution."""
    old_institution: Org = internal("原康复机构", "JG.0001")
    new_institution: Org = internal("新康复机构", "JG.0002")
    cross_county: Flag = internal("跨县")
    approved_by: Officer = internal("批准人")
    from_date: Day = internal("变更日期")


@event("康复救助结束", about="person", clause="XN-2", key="process",
       says="{subject}的康复救助于{ended_on}结束，原因：{reason}")
class RehabEnded:
    """Recorded when the aid of a process is over; another aid year begins with an application of its own."""
    reason: EndReason = personal("结束原因", "period")
    ended_on: Day = personal("结束日期", "2025-12-31")
    outcome: Note | None = sensitive("康复效果")


@event("机构费用结算", about="person", clause="XN-2 XN-S2", key="process institution period_from period_to",
       says="与{institution}结算{subject}{period_from}至{period_to}的康复训练费用{amount}，资金来源：{fund}")
class RehabFeesSettled:
    """Recorded when the federation has checked an institution's months and their aided fees go to the institution."""
    institution: Org = internal("康复机构")
    period_from: Month = internal("结算期起", "2025-08")
    period_to: Month = internal("结算期止", "2025-08")
    amount: Money = internal("结算金额", "1580.00")
    fund: Fund = internal("资金来源", "county")


@event("自费部分补助申请", about="person", clause="XN-2", key="process",
       says="为{subject}申请{period_from}至{period_to}的康复自费部分补助，自费{self_paid}，"
            "{includes_device:含|不含}辅助器具")
class SelfPaidSubsidyApplied:
    """Recorded when a family asks to be paid back part of what it paid itself."""
    period_from: Day = personal("费用期起", "2025-08-01")
    period_to: Day = personal("费用期止", "2025-12-31")
    self_paid: Money = sensitive("自费金额", "4100.00")
    includes_device: Flag = personal("含辅助器具")
    invoices_doc: Document = sensitive("票据")


@event("自费部分补助决定", about="person", clause="XN-2 XN-S2",
       says="{subject}的康复自费部分补助：{decision}[；可补助的自费{eligible_self_paid}][，比例{rate}][，补助{amount}]"
            "[，资金来源：{fund}][；不予同意原因：{refuse_reason}]")
class SelfPaidSubsidyDecided:
    """Recorded when the subsidy to the self-paid part is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    eligible_self_paid: Money | None = internal("可补助的自费金额", "4100.00")
    rate: Rate | None = public("补助比例", "0.5")
    amount: Money | None = personal("补助金额", "2050.00")
    fund: Fund | None = internal("资金来源", "county")
    basis_doc: Document | None = internal("超出规定的依据")


@event("人工耳蜗手术评估报告书", about="person", clause="XN-2", key="subject hospital reported_on",
       says="{hospital}（{hospital_level}）于{reported_on}出具{subject}的人工耳蜗手术评估报告：听力残疾{hearing_grade}，"
            "{meets_condition:符合|不符合}手术条件，{indication:符合|不符合}适应症")
class CochlearReportIssued:
    """Recorded when a hospital has said in writing whether a cochlear implant is indicated."""
    hospital: Org = internal("出具医院")
    hospital_level: HospitalLevel = internal("医院等级", "3A")
    hearing_grade: DisabilityGrade = sensitive("听力残疾等级", "1")
    meets_condition: Flag = sensitive("符合手术条件")
    indication: Flag = sensitive("符合适应症")
    reported_on: Day = sensitive("报告日期", "2025-04-15")
    doc: Document = sensitive("报告书")


@event("人工耳蜗补助申请", about="person", clause="XN-2", key="process",
       says="为{subject}申请人工耳蜗补助[，申请人：{applied_by}]")
class CochlearSubsidyApplied:
    """Recorded when the subsidy for a cochlear implant is asked for, on the ground of a report."""
    report_event: EventId = internal("评估报告事件编号")
    applied_by: Person | None = personal("申请人", "421299198803150132")


@event("人工耳蜗补助决定", about="person", clause="XN-2",
       says="{subject}的人工耳蜗补助：{decision}[；侧别：{side}][；金额：{amount}][，资金来源：{fund}]"
            "[；不予同意原因：{refuse_reason}]")
class CochlearSubsidyDecided:
    """Recorded when the subsidy for a cochlear implant is granted or refused."""
    decision: Decision = internal("决定", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    amount: Money | None = personal("补助金额", "12000.00")
    fund: Fund | None = internal("资金来源", "city")
    side: Side | None = sensitive("侧别", "right")
    basis_doc: Document | None = internal("超出规定的依据")


@event("人工耳蜗植入", about="person", clause="XN-2", key="subject side implanted_on",
       says="{subject}于{implanted_on}在{hospital}植入人工耳蜗，侧别：{side}")
class CochlearImplanted:
    """Recorded when the implant is in place."""
    hospital: Org = internal("手术医院")
    side: Side = sensitive("侧别", "right")
    implanted_on: Day = sensitive("植入日期", "2025-06-17")
    device_model: Line | None = internal("设备型号", "虚构型号A1")


@event("开机/调机", about="person", clause="XN-2", key="process mapping_no",
       says="{subject}的人工耳蜗于{mapped_on}第{mapping_no}次开机或调机")
class CochlearMapped:
    """Recorded when the implant is switched on (the first time) or adjusted."""
    mapping_no: Count = sensitive("第几次", 1)
    mapped_on: Day = sensitive("开机或调机日期", "2025-07-18")
