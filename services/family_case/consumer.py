"""From the bus to the case: what arrives is checked, filed in order, and fetched from the department if it is missing.

A message is only a hint that a department's log has grown. Whatever the bus lost, doubled or reordered, the log has it;
so nothing has to be kept for later except what nobody can read, which goes to quarantine, sealed, with its reason.
"""

import logging
from collections.abc import Callable
from itertools import groupby
from typing import Any

from services.family_case.application import Differs, FamilyCases
from shared.bus import Delivery
from shared.client import Client, DepartmentUnavailable
from shared.envelope import decode_batch
from shared.errors import Broken
from shared.event import RecordedEvent
from shared.evidence import Checkpoint, Verifier, message_digest
from shared.json import canonical
from shared.keyring import KeyRing

_log = logging.getLogger(__name__)


class Consumer:
    """Files what the departments say. `verifiers` are the departments' public keys by department name."""

    def __init__(
        self,
        cases: FamilyCases,
        verifiers: dict[str, Verifier],
        client: Client,
        ring: KeyRing,
        fingerprint: Callable[[bytes], str],
    ) -> None:
        self.cases = cases
        self.verifiers = verifiers
        self.client = client
        self.ring = ring
        self.fingerprint = fingerprint
        self._by_origin = {verifier.name: log for log, verifier in verifiers.items()}
        self._behind: dict[str, int] = {}

    def handle(self, deliveries: list[Delivery]) -> None:
        """File a batch of messages. When it returns, everything in it is filed, waiting, quarantined or fetchable.

        Raises Unavailable when the database does not answer; then the batch is delivered again.
        """
        readable = [(log, events) for delivery in deliveries for log, events in self._read(delivery)]
        for log, group in groupby(readable, key=lambda pair: pair[0]):
            events = [event for _, found in group for event in found]
            if self._receive(log, events) < max(event.position for event in events):
                self.catch_up(log)

    def catch_up(self, log: str) -> int:
        """Fetch from the department's log what is missing here; return how many events were fetched."""
        fetched = 0
        while True:
            last = self.cases.received(log)
            try:
                page = self.client.log(log, last, self.verifiers[log])
            except DepartmentUnavailable:
                _log.warning("cannot fetch %s after %d: its service does not answer", log, last)
                return fetched
            if not page or self._receive(log, page) == last:
                return fetched
            fetched += len(page)

    def watch(self) -> None:
        """Ask every department for its signed checkpoint; fetch what has been missing since the last look."""
        for log, verifier in self.verifiers.items():
            try:
                note = self.client.checkpoint(log)
                checkpoint = verifier.checkpoint(note)
            except (DepartmentUnavailable, Broken) as error:
                _log.warning("no checkpoint of %s: %s", log, error.code)
                continue
            self._keep(log, checkpoint, note)
            received = self.cases.received(log)
            if received < checkpoint.size and self._behind.get(log) == received:
                self.catch_up(log)
            self._behind[log] = received

    def _receive(self, log: str, events: list[RecordedEvent]) -> int:
        try:
            return self.cases.receive(log, events)
        except Differs as differs:
            event = next(event for event in events if event.position == differs.position)
            self._quarantine(log, "differs_from_what_was_received", event.encode())
            others = [event for event in events if event.position != differs.position]
            return self._receive(log, others) if others else self.cases.received(log)

    def _read(self, delivery: Delivery) -> list[tuple[str, list[RecordedEvent]]]:
        log = self._by_origin.get(delivery.log)
        if log is None:
            return self._quarantine("", "unknown_log", delivery.body)
        verifier = self.verifiers[log]
        if not verifier.holds(message_digest(verifier.name, delivery.body), delivery.signature):
            return self._quarantine(log, "not_signed_by_the_log", delivery.body)
        try:
            events = decode_batch(delivery.body)
        except (ValueError, RecursionError):
            return self._quarantine(log, "not_readable", delivery.body)
        return [(log, events)] if events else []

    def _quarantine(self, log: str, reason: str, body: bytes) -> list[Any]:
        digest = self.fingerprint(body)
        _log.warning("quarantined: %s (%s, %d bytes)", reason, log or "?", len(body))
        sealed = self.ring.seal("quarantine", ("quarantine", digest), body.hex())
        with self.cases.database.transaction() as tx:
            tx.execute(
                f"INSERT INTO {self.cases.database.schema}.quarantine (digest, log, reason, size, sealed) "
                "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING".encode(),
                (digest, log, reason, len(body), canonical(sealed).decode()),
            )
        return []

    def _keep(self, log: str, checkpoint: Checkpoint, note: str) -> None:
        with self.cases.database.transaction() as tx:
            tx.execute(
                f"INSERT INTO {self.cases.database.schema}.checkpoints_seen VALUES (%s, %s, %s) "
                "ON CONFLICT DO NOTHING".encode(),
                (log, checkpoint.size, note),
            )
