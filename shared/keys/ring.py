"""Sealing: fields that identify a person directly are encrypted under that person's own key (AES-256-GCM).

The keys are random, one for each person, and lie in the key ring wrapped by the master key. Destroying a person's key
makes everything sealed with it unreadable, while the logs still verify, because the hashes cover what is sealed.
"""

import base64
import secrets
from functools import lru_cache
from typing import Any, TypeGuard

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Broken
from shared.json import canonical
from shared.keys.signing import SUITE
from shared.postgres.database import Database

NONCE_BYTES = 12
CACHED_KEYS = 10_000


def is_sealed(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether a stored value is sealed."""
    return isinstance(value, dict) and value.keys() == {"sealed", "key", "value"}


class KeyRing:
    """The persons' keys. `master` is 32 bytes from the key file; `database` acts as the key ring's role."""

    def __init__(self, database: Database, master: bytes) -> None:
        self._database = database
        self._master = AESGCM(master)
        self._current = lru_cache(CACHED_KEYS)(self._current_key)
        self._by_id = lru_cache(CACHED_KEYS)(self._key)

    def seal(self, person: str, place: tuple[str, ...], text: str) -> dict[str, str]:
        """Encrypt `text` under the key of `person`, bound to its place: (type, event id, field)."""
        key_id, key = self._current(person)
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(key).encrypt(nonce, text.encode(), canonical(place))
        return {"sealed": SUITE, "key": key_id, "value": base64.b64encode(nonce + cipher).decode()}

    def unseal(self, sealed: dict[str, str], place: tuple[str, ...]) -> str:
        """Decrypt a sealed value. Raises Broken if it was changed, moved to another place, or its key is gone."""
        bound = canonical(place) if sealed.get("sealed") == SUITE else b""  # another suite's seal is not ours to open
        try:
            raw = base64.b64decode(sealed["value"], validate=True)
            key = self._by_id(sealed["key"])
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound).decode()
        except (InvalidTag, KeyError, ValueError):
            raise Broken(
                "seal_broken",
                "密封内容被改动、被移位,或其密钥已不存在。",
                "A sealed value was changed or moved, or its key no longer exists.",
            ) from None

    def _current_key(self, person: str) -> tuple[str, bytes]:
        found = self._newest(person)
        if found is None:
            key_id = secrets.token_hex(16)
            wrapped = self._wrap(key_id, AESGCM.generate_key(256))
            with self._database.transaction() as tx:
                tx.execute(
                    "INSERT INTO key_ring.keys (person, key_id, wrapped) VALUES (%s, %s, %s) "
                    "ON CONFLICT (person) DO NOTHING",
                    (person, key_id, wrapped),
                )
            found = self._newest(person)
        if found is None:
            raise KeyError(person)
        return found[0], self._unwrap(*found)

    def _newest(self, person: str) -> tuple[str, bytes] | None:
        row = self._database.one("SELECT key_id, wrapped FROM key_ring.keys WHERE person = %s", person)
        return None if row is None else (row[0], bytes(row[1]))

    def _key(self, key_id: str) -> bytes:
        row = self._database.one("SELECT wrapped FROM key_ring.keys WHERE key_id = %s", key_id)
        if row is None:
            raise KeyError(key_id)
        return self._unwrap(key_id, bytes(row[0]))

    def _wrap(self, key_id: str, key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, key, key_id.encode())

    def _unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        return self._master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.encode())
