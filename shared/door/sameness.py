"""Sameness: whether an event that comes again under a known name is the one on record.

What counts is its content after reading, not its bytes: a time may be written in another zone, and what only travels
beside the event may differ. Records of versions before keep a digest of the bytes; of these the content is read back.
"""

from dataclasses import dataclass
from typing import Any

from shared.door.memory import Memory
from shared.door.reading import Event, Reader, newest, newest_content, versions
from shared.errors import Broken
from shared.json import canonical
from shared.keys.ring import KeyRing, is_sealed
from shared.language import envelope
from shared.language.catalogue import CATALOGUE, Corrects
from shared.log.amended import RESTATED_SCHEMA, Amended, restatement
from shared.log.record import RecordedEvent

_OF_A_FACT = ("type", "subject", "process", "division", "time", "legacy")
"""What of an event, beside its payload, two statements of one fact have in common."""
_BYTES_DIGEST = 64
"""The length of the digest of its bytes that a record of a version before has, in hexadecimal digits."""
_SUPPLIED = ("recordedtime", "causationid", "subject")
"""What a record may have although its sender did not give it."""


@dataclass(frozen=True, slots=True)
class Sameness:
    """Compares with the records of one department; opens what it sealed itself, to compare it."""

    reader: Reader
    ring: KeyRing

    def holds(
        self,
        record: RecordedEvent,
        memory: Memory,
        submission: Any,
        event: Event | None = None,
        restated: Event | None = None,
    ) -> bool:
        """Whether a submission is the event of a record. `event` is the submission as read, if it could be read.

        It may come in another version than it was recorded in.
        """
        kept = record.attributes["fingerprint"]
        if is_of_before(record.attributes):
            if kept == self.reader.link.fingerprint(canonical(submission)):
                return True
        elif event is None or _in_its_version(record, event, restated):
            return event is not None and bool(kept == self.reader.digest(event, restated))
        if event is None:
            return False
        found = self._content(record, memory, event, restated)
        return canonical(found) == canonical(newest_content(event, restated))

    def fact_on_record(
        self, event: Event, attributes: dict[str, Any], memory: Memory, besides: int = 0
    ) -> tuple[RecordedEvent, bool] | None:
        """Return the record of the fact that an event states, by its natural key, and whether both say the same.

        Whether it came before under another id, or states otherwise what is on record. `besides` is the record that the
        event restates: a correction may keep its own key.
        """
        if event.declaration.key is None:
            return None
        data = newest(event)
        key, sealed = event.declaration.key_in(attributes, data)
        for one in memory.same_fact(event.declaration, attributes, data, key):
            if one.event.position == besides:
                continue
            kept = self.content_of(one, memory)
            if all(kept.get(name) == data.get(name) for name in sealed):
                own = one.event.attributes
                same = all(own.get(name) == attributes.get(name) for name in _OF_A_FACT)
                return one.event, same and canonical(kept) == canonical(data)
        return None

    def content_of(self, one: Amended, memory: Memory) -> dict[str, Any]:
        """Return the payload of a record as it stands, unsealed."""
        if not one.corrections:
            found = memory.unsealed.get(one.event.position)
            return self._opened(one.event, one.data) if found is None else found
        newest = one.corrections[-1]
        inside = CATALOGUE.effect_of(newest.type)
        assert isinstance(inside, Corrects)  # noqa: S101 - it corrects
        found = memory.unsealed.get(newest.position)
        return self._opened(newest, one.data, f"{inside.payload}/") if found is None else found[inside.payload]

    def _content(self, record: RecordedEvent, memory: Memory, event: Event, again: Event | None) -> dict[str, Any]:
        """Return the content of a record as `newest_content` gives it: without what is ours, and unsealed."""
        own = record.attributes
        kept_content = {name: own[name] for name in envelope.NAMES if name in own and name not in envelope.BESIDE}
        for name in _SUPPLIED:
            if name not in event.attributes:
                kept_content.pop(name, None)
        if not kept_content.get("legacy", True):
            del kept_content["legacy"]
        data = memory.unsealed.get(record.position)
        if data is not None:  # of this batch
            return kept_content | {"data": data}
        data = self._opened(record, record.data)
        if event.inside:
            said = record.data[event.inside] if again is None else restatement(record, again.declaration.type)
            data[event.inside] = self._opened(record, said, f"{event.inside}/")
        return kept_content | {"data": data}

    def _opened(self, record: RecordedEvent, data: dict[str, Any], inside: str = "") -> dict[str, Any]:
        place = (record.type, record.source, record.id)
        try:
            return {
                name: self.ring.unseal(value, (*place, f"{inside}{name}")) if is_sealed(value) else value
                for name, value in data.items()
            }
        except Broken:  # a key is destroyed: the content cannot be compared any more
            return {}


def _in_its_version(record: RecordedEvent, event: Event, restated: Event | None) -> bool:
    own = {name: record.attributes[name] for name in ("dataschema", RESTATED_SCHEMA) if name in record.attributes}
    return own == versions(event, restated)


def is_of_before(attributes: dict[str, Any]) -> bool:
    """Whether a record is of a version that kept a digest of the bytes instead of the content."""
    return len(attributes["fingerprint"]) == _BYTES_DIGEST
