"""Filing: departments' events are received in order, each exactly once, in one transaction.

Inbox, case log and read models stand or fall together. Every event is filed at once, about somebody; in whose history
that shows is a question of membership. An event whose filing fails is set aside with its reason, and the rest go on.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.application import Application
from eventsourcing.utils import Environment

from services.family_case.domain import Arrival, filed_event, filed_record
from services.family_case.entries import Entries, Original
from services.family_case.places import Places, Statement
from services.family_case.waiting import FILING_FAILED, UNKNOWN_PERSON, UNKNOWN_TYPE, Waiting
from shared.language.envelope import china_now, moment, stamp
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from shared.log.recorder import InboxRecorder, Infrastructure
from shared.postgres.database import Database, Tx, insert, is_unavailable

_log = logging.getLogger(__name__)


@dataclass(slots=True)  # not frozen: that triples the time to make one
class _Filing:
    """An event to be filed: about whom; for a statement or an amendment of one, where the statement stands."""

    arrival: Arrival
    about: str
    root: int | None


class FamilyCases(Application[str]):
    """All family cases, and the inbox through which departments' events reach them."""

    recorder: InboxRecorder

    def __init__(self, database: Database, clock: Callable[[], datetime] = china_now) -> None:
        self.database = database
        self.clock = clock
        views = f"{database.schema}_views"
        self.entries, self.places, self.waiting = Entries(views), Places(views), Waiting(views)
        super().__init__()

    def construct_factory(self, env: Environment) -> Infrastructure:
        """Build recorders on the family case's database (the library's extension point)."""
        return Infrastructure(env, self.database)

    def construct_recorder(self) -> InboxRecorder:
        """Use the recorder that also keeps the inbox."""
        recorder: Any = self.factory.process_recorder()
        return recorder  # type: ignore[no-any-return]

    def received(self, log: str) -> int:
        """Return the position up to which a log was received without a gap."""
        return self.recorder.max_tracking_id(log) or 0

    def receive(self, log: str, events: Sequence[RecordedEvent]) -> int:
        """Receive events of one log; return the position up to which the log is now received."""
        return self.receive_all({log: events})[log]

    def receive_all(self, batches: Mapping[str, Sequence[RecordedEvent]]) -> dict[str, int]:
        """Receive events of several logs in one transaction; return how far each log is now received.

        What was received before is ignored, what lies behind a gap is left for the pull. Raises Unavailable when
        nothing could be kept. Raises Differs, and keeps nothing, when events are not those received earlier at their
        places.
        """
        try:
            return self._receive_all(batches, safely=False)
        except Differs:
            raise
        except Exception as error:
            if is_unavailable(error):
                raise
        return self._receive_all(batches, safely=True)  # one of them cannot be filed: this tells which

    def file_unknown_types(self) -> int:
        """File again what waited for a later version of this program, unknown types and failures; return how many."""
        with self._alone() as (tx, _):
            taken = self.waiting.take(tx, UNKNOWN_TYPE, FILING_FAILED)
            self._settle(tx, taken)
            return len(taken) - self.waiting.count(tx, taken)

    def catch_up(self) -> int:
        """Bring the read models up to the case log, after a migration has made them anew; return how many events.

        Older versions kept what waited for its person aside, and took out of the entries who left a family.
        """
        caught_up = 0
        while True:
            with self._alone() as (tx, _):
                page = self._not_noted(tx)
                if not page:
                    waited = self.waiting.take(tx, UNKNOWN_PERSON)
                    noted = self.entries.originals(tx, [one.place() for one in waited])
                    self._settle(tx, [one for one in waited if one.place() not in noted])
                    return caught_up + len(waited) - len(noted)
                arrivals = [arrival for _, arrival in page]
                filings = [filing for filing, _ in self._about(tx, arrivals)]
                self._note(tx, filings, [position for position, _ in page])
                caught_up += len(page)

    def _receive_all(self, batches: Mapping[str, Sequence[RecordedEvent]], *, safely: bool) -> dict[str, int]:
        fresh: list[Arrival] = []
        earlier: list[Arrival] = []
        with self._alone(batches) as (tx, reached):
            for log, events in batches.items():
                for event in events:
                    if event.position <= reached[log]:
                        earlier.append(Arrival(log, event, leaf_hash(event.encode())))
                    elif event.position == reached[log] + 1:
                        fresh.append(Arrival(log, event, leaf_hash(event.encode())))
                        reached[log] += 1
            inbox = f"{self.database.schema}.inbox"
            insert(tx, inbox, "text bigint bytea", [(*arrival.place(), arrival.leaf) for arrival in fresh])
            if safely:
                self._settle(tx, fresh)
            else:
                self._file(tx, fresh)
            differing = self._differing(tx, earlier)
            if differing:
                raise Differs(differing)
        return reached

    @contextmanager
    def _alone(self, logs: Iterable[str] = ()) -> Iterator[tuple[Tx, dict[str, int]]]:
        """Open the one transaction in which events are filed; a second family case process waits its turn.

        Yields it, and for each of the logs the position up to which it was received.
        """
        with self.database.transaction() as tx:
            yield tx, self._begin(tx, list(logs))

    def _begin(self, tx: Tx, logs: Sequence[str]) -> dict[str, int]:
        query = f"SELECT log, reached FROM {self.database.schema}.begin_filing(%s::text[])"
        rows = tx.execute(query.encode(), (logs,), binary=True).fetchall()
        return {log: reached or 0 for log, reached in rows}

    def _differing(self, tx: Tx, arrivals: list[Arrival]) -> list[Arrival]:
        """Return those that are not what was received at their places."""
        if not arrivals:
            return []
        query = (
            f"SELECT log, position, leaf FROM {self.database.schema}.inbox "
            "JOIN unnest(%s::text[], %s::bigint[]) AS place (log, position) USING (log, position)"
        )
        places = [[arrival.log for arrival in arrivals], [arrival.position for arrival in arrivals]]
        rows = tx.execute(query.encode(), places, binary=True).fetchall()
        received = {(log, position): leaf for log, position, leaf in rows}
        return [arrival for arrival in arrivals if received.get(arrival.place(), arrival.leaf) != arrival.leaf]

    def _settle(self, tx: Tx, arrivals: Sequence[Arrival]) -> None:
        """File events, all together if that succeeds; otherwise set those aside for which it fails."""
        try:
            with tx.transaction():  # a savepoint
                self._file(tx, arrivals)
        except Exception as error:
            if is_unavailable(error):
                raise
            if len(arrivals) > 1:
                for arrival in arrivals:
                    self._settle(tx, [arrival])
                return
            _log.error("event set aside: %s", arrivals[0].key, exc_info=error)
            self.waiting.keep(tx, arrivals, FILING_FAILED)

    def _file(self, tx: Tx, arrivals: Sequence[Arrival]) -> None:
        """File events in order: a record of each in the case log, and the read models."""
        if not arrivals:
            return
        filings, held = self._sort(tx, arrivals)
        for reason, some in held.items():
            self.waiting.keep(tx, some, reason)
        self._note(tx, filings, self._append(tx, filings))

    def _sort(self, tx: Tx, arrivals: Sequence[Arrival]) -> tuple[list[_Filing], dict[str, list[Arrival]]]:
        """Say about whom each event is; and which cannot be filed yet, by reason. Raises ValueError for nonsense."""
        filings: list[_Filing] = []
        held: dict[str, list[Arrival]] = {}
        for one in arrivals:
            _check_readable(one.event)
        for filing, reason in self._about(tx, arrivals):
            if reason:
                held.setdefault(reason, []).append(filing.arrival)
            else:
                filings.append(filing)
        return filings, held

    def _about(self, tx: Tx, arrivals: Sequence[Arrival]) -> Iterator[tuple[_Filing, str]]:
        """Yield each event with whom it is about, and why it cannot be filed.

        What amends an event is about whom that one is, and waits with it.
        """
        amending = [(one.log, one.event.target) for one in arrivals if one.event.target is not None]
        known = self.entries.originals(tx, amending) if amending else {}
        for one in arrivals:
            original = known.get((one.log, one.event.target)) if one.event.target is not None else None
            if original is None:
                reason = "" if one.known else UNKNOWN_TYPE
                filing = _Filing(one, one.about, one.event.position if one.states else None)
            else:
                filing, reason = _Filing(one, original.about, original.root), original.reason
            if amending:  # perhaps by what comes behind it
                known[one.place()] = Original(filing.about, filing.root, reason)
            yield filing, reason

    def _append(self, tx: Tx, filings: Sequence[_Filing]) -> list[int]:
        """Append a record of each event to the case log; return their positions there."""
        versions = self.recorder.versions(sorted({one.arrival.log for one in filings}))
        now, records = stamp(self.clock()), []
        for log, arrival in ((one.arrival.log, one.arrival) for one in filings):
            versions[log] = versions.get(log, 0) + 1
            records.append(filed_record(arrival, versions[log], now))
        return self.recorder.append(tx, records)

    def _note(self, tx: Tx, filings: Sequence[_Filing], positions: Sequence[int]) -> None:
        """Bring the read models up to what was filed at these positions of the case log."""
        noted = zip(filings, positions, strict=True)
        self.entries.note(tx, [(one.arrival, one.about, position) for one, position in noted])
        statements = [
            Statement(one.arrival.log, one.arrival.event, one.root) for one in filings if one.root is not None
        ]
        if statements:
            self.places.note(tx, statements)

    def _not_noted(self, tx: Tx) -> list[tuple[int, Arrival]]:
        """Return the first page of what is in the case log and not among the entries."""
        row = tx.execute(f"SELECT coalesce(max(filed), 0) FROM {self.entries.schema}.entries".encode()).fetchone()
        return [(at, filed_event(body)) for at, body in self.recorder.bodies_after(row[0] if row else 0)]


class Differs(Exception):
    """Logs hold something else at some places than they held before: evidence against them."""

    def __init__(self, arrivals: list[Arrival]) -> None:
        super().__init__("differs")
        self.arrivals = arrivals


def _check_readable(event: RecordedEvent) -> None:
    """Raise ValueError for an event that no page could show: a department that signs may still be mistaken."""
    if not _TEXT.issuperset(map(type, event.attributes.values())) or b"\\u0000" in event.encode():
        for name, value in event.attributes.items():
            number = isinstance(value, int) and (name == "target" or isinstance(value, bool))
            if not number and not (isinstance(value, str) and "\0" not in value):
                raise ValueError(event.position)
    for name in ("time", "recordedtime", "loggedtime"):
        if name in event.attributes and moment(event.attributes[name]).tzinfo is None:
            raise ValueError(event.position)


_TEXT = {str}
