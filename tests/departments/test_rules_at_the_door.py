"""The rules through the real door, on a real log: what they ask is answered by the records, not by a stand-in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.processes import assembly
from shared.door.department import Department
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened, story

Make = Callable[[str], Department]
Event = dict[str, Any]
FEDERATION = "disability_federation"
STRANGER, HER_CHILD = "422399198701190420", "421299201712090159"
CENTRE = {"code": "52421299MJXREH015B", "name": "虚构嘉鱼听语康复中心"}


@pytest.fixture
def federation(department: Make) -> Department:
    """Return the federation, with one institution on record as designated."""
    made = department(FEDERATION)
    agreement = {"org_name": CENTRE["name"], "uscc": CENTRE["code"], "kind": "REHAB", "division": "421221"}
    term = {"valid_from": "2024-01-01", "valid_to": "2027-12-31"}
    made.receive(event(f"{FEDERATION}.institution_designated", agreement | term, None))
    return made


@pytest.fixture
def insurance(department: Make) -> Department:
    return department("medical_insurance")


def said_of(department: Department, *events: Event) -> list[str]:
    """Let a department receive events as one batch; return the codes of refusals, or else of flags, of each."""
    return [
        " ".join(fault.code for fault in answer.refused.faults)
        if answer.refused
        else " ".join((answer.receipt or {}).get("flags", ()))
        for answer in department.receive_all(list(events))
    ]


def by_federation(kind: str, subject: str | None = DAUGHTER, process: str = "", **data: Any) -> Event:
    return event(f"{FEDERATION}.{kind}", data, subject, **({"process": process} if process else {}))


def corrected(original: Event, **changes: Any) -> Event:
    department = original["type"].partition(".")[0]
    data = {"target_event": original["id"], "corrected_payload": original["data"] | changes, "reason": "录入错误"}
    return event(f"{department}.event_corrected", data, None)


def withdrawn(original: Event) -> Event:
    department = original["type"].partition(".")[0]
    data = {"target_event": original["id"], "reason": "录入错误", "approver": "科长"}
    return event(f"{department}.event_withdrawn", data, None)


def aid(process: str, subject: str = DAUGHTER) -> tuple[Event, Event, Event]:
    applied = {"items": ["TRAIN"], "category": "HEA", "aid_year": 2025}
    decided = {"decision": "approved", "aid_from": "2025-01-01", "aid_to": "2025-12-31", "annual_limit": "3000.00"}
    started = {"institution": CENTRE, "mode": "FULL", "started_on": "2025-02-01"}
    return (
        by_federation("rehab_aid_applied", subject, process, **applied),
        by_federation("rehab_aid_decided", subject, process, **decided),
        by_federation("rehab_started", subject, process, **started),
    )


def month(number: int, aided: str, process: str = "RA-1") -> Event:
    fees = {"fee_total": aided, "fee_aided": aided, "fee_self": "0.00"}
    data = fees | {"month": f"2025-{number:02}", "sessions": 9, "hours": "18"}
    return by_federation("rehab_month_reported", DAUGHTER, process, **data)


def transferred(to: str, subject: str = FATHER) -> Event:
    return by_federation("case_transferred", subject, to_division=to, reason="户籍迁移")


def accepted(by: str, subject: str = FATHER) -> Event:
    return by_federation("case_transfer_accepted", subject, accepted_division=by)


def assisted(amount: str, fund: str = "medfund") -> Event:
    data = {"year": 2025, "amount": amount, "fund": fund}
    return event("medical_insurance.ltc_premium_assisted", data, DAUGHTER)


def enrolled() -> Event:
    return event("medical_insurance.ltc_enrolled", {"year": 2025, "premium": "60.00"}, DAUGHTER)


def test_both_stories_are_recorded_whole(department: Make) -> None:
    doors = {name: department(name) for name in assembly.NAMES}
    flags: dict[str, list[str]] = {}
    for one in (*story("a"), *story("b")):
        receipt, new = doors[one["type"].partition(".")[0]].receive(one)
        assert new
        flags[one["id"]] = [flag for flag in receipt.get("flags", ()) if not flag.endswith("_in_future")]
    assert {id_: found for id_, found in flags.items() if found} == {
        "a-030": ["institution_not_designated"],
        "a-033": ["above_reported_cost"],
        "b-002": ["guardian_unknown"],
        "b-011": ["institution_not_designated"],
        "b-019": ["against_recommendation"],
        "b-038": ["no_approval_in_force", "institution_not_designated"],
        "b-043": ["effective_in_the_past"],
        "b-044": ["scheme_not_in_force"],  # the federation's parameter comes over the bus, which nobody runs here
    }


# -- process


def test_a_sum_over_a_process_knows_the_log_the_batch_and_its_corrections(federation: Department) -> None:
    first = month(3, "1500.00")
    assert said_of(federation, *aid("RA-1"), first) == ["", "", "", ""]
    second = month(4, "1500.00")
    assert said_of(federation, second, month(5, "0.01")) == ["", "above_annual_limit"]
    assert said_of(federation, corrected(first, fee_total="1499.00", fee_aided="1499.00")) == [""]
    assert said_of(federation, month(6, "0.99"), month(7, "0.01")) == ["", "above_annual_limit"]
    assert said_of(federation, withdrawn(second), month(8, "1499.99")) == ["", ""]


def test_a_correction_of_an_amount_is_weighed_with_what_came_later(insurance: Department) -> None:
    first = assisted("20.00")
    assert said_of(insurance, enrolled(), first, assisted("40.00", "county")) == ["scheme_not_in_force", "", ""]
    assert said_of(insurance, corrected(first, amount="20.01")) == ["above_premium"]
    assert said_of(insurance, corrected(first, amount="19.99")) == [""]


def test_a_correction_stands_where_its_original_does(federation: Department) -> None:
    sent = transferred("421202")
    taken = accepted("421202")
    assert said_of(federation, family_opened(), sent, taken) == ["", "transfer_without_move", ""]
    assert said_of(federation, corrected(sent, reason="居住地迁移")) == [""]
    assert said_of(federation, corrected(taken)) == [""]
    assert said_of(federation, accepted("421202")) == ["not_the_receiver"]


def test_what_one_process_knows_another_does_not(federation: Department) -> None:
    made = by_federation("referral_made", process="RF-1", to_dept="DPF", need="REHAB")
    names = ("RF-1", "RF-1", "RF-2")
    answers = [by_federation("referral_answered", process=name, decision="approved") for name in names]
    assert said_of(federation, made, *answers) == ["", "", "already_answered", "out_of_order"]


# -- person


def test_a_person_is_in_one_training_and_another_person_in_another(federation: Department) -> None:
    assert said_of(federation, *aid("RA-1")) == ["", "", ""]
    assert said_of(federation, *aid("RA-2", SON)) == ["", "", ""]
    assert said_of(federation, *aid("RA-3")) == ["", "", "already_in_training"]


def test_a_reference_is_to_a_report_about_the_same_person(federation: Department) -> None:
    hospital = {"code": "12421299MB0HP00104", "name": "虚构省立医院"}
    facts = {"hospital_level": "3A", "hearing_grade": "1", "meets_condition": True, "indication": True}
    report = by_federation("cochlear_report_issued", **facts, hospital=hospital, reported_on="2025-02-20", doc="报告1")
    his = by_federation("cochlear_report_issued", SON, **report["data"])
    reports = [one["id"] for one in (report, his)]
    applied = [
        by_federation("cochlear_subsidy_applied", process=f"CO-{number}", report_event=id_)
        for number, id_ in enumerate(reports)
    ]
    assert said_of(federation, report, his, *applied) == ["", "", "", "reference_unknown"]
    assert said_of(federation, *(one | {"id": f"{one['id']}-again"} for one in applied)) == [
        "",
        "reference_unknown",
    ]


# -- family, members


def test_a_family_is_known_by_each_member_wherever_its_events_stand(federation: Department) -> None:
    moved = by_federation(
        "household_moved",
        MOTHER,
        move_kind="hukou",
        from_division="421221",
        to_division="421202",
        new_address_text="虚构街道",
        moved_on="2025-03-01",
        persons=[SON],
    )
    stranger = corrected(moved, persons=[SON, STRANGER])
    assert said_of(federation, moved) == ["no_case"]
    assert said_of(federation, family_opened(), moved, stranger) == ["", "", "not_a_member"]
    assert said_of(federation, transferred("421202", SON)) == [""]
    assert said_of(federation, accepted("421202", DAUGHTER), accepted("421202", MOTHER)) == ["", "not_the_receiver"]
    assert said_of(federation, family_opened([STRANGER]), transferred("421202", STRANGER)) == [
        "",
        "transfer_without_move",
    ]


def test_nobody_is_opened_a_second_case_for(federation: Department) -> None:
    opening = family_opened([FATHER, SON])
    other = family_opened([MOTHER, SON])
    refused = federation.receive_all([opening, other])[1].refused
    assert refused is not None
    assert [fault.code for fault in refused.faults] == ["member_of_another_family"]
    assert opening["id"] in refused.faults[0].zh
    assert said_of(federation, corrected(opening, members=[FATHER, SON, DAUGHTER])) == [""]
    assert said_of(federation, family_opened([STRANGER, DAUGHTER])) == ["member_of_another_family"]
    assert said_of(federation, corrected(opening, members=[FATHER, DAUGHTER])) == [""]
    assert said_of(federation, other) == [""]
    assert said_of(federation, withdrawn(opening), family_opened([STRANGER, DAUGHTER])) == ["", ""]
    assert said_of(federation, family_opened([HER_CHILD, STRANGER], legacy=True)) == [""]


def test_what_was_merged_away_is_found_by_its_name_until_that_is_withdrawn(federation: Department) -> None:
    first = by_federation("duplicate_merged", FATHER, merged_family="XN-F-0DVP7B3D", survivor=FATHER, evidence="同一户")
    again = by_federation("duplicate_merged", MOTHER, merged_family="XN-F-0DVP7B3D", survivor=MOTHER, evidence="同一户")
    assert said_of(federation, family_opened(), first, again) == ["", "", "already_merged"]
    assert said_of(federation, again | {"id": f"{again['id']}-again"}) == ["already_merged"]
    assert said_of(federation, withdrawn(first), again) == ["", ""]


def test_a_department_without_cases_knows_a_family_by_its_subject(department: Make) -> None:
    civil = department("civil_affairs")
    check = {"checked_on": "2025-03-01", "per_capita_income_month": "700.00", "standard_month": "560.00"}
    decided = {"decision": "approved", "per_capita_income_month": "840.00", "multiple": "1.5"}
    decided |= {"valid_from": "2025-03-01", "valid_to": "2026-02-28"}
    checked = event("civil_affairs.household_economy_checked", check | {"property_ok": True}, FATHER)
    marginal = event("civil_affairs.marginal_family_decided", decided, FATHER)
    hers = event("civil_affairs.marginal_family_decided", decided, MOTHER)
    assert said_of(civil, checked, marginal, hers) == ["", "income_outside", "economy_check_missing"]


def test_many_families_in_a_batch_are_asked_about_by_no_more_queries_than_few(
    federation: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine, asked = federation.recorder.past, [0]

    def past(*args: Any) -> Any:
        asked[0] += 1
        return genuine(*args)

    monkeypatch.setattr(federation.recorder, "past", past)
    families = [[f"p-{letter * 31}{place}" for place in "abc"] for letter in "abcdefghijklmnopqrstuvwxyz"]
    assert {*said_of(federation, *map(family_opened, families))} == {""}
    needed = []
    for some in (families[:2], families):
        asked[0] = 0
        asks = [by_federation("needs_surveyed", members[1], surveyor="专干", needs=["EDU"]) for members in some]
        assert {*said_of(federation, *asks)} == {""}
        needed.append(asked[0])
    assert needed[1] <= needed[0]


# -- born, certificate


def test_an_age_is_what_a_number_says(department: Make) -> None:
    hrss = department("hrss")
    data = {"job_kind": "FLEX", "registered_on": "2025-03-01"}
    needs = [event("hrss.parent_job_need_registered", data, person) for person in (MOTHER, SON)]
    assert said_of(hrss, *needs) == ["", "outside_age"]


def test_a_certificate_is_of_the_person_inside_its_number(federation: Department) -> None:
    data = {"cert_no": f"{DAUGHTER}21", "category": "2", "grade": "1", "issued_on": "2025-02-20"}
    data |= {"valid_to": "2035-02-20", "issuer": "嘉鱼县残联"}
    own = by_federation("disability_certificate_issued", **data) | {"legacy": True}
    sons = by_federation("disability_certificate_issued", SON, **data) | {"legacy": True}
    assert said_of(federation, own, sons) == ["", "certificate_of_another"]
    reviewed = by_federation("two_subsidies_reviewed", decision="approved", category="2", grade="2")
    assert said_of(federation, reviewed) == ["differs_from_certificate"]


# -- several writers, what a kind refuses


def test_two_writers_at_once_cannot_together_pass_a_limit(department: Make, insurance: Department) -> None:
    assert said_of(insurance, enrolled()) == ["scheme_not_in_force"]
    writers = [insurance, department("medical_insurance")]
    with ThreadPoolExecutor(2) as pool:
        funds = ("medfund", "ltcfund", "county", "city", "province", "central", "donation", "foundation")
        work = [pool.submit(said_of, writers[turn % 2], assisted("20.00", fund)) for turn, fund in enumerate(funds)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == [""] * 3 + ["above_premium"] * 5


def test_two_writers_at_once_cannot_start_two_trainings(department: Make, federation: Department) -> None:
    stories = [aid(f"RA-{turn}") for turn in range(4)]
    assert {*said_of(federation, *(one for some in stories for one in some[:2]))} == {""}
    writers = [federation, department(FEDERATION)]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, writers[turn % 2], some[2]) for turn, some in enumerate(stories)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == ["", *["already_in_training"] * 3]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("account_tail", "123", "not_an_account_tail"), ("paid_on", "2025-03-02", "dated_in_the_future")],
)
def test_a_payment_with_a_wrong_account_or_day_is_refused(department: Make, name: str, value: str, code: str) -> None:
    data = {"benefit": "DIBAO", "amount": "632.00", "period": "2025-03", "payee": FATHER, "account_tail": "0001"}
    data |= {"fund": "county", "paid_on": "2025-03-01"}
    paid = event("finance.benefit_paid", data | {name: value}, FATHER)
    assert said_of(department("finance"), paid) == [code]


def test_dibao_covers_somebody_and_a_recognition_names_a_child(department: Make, federation: Department) -> None:
    data = {"dibao_type": "family", "applicant": FATHER, "authorisation_doc": "授权书1号", "applied_on": "2025-02-20"}
    applied = event("civil_affairs.dibao_applied", data | {"persons": []}, FATHER)
    assert said_of(department("civil_affairs"), applied) == ["not_a_list"]
    named = {"basis": "dibao", "disabled_members": [SON], "child_members": [], "effective_from": "2025-03-01"}
    recognised = by_federation("difficult_family_recognised", FATHER, **named, decided_by="嘉鱼县残联")
    assert said_of(federation, recognised) == ["not_a_list"]
