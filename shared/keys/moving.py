"""The one key ring that earlier versions had for all services, taken apart: each gets the keys its own records name.

A key keeps its id, so that what was sealed before goes on to open; it is wrapped anew under the service's own master
key, and retired: other services may have it too, so what is sealed from now on gets a key that only this one has.
Everything happens in the transaction of the caller: a program that is killed in the middle has done nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.keys.files import KeyMissing
from shared.keys.ring import rewrap
from shared.postgres.database import Tx, insert

SHARED_RING = "key_ring"
"""The schema of the ring that all services shared."""
IN_A_LOG = "SELECT convert_from(body, 'UTF8') AS text FROM {schema}.events"
"""Where a log's sealed values stand."""
_NAMED = '"key": ?"([0-9a-f]{32})"'
"""The id of a key, as it stands in a sealed value in JSON."""


@dataclass(frozen=True, slots=True)
class Heir:
    """A service that gets keys: its schema, a query for the texts that hold its sealed values, its master key."""

    schema: str
    texts: str
    master: bytes


def is_shared(tx: Tx) -> bool:
    """Whether the database still has the shared key ring."""
    row = tx.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{SHARED_RING}.keys",)).fetchone()
    return bool(row and row[0])


def take_apart(tx: Tx, old_master: bytes, heirs: Iterable[Heir]) -> None:
    """Give each heir the keys its records name, and remove the shared ring. Raises KeyMissing for the wrong master key.

    A key that no record names opens nothing, and goes with the ring.
    """
    for heir in heirs:
        _hand_over(tx, old_master, heir)
    tx.execute(f"DROP SCHEMA {SHARED_RING} CASCADE".encode())
    tx.execute("DELETE FROM yihu.migrations WHERE service = %s", (SHARED_RING,))


def _hand_over(tx: Tx, old_master: bytes, heir: Heir) -> None:
    named = f"SELECT (regexp_matches(text, %s, 'g'))[1] FROM ({heir.texts.format(schema=heir.schema)}) AS texts"
    query = f"SELECT person, key_id, wrapped FROM {SHARED_RING}.keys WHERE key_id IN ({named})"
    try:
        keys = [
            (person, key_id, rewrap(bytes(wrapped), key_id, old_master, heir.master))
            for person, key_id, wrapped in tx.execute(query.encode(), (_NAMED,)).fetchall()
        ]
    except ValueError:
        raise KeyMissing("master") from None
    insert(tx, f"{heir.schema}.keys (person, key_id, wrapped)", "text text bytea", keys)
    retire = f"UPDATE {heir.schema}.keys SET retired = true, made_at = old.made_at FROM {SHARED_RING}.keys AS old"
    tx.execute(f"{retire} WHERE old.key_id = keys.key_id".encode())
