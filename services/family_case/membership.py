"""Who belongs to which family, from which day to which day, because of which events. Pure.

Whatever says who belongs together is interpreted here and nowhere else. The answer is worked out from all statements as
they stand, in the order of the days that they speak of, so it depends neither on how they arrived nor on what was
known before: as known on an earlier day, only what was written down by then is asked.

- Each opening has a case number. If its subject belongs to a family on that day, or opened one before that was
  withdrawn, it speaks of that family and its number leads there; otherwise it opens one.
- Whom the first opening names belonged to the family before it had a case. Who joins or leaves does so on a day.
- A person counts in one family at a time. Whom a family names while they belong to another whose case is open stays
  there; the statement is flagged, and holds from the day on which they leave, or that case is closed.
- A merge makes one of two families, or of two numbers of one person; so does a corrected number. It holds as long as it
  stands, and a family that was merged goes along when its survivor is merged in turn. If two numbers of one person are
  in two families at once, these are one too. A merge of what was merged into another already is in conflict, and one
  that names nobody known waits: both do nothing, and are flagged until that changes.
- What was withdrawn was never there.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any

from services.family_case.domain import Place, case_key, is_person, place_key
from shared.language.catalogue import (
    CATALOGUE,
    NEW_NUMBER,
    Closes,
    Corrects,
    Dies,
    Joins,
    Leaves,
    Merges,
    Opens,
    Renumbers,
    Reopens,
    Withdraws,
)
from shared.language.envelope import civil_day
from shared.log.amended import Amended, as_amended, restatement
from shared.log.record import RecordedEvent

MERGE_CONFLICT = "merge_conflict"
"""The flag of a merge of what was merged into another family or person already."""
MERGE_UNKNOWN = "merges_nobody_known"
"""The flag of a merge of, or into, nobody who is known."""
MEMBER_ELSEWHERE = "belongs_to_another_family"
"""The flag of a statement that names somebody who belongs to another family at that time."""
OPENED, JOINED = "opened", "joined"
"""Why a person belongs to a family: an opening named them, or they joined."""
DIED, ELSEWHERE = "death", "elsewhere"
"""Why a person belongs to a family no longer, beside the reasons that are given for leaving one (REMOVE)."""
ROUNDS = 10
"""How often merges are looked at again: which family a person names can depend on what another merge made one."""

Number = Callable[[Place, RecordedEvent], str]


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
class Span:
    """A person belongs to a family from one day on and before another: `date.min` and `date.max` for no such day."""

    person: str
    family: str
    begins: date
    ends: date
    came: str
    since: Place
    """The event that says so."""
    left: str = ""
    until: Place | None = None
    """The event that ends it."""

    def covers(self, day: date) -> bool:
        """Whether the person belongs to the family on a day."""
        return self.begins <= day < self.ends


@dataclass(slots=True)
class Family:
    """A family's case: the place of its opening, whose it is, where it was opened, and the case it is by now."""

    number: str
    place: Place
    head: str
    division: str | None
    now: str


@dataclass(slots=True)
class Membership:
    """The answer. `stands` says for each person, and each statement about a family, where it stands; None for nowhere.

    Persons are named by the number that remains of theirs (`one`), families by the case that they are by now.
    """

    families: dict[str, Family]
    spans: list[Span]
    stands: dict[str, str | None] = field(default_factory=dict)
    flags: dict[Place, str] = field(default_factory=dict)
    _persons: _Same = field(default_factory=_Same, compare=False)
    _of: dict[str, list[Span]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        self._of = defaultdict(list)
        for span in self.spans:
            self._of[span.person].append(span)

    def one(self, person: str) -> str:
        """Return the token that remains of a person who has several."""
        return self._persons.find(person)

    def now(self, number: str) -> str | None:
        """Return the case that a case number leads to; None for a number that was never given."""
        family = self.families.get(number)
        return family.now if family else None

    def spans_of(self, person: str) -> list[Span]:
        """Return where a person belonged, in order."""
        return self._of.get(self.one(person), [])

    def family(self, person: str, on: date = date.max) -> str | None:
        """Return the family of a person on a day: that of the latest membership begun by then, though it ended."""
        span = _latest(self.spans_of(person), on)
        return span.family if span else None

    def family_at(self, person: str, on: date) -> str | None:
        """Return the family that a family's event belongs to, by its subject and day: the first one, before any."""
        own = self.spans_of(person)
        return (_latest(own, on) or own[0]).family if own else None

    def members(self, family: str, on: date = date.max) -> list[str]:
        """Return the living members of a family on a day, in the order in which they came; of the last day known."""
        spans = [span for span in self.spans if span.family == family]
        here = [span for span in spans if span.covers(on) or (on == date.max == span.ends)]
        return list(dict.fromkeys(span.person for span in sorted(here, key=attrgetter("begins", "since"))))

    def ever(self, family: str) -> set[str]:
        """Return everybody who ever belonged to a family, by each of their numbers."""
        persons = {span.person for span in self.spans if span.family == family}
        return {key for key in self.stands if is_person(key) and self.one(key) in persons}

    def crossed(self) -> set[str]:
        """Return the families one of whose members belonged to another family too, at another time."""
        several = [spans for spans in self._of.values() if len({span.family for span in spans}) > 1]
        return {span.family for spans in several for span in spans}


def membership(
    statements: Mapping[str, Iterable[RecordedEvent]], number: Number, known: date | None = None
) -> Membership:
    """Return who belongs where after these statements and what amends them, by log, everything that is linked.

    `number` gives the case number of an opening; `known`: as known at the end of that day. Raises ValueError, KeyError
    or TypeError for an event that does not say whom it is about: a department that signs may still be mistaken.
    """
    by_log = {log: list(events) for log, events in sorted(statements.items())}
    standing = [
        ((log, one.event.position), one)
        for log, events in by_log.items()
        for one in as_amended(events, known)
        if one.event.target is None
    ]
    persons = _Persons(standing)
    merges = [(place, one) for place, one in standing if isinstance(one.effect, Merges) and one.stands]
    united, pairs = _United([]), None
    for _ in range(ROUNDS):
        fold = _Fold(standing, persons, united, number)
        found = sorted(fold.joining(merges))
        united = _United(found)
        if found == pairs:
            break
        pairs = found
    answer = fold.answer(united, {token for events in by_log.values() for token in _persons_in(events)})
    answer.flags |= persons.flags | united.flags
    for place, flag in fold.unknown(merges).items():
        answer.flags.setdefault(place, flag)
    return answer


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
    elif isinstance(effect, Renumbers):
        found.update(filter(is_person, [event.attributes.get(NEW_NUMBER)]))
    elif isinstance(effect, Merges):
        parties = (data.get(name) for name in (*effect.families, *effect.persons, effect.survivor))
        found.update(key for party in parties if (key := _party(party)))
    return found


class Household:
    """Whom a history is about: the head, whoever was a member, and which numbers name one person.

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
            elif isinstance(effect, Merges | Renumbers):
                for person, survivor in _same_person(entry, effect):
                    self._same.join(person, survivor)
        self.head = self.one(self.head)
        self.members = list(dict.fromkeys(map(self.one, members)))

    def one(self, person: str) -> str:
        """Return the token that stands for a person who has several."""
        return self._same.find(person)


class _Persons(_Same):
    """Which numbers are one person's, after the merges and corrected numbers that stand."""

    def __init__(self, standing: Iterable[tuple[Place, Amended]]) -> None:
        super().__init__()
        self.flags: dict[Place, str] = {}
        self.by: dict[str, Place] = {}
        """Which statement says that a number is another one's."""
        for place, one in standing:
            effect = one.effect
            if isinstance(effect, Merges | Renumbers) and one.stands:
                for person, survivor in _same_person(one, effect):
                    if self.join(person, survivor):
                        self.by.setdefault(person, place)
                    else:
                        self.flags[place] = MERGE_CONFLICT


class _United(_Same):
    """Which families are one after these merges, taken in order: (place, merged, survivor)."""

    def __init__(self, joining: Iterable[tuple[Place, str, str]]) -> None:
        super().__init__()
        refused = [joined for joined in joining if not self.join(*joined[1:])]
        apart = [place for place, merged, survivor in refused if self.find(merged) != self.find(survivor)]
        self.flags = dict.fromkeys(apart, MERGE_CONFLICT)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A statement says that a person, by one of their numbers, belongs to a family since a day."""

    person: str
    by_number: str
    family: str
    day: date
    place: Place
    came: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement with the day that it speaks of."""

    day: date
    place: Place
    one: Amended = field(compare=False)


class _Fold:
    """Takes statements in the order of the days that they speak of, and keeps what follows from them so far.

    Which families are one is given: `united`.
    """

    def __init__(self, standing: list[tuple[Place, Amended]], persons: _Persons, united: _Same, number: Number) -> None:
        self.persons, self.united, self.number = persons, united, number
        self.families: dict[str, Family] = {}
        self.roots: dict[str, str] = {}
        """For each case number the family of which its opening speaks."""
        self.stays: dict[str, list[Span]] = defaultdict(list)
        """For each person where they belonged, in order."""
        self.by_number: dict[Place, dict[str, str]] = defaultdict(dict)
        self.opened: dict[str, str] = {}
        """Who opened a family by an event that was withdrawn."""
        self.held: dict[str, list[_Claim]] = defaultdict(list)
        """What names a person who belongs to another family at that time."""
        self.adrift: dict[str, list[_Said]] = defaultdict(list)
        """What is said of the family of a person who has none yet."""
        self.early: dict[str, list[_Said]] = defaultdict(list)
        """Who left a family that they do not belong to yet."""
        self.closed: set[str] = set()
        self.clashes: list[tuple[Place, str, str]] = []
        self.statements = standing
        self._todo: deque[_Said] = deque()
        said = [_Said(_day(one), place, one) for place, one in standing if one.stands or isinstance(one.effect, Opens)]
        for each in sorted(said, key=attrgetter("day", "place")):
            self._todo.append(each)
            while self._todo:
                self._take(self._todo.popleft())
        self._bury(said)

    def joining(self, merges: Iterable[tuple[Place, Amended]]) -> Iterator[tuple[Place, str, str]]:
        """Yield which families these merges make one, and those of one person's numbers: (place, merged, survivor)."""
        yield from self.clashes
        for place, one in merges:
            for merged, survivor in self._families_in(one):
                if merged and survivor:
                    yield place, merged, survivor

    def unknown(self, merges: Iterable[tuple[Place, Amended]]) -> dict[Place, str]:
        """Return the merges that name somebody who is in no family."""
        found = {}
        for place, one in merges:
            families = list(self._families_in(one))
            effect = one.effect
            assert isinstance(effect, Merges)  # noqa: S101 - these are merges
            survivors = [survivor for _, survivor in _pairs(effect.persons, effect, one.data)]
            nowhere = any(self._family_of(survivor, one) is None for survivor in survivors)
            if nowhere or not (families or survivors) or not all(map(all, families)):
                found[place] = MERGE_UNKNOWN
        return found

    def answer(self, united: _Same, tokens: Iterable[str]) -> Membership:
        """Return what follows from everything that was taken, for all of these persons."""
        for number, family in self.families.items():
            family.now = united.find(self.roots[number])
        spans = [span for own in self.stays.values() for span in own]
        for span in spans:
            span.family = united.find(span.family)
        found = Membership(
            self.families, sorted(spans, key=attrgetter("person", "begins", "since")), _persons=self.persons
        )
        found.stands = {token: found.family(token) for token in sorted(tokens)}
        found.stands |= {place_key(place): self._stands(place, one, found) for place, one in self._about_families()}
        for claim in (claim for held in self.held.values() for claim in held):
            here = _latest(found.spans_of(claim.person), claim.day)
            if here and here.family != united.find(claim.family):
                found.flags[claim.place] = MEMBER_ELSEWHERE
        return found

    def _take(self, said: _Said) -> None:
        effect, subject = said.one.effect, said.one.event.subject
        if not is_person(subject):
            return
        subject = self.persons.find(subject)
        if isinstance(effect, Opens):
            self._open(said, effect, subject)
        elif isinstance(effect, Leaves):
            self._leave(said, effect, subject)
        elif isinstance(effect, Joins | Closes | Reopens):
            own = self.stays.get(subject)
            if not own:
                self.adrift[subject].append(said)
                return
            family = (_latest(own, said.day) or own[0]).family
            if isinstance(effect, Joins):
                [person] = _members(effect, said.one.data)
                self._claim(_Claim(self.persons.find(person), person, family, said.day, said.place, JOINED))
            elif isinstance(effect, Closes):
                self._close(self.united.find(family), said)
            else:
                self.closed.discard(self.united.find(family))

    def _open(self, said: _Said, effect: Opens, subject: str) -> None:
        event = said.one.event
        number = self.number(said.place, event)
        here = _covering(self.stays.get(subject, []), said.day)
        if here and self._number_in(here) != event.subject:
            here = None  # the same person by another number: these are two families, which are found to be one
        root = here.family if here else self.opened.get(subject, number)
        division = said.one.data.get(effect.division) or event.attributes.get("division")
        self.roots[number] = root
        self.families[number] = Family(number, said.place, event.subject or "", division, root)
        if not said.one.stands:
            self.opened.setdefault(subject, root)
            return
        for person in _members(effect, said.one.data):
            self._claim(_Claim(self.persons.find(person), person, root, said.day, said.place, OPENED))

    def _claim(self, claim: _Claim) -> None:
        """Let a person belong where they are named, unless they belong elsewhere at that time."""
        own = self.stays.get(claim.person, [])
        here = _covering(own, claim.day)
        if here is None:
            self._settle(claim, date.min if claim.came == OPENED and not own else claim.day)
        elif here.family == claim.family:
            return
        elif self.united.find(here.family) in self.closed and not self._same_family(here.family, claim.family):
            _end(here, claim.day, ELSEWHERE, claim.place)
            self._settle(claim, claim.day)
        else:
            self._clash(claim, here)
            if not self._same_family(here.family, claim.family):
                self.held[claim.person].append(claim)

    def _settle(self, claim: _Claim, begins: date) -> None:
        own = self.stays[claim.person]
        later = own[bisect_left(own, begins, key=attrgetter("begins")) :]
        span = Span(claim.person, claim.family, begins, date.max, claim.came, claim.place)
        if later:
            _end(span, later[0].begins, ELSEWHERE, later[0].since)
        insort(own, span, key=attrgetter("begins"))
        self.by_number[claim.place][claim.person] = claim.by_number
        self._todo += self.adrift.pop(claim.person, [])
        self._todo += self.early.pop(claim.person, [])

    def _clash(self, claim: _Claim, here: Span) -> None:
        """Note two families that one person is in, under two numbers."""
        other = self._number_in(here)
        if other == claim.by_number:
            return
        place = max(self.persons.by[number] for number in (other, claim.by_number) if number in self.persons.by)
        merged, survivor = here.family, claim.family
        if claim.by_number != claim.person:
            merged, survivor = survivor, merged
        self.clashes.append((place, merged, survivor))

    def _number_in(self, span: Span) -> str:
        """Return by which number a person was named when they came to a family."""
        return self.by_number[span.since].get(span.person, span.person)

    def _leave(self, said: _Said, effect: Leaves, subject: str) -> None:
        person = self.persons.find(_members(effect, said.one.data)[0])
        stay, of = _latest(self.stays.get(person, []), said.day), _latest(self.stays.get(subject, []), said.day)
        if stay is None or of is None or not self._same_family(stay.family, of.family):
            self.early[person].append(said)
        elif said.day < stay.ends:
            _end(stay, said.day, str(said.one.data.get(effect.reason, "")), said.place)
            self._release(person, said.day)

    def _close(self, family: str, said: _Said) -> None:
        self.closed.add(family)
        for person in sorted(self.held):
            here = _covering(self.stays[person], said.day)
            if here and self.held[person] and self.united.find(here.family) == family:
                _end(here, said.day, ELSEWHERE, said.place)
                self._release(person, said.day)

    def _release(self, person: str, day: date) -> None:
        """Let what names a person who belonged elsewhere until a day hold from then on."""
        for claim in sorted(self.held.pop(person, []), key=attrgetter("day", "place")):
            self._claim(replace(claim, day=max(claim.day, day)))

    def _bury(self, said: Iterable[_Said]) -> None:
        """End what the dead belonged to on the day of their death."""
        for one in sorted((one for one in said if isinstance(one.one.effect, Dies)), key=attrgetter("day", "place")):
            for span in self.stays.get(self.persons.find(one.one.event.subject or ""), []):
                if span.begins <= one.day < span.ends:
                    _end(span, one.day, DIED, one.place)

    def _about_families(self) -> Iterator[tuple[Place, Amended]]:
        return ((place, one) for place, one in self.statements if isinstance(one.effect, Opens | Joins | Leaves))

    def _stands(self, place: Place, one: Amended, found: Membership) -> str | None:
        """Return the family that an opening, a joining or a leaving speaks of."""
        subject = one.event.subject
        if not is_person(subject):
            return None
        if isinstance(one.effect, Opens):
            return found.now(self.number(place, one.event))
        ended = [span.family for span in found.spans_of(subject) if span.until == place]
        return ended[0] if ended else found.family_at(subject, _day(one))

    def _families_in(self, merge: Amended) -> Iterator[tuple[str | None, str | None]]:
        """Yield the two families that a merge names, each None if it is not known."""
        effect = merge.effect
        assert isinstance(effect, Merges)  # noqa: S101 - it is one
        pairs = [pair for pair in _pairs(effect.persons, effect, merge.data) if not all(map(is_person, pair))]
        for merged, survivor in (*_pairs(effect.families, effect, merge.data), *pairs):
            yield self._family_of(merged, merge), self._family_of(survivor, merge)

    def _family_of(self, party: str, merge: Amended) -> str | None:
        if not is_person(party):
            return self.roots.get(party)
        own = self.stays.get(self.persons.find(party))
        return (_latest(own, _day(merge)) or own[0]).family if own else None

    def _same_family(self, one: str, other: str) -> bool:
        return self.united.find(one) == self.united.find(other)


def _day(one: Amended) -> date:
    """Return the day that a statement speaks of: its own date, or the day of the event."""
    effect = one.effect
    name = (
        effect.since if isinstance(effect, Joins)
        else effect.until if isinstance(effect, Leaves)
        else effect.on if isinstance(effect, Dies | Closes)
        else ""
    )  # fmt: skip
    return date.fromisoformat(one.data[name]) if name else civil_day(one.event.attributes["time"])


def _latest(spans: list[Span], on: date) -> Span | None:
    """Return the latest of some spans that began by a day."""
    return next((span for span in reversed(spans) if span.begins <= on), None)


def _covering(spans: list[Span], on: date) -> Span | None:
    return next((span for span in reversed(spans) if span.covers(on)), None)


def _end(span: Span, day: date, left: str, until: Place) -> None:
    span.ends, span.left, span.until = day, left, until


def _same_person(one: Amended, effect: Merges | Renumbers) -> Iterator[tuple[str, str]]:
    """Yield the numbers that are one person's, and the one that remains."""
    if isinstance(effect, Merges):
        yield from (pair for pair in _pairs(effect.persons, effect, one.data) if all(map(is_person, pair)))
    else:
        said = one.corrections[-1] if one.corrections else one.event
        number, subject = said.attributes.get(NEW_NUMBER), one.event.subject
        if is_person(number) and is_person(subject):
            yield number, subject


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


def _persons_in(events: Iterable[RecordedEvent]) -> Iterator[str]:
    """Yield every person whom some statements of a log, or their amendments, ever named."""
    roots: dict[int, RecordedEvent] = {}
    for event in sorted(events, key=attrgetter("position")):
        root = event if event.target is None else roots.get(event.target)
        if root is not None:
            roots[event.position] = root
            yield from filter(is_person, named(event, root))
