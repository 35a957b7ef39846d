"""What holds of a base on a day, by the federation's own records: whether it is in force, who teaches and who runs it.

A base is known by the code of its host. A host that serves two categories is one base with an agreement for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.disability_federation.self_help.events import (
    BaseApplicantAssessed,
    BaseEnded,
    BaseEstablished,
    BaseManagerAppointed,
    CohortOpened,
    TrainerAssigned,
    TrainerRemoved,
)
from shared.language.rules import Past

PEERS = frozenset({"PEER", "KIN"})
"""The roles of trainers who are disabled themselves, or close to somebody who is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a base stands on a day in one category. A condition is lapsed when it is not met, or no longer."""

    established: bool
    ended: bool
    agreement_lapsed: bool
    conditions_lapsed: tuple[str, ...]

    @property
    def in_force(self) -> bool:
        """Whether the base may open a cohort on this day; one that is running goes on where it may not."""
        return self.established and not (self.ended or self.agreement_lapsed or self.conditions_lapsed)


@dataclass(frozen=True, slots=True)
class Stint:
    """From when to when somebody was a trainer of a base; `until` is the last day, None while it goes on."""

    trainer: str
    role: str
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether the person was a trainer on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


def standing(past: Past, base: str, category: str, day: date) -> Standing:
    """Return how a base stands on a day. What was agreed after its end makes it a base again."""
    agreements = [one.event for one in past.events(BaseEstablished, same="base", of=base)]
    known = [one for one in agreements if one.category == category and one.established_on <= day]
    agreement = max(known, key=lambda one: one.established_on, default=None)
    if agreement is None:
        return Standing(established=False, ended=False, agreement_lapsed=False, conditions_lapsed=())
    ends = [one.event.ended_on for one in past.events(BaseEnded, same="base", of=base)]
    return Standing(
        established=True,
        ended=any(agreement.established_on <= ended_on <= day for ended_on in ends),
        agreement_lapsed=agreement.valid_to is not None and agreement.valid_to < day,
        conditions_lapsed=tuple(_lapsed(assessment(past, base, category, day), day)),
    )


def assessment(
    past: Past, base: str, category: str, day: date, *, passed_only: bool = False
) -> BaseApplicantAssessed | None:
    """Return the newest assessment of a host in one category that was made on or before a day."""
    known = [one.event for one in past.events(BaseApplicantAssessed, same="base", of=base)]
    counts = [one for one in known if one.category == category and one.assessed_on <= day]
    return max((one for one in counts if one.passed or not passed_only), key=lambda one: one.assessed_on, default=None)


def stints(past: Past, base: str) -> list[Stint]:
    """Return who was a trainer of a base, and when; a removal ends the stint that began last before it."""
    assigned = [one.event for one in past.events(TrainerAssigned, same="base", of=base)]
    until: dict[TrainerAssigned, date] = {}
    for one in past.events(TrainerRemoved, same="base", of=base):
        last = max(
            (
                found
                for found in assigned
                if found.trainer == one.event.trainer and found.from_date <= one.event.to_date
            ),
            key=lambda found: found.from_date,
            default=None,
        )
        if last is not None:
            until[last] = one.event.to_date
    return [Stint(one.trainer, one.role, one.from_date, until.get(one)) for one in assigned]


def trainers(past: Past, base: str, day: date) -> dict[str, str]:
    """Return the trainers of a base on a day, each with their role."""
    return {one.trainer: one.role for one in stints(past, base) if one.covers(day)}


def has_manager(past: Past, base: str, day: date) -> bool:
    """Whether a base has somebody who runs it on a day: the one appointed last, until the next one."""
    return any(one.event.from_date <= day for one in past.events(BaseManagerAppointed, same="base", of=base))


def has_running_cohort(past: Past, base: str, day: date) -> bool:
    """Whether a cohort of a base is running on a day."""
    cohorts = (one.event for one in past.events(CohortOpened, same="base", of=base))
    return any(one.starts_on <= day <= one.ends_on for one in cohorts)


def _lapsed(found: BaseApplicantAssessed | None, day: date) -> Iterator[str]:
    for condition in found.conditions_met if found else ():
        if not condition["met"] or condition.get("valid_to", "9999-12-31") < day.isoformat():
            yield condition["no"]
