"""Appending to a log: one event per commit by 1 and 8 writers, and batches of 1,000."""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import psycopg
from eventsourcing.persistence import StoredEvent

from shared.log.recorder import LogRecorder, Record
from shared.postgres.database import Database
from tests.benchmarks.library import Recorder
from tests.benchmarks.measure import Line, in_turn, seconds
from tests.benchmarks.world import FEDERATION, one_log

SINGLES = 2_000
BATCH, BATCHES = 1_000, 50
Append = Callable[[Sequence[Record]], object]


def append(database_url: str, library: Recorder) -> list[Line]:
    """Measure appending."""
    log = LogRecorder(Database(database_url, FEDERATION, size=8))
    records = one_log()

    def each(writers: int, open_append: Callable[[], Append]) -> Callable[[], float]:
        return lambda: _each(records, writers, open_append)

    def batched(work: Append) -> Callable[[], float]:
        def run() -> float:
            batches = [list(islice(records, BATCH)) for _ in range(BATCHES)]
            return BATCH * BATCHES / seconds(lambda: [work(batch) for batch in batches])

        return run

    def ours() -> Append:
        return log.insert_events

    lines = []
    for writers, goal in ((1, 0.8), (8, 1.0)):
        found = in_turn(
            each(writers, ours),
            each(writers, lambda: _bare_ordered(database_url)),
            each(writers, lambda: _bare_in_one_statement(database_url)),
        )
        name = f"append, 1 event a commit, {writers} writer{'s' if writers > 1 else ''}"
        lines += [
            Line(name, "/s", found[0], found[1], "bare ordered insert", goal),
            Line(
                f"— beside the same insert in one statement, {writers}", "/s", found[0], found[2], "bare, one statement"
            ),
        ]
    bare = psycopg.connect(database_url, autocommit=True)
    found = in_turn(
        batched(log.insert_events), batched(lambda batch: _bare_batch(bare, batch)), batched(library.insert_events)
    )
    lines += [
        Line("append, batches of 1,000", "/s", found[0], found[1], "bare batched insert", 0.5),
        Line("— beside the plain library", "/s", found[0], found[2], "eventsourcing's recorder", 2.0),
    ]
    bare.close()
    log.database.close()
    return lines


def _each(records: Iterator[Record], writers: int, open_append: Callable[[], Append]) -> float:
    """Append one by one with so many threads; return records per second."""
    shares = [list(islice(records, SINGLES // writers)) for _ in range(writers)]
    works = [open_append() for _ in range(writers)]

    def write(work: Append, share: list[Record]) -> None:
        for record in share:
            work([record])

    threads = [threading.Thread(target=write, args=pair) for pair in zip(works, shares, strict=True)]

    def run() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return SINGLES / seconds(run)


_INSERT = (
    b"INSERT INTO public.bare SELECT coalesce(max(position), 0) + 1, %b, %b, %b, %b FROM public.bare RETURNING position"
)


def _bare_ordered(database_url: str) -> Append:
    """Return the bare way to keep an order: take the lock, insert, commit."""
    connection = psycopg.connect(database_url, autocommit=True)

    def work(records: Sequence[Record]) -> None:
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(77)")
            connection.execute(_INSERT, _row(records[0])).fetchone()

    return work


def _bare_in_one_statement(database_url: str) -> Append:
    """Return the same within a function of the database, one statement for the client: nothing can be faster."""
    connection = psycopg.connect(database_url, autocommit=True)
    connection.execute(
        "CREATE OR REPLACE FUNCTION public.bare_append(s text, v integer, t text, b bytea) RETURNS bigint "
        "LANGUAGE plpgsql AS $$ DECLARE given bigint; BEGIN PERFORM pg_advisory_xact_lock(77); INSERT INTO public.bare "
        "SELECT coalesce(max(position), 0) + 1, s, v, t, b FROM public.bare RETURNING position INTO given; "
        "RETURN given; END $$"
    )

    def work(records: Sequence[Record]) -> None:
        connection.execute(
            b"SELECT public.bare_append(%b::text, %b::integer, %b::text, %b::bytea)", _row(records[0])
        ).fetchone()

    return work


def _bare_batch(connection: "psycopg.Connection[tuple[object, ...]]", records: Sequence[Record]) -> None:
    connection.execute(
        b"INSERT INTO public.bare SELECT (SELECT coalesce(max(position), 0) FROM public.bare) + n, s, v, t, b "
        b"FROM unnest(%b::text[], %b::integer[], %b::text[], %b::bytea[]) WITH ORDINALITY AS row (s, v, t, b, n)",
        [list(column) for column in zip(*map(_row, records), strict=True)],
    )


def _row(record: StoredEvent) -> tuple[object, ...]:
    return record.originator_id, record.originator_version, record.topic, record.state
