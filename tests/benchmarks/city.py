"""A made-up city through every door, with every rule on, and the whole way into the case.

`python -m tests.benchmarks.city FAMILIES` (`make bench FAMILIES=60000`) measures the first year of one city of any
size, from the first event to verdicts, `replay --check` and `verify`, and writes build/city.json. What is written down
within a year needs nothing of later, so every rule is on. Nothing is kept in memory but what is under way; how much
memory and time of processors each process took is measured too.
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg

from services.city.city import lines
from services.commands.emitter import PACK, Emitter
from services.commands.generate import SEED
from services.departments import load_catalogue
from services.processes import assembly
from shared.door.client import Client
from shared.json import parse_strict
from shared.keys.files import Keys, create
from shared.postgres.embedded import EmbeddedPostgres
from shared.settings import Settings
from tests.benchmarks.door import BATCH, Desk
from tests.benchmarks.measure import Line, say, table
from tests.benchmarks.spine import visible
from tests.benchmarks.world import with_broker, with_database
from tests.faults.tools.broker import rabbitmq
from tests.faults.tools.processes import Running

FAMILIES = 200
"""How many families the city of `make bench` has."""
UNDER_WAY = 20_000
"""How many events may be recorded and not yet filed: the whole way is measured, not how much a queue holds."""
A_YEAR = date(2026, 1, 1)
"""Before which day the events of the large city are written down: its first year."""
SAID_EVERY_S = 10.0
GIVEN_UP_S = 600.0
OUTPUT = Path("build/city.json")
T = TypeVar("T")


def doors(settings: Settings, directory: Path, plain: float) -> list[Line]:
    """Measure a city through every door in turn, in batches as large as those of the plain door's line."""
    load_catalogue()
    sent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines(FAMILIES, SEED):
        event = parse_strict(line)
        sent[event["type"].partition(".")[0]].append(event)
    running = Running.on_free_port(settings, directory)
    running.start("web")
    try:
        seconds = 0.0
        for department, events in sent.items():
            desk = Desk(running, directory, department)
            seconds += len(events) / desk.batches(iter(events), len(events))
    finally:
        running.stop()
    number = sum(map(len, sent.values()))
    name = f"a city of {FAMILIES} families through all doors, every rule on, batches of {BATCH:,}"
    return [Line(name, "/s", number / seconds, plain, "the plain door")]


def whole_way(settings: Settings, directory: Path) -> list[Line]:
    """Measure a city through doors, relays, RabbitMQ and case, as `yihu emit` sends it."""
    with Way(settings, directory) as way:
        way.send(lines(FAMILIES, SEED))
    return [Line("— from the first event sent until the last is filed, RabbitMQ between", "/s", way.rate)]


class Way:
    """All services of an installation, and what was sent through them."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.running = Running.on_free_port(settings, directory)
        self.relays = Running(self.running.settings, directory / "relays")
        self.relays.directory.mkdir()
        self.settings = self.running.settings
        self.sent = 0
        self.rate = self.seconds = 0.0

    def __enter__(self) -> Self:
        self.running.start("web")
        self.running.start("worker", assembly.FAMILY_CASE)
        self.relays.start("worker", *assembly.NAMES)  # as departments run them: each its own, beside the family case's
        return self

    def __exit__(self, *_: object) -> None:
        self.running.stop()
        self.relays.stop()

    def send(self, events: Iterable[bytes]) -> None:
        """Send events, and wait until all are filed. Raises ValueError when one is refused, TimeoutError.

        The clock starts when the first PACK are filed: then everything runs.
        """
        keys = Keys(self.settings.keys)
        clients = {name: Client(self.settings.url_of(name), keys.api_key(name)) for name in assembly.NAMES}
        refused: Counter[str] = Counter()
        with psycopg.connect(self.settings.database_url, autocommit=True) as owner:
            begun = said = 0.0
            for line in Emitter(clients, None).emit(_packs(events)):
                self.sent += 1
                if not line.recorded:
                    refused[str(line.answer.get("code"))] += 1
                if self.sent % PACK == 0:
                    self._wait(owner, UNDER_WAY if begun else 0)
                    begun = begun or time.monotonic()
                    if time.monotonic() > said + SAID_EVERY_S:
                        said = time.monotonic()
                        say(f"{self.sent:,} events sent, {(self.sent - PACK) / (said - begun):,.0f}/s")
            if refused:
                raise ValueError(dict(refused))
            self._wait(owner, 0)
            self.seconds = time.monotonic() - begun
            self.rate = (self.sent - PACK) / self.seconds

    def _wait(self, owner: "psycopg.Connection[tuple[object, ...]]", under_way: int) -> None:
        deadline = time.monotonic() + GIVEN_UP_S
        while self.sent - sum(visible(owner).values()) > under_way:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.02)

    def pids(self) -> dict[str, int]:
        """Return the number of each process."""
        return {
            "web": self.running.processes["web"].pid,
            "case": self.running.processes["worker"].pid,
            "relays": self.relays.processes["worker"].pid,
        }

    def memory(self) -> dict[str, int]:
        """Return how many MB each process took at most, this one included."""
        found = {"sender": _own_memory()}
        for role, pid in self.pids().items():
            status = Path(f"/proc/{pid}/status").read_text()
            found[role] = int(status.partition("VmHWM:")[2].split()[0]) // 1024
        return found

    def cpu(self) -> dict[str, float]:
        """Return for how many seconds each process has had a processor, this one and the whole machine included."""
        machine = Path("/proc/stat").read_text().split()
        busy = sum(map(int, machine[1:4])) + sum(map(int, machine[6:8]))  # all but idle and waiting
        found = {"sender": time.process_time(), "machine": busy / _TICKS}
        for role, pid in self.pids().items():
            own = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            found[role] = (int(own[11]) + int(own[12])) / _TICKS
        return found


_TICKS = os.sysconf("SC_CLK_TCK")


def _own_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _packs(events: Iterable[bytes]) -> Iterator[list[bytes]]:
    each = iter(events)
    while pack := list(islice(each, PACK)):
        yield pack


def main(families: int) -> int:
    """Measure a city's first year from the first event to the last check; 1 if something differs or does not verify."""
    with tempfile.TemporaryDirectory(prefix="yihu-city-") as temporary:
        directory = Path(temporary)
        create(directory / "keys", tuple(assembly.NAMES), assembly.SERVICES)
        server = EmbeddedPostgres(directory / "postgres")
        try:
            settings = with_database(server.start(), "city", directory)
            with rabbitmq() as broker, Way(with_broker(settings, broker.uri), directory / "city") as way:
                say(f"making up the first year of a city of {families:,} families")
                before = way.cpu()
                way.send(lines(families, SEED, before=A_YEAR))
                memory = way.memory()
                cpu = {role: spent - before[role] for role, spent in way.cpu().items()}
            judged, judging = _timed("verdicts of all families", assembly.judging(way.settings).catch_up)
            replay, replayed = _timed("replay --check", lambda: assembly.replay(way.settings, None, None, check=True))
            differences = replay["differences"]
            (_, findings), verified = _timed("verify", lambda: assembly.verify(way.settings, directory / "receipts"))
            size = _size(way.settings.database_url)
        finally:
            server.kill()
    memory["verdicts, replay and verify"] = _own_memory()
    found = {
        "families": families, "events": way.sent, "seconds": way.seconds, "events_per_second": way.rate,
        "cpu_seconds": cpu, "judged": judged, "judging_seconds": judging,
        "replay_check_seconds": replayed, "differences": len(differences),
        "verify_seconds": verified, "findings": len(findings),
        "database_mb": size >> 20, "memory_mb": memory,
    }  # fmt: skip
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(found, indent=1), encoding="utf-8")
    sys.stdout.write(
        table(
            [
                Line(f"a year of {families:,} families, {way.sent:,} events, doors to case", "/s", way.rate),
                Line("— processors for each event", "ms", cpu["machine"] * 1000 / way.sent),
                Line("— on disk for each event", "bytes", size / way.sent),
                Line(f"— verdicts from nothing, {judged:,} times a family judged", "s", judging),
                Line(f"— replay --check, {len(differences)} differences", "s", replayed),
                Line(f"— verify, {len(findings)} findings", "s", verified),
            ]
        )
    )
    say(f"processors: {', '.join(f'{role} {spent:,.0f} s' for role, spent in cpu.items())}")
    say(f"memory at most: {', '.join(f'{role} {mb} MB' for role, mb in memory.items())}; {OUTPUT}")
    return 1 if differences or findings else 0


def _timed(what: str, work: Callable[[], T]) -> tuple[T, float]:
    """Say what is done and how long it took; return what came of it, and the seconds."""
    say(what)
    begun = time.monotonic()
    found = work()
    took = time.monotonic() - begun
    say(f"{what}: {took:,.1f} s")
    return found, took


def _size(database_url: str) -> int:
    with psycopg.connect(database_url) as owner:
        row = owner.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
