"""Who belongs to which family on which days, by what a department's log says of it. Pure.

An opening names a family's members, whom it had before it had a case. Others join and leave, on a day. Who died belongs
to the family as before, but is no member any longer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shared.language.catalogue import Dies, Joins, Leaves, Opens
from shared.language.envelope import civil_day
from shared.log.amended import Amended


@dataclass(slots=True)
class Stay:
    """A person belongs to the family that an opening opened, from a day on and before another one."""

    person: str
    family: int
    since: date
    until: date = date.max

    def covers(self, day: date) -> bool:
        """Whether the person belongs to the family on a day."""
        return self.since <= day < self.until

    def tells_of(self, one: Amended) -> bool:
        """Whether an event about the person happened while they belonged to the family."""
        return one.event.subject == self.person and self.covers(civil_day(one.event.attributes["time"]))


class Households:
    """The families that some statements on record speak of."""

    def __init__(self, statements: Iterable[Amended]) -> None:
        self._stays: list[Stay] = []
        self._died: dict[str, date] = {}
        for since, _, one in sorted((_day(one), one.event.position, one) for one in statements):
            self._take(since, one)

    def know(self, person: str) -> bool:
        """Whether a person ever belonged to a family."""
        return any(stay.person == person for stay in self._stays)

    def family(self, person: str, on: date) -> list[Stay]:
        """Return every stay in the family that a person belongs to on a day."""
        own = self._stay(person, on)
        return [stay for stay in self._stays if stay.family == own.family] if own else []

    def members(self, person: str, on: date) -> frozenset[str]:
        """Return the living members, on a day, of the family that a person belongs to on that day."""
        there = (stay.person for stay in self.family(person, on) if stay.covers(on))
        return frozenset(one for one in there if on <= self._died.get(one, date.max))

    def _stay(self, person: str, on: date) -> Stay | None:
        found = [stay for stay in self._stays if stay.person == person and stay.covers(on)]
        return found[-1] if found else None

    def _take(self, since: date, one: Amended) -> None:
        effect, subject = one.effect, one.event.subject or ""
        if isinstance(effect, Dies):
            self._died[subject] = since
        elif isinstance(effect, Opens):
            own = self._stay(subject, since)
            for person in dict.fromkeys(named(one)):
                if self._stay(person, since) is None:
                    self._stays.append(Stay(person, own.family if own else one.event.position, since))
        elif isinstance(effect, Joins):
            family, person = self._stay(subject, since), one.data[effect.person]
            if family is not None and self._stay(person, since) is None:
                self._stays.append(Stay(person, family.family, since))
        elif isinstance(effect, Leaves):
            stay = self._stay(one.data[effect.person], since)
            if stay is not None:
                stay.until = since


def named(one: Amended) -> Iterator[str]:
    """Yield whom a statement names: its subject, and who belongs to the subject's family or belonged to it."""
    if one.event.subject:
        yield one.event.subject
    if isinstance(one.effect, Opens):
        yield from one.data[one.effect.members]
    elif isinstance(one.effect, Joins | Leaves):
        yield one.data[one.effect.person]


def _day(one: Amended) -> date:
    effect = one.effect
    name = effect.since if isinstance(effect, Joins) else effect.until if isinstance(effect, Leaves) else ""
    name = effect.on if isinstance(effect, Dies) else name
    return date.fromisoformat(one.data[name]) if name else date.min
