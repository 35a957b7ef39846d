"""The hashes by which a log is searched: what they stand for is in the record, so a long text is not kept twice.

`log_004.sql` computes the same. Texts that make up a hash together hold no line break, save the last.
"""

from hashlib import sha256
from struct import Struct

NAME_PREFIX = 8
"""How many bytes of a name's hash are those of its id."""

_INTEGER = Struct("!q").unpack_from


def stream_hash(stream: str) -> int:
    """Return the integer that stands for a stream; should two ever share it, they are numbered together."""
    found: int = _INTEGER(sha256(stream.encode()).digest())[0]
    return found


def name_hash(source: str, id_: str) -> bytes:
    """Return the 16 bytes that stand for an event's name. They begin with those of its id alone, see `id_range`."""
    own, whole = sha256(id_.encode()).digest(), sha256(f"{source}\n{id_}".encode()).digest()
    return own[:NAME_PREFIX] + whole[: 16 - NAME_PREFIX]


def id_range(id_: str) -> tuple[bytes, bytes]:
    """Return between which hashes those of all names with this id lie; another id may lie there too."""
    prefix, rest = sha256(id_.encode()).digest()[:NAME_PREFIX], 16 - NAME_PREFIX
    return prefix + b"\x00" * rest, prefix + b"\xff" * rest


def about_hash(type_name: str, party: str) -> int:
    """Return the integer that stands for a subject or process of a record of this type; others may share it."""
    found: int = _INTEGER(sha256(f"{type_name}\n{party}".encode()).digest())[0]
    return found


def key_hash(type_name: str, key: str) -> bytes:
    """Return the 16 bytes that stand for a lookup key of a record of this type."""
    return sha256(f"{type_name}\n{key}".encode()).digest()[:16]
