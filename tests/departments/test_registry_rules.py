"""What the registry's events may not contain, and which may follow which: every number both ways."""

from collections.abc import Callable
from typing import Any

import pytest

from services.disability_federation.certificates.events import DisabilityCertificateIssued
from services.disability_federation.registry.events import (
    CaseClosed,
    CaseReopened,
    CaseTransferAccepted,
    CaseTransferred,
    ConsentRecorded,
    ConsentWithdrawn,
    DataShareAnswered,
    DataShareRequested,
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    DuplicateMerged,
    FamilyCaseOpened,
    FamilyMemberAdded,
    FamilyMemberRemoved,
    FileImported,
    GapActionRecorded,
    GuardianDesignated,
    HouseholdMoved,
    MemberRelationRecorded,
    NeedsSurveyed,
    PersonDeceased,
    PersonIdentityCorrected,
    PolicyParameterSet,
    RecordDisputed,
    RecordDisputeResolved,
    ReferralAnswered,
    ReferralMade,
    RightsInformed,
    ServiceDeclined,
    TransitionPlanned,
)
from services.disability_federation.rehabilitation.events import DiagnosisReported
from shared.door.department import Department
from tests.departments.cases import Case, check, holds
from tests.departments.past import On
from tests.departments.test_rules_at_the_door import by_federation, corrected, said_of, withdrawn
from tests.world import DAUGHTER, FATHER, MOTHER, SON, family_opened

HEAD, CHILD = "421299198803150132", "42129920210512020X"
STRANGER, NEWBORN = "422399198701190420", "421299202507010142"
OPENED = (FamilyCaseOpened, "family")
CLOSED, REOPENED = (CaseClosed, "family"), (CaseReopened, "family")
GUARDED = (GuardianDesignated, "person")
RECOGNISED, ENDED = (DifficultFamilyRecognised, "family"), (DifficultFamilyEnded, "family")
FAMILY = [HEAD, CHILD]
NO_CASE = "no_case /subject"
NOT_HERS = {"field": "id_number", "new_value": STRANGER, "new_name": None}
CERTIFIED = [
    On((DisabilityCertificateIssued, {"issued_on": "2025-01-10", "valid_to": "2035-01-09"}), "person", of=person)
    for person in FAMILY
]

CASES = [
    Case("REG-01.1", FamilyCaseOpened, {"members": [HEAD, CHILD, HEAD]}, refuses="person_named_twice /data/members"),
    Case("REG-01.2", FamilyCaseOpened, {"head": STRANGER}, refuses="head_not_a_member /data/head"),
    Case("REG-01.3", FamilyCaseOpened, refuses="member_of_another_family /data/members", family=FAMILY,
         given=[OPENED], fine_given=[OPENED, CLOSED]),
    Case("REG-01.3", FamilyCaseOpened, refuses="member_of_another_family /data/members", family=FAMILY,
         given=[OPENED, CLOSED, REOPENED], fine_about={"family": []}),
    Case("REG-02.a", FamilyMemberAdded, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-02.2", FamilyMemberAdded, {"person": NEWBORN, "relation": "30", "joined_on": "2025-06-30"},
         refuses="before_birth /data/joined_on", happened="2025-07-10",
         fine={"person": NEWBORN, "relation": "30", "joined_on": "2025-07-01"}),
    Case("REG-03.a", FamilyMemberRemoved, refuses=NO_CASE, fine_given=[OPENED], family=["422399199007080242"]),
    Case("REG-03.1", FamilyMemberRemoved, {"person": STRANGER}, refuses="not_a_member /data/person", given=[OPENED],
         family=["422399199007080242", *FAMILY]),
    Case("REG-04.1", GuardianDesignated, {"guardian": CHILD}, refuses="guardian_of_oneself /data/guardian"),
    Case("REG-04.2", GuardianDesignated, {"basis_doc": None}, flags="guardianship_not_evidenced",
         births={CHILD: "2003-05-12"}),
    Case("REG-05.a", HouseholdMoved, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-05.1", HouseholdMoved, {"to_division": "421221"}, refuses="same_division /data/to_division",
         fine={"move_kind": "residence", "to_division": "421221"}),
    Case("REG-05.2", HouseholdMoved, {"persons": [HEAD, STRANGER]}, refuses="not_a_member /data/persons",
         given=[OPENED], family=FAMILY),
    Case("REG-06.a", CaseTransferred, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-06.b", CaseTransferred, flags="transfer_without_move", fine_given=[(HouseholdMoved, "family")]),
    Case("REG-06.1", CaseTransferred, {"to_division": "421221"}, refuses="same_division /data/to_division",
         given=[OPENED]),
    Case("REG-06.1", CaseTransferred, refuses="same_division /data/to_division",
         given=[OPENED, (CaseTransferAccepted, "family")], fine={"to_division": "421221"}),
    Case("REG-06.2", CaseTransferred, flags="not_the_holder", given=[OPENED], division="421223",
         fine_about={"division": "421221"}),
    Case("REG-07.a", CaseTransferAccepted, refuses="out_of_order /subject", division="421202",
         fine_given=[(CaseTransferred, "family")]),
    Case("REG-07.1", CaseTransferAccepted, refuses="not_the_receiver /data/accepted_division",
         given=[(CaseTransferred, {"to_division": "421223"}, "family")], fine_given=[(CaseTransferred, "family")]),
    Case("REG-07.1", CaseTransferAccepted, refuses="not_the_receiver /data/accepted_division",
         given=[(CaseTransferred, "family"), (CaseTransferAccepted, "family")],
         fine_given=[(CaseTransferred, "family")]),
    Case("REG-07.2", CaseTransferAccepted, refuses="not_the_receiver /division", fine_about={"division": "421202"}),
    Case("REG-08.1", ConsentRecorded, {"consent_by": STRANGER}, refuses="not_the_guardian /data/consent_by",
         given=[GUARDED]),
    Case("REG-08.1", ConsentRecorded, {"consent_by": CHILD}, refuses="not_the_guardian /data/consent_by",
         given=[GUARDED], births={CHILD: "2011-03-02"}, fine={"consent_by": CHILD},
         fine_about={"births": {CHILD: "2011-03-01"}}),
    Case("REG-08.2", ConsentRecorded, flags="guardian_unknown", fine_given=[GUARDED]),
    Case("REG-08.2", ConsentRecorded, {"consent_by": CHILD}, flags="guardian_unknown", births={CHILD: "2010-03-01"},
         parameters={"P-CONSENT-AGE": 16}, fine={"consent_by": CHILD}, fine_about={"parameters": {}}),
    Case("REG-08.3", ConsentRecorded, {"valid_to": "2025-02-28"}, refuses="period_reversed /data/valid_to",
         fine={"valid_to": "2025-03-01"}),
    Case("REG-09.a", ConsentWithdrawn, refuses="out_of_order /subject", fine_given=[(ConsentRecorded, "person")]),
    Case("REG-09.1", ConsentWithdrawn, {"scopes": ["pairing", "publicity"]}, given=[(ConsentRecorded, "person")],
         refuses="consent_not_given /data/scopes"),
    Case("REG-09.1", ConsentWithdrawn, {"scopes": ["other", "publicity"]}, refuses="consent_not_given /data/scopes",
         given=[(ConsentRecorded, "person")], fine={"scopes": ["other"]}),
    Case("REG-09.1", ConsentWithdrawn, refuses="consent_not_given /data/scopes",
         given=[(ConsentRecorded, "person"), (ConsentWithdrawn, "person")],
         fine_given=[(ConsentRecorded, "person"), (ConsentWithdrawn, "person"), (ConsentRecorded, "person")]),
    Case("REG-10.1", PersonIdentityCorrected, NOT_HERS | {"new_value": "421299202105120201"},
         refuses="identifier_invalid /data/new_value", fine=NOT_HERS),
    Case("REG-10.1", PersonIdentityCorrected, NOT_HERS | {"field": "birth_certificate_number", "new_value": "12345"},
         refuses="identifier_invalid /data/new_value",
         fine=NOT_HERS | {"field": "birth_certificate_number", "new_value": "U420000001"}),
    Case("REG-10.2", PersonIdentityCorrected, NOT_HERS, refuses="number_in_use /data/new_value", fine=NOT_HERS,
         given=[On(FamilyCaseOpened, "family", of=STRANGER)],
         fine_given=[On(FamilyCaseOpened, "family", of=STRANGER), On(PersonDeceased, "person", of=STRANGER)]),
    Case("REG-10.3", PersonIdentityCorrected, {"new_name": None}, refuses="name_missing /data/new_name"),
    Case("REG-11.1", PersonDeceased, {"died_on": "2025-03-02"}, refuses="dated_in_the_future /data/died_on",
         fine={"died_on": "2025-03-01"}),
    Case("REG-11.2", PersonDeceased, {"died_on": "2021-05-11"}, refuses="before_birth /data/died_on",
         fine={"died_on": "2021-05-12"}),
    Case("REG-12.a", NeedsSurveyed, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-12.1", NeedsSurveyed, {"needs": ["EDU", "EDU"]}, refuses="code_named_twice /data/needs"),
    Case("REG-12.2", NeedsSurveyed, {"for_person": STRANGER}, refuses="not_a_member /data/for_person",
         given=[OPENED], family=FAMILY),
    Case("REG-13.a", DifficultFamilyRecognised, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-13.1", DifficultFamilyRecognised, {"disabled_members": [CHILD]},
         refuses="basis_without_members /data/disabled_members", fine={"disabled_members": [CHILD], "basis": "dibao"}),
    Case("REG-13.1", DifficultFamilyRecognised, parameters={"P-MULTI-MIN": 3},
         refuses="basis_without_members /data/disabled_members", fine_about={"parameters": {"P-MULTI-MIN": 1}}),
    Case("REG-13.2", DifficultFamilyRecognised, {"disabled_members": [HEAD, STRANGER]},
         refuses="child_not_disabled /data/child_members"),
    Case("REG-13.3", DifficultFamilyRecognised, {"child_members": [HEAD]}, refuses="no_child /data/child_members"),
    Case("REG-13.3", DifficultFamilyRecognised, {"effective_from": "2039-05-12"}, fine={"effective_from": "2039-05-11"},
         refuses="no_child /data/child_members"),
    Case("REG-13.4", DifficultFamilyRecognised, {"disabled_members": [HEAD, CHILD, STRANGER]}, given=[OPENED],
         refuses="not_a_member /data/disabled_members", family=FAMILY),
    Case("REG-13.5", DifficultFamilyRecognised, flags="disability_not_evidenced", given=CERTIFIED[:1],
         fine_given=CERTIFIED),
    Case("REG-13.5", DifficultFamilyRecognised, flags="disability_not_evidenced",
         given=[*CERTIFIED[:1], On((DiagnosisReported, {"hospital_level": "3B"}), "person", of=CHILD)],
         fine_given=[*CERTIFIED[:1], On(DiagnosisReported, "person", of=CHILD)]),
    Case("REG-13.5", DifficultFamilyRecognised, flags="disability_not_evidenced",
         given=[*CERTIFIED[:1], On(DiagnosisReported, "person", of=CHILD)],
         parameters={"P-DISABLED-EVIDENCE": "cert_only"}, fine_about={"parameters": {}}),
    Case("REG-14.a", DifficultFamilyEnded, refuses="out_of_order /subject", fine_given=[RECOGNISED]),
    Case("REG-14.1", DifficultFamilyEnded, refuses="nothing_to_end /subject", given=[RECOGNISED, ENDED],
         fine_given=[RECOGNISED, ENDED, RECOGNISED]),
    Case("REG-14.2", DifficultFamilyEnded, {"effective_to": "2025-02-20"}, given=[RECOGNISED],
         refuses="period_reversed /data/effective_to", fine={"effective_to": "2025-02-21"}),
    Case("REG-16.a", ReferralAnswered, refuses="out_of_order /process", fine_given=[(ReferralMade, "process")]),
    Case("REG-16.1", ReferralAnswered, refuses="already_answered /process",
         given=[(ReferralMade, "process"), (ReferralAnswered, "process")],
         fine_given=[(ReferralMade, "process"), (ReferralAnswered, {"decision": "returned"}, "process")]),
    Case("REG-17.1", TransitionPlanned, {"next_services": ["CARE", "CARE"]},
         refuses="code_named_twice /data/next_services"),
    Case("REG-18.1", ServiceDeclined, {"until": "2025-02-28"}, refuses="period_reversed /data/until",
         fine={"until": "2025-03-01"}),
    Case("REG-18.2", ServiceDeclined, {"need": "EDU"}, refuses="cannot_be_declined /data/need"),
    Case("REG-18.3", ServiceDeclined, {"declined_by": STRANGER}, flags="not_the_guardian", given=[GUARDED]),
    Case("REG-18.3", ServiceDeclined, {"declined_by": STRANGER}, flags="not_the_guardian", given=[GUARDED],
         fine={"declined_by": CHILD}, fine_about={"births": {CHILD: "2007-03-01"}}),
    Case("REG-19.a", GapActionRecorded, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-19.1", GapActionRecorded, {"hold_until": "2025-08-29"}, refuses="hold_too_long /data/hold_until",
         fine={"hold_until": "2025-08-28"}),
    Case("REG-19.2", GapActionRecorded, {"hold_until": "2025-02-28"}, refuses="period_reversed /data/hold_until",
         fine={"hold_until": "2025-03-01"}),
    Case("REG-19.3", GapActionRecorded, {"entitlement": "E35"}, refuses="unknown_entitlement /data/entitlement"),
    Case("REG-19.3", GapActionRecorded, {"entitlement": "E05", "gap_type": "G1"},
         refuses="unknown_entitlement /data/gap_type", fine={"entitlement": "E05", "gap_type": "G5"}),
    Case("REG-19.4", GapActionRecorded, {"person": STRANGER}, refuses="not_a_member /data/person", given=[OPENED],
         family=FAMILY, fine={"person": None}),
    Case("REG-20.a", CaseClosed, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-20.1", CaseClosed, refuses="already_closed /subject", given=[OPENED, CLOSED],
         fine_given=[OPENED, CLOSED, REOPENED]),
    Case("REG-21.a", CaseReopened, refuses="out_of_order /subject", given=[OPENED], fine_given=[OPENED, CLOSED]),
    Case("REG-21.1", CaseReopened, refuses="not_closed /subject", given=[OPENED, CLOSED, REOPENED],
         fine_given=[OPENED, CLOSED, REOPENED, CLOSED]),
    Case("REG-24.a", DuplicateMerged, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-24.1", DuplicateMerged, {"merged_family": None, "merged_person": None},
         refuses="nothing_merged /data/merged_family", fine={"merged_family": None}),
    Case("REG-24.2", DuplicateMerged, {"merged_person": HEAD}, refuses="merged_into_itself /data/survivor"),
    Case("REG-24.3", DuplicateMerged, refuses="already_merged /data/merged_family",
         given=[On(DuplicateMerged, "merged", of="XN-F-0A1B2C3D")], fine={"merged_family": "XN-F-00000001"}),
    Case("REG-24.3", DuplicateMerged, refuses="already_merged /data/survivor",
         given=[On(DuplicateMerged, "merged", of=HEAD)], fine={"survivor": STRANGER}),
    Case("REG-26.a", RecordDisputeResolved, refuses="out_of_order /process", fine_given=[(RecordDisputed, "process")]),
    Case("REG-26.1", RecordDisputeResolved, refuses="already_answered /process",
         given=[(RecordDisputed, "process"), (RecordDisputeResolved, "process")],
         fine_given=[(RecordDisputed, "process")]),
    Case("REG-26.2", RecordDisputeResolved, {"correction_event": None},
         refuses="correction_missing /data/correction_event", fine={"outcome": "upheld", "correction_event": None}),
    Case("REG-27.1", FileImported, {"rows_rejected": 1}, refuses="rows_do_not_add_up /data/rows_total"),
    Case("REG-29.a", DataShareAnswered, refuses="out_of_order /process", fine_given=[(DataShareRequested, "process")]),
    Case("REG-30.1", PolicyParameterSet, {"parameter": "P-NOBODY-KNOWS"}, refuses="unknown_parameter /data/parameter"),
    Case("REG-30.1", PolicyParameterSet, {"value": "一半"}, refuses="unknown_parameter /data/value"),
    Case("REG-30.2", PolicyParameterSet, {"effective_from": "2025-02-28"}, flags="effective_in_the_past",
         fine={"effective_from": "2025-03-01"}),
    Case("REG-31.a", MemberRelationRecorded, refuses=NO_CASE, fine_given=[OPENED]),
    Case("REG-31.1", MemberRelationRecorded, {"parent_of": [CHILD]}, refuses="parent_of_oneself /data/parent_of"),
    Case("REG-32.1", RightsInformed, flags="no_case", fine_given=[OPENED]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_what_it_must_and_nothing_else(case: Case) -> None:
    check(case)


@pytest.fixture
def federation(department: Callable[[str], Department]) -> Department:
    return department("disability_federation")


def joined(person: str, on: str, subject: str = FATHER) -> dict[str, Any]:
    return by_federation("family_member_added", subject, person=person, relation="10", joined_on=on, coresident=True)


def left(person: str, on: str, subject: str = FATHER, reason: str = "separate") -> dict[str, Any]:
    return by_federation("family_member_removed", subject, person=person, reason=reason, left_on=on)


def died(person: str, on: str) -> dict[str, Any]:
    return by_federation("person_deceased", person, died_on=on)


def surveyed(subject: str, for_person: str | None = None) -> dict[str, Any]:
    data = {"surveyor": "村残联专干", "needs": ["EDU"]} | ({"for_person": for_person} if for_person else {})
    return by_federation("needs_surveyed", subject, **data)


@holds("REG-02.1")
def test_who_joins_a_family_has_left_the_other_one(federation: Department) -> None:
    hers = family_opened([STRANGER])
    assert said_of(federation, family_opened(), hers, joined(STRANGER, "2025-02-10")) == [
        "", "", "member_of_another_family",
    ]  # fmt: skip
    leaving = left(STRANGER, "2025-02-10", STRANGER)
    assert said_of(federation, leaving, joined(STRANGER, "2025-02-09")) == ["", "member_of_another_family"]
    assert said_of(federation, joined(STRANGER, "2025-02-10"), surveyed(MOTHER, STRANGER)) == ["", ""]
    assert said_of(federation, withdrawn(leaving), joined(STRANGER, "2025-02-11", SON)) == [
        "", "member_of_another_family",
    ]  # fmt: skip


def test_who_joined_is_asked_about_like_the_others_and_who_left_no_more(federation: Department) -> None:
    assert said_of(federation, family_opened([FATHER, DAUGHTER]), surveyed(MOTHER)) == ["", "no_case"]
    coming = joined(MOTHER, "2025-02-10")
    assert said_of(federation, coming, surveyed(MOTHER), surveyed(FATHER, MOTHER)) == ["", "", ""]
    assert said_of(federation, joined(SON, "2025-02-11", MOTHER), surveyed(SON, DAUGHTER)) == ["", ""]
    going = left(MOTHER, "2025-02-20")
    assert said_of(federation, left(MOTHER, "2025-02-09"), going, left(MOTHER, "2025-02-21")) == [
        "not_a_member", "", "not_a_member",
    ]  # fmt: skip
    assert said_of(federation, surveyed(MOTHER), surveyed(FATHER, MOTHER)) == ["no_case", "not_a_member"]
    assert said_of(federation, corrected(going, left_on="2025-03-20"), surveyed(MOTHER)) == ["", ""]


def test_who_has_died_belongs_to_the_family_but_is_no_member(federation: Department) -> None:
    assert said_of(federation, family_opened(), died(FATHER, "2025-02-20"), surveyed(MOTHER, SON)) == ["", "", ""]
    assert said_of(federation, surveyed(MOTHER, FATHER)) == ["not_a_member"]
    assert said_of(federation, left(FATHER, "2025-02-25", MOTHER), left(FATHER, "2025-02-25", MOTHER, "death")) == [
        "not_a_member", "",
    ]  # fmt: skip


def test_a_closed_case_holds_nobody_back_until_it_is_open_again(federation: Department) -> None:
    closed = by_federation("case_closed", FATHER, reason="moved", closed_on="2025-02-28")
    hers = family_opened([STRANGER, DAUGHTER])
    assert said_of(federation, family_opened(), hers) == ["", "member_of_another_family"]
    reopened = by_federation("case_reopened", MOTHER, reason="迁回本市")
    assert said_of(federation, closed, reopened, hers) == ["", "", "member_of_another_family"]
    assert said_of(federation, withdrawn(reopened), hers) == ["", ""]


def test_a_parameter_of_the_county_decides_who_may_consent(federation: Department) -> None:
    adult_at = {"parameter": "P-MULTI-MIN", "value": "3", "effective_from": "2025-01-01", "basis_doc": "虚构文件"}
    setting = by_federation("policy_parameter_set", None, **adult_at, division="421221")
    recognised = {"basis": "multi", "disabled_members": [FATHER, DAUGHTER], "child_members": [DAUGHTER]}
    recognised |= {"effective_from": "2025-02-21", "decided_by": "县残联"}
    here = by_federation("difficult_family_recognised", FATHER, **recognised) | {"division": "421221"}
    assert said_of(federation, family_opened(), setting, here) == ["", "effective_in_the_past", "basis_without_members"]
    assert said_of(federation, here | {"division": "421202"}) == ["disability_not_evidenced"]


def asked_for(process: str, **attributes: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return a referral, one that came from it, and its answer."""
    made = by_federation("referral_made", DAUGHTER, process, to_dept="EDU", need="EDU")
    caused = by_federation("needs_surveyed", FATHER, surveyor="专干", needs=["EDU"]) | {"causationid": made["id"]}
    answered = by_federation("referral_answered", DAUGHTER, process, decision="approved")
    return made, caused, answered | attributes


def receipt_of(federation: Department, withdrawal: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the flags of a withdrawal, and what rests on the withdrawn event."""
    receipt, _ = federation.receive(withdrawal)
    return receipt.get("flags", []), receipt.get("dependants", [])


@holds("REG-23.3")
def test_who_withdraws_an_event_is_told_what_rests_on_it(federation: Department) -> None:
    opened = family_opened()
    made, caused, answered = asked_for("RF-1")
    assert said_of(federation, opened, made, caused, answered) == ["", "", "", ""]
    disputed = by_federation(
        "record_disputed", None, "RF-1", target_event=made["id"], disputed_by="监护人", claim="有误"
    )
    assert said_of(federation, disputed) == [""]
    flags, resting = receipt_of(federation, withdrawn(made) | {"approvedby": "account-2"})
    assert (flags, set(resting)) == (["dependants_left"], {caused["id"], answered["id"], disputed["id"]})
    assert receipt_of(federation, withdrawn(answered)) == ([], [])
    assert receipt_of(federation, withdrawn(opened) | {"approvedby": "account-2"})[1] == [caused["id"]]


@holds("REG-23.3")
def test_what_something_else_precedes_rests_on_neither(federation: Department) -> None:
    made, _, answered = asked_for("RF-2")
    again = by_federation("referral_made", DAUGHTER, "RF-2", to_dept="EDU", need="CULT")
    assert said_of(federation, made, again, answered) == ["", "", ""]
    assert receipt_of(federation, withdrawn(made)) == ([], [])
    assert receipt_of(federation, withdrawn(again) | {"approvedby": "account-2"}) == (
        ["dependants_left"], [answered["id"]],
    )  # fmt: skip


@holds("REG-23.4")
def test_a_withdrawal_that_leaves_others_behind_is_approved(federation: Department) -> None:
    made, _, answered = asked_for("RF-3")
    unapproved = withdrawn(made)
    assert said_of(federation, made, answered, unapproved) == ["", "", "dependants_left approval_missing"]
    assert said_of(federation, unapproved) == ["dependants_left approval_missing"], "the same receipt again"
    made, _, answered = asked_for("RF-4", legacy=True)
    assert said_of(federation, made, answered, withdrawn(made)) == ["", "", ""]
