from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from shared.postgres.database import Database, Unavailable, column, insert

Open = Callable[..., Database]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("text", ["", "一户", None, "a" * 70_000]),
        ("bytea", [b"", b"\x00\xff", None]),
        ("integer", [0, -1, 2**31 - 1, None]),
        ("bigint", [0, -(2**63), 2**63 - 1, None]),
        ("text", []),
    ],
)
def test_a_column_arrives_as_it_was(kind: str, values: list[Any], open_database: Open) -> None:
    row = open_database("education").one(f"SELECT %b::{kind}[]", column(kind, values))
    assert row == (values,)


def test_rows_are_inserted_by_one_statement_or_not_at_all(open_database: Open) -> None:
    database = open_database("family_case")
    rows = [("education", 1, b"x"), ("education", 2, b"y")]
    with database.transaction() as tx:
        returned = insert(tx, "family_case.inbox", "text bigint bytea", rows, "RETURNING position")
        assert insert(tx, "family_case.inbox", "text bigint bytea", []) == []
    assert returned == [(1,), (2,)]
    with pytest.raises(psycopg.errors.UniqueViolation), database.transaction() as tx:
        insert(tx, "family_case.inbox", "text bigint bytea", [("education", 3, b"z"), rows[0]])
    assert database.all("SELECT log, position, leaf FROM family_case.inbox ORDER BY position") == rows


def test_a_statement_outside_a_transaction_stands_by_itself(open_database: Open) -> None:
    database = open_database("education")
    with database.connection() as connection:
        connection.execute("UPDATE education.relayed SET position = 7")
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT 1 FROM nowhere")
    assert database.one("SELECT position FROM education.relayed") == (7,)


def test_a_connection_whose_server_has_ended_it_is_replaced_before_its_use(
    open_database: Open, database_url: str
) -> None:
    database = open_database("education", size=1)
    before = database.one("SELECT pg_backend_pid()")
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", before)
    after = database.one("SELECT pg_backend_pid()")
    assert after != before


def test_a_server_that_only_reads_is_unavailable_until_it_writes_again(open_database: Open, database_url: str) -> None:
    database, name = open_database("education", size=1), psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
        try:
            with pytest.raises(Unavailable), database.transaction() as tx:
                tx.execute("UPDATE education.relayed SET position = 8")
            assert database.one("SELECT position FROM education.relayed") == (0,), "reading goes on"
        finally:
            owner.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())

    def write() -> None:
        with database.connection() as connection:
            connection.execute("UPDATE education.relayed SET position = 9")

    with pytest.raises(Unavailable):  # on the connection that only reads, which is left then
        write()
    write()
    assert database.one("SELECT position FROM education.relayed") == (9,)


def test_a_server_that_ends_it_in_the_middle_is_unavailable(open_database: Open, database_url: str) -> None:
    database = open_database("education", size=1)

    def ended() -> None:
        with database.transaction() as tx:
            with psycopg.connect(database_url, autocommit=True) as owner:
                owner.execute("SELECT pg_terminate_backend(%s, 5000)", (tx.info.backend_pid,))
            tx.execute("SELECT 1")

    with pytest.raises(Unavailable):
        ended()
    assert database.one("SELECT 1") == (1,)


def test_only_what_need_not_be_durable_is_not_waited_for(open_database: Open) -> None:
    assert open_database("education").one("SHOW synchronous_commit") == ("on",)
    assert open_database("education", durable=False).one("SHOW synchronous_commit") == ("off",)
