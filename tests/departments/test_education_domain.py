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
from tests.departments.past import flags_of, refusals_of

refusals = partial(refusals_of, RULES)
flags = partial(flags_of, RULES)


PLACEMENT = EducationPlacementDecided(
    mode="INCL", school="2142990033", from_date=date(2025, 9, 1), plan_doc="一人一案B-2"
)
REVIEW = EducationPlacementReviewed(reviewed_on=date(2025, 7, 25), outcome="changed", new_mode="INCL")
PLAN = EducationPlanMade(plan_year=2025, goals_doc="IEP-B3-25", parent_signed=True, review_due=date(2026, 9, 22))
TRANSFER = StudentTransferred(from_school="2142990033", to_school="2142990044", transferred_on=date(2026, 7, 10))
ASSESSMENT = EducationNeedsAssessed(
    assessed_on=date(2025, 6, 12), committee="虚构专家委员会", recommended_mode="INCL", report_doc="评估B-1"
)
DISPUTE = EducationPlacementDisputed(filed_on=date(2025, 7, 11), claim="要求随班就读")
ENROLMENT = StudentEnrolled(
    school="2142990033", student_no="G421299201712090159", enrolled_on=date(2025, 9, 1), mode="INCL"
)
REGISTRATION = SchoolAgeChildRegistered(school_year=2025, source="match", current_status="未入学")
ASSESSED = (ASSESSMENT, "person")
DISPUTED = (DISPUTE, "process")
PLACED = (PLACEMENT, "person")
ENROLLED = (ENROLMENT, "person")


def test_a_child_is_registered_before_anything_else_is_known() -> None:
    assert refusals(REGISTRATION) == []


def test_a_placement_follows_an_assessment_of_the_child() -> None:
    assert refusals(PLACEMENT) == ["out_of_order /subject"]
    assert refusals(PLACEMENT, ASSESSED) == []


def test_a_dispute_follows_the_placement_in_the_same_process() -> None:
    assert refusals(DISPUTE) == ["out_of_order /process"]
    assert refusals(DISPUTE, (EducationPlacementDecided, "process")) == []


def test_a_review_follows_a_dispute_in_the_same_process() -> None:
    assert refusals(REVIEW, (EducationPlacementDecided, "process")) == ["out_of_order /process"]
    assert refusals(REVIEW, DISPUTED) == []


def test_an_enrolment_follows_a_placement_of_the_child() -> None:
    assert refusals(ENROLMENT, ASSESSED) == ["out_of_order /subject"]
    assert refusals(ENROLMENT, PLACED) == []


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
    assert refusals(deferral, ASSESSED) == ["deferral_without_end /data/defer_until"]
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


def test_a_child_outside_the_ages_of_compulsory_schooling_is_flagged() -> None:
    for born, expected in (
        (date(2019, 9, 1), ["outside_age"]),
        (date(2019, 8, 31), []),
        (date(2009, 9, 1), []),
        (date(2009, 8, 31), ["outside_age"]),
    ):
        assert flags(REGISTRATION, births={"p-subject": born}) == expected
    assert flags(REGISTRATION) == []


def test_a_placement_that_replaces_one_nobody_knows_is_flagged() -> None:
    replacing = replace(PLACEMENT, supersedes="PROCESS-1")
    assert flags(replacing, ASSESSED) == ["reference_unknown"]
    assert flags(replacing, ASSESSED, PLACED) == []
    assert flags(replace(replacing, supersedes="PROCESS-2"), ASSESSED, PLACED) == ["reference_unknown"]


def test_a_departure_from_the_experts_without_a_reason_is_flagged() -> None:
    special = replace(PLACEMENT, mode="SPEC")
    assert flags(special, ASSESSED) == ["against_recommendation"]
    assert flags(replace(special, reason="家长要求"), ASSESSED) == []
    assert flags(special, ASSESSED, (replace(ASSESSMENT, recommended_mode="SPEC"), "person")) == []


def test_a_review_is_not_older_than_the_dispute() -> None:
    assert refusals(replace(REVIEW, reviewed_on=date(2025, 7, 10)), DISPUTED) == ["period_reversed /data/reviewed_on"]
    assert refusals(replace(REVIEW, reviewed_on=date(2025, 7, 11)), DISPUTED) == []


def test_an_enrolment_in_another_mode_than_the_placement_in_force_is_flagged() -> None:
    special = (replace(PLACEMENT, mode="SPEC"), "person")
    assert flags(ENROLMENT, PLACED) == []
    assert flags(ENROLMENT, special) == ["differs_from_placement"]
    assert flags(ENROLMENT, special, PLACED) == []
    later = (replace(PLACEMENT, mode="SPEC", from_date=date(2025, 9, 2)), "person")
    assert flags(ENROLMENT, PLACED, later) == []


def test_a_second_enrolment_without_a_transfer_is_flagged() -> None:
    assert flags(ENROLMENT, PLACED, ENROLLED) == ["already_enrolled"]
    assert flags(ENROLMENT, PLACED, ENROLLED, (TRANSFER, "person")) == []


def test_a_transfer_from_another_school_than_the_one_on_record_is_flagged() -> None:
    assert flags(TRANSFER, ENROLLED) == []
    assert flags(TRANSFER, ENROLLED, (TRANSFER, "person")) == ["differs_from_record"]
    assert flags(replace(TRANSFER, from_school="2142990055"), ENROLLED) == ["differs_from_record"]
