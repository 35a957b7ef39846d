"""The event log, behind the recorder interfaces of the `eventsourcing` library: the one door to that library.

The library's Application runs unchanged on top of it. The recorder gives positions inside a lock (no gaps), keeps the
exact bytes that were hashed, and stores the type by its permanent name, so nothing in the database is ever imported as
code.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
import psycopg
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    Mapper,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import Environment

from shared.language.catalogue import CATALOGUE, Corrects
from shared.log.evidence import leaf_hash
from shared.log.hashes import id_range, key_hash, name_hash, party_hash, stream_hash
from shared.log.lookups import may_have_keys
from shared.log.record import RecordedEvent, decode, record
from shared.log.rows import Row, lookup_keys, name_of_row, stream_of_row, subject_of_row
from shared.postgres.database import Database, Tx, column

PAGE = 1_000
"""How many records are read at a time; they are decoded while they are near the processor."""
FETCHED = 2_000
"""How many rows when each is verified."""

By = Literal["process", "subject", "key"]
"""By what a department's past is asked: one of its cases, a person or organisation, or a lookup key."""

_COLUMNS = (
    "position, stream, version, uuid_send(name), subject, target, "
    "ARRAY(SELECT uuid_send(key) FROM {schema}.lookups WHERE lookups.position = events.position ORDER BY key), "
    "leaf, body"
)


@dataclass(frozen=True)
class Record(StoredEvent):
    """A stored event with the recorded event it was made of, from which follows by what the log finds it."""

    event: RecordedEvent


class RecordMapper(Mapper[str]):
    """Maps recorded events to bytes and back without importing anything by name."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Encode a recorded event."""
        event = cast("RecordedEvent", domain_event)
        event.exact = event.encode()
        return Record(event.originator_id, event.originator_version, event.type, event.exact, event)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Decode a recorded event."""
        position = stored_event.id if isinstance(stored_event, Notification) else 0
        return decode(stored_event.state, position)


class LogRecorder(ApplicationRecorder):
    """The log of one service: appends, reads streams, reads in order."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.schema = database.schema

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Append records, all or none, and return their positions.

        Raises IntegrityError when a stream moved on meanwhile or a (source, id) is already on record.
        """
        try:
            with self.database.connection() as connection:
                return self.append(connection, [stored.event for stored in cast("Sequence[Record]", stored_events)])
        except psycopg.errors.UniqueViolation as error:
            raise IntegrityError(error.diag.constraint_name) from None

    def lock(self, tx: Tx) -> None:
        """Keep everybody else from appending until the transaction ends; appending waits for the same lock."""
        tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"yihu log {self.schema}",))

    def append(self, tx: Tx, events: Sequence[RecordedEvent]) -> list[int]:
        """Append records by one statement, with positions given under the log's lock."""
        if not events:
            return []
        for event in events:
            event.exact = event.encode()
        bodies = [event.exact for event in events]
        keyed = {name for name in {event.attributes["type"] for event in events} if may_have_keys(name)}
        looked_up = [
            (number, key)
            for number, event in enumerate(events, 1)
            if event.attributes["type"] in keyed
            for key in lookup_keys(event)
        ]
        columns = (  # one by one: a tuple for each record keeps the garbage collector busy
            column("bigint", list(map(stream_of_row, events))),
            column("integer", [event.originator_version for event in events]),
            column("uuid", list(map(name_of_row, events))),
            column("bigint", list(map(subject_of_row, events))),
            column("bigint", [event.target for event in events]),
            column("bytea", list(map(leaf_hash, bodies))),
            column("bytea", bodies),
            column("integer", [number for number, _ in looked_up]),
            column("uuid", [key for _, key in looked_up]),
        )
        row = tx.execute(
            f"SELECT {self.schema}.append(%b::bigint[], %b::integer[], %b::uuid[], %b::bigint[], %b::bigint[], "
            "%b::bytea[], %b::bytea[], %b::integer[], %b::uuid[])".encode(),
            columns,
        ).fetchone()
        first = cast("tuple[int]", row)[0]
        return list(range(first, first + len(events)))

    def select_events(
        self,
        originator_id: Any,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read one stream in order (or backwards), as stored events that know their position."""
        order = "DESC" if desc else "ASC"
        rows = self.database.all(
            f"SELECT position, body FROM {self.schema}.events "
            f"WHERE stream = %s AND version > %s AND version <= %s ORDER BY version {order} LIMIT %s",
            stream_hash(originator_id),
            gt or 0,
            2**31 - 1 if lte is None else lte,
            limit,
        )
        return _notifications(rows)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read the log in order from a position on. Not offered: by topics; nothing is searched by its type alone."""
        if topics:
            raise NotImplementedError
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        rows = self.database.all(
            f"SELECT position, body FROM {self.schema}.events WHERE position > %s AND position <= %s "
            "ORDER BY position LIMIT %s",
            after,
            2**63 - 1 if stop is None else stop,
            limit,
        )
        return _notifications(rows)

    def max_notification_id(self) -> int | None:
        """Return the position of the last record, or None for an empty log."""
        row = self.database.one(f"SELECT max(position) FROM {self.schema}.events")
        return None if row is None else row[0]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Not offered: tailing needs a thread; readers poll by position instead."""
        raise NotImplementedError

    def known(self, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RecordedEvent]:
        """Return the records of these names (source and id), of those that are on record."""
        rows = self.database.all(
            "SELECT found.position, found.body FROM unnest(%b::uuid[]) AS wanted CROSS JOIN LATERAL "
            f"(SELECT position, body FROM {self.schema}.events WHERE name = wanted LIMIT 1) AS found",
            column("uuid", [name_hash(*name) for name in names]),
        )
        return {(event.source, event.id): event for event in _decoded(rows)}

    def named(self, ids: Sequence[str]) -> list[RecordedEvent]:
        """Return the records with these ids, of any source, in order."""
        wanted = set(ids)
        ranges = [id_range(id_) for id_ in wanted]
        rows = self.database.all(
            "SELECT found.position, found.body FROM unnest(%b::uuid[], %b::uuid[]) AS wanted (first, last) "
            f"CROSS JOIN LATERAL (SELECT position, body FROM {self.schema}.events "
            "WHERE name BETWEEN first AND last) AS found ORDER BY position",
            column("uuid", [first for first, _ in ranges]),
            column("uuid", [last for _, last in ranges]),
        )
        return [event for event in _decoded(rows) if event.id in wanted]

    def at(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Return the records at these positions, in order."""
        rows = self.database.all(
            f"SELECT position, body FROM {self.schema}.events WHERE position = ANY(%b::bigint[]) ORDER BY position",
            column("bigint", positions),
        )
        return _decoded(rows)

    def amendments(self, positions: Sequence[int]) -> list[RecordedEvent]:
        """Return what corrects or withdraws the records at these positions, and what withdraws that, in order."""
        rows = self.database.all(
            f"WITH own (position) AS (SELECT unnest(%b::bigint[])), {_amending(self.schema)} "
            f"SELECT position, body FROM {self.schema}.events WHERE position = ANY(ARRAY("
            "SELECT position FROM first UNION SELECT position FROM second)) ORDER BY position",
            column("bigint", positions),
        )
        return _decoded(rows)

    def past(self, by: By, keys: Sequence[str], types: Sequence[str]) -> list[RecordedEvent]:
        """Return the records of these types with one of these processes, subjects or lookup keys, and what amends them.

        In order. What amends a record is among them whatever process or person it names itself, and for its own sake
        never; a record has the lookup keys of its corrections as well as its own.
        """
        if by == "key":
            own = (
                f"SELECT coalesce(events.target, events.position) FROM {self.schema}.lookups "
                f"JOIN {self.schema}.events USING (position) WHERE lookups.key = ANY(%b::uuid[])"
            )
            found_in = {*types, *_corrections(self.schema)}
            params = [column("uuid", [key_hash(type_name, key) for type_name in found_in for key in keys])]
        else:
            own = f"SELECT position FROM {self.schema}.events WHERE stream = ANY(%b::bigint[])"
            params = [column("bigint", [stream_hash(f"{by}/{key}") for key in keys])]
            if by == "subject":  # in the streams of processes too
                own += f" UNION ALL SELECT position FROM {self.schema}.events WHERE subject = ANY(%b::bigint[])"
                params.append(column("bigint", list(map(party_hash, keys))))
        rows = self.database.all(
            f"WITH own (position) AS ({own}), {_amending(self.schema)} "
            "SELECT position, body, position = ANY(ARRAY(SELECT position FROM own)) "
            f"FROM {self.schema}.events WHERE position = ANY(ARRAY(SELECT position FROM own UNION "
            "SELECT position FROM first UNION SELECT position FROM second)) ORDER BY position",
            *params,
        )
        found: dict[int, RecordedEvent] = {}
        wanted, whose = set(types), set(keys)
        for position, body, is_own in rows:
            event = decode(body, position)
            asked_for = is_own and event.type in wanted and (by == "key" or getattr(event, by) in whose)
            if asked_for or event.target in found:
                found[position] = event
        return list(found.values())

    def versions(self, streams: Sequence[str]) -> dict[str, int]:
        """Return the version of the last record of each of these streams that has one."""
        wanted = {stream_hash(stream): stream for stream in streams}
        rows = self.database.all(
            "SELECT wanted, version FROM unnest(%b::bigint[]) AS wanted CROSS JOIN LATERAL "
            f"(SELECT version FROM {self.schema}.events WHERE stream = wanted ORDER BY version DESC LIMIT 1) AS newest",
            column("bigint", list(wanted)),
        )
        return {wanted[stream]: version for stream, version in rows}

    def bodies_after(self, position: int, limit: int = PAGE) -> list[tuple[int, bytes]]:
        """Return position and exact bytes of the records after a position, in order."""
        return self.database.all(
            f"SELECT position, body FROM {self.schema}.events WHERE position > %s ORDER BY position LIMIT %s",
            position,
            limit,
        )

    def events(self, after: int = 0) -> Iterator[RecordedEvent]:
        """Yield every record after a position, in order, up to the last there is when the reading begins."""
        last = self.max_notification_id() or 0
        while after < last and (page := self.bodies_after(after)):
            for position, body in page:  # decoded one by one: a list of records keeps the garbage collector busy
                if position > last:
                    return
                yield record(orjson.loads(body), position, body)
            after = position

    def rows(self) -> Iterator[Row]:
        """Yield each row once, as the log is at this instant; also two at one position, which pages could pass over."""
        columns = _COLUMNS.format(schema=self.schema)
        with self.database.transaction() as tx, tx.cursor(name="rows", binary=True) as cursor:
            cursor.itersize = FETCHED
            cursor.execute(f"SELECT {columns} FROM {self.schema}.events ORDER BY position".encode())
            for row in cursor:
                yield Row(*row)

    def stray_keys(self) -> list[int]:
        """Return at which positions there are lookup keys but no record."""
        rows = self.database.all(
            f"SELECT DISTINCT position FROM {self.schema}.lookups WHERE NOT EXISTS "
            f"(SELECT FROM {self.schema}.events WHERE events.position = lookups.position) ORDER BY position"
        )
        return [row[0] for row in rows]


class InboxRecorder(LogRecorder, ProcessRecorder):
    """The log of a service that files other services' events: the inbox row is the library's tracking record.

    A record's place in the inbox (log, position) is unique, so an event delivered twice is filed once.
    """

    def insert_tracking(self, tracking: Tracking) -> None:
        """Not offered: a position is tracked only together with what it caused, in one transaction."""
        raise NotImplementedError

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the highest position received from a log without a gap, or None."""
        row = self.database.one(f"SELECT max(position) FROM {self.schema}.inbox WHERE log = %s", application_name)
        return None if row is None else row[0]


class Infrastructure(InfrastructureFactory[TrackingRecorder]):
    """Builds recorders for the application that `database` belongs to (the library's PERSISTENCE_MODULE)."""

    def __init__(self, env: Environment, database: Database) -> None:
        super().__init__(env)
        self.database = database

    def mapper(self, *_: Any, **__: Any) -> Mapper[Any]:
        """Return the record mapper."""
        return RecordMapper(transcoder=self.transcoder())

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Not offered: no application takes snapshots."""
        raise NotImplementedError

    def application_recorder(self) -> LogRecorder:
        """Return the recorder of a department's log."""
        return LogRecorder(self.database)

    def process_recorder(self) -> InboxRecorder:
        """Return the recorder of the family case's log."""
        return InboxRecorder(self.database)

    def tracking_recorder(self, *_: Any, **__: Any) -> TrackingRecorder:
        """Return the recorder that knows how far other logs were received."""
        return InboxRecorder(self.database)


def _decoded(rows: Iterable[Sequence[Any]]) -> list[RecordedEvent]:
    return [decode(body, position) for position, body in rows]


def _notifications(rows: Iterable[Sequence[Any]]) -> list[Notification]:
    """Return records as the library reads them."""
    events = _decoded(rows)
    return [
        Notification(event.originator_id, event.originator_version, event.type, event.exact, event.position)
        for event in events
    ]


def _amending(schema: str) -> str:
    """Return the parts of a query that find what amends the records in `own`, and what withdraws those amendments."""
    return ", ".join(
        f"{found} AS (SELECT position FROM {schema}.events WHERE target = ANY(ARRAY(SELECT position FROM {amended})))"
        for found, amended in (("first", "own"), ("second", "first"))
    )


def _corrections(department: str) -> list[str]:
    """Return the types by which a department corrects what it recorded."""
    return [one.type for one in CATALOGUE if one.department == department and isinstance(one.effect, Corrects)]
