"""FamilyCase: the aggregate that files each event of a family once, in the order of its source."""

import hashlib
from dataclasses import dataclass

from shared.aggregate import Stream
from shared.event import RecordedEvent

EVENT_FILED = "family_case.event_filed"
SOURCE = "urn:yihu:family_case"
NO_FAMILY = "organisation"
"""The stream of events that are about no person: organisations, money, policy."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A department's event with the log it came from."""

    log: str
    event: RecordedEvent
    leaf: bytes

    @property
    def position(self) -> int:
        """The event's place in its department's log."""
        return self.event.position

    @property
    def key(self) -> str:
        """The event's place as one text; the id under which it is filed."""
        return f"{self.log}/{self.position}"

    def place(self) -> tuple[str, int]:
        """Return the event's place, for sorting."""
        return self.log, self.position


class FamilyCase(Stream):
    """The stream of one family's case: every event filed in it, with the place (`log/position`) it came from."""

    def file(self, arrival: Arrival, now: str) -> RecordedEvent:
        """File an event; return the record. The log refuses the same place twice: it is the id of what is recorded."""
        event = arrival.event
        attributes = {
            "specversion": "1.0",
            "id": arrival.key,
            "source": SOURCE,
            "type": EVENT_FILED,
            "time": event.attributes["time"],
            "loggedtime": now,
        }
        if event.subject:
            attributes["subject"] = event.subject
        said = event.attributes | {
            "stream": event.originator_id,
            "streamversion": event.originator_version,
            "data": event.data,
        }
        filed = {"log": arrival.log, "position": arrival.position, "leaf": arrival.leaf.hex(), "event": said}
        return self.record(attributes, filed)


def case_number(opening: RecordedEvent, attempt: int = 0) -> str:
    """Return a family's case number: `XN-F-` and 8 Crockford base32 characters, from the event that opened it.

    It holds nothing personal and is the same wherever the logs are replayed. `attempt` makes the next one should two
    openings ever give the same number.
    """
    digest = hashlib.sha256(f"{opening.source}\n{opening.id}\n{attempt}".encode()).digest()
    number = int.from_bytes(digest[:5], "big")
    return "XN-F-" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))
