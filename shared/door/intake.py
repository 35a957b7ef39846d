"""From what a sender said to what is stored: checked, persons turned into tokens, identifying fields sealed.

Nothing that names a person outlives this step in clear: the number becomes a token, and only birth date and sex, which
the rules need, stay beside the token.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.errors import Fault, Refused, nearest
from shared.json import canonical
from shared.keys.persons import LinkKey
from shared.keys.ring import KeyRing
from shared.keys.signing import SUITE
from shared.language import envelope
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.fields import PARTY, PERSON, Organisation
from shared.language.kinds import KINDS, Setting, Unreadable
from shared.language.persons import Person
from shared.language.validation import Invalid, check

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of our clock a sender's time may lie before the receipt remarks on it."""


@dataclass
class Draft:
    """An event on its way into the log: what it says, with persons as tokens, not yet sealed."""

    declaration: Declaration
    attributes: dict[str, Any]
    payload: dict[str, Any]
    legacy: bool
    persons: dict[str, Person] = field(default_factory=dict)

    @property
    def subject(self) -> str | None:
        """The token of the person, or the code of the organisation, that the event is about."""
        return self.attributes.get("subject")

    def typed(self) -> Any:
        """Return the event as an instance of its class, for the rules."""
        return self.declaration.cls(**self.payload)


class Intake:
    """The intake of one department."""

    def __init__(self, department: str, link: LinkKey, ring: KeyRing, *, allow_test_regions: bool) -> None:
        self.department = department
        self.link = link
        self.ring = ring
        self.allow_test_regions = allow_test_regions

    def read(self, said: Any, now: datetime) -> Draft:
        """Check one event as a sender said it. Raises Refused with every fault, of envelope and payload, at once."""
        setting = Setting(now.astimezone(envelope.CHINA).date(), self.allow_test_regions)
        attributes, faults = envelope.read(said, setting, self.link.mask)
        declaration = self._declaration(attributes.get("type"), faults)
        if declaration is None:
            raise Refused(faults)
        if attributes.setdefault("dataschema", declaration.dataschema) != declaration.dataschema:
            faults.append(
                Fault("unknown_version", "/dataschema", "没有此版本的内容格式。", "There is no such payload version.")
            )
        draft = Draft(declaration, attributes, {}, legacy=bool(attributes.get("legacy")))
        self._read_subject(draft, setting, faults)
        if said.get("data") is not None:
            self._read_payload(draft, declaration, said["data"], setting, faults, "/data")
        faults += _too_late(draft)
        if faults:
            raise Refused(faults)
        attributes.setdefault("recordedtime", envelope.stamp(now))
        attributes["loggedtime"] = envelope.stamp(now)
        attributes["fingerprint"] = self.link.fingerprint(canonical(said))
        attributes["suite"] = SUITE
        return draft

    def read_corrected(self, draft: Draft, target: Declaration, now: datetime) -> None:
        """Check the payload inside a correction against the type of the event it corrects. Raises Refused."""
        setting = Setting(now.astimezone(envelope.CHINA).date(), self.allow_test_regions)
        name = draft.declaration.effect.payload  # type: ignore[union-attr]
        faults: list[Fault] = []
        inner = Draft(target, draft.attributes, {}, draft.legacy, draft.persons)
        self._read_payload(inner, target, draft.payload[name], setting, faults, f"/data/{name}")
        if faults:
            raise Refused(faults)
        draft.payload[name] = inner

    def stored(self, draft: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return attributes and data as they are stored: sealed fields sealed, persons' birth and sex beside."""
        attributes = dict(draft.attributes)
        facts = [f"{token}/{person.born}/{person.sex}" for token, person in draft.persons.items() if person.born]
        if facts:
            attributes["persons"] = " ".join(sorted(facts))
        return attributes, self._stored(draft, draft.declaration, draft.payload, "")

    def _declaration(self, name: Any, faults: list[Fault]) -> Declaration | None:
        declaration = CATALOGUE.get(name) if isinstance(name, str) else None
        if declaration is not None and declaration.department == self.department:
            return declaration
        if isinstance(name, str):
            ours = [known.type for known in CATALOGUE if known.department == self.department]
            zh, en = nearest(name, ours)
            faults.append(Fault("unknown_type", "/type", f"本部门没有这类事件。{zh}", f"No such type here.{en}"))
        return None

    def _read_subject(self, draft: Draft, setting: Setting, faults: list[Fault]) -> None:
        said = draft.attributes.get("subject")
        scope = draft.declaration.scope
        if said is None:
            if scope in {"person", "family"}:
                faults.append(
                    Fault("required", "/subject", "须写明事件所涉人员(证件号码)。", "Say which person it is about.")
                )
            return
        kind = PERSON if scope in {"person", "family"} else PARTY
        try:
            subject = self._party(draft, KINDS[kind].read(said, setting))
            draft.attributes["subject"] = subject.code if isinstance(subject, Organisation) else subject
        except Unreadable as error:
            faults.append(Fault(error.said[0], "/subject", *error.said[1:]))

    def _read_payload(
        self, draft: Draft, declaration: Declaration, data: Any, setting: Setting, faults: list[Fault], at: str
    ) -> None:
        try:
            payload = check(declaration, data, setting, at)
        except Invalid as invalid:
            faults += invalid.faults
            return
        draft.payload = {name: self._tokens(draft, value) for name, value in payload.items()}

    def _tokens(self, draft: Draft, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._party(draft, item) for item in value)
        return self._party(draft, value)

    def _party(self, draft: Draft, value: Any) -> Any:
        if not isinstance(value, Person):
            return value
        token = self.link.token(value)
        draft.persons.setdefault(token, value)
        return token

    def _stored(self, draft: Draft, declaration: Declaration, payload: dict[str, Any], inside: str) -> dict[str, Any]:
        data = {}
        for name, said in declaration.facts.items():
            value = payload[name]
            if value is None:
                continue
            if isinstance(value, Draft):
                data[name] = self._stored(draft, value.declaration, value.payload, f"{name}/")
            elif said.sealed:
                place = (draft.declaration.type, *self._name(draft), f"{inside}{name}")
                data[name] = self.ring.seal(draft.subject or "organisation", place, str(value))
            else:
                data[name] = plain(value)
        return data

    @staticmethod
    def _name(draft: Draft) -> tuple[str, str]:
        return draft.attributes["source"], draft.attributes["id"]


def plain(value: Any) -> Any:
    """Return a typed value as JSON: dates as ISO 8601, amounts as decimal strings, tuples as lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Organisation):
        return {"code": value.code} | ({"name": value.name} if value.name else {})
    return [plain(item) for item in value] if isinstance(value, tuple) else value


def remarks(attributes: dict[str, Any]) -> list[str]:
    """Return what a receipt remarks on without refusing: a time that lies in our future."""
    logged = envelope.moment(attributes["loggedtime"]) + CLOCK_SKEW
    ahead = [name for name in ("time", "recordedtime") if envelope.moment(attributes[name]) > logged]
    return [f"{name}_in_the_future" for name in ahead]


def _too_late(draft: Draft) -> Iterator[Fault]:
    happened, asserted = draft.attributes.get("time"), draft.attributes.get("recordedtime")
    if happened and asserted and envelope.moment(happened) > envelope.moment(asserted):
        yield Fault(
            "asserted_before_it_happened",
            "/recordedtime",
            "登记时间早于发生时间。",
            "It was written down before it happened.",
        )
