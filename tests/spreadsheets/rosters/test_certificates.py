"""The export of certificates: the first one is history, a later one says what has changed."""

from typing import Any

import pytest

from services.spreadsheets.rosters.certificates import ROSTER
from services.spreadsheets.rosters.declaring import Outcome
from tests.spreadsheets.rosters.sheet import after, faults, number, proposed, read, types, warnings

PERSON, OTHER = number(31), number(32)


def row(person: str = PERSON, codes: str = "71", **other: Any) -> dict[str, Any]:
    found = {
        "name": "虚构甲", "person": person, "cert_no": person + codes, "category": "多重", "grade": f"{codes[1]}级",
        "components": "听力一级、智力三级", "issued_on": "2025-03-20", "valid_to": "2035年3月20日", "status": "正常",
        "division": "嘉鱼县",
    }  # fmt: skip
    return found | other


def export(*rows: dict[str, Any], **more: Any) -> Outcome:
    return read(ROSTER, rows, **more)


def later(*rows: dict[str, Any], **more: Any) -> Outcome:
    """Return what an export says after a first one with the plain row."""
    return export(*rows, record=after(export(row()), 1), digest="later", **more)


def test_the_first_export_issues_what_is_valid_as_history() -> None:
    outcome = export(row())
    (planned,) = outcome.events
    assert planned.event["legacy"] is True
    assert planned.event["division"] == "421221"
    assert planned.event["data"] == {
        "cert_no": PERSON + "71", "category": "7", "grade": "1", "issued_on": "2025-03-20", "valid_to": "2035-03-20",
        "issuer": "嘉鱼县残联", "components": [{"category": "2", "grade": "1"}, {"category": "5", "grade": "3"}],
    }  # fmt: skip


def test_a_first_issue_before_makes_it_a_renewal_alone() -> None:
    assert types(export(row(first_on="2015.3.20"))) == ["disability_certificate_renewed"]


def test_a_frozen_and_a_cancelled_certificate_are_issued_and_then_that() -> None:
    outcome = export(row(status="冻结", frozen_on="2026-01-05"), row(OTHER, status="注销", cancelled_on="2026-02-01"))
    assert types(outcome) == [
        "disability_certificate_issued", "disability_certificate_frozen",
        "disability_certificate_issued", "disability_certificate_cancelled",
    ]  # fmt: skip
    assert len({one.event["id"] for one in outcome.events}) == 4
    assert outcome.events[1].event["time"].startswith("2026-01-05")


def test_a_certificate_made_out_again_is_valid_as_long_as_before() -> None:
    again = row(codes="71B1", issued_on="2026-06-10")
    assert [one.name for one in export(again).questions] == ["reissue_reason"]
    outcome = export(again, answers={"reissue_reason": "遗失"})
    issued, reissued = (one.event["data"] for one in outcome.events)
    assert (issued["cert_no"], issued["issued_on"], issued["valid_to"]) == (PERSON + "71", "2025-03-20", "2035-03-20")
    assert reissued == {"cert_no": PERSON + "71B1", "reissue_seq": 1, "issued_on": "2026-06-10", "reason": "遗失"}


def test_an_export_that_says_the_same_says_nothing_new() -> None:
    outcome = later(row(), row(OTHER))
    assert [place.row for place in outcome.unchanged] == [3]
    assert types(outcome) == ["disability_certificate_issued"], "the other person is new"
    assert "legacy" not in outcome.events[0].event


def test_new_dates_under_the_same_number_are_a_renewal() -> None:
    outcome = later(row(issued_on="2026-03-20", valid_to="2036-03-20"))
    assert types(outcome) == ["disability_certificate_renewed"]
    assert "legacy" not in outcome.events[0].event


def test_another_suffix_is_a_reissue_whose_reason_is_asked() -> None:
    changed = row(codes="71B1", issued_on="2026-06-10")
    assert [one.name for one in later(changed).questions] == ["reissue_reason"]
    assert types(later(changed, answers={"reissue_reason": "遗失"})) == ["disability_certificate_reissued"]


def test_other_last_digits_are_a_change_of_grade_with_the_old_one_from_the_record() -> None:
    outcome = later(row(codes="72", components="听力二级、智力三级", issued_on="2026-05-06", valid_to="2036-05-06"))
    data = outcome.events[0].event["data"]
    assert types(outcome) == ["disability_grade_changed"]
    assert (data["old_category"], data["old_grade"], data["grade"]) == ("7", "1", "2")
    assert data["effective_on"] == "2026-05-06"


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        ({"status": "冻结", "frozen_on": "2026-05-06"}, "disability_certificate_frozen"),
        ({"status": "注销", "cancelled_on": "2026-05-06"}, "disability_certificate_cancelled"),
    ],
)
def test_a_state_that_is_new_is_an_event(cells: dict[str, Any], type_: str) -> None:
    assert types(later(row(**cells))) == [type_]


def test_valid_again_after_a_freeze_is_unfrozen_on_its_day() -> None:
    record = after(export(row(status="冻结", frozen_on="2026-01-05")), 1)
    assert types(export(row(unfrozen_on="2026-04-01"), record=record)) == ["disability_certificate_unfrozen"]


def test_valid_again_without_a_day_is_a_proposal_that_asks_for_it() -> None:
    record = after(export(row(status="冻结", frozen_on="2026-01-05")), 1)
    outcome = export(row(), record=record)
    assert proposed(outcome) == ["disability_certificate_unfrozen"]
    assert outcome.proposals[0].asks == ("unfrozen_on",)
    assert proposed(export(row(), record=after(outcome, 1))) == ["disability_certificate_unfrozen"], "until it is said"


@pytest.mark.parametrize("cells", [{"division": "咸安区"}, {"status": "已迁出"}])
def test_another_division_or_moved_away_is_a_proposal_that_asks_for_the_day(cells: dict[str, Any]) -> None:
    outcome = later(row(**cells))
    assert proposed(outcome) == ["disability_certificate_migrated"]
    assert "migrated_on" in outcome.proposals[0].asks
    assert outcome.events == []


def test_a_row_changed_under_the_same_number_and_day_goes_to_the_door_which_names_the_record() -> None:
    outcome = later(row(components="听力一级、智力四级"))
    assert types(outcome) == ["disability_certificate_issued"]
    assert outcome.events[0].event["legacy"] is True, "as the one on record, which it is compared with"


def test_a_guardian_on_the_sheet_is_proposed_to_the_registry() -> None:
    outcome = export(row(guardian_name="虚构乙", guardian=OTHER))
    assert proposed(outcome) == ["guardian_designated"]
    assert outcome.proposals[0].asks == ("relation", "from_date")


def test_a_certificate_that_disappeared_is_proposed_with_its_questions() -> None:
    record = after(export(row(), row(OTHER)), 2)
    outcome = export(row(), record=record)
    assert proposed(outcome) == ["disability_certificate_cancelled"]
    assert str(outcome.proposals[0].before) == "表1 第 4 行"
    assert outcome.events == []


def test_a_person_twice_with_old_and_new_number_has_the_older_one_as_history() -> None:
    old = row(codes="72", issued_on="2015-03-20", valid_to="2025-03-20", components=None)
    outcome = export(row(), old)
    assert len(outcome.events) == 1
    assert warnings(outcome) == ["older_certificate"]
    assert outcome.events[0].event["data"]["grade"] == "1"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"cert_no": 42129920180412031071}, "certificate_ruined_by_spreadsheet"),
        ({"valid_to": "长期"}, "validity_not_ten_years"),
        ({"valid_to": "2034-03-20"}, "validity_not_ten_years"),
        ({"cert_no": OTHER + "71"}, "certificate_of_another"),
        ({"grade": "2级"}, "certificate_number_differs"),
        ({"status": "注销"}, "required_here"),
        ({"status": "不明"}, "unknown_code"),
        ({"cert_no": PERSON}, "id_number_for_certificate"),
    ],
)
def test_what_contradicts_itself_is_refused(cells: dict[str, Any], code: str) -> None:
    outcome = export(row(**cells))
    assert faults(outcome) == [code]
    assert outcome.events == []


def test_a_grade_with_its_words_is_read() -> None:
    outcome = export(row(codes="72", grade="二级(重度)", components=None))
    assert outcome.events[0].event["data"]["grade"] == "2"


def test_the_first_export_of_another_county_is_history_too_and_misses_nobody() -> None:
    outcome = later(row(OTHER, division="咸安区"))
    assert (outcome.events[0].event["legacy"], outcome.proposals) == (True, [])
