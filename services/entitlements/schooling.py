"""A disabled child's schooling on the day F: its school years, how far its placement has come, terms (rules A14, A18).

What happened in kindergarten says nothing of compulsory schooling and is left out: registrations for a year before the
child's first, and places in a kindergarten until that year begins.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from services.education.events import (
    CentreTeachingDelivered,
    CompulsoryEducationCompleted,
    EducationNeedsAssessed,
    EducationPlacementDecided,
    EducationPlacementDisputed,
    EducationPlacementReviewed,
    EducationPlanMade,
    HomeTeachingDelivered,
    ResourceSupportProvided,
    SchoolAgeChildRegistered,
    SchoolTermAnnounced,
    StudentAbsenceReported,
    StudentAbsenceResolved,
    StudentAidGranted,
    StudentEnrolled,
    StudentTransferred,
)
from services.entitlements.circumstances import Person
from services.entitlements.facts import Fact
from shared.log.parameters import CITY
from shared.policy.calendar import birthday, first_of, last_of, month_of, months_between, on_month_day

DEFERRED, EXEMPTED = "DEFER", "EXEMPT"
KINDERGARTEN_STAGE, KINDERGARTEN_MODE = "KG", "INCLKG"
STEPS = (
    SchoolAgeChildRegistered,
    EducationNeedsAssessed,
    EducationPlacementDecided,
    EducationPlacementDisputed,
    EducationPlacementReviewed,
    StudentEnrolled,
    StudentTransferred,
    StudentAbsenceReported,
    StudentAbsenceResolved,
    CompulsoryEducationCompleted,
)
"""The steps of a child's way to school and through it."""
EVERYTHING = (
    *STEPS,
    EducationPlanMade,
    HomeTeachingDelivered,
    CentreTeachingDelivered,
    ResourceSupportProvided,
    StudentAidGranted,
)
"""All that the department of education says of a child."""


@dataclass(frozen=True, slots=True)
class Term:
    """A school term, from its first day to its last."""

    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class Placed:
    """How a child is placed on a day, since when, and what says so."""

    mode: str
    since: date
    fact: Fact[Any]


class Schooling:
    """The schooling of one child on its day."""

    def __init__(self, child: Person) -> None:
        self.child = child
        self.on = child.on
        self.facts = child.facts(*STEPS)

    def param(self, name: str, on: date | None = None) -> Any:
        """Return a parameter's value where the child goes to school."""
        return self.child.family.policy.value(name, self.division, on or self.on)

    @cached_property
    def division(self) -> str | None:
        """The county of the child's last education event; before the first, the one that holds the case."""
        last = self.child.last(*EVERYTHING)
        return (last.division if last else None) or self.child.family.county

    # -- school years

    @cached_property
    def first_year(self) -> int | None:
        """The first school year whose 31 August finds the child of school age."""
        born, (youngest, _) = self.child.born, self.param("P-EDU-AGES")
        if born is None:
            return None
        reached = birthday(born, youngest)
        return reached.year if reached <= date(reached.year, 8, 31) else reached.year + 1

    @cached_property
    def last_day(self) -> date | None:
        """The 31 August after the child's last school year."""
        youngest, oldest = self.param("P-EDU-AGES")
        return date(self.first_year + oldest - youngest + 1, 8, 31) if self.first_year else None

    @property
    def window(self) -> date:
        """The first day on which anything is to be done for the child: 1 January of the first school year."""
        return date(self.first_year or self.on.year, 1, 1)

    @cached_property
    def applies(self) -> bool:
        """Whether the child is a disabled one of school age who has not completed compulsory education."""
        if not self.child.is_disabled_child or self.last_day is None:
            return False
        return self.window <= self.on <= self.last_day and not self.child.facts(CompulsoryEducationCompleted)

    # -- registration, placement, enrolment

    @cached_property
    def registrations(self) -> list[Fact[SchoolAgeChildRegistered]]:
        """The registrations for compulsory schooling."""
        return [
            one
            for one in self.child.facts(SchoolAgeChildRegistered)
            if one.event.stage != KINDERGARTEN_STAGE and one.event.school_year >= self.window.year
        ]

    @cached_property
    def assessed(self) -> bool:
        """Whether experts have assessed, for school, what the child needs."""
        return any(one.day >= self.window for one in self.child.facts(EducationNeedsAssessed))

    @cached_property
    def placements(self) -> list[Fact[EducationPlacementDecided]]:
        """The decisions on where the child goes to school, in the order in which they were taken."""
        every = self.child.facts(EducationPlacementDecided)
        return [one for one in every if not self._kindergarten(one.event.mode, one.event.from_date)]

    @cached_property
    def placement(self) -> Fact[EducationPlacementDecided] | None:
        """The newest of them, also where it is in force only later."""
        return self.placements[-1] if self.placements else None

    @cached_property
    def enrolments(self) -> list[Fact[StudentEnrolled]]:
        """The enrolments in a school."""
        every = self.child.facts(StudentEnrolled)
        return [one for one in every if not self._kindergarten(one.event.mode, one.event.enrolled_on)]

    @cached_property
    def entries(self) -> list[Fact[Any]]:
        """The enrolments in a school, and the transfers from one to another."""
        found, at_school = [], True
        for one in self.child.facts(StudentEnrolled, StudentTransferred):
            if isinstance(one.event, StudentEnrolled):
                at_school = one in self.enrolments
            if at_school:
                found.append(one)
        return found

    @property
    def deferred(self) -> bool:
        """Whether the newest decision puts school off, and the child has not entered one since."""
        newest = self.placement
        return (
            newest is not None
            and newest.event.mode == DEFERRED
            and not any(one.order > newest.order for one in self.entries)
        )

    @cached_property
    def enrolled(self) -> bool:
        """Whether the child is enrolled as the newest decision has it.

        It is when it entered a school after the decision, or was enrolled in the same way before.
        """
        newest = self.placement
        if newest is None or not self.entries:
            return bool(self.entries)
        if newest.event.mode == DEFERRED:
            return not self.deferred
        since = min(newest.day, newest.event.from_date)
        same_way = bool(self.enrolments) and self.enrolments[-1].event.mode == newest.event.mode
        return same_way or any(one.day >= since for one in self.entries)

    def _kindergarten(self, mode: str, day: date) -> bool:
        return mode == KINDERGARTEN_MODE and day < date(self.window.year, 9, 1)

    @cached_property
    def placed(self) -> Placed | None:
        """How the child is placed on this day: by the decisions that have begun, else by its enrolment."""
        begun = [one for one in self.placements if one.event.from_date <= self.on]
        found: Placed | None = None
        for one in sorted(begun, key=lambda one: (one.event.from_date, one.order)):
            same = found is not None and found.mode == one.event.mode
            found = Placed(one.event.mode, found.since if found and same else one.event.from_date, one)
        if found is None and self.enrolments:
            newest = self.enrolments[-1]
            found = Placed(newest.event.mode, newest.day, newest)
        return found

    # -- absence

    @cached_property
    def absence(self) -> Fact[StudentAbsenceReported] | None:
        """The first report of an absence that neither a return, a transfer nor the end of schooling has closed."""
        closing = self.child.facts(StudentAbsenceResolved, StudentTransferred, CompulsoryEducationCompleted)
        reports = self.child.facts(StudentAbsenceReported)
        return next((one for one in reports if not any(end.day >= one.day for end in closing)), None)

    # -- terms

    @cached_property
    def announced(self) -> list[Term]:
        """The terms announced for the county, and for the city where the county's do not say otherwise."""
        found: list[Term] = []
        every = self.child.family.city.facts.of(SchoolTermAnnounced)
        for places in ({self.division}, {CITY, None}):
            here = [one.event for one in every if (one.event.division or one.division) in places]
            found += _apart([Term(one.starts_on, one.ends_on) for one in here], found)
        return found

    def term_begin(self, day: date) -> date:
        """Return the first day of the first term that ends on or after a day: one announced, else by the parameters."""
        terms = [*self.announced, *_apart(self._usual(day), self.announced)]
        return min((one.begin for one in terms if one.end >= day), default=day)

    def in_term(self, month: str) -> bool:
        """Whether a month lies in term: wholly inside an announced one, or by the list (P-TERM-MONTHS)."""
        first, last = first_of(month), last_of(month)
        inside = any(one.begin <= first and last <= one.end for one in self.announced)
        return inside or first.month in self.param("P-TERM-MONTHS", first)

    def _usual(self, day: date) -> list[Term]:
        """Return the terms around a day where none is announced: the runs of P-TERM-MONTHS.

        The autumn one begins on P-TERM-START.
        """
        months, autumn = set(self.param("P-TERM-MONTHS", day)), self.param("P-TERM-START", day)
        runs: list[list[str]] = [[]]
        for month in months_between(month_of(date(day.year - 1, 1, 1)), month_of(date(day.year + 1, 12, 31))):
            if first_of(month).month in months:
                runs[-1].append(month)
            elif runs[-1]:
                runs.append([])
        return [Term(_first_day(run, autumn), last_of(run[-1])) for run in runs if run]


def _first_day(run: list[str], autumn: str) -> date:
    """Return the first day of a run of months: in autumn the announced day of the year, else the first of the month."""
    begin = next((month for month in run if month[5:] == autumn[:2]), None)
    return on_month_day(int(begin[:4]), autumn) if begin else first_of(run[0])


def _apart(terms: list[Term], others: list[Term]) -> list[Term]:
    """Return the terms that overlap none of some others."""
    return [one for one in terms if all(one.end < other.begin or other.end < one.begin for other in others)]
