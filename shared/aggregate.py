"""A stream of a department's log: the records of one process, person or organisation.

It fits the `eventsourcing` library's aggregate protocol (id, version, collect_events) and is stdlib only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from shared.event import RecordedEvent

SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An aggregate's state after `originator_version` records."""

    originator_id: str
    originator_version: int
    state: dict[str, Any]

    @classmethod
    def take(cls, aggregate: Any) -> Self:
        """Take the snapshot of an aggregate that offers `state`."""
        return cls(aggregate.id, aggregate.version, aggregate.state)

    @classmethod
    def decode(cls, stream: str, version: int, body: bytes) -> Self:
        """Read a stored snapshot."""
        return cls(stream, version, orjson.loads(body))


@dataclass
class Stream:
    """The records of one stream, and those not yet saved."""

    id: str
    version: int = 0
    pending: list[RecordedEvent] = field(default_factory=list)

    def record(self, attributes: dict[str, Any], data: dict[str, Any]) -> RecordedEvent:
        """Append a record to the stream; it is kept when the application saves the stream."""
        event = RecordedEvent(self.id, self.version + 1, attributes, data)
        self.version += 1
        self.pending.append(event)
        return event

    def collect_events(self) -> list[RecordedEvent]:
        """Hand over the records not yet saved (the library's protocol)."""
        pending, self.pending = self.pending, []
        return pending


def fold(stream: Stream | None, events: Iterable[Any]) -> Stream | None:
    """Rebuild a stream from its records (the library's projector function)."""
    for event in events:
        stream = stream or Stream(event.originator_id)
        stream.version = event.originator_version
    return stream
