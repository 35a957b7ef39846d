"""What the federation refuses and flags of disability certificates."""

import pytest

from services.disability_federation.certificates.events import (
    DisabilityAssessed,
    DisabilityAssessmentDisputed,
    DisabilityCertificateApplied,
    DisabilityCertificateCancelled,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateReissued,
    DisabilityCertificateRenewed,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
    TwoSubsidiesReviewed,
)
from services.disability_federation.registry.events import DuplicateMerged, GuardianDesignated, HouseholdMoved
from tests.departments.cases import SUBJECT, Case, check
from tests.departments.past import On

MOTHER, STRANGER, FORMER = "421299198803150132", "422399198701190420", "421299201712090159"
ONE_PART = [{"category": "2", "grade": "1"}]
TWICE_THE_SAME = [{"category": "2", "grade": "1"}, {"category": "2", "grade": "3"}]
MILD = [{"category": "2", "grade": "2"}, {"category": "5", "grade": "3"}]
HEARING = {"cert_no": f"{SUBJECT}21", "category": "2", "grade": "1", "components": None}
APPLIED = [(DisabilityCertificateApplied, "process")]
ASSESSED = [(DisabilityAssessed, "process")]
ISSUED = [(DisabilityCertificateIssued, {"issued_on": "2025-03-20", "valid_to": "2035-03-20"}, "process person")]
MIGRATED = [(DisabilityCertificateMigrated, "person")]
IN_ONE = {"merged_family": None, "merged_person": FORMER, "survivor": SUBJECT}
MERGED = [On((DuplicateMerged, IN_ONE), "merged", FORMER)]
GUARDED = [(GuardianDesignated, {"guardian": MOTHER}, "person")]


def changed(grade: str, day: str) -> tuple[object, ...]:
    parts = [{"category": "2", "grade": grade}, {"category": "5", "grade": "4"}]
    change = {"cert_no": f"{SUBJECT}7{grade}", "old_grade": "4", "grade": grade, "components": parts}
    return (DisabilityGradeChanged, change | {"effective_on": day}, "person")


def frozen(day: str) -> tuple[object, ...]:
    return (DisabilityCertificateFrozen, {"frozen_on": day}, "person")


def unfrozen(day: str) -> tuple[object, ...]:
    return (DisabilityCertificateUnfrozen, {"unfrozen_on": day}, "person")


def cancelled(day: str) -> tuple[object, ...]:
    return (DisabilityCertificateCancelled, {"cancelled_on": day}, "person")


def reissued(times: int, day: str, grade: str = "1") -> tuple[object, ...]:
    number = f"{SUBJECT}7{grade}B{times}"
    return (DisabilityCertificateReissued, {"cert_no": number, "reissue_seq": times, "issued_on": day}, "person")


def renewed(on: str, to: str) -> tuple[object, ...]:
    return (DisabilityCertificateRenewed, {"issued_on": on, "valid_to": to}, "person")


APPLICATION = [
    Case("CERT-01.1", DisabilityCertificateApplied, refuses="barred_after_cancellation /subject",
         given=[cancelled("2025-03-01")], happened="2026-02-28", fine_about={"happened": "2026-03-01"}),
    Case("CERT-01.1", DisabilityCertificateApplied, refuses="barred_after_cancellation /subject",
         given=[cancelled("2025-03-01")], happened="2025-03-01", fine_given=[cancelled("2025-03-02")]),
    Case("CERT-01.2", DisabilityCertificateApplied, {"apply_kind": "renew"}, flags="certificate_not_on_record",
         fine={"apply_kind": "first"}),
    Case("CERT-01.2", DisabilityCertificateApplied, {"apply_kind": "migrate"}, flags="certificate_not_on_record",
         fine={"apply_kind": "migrate"}, fine_given=[renewed("2024-04-01", "2034-04-01")]),
    Case("CERT-01.3", DisabilityCertificateApplied, {"applied_by": STRANGER}, flags="not_the_guardian", given=GUARDED,
         fine={"applied_by": MOTHER}),
    Case("CERT-01.3", DisabilityCertificateApplied, {"applied_by": None, "claimed_category": "6"}, given=GUARDED,
         flags="not_the_guardian", happened="2045-01-01", fine={"applied_by": None, "claimed_category": "2"}),
]  # fmt: skip
ASSESSMENT = [
    Case("CERT-02.a", DisabilityAssessed, refuses="out_of_order /process", fine_given=APPLIED),
    Case("CERT-02.1", DisabilityAssessed, {"components": None}, refuses="components_missing /data/components",
         fine=HEARING | {"cert_no": None}),
    Case("CERT-02.1", DisabilityAssessed, {"components": TWICE_THE_SAME},
         refuses="components_missing /data/components"),
    Case("CERT-02.2", DisabilityAssessed, {"grade": "2"}, refuses="grade_not_the_most_severe /data/grade",
         fine={"grade": "2", "components": MILD}),
    Case("CERT-03.a", DisabilityAssessmentDisputed, refuses="out_of_order /process", fine_given=ASSESSED),
    Case("CERT-03.1", DisabilityAssessmentDisputed, {"level": "province"}, refuses="city_first /data/level",
         fine={"level": "province"}, fine_given=[(DisabilityAssessmentDisputed, {"level": "city"}, "process")]),
]  # fmt: skip
ISSUE = [
    Case("CERT-04.a", DisabilityCertificateIssued, refuses="out_of_order /process", fine_given=ASSESSED),
    Case("CERT-04.1", DisabilityCertificateIssued, {"cert_no": f"{MOTHER}71"},
         refuses="certificate_of_another /data/cert_no"),
    Case("CERT-04.1", DisabilityCertificateIssued, {"cert_no": f"{FORMER}71"}, fine={"cert_no": f"{FORMER}71"},
         refuses="certificate_of_another /data/cert_no", fine_given=MERGED),
    Case("CERT-04.2", DisabilityCertificateIssued, {"cert_no": f"{SUBJECT}72"},
         refuses="certificate_number_differs /data/cert_no"),
    Case("CERT-04.3", DisabilityCertificateIssued, {"valid_to": "2035-03-19"},
         refuses="validity_not_ten_years /data/valid_to"),
    Case("CERT-04.3", DisabilityCertificateIssued, {"issued_on": "2024-02-29", "valid_to": "2034-03-01"},
         refuses="validity_not_ten_years /data/valid_to", fine={"issued_on": "2024-02-29", "valid_to": "2034-02-28"}),
    Case("CERT-04.4", DisabilityCertificateIssued, {"components": MILD},
         refuses="grade_not_the_most_severe /data/grade"),
    Case("CERT-04.4", DisabilityCertificateIssued, {"components": ONE_PART},
         refuses="grade_not_the_most_severe /data/components", fine={"components": None}),
    Case("CERT-04.5", DisabilityCertificateIssued, HEARING, flags="differs_from_assessment", given=ASSESSED),
    Case("CERT-04.6", DisabilityCertificateIssued, {"components": None}, flags="components_unknown"),
    Case("CERT-04.6", DisabilityCertificateIssued, {"components": None}, flags="components_unknown",
         fine={"components": None}, fine_given=ASSESSED),
]  # fmt: skip
REISSUE = [
    Case("CERT-05.a", DisabilityCertificateReissued, refuses="out_of_order /subject", fine_given=MIGRATED),
    Case("CERT-05.1", DisabilityCertificateReissued, {"cert_no": f"{MOTHER}71B1"},
         refuses="certificate_of_another /data/cert_no"),
    Case("CERT-05.2", DisabilityCertificateReissued, {"cert_no": f"{SUBJECT}71"},
         refuses="certificate_number_differs /data/cert_no"),
    Case("CERT-05.2", DisabilityCertificateReissued, {"reissue_seq": 2},
         refuses="certificate_number_differs /data/cert_no", fine={"cert_no": f"{SUBJECT}71B2", "reissue_seq": 2}),
    Case("CERT-05.3", DisabilityCertificateReissued, reissued(2, "2026-06-10")[1], given=ISSUED,
         refuses="reissue_out_of_sequence /data/reissue_seq", fine=reissued(1, "2026-06-10")[1]),
    Case("CERT-05.3", DisabilityCertificateReissued, given=[*ISSUED, reissued(1, "2025-10-10")],
         refuses="reissue_out_of_sequence /data/reissue_seq", fine=reissued(2, "2026-06-10")[1]),
    Case("CERT-05.3", DisabilityCertificateReissued, reissued(2, "2026-06-10", "2")[1],
         given=[*ISSUED, reissued(1, "2025-10-10"), changed("2", "2026-01-01")],
         refuses="reissue_out_of_sequence /data/reissue_seq", fine=reissued(1, "2026-06-10", "2")[1]),
    Case("CERT-05.3", DisabilityCertificateReissued, given=[*MIGRATED, reissued(1, "2025-10-10")],
         refuses="reissue_out_of_sequence /data/reissue_seq", fine=reissued(2, "2026-06-10")[1]),
]  # fmt: skip
RENEWAL = [
    Case("CERT-06.a", DisabilityCertificateRenewed, refuses="out_of_order /subject", fine_given=ISSUED),
    Case("CERT-06.1", DisabilityCertificateRenewed, {"cert_no": f"{MOTHER}71"},
         refuses="certificate_of_another /data/cert_no"),
    Case("CERT-06.2", DisabilityCertificateRenewed, {"cert_no": f"{SUBJECT}61"},
         refuses="certificate_number_differs /data/cert_no"),
    Case("CERT-06.3", DisabilityCertificateRenewed, renewed("2034-03-19", "2044-03-19")[1], given=ISSUED,
         refuses="renewed_too_early /data/issued_on", fine=renewed("2034-03-20", "2044-03-20")[1]),
    Case("CERT-06.3", DisabilityCertificateRenewed, renewed("2026-03-20", "2036-03-20")[1], given=ISSUED,
         refuses="renewed_too_early /data/issued_on", fine_given=MIGRATED),
    Case("CERT-06.3", DisabilityCertificateRenewed, given=[*ISSUED, renewed("2034-09-19", "2044-09-19")],
         refuses="renewed_too_early /data/issued_on", fine=renewed("2045-01-01", "2055-01-01")[1]),
    Case("CERT-06.4", DisabilityCertificateRenewed, {"valid_to": "2045-03-20"},
         refuses="validity_not_ten_years /data/valid_to"),
    Case("CERT-06.5", DisabilityCertificateRenewed, {"components": MILD},
         refuses="grade_not_the_most_severe /data/grade"),
    Case("CERT-06.6", DisabilityCertificateRenewed, HEARING, flags="differs_from_certificate", given=ISSUED),
]  # fmt: skip
CHANGE = [
    Case("CERT-07.a", DisabilityGradeChanged, refuses="out_of_order /subject", fine_given=ISSUED),
    Case("CERT-07.1", DisabilityGradeChanged, {"cert_no": f"{MOTHER}72"},
         refuses="certificate_of_another /data/cert_no"),
    Case("CERT-07.2", DisabilityGradeChanged, {"cert_no": f"{SUBJECT}71"},
         refuses="certificate_number_differs /data/cert_no"),
    Case("CERT-07.3", DisabilityGradeChanged, {"old_grade": "2"}, refuses="nothing_changed /data/grade"),
    Case("CERT-07.4", DisabilityGradeChanged, {"components": TWICE_THE_SAME},
         refuses="grade_not_the_most_severe /data/components"),
    Case("CERT-07.5", DisabilityGradeChanged, {"old_grade": "3"}, flags="differs_from_certificate", given=ISSUED),
    Case("CERT-07.5", DisabilityGradeChanged, {"old_grade": "3"}, flags="differs_from_certificate",
         given=[*ISSUED, renewed("2035-01-01", "2045-01-01")], fine={"old_grade": "1"}),
    Case("CERT-08.a", DisabilityCertificateMigrated, flags="migrated_without_move",
         fine_given=[(HouseholdMoved, "family")]),
    Case("CERT-08.1", DisabilityCertificateMigrated, {"to_division": "421221"},
         refuses="same_division /data/to_division"),
    Case("CERT-08.2", DisabilityCertificateMigrated, flags="certificate_not_on_record", fine_given=ISSUED),
]  # fmt: skip
END = [
    Case("CERT-09.a", DisabilityCertificateFrozen, refuses="out_of_order /subject", fine_given=ISSUED),
    Case("CERT-09.1", DisabilityCertificateFrozen, {"frozen_on": "2025-12-31"},
         refuses="not_in_force /data/frozen_on", given=[*ISSUED, frozen("2025-12-01")],
         fine={"frozen_on": "2025-12-31"}, fine_given=[*ISSUED, frozen("2025-12-01"), unfrozen("2025-12-24")]),
    Case("CERT-09.1", DisabilityCertificateFrozen, {"frozen_on": "2025-12-31"},
         refuses="not_in_force /data/frozen_on", given=[*ISSUED, cancelled("2025-12-31")],
         fine={"frozen_on": "2025-12-30"}),
    Case("CERT-10.a", DisabilityCertificateUnfrozen, refuses="out_of_order /subject",
         fine_given=[frozen("2025-04-01")]),
    Case("CERT-10.1", DisabilityCertificateUnfrozen, {"unfrozen_on": "2025-11-30"},
         refuses="not_frozen /data/unfrozen_on", given=[frozen("2025-12-01")], fine={"unfrozen_on": "2025-12-02"}),
    Case("CERT-10.1", DisabilityCertificateUnfrozen, {"unfrozen_on": "2026-01-31"},
         refuses="not_frozen /data/unfrozen_on", given=[frozen("2025-12-01"), cancelled("2026-01-15")],
         fine={"unfrozen_on": "2026-01-14"}),
    Case("CERT-11.a", DisabilityCertificateCancelled, refuses="out_of_order /subject", fine_given=ISSUED),
    Case("CERT-11.1", DisabilityCertificateCancelled, {"cancelled_on": "2026-01-31"},
         refuses="already_ended /subject", given=[*ISSUED, cancelled("2026-02-28")], fine_given=ISSUED),
    Case("CERT-11.1", DisabilityCertificateCancelled, {"cancelled_on": "2026-01-31"},
         refuses="already_ended /subject", given=[*ISSUED, cancelled("2026-01-15")],
         fine_given=[cancelled("2024-01-15"), *ISSUED]),
]  # fmt: skip
REVIEW = [
    Case("CIV-20.1", TwoSubsidiesReviewed, {"grade": "2"}, flags="differs_from_certificate", given=ISSUED,
         happened="2025-04-01"),
    Case("CIV-20.1", TwoSubsidiesReviewed, {"grade": "2"}, flags="differs_from_certificate", given=ISSUED,
         happened="2025-04-01", fine={"grade": "2"}, fine_given=[*ISSUED, cancelled("2025-03-31")]),
]  # fmt: skip


@pytest.mark.parametrize("case", [*APPLICATION, *ASSESSMENT, *ISSUE, *REISSUE], ids=str)
def test_each_rule_of_what_makes_a_certificate_bites_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", [*RENEWAL, *CHANGE, *END, *REVIEW], ids=str)
def test_each_rule_of_what_becomes_of_a_certificate_bites_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
