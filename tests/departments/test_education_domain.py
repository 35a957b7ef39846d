from dataclasses import replace
from datetime import date
from functools import partial

from services.education.domain import RULES
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
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


PLACEMENT = EducationPlacementDecided(
    mode="INCL", school="2142990033", from_date=date(2025, 9, 1), plan_doc="一人一案B-2"
)
REVIEW = EducationPlacementReviewed(reviewed_on=date(2025, 7, 25), outcome="changed", new_mode="INCL")
PLAN = EducationPlanMade(plan_year=2025, goals_doc="IEP-B3-25", parent_signed=True, review_due=date(2026, 9, 22))
TRANSFER = StudentTransferred(from_school="2142990033", to_school="2142990044", transferred_on=date(2026, 7, 10))
ASSESSED = (EducationNeedsAssessed, "person")
DISPUTED = (EducationPlacementDisputed, "process")
ENROLLED = (StudentEnrolled, "person")


def test_a_child_is_registered_before_anything_else_is_known() -> None:
    registration = SchoolAgeChildRegistered(school_year=2025, source="match", current_status="未入学")
    assert refusals(registration) == []


def test_a_placement_follows_an_assessment_of_the_child() -> None:
    assert refusals(PLACEMENT) == ["out_of_order /subject"]
    assert refusals(PLACEMENT, ASSESSED) == []


def test_a_dispute_follows_the_placement_in_the_same_process() -> None:
    dispute = EducationPlacementDisputed(filed_on=date(2025, 7, 11), claim="要求随班就读")
    assert refusals(dispute) == ["out_of_order /process"]
    assert refusals(dispute, (EducationPlacementDecided, "process")) == []


def test_a_review_follows_a_dispute_in_the_same_process() -> None:
    assert refusals(REVIEW, (EducationPlacementDecided, "process")) == ["out_of_order /process"]
    assert refusals(REVIEW, DISPUTED) == []


def test_an_enrolment_follows_a_placement_of_the_child() -> None:
    enrolment = StudentEnrolled(
        school="2142990033", student_no="G421299201712090159", enrolled_on=date(2025, 9, 1), mode="INCL"
    )
    assert refusals(enrolment, ASSESSED) == ["out_of_order /subject"]
    assert refusals(enrolment, (EducationPlacementDecided, "person")) == []


def test_a_plan_follows_the_enrolment_of_the_child() -> None:
    assert refusals(PLAN) == ["out_of_order /subject"]
    assert refusals(PLAN, ENROLLED) == []


def test_a_transfer_follows_the_enrolment_of_the_child() -> None:
    assert refusals(TRANSFER) == ["out_of_order /subject"]
    assert refusals(TRANSFER, ENROLLED) == []


def test_imported_history_may_begin_anywhere_and_still_must_make_sense() -> None:
    assert refusals(PLACEMENT, legacy=True) == []
    assert refusals(replace(PLACEMENT, mode="EXEMPT"), legacy=True) == ["exemption_not_allowed /data/mode"]


def test_a_deferral_says_until_when_and_why() -> None:
    deferral = replace(PLACEMENT, mode="DEFER", school=None)
    assert refusals(deferral, ASSESSED) == [
        "deferral_without_end /data/defer_until",
        "deferral_without_reason /data/reason",
    ]
    complete = replace(deferral, defer_until=date(2026, 8, 31), reason="术后恢复")
    assert refusals(complete, ASSESSED) == []


def test_a_deferral_ends_after_it_starts() -> None:
    deferral = replace(PLACEMENT, mode="DEFER", defer_until=date(2025, 8, 31), reason="术后恢复")
    assert refusals(deferral, ASSESSED) == ["period_reversed /data/defer_until"]
    assert refusals(replace(deferral, defer_until=deferral.from_date), ASSESSED) == []


def test_nobody_is_exempted_from_schooling() -> None:
    exemption = replace(PLACEMENT, mode="EXEMPT", school=None)
    assert refusals(exemption, ASSESSED) == ["exemption_not_allowed /data/mode"]


def test_teaching_outside_a_school_names_the_school_that_holds_the_record() -> None:
    for mode in ("HOME", "MEDEDU"):
        assert refusals(replace(PLACEMENT, mode=mode, school=None), ASSESSED) == ["school_missing /data/school"]
        assert refusals(replace(PLACEMENT, mode=mode), ASSESSED) == []


def test_a_changed_placement_names_the_new_mode() -> None:
    assert refusals(replace(REVIEW, new_mode=None), DISPUTED) == ["new_mode_missing /data/new_mode"]
    assert refusals(replace(REVIEW, outcome="upheld", new_mode=None), DISPUTED) == []


def test_a_plan_is_not_due_for_review_before_its_year() -> None:
    assert refusals(replace(PLAN, review_due=date(2024, 12, 31)), ENROLLED) == ["period_reversed /data/review_due"]
    assert refusals(replace(PLAN, review_due=date(2025, 12, 31)), ENROLLED) == []


def test_a_transfer_changes_the_school_or_the_student_number() -> None:
    staying = replace(TRANSFER, to_school=TRANSFER.from_school)
    assert refusals(staying, ENROLLED) == ["nothing_changed /data/to_school"]
    assert refusals(replace(staying, student_no="G421299201712090159"), ENROLLED) == []


def test_every_reason_is_given_at_once() -> None:
    deferral = replace(PLACEMENT, mode="DEFER", school=None)
    assert refusals(deferral) == [
        "deferral_without_end /data/defer_until",
        "deferral_without_reason /data/reason",
        "out_of_order /subject",
    ]
