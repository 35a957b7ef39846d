"""The relay: publishes a department's log as it is, in order; the log is the outbox.

It marks a position only after the broker confirmed, so a crash means publishing again, never leaving out. When it is
behind it packs consecutive events into one message; the consumer ignores what it has already filed.
"""

from shared.bus.broker import BusWriter, Delivery
from shared.keys.signing import Signer, message_digest
from shared.log.record import batch, decode
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database

PACK = 100
"""The most events in one message."""
PACK_BYTES = 128 * 1024
"""The most bytes of events in one message; the broker's limit is 256 KiB."""

SOON_S = 0.005
"""How soon a log is looked at again after it had something: what comes meanwhile shares a message."""
FEW, FILLING_S = 20, 0.02
"""If it had more than a few events, this late: the next message fills, and costs all who handle it no more."""


class Relay:
    """Publishes one log."""

    def __init__(self, name: str, database: Database, signer: Signer, writer: BusWriter) -> None:
        self.name = name
        self.database = database
        self.recorder = LogRecorder(database)
        self.signer = signer
        self.writer = writer
        self._relayed: int | None = None

    def step(self) -> float | None:
        """Publish the next message; return how many seconds it may take to the next, or None when there was none.

        Raises BusUnavailable.
        """
        if self._relayed is None:
            self._relayed = self._published()
        found = self.recorder.bodies_after(self._relayed, PACK)
        pack = _pack(found)
        if not pack:
            return None
        self._relayed = None  # unless all of this succeeds, look again where we are
        body = batch(pack)
        delivery = Delivery(self.signer.name, self.signer.sign(message_digest(self.signer.name, body)), body)
        self.writer.publish(delivery, decode(pack[0][1]).type if len(pack) == 1 else f"{self.name}.batch")
        with self.database.connection() as connection:
            connection.execute(f"UPDATE {self.name}.relayed SET position = %s".encode(), (pack[-1][0],))
        self._relayed = pack[-1][0]
        if len(pack) < len(found) or len(found) == PACK:
            return 0
        return FILLING_S if len(pack) > FEW else SOON_S

    def _published(self) -> int:
        row = self.database.one(f"SELECT position FROM {self.name}.relayed")
        return row[0] if row else 0


def _pack(records: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Return as many of the records as fit into one message, at least one."""
    size = 0
    for number, (_, exact) in enumerate(records):
        size += len(exact) + 32
        if number and size > PACK_BYTES:
            return records[:number]
    return records
