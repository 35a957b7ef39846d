"""A hook on every touch of the database, where a part of the program can be made to die."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.family_case import consumer
from services.processes import assembly
from shared.postgres.database import Database

MOMENTS = ("before use", "after use", "before commit")
"""When the program touches the database. After the use of a transaction it is committed, or it is part of another."""


class Crash(BaseException):
    """A part died here. No `except Exception` notices."""


@contextmanager
def touched_by(touch: Callable[[str], None]) -> Iterator[None]:
    """Call `touch` with one of MOMENTS at each; let the family case look at a log whenever it is told.

    Connections hold nothing of the program's, so they outlive a part that dies: a run makes many parts.
    """
    connection, transaction = Database.connection, Database.transaction
    opened: dict[Any, Database] = {}

    def connected(url: str, service: str, **options: Any) -> Database:
        key = service, *options.items()
        return opened.get(key) or opened.setdefault(key, Database(url, service, **options))

    @contextmanager
    def touched(database: Database) -> Iterator[Any]:
        touch("before use")
        with connection(database) as found:
            yield found
        touch("after use")

    @contextmanager
    def committed(database: Database) -> Iterator[Any]:
        with transaction(database) as tx:
            yield tx
            touch("before commit")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "connection", touched)
        patch.setattr(Database, "transaction", committed)
        patch.setattr(assembly, "Database", connected)
        patch.setattr(consumer, "LOOK_EVERY_S", 0.0)
        yield
    for database in opened.values():
        database.close()
