"""The engine: a city's verdicts from nothing, beside filing, family by family, and what is asked over HTTP.

`python -m tests.benchmarks.engine FAMILIES` measures a city of any size alone. The city is filed straight from made-up
logs, lot by lot, so that nothing is kept in memory but what is under way.
"""

import gc
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import psycopg

from services.city.city import the_family, the_offices
from services.city.story import Story
from services.commands.generate import SEED
from services.departments import load_catalogue
from services.entitlements.engine import load_once
from services.processes import assembly
from shared.json import canonical, parse_strict
from shared.keys.files import Keys, create
from shared.language.envelope import CHINA
from shared.log.record import RecordedEvent
from shared.postgres.embedded import EmbeddedPostgres
from shared.settings import Settings
from tests.benchmarks.measure import Line, say, table
from tests.benchmarks.world import with_database
from tests.faults.tools.processes import Running
from tests.world import records, wait_for

FAMILIES = 2_000
"""How many families the city of `make bench` has."""
PART = 100
"""How many families are made up and filed at a time."""
BATCH = 1_000
FEW = 60
"""The small city, beside which a large one should cost no more an event."""
WRITTEN = datetime(2035, 1, 1, tzinfo=CHINA)
ASKED, PER_SECOND = 400, 50
GIVEN_UP_S = 7_200.0
JUDGES = 2
AT_REST_S = 0.1
"""What two judges without work take of a second, at most."""
_OWED = assembly.owed_schema()


def engine(settings: Settings, directory: Path, families: int = FAMILIES) -> list[Line]:
    """Measure a city of so many families."""
    load_catalogue()
    load_once()
    running = Running.on_free_port(settings, directory)
    with psycopg.connect(settings.database_url, autocommit=True) as owner:
        city = _City(settings)
        city.file(FEW)
        small = _from_nothing(running, owner)
        rates = _filed_with_and_without(city, running, families)
        say(f"{city.events:,} events of {city.families:,} families are filed")
        owner.execute(b"VACUUM ANALYZE")
        large = _from_nothing(running, owner)
        again = _one_by_one(settings, owner)
        lines = [
            Line(f"verdicts of {city.families:,} families from nothing, {city.events:,} events, two judges", "/s",
                 city.events / large.seconds, floor=40_000),
            Line("— CPU of the judges an event", "µs", large.cpu * 1e6 / city.events),
            Line("— the larger judge's memory", "MB", large.memory_mb, ceiling=500),
            Line(f"— events/s beside those of {FEW} families", "/s", city.events / large.seconds,
                 city.few / small.seconds, f"{FEW} families"),
            Line("filing while the engine judges", "/s", rates[1], rates[0], "without it", goal=0.6),
            Line("re-judging one family, p50", "ms", median(again)),
            Line("re-judging one family, p99", "ms", quantiles(again, n=100)[98], ceiling=10),
        ]  # fmt: skip
        lines += _over_http(running, owner)
    return lines


class _City:
    """A city that is filed family by family, as its departments would have recorded it."""

    def __init__(self, settings: Settings) -> None:
        self.cases = assembly.family_cases(settings)
        self.families = self.events = self.few = 0
        self._last: Counter[str] = Counter()

    def file(self, families: int) -> float:
        """File some more families; return how many seconds filing took, without making them up."""
        seconds = 0.0
        stories = [the_offices(SEED)] if not self.families else []
        for first in range(0, families, PART):
            numbers = range(self.families + 1, self.families + 1 + min(PART, families - first))
            stories += [the_family(number, SEED) for number in numbers]
            batches = list(self._batches(stories))
            begun = time.perf_counter()
            for log, some in batches:
                self.cases.receive(log, some)
            seconds += time.perf_counter() - begun
            self.families += len(numbers)
            stories = []
        self.few = self.few or self.events
        return seconds

    def _batches(self, stories: list[Story]) -> Iterator[tuple[str, list[RecordedEvent]]]:
        told = sorted((one for story in stories for one in story.lines()), key=lambda one: one[0])
        by_log: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _, event in told:
            by_log[event["type"].partition(".")[0]].append(parse_strict(canonical(event)))
        for log, events in by_log.items():
            before = self._last[log]
            found = [_behind(one, before) for one in records(log, events, WRITTEN)]
            self._last[log] += len(found)
            self.events += len(found)
            for at in range(0, len(found), BATCH):
                yield log, found[at : at + BATCH]


def _behind(one: RecordedEvent, before: int) -> RecordedEvent:
    """Return a record as it stands behind so many others."""
    attributes = one.attributes | ({"target": one.target + before} if one.target is not None else {})
    return replace(one, attributes=attributes, position=one.position + before, exact=b"")


class _Used:
    """What judges took by now: seconds of processors, memory of the largest; and later, seconds on the clock."""

    def __init__(self, judges: list[Running]) -> None:
        self.cpu = self.memory_mb = self.seconds = 0.0
        for one in judges:
            process = Path(f"/proc/{one.processes['judge'].pid}")
            peak = int((process / "status").read_text().partition("VmHWM:")[2].split()[0])
            self.memory_mb = max(self.memory_mb, peak / 1024)
            ticks = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
            self.cpu += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


Owner = psycopg.Connection[tuple[Any, ...]]


def _from_nothing(running: Running, owner: Owner) -> _Used:
    """Forget every verdict while two judges run; return what they take to work all out."""
    judges = [replace(running, directory=running.directory / f"judge_{n}", processes={}) for n in range(JUDGES)]
    try:
        for one in judges:
            one.directory.mkdir(exist_ok=True)
            one.start("judge")
        wait_for(lambda: _all_judged(owner) and _at_rest(judges), GIVEN_UP_S, "the judges to rest")
        before, begun = _Used(judges), time.perf_counter()
        with owner.transaction():
            for name in ("judged", "open", "grants"):
                owner.execute(f"DELETE FROM {_OWED}.{name}".encode())
            owner.execute(f"UPDATE {_OWED}.progress SET reached = 0".encode())
        wait_for(lambda: _all_judged(owner), GIVEN_UP_S, "everybody judged")
        used = _Used(judges)
        used.seconds, used.cpu = time.perf_counter() - begun, used.cpu - before.cpu
    finally:
        for one in judges:
            one.stop()
    return used


def _at_rest(judges: list[Running]) -> bool:
    """Whether the judges do next to nothing for a second."""
    before = _Used(judges).cpu
    time.sleep(1)
    return _Used(judges).cpu - before < AT_REST_S


def _judged(owner: Owner) -> tuple[int, int]:
    """Return how many families are judged, and how many are not."""
    query = "SELECT count(*) FILTER (WHERE wake > current_date), count(*) FILTER (WHERE wake <= current_date)"
    [(done, left)] = owner.execute(f"{query} FROM {_OWED}.judged".encode()).fetchall()
    return int(done), int(left)


def _all_judged(owner: Owner) -> bool:
    query = f"SELECT reached = (SELECT max(filed) FROM family_case_views.entries) FROM {_OWED}.progress"
    [(looked,)] = owner.execute(query.encode()).fetchall()
    return bool(looked) and _judged(owner)[1] == 0


def _filed_with_and_without(city: _City, running: Running, families: int) -> tuple[float, float]:
    """File the rest of a city, the first half without the engine; return events a second, without and with it."""
    rest = families - city.families
    found = list[float]()
    for part in (rest // 2, rest - rest // 2):
        before = city.events
        if found:
            running.start("judge")
        seconds = city.file(part)
        found.append((city.events - before) / seconds)
    running.stop()
    return found[0], found[1]


def _one_by_one(settings: Settings, owner: Owner) -> list[float]:
    """Return within how many ms each of some families is judged again, one at a time."""
    judging = assembly.judging(settings)
    gc.collect()
    gc.freeze()
    took = []
    rows = owner.execute(f"SELECT family FROM {_OWED}.judged ORDER BY md5(family) LIMIT {ASKED}".encode()).fetchall()
    with closing(judging.database), closing(judging.queries.database):
        for (family,) in rows:
            owner.execute(f"UPDATE {_OWED}.judged SET wake = current_date WHERE family = %s".encode(), (family,))
            begun = time.perf_counter()
            judging.judge()
            took.append((time.perf_counter() - begun) * 1000)
    gc.unfreeze()
    return took[10:]


def _over_http(running: Running, owner: Owner) -> list[Line]:
    """Measure what a case worker opens: histories, what families are owed, work lists."""
    rows = owner.execute(f"SELECT family FROM {_OWED}.judged ORDER BY md5(family) LIMIT {ASKED}".encode()).fetchall()
    families = [str(row[0]) for row in rows]
    running.start("web")
    try:
        return [
            Line(f"a history over HTTP, {PER_SECOND} a second, p99", "ms",
                 _p99(running, [f"/families/{one}/history" for one in families]), ceiling=30),
            Line(f"what a family is owed, {PER_SECOND} a second, p99", "ms",
                 _p99(running, [f"/families/{one}/owed" for one in families]), ceiling=30),
            Line("a page of the work lists, p99", "ms", _p99(running, ["/work?limit=50"] * ASKED), ceiling=100),
        ]  # fmt: skip
    finally:
        running.stop()


def _p99(running: Running, paths: list[str]) -> float:
    parts = urlsplit(running.settings.url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    key = Keys(running.settings.keys).api_key("hub")
    took, begun = [], time.perf_counter()
    for number, path in enumerate(paths):
        due = begun + number / PER_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        asked = time.perf_counter()
        connection.request("GET", path, headers={"Accept": "application/json", "Authorization": f"Bearer {key}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise ValueError(answer.status)
        took.append((time.perf_counter() - asked) * 1000)
    connection.close()
    return quantiles(took, n=100)[98]


def main(families: int) -> int:
    """Measure one city; 1 if a goal is missed."""
    with tempfile.TemporaryDirectory(prefix="yihu-engine-") as temporary:
        directory = Path(temporary)
        create(directory / "keys", tuple(assembly.NAMES), assembly.SERVICES)
        server = EmbeddedPostgres(directory / "postgres")
        try:
            settings = with_database(server.start(), "engine", directory)
            lines = engine(settings, directory / "engine", families)
        finally:
            server.kill()
    sys.stdout.write(table(lines))
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
