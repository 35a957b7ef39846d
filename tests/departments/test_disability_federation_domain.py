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
    GapActionRecorded,
    GuardianDesignated,
    HouseholdMoved,
    NeedsSurveyed,
    PolicyParameterSet,
    ReferralAnswered,
    ReferralMade,
)
from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearMapped,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    DiagnosisReported,
    RehabAidApplied,
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabMonthReported,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from tests.departments.past import flags_of, refusals_of

NOBODY: frozenset[str] = frozenset()
FAMILY = frozenset({"p-subject", "p-father", "p-mother", "p-son", "p-daughter"})

refusals = partial(refusals_of, RULES, family=FAMILY)
flags = partial(flags_of, RULES, family=FAMILY)


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
TRANSFER = CaseTransferred(to_division="421202", reason="户籍迁移")
ACCEPTED = CaseTransferAccepted(accepted_division="421202")
GUARDIAN = GuardianDesignated(guardian="p-mother", relation="50", from_date=date(2021, 5, 12))
CONSENT = ConsentRecorded(consent_by="p-mother", scopes=("rehab", "education"), form_doc="同意书A-01")
SURVEY = NeedsSurveyed(surveyor="虚构村残联专干", needs=("REHAB", "EDU"))
HOLD = GapActionRecorded(
    entitlement="E02", gap_type="G3", action="等待植入手术后开训", hold_until=date(2026, 9, 5), responsible="专干"
)
PARAMETER = PolicyParameterSet(
    parameter="P-LTC-ACTIVE-FROM", value="2027-01-01", effective_from=date(2027, 1, 1), basis_doc="假设文件"
)
MERGE = DuplicateMerged(merged_family="XN-F-0DVP7B3D", survivor="p-father", evidence="姓名+出生日期+监护人一致")
OPENED = (CASE, "family")
ON_ITS_WAY = (TRANSFER, "family")
IMPORT = FileImported(
    file_name="赤壁市摸底.xlsx", sha256="0" * 64, encoding="xlsx", rows_total=120, rows_accepted=119, rows_rejected=1
)


def test_what_is_about_a_case_follows_its_opening() -> None:
    for event in (MOVE, TRANSFER, SURVEY, RECOGNITION, HOLD):
        assert refusals(event, happened=date(2026, 3, 9)) == ["no_case /subject"]
        assert refusals(event, OPENED, happened=date(2026, 3, 9)) == []


def test_what_is_about_a_person_waits_for_no_case() -> None:
    assert refusals(GUARDIAN) == []
    assert refusals(CONSENT) == []
    assert refusals(ReferralMade(to_dept="DPF", need="REHAB")) == []


def test_a_merge_is_reported_of_a_family_that_has_a_case() -> None:
    assert refusals(MERGE) == ["no_case /subject"]
    assert refusals(MERGE, OPENED) == []


def test_a_referral_is_answered_after_it_was_made_in_the_same_process() -> None:
    answer = ReferralAnswered(decision="approved")
    assert refusals(answer) == ["out_of_order /process"]
    assert refusals(answer, (ReferralMade, "process")) == []


def test_a_family_lists_each_member_once() -> None:
    assert refusals(CASE, family=NOBODY) == []
    twice = replace(CASE, members=("p-father", "p-son", "p-son"))
    assert refusals(twice, family=NOBODY) == ["person_named_twice /data/members"]


def test_the_head_of_a_family_is_one_of_its_members() -> None:
    assert refusals(replace(CASE, head="p-uncle"), family=NOBODY) == ["head_not_a_member /data/head"]


def test_every_reason_is_given_at_once() -> None:
    assert refusals(replace(CASE, members=("p-son", "p-son")), family=NOBODY) == [
        "person_named_twice /data/members",
        "head_not_a_member /data/head",
    ]


def test_a_move_of_the_registration_goes_to_another_county() -> None:
    assert refusals(replace(MOVE, to_division="421221"), OPENED) == ["same_division /data/to_division"]


def test_a_family_may_change_its_address_within_one_county() -> None:
    assert refusals(replace(MOVE, move_kind="residence", to_division="421221"), OPENED) == []


def test_several_disabled_members_are_at_least_two() -> None:
    one = replace(RECOGNITION, disabled_members=("p-son",))
    wrong = ["basis_without_members /data/disabled_members"]
    assert refusals(one, OPENED) == wrong
    assert refusals(replace(one, basis="both"), OPENED) == wrong
    assert refusals(replace(one, basis="dibao"), OPENED) == []


def test_a_merge_names_what_is_merged() -> None:
    assert refusals(replace(MERGE, merged_family=None), OPENED) == ["nothing_merged /data/merged_family"]
    assert refusals(replace(MERGE, merged_family=None, merged_person="p-same"), OPENED) == []


def test_nothing_is_merged_into_itself() -> None:
    assert refusals(replace(MERGE, merged_person="p-father"), OPENED) == ["merged_into_itself /data/survivor"]


def test_the_rows_of_an_import_add_up() -> None:
    assert refusals(IMPORT) == []
    assert refusals(replace(IMPORT, rows_accepted=118)) == ["rows_do_not_add_up /data/rows_total"]


def test_a_list_names_nobody_and_nothing_twice() -> None:
    assert refusals(replace(SURVEY, needs=("EDU", "EDU")), OPENED) == ["code_named_twice /data/needs"]


def test_nobody_belongs_to_two_families() -> None:
    other = (CASE, "family", "p-son")
    theirs = frozenset({"p-son"})
    assert refusals(CASE, other, family=theirs) == ["member_of_another_family /data/members"]
    assert refusals(replace(CASE, members=("p-father", "p-mother")), other, family=theirs) == []
    assert refusals(CASE, other, family=theirs, legacy=True) == []


def test_nobody_guards_themselves() -> None:
    assert refusals(GUARDIAN, subject="p-mother") == ["guardian_of_oneself /data/guardian"]


def test_the_guardian_of_an_adult_without_a_document_is_flagged() -> None:
    assert flags(GUARDIAN, births={"p-subject": date(2003, 5, 12)}) == ["guardianship_not_evidenced"]
    assert flags(GUARDIAN, births={"p-subject": date(2003, 5, 13)}) == []
    assert flags(replace(GUARDIAN, basis_doc="判决书"), births={"p-subject": date(2003, 5, 12)}) == []


def test_only_members_move_and_are_recognised() -> None:
    stranger = ("p-son", "p-stranger")
    assert refusals(replace(MOVE, persons=stranger), OPENED) == ["not_a_member /data/persons"]
    assert refusals(replace(MOVE, persons=("p-son",)), OPENED) == []
    assert refusals(replace(RECOGNITION, disabled_members=stranger), OPENED) == ["not_a_member /data/disabled_members"]


def test_a_case_goes_to_another_county_than_the_one_that_holds_it() -> None:
    assert refusals(replace(TRANSFER, to_division="421221"), OPENED) == ["same_division /data/to_division"]
    held_there = (OPENED, ON_ITS_WAY, (ACCEPTED, "family"))
    assert refusals(TRANSFER, *held_there) == ["same_division /data/to_division"]
    assert refusals(replace(TRANSFER, to_division="421221"), *held_there) == []


def test_a_transfer_without_a_move_or_by_another_county_than_the_holder_is_flagged() -> None:
    moved = (MOVE, "family")
    assert flags(TRANSFER, OPENED) == ["transfer_without_move"]
    assert flags(TRANSFER, OPENED, moved) == []
    assert flags(TRANSFER, OPENED, moved, division="421222") == ["not_the_holder"]
    assert flags(TRANSFER, OPENED, moved, division=None) == []


def test_a_case_is_accepted_after_it_was_sent() -> None:
    assert refusals(ACCEPTED, OPENED, division="421202") == ["out_of_order /subject"]
    assert refusals(ACCEPTED, OPENED, ON_ITS_WAY, division="421202") == []


def test_a_case_is_accepted_once_and_where_it_was_sent() -> None:
    wrong = ["not_the_receiver /data/accepted_division"]
    assert refusals(ACCEPTED, OPENED, ON_ITS_WAY, (ACCEPTED, "family"), division="421202") == wrong
    elsewhere = replace(ACCEPTED, accepted_division="421281")
    assert refusals(elsewhere, OPENED, ON_ITS_WAY, division="421281") == wrong


def test_a_county_accepts_a_case_for_itself() -> None:
    assert refusals(ACCEPTED, OPENED, ON_ITS_WAY, division="421221") == ["not_the_receiver /division"]
    assert refusals(ACCEPTED, OPENED, ON_ITS_WAY, division=None) == []


def test_a_guardian_on_record_consents_for_a_child_below_14() -> None:
    child = {"p-subject": date(2011, 3, 2)}
    known = (GUARDIAN, "person")
    assert refusals(CONSENT, known, births=child) == []
    other = replace(CONSENT, consent_by="p-aunt")
    assert refusals(other, known, births=child) == ["not_the_guardian /data/consent_by"]
    assert refusals(other, known, births={"p-subject": date(2011, 3, 1)}) == []
    assert refusals(other, known) == []
    assert refusals(other, births=child) == []


def test_the_guardian_designated_last_is_the_one() -> None:
    child, father = {"p-subject": date(2021, 5, 12)}, replace(GUARDIAN, guardian="p-father", from_date=date(2025, 3, 1))
    on_record = ((father, "person"), (GUARDIAN, "person"))
    assert refusals(CONSENT, *on_record, births=child) == ["not_the_guardian /data/consent_by"]
    assert refusals(CONSENT, *on_record, births=child, happened=date(2025, 2, 28)) == []


def test_consent_for_a_child_without_a_guardian_on_record_is_flagged() -> None:
    child = {"p-subject": date(2021, 5, 12)}
    assert flags(CONSENT, births=child) == ["guardian_unknown"]
    assert flags(CONSENT, (GUARDIAN, "person"), births=child) == []
    assert flags(CONSENT, births={"p-subject": date(2001, 5, 12)}) == []


def test_consent_does_not_end_before_it_is_given() -> None:
    assert refusals(replace(CONSENT, valid_to=date(2025, 2, 28))) == ["period_reversed /data/valid_to"]
    assert refusals(replace(CONSENT, valid_to=date(2025, 3, 1))) == []


def test_every_child_member_is_a_disabled_member() -> None:
    wrong = replace(RECOGNITION, child_members=("p-son", "p-daughter"))
    assert refusals(wrong, OPENED) == ["child_not_disabled /data/child_members"]


def test_a_disability_without_certificate_or_diagnosis_is_flagged() -> None:
    issued = replace(CERTIFICATE, issued_on=date(2019, 6, 18), valid_to=date(2029, 6, 18))
    father, son = (issued, "person", "p-father"), (issued, "person", "p-son")
    diagnosed = (DIAGNOSIS, "person", "p-son")
    young = {"p-son": date(2018, 2, 22)}
    assert flags(RECOGNITION, OPENED, father, son) == []
    assert flags(RECOGNITION, OPENED, father) == ["disability_not_evidenced"]
    assert flags(RECOGNITION, OPENED, father, diagnosed, births=young) == []
    assert flags(RECOGNITION, OPENED, father, diagnosed, births={"p-son": date(2018, 2, 21)}) == [
        "disability_not_evidenced"
    ]
    county = (replace(DIAGNOSIS, hospital_level="3B"), "person", "p-son")
    assert flags(RECOGNITION, OPENED, father, county, births=young) == ["disability_not_evidenced"]
    frozen = (replace(FROZEN, frozen_on=date(2025, 2, 20)), "person", "p-father")
    assert flags(RECOGNITION, OPENED, father, son, frozen) == ["disability_not_evidenced"]
    expired = (replace(issued, valid_to=date(2025, 2, 20)), "person", "p-father")
    assert flags(RECOGNITION, OPENED, expired, son) == ["disability_not_evidenced"]


def test_a_referral_is_answered_once_unless_it_was_returned() -> None:
    made, answer = (ReferralMade(to_dept="DPF", need="REHAB"), "process"), ReferralAnswered(decision="approved")
    assert refusals(answer, made, (answer, "process")) == ["already_answered /process"]
    assert refusals(answer, made, (ReferralAnswered(decision="returned"), "process")) == []
    assert refusals(answer, made, (answer, "process"), made) == []


def test_a_gap_is_put_off_for_180_days_at_most() -> None:
    assert refusals(HOLD, OPENED, happened=date(2026, 3, 9)) == []
    assert refusals(HOLD, OPENED, happened=date(2026, 3, 8)) == ["hold_too_long /data/hold_until"]
    assert refusals(HOLD, OPENED, happened=date(2026, 9, 6)) == ["period_reversed /data/hold_until"]
    assert refusals(replace(HOLD, hold_until=None), OPENED) == []


def test_an_entitlement_is_one_of_the_34() -> None:
    for number, known in (("E01", True), ("E34", True), ("E35", False), ("E00", False), ("E1", False), ("e01", False)):
        found = refusals(replace(HOLD, entitlement=number, gap_type="G5", hold_until=None), OPENED)
        assert found == ([] if known else ["unknown_entitlement /data/entitlement"])


def test_what_was_merged_into_another_is_merged_no_more() -> None:
    before = (MERGE, "merged", "XN-F-0DVP7B3D")
    assert refusals(MERGE, OPENED, before) == ["already_merged /data/merged_family"]
    into = replace(MERGE, merged_family="XN-F-00000001", survivor="XN-F-0DVP7B3D")
    assert refusals(into, OPENED, before) == ["already_merged /data/survivor"]
    assert refusals(replace(MERGE, merged_family="XN-F-00000001"), OPENED, before) == []


def test_a_parameter_for_days_already_past_is_flagged() -> None:
    assert flags(PARAMETER, happened=date(2027, 1, 2)) == ["effective_in_the_past"]
    assert flags(PARAMETER, happened=date(2027, 1, 1)) == []


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
FROZEN = DisabilityCertificateFrozen(reason="户口迁移超过半年未迁证", frozen_on=date(2026, 9, 8))
UNFROZEN = DisabilityCertificateUnfrozen(unfrozen_on=date(2026, 9, 21))
APPLICATION = DisabilityCertificateApplied(apply_kind="first", applied_by="p-mother")
CHECKED = TwoSubsidiesReviewed(decision="approved", category="2", grade="1")
APPLIED = (APPLICATION, "process")
ASSESSED = (ASSESSMENT, "process")
ISSUED = (CERTIFICATE, "person")


def test_a_certificate_may_be_asked_for_at_any_time() -> None:
    assert refusals(APPLICATION) == []
    assert flags(APPLICATION) == []


def test_an_assessment_follows_the_application_in_the_same_process() -> None:
    assert refusals(ASSESSMENT) == ["out_of_order /process"]
    assert refusals(ASSESSMENT, APPLIED) == []


def test_a_certificate_is_issued_after_an_assessment_in_the_same_process() -> None:
    assert refusals(CERTIFICATE, APPLIED) == ["out_of_order /process"]
    assert refusals(CERTIFICATE, ASSESSED) == []


def test_a_grade_changes_after_the_person_had_a_certificate() -> None:
    assert refusals(CHANGE) == ["out_of_order /subject"]
    for held in (CERTIFICATE, CHANGE, MIGRATION):
        assert refusals(CHANGE, (held, "person")) == []


def test_a_certificate_is_frozen_after_it_was_issued_to_the_person() -> None:
    assert refusals(FROZEN) == ["out_of_order /subject"]
    for held in (CERTIFICATE, CHANGE, MIGRATION):
        assert refusals(FROZEN, (held, "person")) == []


def test_a_certificate_is_unfrozen_after_it_was_frozen() -> None:
    assert refusals(UNFROZEN, ISSUED) == ["not_frozen /data/unfrozen_on", "out_of_order /subject"]
    assert refusals(UNFROZEN, (FROZEN, "person")) == []


def test_the_check_for_the_two_subsidies_does_not_wait_for_civil_affairs() -> None:
    assert refusals(CHECKED) == []


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


def test_a_certificate_number_begins_with_the_holders_own_number() -> None:
    wrong = ["certificate_of_another /data/cert_no"]
    assert refusals(CERTIFICATE, ASSESSED, own_certificate=False) == wrong
    assert refusals(CHANGE, ISSUED, own_certificate=False) == wrong
    assert refusals(CERTIFICATE, own_certificate=False, legacy=True) == wrong


def test_a_renewal_or_migration_without_a_certificate_on_record_is_flagged() -> None:
    for kind in ("renew", "reissue", "migrate"):
        again = replace(APPLICATION, apply_kind=kind)
        assert flags(again) == ["certificate_not_on_record"]
        assert flags(again, ISSUED) == []
    moved = (MOVE, "family")
    assert flags(MIGRATION, moved) == ["certificate_not_on_record"]
    assert flags(MIGRATION, moved, ISSUED) == []


def test_a_migration_without_a_move_of_the_family_is_flagged() -> None:
    assert flags(MIGRATION, ISSUED) == ["migrated_without_move"]


def test_an_application_for_a_child_by_somebody_else_than_the_guardian_is_flagged() -> None:
    known, child = (GUARDIAN, "person"), {"p-subject": date(2007, 3, 2)}
    other = replace(APPLICATION, applied_by="p-aunt")
    assert flags(APPLICATION, known, births=child) == []
    assert flags(other, known, births=child) == ["not_the_guardian"]
    assert flags(replace(other, applied_by=None), known, births=child) == ["not_the_guardian"]
    assert flags(other, births=child) == []
    adult = {"p-subject": date(2007, 3, 1)}
    assert flags(other, known, births=adult) == []
    assert flags(replace(other, claimed_category="6"), known, births=adult) == ["not_the_guardian"]


def test_a_certificate_that_differs_from_its_assessment_is_flagged() -> None:
    assert flags(CERTIFICATE, ASSESSED) == []
    assert flags(CERTIFICATE, (replace(ASSESSMENT, grade="2"), "process")) == ["differs_from_assessment"]
    assert flags(CERTIFICATE, (replace(ASSESSMENT, grade="2"), "process"), ASSESSED) == []


def test_a_multiple_disability_whose_parts_nobody_named_is_flagged() -> None:
    multiple, unnamed = replace(CERTIFICATE, category="7"), replace(ASSESSMENT, category="7")
    assert flags(multiple, (unnamed, "process")) == ["components_unknown"]
    named = replace(unnamed, components=({"category": "2", "grade": "1"}, {"category": "4", "grade": "3"}))
    assert flags(multiple, (named, "process")) == []


def test_a_change_from_something_else_than_the_certificate_in_force_is_flagged() -> None:
    held = (replace(CERTIFICATE, category="6", grade="2"), "person")
    assert flags(CHANGE, held) == []
    assert flags(CHANGE, ISSUED) == ["differs_from_certificate"]
    earlier = (replace(CHANGE, grade="1", effective_on=date(2026, 6, 15)), "person")
    assert flags(CHANGE, held, earlier) == ["differs_from_certificate"]
    later = (replace(CHANGE, grade="1", effective_on=date(2027, 6, 16)), "person")
    assert flags(CHANGE, held, later) == []
    assert flags(CHANGE, (MIGRATION, "person")) == []


def test_a_certificate_is_frozen_once_until_it_is_unfrozen() -> None:
    again = replace(FROZEN, frozen_on=date(2026, 9, 22))
    frozen, unfrozen = (FROZEN, "person"), (UNFROZEN, "person")
    assert refusals(again, ISSUED, frozen) == ["not_in_force /data/frozen_on"]
    assert refusals(again, ISSUED, frozen, unfrozen) == []
    early = replace(UNFROZEN, unfrozen_on=date(2026, 9, 7))
    assert refusals(early, frozen) == ["not_frozen /data/unfrozen_on"]
    assert refusals(replace(UNFROZEN, unfrozen_on=date(2026, 9, 22)), frozen, unfrozen) == [
        "not_frozen /data/unfrozen_on"
    ]


def test_a_check_for_the_two_subsidies_by_another_certificate_is_flagged() -> None:
    day = date(2025, 7, 22)
    assert flags(CHECKED, ISSUED, happened=day) == []
    assert flags(replace(CHECKED, grade="2"), ISSUED, happened=day) == ["differs_from_certificate"]
    assert flags(replace(CHECKED, grade="2"), happened=day) == []
    assert flags(replace(CHECKED, grade="2"), ISSUED, happened=date(2025, 3, 17)) == []


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
DIAGNOSIS = DiagnosisReported(
    category="HEA",
    hospital="12421299MB0HP00104",
    hospital_level="3A",
    reported_on=date(2025, 2, 20),
    recommend_rehab=True,
    doc="诊断A-1",
)
REPORT = CochlearReportIssued(
    hospital="12421299MB0HP00104",
    hospital_level="3A",
    hearing_grade="1",
    meets_condition=True,
    indication=True,
    reported_on=date(2025, 5, 12),
    doc="报告A-2",
)
AID_APPLICATION = RehabAidApplied(items=("TRAIN",), category="HEA", applied_by="p-mother", aid_year=2025)
IMPLANT = CochlearImplanted(hospital="12421299MB0HP00104", side="right", implanted_on=date(2025, 6, 17))
ASKED_FOR_AID = (AID_APPLICATION, "process")
AIDED = (AID, "process")
IN_TRAINING = (START, "process")
ASKED_FOR_SUBSIDY = (COSTS, "process")
ASKED_FOR_IMPLANT = (CochlearSubsidyApplied(report_event="e-1"), "process")
IMPLANTED = (IMPLANT, "process")


def test_aid_is_asked_for_and_a_report_written_at_any_time() -> None:
    assert refusals(AID_APPLICATION) == []
    assert refusals(COSTS) == []
    assert refusals(REPORT) == []


def test_aid_is_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(AID) == ["out_of_order /process"]
    assert refusals(AID, ASKED_FOR_AID) == []


def test_training_starts_after_the_decision_in_the_same_process() -> None:
    assert refusals(START, ASKED_FOR_AID) == ["out_of_order /process"]
    assert refusals(START, AIDED) == []


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
    application, unknown = CochlearSubsidyApplied(report_event="e-0"), "reference_unknown /data/report_event"
    assert refusals(application) == [unknown, "out_of_order /subject"]
    assert refusals(application, (REPORT, "person")) == []
    assert refusals(replace(application, report_event="e-1"), (REPORT, "person")) == [unknown]


def test_an_implant_subsidy_is_decided_after_the_application_in_the_same_process() -> None:
    assert refusals(IMPLANT_SUBSIDY) == ["out_of_order /process"]
    assert refusals(IMPLANT_SUBSIDY, ASKED_FOR_IMPLANT) == []


def test_an_implant_follows_the_decision_in_the_same_process() -> None:
    assert refusals(IMPLANT, ASKED_FOR_IMPLANT) == ["out_of_order /process"]
    assert refusals(IMPLANT, (IMPLANT_SUBSIDY, "process")) == []


def test_a_mapping_follows_the_implant_in_the_same_process() -> None:
    assert refusals(MAPPING) == ["out_of_order /process"]
    assert refusals(MAPPING, IMPLANTED) == []


def test_aid_does_not_end_before_it_starts() -> None:
    assert refusals(replace(AID, aid_to=date(2025, 4, 8)), ASKED_FOR_AID) == ["period_reversed /data/aid_to"]
    assert refusals(replace(AID, aid_to=date(2025, 4, 9)), ASKED_FOR_AID) == []
    assert refusals(replace(AID, decision="refused", aid_from=None, aid_to=None), ASKED_FOR_AID) == []


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


def test_a_subsidy_may_be_rounded_up_to_the_next_cent() -> None:
    rounded = replace(SUBSIDY, eligible_self_paid=Decimal("33.33"), amount=Decimal("16.67"))
    assert refusals(rounded, ASKED_FOR_SUBSIDY) == []


def test_mappings_are_counted_from_one() -> None:
    assert refusals(replace(MAPPING, mapping_no=0), IMPLANTED) == ["mapping_not_counted_from_one /data/mapping_no"]


def test_an_approval_says_how_much_and_from_when() -> None:
    assert refusals(replace(AID, aid_from=None, aid_to=None), ASKED_FOR_AID) == [
        "period_missing /data/aid_from",
        "period_missing /data/aid_to",
    ]
    missing = ["amount_missing /data/rate"]
    assert refusals(replace(SUBSIDY, rate=None), ASKED_FOR_SUBSIDY) == missing
    assert refusals(replace(IMPLANT_SUBSIDY, fund=None), ASKED_FOR_IMPLANT) == ["amount_missing /data/fund"]
    refused = CochlearSubsidyDecided(decision="refused", refuse_reason="institution")
    assert refusals(refused, ASKED_FOR_IMPLANT) == []


def test_what_aid_is_asked_for_is_named_once() -> None:
    twice = ("TRAIN", "TRAIN")
    assert refusals(replace(AID_APPLICATION, items=twice)) == ["code_named_twice /data/items"]


def test_a_second_category_in_one_aid_year_is_flagged() -> None:
    before = (AID_APPLICATION, "person")
    assert flags(replace(AID_APPLICATION, category="AUT"), before) == ["second_category"]
    assert flags(replace(AID_APPLICATION, category="AUT", aid_year=2026), before) == []
    assert flags(AID_APPLICATION, before) == []


def test_aid_asked_for_by_somebody_else_than_the_guardian_is_flagged() -> None:
    known, child = (GUARDIAN, "person"), {"p-subject": date(2021, 5, 12)}
    other = replace(AID_APPLICATION, applied_by="p-aunt")
    assert flags(AID_APPLICATION, known, births=child) == []
    assert flags(other, known, births=child) == ["not_the_guardian"]
    assert flags(replace(other, applied_by=None), known, births=child) == []
    assert flags(other, births=child) == []
    assert flags(other, known, births={"p-subject": date(2001, 5, 12)}) == []


def test_training_starts_while_approved_aid_lasts() -> None:
    wrong = ["no_approval_in_force /data/started_on"]
    assert refusals(replace(START, started_on=date(2026, 1, 1)), AIDED) == wrong
    assert refusals(replace(START, started_on=date(2025, 12, 31)), AIDED) == []
    refused = (replace(AID, decision="refused"), "process")
    assert refusals(START, AIDED, refused) == wrong
    assert refusals(START, refused, AIDED) == []


def test_a_child_is_in_one_training_at_a_time() -> None:
    other, other_aid = (replace(START, started_on=date(2025, 5, 6)), "person"), (AID, "person")
    wrong = ["already_in_training /data/started_on"]
    assert refusals(START, AIDED, other, other_aid) == wrong
    assert refusals(START, AIDED, other) == wrong
    over = (replace(AID, aid_to=date(2025, 8, 3)), "person")
    assert refusals(START, AIDED, other, over) == []
    later = (replace(START, started_on=date(2025, 8, 5)), "person")
    assert refusals(START, AIDED, later, other_aid) == []


def test_a_month_lies_in_the_approved_aid_and_not_before_the_start() -> None:
    assert refusals(MONTH, AIDED, IN_TRAINING) == []
    outside = "month_outside_aid /data/month"
    assert refusals(replace(MONTH, month="2026-01"), AIDED, IN_TRAINING) == [outside]
    assert refusals(replace(MONTH, month="2025-07"), AIDED, IN_TRAINING) == ["month_before_start /data/month"]
    early = refusals(replace(MONTH, month="2025-03"), AIDED, IN_TRAINING)
    assert sorted(early) == ["month_before_start /data/month", outside]
    assert refusals(replace(MONTH, month="2025-12"), AIDED, IN_TRAINING) == []


def test_a_month_above_the_annual_limit_is_flagged() -> None:
    given = (AIDED, IN_TRAINING, *[(MONTH, "process")] * 9)
    assert flags(MONTH, *given) == []
    assert flags(replace(MONTH, fee_aided=Decimal("1580.01")), *given) == ["above_annual_limit"]


def test_a_change_from_another_institution_than_the_one_on_record_is_flagged() -> None:
    there = (replace(START, institution=NEW_INSTITUTION.old_institution), "process")
    unknown = "institution_not_designated"
    assert flags(NEW_INSTITUTION, there) == [unknown]
    assert flags(NEW_INSTITUTION, there, (NEW_INSTITUTION, "process")) == ["differs_from_record", unknown]
    assert flags(NEW_INSTITUTION, IN_TRAINING) == ["differs_from_record", unknown]


def test_a_change_of_institution_after_the_aid_has_ended_is_flagged() -> None:
    there = (replace(START, institution=NEW_INSTITUTION.old_institution), "process")
    unknown = "institution_not_designated"
    assert flags(NEW_INSTITUTION, there, AIDED) == ["no_approval_in_force", unknown]
    assert flags(replace(NEW_INSTITUTION, from_date=date(2025, 12, 31)), there, AIDED) == [unknown]


def test_a_claim_of_a_family_that_is_not_recognised_is_flagged() -> None:
    paid = (replace(MONTH, fee_self=Decimal("4100.00")), "person")
    assert flags(COSTS, paid) == ["not_difficult"]
    assert flags(COSTS, paid, (RECOGNITION, "family")) == []


def test_a_claim_above_the_reported_cost_is_flagged() -> None:
    recognised = (RECOGNITION, "family")
    paid = [(replace(MONTH, month=month, fee_self=Decimal("2050.00")), "person") for month in ("2025-08", "2025-12")]
    assert flags(COSTS, recognised, *paid) == []
    assert flags(replace(COSTS, self_paid=Decimal("4100.01")), recognised, *paid) == ["above_reported_cost"]
    outside = (replace(MONTH, month="2026-01", fee_self=Decimal("9999.00")), "person")
    assert flags(COSTS, recognised, paid[0], outside) == ["above_reported_cost"]


def test_no_more_is_eligible_than_was_claimed() -> None:
    above = replace(SUBSIDY, eligible_self_paid=Decimal("4100.01"))
    assert refusals(above, ASKED_FOR_SUBSIDY) == ["above_application /data/eligible_self_paid"]


def test_an_implant_that_nobody_approved_is_flagged() -> None:
    approved, refused = (IMPLANT_SUBSIDY, "process"), (replace(IMPLANT_SUBSIDY, decision="refused"), "process")
    assert flags(IMPLANT, approved, refused) == ["no_approval_in_force"]
    assert flags(IMPLANT, refused, approved) == []


def test_a_mapping_out_of_sequence_is_flagged() -> None:
    first = (MAPPING, "process")
    assert flags(MAPPING, IMPLANTED) == []
    assert flags(replace(MAPPING, mapping_no=2), IMPLANTED, first) == []
    assert flags(MAPPING, IMPLANTED, first) == ["mapping_out_of_sequence"]
    assert flags(replace(MAPPING, mapping_no=2), IMPLANTED) == ["mapping_out_of_sequence"]
