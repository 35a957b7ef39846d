"""Reading: a log of 500,000 events in order, and one family's history."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median
from typing import Any

import orjson
import psycopg
from eventsourcing.utils import get_topic

from services.family_case.reading import Queries
from services.processes import assembly
from shared.keys.signing import Verifier
from shared.log.recorder import LogRecorder
from shared.log.verify import check_book, read_book
from shared.postgres.database import Database
from tests.benchmarks.library import Recorder, Submission
from tests.benchmarks.measure import Line, in_turn, seconds
from tests.benchmarks.world import BARE, one_log

EVENTS = 500_000
FAMILIES_READ = 400


def replay(database_url: str, library: Recorder, service: str, verifier: Verifier) -> list[Line]:
    """Measure replaying EVENTS records, ours, bare, and in the plain library; and verifying them."""
    log = LogRecorder(Database(database_url, service))
    records = one_log()
    while (log.max_notification_id() or 0) < EVENTS:
        log.insert_events(list(islice(records, 5_000)))
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("TRUNCATE public.bare")
        owner.execute(
            f"INSERT INTO public.bare SELECT position, stream, version, type, body FROM {service}.records "
            f"WHERE position <= {EVENTS}".encode()
        )
        owner.execute(f"TRUNCATE {library.events_table_name} RESTART IDENTITY".encode())
        owner.execute(
            f"INSERT INTO {library.events_table_name} (originator_id, originator_version, topic, state) "
            f"SELECT stream, version, '{get_topic(Submission)}', body FROM public.bare ORDER BY position".encode()
        )
        owner.execute(f"VACUUM ANALYZE public.bare, {library.events_table_name}, {service}.events".encode())

    def ours() -> float:
        return EVENTS / seconds(lambda: _all(event.position for event in _first(log)))

    found = in_turn(
        ours,
        lambda: EVENTS / seconds(lambda: _bare(database_url)),
        lambda: EVENTS / seconds(lambda: _all(library.replay())),
    )
    checked = in_turn(
        lambda: EVENTS / seconds(lambda: check_book(service, read_book(log), verifier)),
        lambda: EVENTS / seconds(lambda: _hashed(database_url)),
    )
    log.database.close()
    return [
        Line(f"replay of {EVENTS:,} events, decoded, in order", "/s", found[0], found[1], "bare COPY, decoded", 0.5),
        Line("— beside the plain library", "/s", found[0], found[2], "eventsourcing, decoded", 2.5),
        Line("the same log verified", "/s", *checked, "bare COPY, hashed"),
    ]


def history(database_url: str) -> list[Line]:
    """Measure reading one family's 25 events: ours as a reader gets them, folded into a history."""
    queries = Queries(Database(database_url, "family_case"), assembly.NAMES)
    families = [family["family"] for family in queries.families()]
    chosen = random.Random(1).sample(families, FAMILIES_READ)  # noqa: S311
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(BARE)
        owner.execute(
            "INSERT INTO public.bare SELECT filed.position, place.family, "
            "row_number() OVER (PARTITION BY place.family ORDER BY filed.position), 'filed', filed.body "
            "FROM family_case_views.places AS place JOIN family_case_views.entries AS entry ON entry.about = place.key "
            "JOIN family_case.events AS filed ON filed.position = entry.filed WHERE place.family IS NOT NULL "
            "ORDER BY filed.position"  # as they lie in a log
        )
        owner.execute(
            "VACUUM ANALYZE public.bare, family_case.events, family_case_views.entries, family_case_views.places"
        )

        def bare(family: str) -> int:
            query = "SELECT body FROM public.bare WHERE stream = %s ORDER BY version"
            return len([orjson.loads(row[0]) for row in owner.execute(query, (family,), binary=True)])

        def ours(family: str) -> int:
            return len(queries._find(family).entries)

        for work in (bare, ours):
            if {work(family) for family in chosen} != {25}:
                raise ValueError
        found = in_turn(lambda: _p50(ours, chosen), lambda: _p50(bare, chosen))
    queries.database.close()
    return [Line("one family's history, 25 events, read and folded, p50", "ms", *found, "bare select, decoded", 2.0)]


def _p50(read: Callable[[str], int], families: list[str]) -> float:
    took = []
    for family in families:
        begun = time.perf_counter()
        read(family)
        took.append(time.perf_counter() - begun)
    return median(took) * 1000


def _first(log: LogRecorder) -> Any:
    return (event for event, _ in zip(log.events(), range(EVENTS), strict=False))


def _all(positions: Any) -> None:
    if sum(1 for _ in positions) != EVENTS:
        raise ValueError


def _bare(database_url: str) -> None:
    _all(orjson.loads(body) for body in _copied(database_url))


def _hashed(database_url: str) -> None:
    _all(hashlib.sha256(body).digest() for body in _copied(database_url))


def _copied(database_url: str) -> Iterator[bytes]:
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        query = "COPY (SELECT position, body FROM public.bare ORDER BY position) TO STDOUT (FORMAT BINARY)"
        with cursor.copy(query) as copy:
            copy.set_types(["int8", "bytea"])
            yield from (body for _, body in copy.rows())
