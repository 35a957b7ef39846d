"""What is measured with: records of fabricated families as the departments' logs keep them, and a bare table."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import psycopg

from services.departments import load_catalogue
from services.processes import assembly
from shared.language.catalogue import CATALOGUE, Declaration
from shared.log.record import RecordedEvent
from shared.log.recorder import Record, RecordMapper
from shared.settings import EMBEDDED_BUS, Settings

EVENTS_OF_A_FAMILY = 25
FEDERATION = "disability_federation"
AT = "2025-03-01T09:00:00+08:00"
SENTENCE = "经入户走访，家长希望就近入学并申请康复救助，已告知所需材料与办理期限。"
"""Makes a record about as long as those of the sample stories, some 500 bytes."""

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"

BARE = """
CREATE TABLE public.bare (
    position bigint PRIMARY KEY, stream text NOT NULL, version integer NOT NULL, type text NOT NULL,
    body bytea NOT NULL, UNIQUE (stream, version)
)"""


@dataclass
class Families:
    """Makes records of families, department by department, in the order of each log."""

    seed: int = 1

    def __post_init__(self) -> None:
        load_catalogue()
        self.random = random.Random(self.seed)  # noqa: S311
        self.types = {name: _plain(name) for name in assembly.NAMES}
        self.mapper = RecordMapper(transcoder=None)  # type: ignore[arg-type]

    def records(self, families: int) -> Iterator[tuple[str, Record]]:
        """Yield department and record of so many families, 25 of each, opened first, interleaved by tens."""
        for ten in range(0, families, 10):
            some = [self._family(ten + number) for number in range(min(10, families - ten))]
            for step in zip(*some, strict=True):
                yield from step

    def _family(self, number: int) -> Iterator[tuple[str, Record]]:
        tokens = ["p-" + "".join(self.random.choices(LETTERS, k=32)) for _ in range(3)]
        opened = {"members": tokens, "head": tokens[0], "hukou_type": "rural", "division": "421221", "source": "survey"}
        yield self._record(f"{FEDERATION}.family_case_opened", number, 1, tokens[0], opened)
        departments = [FEDERATION] * 6 + [name for name in assembly.NAMES if name != FEDERATION] * 3
        versions = {FEDERATION: 1}
        for name in departments:
            versions[name] = versions.get(name, 0) + 1
            declaration = self.random.choice(self.types[name])
            data = {"note": SENTENCE, "amount": f"{self.random.randrange(10_000)}.00", "from_date": "2025-03-01"}
            yield self._record(declaration.type, number, versions[name], tokens[0], data)

    def _record(
        self, type_name: str, family: int, version: int, subject: str, data: dict[str, object]
    ) -> tuple[str, Record]:
        name = type_name.partition(".")[0]
        attributes = {
            "specversion": "1.0",
            "id": f"{self.seed}-{family:x}-{name}-{version}",
            "source": f"urn:yihu:{name}:desk",
            "type": type_name,
            "time": AT,
            "recordedtime": AT,
            "loggedtime": "2025-03-01T09:00:00.123+08:00",
            "fingerprint": "".join(self.random.choices(LETTERS, k=22)),
            "subject": subject,
            "division": "421221",
        }
        event = RecordedEvent(f"subject/{subject}", version, attributes, dict(data))
        return name, self.stored(event)

    def stored(self, event: RecordedEvent) -> Record:
        """Return an event as the library hands it to a recorder."""
        found = self.mapper.to_stored_event(event)
        assert isinstance(found, Record)
        return found


def with_database(url: str, name: str, directory: Path) -> Settings:
    """Return the settings of an installation with a database and a directory of its own."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    found = psycopg.conninfo.make_conninfo(url, dbname=name)
    assembly.migrate_all(found)
    own = directory / name
    own.mkdir()
    return Settings(found, EMBEDDED_BUS, directory / "keys", "", allow_test_regions=True, wake=own)


def with_broker(settings: Settings, uri: str) -> Settings:
    """Return settings with RabbitMQ at an address."""
    return replace(settings, amqp_uri=uri)


def one_log() -> Iterator[Record]:
    """Yield ever new records as of one log, each family's in seven streams."""
    for seed in count(1):
        families = Families(seed)
        for name, record in families.records(4_000):
            event = replace(record.event, stream=f"{name}/{record.originator_id}", exact=b"")
            yield families.stored(event)


def _plain(department: str) -> list[Declaration]:
    return [one for one in CATALOGUE if one.department == department and one.effect is None]
