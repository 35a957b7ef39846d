"""The family case's application: receives departments' events in order, each exactly once, in one transaction.

Inbox, case log and read models stand or fall together. An event that cannot be filed yet waits with its reason and
files itself when what it lacks arrives; one whose filing fails is set aside with its reason, and the rest go on.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from eventsourcing.application import Application
from eventsourcing.utils import Environment

from services.family_case.domain import SOURCE, Arrival, FamilyCase
from services.family_case.read_models import FILING_FAILED, UNKNOWN_TYPE, ReadModels, in_turn, independent
from shared.door.department import china_now
from shared.language.envelope import stamp
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from shared.log.recorder import InboxRecorder, Infrastructure
from shared.postgres.database import Database, Tx, insert, is_unavailable

_log = logging.getLogger(__name__)


class FamilyCases(Application[str]):
    """All family cases, and the inbox through which departments' events reach them."""

    recorder: InboxRecorder

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
        return self.reached([log])[log]

    def reached(self, logs: Iterable[str]) -> dict[str, int]:
        """Return for each log the position up to which it was received without a gap."""
        return {log: position or 0 for log, position in self.recorder.max_tracking_ids(logs).items()}

    def receive(self, log: str, events: Sequence[RecordedEvent]) -> int:
        """Receive events of one log; return the position up to which the log is now received."""
        return self.receive_all({log: events})[log]

    def receive_all(self, said: Mapping[str, Sequence[RecordedEvent]]) -> dict[str, int]:
        """Receive events of several logs in one transaction; return how far each log is now received.

        What was received before is ignored, what lies behind a gap is left for the pull. Raises Unavailable when
        nothing could be kept. Raises Differs, and keeps nothing, when events are not those received earlier at their
        places.
        """
        try:
            return self._receive_all(said, safely=False)
        except Differs:
            raise
        except Exception as error:
            if is_unavailable(error):
                raise
        return self._receive_all(said, safely=True)  # one of them cannot be filed: this tells which

    def _receive_all(self, said: Mapping[str, Sequence[RecordedEvent]], *, safely: bool) -> dict[str, int]:
        fresh: list[Arrival] = []
        earlier: list[Arrival] = []
        with self._alone() as tx:
            reached = self.reached(said)
            for log, events in said.items():
                for event in events:
                    if event.position <= reached[log]:
                        earlier.append(Arrival(log, event, leaf_hash(event.encode())))
                    elif event.position == reached[log] + 1:
                        fresh.append(Arrival(log, event, leaf_hash(event.encode())))
                        reached[log] += 1
            self._note(tx, fresh)
            opening = {arrival.log for arrival in fresh if arrival.opens}
            fresh.sort(key=lambda arrival: arrival.log not in opening)  # so that less has to wait for an opening
            self._settle_all(tx, fresh, safely=safely)
            differing = self._differing(tx, earlier)
            if differing:
                raise Differs(differing)
        return reached

    def file_unknown_types(self) -> int:
        """File again what waited for a later version of this program, unknown types and failures; return how many."""
        with self._alone() as tx:
            taken = self.read_models.take_waiting(tx, reason=UNKNOWN_TYPE)
            taken += self.read_models.take_waiting(tx, reason=FILING_FAILED)
            self._settle_all(tx, sorted(taken, key=Arrival.place), safely=True)
            still = self.read_models.waiting(tx, taken)
            return len(taken) - still

    @contextmanager
    def _alone(self) -> Any:
        """Open the one transaction in which events are filed; a second family case process waits its turn."""
        with self.database.transaction() as tx:
            tx.execute(f"SELECT pg_advisory_xact_lock(hashtextextended('filing {self.database.schema}', 0))".encode())
            yield tx

    def _note(self, tx: Tx, arrivals: list[Arrival]) -> None:
        """Note in the inbox what was received: each place once."""
        inbox = f"{self.database.schema}.inbox"
        insert(tx, inbox, "text bigint bytea", [(*arrival.place(), arrival.leaf) for arrival in arrivals])

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

    def _settle_all(self, tx: Tx, arrivals: list[Arrival], *, safely: bool) -> None:
        """Settle events in order, as many together as do not depend on each other.

        `safely` sets an event aside for which that fails; it takes no other with it.
        """
        for run in independent(arrivals):
            if safely:
                self._settle(tx, run)
            else:
                self._place(tx, run, safely=False)

    def _settle(self, tx: Tx, arrivals: list[Arrival]) -> None:
        try:
            with tx.transaction():  # a savepoint
                self._place(tx, arrivals, safely=True)
        except Exception as error:
            if is_unavailable(error):
                raise
            if len(arrivals) > 1:
                for arrival in arrivals:
                    self._settle(tx, [arrival])
                return
            _log.error("event set aside: %s", arrivals[0].key, exc_info=error)
            self.read_models.wait(tx, arrivals, FILING_FAILED)

    def _place(self, tx: Tx, arrivals: list[Arrival], *, safely: bool) -> None:
        opened = {person for arrival in arrivals for person in arrival.opened}
        waited = self.read_models.take_waiting(tx, persons=opened) if opened else []
        if waited:
            self._settle_all(tx, in_turn(arrivals, waited), safely=safely)
            return
        streams = self.read_models.streams_for(tx, arrivals)
        placed = [(stream, arrival) for arrival, (stream, reason) in zip(arrivals, streams, strict=True) if not reason]
        for missing in sorted({reason for _, reason in streams if reason}):
            waiting = [arrival for arrival, (_, why) in zip(arrivals, streams, strict=True) if why == missing]
            self.read_models.wait(tx, waiting, missing)
        self._append(tx, self._not_recorded(placed))
        known = self.read_models.filed(tx, placed)
        if known:
            self._settle_all(tx, self.read_models.take_waiting(tx, persons=known), safely=safely)

    def _append(self, tx: Tx, placed: list[tuple[str, Arrival]]) -> None:
        versions = self.recorder.versions(list({stream for stream, _ in placed}))
        cases = {stream: FamilyCase(stream, versions.get(stream, 0)) for stream, _ in placed}
        now = stamp(self.clock())
        filed = [cases[stream].file(arrival, now) for stream, arrival in placed]
        self.recorder.append(tx, filed)

    def _not_recorded(self, placed: list[tuple[str, Arrival]]) -> list[tuple[str, Arrival]]:
        """Leave out what was filed before its family let it go: it is on record already."""
        waited = [arrival.key for _, arrival in placed if arrival.waited]
        recorded = self.recorder.recorded(SOURCE, waited) if waited else ()
        return [(stream, arrival) for stream, arrival in placed if arrival.key not in recorded] if recorded else placed


class Differs(Exception):
    """Logs say something else at some places than they said before: evidence against them."""

    def __init__(self, arrivals: list[Arrival]) -> None:
        super().__init__("differs")
        self.arrivals = arrivals
