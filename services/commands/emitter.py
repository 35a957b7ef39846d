"""Emitting events to the departments' doors, one JSON event per line, and keeping the receipts."""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from shared.door.client import Answer, Client, DepartmentUnavailable
from shared.errors import Fault, NoSuchFile, Refused, YihuError, nearest, refusal
from shared.json import BOM, parse_strict

ATTEMPTS = 8
WAIT_S = 0.25
PACK = 2_000
"""How many lines are read at a time, and then sent to their doors."""
TOGETHER = 500
"""How many events are a batch; a door takes twice as many."""
READ_BYTES = 1024 * 1024
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
    """What came of one line: its number, whether it was recorded, the receipt or problem, and what type it names."""

    number: int
    recorded: bool
    new: bool
    answer: dict[str, Any]
    type: str = ""

    @property
    def unavailable(self) -> bool:
        """Whether the door did not answer, so that the line may be sent again as it is."""
        return not self.recorded and self.answer.get("status") == 503  # noqa: PLR2004 - HTTP Service Unavailable


class Emitter:
    """Sends events with each department's own API key, in order, and keeps the receipts."""

    def __init__(
        self, clients: dict[str, Client], receipts: Path | None, waiting: Callable[[], None] = lambda: None
    ) -> None:
        self.clients = clients
        self.receipts = receipts
        self.waiting = waiting
        self._pool = ThreadPoolExecutor(len(clients) or 1)
        self._ahead = ThreadPoolExecutor(1)

    def emit(self, packs: Iterable[list[bytes]], number: int = 0, *, ahead: bool = False) -> Iterator[Line]:
        """Send each line of each pack; a door that does not answer is tried again with the same events.

        `number` is how many lines came before. With `ahead` the next pack is read, and the answers to the last one are
        taken, while a pack is at its doors.

        So nothing is doubled. A pack goes to each department in batches, its events in order. When a door still does
        not answer, its first line is the last: what follows must not overtake it. Raises NotOneALine before anything is
        sent when the file is one JSON document.
        """
        under_way: _UnderWay | None = None
        try:
            for pack in packs:
                read = [self._read(at, raw) for at, raw in enumerate(pack, number + 1) if raw.removeprefix(BOM).strip()]
                number += len(pack)
                lines = under_way.lines() if under_way else []
                if any(line.unavailable for line in lines):
                    break
                under_way = self._sent(read)
                yield from lines
                if not ahead:
                    yield from _upto(under_way.lines())
                    if any(line.unavailable for line in under_way.lines()):
                        return
                    under_way = None
        except YihuError:  # the file cannot be read further: what was sent is answered all the same
            yield from _upto(under_way.lines() if under_way else [])
            raise
        yield from _upto(under_way.lines() if under_way else [])

    def _sent(self, read: "list[_Event | Line]") -> "_UnderWay":
        return _UnderWay(read, self._ahead.submit(self._answered, [one for one in read if isinstance(one, _Event)]))

    def _read(self, number: int, raw: bytes) -> "_Event | Line":
        try:
            event = parse_strict(raw)
            return _Event(number, _department(event, self.clients), event)
        except Refused as error:
            if number == 1 and error.code == "not_json" and _BEGUN.fullmatch(raw):
                raise NotOneALine(number) from None
            return Line(number, recorded=False, new=False, answer=_problem(error))

    def _answered(self, events: list["_Event"]) -> dict[int, Line]:
        """Send events, each department's together, and keep the receipts; return what came of each by its number."""
        batches: dict[str, list[_Event]] = {}
        for one in events:
            batches.setdefault(one.department, []).append(one)
        if len(batches) < 2:  # noqa: PLR2004 - nothing goes on beside the other
            done: Iterator[list[Line]] = map(self._batch, batches, batches.values())
        else:  # one door's database works while another one reads
            done = self._pool.map(self._batch, batches, batches.values())
        return {line.number: line for batch in done for line in batch}

    def _batch(self, department: str, events: list["_Event"]) -> list[Line]:
        sent = [one.event for one in events]
        answers: list[Answer] = []
        for at in range(0, len(sent), TOGETHER):
            answers += self._send(department, sent[at : at + TOGETHER])
            if any(answer.status == _UNAVAILABLE for answer in answers):  # nothing must overtake it
                answers += [_NO_ANSWER] * (len(sent) - len(answers))
                break
        recorded, new = {200, 201}, 201
        self._keep(department, [answer.body for answer in answers if answer.status in recorded])
        return [
            Line(one.number, answer.status in recorded, answer.status == new, answer.body, one.event["type"])
            for one, answer in zip(events, answers, strict=True)
        ]

    def _send(self, department: str, events: list[Any]) -> list[Answer]:
        """Send events until each is answered, a few times; return the answers, 503 for an event without one."""
        client, answers = self.clients[department], [_NO_ANSWER] * len(events)
        for attempt in range(ATTEMPTS):
            open_ = [at for at, answer in enumerate(answers) if answer.status == _UNAVAILABLE]
            wanted = [events[at] for at in open_]
            try:
                found = client.emit_all(department, wanted) if len(wanted) > 1 else None
                if found is None:  # or the batch as such is refused, as when it is too large
                    found = _one_by_one(client, department, wanted)
            except DepartmentUnavailable:
                found = [_NO_ANSWER] * len(wanted)
            for at, answer in zip(open_, found, strict=True):
                answers[at] = answer
            if all(answer.status != _UNAVAILABLE for answer in found):
                break
            if attempt == 0:
                self.waiting()
            if attempt < ATTEMPTS - 1:
                time.sleep(WAIT_S * (attempt + 1))
        return answers

    def _keep(self, department: str, receipts: list[dict[str, Any]]) -> None:
        if self.receipts is None or not receipts:
            return
        self.receipts.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.receipts / f"{department}.jsonl").open("ab") as file:
            file.writelines(map(_kept, receipts))


def _kept(receipt: dict[str, Any]) -> bytes:
    return orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _one_by_one(client: Client, department: str, events: list[Any]) -> list[Answer]:
    """Send events until the door does not answer one: what follows must not overtake it."""
    found: list[Answer] = []
    for event in events:
        found.append(client.emit(department, event))
        if found[-1].status == _UNAVAILABLE:
            break
    return found + [_NO_ANSWER] * (len(events) - len(found))


@dataclass(frozen=True, slots=True)
class _Event:
    """A line that can be sent: its number, the department whose type it is, and the event."""

    number: int
    department: str
    event: Any


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A pack at its doors: its lines as they were read, and what will be answered."""

    read: "list[_Event | Line]"
    answers: "Future[dict[int, Line]]"

    def lines(self) -> list[Line]:
        """Wait for the answers; return what came of each line."""
        answered = self.answers.result()
        return [one if isinstance(one, Line) else answered[one.number] for one in self.read]


def _upto(lines: list[Line]) -> Iterator[Line]:
    """Yield lines up to the first that no door answered."""
    for line in lines:
        yield line
        if line.unavailable:
            return


def read_packs(name: str, standard_input: BinaryIO | None, offset: int = 0) -> Iterator[list[bytes]]:
    """Yield the lines of a file, or of standard input for `-`, some at a time: what there is, up to PACK.

    So nobody waits for an answer to a line because the next one is not there yet. A file is read from a byte on.

    Raises NoSuchFile, or NotOneALine for an endless line.
    """
    if name == "-":
        if standard_input is not None:
            yield from _packs(standard_input)
        return
    try:
        with Path(name).open("rb") as file:
            file.seek(offset)
            yield from _packs(file)
    except OSError:
        raise NoSuchFile from None


def _packs(file: BinaryIO) -> Iterator[list[bytes]]:
    rest, number = b"", 1
    while read := os.read(file.fileno(), READ_BYTES):
        *lines, rest = (rest + read).split(b"\n")
        if any(len(line) >= LINE_BYTES for line in (*lines, rest)):
            raise NotOneALine(number + next(at for at, line in enumerate((*lines, rest)) if len(line) >= LINE_BYTES))
        number += len(lines)
        for at in range(0, len(lines), PACK):
            yield lines[at : at + PACK]
    if rest:
        yield [rest]


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


_UNAVAILABLE = 503


def _problem(error: Refused) -> dict[str, Any]:
    return {"code": error.code, "status": error.status, "errors": [fault.as_dict() for fault in error.faults]}


_NO_ANSWER = Answer(_UNAVAILABLE, _problem(refusal(DepartmentUnavailable(), _UNAVAILABLE)))
