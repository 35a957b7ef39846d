"""Sealing: what identifies a person is encrypted, with the keys of the whole batch fetched or made at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from shared.door.deciding import Accepted
from shared.door.reading import fields_to_seal, stored
from shared.keys.ring import KeyRing
from shared.log.record import RecordedEvent


def seal(accepted: Sequence[Accepted], ring: KeyRing) -> dict[int, RecordedEvent]:
    """Return the records of the accepted events by position, sealed fields sealed. Raises Unavailable."""
    sealed = iter(ring.seal_all([item for one in accepted for item in to_seal(one)]))
    return {one.record.position: filled(one, sealed) for one in accepted}


def to_seal(one: Accepted) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield person, place and text of each field to be sealed, in the order in which `filled` takes them."""
    record = one.record
    for name, text in fields_to_seal(one.event, one.restated):
        yield record.subject or "organisation", (record.type, record.source, record.id, name), text


def filled(one: Accepted, sealed: Iterator[dict[str, str]]) -> RecordedEvent:
    """Return an accepted event's record with what was sealed in its place."""
    return replace(one.record, stored=stored(one.event, one.restated, sealed))
