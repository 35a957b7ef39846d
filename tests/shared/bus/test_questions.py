"""Questions on the bus: answered in nameko's form, whatever comes; nothing that was asked stands in an answer."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Producer, Queue

from shared.bus.broker import Asked, BusReader, BusUnavailable, BusWriter, Delivery, question_queue
from shared.bus.questions import ANSWER_BYTES, Answering
from shared.errors import Fault, Refused

QUEUE = question_queue("family_case")
HERE = Asked("family_case.history", "asker", "mark")


class Sent(BusWriter):
    """Keeps what is answered instead of sending it."""

    def __init__(self) -> None:
        super().__init__("memory://", QUEUE)
        self.answers: list[tuple[Asked, dict[str, Any]]] = []

    def answer(self, asked: Asked, body: bytes) -> None:
        """Keep an answer."""
        self.answers.append((asked, json.loads(body)))


def answered(body: Any, method: Callable[[Any], Any] = dict, name: str = "history") -> dict[str, Any]:
    """Return the answer to one question."""
    sent = Sent()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = Asked(f"family_case.{name}", "asker", "mark")
    Answering(sent, {"history": method}, ("family", "known")).handle([Delivery("", b"", raw, asked)])
    [(back, answer)] = sent.answers
    assert back == asked
    return answer


def question(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"args": list(args), "kwargs": kwargs}


def test_arguments_come_with_or_without_their_names() -> None:
    said = {"family": "XN-F-1", "known": "2025-01-01"}

    assert answered(question("XN-F-1", known="2025-01-01")) == {"result": said, "error": None}
    assert answered(question(**said)) == {"result": said, "error": None}


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b'{"args": []}', b'{"args": {}, "kwargs": {}}', question(1, 2, 3), b"[" * 5000],
    ids=["nothing", "no text", "a list", "no kwargs", "args no list", "too many args", "too deep"],
)
def test_what_is_no_question_gets_an_error_with_a_code_and_two_sentences(body: Any) -> None:
    answer = answered(body)

    assert answer["result"] is None
    assert {"code", "zh", "en", "faults"} == answer["error"]["value"].keys()


def test_nameko_knows_its_own_errors_again() -> None:
    assert answered(question(), name="delete")["error"]["exc_path"] == "nameko.exceptions.MethodNotFound"
    assert answered(b"[]")["error"]["exc_path"] == "nameko.exceptions.MalformedRequest"


def test_a_refusal_names_every_fault_and_a_failure_says_nothing_of_what_failed() -> None:
    faults = [
        Fault("not_a_date", "/known", "应为日期。", "A date."),
        Fault("not_a_case", "/family", "编号。", "A case."),
    ]

    def refuses(_: Any) -> Any:
        raise Refused(faults)

    def fails(_: Any) -> Any:
        raise ValueError("张三")

    assert [one["code"] for one in answered(question(), refuses)["error"]["value"]["faults"]] == [
        "not_a_date",
        "not_a_case",
    ]
    answer = answered(question(), fails)
    assert answer["error"]["value"]["code"] == "internal"
    assert "张三" not in json.dumps(answer, ensure_ascii=False)


def test_an_answer_that_no_message_takes_is_an_error_that_says_where_to_ask() -> None:
    assert answered(question(), lambda _: "x" * ANSWER_BYTES)["error"]["value"]["code"] == "answer_too_long"


def test_a_question_that_wants_no_answer_is_dropped_and_the_next_one_is_answered() -> None:
    sent = Sent()
    body = json.dumps(question()).encode()
    Answering(sent, {"history": dict}, ()).handle([Delivery("", b"", body), Delivery("", b"", body, HERE)])

    assert [asked for asked, _ in sent.answers] == [HERE]


def test_a_question_on_the_bus_comes_back_to_its_asker_with_its_mark() -> None:
    replies = Queue("asker", Exchange("nameko-rpc", type="topic", durable=True), routing_key="asker", auto_delete=True)
    came: list[Any] = []
    with Connection("memory://") as connection:
        channel = connection.channel()
        replies(channel).declare()
        QUEUE(channel).declare()
        producer = Producer(channel, QUEUE.exchange)
        for properties in ({"reply_to": "asker", "correlation_id": "m1"}, {}, {"reply_to": 7, "correlation_id": [1]}):
            producer.publish(question("XN-F-1"), routing_key="family_case.history", **properties)
        answering, until = (
            Answering(BusWriter("memory://", QUEUE), {"history": dict}, ("family",)),
            time.monotonic() + 5,
        )
        seen: list[Delivery] = []

        def handle(deliveries: list[Delivery]) -> None:
            seen.extend(deliveries)
            answering.handle(deliveries)

        BusReader("memory://", QUEUE).run(handle, lambda: len(seen) >= 3 or time.monotonic() > until)
        with Consumer(channel, [replies], on_message=came.append, accept=["json"]):
            connection.drain_events(timeout=5)
        answering.writer.close()

    assert [one.asked for one in seen] == [Asked("family_case.history", "asker", "m1"), None, None]
    assert [(one.properties["correlation_id"], one.decode()) for one in came] == [
        ("m1", {"result": {"family": "XN-F-1"}, "error": None})
    ]


def test_without_a_broker_an_answer_is_not_sent_and_the_question_comes_again() -> None:
    writer = BusWriter("amqp://guest:guest@127.0.0.1:9//", QUEUE)
    with pytest.raises(BusUnavailable):
        Answering(writer, {"history": dict}, ()).handle([Delivery("", b"", b"{}", HERE)])
