"""The census of self-help: only counts enter the log."""

from typing import Any

from services.spreadsheets.rosters.census import ROSTER
from services.spreadsheets.rosters.declaring import Outcome
from tests.spreadsheets.rosters.sheet import after, faults, number, proposed, read, types, warnings

FIRST, SECOND, THIRD = (number(nth, "19800101") for nth in (51, 52, 53))


def row(person: str, **other: Any) -> dict[str, Any]:
    found = {
        "division": "嘉鱼县", "category": "脊髓损伤", "name": "虚构甲", "person": person, "needs": "培训、辅具",
        "willing": "√", "trained": "否", "surveyed_on": "2026-03-01",
    }  # fmt: skip
    return found | other


def census(*rows: dict[str, Any], **more: Any) -> Outcome:
    return read(ROSTER, rows, **more)


def test_the_rows_of_a_category_are_one_count() -> None:
    outcome = census(row(FIRST), row(SECOND, willing="×", trained="是", needs="心理", surveyed_on="2026-03-04"))
    (planned,) = outcome.events
    assert "subject" not in planned.event
    assert planned.event["data"] == {
        "category": "SH3", "division": "421221", "count": 2, "needing": 1, "trained_before": 1,
        "surveyed_on": "2026-03-04", "needs": ["KNOW", "DEV", "PSY"],
    }  # fmt: skip


def test_nobodys_number_enters_an_event() -> None:
    assert FIRST not in str([one.event for one in census(row(FIRST)).events])


def test_each_category_and_county_has_its_count() -> None:
    outcome = census(row(FIRST), row(SECOND, category="SH1"), row(THIRD, division="咸安区"))
    assert types(outcome) == ["baseline_surveyed"] * 3


def test_professionals_of_the_second_table_are_counted() -> None:
    assert census(row(FIRST), title={"professionals": 7}).events[0].event["data"]["professionals"] == 7


def test_who_is_willing_is_proposed_and_never_referred_by_itself() -> None:
    outcome = census(row(FIRST), row(SECOND, willing="否"))
    assert proposed(outcome) == ["participant_referred"]
    assert outcome.proposals[0].event["subject"] == FIRST


def test_a_disability_is_no_category_and_the_count_waits() -> None:
    outcome = census(row(FIRST), row(SECOND, category="视力"))
    assert faults(outcome, 4) == ["ambiguous_code"]
    assert faults(outcome, 3) == ["count_incomplete"], "the row might belong to any category"
    assert outcome.events == []


def test_a_row_that_cannot_be_read_holds_back_its_own_category_only() -> None:
    outcome = census(row(FIRST), row(421299198001010019), row(SECOND, category="SH1"))
    assert [one.event["data"]["category"] for one in outcome.events] == ["SH1"]
    assert faults(outcome, 3) == ["count_incomplete"]


def test_a_certificate_number_for_an_identity_number_is_read_and_the_reverse_refused() -> None:
    assert warnings(census(row(FIRST + "41"))) == ["certificate_for_id_number"]
    assert faults(census(row(FIRST, cert_no=FIRST))) == ["id_number_for_certificate"]


def test_a_person_under_two_categories_is_counted_in_both_and_remarked() -> None:
    outcome = census(row(FIRST), row(FIRST, category="SH1"))
    assert warnings(outcome) == ["person_in_two_categories"]
    assert [one.event["data"]["count"] for one in outcome.events] == [1, 1]


def test_a_person_twice_in_a_category_is_counted_once() -> None:
    outcome = census(row(FIRST), row(FIRST))
    assert warnings(outcome) == ["person_twice"]
    assert outcome.events[0].event["data"]["count"] == 1


def test_who_disappeared_shows_only_as_a_difference_of_counts() -> None:
    record = after(census(row(FIRST), row(SECOND), row(THIRD)), 3)
    outcome = census(row(FIRST), row(SECOND), record=record)
    assert warnings(outcome) == ["count_changed"]
    assert set(proposed(outcome)) == {"participant_referred"}
