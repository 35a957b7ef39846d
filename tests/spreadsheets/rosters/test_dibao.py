"""The monthly dibao roster: households, and what changed since the last month."""

from decimal import Decimal
from typing import Any

from services.spreadsheets.rosters.declaring import Outcome
from services.spreadsheets.rosters.dibao import ROSTER
from services.spreadsheets.rosters.remembering import Remembered
from tests.spreadsheets.rosters.sheet import after, faults, number, proposed, types, warnings
from tests.spreadsheets.rosters.sheet import read as read_any

HEAD, CHILD, OTHER = number(11, "19880315"), number(12), number(21, "19790101")
JOINED = {"joined_on": "2026-01-01"}


def member(person: str = HEAD, **other: Any) -> dict[str, Any]:
    row = {
        "month": "2026-03", "household": "虚构低保001", "head_name": "虚构甲", "head": HEAD, "name": "虚构乙",
        "person": person,
        "kind": "农村低保", "amount": "632元", "pay_from": "2025年4月", "decided_on": "2025/3/31",
    }  # fmt: skip
    return row | other


def read(*rows: dict[str, Any], answers: dict[str, Any] | None = None, **more: Any) -> Outcome:
    return read_any(ROSTER, rows, answers=JOINED | (answers or {}), **more)


FAMILY = (member(), member(CHILD))


def test_a_household_is_one_decision_for_all_its_rows() -> None:
    outcome = read(*FAMILY)
    (planned,) = outcome.events
    assert planned.event["process"] == "虚构低保001"
    assert planned.event["legacy"] is True, "it was decided before the office joined"
    assert planned.event["time"].startswith("2025-03-31")
    assert planned.event["data"] == {
        "decision": "approved", "dibao_type": "family", "persons": [HEAD, CHILD], "amount_month": "632.00",
        "pay_from": "2025-04", "cert_no": "虚构低保001", "decided_on": "2025-03-31",
    }  # fmt: skip
    assert [place.row for place in planned.others] == [4]
    assert (outcome.faults, outcome.questions) == ({}, [])


def test_the_same_file_makes_the_same_events_and_their_ids_name_nobody() -> None:
    first, second = read(*FAMILY).events[0].event, read(*FAMILY).events[0].event
    assert first == second
    assert HEAD not in first["id"]
    assert read(*FAMILY, digest="another file").events[0].event["id"] != first["id"]


def test_since_when_the_office_reports_is_asked_once() -> None:
    outcome = read_any(ROSTER, [*FAMILY, member(OTHER, household="虚构低保002", head=OTHER)])
    assert [one.name for one in outcome.questions] == ["joined_on"]
    assert "legacy" not in read(*FAMILY, answers={"joined_on": "2025-01-01"}).events[0].event


def test_the_amount_of_a_household_is_taken_once_though_each_row_repeats_it() -> None:
    assert read(*FAMILY, totals={"amount": Decimal("632.00")}).warnings == []
    outcome = read(*FAMILY, totals={"amount": Decimal("1264.00")})
    assert outcome.warnings[0].code == "total_differs"


def test_a_single_persons_dibao_has_the_heads_number_in_both_columns() -> None:
    outcome = read(member(HEAD, kind="单人户(低保边缘重残)"))
    assert outcome.events[0].event["data"]["dibao_type"] == "single_marginal"
    assert outcome.events[0].event["data"]["persons"] == [HEAD]


def test_which_kind_of_single_dibao_is_asked_and_never_guessed() -> None:
    outcome = read(member(HEAD, kind="农村/单人户"))
    assert [one.name for one in outcome.questions] == ["single_kind"]
    answered = read(member(HEAD, kind="单人户"), answers={"single_kind": "single_adult"})
    assert answered.events[0].event["data"]["dibao_type"] == "single_adult"


def test_a_single_persons_dibao_for_two_is_refused() -> None:
    assert faults(read(*(row | {"kind": "single_adult"} for row in FAMILY))) == ["single_dibao_for_several"]


def test_dibao_that_begins_before_its_decision_is_refused_and_says_so() -> None:
    outcome = read(member(pay_from="2025-02"))
    assert faults(outcome) == ["pay_from_before_decision"]
    assert outcome.events == []


def test_a_head_who_is_not_covered_is_remarked() -> None:
    outcome = read(member(CHILD))
    assert warnings(outcome) == ["head_not_covered"]
    assert outcome.events[0].event["data"]["persons"] == [CHILD]


def test_two_households_under_one_number_are_refused() -> None:
    assert faults(read(member(), member(OTHER, head=OTHER))) == ["two_households"]


def test_rows_of_a_household_that_differ_are_refused_with_every_reason() -> None:
    outcome = read(member(), member(CHILD, amount="700", decided_on="2025-04-30"))
    assert faults(outcome) == ["rows_differ", "rows_differ"]


def test_a_household_waits_for_a_row_that_cannot_be_read() -> None:
    outcome = read(member(), member(person=421299201804120017), member(OTHER, household="虚构低保002", head=OTHER))
    assert faults(outcome, 4) == ["resident_id_ruined_by_spreadsheet"]
    assert faults(outcome, 3) == ["household_incomplete"]
    assert len(outcome.events) == 1, "another household does not wait"


def test_several_persons_in_one_cell_are_as_many_rows_all_marked() -> None:
    outcome = read(member(f"{HEAD}、{CHILD}", name="虚构甲、虚构乙"))
    assert outcome.events[0].event["data"]["persons"] == [HEAD, CHILD]
    assert set(warnings(outcome)) == {"several_persons"}


def test_names_and_numbers_in_one_cell_that_differ_in_count_refuse_the_row() -> None:
    assert faults(read(member(f"{HEAD}\n{CHILD}", name="虚构甲、虚构乙、虚构丙"))) == ["persons_do_not_match"]
    assert faults(read(member(f"{HEAD}、{CHILD}"))) == ["persons_do_not_match"]


def test_a_name_that_a_narrow_cell_broke_over_two_lines_is_one_person() -> None:
    assert len(read(member(name="虚构\n甲")).events) == 1


def test_the_month_may_stand_in_the_title() -> None:
    row = member()
    del row["month"]
    assert read(row, title={"month": "2026-03"}).faults == {}
    assert faults(read(row)) == ["required"]


def test_another_amount_than_last_month_is_a_proposal_and_no_event() -> None:
    record = after(read(*FAMILY), 2)
    outcome = read(*(row | {"month": "2026-04", "amount": "700"} for row in FAMILY), record=record, digest="april")
    assert outcome.events == []
    (proposal,) = outcome.proposals
    assert proposal.type == "civil_affairs.dibao_reviewed"
    assert proposal.event["data"] == {"result": "increase", "amount_month": "700.00", "effective_from": "2026-04"}
    assert proposal.asks == ("reviewed_on", "next_due")


def test_a_person_gone_from_a_household_that_stays_is_a_proposal_with_a_hint_to_the_registry() -> None:
    record = after(read(*FAMILY), 2)
    outcome = read(member(month="2026-04"), record=record, digest="april")
    assert proposed(outcome) == ["dibao_reviewed"]
    assert "家庭成员退出" in outcome.proposals[0].zh


def test_a_difference_stays_proposed_until_it_is_decided() -> None:
    record = after(read(*FAMILY), 2)
    april = read(*(row | {"amount": "700"} for row in FAMILY), record=record)
    assert proposed(read(*(row | {"amount": "700"} for row in FAMILY), record=after(april, 2))) == ["dibao_reviewed"]


def test_a_household_without_change_is_the_same_event_again() -> None:
    record = after(read(*FAMILY), 2)
    april = read(*(row | {"month": "2026-04"} for row in FAMILY), record=record, digest="april")
    assert types(april) == ["dibao_decided"]
    assert april.events[0].event["data"] == read(*FAMILY).events[0].event["data"]


def test_a_household_that_disappeared_is_proposed_and_never_recorded() -> None:
    record = after(read(*FAMILY, member(OTHER, household="虚构低保002", head=OTHER)), 3)
    outcome = read(*FAMILY, record=record, digest="april")
    assert proposed(outcome) == ["dibao_terminated"]
    assert str(outcome.proposals[0].before) == "表1 第 5 行"
    assert outcome.proposals[0].event["data"] == {"effective_to": "2026-03"}
    assert outcome.proposals[0].asks == ("reason",)
    assert types(outcome) == ["dibao_decided"]


def test_nothing_has_disappeared_where_a_row_could_not_be_read() -> None:
    record = after(read(*FAMILY, member(OTHER, household="虚构低保002", head=OTHER)), 3)
    outcome = read(*FAMILY, member(OTHER, household=None, head=OTHER), record=record)
    assert proposed(outcome) == []
    assert "disappeared_not_compared" in warnings(outcome)


def test_a_file_with_less_than_half_of_the_last_ones_rows_raises_one_question() -> None:
    record = after(read(*FAMILY, member(OTHER, household="虚构低保002", head=OTHER)), 9)
    outcome = read(*FAMILY, record=record)
    assert [one.name for one in outcome.questions] == ["whole"]
    assert outcome.proposals == []
    assert proposed(read(*FAMILY, record=record, answers={"whole": "yes"})) == ["dibao_terminated"]
    assert proposed(read(*FAMILY, record=record, answers={"whole": "partial"})) == []


def test_a_record_that_keeps_no_number_compares_as_well() -> None:
    first = read(*FAMILY, record=Remembered(b"a secret"))
    said, context = vars(first)["said"]
    rows, counts = context.record.after(first, said, context)
    assert HEAD not in str(rows)
    assert read(*FAMILY, record=Remembered(b"a secret", rows, counts)).proposals == []
    assert proposed(read(member(), record=Remembered(b"a secret", rows, counts))) == ["dibao_reviewed"]


def test_what_is_gone_is_missed_once() -> None:
    record = after(read(*FAMILY, member(OTHER, household="虚构低保002", head=OTHER)))
    april = read(*FAMILY, record=record)
    assert proposed(april) == ["dibao_terminated"]
    assert read(*FAMILY, record=after(april)).proposals == []
