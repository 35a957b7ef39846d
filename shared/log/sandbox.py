"""The throw-away log of a sandbox: since when it is filled, and emptying it."""

from datetime import datetime, timedelta
from typing import cast

from shared.postgres.database import Database

DAYS = 30
"""How long a sandbox keeps what it was sent, days; then all of it goes, when it is used next."""


def filled_since(database: Database, *, longest: timedelta = timedelta(days=DAYS)) -> datetime:
    """Return since when the log is filled; one that is older than `longest` is emptied first. Raises Unavailable."""
    row = database.one(f"SELECT {database.schema}.filled_since(%s)", longest)
    return cast("tuple[datetime]", row)[0]


def empty(database: Database) -> datetime:
    """Empty the log; return since when it is filled now. Raises Unavailable."""
    return filled_since(database, longest=timedelta(0))
