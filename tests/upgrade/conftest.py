"""An installation of the version before, opened by today's program (see before/README.md)."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.departments import load_catalogue
from services.processes import assembly
from services.processes.installation import Installation
from shared.postgres.database import role_of
from shared.postgres.embedded import _binaries
from shared.settings import EMBEDDED_BUS, Settings
from tests.world import drop_database

BEFORE = Path(__file__).parent / "before"
_numbers = count(1)


def unpacked(name: str) -> Any:
    """Return a packed JSON file of the version before."""
    return json.loads(gzip.decompress((BEFORE / name).read_bytes()))


@dataclass(frozen=True)
class Old:
    """A copy of the old installation: its database, and its data directory with keys and receipts."""

    database_url: str
    directory: Path

    @property
    def installation(self) -> Installation:
        """The files, as today's program sees them."""
        return Installation(self.directory)

    @property
    def settings(self) -> Settings:
        """Settings of an installation that runs on it."""
        keys = self.installation.keys
        return Settings(self.database_url, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)

    def upgrade(self) -> None:
        """Do what `yihu up` does before it starts anything."""
        self.installation.prepare(self.settings)


@pytest.fixture(scope="session")
def old_database(postgres: str) -> str:
    """The name of a database that holds what the version before stored."""
    load_catalogue()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE before_yihu")
        for service in (*assembly.SERVICES, "key_ring"):
            connection.execute(
                f"DO $$ BEGIN CREATE ROLE {role_of(service)} NOLOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$".encode()
            )
            connection.execute(f"GRANT {role_of(service)} TO CURRENT_USER".encode())
    address = psycopg.conninfo.make_conninfo(postgres, dbname="before_yihu")
    dump = gzip.decompress((BEFORE / "database.sql.gz").read_bytes())
    psql = [_binaries() / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", address]
    subprocess.run(psql, input=dump, check=True, capture_output=True)
    return "before_yihu"


@pytest.fixture(scope="session")
def copy_of_old(postgres: str, old_database: str) -> Iterator[Callable[[Path], Old]]:
    """Make a copy of the old installation in a directory."""
    made: list[str] = []

    def make(directory: Path) -> Old:
        name = f"upgrade_{next(_numbers)}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {old_database}".encode())
        made.append(name)
        for part in ("keys", "receipts"):
            shutil.copytree(BEFORE / part, directory / part)
        for key in (directory / "keys").iterdir():
            key.chmod(0o600)
        return Old(psycopg.conninfo.make_conninfo(postgres, dbname=name), directory)

    yield make
    for name in made:
        drop_database(postgres, name)


@pytest.fixture
def old(copy_of_old: Callable[[Path], Old], tmp_path: Path) -> Old:
    """A copy of the old installation, not yet upgraded."""
    return copy_of_old(tmp_path / "data")
