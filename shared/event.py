"""A recorded event: what a department said, with its place in a stream. It is what a log keeps and the bus carries."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from shared.json import canonical


@dataclass(slots=True)  # not frozen: that triples the time to make one, and a replay makes millions
class RecordedEvent:
    """One record: its place (`originator_id` is the stream, `originator_version` the place in it) and what it says.

    `attributes` are the CloudEvents attributes without `data`; `data` is the payload as stored: persons are tokens,
    sealed fields are sealed. `position` is the place in the log, 0 while it has none.
    """

    originator_id: str
    originator_version: int
    attributes: dict[str, Any]
    data: dict[str, Any]
    position: int = 0
    exact: bytes = field(default=b"", compare=False, repr=False)

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
        place = {"stream": self.originator_id, "streamversion": self.originator_version}
        return canonical(self.attributes | place | {"data": self.data})


def decode(body: bytes, position: int = 0) -> RecordedEvent:
    """Read a record from its exact bytes. Raises ValueError or KeyError for bytes that are not a record."""
    return record(orjson.loads(body), position, body)


def record(said: dict[str, Any], position: int, exact: bytes) -> RecordedEvent:
    """Make a record of what its exact bytes say; takes `said` apart. Raises ValueError or KeyError when it is none."""
    if not isinstance(said, dict):
        raise ValueError  # noqa: TRY004 - the bytes are wrong, not the program
    data = said.pop("data")
    return RecordedEvent(said.pop("stream"), said.pop("streamversion"), said, data, position, exact)
