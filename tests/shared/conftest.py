"""The tests of a file share one database and each finds it empty: emptying is far quicker than making another."""

from collections.abc import Iterator

import psycopg
import pytest

EMPTY = """
DO $$
DECLARE
    found regclass;
BEGIN
    FOR found IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^pg_|^information_'
                 AND relnamespace <> 'yihu'::regnamespace AND relname <> 'relayed' LOOP
        IF (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', found), false, true, '')))[1]::text
           <> '0' THEN
            EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', found);
            EXECUTE format('DELETE FROM %s', found);
            EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', found);
        END IF;
    END LOOP;
    FOR found IN SELECT oid FROM pg_class WHERE relname = 'relayed' LOOP
        EXECUTE format('UPDATE %s SET position = 0 WHERE position <> 0', found);
    END LOOP;
END $$
"""


@pytest.fixture(scope="module")
def own_database(postgres: str, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """Make a migrated database for one file of tests; yield its owner's address."""
    name = request.module.__name__.rpartition(".")[2]
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield psycopg.conninfo.make_conninfo(postgres, dbname=name)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def database_url(own_database: str) -> Iterator[str]:
    """Yield the owner's address of a migrated database without records."""
    yield own_database
    with psycopg.connect(own_database) as owner:
        owner.execute(EMPTY)
