"""Lookup keys: by what else than process and subject a department's rules ask for records, such as a family's member.

Keys are no evidence: they follow from the records and from which fields are declared to be keys. `reindex` writes them
anew when that changes; `verify` tells when they are not what follows.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from shared.language.catalogue import ANYWHERE, CATALOGUE, Corrects, Declaration, Joins, Merges, Opens, Sets
from shared.language.rules import key_of
from shared.log.hashes import key_hash
from shared.log.record import RecordedEvent, decode
from shared.postgres.database import Tx, insert

PAGE = 2_000
"""How many records are indexed at a time."""


@cache
def fields_of(declaration: Declaration) -> tuple[str, ...]:
    """Return the fields of an event whose values are lookup keys.

    They say who belongs to a family, which family or person was merged into another, which base or organisation it is
    about, what else the declaration names, and by what an event of the same natural key is looked for. ANYWHERE is no
    field: it stands for every event of the type.
    """
    effect = declaration.effect
    members: tuple[str, ...] = ()
    if isinstance(effect, Opens):
        members = (effect.members,)
    elif isinstance(effect, Joins):
        members = (effect.person,)
    elif isinstance(effect, Merges):
        members = effect.merged
    elif isinstance(effect, Sets):
        members = (effect.parameter,)
    codes = [name for name in ("base", "uscc") if name in declaration.facts]
    handle = (declaration.handle,) if declaration.handle in declaration.facts else ()
    return tuple(dict.fromkeys((*members, *codes, *declaration.found_by, *handle)))


def keys_of(event: RecordedEvent) -> list[str]:
    """Return the lookup keys of a record.

    A correction does not say the type of what it corrects: it has the keys of each field that is one anywhere in its
    department. What nobody asks for does no harm.
    """
    declaration = CATALOGUE.get(event.attributes["type"])
    if declaration is None and (fields := _ALSO.get(event.attributes["type"])):
        return values_in(event.stored, fields)
    if declaration is None or not (where := _where(declaration))[1]:
        return []
    inside, names = where
    return values_in(event.data if inside is None else event.data.get(inside), names)


_ALSO: dict[str, tuple[str, ...]] = {}


def also(type_name: str, *fields: str) -> None:
    """Declare the lookup keys of records that no department declares: those of the program's own logs."""
    _ALSO[type_name] = fields


def may_have_keys(type_name: str) -> bool:
    """Whether records of a type can have lookup keys."""
    declaration = CATALOGUE.get(type_name)
    if type_name in _ALSO:
        return True
    return declaration is not None and bool(_where(declaration)[1])


@cache
def _where(declaration: Declaration) -> tuple[str | None, tuple[str, ...]]:
    """Return in which field of a payload the keys of a type are (None: in itself), and under which names."""
    if not isinstance(declaration.effect, Corrects):
        return None, fields_of(declaration)
    own = {name for one in CATALOGUE if one.department == declaration.department for name in fields_of(one)}
    return declaration.effect.payload, tuple(sorted(own - {ANYWHERE}))  # what it corrects is found by its own


def reindex(connection: Tx, department: str) -> bool:
    """Write a log's lookup keys anew if other fields are keys now than when it was indexed; return whether it was so.

    For the owner, in one transaction; nobody appends meanwhile.
    """
    own = {one.type: " ".join(fields_of(one)) for one in CATALOGUE if one.department == department and fields_of(one)}
    with connection.transaction():
        connection.execute(b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"yihu log {department}",))
        if dict(connection.execute(f"SELECT type, fields FROM {department}.looked_up".encode()).fetchall()) == own:
            return False
        connection.execute(f"ALTER TABLE {department}.lookups DISABLE TRIGGER append_only".encode())
        connection.execute(f"TRUNCATE {department}.lookups, {department}.looked_up".encode())
        connection.execute(f"ALTER TABLE {department}.lookups ENABLE TRIGGER append_only".encode())
        with connection.cursor(name="reindex", binary=True) as cursor:
            cursor.execute(f"SELECT position, body FROM {department}.events ORDER BY position".encode())
            while page := cursor.fetchmany(PAGE):
                insert(connection, f"{department}.lookups", "bigint uuid", _rows(page))
        insert(connection, f"{department}.looked_up", "text text", own.items())
    return True


def _rows(page: Iterable[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    events = [decode(body, position) for position, body in page]
    return sorted({(event.position, key_hash(event.type, key)) for event in events for key in keys_of(event)})


def values_in(data: Any, names: Iterable[str]) -> list[str]:
    """Return the texts in these fields of a payload, typed or stored; of an organisation its code."""
    found: list[str] = []
    for name in names:
        if name == ANYWHERE:
            found.append(ANYWHERE)
            continue
        value = data.get(name) if isinstance(data, dict) else None
        for one in value if isinstance(value, list | tuple) else [value]:
            key = one.get("code") if isinstance(one, dict) else key_of(one)
            if isinstance(key, str):
                found.append(key)
    return found
