"""What a department's log knows of a batch: asked once for the whole batch, and growing with each accepted event.

It is used inside the transaction that holds the log's lock, so nothing else is recorded meanwhile: a position is known
before the record is written, and no two writers can together pass what one of them could not.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.door.known import Known
from shared.door.reading import Event, Name
from shared.language.catalogue import CATALOGUE, Declaration, Merges, Sets
from shared.language.kinds import EVENT, Organisation
from shared.log.amended import Amended
from shared.log.lookups import fields_of, values_in
from shared.log.parameters import Value, kept, types_that_set, values_of
from shared.log.record import RecordedEvent, stream_of
from shared.log.recorder import By, LogRecorder
from shared.policy.parameters import parameters


@dataclass(frozen=True, slots=True)
class Target:
    """What a correction or withdrawal names, and the event at the beginning: the same one, or what that restates."""

    named: Amended
    original: Amended


class Memory:
    """What the log knows of the events of a batch. `known` is what it said to the batches before, and grows."""

    def __init__(
        self, log: LogRecorder, names: Sequence[Name], events: Sequence[Event], known: Known | None = None
    ) -> None:
        self.log = log
        self.known = Known(log) if known is None else known
        self.by_name: dict[Name, RecordedEvent] = log.known(names) if names else {}
        self.unsealed: dict[int, dict[str, Any]] = {}
        """The payloads, not yet sealed and in the newest version, of the records accepted from this batch."""
        self._keys: dict[By, set[str]] = {
            "process": {event.process for event in events if event.process},
            "subject": {event.subject for event in events if event.subject},
            "key": {key for event in events for key in _named(event)},
        }
        self._events = events
        self._looked_for: set[str] = set()
        self._values: dict[str, list[Value]] | None = None
        amended = [event.amends for event in events if event.amends]
        self.known.load_named(amended)
        streams = {stream_of(event.attributes) for event in events}
        streams.update(self.known.records[at].originator_id for id_ in amended for at in self._originals(id_))
        self._versions = log.versions(list(streams))

    @property
    def last(self) -> int:
        """The position of the log's last record."""
        return self.known.last

    def rename(self, before: dict[Name, Name | None]) -> None:
        """Let a record that an earlier version knows by another name be found by today's."""
        for name, old in before.items():
            if old in self.by_name:
                self.by_name[name] = self.by_name[old]

    def target(self, event: Event) -> Target | None:
        """Return what a correction or withdrawal is about, or None when this log has no such event, or several."""
        named = [self.known.records[at] for at in sorted(self.known.by_id.get(event.amends or "", ()))]
        own = [record for record in named if record.source == event.attributes["source"]] or named
        if len(own) != 1:
            return None
        at = self.known.around(own[0].position, own[0].target or own[0].position)
        found = at[own[0].position]
        return Target(found, at[own[0].target] if own[0].target else found)

    def next_version(self, stream: str) -> int:
        """Return the version of the next record of a stream."""
        return self._versions.get(stream, 0) + 1

    def add(self, record: RecordedEvent, unsealed: dict[str, Any]) -> None:
        """Take in an accepted event, as if it were on record already."""
        self.unsealed[record.position] = unsealed
        self.by_name[record.source, record.id] = record
        self._versions[record.originator_id] = record.originator_version
        self.known.last = record.position
        self.known.keep(record)
        if record.target is not None or isinstance(CATALOGUE.effect_of(record.type), Sets):
            self._values = None

    def past(self, by: By, keys: Collection[str], types: Sequence[str]) -> list[Amended]:
        """Return the records of these types with a process, subject or lookup key, as they stand; withdrawn ones not.

        The first question of its kind asks the log for all events of the batch.
        """
        self.known.ask(by, keys, types, self._keys)
        return list(self.known.standing(self.known.found(by, keys, types)))

    def named(self, id_: str) -> list[Amended]:
        """Return the records with an id, as they stand; withdrawn ones not. Asks for all that the batch refers to."""
        if id_ not in self._looked_for:
            self._looked_for.update({id_}, *map(_references, self._events))
            self.known.load_named(sorted(self._looked_for))
        return list(self.known.standing(self.known.by_id.get(id_, ())))

    def same_fact(
        self, declaration: Declaration, attributes: dict[str, Any], data: dict[str, Any], key: str
    ) -> list[Amended]:
        """Return the records with the natural key of an event with this payload, its sealed fields aside."""
        handle = declaration.handle
        if handle == "process" and "process" not in attributes:
            handle = "subject"
        by: By = "subject" if handle == "subject" else "process" if handle == "process" else "key"
        keys = values_in(attributes if by == handle else data, [handle])
        if not keys:
            return []
        self.known.ask(by, keys, [declaration.type], self._keys)
        return [
            one
            for one in self.known.standing(self.known.with_fact(key))
            if declaration.key_in(one.event.attributes, one.data)[0] == key
        ]

    def values(self, department: str) -> dict[str, list[Value]]:
        """Return the values of policy parameters: those in this log, or those that it keeps of another one's."""
        if self._values is None:
            types = types_that_set(department)
            self._values = values_of(self.past("key", parameters().keys(), types)) if types else kept(self.log.database)
        return self._values

    def _originals(self, id_: str) -> set[int]:
        """Return the positions of the records with an id, and of what those amend."""
        named = self.known.by_id.get(id_, ())
        return {*named, *(target for at in named if (target := self.known.records[at].target))}


def _named(event: Event) -> Iterator[str]:
    """Yield the lookup keys that rules may ask for when an event comes: whomever and whatever it names."""
    if event.subject:
        yield event.subject
    yield from values_in(event.payload, fields_of(event.declaration))
    for value in event.payload.values():
        if isinstance(value, Organisation):
            yield value.code
    if isinstance(event.declaration.effect, Merges):
        yield str(event.payload[event.declaration.effect.survivor])


def _references(event: Event) -> list[str]:
    """Return the ids of other events that an event names."""
    return values_in(event.payload, [name for name, fact in event.declaration.facts.items() if fact.kind is EVENT])
