"""XN-8 (实现适龄残疾儿童少年“一人一案”科学教育安置): every disabled child of school age is found, placed, enrolled."""

from datetime import date

from services.education.events import (
    EducationPlacementDecided,
    SchoolAgeChildRegistered,
    StudentAbsenceResolved,
    StudentEnrolled,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person, day_after
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.entitlements.rules import rule
from services.entitlements.schooling import EXEMPTED, Schooling
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import on_month_day

EDU = "EDU"


@rule(
    "E14",
    "XN-8",
    "person",
    "一人一案教育安置",
    need="EDU",
    alarms=40,
    meant=lambda child: child.is_disabled_child and Schooling(child).applies,
)
def placed_at_school(child: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled child of school age is registered, placed, enrolled, and does not stay away."""
    schooling = Schooling(child)
    chain.division = schooling.division
    chain.cite(child.family.opening, child.proof(child.on), child.diagnoses, schooling.facts)
    if not schooling.applies:
        return chain.state(State.NOT_APPLICABLE)
    placement = schooling.placement
    if schooling.enrolled:
        step = "enrolled"
    elif placement is None:
        step = _register_or_place(child, chain, schooling)
    elif schooling.deferred:
        step = _deferred(child, chain, schooling, placement)
    else:
        step = "enrol"
        begin = max(placement.event.from_date, schooling.term_begin(placement.event.from_date))
        due = chain.policy.due("P-EDU-ENROL-D", begin, chain.division)
        if child.on < begin:  # nobody is expected yet: that nobody has come needs no proof
            chain.clock("G3", due, EDU, chain.division, placement)
        else:
            chain.expect("G3", due, begin, StudentEnrolled, chain.division, placement)
        if placement.event.mode == EXEMPTED:
            chain.warn("G8", placement.day, None, placement)
    if schooling.absence:
        reported = schooling.absence
        chain.step("G4", "P-ABSENCE-D", reported.day, StudentAbsenceResolved, chain.division, reported, department=EDU)
    chain.because = {"year": schooling.first_year, "step": step, **_where(schooling)}
    return chain.verdict()


def _register_or_place(child: Person, chain: Chain, schooling: Schooling) -> str:
    """Take the step that comes next for a child who is not placed: registration (G1), or the decision (G2)."""
    if schooling.registrations or schooling.assessed:
        _place(child, chain, schooling)
        return "place"
    window = schooling.window
    if not chain.covered(SchoolAgeChildRegistered, chain.division, window):
        others = "/ EducationPlacementDecided / StudentEnrolled"
        chain.cannot_tell(SchoolAgeChildRegistered, max(window, child.disabled_since), chain.division, others)
        return "register"
    due = _by(child, chain, schooling, "P-EDU-REG-DATE", window.year, window)
    chain.clock("G1", due, EDU, chain.division, outreach=True)
    return "register"


def _place(child: Person, chain: Chain, schooling: Schooling) -> None:
    """Take the decision on a placement (G2): before the school year for which the child was first registered."""
    registration = schooling.registrations[0] if schooling.registrations else None
    begin = registration.day if registration else schooling.window
    if not chain.covered(EducationPlacementDecided, chain.division, begin):
        chain.cannot_tell(EducationPlacementDecided, max(begin, child.disabled_since), chain.division)
        return
    year = registration.event.school_year if registration else schooling.window.year
    due = _by(child, chain, schooling, "P-EDU-PLACE-DATE", year, begin)
    chain.clock("G2", due, EDU, chain.division, *schooling.registrations)


def _deferred(child: Person, chain: Chain, schooling: Schooling, decision: Fact[EducationPlacementDecided]) -> str:
    """Take the new decision that is due when a deferral ends (G2, and G8 while the child is deferred past it)."""
    until = decision.event.defer_until
    if until is None:  # from before its end was asked for: a decision is due as if there were none
        _place(child, chain, schooling)
    elif child.on > until and not chain.covered(EducationPlacementDecided, chain.division, decision.day):
        chain.cannot_tell(EducationPlacementDecided, day_after(until), chain.division)
    else:
        chain.clock("G2", Due(until), EDU, chain.division, decision)
        chain.warn("G8", day_after(until), None, decision)
    return "deferred"


def _by(child: Person, chain: Chain, schooling: Schooling, parameter: str, year: int, begin: date) -> Due:
    """Return a day of the calendar before a school year as a due day."""
    day = on_month_day(year, schooling.param(parameter, begin))
    return chain.not_before_catch_up(day, child.disabled_since)


def _where(schooling: Schooling) -> dict[str, object]:
    """Return what the sentence says of the place: school and mode, or until when it is put off."""
    found: dict[str, object] = {}
    if schooling.placement:
        found = {"mode": schooling.placement.event.mode, "until": schooling.placement.event.defer_until}
    if schooling.entries:
        newest = schooling.entries[-1].event
        found["school"] = newest.school if isinstance(newest, StudentEnrolled) else newest.to_school
    return found
