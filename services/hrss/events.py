"""What has happened on a parent's way into work (clause XN-5)."""

from datetime import date
from decimal import Decimal

from shared.language.catalogue import event
from shared.language.fields import CODE, DAY, FLAG, LINE, MONEY, NOTE, ORGANISATION, D, I, Organisation, S, fact


@event(
    "困难残疾儿童家长就业需求登记",
    clauses="XN-5",
    scope="person",
    sentence="{subject}于{registered_on}登记就业需求,意向:{job_kind}",
)
class ParentJobNeedRegistered:
    """Recorded when a parent or guardian says that they look for work."""

    job_kind: str | None = fact(CODE, D, "意向就业形式", code_list="JOBKIND", required=False)
    constraints: str | None = fact(NOTE, D, "受限情况", required=False)
    registered_on: date = fact(DAY, D, "登记日期")


@event(
    "岗位推荐",
    clauses="XN-5",
    scope="person",
    sentence="{recommended_on}向{subject}推荐岗位:{post},单位:{employer},渠道:{channel},本人接受:{accepted}",
)
class JobRecommended:
    """Recorded when a post is recommended to a parent."""

    employer: Organisation | None = fact(ORGANISATION, I, "用人单位", required=False)
    post: str = fact(LINE, D, "岗位")
    channel: str = fact(LINE, I, "渠道")
    recommended_on: date = fact(DAY, D, "推荐日期")
    accepted: bool | None = fact(FLAG, D, "本人接受", required=False)


@event(
    "就业登记",
    clauses="XN-5",
    scope="person",
    sentence="{subject}自{from_date}起就业,形式:{kind},单位:{employer},月收入:{monthly_income}",
)
class EmploymentStarted:
    """Recorded when a person starts to work; the household's income changes with it."""

    kind: str = fact(CODE, D, "就业形式", code_list="JOBKIND")
    employer: Organisation | None = fact(ORGANISATION, D, "用人单位", required=False)
    from_date: date = fact(DAY, D, "起始日期")
    monthly_income: Decimal | None = fact(MONEY, S, "月收入", required=False)
