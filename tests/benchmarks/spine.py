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
from tests.benchmarks.measure import ROUNDS, Line, seconds
from tests.benchmarks.world import EVENTS_OF_A_FAMILY, Families
from tests.faults.tools.processes import Running

EVENTS = 100_000
PACE = 500
PACED_S = 8
BATCH = 100
"""How many events a department commits together while the whole way is loaded."""
UNDER_WAY = 10_000
"""How many events may be recorded and not yet visible: the load goes on for as long as it lasts, it is no backlog."""
GIVEN_UP_S = 300.0


def spine(settings: Settings, directory: Path) -> list[Line]:
    """Measure how soon an event is visible at a moderate pace, and the whole way under full load."""
    running = Running.on_free_port(settings, directory)
    relays = Running(running.settings, directory / "relays")
    relays.directory.mkdir()
    logs = {name: LogRecorder(Database(settings.database_url, name, size=2)) for name in assembly.NAMES}
    records = Families().records((ROUNDS + 1) * EVENTS // EVENTS_OF_A_FAMILY)
    running.start("web")
    running.start("worker", assembly.FAMILY_CASE)
    relays.start("worker", *assembly.NAMES)  # as departments run them: each its own, beside the family case's
    try:
        with psycopg.connect(settings.database_url, autocommit=True) as owner:
            _loaded(owner, logs, records, 10_000)
            paced = [_paced(owner, logs, records) for _ in range(ROUNDS)]
            rates = [_loaded(owner, logs, records, EVENTS) for _ in range(ROUNDS)]
    finally:
        running.stop()
        relays.stop()
        for log in logs.values():
            log.database.close()
    p50, p99 = (median(quantiles(some, n=100)[at - 1] for some in paced) * 1000 for at in (50, 99))
    return [
        Line(f"recorded → relayed → RabbitMQ → filed, {EVENTS:,} events", "/s", median(rates), floor=6_000),
        Line(f"commit to visible at {PACE} events/s, p50", "ms", p50),
        Line(f"commit to visible at {PACE} events/s, p99", "ms", p99, ceiling=100),
    ]


Owner = psycopg.Connection[tuple[object, ...]]


def _loaded(owner: Owner, logs: dict[str, LogRecorder], records: Iterator[tuple[str, Record]], events: int) -> float:
    """Record so many events as fast as they become visible; return how many became visible per second."""
    some = list(islice(records, events))
    return events / seconds(lambda: (_record(owner, logs, iter(some)), _wait_for_all(owner, logs)))


def _record(owner: Owner, logs: dict[str, LogRecorder], records: Iterator[tuple[str, Record]]) -> None:
    """Record so many events a commit, as fast as they become visible."""
    waiting: dict[str, list[Record]] = defaultdict(list)
    heads = {name: log.max_notification_id() or 0 for name, log in logs.items()}
    seen = sum(_visible(owner).values())
    for name, record in records:
        waiting[name].append(record)
        if len(waiting[name]) == BATCH:
            heads[name] = (logs[name].insert_events(waiting.pop(name)) or [0])[-1]
            while sum(heads.values()) - seen > UNDER_WAY:
                time.sleep(0.02)
                seen = sum(_visible(owner).values())
    for name, rest in waiting.items():
        logs[name].insert_events(rest)


def _wait_for_all(owner: Owner, logs: dict[str, LogRecorder]) -> None:
    heads = {name: log.max_notification_id() or 0 for name, log in logs.items()}
    deadline = time.monotonic() + GIVEN_UP_S
    while _visible(owner) != heads:
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def _visible(owner: Owner) -> dict[str, int]:
    rows = owner.execute(
        "SELECT name, (SELECT max(position) FROM family_case.inbox WHERE log = name) FROM unnest(%s::text[]) AS name",
        (list(assembly.NAMES),),
    ).fetchall()
    return {str(name): int(str(position or 0)) for name, position in rows}


def _paced(owner: Owner, logs: dict[str, LogRecorder], records: Iterator[tuple[str, Record]]) -> list[float]:
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
