"""What comes of the rows of a roster at a real door: recorded, already recorded, corrected, refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.spreadsheets.rosters import ROSTERS
from services.spreadsheets.rosters.declaring import Outcome, Place
from services.spreadsheets.rosters.remembering import MemoryUnreadable, Remembered, keep, path_of, recall
from services.spreadsheets.rosters.sending import Send, send
from shared.door.department import Department
from tests.spreadsheets.rosters.sheet import number, read, types
from tests.spreadsheets.rosters.test_certificates import row as certificate
from tests.spreadsheets.rosters.test_dibao import FAMILY, JOINED
from tests.spreadsheets.rosters.test_payments import row as payment


def door(department: Department) -> Send:
    def answers(events: Sequence[dict[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        for answer in department.receive_all(events):
            if answer.refused is None:
                yield (201 if answer.new else 200), answer.receipt or {}
            else:
                yield answer.refused.status, {"errors": [one.as_dict() for one in answer.refused.faults]}

    return answers


def test_a_household_is_recorded_once_and_a_changed_one_only_when_confirmed(
    department: Callable[[str], Department],
) -> None:
    at = door(department("civil_affairs"))

    def month(digest: str, **cells: Any) -> Outcome:
        return read(ROSTERS["dibao"], [row | cells for row in FAMILY], answers=JOINED, digest=digest)

    def verdicts(outcome: Outcome, *, correct: bool = False) -> dict[str, int]:
        return dict(send(outcome, at, dry_run=False, correct=correct).counts)

    assert verdicts(month("march")) == {"recorded": 2}, "each row of the household"
    assert verdicts(month("march")) == {"already_recorded": 2}, "the same file"
    assert verdicts(month("april")) == {"already_recorded": 2}, "another file that says the same"
    changed = month("may", amount="700")
    assert verdicts(changed) == {"proposed": 2}
    assert [one.type for one in changed.proposals] == ["civil_affairs.event_corrected"]
    sent = send(month("may", amount="700"), at, dry_run=False, correct=True)
    assert sent.counts == {"recorded": 2}
    assert verdicts(month("june", amount="700")) == {"already_recorded": 2}, "the correction counts"


def test_what_a_door_refuses_is_said_of_the_row_and_of_no_other(department: Callable[[str], Department]) -> None:
    rows = [payment(paid_on="2099-01-01"), payment(number(44))]
    sent = send(read(ROSTERS["payments"], rows), door(department("finance")), dry_run=False, correct=False)
    assert {place.row: verdict for place, verdict in sent.verdicts.items()} == {3: "refused", 4: "recorded"}
    assert sent.said(Place("表1", 3)).startswith("被拒绝：")
    assert sent.said(Place("表1", 4)) == "已记录"


def test_a_first_export_is_recorded_without_the_steps_before(department: Callable[[str], Department]) -> None:
    rows = [
        certificate(), certificate(number(33), status="冻结", frozen_on="2026-01-05"),
        certificate(number(34), codes="71B1", issued_on="2026-06-10"),
        certificate(number(35), status="注销", cancelled_on="2026-02-01"),
    ]  # fmt: skip
    outcome = read(ROSTERS["certificates"], rows, answers={"reissue_reason": "遗失"})
    sent = send(outcome, door(department("disability_federation")), dry_run=False, correct=False)
    assert set(sent.verdicts.values()) <= {"recorded", "flagged"}, sent.reasons
    assert len(types(outcome)) == 7


def test_a_door_that_does_not_answer_leaves_the_rest_unsent() -> None:
    sent = send(read(ROSTERS["payments"], [payment()]), lambda _: iter(()), dry_run=False, correct=False)
    assert dict(sent.counts) == {"not_sent": 1}
    assert sent.settled == frozenset()


def test_what_is_kept_of_a_file_holds_no_number_and_no_name(tmp_path: Path) -> None:
    path = path_of(tmp_path / "imports", ROSTERS["payments"], "421299", "urn:yihu:finance:desk")
    outcome = read(ROSTERS["payments"], [payment()], record=Remembered(b"a secret"))
    said, context = vars(outcome)["said"]
    keep(path, *context.record.after(outcome, said, context))
    text = path.read_text(encoding="utf-8")
    assert payment()["person"] not in text
    assert payment()["name"] not in text
    assert path.stat().st_mode & 0o077 == 0
    again = recall(path, b"a secret")
    assert again.counts == {"DIBAO": 1}
    assert read(ROSTERS["payments"], [payment(number(44))], record=again).proposals[0].zh == "未见本月发放。"


def test_what_is_kept_and_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert recall(path, b"").counts == {}
    path.write_text("{", encoding="utf-8")
    with pytest.raises(MemoryUnreadable):
        recall(path, b"")
