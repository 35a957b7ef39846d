"""What has happened in the schooling of a disabled child (clause XN-8; 残疾人教育条例)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, sensitive
from shared.language.kinds import (
    Day, Document, EducationMode, Flag, Hours, Line, Note, Org, Outcome, Person, ProcessId, Source, StudentNumber, Year,
)


@event("适龄残疾儿童入学前登记", about="person", clause="XN-8",
       says="{subject}列入{school_year}学年适龄残疾儿童入学前登记，目前状况：{current_status}")
class SchoolAgeChildRegistered:
    """Recorded when a disabled child of school age is found, before any placement."""
    school_year: Year = internal("学年", 2025)
    source: Source = internal("信息来源", "survey")
    current_status: Line = personal("目前状况", "未入学")


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
    school: Org | None = personal("学校", "2142000123")
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
    school: Org = personal("学校", "2142000123")
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


@event("转学/变更学籍", about="person", clause="XN-8", key="subject to_school transferred_on",
       says="{subject}于{transferred_on}由{from_school}转入{to_school}")
class StudentTransferred:
    """Recorded when a child changes school or student number."""
    from_school: Org = personal("转出学校", "2142000123")
    to_school: Org = personal("转入学校", "2142000456")
    transferred_on: Day = personal("转学日期", "2026-03-02")
    student_no: StudentNumber | None = sensitive("学籍号")
