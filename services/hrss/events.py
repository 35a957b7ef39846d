"""What has happened on a parent's way into work (clause XN-5)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, sensitive
from shared.language.kinds import Day, Flag, JobKind, Line, Money, Note, Org


@event("困难残疾儿童家长就业需求登记", about="person", clause="XN-5", key="subject registered_on",
       says="{subject}于{registered_on}登记就业需求[，意向：{job_kind}]")
class ParentJobNeedRegistered:
    """Recorded when a parent or guardian says that they look for work."""
    job_kind: JobKind | None = personal("意向就业形式", "FLEX")
    constraints: Note | None = personal("受限情况", "需接送孩子康复")
    registered_on: Day = personal("登记日期")


@event("岗位推荐", about="person", clause="XN-5", key="subject employer post recommended_on",
       says="{recommended_on}向{subject}推荐岗位：{post}[，单位：{employer}]，渠道：{channel}"
            "[，本人{accepted:接受|不接受}]")
class JobRecommended:
    """Recorded when a post is recommended to a parent."""
    employer: Org | None = internal("用人单位")
    post: Line = personal("岗位", "保洁员")
    channel: Line = internal("渠道", "春风行动招聘会")
    recommended_on: Day = personal("推荐日期")
    accepted: Flag | None = personal("本人接受")


@event("就业登记", about="person", clause="XN-5", key="subject employer from_date",
       says="{subject}自{from_date}起就业，形式：{kind}[，单位：{employer}][，月收入：{monthly_income}]")
class EmploymentStarted:
    """Recorded when a person starts to work; the household's income changes with it."""
    kind: JobKind = personal("就业形式", "ENT")
    employer: Org | None = personal("用人单位")
    from_date: Day = personal("起始日期")
    monthly_income: Money | None = sensitive("月收入", "2600.00")
