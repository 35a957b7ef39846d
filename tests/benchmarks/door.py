"""The door from outside: valid events over HTTP, the door and each sender being a process of its own."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from shared.keys.files import Keys
from shared.language.identifiers import check_character
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from shared.settings import Settings
from tests.benchmarks.measure import ROUNDS, Line, in_turn, seconds
from tests.benchmarks.world import one_log
from tests.faults.tools.processes import Running
from tests.world import ROOT

DEPARTMENT = "education"
BATCH, BATCHES = 1_000, 4
SENDERS = 4
SINGLES = 500
PACE, PACED_S, CONNECTIONS = 200, 5, 4
WARM = 300

Event = dict[str, Any]


def door(settings: Settings, directory: Path) -> list[Line]:
    """Measure one department's door."""
    running = Running.on_free_port(settings, directory)
    running.start("web")
    log = LogRecorder(Database(settings.database_url, DEPARTMENT))
    records = one_log()
    desk = Desk(running, directory)
    try:
        for events in (registered(), way_to_school()):
            desk.batches(events, WARM)
        found = in_turn(
            lambda: desk.batches(registered()),
            desk.singles,
            lambda: desk.batches(registered(), senders=SENDERS),
            lambda: desk.batches(assessed()),
            lambda: desk.batches(refused(), recorded=False),
            lambda: desk.batches(way_to_school()),
            lambda: _raw(log, records),
        )
        paced = [desk.paced() for _ in range(ROUNDS)]
    finally:
        running.stop()
        log.database.close()
    batches, singles, four, sealed, none, school, raw = found
    p50, p99 = (median(quantiles(some, n=100)[at - 1] for some in paced) * 1000 for at in (50, 99))
    return [
        Line("door, batches of 1,000, 1 sender", "/s", batches, raw, "its log alone, the same batches", floor=5_000),
        Line("— beside single events of one sender", "/s", batches, singles, "one event a request", 10.0),
        Line(f"— {SENDERS} senders", "/s", four, raw, "its log alone"),
        Line("— two sealed fields and a new person each", "/s", sealed, raw, "its log alone", floor=3_000),
        Line("— four types in order, by the rules", "/s", school, raw, "its log alone"),
        Line("— every event refused", "/s", none, batches, "every event recorded", 1.0),
        Line(f"door, single events, {PACE}/s, p50", "ms", p50),
        Line(f"door, single events, {PACE}/s, p99", "ms", p99, ceiling=20),
    ]


class Desk:
    """The systems of a department that send to its door."""

    def __init__(self, running: Running, directory: Path, department: str = DEPARTMENT) -> None:
        self._url = f"{running.settings.url}/{department}/events"
        self._key = Keys(running.settings.keys).api_key(department)
        self._directory = directory

    def batches(
        self, events: Iterator[Event], number: int = BATCH * BATCHES, senders: int = 1, *, recorded: bool = True
    ) -> float:
        """Send so many events in batches; return how many were answered a second."""
        some = [
            _bytes(batch) for at in range(0, number, BATCH) if (batch := list(islice(events, min(BATCH, number - at))))
        ]
        found = self._send([some[n::senders] for n in range(senders)])
        _check(found, recorded=recorded)
        return number / max(one["seconds"] for one in found)

    def singles(self) -> float:
        """Send single events one after the other; return how many were answered a second."""
        [found] = self._send([[_bytes(event) for event in islice(registered(), SINGLES)]])
        _check([found])
        return SINGLES / float(found["seconds"])

    def paced(self) -> list[float]:
        """Send single events at a pace; return how long each took."""
        bodies = [_bytes(event) for event in islice(registered(), PACE * PACED_S)]
        [found] = self._send([bodies], CONNECTIONS, PACE)
        _check([found])
        return list(found["took"])

    def _send(self, shares: list[list[bytes]], connections: int = 1, per_second: float = 0) -> list[dict[str, Any]]:
        senders = []
        for number, bodies in enumerate(shares):
            file = self._directory / f"bodies-{number}"
            file.write_bytes(pickle.dumps(bodies))
            command = [sys.executable, "-m", "tests.benchmarks.sender", self._url, self._key, str(file)]
            senders.append(
                subprocess.Popen(
                    [*command, str(connections), str(per_second)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                )
            )  # fmt: skip
        for sender in senders:
            assert sender.stdout
            assert sender.stdout.readline() == "ready\n"
        for sender in senders:
            assert sender.stdin
            sender.stdin.write("go\n")
            sender.stdin.flush()
        return [json.loads(sender.communicate(timeout=600)[0]) for sender in senders]


def _check(found: list[dict[str, Any]], *, recorded: bool = True) -> None:
    """Raise ValueError unless every event was recorded, or none: another answer would be another measurement."""
    if any((verdict == "recorded") is not recorded for one in found for verdict in one["answers"]):
        raise ValueError({code: number for one in found for code, number in one["answers"].items()})


# -- events: valid, of children who do not exist


def registered() -> Iterator[Event]:
    """Yield registrations of children: nothing sealed, no rule about what came before."""
    for number in _numbers:
        yield _event(number, "school_age_child_registered", REGISTERED)


def assessed() -> Iterator[Event]:
    """Yield assessments with two sealed fields, each of a child whose key must be made first."""
    for number in _numbers:
        yield _event(number, "education_needs_assessed", ASSESSED)


def way_to_school() -> Iterator[Event]:
    """Yield what happens to child after child; the rules ask for each but the first whether the one before is there."""
    for number in _numbers:
        yield _event(number, "school_age_child_registered", REGISTERED)
        yield _event(number, "education_needs_assessed", ASSESSED)
        yield _event(number, "education_placement_decided", PLACED) | {"process": f"PL-{number}"}
        yield _event(number, "student_enrolled", ENROLLED | {"student_no": f"G{_child(number)}"})


def refused() -> Iterator[Event]:
    """Yield registrations that each lack one field and have a wrong code in another."""
    data = {"school_year": 2025, "source": "NONE"}
    for number in _numbers:
        yield _event(number, "school_age_child_registered", data)


SCHOOL = {"code": "2142990033", "name": "虚构通城一小"}
REGISTERED = {"school_year": 2025, "source": "match", "current_status": "未入学，家长希望就近入学，已告知办理期限"}
ASSESSED = {
    "assessed_on": "2025-02-12", "committee": "虚构专家委员会", "recommended_mode": "INCL",
    "body_status": "行走需扶持，坐姿可保持", "report_doc": "评估B-1",
}  # fmt: skip
PLACED = {"mode": "INCL", "school": SCHOOL, "from_date": "2025-09-01", "plan_doc": "一人一案B-1"}
ENROLLED = {"school": SCHOOL, "enrolled_on": "2025-02-20", "mode": "INCL"}
FIRST_BORN = date(2010, 1, 1)
DAYS, A_DAY = 3_000, 999
_numbers = count()


def _event(number: int, name: str, data: dict[str, Any]) -> Event:
    return {
        "specversion": "1.0",
        "id": f"bench-{name}-{number}",
        "source": f"urn:yihu:{DEPARTMENT}:desk",
        "type": f"{DEPARTMENT}.{name}",
        "time": "2025-03-01T09:00:00+08:00",
        "division": "421221",
        "subject": _child(number),
        "data": data,
    }


def _child(number: int) -> str:
    """Return the ID number of the so manieth child, in a region that does not exist."""
    body = f"421299{FIRST_BORN + timedelta(days=number % DAYS):%Y%m%d}{number // DAYS % A_DAY + 1:03d}"
    return body + check_character(body)


def _bytes(submission: Any) -> bytes:
    return json.dumps(submission, ensure_ascii=False).encode()


def _raw(log: LogRecorder, records: Iterator[Any]) -> float:
    """Append batches to the log alone; return records per second."""
    batches = [list(islice(records, BATCH)) for _ in range(BATCHES)]
    return BATCH * BATCHES / seconds(lambda: [log.insert_events(batch) for batch in batches])
