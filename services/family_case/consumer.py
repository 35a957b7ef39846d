"""From the bus to the case: what arrives is checked, filed in order, and fetched from the department if it is missing.

A message is only a hint that a department's log has grown. Whatever the bus lost, doubled or reordered, the log has it;
so nothing has to be kept for later except what nobody can read, which goes to quarantine, sealed, with its reason.
"""

import logging
import time
from collections.abc import Callable
from math import inf
from typing import Any

from services.family_case.desk import NOT_READABLE, UNSIGNED, UNSIGNED_BYTES, Desk
from services.family_case.filing import Differs, FamilyCases
from shared.bus.broker import Delivery
from shared.door.client import Client, DepartmentUnavailable
from shared.errors import Broken
from shared.keys.ring import KeyRing
from shared.keys.signing import Checkpoint, Verifier, message_digest
from shared.log.record import RecordedEvent, decode_batch

LOOK_EVERY_S = 2.0
"""How often a department is asked for its signed checkpoint, and how long it rests when it does not answer."""

_log = logging.getLogger(__name__)


class Consumer:
    """Files what the departments recorded. `verifiers` are the departments' public keys by department name."""

    def __init__(
        self,
        cases: FamilyCases,
        verifiers: dict[str, Verifier],
        client: Client,
        ring: KeyRing,
        fingerprint: Callable[[bytes], str],
    ) -> None:
        self.cases = cases
        self.desk = Desk(cases.database)
        self.verifiers = verifiers
        self.client = client
        self.ring = ring
        self.fingerprint = fingerprint
        self._by_origin = {verifier.name: log for log, verifier in verifiers.items()}
        self._behind: dict[str, int] = {}
        self._gaps: dict[str, int] = {}
        self._next_look: dict[str, float] = {}
        self._silent: set[str] = set()

    def handle(self, deliveries: list[Delivery]) -> None:
        """File a batch of messages. When it returns, everything in it is filed, waiting, quarantined or fetchable.

        It waits for no department: what shows to be missing is fetched by `watch`. Raises Unavailable when the
        database does not answer; then the batch is delivered again.
        """
        by_log: dict[str, list[RecordedEvent]] = {}
        for delivery in deliveries:
            log, events = self._read(delivery)
            by_log.setdefault(log, []).extend(events)
        batches = {log: sorted(events, key=lambda event: event.position) for log, events in by_log.items() if events}
        reached = self._receive(batches) if batches else {}
        last = {log: events[-1].position for log, events in batches.items()}
        self._gaps |= {log: position for log, position in last.items() if reached[log] < position}

    def watch(self, log: str) -> None:
        """Fetch what is missing of a log: at once what a gap showed, otherwise what its signed checkpoint shows.

        Call it often; it asks the department only when there is a reason or LOOK_EVERY_S seconds have passed.
        """
        due = self._next_look.get(log, 0.0) <= time.monotonic()
        if not due and (log in self._silent or log not in self._gaps):
            return
        try:
            if log in self._gaps:
                self.catch_up(log, self._gaps.pop(log))
            if due:
                self._look(log)
        except (DepartmentUnavailable, Broken) as error:
            self._next_look[log] = time.monotonic() + LOOK_EVERY_S
            if log not in self._silent:
                _log.warning("cannot see how far %s is: %s", log, error.code)
            self._silent.add(log)
        else:
            if log in self._silent:
                _log.info("%s answers again", log)
            self._silent.discard(log)

    def catch_up(self, log: str, upto: float = inf) -> int:
        """Fetch from a department's log what is missing here up to a position; return how many events.

        Raises DepartmentUnavailable.
        """
        first = last = self.cases.received(log)
        while last < upto:
            page = self.client.log(log, last, self.verifiers[log])
            reached = self._receive({log: page})[log] if page else last
            if reached == last:
                break
            last = reached
        return last - first

    def read_again(self) -> int:
        """Receive what a department signed and this version can read, though one before could not; return how many.

        Messages of which nothing tells who signed them are not read: the way back is the department's log.
        """
        read = 0
        for message in self.desk.unread():
            try:
                body = bytes.fromhex(self.ring.unseal(message.sealed, ("quarantine", message.digest)))
                events = decode_batch(body)
            except (Broken, ValueError, RecursionError):
                continue
            self._receive({message.log: sorted(events, key=lambda event: event.position)})
            self.desk.has_read(message)
            read += 1
        return read

    def _look(self, log: str) -> None:
        """Compare what the department signed with what was received; fetch what was missing at the last look too."""
        note = self.client.checkpoint(log)
        checkpoint = self.verifiers[log].checkpoint(note)
        self._keep(log, checkpoint, note)
        received = self.cases.received(log)
        if received < checkpoint.size and self._behind.get(log) == received:
            received += self.catch_up(log, checkpoint.size)  # no further: what is new comes by the bus
        self._behind[log] = received
        self._next_look[log] = time.monotonic() + LOOK_EVERY_S

    def _receive(self, batches: dict[str, list[RecordedEvent]]) -> dict[str, int]:
        try:
            return self.cases.receive_all(batches)
        except Differs as differs:
            for arrival in differs.arrivals:
                self._quarantine(arrival.log, "differs_from_what_was_received", arrival.event.encode())
            wrong = {(arrival.log, id(arrival.event)) for arrival in differs.arrivals}
            return self.cases.receive_all(
                {log: [event for event in events if (log, id(event)) not in wrong] for log, events in batches.items()}
            )

    def _read(self, delivery: Delivery) -> tuple[str, list[RecordedEvent]]:
        log = self._by_origin.get(delivery.log)
        if log is None:
            return self._quarantine("", "unknown_log", delivery.body)
        verifier = self.verifiers[log]
        if not verifier.holds(message_digest(verifier.name, delivery.body), delivery.signature):
            return self._quarantine(log, "not_signed_by_the_log", delivery.body)
        try:
            return log, decode_batch(delivery.body)
        except (ValueError, RecursionError):
            return self._quarantine(log, NOT_READABLE, delivery.body)

    def _quarantine(self, log: str, reason: str, body: bytes) -> tuple[str, list[Any]]:
        digest = self.fingerprint(body)
        _log.warning("quarantined: %s (%s, %d bytes)", reason, log or "?", len(body))
        kept = body[:UNSIGNED_BYTES] if reason in UNSIGNED else body
        sealed = self.ring.seal("quarantine", ("quarantine", digest), kept.hex())
        self.desk.put_in_quarantine(digest, log, reason, len(body), sealed)
        return log, []

    def _keep(self, log: str, checkpoint: Checkpoint, note: str) -> None:
        with self.cases.database.transaction() as tx:
            tx.execute(
                f"INSERT INTO {self.cases.database.schema}.checkpoints_seen VALUES (%s, %s, %s) "
                "ON CONFLICT DO NOTHING".encode(),
                (log, checkpoint.size, note),
            )
