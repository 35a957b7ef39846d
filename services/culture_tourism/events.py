"""What has happened in the cultural life of disabled children (clause XN-4)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal, public
from shared.language.kinds import Count, Day, Division, EventId, Hours, Line, Org


@event("特艺人才发现登记", about="person", clause="XN-4", key="subject field",
       says="{subject}于{identified_on}登记为特艺人才，特长：{field}[，发现单位：{by_org}]")
class TalentIdentified:
    """Recorded when a child's gift is noticed and written down."""
    field: Line = personal("特长", "绘画")
    identified_on: Day = personal("发现日期")
    by_org: Org | None = internal("发现单位")


@event("特艺培训", about="person", clause="XN-4", key="subject field finished_on",
       says="{subject}于{finished_on}完成{field}特艺培训{hours}学时[，培训单位：{provider}]")
class TalentTrained:
    """Recorded when a child has finished a course in what it is gifted for."""
    field: Line = personal("特长", "绘画")
    hours: Hours = personal("培训学时", "24")
    finished_on: Day = personal("结束日期", "2025-07-25")
    provider: Org | None = internal("培训单位")


@event("参赛/汇演", about="person", clause="XN-4", key="subject event_name held_on",
       says="{subject}于{held_on}参加“{event_name}”（{level}）[，奖项：{award}]")
class TalentPerformed:
    """Recorded when a child has shown its gift in a contest or on a stage."""
    event_name: Line = public("赛事或演出名称", "虚构市残疾儿童画展")
    level: Line = public("级别", "市级")
    held_on: Day = public("举办日期", "2025-10-18")
    award: Line | None = personal("奖项", "二等奖")


@event("残疾儿童文化活动", about="organisation", clause="XN-4", key="division held_on name",
       says="{held_on}在{division}举办残疾儿童文化活动“{name}”，{children_count}名儿童参加")
class CulturalActivityHeld:
    """Recorded when a cultural activity for disabled children has taken place."""
    held_on: Day = public("举办日期", "2025-06-01")
    name: Line = public("活动名称", "虚构六一联欢")
    children_count: Count = public("参加儿童数", 32)
    division: Division = public("所属地区", "421221")


@event("参加文化活动", about="person", clause="XN-4", key="subject name held_on",
       says="{subject}于{held_on}参加文化活动“{name}”")
class CulturalActivityJoined:
    """Recorded when a child has taken part in a cultural activity, whoever held it."""
    name: Line = public("活动名称", "虚构六一联欢")
    held_on: Day = public("举办日期", "2025-06-01")
    activity: EventId | None = internal("对应活动（事件编号）")
