"""The engine: judges a family on a day by every rule, from nothing but facts, parameters and the day. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family
from services.entitlements.city import NOWHERE, City
from services.entitlements.facts import Fact, Facts
from services.entitlements.policy import Policy
from services.entitlements.rules import Rule, holds, load
from services.entitlements.verdicts import Verdict

WHOLE_FAMILY = "*"


@dataclass(slots=True)
class Judged:
    """A verdict with its rule and subject: a person's token, or `*` for the family."""

    rule: Rule
    subject: str
    verdict: Verdict


@dataclass(slots=True)
class Case:
    """What is known of a family on K: facts of the family and its persons, and birth dates by person."""

    number: str
    facts: Facts
    born: Mapping[str, date]


def case(number: str, facts: Iterable[Fact[Any]], born: Mapping[str, date]) -> Case:
    """Return a family's case from the facts known of it."""
    return Case(number, Facts(facts), born)


def judge(case_: Case, policy: Policy, on: date, city: City = NOWHERE, only: Iterable[str] = ()) -> list[Judged]:
    """Return the verdicts of every rule, or some, about a family and its living members on a day.

    `city` is what is known beside the family, by the end of that day.
    """
    family = Family(case_.number, case_.facts.until(on), policy, on, case_.born, city)
    wanted = set(only)
    return [
        one
        for rule in load_once().values()
        if (not wanted or rule.id in wanted) and rule.about in {"family", "person"}
        for one in _judge(rule, family)
    ]


def _judge(rule: Rule, family: Family) -> Iterator[Judged]:
    if rule.about == "family":
        yield Judged(rule, WHOLE_FAMILY, _verdict(rule, family, family, None))
        return
    for person in family.members:
        yield Judged(rule, person.token, _verdict(rule, family, person, person.token))


def _verdict(rule: Rule, family: Family, subject: Any, person: str | None) -> Verdict:
    family.policy.used = {}
    chain = Chain(family.policy, family.on, family.opened, family.county, holds(family, rule.id, person))
    verdict = rule.judge(subject, chain)
    verdict.parameters = family.policy.used
    return verdict


_LOADED: dict[str, Rule] = {}


def load_once() -> dict[str, Rule]:
    """Return every rule, imported once."""
    if not _LOADED:
        _LOADED.update(load())
    return _LOADED
