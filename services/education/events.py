"""What has happened in the schooling of a disabled child (clause XN-8; 残疾人教育条例)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, sensitive
from shared.language.kinds import (
    AbsenceOutcome, Count, Day, Division, Document, EducationMode, EducationStage, Flag, Fund, Hours, Line, Money, Note,
    Org, Outcome, Person, ProcessId, SchoolTerm, Source, StudentNumber, SupportResource, Year,
)


@event("适龄残疾儿童入学前登记", about="person", clause="XN-8", key="subject school_year stage",
       says="{subject}列入{school_year}学年适龄残疾儿童入学前登记[，学段：{stage}]，目前状况：{current_status}")
class SchoolAgeChildRegistered:
    """Recorded when a disabled child of school age is found, before any placement."""
    school_year: Year = internal("学年", 2025)
    source: Source = internal("信息来源", "survey")
    current_status: Line = personal("目前状况", "未入学")
    stage: EducationStage | None = personal("学段", "COMP")


@event("专家委员会评估", about="person", clause="XN-8", key="subject committee assessed_on",
       says="{committee}于{assessed_on}评估{subject}的教育需求，建议的安置方式：{recommended_mode}")
class EducationNeedsAssessed:
    """Recorded when the county's committee of experts has assessed what a child needs to learn."""
    assessed_on: Day = sensitive("评估日期")
    committee: Line = internal("专家委员会", "虚构县残疾人教育专家委员会")
    body_status: Note | None = sensitive("身体状况")
    learning_ability: Note | None = sensitive("学习能力")
    adaptation: Note | None = sensitive("适应能力")
    recommended_mode: EducationMode = sensitive("建议安置方式", "INCL")
    report_doc: Document = sensitive("评估报告")


@event("教育安置决定（一人一案）", about="person", clause="XN-8",
       says="教育局决定{subject}自{from_date}起的安置方式：{mode}[，学校：{school}][，暂缓至{defer_until}]")
class EducationPlacementDecided:
    """Recorded when the department decides how and where a child is schooled."""
    mode: EducationMode = personal("安置方式", "DEFER")
    school: Org | None = personal("学校", {"code": "2142000123", "name": "虚构县特殊教育学校"})
    from_date: Day = personal("起始日期", "2025-09-01")
    plan_doc: Document = personal("一人一案文书")
    reason: Note | None = personal("理由", "正在住院康复")
    defer_until: Day | None = personal("暂缓至", "2026-08-31")
    supersedes: ProcessId | None = internal("取代的办件编号", "edu-2024-0007")


@event("安置异议", about="person", clause="XN-8", key="process filed_on",
       says="{filed_on}收到对{subject}教育安置决定的异议[，提出人：{filed_by}]")
class EducationPlacementDisputed:
    """Recorded when somebody who may speak for the child objects to a placement."""
    filed_by: Person | None = personal("提出人", "421299198803150132")
    filed_on: Day = personal("提出日期")
    claim: Note = personal("诉求", "希望随班就读")


@event("安置复核", about="person", clause="XN-8", key="process reviewed_on",
       says="{subject}的安置复核结果：{outcome}[，复核后方式：{new_mode}]")
class EducationPlacementReviewed:
    """Recorded when a disputed placement was looked at again."""
    reviewed_on: Day = personal("复核日期")
    outcome: Outcome = personal("结果", "changed")
    new_mode: EducationMode | None = personal("复核后安置方式", "INCL")


@event("入学注册学籍", about="person", clause="XN-8", key="subject school enrolled_on",
       says="{subject}于{enrolled_on}注册入学，学校：{school}，就读方式：{mode}")
class StudentEnrolled:
    """Recorded when a child gets a place and a student number, at school or taught at home."""
    school: Org = personal("学校", {"code": "2142000123", "name": "虚构县特殊教育学校"})
    student_no: StudentNumber = sensitive("学籍号")
    grade_class: Line | None = personal("年级班级", "一年级二班")
    enrolled_on: Day = personal("入学日期", "2025-09-01")
    mode: EducationMode = personal("就读方式", "INCL")


@event("个别化教育计划", about="person", clause="XN-8", key="subject plan_year review_due",
       says="为{subject}制定{plan_year}年度个别化教育计划，家长{parent_signed:已|未}签字，复核期限：{review_due}")
class EducationPlanMade:
    """Recorded when a child's individual plan for the year is made."""
    plan_year: Year = personal("计划年度", 2025)
    goals_doc: Document = sensitive("目标文书")
    parent_signed: Flag = personal("家长已签字")
    review_due: Day = personal("复核期限", "2026-01-20")
    support_hours: Hours | None = personal("支持课时")


@event("送教上门记录", about="person", clause="XN-8", key="subject taught_on",
       says="{taught_on}为{subject}送教上门{hours}课时，授课教师{teachers}人[，地点：{place}]，家长{parent_signed:已|未}签字")
class HomeTeachingDelivered:
    """Recorded when teachers have taught a child at home."""
    taught_on: Day = personal("授课日期", "2025-10-15")
    hours: Hours = personal("课时", "2")
    teachers: Count = internal("教师人数", 2)
    place: Line | None = personal("地点", "学生家中")
    parent_signed: Flag = personal("家长已签字")


@event("医教结合教学记录", about="person", clause="XN-8", key="subject institution taught_on",
       says="{taught_on}在{institution}为{subject}开展医教结合教学{hours}课时，授课教师{teachers}人"
            "[，家长{parent_signed:已|未}签字]")
class CentreTeachingDelivered:
    """Recorded when teachers have taught a child in the centre where it is in rehabilitation."""
    taught_on: Day = personal("授课日期", "2025-10-15")
    hours: Hours = personal("课时", "3")
    institution: Org = personal("康复机构", {"code": "52421299MJXREH015B", "name": "虚构嘉鱼听语康复中心"})
    teachers: Count = internal("教师人数", 1)
    parent_signed: Flag | None = personal("家长已签字")


@event("随班就读支持（资源教室/巡回指导）", about="person", clause="XN-8", key="subject service served_on",
       says="{served_on}为{subject}提供随班就读支持：{service}[，{hours}课时]")
class ResourceSupportProvided:
    """Recorded when a child in an ordinary class is helped by a resource room or by a visiting teacher."""
    served_on: Day = personal("服务日期", "2025-11-05")
    service: Line = personal("服务内容", "资源教室语言训练")
    hours: Hours | None = personal("课时", "1.5")


@event("学生资助", about="person", clause="XN-8 XN-11", key="subject school_year kind",
       says="给予{subject}{school_year}学年学生资助{amount}，资助种类：{kind}，资金来源：{fund}")
class StudentAidGranted:
    """Recorded when a child is granted financial aid for a school year."""
    school_year: Year = personal("学年", 2025)
    kind: Line = personal("资助种类", "家庭经济困难学生生活补助")
    amount: Money = personal("资助金额", "625.00")
    fund: Fund = internal("资金来源", "county")


@event("转学/变更学籍", about="person", clause="XN-8", key="subject to_school transferred_on",
       says="{subject}于{transferred_on}由{from_school}转入{to_school}")
class StudentTransferred:
    """Recorded when a child changes school or student number."""
    from_school: Org = personal("转出学校", {"code": "2142000123", "name": "虚构县特殊教育学校"})
    to_school: Org = personal("转入学校", {"code": "2142000456", "name": "虚构县实验小学"})
    transferred_on: Day = personal("转学日期", "2026-03-02")
    student_no: StudentNumber | None = sensitive("学籍号")


@event("疑似失学报告（控辍保学）", about="person", clause="XN-8", key="subject reported_on",
       says="{reported_on}报告{subject}疑似失学，已缺课{days_absent}天")
class StudentAbsenceReported:
    """Recorded when a child stays away from school so long that it may have dropped out."""
    reported_on: Day = personal("报告日期", "2025-11-20")
    days_absent: Count = personal("缺课天数", 15)
    reason: Note | None = personal("缺课原因", "家长外出务工，无人接送")


@event("疑似失学解除", about="person", clause="XN-8", key="subject resolved_on",
       says="{subject}的疑似失学于{resolved_on}解除，解除方式：{outcome}")
class StudentAbsenceResolved:
    """Recorded when a child that stayed away is taught again, or has completed its schooling."""
    resolved_on: Day = personal("解除日期", "2025-12-01")
    outcome: AbsenceOutcome = personal("解除方式", "returned")


@event("完成义务教育", about="person", clause="XN-8", key="subject",
       says="{subject}于{completed_on}完成义务教育[，去向：{next_path}]")
class CompulsoryEducationCompleted:
    """Recorded when a child has completed compulsory schooling."""
    completed_on: Day = personal("完成日期", "2026-06-30")
    next_path: Line | None = personal("去向", "升入中等职业学校")


@event("随班就读支持资源设立", about="organisation", clause="XN-8", key="school kind established_on",
       says="{school}于{established_on}设立随班就读支持资源：{kind}[，配备教师{teachers}人]")
class SupportResourceEstablished:
    """Recorded when a school gets a resource room, or something else that helps disabled children in its classes."""
    school: Org = public("学校", {"code": "2142000456", "name": "虚构县实验小学"})
    kind: SupportResource = public("资源类型", "room")
    established_on: Day = public("设立日期", "2025-09-01")
    teachers: Count | None = public("教师人数", 2)


@event("校历公布", about="organisation", clause="XN-8", key="division school_year term", found_by="anywhere",
       says="公布{school_year}学年{term}校历：{starts_on}至{ends_on}[，适用地区：{division}]")
class SchoolTermAnnounced:
    """Recorded when it is announced from when to when a term lasts."""
    school_year: Year = public("学年", 2025)
    term: SchoolTerm = public("学期", "autumn")
    starts_on: Day = public("开始日期", "2025-09-01")
    ends_on: Day = public("结束日期", "2026-01-23")
    division: Division | None = public("所属地区", "421221")
