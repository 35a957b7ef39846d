"""How the values of policy parameters travel from the department that sets them to the others, over the bus.

What is announced is no event but what stands: for each parameter its values, every correction and withdrawal applied,
as of a position of the log. So a message that comes twice, late or never does no harm: who keeps it keeps the newest,
and everything is announced again when the sender starts, and every REPEAT_S seconds. Nothing in it is about a person.
"""

import logging
import time
from collections.abc import Callable
from functools import cached_property

import orjson

from shared.bus.broker import BusWriter, Delivery
from shared.json import canonical
from shared.keys.signing import Signer, Verifier, message_digest
from shared.log.amended import as_amended
from shared.log.parameters import Value, keep, types_that_set, value_of, values_of
from shared.log.recorder import LogRecorder
from shared.policy.parameters import parameters
from shared.postgres.database import Database

REPEAT_S = 300.0
"""How often everything is announced again."""

_log = logging.getLogger(__name__)


class Announcer:
    """Announces the values of the parameters that one department sets."""

    def __init__(self, name: str, database: Database, signer: Signer, writer: BusWriter) -> None:
        self.recorder = LogRecorder(database)
        self.signer = signer
        self.writer = writer
        self._types = types_that_set(name)
        self._upto: int | None = None
        self._announced: dict[str, list[list[object]]] = {}
        self._again = 0.0

    def step(self) -> None:
        """Announce what has changed since the last time, or everything when it is time. Raises BusUnavailable."""
        if self._again <= time.monotonic():
            self._announced, self._upto = {}, None
        upto = self.recorder.max_notification_id() or 0  # what is read next holds at least the log up to here
        if upto == self._upto:
            return
        values = values_of(as_amended(self.recorder.past("key", list(parameters()), self._types)))
        for name in parameters():
            standing = [one.as_json() for one in values.get(name, ())]
            if self._announced.get(name) != standing:
                self._publish(name, {"parameter": name, "position": upto, "standing": standing})
                self._announced[name] = standing
        if self._upto is None:
            self._again = time.monotonic() + REPEAT_S
        self._upto = upto

    def _publish(self, name: str, said: dict[str, object]) -> None:
        body = canonical(said)
        signature = self.signer.sign(message_digest(self.signer.name, body))
        self.writer.publish(Delivery(self.signer.name, signature, body), name)


class Keeper:
    """Keeps for one department what another one announces; `public` returns what checks that it is that one's."""

    def __init__(self, database: Database, public: Callable[[], Verifier]) -> None:
        self.database = database
        self._public = public

    @cached_property
    def verifier(self) -> Verifier:
        """What checks the other one's signature. Raises KeyMissing, until its public key is there."""
        return self._public()

    def handle(self, deliveries: list[Delivery]) -> None:
        """Keep the newest of what arrived; what nobody signed, or nobody can read, is left out.

        Raises Unavailable when the database does not answer, KeyMissing without the other's public key; then the batch
        is delivered again.
        """
        for delivery in deliveries:
            try:
                name, position, values = self._read(delivery)
            except (ValueError, TypeError, KeyError):
                _log.warning("left out: what claims to be a parameter (%d bytes)", len(delivery.body))
            else:
                keep(self.database, name, position, values)

    def _read(self, delivery: Delivery) -> tuple[str, int, list[Value]]:
        if not self.verifier.holds(message_digest(self.verifier.name, delivery.body), delivery.signature):
            raise ValueError
        said = orjson.loads(delivery.body)
        return str(said["parameter"]), int(said["position"]), [value_of(one) for one in said["standing"]]
