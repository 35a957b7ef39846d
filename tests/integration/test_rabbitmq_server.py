"""The tests' own RabbitMQ keeps what it confirmed through kill -9, and forgets everything when wiped."""

# mypy: disable-error-code="no-untyped-call"
import socket
import time

import pytest
from kombu import Connection, Exchange, Producer, Queue

from tests.faults.tools.broker import RabbitMQ

QUEUE = Queue("letters", Exchange(""), routing_key="letters", queue_arguments={"x-queue-type": "quorum"})
CONFIRMED = {"confirm_publish": True}
NEW_QUEUE_S = 1.5  # RabbitMQ 3.10 loses a quorum queue's members, and so the queue, when killed within its first second


def test_a_confirmed_message_survives_kill_9(broker: RabbitMQ) -> None:
    publish(broker, "kept")
    time.sleep(NEW_QUEUE_S)
    broker.kill()
    assert not broker.answers
    broker.start()
    assert take(broker) == "kept"


def test_wiping_leaves_no_message_and_the_same_address(broker: RabbitMQ) -> None:
    publish(broker, "gone")
    uri = broker.uri
    broker.wipe()
    assert broker.uri == uri
    assert take(broker) is None


def test_a_paused_broker_keeps_its_connections_and_goes_on(broker: RabbitMQ) -> None:
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        broker.pause()
        try:
            assert not broker.answers
        finally:
            broker.resume()
        assert QUEUE.bind(channel).queue_declare()


def test_a_message_over_the_limit_is_refused(broker: RabbitMQ) -> None:
    with pytest.raises(Exception, match="PRECONDITION_FAILED"):
        publish(broker, "x" * 5_000_000)


def test_it_listens_on_the_loopback_interface_only(broker: RabbitMQ) -> None:
    port = int(broker.uri.rstrip("/").rpartition(":")[2])
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port), timeout=1):
        pass


def publish(broker: RabbitMQ, body: str) -> None:
    with Connection(broker.uri, transport_options=CONFIRMED) as connection:
        QUEUE.bind(connection.channel()).declare()
        Producer(connection).publish(body, routing_key="letters", timeout=10)


def take(broker: RabbitMQ) -> str | None:
    with Connection(broker.uri) as connection:
        queue = QUEUE.bind(connection.channel())
        queue.declare()
        message = queue.get(no_ack=True)
        return message.payload if message else None
