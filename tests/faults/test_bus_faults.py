"""Whatever happens to bus, worker, doors and database: what was receipted ends in the same histories, byte by byte."""

import base64
import pickle
import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import amqp
import psycopg
import pytest
from kombu import Connection, Producer

import shared.relay
from services import assembly
from services.family_case.application import FamilyCases
from services.family_case.audit import document
from services.family_case.queries import Queries
from shared.bus import EXCHANGE, LOG_HEADER, SIGNATURE_HEADER, WAIT_S, BusReader, BusWriter, Delivery, connect
from shared.client import DepartmentUnavailable
from shared.database import Database
from shared.evidence import message_digest
from shared.keys import Keys
from shared.postgres import EmbeddedPostgres
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools.broker import RabbitMQ, rabbitmq
from tests.faults.tools.processes import Running
from tests.world import event, story, wait_for

STORIES = [*story("a"), *story("b")]
HALF = len(STORIES) // 2
STOP_S = 10.0
"""What `yihu up` gives a process to end by itself."""


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    """One RabbitMQ for all of these tests."""
    with rabbitmq() as server:
        yield server


@pytest.fixture(params=["embedded", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> str:
    """Return the address of each kind of bus, with an empty queue."""
    if request.param == "embedded":
        return EMBEDDED_BUS
    address: str = request.getfixturevalue("rabbit")
    return address


@pytest.fixture
def rabbit(broker: RabbitMQ) -> str:
    """Return the address of RabbitMQ, with an empty queue."""
    forget_queue(broker.uri)
    return broker.uri


def forget_queue(uri: str) -> None:
    with connect(uri) as connection:
        assembly.QUEUE(connection.channel()).delete()


@pytest.fixture
def running(settings: Settings, tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    """Prepare an installation on a bus; its processes are stopped after the test."""
    made: list[Running] = []

    def make(uri: str, **changes: Any) -> Running:
        made.append(Running.on_free_port(settings, tmp_path, amqp_uri=uri, **changes))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture(scope="module")
def expected(postgres: str, template: str, keys: Path) -> dict[str, bytes]:
    """Return the histories that both stories give without any bus."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE without_bus TEMPLATE {template}".encode())
    address = psycopg.conninfo.make_conninfo(postgres, dbname="without_bus")
    settings = Settings(address, EMBEDDED_BUS, keys, "", allow_test_regions=True)
    doors = {name: assembly.department(name, settings) for name in assembly.NAMES}
    database = Database(address, "family_case")
    cases = FamilyCases(database)
    for said in STORIES:
        log = said["type"].partition(".")[0]
        receipt, _ = doors[log].receive(said)
        cases.receive(log, doors[log].recorder.events_after(receipt["position"] - 1))
    queries = Queries(database, assembly.NAMES)
    found = {family["family"]: document(queries, family["family"]) for family in queries.families()}
    for one in doors.values():
        one.database.close()
        one.intake.ring._database.close()
    database.close()
    return found


def emit(installation: Running, events: list[dict[str, Any]]) -> list[float]:
    """Emit events; each must get a receipt. Return how long each took."""
    took = []
    for said in events:
        begun = time.monotonic()
        answer = installation.emit(said)
        took.append(time.monotonic() - begun)
        assert answer.status == 201, answer.body
    return took


def prompt(took: list[float]) -> bool:
    """Say whether no post waited for the broker: each took less than 1 s, or one of them a busy machine's disk."""
    return sorted(took)[-2] < 1 and max(took) < WAIT_S / 2


@contextmanager
def meanwhile(work: Callable[[], Any]) -> Iterator[None]:
    """Do some work in another thread while the block runs; its failure is ours."""
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work)
        yield
        doing.result(60)


def ends_in(installation: Running, expected: dict[str, bytes], seconds: float = 30) -> None:
    """Wait until everything is received; then the histories must be as expected and nothing may have been put aside."""
    wait_for(installation.caught_up, seconds, "everything received")
    assert installation.histories() == expected
    queries = installation.queries()
    assert queries.waiting() == []
    assert queries.quarantined() == []
    queries.database.close()
    assert installation.processes["worker"].poll() is None


def relayed(installation: Running) -> dict[str, int]:
    with psycopg.connect(installation.settings.database_url) as owner:
        query = "SELECT position FROM {}.relayed"
        rows = {name: owner.execute(query.format(name).encode()).fetchone() for name in assembly.NAMES}
    return {name: row[0] for name, row in rows.items() if row}


def heads(installation: Running) -> dict[str, int]:
    with psycopg.connect(installation.settings.database_url) as owner:
        query = "SELECT coalesce(max(position), 0) FROM {}.events"
        rows = {name: owner.execute(query.format(name).encode()).fetchone() for name in assembly.NAMES}
    return {name: row[0] for name, row in rows.items() if row}


# -- the bus as it should be


def test_both_stories_end_in_the_same_histories_on_every_bus(
    bus: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(bus)
    installation.start("web")
    installation.start("worker")
    emit(installation, STORIES)
    ends_in(installation, expected)
    assert sorted(len(text) > 10_000 for text in expected.values()) == [True, True]
    wait_for(lambda: relayed(installation) == heads(installation), 5, "everything relayed")
    installation.signal("worker", signal.SIGTERM)
    assert installation.processes["worker"].wait(STOP_S) == 0
    assert "Traceback" not in installation.output()


# -- the worker


def test_a_worker_killed_in_mid_story_loses_and_doubles_nothing(
    bus: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(bus)
    installation.start("web")
    installation.start("worker")
    wait_for(lambda: "worker started" in installation.output())
    for start in range(0, len(STORIES), 32):
        emit(installation, STORIES[start : start + 32])
        installation.kill("worker")
        installation.start("worker")
    ends_in(installation, expected)


# -- the broker


def test_a_broker_that_is_wiped_in_mid_story_loses_nothing(
    broker: RabbitMQ, rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(rabbit)
    installation.start("web")
    installation.start("worker")
    emit(installation, STORIES[:HALF])
    with meanwhile(lambda: emit(installation, STORIES[HALF:])):
        broker.wipe()
    ends_in(installation, expected)
    wait_for(lambda: relayed(installation) == heads(installation), 40, "relays are back after the wipe")


def test_a_broker_that_is_killed_and_comes_back_loses_nothing(
    broker: RabbitMQ, rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(rabbit)
    installation.start("web")
    installation.start("worker")
    with meanwhile(lambda: emit(installation, STORIES[:-1])):
        time.sleep(0.5)
        broker.kill()
    broker.start()
    begun = time.monotonic()
    wait_for(lambda: relayed(installation) == heads(installation), 40, "relays are back")
    assert time.monotonic() - begun < 10
    emit(installation, STORIES[-1:])
    ends_in(installation, expected)


def test_without_any_broker_departments_record_and_the_case_fetches_what_they_recorded(
    broker: RabbitMQ, rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    time.sleep(2)  # RabbitMQ 3.10, killed right after a queue was deleted, finds the queue again, without a leader
    broker.kill()
    try:
        installation = running(rabbit)
        installation.start("web")
        installation.start("worker")
        assert prompt(emit(installation, STORIES))
        ends_in(installation, expected)
        assert set(relayed(installation).values()) == {0}
    finally:
        broker.start()
    wait_for(lambda: relayed(installation) == heads(installation), 40, "relayed once the broker is there")
    assert installation.histories() == expected


def test_a_hung_broker_is_in_nobodys_way(
    broker: RabbitMQ, rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(rabbit)
    installation.start("web")
    installation.start("worker")
    emit(installation, STORIES[:10])
    broker.pause()
    try:
        until = time.monotonic() + 8
        assert prompt(emit(installation, STORIES[10:-10]))
        installation.signal("worker", signal.SIGTERM)
        assert installation.processes["worker"].wait(STOP_S) == 0
        installation.start("worker")
        time.sleep(max(until - time.monotonic(), 0))
    finally:
        broker.resume()
    emit(installation, STORIES[-10:])
    ends_in(installation, expected)
    wait_for(lambda: relayed(installation) == heads(installation), 40, "relayed after the pause")


def test_a_queue_deleted_under_the_relays_is_made_again(
    rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(rabbit)
    installation.start("web")
    installation.start("worker")
    emit(installation, STORIES[:HALF])
    wait_for(lambda: relayed(installation) == heads(installation))
    forget_queue(rabbit)
    emit(installation, STORIES[HALF:])
    wait_for(lambda: relayed(installation) == heads(installation), 40, "relayed to the new queue")
    ends_in(installation, expected)


# -- messages


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let relays pack one event into each message."""
    monkeypatch.setattr(shared.relay, "PACK", 1)


def publish_all(installation: Running) -> None:
    """Relay everything that is recorded, in this process."""
    for name in assembly.NAMES:
        relay = assembly.relay(name, installation.settings)
        while relay.step():
            pass
        relay.writer.close()
        relay.database.close()


def take_all(uri: str, number: int) -> list[Delivery]:
    """Take every message off the queue."""
    taken: list[Delivery] = []
    BusReader(uri, assembly.QUEUE).run(taken.extend, lambda: len(taken) >= number)
    return taken


@pytest.mark.usefixtures("one_by_one")
def test_messages_that_come_twice_and_in_reversed_order_give_the_same_histories(
    bus: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(bus)
    installation.start("web")
    emit(installation, STORIES)
    publish_all(installation)
    taken = take_all(bus, len(STORIES))
    assert len(taken) == len(STORIES)
    writer = BusWriter(bus, assembly.QUEUE)
    for delivery in [two for one in reversed(taken) for two in (one, one)]:
        writer.publish(delivery, "again")
    writer.close()
    consumer = assembly.consumer(installation.settings)
    seen: list[Delivery] = []

    def handle(deliveries: list[Delivery]) -> None:
        for start in range(0, len(deliveries), 7):
            consumer.handle(deliveries[start : start + 7])
        seen.extend(deliveries)
        for log in assembly.NAMES:
            consumer.watch(log)

    BusReader(bus, assembly.QUEUE).run(handle, lambda: len(seen) >= 2 * len(STORIES))
    wait_for(installation.caught_up, 5)
    assert installation.histories() == expected
    consumer.cases.database.close()
    consumer.ring._database.close()


@pytest.mark.usefixtures("one_by_one")
def test_a_department_that_is_down_while_the_case_has_a_gap_is_caught_up_when_it_is_back(
    rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(rabbit)
    installation.start("web")
    emit(installation, STORIES)
    publish_all(installation)
    taken = take_all(rabbit, len(STORIES))
    forget_queue(rabbit)  # a quorum queue may forget the acknowledgements of a reader that leaves
    lost = next(one for one in taken if one.log == "yihu/education")
    writer = BusWriter(rabbit, assembly.QUEUE)
    for one in taken:
        if one is not lost:
            writer.publish(one, "again")
    writer.close()
    installation.kill("web")
    installation.start("worker")

    def received() -> dict[str, int]:
        queries = installation.queries()
        found = {source["log"]: source["received"] for source in queries.sources()}
        queries.database.close()
        return found

    others = heads(installation) | {"education": 0}
    wait_for(lambda: received() == others, 30, "the other departments' events")
    installation.start("web")
    ends_in(installation, expected, 30)


CANARY = "张三的孩子小明"


def hostile(keys: Path) -> dict[str, tuple[bytes, dict[str, Any]]]:
    """Return messages that nobody should send, by what is wrong with them: body and properties."""
    signer = Keys(keys).signer("education")
    body = f'[{{"sequence":"1","name":"{CANARY}"}}]'.encode()

    def headers(signed: bytes, log: str = "yihu/education") -> dict[str, Any]:
        signature = signer.sign(message_digest(signer.name, signed))
        return {LOG_HEADER: log, SIGNATURE_HEADER: base64.b64encode(signature).decode()}

    nested = b"[" * 100_000 + b"]" * 100_000
    deep = b'[{"sequence":"1","data":' + b"[" * 900 + b"]" * 900 + b"}]"
    bomb = zlib.compress(b"\0" * 200_000_000)
    return {
        "no headers": (body + b" ", {}),
        "empty": (b"", {}),
        "no signature": (body, {"application_headers": {LOG_HEADER: "yihu/education"}}),
        "forged": (body + b"  ", {"application_headers": headers(body)}),
        "another log's": (body + b"\r", {"application_headers": headers(body, "yihu/hrss")}),
        "unknown log": (body + b"\n", {"application_headers": headers(body, CANARY)}),
        "not base64": (body + b"\t", {"application_headers": headers(body) | {SIGNATURE_HEADER: "小明"}}),
        "headers of odd types": (body + b"a", {"application_headers": {LOG_HEADER: 7, SIGNATURE_HEADER: [b"\xff"]}}),
        "nameko's header": (body + b"b", {"application_headers": {"nameko.call_id_stack": 7}}),
        "pickle": (
            pickle.dumps(CANARY),
            {"content_type": "application/x-python-serialize", "content_encoding": "binary"},
        ),
        "not text": (b"\xff\xfe" * 100, {"content_type": "application/json", "content_encoding": "utf-8"}),
        "unknown encoding": (body + b"c", {"content_type": "text/plain", "content_encoding": "klingon"}),
        "properties that are not UTF-8": (body + b"d", {"content_type": b"\xff\xfe", "correlation_id": b"\xc3"}),
        "a header that is not UTF-8": (body + b"e", {"application_headers": {b"\xff\xfe": CANARY}}),
        "broken compression": (body + b"f", {"application_headers": {"compression": "application/x-gzip"}}),
        "a bomb": (bomb, {"application_headers": {"compression": "application/x-gzip"}}),
        "deep nesting": (nested, {"application_headers": headers(b"")}),
        "signed, nested deep": (deep, {"application_headers": headers(deep)}),
        "signed, not JSON": (b"{" + body, {"application_headers": headers(b"{" + body)}),
        "signed, not a batch": (b'{"a":1}', {"application_headers": headers(b'{"a":1}')}),
        "signed, no position": (b'[{"a":1}]', {"application_headers": headers(b'[{"a":1}]')}),
    }


def test_hostile_messages_are_quarantined_and_nothing_of_them_is_logged(
    rabbit: str, running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(rabbit)
    installation.start("web")
    installation.start("worker")
    emit(installation, STORIES[:10])
    messages = hostile(installation.settings.keys)
    with Connection(rabbit, transport_options={"confirm_publish": True}) as connection:
        channel = connection.channel()
        assembly.QUEUE(channel).declare()
        for body, properties in messages.values():
            message = amqp.Message(body, **properties)
            channel.basic_publish(message, EXCHANGE.name, "hostile", timeout=5, confirm_timeout=5)
        Producer(channel).publish({"name": CANARY}, exchange=EXCHANGE, routing_key="x", serializer="pickle")
    queries = installation.queries()
    wait_for(lambda: sum(row["messages"] for row in queries.quarantined()) > len(messages), 40, "quarantine")
    found = {(row["log"], row["reason"]): row["messages"] for row in queries.quarantined()}
    assert found == {
        ("", "unknown_log"): len(messages) + 1 - 9,  # and the pickled one of kombu itself
        ("education", "not_signed_by_the_log"): 4,
        ("education", "not_readable"): 4,
        ("hrss", "not_signed_by_the_log"): 1,
    }
    sealed = queries.database.all("SELECT sealed::text, reason FROM family_case.quarantine")
    queries.database.close()
    assert not [text for text, _ in sealed if "小明" in text or CANARY.encode().hex() in text]
    emit(installation, STORIES[10:])
    wait_for(installation.caught_up)
    assert installation.histories() == expected
    assert installation.processes["worker"].poll() is None
    output = installation.output()
    for word in (CANARY, "小明", CANARY.encode().hex(), "Traceback", "\\xe5"):
        assert word not in output, word
    restarts = installation.output().count("worker started")
    assert restarts == 1


# -- the database


def test_a_database_killed_under_load_loses_nothing_that_was_receipted(
    scratch: Path, keys: Path, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    server = EmbeddedPostgres(scratch / "killed")
    server.start()
    host = quote(str(scratch / "killed" / "socket"), safe="")  # the same path after every start
    settings = Settings(f"postgresql://yihu@/yihu?host={host}", EMBEDDED_BUS, keys, "", allow_test_regions=True)
    installation = Running.on_free_port(settings, tmp_path)
    try:
        assembly.migrate_all(settings.database_url)
        installation.start("web")
        installation.start("worker")
        receipts: list[dict[str, Any]] = []

        def load() -> None:
            receipts.extend(emit_until_receipted(installation, said) for said in STORIES)

        thread = threading.Thread(target=load)
        thread.start()
        wait_for(lambda: len(receipts) >= 20)
        server.kill()
        server.start()
        thread.join(60)
        assert len(receipts) == len(STORIES)
        ends_in(installation, expected)
        found = assembly.verify(installation.settings, tmp_path)[1]
        assert found == []
        logs = assembly.logs(installation.settings)
        for receipt in receipts:
            log = receipt["log"].removeprefix("yihu/")
            [row] = logs[log].events_after(receipt["position"] - 1, 1)
            assert row.id == receipt["id"]
    finally:
        installation.stop()
        server.kill()


def emit_until_receipted(installation: Running, said: dict[str, Any]) -> dict[str, Any]:
    """Emit one event as a department's system does: again with the same id until there is a receipt."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            answer = installation.emit(said)
        except DepartmentUnavailable:
            continue
        if answer.status in {200, 201}:
            return answer.body
        assert answer.status == 503, answer.body
        time.sleep(0.1)
    raise AssertionError


def test_an_event_that_waits_survives_the_worker(running: Callable[[str], Running]) -> None:
    installation = running(EMBEDDED_BUS)
    installation.start("web")
    installation.start("worker")
    registered = {"school_year": 2025, "source": "match", "current_status": "未入学"}
    emit(installation, [event("education.school_age_child_registered", registered)])
    wait_for(installation.caught_up)
    installation.kill("worker")
    emit(installation, STORIES[:1])
    installation.start("worker")
    wait_for(installation.caught_up)
    queries = installation.queries()
    [family] = queries.families()
    assert family["entries"] == 2
    assert queries.waiting() == []
    queries.database.close()
