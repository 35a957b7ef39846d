"""kill -9 of anything, at any moment, while seven departments go on sending."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.tools.afterwards import all_is_well
from tests.faults.tools.broker import RabbitMQ
from tests.faults.tools.checker import Checker
from tests.faults.tools.crash_points import POINTS
from tests.faults.tools.database import Database
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.faults.tools.schedule import Fault, disturb
from tests.faults.tools.senders import sending
from tests.faults.tools.workload import stories

IN_WEB = ("before_commit", "mid_append", "between_commit_and_receipt")
NEVER_S = 8.0
"""How long a point may not be passed until the process is killed wherever it is."""


@pytest.fixture
def database(tmp_path: Path, keys: Path) -> Iterator[Database]:
    """A PostgreSQL that is killed."""
    with Database(tmp_path / "killed", keys) as server:
        yield server


def dies_at(installation: Running, point: str, passage: int, reached: list[str]) -> Callable[[], None]:
    """Return a fault: a process is started so that it dies at this passage of this point, and then started again."""
    name = "web" if point in IN_WEB else "worker"
    only = ["family_case"] if point == "after_fetch_before_filing" else []  # without relays everything is fetched

    def do() -> None:
        installation.kill(name)
        installation.start(name, *only, crash=(point, passage))
        try:
            assert installation.processes[name].wait(NEVER_S) == -signal.SIGKILL
            reached.append(point)
        except subprocess.TimeoutExpired:  # nothing passed there
            installation.kill(name)
        installation.start(name)

    return do


def test_whatever_is_killed_each_receipted_event_stands_once_in_one_history_in_order(
    database: Database, broker: RabbitMQ, tmp_path: Path, proof: Proof
) -> None:
    installation = Running.on_free_port(database.settings, tmp_path, amqp_uri=broker.uri)
    kills = [
        Fault("worker killed", lambda: installation.restart("worker"), 5),
        Fault("web killed", lambda: installation.restart("web"), 5),
        Fault("postgresql killed", database.restart, 3),
        Fault("rabbitmq killed", broker.restart, 2),
    ]
    points = proof.random.sample(sorted(POINTS), proof.of(2, len(POINTS)))
    reached: list[str] = []
    for point in points:
        passage = proof.random.randint(1, 3)
        kills.append(Fault(f"killed {point}", dies_at(installation, point, passage, reached), 0.3))
    events = stories(proof.random, proof.of(400, 5_000))
    checker = Checker()
    try:
        installation.start("web")
        installation.start("worker")
        with sending(installation.settings, events, checker, per_second=proof.of(20, 45)) as load:
            schedule = disturb(kills, proof.of(8, 50), proof.random, pause=(0.2, 1.5))
        begun = time.monotonic()
        outcome = all_is_well(installation, checker, tmp_path)
    finally:
        installation.stop()
    missed = sorted(set(points).difference(reached))
    proof.note(
        **outcome.as_dict(), kills=len(schedule.record), points_reached=len(reached), points_never_passed=missed,
        **schedule.counts(), answers=dict(load.answers),
        slowest_receipt_s=round(max(load.took), 1), all_is_well_after_s=round(time.monotonic() - begun, 1),
    )  # fmt: skip
    assert outcome.acknowledged == len(events)


@pytest.mark.parametrize("point", POINTS)
def test_each_crash_point_is_a_function_of_the_program(point: str) -> None:
    module, owner, method, when = POINTS[point]
    assert callable(getattr(getattr(import_module(module), owner), method))
    assert when in {"before", "after"}
