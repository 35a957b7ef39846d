"""Every rule of the Civil Affairs Bureau, both ways; and what only a real log can show of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from services.civil_affairs.events import (
    CharityAidGranted,
    DeadlineExtended,
    DecisionDelivered,
    DemocraticAppraisalHeld,
    DibaoAcceptanceDecided,
    DibaoApplied,
    DibaoDecided,
    DibaoNoticeObjected,
    DibaoNoticePosted,
    DibaoReviewed,
    DibaoTerminated,
    DonationReceived,
    HouseholdEconomyChecked,
    MarginalFamilyDecided,
    MarginalFamilyEnded,
    SelfCareAssessed,
    TekunApplied,
    TekunDecided,
    TekunTerminated,
    TempAidApplied,
    TempAidDecided,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from shared.door.department import Department
from tests.departments.cases import Case, check
from tests.departments.past import On
from tests.departments.test_rules_at_the_door import corrected, said_of, withdrawn
from tests.world import DAUGHTER, FATHER, event

CHARITY, PUBLIC_BODY, COMPANY = "51421299MJXCHA019X", "11421299MB0GU00179", "91421299MACATG026K"
WHY = {"refuse_reason": "economy"}
REFUSED = {"decision": "refused"} | WHY
INCOME = "income_outside /data/per_capita_income_month"
ONE = {"dibao_type": "single_adult", "persons": [FATHER]}
CHECKED = (HouseholdEconomyChecked, {"standard_month": "560.00"}, "family")


def aided(cause: str, decided_on: str = "2025-01-20") -> list[On]:
    """Return temporary aid granted in another process, and the application that is decided now."""
    return [
        On((TempAidApplied, {"cause_kind": "illness"}), "process", of="PROCESS-1"),
        On((TempAidApplied, {"cause_kind": cause}), "process", of="PROCESS-0"),
        On((TempAidDecided, {"decided_on": decided_on}), "family", process="PROCESS-0"),
    ]


CASES = [
    # dibao
    Case("CIV-01.1", DibaoApplied, {"dibao_type": "single_adult"}, fine=ONE,
         refuses="single_dibao_for_several /data/persons"),
    Case("CIV-01.2", DibaoApplied, {"persons": [FATHER, FATHER]}, refuses="person_named_twice /data/persons"),
    Case("CIV-01.3", DibaoApplied, {"persons": []}, refuses="not_a_list /data/persons"),
    Case("CIV-01.6", DibaoApplied, ONE | {"persons": [DAUGHTER]}, flags="outside_age", fine=ONE),
    Case("CIV-02.a", DibaoAcceptanceDecided, refuses="out_of_order /process", fine_given=[(DibaoApplied, "process")]),
    Case("CIV-02.1", DibaoAcceptanceDecided, {"missing": None}, refuses="missing_not_said /data/missing"),
    Case("CIV-04.a", DemocraticAppraisalHeld, refuses="out_of_order /process", fine_given=[(DibaoApplied, "process")]),
    Case("CIV-05.a", DibaoNoticePosted, refuses="out_of_order /process", fine_given=[(DibaoApplied, "process")]),
    Case("CIV-05.1", DibaoNoticePosted, {"to_date": "2025-03-27"}, refuses="notice_too_short /data/to_date"),
    Case("CIV-05.2", DibaoNoticePosted, {"minors_hidden": False}, refuses="minors_published /data/minors_hidden"),
    Case("CIV-06.a", DibaoNoticeObjected, refuses="out_of_order /process", given=[(DibaoApplied, "process")],
         fine_given=[(DibaoNoticePosted, "process")]),
    Case("CIV-07.a", DibaoDecided, refuses="out_of_order /process", fine_given=[(DibaoApplied, "process")]),
    Case("CIV-07.1", DibaoDecided, {"dibao_type": "single_marginal"}, fine=ONE,
         refuses="single_dibao_for_several /data/persons"),
    Case("CIV-07.2", DibaoDecided, {"persons": [FATHER, FATHER]}, refuses="person_named_twice /data/persons"),
    Case("CIV-07.3", DibaoDecided, {"amount_month": None}, refuses="amount_missing /data/amount_month"),
    Case("CIV-07.3", DibaoDecided, {"pay_from": None}, refuses="amount_missing /data/pay_from",
         fine=REFUSED | {"amount_month": None, "pay_from": None}),
    Case("CIV-07.3", DibaoDecided, {"persons": []}, refuses="not_a_list /data/persons"),
    Case("CIV-07.4", DibaoDecided, {"pay_from": "2025-03"}, refuses="pay_from_not_next_month /data/pay_from"),
    Case("CIV-07.4", DibaoDecided, {"decided_on": "2025-12-31", "pay_from": "2025-12"},
         fine={"decided_on": "2025-12-31", "pay_from": "2026-01"},
         refuses="pay_from_not_next_month /data/pay_from"),
    Case("CIV-07.4", DibaoDecided, {"pay_from": "2025-03"}, fine={"pay_from": "2025-03"}, fine_about={"legacy": True},
         refuses="pay_from_not_next_month /data/pay_from"),
    Case("CIV-07.5", DibaoDecided, {"decided_on": "2025-02-25"}, refuses="period_reversed /data/decided_on",
         given=[(DibaoApplied, {"applied_on": "2025-02-26"}, "process")], happened="2025-03-31"),
    Case("CIV-07.5", DibaoDecided, refuses="period_reversed /data/decided_on", happened="2025-03-30",
         fine_about={"happened": "2025-03-31"}),
    Case("CIV-07.6", DibaoDecided, flags="differs_from_application", given=[(DibaoApplied, ONE, "process")],
         fine_given=[(DibaoApplied, "process")]),
    Case("CIV-08.a", DibaoReviewed, refuses="out_of_order /process", fine_given=[(DibaoDecided, "process")]),
    Case("CIV-08.1", DibaoReviewed, {"next_due": "2027-03-25"}, refuses="period_reversed /data/next_due"),
    Case("CIV-08.2", DibaoReviewed, refuses="no_approval_in_force /data/reviewed_on",
         given=[(DibaoDecided, REFUSED, "process")], fine_given=[(DibaoDecided, "process")]),
    Case("CIV-08.2", DibaoReviewed, refuses="no_approval_in_force /data/reviewed_on",
         given=[(DibaoDecided, "process"), (DibaoTerminated, {"effective_to": "2027-02"}, "process")],
         fine_given=[(DibaoDecided, "process"), (DibaoTerminated, {"effective_to": "2027-03"}, "process")]),
    Case("CIV-08.3", DibaoReviewed, {"result": "increase", "amount_month": None}, fine={"result": "increase"},
         refuses="amount_missing /data/amount_month"),
    Case("CIV-08.3", DibaoReviewed, {"result": "decrease", "effective_from": None}, fine={"effective_from": None},
         refuses="amount_missing /data/effective_from"),
    Case("CIV-09.a", DibaoTerminated, refuses="out_of_order /process", fine_given=[(DibaoDecided, "process")]),
    Case("CIV-09.1", DibaoTerminated, {"fade_out_to": "2026-02"}, refuses="period_reversed /data/fade_out_to"),
    Case("CIV-09.2", DibaoTerminated, refuses="already_ended /process", given=[(DibaoTerminated, "process")],
         fine_given=[(DibaoTerminated, "family")]),
    # families just above the standard
    Case("CIV-10.a", MarginalFamilyDecided, flags="economy_check_missing", fine_given=[CHECKED]),
    Case("CIV-10.1", MarginalFamilyDecided, {"valid_to": "2025-03-31"}, refuses="period_reversed /data/valid_to"),
    Case("CIV-10.2", MarginalFamilyDecided, {"per_capita_income_month": None},
         refuses="period_missing /data/per_capita_income_month"),
    Case("CIV-10.2", MarginalFamilyDecided, {"valid_to": None}, refuses="period_missing /data/valid_to",
         fine=REFUSED | {"per_capita_income_month": None, "valid_from": None, "valid_to": None}),
    Case("CIV-10.3", MarginalFamilyDecided, {"per_capita_income_month": "559.99"}, refuses=INCOME, given=[CHECKED],
         fine={"per_capita_income_month": "560.00"}),
    Case("CIV-10.3", MarginalFamilyDecided, {"per_capita_income_month": "840.00"}, refuses=INCOME, given=[CHECKED],
         fine={"per_capita_income_month": "839.99"}),
    Case("CIV-10.4", MarginalFamilyDecided, {"multiple": "2"}, flags="departs_from_parameter"),
    Case("CIV-10.4", MarginalFamilyDecided, flags="departs_from_parameter", fine={"multiple": "2.0"},
         parameters={"P-MARGINAL-MULT": Decimal(2)}),
    Case("CIV-11.a", MarginalFamilyEnded, flags="nothing_to_end", fine_given=[(MarginalFamilyDecided, "family")]),
    # tekun
    Case("CIV-13.1", SelfCareAssessed, {"unmet_items": 0}, refuses="result_differs /data/result",
         fine={"unmet_items": 0, "result": "full"}),
    Case("CIV-13.1", SelfCareAssessed, {"unmet_items": 4}, refuses="result_differs /data/result",
         fine={"unmet_items": 3}),
    Case("CIV-13.1", SelfCareAssessed, {"unmet_items": 3, "result": "none"}, refuses="result_differs /data/result",
         fine={"unmet_items": 4, "result": "none"}),
    Case("CIV-13.1", SelfCareAssessed, {"unmet_items": 7, "result": "none"}, refuses="result_differs /data/unmet_items",
         fine={"unmet_items": 6, "result": "none"}),
    Case("CIV-14.a", TekunDecided, refuses="out_of_order /process", fine_given=[(TekunApplied, "process")]),
    Case("CIV-14.1", TekunDecided, {"care_level": None}, refuses="period_missing /data/care_level"),
    Case("CIV-14.1", TekunDecided, {"pay_from": None}, refuses="period_missing /data/pay_from",
         fine=REFUSED | {"care_level": None, "pay_from": None}),
    Case("CIV-14.2", TekunDecided, {"care_level": "none"}, flags="differs_from_assessment",
         given=[(SelfCareAssessed, "process")]),
    Case("CIV-14.3", TekunDecided, flags="conditions_not_evidenced",
         given=[(HouseholdEconomyChecked, {"able_supporter": True}, "process")],
         fine_given=[(HouseholdEconomyChecked, {"able_supporter": None}, "process")]),
    Case("CIV-14.3", TekunDecided, flags="conditions_not_evidenced", fine=REFUSED,
         given=[(HouseholdEconomyChecked, {"per_capita_income_month": "560.00"}, "process")]),
    Case("CIV-15.a", TekunTerminated, refuses="out_of_order /process", fine_given=[(TekunDecided, "process")]),
    Case("CIV-15.1", TekunTerminated, refuses="already_ended /process", given=[(TekunTerminated, "process")],
         fine_given=[(TekunTerminated, "person")]),
    # temporary aid
    Case("CIV-18.a", TempAidDecided, refuses="out_of_order /process", fine_given=[(TempAidApplied, "process")]),
    Case("CIV-18.1", TempAidDecided, {"amount": None}, refuses="amount_missing /data/amount",
         fine=REFUSED | {"amount": None}),
    Case("CIV-18.2", TempAidDecided, flags="same_cause_again", given=aided("illness"), fine_given=aided("fire")),
    Case("CIV-18.2", TempAidDecided, flags="same_cause_again", given=aided("illness"),
         fine_given=aided("illness", "2024-12-31")),
    Case("CIV-18.2", TempAidDecided, flags="same_cause_again", given=aided("illness"), fine={"special": True}),
    # the two subsidies
    Case("CIV-19.1", TwoSubsidiesApplied, {"benefits": ["LIVE_SUB", "DIBAO"]},
         refuses="not_one_of_the_two_subsidies /data/benefits"),
    Case("CIV-19.1", TwoSubsidiesApplied, {"benefits": ["CARE_SUB", "CARE_SUB"]}, fine={"benefits": ["CARE_SUB"]},
         refuses="not_one_of_the_two_subsidies /data/benefits"),
    Case("CIV-21.a", TwoSubsidiesDecided, refuses="out_of_order /process",
         fine_given=[(TwoSubsidiesApplied, "process")]),
    Case("CIV-21.1", TwoSubsidiesDecided, {"benefits": ["TEKUN"]},
         refuses="not_one_of_the_two_subsidies /data/benefits"),
    Case("CIV-21.2", TwoSubsidiesDecided, {"pay_from": None}, refuses="amount_missing /data/pay_from"),
    Case("CIV-21.2", TwoSubsidiesDecided, {"monthly_total": None}, refuses="amount_missing /data/monthly_total",
         fine=REFUSED | {"pay_from": None, "monthly_total": None}),
    Case("CIV-21.3", TwoSubsidiesDecided, {"pay_from": "2025-05"},
         refuses="pay_from_not_application_month /data/pay_from", given=[(TwoSubsidiesApplied, "process")]),
    Case("CIV-21.4", TwoSubsidiesDecided, refuses="above_application /data/benefits", fine={"benefits": ["CARE_SUB"]},
         given=[(TwoSubsidiesApplied, {"benefits": ["CARE_SUB"]}, "process")]),
    Case("CIV-22.a", TwoSubsidiesStopped, refuses="out_of_order /subject", given=[(TwoSubsidiesApplied, "person")],
         fine_given=[(TwoSubsidiesDecided, "person")]),
    Case("CIV-22.1", TwoSubsidiesStopped, {"benefits": ["LIVE_SUB", "CARE"]},
         refuses="not_one_of_the_two_subsidies /data/benefits"),
    # what serves all of them
    # who is told no is told why
    *(
        Case("CIV-23.a", DecisionDelivered, refuses="out_of_order /process", given=[(DibaoApplied, "process")],
             fine_given=[(decided, "process")])
        for decided in (DibaoAcceptanceDecided, DibaoDecided, MarginalFamilyDecided, TekunDecided, TempAidDecided,
                        TwoSubsidiesDecided)
    ),
    Case("CIV-23.1", DecisionDelivered, flags="reference_unknown", given=[(DibaoDecided, "process")],
         fine_given=[On(DibaoDecided, "event", of="example-0001")]),
    Case("CIV-23.1", DecisionDelivered, flags="reference_unknown", fine={"decision_event": None}),
    *(
        Case("CIV-24.a", DeadlineExtended, refuses="out_of_order /process", given=[(DibaoApplied, "process")],
             fine_given=[(begun, "process")])
        for begun in (DibaoAcceptanceDecided, TekunApplied, TempAidApplied, TwoSubsidiesApplied)
    ),
    Case("CIV-24.1", DeadlineExtended, {"new_due": "2025-04-07"}, refuses="period_reversed /data/new_due"),
    Case("CIV-24.2", DeadlineExtended, refuses="already_ended /process", given=[(DeadlineExtended, "process")],
         fine_given=[(DeadlineExtended, "family")]),
    Case("CIV-24.2", DeadlineExtended, refuses="already_ended /process", given=[(TekunDecided, REFUSED, "process")],
         fine_given=[(TekunDecided, {"decision": "returned"}, "process")]),
    Case("CIV-24.2", DeadlineExtended, refuses="already_ended /process",
         given=[(DibaoAcceptanceDecided, {"decision": "not_accepted", "refuse_reason": "hukou"}, "process")],
         fine_given=[(DibaoAcceptanceDecided, {"decision": "approved"}, "process")]),
    # charity
    Case("CHA-01.1", DonationReceived, {"organisation": COMPANY}, flags="uscc_implausible"),
    Case("CHA-01.1", DonationReceived, {"organisation": COMPANY}, flags="uscc_implausible",
         fine={"organisation": PUBLIC_BODY}),
    Case("CHA-02.1", CharityAidGranted, {"organisation": PUBLIC_BODY}, flags="uscc_implausible"),
    Case("CHA-02.1", CharityAidGranted, {"organisation": COMPANY}, flags="uscc_implausible",
         fine={"organisation": "CS.0001"}),
    Case("CHA-02.2", CharityAidGranted, flags="reference_unknown",
         fine_given=[On(DonationReceived, "event", of="example-0001")]),
    Case("CHA-02.2", CharityAidGranted, flags="reference_unknown", fine={"donation": None}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_stops_what_it_must_and_nothing_else(case: Case) -> None:
    check(case)


# -- through the door


@pytest.fixture
def civil(department: Callable[[str], Department]) -> Department:
    return department("civil_affairs")


def by_civil(name: str, process: str = "", subject: str | None = FATHER, **data: Any) -> dict[str, Any]:
    return event(f"civil_affairs.{name}", data, subject, **({"process": process} if process else {}))


def temp_aid(process: str, cause: str = "illness", decided_on: str = "2025-02-20") -> list[dict[str, Any]]:
    asked = {"kind": "expenditure", "cause": "医疗费用", "cause_kind": cause, "applied_on": "2025-02-10"}
    return [
        by_civil("temp_aid_applied", process, **asked),
        by_civil("temp_aid_decided", process, decision="approved", amount="3000.00", decided_on=decided_on),
    ]


def test_the_same_cause_is_known_as_applications_and_decisions_stand(civil: Department) -> None:
    first, second = temp_aid("TA-1"), temp_aid("TA-2")
    assert said_of(civil, *first, *second) == ["", "", "", "same_cause_again"]
    assert said_of(civil, corrected(first[0], cause_kind="fire"), *temp_aid("TA-3")) == ["", "", "same_cause_again"]
    assert said_of(civil, withdrawn(second[1]), *temp_aid("TA-4", "fire")) == ["", "", "same_cause_again"]
    assert said_of(civil, withdrawn(first[1]), *temp_aid("TA-5", "fire")) == ["", "", "same_cause_again"]
    assert said_of(civil, *temp_aid("TA-6", "disaster")) == ["", ""]


def test_what_a_reference_names_is_found_as_long_as_it_stands(civil: Department) -> None:
    asked, decided = temp_aid("TA-1")
    told = {"delivered_on": "2025-02-25", "mode": "direct"}
    early = by_civil("decision_delivered", "TA-1", **told, decision_event=decided["id"])
    assert said_of(civil, asked, early, decided) == ["", "out_of_order", ""]
    assert said_of(civil, early, withdrawn(decided)) == ["", "dependants_left approval_missing"]
    again = temp_aid("TA-1", decided_on="2025-02-27")[1]
    late = by_civil("decision_delivered", "TA-1", **told | {"delivered_on": "2025-02-28"}, decision_event=decided["id"])
    assert said_of(civil, again, late) == ["", "reference_unknown"]
    assert said_of(civil, corrected(late, decision_event=again["id"])) == [""]
    assert said_of(civil, corrected(late, decision_event=asked["id"])) == ["reference_unknown"]


def test_aid_out_of_a_donation_knows_every_donation_of_the_log(civil: Department) -> None:
    donation = {"donor_kind": "org", "in_kind": False, "amount": "50000.00", "receipt_no": "票据1号"}
    received = by_civil("donation_received", subject=CHARITY, organisation=CHARITY, **donation)
    given = {"organisation": CHARITY, "kind": "康复器材", "amount": "2000.00", "granted_on": "2025-02-20"}
    aids = [by_civil("charity_aid_granted", **given, donation=id_) for id_ in (received["id"], "nobody-knows")]
    assert said_of(civil, received, *aids) == ["", "", "reference_unknown"]


def test_two_writers_at_once_cannot_end_a_process_twice(department: Callable[[str], Department]) -> None:
    doors = [department("civil_affairs"), department("civil_affairs")]
    decided = {"decision": "approved", "care_level": "partial", "pay_from": "2025-03"}
    asked = by_civil("tekun_applied", "TK-1", DAUGHTER, applied_on="2025-01-10")
    assert said_of(doors[0], asked, by_civil("tekun_decided", "TK-1", DAUGHTER, **decided)) == ["", ""]
    ends = [
        by_civil("tekun_terminated", "TK-1", DAUGHTER, reason="moved", effective_to=f"2025-{month:02}")
        for month in range(4, 8)
    ]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, doors[turn % 2], one) for turn, one in enumerate(ends)]
        answers = [answer for one in work for answer in one.result()]
    assert answers.count("") == 1
