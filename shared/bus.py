"""The bus: what travels between a department's relay and the family case, and the one door to kombu.

RabbitMQ is a cache: everything on it can be fetched again from the departments' logs. The same code runs on kombu's
in-process transport. Every wait is bounded; nothing is published without a confirm or to nowhere.
"""

import base64
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import AMQPError
from kombu import Connection, Consumer, Exchange, Message, Producer, Queue
from kombu.exceptions import KombuError

from shared.envelope import BATCHED
from shared.errors import YihuError

EXCHANGE = Exchange("yihu.events", type="topic", durable=True)
WAIT_S = 5.0
"""How long a connect, a write or a confirm may take before the broker counts as unavailable."""
HEARTBEAT_S = 20
PREFETCH = 1_000
BATCH = 500
LINGER_S = 0.003
"""How long the reader waits for more messages once it has one."""
POLL_S = 0.01
"""How often the in-process transport looks for messages."""

SIGNATURE_HEADER = "yihu-signature"
LOG_HEADER = "yihu-log"

_FAILURES = (AMQPError, KombuError, OSError, TimeoutError)
_log = logging.getLogger(__name__)


class BusUnavailable(YihuError):
    """The broker cannot be reached, does not confirm in time, or has no queue for a message."""

    def __init__(self) -> None:
        super().__init__("bus_unavailable", "消息总线暂不可用。", "The bus is unavailable.")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came: nothing of it is trusted or decoded yet."""

    log: str
    signature: bytes
    body: bytes


def case_queue(name: str) -> Queue:
    """Return the queue of a consumer that files every department's events. On RabbitMQ it is a quorum queue."""
    return Queue(
        name,
        exchange=EXCHANGE,
        routing_key="#",
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-overflow": "reject-publish",
            "x-single-active-consumer": True,
        },
    )


def connection(uri: str) -> Connection:
    """Return a connection with every wait limited."""
    embedded = uri.startswith("memory:")
    options: dict[str, Any] = {"polling_interval": POLL_S}
    if not embedded:
        options = {"confirm_publish": True, "read_timeout": WAIT_S, "write_timeout": WAIT_S}
    return Connection(uri, transport_options=options, connect_timeout=WAIT_S, heartbeat=0 if embedded else HEARTBEAT_S)


class BusWriter:
    """Publishes for one log: in order, each message confirmed by the broker and routed to a queue."""

    def __init__(self, uri: str, queue: Queue) -> None:
        self._uri = uri
        self._queue = queue
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def publish(self, delivery: Delivery, routing_key: str) -> None:
        """Publish one message and wait for the confirm. Raises BusUnavailable; then it may or may not have arrived."""
        try:
            self._ready().publish(
                delivery.body,
                routing_key=routing_key,
                exchange=EXCHANGE,
                content_type=BATCHED,
                content_encoding="utf-8",
                headers={LOG_HEADER: delivery.log, SIGNATURE_HEADER: base64.b64encode(delivery.signature).decode()},
                delivery_mode="persistent",
                mandatory=True,
                retry=False,
                timeout=WAIT_S,
                confirm_timeout=WAIT_S,
            )
        except _FAILURES:
            self.close()
            raise BusUnavailable from None

    def close(self) -> None:
        """Forget the connection; the next publish makes a new one."""
        found, self._connection, self._producer = self._connection, None, None
        if found is not None:
            _drop(found)

    def _ready(self) -> Producer:
        if self._producer is None:
            self._connection = connection(self._uri)
            channel = self._connection.channel()
            self._queue(channel).declare()
            self._producer = Producer(channel)
        return self._producer


class BusReader:
    """Reads a queue in batches. A batch is acknowledged after it was handled; a failure means redelivery."""

    def __init__(self, uri: str, queue: Queue) -> None:
        self._uri = uri
        self._queue = queue

    def run(self, handle: Callable[[list[Delivery]], None], stopped: Callable[[], bool]) -> None:
        """Hand over batches until `stopped`. Raises BusUnavailable when the connection is lost."""
        found = connection(self._uri)
        try:
            waiting: list[Message] = []
            channel = found.channel()
            consumer = Consumer(channel, queues=[self._queue], on_message=waiting.append, accept=None)
            consumer.qos(prefetch_count=PREFETCH)
            with consumer:
                while not stopped():
                    self._collect(found, waiting)
                    if waiting:
                        handle([_delivery(message) for message in waiting])
                        for message in waiting:
                            message.ack()
                        waiting.clear()
        except _FAILURES as error:
            _log.warning("bus reader lost its connection: %s", type(error).__name__)
            raise BusUnavailable from None
        finally:
            _drop(found)

    def _collect(self, found: Connection, waiting: list[Message]) -> None:
        try:
            found.drain_events(timeout=1)
            while len(waiting) < BATCH:
                found.drain_events(timeout=LINGER_S)
        except TimeoutError:
            pass
        if found.supports_heartbeats:
            found.heartbeat_check()


def _delivery(message: Message) -> Delivery:
    headers = message.headers if isinstance(message.headers, dict) else {}
    body = message.body
    raw = body if isinstance(body, bytes) else str(body).encode("utf-8", "replace")
    try:
        signature = base64.b64decode(str(headers.get(SIGNATURE_HEADER, "")), validate=True)
    except ValueError:
        signature = b""
    return Delivery(str(headers.get(LOG_HEADER, ""))[:100], signature, raw)


def _drop(found: Connection) -> None:
    """Close a connection that may be broken or hung: its socket first, so that nothing is waited for."""
    try:
        transport = found.transport if found.connected else None
        sock = getattr(getattr(found.connection, "transport", None), "sock", None) if transport else None
        if sock is not None:
            sock.settimeout(1)
            sock.shutdown(socket.SHUT_RDWR)
        found.release()
    except (*_FAILURES, AttributeError):
        pass
