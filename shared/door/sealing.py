"""Sealing: what identifies a person is encrypted, with the keys of the whole batch fetched or made at once."""

from collections.abc import Iterator, Sequence

from shared.door.deciding import Accepted
from shared.door.reading import stored
from shared.keys.ring import KeyRing
from shared.log.record import RecordedEvent


def seal(accepted: Sequence[Accepted], ring: KeyRing) -> dict[int, RecordedEvent]:
    """Return the records of the accepted events by position, sealed fields sealed. Raises Unavailable."""
    sealed = iter(ring.seal_all([item for one in accepted for item in to_seal(one)]))
    return {one.record.position: filled(one, sealed) for one in accepted}


def to_seal(one: Accepted) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield person, place and text of each field to be sealed, in the order in which `filled` takes them."""
    person, place = one.record.subject or "organisation", (one.record.type, one.record.source, one.record.id)
    for name in one.event.declaration.sealed:
        if one.event.payload[name] is not None:
            yield person, (*place, name), str(one.event.payload[name])
    if one.restated is not None:
        inside = one.event.declaration.effect.payload  # type: ignore[union-attr]
        for name in one.restated.declaration.sealed:
            if one.restated.payload[name] is not None:
                yield person, (*place, f"{inside}/{name}"), str(one.restated.payload[name])


def filled(one: Accepted, sealed: Iterator[dict[str, str]]) -> RecordedEvent:
    """Return an accepted event's record with what was sealed in its place."""
    record = one.record
    data = stored(one.event.declaration, one.event.payload, sealed)
    if one.restated is not None:
        inside = one.event.declaration.effect.payload  # type: ignore[union-attr]
        data[inside] = stored(one.restated.declaration, one.restated.payload, sealed)
    return RecordedEvent(record.originator_id, record.originator_version, record.attributes, data, record.position)
