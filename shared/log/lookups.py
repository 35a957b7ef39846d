"""Lookup keys: by what else than process and subject a department's rules ask for records, such as a family's member.

Keys are no evidence: they follow from the records and from which fields are declared to be keys. `reindex` writes them
anew when that changes; `verify` tells when they are not what follows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg

from shared.language.catalogue import CATALOGUE, Corrects, Opens
from shared.log.hashes import key_hash
from shared.log.record import RecordedEvent, decode
from shared.postgres.database import insert

Fields = Mapping[str, Sequence[str]]
"""For event types by name, the fields whose values are lookup keys."""

PAGE = 2_000
"""How many records are indexed at a time."""


def declared() -> Fields:
    """Return which fields are lookup keys: those that say who belongs to a family."""
    return {one.type: (one.effect.members,) for one in CATALOGUE if isinstance(one.effect, Opens)}


def keys_of(event: RecordedEvent, fields: Fields | None = None) -> list[str]:
    """Return the lookup keys of a record: persons, organisations (their codes) or other texts.

    A correction does not say the type of what it corrects: it has the keys of each field that is one anywhere in its
    department. What nobody asks for does no harm.
    """
    fields = declared() if fields is None else fields
    declaration = CATALOGUE.get(event.type)
    effect = declaration.effect if declaration else None
    if not isinstance(effect, Corrects):
        return _keys(event.data, fields.get(event.type, ()))
    department = event.type.partition(".")[0] + "."
    names = {name for type_name, names in fields.items() if type_name.startswith(department) for name in names}
    return _keys(event.data.get(effect.payload), sorted(names))


def reindex(connection: "psycopg.Connection[Any]", schema: str, fields: Fields) -> bool:
    """Write a log's lookup keys anew if other fields are keys now than when it was indexed; return whether it was so.

    For the owner, in one transaction; nobody appends meanwhile.
    """
    department = schema + "."
    own = {name: " ".join(fields[name]) for name in fields if name.startswith(department) and fields[name]}
    with connection.transaction():
        connection.execute(b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"yihu log {schema}",))
        if dict(connection.execute(f"SELECT type, fields FROM {schema}.looked_up".encode()).fetchall()) == own:
            return False
        connection.execute(f"ALTER TABLE {schema}.lookups DISABLE TRIGGER append_only".encode())
        connection.execute(f"TRUNCATE {schema}.lookups, {schema}.looked_up".encode())
        connection.execute(f"ALTER TABLE {schema}.lookups ENABLE TRIGGER append_only".encode())
        with connection.cursor(name="reindex", binary=True) as cursor:
            cursor.execute(f"SELECT position, body FROM {schema}.events ORDER BY position".encode())
            while page := cursor.fetchmany(PAGE):
                insert(connection, f"{schema}.lookups", "bigint uuid", _rows(page, fields))
        insert(connection, f"{schema}.looked_up", "text text", own.items())
    return True


def _rows(page: Iterable[tuple[int, bytes]], fields: Fields) -> list[tuple[int, bytes]]:
    events = [decode(body, position) for position, body in page]
    return sorted({(event.position, key_hash(event.type, key)) for event in events for key in keys_of(event, fields)})


def _keys(data: Any, names: Iterable[str]) -> list[str]:
    """Return the texts in these fields of a payload; of an organisation its code."""
    found: list[str] = []
    for name in names:
        value = data.get(name) if isinstance(data, dict) else None
        for one in value if isinstance(value, list) else [value]:
            key = one.get("code") if isinstance(one, dict) else one
            if isinstance(key, str):
                found.append(key)
    return found
