"""Reading: from what a sender handed in to a typed event with persons as tokens, or every fault at once. No database.

Nothing that names a person outlives this step in clear: the number becomes a token, and only birth date and sex, which
the rules need, stay beside the token; what is sealed later stays typed in memory alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from shared.errors import Fault, Refused, nearest
from shared.json import canonical
from shared.keys.persons import LinkKey
from shared.language import envelope
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Renumbers, Withdraws
from shared.language.form import Form
from shared.language.kinds import PARTY, PERSON, Organisation, Setting, Unreadable
from shared.language.persons import Person
from shared.language.validation import Invalid, check
from shared.log.amended import RESTATED_SCHEMA
from shared.log.record import RecordedEvent

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of our clock a sender's may be."""
TURNED_AWAY = {"refused", "not_accepted"}
"""The decisions (DECISION) that a family must be given the reason of."""
Name = tuple[str, str]
"""The source and the id that a sender gave an event: together they name it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A payload in the version in which it was sent: so it is recorded."""

    form: Form
    payload: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """An event as it was read: normalised attributes, typed payload, and whom it names (persons by token).

    `payload` is in the newest version; `sent` is it in the one in which it came, if it came from a sender.
    `objections` are faults for which a new event is refused, but which one on record may have: a version before did
    not look for them, and whoever sends such an event again still gets its receipt.
    """

    declaration: Declaration
    attributes: dict[str, Any]
    payload: dict[str, Any]
    persons: dict[str, Person]
    objections: tuple[Fault, ...] = ()
    sent: Said | None = None

    @property
    def name(self) -> Name:
        """The event's source and id."""
        return self.attributes["source"], self.attributes["id"]

    @property
    def subject(self) -> str | None:
        """The token of the person, or the code of the organisation, that the event is about."""
        return self.attributes.get("subject")

    @property
    def process(self) -> str | None:
        """The case number inside the department."""
        return self.attributes.get("process")

    @property
    def legacy(self) -> bool:
        """Whether it is imported history."""
        return bool(self.attributes.get("legacy"))

    @property
    def inside(self) -> str:
        """The field in which a correction restates the whole payload of its original; empty for other events."""
        effect = self.declaration.effect
        return effect.payload if isinstance(effect, Corrects) else ""

    @property
    def amends(self) -> str | None:
        """The id of the event that this one corrects or withdraws, if it does."""
        effect = self.declaration.effect
        return self.payload[effect.target] if isinstance(effect, Corrects | Withdraws) else None

    @property
    def said(self) -> Said:
        """The payload in the version in which it was sent."""
        return self.sent or Said(self.declaration, self.payload)

    @cached_property
    def stored(self) -> dict[str, Any]:
        """That payload as JSON, without what is absent; nothing is sealed yet. It is not to be changed."""
        form, payload = self.said.form, self.said.payload
        found = form.store(payload)
        for name in self.to_seal:
            found[name] = form.facts[name].store(payload[name])
        return found

    @cached_property
    def to_seal(self) -> list[str]:
        """Its fields that are to be sealed."""
        said = self.said
        return [name for name in said.form.sealed if said.payload[name] is not None]

    def typed(self) -> Any:
        """Return the event as an instance of its class, for the rules."""
        return self.declaration.cls(**self.payload)


class Reader:
    """Reads what the systems of one department hand in."""

    def __init__(
        self, department: str, link: LinkKey, *, allow_test_regions: bool, high_tech_zone: bool = False
    ) -> None:
        self.department = department
        self.link = link
        self.allow_test_regions = allow_test_regions
        self.high_tech_zone = high_tech_zone

    def read(self, contents: Sequence[Any], now: datetime) -> list[Event | Refused]:
        """Return each content as an event, or the refusal that holds every fault of its envelope and payload."""
        setting = self._setting(now.astimezone(envelope.CHINA).date())
        latest = envelope.china_day(now + CLOCK_SKEW)
        found: list[Event | Refused] = []
        for content in contents:
            try:
                found.append(self._event(content, setting, latest))
            except Refused as refused:
                found.append(refused)
        return found

    def name(self, content: Any) -> Name | None:
        """Return the name of a content, even of one that cannot be read otherwise, or None without one."""
        return envelope.name(content, self.link.mask)

    def restated(self, event: Event, original: RecordedEvent, today: date) -> Event:
        """Return the original of a correction as the correction restates it.

        Raises Refused with every fault, also when the original is of a type that nobody declares any more.
        """
        effect, target = event.declaration.effect, CATALOGUE.get(original.type)
        if not isinstance(effect, Corrects) or target is None:
            raise Refused([target_fault("not_amendable", "原记录类型已不存在。", "The original's type is unknown.")])
        persons = dict(event.persons)
        faults: list[Fault] = []
        setting = envelope.on_its_day(self._setting(today), original.attributes)
        at = f"/data/{effect.payload}"
        said = self._said(target, None, event.payload[effect.payload], setting, persons, faults, at)
        objections = (*_twice(said, at), *_unexplained(said, at))
        if faults:
            raise Refused([*faults, *objections])
        return _event(target, original.attributes, said, persons, objections)

    def new_number(self, event: Event, today: date) -> Person | None:
        """Return who has the number that an event gives to its subject, if it gives one: the same person."""
        effect = event.declaration.effect
        if not isinstance(effect, Renumbers) or event.payload[effect.item] not in effect.items:
            return None
        try:
            found: Person = PERSON.parse(event.payload[effect.number], self._setting(today))
        except Unreadable:  # imported history need not be right; the rules refuse it elsewhere
            return None
        return None if self.link.token(found) == event.subject else found

    def digest(self, event: Event, restated: Event | None = None) -> str:
        """Return a keyed digest of an event's content: equal for the same content, and nobody gets back from it.

        What only travels beside the event does not count, nor how it was written. `restated` is the original as a
        correction restates it.
        """
        return self.link.digest(canonical(content(event, restated)))

    def _setting(self, today: date) -> Setting:
        return Setting(today, self.allow_test_regions, self.high_tech_zone)

    def _event(self, submission: Any, setting: Setting, latest: date) -> Event:
        attributes, faults = envelope.read(submission, setting, self.link.mask)
        setting = envelope.on_its_day(setting, attributes)
        declaration = self._declaration(attributes.get("type"), faults)
        if declaration is None:
            raise Refused(faults)
        version = attributes.get("dataschema")
        if version is not None and declaration.form(version) is None:
            faults.append(
                Fault("unknown_version", "/dataschema", "没有此版本的内容格式。", "There is no such payload version.")
            )
        persons: dict[str, Person] = {}
        self._read_subject(attributes, declaration, setting, persons, faults)
        said = Said(declaration, {})
        if submission.get("data") is not None:
            said = self._said(declaration, version, submission["data"], setting, persons, faults, "/data")
        objections = (
            *_in_future(attributes, setting.day, latest),
            *_twice(said, "/data"),
            *_unexplained(said, "/data"),
        )
        if faults:
            raise Refused([*faults, *objections])
        return _event(declaration, attributes, said, persons, objections)

    def _declaration(self, name: Any, faults: list[Fault]) -> Declaration | None:
        declaration = CATALOGUE.get(name) if isinstance(name, str) else None
        if declaration is not None and declaration.department == self.department:
            return declaration
        if declaration is not None:
            zh, en = "这类事件由其他部门报送。", "Another department sends events of this type."
            faults.append(Fault("not_your_type", "/type", zh, en))
        elif isinstance(name, str):
            ours = [known.type for known in CATALOGUE if known.department == self.department]
            zh, en = nearest(name, ours)
            faults.append(Fault("unknown_type", "/type", f"本部门没有这类事件。{zh}", f"No such type here.{en}"))
        return None

    def _read_subject(
        self,
        attributes: dict[str, Any],
        declaration: Declaration,
        setting: Setting,
        persons: dict[str, Person],
        faults: list[Fault],
    ) -> None:
        about_person = declaration.scope in {"person", "family"}
        named = attributes.get("subject")
        if named is None:
            if about_person:
                faults.append(
                    Fault("required", "/subject", "须写明事件所涉人员（证件号码）。", "Say which person it is about.")
                )
            return
        try:
            subject = self._token((PERSON if about_person else PARTY).parse(named, setting), persons)
            attributes["subject"] = subject.code if isinstance(subject, Organisation) else subject
        except Unreadable as error:
            faults.append(error.at("/subject"))

    def _said(
        self,
        declaration: Declaration,
        version: str | None,
        data: Any,
        setting: Setting,
        persons: dict[str, Person],
        faults: list[Fault],
        at: str,
    ) -> Said:
        """Read a payload in the version that was named; if none was, in the newest one that it fits."""
        try:
            form, payload = _checked(declaration, version, data, setting, at)
        except Invalid as invalid:
            faults += invalid.faults
            return Said(declaration, {})
        for name in form.identifiers:  # they name an event or a process, and are kept as those are
            if payload[name] is not None:
                payload[name] = self._masked(payload[name])
        for name, value in payload.items():
            if isinstance(value, Person | tuple):
                payload[name] = self._tokens(value, persons)
        return Said(form, payload)

    def _masked(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._masked(item) for item in value)
        return envelope.masked(value, self.link.mask)

    def _tokens(self, value: Any, persons: dict[str, Person]) -> Any:
        if isinstance(value, tuple):
            return tuple(self._token(item, persons) for item in value)
        return self._token(value, persons)

    def _token(self, value: Any, persons: dict[str, Person]) -> Any:
        if not isinstance(value, Person):
            return value
        token = self.link.token(value)
        persons.setdefault(token, value)
        return token


def _checked(
    declaration: Declaration, version: str | None, data: Any, setting: Setting, at: str
) -> tuple[Form, dict[str, Any]]:
    """Return a payload, checked, with its version. Raises Invalid, as the version that it misses least says."""
    named = None if version is None else declaration.form(version)
    refused = []
    for form in declaration.forms if named is None else (named,):
        try:
            return form, check(form, data, setting, at)
        except Invalid as invalid:
            refused.append(invalid)
    raise min(refused, key=lambda invalid: len(invalid.faults))


def _event(
    declaration: Declaration,
    attributes: dict[str, Any],
    said: Said,
    persons: dict[str, Person],
    objections: tuple[Fault, ...],
) -> Event:
    if said.form is declaration:
        return Event(declaration, attributes, said.payload, persons, objections, said)
    newest = declaration.newest(said.form.store(said.payload), said.form.dataschema)
    payload = {
        name: said.payload.get(name) if fact.sealed else None if newest.get(name) is None else fact.load(newest[name])
        for name, fact in declaration.facts.items()
    }
    return Event(declaration, attributes, payload, persons, objections, said)


def target_fault(code: str, zh: str, en: str) -> Fault:
    """Return a fault of what a correction or withdrawal names."""
    return Fault(code, "/data/target_event", zh, en)


def content(event: Event, restated: Event | None = None) -> dict[str, Any]:
    """Return the content of an event as JSON, however it travelled and however it was written."""
    return _kept(event) | {"data": stored(event, restated)}


def newest_content(event: Event, restated: Event | None = None) -> dict[str, Any]:
    """Return the content of an event as JSON, in whichever version it was sent."""
    return _kept(event) | {"data": newest(event, restated)}


def newest(event: Event, restated: Event | None = None) -> dict[str, Any]:
    """Return an event's payload as `stored` does, in the newest version."""
    data = event.stored
    if event.said.form is not event.declaration:
        data = event.declaration.newest(data, event.said.form.dataschema)
    return data if restated is None else data | {event.inside: newest(restated)}


def versions(event: Event, restated: Event | None = None) -> dict[str, str]:
    """Return, as a record does, in which versions an event and what it restates came; the first goes without saying."""
    named = {"dataschema": event.said.form}
    if restated is not None:
        named[RESTATED_SCHEMA] = restated.said.form
    return {name: form.dataschema for name, form in named.items() if form.version > 1}


def _kept(event: Event) -> dict[str, Any]:
    return {
        name: value for name, value in event.attributes.items() if name not in envelope.BESIDE and value is not False
    }


def stored(event: Event, restated: Event | None = None, sealed: Iterator[Any] | None = None) -> dict[str, Any]:
    """Return an event's payload as JSON, without what is absent; of a correction, with what it restates in its place.

    It is in the version in which it was sent.
    A field that is to be sealed is its text, or the next of `sealed`, in the order of `fields_to_seal`.
    """
    data = _stored(event, sealed)
    return data if restated is None else data | {event.inside: _stored(restated, sealed)}


def fields_to_seal(event: Event, restated: Event | None = None) -> Iterator[tuple[str, str]]:
    """Yield the fields of an event that are to be sealed, each with its text; those of what it restates last."""
    yield from ((name, str(event.said.payload[name])) for name in event.to_seal)
    if restated is not None:
        yield from ((f"{event.inside}/{name}", text) for name, text in fields_to_seal(restated))


def _stored(event: Event, sealed: Iterator[Any] | None) -> dict[str, Any]:
    if sealed is None or not event.to_seal:
        return event.stored
    return event.stored | {name: next(sealed) for name in event.to_seal}


def _in_future(attributes: dict[str, Any], day: date | None, latest: date) -> Iterator[Fault]:
    """Object to an event that lies after the day on which it was written down, or, if none is given, received."""
    if day is None:
        return
    asserted = attributes.get("recordedtime")
    if asserted is None and day > latest:
        yield Fault("dated_in_the_future", "/time", "发生日期晚于今天。", "The event lies after today.")
    if asserted is not None and day > envelope.civil_day(asserted):
        zh, en = "发生日期晚于登记日期。", "The event lies after the day on which it was written down."
        yield Fault("dated_in_the_future", "/time", zh, en)


def _twice(said: Said, at: str) -> Iterator[Fault]:
    """Object to a list that names something twice, persons by their tokens."""
    for name in said.form.lists:
        values = said.payload.get(name) or ()
        if any(value in values[:place] for place, value in enumerate(values)):
            zh = f"{said.form.facts[name].label}不得重复列入。"
            yield Fault("named_twice", f"{at}/{name}", zh, "This list must not name anything twice.")


def _unexplained(said: Said, at: str) -> Iterator[Fault]:
    """Object to a decision that turns somebody away and does not say why, where its declaration has not done so."""
    reason, payload = said.form.facts.get("refuse_reason"), said.payload
    if reason is None or payload.get("decision") not in TURNED_AWAY or payload.get("refuse_reason") is not None:
        return
    if reason.when is None or not (reason.when.required and reason.when.met(payload)):
        zh = "不予同意或不予受理的，须写明原因。"
        en = "Who refuses or does not accept an application must give the reason."
        yield Fault("refusal_without_reason", f"{at}/refuse_reason", zh, en)
