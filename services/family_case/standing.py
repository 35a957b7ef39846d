"""Where a family's case lies and where its members are registered, and who speaks for them, on each day. Pure.

It follows from what stands in the family's file, by the days that the events speak of (rules A14 and A15): the county
that opened the case holds it until another accepts it; a member is registered where the opening says, or what was
recorded of them since, and moves with the family or alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import Any

from services.family_case.domain import Place, is_person
from services.family_case.membership import Membership
from shared.language.catalogue import Accepts, Guards, Moves, Opens, Registers
from shared.language.envelope import civil_day
from shared.log.amended import Amended

HUKOU, RESIDENCE = "hukou", "residence"
"""What moves (HOUSEBASIS): the household registration, or the home."""


@dataclass(frozen=True, slots=True, order=True)
class Since:
    """Something is so since a day, until the next, because of the event at a place."""

    day: date
    place: Place
    value: str = field(compare=False)


class Standing:
    """How the family with a case number stands by day, by its membership and everything in its file."""

    def __init__(self, number: str, membership: Membership, facts: Iterable[tuple[str, Amended]]) -> None:
        self._membership = membership
        self._number = number
        self.holding: list[Since] = []
        """The counties that hold the case, in order."""
        self._registered: dict[tuple[str, str], list[Since]] = {}
        self._guards: dict[str, list[Since]] = {}
        self._home: dict[str, list[Since]] = {HUKOU: [], RESIDENCE: []}
        """Where the family is registered as a whole."""
        for log, one in facts:
            if one.stands and one.original is None and is_person(one.event.subject):
                self._take((log, one.event.position), one, one.event.subject)
        for timeline in (self.holding, *self._home.values(), *self._registered.values(), *self._guards.values()):
            timeline.sort()

    def holds(self, on: date) -> str | None:
        """Return the county that holds the case on a day; before it was opened, the one that opened it."""
        return _at(self.holding, on)

    def registered(self, person: str, kind: str, on: date) -> str | None:
        """Return the county where a person's household registration, or home (`kind`), is on a day.

        What is recorded of the person, or of the family until they leave it, whichever is of a later day.
        """
        own = self._registered.get((self._membership.one(person), kind), [])
        left = [span.ends for span in self._membership.spans_of(person) if span.family == self._number]
        home = [one for one in self._home[kind] if one.day < max(left, default=date.max)]
        return _at(sorted([*home, *own]), on)

    def guardians(self, person: str, on: date) -> list[str]:
        """Return who are the guardians of a person on a day: those who were designated last, on one day."""
        begun = [one for one in self._guards.get(self._membership.one(person), []) if one.day <= on]
        return [one.value for one in begun if one.day == begun[-1].day]

    def _take(self, place: Place, one: Amended, subject: str) -> None:
        effect, happened = one.effect, civil_day(one.event.attributes["time"])
        person = self._membership.one(subject)
        if isinstance(effect, Registers):
            for kind, name in ((HUKOU, effect.hukou), (RESIDENCE, effect.residence)):
                self._register(person, kind, _day(one, effect.since), place, one.data.get(name))
        elif isinstance(effect, Guards):
            since = Since(_day(one, effect.since), place, self._membership.one(one.data[effect.guardian]))
            self._guards.setdefault(person, []).append(since)
        elif isinstance(effect, Opens):
            self._open(effect, place, one, happened)
        elif self._membership.family_at(subject, happened) != self._number:
            return
        elif isinstance(effect, Accepts):
            self.holding.append(Since(happened, place, one.data[effect.division]))
        elif isinstance(effect, Moves):
            self._move(effect, place, one)

    def _open(self, effect: Opens, place: Place, one: Amended, happened: date) -> None:
        family = self._membership.families.get(self._number)
        division = one.data.get(effect.division) or one.event.attributes.get("division")
        if family is None or family.place != place or division is None:
            return
        self.holding.append(Since(happened, place, division))
        self._home[HUKOU].append(Since(date.min, place, one.data.get(effect.hukou) or division))
        self._home[RESIDENCE].append(Since(date.min, place, division))

    def _move(self, effect: Moves, place: Place, one: Amended) -> None:
        day, kind, to = _day(one, effect.on), one.data[effect.kind], one.data[effect.to]
        persons = one.data.get(effect.persons)
        for person in persons or ():
            self._register(self._membership.one(person), kind, day, place, to)
        if not persons:
            self._home[kind].append(Since(day, place, to))

    def _register(self, person: str, kind: str, day: date, place: Place, division: Any) -> None:
        if division:
            self._registered.setdefault((person, kind), []).append(Since(day, place, division))


def _at(timeline: list[Since], on: date) -> str | None:
    begun = list(takewhile(lambda one: one.day <= on, timeline))
    return begun[-1].value if begun else timeline[0].value if timeline else None


def _day(one: Amended, name: str) -> date:
    return date.fromisoformat(one.data[name])
