"""What is in force on a day, by the federation's own records: guardians, a certificate, a family's recognition."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.disability_federation.certificates.events import (
    DisabilityCertificateCancelled,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateRenewed,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
)
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    GuardianDesignated,
)
from shared.language.rules import OnRecord, Past, age_on

HELD = (
    DisabilityCertificateIssued,
    DisabilityCertificateRenewed,
    DisabilityGradeChanged,
    DisabilityCertificateMigrated,
)
"""What shows that a person holds a certificate."""


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate as it stands on a day; a migrated one that was issued elsewhere does not say what it holds."""

    category: str | None = None
    grade: str | None = None
    valid_to: date | None = None


def age(past: Past, day: date, person: str | None = None) -> int | None:
    """Return the age on a day of a person, or the subject, in full years; None where the birth date is not known."""
    born = past.born(person or past.subject or "")
    return None if born is None or born > day else age_on(day, born)


def guardians(past: Past, day: date) -> set[str]:
    """Return the guardians of the subject on a day: those designated last. Empty where none is on record."""
    known = [one.event for one in past.events(GuardianDesignated, same="person") if one.event.from_date <= day]
    last = max((one.from_date for one in known), default=None)
    return {one.guardian for one in known if one.from_date == last}


def is_recognised(past: Past, day: date) -> bool:
    """Whether the subject's family is recognised as a difficult one on a day: from a first day to a last one."""
    since = [one.event.effective_from for one in past.events(DifficultFamilyRecognised, same="family")]
    ends = [one.event.effective_to for one in past.events(DifficultFamilyEnded, same="family")]
    return any(first <= day and not any(first <= last < day for last in ends) for first in since)


def certificate(past: Past, day: date, of: str | None = None) -> Held | None:
    """Return the certificate of a person, or the subject, that is in force on a day."""
    held = on_paper(past, day, of)
    expired = held is not None and held.valid_to is not None and held.valid_to < day
    return None if expired or is_frozen(past, day, of) else held


def on_paper(past: Past, day: date, of: str | None = None) -> Held | None:
    """Return what a person's certificate says on a day, whether it counts or not; None where none is left to them."""
    held = None
    for one in _by_day(past, day, of, *HELD, DisabilityCertificateCancelled):
        held = _after(held, one.event)
    return held


def is_frozen(past: Past, day: date, of: str | None = None) -> bool:
    """Whether the certificate of a person, or the subject, is frozen on a day."""
    steps = _by_day(
        past, day, of, DisabilityCertificateFrozen, DisabilityCertificateUnfrozen, DisabilityCertificateCancelled
    )
    return bool(steps) and isinstance(steps[-1].event, DisabilityCertificateFrozen)


def is_cancelled(past: Past, day: date) -> bool:
    """Whether the subject's certificate is cancelled by the end of a day, and none has taken its place."""
    steps = _by_day(past, day, None, *HELD, DisabilityCertificateCancelled)
    return bool(steps) and isinstance(steps[-1].event, DisabilityCertificateCancelled)


def _after(held: Held | None, event: Any) -> Held | None:
    if isinstance(event, DisabilityCertificateCancelled):
        return None
    if isinstance(event, DisabilityCertificateIssued | DisabilityCertificateRenewed):
        return Held(event.category, event.grade, event.valid_to)
    if isinstance(event, DisabilityGradeChanged):
        return Held(event.category, event.grade, held.valid_to if held else None)
    return held or Held()


_DAYS = {
    DisabilityCertificateIssued: "issued_on",
    DisabilityCertificateRenewed: "issued_on",
    DisabilityGradeChanged: "effective_on",
    DisabilityCertificateMigrated: "migrated_on",
    DisabilityCertificateFrozen: "frozen_on",
    DisabilityCertificateUnfrozen: "unfrozen_on",
    DisabilityCertificateCancelled: "cancelled_on",
}


def _by_day(past: Past, day: date, of: str | None, *classes: type[Any]) -> list[OnRecord[Any]]:
    """Return the events that took effect on or before a day, in the order in which they did."""

    def since(one: OnRecord[Any]) -> date:
        found: date = getattr(one.event, _DAYS[type(one.event)])
        return found

    known = past.events(*classes, same="person", of=of)
    return sorted((one for one in known if since(one) <= day), key=since)
