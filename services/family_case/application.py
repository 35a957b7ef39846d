"""The family case's application: receives departments' events in order, each exactly once, in one transaction.

Inbox, case log and read models stand or fall together. An event that cannot be filed yet waits with its reason and
files itself when what it lacks arrives; one whose filing fails is set aside with its reason, and the rest go on.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar

import psycopg
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.utils import Environment

from services.family_case.domain import SOURCE, Arrival, FamilyCase, fold_case
from services.family_case.read_models import FILING_FAILED, UNKNOWN_TYPE, ReadModels
from shared.aggregate import Snapshot
from shared.database import Database, Tx, Unavailable
from shared.department import china_now
from shared.envelope import stamp
from shared.event import RecordedEvent
from shared.evidence import leaf_hash
from shared.log import InboxRecorder, Infrastructure

SNAPSHOT_EVERY = 100

_log = logging.getLogger(__name__)


class FamilyCases(Application[str]):
    """All family cases, and the inbox through which departments' events reach them."""

    recorder: InboxRecorder
    is_snapshotting_enabled = True
    snapshotting_intervals: ClassVar[dict[Any, int]] = {FamilyCase: SNAPSHOT_EVERY}
    snapshotting_projectors: ClassVar[dict[Any, Any]] = {FamilyCase: fold_case}
    snapshot_class = Snapshot

    def __init__(self, database: Database, clock: Callable[[], datetime] = china_now) -> None:
        self.database = database
        self.clock = clock
        self.read_models = ReadModels(database.schema)
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

    def receive(self, log: str, events: Iterable[RecordedEvent]) -> int:
        """Receive events of one log; return the position up to which the log is now received.

        What was received before is ignored, what lies behind a gap is left for the pull. Raises Unavailable when
        nothing could be kept. Raises Differs, and keeps nothing, when events are not those received earlier at their
        places.
        """
        differing: list[RecordedEvent] = []
        with self._alone() as tx:
            last = self.received(log)
            for event in events:
                arrival = Arrival(log, event, leaf_hash(event.encode()))
                if event.position == last + 1:
                    self._file(tx, arrival)
                    last += 1
                elif event.position <= last and self._differs(arrival):
                    differing.append(event)
            if differing:
                raise Differs(log, differing)
        return last

    def file_unknown_types(self) -> int:
        """File again what waited for a later version of this program, unknown types and failures; return how many."""
        with self._alone() as tx:
            taken = self.read_models.take_waiting(tx, reason=UNKNOWN_TYPE)
            taken += self.read_models.take_waiting(tx, reason=FILING_FAILED)
            for arrival in sorted(taken, key=Arrival.place):
                self._settle(tx, arrival, again=True)
            still = self.read_models.waiting(tx, taken)
            return len(taken) - still

    @contextmanager
    def _alone(self) -> Any:
        """Open the one transaction in which events are filed; a second family case process waits its turn."""
        with self.database.transaction() as tx:
            tx.execute(f"SELECT pg_advisory_xact_lock(hashtextextended('filing {self.database.schema}', 0))".encode())
            yield tx

    def _differs(self, arrival: Arrival) -> bool:
        row = self.database.one(
            f"SELECT leaf FROM {self.database.schema}.inbox WHERE log = %s AND position = %s",
            arrival.log,
            arrival.position,
        )
        return row is not None and bytes(row[0]) != arrival.leaf

    def _file(self, tx: Tx, arrival: Arrival) -> None:
        tx.execute(
            f"INSERT INTO {self.database.schema}.inbox VALUES (%s, %s, %s)".encode(),
            (arrival.log, arrival.position, arrival.leaf),
        )
        self._settle(tx, arrival)

    def _settle(self, tx: Tx, arrival: Arrival, *, again: bool = False) -> None:
        """Place an event, or set it aside when that fails: one that fails takes no other with it."""
        try:
            with tx.transaction():  # a savepoint
                self._place(tx, arrival, again=again)
        except (Unavailable, psycopg.OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this event, the others go on
            _log.error("event set aside: %s/%s", arrival.log, arrival.position, exc_info=error)
            self.read_models.wait(tx, arrival, FILING_FAILED)

    def _place(self, tx: Tx, arrival: Arrival, *, again: bool) -> None:
        stream, reason = self.read_models.stream_for(tx, arrival)
        if reason:
            self.read_models.wait(tx, arrival, reason)
            return
        if not (again and self.recorder.find(arrival.key, SOURCE)):  # filed before its family let it go
            case = self._case(stream)
            case.file(arrival, stamp(self.clock()))
            self.save(case)
        known = self.read_models.filed(tx, stream, arrival)
        for waiting in self.read_models.take_waiting(tx, persons=known) if known else ():
            self._settle(tx, waiting, again=True)

    def _case(self, stream: str) -> FamilyCase:
        try:
            case: Any = self.repository.get(stream, projector_func=fold_case)
        except AggregateNotFoundError:
            return FamilyCase(stream)
        return case  # type: ignore[no-any-return]


class Differs(Exception):
    """A log says something else at some places than it said before: evidence against it."""

    def __init__(self, log: str, events: list[RecordedEvent]) -> None:
        super().__init__("differs")
        self.log = log
        self.events = events
