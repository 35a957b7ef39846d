# ruff: noqa: S608 - the names of tables come from the catalogue of PostgreSQL
"""The tests of a file share one database and each finds it empty: emptying is far quicker than making another."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.world import drop_database

TABLES = """
SELECT schemaname || '.' || tablename FROM pg_tables
WHERE schemaname !~ '^pg_' AND schemaname NOT IN ('information_schema', 'yihu') AND tablename <> 'relayed'
"""


@pytest.fixture(scope="module")
def own_database(postgres: str, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Make a migrated database for one file of tests; yield its owner's address."""
    name = request.module.__name__.rpartition(".")[2]
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield psycopg.conninfo.make_conninfo(postgres, dbname=name)
    drop_database(postgres, name)


@pytest.fixture
def database_url(own_database: str) -> Iterator[str]:
    """Yield the owner's address of a migrated database without records."""
    yield own_database
    with psycopg.connect(own_database) as owner:
        tables = [row[0] for row in owner.execute(TABLES).fetchall()]
        filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
        for (table,) in owner.execute(filled.encode()).fetchall():
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            owner.execute(f"DELETE FROM {table}".encode())
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
        for table in tables:
            if table.endswith(".events"):
                owner.execute(f"UPDATE {table.removesuffix('events')}relayed SET position = 0".encode())
