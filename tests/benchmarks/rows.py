"""What a record costs in the database, indexes in: the bytes that are kept for ever."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import psycopg

from shared.json import canonical
from shared.log.recorder import LogRecorder, Record
from shared.postgres.database import Database
from tests.benchmarks.measure import Line
from tests.benchmarks.world import BARE, FEDERATION, SENTENCE, Families

EVENTS = 20_000
PAYLOAD = 476
"""Bytes of an event's payload: what the peers were measured with."""
GOAL = 1_250
BATCH = 1_000


def rows(database_url: str) -> list[Line]:
    """Measure what EVENTS records take in a log of their own, and in a bare table."""
    log = LogRecorder(Database(database_url, FEDERATION))
    records = list(islice(_records(), EVENTS))
    for first in range(0, EVENTS, BATCH):
        log.insert_events(records[first : first + BATCH])
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS public.bare")
        owner.execute(BARE)
        owner.execute(
            f"INSERT INTO public.bare SELECT position, stream, version, type, body FROM {FEDERATION}.records".encode()
        )
        ours = _size(owner, f"{FEDERATION}.events") + _size(owner, f"{FEDERATION}.lookups")
        bare = _size(owner, "public.bare")
    log.database.close()
    name = f"an event with a payload of {PAYLOAD} bytes in the database"
    return [Line(name, "bytes", ours / EVENTS, bare / EVENTS, "bare table, same bytes", ceiling=GOAL)]


def _records() -> Iterator[Record]:
    """Yield one department's records with payloads of that size."""
    families = Families(0)
    for name, record in families.records(EVENTS):
        if name == FEDERATION:
            short = canonical(record.event.data | {"note": ""})
            note = (SENTENCE * 5).encode()[: PAYLOAD - len(short)].decode(errors="ignore")
            yield families.stored(replace(record.event, stored=record.event.data | {"note": note}, exact=b""))


def _size(owner: "psycopg.Connection[tuple[int]]", table: str) -> int:
    found = owner.execute("SELECT pg_total_relation_size(%s)", (table,)).fetchone()
    return found[0] if found else 0
