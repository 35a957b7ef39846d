"""Sealing: fields that identify a person directly are encrypted under that person's own key (AES-256-GCM).

The keys are random, one for each person, and lie in the service's key ring wrapped by its master key. Destroying a
person's key makes everything sealed with it unreadable, while the logs still verify, because the hashes cover what is
sealed.
"""

import base64
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Broken
from shared.json import canonical
from shared.keys.signing import SUITE
from shared.postgres.database import Database, insert

NONCE_BYTES = 12
CACHED_KEYS = 10_000
"""How many keys are kept in memory; when there are more, the memory is emptied and filled anew."""


def is_sealed(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether a stored value is sealed."""
    return isinstance(value, dict) and value.keys() == {"sealed", "key", "value"}


class KeyRing:
    """The persons' keys of one service, in the table `keys` of its schema. `master` is 32 bytes from the key file.

    One key of a person seals; those retired at an upgrade only open what was sealed before. `database` is the ring's
    own: a new key is committed before anything sealed with it, whatever becomes of the event.
    """

    def __init__(self, database: Database, master: bytes) -> None:
        self._database = database
        self._table = f"{database.schema}.keys"
        self._master = AESGCM(master)
        self._current: dict[str, tuple[str, AESGCM]] = {}
        self._by_id: dict[str, AESGCM] = {}

    def seal(self, person: str, place: tuple[str, ...], text: str) -> dict[str, str]:
        """Encrypt `text` under the key of `person`, bound to its place: (type, source, event id, field)."""
        return self.seal_all([(person, place, text)])[0]

    def seal_all(self, items: Sequence[tuple[str, tuple[str, ...], str]]) -> list[dict[str, str]]:
        """Encrypt (person, place, text) each, in order; two queries at most find and make the keys of all persons."""
        keys = self._keys_of({person for person, _, _ in items})
        return [_seal(*keys[person], place, text) for person, place, text in items]

    def unseal(self, sealed: dict[str, str], place: tuple[str, ...]) -> str:
        """Decrypt a sealed value. Raises Broken if it was changed, moved to another place, or its key is gone."""
        bound = canonical(place) if sealed.get("sealed") == SUITE else b""  # another suite's seal is not ours to open
        try:
            raw = base64.b64decode(sealed["value"], validate=True)
            return self._key(sealed["key"]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound).decode()
        except (InvalidTag, KeyError, ValueError):
            raise Broken(
                "seal_broken",
                "密封内容被改动、被移位，或其密钥已不存在。",
                "A sealed value was changed or moved, or its key no longer exists.",
            ) from None

    def present(self, key_ids: Iterable[str]) -> set[str]:
        """Return which of these keys are in the table, whatever is still in memory: a destroyed one is not."""
        rows = self._database.all(f"SELECT key_id FROM {self._table} WHERE key_id = ANY(%s)", sorted(set(key_ids)))
        return {row[0] for row in rows}

    def forget(self) -> None:
        """Forget the keys in memory: those in the table are others now."""
        self._current.clear()
        self._by_id.clear()

    def _keys_of(self, persons: set[str]) -> dict[str, tuple[str, AESGCM]]:
        """Return id and key of each person; who has none yet gets one."""
        kept = [(person, self._current.get(person)) for person in persons]  # another thread may empty it meanwhile
        found = {person: one for person, one in kept if one is not None}
        missing = sorted(persons - found.keys())
        if missing:
            stored = self._stored(missing)
            new = [person for person in missing if person not in stored]
            if new:
                stored |= self._make(new)
            made = {
                person: (key_id, AESGCM(_unwrap(self._master, key_id, raw))) for person, (key_id, raw) in stored.items()
            }
            _remember(self._current, made)
            found |= made
        return found

    def _stored(self, persons: list[str]) -> dict[str, tuple[str, bytes]]:
        rows = self._database.all(
            f"SELECT person, key_id, wrapped FROM {self._table} WHERE person = ANY(%s) AND NOT retired", persons
        )
        return _wrapped(rows)

    def _make(self, persons: list[str]) -> dict[str, tuple[str, bytes]]:
        """Make the keys of persons, in their order: two processes that make the same ones wait, and never in a ring."""
        rows = [(person, *self._new()) for person in persons]
        with self._database.connection() as tx:
            then = "ON CONFLICT (person) WHERE NOT retired DO NOTHING RETURNING person, key_id, wrapped"
            made = _wrapped(insert(tx, f"{self._table} (person, key_id, wrapped)", "text text bytea", rows, then))
        if len(made) < len(persons):  # another process was quicker: its key is the person's
            made |= self._stored([person for person in persons if person not in made])
        return made

    def _new(self) -> tuple[str, bytes]:
        key_id = secrets.token_hex(16)
        return key_id, _wrap(self._master, key_id, AESGCM.generate_key(256))

    def _key(self, key_id: str) -> AESGCM:
        key = self._by_id.get(key_id)
        if key is None:
            row = self._database.one(f"SELECT wrapped FROM {self._table} WHERE key_id = %s", key_id)
            if row is None:
                raise KeyError(key_id)
            key = AESGCM(_unwrap(self._master, key_id, bytes(row[0])))
            _remember(self._by_id, {key_id: key})
        return key


def rewrap(wrapped: bytes, key_id: str, old: bytes, new: bytes) -> bytes:
    """Wrap a person's key, which one master key wraps, under another. Raises ValueError when `old` is not that one."""
    try:
        return _wrap(AESGCM(new), key_id, _unwrap(AESGCM(old), key_id, wrapped))
    except InvalidTag:
        raise ValueError from None


def _wrap(master: AESGCM, key_id: str, key: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + master.encrypt(nonce, key, key_id.encode())


def _unwrap(master: AESGCM, key_id: str, wrapped: bytes) -> bytes:
    return master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())


def _seal(key_id: str, key: AESGCM, place: tuple[str, ...], text: str) -> dict[str, str]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    cipher = key.encrypt(nonce, text.encode(), canonical(place))
    return {"sealed": SUITE, "key": key_id, "value": base64.b64encode(nonce + cipher).decode()}


def _wrapped(rows: Iterable[Sequence[Any]]) -> dict[str, tuple[str, bytes]]:
    return {person: (key_id, bytes(wrapped)) for person, key_id, wrapped in rows}


def _remember(cache: dict[str, Any], found: dict[str, Any]) -> None:
    if len(cache) + len(found) > CACHED_KEYS:
        cache.clear()
    cache |= found
