"""Departments' queues on a real RabbitMQ: each user in its place, every message answered or kept, whatever breaks."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from amqp.exceptions import AccessRefused
from kombu import Connection, Producer, Queue

from services.departments import BY_NAME
from services.family_case.audit import document
from services.family_case.filing import FamilyCases
from services.family_case.reading import Queries
from services.processes import assembly, inbox
from shared.bus.broker import drop
from shared.bus.inbox import SUSPECT, WHY, Answers, Inbox, in_queue, out_queue
from shared.door.amqp import QueueDoor
from shared.door.department import Answer
from shared.door.http import department_app
from shared.errors import refusal
from shared.keys.files import Keys
from shared.language.envelope import BATCHED, CHINA, NAMES, STRUCTURED
from shared.postgres.database import Database, Unavailable
from shared.settings import Settings
from tests.faults.tools.broker import RabbitMQ, rabbitmq
from tests.faults.tools.processes import Running
from tests.world import ROOT, drop_database, event, story, wait_for

TYPE = "education.school_age_child_registered"
DATA = {"school_year": 2025, "source": "match", "current_status": "未入学"}
EDUCATION = "education"
CLIENTS = ROOT / "samples" / "clients"
PASSWORDS = """[rabbit_auth_backend_internal:change_password(Name, <<"secret">>, <<"test">>)
                || Name <- [<<"education">>, <<"finance">>]]."""
"""What `rabbitmqctl change_password` does, for two users at once."""
NEW_QUEUE_S = 1.5
"""RabbitMQ 3.10 loses a quorum queue when it is killed within its first second."""
NOW = datetime(2026, 1, 5, 9, tzinfo=CHINA)


def registered(year: int = 2025, **attributes: Any) -> dict[str, Any]:
    return event(TYPE, DATA | {"school_year": year}, **attributes)


@dataclass
class Desk:
    """A department's system on the broker, with an answer queue of its own."""

    uri: str
    department: str = EDUCATION
    replies: str = "yihu.out.education.test"
    marks: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    def __post_init__(self) -> None:
        self.connection = Connection(self.uri, transport_options={"confirm_publish": True})
        self.channel = self.connection.channel()

    def send(self, content: Any, **said: Any) -> str:
        """Send a message; return its mark."""
        mark = str(next(self.marks))
        kinds = {"content_type": BATCHED if isinstance(content, list) else STRUCTURED}
        properties = kinds | {"correlation_id": mark, "reply_to": self.replies, "delivery_mode": 2} | said
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        Producer(self.channel).publish(
            raw,
            exchange=f"yihu.in.{self.department}",
            routing_key="",
            content_encoding="utf-8",
            mandatory=True,
            timeout=5,
            **{name: value for name, value in properties.items() if value is not None},
        )
        return mark

    def answers(self, number: int, queue: str = "", seconds: float = 20) -> dict[str, Any]:
        """Wait for answers; return them by mark."""
        found = {one.properties["correlation_id"]: json.loads(one.body) for one in self.take(number, queue, seconds)}
        assert len(found) == number, (len(found), number, seconds)
        return found

    def take(self, number: int, queue: str = "", seconds: float = 20) -> list[Any]:
        """Wait for messages and take them out of a queue."""
        found: list[Any] = []
        until = time.monotonic() + seconds
        while len(found) < number and time.monotonic() < until:
            message = Queue(queue or self.replies, channel=self.channel).get(no_ack=True)
            if message is None:
                time.sleep(0.02)
            else:
                found.append(message)
        return found

    def ask(self, content: Any, **said: Any) -> Any:
        """Send one message and return its answer."""
        mark = self.send(content, **said)
        return self.answers(1)[mark]


@dataclass
class Reading:
    """Readers of departments' queues in this process."""

    uri: str
    settings: Settings
    doors: dict[str, QueueDoor] = field(default_factory=dict)

    def start(self, *names: str) -> None:
        """Read these departments' queues."""
        self.stopping = Event()
        self.threads = []
        for name in names:
            self.doors.setdefault(name, assembly.queue(name, self.settings)[0])
            self.threads.append(
                Thread(target=inbox.read, args=(self.doors[name], Inbox(self.uri, name), self.stopping))
            )
            self.threads[-1].start()

    def stop(self) -> None:
        """Stop reading."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(15)
            assert not thread.is_alive()

    def close(self) -> None:
        """Stop, and leave the database."""
        self.stop()
        for door in self.doors.values():
            door.department.database.close()
            door.department.ring._database.close()


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    with rabbitmq() as broker:
        broker.control("import_definitions", str(ROOT / "deploy" / "rabbitmq-definitions.json"))
        broker.control("eval", PASSWORDS)
        yield broker


@pytest.fixture(scope="module")
def database(postgres: str, template: str) -> Iterator[Callable[[], str]]:
    made: list[str] = []

    def make() -> str:
        made.append(f"queues_{len(made)}")
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {made[-1]} TEMPLATE {template}".encode())
        return psycopg.conninfo.make_conninfo(postgres, dbname=made[-1])

    yield make
    for name in made:
        drop_database(postgres, name)


def settings_on(url: str, keys: Path, uri: str) -> Settings:
    return Settings(url, uri, keys, "", allow_test_regions=True)


@pytest.fixture(scope="module")
def reading(broker: RabbitMQ, database: Callable[[], str], keys: Path) -> Iterator[Reading]:
    readers = Reading(broker.uri, settings_on(database(), keys, broker.uri))
    readers.start(EDUCATION)
    yield readers
    readers.close()


def as_user(broker: RabbitMQ, name: str) -> str:
    return broker.uri.replace("guest:guest", f"{name}:secret")


@pytest.fixture
def desk(broker: RabbitMQ, reading: Reading) -> Iterator[Desk]:  # noqa: ARG001 - something must read
    with Connection(broker.uri) as connection:
        channel = connection.channel()
        wait_for(lambda: bool(_there(connection, in_queue(EDUCATION).name)), what="the reader's queue")
        Queue(Desk.replies, durable=True)(channel).declare()
        Queue(Desk.replies)(channel).purge()
    found = Desk(as_user(broker, EDUCATION))
    yield found
    drop(found.connection)  # a test may have killed the broker


def _there(connection: Connection, name: str) -> bool:
    try:
        connection.channel().queue_declare(name, passive=True)
    except connection.channel_errors:
        return False
    return True


def in_log(reading: Reading) -> Counter[str]:
    """Return how often each id stands in the log."""
    recorder = reading.doors[EDUCATION].department.recorder
    found: Counter[str] = Counter()
    for _, body in recorder.bodies_after(0, 100_000):
        found[json.loads(body)["id"]] += 1
    return found


def test_a_user_can_write_to_its_own_queue_alone_and_read_only_its_own_answers(broker: RabbitMQ, desk: Desk) -> None:
    assert desk.ask(registered())["status"] == 201
    other = Desk(as_user(broker, "finance"))
    for what in (
        lambda channel: channel.basic_publish(_message(other), exchange="yihu.in.education", routing_key=""),
        lambda channel: channel.basic_publish(_message(other), exchange="", routing_key="yihu.in.education"),
        lambda channel: channel.basic_publish(_message(other), exchange="yihu.events", routing_key="education.x"),
        lambda channel: channel.basic_get("yihu.in.education"),
        lambda channel: channel.basic_get("yihu.in.finance"),
        lambda channel: channel.basic_get("yihu.out.education"),
        lambda channel: channel.basic_get(desk.replies),
        lambda channel: channel.queue_declare("yihu.out.education.mine"),
        lambda channel: channel.queue_declare("yihu.out.finance", passive=False),
        lambda channel: channel.queue_delete("yihu.in.education"),
        lambda channel: channel.exchange_declare("yihu.in.finance", "direct"),
    ):
        with pytest.raises(AccessRefused):
            what(other.connection.channel())
    other.connection.release()


def _message(desk: Desk) -> Any:
    return desk.channel.prepare_message(b"{}")


def test_single_and_batched_messages_are_answered_with_their_marks(desk: Desk) -> None:
    one, two = registered(2019), registered(2018)
    first, second = desk.send(one), desk.send([one, two, {}])
    found = desk.answers(2)
    assert found[first]["status"] == 201
    assert [answer["status"] for answer in found[second]] == [200, 201, 422]
    assert found[second][0]["receipt"] == found[first]["receipt"]


def test_a_user_id_that_the_broker_has_checked_is_taken_and_anothers_never_arrives(desk: Desk) -> None:
    assert desk.ask(registered(2017), user_id=EDUCATION)["status"] == 201
    with pytest.raises(Exception, match="PRECONDITION_FAILED"):
        desk.send(registered(2016), user_id="finance")


def test_what_has_no_address_or_one_that_is_gone_or_anothers_is_kept_and_says_why(desk: Desk) -> None:
    sent = {
        desk.send(registered(2011), reply_to=address): why
        for address, why in {
            None: "no_reply_to",
            "yihu.out.education.gone": "reply_queue_gone",
            "yihu.in.finance": "reply_to_of_others",
            "yihu.out.educational": "reply_to_of_others",
        }.items()
    }
    found = {
        message.properties["correlation_id"]: (message.headers[WHY], json.loads(message.body)["status"])
        for message in desk.take(4, out_queue(EDUCATION).name)
    }
    assert {mark: why for mark, (why, _) in found.items()} == sent
    assert all(status in {201, 200, 409, 422} for _, status in found.values())


def test_a_queue_of_kept_answers_may_be_the_address_and_so_may_the_askers_own_channel(desk: Desk) -> None:
    mark = desk.send(registered(2010), reply_to=out_queue(EDUCATION).name)
    assert mark in desk.answers(1, out_queue(EDUCATION).name)
    found: list[Any] = []
    desk.channel.basic_consume("amq.rabbitmq.reply-to", no_ack=True, callback=found.append)
    desk.send(registered(2009), reply_to="amq.rabbitmq.reply-to")
    while not found:
        desk.connection.drain_events(timeout=10)
    assert json.loads(found[0].body)["status"] == 201
    assert desk.take(1, out_queue(EDUCATION).name, seconds=0.3) == []


def test_garbage_is_answered_and_the_next_message_is_taken(desk: Desk) -> None:
    garbage = [b"", b"{", b"\xff", b"[" * 1000, b'"x"', b"0" * 1000, b"\x1f\x8b\x08"]
    marks = [desk.send(one) for one in garbage]
    marks += [desk.send(b"{}", content_type=kind) for kind in ("", "x" * 200, "application/json;;;=")]
    good = desk.send(registered(2008))
    found = desk.answers(len(marks) + 1)
    assert found[good]["status"] == 201
    assert all(400 <= found[mark]["status"] < 500 for mark in marks)


def test_an_answer_longer_than_the_broker_takes_is_said_to_be_and_the_ones_beside_it_arrive(desk: Desk) -> None:
    unknown = {
        f"{name}{letter}": 1 for letter in "abcde" for name in ("recorded_tim", "datacontent_typ", "current_statu")
    }
    bad = dict.fromkeys(NAMES, "\n") | {"type": TYPE, "subject": "1", "source": None}
    wrong = [unknown | bad | {"data": unknown | dict.fromkeys(DATA, 0)}] * 1_000
    before, long, after = desk.send(registered(2005)), desk.send(wrong), desk.send(registered(2006))
    found = desk.answers(3)
    assert [found[mark]["status"] for mark in (before, long, after)] == [201, 413, 201]
    assert found[long]["problem"]["code"] == "answer_too_long"


def test_what_the_library_cannot_read_of_a_message_takes_no_other_along(desk: Desk) -> None:
    message = desk.channel.prepare_message(json.dumps(registered(2007)).encode(), content_type=STRUCTURED)
    message.properties["application_headers"] = {"yihu": "x" * 300, "deep": {"a": [{"b": "c"}]}, "compression": "zlib"}
    message.properties["content_encoding"] = "punycode"
    desk.channel.basic_publish(message, exchange="yihu.in.education", routing_key="")
    assert desk.ask(registered(2012))["status"] == 201
    [kept] = desk.take(1, out_queue(EDUCATION).name)
    assert json.loads(kept.body)["problem"]["code"] == "content_encoding"


def test_a_connection_that_dies_before_the_answer_was_confirmed_makes_it_come_twice_and_recorded_once(
    desk: Desk, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, died = Answers.send, []

    def dies(self: Answers, answers: Any) -> None:
        if not died:
            died.append(1)
            raise ConnectionResetError
        real(self, answers)

    monkeypatch.setattr(Answers, "send", dies)
    events = [registered(year) for year in range(1990, 2000)]
    marks = [desk.send(one) for one in events]
    found = desk.answers(len(events))
    assert died
    assert {found[mark]["receipt"]["id"] for mark in marks} == {one["id"] for one in events}
    counted = in_log(reading)
    assert {counted[one["id"]] for one in events} == {1}


def test_while_the_database_is_away_messages_wait_and_nobody_is_told_to_come_again(
    desk: Desk, reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    department = reading.doors[EDUCATION].department
    real, away = department.receive_all, [1, 1]

    def receive_all(submissions: Any, *, judge_only: bool = False) -> list[Answer]:
        if away:
            away.pop()
            return [Answer(refused=refusal(Unavailable(), 503))] * len(submissions)
        return real(submissions, judge_only=judge_only)

    monkeypatch.setattr(department, "receive_all", receive_all)
    marks = [desk.send(registered(year)) for year in (2003, 2004)]
    found = desk.answers(2)
    assert not away
    assert [found[mark]["status"] for mark in marks] == [201, 201]


def test_the_process_killed_in_mid_stream_and_started_again_answers_everything_and_records_it_once(
    desk: Desk, reading: Reading, tmp_path: Path
) -> None:
    reading.stop()
    running = Running(reading.settings, tmp_path)
    events = [registered(2050 + number) for number in range(40)]
    try:
        running.start("inbox", EDUCATION)
        marks = [desk.send(one) for one in events[:20]]
        first = desk.take(5)
        running.restart("inbox")
        marks += [desk.send(one) for one in events[20:]]
        found = {message.properties["correlation_id"]: json.loads(message.body) for message in first}
        while len(found) < len(events):
            [message] = desk.take(1)
            found[message.properties["correlation_id"]] = json.loads(message.body)
        running.processes["inbox"].terminate()
        assert running.processes["inbox"].wait(15) == 0
    finally:
        running.stop()
        reading.start(EDUCATION)
    assert {found[mark]["receipt"]["id"] for mark in marks} == {one["id"] for one in events}
    counted = in_log(reading)
    assert {counted[one["id"]] for one in events} == {1}
    assert "Traceback" not in running.output()


def test_without_a_broker_there_are_no_queues_and_the_process_says_so(keys: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "services.processes.inbox"],
        cwd=ROOT, env={"YIHU_KEYS": str(keys)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "no_broker" in ran.stderr


def test_what_ended_its_reader_over_and_over_is_set_aside_and_what_came_with_it_is_not(
    broker: RabbitMQ, desk: Desk, reading: Reading
) -> None:
    reading.stop()
    poison, good = registered(2001), registered(2002)
    desk.send(poison, correlation_id="poison")
    mark = desk.send(good)
    for _ in range(SUSPECT):  # readers that die with both in their hands
        with Connection(broker.uri) as connection:
            got: list[Any] = []
            connection.channel().basic_consume(in_queue(EDUCATION).name, callback=got.append)
            while len(got) < 2:
                connection.drain_events(timeout=10)
    reading.start(EDUCATION)
    assert desk.answers(1)[mark]["status"] == 201
    [kept] = desk.take(1, out_queue(EDUCATION).name)
    assert kept.headers[WHY] == "ended_its_reader"
    assert json.loads(kept.body) == poison
    assert in_log(reading)[poison["id"]] == 0


@pytest.mark.usefixtures("desk")
def test_a_broker_killed_in_mid_stream_loses_no_receipt_that_log_and_sender_do_not_agree_about(
    broker: RabbitMQ, reading: Reading
) -> None:
    time.sleep(NEW_QUEUE_S)
    events = [registered(1900 + number) for number in range(60)]
    receipts: dict[str, Any] = {}
    left = list(events)
    killed = False
    while left:
        sender = None
        try:
            sender = Desk(as_user(broker, EDUCATION))
            for one in left:
                sender.send(one, correlation_id=one["id"])
                if not killed and len(left) == len(events) and one is left[30]:
                    killed = True
                    broker.restart()
            while len(receipts) < len(events):
                [message] = sender.take(1, seconds=3)
                receipts[message.properties["correlation_id"]] = json.loads(message.body)["receipt"]
        except Exception:  # noqa: BLE001 - whatever breaks, the sender sends again what has no receipt
            time.sleep(0.2)
        finally:
            if sender is not None:
                drop(sender.connection)
        left = [one for one in events if one["id"] not in receipts]
    assert killed
    counted = in_log(reading)
    assert {counted[one["id"]] for one in events} == {1}
    assert set(receipts) == {one["id"] for one in events}


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(("program", "year"), [(sys.executable, 1970), ("node", 1980)], ids=["kombu", "amqplib"])
def test_the_sample_clients_print_a_receipt_or_every_reason_for_each_event(
    program: str, year: int, broker: RabbitMQ, tmp_path: Path
) -> None:
    file = _client(program, tmp_path)
    good = [registered(year + number) for number in range(5)]
    lines = "".join(json.dumps(one) + "\n" for one in [*good, {"id": "none"}])
    ran = subprocess.run(
        [program, str(file), EDUCATION],
        input=lines,
        env={"YIHU_AMQP_URI": as_user(broker, EDUCATION).removesuffix("/"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-1000:]
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["status"] for one in found][-1:] == [422]
    assert {one["receipt"]["id"] for one in found[:-1]} == {one["id"] for one in good}


def _client(program: str, directory: Path) -> Path:
    """Return the sample for a program, with what it needs; skip where that cannot be had."""
    if program != "node":
        return CLIENTS / "send_amqp.py"
    npm = shutil.which("npm")
    if not shutil.which("node") or not npm:
        pytest.skip("node or npm is not on this machine")
    shutil.copy(CLIENTS / "send_amqp.js", directory)
    got = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-save", "amqplib@0.10"],
        cwd=directory, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if got.returncode:
        pytest.skip("npm could not install amqplib")
    return directory / "send_amqp.js"


def histories(settings: Settings, send: Callable[[dict[str, QueueDoor], dict[str, Any]], Any]) -> dict[str, bytes]:
    """Send both stories one event after the other, at one and the same moment; return every family's history."""
    doors = {name: assembly.queue(name, settings)[0] for name in BY_NAME}
    database = Database(settings.database_url, "family_case")
    cases, queries = FamilyCases(database), Queries(database, assembly.NAMES)
    try:
        for door in doors.values():
            door.department.clock = lambda: NOW
        for one in (*story("a"), *story("b")):
            name = one["type"].partition(".")[0]
            answer = send(doors, one)
            assert answer["status"] == 201, answer
            [record] = doors[name].department.recorder.at([answer["receipt"]["position"]])
            cases.receive(name, [record])
        return {found["family"]: document(queries, found["family"]) for found in queries.families()}
    finally:
        for door in doors.values():
            door.department.database.close()
            door.department.ring._database.close()
        database.close()


def test_both_stories_through_the_broker_give_the_same_histories_as_over_http_byte_by_byte(
    broker: RabbitMQ, database: Callable[[], str], keys: Path, reading: Reading
) -> None:
    reading.stop()
    permits = Keys(keys).permits
    apps: dict[str, Any] = {}
    queues: dict[str, Desk] = {}
    readers = Reading(broker.uri, reading.settings)

    def over_http(doors: dict[str, QueueDoor], one: dict[str, Any]) -> Any:
        name = one["type"].partition(".")[0]
        client = apps.setdefault(name, department_app(name, doors[name].department, permits).test_client())
        key = {"Authorization": f"Bearer {Keys(keys).api_key(name)}"}
        answer = client.post("/events", data=json.dumps(one), content_type=STRUCTURED, headers=key)
        return {"status": answer.status_code, "receipt": answer.json}

    def by_queue(doors: dict[str, QueueDoor], one: dict[str, Any]) -> Any:
        if not queues:
            readers.doors = doors
            readers.start(*BY_NAME)
            with Connection(broker.uri) as connection:
                for name in BY_NAME:
                    wait_for(lambda name=name: _there(connection, in_queue(name).name))  # type: ignore[misc]
                    wait_for(lambda name=name: _there(connection, out_queue(name).name))  # type: ignore[misc]
        name = one["type"].partition(".")[0]
        if name not in queues:
            queues[name] = Desk(broker.uri, name, out_queue(name).name)
            Queue(out_queue(name).name, channel=queues[name].channel).purge()
        return queues[name].ask(one)

    try:
        directly = histories(settings_on(database(), keys, ""), over_http)
        queued = histories(settings_on(database(), keys, ""), by_queue)
    finally:
        readers.stop()
        for desk in queues.values():
            desk.connection.release()
        reading.start(EDUCATION)
    assert len(directly) == 2
    assert queued == directly
