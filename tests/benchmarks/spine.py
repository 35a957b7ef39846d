"""The whole way: recorded in seven logs, relayed, through RabbitMQ's quorum queue, filed with inbox and read models."""

import os
import time
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from typing import BinaryIO

import psycopg

from services.processes import assembly
from shared.bus.wake import Waker
from shared.log.recorder import LogRecorder, Record
from shared.postgres.database import Database
from shared.settings import Settings
from tests.benchmarks.measure import ROUNDS, Line, seconds
from tests.benchmarks.world import EVENTS_OF_A_FAMILY, Families
from tests.faults.tools.processes import Running

EVENTS = 100_000
PACE = 500
PACED_S = 10
SYNC_EVERY_S = 0.02
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
    logs = {name: _Log(settings, name) for name in assembly.NAMES}
    records = Families().records((ROUNDS + 1) * EVENTS // EVENTS_OF_A_FAMILY)
    running.start("web")
    running.start("worker", assembly.FAMILY_CASE)
    relays.start("worker", *assembly.NAMES)  # as departments run them: each its own, beside the family case's
    try:
        with psycopg.connect(settings.database_url, autocommit=True) as owner:
            _loaded(owner, logs, records, 10_000)
            os.sync()  # what the loading left to be written is not the pace's
            with (directory / "synced").open("wb", buffering=0) as bare:
                paced = [_paced(owner, logs, records, bare) for _ in range(ROUNDS)]
            rates = [_loaded(owner, logs, records, EVENTS) for _ in range(ROUNDS)]
    finally:
        running.stop()
        relays.stop()
        for log in logs.values():
            log.recorder.database.close()
    (p50, p99), (_, bare_p99) = (
        [median(quantiles(some, n=100)[at - 1] for some in found) * 1000 for at in (50, 99)]
        for found in zip(*paced, strict=True)
    )
    return [
        Line(f"recorded → relayed → RabbitMQ → filed, {EVENTS:,} events", "/s", median(rates), floor=6_000),
        Line(f"commit to visible at {PACE} events/s, p50", "ms", p50),
        Line(
            f"commit to visible at {PACE} events/s, p99", "ms", p99, bare_p99, "two bare syncs of the disk", ceiling=30
        ),
    ]


class _Log:
    """A department's log; who appends wakes the relay, as the department's door does."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.recorder = LogRecorder(Database(settings.database_url, name, size=2))
        self._waker = Waker(settings.wake, name) if settings.wake else None

    def append(self, records: list[Record]) -> int:
        """Append records and return the last one's position."""
        *_, last = self.recorder.insert_events(records) or [0]
        if self._waker:
            self._waker.wake()
        return last

    def head(self) -> int:
        """Return the last position."""
        return self.recorder.max_notification_id() or 0


Owner = psycopg.Connection[tuple[object, ...]]


def _loaded(owner: Owner, logs: dict[str, _Log], records: Iterator[tuple[str, Record]], events: int) -> float:
    """Record so many events as fast as they become visible; return how many became visible per second."""
    some = list(islice(records, events))

    def work() -> None:
        _record(owner, logs, iter(some))
        _wait_for_all(logs, lambda: visible(owner))

    return events / seconds(work)


def _record(owner: Owner, logs: dict[str, _Log], records: Iterator[tuple[str, Record]]) -> None:
    """Record so many events a commit, as fast as they become visible."""
    waiting: dict[str, list[Record]] = defaultdict(list)
    heads = {name: log.head() for name, log in logs.items()}
    seen = sum(visible(owner).values())
    for name, record in records:
        waiting[name].append(record)
        if len(waiting[name]) == BATCH:
            heads[name] = logs[name].append(waiting.pop(name))
            while sum(heads.values()) - seen > UNDER_WAY:
                time.sleep(0.02)
                seen = sum(visible(owner).values())
    for name, rest in waiting.items():
        logs[name].append(rest)


def _wait_for_all(logs: dict[str, _Log], visible: Callable[[], dict[str, int]]) -> None:
    heads = {name: log.head() for name, log in logs.items()}
    deadline = time.monotonic() + GIVEN_UP_S
    while visible() != heads:
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def visible(owner: Owner) -> dict[str, int]:
    """Return how far each log is filed."""
    rows = owner.execute(
        "SELECT name, (SELECT max(position) FROM family_case.inbox WHERE log = name) FROM unnest(%s::text[]) AS name",
        (list(assembly.NAMES),),
    ).fetchall()
    return {str(name): int(str(position or 0)) for name, position in rows}


def _paced(
    owner: Owner, logs: dict[str, _Log], records: Iterator[tuple[str, Record]], bare: BinaryIO
) -> tuple[list[float], list[float]]:
    """Record at a pace, each event by itself; return for each how many seconds after its commit it was visible.

    And beside it, how long the disk took meanwhile for the two syncs that lie on an event's way, one after the other.
    """
    committed: dict[str, list[tuple[int, float]]] = defaultdict(list)
    seen: list[tuple[float, dict[str, int]]] = []
    syncs: list[float] = []
    stop = Event()
    beside = [Thread(target=_watch, args=(owner, seen, stop)), Thread(target=_sync, args=(bare, syncs, stop))]
    for thread in beside:
        thread.start()
    try:
        begun = time.perf_counter()
        for number, (name, record) in enumerate(islice(records, PACE * PACED_S)):
            time.sleep(max(0.0, begun + number / PACE - time.perf_counter()))
            position = logs[name].append([record])
            committed[name].append((position, time.perf_counter()))
        _wait_for_all(logs, lambda: seen[-1][1])
    finally:
        stop.set()
        for thread in beside:
            thread.join()
    return [
        _when_visible(seen, name, position, when) - when for name, some in committed.items() for position, when in some
    ], syncs


def _watch(owner: Owner, seen: list[tuple[float, dict[str, int]]], stop: Event) -> None:
    """Look what is visible, whatever the recording is waiting for."""
    while not seen or not stop.wait(0.002):
        found = visible(owner)
        seen.append((time.perf_counter(), found))


def _sync(bare: BinaryIO, syncs: list[float], stop: Event) -> None:
    """Write to the disk twice every SYNC_EVERY_S; what comes late counts from when it was due."""
    begun = time.perf_counter()
    while not stop.is_set():
        due = begun + len(syncs) * SYNC_EVERY_S
        time.sleep(max(0.0, due - time.perf_counter()))
        for _ in range(2):
            os.pwrite(bare.fileno(), bytes(4096), 0)
            os.fdatasync(bare.fileno())
        syncs.append(time.perf_counter() - due)


def _when_visible(seen: list[tuple[float, dict[str, int]]], name: str, position: int, after: float) -> float:
    looks = range(bisect(seen, after, key=itemgetter(0)), len(seen))
    return next(seen[look][0] for look in looks if seen[look][1][name] >= position)
