"""What has happened in the cultural life of a disabled child (clause XN-4)."""

from datetime import date

from shared.language.catalogue import event
from shared.language.fields import DAY, LINE, ORGANISATION, D, I, Organisation, fact


@event(
    "特艺人才发现登记",
    clauses="XN-4",
    scope="person",
    sentence="{subject}于{identified_on}登记为特艺人才,特长:{field},发现单位:{by_org}",
)
class TalentIdentified:
    """Recorded when a child's gift is noticed and written down."""

    field: str = fact(LINE, D, "特长")
    identified_on: date = fact(DAY, D, "发现日期")
    by_org: Organisation | None = fact(ORGANISATION, I, "发现单位", required=False)
