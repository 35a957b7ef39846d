"""A family case without a bus: departments' logs and the application that receives from them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

import pytest

from services.family_case.audit import document
from services.family_case.filing import FamilyCases
from services.family_case.reading import Queries, Reader
from services.processes import assembly
from shared.door.department import Department
from shared.log.record import RecordedEvent
from shared.postgres.database import Database
from shared.postgres.migrate import drop, migrate
from shared.settings import Settings
from tests.world import story

_schemas = count(1)
READER = Reader("test", "case_worker")
Told = tuple[str, RecordedEvent]


@dataclass
class Hub:
    """The departments' logs, a family case on a schema of its own, and questions to it."""

    settings: Settings
    departments: Callable[[str], Department]
    database: Database
    made: dict[str, Department] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cases = FamilyCases(self.database)
        self.queries = Queries(self.database, assembly.NAMES)

    def say(self, *events: dict[str, Any]) -> list[Told]:
        """Let the departments record events; return them with their logs."""
        told = []
        for event in events:
            log = event["type"].partition(".")[0]
            department = self.made.get(log) or self.departments(log)
            self.made[log] = department
            receipt, _ = department.receive(event)
            told.append((log, department.recorder.at([receipt["position"]])[0]))
        return told

    def receive(self, told: list[Told]) -> None:
        """Receive events one by one, in the given order."""
        for log, event in told:
            self.cases.receive(log, [event])

    def tell(self, *events: dict[str, Any]) -> list[Told]:
        """Let the departments record events, and receive them."""
        told = self.say(*events)
        self.receive(told)
        return told

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        """Ask the family case's database; `{views}` and `{case}` are its schemas."""
        schema = self.database.schema
        return self.database.all(query.format(views=f"{schema}_views", case=schema), *params)

    @property
    def families(self) -> list[str]:
        """The case numbers."""
        return [family["family"] for family in self.queries.families()]

    def document(self, family: str = "", known: date | None = None, effective: date | None = None) -> Any:
        """Return a family's history as JSON; without a name, of the only family."""
        [family] = [family] if family else self.families
        return self.queries.open(family, READER, "test", known, effective)

    def ids(self, family: str = "") -> list[str]:
        """Return the ids of a family's events in the order of its history."""
        return [entry["id"] for entry in self.document(family)["entries"]]

    def documents(self) -> dict[str, bytes]:
        """Return every family's history as canonical bytes."""
        return {family: document(self.queries, family) for family in self.families}

    def waiting(self) -> list[tuple[str, str, int]]:
        """Return what waits: log, reason and number."""
        return [(row["log"], row["reason"], row["events"]) for row in self.queries.waiting()]


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    """The tests of a file share a database, and each finds it empty."""
    return emptied_database_url


@pytest.fixture
def hub(settings: Settings, department: Callable[[str], Department], open_database: Callable[..., Database]) -> Hub:
    """Make a family case with nothing in it."""
    return Hub(settings, department, open_database("family_case"))


@pytest.fixture
def another_hub(hub: Hub, open_database: Callable[..., Database]) -> Iterator[Callable[[], Hub]]:
    """Make an empty family case beside the same departments; it goes away after the test."""
    made: list[str] = []

    def make() -> Hub:
        name = f"replay_{next(_schemas)}"
        made.append(name)
        migrate(hub.settings.database_url, assembly.schemas(name))
        return Hub(hub.settings, hub.departments, open_database("family_case", schema=name), hub.made)

    yield make
    for name in made:
        drop(hub.settings.database_url, assembly.schemas(name))


@pytest.fixture
def stories(hub: Hub) -> list[Told]:
    """Both stories as their departments recorded them, not yet received."""
    return hub.say(*story("a"), *story("b"))
