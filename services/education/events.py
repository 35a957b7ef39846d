"""What has happened in the schooling of a disabled child (clause XN-8; 残疾人教育条例)."""

from datetime import date
from decimal import Decimal

from shared.language.catalogue import event
from shared.language.fields import (
    CODE,
    DAY,
    DOCUMENT,
    FLAG,
    HOURS,
    LINE,
    NOTE,
    ORGANISATION,
    PERSON,
    STUDENT_NUMBER,
    YEAR,
    D,
    I,
    Organisation,
    S,
    fact,
)


@event(
    "适龄残疾儿童入学前登记",
    clauses="XN-8",
    scope="person",
    sentence="{subject}列入{school_year}学年适龄残疾儿童入学前登记,目前状况:{current_status}",
)
class SchoolAgeChildRegistered:
    """Recorded when a disabled child of school age is found, before any placement."""

    school_year: int = fact(YEAR, I, "学年")
    source: str = fact(CODE, I, "信息来源", code_list="SOURCE")
    current_status: str = fact(LINE, D, "目前状况")


@event(
    "专家委员会评估",
    clauses="XN-8",
    scope="person",
    sentence="{committee}于{assessed_on}评估{subject}的教育需求,建议的安置方式:{recommended_mode}",
)
class EducationNeedsAssessed:
    """Recorded when the county's committee of experts has assessed what a child needs to learn."""

    assessed_on: date = fact(DAY, S, "评估日期")
    committee: str = fact(LINE, I, "专家委员会")
    body_status: str | None = fact(NOTE, S, "身体状况", required=False)
    learning_ability: str | None = fact(NOTE, S, "学习能力", required=False)
    adaptation: str | None = fact(NOTE, S, "适应能力", required=False)
    recommended_mode: str = fact(CODE, S, "建议安置方式", code_list="EDUMODE")
    report_doc: str = fact(DOCUMENT, S, "评估报告")


@event(
    "教育安置决定(一人一案)",
    clauses="XN-8",
    scope="person",
    sentence="教育局决定{subject}自{from_date}起的安置方式:{mode},学校:{school}",
)
class EducationPlacementDecided:
    """Recorded when the department decides how and where a child is schooled."""

    mode: str = fact(CODE, D, "安置方式", code_list="EDUMODE")
    school: Organisation | None = fact(ORGANISATION, D, "学校", required=False)
    from_date: date = fact(DAY, D, "起始日期")
    plan_doc: str = fact(DOCUMENT, D, "一人一案文书")
    reason: str | None = fact(NOTE, D, "理由", required=False)
    defer_until: date | None = fact(DAY, D, "暂缓至", required=False)
    supersedes: str | None = fact(LINE, I, "取代的办件编号", required=False)


@event(
    "安置异议",
    clauses="XN-8",
    scope="person",
    sentence="{filed_on}收到对{subject}教育安置决定的异议,提出人:{filed_by}",
)
class EducationPlacementDisputed:
    """Recorded when somebody who may speak for the child objects to a placement."""

    filed_by: str | None = fact(PERSON, D, "提出人", required=False)
    filed_on: date = fact(DAY, D, "提出日期")
    claim: str = fact(NOTE, D, "诉求")


@event(
    "安置复核",
    clauses="XN-8",
    scope="person",
    sentence="{subject}的安置复核结果:{outcome},复核后方式:{new_mode}",
)
class EducationPlacementReviewed:
    """Recorded when a disputed placement was looked at again."""

    reviewed_on: date = fact(DAY, D, "复核日期")
    outcome: str = fact(CODE, D, "结果", code_list="OUTCOME")
    new_mode: str | None = fact(CODE, D, "复核后安置方式", code_list="EDUMODE", required=False)


@event(
    "入学注册学籍",
    clauses="XN-8",
    scope="person",
    sentence="{subject}于{enrolled_on}注册入学,学校:{school},就读方式:{mode}",
)
class StudentEnrolled:
    """Recorded when a child gets a place and a student number, at school or taught at home."""

    school: Organisation = fact(ORGANISATION, D, "学校")
    student_no: str = fact(STUDENT_NUMBER, S, "学籍号")
    grade_class: str | None = fact(LINE, D, "年级班级", required=False)
    enrolled_on: date = fact(DAY, D, "入学日期")
    mode: str = fact(CODE, D, "就读方式", code_list="EDUMODE")


@event(
    "个别化教育计划",
    clauses="XN-8",
    scope="person",
    sentence="为{subject}制定{plan_year}年度个别化教育计划,家长已签字:{parent_signed},复核期限:{review_due}",
)
class EducationPlanMade:
    """Recorded when a child's individual plan for the year is made."""

    plan_year: int = fact(YEAR, D, "计划年度")
    goals_doc: str = fact(DOCUMENT, S, "目标文书")
    parent_signed: bool = fact(FLAG, D, "家长已签字")
    review_due: date = fact(DAY, D, "复核期限")
    support_hours: Decimal | None = fact(HOURS, D, "支持课时", required=False)


@event(
    "转学/变更学籍",
    clauses="XN-8",
    scope="person",
    sentence="{subject}于{transferred_on}由{from_school}转入{to_school}",
)
class StudentTransferred:
    """Recorded when a child changes school or student number."""

    from_school: Organisation = fact(ORGANISATION, D, "转出学校")
    to_school: Organisation = fact(ORGANISATION, D, "转入学校")
    transferred_on: date = fact(DAY, D, "转学日期")
    student_no: str | None = fact(STUDENT_NUMBER, S, "学籍号", required=False)
