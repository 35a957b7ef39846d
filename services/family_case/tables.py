"""The read models as tables: each is declared where it is filled, so that the audit compares every one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.postgres.database import Tx, column


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the read models: the columns that follow from the logs alone, and those `apart` that do not.

    It has the columns `log` and `position`: where the newest event that a row follows from stands. Of a table with
    `where`, only those rows follow from the logs.
    """

    name: str
    columns: tuple[str, ...]
    apart: tuple[str, ...] = ()
    where: str = "true"


PROJECTED: list[Table] = []
"""Every table that was declared."""


def declare(name: str, columns: str, apart: str = "", where: str = "true") -> Table:
    """Declare a table to the audit; the names of its columns are separated by blanks."""
    table = Table(name, tuple(columns.split()), tuple(apart.split()), where)
    PROJECTED.append(table)
    return table


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows for a table: the types of their columns, with blanks between, and what happens on a conflict."""

    table: str
    types: str
    rows: Sequence[tuple[Any, ...]]
    then: str = ""


def write(tx: Tx, *inserts: Insert) -> None:
    """Insert rows into several tables by one statement."""
    parts: list[str] = []
    values: list[Any] = []
    for number, one in enumerate(one for one in inserts if one.rows):
        parts.append(f"w{number} AS (INSERT INTO {one.table} SELECT * FROM unnest({arrays(one.types)}) {one.then})")
        values += arguments(one.types, one.rows)
    if parts:
        tx.execute(f"WITH {', '.join(parts)} SELECT 1".encode(), values)


def arrays(types: str) -> str:
    """Return the placeholders for the columns of some rows."""
    return ", ".join(f"%b::text[]::{kind}[]" if kind in _AS_TEXT else f"%b::{kind}[]" for kind in types.split())


def arguments(types: str, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Return the columns of some rows as arguments; days and truths as text."""
    kinds = ["text" if kind in _AS_TEXT else kind for kind in types.split()]
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    return [column(kind, list(values)) for kind, values in zip(kinds, columns, strict=True)]


_AS_TEXT = {"date", "boolean"}
