"""What has happened in the cultural life of a disabled child (clause XN-4)."""

from shared.language.catalogue import event
from shared.language.fields import internal, personal
from shared.language.kinds import Day, Line, Org


@event("特艺人才发现登记", about="person", clause="XN-4", key="subject field",
       says="{subject}于{identified_on}登记为特艺人才，特长：{field}[，发现单位：{by_org}]")
class TalentIdentified:
    """Recorded when a child's gift is noticed and written down."""
    field: Line = personal("特长", "绘画")
    identified_on: Day = personal("发现日期")
    by_org: Org | None = internal("发现单位")
