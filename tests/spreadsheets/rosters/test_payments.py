"""The payment run: what was paid is recorded, what failed is reported, what is odd is asked."""

from decimal import Decimal
from typing import Any

import pytest

from services.spreadsheets.rosters.declaring import Outcome
from services.spreadsheets.rosters.payments import ROSTER
from tests.spreadsheets.rosters.sheet import after, faults, number, proposed, read, types, warnings

PERSON, CHILD, SECOND = number(41, "19880315"), number(42), number(43)
NAME = "虚构甲"


def row(person: str = PERSON, **other: Any) -> dict[str, Any]:
    found = {
        "benefit": "低保金", "periods": "2026年3月", "paid_on": "2026-03-15", "name": NAME, "person": person,
        "amount": "632.00", "fund": "县级财政", "account": "6222021234567890",
    }  # fmt: skip
    return found | other


def run(*rows: dict[str, Any], **more: Any) -> Outcome:
    return read(ROSTER, rows, **more)


def test_a_row_is_a_payment() -> None:
    (planned,) = run(row(process="虚构低保001")).events
    assert planned.event["subject"] == PERSON
    assert planned.event["process"] == "虚构低保001"
    assert planned.event["data"] == {
        "benefit": "DIBAO", "amount": "632.00", "period": "2026-03", "payee": PERSON, "account_tail": "7890",
        "fund": "county", "paid_on": "2026-03-15",
    }  # fmt: skip


def test_benefit_month_day_and_fund_may_stand_in_the_title() -> None:
    plain = {name: value for name, value in row().items() if name not in {"benefit", "periods", "paid_on", "fund"}}
    title = {
        name: run(row()).events[0].event["data"][sent] for name, sent in (("benefit", "benefit"), ("fund", "fund"))
    } | {"periods": ("2026-03",), "paid_on": ROSTER.column("paid_on").read("2026-03-15", None)}  # type: ignore[arg-type]
    assert run(plain, title=title).events[0].event["data"] == run(row()).events[0].event["data"]


@pytest.mark.parametrize("result", ["失败", "退票", "失败：账户已销户"])
def test_what_was_not_paid_is_reported_and_not_recorded(result: str) -> None:
    outcome = run(row(result=result))
    assert (outcome.events, warnings(outcome)) == ([], ["not_paid"])


def test_what_was_paid_is_said_so() -> None:
    assert len(run(row(result="成功")).events) == 1


def test_another_payee_is_named_by_number() -> None:
    outcome = run(row(CHILD, payee_name="虚构乙", payee=PERSON))
    assert outcome.events[0].event["data"]["payee"] == PERSON
    assert faults(run(row(CHILD, payee_name="虚构乙"))) == ["payee_without_number"]
    assert run(row(payee_name=NAME)).faults == {}


def test_a_negative_amount_is_a_proposal_to_recover() -> None:
    outcome = run(row(amount="-632"))
    assert outcome.events == []
    assert proposed(outcome) == ["benefit_recovered"]
    assert outcome.proposals[0].event["data"]["amount"] == "632.00"


def test_the_total_is_the_sum_of_the_rows_recorded_and_of_those_refused() -> None:
    rows = (row(), row(CHILD, fund=None))
    assert warnings(run(*rows, totals={"amount": Decimal(1264)})) == []
    outcome = run(*rows, totals={"amount": Decimal(1300)})
    assert outcome.warnings[0].code == "total_differs"
    assert "36.00" in outcome.warnings[0].zh


def test_who_was_paid_last_month_and_is_not_now_is_information_only() -> None:
    record = after(run(row(), row(CHILD)), 2)
    outcome = run(row(periods="2026-04", paid_on="2026-04-15"), record=record)
    assert [one.type for one in outcome.proposals] == [""]
    assert outcome.proposals[0].zh == "未见本月发放。"


def test_several_months_are_split_after_a_question_and_never_alone() -> None:
    rows = (row(periods="2026年1-3月", amount="1896"),)
    outcome = run(*rows)
    assert (outcome.events, [one.name for one in outcome.questions]) == ([], ["split_months"])
    split = run(*rows, answers={"split_months": "equal"})
    assert [one.event["data"]["period"] for one in split.events] == ["2026-01", "2026-02", "2026-03"]
    assert {one.event["data"]["amount"] for one in split.events} == {"632.00"}
    assert len({one.event["id"] for one in split.events}) == 3
    assert faults(run(*rows, answers={"split_months": "no"})) == ["several_months"]


def test_an_amount_that_cannot_be_split_evenly_is_refused() -> None:
    outcome = run(row(periods="2026年1-3月", amount="100"), answers={"split_months": "equal"})
    assert faults(outcome) == ["not_even"]


def test_funds_in_columns_are_an_event_each_with_an_amount() -> None:
    outcome = run(row(fund=None, amount_central="400", amount_province="232", amount_county="-"))
    assert [(one.event["data"]["fund"], one.event["data"]["amount"]) for one in outcome.events] == [
        ("central", "400.00"), ("province", "232.00"),
    ]  # fmt: skip
    assert faults(run(row(fund=None, amount_central="400"))) == ["funds_do_not_add_up"]


def test_whether_city_or_county_paid_is_not_guessed() -> None:
    assert faults(run(row(fund="市县"))) == ["ambiguous_code"]


def test_an_account_in_a_numeric_cell_is_refused() -> None:
    assert faults(run(row(account=6222021234567890))) == ["ruined_by_spreadsheet"]


def test_the_same_person_twice_for_two_children_is_told_apart_by_the_child() -> None:
    twice = (row(benefit="LIVE_SUB"), row(benefit="LIVE_SUB"))
    assert faults(run(*twice)) == faults(run(*twice), 4) == ["paid_twice_in_file"]
    outcome = run(row(beneficiary=CHILD), row(beneficiary=SECOND))
    assert [one.event["subject"] for one in outcome.events] == [CHILD, SECOND]
    assert {one.event["data"]["payee"] for one in outcome.events} == {PERSON}


def test_a_back_payment_of_the_same_month_is_no_second_payment() -> None:
    outcome = run(row(), row(supplement="是", amount="20"))
    assert types(outcome) == ["benefit_paid", "benefit_paid"]
    assert outcome.events[1].event["data"]["supplement"] is True


def test_the_run_of_another_benefit_misses_nobody() -> None:
    record = after(run(row(), row(CHILD)))
    other = run(row(benefit="LIVE_SUB"), record=record)
    assert (other.proposals, other.questions) == ([], [])
    assert len(run(row(), record=after(other)).proposals) == 1, "and does not make the next one forget"
