"""The hashes by which a log is searched: what they stand for is in the record, so a long text is not kept twice.

Each text is hashed alone, by SHA-256; what stands for two texts is put together of both. `log_004.sql` does the same.
"""

from functools import lru_cache
from hashlib import sha256
from struct import Struct

NAME_PREFIX = 10
"""How many bytes of a name's hash are those of its id; the others are those of its source."""

_INTEGER = Struct("!q").unpack_from


@lru_cache(4_096)
def _digest(text: str) -> bytes:
    """Return the digest of a text that comes again soon: a type, a source, a stream."""
    return sha256(text.encode()).digest()


def stream_hash(stream: str) -> int:
    """Return the integer that stands for a stream; should two ever share it, they are numbered together."""
    found: int = _INTEGER(_digest(stream))[0]
    return found


def name_hash(source: str, id_: str) -> bytes:
    """Return the 16 bytes that stand for an event's name. They begin with those of its id, see `id_range`."""
    return sha256(id_.encode()).digest()[:NAME_PREFIX] + _digest(source)[: 16 - NAME_PREFIX]


def id_range(id_: str) -> tuple[bytes, bytes]:
    """Return between which hashes those of all names with this id lie."""
    prefix, rest = sha256(id_.encode()).digest()[:NAME_PREFIX], 16 - NAME_PREFIX
    return prefix + b"\x00" * rest, prefix + b"\xff" * rest


def party_hash(subject: str) -> int:
    """Return the integer that stands for whom a record in a process is about; others may share it."""
    found: int = _INTEGER(_digest(f"subject/{subject}"), 8)[0]
    return found


def key_hash(type_name: str, key: str) -> bytes:
    """Return the 16 bytes that stand for a lookup key of a record of this type."""
    return sha256(f"{type_name}\n{key}".encode()).digest()[:16]
