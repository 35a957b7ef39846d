"""Two families' stories over every bus: they end in the same histories, byte by byte, as without any."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.family_case.audit import document
from services.family_case.filing import FamilyCases
from services.family_case.reading import Queries
from services.processes import assembly
from shared.postgres.database import Database
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools.afterwards import behind
from tests.faults.tools.processes import Running
from tests.world import event, story, wait_for

STORIES = [*story("a"), *story("b")]
STOP_S = 10.0
"""What `yihu up` gives a process to end by itself."""


@pytest.fixture(params=["embedded", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> str:
    """Return the address of each kind of bus, with an empty queue."""
    if request.param == "embedded":
        return EMBEDDED_BUS
    address: str = request.getfixturevalue("rabbit")
    return address


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
    for submission in STORIES:
        log = submission["type"].partition(".")[0]
        receipt, _ = doors[log].receive(submission)
        cases.receive(log, doors[log].recorder.at([receipt["position"]]))
    queries = Queries(database, assembly.NAMES)
    found = {family["family"]: document(queries, family["family"]) for family in queries.families()}
    for one in doors.values():
        one.database.close()
        one.ring._database.close()
    database.close()
    return found


def emit(installation: Running, events: list[dict[str, Any]]) -> None:
    """Emit events; each must get a receipt."""
    for submission in events:
        answer = installation.emit(submission)
        assert answer.status == 201, answer.body


def ends_in(installation: Running, expected: dict[str, bytes], seconds: float = 30) -> None:
    """Wait until everything is received; then the histories must be as expected and nothing may have been put aside."""
    wait_for(installation.caught_up, seconds, "everything received")
    assert installation.histories() == expected
    queries = installation.queries()
    assert queries.waiting() == []
    assert queries.quarantined() == []
    queries.database.close()
    assert installation.processes["worker"].poll() is None


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
    wait_for(lambda: behind(installation) == 0, 5, "everything relayed")
    installation.signal("worker", signal.SIGTERM)
    assert installation.processes["worker"].wait(STOP_S) == 0
    assert "Traceback" not in installation.output()


# -- the worker


def test_a_worker_killed_in_mid_story_with_the_bus_inside_it_loses_and_doubles_nothing(
    running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(EMBEDDED_BUS)
    installation.start("web")
    installation.start("worker")
    wait_for(lambda: "worker started" in installation.output())
    for start in range(0, len(STORIES), 48):
        emit(installation, STORIES[start : start + 48])
        installation.kill("worker")
        installation.start("worker")
    ends_in(installation, expected)


def test_a_department_that_is_down_while_the_case_lacks_its_events_is_caught_up_when_it_is_back(
    running: Callable[[str], Running], expected: dict[str, bytes]
) -> None:
    installation = running(EMBEDDED_BUS)
    installation.start("web")
    emit(installation, STORIES)
    installation.kill("web")
    installation.start("worker", *(name for name in assembly.SERVICES if name != "education"))  # nobody relays for it

    def received() -> dict[str, int]:
        queries = installation.queries()
        found = {source["log"]: source["received"] for source in queries.sources()}
        queries.database.close()
        return found

    others = heads(installation) | {"education": 0}
    wait_for(lambda: received() == others, 30, "the other departments' events")
    installation.start("web")
    ends_in(installation, expected)


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
    assert len(queries._find(family["family"]).entries) == 2
    assert queries.waiting() == []
    queries.database.close()
