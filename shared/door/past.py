"""What the rules of a department may ask about one event of a batch."""

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from shared.door.households import Households, named
from shared.door.memory import Memory
from shared.door.reading import Event
from shared.keys.persons import LinkKey
from shared.language.catalogue import (
    ANYWHERE,
    CATALOGUE,
    Corrects,
    Declaration,
    Dies,
    Effect,
    Joins,
    Leaves,
    Opens,
    Withdraws,
)
from shared.language.envelope import civil_day
from shared.language.persons import Person
from shared.language.rules import NAMED_BY, OnRecord, Same, Waived, key_of
from shared.log.amended import Amended
from shared.log.lookups import fields_of, values_in
from shared.log.parameters import in_force
from shared.log.recorder import By

_IDENTITY_LENGTH = 18
"""A certificate number begins with the identity number."""


class LogPast:
    """What the rules may ask about one event of a batch (`shared.language.rules.Past`)."""

    def __init__(self, memory: Memory, link: LinkKey, event: Event, besides: int = 0) -> None:
        self.subject = event.subject
        self.process = event.process
        self.division: str | None = event.attributes.get("division")
        self.happened = civil_day(event.attributes["time"])
        self.legacy = event.legacy
        self._memory = memory
        self._link = link
        self._event = event
        self._besides = besides
        """The event that a correction restates: it is no past of its own."""
        self._known: dict[str, Households] = {}

    def born(self, person: str) -> date | None:
        """Return the birth date that a person's number says."""
        known = self._event.persons.get(person)
        born = (known.born if known else "") or self._memory.known.born.get(person, "")
        return date.fromisoformat(born) if born else None

    def certificate_is_of_subject(self, number: str) -> bool:
        """Whether the identity number inside a certificate number is the subject's."""
        return self.numbered(number[:_IDENTITY_LENGTH]) == self.subject

    def numbered(self, number: str) -> str:
        """Return the token of the person with this identity number."""
        return self._link.token(Person(number=number))

    def members(self, of: str | None = None, on: date | None = None) -> frozenset[str]:
        """Return the living members of the family that a person, or the subject, belongs to on a day."""
        self._not_for_legacy()
        person = of or self.subject
        if person is None or not _types(self._event.declaration.department, Opens):
            return frozenset({person} if person else ())
        return self._households(person).members(person, on or self.happened)

    def parameter(self, name: str) -> Any:
        """Return the value of a policy parameter in force on the day and in the division of the event."""
        self._not_for_legacy()
        values = self._memory.values(self._event.declaration.department).get(name, ())
        return in_force(name, values, self.division, self.happened)

    def events(
        self, *classes: type[Any], same: Same, of: str | None = None, before: bool = False
    ) -> list[OnRecord[Any]]:
        """Return the events of these classes on record for the same process, person, family, organisation or base."""
        self._not_for_legacy()
        found = self._found(same, of, [CATALOGUE.of(cls) for cls in classes])
        if before and self._besides:
            found = [one for one in found if one.event.position < self._besides]
        return [self._memory.known.on_record(one) for one in sorted(found, key=lambda one: one.event.position)]

    def _found(self, same: Same, of: str | None, wanted: list[Declaration]) -> list[Amended]:
        types = [one.type for one in wanted]
        if same == "process":
            return self._past("process", {of or self.process}, types)
        if same == "event":
            named = self._memory.named(of) if of else []
            return [one for one in named if one.event.type in types and one.event.position != self._besides]
        if same == "anywhere":
            assert all(ANYWHERE in one.found_by for one in wanted)  # noqa: S101 - else nothing would ever be found
            return self._past("key", {ANYWHERE}, types)
        if same == "merged":
            return self._past("key", {of}, types)
        if same in NAMED_BY:
            key = of or self._named(same) or self.subject
            fields = {one.type: fields_of(one) for one in wanted if fields_of(one)}
            keyed = self._past("key", {key}, list(fields))  # under what it said before a correction, too
            stands = [one for one in keyed if key in values_in(one.data, fields[one.event.type])]
            found = [*stands, *self._past("subject", {key}, types)]
            return list({one.event.position: one for one in found}.values())
        if same == "family":
            return self._of_family(of or self.subject, types)
        return self._past("subject", {of or self.subject}, types)

    def household(self) -> set[str | None]:
        """Return the subject and everybody who ever belonged to the same family."""
        person = self.subject
        if person is None or not _types(self._event.declaration.department, Opens):
            return {person}
        return {person, *(stay.person for stay in self._households(person).family(person, self.happened))}

    def around(self) -> list[Amended]:
        """Return everything on record of the same process, family, organisation or base, amendments aside."""
        declaration = self._event.declaration
        own = [one for one in CATALOGUE if one.department == declaration.department]
        types = [one.type for one in own if not isinstance(one.effect, Corrects | Withdraws)]
        named = values_in(self._event.payload, ("base", "uscc"))
        keyed = [one.type for one in own if one.type in types and {"base", "uscc"} & one.facts.keys()]
        found = [
            *self._past("process", {self.process}, types),
            *self._past("subject", self.household(), types),
            *self._past("key", {*named, self.subject if named else None}, keyed),
        ]
        return list({one.event.position: one for one in found}.values())

    def _of_family(self, person: str | None, types: list[str]) -> list[Amended]:
        """Return what is on record of the family of a person: of each member while they belong to it."""
        if person is None or not _types(self._event.declaration.department, Opens):
            return self._past("subject", {person}, types)
        known = self._households(person)
        if not known.know(person):
            return self._past("subject", {person}, types)
        stays = known.family(person, self.happened)
        found = self._past("subject", {stay.person for stay in stays}, types)
        return [one for one in found if any(stay.tells_of(one) for stay in stays)]

    def _households(self, person: str) -> Households:
        """Return the families that a person belonged to, with everything that is said of their members."""
        if person in self._known:
            return self._known[person]
        department = self._event.declaration.department
        says, joins = _types(department, Opens, Joins, Leaves, Dies), _types(department, Opens, Joins)
        found: dict[int, Amended] = {}
        subjects, members = {person}, {person}
        asked: set[str] = set()
        while subjects:
            joined = self._past("key", members, joins) if members else []
            new = [*joined, *self._past("subject", subjects, says)]
            found |= {one.event.position: one for one in new}
            asked |= subjects
            subjects = {person for one in new for person in named(one)} - asked
            members = subjects & {one.event.subject for one in joined if isinstance(one.effect, Joins)}
        self._known[person] = Households(found.values())
        return self._known[person]

    def _named(self, same: Same) -> str | None:
        return next(filter(None, (key_of(self._event.payload.get(name)) for name in NAMED_BY[same])), None)

    def _past(self, by: By, keys: Collection[str | None], types: list[str]) -> list[Amended]:
        """Return what is on record, without the event that a correction restates."""
        named = {key for key in keys if key}
        found = self._memory.past(by, named, types) if named and types else []
        return [one for one in found if one.event.position != self._besides]

    def _not_for_legacy(self) -> None:
        if self.legacy:
            raise Waived


@cache
def _types(department: str, *effects: type[Effect]) -> list[str]:
    """Return the types of a department that have one of these effects."""
    return [one.type for one in CATALOGUE if one.department == department and isinstance(one.effect, effects)]
