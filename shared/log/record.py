"""A recorded event: what a department recorded, with its place in a stream. A log keeps it and the bus carries it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.json import canonical
from shared.language.catalogue import CATALOGUE


@dataclass(slots=True)  # not frozen: that triples the time to make one, and a replay makes millions
class RecordedEvent:
    """One record: its place (its `stream`, `originator_version` the place in it) and its content.

    `attributes` are the CloudEvents attributes without `data`; `dataschema` is among them where the payload is of a
    later version than the first. `stored` is the payload as it was recorded: persons are tokens, sealed fields are
    sealed. `position` is the place in the log, 0 while it has none. The stream stands in the bytes where it does not
    follow from the attributes, and in older records always: then it is one of the attributes.
    """

    stream: str | None = field(compare=False)
    originator_version: int
    attributes: dict[str, Any]
    stored: dict[str, Any]
    position: int = 0
    exact: bytes = field(default=b"", compare=False, repr=False)

    @property
    def originator_id(self) -> str:
        """The stream, whether it was given or follows from the attributes."""
        return stream_of(self.attributes) if self.stream is None else self.stream

    @property
    def data(self) -> dict[str, Any]:
        """The payload as everybody reads it: in the newest version of its type. Made each time, so that both stand."""
        return CATALOGUE.newest(self.attributes["type"], self.stored, self.attributes.get("dataschema"))

    @property
    def type(self) -> str:
        """The event type's permanent name."""
        return str(self.attributes["type"])

    @property
    def id(self) -> str:
        """The sender's id; with `source` it names the event."""
        return str(self.attributes["id"])

    @property
    def source(self) -> str:
        """The emitting system."""
        return str(self.attributes["source"])

    @property
    def subject(self) -> str | None:
        """The person (token) or organisation the event is about."""
        return self.attributes.get("subject")

    @property
    def process(self) -> str | None:
        """The case number inside the department."""
        return self.attributes.get("process")

    @property
    def target(self) -> int | None:
        """For a correction or withdrawal: the position of the original in the same log."""
        return self.attributes.get("target")

    def encode(self) -> bytes:
        """Return the exact bytes that are hashed, stored and published."""
        if self.exact:
            return self.exact
        place: dict[str, Any] = {"streamversion": self.originator_version, "data": self.stored}
        if "stream" in self.attributes or self.originator_id != stream_of(self.attributes):
            place["stream"] = self.originator_id
        return canonical(self.attributes | place)


def stream_of(attributes: dict[str, Any]) -> str:
    """Return the stream of a record: its process's, or else its person's or organisation's, or its department's.

    What amends another record stands in that one's stream, whatever process it names itself.
    """
    if (process := attributes.get("process")) is not None:
        return f"process/{process}"
    if (subject := attributes.get("subject")) is not None:
        return f"subject/{subject}"
    return "department"


def decode(body: bytes, position: int = 0) -> RecordedEvent:
    """Read a record from its exact bytes. Raises ValueError or KeyError for bytes that are not a record."""
    return record(orjson.loads(body), position, body)


def data_in(body: bytes) -> dict[str, Any]:
    """Return what stands in the exact bytes of a record of ours, and nothing else of it."""
    found: dict[str, Any] = orjson.loads(body)["data"]
    return found


def record(parsed: dict[str, Any], position: int, exact: bytes) -> RecordedEvent:
    """Make a record of its parsed bytes, which are taken apart. Raises ValueError or KeyError when they are none."""
    if not isinstance(parsed, dict):
        raise ValueError  # noqa: TRY004 - the bytes are wrong, not the program
    data, version = parsed.pop("data"), parsed.pop("streamversion")
    return RecordedEvent(parsed.get("stream"), version, parsed, data, position, exact)


def batch(records: Iterable[tuple[int, bytes]]) -> bytes:
    """Write records, given by position and exact bytes, as a CloudEvents batch; `sequence` is the position.

    The position is the tree's, not the record's: it travels in front of the hashed bytes and is taken off again.
    """
    return b"[" + b",".join([b'{"sequence":"%d",' % position + exact[1:] for position, exact in records]) + b"]"


def decode_batch(body: bytes) -> list[RecordedEvent]:
    """Read a batch that `batch` wrote, with positions and the exact bytes. Raises ValueError for others."""
    found = orjson.loads(body)
    if not isinstance(found, list):
        raise ValueError  # noqa: TRY004 - the bytes are wrong, not the program
    try:
        return [record(parsed, _position(parsed), canonical(parsed)) for parsed in found]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError from error


def _position(parsed: dict[str, Any]) -> int:
    """Take its position off a record, after looking whether it is one: who has signed may still be mistaken."""
    position = parsed.pop("sequence")
    texts = ("id", "source", "type", "time", "recordedtime")
    "".join((parsed.get("stream", ""), *[parsed[name] for name in texts]))  # all of them are text
    if not (
        _SEQUENCE.fullmatch(position) and isinstance(parsed["streamversion"], int) and isinstance(parsed["data"], dict)
    ):
        raise ValueError
    return int(position)


_SEQUENCE = re.compile("[1-9][0-9]{0,18}")
