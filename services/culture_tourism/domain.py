"""Which event of the Culture and Tourism Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.culture_tourism.events import (
    CulturalActivityHeld,
    CulturalActivityJoined,
    TalentIdentified,
    TalentTrained,
)
from shared.errors import Fault
from shared.language.rules import Past, Rules, flag

RULES = Rules()
RULES.after(TalentTrained, TalentIdentified, same="person", number="CUL-02.a")


@RULES.invariant(TalentTrained, number="CUL-02.1")
def training_takes_time(event: TalentTrained) -> Iterator[Fault]:
    """Refuse a training of no hours."""
    if event.hours == 0:
        zh, en = "培训学时须大于 0。", "The hours of a training must be more than 0."
        yield Fault("nothing_taught", "/data/hours", zh, en)


@RULES.flag(CulturalActivityJoined, number="CUL-05.1")
def an_activity_joined_is_on_record(event: CulturalActivityJoined, past: Past) -> Iterator[Fault]:
    """Flag a reference to an activity that is not on record."""
    if event.activity is not None and not past.events(CulturalActivityHeld, same="event", of=event.activity):
        yield flag("reference_unknown", "/data/activity")
