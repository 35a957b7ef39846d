"""Events as they stand after every correction and withdrawal: the one place that knows how amendments work. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from shared.language.catalogue import CATALOGUE, Corrects, Effect, Withdraws
from shared.language.envelope import civil_day
from shared.log.record import RecordedEvent

RESTATED_SCHEMA = "restatedschema"
"""The attribute of a correction that names the version in which it restates its original, if that is not the first."""


@dataclass(slots=True)
class Amended:
    """One event of a log and what later events did to it.

    `data` is its payload as it stands, in the newest version of its type: that of the newest correction in force, or
    its own. `corrections` are those in force, oldest first. `original` is, for an amendment, what it amends: never an
    amendment for a correction, which always restates the first event; for a withdrawal, what it takes back.
    """

    event: RecordedEvent
    data: dict[str, Any]
    corrections: tuple[RecordedEvent, ...] = ()
    withdrawal: RecordedEvent | None = None
    original: "Amended | None" = None

    @property
    def effect(self) -> Effect | None:
        """What its type does to families or to other events."""
        return CATALOGUE.effect_of(self.event.type)

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawal is None


def as_amended(events: Iterable[RecordedEvent], known: date | None = None) -> list[Amended]:
    """Return the events of one log in the order of their positions, each as it stands.

    `known`: as known at the end of that day; what the department asserted later, amendments included, is left out. An
    amendment of an event that is not among them amends nothing. Source: decision 0013, corrections are events.
    """
    ordered = sorted(events, key=attrgetter("position"))
    found = [Amended(event, event.data) for event in ordered if known is None or asserted_on(event) <= known]
    amendments = [one for one in found if "target" in one.event.attributes]
    if not amendments:
        return found
    at = {one.event.position: one for one in found}
    for one in amendments:
        one.original = at.get(one.event.target or 0)
        if one.original is not None and isinstance(one.effect, Withdraws):
            one.original.withdrawal = one.event
    for one in amendments:
        effect = one.effect
        if one.original is not None and isinstance(effect, Corrects) and one.stands:
            said = restatement(one.event, one.original.event.type)
            one.data = one.data | {effect.payload: said}
            one.original.data = said
            one.original.corrections += (one.event,)
    return found


def restatement(correction: RecordedEvent, type_name: str) -> dict[str, Any]:
    """Return what a correction says instead of its original, an event of this type, in the newest version.

    Raises KeyError for a correction without it.
    """
    effect = CATALOGUE.effect_of(correction.type)
    assert isinstance(effect, Corrects)  # noqa: S101 - it corrects
    said: dict[str, Any] = correction.data[effect.payload]
    return CATALOGUE.newest(type_name, said, correction.attributes.get(RESTATED_SCHEMA))


def asserted_on(event: RecordedEvent) -> date:
    """Return the day on which the department's system wrote the event down."""
    return civil_day(event.attributes["recordedtime"])
