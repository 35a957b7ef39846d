"""Each rule of the Education Bureau: what it refuses or flags, and what it lets pass."""

import pytest

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
from tests.departments.cases import SUBJECT, Case, check
from tests.departments.past import On

ENROLLED = [(StudentEnrolled, "person")]
PLACED = [(EducationPlacementDecided, "person")]


def placed(mode: str, from_date: str = "2025-09-01") -> tuple[type, dict[str, str], str]:
    return (EducationPlacementDecided, {"mode": mode, "from_date": from_date}, "person")


def reported(day: str) -> tuple[type, dict[str, str], str]:
    return (StudentAbsenceReported, {"reported_on": day}, "person")


def resolved(day: str) -> tuple[type, dict[str, str], str]:
    return (StudentAbsenceResolved, {"resolved_on": day}, "person")


def term(starts_on: str, ends_on: str, **more: str | None) -> On:
    announced = (SchoolTermAnnounced, {"starts_on": starts_on, "ends_on": ends_on, **more})
    return On(announced, "anywhere", division="421200")


CASES = [
    Case("EDU-01.1", SchoolAgeChildRegistered, {"school_year": 2026}, flags="outside_age", fine={"school_year": 2027}),
    Case("EDU-01.1", SchoolAgeChildRegistered, {"school_year": 2027}, flags="outside_age",
         births={SUBJECT: "2011-08-31"}, fine={"school_year": 2026}),
    Case("EDU-01.1", SchoolAgeChildRegistered, {"stage": None}, flags="outside_age", fine={"stage": "SEN"}),
    Case("EDU-01.2", SchoolAgeChildRegistered, {"stage": "KG", "school_year": 2023}, flags="outside_age",
         fine={"stage": "KG", "school_year": 2024}),
    Case("EDU-01.2", SchoolAgeChildRegistered, {"stage": "KG", "school_year": 2028}, flags="outside_age",
         fine={"stage": "KG", "school_year": 2027}),
    Case("EDU-03.a", EducationPlacementDecided, refuses="out_of_order /subject",
         fine_given=[(EducationNeedsAssessed, "person")]),
    Case("EDU-03.1", EducationPlacementDecided, {"defer_until": None},
         refuses="deferral_without_end /data/defer_until"),
    Case("EDU-03.1", EducationPlacementDecided, {"defer_until": "2025-08-31"},
         refuses="deferral_without_end /data/defer_until", fine={"defer_until": "2025-09-01"}),
    Case("EDU-03.2", EducationPlacementDecided, {"reason": None}, refuses="deferral_without_reason /data/reason",
         fine={"mode": "INCL", "reason": None}),
    Case("EDU-03.3", EducationPlacementDecided, {"mode": "EXEMPT"}, refuses="exemption_not_allowed /data/mode"),
    Case("EDU-03.4", EducationPlacementDecided, {"mode": "HOME", "school": None},
         refuses="school_missing /data/school", fine={"mode": "HOME"}),
    Case("EDU-03.4", EducationPlacementDecided, {"mode": "MEDEDU", "school": None},
         refuses="school_missing /data/school", fine={"school": None}),
    Case("EDU-03.5", EducationPlacementDecided, {"supersedes": "edu-2024-0007"}, flags="reference_unknown",
         given=[On(EducationPlacementDecided, "person", process="edu-2024-0008")],
         fine_given=[On(EducationPlacementDecided, "person", process="edu-2024-0007")],
         fine={"supersedes": "edu-2024-0007"}),
    Case("EDU-03.6", EducationPlacementDecided, {"mode": "SPEC", "reason": None}, flags="against_recommendation",
         given=[(EducationNeedsAssessed, {"recommended_mode": "INCL"}, "person")],
         fine={"mode": "INCL", "reason": None}),
    Case("EDU-03.6", EducationPlacementDecided, {"mode": "SPEC", "reason": None}, flags="against_recommendation",
         given=[(EducationNeedsAssessed, {"recommended_mode": "INCL"}, "person")], fine={"mode": "SPEC"}),
    Case("EDU-04.a", EducationPlacementDisputed, refuses="out_of_order /process", given=PLACED,
         fine_given=[(EducationPlacementDecided, "process")]),
    Case("EDU-05.a", EducationPlacementReviewed, refuses="out_of_order /process",
         given=[(EducationPlacementDecided, "process")], fine_given=[(EducationPlacementDisputed, "process")]),
    Case("EDU-05.1", EducationPlacementReviewed, {"new_mode": None}, refuses="new_mode_missing /data/new_mode",
         fine={"outcome": "upheld", "new_mode": None}),
    Case("EDU-05.2", EducationPlacementReviewed, {"reviewed_on": "2025-07-10"},
         refuses="period_reversed /data/reviewed_on", fine={"reviewed_on": "2025-07-11"},
         given=[(EducationPlacementDisputed, {"filed_on": "2025-07-11"}, "process")]),
    Case("EDU-06.a", StudentEnrolled, refuses="out_of_order /subject", fine_given=PLACED),
    Case("EDU-06.1", StudentEnrolled, {"student_no": "G421299202105120203"},
         refuses="resident_id_checksum /data/student_no"),
    Case("EDU-06.2", StudentEnrolled, flags="differs_from_placement", given=[placed("SPEC")],
         fine_given=[placed("INCL")]),
    Case("EDU-06.2", StudentEnrolled, flags="differs_from_placement",
         given=[placed("INCL"), placed("SPEC", "2025-09-01")],
         fine_given=[placed("INCL"), placed("SPEC", "2025-09-02")]),
    Case("EDU-06.3", StudentEnrolled, flags="already_enrolled", given=ENROLLED,
         fine_given=[*ENROLLED, (StudentTransferred, "person")]),
    Case("EDU-07.a", EducationPlanMade, refuses="out_of_order /subject", given=PLACED, fine_given=ENROLLED),
    Case("EDU-07.1", EducationPlanMade, {"review_due": "2024-12-31"}, refuses="period_reversed /data/review_due",
         fine={"review_due": "2025-12-31"}),
    Case("EDU-08.a", HomeTeachingDelivered, refuses="out_of_order /subject", given=ENROLLED, fine_given=PLACED),
    Case("EDU-08.1", HomeTeachingDelivered, refuses="placement_not_home /data/taught_on", given=[placed("INCL")],
         fine_given=[placed("HOME")]),
    Case("EDU-08.1", HomeTeachingDelivered, refuses="placement_not_home /data/taught_on",
         given=[placed("HOME", "2025-10-16")], fine_given=[placed("HOME", "2025-10-15")]),
    Case("EDU-08.1", HomeTeachingDelivered, refuses="placement_not_home /data/taught_on",
         given=[placed("HOME"), placed("INCL", "2025-10-15")],
         fine_given=[placed("HOME"), placed("INCL", "2025-10-16")]),
    Case("EDU-08.2", HomeTeachingDelivered, {"hours": "0"}, refuses="nothing_taught /data/hours",
         fine={"hours": "0.5"}),
    Case("EDU-08.2", HomeTeachingDelivered, {"teachers": 0}, refuses="nothing_taught /data/teachers",
         fine={"teachers": 1}),
    Case("EDU-09.a", StudentTransferred, refuses="out_of_order /subject", given=PLACED, fine_given=ENROLLED),
    Case("EDU-09.1", StudentTransferred, {"to_school": "2142000123", "student_no": None},
         refuses="nothing_changed /data/to_school", fine={"to_school": "2142000123"}),
    Case("EDU-09.2", StudentTransferred, flags="differs_from_record",
         given=[(StudentEnrolled, {"school": "2142000789"}, "person")], fine_given=ENROLLED),
    Case("EDU-09.2", StudentTransferred, flags="differs_from_record",
         given=[*ENROLLED, (StudentTransferred, {"to_school": "2142000789"}, "person")],
         fine_given=[*ENROLLED, (StudentTransferred, {"to_school": "2142000123"}, "person")]),
    Case("EDU-10.1", StudentAbsenceReported, {"days_absent": 0}, refuses="nothing_absent /data/days_absent",
         fine={"days_absent": 1}),
    Case("EDU-11.a", CompulsoryEducationCompleted, refuses="out_of_order /subject", fine_given=ENROLLED),
    Case("EDU-12.a", StudentAidGranted, refuses="out_of_order /subject", fine_given=ENROLLED),
    Case("EDU-13.a", ResourceSupportProvided, refuses="out_of_order /subject", given=PLACED, fine_given=ENROLLED),
    Case("EDU-13.1", ResourceSupportProvided, flags="differs_from_placement",
         given=[(StudentEnrolled, {"mode": "SPEC"}, "person")], fine_given=ENROLLED),
    Case("EDU-13.1", ResourceSupportProvided, flags="differs_from_placement",
         given=[*ENROLLED, placed("HOME", "2025-11-05")], fine_given=[*ENROLLED, placed("HOME", "2025-11-06")]),
    Case("EDU-14.a", StudentAbsenceResolved, refuses="out_of_order /subject", fine_given=[reported("2025-11-20")]),
    Case("EDU-14.1", StudentAbsenceResolved, refuses="nothing_to_end /data/resolved_on",
         given=[reported("2025-12-02")], fine_given=[reported("2025-12-01")]),
    Case("EDU-14.1", StudentAbsenceResolved, refuses="nothing_to_end /data/resolved_on",
         given=[reported("2025-11-20"), resolved("2025-11-24")],
         fine_given=[reported("2025-11-20"), resolved("2025-11-24"), reported("2025-11-25")]),
    Case("EDU-14.1", StudentAbsenceResolved, refuses="nothing_to_end /data/resolved_on",
         given=[reported("2025-11-20"), resolved("2025-12-10")],
         fine_given=[reported("2025-11-20"), reported("2025-12-08"), resolved("2025-12-10")]),
    Case("EDU-16.a", CentreTeachingDelivered, refuses="out_of_order /subject", given=ENROLLED, fine_given=PLACED),
    Case("EDU-16.1", CentreTeachingDelivered, refuses="placement_not_mededu /data/taught_on", given=[placed("HOME")],
         fine_given=[placed("MEDEDU")]),
    Case("EDU-16.2", CentreTeachingDelivered, {"hours": "0"}, refuses="nothing_taught /data/hours"),
    Case("EDU-16.2", CentreTeachingDelivered, {"teachers": 0}, refuses="nothing_taught /data/teachers"),
    Case("EDU-17.1", SchoolTermAnnounced, {"ends_on": "2025-09-01"}, refuses="period_reversed /data/ends_on",
         fine={"ends_on": "2025-09-02"}),
    Case("EDU-17.2", SchoolTermAnnounced, refuses="period_overlaps /data/starts_on",
         given=[term("2026-01-23", "2026-07-03")], fine_given=[term("2026-01-24", "2026-07-03")]),
    Case("EDU-17.2", SchoolTermAnnounced, {"division": None}, refuses="period_overlaps /data/starts_on",
         given=[term("2025-03-01", "2025-09-01", division=None)], division="421200", fine={"division": "421221"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
