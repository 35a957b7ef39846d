"""What an auditor does with verdicts: judge everything anew beside a replay, and compare."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.entitlements.judging import Judging
from services.family_case.tables import Table

TABLES = (
    Table("judged", ("family", "county", "asks", "said", "failed"), ("judged", "wake")),
    Table(
        "open",
        (
            *("family", "rule", "subject", "who", "type", "urgency", "since", "due", "department", "division"),
            *("county", "clause", "state", "held_until"),
        ),
    ),
    Table("grants", ("family", "log", "position", "kind", "difficult", "day", "year")),
    Table("progress", (), ("only_row", "reached")),
)
"""Every table of verdicts: the columns that follow from the logs and the day, and those that do not."""


def compare(live: Judging, rebuilt: Judging, upto: Mapping[str, int]) -> Iterator[str]:
    """Judge what is left on both sides, today; yield what differs, by table and family, never a value.

    `upto` says up to which position each log was replayed: whom later events concern is not compared.
    """
    yield from undeclared(live)
    for judging in (rebuilt, live):
        judging.catch_up()
    concerned = _concerned_since(live, upto)
    for table in TABLES:
        if not table.columns:
            continue
        here, there = (_rows(judging, table) for judging in (live, rebuilt))
        for family in sorted({row[0] for row in here ^ there} - concerned):
            yield f"{table.name}: the verdicts of {family} differ"


def undeclared(judging: Judging) -> Iterator[str]:
    """Yield the tables and columns beside the verdicts that nobody declared: they would be compared with nothing."""
    declared = {(table.name, column) for table in TABLES for column in (*table.columns, *table.apart)}
    rows = judging.database.all(
        "SELECT relname::text, attname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
        "WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2",
        judging.schema,
    )
    yield from (
        f"{table}: the column {column} is not declared to the audit"
        for table, column in rows
        if (table, column) not in declared
    )


def _rows(judging: Judging, table: Table) -> set[tuple[Any, ...]]:
    columns = ", ".join(f"{column}::text" for column in table.columns)
    return set(judging.database.all(f"SELECT {columns} FROM {judging.schema}.{table.name}"))


def _concerned_since(judging: Judging, upto: Mapping[str, int]) -> set[str]:
    """Return the families that events concern which were received after the replay began."""
    queries = judging.queries
    rows = queries.database.all(
        f"SELECT DISTINCT place.family FROM {queries.database.schema}.inbox AS own "
        "JOIN unnest(%s::text[], %s::bigint[]) AS limits (name, last) ON limits.name = own.log "
        "AND own.position > limits.last "
        f"JOIN {queries.views}.entries AS entry USING (log, position) "
        f"JOIN {queries.views}.places AS place ON place.key = entry.about WHERE place.family IS NOT NULL",
        list(upto),
        list(upto.values()),
    )
    return {row[0] for row in rows}
