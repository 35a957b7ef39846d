"""The roster of a school: new students are enrolled, whatever else changed is for a person to decide."""

from datetime import date
from typing import Any

import pytest

from services.spreadsheets.rosters.declaring import Context, Outcome
from services.spreadsheets.rosters.school import ROSTER
from services.spreadsheets.rosters.understanding import rows_of
from shared.language.kinds import Setting
from tests.spreadsheets.rosters.sheet import after, faults, number, proposed, types, warnings
from tests.spreadsheets.rosters.sheet import read as read_any

CHILD, OTHER = number(71), number(72)
TITLE = {"school": "2142000123", "school_name": "虚构县特殊教育学校", "term": 2025}
JOINED = {"joined_on": "2026-01-01"}


def row(person: str = CHILD, **other: Any) -> dict[str, Any]:
    found = {
        "name": "虚构甲", "person": person, "student_no": f"G{person}", "year": "一年级", "class": "二班",
        "mode": "随读",
        "enrolled_on": "2025-09-01",
    }  # fmt: skip
    return found | other


def read(*rows: dict[str, Any], title: dict[str, Any] | None = None, answers: Any = None, **more: Any) -> Outcome:
    return read_any(ROSTER, rows, title=TITLE | (title or {}), answers=JOINED | (answers or {}), **more)


def test_a_new_student_is_enrolled_and_as_history_where_the_office_joined_later() -> None:
    (planned,) = read(row()).events
    assert planned.event["legacy"] is True
    assert planned.event["data"] == {
        "school": {"code": "2142000123", "name": "虚构县特殊教育学校"}, "student_no": f"G{CHILD}",
        "grade_class": "一年级二班", "enrolled_on": "2025-09-01", "mode": "INCL",
    }  # fmt: skip
    assert "legacy" not in read(row(), answers={"joined_on": "2025-01-01"}).events[0].event


def test_a_student_who_is_as_before_is_unchanged_also_in_another_class() -> None:
    outcome = read(row(year="二年级"), record=after(read(row()), 1))
    assert (outcome.events, outcome.proposals, len(outcome.unchanged)) == ([], [], 1)


def test_another_enrolment_day_goes_to_the_door_which_names_the_record() -> None:
    assert types(read(row(enrolled_on="2025-09-02"), record=after(read(row()), 1))) == ["student_enrolled"]


@pytest.mark.parametrize(
    ("cells", "title", "type_", "asked"),
    [
        ({}, {"school": "2142000456"}, "student_transferred", "transferred_on"),
        ({"mode": "送教"}, {}, "education_placement_decided", "from_date"),
    ],
)
def test_another_school_or_mode_is_a_proposal(
    cells: dict[str, Any], title: dict[str, Any], type_: str, asked: str
) -> None:
    record = after(read(row()), 1)
    outcome = read(row(**cells), title=title, record=record)
    assert (proposed(outcome), outcome.events) == ([type_], [])
    assert asked in outcome.proposals[0].asks
    again = read(row(**cells), title=title, record=after(outcome, 1))
    assert proposed(again) == [type_], "until it is decided"


@pytest.mark.parametrize(
    ("status", "type_"),
    [("毕业", "compulsory_education_completed"), ("休学", "student_absence_reported"),
     ("辍学", "student_absence_reported"), ("转学", "student_transferred")],
)  # fmt: skip
def test_a_state_is_a_proposal_that_asks_for_its_day(status: str, type_: str) -> None:
    outcome = read(row(status=status), record=after(read(row()), 1))
    assert proposed(outcome) == [type_]


def test_an_individual_plan_is_a_proposal_that_asks_for_its_document() -> None:
    assert proposed(read(row(plan_on="有，2025-10-08"))) == ["education_plan_made"]
    assert proposed(read(row(plan_on="有"))) == []


def test_from_which_fund_and_when_aid_was_granted_is_asked_once_for_the_file() -> None:
    rows = (row(aid="625", aid_kind="生活补助"), row(OTHER, aid="625", aid_kind="生活补助"))
    outcome = read(*rows)
    assert [one.name for one in outcome.questions] == ["aid_fund", "aid_on"]
    answered = read(*rows, answers={"aid_fund": "county", "aid_on": "2025-10-15"})
    aid = [one.event for one in answered.events if one.event["type"].endswith("aid_granted")]
    assert [one["data"]["amount"] for one in aid] == ["625.00", "625.00"]
    assert aid[0]["data"]["school_year"] == 2025


def test_what_belongs_to_others_is_said_and_not_recorded() -> None:
    outcome = read(row(category="智力", visits="8"))
    assert warnings(outcome) == ["of_another_department", "visits_not_recorded"]
    assert types(outcome) == ["student_enrolled"]


def test_a_student_number_without_its_letter_is_read() -> None:
    assert read(row(student_no=CHILD)).events[0].event["data"]["student_no"] == f"G{CHILD}"


def test_at_home_is_not_guessed() -> None:
    assert faults(read(row(mode="在家"))) == ["ambiguous_code"]


def test_a_school_code_that_is_missing_is_chosen_from_those_on_record() -> None:
    outcome = read(row(OTHER), title={"school": None}, record=after(read(row()), 1))
    assert [(one.name, one.choices) for one in outcome.questions] == [("school", ("2142000123",))]
    answered = read(row(OTHER), title={"school": None}, record=after(read(row()), 1), answers={"school": "2142000123"})
    assert types(answered) == ["student_enrolled"]


def test_the_class_may_stand_in_the_tabs_name() -> None:
    context = Context(Setting(date(2026, 12, 1), allow_test_regions=True), "urn:x", title=TITLE, answers=JOINED)
    rows = rows_of(ROSTER, "一年级三班", 3, row(year=None) | {"class": None}, context)
    outcome = ROSTER.understand(rows, context)
    assert outcome.events[0].event["data"]["grade_class"] == "一年级三班"


def test_a_child_who_disappeared_is_a_proposal() -> None:
    outcome = read(row(), record=after(read(row(), row(OTHER)), 2))
    assert proposed(outcome) == ["student_transferred"]
    assert str(outcome.proposals[0].before) == "表1 第 4 行"


def test_in_summer_it_is_asked_once_whether_the_class_has_left() -> None:
    record = after(read(row(), row(OTHER)), 2)
    summer = Setting(date(2026, 7, 10), allow_test_regions=True)

    def in_summer(**answers: str) -> Outcome:
        context = Context(summer, "urn:x", title=TITLE, answers=JOINED | answers, record=record, scope="school")
        return ROSTER.understand(rows_of(ROSTER, "表1", 3, row(), context), context)

    assert [one.name for one in in_summer().questions] == ["leaving_class"]
    assert proposed(in_summer(leaving_class="completed")) == ["compulsory_education_completed"]


@pytest.mark.parametrize("cell", ["2025-2026学年第一学期", "2025年秋季", "2026年春季", "2025-2026学年"])
def test_a_term_names_the_year_in_which_the_school_year_begins(cell: str) -> None:
    assert ROSTER.column("term").read(cell, Setting(date(2026, 7, 10), allow_test_regions=True)) == 2025
