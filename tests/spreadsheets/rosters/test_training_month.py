"""An institution's training month: what children were given, and whose training may have stopped."""

from decimal import Decimal
from typing import Any

import pytest

from services.spreadsheets.rosters.declaring import Outcome
from services.spreadsheets.rosters.training_month import ROSTER
from services.spreadsheets.rosters.understanding import missing_columns
from tests.spreadsheets.rosters.sheet import after, faults, number, proposed, read, types, warnings

CHILD, OTHER = number(61), number(62)
TITLE = {"institution": "52421299MJXREH015B", "institution_name": "虚构康复中心", "month": "2026-03"}


def row(person: str | None = CHILD, **other: Any) -> dict[str, Any]:
    found = {
        "name": "虚构甲", "person": person, "process": "xn-2026-001", "mode": "全日制", "sessions": "18次",
        "hours": "36",
        "fee_total": "2900", "fee_aided": "1580", "fee_insurance": "300", "fee_upper": "-", "fee_self": "1020",
    }  # fmt: skip
    return found | other


def month(*rows: dict[str, Any], title: dict[str, Any] | None = None, **more: Any) -> Outcome:
    return read(ROSTER, rows, title=TITLE | (title or {}), **more)


def test_a_row_is_a_month_in_the_childs_process() -> None:
    (planned,) = month(row()).events
    assert (planned.event["process"], planned.event["time"][:10]) == ("xn-2026-001", "2026-03-31")
    assert planned.event["data"] == {
        "month": "2026-03", "sessions": 18, "hours": "36", "fee_total": "2900.00", "fee_aided": "1580.00",
        "fee_self": "1020.00", "fee_insurance": "300.00",
        "institution": {"code": "52421299MJXREH015B", "name": "虚构康复中心"},
    }  # fmt: skip


def test_the_process_is_known_from_the_month_before() -> None:
    record = after(month(row()), 1)
    assert month(row(process=None), record=record).events[0].event["process"] == "xn-2026-001"
    assert faults(month(row(process=None))) == ["process_missing"]


def test_a_missing_total_is_computed_and_marked() -> None:
    outcome = month(row(fee_total=None))
    assert warnings(outcome) == ["total_computed"]
    assert outcome.events[0].event["data"]["fee_total"] == "2900.00"


def test_a_total_that_is_not_the_sum_is_refused() -> None:
    assert faults(month(row(fee_total="3000"))) == ["fees_do_not_add_up"]


def test_an_absent_part_is_nothing_only_where_the_others_make_the_total() -> None:
    outcome = month(row(fee_total="1880", fee_self="/"))
    assert outcome.events[0].event["data"]["fee_self"] == "0.00"
    assert faults(month(row(fee_self="/"))) == ["required"]


def test_how_long_a_lesson_is_is_asked_once_for_the_file() -> None:
    rows = (row(hours=None, lessons="48课时"), row(OTHER, hours=None, lessons="24"))
    outcome = month(*rows)
    assert ([one.name for one in outcome.questions], outcome.events) == (["lesson_minutes"], [])
    answered = month(*rows, answers={"lesson_minutes": "45"})
    assert [one.event["data"]["hours"] for one in answered.events] == ["36.00", "18.00"]


def test_sessions_ticked_by_the_day_are_counted() -> None:
    outcome = month(row(sessions=None, day_1="√", day_2="√", day_3="×"))
    assert outcome.events[0].event["data"]["sessions"] == 2


def test_a_child_absent_all_month_is_a_proposal() -> None:
    outcome = month(row(sessions=0, hours=0, absent_days=22, fee_total=0, fee_aided=0, fee_insurance=None, fee_self=0))
    assert (types(outcome), proposed(outcome)) == ([], ["rehab_interrupted"])
    assert outcome.proposals[0].asks == ("reason", "from_date")


def test_a_child_who_is_new_may_have_to_be_started() -> None:
    outcome = month(row(), row(OTHER, process="xn-2026-002"), record=after(month(row()), 1))
    assert proposed(outcome) == ["rehab_started"]
    assert len(outcome.events) == 2


def test_a_child_who_disappeared_is_a_proposal() -> None:
    record = after(month(row(), row(OTHER)), 2)
    assert proposed(month(row(), record=record, title={"month": "2026-04"})) == ["rehab_interrupted"]


def test_on_the_first_of_an_aid_year_a_child_is_not_missing() -> None:
    record = after(month(row(), row(OTHER)), 2)
    outcome = month(row(), record=record, title={"month": "2026-01"})
    assert [one.type for one in outcome.proposals] == [""]
    assert "重新申请" in outcome.proposals[0].zh


def test_a_name_without_a_number_is_refused_and_the_children_in_training_are_offered() -> None:
    outcome = month(row(None), record=after(month(row()), 1))
    assert faults(outcome) == ["required"]
    assert "children_in_training" in warnings(outcome)


def test_a_month_that_is_not_over_is_refused() -> None:
    assert faults(month(row(), title={"month": "2026-12"})) == ["month_not_over"]


def test_one_sheet_per_child_has_the_child_in_the_title() -> None:
    cells = {name: value for name, value in row().items() if name not in {"name", "person"}}
    outcome = month(cells, title={"name": "虚构甲", "person": CHILD})
    assert outcome.events[0].event["subject"] == CHILD
    assert ROSTER.every_sheet


def test_the_sum_of_the_fees_is_compared_with_the_total() -> None:
    assert warnings(month(row(), totals={"fee_total": Decimal(2901)})) == ["total_differs"]


@pytest.mark.parametrize("there", ["day_1", "sessions"])
def test_sessions_may_be_a_column_or_days(there: str) -> None:
    needed = {one.name for one in ROSTER.columns if one.needed} - {"sessions"}
    assert missing_columns(ROSTER, needed | {there}, {}) == []
    assert [one.name for one in missing_columns(ROSTER, needed, {})] == ["sessions"]
