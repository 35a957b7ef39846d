"""PostgreSQL full, hung, or cut off in the middle of a commit: no receipt without a record, no record twice."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import shared.postgres.database
from shared.postgres.database import Unavailable
from tests.faults.tools.afterwards import all_is_well
from tests.faults.tools.checker import Checker
from tests.faults.tools.database import NO_MOUNT, Database, can_mount
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.faults.tools.proxy import Proxy
from tests.faults.tools.schedule import Fault, disturb
from tests.faults.tools.senders import Load, sending
from tests.faults.tools.workload import stories
from tests.world import wait_for

STOP_S = 10.0
"""What `yihu up` gives a process to end by itself."""
DISK_MB = 150
RECORD = b'"specversion"'
"""What a client says to the database when it appends a record, and at no other time."""
COMMIT = b"COMMIT"


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory for a server, in a path short enough for its socket."""
    with TemporaryDirectory(prefix="yihu-db-", ignore_cleanup_errors=True) as directory:
        yield Path(directory)


@pytest.fixture
def database(place: Path, keys: Path) -> Iterator[Database]:
    """A PostgreSQL of the test's own."""
    with Database(place / "troubled", keys) as server:
        yield server


@pytest.fixture
def small_disk(place: Path, keys: Path) -> Iterator[Database]:
    """A PostgreSQL with little room."""
    if not can_mount():
        pytest.skip(NO_MOUNT)
    with Database(place / "small", keys, size_mb=DISK_MB) as server:
        yield server


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Database], Running]]:
    """Start an installation on a database; its processes are stopped after the test."""
    made: list[Running] = []

    def make(database: Database) -> Running:
        made.append(Running.on_free_port(database.settings, tmp_path))
        for name in ("web", "worker"):
            made[-1].start(name)
        return made[-1]

    yield make
    for one in made:
        one.stop()


def unreachable(network: Proxy) -> None:
    """For a moment, let nobody connect."""
    network.closed = True
    network.cut()
    time.sleep(0.5)
    network.closed = False


def fill_up(database: Database, load: Load) -> None:
    """Fill the disk until doors have refused some events for want of room; then make room."""
    receipted, refused = load.receipted, load.answers[503]
    wait_for(lambda: load.receipted > receipted + 30, what="the disk is in use")
    database.fill()
    wait_for(lambda: load.answers[503] > refused + 10, what="no more room")
    database.free()


def test_a_full_disk_gives_no_receipt_and_loses_nothing_and_space_cures_it(
    small_disk: Database, start: Callable[[Database], Running], tmp_path: Path, proof: Proof
) -> None:
    installation = start(small_disk)
    events, checker = stories(proof.random, proof.of(200, 3_000)), Checker()
    with sending(installation.settings, events, checker, per_second=proof.of(40, 60)) as load:
        for _ in range(proof.of(1, 5)):
            fill_up(small_disk, load)
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), answers=dict(load.answers), slowest_receipt_s=round(max(load.took), 1))
    assert set(load.answers) <= {200, 201, 503, 0}


def test_a_hung_database_delays_receipts_and_loses_nothing(
    database: Database, start: Callable[[Database], Running], tmp_path: Path, proof: Proof
) -> None:
    installation = start(database)
    events, checker = stories(proof.random, proof.of(150, 1_500)), Checker()
    hung_s = proof.of(4, 40)
    with sending(installation.settings, events, checker, per_second=proof.of(30, 30)) as load:
        wait_for(lambda: load.receipted > 20, what="the database is in use")
        database.pause()
        try:
            time.sleep(hung_s)
        finally:
            database.resume()
        begun = time.monotonic()
        waiting = load.receipted
        wait_for(lambda: load.receipted > waiting + 10, what="receipts again")
        again_s = time.monotonic() - begun
    outcome = all_is_well(installation, checker, tmp_path)
    proof.note(**outcome.as_dict(), hung_s=hung_s, answers=dict(load.answers), receipts_again_after_s=round(again_s, 1))


def test_web_and_worker_stop_although_the_database_hangs(
    database: Database, start: Callable[[Database], Running], proof: Proof
) -> None:
    installation = start(database)
    wait_for(lambda: "worker started" in installation.output())
    events, checker = stories(proof.random, 40), Checker()
    with sending(installation.settings, events, checker, per_second=20) as load:
        wait_for(lambda: load.receipted > 10, what="the database is in use")
        database.pause()
        try:
            time.sleep(1)
            for name in ("web", "worker"):
                installation.signal(name, signal.SIGTERM)
            ended = {name: installation.processes[name].wait(STOP_S) for name in ("web", "worker")}
        finally:
            database.resume()
        installation.start("web")
    assert ended == {"web": 0, "worker": 0}


def test_a_connection_that_falls_silent_is_given_up_and_the_next_one_works(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.postgres.database, "ANSWER_S", 1.0)
    with database.behind_proxy() as (network, settings):
        connections = shared.postgres.database.Database(settings.database_url, "education", size=1)
        assert connections.one("SELECT 1") == (1,)
        network.swallow = True
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            connections.one("SELECT 2")
        assert time.monotonic() - begun < 3
        network.swallow = False
        assert connections.one("SELECT 3") == (3,)
        connections.close()


def test_a_connection_cut_when_the_record_was_committed_gives_the_receipt_to_the_repetition(
    database: Database, tmp_path: Path, proof: Proof
) -> None:
    events, checker = stories(proof.random, proof.of(30, 500)), Checker()
    with database.behind_proxy() as (network, settings):
        installation = Running.on_free_port(settings, tmp_path)
        worker = Running(replace(installation.settings, database_url=database.settings.database_url), tmp_path)
        installation.start("web")
        try:
            for submission in events:  # one by one: this connection, this record
                network.cut_after(COMMIT)
                with sending(installation.settings, [submission], checker) as load:
                    pass
                assert dict(load.answers) == {503: 1, 200: 1}, load.answers
            worker.start("worker")  # only now: what it asks the doors for commits too
            outcome = all_is_well(worker, checker, tmp_path)
        finally:
            installation.stop()
            worker.stop()
    proof.note(**outcome.as_dict(), cuts=network.cuts)
    assert network.cuts == len(events)


def test_a_bad_network_to_the_database_loses_and_doubles_nothing(
    database: Database, tmp_path: Path, proof: Proof
) -> None:
    events, checker = stories(proof.random, proof.of(200, 3_000)), Checker()
    with database.behind_proxy() as (network, settings):
        installation = Running.on_free_port(settings, tmp_path)
        faults = [
            Fault("cut", network.cut, 3),
            Fault("cut after a record", lambda: network.cut_after(RECORD), 3),
            Fault("cut after a commit", lambda: network.cut_after(COMMIT), 3),
            Fault("unreachable", lambda: unreachable(network), 1),
        ]
        for name in ("web", "worker"):
            installation.start(name)
        try:
            with sending(installation.settings, events, checker, per_second=proof.of(30, 60)) as load:
                schedule = disturb(faults, proof.of(12, 100), proof.random, pause=(0.1, 0.6))
            network.cut_after(b"")
            outcome = all_is_well(installation, checker, tmp_path)
        finally:
            installation.stop()
    proof.note(**outcome.as_dict(), **schedule.counts(), answers=dict(load.answers), connections=network.connections)
