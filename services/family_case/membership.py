"""Who belongs to which family, from when to when, known when, and because of which event. Pure.

Openings, merges and what amends them are interpreted here and nowhere else. They are taken in the order of their logs
(one department opens families; were there two, then log by log), so the answer never depends on how they arrived:

- An opening belongs to the family that its subject was in just before it; otherwise it opens one, with a case number.
- A person belongs to the family whose standing opening named the person first, and stays there as long as it does. Who
  joined a family that has a case is named by that event as by an opening; who left one and was named again after that
  belongs where that says.
- A merge makes one of two families, or of two persons and their families. What stands is applied in order; a family
  that was merged goes along when its survivor is merged in turn. A merge of one that was merged into another already
  is in conflict, and one that names nobody known waits: both do nothing, and are flagged until that changes.
- A withdrawn merge was never there: each history is again what it was.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.family_case.domain import Place, case_key, is_person, place_key
from shared.language.catalogue import CATALOGUE, Corrects, Joins, Leaves, Merges, Opens, Withdraws
from shared.language.envelope import civil_day
from shared.log.amended import Amended, as_amended, asserted_on, restatement
from shared.log.record import RecordedEvent

MERGE_CONFLICT = "merge_conflict"
"""The flag of a merge of what was merged into another family or person already."""
MERGE_UNKNOWN = "merges_nobody_known"
"""The flag of a merge of, or into, nobody who is known."""


@dataclass(slots=True)
class Span:
    """A person belonged to a family: from a day on, as known from one event until another one."""

    person: str
    family: str
    begins: date
    """The day on which it happened."""
    since: Place
    """The event that says so."""
    known_from: date
    until: Place | None = None
    """The event since which it is known to be otherwise: it was corrected, withdrawn or merged."""
    known_to: date | None = None


@dataclass(slots=True)
class Family:
    """A family's case: the place of its opening, whose it is, where, and the case it is by now, after merges."""

    number: str
    place: Place
    head: str
    division: str | None
    now: str


@dataclass(slots=True)
class Membership:
    """The answer. `stands` says for each person and opening the family it stands in, None for none."""

    families: dict[str, Family] = field(default_factory=dict)
    stands: dict[str, str | None] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    flags: dict[Place, str] = field(default_factory=dict)

    def belonged(self, person: str, on: date, known: date) -> str | None:
        """Return the family that a person belonged to on one day, as known on another."""
        for span in reversed(self.spans):
            if span.person == person and span.begins <= on and span.known_from <= known:
                return span.family if span.known_to is None or known < span.known_to else None
        return None


def membership(
    statements: Mapping[str, Iterable[RecordedEvent]], number: Callable[[Place, RecordedEvent], str]
) -> Membership:
    """Return who belongs where after these openings, merges and amendments of them, by log, everything that is linked.

    `number` gives the case number of an opening that opens a family. Raises ValueError, KeyError or TypeError for an
    event that does not say whom it is about: a department that signs may still be mistaken.
    """
    ordered = [
        ((log, event.position), event)
        for log in sorted(statements)
        for event in sorted(statements[log], key=lambda event: event.position)
    ]
    found = Membership()
    for linked in _linked(ordered, number):
        timeline = _Timeline(number)
        for place, event in linked:
            timeline.take(place, event)
        timeline.add_to(found)
    return found


def named(event: RecordedEvent, root: RecordedEvent) -> set[str]:
    """Return whom a statement, or an amendment of `root`, names: persons and case numbers.

    Raises what `membership` raises.
    """
    effect, own = CATALOGUE.effect_of(root.type), CATALOGUE.effect_of(event.type)
    if isinstance(own, Withdraws):
        return set()
    data = restatement(event, root.type) if isinstance(own, Corrects) else event.data
    found = {root.subject} if is_person(root.subject) else set()
    if isinstance(effect, Opens | Joins | Leaves):
        found.update(_members(effect, data))
    elif isinstance(effect, Merges):
        parties = (data.get(name) for name in (*effect.families, *effect.persons, effect.survivor))
        found.update(key for party in parties if (key := _party(party)))
    return found


class Household:
    """Whom a history is about: the head, the members, and which numbers name one person.

    It follows from what stands among the events of the history, taken in its order.
    """

    def __init__(self, entries: Iterable[Amended]) -> None:
        self._same = _Same()
        self.head = ""
        members: list[str] = []
        for entry in entries:
            effect = entry.effect
            if effect is None or not entry.stands:
                continue
            if isinstance(effect, Opens):
                self.head = self.head or entry.data[effect.head]
            if isinstance(effect, Opens | Joins):
                members += _members(effect, entry.data)
            elif isinstance(effect, Merges):
                for person, survivor in _pairs(effect.persons, effect, entry.data):
                    self._same.join(person, survivor)
        self.head = self.one(self.head)
        self.members = list(dict.fromkeys(map(self.one, members)))

    def one(self, person: str) -> str:
        """Return the token that stands for a person who has several."""
        return self._same.find(person)


class _Same:
    """Things that turned out to be one another, each with the one that remains."""

    def __init__(self) -> None:
        self._into: dict[str, str] = {}

    def find(self, one: str) -> str:
        """Return what remains of it."""
        last = one
        while last in self._into:
            last = self._into[last]
        while one != last:
            self._into[one], one = last, self._into[one]
        return last

    def join(self, merged: str, survivor: str) -> bool:
        """Make one of two, if the first one was not merged before; return whether they are one now."""
        ends = self.find(merged), self.find(survivor)
        if ends[0] == ends[1]:
            return True
        if merged != ends[0]:
            return False
        self._into[merged] = ends[1]
        return True


@dataclass(slots=True)
class _Opening:
    family: str
    members: list[str]


class _Timeline:
    """Takes statements in order and keeps what follows from them so far."""

    def __init__(self, number: Callable[[Place, RecordedEvent], str]) -> None:
        self.number = number
        self.chains: dict[Place, list[RecordedEvent]] = {}
        self.roots: dict[Place, Place] = {}
        self.openings: dict[Place, _Opening] = {}
        self.merges: dict[Place, tuple[Merges, dict[str, Any]]] = {}
        self.naming: dict[str, list[Place]] = defaultdict(list)
        """For each person the openings, and the joinings, that ever named them, in order."""
        self.adrift: dict[Place, Joins] = {}
        """Who joined a family that has no case yet."""
        self.left: dict[str, set[Place]] = defaultdict(set)
        """For each person what says that they left a family, as it stands."""
        self.members: dict[str, Place] = {}
        """For each person the opening because of which they belong to a family."""
        self.current: dict[str, Span] = {}
        self.found = Membership()
        self.united = _United(self)

    def take(self, place: Place, event: RecordedEvent) -> None:
        """Let one more statement, or amendment of one, take effect."""
        root = self.roots.get((place[0], event.target)) if event.target is not None else place
        if root is None:
            return
        self.roots[place] = root
        chain = self.chains.setdefault(root, [])
        chain.append(event)
        now, effect = as_amended(chain)[0], CATALOGUE.effect_of(chain[0].type)
        touched: set[str] = set()
        if isinstance(effect, Opens | Joins):
            touched = self._open(root, effect, now)
            for joining, said in list(self.adrift.items()):
                touched |= self._open(joining, said, as_amended(self.chains[joining])[0]) if joining != root else set()
        elif isinstance(effect, Leaves):
            touched = self._leave(root, effect, now)
        elif isinstance(effect, Merges):
            self.merges.pop(root, None)
            if now.stands:
                self.merges[root] = effect, now.data
            touched = named(event, chain[0])
        if self.merges or isinstance(effect, Merges):
            self.united = _United(self)
            touched = {*touched, *self.found.stands}
        self._note(place, event, root, touched)

    def add_to(self, answer: Membership) -> None:
        """Add what follows from everything that was taken to an answer."""
        for family in self.found.families.values():
            family.now = self.united.families.find(family.number)
        for place, opening in self.openings.items():
            self.found.stands[place_key(place)] = self.united.families.find(opening.family)
        answer.families |= self.found.families
        answer.stands |= self.found.stands
        answer.spans += self.found.spans
        answer.flags |= self.united.flags

    def own(self, person: str) -> str | None:
        """Return the family whose opening named a person, merges aside."""
        because = self.members.get(person)
        return self.openings[because].family if because else None

    def _open(self, root: Place, effect: Opens | Joins, now: Amended) -> set[str]:
        """Let an opening or a joining say who its members are, now; return whom that concerns."""
        subject = now.event.subject
        if not is_person(subject):
            return set()
        opening = self.openings.get(root)
        if opening is None:
            family = self.own(subject)
            if family is None and isinstance(effect, Joins):
                self.adrift[root] = effect
                return set()
            self.adrift.pop(root, None)
            if family is None:
                family = self.number(root, now.event)
                division = now.event.attributes.get("division")
                self.found.families[family] = Family(family, root, subject, division, family)
            opening = self.openings[root] = _Opening(family, [])
        before, opening.members = opening.members, _members(effect, now.data) if now.stands else []
        touched = {*before, *opening.members}
        for person in sorted(touched):
            if root not in self.naming[person]:
                self.naming[person].append(root)
            self._join(root, person)
        return touched

    def _leave(self, root: Place, effect: Leaves, now: Amended) -> set[str]:
        """Let an event say who left a family, now; return whom that concerns."""
        before = {person for person, leavings in self.left.items() if root in leavings}
        after = set(_members(effect, now.data)) if now.stands else set()
        for person in before - after:
            self.left[person].discard(root)
        for person in sorted(before | after):
            if person in after:
                self.left[person].add(root)
            if self.naming[person]:
                self.members.pop(person, None)
                self._join(self.naming[person][0], person)
        return before | after

    def _join(self, root: Place, person: str) -> None:
        """Let a person belong where they are named: where they were, to the same family, or to the first that does."""
        because = self.members.get(person)
        still = sorted(place for place in self.naming[person] if person in self.openings[place].members)
        gone = max(self.left[person], default=None)
        if gone is not None:
            still = [place for place in still if place > gone] or still
        if because in still:
            return
        family = self.openings[root].family
        here = [place for place in still if self.openings[place].family == family]
        if still:
            self.members[person] = (here or still)[0]
        else:
            self.members.pop(person, None)

    def _note(self, place: Place, event: RecordedEvent, root: Place, touched: Iterable[str]) -> None:
        """Note where these persons stand since this event."""
        for person in sorted(touched):
            if not is_person(person):
                continue
            family = self.united.family_of(person)
            self.found.stands[person] = family
            span = self.current.get(person)
            if span is not None and span.family == family:
                continue
            if span is not None:
                span.until, span.known_to = place, asserted_on(event)
                del self.current[person]
            if family is not None:
                happened = civil_day(self.chains[root][0].attributes["time"])
                self.current[person] = span = Span(person, family, happened, place, asserted_on(event))
                self.found.spans.append(span)


class _United:
    """Which families, and which persons, are one after the merges that stand."""

    def __init__(self, timeline: _Timeline) -> None:
        self._timeline = timeline
        self.families, self.persons, self.flags = _Same(), _Same(), dict[Place, str]()
        self._family: dict[str, str] = {}
        """The family of persons who are one with somebody, by the one who remains."""
        joining: list[tuple[Place, str, str]] = []
        merges = sorted(timeline.merges.items(), key=lambda merge: merge[0])
        for place, (effect, data) in merges:
            for person, survivor in _pairs(effect.persons, effect, data):
                joining += self._one_person(place, person, survivor)
        for place, (effect, data) in merges:
            joining += self._two_families(place, effect, data)
        self._join_families(sorted(joining, key=lambda joined: joined[0]))

    def family_of(self, person: str) -> str | None:
        """Return the family that a person stands in."""
        own = self._of(person)
        return self.families.find(own) if own else None

    def _of(self, party: str) -> str | None:
        """Return the family of a person, or the one with a case number, merges of families aside."""
        if not is_person(party):
            return party if party in self._timeline.found.families else None
        return self._timeline.own(party) or self._family.get(self.persons.find(party))

    def _one_person(self, place: Place, person: str, survivor: str) -> Iterator[tuple[Place, str, str]]:
        """Make one of two persons; yield their two families, if they are in two."""
        if not (is_person(person) and is_person(survivor)):
            return
        merged, remains = self._of(self.persons.find(person)), self._of(self.persons.find(survivor))
        own = self._timeline.own(person)
        if not self.persons.join(person, survivor):
            self.flags[place] = MERGE_CONFLICT
            return
        family = remains or merged or own
        if family:
            self._family[self.persons.find(survivor)] = family
        for one in (merged, own):
            if one and family and one != family:
                yield place, one, family

    def _two_families(self, place: Place, effect: Merges, data: dict[str, Any]) -> Iterator[tuple[Place, str, str]]:
        """Yield the families that a merge makes one; flag it when somebody whom it names is in no family."""
        families, persons = (list(_pairs(names, effect, data)) for names in (effect.families, effect.persons))
        families += [pair for pair in persons if not all(map(is_person, pair))]
        unknown = not (families or persons)
        unknown |= any(self._of(survivor) is None for _, survivor in persons)
        for merged, survivor in families:
            both = self._of(merged), self._of(survivor)
            if both[0] and both[1]:
                yield place, both[0], both[1]
            else:
                unknown = True
        if unknown:
            self.flags.setdefault(place, MERGE_UNKNOWN)

    def _join_families(self, joining: list[tuple[Place, str, str]]) -> None:
        refused = [joined for joined in joining if not self.families.join(*joined[1:])]
        for place, merged, survivor in refused:
            if self.families.find(merged) != self.families.find(survivor):
                self.flags[place] = MERGE_CONFLICT


def _pairs(names: Iterable[str], effect: Merges, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield who is merged into whom, by these fields of a merge."""
    survivor = _party(data[effect.survivor])
    for name in names:
        merged = _party(data.get(name))
        if merged and survivor:
            yield merged, survivor


def _party(party: Any) -> str | None:
    """Return a party as it is known: a person's token, or a case number; an organisation is none."""
    if not isinstance(party, str):
        return None
    return party if is_person(party) else case_key(party)


def _members(effect: Opens | Joins | Leaves, data: dict[str, Any]) -> list[str]:
    members = data[effect.members] if isinstance(effect, Opens) else [data[effect.person]]
    if not isinstance(members, list) or not all(isinstance(person, str) for person in members):
        raise ValueError
    return members


def _linked(
    ordered: list[tuple[Place, RecordedEvent]], number: Callable[[Place, RecordedEvent], str]
) -> Iterable[list[tuple[Place, RecordedEvent]]]:
    """Return the statements in parts that have no person and no family in common, each in order."""
    same, roots, parts = _Same(), dict[Place, tuple[Place, RecordedEvent]](), defaultdict(list)
    for place, event in ordered:
        root = roots.get((place[0], event.target)) if event.target is not None else (place, event)
        if root is None:
            continue
        roots[place] = root
        keys = named(event, root[1])
        if root[0] == place and isinstance(CATALOGUE.effect_of(event.type), Opens):
            keys.add(number(place, event))
        for key in keys:
            same.join(same.find(key), place_key(root[0]))
    for place, event in ordered:
        if place in roots:
            parts[same.find(place_key(roots[place][0]))].append((place, event))
    return parts.values()
