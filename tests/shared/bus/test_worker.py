"""The worker's loops and readers: nothing stops them but SIGTERM, nothing blocks them, nothing is marked too early."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.processes import assembly
from shared.bus.broker import BATCH, LINGER_S, BusReader, BusUnavailable, BusWriter, Delivery, case_queue
from shared.bus.relay import PACK, PACK_BYTES, SOON_S, Relay
from shared.bus.wake import Waker
from shared.door.department import Department
from shared.keys.signing import Verifier, message_digest
from shared.log.record import decode_batch
from shared.settings import Settings
from tests.world import ROOT, event, family_opened

DEPARTMENT = "disability_federation"


def run(program: str, *arguments: str, seconds: float = 30) -> str:
    """Run a program as a process of its own; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=seconds,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


# -- eventlet


TICKS = """
import sys
from shared.bus import worker
import eventlet
from shared.postgres.database import Database

database, ticks = Database(sys.argv[1], "family_case"), []

def tick():
    while True:
        ticks.append(1)
        eventlet.sleep(0.05)

eventlet.sleep(0)
database.one("SELECT 1")
eventlet.spawn(tick)
database.one("SELECT pg_sleep(2)")
print(len(ticks))
"""


def test_a_slow_query_blocks_no_other_greenlet(database_url: str) -> None:
    assert int(run(TICKS, database_url)) >= 35, "of 40"


APART = """
import sys
from shared.bus import worker
import eventlet
from shared.postgres.database import Database

database = Database(sys.argv[1], "family_case")

def work(name):
    with database.transaction() as tx:
        first = tx.execute("SELECT pg_backend_pid(), pg_sleep(0.3)").fetchone()[0]
        with database.transaction() as joined:
            second = joined.execute("SELECT pg_backend_pid()").fetchone()[0]
        return first, second

pairs = [thread.wait() for thread in [eventlet.spawn(work, n) for n in range(3)]]
assert all(first == second for first, second in pairs), pairs
assert len({first for first, _ in pairs}) == 3, pairs

def failing():
    with database.transaction() as tx:
        tx.execute("CREATE TEMPORARY TABLE kept (n integer)")
        eventlet.sleep(0.2)
        raise ValueError

failed = eventlet.spawn(failing)
eventlet.sleep(0.1)
with database.transaction() as tx:
    tx.execute("SELECT 1")
try:
    failed.wait()
except ValueError:
    print("apart")
"""


def test_transactions_of_two_greenlets_are_two_and_a_nested_one_joins_its_own(database_url: str) -> None:
    assert run(APART, database_url) == "apart\n"


# -- loops


SERVICE = """
import signal, sys, time
from pathlib import Path
from shared.logs import start_logging
from shared.bus import worker
import eventlet
from shared.bus.broker import case_queue
from shared.settings import Settings

start_logging()
calls = []

class Service:
    name = "service"

    {body}

wake = Path(sys.argv[2]) if len(sys.argv) > 2 else None
print(worker.run([Service], Settings("", sys.argv[1], Path(), "", wake=wake)), len(calls), flush=True)
"""


def service(body: str, tmp_path: Path, *wake: Path) -> "subprocess.Popen[bytes]":
    program = SERVICE.replace("{body}", body.replace("\n", "\n    "))
    with (tmp_path / "out").open("wb") as out, (tmp_path / "log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-c", program, "memory://", *wake], cwd=ROOT, stdout=out, stderr=log)


@pytest.fixture
def ended() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """End processes after the test."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def stop(process: "subprocess.Popen[bytes]", tmp_path: Path) -> float:
    """Send SIGTERM; return how long it took to end."""
    wait_until(lambda: b"worker started" in (tmp_path / "log").read_bytes())
    time.sleep(1.5)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    return time.monotonic() - begun


def wait_until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_loop_outlives_whatever_its_method_raises_and_its_log_holds_no_message(
    tmp_path: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    body = """
@worker.loop()
def work(self):
    calls.append(1)
    raise {1: ValueError, 2: MemoryError}.get(len(calls), RecursionError)("张三的身份证")
"""
    ended.append(service(body, tmp_path))
    assert stop(ended[0], tmp_path) < 5
    answer, calls = (tmp_path / "out").read_text().split()
    log = (tmp_path / "log").read_text()
    assert (answer, int(calls) >= 2) == ("True", True)
    assert "ValueError" in log
    assert "张三" not in log


def test_one_loop_of_several_names_does_not_wait_for_another(
    tmp_path: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    body = """
@worker.loop(every=0.05, each=("quick", "slow"))
def work(self, name):
    calls.append(name)
    eventlet.sleep(60 if name == "slow" else 0)
"""
    ended.append(service(body, tmp_path))
    assert stop(ended[0], tmp_path) < 10
    assert int((tmp_path / "out").read_text().split()[1]) > 10


WOKEN = """
{before}

@worker.loop(woken="service")
def work(self):
    print("looked", flush=True)

@worker.loop(every=0.05)
def other(self):
    calls.append(1)
"""


def looked(tmp_path: Path) -> int:
    """Return how often the service has looked."""
    return (tmp_path / "out").read_text().count("looked")


def test_a_woken_loop_looks_at_once_and_a_lost_wake_up_costs_a_moment_alone(
    tmp_path: Path, scratch: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    ended.append(service(WOKEN.format(before="worker.SOON_S = worker.IDLE_S = 5"), tmp_path, scratch))
    wait_until(lambda: looked(tmp_path) > 0)
    begun = time.monotonic()
    for turn in range(2, 7):
        Waker(scratch, "service").wake()
        wait_until(lambda turn=turn: looked(tmp_path) >= turn)  # type: ignore[misc]
    assert time.monotonic() - begun < 4, "it did not wait until it would have looked by itself"
    wait_until(lambda: looked(tmp_path) > 6, 15)  # nobody rang


def test_a_loop_that_nobody_can_wake_looks_again_and_again(
    tmp_path: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    ended.append(service(WOKEN.format(before=""), tmp_path, tmp_path / "none"))
    wait_until(lambda: looked(tmp_path) > 5)
    assert "nobody can wake service: FileNotFoundError" in (tmp_path / "log").read_text()


def test_wake_ups_without_end_keep_a_worker_neither_from_its_work_nor_from_stopping(
    tmp_path: Path, scratch: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    ended.append(service(WOKEN.format(before=""), tmp_path, scratch))
    wait_until(lambda: looked(tmp_path) > 0)
    over = threading.Event()

    def flood() -> None:
        while not over.is_set():
            Waker(scratch, "service").wake()

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        assert stop(ended[0], tmp_path) < 5
    finally:
        over.set()
        thread.join()
    answer, calls = (tmp_path / "out").read_text().split()[-2:]
    assert (answer, int(calls) > 10) == ("True", True), "the other loop went on"
    assert looked(tmp_path) < 1_000, "it rests between two looks"


def test_once_is_tried_until_it_succeeds_and_then_never_again(
    tmp_path: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    body = """
@worker.once
def work(self):
    calls.append(1)
    if len(calls) < 2:
        raise OSError
"""
    ended.append(service(body, tmp_path))
    wait_until(lambda: b"works again" in (tmp_path / "log").read_bytes())
    stop(ended[0], tmp_path)
    assert (tmp_path / "out").read_text() == "True 2\n"


def test_what_hangs_is_cut_off_when_the_worker_is_asked_to_stop(
    tmp_path: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    body = """
@worker.loop()
def work(self):
    calls.append(1)
    eventlet.sleep(600)

@worker.batches(case_queue("hangs"))
def read(self, deliveries):
    calls.append(1)
"""
    ended.append(service(body, tmp_path))
    assert stop(ended[0], tmp_path) < 10
    assert ended[0].returncode == 0


def test_a_service_that_breaks_down_ends_the_process_so_that_it_is_started_again(
    tmp_path: Path, ended: list["subprocess.Popen[bytes]"]
) -> None:
    body = """
class Breaking(worker._Endless):
    def run(self):
        raise ValueError("张三的身份证")

@Breaking.decorator
def work(self):
    pass
"""
    ended.append(service(body, tmp_path))
    ended[0].wait(20)
    assert (tmp_path / "out").read_text().startswith("False ")
    log = (tmp_path / "log").read_text()
    assert "a service broke down" in log
    assert "张三" not in log


# -- the relay


class Bus:
    """Takes what a relay publishes, or is unavailable."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Delivery]] = []
        self.down = False
        self.lost_confirm = False

    def publish(self, delivery: Delivery, routing_key: str) -> None:
        """Take a message; perhaps without confirming it."""
        if self.down:
            raise BusUnavailable
        self.published.append((routing_key, delivery))
        if self.lost_confirm:
            raise BusUnavailable

    def positions(self) -> list[list[int]]:
        """Return the positions in each message."""
        return [[event.position for event in decode_batch(delivery.body)] for _, delivery in self.published]


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def relay(settings: Settings, bus: Bus) -> Iterator[Relay]:
    """Make the relay of one department on that bus."""
    made = assembly.relay(DEPARTMENT, settings)
    made.writer = bus  # type: ignore[assignment]
    yield made
    made.database.close()


def note(text: str = "专干", **attributes: Any) -> dict[str, Any]:
    data = {"surveyor": text, "needs": ["REHAB"]}
    return event("disability_federation.needs_surveyed", data, **attributes)


def marked(relay: Relay) -> int:
    row = relay.database.one("SELECT position FROM disability_federation.relayed")
    assert row is not None
    return int(row[0])


def test_a_relay_marks_a_position_only_after_the_confirm(
    relay: Relay, bus: Bus, department: Callable[[str], Department]
) -> None:
    office = department(DEPARTMENT)
    for said in (family_opened(), note(), note()):
        office.receive(said)
    bus.down = True
    with pytest.raises(BusUnavailable):
        relay.step()
    assert (marked(relay), bus.published) == (0, [])
    bus.down, bus.lost_confirm = False, True
    with pytest.raises(BusUnavailable):
        relay.step()
    assert marked(relay) == 0
    bus.lost_confirm = False
    assert relay.step() == SOON_S
    assert marked(relay) == 3
    assert relay.step() is None
    assert bus.positions() == [[1, 2, 3], [1, 2, 3]]


def test_a_relay_packs_by_number_and_size_and_keeps_the_order(
    relay: Relay, bus: Bus, department: Callable[[str], Department]
) -> None:
    office = department(DEPARTMENT)
    office.receive(family_opened())
    for _ in range(PACK + 20):
        office.receive(note())
    while relay.step() is not None:
        pass
    assert [len(pack) for pack in bus.positions()] == [PACK, 21]
    office.receive(note())
    while relay.step() is not None:
        pass
    assert [n for pack in bus.positions() for n in pack] == list(range(1, PACK + 23))
    assert bus.published[-1][0] == "disability_federation.needs_surveyed"
    assert bus.published[0][0] == f"{DEPARTMENT}.batch"


def test_a_relay_packs_no_more_bytes_than_the_broker_takes(
    relay: Relay, bus: Bus, department: Callable[[str], Department]
) -> None:
    office = department(DEPARTMENT)
    office.receive(family_opened())
    for _ in range(129):
        long = {"surveyor": "专干", "needs": ["REHAB"], "note": "已告知所需材料与办理期限。" * 15}
        office.receive(note() | {"data": long})
    while relay.step() is not None:
        pass
    sizes = [len(delivery.body) for _, delivery in bus.published]
    assert max(sizes) <= PACK_BYTES
    assert [n for pack in bus.positions() for n in pack] == list(range(1, 131))
    assert len(bus.positions()[0]) < PACK, "the size has mattered"


def test_what_a_relay_publishes_is_signed_by_the_department(
    relay: Relay, bus: Bus, department: Callable[[str], Department], settings: Settings
) -> None:
    department(DEPARTMENT).receive(family_opened())
    relay.step()
    [(_, delivery)] = bus.published
    verifier: Verifier = assembly.verifiers(settings)[DEPARTMENT]
    assert delivery.log == verifier.name
    assert verifier.holds(message_digest(verifier.name, delivery.body), delivery.signature)


# -- the in-process bus


QUEUE = case_queue("yihu.test")


def test_a_batch_that_was_not_handled_comes_again_to_the_next_reader() -> None:
    writer, reader = BusWriter("memory://", QUEUE), BusReader("memory://", QUEUE)
    sent = [Delivery("log", b"s", b"%d" % n) for n in range(5)]
    for delivery in sent:
        writer.publish(delivery, "x")
    seen: list[Delivery] = []

    def fail(deliveries: list[Delivery]) -> None:
        seen.extend(deliveries)
        raise BusUnavailable

    with pytest.raises(BusUnavailable):
        reader.run(fail, lambda: False)
    assert seen == sent
    again: list[Delivery] = []
    until = time.monotonic() + 5
    BusReader("memory://", QUEUE).run(again.extend, lambda: len(again) >= 5 or time.monotonic() > until)
    assert again == sent
    writer.close()


class Dripping:
    """A connection on which the next message always comes just before the reader would go on without it."""

    supports_heartbeats = False

    def __init__(self, waiting: list[Any]) -> None:
        self.waiting = waiting

    def drain_events(self, timeout: float) -> None:
        """Let one message come."""
        time.sleep(min(timeout, LINGER_S) * 0.9)
        self.waiting.append(SimpleNamespace(body=b"x"))


def test_a_reader_lingers_no_longer_in_all_than_it_says_however_messages_drip() -> None:
    waiting: list[Any] = []
    BusReader("memory://", QUEUE)._collect(Dripping(waiting), waiting)  # type: ignore[arg-type]
    assert len(waiting) < BATCH / 10


def test_no_broker_is_found_out_at_once() -> None:
    writer = BusWriter("amqp://guest:guest@127.0.0.1:9//", QUEUE)
    begun = time.monotonic()
    with pytest.raises(BusUnavailable):
        writer.publish(Delivery("log", b"", b""), "x")
    with pytest.raises(BusUnavailable):
        BusReader("amqp://guest:guest@127.0.0.1:9//", QUEUE).run(lambda _: None, lambda: False)
    assert time.monotonic() - begun < 1


def test_the_worker_process_is_an_eventlet_process_before_anything_else_is_imported() -> None:
    code = "import services.processes.worker, psycopg.waiting; print(psycopg.waiting.wait.__name__)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "wait_selector"
