"""FamilyCase: the aggregate that files each event of a family once, in the order of its source."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.json import Verbatim
from shared.language.catalogue import CATALOGUE, Effect, Opens
from shared.log.record import RecordedEvent
from shared.log.stream import Stream

EVENT_FILED = "family_case.event_filed"
SOURCE = "urn:yihu:family_case"
NO_FAMILY = "organisation"
"""The stream of events that are about no person: organisations, money, policy."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(slots=True)
class Arrival:
    """A department's event with the log it came from, and what it means for families."""

    log: str
    event: RecordedEvent
    leaf: bytes
    waited: bool = False
    """Whether it was received earlier: it may be on record already."""
    known: bool = field(init=False)
    """Whether this version of the program knows its type."""
    effect: Effect | None = field(init=False)
    """What its type does to families."""
    opened: Sequence[str] = field(init=False)
    """The persons it opens a case for."""
    readable: bool = field(init=False)
    """False for an opening that does not say for whom: a department that signs may still be mistaken."""

    def __post_init__(self) -> None:
        """Look up once what filing asks again and again."""
        declaration = CATALOGUE.get(self.event.type)
        self.known = declaration is not None
        self.effect = declaration.effect if declaration else None
        self.opened, self.readable = (), True
        if isinstance(self.effect, Opens):
            members = self.event.data.get(self.effect.members)
            self.readable = isinstance(members, list) and all(isinstance(person, str) for person in members)
            self.opened = members if self.readable else ()  # type: ignore[assignment]

    @property
    def opens(self) -> bool:
        """Whether it opens a family's case."""
        return isinstance(self.effect, Opens)

    @property
    def position(self) -> int:
        """The event's place in its department's log."""
        return self.event.position

    @property
    def key(self) -> str:
        """The event's place as one text; the id under which it is filed."""
        return f"{self.log}/{self.event.position}"

    def place(self) -> tuple[str, int]:
        """Return the event's place, for sorting."""
        return self.log, self.event.position

    def named(self) -> list[str]:
        """Return whom the event is about, and whom it opens a case for."""
        subject = self.event.subject
        return [*self.opened, subject] if isinstance(subject, str) else [*self.opened]


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
        said = Verbatim(event.encode())
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
