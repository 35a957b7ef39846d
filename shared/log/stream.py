"""A stream of a log: the records of one process, person, organisation or family.

It fits the `eventsourcing` library's aggregate protocol (id, version, collect_events) and is stdlib only. To append to
a stream its version is enough; what a rule or a reader asks of the past, the log answers.
"""

from dataclasses import dataclass, field
from typing import Any

from shared.log.record import RecordedEvent


@dataclass
class Stream:
    """The place where the next record goes, and the records not yet saved."""

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
