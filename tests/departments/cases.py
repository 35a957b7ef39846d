"""Every rule tested both ways in a line or two: what it refuses or flags, and what it must let pass.

    CASES = [
        Case("REH-06.1", RehabMonthReported, {"fee_total": "9.00"}, refuses="fees_do_not_add_up /data/fee_total"),
        Case("REH-06.3", RehabMonthReported, {"month": "2025-07"}, refuses="month_before_start /data/month",
             given=[(RehabStarted, {"started_on": "2025-08-04"}, "process")]),
    ]

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_each_rule_refuses_what_it_must_and_nothing_else(case: Case) -> None:
        check(case)

A rule that needs more than that has an ordinary test under `@holds("REH-06.2")`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import chain
from typing import Any

import pytest

from services.departments import DEPARTMENTS, domain_of, load_catalogue
from shared.errors import Fault
from shared.keys.persons import LinkKey
from shared.language.catalogue import CATALOGUE
from shared.language.kinds import PERSON, Setting, Unreadable
from shared.language.persons import Person
from shared.language.rules import Rule
from shared.language.validation import Invalid
from shared.language.validation import check as read
from tests.departments.past import On, Past

Changes = Mapping[str, Any]
"""What differs from the example of a class, as a sender writes it; None takes a field away."""

SUBJECT = str(PERSON.example)
HAPPENED = "2025-03-01"
"""The day of the event, where a case says none."""
TODAY = date(2027, 12, 31)
"""On this day the events of the cases are received."""
LINK = LinkKey(b"cases".ljust(32, b"."))
SETTING = Setting(TODAY, allow_test_regions=True)

holds = pytest.mark.holds
"""Mark an ordinary test as the one that holds these rules: `@holds("REH-06.2", "REH-06.3")`."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One rule and an event that breaks it: the example of its class with some changes, in some circumstances.

    `refuses` is code and pointer of the fault, `flags` the code of the flag. The fine event is the plain example in the
    same circumstances: `fine` are its changes, and `fine_given` and `fine_about` what else differs around it.
    `given` is what is on record: a class, or a class and its changes, and in which respects it is the same as the new
    event (`"process person"`); or `On`, where `of` is a person's number, as everywhere here.
    """

    number: str = field(kw_only=False)
    cls: type[Any] = field(kw_only=False)
    changes: Changes = field(kw_only=False, default_factory=dict)
    refuses: str = ""
    flags: str = ""
    given: Sequence[Any] = ()
    happened: str = HAPPENED
    subject: str | None = SUBJECT
    process: str | None = "PROCESS-1"
    division: str | None = "421221"
    births: Mapping[str, str] = field(default_factory=dict)
    family: Sequence[str] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    legacy: bool = False
    fine: Changes = field(default_factory=dict)
    fine_given: Sequence[Any] | None = None
    fine_about: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the rule's number: the id of the test."""
        return self.number


def check(case: Case) -> None:
    """Check that the rules of this number refuse or flag the event of a case, and let the fine one pass."""
    assert bool(case.refuses) != bool(case.flags), "a case refuses or flags"
    rules = rules_of(case.number)
    assert rules, f"no rule has this number: {case.number}"
    assert {rule.cls for rule in rules} == {case.cls}, f"the rule is about another class: {case.number}"
    about = {name: getattr(case, name) for name in _CIRCUMSTANCES}
    found = _found(case, rules, case.changes, about)
    assert (case.refuses or case.flags) in found, f"{case.number}: {found or 'nothing'}"
    if case.fine_given is not None:
        about["given"] = case.fine_given
    found = _found(case, rules, case.fine, about | case.fine_about)
    assert found == [], f"{case.number}, where nothing is wrong: {found}"
    others = [rule for rule in _rules() if rule.cls is case.cls and rule.effect == "refuse" and not rule.asks]
    found = _found(case, others, case.fine, about | case.fine_about)
    assert found == [], f"{case.number}: the fine event contradicts itself: {found}"


_CIRCUMSTANCES = ("given", "happened", "subject", "process", "division", "births", "family", "parameters", "legacy")


@cache
def _rules() -> tuple[Rule, ...]:
    load_catalogue()
    return tuple(chain.from_iterable(domain_of(department.name).RULES for department in DEPARTMENTS))


def rules_of(number: str) -> list[Rule]:
    """Return the rules that have this number; several only if they are parts of one."""
    return [rule for rule in _rules() if number in rule.numbers]


def _found(case: Case, rules: Sequence[Rule], changes: Changes, about: Mapping[str, Any]) -> list[str]:
    """Return what reading and the rules have against an event: `code pointer` of each fault, the code of each flag.

    A fault in reading counts in its own right: no rule is asked about an event that nobody can read.
    """
    persons: dict[str, Person] = {}
    try:
        event = _event(case.cls, changes, persons, about["happened"])
    except Invalid as invalid:
        return [_said(fault) for fault in invalid.faults]
    past = _past(about, persons)
    return [
        fault.code if rule.effect == "flag" else _said(fault) for rule in rules for fault in rule.faults(event, past)
    ]


def _said(fault: Fault) -> str:
    assert fault.zh.endswith("。"), f"a sentence without end: {fault.zh}"
    assert fault.en.endswith("."), f"a sentence without end: {fault.en}"
    return f"{fault.code} {fault.pointer}"


class _CasePast(Past):
    def certificate_is_of_subject(self, number: str) -> bool:
        return bool(token(number[:18]) == self.subject)

    def numbered(self, number: str) -> str:
        return str(token(number))


def _past(about: Mapping[str, Any], persons: Mapping[str, Person]) -> Past:
    known = dict(persons)
    given = [_on(what, known) for what in about["given"]]
    subject = token(about["subject"], known)
    family = frozenset(token(number, known) for number in about["family"])
    births = {name: person.born for name, person in known.items() if person.born}
    births |= {token(number): born for number, born in about["births"].items()}
    return _CasePast(
        given,
        subject=subject,
        process=about["process"],
        division=about["division"],
        happened=date.fromisoformat(about["happened"]),
        births={name: date.fromisoformat(born) for name, born in births.items()},
        family=family,
        legacy=about["legacy"],
        parameters=about["parameters"],
    )


def _on(what: Any, known: dict[str, Person]) -> On:
    if isinstance(what, On):
        cls, changes = what.event if isinstance(what.event, tuple) else (what.event, {})
        of = what.of if what.same == "process" else token(what.of, known)
        return replace(what, event=_event(cls, changes, known), of=of)
    cls, *changed, same = what
    return On(_event(cls, changed[0] if changed else {}, known), same)


def _event(cls: type[Any], changes: Changes, known: dict[str, Person], happened: str = "") -> Any:
    """Return an event as rules see it, of which the codes of its day count; who is named in it becomes `known`.

    Raises Invalid.
    """
    setting = SETTING.on(date.fromisoformat(happened)) if happened else SETTING
    declaration = CATALOGUE.of(cls)
    data = {name: value for name, value in (declaration.example() | dict(changes)).items() if value is not None}
    return cls(**{name: _named(value, known) for name, value in read(declaration, data, setting).items()})


def _named(value: Any, known: dict[str, Person]) -> Any:
    if isinstance(value, tuple):
        return tuple(_named(item, known) for item in value)
    if not isinstance(value, Person):
        return value
    name = LINK.token(value)
    known[name] = value
    return name


def token(number: Any, known: dict[str, Person] | None = None) -> Any:
    """Return the token of a person's number; what is none, such as an organisation's code, as it is."""
    try:
        return number and _named(PERSON.parse(number, SETTING), {} if known is None else known)
    except Unreadable:
        return number
