from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from services.disability_federation.certificates.events import (
    DisabilityAssessed,
    DisabilityCertificateApplied,
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateUnfrozen,
    DisabilityGradeChanged,
    TwoSubsidiesReviewed,
)
from services.disability_federation.domain import RULES
from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    CaseTransferred,
    ConsentRecorded,
    DifficultFamilyRecognised,
    DuplicateMerged,
    FamilyCaseOpened,
    FileImported,
    GuardianDesignated,
    HouseholdMoved,
    ReferralAnswered,
    ReferralMade,
)
from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearMapped,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    RehabAidApplied,
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabMonthReported,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


# ── registry ───────────────────────────────────────────────────────────────────────────────────────────────────────

CASE = FamilyCaseOpened(
    hukou_type="rural",
    address_text="嘉鱼县虚构镇1组",
    division="421221",
    members=("p-father", "p-mother", "p-son"),
    head="p-father",
    source="survey",
)
MOVE = HouseholdMoved(
    move_kind="hukou",
    from_division="421221",
    to_division="421202",
    new_address_text="咸安区虚构街道",
    moved_on=date(2026, 3, 2),
)
RECOGNITION = DifficultFamilyRecognised(
    basis="multi",
    disabled_members=("p-father", "p-son"),
    child_members=("p-son",),
    effective_from=date(2025, 2, 21),
    decided_by="嘉鱼县残联",
)
MERGE = DuplicateMerged(merged_family="XN-F-0DVP7B3D", survivor="p-father", evidence="姓名+出生日期+监护人一致")
IMPORT = FileImported(
    file_name="赤壁市摸底.xlsx", sha256="0" * 64, encoding="xlsx", rows_total=120, rows_accepted=119, rows_rejected=1
)


def test_a_case_opened_elsewhere_or_later_stands_in_nobodys_way() -> None:
    assert refusals(GuardianDesignated(guardian="p-mother", relation="50", from_date=date(2021, 5, 12))) == []
    assert refusals(ConsentRecorded(consent_by="p-mother", scope="康复、教育", form_doc="同意书A-01")) == []
    assert refusals(RECOGNITION) == []
    assert refusals(MOVE) == []
    assert refusals(CaseTransferred(to_division="421202")) == []
    assert refusals(CaseTransferAccepted(accepted_division="421202")) == []
    assert refusals(ReferralMade(to_dept="DPF", need="REHAB")) == []


def test_a_referral_is_answered_after_it_was_made_in_the_same_process() -> None:
    answer = ReferralAnswered(decision="approved")
    assert refusals(answer) == ["out_of_order /process"]
    assert refusals(answer, (ReferralMade, "process")) == []


def test_a_family_lists_each_member_once() -> None:
    assert refusals(CASE) == []
    twice = replace(CASE, members=("p-father", "p-son", "p-son"))
    assert refusals(twice) == ["person_named_twice /data/members"]


def test_the_head_of_a_family_is_one_of_its_members() -> None:
    assert refusals(replace(CASE, head="p-uncle")) == ["head_not_a_member /data/head"]


def test_every_reason_is_given_at_once() -> None:
    assert refusals(replace(CASE, members=("p-son", "p-son"))) == [
        "person_named_twice /data/members",
        "head_not_a_member /data/head",
    ]


def test_a_move_of_the_registration_goes_to_another_county() -> None:
    assert refusals(replace(MOVE, to_division="421221")) == ["same_division /data/to_division"]


def test_a_family_may_change_its_address_within_one_county() -> None:
    assert refusals(replace(MOVE, move_kind="residence", to_division="421221")) == []


def test_several_disabled_members_are_at_least_two() -> None:
    one = replace(RECOGNITION, disabled_members=("p-son",))
    same = replace(RECOGNITION, disabled_members=("p-son", "p-son"))
    assert refusals(one) == ["basis_without_members /data/disabled_members"]
    assert refusals(same) == ["basis_without_members /data/disabled_members"]
    assert refusals(replace(one, basis="both")) == ["basis_without_members /data/disabled_members"]
    assert refusals(replace(one, basis="dibao")) == []


def test_a_merge_names_what_is_merged() -> None:
    assert refusals(MERGE) == []
    assert refusals(replace(MERGE, merged_family=None)) == ["nothing_merged /data/merged_family"]
    assert refusals(replace(MERGE, merged_family=None, merged_person="p-same")) == []


def test_nothing_is_merged_into_itself() -> None:
    assert refusals(replace(MERGE, merged_person="p-father")) == ["merged_into_itself /data/survivor"]


def test_the_rows_of_an_import_add_up() -> None:
    assert refusals(IMPORT) == []
    assert refusals(replace(IMPORT, rows_accepted=118)) == ["rows_do_not_add_up /data/rows_total"]


# ── certificates ───────────────────────────────────────────────────────────────────────────────────────────────────

ASSESSMENT = DisabilityAssessed(
    category="2", grade="1", hospital="12421299MB0HP00104", assessed_on=date(2025, 3, 7), meets_standard=True
)
CERTIFICATE = DisabilityCertificateIssued(
    cert_no="42129920210512020X21",
    category="2",
    grade="1",
    issued_on=date(2025, 3, 18),
    valid_to=date(2035, 3, 18),
    issuer="嘉鱼县残联",
)
CHANGE = DisabilityGradeChanged(
    cert_no="42129920171209015963",
    old_category="6",
    old_grade="2",
    category="6",
    grade="3",
    effective_on=date(2027, 6, 15),
)
MIGRATION = DisabilityCertificateMigrated(from_division="421221", to_division="421202", migrated_on=date(2026, 5, 11))
APPLIED = (DisabilityCertificateApplied, "process")
ASSESSED = (DisabilityAssessed, "process")
ISSUED = (DisabilityCertificateIssued, "person")


def test_a_certificate_may_be_asked_for_at_any_time() -> None:
    assert refusals(DisabilityCertificateApplied(apply_kind="first", applied_by="p-mother")) == []


def test_an_assessment_follows_the_application_in_the_same_process() -> None:
    assert refusals(ASSESSMENT) == ["out_of_order /process"]
    assert refusals(ASSESSMENT, APPLIED) == []


def test_a_certificate_is_issued_after_an_assessment_in_the_same_process() -> None:
    assert refusals(CERTIFICATE, APPLIED) == ["out_of_order /process"]
    assert refusals(CERTIFICATE, ASSESSED) == []


def test_a_grade_changes_after_the_person_had_a_certificate() -> None:
    assert refusals(CHANGE) == ["out_of_order /subject"]
    assert refusals(CHANGE, ISSUED) == []


def test_a_certificate_is_frozen_after_it_was_issued_to_the_person() -> None:
    frozen = DisabilityCertificateFrozen(reason="户口迁移超过半年未迁证", frozen_on=date(2026, 9, 8))
    assert refusals(frozen) == ["out_of_order /subject"]
    assert refusals(frozen, ISSUED) == []


def test_a_certificate_is_unfrozen_after_it_was_frozen() -> None:
    unfrozen = DisabilityCertificateUnfrozen(unfrozen_on=date(2026, 9, 21))
    assert refusals(unfrozen, ISSUED) == ["out_of_order /subject"]
    assert refusals(unfrozen, (DisabilityCertificateFrozen, "person")) == []


def test_the_check_for_the_two_subsidies_does_not_wait_for_civil_affairs() -> None:
    assert refusals(TwoSubsidiesReviewed(decision="approved", category="6", grade="2")) == []


def test_imported_history_may_begin_anywhere_and_still_must_make_sense() -> None:
    assert refusals(CERTIFICATE, legacy=True) == []
    other = replace(CERTIFICATE, grade="2")
    assert refusals(other, legacy=True) == ["certificate_number_differs /data/cert_no"]


def test_a_multiple_disability_says_what_it_is_made_of() -> None:
    multiple = replace(ASSESSMENT, category="7", grade="2")
    assert refusals(multiple, APPLIED) == ["components_missing /data/components"]
    parts = ({"category": "5", "grade": "2"}, {"category": "4", "grade": "3"})
    assert refusals(replace(multiple, components=parts[:1]), APPLIED) == ["components_missing /data/components"]
    worst = replace(multiple, components=parts, grade="2")
    assert refusals(worst, APPLIED) == []
    assert refusals(replace(worst, grade="3"), APPLIED) == ["grade_not_the_most_severe /data/grade"]


def test_a_certificate_number_ends_in_category_and_grade() -> None:
    differs = ["certificate_number_differs /data/cert_no"]
    assert refusals(replace(CERTIFICATE, category="3"), ASSESSED) == differs
    assert refusals(replace(CERTIFICATE, grade="2"), ASSESSED) == differs
    assert refusals(replace(CERTIFICATE, cert_no="42129920210512020X21B2"), ASSESSED) == []
    assert refusals(replace(CHANGE, cert_no="42129920171209015962"), ISSUED) == differs


def test_a_certificate_is_valid_for_ten_years_to_the_day() -> None:
    wrong = ["validity_not_ten_years /data/valid_to"]
    assert refusals(replace(CERTIFICATE, valid_to=date(2035, 3, 17)), ASSESSED) == wrong
    assert refusals(replace(CERTIFICATE, valid_to=date(2035, 3, 19)), ASSESSED) == wrong


def test_a_certificate_of_a_leap_day_is_valid_until_the_end_of_february() -> None:
    leap = replace(CERTIFICATE, issued_on=date(2024, 2, 29), valid_to=date(2034, 2, 28))
    assert refusals(leap, ASSESSED) == []


def test_a_change_of_grade_changes_category_or_grade() -> None:
    same = replace(CHANGE, old_grade="3")
    assert refusals(same, ISSUED) == ["nothing_changed /data/grade"]
    assert refusals(replace(same, old_category="5"), ISSUED) == []


def test_a_certificate_migrates_to_another_county() -> None:
    assert refusals(MIGRATION) == []
    assert refusals(replace(MIGRATION, to_division="421221")) == ["same_division /data/to_division"]


# ── rehabilitation ─────────────────────────────────────────────────────────────────────────────────────────────────

AID = RehabAidDecided(
    decision="approved",
    items=("TRAIN",),
    category="HEA",
    aid_from=date(2025, 4, 9),
    aid_to=date(2025, 12, 31),
    annual_limit=Decimal("15800.00"),
)
START = RehabStarted(institution="52421299MJXREH015B", mode="FULL", started_on=date(2025, 8, 4))
MONTH = RehabMonthReported(
    month="2025-08",
    sessions=18,
    hours=Decimal(36),
    fee_total=Decimal("2400.00"),
    fee_aided=Decimal("1580.00"),
    fee_self=Decimal("820.00"),
)
NEW_INSTITUTION = RehabInstitutionChanged(
    old_institution="52421299MJXREH0311",
    new_institution="52421299MJXREH04XQ",
    cross_county=True,
    approved_by="通城县残联",
    from_date=date(2026, 6, 1),
)
COSTS = SelfPaidSubsidyApplied(
    period_from=date(2025, 8, 1),
    period_to=date(2025, 12, 31),
    self_paid=Decimal("4100.00"),
    includes_device=False,
    invoices_doc="票据A-1",
)
SUBSIDY = SelfPaidSubsidyDecided(
    decision="approved",
    eligible_self_paid=Decimal("4100.00"),
    rate=Decimal("0.5"),
    amount=Decimal("2050.00"),
)
IMPLANT_SUBSIDY = CochlearSubsidyDecided(decision="approved", amount=Decimal("12000.00"), fund="city")
MAPPING = CochlearMapped(mapping_no=1, mapped_on=date(2025, 7, 18))
ASKED_FOR_AID = (RehabAidApplied, "process")
IN_TRAINING = (RehabStarted, "process")
ASKED_FOR_SUBSIDY = (SelfPaidSubsidyApplied, "process")
ASKED_FOR_IMPLANT = (CochlearSubsidyApplied, "process")
IMPLANTED = (CochlearImplanted, "process")


def test_aid_is_asked_for_and_a_report_written_at_any_time() -> None:
    assert refusals(RehabAidApplied(items=("TRAIN",), category="HEA", aid_year=2025)) == []
    assert refusals(COSTS) == []
    report = CochlearReportIssued(
        hospital="12421299MB0HP00104",
        hospital_level="3A",
        hearing_grade="1",
        meets_condition=True,
        indication=True,
        reported_on=date(2025, 5, 12),
        doc="报告A-2",
    )
    assert refusals(report) == []


def test_aid_is_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(AID) == ["out_of_order /process"]
    assert refusals(AID, ASKED_FOR_AID) == []


def test_training_starts_after_the_decision_in_the_same_process() -> None:
    assert refusals(START, ASKED_FOR_AID) == ["out_of_order /process"]
    assert refusals(START, (RehabAidDecided, "process")) == []


def test_a_month_is_reported_after_training_started_in_the_same_process() -> None:
    assert refusals(MONTH) == ["out_of_order /process"]
    assert refusals(MONTH, IN_TRAINING) == []


def test_an_institution_is_changed_after_training_started_in_the_same_process() -> None:
    assert refusals(NEW_INSTITUTION) == ["out_of_order /process"]
    assert refusals(NEW_INSTITUTION, IN_TRAINING) == []


def test_the_self_paid_subsidy_is_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(SUBSIDY) == ["out_of_order /process"]
    assert refusals(SUBSIDY, ASKED_FOR_SUBSIDY) == []


def test_an_implant_subsidy_is_asked_for_after_a_report_about_the_child() -> None:
    application = CochlearSubsidyApplied(report_event="a-023")
    assert refusals(application) == ["out_of_order /subject"]
    assert refusals(application, (CochlearReportIssued, "person")) == []


def test_an_implant_subsidy_is_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(IMPLANT_SUBSIDY) == ["out_of_order /process"]
    assert refusals(IMPLANT_SUBSIDY, ASKED_FOR_IMPLANT) == []


def test_an_implant_follows_the_decision_in_the_same_process() -> None:
    implant = CochlearImplanted(hospital="12421299MB0HP00104", side="right", implanted_on=date(2025, 6, 17))
    assert refusals(implant, ASKED_FOR_IMPLANT) == ["out_of_order /process"]
    assert refusals(implant, (CochlearSubsidyDecided, "process")) == []


def test_a_mapping_follows_the_implant_in_the_same_process() -> None:
    assert refusals(MAPPING) == ["out_of_order /process"]
    assert refusals(MAPPING, IMPLANTED) == []


def test_a_refused_family_is_told_why() -> None:
    missing = ["refusal_without_reason /data/refuse_reason"]
    for said, given in ((AID, ASKED_FOR_AID), (SUBSIDY, ASKED_FOR_SUBSIDY), (IMPLANT_SUBSIDY, ASKED_FOR_IMPLANT)):
        refused = replace(said, decision="refused")
        assert refusals(refused, given) == missing
        assert refusals(replace(refused, refuse_reason="institution"), given) == []


def test_aid_does_not_end_before_it_starts() -> None:
    assert refusals(replace(AID, aid_to=date(2025, 4, 8)), ASKED_FOR_AID) == ["period_reversed /data/aid_to"]
    assert refusals(replace(AID, aid_to=date(2025, 4, 9)), ASKED_FOR_AID) == []
    assert refusals(replace(AID, aid_from=None, aid_to=None), ASKED_FOR_AID) == []


def test_the_fees_of_a_month_add_up() -> None:
    wrong = replace(MONTH, fee_self=Decimal("820.01"))
    assert refusals(wrong, IN_TRAINING) == ["fees_do_not_add_up /data/fee_total"]


def test_a_change_of_institution_goes_to_another_one() -> None:
    same = replace(NEW_INSTITUTION, new_institution=NEW_INSTITUTION.old_institution)
    assert refusals(same, IN_TRAINING) == ["nothing_changed /data/new_institution"]


def test_a_period_of_costs_does_not_end_before_it_starts() -> None:
    assert refusals(replace(COSTS, period_to=date(2025, 7, 31))) == ["period_reversed /data/period_to"]
    assert refusals(replace(COSTS, period_to=date(2025, 8, 1))) == []


def test_no_more_is_granted_than_the_rate_gives() -> None:
    above = replace(SUBSIDY, amount=Decimal("2050.01"))
    assert refusals(above, ASKED_FOR_SUBSIDY) == ["amount_above_rate /data/amount"]
    assert refusals(replace(SUBSIDY, amount=Decimal("1000.00")), ASKED_FOR_SUBSIDY) == []
    assert refusals(replace(SUBSIDY, rate=None), ASKED_FOR_SUBSIDY) == []


def test_a_subsidy_may_be_rounded_up_to_the_next_cent() -> None:
    rounded = replace(SUBSIDY, eligible_self_paid=Decimal("33.33"), amount=Decimal("16.67"))
    assert refusals(rounded, ASKED_FOR_SUBSIDY) == []


def test_mappings_are_counted_from_one() -> None:
    assert refusals(replace(MAPPING, mapping_no=0), IMPLANTED) == ["mapping_not_counted_from_one /data/mapping_no"]
