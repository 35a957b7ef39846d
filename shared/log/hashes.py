"""The hashes by which a log is searched: what they stand for is in the record, so a long text is not kept twice.

`log_004.sql` computes the same. Texts that make up a hash together hold no line break, save the last.
"""

import hashlib

NAME_PREFIX = 8
"""How many bytes of a name's hash are those of its id."""


def stream_hash(stream: str) -> int:
    """Return the integer that stands for a stream; should two ever share it, they are numbered together."""
    return _integer(stream)


def name_hash(source: str, id_: str) -> bytes:
    """Return the 16 bytes that stand for an event's name. They begin with those of its id alone, see `id_range`."""
    return _digest(id_)[:NAME_PREFIX] + _digest(f"{source}\n{id_}")[: 16 - NAME_PREFIX]


def id_range(id_: str) -> tuple[bytes, bytes]:
    """Return between which hashes those of all names with this id lie; another id may lie there too."""
    prefix, rest = _digest(id_)[:NAME_PREFIX], 16 - NAME_PREFIX
    return prefix + b"\x00" * rest, prefix + b"\xff" * rest


def about_hash(type_name: str, party: str) -> int:
    """Return the integer that stands for a subject or process of a record of this type; others may share it."""
    return _integer(f"{type_name}\n{party}")


def key_hash(type_name: str, key: str) -> bytes:
    """Return the 16 bytes that stand for a lookup key of a record of this type."""
    return _digest(f"{type_name}\n{key}")[:16]


def _integer(text: str) -> int:
    return int.from_bytes(_digest(text)[:8], "big", signed=True)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
