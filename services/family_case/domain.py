"""FamilyCase: the aggregate that files each event of a family once, in the order of its source."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.aggregate import Snapshot, Stream
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


@dataclass
class FamilyCase(Stream):
    """What was filed in one family's case: the places (`log/position`) of the events."""

    filed: set[str] = field(default_factory=set)

    def file(self, arrival: Arrival, now: str) -> bool:
        """File an event; return whether it was filed now. One already filed is ignored."""
        event = arrival.event
        place = arrival.key
        if place in self.filed:
            return False
        attributes = {
            "specversion": "1.0",
            "id": place,
            "source": SOURCE,
            "type": EVENT_FILED,
            "time": event.attributes["time"],
            "loggedtime": now,
        }
        said = {
            "log": arrival.log,
            "position": arrival.position,
            "leaf": arrival.leaf.hex(),
            "event": event.attributes
            | {"stream": event.originator_id, "streamversion": event.originator_version, "data": event.data},
        }
        if event.subject:
            attributes["subject"] = event.subject
        self.record(attributes, said)
        self.filed.add(place)
        return True

    @property
    def state(self) -> dict[str, Any]:
        """What a snapshot keeps."""
        return {"filed": sorted(self.filed)}


def fold_case(case: FamilyCase | None, events: Iterable[Any]) -> FamilyCase | None:
    """Rebuild a case from a snapshot and records (the library's projector function)."""
    for event in events:
        case = case or FamilyCase(event.originator_id)
        case.version = event.originator_version
        if isinstance(event, Snapshot):
            case.filed = set(event.state["filed"])
        else:
            case.filed.add(event.id)
    return case


def case_number(opening: RecordedEvent, attempt: int = 0) -> str:
    """Return a family's case number: `XN-F-` and 8 Crockford base32 characters, from the event that opened it.

    It holds nothing personal and is the same wherever the logs are replayed. `attempt` makes the next one should two
    openings ever give the same number.
    """
    digest = hashlib.sha256(f"{opening.source}\n{opening.id}\n{attempt}".encode()).digest()
    number = int.from_bytes(digest[:5], "big")
    return "XN-F-" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))
