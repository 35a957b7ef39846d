"""What a department's log knows of a batch: asked once for the whole batch, and growing with each accepted event.

It is used inside the transaction that holds the log's lock, so nothing else is recorded meanwhile: a position is known
before the record is written, and no two writers can together pass what one of them could not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from shared.door.households import Households, named
from shared.door.reading import Event, Name
from shared.keys.persons import LinkKey
from shared.language.catalogue import (
    ANYWHERE,
    CATALOGUE,
    Corrects,
    Declaration,
    Dies,
    Effect,
    Joins,
    Leaves,
    Merges,
    Opens,
    Sets,
    Withdraws,
)
from shared.language.envelope import civil_day
from shared.language.kinds import EVENT, Organisation
from shared.language.persons import Person
from shared.language.rules import NAMED_BY, OnRecord, Same, Waived, key_of
from shared.log.amended import Amended, as_amended, restatement
from shared.log.lookups import fields_of, keys_of, values_in
from shared.log.parameters import Value, in_force, kept, types_that_set, values_of
from shared.log.record import RecordedEvent, stream_of
from shared.log.recorder import By, LogRecorder
from shared.policy.parameters import parameters

_IDENTITY_LENGTH = 18
"""A certificate number begins with the identity number."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a correction or withdrawal names, and the event at the beginning: the same one, or what that restates."""

    named: Amended
    original: Amended


Usual = dict[str, set[tuple[By, str]]]
"""What the rules of each type asked the log for so far: a later batch asks for it at once."""


class Memory:
    """What the log knows of the events of a batch. `usual` is what batches before asked, and grows."""

    def __init__(
        self, log: LogRecorder, names: Sequence[Name], events: Sequence[Event], usual: Usual | None = None
    ) -> None:
        self.log = log
        self.asking = ""
        """The type of the event that is being decided."""
        self._usual: Usual = {} if usual is None else usual
        self._kinds = {event.declaration.type for event in events}
        self.last = log.max_notification_id() or 0
        self.by_name: dict[Name, RecordedEvent] = log.known(names) if names else {}
        self._records: dict[int, RecordedEvent] = {}
        self._by_id: dict[str, list[int]] = defaultdict(list)
        self._amendments: dict[int, set[int]] = defaultdict(set)
        self._found: dict[tuple[By, str, str], set[int]] = defaultdict(set)
        self._facts: dict[str, set[int]] = defaultdict(set)
        """Where the records of each natural key are, without its sealed fields."""
        self.unsealed: dict[int, dict[str, Any]] = {}
        """The payloads, not yet sealed and in the newest version, of the records accepted from this batch."""
        self._on_record: dict[tuple[int, int], OnRecord[Any]] = {}
        self._asked: dict[tuple[By, str], set[str]] = defaultdict(set)
        self._keys: dict[By, set[str]] = {
            "process": {event.process for event in events if event.process},
            "subject": {event.subject for event in events if event.subject},
            "key": {key for event in events for key in _named(event)},
        }
        self._events = events
        self._looked_for: set[str] = set()
        self.born: dict[str, str] = {}
        self._values: dict[str, list[Value]] | None = None
        self._load_targets([event.amends for event in events if event.amends])
        streams = {stream_of(event.attributes) for event in events}
        streams.update(record.originator_id for record in self._records.values())
        self._versions = log.versions(list(streams))

    def rename(self, before: dict[Name, Name | None]) -> None:
        """Let a record that an earlier version knows by another name be found by today's."""
        for name, old in before.items():
            if old in self.by_name:
                self.by_name[name] = self.by_name[old]

    def target(self, event: Event) -> Target | None:
        """Return what a correction or withdrawal is about, or None when this log has no such event, or several."""
        named = [self._records[at] for at in sorted(self._by_id.get(event.amends or "", ()))]
        own = [record for record in named if record.source == event.attributes["source"]] or named
        if len(own) != 1:
            return None
        around = self._with_amendments({own[0].position, own[0].target or own[0].position})
        at = {one.event.position: one for one in as_amended(around)}
        found = at[own[0].position]
        return Target(found, at[own[0].target] if own[0].target else found)

    def next_version(self, stream: str) -> int:
        """Return the version of the next record of a stream."""
        return self._versions.get(stream, 0) + 1

    def add(self, record: RecordedEvent, unsealed: dict[str, Any]) -> None:
        """Take in an accepted event, as if it were on record already."""
        self.unsealed[record.position] = unsealed
        self.last = record.position
        self.by_name[record.source, record.id] = record
        self._versions[record.originator_id] = record.originator_version
        self._keep(record)
        if record.target is not None or isinstance(CATALOGUE.effect_of(record.type), Sets):
            self._values = None

    def past(self, by: By, keys: Collection[str], types: Sequence[str]) -> list[Amended]:
        """Return the records of these types with a process, subject or lookup key, as they stand; withdrawn ones not.

        The first question of its kind asks the log for all events of the batch.
        """
        self._ask(by, keys, types)
        return self._standing(set().union(*(self._found[by, key, name] for key in keys for name in types)))

    def named(self, id_: str) -> list[Amended]:
        """Return the records with an id, as they stand; withdrawn ones not. Asks for all that the batch refers to."""
        if id_ not in self._looked_for:
            self._looked_for.update({id_}, *map(_references, self._events))
            self._load_targets(sorted(self._looked_for))
        return self._standing(set(self._by_id.get(id_, ())))

    def same_fact(self, declaration: Declaration, attributes: dict[str, Any], data: dict[str, Any]) -> list[Amended]:
        """Return the records with the same natural key as an event with this payload, its sealed fields aside."""
        text, _ = declaration.key_in(attributes, data)
        handle = declaration.handle
        if handle == "process" and "process" not in attributes:
            handle = "subject"
        by: By = "subject" if handle == "subject" else "process" if handle == "process" else "key"
        keys = values_in(attributes if by == handle else data, [handle])
        if not keys:
            return []
        self._ask(by, keys, [declaration.type])
        return [
            one
            for one in self._standing(self._facts.get(text, set()))
            if declaration.key_in(one.event.attributes, one.data)[0] == text
        ]

    def _ask(self, by: By, keys: Collection[str], types: Sequence[str]) -> None:
        """Ask the log, at first for all events of the batch, then only for what was not asked for before."""
        if all(self._asked[by, name].issuperset(keys) for name in types):
            return
        self._usual.setdefault(self.asking, set()).update((by, name) for name in types)
        usual = (pair for kind in self._kinds for pair in self._usual.get(kind, ()))
        together: dict[frozenset[str], list[str]] = defaultdict(list)
        for name in {*types, *(name for how, name in usual if how == by)}:
            asked = self._asked[by, name]
            if not asked.issuperset(keys):
                together[frozenset(self._keys[by].union(keys) - asked)].append(name)
        for new, names in together.items():
            for record in self.log.past(by, sorted(new), names):
                self._keep(record)
            for name in names:
                self._asked[by, name] |= new

    def _standing(self, positions: set[int]) -> list[Amended]:
        """Return these records as they stand, withdrawn ones not."""
        amended = as_amended(self._with_amendments(positions)) if positions else []
        return [one for one in amended if one.event.position in positions and one.stands]

    def on_record(self, one: Amended) -> OnRecord[Any]:
        """Return an event as rules see it; made once for each of its corrections."""
        name = one.event.position, one.corrections[-1].position if one.corrections else 0
        if name not in self._on_record:
            self._on_record[name] = _on_record(one)
        return self._on_record[name]

    def values(self, department: str) -> dict[str, list[Value]]:
        """Return the values of policy parameters: those in this log, or those that it keeps of another one's."""
        if self._values is None:
            types = types_that_set(department)
            self._values = values_of(self.past("key", parameters().keys(), types)) if types else kept(self.log.database)
        return self._values

    def _load_targets(self, ids: Sequence[str]) -> None:
        """Load what the batch corrects or withdraws, what that amends, and every amendment of it."""
        if not ids:
            return
        named = self.log.named(ids)
        first = self.log.at([record.target for record in named if record.target])
        roots = [record.position for record in (*named, *first)]
        for record in sorted((*named, *first, *self.log.amendments(roots)), key=lambda record: record.position):
            self._keep(record)

    def _keep(self, record: RecordedEvent) -> None:
        if record.position in self._records:
            return
        self._records[record.position] = record
        self._by_id[record.id].append(record.position)
        for fact in record.attributes.get("persons", "").split():
            token, born, _ = fact.split("/")
            self.born[token] = born
        for by, key in _keys_of(record):
            self._found[by, key, record.type].add(record.position)
            if by == "key" and key.startswith("p-"):  # who asks about one member of a family asks about the others next
                self._keys["subject"].add(key)
        declaration = CATALOGUE.get(record.type)
        if declaration is not None and declaration.key is not None:
            self._facts[declaration.key_in(record.attributes, record.data)[0]].add(record.position)
        if record.target is not None:
            self._amendments[record.target].add(record.position)
            self._keep_restated(record, record.target)

    def _keep_restated(self, record: RecordedEvent, target: int) -> None:
        """Let an event be found under whom a correction of it names, too."""
        original = self._records.get(target)
        if original is not None:
            for key in keys_of(record):
                self._found["key", key, original.type].add(target)
            declaration, effect = CATALOGUE.get(original.type), CATALOGUE.effect_of(record.type)
            if declaration is not None and declaration.key is not None and isinstance(effect, Corrects):
                said = restatement(record, original.type)
                self._facts[declaration.key_in(original.attributes, said)[0]].add(target)

    def _with_amendments(self, positions: Iterable[int]) -> list[RecordedEvent]:
        found = set(positions)
        for at in list(found):
            for amendment in self._amendments.get(at, ()):
                found |= {amendment} | self._amendments.get(amendment, set())
        return [self._records[at] for at in found]


class LogPast:
    """What the rules may ask about one event of a batch (`shared.language.rules.Past`)."""

    def __init__(self, memory: Memory, link: LinkKey, event: Event, besides: int = 0) -> None:
        self.subject = event.subject
        self.process = event.process
        self.division: str | None = event.attributes.get("division")
        self.happened = civil_day(event.attributes["time"])
        self.legacy = event.legacy
        self._memory = memory
        self._link = link
        self._event = event
        self._besides = besides
        """The event that a correction restates: it is no past of its own."""
        self._known: dict[str, Households] = {}

    def born(self, person: str) -> date | None:
        """Return the birth date that a person's number says."""
        known = self._event.persons.get(person)
        born = (known.born if known else "") or self._memory.born.get(person, "")
        return date.fromisoformat(born) if born else None

    def certificate_is_of_subject(self, number: str) -> bool:
        """Whether the identity number inside a certificate number is the subject's."""
        return self.numbered(number[:_IDENTITY_LENGTH]) == self.subject

    def numbered(self, number: str) -> str:
        """Return the token of the person with this identity number."""
        return self._link.token(Person(number=number))

    def members(self, of: str | None = None, on: date | None = None) -> frozenset[str]:
        """Return the living members of the family that a person, or the subject, belongs to on a day."""
        self._not_for_legacy()
        person = of or self.subject
        if person is None or not _types(self._event.declaration.department, Opens):
            return frozenset({person} if person else ())
        return self._households(person).members(person, on or self.happened)

    def parameter(self, name: str) -> Any:
        """Return the value of a policy parameter in force on the day and in the division of the event."""
        self._not_for_legacy()
        values = self._memory.values(self._event.declaration.department).get(name, ())
        return in_force(name, values, self.division, self.happened)

    def events(
        self, *classes: type[Any], same: Same, of: str | None = None, before: bool = False
    ) -> list[OnRecord[Any]]:
        """Return the events of these classes on record for the same process, person, family, organisation or base."""
        self._not_for_legacy()
        found = self._found(same, of, [CATALOGUE.of(cls) for cls in classes])
        if before and self._besides:
            found = [one for one in found if one.event.position < self._besides]
        return [self._memory.on_record(one) for one in sorted(found, key=lambda one: one.event.position)]

    def _found(self, same: Same, of: str | None, wanted: list[Declaration]) -> list[Amended]:
        types = [one.type for one in wanted]
        if same == "process":
            return self._past("process", {of or self.process}, types)
        if same == "event":
            named = self._memory.named(of) if of else []
            return [one for one in named if one.event.type in types and one.event.position != self._besides]
        if same == "anywhere":
            assert all(ANYWHERE in one.found_by for one in wanted)  # noqa: S101 - else nothing would ever be found
            return self._past("key", {ANYWHERE}, types)
        if same == "merged":
            return self._past("key", {of}, types)
        if same in NAMED_BY:
            key = of or self._named(same) or self.subject
            fields = {one.type: fields_of(one) for one in wanted if fields_of(one)}
            keyed = self._past("key", {key}, list(fields))  # under what it said before a correction, too
            stands = [one for one in keyed if key in values_in(one.data, fields[one.event.type])]
            found = [*stands, *self._past("subject", {key}, types)]
            return list({one.event.position: one for one in found}.values())
        if same == "family":
            return self._of_family(of or self.subject, types)
        return self._past("subject", {of or self.subject}, types)

    def household(self) -> set[str | None]:
        """Return the subject and everybody who ever belonged to the same family."""
        person = self.subject
        if person is None or not _types(self._event.declaration.department, Opens):
            return {person}
        return {person, *(stay.person for stay in self._households(person).family(person, self.happened))}

    def around(self) -> list[Amended]:
        """Return everything on record of the same process, family, organisation or base, amendments aside."""
        declaration = self._event.declaration
        own = [one for one in CATALOGUE if one.department == declaration.department]
        types = [one.type for one in own if not isinstance(one.effect, Corrects | Withdraws)]
        named = values_in(self._event.payload, ("base", "uscc"))
        keyed = [one.type for one in own if one.type in types and {"base", "uscc"} & one.facts.keys()]
        found = [
            *self._past("process", {self.process}, types),
            *self._past("subject", self.household(), types),
            *self._past("key", {*named, self.subject if named else None}, keyed),
        ]
        return list({one.event.position: one for one in found}.values())

    def _of_family(self, person: str | None, types: list[str]) -> list[Amended]:
        """Return what is on record of the family of a person: of each member while they belong to it."""
        if person is None or not _types(self._event.declaration.department, Opens):
            return self._past("subject", {person}, types)
        known = self._households(person)
        if not known.know(person):
            return self._past("subject", {person}, types)
        stays = known.family(person, self.happened)
        found = self._past("subject", {stay.person for stay in stays}, types)
        return [one for one in found if any(stay.tells_of(one) for stay in stays)]

    def _households(self, person: str) -> Households:
        """Return the families that a person belonged to, with everything that is said of their members."""
        if person in self._known:
            return self._known[person]
        department = self._event.declaration.department
        says, joins = _types(department, Opens, Joins, Leaves, Dies), _types(department, Opens, Joins)
        found: dict[int, Amended] = {}
        subjects, members = {person}, {person}
        asked: set[str] = set()
        while subjects:
            joined = self._past("key", members, joins) if members else []
            new = [*joined, *self._past("subject", subjects, says)]
            found |= {one.event.position: one for one in new}
            asked |= subjects
            subjects = {person for one in new for person in named(one)} - asked
            members = subjects & {one.event.subject for one in joined if isinstance(one.effect, Joins)}
        self._known[person] = Households(found.values())
        return self._known[person]

    def _named(self, same: Same) -> str | None:
        return next(filter(None, (key_of(self._event.payload.get(name)) for name in NAMED_BY[same])), None)

    def _past(self, by: By, keys: Collection[str | None], types: list[str]) -> list[Amended]:
        """Return what is on record, without the event that a correction restates."""
        named = {key for key in keys if key}
        found = self._memory.past(by, named, types) if named and types else []
        return [one for one in found if one.event.position != self._besides]

    def _not_for_legacy(self) -> None:
        if self.legacy:
            raise Waived


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


def _keys_of(record: RecordedEvent) -> Iterator[tuple[By, str]]:
    if record.process:
        yield "process", record.process
    if record.subject:
        yield "subject", record.subject
    for key in keys_of(record):
        yield "key", key


@cache
def _types(department: str, *effects: type[Effect]) -> list[str]:
    """Return the types of a department that have one of these effects."""
    return [one.type for one in CATALOGUE if one.department == department and isinstance(one.effect, effects)]


def _on_record(one: Amended) -> OnRecord[Any]:
    event = one.event
    declaration = CATALOGUE.get(event.type)
    assert declaration is not None  # noqa: S101 - it was asked for by its class
    return OnRecord(
        declaration.load(one.data),
        event.id,
        civil_day(event.attributes["time"]),
        event.subject,
        event.process,
        event.attributes.get("division"),
    )
