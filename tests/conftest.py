"""One real PostgreSQL for the whole run; a fresh, migrated database for each test that wants one."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.departments import load_catalogue
from services.processes import assembly
from shared.door.department import Department
from shared.keys.files import create
from shared.postgres.database import Database
from shared.postgres.embedded import EmbeddedPostgres
from shared.settings import EMBEDDED_BUS, Settings
from tests.emptying import empty_database
from tests.faults.tools import preloaded, processes
from tests.faults.tools.broker import RabbitMQ, rabbitmq
from tests.faults.tools.proof import SHORT_SEED, Proof
from tests.world import drop_database

_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make prove` ask for the fault tests at full size."""
    parser.addoption(
        "--prove", default="", metavar="DIR", help="run the fault tests at full size, and note there what they count"
    )
    parser.addoption("--seed", type=int, default=SHORT_SEED, help="what their random numbers begin with")


LONGEST = (
    "faults/test_kills", "faults/test_planted_faults", "faults/test_tampering", "cli/test_up",
    "cli/test_commands_of_a_demo", "faults/test_database_faults", "faults/test_network_faults",
    "faults/test_broker_faults", "integration/test_a_department_moves_out", "privacy/", "faults/test_simulation",
    "faults/", "city/", "docs/test_docs", "docs/test_recipes", "upgrade/test_upgrade", "cli/", "integration/",
    "docs/", "web/", "entitlements/test_alarm_budget", "entitlements/test_properties", "entitlements/test_commands",
)  # fmt: skip
"""Begun first, the longest of them before the others: else one worker would be at such a file when all else is done."""


def pytest_configure(config: pytest.Config) -> None:
    """Have processes forked from one that has imported what they need, but for the fault tests at full size."""
    if not config.getoption("--prove"):
        processes.starter = preloaded.start


def pytest_unconfigure() -> None:
    """End what processes were forked from."""
    preloaded.end_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; after them the order stays."""
    items.sort(key=lambda item: next((at for at, one in enumerate(LONGEST) if one in item.nodeid), len(LONGEST)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Leave the outcome of a test where its fixtures can see it."""
    report = yield
    if report.when == "call":
        item.stash[_outcome] = report.outcome
    return report


_outcome = pytest.StashKey[str]()


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    """What a fault test scales itself by, draws from, and reports to."""
    directory = request.config.getoption("--prove")
    begun = time.monotonic()
    found = Proof(request.node.nodeid, bool(directory), request.config.getoption("--seed"))
    yield found
    if directory:
        outcome = request.node.stash.get(_outcome, "failed")
        found.write(Path(directory), outcome, time.monotonic() - begun)


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A directory for the run, in a short path."""
    directory = Path(tempfile.mkdtemp(prefix="yihu-tests-"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(scratch: Path) -> Iterator[str]:
    """The owner's address of a running PostgreSQL that never waits for the disk: nobody cuts this machine's power."""
    server = EmbeddedPostgres(scratch / "postgres")
    owner = server.start()
    with psycopg.connect(psycopg.conninfo.make_conninfo(owner, user="postgres"), autocommit=True) as superuser:
        for setting in ("fsync", "full_page_writes"):
            superuser.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        superuser.execute("SELECT pg_reload_conf()")
    yield owner
    server.stop()


@pytest.fixture(scope="session")
def broker() -> Iterator[RabbitMQ]:
    """One RabbitMQ for all that wants one: who changes more of it than messages and queues has another."""
    with rabbitmq() as server:
        yield server


@pytest.fixture(scope="session")
def keys(scratch: Path) -> Path:
    """A directory of keys."""
    create(scratch / "keys", tuple(assembly.NAMES), assembly.SERVICES)
    return scratch / "keys"


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """A migrated database that others are copied from."""
    load_catalogue()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE template_yihu")
    assembly.migrate_all(_address(postgres, "template_yihu"))
    return "template_yihu"


@pytest.fixture
def fresh_database_url(postgres: str, template: str) -> Iterator[str]:
    """The owner's address of a migrated database that no other test has had."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield _address(postgres, name)
    drop_database(postgres, name)


@pytest.fixture(scope="module")
def _own_database(postgres: str, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    name = request.module.__name__.rpartition(".")[2]
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield _address(postgres, name)
    drop_database(postgres, name)


@pytest.fixture
def emptied_database_url(_own_database: str) -> Iterator[str]:
    """The same of a database that the tests of a file share: emptying one is far quicker than making another."""
    yield _own_database
    empty_database(_own_database)


@pytest.fixture
def database_url(fresh_database_url: str) -> str:
    """The owner's address of a migrated database without records; a folder says in its conftest if it shares one."""
    return fresh_database_url


@pytest.fixture
def settings(database_url: str, keys: Path) -> Settings:
    """Settings of an installation with nothing running but the database."""
    return Settings(database_url, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True, wake=keys.parent)


@pytest.fixture
def department(settings: Settings) -> Iterator[Callable[[str], Department]]:
    """Make the application of a department; its connections are closed after the test."""
    made: list[Department] = []

    def make(name: str) -> Department:
        made.append(assembly.department(name, settings))
        return made[-1]

    yield make
    for one in made:
        one.database.close()
        one.ring._database.close()


@pytest.fixture
def open_database(database_url: str) -> Iterator[Callable[[str], Database]]:
    """Open a database as a service; closed after the test."""
    opened: list[Database] = []

    def make(service: str, **options: Any) -> Database:
        opened.append(Database(database_url, service, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def _address(owner: str, database: str) -> str:
    return psycopg.conninfo.make_conninfo(owner, dbname=database)
