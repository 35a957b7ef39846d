"""What has happened in self-help rehabilitation: who needs it, the bases, their cohorts, and who takes part (SH-*)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, refusal_reason, sensitive
from shared.language.kinds import (
    Condition, ContactMode, Count, Day, Decision, Division, Document, Flag, Fund, Hours, Line, Money, Name, Note, Org,
    ParticipantOutcome, ParticipantSupport, Person, ProcessId, Refuse, SelfHelpCategory, SelfHelpPlanKind, TrainerRole,
    TrainingContent, Uscc, ViolationKind, Year,
)

# -- plan, census, money


@event("推广计划制定", about="organisation", clause="SH-G SH-S1", key="province year plan_kind doc_no",
       says="{province}于{adopted_on}制定{year}年度残疾人自助互助康复服务计划，文号：{doc_no}[，计划种类：{plan_kind}]")
class ProvincialPlanAdopted:
    """Recorded when a province has written down how self-help rehabilitation is to spread."""
    province: Line = public("省份", "湖北省")
    doc_no: Line = public("文号", "虚构残联发〔2023〕9号")
    adopted_on: Day = public("制定日期", "2023-12-20")
    year: Year = public("年度", 2024)
    plan_kind: SelfHelpPlanKind | None = public("计划种类", "promotion")


@event("摸清底数", about="organisation", clause="SH-1", key="category division surveyed_on",
       says="{surveyed_on}完成{division}自助互助康复摸底，类别：{category}，共{count}人[，其中已受训{trained_before}人]"
            "[，有需求{needing}人][，需求内容：{needs}][，专业技术人员{professionals}人]")
class BaselineSurveyed:
    """Recorded when a county has counted who could be helped by self-help rehabilitation, and who could help."""
    category: SelfHelpCategory = internal("自助互助类别", "SH3")
    count: Count = internal("人数", 46)
    division: Division = internal("所属地区", "421221")
    trained_before: Count | None = internal("已受训人数", 4)
    surveyed_on: Day = internal("调查日期", "2024-01-26")
    needing: Count | None = internal("有需求人数", 21)
    professionals: Count | None = internal("专业技术人员数", 7)
    needs: tuple[TrainingContent, ...] | None = internal("需求内容", ["KNOW", "DEV"])


@event("自助互助经费安排", about="organisation", clause="SH-S2", key="division year fund",
       says="安排{year}年度自助互助康复经费{amount}，资金来源：{fund}")
class SelfHelpFundingAssigned:
    """Recorded when money of one source is set aside for self-help rehabilitation in a year."""
    year: Year = public("年度", 2024)
    fund: Fund = public("资金来源", "province")
    amount: Money = public("安排金额", "120000.00")


# -- the base


@event("依托单位违法违规登记", about="organisation", clause="SH-A SH-S3", key="uscc kind occurred_on",
       says="单位（统一社会信用代码：{uscc}）于{occurred_on}发生违法违规，种类：{kind}")
class ViolationRecorded:
    """Recorded when a base's host, or who may become one, has broken the law or a rule."""
    uscc: Uscc = internal("统一社会信用代码")
    occurred_on: Day = internal("发生日期", "2020-09-14")
    kind: ViolationKind = internal("违法违规种类", "safety")
    penalty_doc: Document | None = internal("处罚文书")


@event("依托单位条件评估", about="organisation", clause="SH-2 SH-A", key="uscc category assessed_on",
       says="{assessed_on}评估{org_name}依托单位条件，类别：{category}，结果：{passed:合格|不合格}，可容纳{capacity}人；"
            "{conditions_met}")
class BaseApplicantAssessed:
    """Recorded when an organisation that may host a base is held against the seven conditions."""
    org_name: Line = public("单位名称", "虚构服务中心")
    uscc: Uscc = public("统一社会信用代码")
    category: SelfHelpCategory = public("自助互助类别", "SH3")
    conditions_met: tuple[Condition, ...] = internal("七项条件", [
        {"no": "1", "met": True, "evidence": "虚构民办非企业单位登记证书", "valid_to": "2029-03-31"},
        {"no": "2", "met": True, "evidence": "虚构康复服务协议"},
        {"no": "3", "met": True, "evidence": "虚构承接意愿书"},
        {"no": "4", "met": True, "evidence": "虚构师资名册"},
        {"no": "5", "met": True, "evidence": "虚构消防验收意见书", "valid_to": "2027-12-31"},
        {"no": "6", "met": True, "evidence": "虚构安全管理制度"},
        {"no": "7", "met": True, "evidence": "虚构创新帮扶承诺书"},
    ])
    capacity: Count = internal("容纳人数", 30)
    passed: Flag = internal("合格", True)
    assessed_on: Day = internal("评估日期", "2024-03-12")
    base: Org | None = public("服务基地")


@event("服务基地设立（签署协议）", about="organisation", clause="SH-2", key="uscc category established_on",
       says="{established_on}在{division}设立自助互助康复服务基地“{base_name}”，类别：{category}，委托方式：{mode}"
            "[，协议有效期至{valid_to}][，协助的专门协会：{association}]")
class BaseEstablished:
    """Recorded when the agreement is signed that makes an organisation a base for one kind of disability."""
    base_name: Line = public("基地名称", "虚构希望之家")
    uscc: Uscc = public("统一社会信用代码")
    category: SelfHelpCategory = public("自助互助类别", "SH3")
    division: Division = public("所属地区", "421221")
    mode: Line = public("委托方式", "定向委托")
    agreement_doc: Document = internal("基地协议", "虚构基地协议第1号")
    established_on: Day = public("设立日期", "2024-04-01")
    valid_to: Day | None = public("协议有效期至", "2027-03-31")
    association: Org | None = public("协助的专门协会", {"code": "SH.0001", "name": "虚构肢残人协会"})


@event("基地管理人员确定", about="organisation", clause="SH-3", key="base from_date",
       says="[{base}]确定服务基地管理人员，自{from_date}起任职")
class BaseManagerAppointed:
    """Recorded when it is settled who runs a base from a day on; whoever did so before no longer does."""
    person_name: Name = internal("管理人员姓名")
    from_date: Day = internal("起始日期", "2024-04-08")
    base: Org | None = public("服务基地")


@event("师资培训合格", about="organisation", clause="SH-3 SH-S2", key="trainer role passed_on", found_by="trainer",
       says="{trainer}（{role}）于{passed_on}经自助互助康复师资培训合格，培训班：{course}，{can_lead:能|不能}承担带教"
            "[，所在基地：{base}]")
class TrainerQualified:
    """Recorded when somebody has passed a course for trainers of self-help rehabilitation."""
    trainer: Person = personal("师资人员", "421299198803150132")
    role: TrainerRole = personal("师资类型", "PEER")
    course: Line = internal("师资培训班", "虚构省级师资培训班")
    passed_on: Day = internal("合格日期", "2024-03-28")
    can_lead: Flag = internal("能承担带教", True)
    base: Org | None = public("服务基地")


@event("师资聘任", about="organisation", clause="SH-3", key="base trainer from_date",
       says="[{base}]聘任{trainer}为自助互助康复师资，类型：{role}，自{from_date}起")
class TrainerAssigned:
    """Recorded when a base has taken somebody on as a trainer."""
    trainer: Person = personal("师资人员", "421299198803150132")
    role: TrainerRole = personal("师资类型", "PEER")
    from_date: Day = internal("起始日期", "2024-04-08")
    base: Org | None = public("服务基地")


@event("师资退出", about="organisation", clause="SH-3", key="base trainer to_date",
       says="{trainer}不再担任[{base}]自助互助康复师资，最后任职日为{to_date}[，原因：{reason}]")
class TrainerRemoved:
    """Recorded when a trainer has left a base, with the last day on which they taught there."""
    trainer: Person = personal("师资人员", "421299198803150132")
    to_date: Day = internal("截止日期", "2025-01-31")
    reason: Line | None = internal("退出原因", "个人原因")
    base: Org | None = public("服务基地")


@event("年度服务计划", about="organisation", clause="SH-4", key="base year",
       says="[{base}]制定{year}年度自助互助康复服务计划：{cohorts_planned}期，{participants_planned}人")
class BaseServicePlanMade:
    """Recorded when a base has planned the cohorts of a year."""
    year: Year = public("年度", 2024)
    cohorts_planned: Count = public("计划期数", 3)
    participants_planned: Count = public("计划人数", 60)
    base: Org | None = public("服务基地")


@event("基地监督检查", about="organisation", clause="SH-S1 SH-S3", key="base inspected_on",
       says="{inspected_on}监督检查服务基地[（{base}）]，结果：{passed:合格|不合格}[，下次检查期限：{next_due}]")
class BaseInspected:
    """Recorded when the federation has looked at how a base works."""
    inspected_on: Day = internal("检查日期", "2024-09-10")
    passed: Flag = internal("合格", True)
    findings: Note | None = internal("检查发现")
    base: Org | None = public("服务基地")
    next_due: Day | None = internal("下次检查期限", "2025-09-30")


@event("安全事件报告", about="organisation", clause="SH-S3 SH-A",
       says="服务基地[（{base}）]于{occurred_on}发生安全事件，种类：{kind}，受伤{injured}人")
class SafetyIncidentReported:
    """Recorded when something at a base has hurt somebody or could have."""
    occurred_on: Day = internal("发生日期", "2024-06-06")
    kind: Line = internal("事件种类", "跌倒")
    injured: Count = internal("受伤人数", 1)
    measures: Note = internal("处置措施")
    base: Org | None = public("服务基地")


@event("安全事件处理完毕", about="organisation", clause="SH-S3", key="process",
       says="服务基地[（{base}）]的安全事件于{closed_on}处理完毕")
class SafetyIncidentClosed:
    """Recorded when what followed from an incident has been done."""
    closed_on: Day = internal("结束日期", "2024-06-20")
    outcome: Note = internal("处理结果")
    base: Org | None = public("服务基地")


@event("基地退出", about="organisation", clause="SH-2 SH-S1", key="base ended_on",
       says="服务基地[（{base}）]于{ended_on}退出，原因：{reason}")
class BaseEnded:
    """Recorded when an organisation is no longer a base."""
    ended_on: Day = public("退出日期", "2025-02-28")
    reason: Line = public("退出原因", "协议解除")
    base: Org | None = public("服务基地")


# -- the cohort


@event("培训班开班（招收）", about="organisation", clause="SH-4", key="process",
       says="[{base}]开办自助互助康复培训班，类别：{category}，{starts_on}至{ends_on}，地点：{place}，名额{seats}人"
            "[，依据：{guide}][，自{recruited_from}起招收]")
class CohortOpened:
    """Recorded when a base has fixed when and where a cohort trains, and takes participants."""
    category: SelfHelpCategory = public("自助互助类别", "SH3")
    starts_on: Day = public("开班日期", "2024-06-03")
    ends_on: Day = public("结班日期", "2024-06-16")
    seats: Count = public("名额", 20)
    place: Line = public("地点", "虚构希望之家一楼培训室")
    base: Org | None = public("服务基地")
    guide: Line | None = public("依据的指南或手册", "脊髓损伤者自助互助康复指导手册")
    recruited_from: Day | None = public("开始招收日期", "2024-04-22")


@event("服务档案留存", about="organisation", clause="SH-4", key="cohort",
       says="自助互助康复培训班（{cohort}）的服务档案于{filed_on}归档[，服务基地：{base}]")
class ServiceArchiveFiled:
    """Recorded when the papers of a cohort are in the archive."""
    cohort: ProcessId = internal("培训班编号", "SH-2024-01")
    filed_on: Day = internal("归档日期", "2024-07-10")
    items: Note = internal("档案内容")
    base: Org | None = public("服务基地")


# -- who takes part


@event("学员推荐", about="person", clause="SH-4 SH-S1", key="subject category referred_on",
       says="{by_org}于{referred_on}推荐{subject}参加自助互助康复培训，类别：{category}[，服务基地：{base}]")
class ParticipantReferred:
    """Recorded when somebody is proposed to a base as a participant."""
    category: SelfHelpCategory = sensitive("自助互助类别", "SH3")
    by_org: Line = internal("推荐单位", "虚构镇残联")
    referred_on: Day = personal("推荐日期", "2024-05-06")
    base: Org | None = public("服务基地")


@event("学员推荐答复", about="person", clause="SH-4 SH-S1",
       says="{answered_on}答复对{subject}的自助互助康复培训推荐：{decision}[，培训班：{cohort}][，服务基地：{base}]"
            "[；不予同意原因：{refuse_reason}]")
class ParticipantReferralAnswered:
    """Recorded when a base says whether it takes a person who was proposed."""
    decision: Decision = internal("答复", "approved")
    refuse_reason: Refuse | None = refusal_reason()
    answered_on: Day = internal("答复日期", "2024-05-13")
    cohort: ProcessId | None = internal("培训班编号", "SH-2024-01")
    base: Org | None = public("服务基地")


@event("学员入班", about="person", clause="SH-4", key="subject cohort", found_by="cohort",
       says="{subject}于{enrolled_on}进入自助互助康复培训班（{cohort}），类别：{category}，{willing:本人自愿|本人不愿意}"
            "[，陪同亲友：{companion}][，参训支持：{support}][，服务基地：{base}]")
class ParticipantEnrolled:
    """Recorded when a person has joined a cohort of their own will."""
    category: SelfHelpCategory = sensitive("自助互助类别", "SH3")
    cohort: ProcessId = internal("培训班编号", "SH-2024-01")
    enrolled_on: Day = personal("入班日期", "2024-06-03")
    companion: Person | None = personal("陪同亲友", "421299198803150132")
    willing: Flag = personal("本人自愿", True)
    base: Org | None = public("服务基地")
    support: tuple[ParticipantSupport, ...] | None = personal("参训支持", ["transport", "lodging"])


@event("培训课程记录", about="person", clause="SH-4", key="process held_on",
       says="{subject}于{held_on}参加自助互助康复培训{hours}学时，内容：{contents}，授课师资{trainers}人[，服务基地：{base}]")
class TrainingSessionHeld:
    """Recorded when a participant has been taught on a day."""
    held_on: Day = personal("上课日期", "2024-06-04")
    contents: tuple[TrainingContent, ...] = personal("服务内容", ["KNOW", "PSY"])
    hours: Hours = personal("学时", "6")
    trainers: Count = internal("授课师资人数", 2)
    base: Org | None = public("服务基地")


@event("学员结业/退出", about="person", clause="SH-4", key="process",
       says="{subject}于{finished_on}结束自助互助康复培训，结束方式：{outcome}[，总学时：{total_hours}]"
            "[，评估工具：{tool}][，训前得分：{score_before}][，训后得分：{score_after}][，服务基地：{base}]")
class ParticipantFinished:
    """Recorded when a participant has completed the training or left it."""
    outcome: ParticipantOutcome = personal("结束方式", "completed")
    finished_on: Day = personal("结束日期", "2024-06-16")
    total_hours: Hours | None = personal("总学时", "72")
    assessment: Note | None = sensitive("结业评估")
    base: Org | None = public("服务基地")
    tool: Line | None = internal("评估工具", "虚构独立生活能力量表")
    score_before: Count | None = sensitive("训前得分", 41)
    score_after: Count | None = sensitive("训后得分", 66)


@event("随访", about="person", clause="SH-4", key="process round",
       says="{done_on}对{subject}进行自助互助康复培训结束后第{round}个月的随访，方式：{mode}，指导内容：{guidance}"
            "[，服务基地：{base}]")
class FollowUpDone:
    """Recorded when a base has asked how a former participant gets on, and has helped."""
    done_on: Day = personal("随访日期", "2024-07-16")
    round: Count = personal("随访轮次（月）", 1)
    mode: ContactMode = personal("随访方式", "home")
    guidance: tuple[TrainingContent, ...] = personal("指导内容", ["HOMEG"])
    problem: Note | None = sensitive("存在问题")
    base: Org | None = public("服务基地")


# -- the national system


@event("服务信息导出", about="person", clause="SH-4", key="process exported_on",
       says="{subject}的自助互助康复服务信息于{exported_on}导出，待录入残疾人精准康复服务信息管理系统[，导出批号：{export_no}]"
            "[，服务基地：{base}]")
class ServiceRecordExported:
    """Recorded when what the national system needs to know of a participant has left for it."""
    exported_on: Day = internal("导出日期", "2024-06-24")
    export_no: Line | None = internal("导出批号", "DC-2024-06")
    base: Org | None = public("服务基地")


@event("录入残疾人精准康复服务信息管理系统", about="person", clause="SH-4", key="process uploaded_on",
       says="{subject}的自助互助康复服务信息于{uploaded_on}录入残疾人精准康复服务信息管理系统[，系统编号：{external_id}]"
            "[，服务基地：{base}]")
class ServiceRecordUploaded:
    """Recorded when the national system has a participant's record."""
    uploaded_on: Day = internal("录入日期", "2024-06-26")
    external_id: Line | None = internal("系统编号", "XT-000123")
    base: Org | None = public("服务基地")


@event("服务信息退回", about="person", clause="SH-4", key="process rejected_on",
       says="{subject}的自助互助康复服务信息于{rejected_on}被退回，原因：{reason}[，服务基地：{base}]")
class ServiceRecordRejected:
    """Recorded when the national system has sent a participant's record back."""
    rejected_on: Day = internal("退回日期", "2024-07-01")
    reason: Line = internal("退回原因", "残疾类别与系统登记不一致")
    base: Org | None = public("服务基地")
