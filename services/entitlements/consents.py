"""To what use of a child's data somebody has consented, day by day (rules E24, E31; PIPL art. 31)."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from services.disability_federation.registry.events import ConsentRecorded, ConsentWithdrawn
from services.entitlements.circumstances import Family, Person
from services.entitlements.facts import Fact

PAIRING, PUBLICITY = "pairing", "publicity"
"""What a consent can be for, among the codes of CONSENT."""


class Consents:
    """The consents of one person to one use of their data."""

    def __init__(self, person: Person, scope: str) -> None:
        self.person = person
        self.facts: list[Fact[Any]] = [
            one for one in person.facts(ConsentRecorded, ConsentWithdrawn) if scope in one.event.scopes
        ]

    @cached_property
    def given(self) -> list[Fact[ConsentRecorded]]:
        """The consents that count: those of a young child by its guardian, where one is on record."""
        return [one for one in self.facts if isinstance(one.event, ConsentRecorded) and self._counts(one)]

    def in_force(self, day: date) -> bool:
        """Whether a consent is in force on a day. On the day of its withdrawal it no longer is."""
        valid: list[Fact[Any]] = []
        for one in self.facts:
            if one.day > day:
                break
            if isinstance(one.event, ConsentWithdrawn):
                valid = []
            elif one in self.given:
                valid.append(one)
        return any(one.event.valid_to is None or day <= one.event.valid_to for one in valid)

    def breaks(self) -> set[date]:
        """Return the days on which consent can begin or end."""
        ends = {one.event.valid_to + timedelta(1) for one in self.given if one.event.valid_to}
        return {one.day for one in self.facts} | ends

    def lacking_since(self, begin: date, day: date) -> date | None:
        """Return the first day of the unbroken run without consent, up to a day and not before `begin`; else None."""
        return _since(day, {begin, *self.breaks()}, begin, [self])

    def _counts(self, consent: Fact[ConsentRecorded]) -> bool:
        age = self.person.param("P-CONSENT-AGE", consent.day)
        guardians = self.person.guardians_on(consent.day)
        return not self.person.younger(age, consent.day) or not guardians or consent.event.consent_by in guardians


def children_lacking_since(family: Family, scope: str, begin: date, day: date) -> date | None:
    """Return the first day of the unbroken run, up to a day, on which no child of a family was under consent."""
    every = [Consents(family.person(one), scope) for one in family.everyone]
    days = {begin}
    for one in every:
        grown = one.person.birthday(family.param("P-CHILD-AGE"))
        left = family.everyone[one.person.token].until
        days |= one.breaks() | {end for end in (grown, left) if end}
    return _since(day, days, begin, every)


def _since(day: date, breaks: set[date], begin: date, every: list[Consents]) -> date | None:
    """Return the first day of the unbroken run, up to a day and not before `begin`, without consent for a child."""
    since = None
    for one in sorted(one for one in breaks if begin <= one <= day):
        since = None if any(_of_child(each, one) and each.in_force(one) for each in every) else since or one
    return since


def _of_child(consents: Consents, day: date) -> bool:
    person = consents.person
    return person.family.belongs(person.token, day) and person.younger(person.param("P-CHILD-AGE", day), day)
