"""What senders had refused, counted: by day, system, type and reason, never with a value (the table `refused`)."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from shared.postgres.database import Database, column

DAYS = 30
"""How long what was refused is kept, days; the day in China counts."""
ROWS = 2_000
"""How many rows a day has at most; what has none then is counted together."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused: the system that sent it, its type, the code of the fault and where it is."""

    source: str
    type: str
    code: str
    pointer: str


def count(database: Database, reasons: Counter[Reason]) -> None:
    """Add to what was refused today. Raises Unavailable."""
    found = list(reasons.items())
    database.one(
        f"SELECT {database.schema}.refuse(%b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b, %b)",
        *(column("text", [getattr(reason, name) for reason, _ in found]) for name in Reason.__slots__),
        column("bigint", [number for _, number in found]),
        DAYS,
        ROWS,
    )


def refused(database: Database, days: int) -> list[dict[str, Any]]:
    """Return what was refused in the last days, today among them, the most frequent first. Raises Unavailable."""
    rows = database.all(
        f"SELECT source, type, code, pointer, sum(number)::bigint, min(first), max(last) "
        f"FROM {database.schema}.refused "
        "WHERE day > (now() AT TIME ZONE 'Asia/Shanghai')::date - %s::integer "
        "GROUP BY source, type, code, pointer ORDER BY 5 DESC, 1, 2, 3, 4",
        days,
    )
    names = ("source", "type", "code", "pointer", "count")
    return [
        dict(zip(names, row[:5], strict=True))
        | {"first": row[5].isoformat(timespec="seconds"), "last": row[6].isoformat(timespec="seconds")}
        for row in rows
    ]
