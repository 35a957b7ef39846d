"""Migrations: run once at start, under a lock, each in a transaction; a database from a newer version is refused."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources import files

import psycopg
from psycopg import sql

from shared.errors import YihuError
from shared.postgres.database import Tx, role_of

NAME = re.compile(r"[a-z][a-z0-9_]{1,50}")


class NewerSchema(YihuError):
    """The database was written by a newer version of this program."""

    def __init__(self) -> None:
        super().__init__(
            "newer_schema",
            "数据库由更新版本的程序写入；请改用该版本或更新的程序启动。",
            "The database was written by a newer version of this program; start that version or a newer one.",
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema to migrate: its name, the service whose role uses it, and its migration sets.

    A set is `package:prefix`: the package's files `migrations/<prefix>_NNN.sql` in order.
    """

    name: str
    service: str
    sets: tuple[str, ...]


def migrate(conninfo: str, schemas: Iterable[Schema], also: Callable[[Tx], None] | None = None) -> None:
    """Bring schemas up to date, under a lock, in one transaction. `conninfo` is the owner's.

    `also` does what SQL alone cannot, at the end of that transaction. Raises NewerSchema when a migration was applied
    that this version does not have.
    """
    schemas = tuple(schemas)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('yihu migrations', 0))")
        connection.execute("CREATE SCHEMA IF NOT EXISTS yihu")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS yihu.migrations "
            "(service text, migration text, PRIMARY KEY (service, migration))"
        )
        applied = set(connection.execute("SELECT service, migration FROM yihu.migrations").fetchall())
        names = {schema.name for schema in schemas}
        known = {(schema.name, name) for schema in schemas for name, _ in _scripts(schema.sets)}
        if {pair for pair in applied if pair[0] in names} - known:
            raise NewerSchema
        for schema in schemas:
            _create(connection, schema)
            for name, script in _scripts(schema.sets):
                if (schema.name, name) not in applied:
                    text = script.replace("{schema}", schema.name).replace("{role}", role_of(schema.service))
                    connection.execute(text.encode())
                    connection.execute("INSERT INTO yihu.migrations VALUES (%s, %s)", (schema.name, name))
        if also is not None:
            also(connection)


def drop(conninfo: str, schemas: Iterable[Schema]) -> None:
    """Remove schemas and forget their migrations (those of a replay)."""
    with psycopg.connect(conninfo) as connection:
        for schema in schemas:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema.name)))
            connection.execute("DELETE FROM yihu.migrations WHERE service = %s", (schema.name,))


def _create(connection: "psycopg.Connection[tuple[object, ...]]", schema: Schema) -> None:
    if not NAME.fullmatch(schema.name) or not NAME.fullmatch(schema.service):
        raise ValueError(schema.name)
    role = sql.Identifier(role_of(schema.service))
    connection.execute(
        sql.SQL(
            "DO $$ BEGIN CREATE ROLE {role} NOLOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ).format(role=role)
    )
    connection.execute(sql.SQL("GRANT {role} TO CURRENT_USER").format(role=role))
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema.name)))


def _scripts(sets: tuple[str, ...]) -> list[tuple[str, str]]:
    found = []
    for name in sets:
        package, prefix = name.split(":")
        folder = files(package).joinpath("migrations")
        scripts = sorted(entry.name for entry in folder.iterdir() if re.fullmatch(rf"{prefix}_\d+\.sql", entry.name))
        found += [(script, folder.joinpath(script).read_text(encoding="utf-8")) for script in scripts]
    return found
