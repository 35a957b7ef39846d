"""Deciding: which events of a batch are recorded, one after the other, each knowing what was accepted before it.

An event is one already on record; or it contradicts itself or the department's own history and is refused with every
fault; or it is accepted, with what the rules remark on. One that is refused leaves no trace.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import repeat
from typing import Any

from shared.door.dependants import dependants
from shared.door.memory import Memory, Target
from shared.door.past import LogPast
from shared.door.reading import CLOCK_SKEW, Event, Name, Reader, newest, stored, target_fault, versions
from shared.door.sameness import Sameness
from shared.errors import Fault, IdTaken, Named, Refused
from shared.json import canonical
from shared.language import envelope
from shared.language.catalogue import CATALOGUE, NEW_NUMBER, Corrects, Withdraws
from shared.language.envelope import moment
from shared.language.persons import Person
from shared.language.rules import Rules, Verdict
from shared.log.record import RecordedEvent, stream_of

NOT_RECORDED = ("datacontenttype", "dataschema")
"""What a record need not repeat: its payload is JSON, of the first version where none is named. Nor its suite."""
_SEALED = {"sealed": "", "key": "", "value": ""}
"""Stands for what is sealed, until it is."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that will be recorded: its record, in which what is to be sealed is not yet there.

    `restated` is the original as a correction restates it.
    """

    event: Event
    restated: Event | None
    record: RecordedEvent


@dataclass(frozen=True, slots=True)
class Again:
    """A fact that is on record under another id; nothing is recorded."""

    record: RecordedEvent


@dataclass(frozen=True)
class Decider:
    """Decides by one department's rules. `now` is the one moment at which a whole batch is recorded."""

    reader: Reader
    rules: Rules
    sameness: Sameness
    now: datetime

    @cached_property
    def today(self) -> date:
        """The day of that moment."""
        return envelope.china_day(self.now)

    @cached_property
    def _logged(self) -> str:
        return envelope.stamp(self.now)

    def outcome(
        self, submission: Any, read: Event | Refused, name: Name | None, memory: Memory
    ) -> Accepted | Again | RecordedEvent | Refused:
        """Return what comes of one submission: accepted, the record of the same event, or refused."""
        try:
            if isinstance(read, Event):
                return self.decide(submission, read, memory)
        except Refused as refused:
            return refused
        known = memory.by_name.get(name) if name else None
        if known is None:
            return read
        return known if self.sameness.holds(known, memory, submission) else IdTaken()

    def decide(self, submission: Any, event: Event, memory: Memory) -> Accepted | Again | RecordedEvent:
        """Return the event as accepted, or the record of the same event, or of the same fact under another name.

        The memory takes in what is accepted.

        Raises IdTaken when its name stands for another event, Refused with every fault.
        """
        target = memory.target(event) if event.amends else None
        restated = self._restated(event, target)
        known = memory.by_name.get(event.name)
        if known is not None:
            if not self.sameness.holds(known, memory, submission, event, restated):
                raise IdTaken
            return known
        fact = self.sameness.fact_on_record(event, event.attributes, memory)
        if fact is not None and fact[1]:
            return Again(fact[0])
        verdict = self._judge(event, restated, target, memory)
        taken = () if fact is None else (_taken(event, fact[0]),)
        objections = event.objections + (restated.objections if restated else ())
        faults = (*_unless_said(verdict.faults, objections), *taken)
        if faults:
            raise Refused(faults)
        left = self._left(event, target, memory)
        unapproved = ("approval_missing",) if left and "approvedby" not in event.attributes else ()
        flags = (*verdict.flags, "dependants_left", *unapproved) if left else verdict.flags
        record = self._record(event, restated, target, memory, flags)
        if left:  # a text, as every attribute is
            record.attributes["dependants"] = canonical(left).decode()
        memory.add(record, newest(event, restated))
        return Accepted(event, restated, record)

    def _restated(self, event: Event, target: Target | None) -> Event | None:
        if target is None or not isinstance(event.declaration.effect, Corrects):
            return None
        if isinstance(target.named.effect, Withdraws):
            return None  # a withdrawal cannot be restated
        return self.reader.restated(event, target.original.event, self.today)

    def _judge(self, event: Event, restated: Event | None, target: Target | None, memory: Memory) -> Verdict:
        if not event.amends:
            return self.rules.judge(event.typed(), LogPast(memory, self.reader.link, event))
        faults = list(_amendable(event, target))
        if faults or restated is None or target is None:
            return Verdict(tuple(faults), ())
        past = LogPast(memory, self.reader.link, restated, besides=target.original.event.position)
        verdict = self.rules.judge(restated.typed(), past, order=False)
        faults = list(verdict.faults)
        fact = self.sameness.fact_on_record(restated, restated.attributes, memory, target.original.event.position)
        if fact is not None:
            faults.append(_taken(restated, fact[0]))
        return Verdict(tuple(_inside(fault, event.inside) for fault in faults), verdict.flags)

    def _left(self, event: Event, target: Target | None, memory: Memory) -> list[str]:
        """Return the ids of what a withdrawal leaves without its ground; an amendment is no ground of anything."""
        if target is None or not isinstance(event.declaration.effect, Withdraws) or target.named is not target.original:
            return []
        return dependants(target.named, memory, self.rules, self.reader.link)

    def _record(
        self, event: Event, restated: Event | None, target: Target | None, memory: Memory, flags: tuple[str, ...]
    ) -> RecordedEvent:
        attributes = {name: value for name, value in event.attributes.items() if name not in NOT_RECORDED}
        now = self._logged
        attributes.setdefault("recordedtime", now)
        attributes |= {"loggedtime": now, "fingerprint": self.reader.digest(event, restated)}
        attributes |= versions(event, restated)
        persons = {**event.persons, **(restated.persons if restated else {})}
        if new := self.reader.new_number(restated or event, self.today):
            attributes[NEW_NUMBER] = self.reader.link.token(new)
            persons[attributes[NEW_NUMBER]] = new
        facts = sorted(f"{token}/{person.born}/{person.sex}" for token, person in persons.items() if person.born)
        if facts:
            attributes["persons"] = " ".join(facts)
        stream = stream_of(attributes)
        if target is not None:
            original = target.original if restated is not None else target.named
            attributes["target"] = original.event.position
            attributes.setdefault("causationid", target.named.event.id)
            stream = original.event.originator_id
            if target.named.event.subject:
                attributes["subject"] = target.named.event.subject
        flags = (*flags, *self._early(attributes), *_doubtful(persons.values()))
        if flags:
            attributes["flags"] = " ".join(flags)
        data = stored(event, restated, repeat(_SEALED))
        return RecordedEvent(stream, memory.next_version(stream), attributes, data, memory.last + 1)

    def _early(self, attributes: dict[str, Any]) -> Iterator[str]:
        if max(attributes["time"], attributes["recordedtime"]) <= self._logged:  # as texts of one zone are ordered
            return
        latest = self.now + CLOCK_SKEW
        if moment(attributes["time"]) > latest:
            yield "happened_in_future"
        if moment(attributes["recordedtime"]) > latest:
            yield "asserted_in_future"


def _amendable(event: Event, target: Target | None) -> Iterator[Fault]:
    """Yield why an event may not be corrected or withdrawn by this one."""
    if target is None:
        yield target_fault("no_such_event", "本部门没有这一事件。", "This department has no such event.")
        return
    named, original = target.named, target.original
    if CATALOGUE.get(named.event.type) is None or isinstance(named.effect, Withdraws):
        yield target_fault("not_amendable", "撤销记录不能再更正或撤销。", "A withdrawal cannot be amended.")
    elif not named.stands or (isinstance(event.declaration.effect, Corrects) and not original.stands):
        yield target_fault("already_withdrawn", "该记录已被撤销。", "That event is already withdrawn.")
    if event.subject is not None and event.subject != named.event.subject:
        yield Fault("other_subject", "/subject", "所涉人员与原记录不同。", "The original is about someone else.")


def _taken(event: Event, record: RecordedEvent) -> Fault:
    """Return why a fact that is on record with other content is not recorded again."""
    handle = event.declaration.handle
    return Fault(
        "natural_key_taken",
        f"/data/{handle}" if handle in event.declaration.facts else f"/{handle}",
        f"同一事实已有记录，内容不同（事件编号 {record.id}，来源 {record.source}）；原记录有误的，请报送更正。",
        f"This fact is on record with other content (id {record.id}, source {record.source}); "
        "if that is wrong, send event_corrected.",
        Named(record.id, record.source, record.position),
    )


def _unless_said(faults: Iterable[Fault], objections: Iterable[Fault]) -> Iterator[Fault]:
    """Yield the objections of reading and the faults of the rules; where a rule says more of a place, it speaks."""
    said = {fault.pointer for fault in faults}
    yield from (objection for objection in objections if objection.pointer not in said)
    yield from faults


def _doubtful(persons: Iterable[Person]) -> Iterator[str]:
    if any(person.ends_000 for person in persons):
        yield "number_ends_000"


def _inside(fault: Fault, field: str) -> Fault:
    """Return a fault of a restated payload with its place inside the correction."""
    path = fault.pointer.removeprefix("/data")
    return fault if path == fault.pointer else replace(fault, pointer=f"/data/{field}{path}")
