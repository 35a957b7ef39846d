"""Databases of a fault test's own, and what an auditor sees in them."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg

from services.family_case import audit
from services.processes import assembly
from shared.keys.files import Keys
from shared.log.reading import LogHere
from shared.log.recorder import LogRecorder
from shared.log.verify import Finding
from shared.postgres.database import Database
from shared.settings import EMBEDDED_BUS, Settings
from tests.world import drop_database

_numbers = count(1)


@contextmanager
def fresh_database(postgres: str, template: str, keys: Path) -> Iterator[Settings]:
    """Make a copy of a database; yield the settings of an installation on it."""
    name = f"fault_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    address = psycopg.conninfo.make_conninfo(postgres, dbname=name)
    try:
        yield Settings(address, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)
    finally:
        drop_database(postgres, name)


class Auditor:
    """Verifies an installation again and again over connections that it keeps."""

    def __init__(self, settings: Settings, receipts: Path | None) -> None:
        self.receipts = receipts
        self.logs = {name: LogHere(Database(settings.database_url, name, size=1)) for name in assembly.NAMES}
        self.case = LogRecorder(Database(settings.database_url, "family_case", size=1))
        self.verifiers = {name: Keys(settings.keys).verifier(name) for name in assembly.SERVICES}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for recorder in (*self.logs.values(), self.case):
            recorder.database.close()

    def verify(self) -> tuple[dict[str, int], list[Finding]]:
        """Do what `yihu verify` does."""
        return audit.verify(self.logs, self.verifiers, self.case, self.receipts)

    def findings(self) -> list[Finding]:
        """Return what `yihu verify` finds."""
        return self.verify()[1]


def keep_receipts(directory: Path, receipts: Iterable[dict[str, Any]]) -> Path:
    """Write receipts down as an emitter does, each with its department's."""
    directory.mkdir(parents=True, exist_ok=True)
    for receipt in receipts:
        with (directory / f"{receipt['log'].removeprefix('yihu/')}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(receipt, ensure_ascii=False, sort_keys=True) + "\n")
    return directory


def histories(settings: Settings) -> dict[str, bytes]:
    """Return every family's history as canonical bytes."""
    queries = assembly.queries(settings)
    found = {row["family"]: audit.document(queries, row["family"]) for row in queries.families()}
    queries.database.close()
    return found
