"""kill -9 of the judge in the middle of a lot, and of the database under it: every verdict is there afterwards."""

import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.city.city import events
from services.family_case import audit
from services.processes import assembly
from services.processes.assembly import owed_schema
from shared.settings import Settings
from tests.faults.tools.database import Database
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.world import wait_for

PATIENCE_S = 120.0


@pytest.fixture
def database(tmp_path: Path, keys: Path) -> Iterator[Database]:
    """A PostgreSQL that is killed."""
    with Database(tmp_path / "killed", keys) as server:
        yield server


def test_however_often_judge_and_database_are_killed_the_verdicts_are_those_of_a_replay(
    database: Database, tmp_path: Path, proof: Proof
) -> None:
    recorded = _recorded(database.settings, proof.of(8, 120), proof.random.randrange(10**6))
    installation = Running.on_free_port(database.settings, tmp_path)
    in_the_middle = 0
    try:
        for killed in range(proof.of(3, 30)):
            installation.start("judge")
            time.sleep(proof.random.uniform(0.8, 3.0))  # it starts, looks through the events, judges
            if killed % 3 == 2:
                database.restart()
            installation.kill("judge")
            done, reached = _judged(database.settings)
            in_the_middle += bool(reached < recorded or done)
        installation.start("judge")
        beside = Running(installation.settings, tmp_path / "beside")
        beside.directory.mkdir()
        beside.start("judge")
        try:
            wait_for(lambda: _judged(database.settings) == (0, recorded), PATIENCE_S, "everybody is judged")
        finally:
            beside.stop()
    finally:
        installation.stop()
    assert assembly.replay(database.settings, None, None, check=True)["differences"] == []
    assert "not judged" not in installation.output() + beside.output()
    proof.note(events=recorded, kills=proof.of(3, 30), in_the_middle=in_the_middle)


def _recorded(settings: Settings, families: int, seed: int) -> int:
    """Let the departments record a city, and the family case receive it; return how many events it has."""
    sent: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events(families, seed):
        sent[event["type"].partition(".")[0]].append(event)
    for name, some in sent.items():
        department = assembly.department(name, settings)
        for at in range(0, len(some), 500):
            assert all(answer.receipt for answer in department.receive_all(some[at : at + 500]))
        department.database.close()
    logs = assembly.logs(settings)
    heads = {name: log.max_notification_id() or 0 for name, log in logs.items()}
    return audit.replay(logs, assembly.family_cases(settings), heads)


def _judged(settings: Settings) -> tuple[int, int]:
    """Return how many families wait to be judged, and up to where the case log was looked through."""
    queries = assembly.queries(settings)
    schema = owed_schema()
    row = queries.database.one(
        f"SELECT (SELECT count(*) FROM {schema}.judged WHERE wake <= current_date OR failed), reached "
        f"FROM {schema}.progress"
    )
    queries.database.close()
    return (int(row[0]), int(row[1])) if row else (0, 0)
