"""How the emitter goes on when a door does not answer, takes no batch, or takes it in part (the door is forced to)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.commands import emitter
from services.commands.emitter import Emitter, Line
from shared.door.client import Answer, Client, DepartmentUnavailable

EDUCATION, FINANCE = "education", "finance"


class Door(Client):
    """A door that follows a plan: for each request a status, `away` or `too large`; when it is used up, it records."""

    def __init__(self, *plan: str | int) -> None:
        super().__init__("http://127.0.0.1:9", "key")
        self.plan = list(plan)
        self.came: list[list[str]] = []
        self.recorded: list[str] = []

    def emit(self, department: str, event: Any) -> Answer:
        """Answer one event by the plan."""
        del department
        what = self._next([event])
        return Answer(what, {"id": event["id"], "status": what})

    def emit_all(self, department: str, events: Any) -> list[Answer] | None:
        """Answer a batch by the plan."""
        del department
        if self.plan[:1] == ["too large"]:
            self.plan.pop(0)
            return None
        what = self._next(events)
        return [Answer(what, {"id": event["id"]}) for event in events]

    def _next(self, events: list[Any]) -> int:
        what = self.plan.pop(0) if self.plan else 201
        if what == "away":
            raise DepartmentUnavailable
        ids = [event["id"] for event in events]
        self.came.append(ids)
        self.recorded += ids if what == 201 else []
        return int(what)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitter, "WAIT_S", 0)
    monkeypatch.setattr(emitter, "TOGETHER", 2)


def lines(*ids: str) -> list[bytes]:
    return [json.dumps({"id": id_, "type": f"{EDUCATION if id_[0] == 'e' else FINANCE}.x"}).encode() for id_ in ids]


def sent(doors: dict[str, Client], pack: list[bytes], receipts: Path | None = None) -> list[Line]:
    return list(Emitter(doors, receipts).emit([pack]))


def test_each_departments_events_go_in_batches_and_are_answered_in_the_order_of_the_lines(tmp_path: Path) -> None:
    education, finance = Door(), Door()
    found = sent({EDUCATION: education, FINANCE: finance}, lines("e1", "f1", "e2", "e3", "f2"), tmp_path)
    assert [(line.number, line.answer["id"]) for line in found] == list(enumerate(("e1", "f1", "e2", "e3", "f2"), 1))
    assert education.came == [["e1", "e2"], ["e3"]]
    assert finance.came == [["f1", "f2"]]
    assert len((tmp_path / "education.jsonl").read_text().splitlines()) == 3


def test_a_batch_that_was_not_answered_is_sent_again_before_the_next(tmp_path: Path) -> None:
    door = Door("away", "away")
    assert all(line.new for line in sent({EDUCATION: door}, lines("e1", "e2", "e3"), tmp_path))
    assert door.recorded == ["e1", "e2", "e3"]


def test_nothing_overtakes_what_a_door_never_answers() -> None:
    door = Door(*["away"] * emitter.ATTEMPTS)
    found = sent({EDUCATION: door}, lines("e1", "e2", "e3", "e4"))
    assert [line.unavailable for line in found] == [True], "the first is the last"
    assert door.recorded == []


def test_a_batch_that_is_refused_as_such_goes_one_by_one_and_stops_where_the_door_is_busy() -> None:
    door = Door("too large", 201, 503, *["away"] * emitter.ATTEMPTS)
    found = sent({EDUCATION: door}, lines("e1", "e2", "e3"))
    assert [line.recorded for line in found] == [True, False]
    assert door.recorded == ["e1"]


@pytest.mark.parametrize("ahead", [False, True])
def test_packs_go_one_after_the_other_and_none_overtakes_one_that_was_not_answered(ahead: bool) -> None:
    door = Door(201, 201, *["away"] * emitter.ATTEMPTS)
    packs = [lines("e1", "e2"), lines("e3", "e4"), lines("e5"), lines("e6")]
    found = list(Emitter({EDUCATION: door}, None).emit(packs, ahead=ahead))
    assert [line.number for line in found] == [1, 2, 3, 4, 5]
    assert [line.unavailable for line in found] == [False] * 4 + [True]
    assert door.recorded == ["e1", "e2", "e3", "e4"]


@pytest.mark.parametrize("ahead", [False, True])
def test_what_was_sent_is_answered_although_the_file_cannot_be_read_further(ahead: bool) -> None:
    def packs() -> Iterator[list[bytes]]:
        yield lines("e1")
        yield lines("e2")
        raise emitter.NotOneALine(3)

    found: list[int] = []
    with pytest.raises(emitter.NotOneALine):
        found.extend(line.number for line in Emitter({EDUCATION: Door()}, None).emit(packs(), ahead=ahead))
    assert found == [1, 2]
