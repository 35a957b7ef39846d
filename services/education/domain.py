"""Which event of the Education Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.education.events import (
    EducationNeedsAssessed,
    EducationPlacementDecided,
    EducationPlacementDisputed,
    EducationPlacementReviewed,
    EducationPlanMade,
    StudentEnrolled,
    StudentTransferred,
)
from shared.errors import Fault
from shared.language.rules import Rules

TAUGHT_OUTSIDE_SCHOOL = {"HOME", "MEDEDU"}
"""Modes in which the child is elsewhere, and a school still holds the student record 学籍."""

RULES = Rules()
RULES.after(EducationPlacementDecided, EducationNeedsAssessed, same="person")
RULES.after(EducationPlacementDisputed, EducationPlacementDecided, same="process")
RULES.after(EducationPlacementReviewed, EducationPlacementDisputed, same="process")
RULES.after(StudentEnrolled, EducationPlacementDecided, same="person")
RULES.after(EducationPlanMade, StudentEnrolled, same="person")
RULES.after(StudentTransferred, StudentEnrolled, same="person")


@RULES.invariant(EducationPlacementDecided)
def a_deferral_has_an_end_and_a_reason(said: EducationPlacementDecided) -> Iterator[Fault]:
    """Refuse 暂缓入学 without an end or a reason, and one that ends before it starts."""
    if said.mode != "DEFER":
        return
    if said.defer_until is None:
        yield Fault(
            "deferral_without_end",
            "/data/defer_until",
            "暂缓入学须写明截止日期。",
            "A deferral of schooling must say until when.",
        )
    elif said.defer_until < said.from_date:
        yield Fault(
            "period_reversed",
            "/data/defer_until",
            "暂缓截止日期不得早于起始日期。",
            "A deferral cannot end before it starts.",
        )
    if said.reason is None:
        yield Fault(
            "deferral_without_reason",
            "/data/reason",
            "暂缓入学须写明理由。",
            "A deferral of schooling must give a reason.",
        )


@RULES.invariant(EducationPlacementDecided)
def nobody_is_exempted(said: EducationPlacementDecided) -> Iterator[Fault]:
    """Refuse to release a child from compulsory schooling (零拒绝)."""
    if said.mode == "EXEMPT":
        yield Fault(
            "exemption_not_allowed",
            "/data/mode",
            "不得决定免予入学;确有困难的可暂缓入学。",
            "A child cannot be exempted from schooling; a deferral is possible.",
        )


@RULES.invariant(EducationPlacementDecided)
def a_school_holds_the_student_record(said: EducationPlacementDecided) -> Iterator[Fault]:
    """Refuse teaching outside a school without the school that keeps the child's student record."""
    if said.mode in TAUGHT_OUTSIDE_SCHOOL and said.school is None:
        yield Fault(
            "school_missing",
            "/data/school",
            "送教上门、医教结合须写明学籍所在学校。",
            "Teaching at home or in a rehabilitation centre must name the school that holds the student record.",
        )


@RULES.invariant(EducationPlacementReviewed)
def a_change_names_the_new_mode(said: EducationPlacementReviewed) -> Iterator[Fault]:
    """Refuse a changed placement that does not say to what it is changed."""
    if said.outcome == "changed" and said.new_mode is None:
        yield Fault(
            "new_mode_missing",
            "/data/new_mode",
            "复核结果为变更的,须写明复核后安置方式。",
            "A review that changes the placement must name the new mode.",
        )


@RULES.invariant(EducationPlanMade)
def a_plan_is_reviewed_after_it_starts(said: EducationPlanMade) -> Iterator[Fault]:
    """Refuse a plan whose review is due before the year it is made for."""
    if said.review_due.year < said.plan_year:
        yield Fault(
            "period_reversed",
            "/data/review_due",
            "复核期限不得早于计划年度。",
            "The review of a plan cannot be due before the year of the plan.",
        )


@RULES.invariant(StudentTransferred)
def a_transfer_changes_something(said: StudentTransferred) -> Iterator[Fault]:
    """Refuse a transfer in which neither the school nor the student number is another one."""
    if said.from_school == said.to_school and said.student_no is None:
        yield Fault(
            "nothing_changed",
            "/data/to_school",
            "转出与转入学校相同,且未变更学籍号。",
            "Both schools are the same and no student number is given: nothing changes.",
        )
