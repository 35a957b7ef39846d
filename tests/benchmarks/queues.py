"""A department's queue: events sent to RabbitMQ, recorded, answered; sender, broker and reader are processes."""

import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from amqp.exceptions import ChannelError
from kombu import Consumer, Producer

from shared.bus.broker import connect
from shared.bus.inbox import in_queue, out_queue
from shared.language.envelope import BATCHED, STRUCTURED
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from shared.settings import Settings
from tests.benchmarks.door import BATCH, BATCHES, DEPARTMENT, WARM, _raw, registered
from tests.benchmarks.measure import Line, in_turn
from tests.benchmarks.world import one_log
from tests.faults.tools.processes import Running
from tests.world import wait_for

SINGLES = 2_000


def queues(settings: Settings, directory: Path) -> list[Line]:
    """Measure how many events of one department a second are answered by its queue."""
    directory.mkdir(exist_ok=True)
    running = Running(settings, directory)
    log, records = LogRecorder(Database(settings.database_url, DEPARTMENT)), one_log()
    running.start("inbox", DEPARTMENT)
    try:
        wait_for(lambda: _is_read(settings.amqp_uri), what="the queue")
        _answered(settings.amqp_uri, registered(), 1, WARM)
        batches, singles, raw = in_turn(
            lambda: _answered(settings.amqp_uri, registered(), BATCH, BATCHES),
            lambda: _answered(settings.amqp_uri, registered(), 1, SINGLES),
            lambda: _raw(log, records),
        )
    finally:
        running.stop()
        log.database.close()
    return [
        Line("queue, messages of 1,000 events, 1 sender", "/s", batches, raw, "its log alone, the same batches"),
        Line("queue, messages of one event, 1 sender", "/s", singles, batches, "messages of 1,000 events"),
    ]


def _is_read(uri: str) -> bool:
    with connect(uri) as connection:
        try:
            return bool(connection.channel().queue_declare(out_queue(DEPARTMENT).name, passive=True))
        except ChannelError:
            return False


def _answered(uri: str, events: Iterator[Any], each: int, number: int) -> float:
    """Send so many messages of so many events; return how many events were answered a second."""
    bodies = [json.dumps(some if each > 1 else some[0]).encode() for some in _packs(events, each, number)]
    found: list[Any] = []
    with connect(uri, confirm=False) as connection:
        channel = connection.channel()
        consumer = Consumer(channel, [out_queue(DEPARTMENT)], on_message=found.append, accept=None, no_ack=True)
        consumer.consume()
        producer = Producer(channel)
        begun = time.perf_counter()
        for body in bodies:
            producer.publish(
                body,
                exchange=in_queue(DEPARTMENT).exchange.name,
                routing_key="",
                content_type=BATCHED if each > 1 else STRUCTURED,
                content_encoding="utf-8",
                reply_to=out_queue(DEPARTMENT).name,
                delivery_mode="persistent",
            )
        while len(found) < number:
            connection.drain_events(timeout=60)
        took = time.perf_counter() - begun
    answers = [one for message in found for one in _each(json.loads(message.body))]
    if any(one["status"] != 201 for one in answers):
        raise ValueError([one for one in answers if one["status"] != 201][:1])
    return each * number / took


def _packs(events: Iterator[Any], each: int, number: int) -> Iterator[list[Any]]:
    for _ in range(number):
        yield list(islice(events, each))


def _each(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]
