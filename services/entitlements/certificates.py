"""A person's disability certificate, day by day: what it says, whether it is valid, and since when (rules A16, E27)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.disability_federation.certificates.events import (
    DisabilityCertificateCancelled,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateReissued,
    DisabilityCertificateRenewed,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
)
from services.entitlements.facts import Fact, Facts
from services.entitlements.today import as_key

ABOUT = (
    DisabilityCertificateIssued,
    DisabilityCertificateRenewed,
    DisabilityCertificateReissued,
    DisabilityGradeChanged,
    DisabilityCertificateMigrated,
    DisabilityCertificateFrozen,
    DisabilityCertificateUnfrozen,
    DisabilityCertificateCancelled,
)
MULTIPLE = "7"
"""The category of several disabilities: its components say which."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it stands on a day. `facts` are what says so, the newest last."""

    category: str | None
    grade: str | None
    components: tuple[tuple[str, str], ...]
    valid_to: date | None
    frozen: Fact[Any] | None
    cancelled: Fact[Any] | None
    facts: tuple[Fact[Any], ...]

    def valid(self, day: date) -> bool:
        """Whether it is valid on the day that it stands on: not frozen, not cancelled, not past its last day."""
        return self.frozen is None and self.cancelled is None and (self.valid_to is None or day <= self.valid_to)

    def shows(self, category: str, grades: tuple[str, ...]) -> bool:
        """Whether it shows one category in one of these grades, by itself or as a component."""
        own = [(self.category, self.grade), *self.components]
        return any(one == category and grade in grades for one, grade in own)

    def matches(self, rules: tuple[tuple[str, str | None], ...]) -> bool:
        """Whether it matches one of these: a grade, or a grade of one category, also as a component."""
        own = [(self.category, self.grade), *self.components]
        for grade, category in rules:
            if category is None and self.grade == grade:
                return True
            if category is not None and (category, grade) in own:
                return True
        return False


class Certificates:
    """The certificate of one person, from the facts about it by some day."""

    def __init__(self, facts: Facts, person: str) -> None:
        self.facts: list[Fact[Any]] = facts.of(*ABOUT, subject=person)
        self._on: dict[tuple[int, bool], Certificate | None] = {}

    def on(self, day: date) -> Certificate | None:
        """Return it as it stands on a day; None where none was ever issued, renewed, changed or migrated by then."""
        if not self.facts:
            return None
        key = as_key(day)
        if key not in self._on:
            self._on[key] = self._work_out(day)
        return self._on[key]

    def _work_out(self, day: date) -> Certificate | None:
        found: Certificate | None = None
        category = grade = valid_to = None
        components: tuple[tuple[str, str], ...] = ()
        frozen = cancelled = None
        seen: list[Fact[Any]] = []
        held = False
        for one in self.facts:
            event = one.event
            if one.day > day or (isinstance(event, DisabilityCertificateRenewed) and event.issued_on > day):
                continue
            seen.append(one)
            match event:
                case DisabilityCertificateIssued() | DisabilityCertificateRenewed():
                    category, grade, components = event.category, event.grade, _components(event)
                    valid_to = event.valid_to
                    frozen, cancelled, held = None, None, True
                case DisabilityGradeChanged():
                    category, grade, components = event.category, event.grade, _components(event)
                    held = True
                case DisabilityCertificateReissued() | DisabilityCertificateMigrated():
                    held = True
                case DisabilityCertificateFrozen():
                    frozen = one
                case DisabilityCertificateUnfrozen():
                    frozen = None
                case DisabilityCertificateCancelled():
                    cancelled = one
        if held:
            found = Certificate(category, grade, components, valid_to, frozen, cancelled, tuple(seen))
        return found

    def valid(self, day: date) -> bool:
        """Whether a certificate is valid on a day."""
        found = self.on(day)
        return found is not None and found.valid(day)

    def breaks(self) -> list[date]:
        """Return the days on which its validity can change, in order."""
        days = set[date]()
        for one in self.facts:
            days.add(one.day)
            if isinstance(one.event, DisabilityCertificateIssued | DisabilityCertificateRenewed):
                days |= {one.event.issued_on, one.event.valid_to + timedelta(1)}
        return sorted(days)

    def run(self, day: date, *, valid: bool = True) -> date | None:
        """Return the first day of the unbroken run of validity (or of its lack) that holds on a day."""
        since = None
        for one in (day_ for day_ in self.breaks() if day_ <= day):
            if self.valid(one) != valid:
                since = None
            elif since is None:
                since = one
        return since if self.valid(day) == valid else None

    def shown_since(self, day: date, shows: Callable[[Certificate], bool]) -> date | None:
        """Return the first day of the unbroken run, up to a day, in which it is valid and shows something."""
        since = None
        for one in (*(day_ for day_ in self.breaks() if day_ < day), day):
            found = self.on(one)
            since = (since or one) if found is not None and found.valid(one) and shows(found) else None
        return since


def _components(event: Any) -> tuple[tuple[str, str], ...]:
    return tuple((one["category"], one["grade"]) for one in event.components or ())
