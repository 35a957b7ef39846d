"""The whole way: recorded in seven logs, relayed, through RabbitMQ's quorum queue, filed with inbox and read models."""

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

import psycopg

from services import assembly
from shared.database import Database
from shared.log import LogRecorder, Record
from shared.settings import Settings
from tests.benchmarks.measure import Line, say
from tests.benchmarks.world import EVENTS_OF_A_FAMILY, Families
from tests.faults.tools.processes import Running

FAMILIES = 4_000
PACE = 500
PACED_S = 20
BATCH = 100
"""How many events a department commits together while the whole way is loaded."""
GIVEN_UP_S = 300.0


def spine(settings: Settings, directory: Path) -> list[Line]:
    """Measure the whole way under full load, and how soon an event is visible at a moderate pace."""
    running = Running.on_free_port(settings, directory)
    logs = {name: LogRecorder(Database(settings.database_url, name, size=2)) for name in assembly.NAMES}
    families = Families().records(FAMILIES + PACE * PACED_S // EVENTS_OF_A_FAMILY)
    records = list(islice(families, FAMILIES * EVENTS_OF_A_FAMILY))
    running.start("web")
    running.start("worker")
    try:
        with psycopg.connect(settings.database_url, autocommit=True) as owner:
            _record(logs, iter(records[:1_000]))
            _wait_for_all(owner, logs)
            begun = time.perf_counter()
            _record(logs, iter(records[1_000:]))
            say(f"  recorded after {time.perf_counter() - begun:.1f} s")
            _wait_for_all(owner, logs)
            rate = (len(records) - 1_000) / (time.perf_counter() - begun)
            latencies = _paced(owner, logs, families)
    finally:
        running.stop()
        for log in logs.values():
            log.database.close()
    p99 = quantiles(latencies, n=100)[98] * 1000
    return [
        Line(f"recorded → relayed → RabbitMQ → filed, {len(records) - 1_000:,} events", "/s", rate, floor=6_000),
        Line(f"commit to visible at {PACE} events/s, p50", "ms", median(latencies) * 1000),
        Line(f"commit to visible at {PACE} events/s, p99", "ms", p99, ceiling=100),
    ]


def _record(logs: dict[str, LogRecorder], records: Iterator[tuple[str, Record]]) -> None:
    """Record as fast as the logs take it, so many events a commit."""
    waiting: dict[str, list[Record]] = defaultdict(list)
    for name, record in records:
        waiting[name].append(record)
        if len(waiting[name]) == BATCH:
            logs[name].insert_events(waiting.pop(name))
    for name, rest in waiting.items():
        logs[name].insert_events(rest)


def _wait_for_all(owner: "psycopg.Connection[tuple[object, ...]]", logs: dict[str, LogRecorder]) -> None:
    heads = {name: log.max_notification_id() or 0 for name, log in logs.items()}
    deadline = time.monotonic() + GIVEN_UP_S
    while _visible(owner) != heads:
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def _visible(owner: "psycopg.Connection[tuple[object, ...]]") -> dict[str, int]:
    rows = owner.execute(
        "SELECT name, (SELECT max(position) FROM family_case.inbox WHERE log = name) FROM unnest(%s::text[]) AS name",
        (list(assembly.NAMES),),
    ).fetchall()
    return {str(name): int(str(position or 0)) for name, position in rows}


def _paced(
    owner: "psycopg.Connection[tuple[object, ...]]", logs: dict[str, LogRecorder], records: Iterator[tuple[str, Record]]
) -> list[float]:
    """Record at a pace, each event by itself; return for each how many seconds after its commit it was visible."""
    committed: dict[str, list[tuple[int, float]]] = defaultdict(list)
    latencies: list[float] = []
    number, begun = 0, time.perf_counter()
    while committed or number < PACE * PACED_S:
        due = int((time.perf_counter() - begun) * PACE)
        while number < min(due, PACE * PACED_S):
            name, record = next(records)
            [position] = logs[name].insert_events([record]) or []
            committed[name].append((position, time.perf_counter()))
            number += 1
        visible, now = _visible(owner), time.perf_counter()
        for name in list(committed):
            while committed[name] and committed[name][0][0] <= visible[name]:
                latencies.append(now - committed[name].pop(0)[1])
            if not committed[name]:
                del committed[name]
        time.sleep(0.002)
    return latencies
