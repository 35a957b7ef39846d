"""A row of a log: a record, and by what the log finds it. All of it follows from the record's exact bytes. Pure."""

from dataclasses import dataclass

from shared.log.evidence import leaf_hash
from shared.log.hashes import key_hash, name_hash, party_hash, stream_hash
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
    target: int | None
    keys: list[bytes]
    leaf: bytes
    body: bytes


Found = tuple[int, int, bytes, int | None, int | None, list[bytes]]
"""What of a row lies between position and leaf."""


def found_by(event: RecordedEvent) -> Found:
    """Return by what a record is found in its log. Raises KeyError, TypeError or AttributeError for what is none."""
    return (
        stream_of_row(event),
        event.originator_version,
        name_of_row(event),
        subject_of_row(event),
        event.target,
        lookup_keys(event),
    )


def stream_of_row(event: RecordedEvent) -> int:
    """Return the hash of a record's stream."""
    return stream_hash(event.originator_id)


def name_of_row(event: RecordedEvent) -> bytes:
    """Return the hash of a record's source and id."""
    return name_hash(event.attributes["source"], event.attributes["id"])


def subject_of_row(event: RecordedEvent) -> int | None:
    """Return the hash of whom a record in a process is about; others are found by the stream of whom they are about."""
    subject = event.attributes.get("subject")
    return None if subject is None or event.attributes.get("process") is None else party_hash(subject)


def lookup_keys(event: RecordedEvent) -> list[bytes]:
    """Return the hashes of a record's lookup keys, each once, in order."""
    keys = keys_of(event)
    return sorted({key_hash(event.type, key) for key in keys}) if keys else []


def row_of(event: RecordedEvent) -> Row:
    """Return the row in which a log keeps a record."""
    body = event.encode()
    return Row(event.position, *found_by(event), leaf_hash(body), body)
