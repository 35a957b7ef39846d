"""A stand-in for what a department has on record, for tests of its rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shared.language.rules import OnRecord, Rules, Waived
from shared.policy.parameters import parameter

Given = tuple[Any, str] | tuple[Any, str, str]
"""A class, or an event, that is on record, and in which respects it is the same: process, person, family …

A third item says of whom, where the rule asks about another person than the subject.
"""


@dataclass(frozen=True)
class On:
    """An event on record, with what else a rule may look at: when it happened, its id, its process."""

    event: Any
    same: str
    """In which respects it is the same as the new event, separated by spaces."""
    of: str | None = None
    """Of whom, where the rule asks about another person, process or base than that of the event."""
    happened: date | None = None
    id: str = ""
    process: str | None = None
    division: str | None = None


@dataclass
class Past:
    """What a rule may ask: these events are on record, each for the same process, person … as the new event."""

    given: Iterable[Given | On] = ()
    subject: str | None = "p-subject"
    process: str | None = "PROCESS-1"
    division: str | None = "421221"
    happened: date = date(2025, 3, 1)
    births: Mapping[str, date] = field(default_factory=dict)
    family: frozenset[str] = frozenset()
    own_certificate: bool = True
    legacy: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def born(self, person: str) -> date | None:
        """Return the birth date of a person, where the test gave one."""
        return self.births.get(person)

    def certificate_is_of_subject(self, number: str) -> bool:  # noqa: ARG002
        """Whether the test said so."""
        return self.own_certificate

    def numbered(self, number: str) -> str:
        """Return a token for the number."""
        return f"p-{number}"

    def members(self, of: str | None = None, on: date | None = None) -> frozenset[str]:  # noqa: ARG002
        """Return the family that the test gave."""
        self._not_for_legacy()
        return self.family

    def parameter(self, name: str) -> Any:
        """Return the value that the test gave a parameter, or its default."""
        self._not_for_legacy()
        return self.parameters[name] if name in self.parameters else parameter(name).standard

    def events(
        self,
        *classes: type[Any],
        same: str,
        of: str | None = None,
        before: bool = False,  # noqa: ARG002
    ) -> list[OnRecord[Any]]:
        """Return what is on record of these classes in this respect."""
        self._not_for_legacy()
        found = []
        for number, what in enumerate(self.given):
            one = what if isinstance(what, On) else On(*what)
            cls = one.event if isinstance(one.event, type) else type(one.event)
            if cls not in classes or same not in one.same.split():
                continue
            if one.of is not None and one.of != (of or (self.process if same == "process" else self.subject)):
                continue
            event = None if isinstance(one.event, type) else one.event
            subject, process = (of or self.subject, self.process) if same != "process" else (self.subject, of)
            happened = one.happened or self.happened
            process = one.process or process or self.process
            found.append(OnRecord(event, one.id or f"e-{number}", happened, subject, process, one.division))
        return found

    def _not_for_legacy(self) -> None:
        if self.legacy:
            raise Waived


def refusals_of(rules: Rules, event: Any, *given: Given, **about: Any) -> list[str]:
    """Return code and place of every reason against an event, when `given` is on record."""
    faults = rules.judge(event, Past(given, **about)).faults
    for fault in faults:
        assert fault.zh.endswith("。")
        assert fault.en.endswith(".")
    return [f"{fault.code} {fault.pointer}" for fault in faults]


def flags_of(rules: Rules, event: Any, *given: Given, **about: Any) -> list[str]:
    """Return every flag that an event raises, when `given` is on record."""
    return list(rules.judge(event, Past(given, **about)).flags)
