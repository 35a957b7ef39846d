"""The rules of self-help rehabilitation: each as it bites and as it lets pass; and how a base stands on a day."""

from datetime import date
from typing import Any

import pytest

from services.disability_federation.certificates.events import (
    DisabilityCertificateFrozen,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
)
from services.disability_federation.self_help.events import (
    BaseApplicantAssessed,
    BaseEnded,
    BaseEstablished,
    BaseInspected,
    BaselineSurveyed,
    BaseManagerAppointed,
    BaseServicePlanMade,
    CohortOpened,
    FollowUpDone,
    ParticipantEnrolled,
    ParticipantFinished,
    ParticipantReferralAnswered,
    ParticipantReferred,
    SafetyIncidentClosed,
    SafetyIncidentReported,
    ServiceArchiveFiled,
    ServiceRecordExported,
    ServiceRecordRejected,
    ServiceRecordUploaded,
    TrainerAssigned,
    TrainerQualified,
    TrainerRemoved,
    TrainingSessionHeld,
    ViolationRecorded,
)
from services.disability_federation.self_help.in_force import Standing, standing
from shared.language.catalogue import CATALOGUE
from tests.departments.cases import Case, check
from tests.departments.past import On, Past

PEER, KIN, *PROS = (
    "421299198803150132", "421299197804030111", "421299198209170237", "421299198502240353", "421299199006110415",
    "421299199311050594",
)  # fmt: skip
CONDITIONS: list[dict[str, Any]] = CATALOGUE.of(BaseApplicantAssessed).example()["conditions_met"]


def conditions(number: int, **changes: Any) -> list[dict[str, Any]]:
    """Return the seven conditions, with changes to one of them."""
    return [one | changes if one["no"] == str(number) else one for one in CONDITIONS]


def assigned(person: str, role: str, since: str = "2024-04-08") -> tuple[Any, ...]:
    return TrainerAssigned, {"trainer": person, "role": role, "from_date": since}, "base"


ESTABLISHED = [(BaseEstablished, "base")]
TEAM = [assigned(PEER, "PEER"), assigned(KIN, "KIN"), *(assigned(one, "PRO") for one in PROS[:3])]
LEFT = (TrainerRemoved, {"trainer": PROS[0], "to_date": "2024-06-02"}, "base")
COHORT = [(CohortOpened, "process base")]
ENROLLED = [(ParticipantEnrolled, "process")]
FINISHED = [(ParticipantFinished, "process")]
ENDED = (BaseEnded, {"ended_on": "2024-05-31"}, "base")
CERTIFIED = [(DisabilityCertificateIssued, {"category": "4", "issued_on": "2020-03-20", "valid_to": "2030-03-20"},
              "person")]  # fmt: skip
LEGACY = {"legacy": True}


def at(*changed: Any) -> list[Any]:
    """Return what is on record of a base: its assessment and agreement, each with what is said of it."""
    assessment, agreement = (*changed, {}, {})[:2]
    return [(BaseApplicantAssessed, assessment, "base"), (BaseEstablished, agreement, "base")]


CASES = [
    Case("SHR-02.1", BaselineSurveyed, {"needing": 47}, refuses="more_than_counted /data/needing",
         fine={"needing": 46}),
    Case("SHR-02.1", BaselineSurveyed, {"trained_before": 47}, refuses="more_than_counted /data/trained_before",
         fine={"trained_before": None, "needing": None}),

    Case("SHR-03.1", BaseApplicantAssessed, {"conditions_met": CONDITIONS[:6]},
         refuses="condition_missing /data/conditions_met", fine={"conditions_met": CONDITIONS[::-1]}),
    Case("SHR-03.1", BaseApplicantAssessed, {"conditions_met": [*CONDITIONS, CONDITIONS[0] | {"met": False}]},
         refuses="condition_missing /data/conditions_met"),
    Case("SHR-03.2", BaseApplicantAssessed, {"conditions_met": conditions(6, met=False)},
         refuses="condition_not_met /data/passed", fine={"conditions_met": conditions(6, met=False), "passed": False}),
    Case("SHR-03.2", BaseApplicantAssessed, {"conditions_met": conditions(5, valid_to="2024-03-11")},
         refuses="condition_not_met /data/passed", fine={"conditions_met": conditions(5, valid_to="2024-03-12")}),
    Case("SHR-03.3", BaseApplicantAssessed, {"capacity": 19}, refuses="capacity_too_small /data/capacity",
         fine={"capacity": 20}),
    Case("SHR-03.3", BaseApplicantAssessed, {"capacity": 19}, refuses="capacity_too_small /data/capacity",
         fine={"capacity": 19, "passed": False}),
    Case("SHR-03.4", BaseApplicantAssessed, refuses="violation_on_record /data/passed",
         given=[(ViolationRecorded, {"occurred_on": "2021-03-13"}, "organisation")],
         fine_given=[(ViolationRecorded, {"occurred_on": "2021-03-12"}, "organisation")]),
    Case("SHR-03.4", BaseApplicantAssessed, refuses="violation_on_record /data/passed",
         given=[(ViolationRecorded, {"occurred_on": "2024-03-12"}, "organisation")], fine={"passed": False}),
    Case("SHR-03.4", BaseApplicantAssessed, refuses="violation_on_record /data/passed",
         given=[(ViolationRecorded, {"occurred_on": "2024-03-12"}, "organisation")],
         fine_given=[(ViolationRecorded, {"occurred_on": "2024-03-13"}, "organisation")]),

    Case("SHR-04.a", BaseEstablished, refuses="out_of_order /data/uscc",
         fine_given=[(BaseApplicantAssessed, "organisation")]),
    Case("SHR-04.1", BaseEstablished, refuses="assessment_not_passed /data/uscc",
         given=[(BaseApplicantAssessed, {"passed": False, "capacity": 12}, "base")],
         fine_given=[(BaseApplicantAssessed, "base")]),
    Case("SHR-04.1", BaseEstablished, {"category": "SH1"}, refuses="assessment_not_passed /data/uscc",
         given=[(BaseApplicantAssessed, "base")]),
    Case("SHR-04.1", BaseEstablished, refuses="assessment_not_passed /data/uscc",
         given=[(BaseApplicantAssessed, {"assessed_on": "2024-03-20", "passed": False}, "base"),
                (BaseApplicantAssessed, "base")],
         fine_given=[(BaseApplicantAssessed, {"assessed_on": "2024-03-01", "passed": False}, "base"),
                     (BaseApplicantAssessed, "base"),
                     (BaseApplicantAssessed, {"assessed_on": "2024-04-02", "passed": False}, "base")]),
    Case("SHR-04.2", BaseEstablished, {"valid_to": "2024-04-01"}, refuses="period_reversed /data/valid_to",
         fine={"valid_to": "2024-04-02"}),

    Case("SHR-05.a", BaseManagerAppointed, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-05.a", BaseManagerAppointed, refuses="out_of_order /data/base", fine_about=LEGACY),
    Case("SHR-05.1", BaseManagerAppointed, {"base": None}, refuses="base_missing /data/base"),
    Case("SHR-05.1", BaseManagerAppointed, {"base": None}, refuses="base_missing /data/base", fine={"base": None},
         fine_about=LEGACY),

    Case("SHR-07.a", TrainerAssigned, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-07.1", TrainerAssigned, {"base": None}, refuses="base_missing /data/base"),
    Case("SHR-07.2", TrainerAssigned, refuses="not_qualified /data/trainer",
         fine_given=[(TrainerQualified, "organisation")]),
    Case("SHR-07.2", TrainerAssigned, refuses="not_qualified /data/trainer",
         given=[(TrainerQualified, {"can_lead": False}, "organisation")],
         fine={"role": "PRO"}),
    Case("SHR-07.2", TrainerAssigned, {"role": "KIN"}, refuses="not_qualified /data/trainer",
         given=[(TrainerQualified, "organisation")]),
    Case("SHR-07.2", TrainerAssigned, refuses="not_qualified /data/trainer",
         given=[(TrainerQualified, {"passed_on": "2024-04-09"}, "organisation")],
         fine_given=[(TrainerQualified, {"passed_on": "2024-04-08"}, "organisation")]),
    Case("SHR-07.3", TrainerAssigned, refuses="already_assigned /data/trainer",
         given=[assigned(PEER, "PEER", "2024-03-01")], fine={"trainer": KIN}),
    Case("SHR-07.3", TrainerAssigned, refuses="already_assigned /data/trainer",
         given=[assigned(PEER, "PEER", "2024-03-01"), (TrainerRemoved, {"to_date": "2024-04-08"}, "base")],
         fine_given=[assigned(PEER, "PEER", "2024-03-01"), (TrainerRemoved, {"to_date": "2024-04-07"}, "base")]),

    Case("SHR-08.a", TrainerRemoved, refuses="out_of_order /data/base", fine_given=TEAM),
    Case("SHR-08.1", TrainerRemoved, {"base": None}, refuses="base_missing /data/base"),
    Case("SHR-08.2", TrainerRemoved, {"trainer": PROS[3]}, refuses="nothing_to_end /data/trainer", given=TEAM),
    Case("SHR-08.2", TrainerRemoved, {"to_date": "2024-04-07"}, refuses="nothing_to_end /data/trainer", given=TEAM,
         fine={"to_date": "2024-04-08"}),
    Case("SHR-08.2", TrainerRemoved, refuses="nothing_to_end /data/trainer",
         given=[*TEAM, (TrainerRemoved, {"to_date": "2024-12-31"}, "base")],
         fine_given=[*TEAM, (TrainerRemoved, {"to_date": "2024-12-31"}, "base"), assigned(PEER, "PEER", "2025-01-06")]),
    Case("SHR-08.3", TrainerRemoved, {"to_date": "2024-06-16"}, flags="below_base_minimum", given=[*TEAM, *COHORT]),
    Case("SHR-08.3", TrainerRemoved, {"to_date": "2024-06-03"}, flags="below_base_minimum", given=[*TEAM, *COHORT],
         fine={"to_date": "2024-06-03"}, fine_given=[*TEAM, *COHORT, assigned(PROS[3], "PEER", "2024-06-04")]),
    Case("SHR-08.3", TrainerRemoved, {"to_date": "2024-06-03"}, flags="below_base_minimum",
         given=[*TEAM, *COHORT, assigned(PROS[3], "PRO")],
         fine={"to_date": "2024-06-03", "trainer": PROS[0]}),

    Case("SHR-09.a", BaseServicePlanMade, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-09.1", BaseServicePlanMade, {"base": None}, refuses="base_missing /data/base"),

    Case("SHR-10.a", CohortOpened, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-10.1", CohortOpened, {"base": None}, refuses="base_missing /data/base"),
    Case("SHR-10.2", CohortOpened, {"ends_on": "2024-06-02"}, refuses="period_reversed /data/ends_on",
         fine={"ends_on": "2024-06-03"}),
    Case("SHR-10.3", CohortOpened, refuses="below_base_minimum /data/base", given=TEAM[:4], fine_given=TEAM),
    Case("SHR-10.3", CohortOpened, refuses="below_base_minimum /data/base",
         given=[*TEAM[1:], assigned(PROS[3], "PRO")], fine_given=[*TEAM[1:], assigned(PROS[3], "PEER", "2024-06-03")]),
    Case("SHR-10.3", CohortOpened, refuses="below_base_minimum /data/base", given=[*TEAM, LEFT],
         fine={"starts_on": "2024-06-02"}),
    Case("SHR-10.3", CohortOpened, refuses="below_base_minimum /data/base", given=TEAM[:4],
         fine_about={"parameters": {"P-SH-TRAINERS": 4}}),
    Case("SHR-10.4", CohortOpened, refuses="no_manager /data/base",
         given=[(BaseManagerAppointed, {"from_date": "2024-06-04"}, "base")],
         fine_given=[(BaseManagerAppointed, {"from_date": "2024-06-03"}, "base")]),
    Case("SHR-10.5", CohortOpened, {"seats": 31}, refuses="seats_above_capacity /data/seats", given=at(),
         fine={"seats": 30}),
    Case("SHR-10.5", CohortOpened, {"seats": 25}, refuses="seats_above_capacity /data/seats",
         given=[*at(), (BaseApplicantAssessed, {"assessed_on": "2024-05-20", "capacity": 24}, "base")],
         fine={"seats": 25},
         fine_given=[*at(), (BaseApplicantAssessed, {"assessed_on": "2024-05-20", "capacity": 19, "passed": False},
                             "base")]),
    Case("SHR-10.6", CohortOpened, {"category": "SH4"}, refuses="category_differs /data/category", given=ESTABLISHED),
    Case("SHR-10.6", CohortOpened, {"category": "SH4"}, refuses="category_differs /data/category", given=ESTABLISHED,
         fine={"category": "SH4"}, fine_given=[*ESTABLISHED, (BaseEstablished, {"category": "SH4"}, "base")]),
    Case("SHR-10.7", CohortOpened, {"starts_on": "2024-05-31"}, refuses="base_ended /data/base", given=[*at(), ENDED],
         fine={"starts_on": "2024-05-30"}),
    Case("SHR-10.7", CohortOpened, refuses="base_ended /data/base", given=[*at(), ENDED],
         fine_given=[*at(), ENDED, (BaseEstablished, {"established_on": "2024-06-01"}, "base")]),
    Case("SHR-10.8", CohortOpened, refuses="condition_lapsed /data/starts_on",
         given=at({"conditions_met": conditions(5, valid_to="2024-06-02")}),
         fine_given=at({"conditions_met": conditions(5, valid_to="2024-06-03")})),
    Case("SHR-10.8", CohortOpened, refuses="condition_lapsed /data/starts_on", given=at({}, {"valid_to": "2024-06-02"}),
         fine_given=at({}, {"valid_to": "2024-06-03"})),
    Case("SHR-10.8", CohortOpened, refuses="condition_lapsed /data/starts_on",
         given=[*at(), (BaseApplicantAssessed, {"assessed_on": "2024-05-20", "passed": False,
                                                "conditions_met": conditions(6, met=False)}, "base")],
         fine_given=[*at({"conditions_met": conditions(5, valid_to="2024-06-02")}),
                     (BaseApplicantAssessed, {"assessed_on": "2024-05-20"}, "base")]),
    Case("SHR-10.8", CohortOpened, refuses="condition_lapsed /data/starts_on", given=at({}, {"valid_to": "2024-06-02"}),
         fine_given=[*at({}, {"valid_to": "2024-06-02"}),
                     (BaseEstablished, {"established_on": "2024-05-27", "valid_to": None}, "base")]),

    Case("SHR-12.a", ParticipantEnrolled, flags="cohort_not_on_record",
         given=[On(CohortOpened, "process", of="SH-2024-02")], fine={"cohort": "SH-2024-02"}),
    Case("SHR-12.1", ParticipantEnrolled, {"willing": False}, refuses="not_willing /data/willing"),
    Case("SHR-12.2", ParticipantEnrolled, {"category": "SH1"}, refuses="category_differs /data/category", given=COHORT),
    Case("SHR-12.2", ParticipantEnrolled, {"category": "SH1"}, refuses="category_differs /data/category", given=COHORT,
         fine={"category": "SH1"}, fine_given=[]),
    Case("SHR-12.3", ParticipantEnrolled, refuses="cohort_full /data/cohort",
         given=[(CohortOpened, {"seats": 0}, "process")], fine_given=[(CohortOpened, {"seats": 1}, "process")]),
    Case("SHR-12.3", ParticipantEnrolled, refuses="cohort_full /data/cohort",
         given=[(CohortOpened, {"seats": 0}, "process")], fine_given=[]),
    Case("SHR-12.4", ParticipantEnrolled, flags="disability_not_evidenced", fine_given=CERTIFIED),
    Case("SHR-12.4", ParticipantEnrolled, {"category": "SH1"}, flags="disability_not_evidenced", given=CERTIFIED),
    Case("SHR-12.4", ParticipantEnrolled, flags="disability_not_evidenced",
         given=[(DisabilityCertificateIssued, {"issued_on": "2014-03-20", "valid_to": "2024-06-02"}, "person")],
         fine_given=[(DisabilityCertificateIssued, {"category": "7", "issued_on": "2020-03-20",
                                                    "valid_to": "2030-03-20"}, "person")]),
    Case("SHR-12.4", ParticipantEnrolled, flags="disability_not_evidenced",
         given=[*CERTIFIED, (DisabilityCertificateFrozen, {"frozen_on": "2024-06-03"}, "person")],
         fine_given=[*CERTIFIED, (DisabilityCertificateFrozen, {"frozen_on": "2024-06-04"}, "person")]),
    Case("SHR-12.4", ParticipantEnrolled, flags="disability_not_evidenced", fine={"category": "SH5"}),
    Case("SHR-12.4", ParticipantEnrolled, flags="disability_not_evidenced",
         fine_given=[(DisabilityCertificateMigrated, {"migrated_on": "2022-05-09"}, "person")]),
    Case("SHR-12.4", ParticipantEnrolled, {"category": "SH5"}, flags="disability_not_evidenced",
         fine_about={"parameters": {"P-SH-CERT-REQUIRED": "none"}},
         parameters={"P-SH-CERT-REQUIRED": "all"}),
    Case("SHR-12.5", ParticipantEnrolled, {"category": "SH4"}, flags="outside_age",
         births={"42129920210512020X": "2006-06-04"}, fine={"category": "SH4"},
         fine_about={"births": {"42129920210512020X": "2006-06-03"}}),
    Case("SHR-12.5", ParticipantEnrolled, {"category": "SH5"}, flags="outside_age",
         births={"42129920210512020X": "2010-06-04"}),

    Case("SHR-13.a", TrainingSessionHeld, refuses="out_of_order /process", fine_given=ENROLLED),
    Case("SHR-13.1", TrainingSessionHeld, {"hours": "0"}, refuses="nothing_taught /data/hours", fine={"hours": "0.5"}),
    Case("SHR-13.1", TrainingSessionHeld, {"trainers": 0}, refuses="nothing_taught /data/trainers",
         fine={"trainers": 1}),
    Case("SHR-13.2", TrainingSessionHeld, {"held_on": "2024-06-17"}, flags="outside_cohort",
         given=[*ENROLLED, *COHORT], fine={"held_on": "2024-06-16"}),
    Case("SHR-13.2", TrainingSessionHeld, {"held_on": "2024-06-02"}, flags="outside_cohort",
         given=[*ENROLLED, *COHORT], fine={"held_on": "2024-06-03"}),
    Case("SHR-13.2", TrainingSessionHeld, {"held_on": "2024-06-02"}, flags="outside_cohort",
         given=[*ENROLLED, *COHORT], fine={"held_on": "2024-06-02"}, fine_given=ENROLLED),

    Case("SHR-14.a", ParticipantFinished, refuses="out_of_order /process", fine_given=ENROLLED),
    Case("SHR-14.1", ParticipantFinished, {"finished_on": "2024-06-02"}, refuses="period_reversed /data/finished_on",
         given=ENROLLED, fine={"finished_on": "2024-06-03"}),

    Case("SHR-15.a", FollowUpDone, refuses="out_of_order /process", fine_given=FINISHED),
    Case("SHR-15.1", FollowUpDone, {"done_on": "2024-06-15"}, refuses="period_reversed /data/done_on", given=FINISHED,
         fine={"done_on": "2024-06-16"}),
    Case("SHR-15.2", FollowUpDone, {"round": 2}, flags="departs_from_parameter", fine={"round": 12}),
    Case("SHR-15.2", FollowUpDone, {"round": 2}, flags="departs_from_parameter", fine={"round": 2},
         fine_about={"parameters": {"P-SH-FOLLOWUP": (2, 4)}}),

    Case("SHR-16.a", ServiceRecordUploaded, refuses="out_of_order /process", fine_given=FINISHED),
    Case("SHR-16.1", ServiceRecordUploaded, {"uploaded_on": "2024-07-05"}, refuses="natural_key_taken /process",
         given=[(ServiceRecordUploaded, "process")],
         fine={"uploaded_on": "2024-07-05"},
         fine_given=[(ServiceRecordUploaded, "process"), (ServiceRecordRejected, "process")]),

    Case("SHR-17.a", ServiceArchiveFiled, flags="cohort_not_on_record",
         given=[On(CohortOpened, "process", of="SH-2024-02")], fine={"cohort": "SH-2024-02"}),

    Case("SHR-18.a", BaseInspected, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-18.1", BaseInspected, {"base": None}, refuses="base_missing /data/base"),

    Case("SHR-19.a", BaseEnded, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-19.1", BaseEnded, {"base": None}, refuses="base_missing /data/base"),
    Case("SHR-19.2", BaseEnded, refuses="already_ended /data/base", given=[*at(), ENDED], fine_given=at()),
    Case("SHR-19.2", BaseEnded, refuses="already_ended /data/base", given=[*at(), ENDED],
         fine_given=[*at(), ENDED, (BaseEstablished, {"established_on": "2024-06-01"}, "base")]),
    Case("SHR-19.2", BaseEnded, {"ended_on": "2024-05-10"}, refuses="already_ended /data/base", given=[*at(), ENDED],
         fine={"ended_on": "2024-05-10"},
         fine_given=[*at(), ENDED, (BaseEstablished, {"established_on": "2024-05-20"}, "base")]),
    Case("SHR-19.3", BaseEnded, {"ended_on": "2024-06-16"}, flags="open_items", given=COHORT,
         fine={"ended_on": "2024-06-17"}),

    Case("SHR-20.a", SafetyIncidentReported, refuses="out_of_order /data/base", fine_given=ESTABLISHED),
    Case("SHR-20.1", SafetyIncidentReported, {"base": None}, refuses="base_missing /data/base"),

    Case("SHR-22.a", ParticipantReferralAnswered, refuses="out_of_order /process",
         fine_given=[(ParticipantReferred, "process")]),
    Case("SHR-22.1", ParticipantReferralAnswered, refuses="already_answered /process",
         given=[(ParticipantReferred, "process"), (ParticipantReferralAnswered, "process")],
         fine_given=[(ParticipantReferred, "process"),
                     (ParticipantReferralAnswered, {"decision": "returned"}, "process")]),

    Case("SHR-23.a", ServiceRecordExported, refuses="out_of_order /process", fine_given=FINISHED),

    Case("SHR-24.a", ServiceRecordRejected, refuses="out_of_order /process",
         fine_given=[(ServiceRecordExported, "process")]),
    Case("SHR-24.a", ServiceRecordRejected, refuses="out_of_order /process",
         fine_given=[(ServiceRecordUploaded, "process")]),

    Case("SHR-26.a", SafetyIncidentClosed, refuses="out_of_order /process",
         fine_given=[(SafetyIncidentReported, "process")]),
    Case("SHR-26.1", SafetyIncidentClosed, {"closed_on": "2024-06-05"}, refuses="period_reversed /data/closed_on",
         given=[(SafetyIncidentReported, "process")], fine={"closed_on": "2024-06-06"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_nothing_else(case: Case) -> None:
    check(case)


# -- how a base stands on a day

USCC = "52421299MJXRE0019W"


def assessed(day: str, until: str | None = None, *, met: bool = True) -> On:
    fire = {"no": "5", "met": met, "evidence": "消防验收意见书"} | ({"valid_to": until} if until else {})
    return On(
        BaseApplicantAssessed(
            org_name="虚构服务中心",
            uscc=USCC,
            category="SH3",
            conditions_met=(fire,),
            capacity=30,
            passed=met,
            assessed_on=date.fromisoformat(day),
        ),
        "base",
    )


def agreed(day: str, until: str | None = None) -> On:
    return On(
        BaseEstablished(
            base_name="虚构希望之家",
            uscc=USCC,
            category="SH3",
            division="421221",
            mode="定向委托",
            agreement_doc="协议第1号",
            established_on=date.fromisoformat(day),
            valid_to=date.fromisoformat(until) if until else None,
        ),
        "base",
    )


def ended(day: str) -> On:
    return On(BaseEnded(ended_on=date.fromisoformat(day), reason="协议解除"), "base")


def stands(day: str, *given: On, category: str = "SH3") -> Standing:
    return standing(Past(given), USCC, category, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "in_force"),
    [("2024-03-31", False), ("2024-04-01", True), ("2025-12-31", True), ("2026-01-01", False), ("2026-03-02", True),
     ("2027-03-31", True), ("2027-04-01", False), ("2027-05-10", True), ("2028-01-01", False)],
)  # fmt: skip
def test_a_base_is_in_force_while_agreement_and_conditions_hold(day: str, in_force: bool) -> None:
    agreements = agreed("2024-04-01", "2027-03-31"), agreed("2027-05-10")
    assessments = assessed("2024-03-12", "2025-12-31"), assessed("2026-03-02"), assessed("2028-01-01", met=False)
    assert stands(day, *agreements, *assessments).in_force is in_force


def test_a_base_says_what_keeps_it_from_being_in_force() -> None:
    facts = agreed("2024-04-01", "2025-03-31"), assessed("2024-03-12", "2024-12-31"), ended("2025-02-28")
    assert stands("2024-12-31", *facts).in_force
    assert stands("2025-01-01", *facts).conditions_lapsed == ("5",)
    assert not stands("2025-02-27", *facts).ended
    assert stands("2025-02-28", *facts).ended
    assert not stands("2025-03-31", *facts).agreement_lapsed
    assert stands("2025-04-01", *facts).agreement_lapsed


def test_a_base_is_one_again_once_it_is_agreed_anew() -> None:
    facts = agreed("2024-04-01"), assessed("2024-03-12"), ended("2025-02-28"), agreed("2025-06-01")
    assert stands("2025-02-27", *facts).in_force
    assert not stands("2025-05-31", *facts).in_force
    assert stands("2025-06-01", *facts).in_force


def test_a_host_is_a_base_for_the_categories_it_has_an_agreement_for() -> None:
    assert not stands("2024-05-01", agreed("2024-04-01"), assessed("2024-03-12"), category="SH1").established
