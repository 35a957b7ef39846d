"""A file that was broken off and is sent again ends as if it had been sent once."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.commands import emit, emitter
from services.commands.cli import main
from services.commands.resuming import Resuming
from shared.door.client import Answer, Client, DepartmentUnavailable

LINES = [json.dumps({"id": f"e{n}", "type": "education.x"}) for n in range(10)]


class Door:
    """Doors that record what comes, until a number of events; then nobody answers."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.until = 10_000

    def emit(self, department: str, event: Any) -> Answer:
        """Record one event, or refuse it."""
        del department
        if len(self.came) >= self.until:
            raise DepartmentUnavailable
        self.came.append(event["id"])
        if event["id"] == "e1":
            fault = {"code": "bad", "pointer": "/x", "zh": "错。", "en": "Wrong."}
            return Answer(422, {"status": 422, "errors": [fault]})
        return Answer(201, {"id": event["id"]})


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    found = Door()
    monkeypatch.setattr(emitter, "WAIT_S", 0)
    monkeypatch.setattr(emitter, "ATTEMPTS", 1)
    monkeypatch.setattr(emitter, "PACK", 2)
    monkeypatch.setattr(emit, "LOOK_EVERY", 1)
    monkeypatch.setattr(emit, "SAID_EVERY_S", 0)
    monkeypatch.setattr(Client, "emit_all", lambda *_: None)
    monkeypatch.setattr(Client, "emit", found.emit)
    monkeypatch.setenv("YIHU_API_KEY", "key")
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "events.jsonl"
    found.write_text("\n".join(LINES))
    return found


@pytest.fixture
def sent(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    def run(name: str = "") -> tuple[int, list[str], str]:
        command = ["yihu", "emit", name or str(file), "--to", "http://127.0.0.1:9", "--data", str(file.parent / "data")]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(str(ended.value.code)), [json.loads(line).get("id", "refused") for line in out.splitlines()], err

    return run  # type: ignore[return-value]


def notes(file: Path) -> list[Path]:
    return list((file.parent / "data" / "emitting").glob("*"))


def test_a_run_that_broke_off_goes_on_after_the_last_pack_that_was_answered(door: Door, file: Path, sent: Any) -> None:
    door.until = 5
    code, out, err = sent()
    assert code == 1
    assert out == ["e0", "refused", "e2", "e3", "refused"], "the last is the one that was not answered"
    assert "起未报送" in err
    door.until = 10_000
    code, out, err = sent()
    assert code == 1, "what was refused before counts"
    assert out == [f"e{n}" for n in range(4, 10)]
    assert "接着上次，从第 5 行起；此前 4 条，被拒绝 1 条。" in err
    assert "共 1 条被拒绝" in err
    assert door.came == [f"e{n}" for n in (0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9)]
    assert notes(file) == []


def test_a_file_that_changed_before_the_place_is_sent_anew(door: Door, file: Path, sent: Any) -> None:
    door.until = 5
    sent()
    file.write_text("\n".join(LINES).replace("e0", "f0"))
    door.until = 10_000
    code, out, _ = sent()
    assert (code, out[0], len(out)) == (1, "f0", 10)


def test_lines_that_were_added_at_the_end_do_not_matter(door: Door, file: Path, sent: Any) -> None:
    door.until = 5
    sent()
    file.write_text("\n".join([*LINES, '{"id": "late", "type": "education.x"}\n']))
    door.until = 10_000
    assert sent()[1][-1] == "late"


def test_a_note_that_nobody_can_read_or_write_costs_nothing_but_time(door: Door, file: Path, sent: Any) -> None:
    door.until = 5
    sent()
    for note in notes(file):
        note.write_text("{")
    door.until = 10_000
    assert len(sent()[1]) == 10
    (file.parent / "data" / "emitting").rmdir()
    (file.parent / "data" / "emitting").write_text("")
    assert len(sent()[1]) == 10


def test_a_second_run_to_another_address_begins_anew(file: Path) -> None:
    first = Resuming(file.parent, file, ["http://a"])
    list(first.follow([[b"1"]]))
    first.reached(2)
    assert Resuming(file.parent, file, ["http://a"]).begin().offset == 0, "the file has no such beginning"
    assert Resuming(file.parent, file, ["http://b"]).begin().offset == 0


def test_how_far_it_is_is_said_beside_the_receipts(door: Door, sent: Any) -> None:
    _, out, err = sent()
    assert len(out) == 10
    assert "已报送 10 条" in err
    assert "a second" in err
    del door
