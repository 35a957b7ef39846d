"""The bus: what travels between a department's relay and the family case, and the one door to kombu.

RabbitMQ is a cache: everything on it can be fetched again from the departments' logs. The same code runs on kombu's
in-process transport. Every wait is bounded; nothing is published without a confirm or to nowhere.
"""

import base64
import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from amqp import serialization
from amqp.exceptions import AMQPError, MessageNacked
from kombu import Connection, Consumer, Exchange, Message, Producer, Queue
from kombu.exceptions import KombuError

from shared.errors import YihuError
from shared.language.envelope import BATCHED

EXCHANGE = Exchange("yihu.events", type="topic", durable=True)
PARAMETERS = Exchange("yihu.parameters", type="fanout", durable=True)
QUESTIONS = Exchange("nameko-rpc", type="topic", durable=True)
"""Where nameko's clients ask and are answered: its name and kind are theirs."""
WAIT_S = 4.0
"""How long a connect, an answer or a confirm may take before the broker counts as unavailable."""
HEARTBEAT_S = 20
"""How often a reader's connection shows that it lives. A writer's has none: each of its waits is bounded anyway."""
BROKEN_S = 5.0
"""How long a queue may let nobody read it, although the broker answers, until it is deleted and made anew."""
QUEUE_MESSAGES = 100_000
"""How many messages the queue takes; beyond that the broker refuses, and a relay goes on later."""
ANNOUNCEMENTS = 1_000
"""How many announcements wait for a department that is away; beyond that the oldest go, and all come again."""
WAITING_QUESTIONS = 1_000
"""How many questions wait while nobody answers; beyond that the oldest go."""
QUESTION_MS = 60_000
"""How long a question waits: later nobody waits for the answer."""
DELIVERIES = 20
"""How often the broker delivers a message that breaks its reader before it drops it: the log still has the events."""
PREFETCH = 500
BATCH = 500
BATCH_BYTES = 1024 * 1024
"""A batch is handed over once it has this many messages or bytes: some 2,000 events, filed well within a second."""
LINGER_S = 0.001
"""How long the reader waits in all for more messages once it has one."""
POLL_S = 0.01
"""How often the in-process transport looks for messages."""

SHORT = 255
"""How many bytes the short texts of the protocol have: an address, a mark."""

SIGNATURE_HEADER = "yihu-signature"
LOG_HEADER = "yihu-log"
CODING = "coding"
"""Under which name a message's own `content_encoding` is found among its properties."""
PLAIN = "application/json"
"""The content type of what is no batch of events."""

_log = logging.getLogger(__name__)
FAILURES = (AMQPError, KombuError, MessageNacked, OSError)


class BusUnavailable(YihuError):
    """The broker cannot be reached, does not confirm in time, or has no queue for a message."""

    def __init__(self) -> None:
        super().__init__("bus_unavailable", "消息总线暂不可用。", "The bus is unavailable.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question carries beside its body: which method is asked, where the answer goes, and the asker's mark."""

    method: str
    reply_to: str
    mark: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came: nothing of it is trusted or decoded yet. `asked` where it wants an answer."""

    log: str
    signature: bytes
    body: bytes
    asked: Asked | None = None


def case_queue(name: str) -> Queue:
    """Return the queue of a consumer that files every department's events. On RabbitMQ it is a quorum queue."""
    return Queue(
        name,
        exchange=EXCHANGE,
        routing_key="#",
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-max-length": QUEUE_MESSAGES,
            "x-overflow": "reject-publish",
            "x-delivery-limit": DELIVERIES,
            "x-single-active-consumer": True,
        },
    )


def parameter_queue(department: str) -> Queue:
    """Return the queue on which a department is told the policy parameters that another one sets."""
    arguments = {"x-max-length": ANNOUNCEMENTS, "x-overflow": "drop-head"}
    return Queue(f"yihu.parameters.{department}", exchange=PARAMETERS, durable=True, queue_arguments=arguments)


def question_queue(service: str) -> Queue:
    """Return the queue of the questions to a service, under the name that nameko's clients know."""
    arguments = {"x-max-length": WAITING_QUESTIONS, "x-overflow": "drop-head", "x-message-ttl": QUESTION_MS}
    return Queue(
        f"rpc-{service}", exchange=QUESTIONS, routing_key=f"{service}.*", durable=True, queue_arguments=arguments
    )


def connect(uri: str, heartbeat: int = 0, *, confirm: bool = True) -> Connection:
    """Return an open connection on which no wait is longer than WAIT_S; with `confirm`, each publish waits for its own.

    Raises what the library raises.
    """
    embedded = uri.startswith("memory:")
    options = {"polling_interval": POLL_S} if embedded else {"confirm_publish": confirm}
    found = Connection(uri, transport_options=options, connect_timeout=WAIT_S, heartbeat=0 if embedded else heartbeat)
    try:
        found.ensure_connection(max_retries=0)
        sock = _socket_of(found)
        if sock is not None:
            sock.settimeout(WAIT_S)  # the library waits for ever for the answer to a declaration
    except BaseException:
        drop(found)
        raise
    return found


class BusWriter:
    """Publishes for one log: in order, each message confirmed by the broker, and routed to queues of one exchange."""

    def __init__(self, uri: str, *queues: Queue) -> None:
        self._uri = uri
        self._queues = queues
        self._connection: Connection | None = None
        self._producer: Producer | None = None

    def publish(self, delivery: Delivery, routing_key: str) -> None:
        """Publish one message and wait for the confirm. Raises BusUnavailable; then it may or may not have arrived."""
        try:
            self._ready().publish(
                delivery.body,
                routing_key=routing_key,
                exchange=self._queues[0].exchange,
                content_type=PLAIN if self._queues[0].exchange == PARAMETERS else BATCHED,
                content_encoding="utf-8",
                headers={LOG_HEADER: delivery.log, SIGNATURE_HEADER: base64.b64encode(delivery.signature).decode()},
                delivery_mode="persistent",
                mandatory=True,
                retry=False,
                timeout=WAIT_S,
                confirm_timeout=WAIT_S,
            )
        except FAILURES:
            self.close()
            raise BusUnavailable from None

    def answer(self, asked: Asked, body: bytes) -> None:
        """Send the answer to a question; whoever does not wait any more misses nothing. Raises BusUnavailable."""
        try:
            self._ready().publish(
                body,
                routing_key=asked.reply_to,
                exchange=QUESTIONS,
                content_type=PLAIN,
                content_encoding="utf-8",
                correlation_id=asked.mark,
                delivery_mode="transient",
                retry=False,
                timeout=WAIT_S,
                confirm_timeout=WAIT_S,
            )
        except FAILURES:
            self.close()
            raise BusUnavailable from None

    def close(self) -> None:
        """Forget the connection; the next publish makes a new one."""
        found, self._connection, self._producer = self._connection, None, None
        if found is not None:
            drop(found)

    def _ready(self) -> Producer:
        if self._producer is None:
            self._connection = connect(self._uri)
            channel = self._connection.channel()
            for queue in self._queues:
                queue(channel).declare()
            self._producer = Producer(channel)
        return self._producer


class BusReader:
    """Reads a queue in batches. A batch is acknowledged after it was handled; a failure means redelivery.

    RabbitMQ, killed right after it made a quorum queue, brings it back without a leader: nobody can read it or publish
    to it ever again. Its reader deletes such a queue and makes it anew; what was in it is fetched from the logs.
    """

    def __init__(self, uri: str, queue: Queue) -> None:
        self._uri = uri
        self._queue = queue
        self._broken_since: float | None = None

    def run(self, handle: Callable[[list[Delivery]], None], stopped: Callable[[], bool]) -> None:
        """Hand over batches until `stopped`. Raises BusUnavailable when the connection is lost."""
        found = None
        waiting: list[Message] = []
        try:
            since, self._broken_since = self._broken_since, None
            found = connect(self._uri, HEARTBEAT_S)
            self._broken_since = since or time.monotonic()
            self._consume(found, waiting, broken=time.monotonic() - self._broken_since > BROKEN_S)
            self._broken_since = None
            while not stopped():
                self._collect(found, waiting)
                if waiting:
                    handle([_delivery(message) for message in waiting])
                    for message in waiting:
                        message.ack()
                    waiting.clear()
        except FAILURES:
            raise BusUnavailable from None
        finally:
            if found is not None:
                _give_back(found, waiting)
                drop(found)

    def _consume(self, found: Connection, waiting: list[Message], *, broken: bool) -> None:
        """Let messages come into `waiting`, from a new queue if this one has been `broken` for a while."""
        channel = found.channel()
        if broken:
            _make_anew(found, self._queue(channel))
        consumer = Consumer(channel, queues=[self._queue], on_message=waiting.append, accept=None)
        consumer.qos(prefetch_count=PREFETCH)
        consumer.consume()

    def _collect(self, found: Connection, waiting: list[Message]) -> None:
        with suppress(TimeoutError):
            found.drain_events(timeout=1)
            size, until = 0, time.monotonic() + LINGER_S
            while len(waiting) < BATCH and size < BATCH_BYTES and (left := until - time.monotonic()) > 0:
                size += len(waiting[-1].body) if waiting else 0
                found.drain_events(timeout=left)
        if found.supports_heartbeats:
            found.heartbeat_check()


def _make_anew(found: Connection, queue: Queue) -> None:
    _log.warning("nobody can read the queue: it is made anew")
    sock = _socket_of(found)
    if sock is not None:
        sock.settimeout(2 * WAIT_S)  # RabbitMQ itself waits 5 s for a leader
    queue.delete()
    queue.declare()
    if sock is not None:
        sock.settimeout(WAIT_S)


def _delivery(message: Message) -> Delivery:
    headers = message.headers if isinstance(message.headers, dict) else {}
    body = message.body
    raw = body if isinstance(body, bytes) else str(body).encode("utf-8", "replace")
    try:
        signature = base64.b64decode(str(headers.get(SIGNATURE_HEADER, "")), validate=True)
    except ValueError:
        signature = b""
    return Delivery(str(headers.get(LOG_HEADER, ""))[:100], signature, raw, _asked(message))


def _asked(message: Message) -> Asked | None:
    """Return what a message says of its answer, None where it wants none or says it in a way nobody could use."""
    said = [
        (message.delivery_info or {}).get("routing_key"),
        message.properties.get("reply_to"),
        message.properties.get("correlation_id") or "",
    ]
    texts = [one for one in said if isinstance(one, str) and len(one.encode("utf-8", "replace")) <= SHORT]
    if len(texts) < len(said) or not texts[1]:
        return None
    return Asked(*texts)


def _give_back(found: Connection, waiting: list[Message]) -> None:
    """Put back what was not handled. A broker does that by itself; the in-process transport would forget it."""
    if found.connected and _socket_of(found) is None:
        for message in waiting:
            if not message.acknowledged:
                message.requeue()


def _socket_of(found: Connection) -> Any:
    """Return the socket of an open AMQP connection, or None for the in-process transport."""
    return getattr(getattr(found.connection, "transport", None), "sock", None) if found.connected else None


def drop(found: Connection) -> None:
    """Close a connection that may be broken or hung: its socket first, so that nothing is waited for."""
    with suppress(*FAILURES, AttributeError):
        sock = _socket_of(found)
        if sock is not None:
            sock.settimeout(1)
            sock.shutdown(socket.SHUT_RDWR)
    with suppress(*FAILURES, AttributeError):
        found.release()


def _read_properties(buffer: Any, offset: int) -> tuple[dict[str, Any], int]:
    """Read a message's properties; of malformed ones, nothing: the library would break the connection over them."""
    try:
        properties, end = _strict_properties(buffer, offset)
    except Exception:  # noqa: BLE001 - whatever a stranger wrote
        return {}, offset
    headers = properties.get("application_headers")
    if isinstance(headers, dict):
        headers.pop("compression", None)  # the library would unpack the body, however big it becomes
    coding = properties.pop("content_encoding", None)  # and decode it, which takes seconds for "punycode"
    if isinstance(coding, str):
        properties[CODING] = coding
    return properties, end


_BASIC = 60
_strict_properties = serialization.PROPERTY_CLASSES[_BASIC]
serialization.PROPERTY_CLASSES[_BASIC] = _read_properties
