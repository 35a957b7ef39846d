"""What the family case files: an arrival from a department's log, and the record it becomes; how a case is numbered."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TypeGuard

from shared.json import Verbatim
from shared.language.catalogue import (
    CATALOGUE,
    Closes,
    Dies,
    Effect,
    Joins,
    Leaves,
    Merges,
    Opens,
    Renumbers,
    Reopens,
)
from shared.language.persons import TOKEN
from shared.log.record import RecordedEvent, data_in, record

EVENT_FILED = "family_case.event_filed"
SOURCE = "urn:yihu:family_case"
NO_FAMILY = "organisation"
"""What events are filed about that are about no person: organisations, money, policy."""

Place = tuple[str, int]
"""A department's log and a position in it."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(slots=True)
class Arrival:
    """A department's event with the log it came from, and what its declaration says of it."""

    log: str
    event: RecordedEvent
    leaf: bytes

    @property
    def known(self) -> bool:
        """Whether this version of the program knows its type, and the version of it."""
        declaration = CATALOGUE.get(self.event.type)
        return declaration is not None and declaration.form(self.event.attributes.get("dataschema")) is not None

    @property
    def effect(self) -> Effect | None:
        """What its type does to families or to other events."""
        declaration = CATALOGUE.get(self.event.type)
        return declaration.effect if declaration else None

    @property
    def position(self) -> int:
        """The event's place in its department's log."""
        return self.event.position

    @property
    def key(self) -> str:
        """The event's place as one text; the id under which it is filed."""
        return place_key(self.place())

    @property
    def about(self) -> str:
        """Whom it is filed about, if it amends nothing: a person, a statement of who belongs to a family, or nobody.

        Such a statement, and what amends it, stays with its family, whoever belongs to that by now.
        """
        subject = self.event.subject
        if not is_person(subject):
            return NO_FAMILY
        return self.key if isinstance(self.effect, Opens | Joins | Leaves) else subject

    @property
    def states(self) -> bool:
        """Whether it says by itself something of who belongs together, from when to when."""
        return isinstance(self.effect, Opens | Joins | Leaves | Dies | Merges | Renumbers | Closes | Reopens)

    @property
    def of_family(self) -> bool:
        """Whether it is a fact of its subject's family rather than of the person."""
        declaration = CATALOGUE.get(self.event.type)
        return declaration is not None and declaration.scope == "family"

    def place(self) -> Place:
        """Return the event's place, for sorting."""
        return self.log, self.event.position


def filed_record(arrival: Arrival, version: int, now: str) -> RecordedEvent:
    """Return the record that files an event: the one with this version in the stream of its department's log.

    The case log refuses the same place twice: it is the record's id.
    """
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
    exact = Verbatim(event.encode())
    data = {"log": arrival.log, "position": arrival.position, "leaf": arrival.leaf.hex(), "event": exact}
    return RecordedEvent(arrival.log, version, attributes, data)


def filed_event(body: bytes) -> Arrival:
    """Return the department's event that a record of the case log files."""
    filed = data_in(body)
    return Arrival(filed["log"], record(filed["event"], filed["position"], b""), bytes.fromhex(filed["leaf"]))


def place_key(place: Place) -> str:
    """Return a place as one text, `log/position`."""
    return f"{place[0]}/{place[1]}"


def is_person(party: object) -> TypeGuard[str]:
    """Whether this names a person: a token."""
    return isinstance(party, str) and TOKEN.fullmatch(party) is not None


def case_number(opening: RecordedEvent, attempt: int = 0) -> str:
    """Return a family's case number: `XN-F-` and 8 Crockford base32 characters, from the event that opened it.

    It holds nothing personal and is the same wherever the logs are replayed. `attempt` makes the next one should two
    openings ever give the same number.
    """
    digest = hashlib.sha256(f"{opening.source}\n{opening.id}\n{attempt}".encode()).digest()
    number = int.from_bytes(digest[:5], "big")
    return "XN-F-" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))


def case_key(text: str) -> str | None:
    """Return the case number that a person typed, as it is written; None for what is none.

    Small and full-width letters, other dashes, blanks or none of them, and O, I or L for a digit name the same case.
    """
    found = _CASE_KEY.fullmatch(_BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper())
    return f"XN-F-{found[1].translate(_ALIKE)}" if found else None


_BETWEEN = re.compile(r"[\s\-_\u2010-\u2015\u2212]")
_CASE_KEY = re.compile(r"XNF([0-9A-TV-Z]{8})")
_ALIKE = str.maketrans("OIL", "011")
"""Letters that the alphabet of the numbers leaves out, because they look like these digits."""
