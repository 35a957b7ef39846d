"""Which event of the Education Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.education.events import (
    EducationNeedsAssessed,
    EducationPlacementDecided,
    EducationPlacementDisputed,
    EducationPlacementReviewed,
    EducationPlanMade,
    SchoolAgeChildRegistered,
    StudentEnrolled,
    StudentTransferred,
)
from shared.errors import Fault
from shared.language.rules import Past, Rules, age_on, flag, newest

TAUGHT_OUTSIDE_SCHOOL = ("HOME", "MEDEDU")
"""Modes in which the child is elsewhere, and a school still holds the student record 学籍."""
COMPULSORY = range(6, 16)
"""The ages of compulsory schooling on 31 August of the school year (义务教育法 art. 2, 11)."""

RULES = Rules()
RULES.after(EducationPlacementDecided, EducationNeedsAssessed, same="person")
RULES.after(EducationPlacementDisputed, EducationPlacementDecided, same="process")
RULES.after(EducationPlacementReviewed, EducationPlacementDisputed, same="process")
RULES.after(StudentEnrolled, EducationPlacementDecided, same="person")
RULES.after(EducationPlanMade, StudentEnrolled, same="person")
RULES.after(StudentTransferred, StudentEnrolled, same="person")

RULES.given(EducationPlacementDecided, "defer_until", when=("mode", "DEFER"), code="deferral_without_end")
RULES.given(EducationPlacementDecided, "reason", when=("mode", "DEFER"), code="deferral_without_reason")
RULES.given(EducationPlacementDecided, "school", when=("mode", *TAUGHT_OUTSIDE_SCHOOL), code="school_missing")
RULES.given(EducationPlacementReviewed, "new_mode", when=("outcome", "changed"), code="new_mode_missing")
RULES.not_before(EducationPlacementDecided, "defer_until", "from_date")
RULES.not_before(EducationPlacementReviewed, "reviewed_on", "filed_on", of=EducationPlacementDisputed)
RULES.not_before(EducationPlanMade, "review_due", "plan_year")


@RULES.flag(SchoolAgeChildRegistered)
def a_child_of_school_age_is_registered(event: SchoolAgeChildRegistered, past: Past) -> Iterator[Fault]:
    """Flag a child who is not of school age in the school year."""
    born, day = past.born(past.subject or ""), date(event.school_year, 8, 31)
    if born is not None and (born > day or age_on(day, born) not in COMPULSORY):
        yield flag("outside_age", "/subject")


@RULES.invariant(EducationPlacementDecided)
def nobody_is_exempted(event: EducationPlacementDecided) -> Iterator[Fault]:
    """Refuse to release a child from compulsory schooling (零拒绝)."""
    if event.mode == "EXEMPT":
        zh = "不得决定免予入学；确有困难的可暂缓入学。"
        en = "A child cannot be exempted from schooling; a deferral is possible."
        yield Fault("exemption_not_allowed", "/data/mode", zh, en)


@RULES.flag(EducationPlacementDecided)
def what_is_replaced_is_on_record(event: EducationPlacementDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision that replaces one of a process without a decision."""
    known = past.events(EducationPlacementDecided, same="person")
    if event.supersedes is not None and all(one.process != event.supersedes for one in known):
        yield flag("reference_unknown", "/data/supersedes")


@RULES.flag(EducationPlacementDecided)
def a_departure_from_the_experts_has_a_reason(event: EducationPlacementDecided, past: Past) -> Iterator[Fault]:
    """Flag another mode than the experts recommended last, without a reason."""
    assessed = newest(past, EducationNeedsAssessed, same="person")
    if assessed and event.mode != assessed.recommended_mode and event.reason is None:
        yield flag("against_recommendation", "/data/reason")


@RULES.flag(StudentEnrolled)
def a_child_is_taught_as_was_decided(event: StudentEnrolled, past: Past) -> Iterator[Fault]:
    """Flag an enrolment in another mode than the placement that is in force on the day."""
    known = [one.event for one in past.events(EducationPlacementDecided, same="person", before=True)]
    begun = sorted((one for one in known if one.from_date <= event.enrolled_on), key=lambda one: one.from_date)
    if begun and begun[-1].mode != event.mode:
        yield flag("differs_from_placement", "/data/mode")


@RULES.flag(StudentEnrolled)
def a_child_is_enrolled_once(_: StudentEnrolled, past: Past) -> Iterator[Fault]:
    """Flag a second enrolment without a transfer in between."""
    if isinstance(newest(past, StudentEnrolled, StudentTransferred, same="person"), StudentEnrolled):
        yield flag("already_enrolled", "/subject")


@RULES.invariant(StudentTransferred)
def a_transfer_changes_something(event: StudentTransferred) -> Iterator[Fault]:
    """Refuse a transfer in which neither the school nor the student number is another one."""
    if event.from_school == event.to_school and event.student_no is None:
        zh = "转出与转入学校相同，且未变更学籍号。"
        en = "Both schools are the same and no student number is given: nothing changes."
        yield Fault("nothing_changed", "/data/to_school", zh, en)


@RULES.flag(StudentTransferred)
def a_transfer_leaves_the_school_on_record(event: StudentTransferred, past: Past) -> Iterator[Fault]:
    """Flag a transfer from another school than the one where the child is enrolled."""
    last: Any = newest(past, StudentEnrolled, StudentTransferred, same="person")
    known = last.school if isinstance(last, StudentEnrolled) else last and last.to_school
    if known not in {None, event.from_school}:
        yield flag("differs_from_record", "/data/from_school")
