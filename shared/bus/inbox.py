"""A department's way in on the broker: the queue its systems write to, and the answers to what they wrote.

A sender publishes to the exchange `yihu.in.<department>`, behind which is one queue, and is answered on the queue that
its `reply_to` names: one of its department's own. A message is acknowledged after its answer was confirmed, so it may
be answered twice, never not at all. What cannot be answered so is kept in the queue `yihu.out.<department>`.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from amqp.exceptions import ChannelError
from kombu import Connection, Consumer, Exchange, Message, Producer, Queue

from shared.bus.broker import CODING, FAILURES, HEARTBEAT_S, PLAIN, SHORT, WAIT_S, BusUnavailable, connect, drop
from shared.errors import YihuError
from shared.json import canonical

DIRECT = "amq.rabbitmq.reply-to."
"""RabbitMQ's way to answer on the asker's own channel: who is gone then is not noticed."""
WAITING, WAITING_BYTES = 100_000, 256 * 1024 * 1024
"""How much waits in a department's queue; beyond that the broker refuses, and the sender waits."""
KEPT = 100_000
"""How many answers are kept for a department; beyond that nothing more is taken from its queue until it reads them."""
NO_LIMIT = 1_000_000
"""How often the broker delivers a message: it is not to drop one after 20 broken connections, as RabbitMQ 4 would."""
PREFETCH = 100
"""How many messages are taken together at most; each may have 4 MiB."""
LINGER_S = 0.001
"""How long a reader waits in all for more messages once it has one."""
SUSPECT = 5
"""After how many deliveries a message counts as what ended its reader, if a new process finds it at the head."""
WHY = "yihu-why"
"""The header that says why an answer is kept, or why a message itself is."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it came, and what was said beside it. `user` is who the broker says sent it, if the sender asked."""

    body: bytes
    content_type: str = ""
    coding: str = ""
    headers: dict[str, Any] | None = None
    user: str = ""
    reply_to: str = ""
    mark: str = ""
    deliveries: int = 0


def in_queue(department: str) -> Queue:
    """Return the queue into which a department's systems write, behind an exchange of the same name."""
    name = f"yihu.in.{department}"
    arguments = {
        "x-queue-type": "quorum",
        "x-max-length": WAITING,
        "x-max-length-bytes": WAITING_BYTES,
        "x-overflow": "reject-publish",
        "x-delivery-limit": NO_LIMIT,
        "x-single-active-consumer": True,
    }
    return Queue(name, Exchange(name, type="fanout", durable=True), durable=True, queue_arguments=arguments)


def out_queue(department: str) -> Queue:
    """Return the queue that keeps what could not be answered; a sender may also name it as its `reply_to`."""
    arguments = {"x-max-length": KEPT, "x-overflow": "reject-publish"}
    return Queue(f"yihu.out.{department}", durable=True, queue_arguments=arguments)


class Inbox:
    """Reads a department's queue and sends the answers."""

    def __init__(self, uri: str, department: str) -> None:
        self._uri = uri
        self._queue = in_queue(department)
        self._answers = Answers(uri, department)
        self._began = False

    def run(self, handle: Callable[[list[Letter]], list[bytes]], stopped: Callable[[], bool]) -> None:
        """Hand over messages and send the answers until `stopped`.

        What `handle` raises goes on to the caller, unless it is one of ours: then the same messages are handed over
        again a little later, over the same connection. Raises BusUnavailable when that is lost.
        """
        found = None
        waiting: list[Message] = []
        try:
            found = connect(self._uri, HEARTBEAT_S)
            consumer = Consumer(found.channel(), queues=[self._queue], on_message=waiting.append, accept=None)
            consumer.qos(prefetch_count=PREFETCH)
            consumer.consume()
            self._answers.open()  # its queue is there before anybody reads it
            problem = ""
            while not stopped():
                _collect(found, waiting)
                try:
                    self._handle(waiting, handle)
                    problem = ""
                except BusUnavailable:
                    raise
                except YihuError as error:
                    if error.code != problem:
                        _log.warning("%s waits: %s", self._queue.name, error.code)
                    problem = error.code
        except FAILURES:
            raise BusUnavailable from None
        finally:
            self._answers.close()
            if found is not None:
                drop(found)

    def _handle(self, waiting: list[Message], handle: Callable[[list[Letter]], list[bytes]]) -> None:
        """Answer what waits, in order; what came before is taken alone, or one message would hold up others."""
        while waiting:
            alone = any(message.delivery_info.get("redelivered") for message in waiting)
            some = waiting[: 1 if alone else None]
            letters = [_letter(message) for message in some]
            if not self._began and letters[0].deliveries >= SUSPECT:
                self._answers.set_aside(letters[0])
                self._began = True
            else:
                self._began = True
                self._answers.send(list(zip(letters, handle(letters), strict=True)))
            for message in some:
                message.ack()
            del waiting[: len(some)]


class Answers:
    """Sends the answers of one department: each confirmed, and to a queue that is there."""

    def __init__(self, uri: str, department: str) -> None:
        self._uri = uri
        self._kept = out_queue(department)
        self._connection: Connection | None = None
        self._producer: Producer | None = None
        self._sent = 0
        self._pending: dict[int, int] = {}
        self._failed: set[int] = set()

    def send(self, answers: list[tuple[Letter, bytes]]) -> None:
        """Send answers and wait until all are confirmed; keep those that reach nobody. Raises BusUnavailable."""
        try:
            failed = self._publish([self._answer(letter, body) for letter, body in answers])
        except ChannelError:  # one of them is longer than the broker takes
            self.close()
            if len(answers) > 1:
                for one in answers:
                    self.send([one])
                return
            answers = [(answers[0][0], TOO_LONG)]
            failed = self._publish([self._answer(*answers[0])])
        self._keep([(*answers[number], self._why(answers[number][0])) for number in sorted(failed)])

    def set_aside(self, letter: Letter) -> None:
        """Keep a message itself. Raises BusUnavailable."""
        self._keep([(letter, letter.body, "ended_its_reader")])

    def open(self) -> None:
        """Connect, and make the queue of what is kept. Raises BusUnavailable."""
        self._publish([])

    def close(self) -> None:
        """Forget the connection; the next answer makes a new one."""
        found, self._connection, self._producer = self._connection, None, None
        if found is not None:
            drop(found)

    def _answer(self, letter: Letter, body: bytes) -> dict[str, Any]:
        why = self._why(letter)
        key = letter.reply_to if why == GONE else self._kept.name
        headers = {} if why == GONE else {WHY: why}
        direct = key.startswith(DIRECT)  # which RabbitMQ returns whether or not it was delivered
        return {"body": body, "key": key, "mark": letter.mark, "headers": headers, "mandatory": not direct}

    def _why(self, letter: Letter) -> str:
        """Say why an answer that could not be delivered to where it should go could not."""
        if not letter.reply_to:
            return "no_reply_to"
        own = letter.reply_to == self._kept.name or letter.reply_to.startswith(f"{self._kept.name}.")
        return GONE if own or letter.reply_to.startswith(DIRECT) else "reply_to_of_others"

    def _keep(self, kept: list[tuple[Letter, bytes, str]]) -> None:
        if not kept:
            return
        messages = [
            {"body": body, "key": self._kept.name, "mark": letter.mark, "headers": {WHY: why}, "mandatory": True}
            for letter, body, why in kept
        ]
        if self._publish(messages):
            _log.error("%s is full: nothing more is taken until it is read", self._kept.name)
            self.close()
            raise BusUnavailable
        _log.warning("%d answers that reached nobody are kept in %s", len(kept), self._kept.name)

    def _publish(self, messages: list[dict[str, Any]]) -> set[int]:
        """Publish messages and wait for all confirms; return which were refused or reached no queue."""
        try:
            producer = self._ready()
            self._pending, self._failed = {}, set()
            for number, one in enumerate(messages):
                self._sent += 1
                self._pending[self._sent] = number
                producer.publish(
                    one["body"],
                    exchange="",
                    routing_key=one["key"],
                    content_type=PLAIN,
                    content_encoding="utf-8",
                    correlation_id=one["mark"],
                    message_id=str(number),
                    headers=one["headers"],
                    delivery_mode="persistent",
                    mandatory=one["mandatory"],
                    retry=False,
                    timeout=WAIT_S,
                )
            until = time.monotonic() + WAIT_S
            while self._pending:
                self._connection.drain_events(timeout=max(until - time.monotonic(), 0.001))  # type: ignore[union-attr]
        except ChannelError:
            raise
        except FAILURES:
            self.close()
            raise BusUnavailable from None
        return self._failed

    def _ready(self) -> Producer:
        if self._producer is None:
            self._connection = connect(self._uri, confirm=False)
            channel = self._connection.channel()
            self._kept(channel).declare()
            channel.confirm_select()
            channel.events["basic_ack"].add(self._confirmed)
            channel.events["basic_nack"].add(self._refused)
            channel.events["basic_return"].add(self._returned)
            self._sent = 0
            self._producer = Producer(channel)
        return self._producer

    def _confirmed(self, tag: int, multiple: bool) -> None:
        for one in self._up_to(tag, multiple):
            del self._pending[one]

    def _refused(self, tag: int, multiple: bool) -> None:
        for one in self._up_to(tag, multiple):
            self._failed.add(self._pending.pop(one))

    def _returned(self, _error: Any, _exchange: str, _key: str, message: Any) -> None:
        self._failed.add(int(message.properties["message_id"]))

    def _up_to(self, tag: int, multiple: bool) -> list[int]:
        return [one for one in self._pending if one == tag or (multiple and one <= tag)]


GONE = "reply_queue_gone"
TOO_LONG = canonical(
    {
        "status": 413,
        "problem": {
            "type": "urn:yihu:problem:answer_too_long",
            "title": "The answer is longer than a message; send the same events again in smaller batches.",
            "status": 413,
            "code": "answer_too_long",
            "zh": "回答超过一条消息的上限；请把同样的事件分成更小的批次再报送一次。",
            "retry": False,
            "errors": [],
        },
    }
)


def _collect(found: Connection, waiting: list[Message]) -> None:
    with suppress(TimeoutError):
        found.drain_events(timeout=1)
        until = time.monotonic() + LINGER_S
        while len(waiting) < PREFETCH and (left := until - time.monotonic()) > 0:
            found.drain_events(timeout=left)
    found.heartbeat_check()


def _letter(message: Message) -> Letter:
    said, headers = message.properties, message.headers if isinstance(message.headers, dict) else {}
    body = message.body
    before = headers.get("x-delivery-count")
    return Letter(
        body if isinstance(body, bytes) else str(body).encode("utf-8", "replace"),
        _text(message.content_type),
        _text(said.get(CODING)),
        headers,
        _text(said.get("user_id")),
        _text(said.get("reply_to")),
        _text(said.get("correlation_id")) or _text(said.get("message_id")),
        before if isinstance(before, int) else 0,
    )


def _text(said: Any) -> str:
    """Return a short text of the protocol; nothing for what could not be one in an answer."""
    return said if isinstance(said, str) and len(said.encode("utf-8", "replace")) <= SHORT else ""
