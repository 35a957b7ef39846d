"""Emitting events to the departments' doors, one JSON event per line, and keeping the receipts."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from shared.door.client import Answer, Client, DepartmentUnavailable
from shared.errors import Fault, NoSuchFile, Refused, YihuError, nearest, refusal
from shared.json import BOM, parse_strict

ATTEMPTS = 8
WAIT_S = 0.25
TOGETHER = 500
"""How many lines of a file are sent at a time."""
_BUSY = 503
LINE_BYTES = 1024 * 1024
"""The longest line that is read; a door takes less."""


class NotOneALine(YihuError):
    """A file has something else than one event a line."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "not_one_a_line",
            f"第 {number} 行不是一个完整的事件；文件须每行一个事件（JSON Lines），不能分行书写，也不能是数组。",
            f"Line {number} is not a whole event; the file must have one event a line (JSON Lines), not spread over "
            "lines, nor an array.",
        )


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one line: its number, whether it was recorded, and the receipt or problem."""

    number: int
    recorded: bool
    new: bool
    answer: dict[str, Any]

    @property
    def unavailable(self) -> bool:
        """Whether the door did not answer, so that the line may be sent again as it is."""
        return not self.recorded and self.answer.get("status") == _BUSY


class Emitter:
    """Sends events with each department's own API key, in order, and keeps the receipts."""

    def __init__(
        self, clients: dict[str, Client], receipts: Path | None, waiting: Callable[[], None] = lambda: None
    ) -> None:
        self.clients = clients
        self.receipts = receipts
        self.waiting = waiting

    def emit(self, lines: Iterable[bytes], together: int = 1) -> Iterator[Line]:
        """Send each line; a door that does not answer is tried again with the same event, so nothing is doubled.

        So many lines are sent `together`, each department's as one batch. When a door still does not answer, that line
        is the last: what follows must not overtake it. Raises NotOneALine before anything is sent when the file is one
        JSON document.
        """
        numbered = ((number, raw) for number, raw in enumerate(lines, 1) if raw.removeprefix(BOM).strip())
        while some := list(islice(numbered, together)):
            for line in self._several(some):
                yield line
                if line.unavailable:
                    return

    def _several(self, lines: list[tuple[int, bytes]]) -> list[Line]:
        found: list[Line] = []
        batches: dict[str, list[tuple[int, Any]]] = {}
        for number, raw in lines:
            try:
                event = parse_strict(raw)
                batches.setdefault(_department(event, self.clients), []).append((number, event))
            except Refused as error:
                if number == 1 and error.code == "not_json" and _BEGUN.fullmatch(raw):
                    raise NotOneALine(number) from None
                found.append(Line(number, recorded=False, new=False, answer=_problem(error)))
        for department, batch in batches.items():
            answers = self._send(department, [event for _, event in batch])
            found += [
                self._line(department, number, answer) for (number, _), answer in zip(batch, answers, strict=True)
            ]
        return sorted(found, key=lambda line: line.number)

    def _line(self, department: str, number: int, answer: Answer) -> Line:
        recorded = answer.status in {200, 201}
        if recorded:
            self._keep(department, answer.body)
        return Line(number, recorded, answer.status == 201, answer.body)  # noqa: PLR2004 - HTTP Created

    def _send(self, department: str, events: list[Any]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        for attempt in range(ATTEMPTS):
            left = [place for place in range(len(events)) if place not in answers or answers[place].status == _BUSY]
            if not left:
                break
            if attempt == 1:
                self.waiting()
            if attempt:
                time.sleep(WAIT_S * attempt)
            answers.update(zip(left, self._once(department, [events[place] for place in left]), strict=True))
        return [answers[place] for place in range(len(events))]

    def _once(self, department: str, events: list[Any]) -> list[Answer]:
        client = self.clients[department]
        try:
            answers = client.emit_all(department, events) if len(events) > 1 else None
            # a batch that is too large as such goes event by event
            return answers or [client.emit(department, event) for event in events]
        except DepartmentUnavailable as error:
            return [Answer(_BUSY, _problem(refusal(error, _BUSY)))] * len(events)

    def _keep(self, department: str, receipt: dict[str, Any]) -> None:
        if self.receipts is None:
            return
        self.receipts.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.receipts / f"{department}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(receipt, ensure_ascii=False, sort_keys=True) + "\n")


def read_lines(name: str, standard_input: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, or of standard input for `-`. Raises NoSuchFile, or NotOneALine for an endless one."""
    if name == "-":
        yield from standard_input
        return
    try:
        with Path(name).open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LINE_BYTES), b""), 1):
                if len(line) == LINE_BYTES:
                    raise NotOneALine(number)
                yield line
    except OSError:
        raise NoSuchFile from None


_BEGUN = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{](?:.*[^\]}\s])?\s*", re.DOTALL)
"""The first line of JSON that goes on in the next."""


def _department(event: Any, clients: dict[str, Client]) -> str:
    if not isinstance(event, dict):
        raise Refused([Fault("not_an_object", "", "每行须为一个事件对象。", "Each line must be one event, an object.")])
    kind = event.get("type")
    department = kind.partition(".")[0] if isinstance(kind, str) else ""
    if department not in clients:
        hint_zh, hint_en = nearest(department, clients)
        zh, en = f"事件类型未写明已知部门。{hint_zh}", f"The event's type names no known department.{hint_en}"
        raise Refused([Fault("unknown_type", "/type", zh, en)])
    return department


def _problem(error: Refused) -> dict[str, Any]:
    return {"code": error.code, "status": error.status, "errors": [fault.as_dict() for fault in error.faults]}
