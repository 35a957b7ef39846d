"""A row of a log: a record, and by what the log finds it. All of it follows from the record's exact bytes. Pure."""

from dataclasses import dataclass

from shared.log.evidence import leaf_hash
from shared.log.hashes import about_hash, key_hash, name_hash, stream_hash
from shared.log.lookups import keys_of
from shared.log.record import RecordedEvent


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a log exactly as the database holds it, for verification and for reading in order.

    What lies between position and leaf follows from the body: it is what the row is found by.
    """

    position: int
    stream: int
    version: int
    name: bytes
    subject: int | None
    process: int | None
    target: int | None
    keys: list[bytes]
    leaf: bytes
    body: bytes


Found = tuple[int, int, bytes, int | None, int | None, int | None, list[bytes]]
"""What of a row lies between position and leaf."""


def found_by(event: RecordedEvent) -> Found:
    """Return by what a record is found in its log. Raises KeyError, TypeError or AttributeError for what is none."""
    attributes, keys = event.attributes, keys_of(event)
    kind, subject, process = attributes["type"], attributes.get("subject"), attributes.get("process")
    return (
        stream_hash(event.originator_id),
        event.originator_version,
        name_hash(attributes["source"], attributes["id"]),
        None if subject is None else about_hash(kind, f"subject/{subject}"),
        None if process is None else about_hash(kind, f"process/{process}"),
        attributes.get("target"),
        sorted({key_hash(kind, key) for key in keys}) if keys else [],
    )


def row_of(event: RecordedEvent) -> Row:
    """Return the row in which a log keeps a record."""
    body = event.encode()
    return Row(event.position, *found_by(event), leaf_hash(body), body)
