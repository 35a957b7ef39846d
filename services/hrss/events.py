"""What has happened on a parent's way into work (clause XN-5)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public, refusal_reason, sensitive
from shared.language.kinds import (
    Count, Day, Decision, Division, Document, Flag, Fund, Hours, JobKind, JobScheme, Line, Money, Note, Org, Refuse,
)


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


@event("失业/离职", about="person", clause="XN-5", key="subject ended_on", says="{subject}于{ended_on}失业或离职")
class EmploymentEnded:
    """Recorded when a person has lost or left their work; the household's income changes with it."""
    ended_on: Day = personal("离职日期", "2025-12-31")
    reason: Note | None = personal("离职原因", "合同期满")


@event("职业培训", about="person", clause="XN-1 XN-5", key="subject course finished_on",
       says="{subject}于{finished_on}完成职业培训：{course}，共{hours}学时[，取得证书：{certificate}]，资金来源：{fund}")
class TrainingProvided:
    """Recorded when a person has finished a course of vocational training."""
    course: Line = personal("课程", "家政服务员")
    hours: Hours = personal("培训学时", "40")
    finished_on: Day = personal("结束日期", "2025-04-18")
    certificate: Line | None = personal("取得证书", "家政服务员专项能力证书")
    fund: Fund = internal("资金来源", "county")


@event("就业创业扶持申请", about="person", clause="XN-1 XN-5", key="process",
       says="{subject}于{applied_on}{as_parent:以残疾儿童家长身份|以个人身份}申请就业创业扶持，扶持项目：{scheme}")
class EmploymentSupportApplied:
    """Recorded when a person asks for support with finding work or with starting a business."""
    scheme: JobScheme = personal("扶持项目", "STARTUP1")
    as_parent: Flag = internal("以家长身份")
    applied_on: Day = personal("申请日期", "2025-05-12")


@event("创业扶持决定", about="person", clause="XN-1 XN-5",
       says="{subject}{as_parent:以残疾儿童家长身份|以个人身份}申请的创业扶持：{decision}，扶持种类：{kind}"
            "[，扶持项目：{scheme}][，金额：{amount}]，资金来源：{fund}[；不予同意原因：{refuse_reason}]")
class StartupSupportDecided:
    """Recorded when the bureau grants or refuses support with finding work or with starting a business."""
    decision: Decision = internal("决定", "approved")
    kind: Line = personal("扶持种类", "一次性创业补贴")
    amount: Money | None = personal("扶持金额", "5000.00")
    as_parent: Flag = internal("以家长身份")
    fund: Fund = internal("资金来源", "county")
    refuse_reason: Refuse | None = refusal_reason()
    scheme: JobScheme | None = personal("扶持项目", "STARTUP1")
    basis_doc: Document | None = internal("超出规定的依据")


@event("春风行动专场", about="organisation", clause="XN-5", key="division held_on",
       says="{held_on}在{division}举办春风行动专场，提供岗位{posts}个，邀请残疾儿童家长{parents_invited}人")
class SpringBreezeEventHeld:
    """Recorded when a job fair of the spring campaign has been held."""
    held_on: Day = public("举办日期", "2025-02-27")
    division: Division = public("所属地区", "421221")
    posts: Count = public("岗位数", 320)
    parents_invited: Count = internal("邀请家长数", 26)
