from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import psycopg
import pytest

from services.departments import DEPARTMENTS
from services.processes import assembly
from shared.postgres.database import Tx, role_of
from shared.postgres.migrate import NewerSchema, Schema, drop, migrate
from tests.world import drop_database

_numbers = count(1)

# Everything a migration can make or change, as the catalogue of PostgreSQL has it; xmin tells of any rewrite.
STATE = {
    "tables": "SELECT oid::text, relname, relkind, relacl::text, xmin::text FROM pg_class WHERE relnamespace IN {ours}",
    "columns": "SELECT attrelid::text, attname, xmin::text FROM pg_attribute WHERE attrelid IN "
    "(SELECT oid FROM pg_class WHERE relnamespace IN {ours})",
    "functions": "SELECT oid::text, prosrc, proacl::text, xmin::text FROM pg_proc WHERE pronamespace IN {ours}",
    "triggers": "SELECT oid::text, tgname, xmin::text FROM pg_trigger WHERE tgrelid IN "
    "(SELECT oid FROM pg_class WHERE relnamespace IN {ours})",
    "schemas": "SELECT oid::text, nspname, nspacl::text, xmin::text FROM pg_namespace WHERE oid IN {ours}",
    "roles": "SELECT oid::text, rolname, rolcanlogin, rolsuper FROM pg_roles WHERE rolname LIKE 'yihu%'",
    "members": "SELECT oid::text, roleid, member FROM pg_auth_members",
    "applied": "SELECT service, migration, xmin::text FROM yihu.migrations",
    "relayed": "SELECT position, xmin::text FROM education.relayed",
}
OURS = "(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')"


@pytest.fixture
def empty_database(postgres: str) -> Iterator[str]:
    """Make a database in which there is nothing; yield its owner's address."""
    name = f"empty_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield psycopg.conninfo.make_conninfo(postgres, dbname=name)
    drop_database(postgres, name)


def state(database_url: str) -> dict[str, list[str]]:
    with psycopg.connect(database_url) as connection:
        return {
            name: sorted(str(row) for row in connection.execute(query.format(ours=OURS).encode()).fetchall())
            for name, query in STATE.items()
        }


def applied(database_url: str) -> set[tuple[str, str]]:
    with psycopg.connect(database_url) as connection:
        return {(row[0], row[1]) for row in connection.execute("SELECT * FROM yihu.migrations").fetchall()}


EXPECTED = (
    {(department.name, "log_001.sql") for department in DEPARTMENTS}
    | {("family_case", "log_001.sql"), ("family_case", "case_001.sql")}
    | {("family_case_views", "read_models_001.sql")}
    | {(service, "key_ring_001.sql") for service in assembly.SERVICES}
)


def test_a_first_start_makes_every_schema(empty_database: str) -> None:
    assembly.migrate_all(empty_database)
    assert applied(empty_database) >= EXPECTED


def test_a_second_start_changes_nothing(empty_database: str) -> None:
    assembly.migrate_all(empty_database)
    before = state(empty_database)
    assert all(before.values())
    assembly.migrate_all(empty_database)
    assert state(empty_database) == before


def test_a_database_of_one_department_has_its_schema_and_its_migrations_only(empty_database: str) -> None:
    assembly.migrate_all(empty_database, ["education"])
    assert {schema for schema, _ in applied(empty_database)} == {"education", "education_opened"}
    with psycopg.connect(empty_database) as owner:
        found = owner.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'").fetchall()
    assert {row[0] for row in found} == {"education", "education_opened", "information_schema", "public", "yihu"}


def test_what_else_is_done_stands_or_falls_with_the_migrations(empty_database: str) -> None:
    def fail(tx: Tx) -> None:
        tx.execute("SELECT FROM education.keys")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        assembly.migrate_all(empty_database, ["education"], fail)
    with psycopg.connect(empty_database) as owner:
        assert owner.execute("SELECT to_regnamespace('yihu'), to_regnamespace('education')").fetchone() == (None, None)


def test_eight_simultaneous_first_starts_all_succeed(empty_database: str) -> None:
    start = Barrier(8)

    def first_start(_: int) -> None:
        start.wait()
        assembly.migrate_all(empty_database)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(first_start, range(8)))
    assert applied(empty_database) >= EXPECTED
    once = state(empty_database)
    assembly.migrate_all(empty_database)
    assert state(empty_database) == once


def test_simultaneous_first_starts_of_several_databases_of_one_server_all_succeed(postgres: str) -> None:
    """The roles belong to the server, so each start meets the others' roles."""
    names = [f"side_{next(_numbers)}" for _ in range(4)]
    service = f"side_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as owner:
        for name in names:
            owner.execute(f"CREATE DATABASE {name}".encode())
    start = Barrier(len(names))

    def first_start(name: str) -> None:
        start.wait()
        for number in range(5):
            own = f"{service}_{number}"
            migrate(psycopg.conninfo.make_conninfo(postgres, dbname=name), [Schema(own, own, ("shared.log:log",))])

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(first_start, names))
    for name in names:
        drop_database(postgres, name)


def test_a_database_of_a_newer_version_is_refused_with_its_sentence(empty_database: str) -> None:
    assembly.migrate_all(empty_database)
    with psycopg.connect(empty_database) as owner:
        owner.execute("INSERT INTO yihu.migrations VALUES ('education', 'log_999.sql')")
    before = state(empty_database)
    with pytest.raises(NewerSchema) as newer:
        assembly.migrate_all(empty_database)
    assert newer.value.code == "newer_schema"
    assert newer.value.zh == "数据库由更新版本的程序写入；请改用该版本或更新的程序启动。"
    assert newer.value.en == (
        "The database was written by a newer version of this program; start that version or a newer one."
    )
    assert state(empty_database) == before


def test_a_migration_that_fails_leaves_nothing_behind(empty_database: str) -> None:
    """The case's tables need the log's function, so without the log they cannot be made."""
    with pytest.raises(psycopg.errors.UndefinedFunction):
        migrate(
            empty_database,
            [
                Schema("education", "education", ("shared.log:log",)),
                Schema("broken", "education", ("services.family_case:case",)),
            ],
        )
    with psycopg.connect(empty_database) as owner:
        assert owner.execute("SELECT to_regnamespace('yihu'), to_regnamespace('education')").fetchone() == (None, None)


def test_a_name_that_is_no_schema_name_is_refused(empty_database: str) -> None:
    for name in ("", "Education", "a", "1a", "a;b", "a b", 'a"b', "教育", "a" * 60):
        for schema in (Schema(name, "education", ("shared.log:log",)), Schema("education", name, ("shared.log:log",))):
            with pytest.raises(ValueError):  # noqa: PT011 - a programmer's mistake, it has no words
                migrate(empty_database, [schema])


def test_a_services_role_cannot_log_in_and_is_no_superuser(empty_database: str) -> None:
    assembly.migrate_all(empty_database)
    with psycopg.connect(empty_database) as owner:
        for service in assembly.SERVICES:
            row = owner.execute(
                "SELECT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles "
                "WHERE rolname = %s",
                (role_of(service),),
            ).fetchone()
            assert row == (False, False, False, False, False), service


def test_a_replays_schemas_can_be_dropped_and_made_again(empty_database: str) -> None:
    assembly.migrate_all(empty_database)
    before = applied(empty_database)
    fresh = assembly.schemas("replay_1")
    migrate(empty_database, fresh)
    assert {name for name, _ in applied(empty_database) - before} == {"replay_1", "replay_1_views", "replay_1_owed"}
    drop(empty_database, fresh)
    assert applied(empty_database) == before
    migrate(empty_database, fresh)
    drop(empty_database, fresh)
    with psycopg.connect(empty_database) as owner:
        assert owner.execute("SELECT to_regnamespace('replay_1_views')").fetchone() == (None,)
