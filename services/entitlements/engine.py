"""The engine: judges a family on a day by every rule, from nothing but facts, parameters and the day. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.entitlements.bases import Base
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family, Span
from services.entitlements.city import NOWHERE, City, Whole
from services.entitlements.facts import Fact, Facts
from services.entitlements.policy import Policy
from services.entitlements.rules import Rule, holds, load
from services.entitlements.verdicts import Verdict
from shared.log.parameters import CITY

WHOLE_FAMILY = "*"


@dataclass(slots=True)
class Judged:
    """A verdict with its rule and subject: a person's token, or `*` for the family."""

    rule: Rule
    subject: str
    verdict: Verdict


@dataclass(slots=True)
class Case:
    """What is known of a family on K: facts of the family and its persons, birth dates, and who belonged to it when.

    `spans`: each person, from which day to which (not included); None where the family's own facts say it all.
    `numbers`: other tokens of persons who have several, each with the one that stands for them in `facts`.
    """

    number: str
    facts: Facts
    born: Mapping[str, date]
    spans: Collection[Span] | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)


def case(
    number: str, facts: Iterable[Fact[Any]], born: Mapping[str, date], spans: Collection[Span] | None = None
) -> Case:
    """Return a family's case from the facts known of it."""
    return Case(number, Facts(facts), born, spans)


def judge(case_: Case, policy: Policy, on: date, city: City = NOWHERE, only: Iterable[str] = ()) -> list[Judged]:
    """Return the verdicts of every rule, or some, about a family and its living members on a day.

    `city` is what is known beside the family, by the end of that day.
    """
    return judge_family(case_, policy, on, city, only)[1]


def judge_family(
    case_: Case, policy: Policy, on: date, city: City = NOWHERE, only: Iterable[str] = (), *, briefly: bool = False
) -> tuple[Family, list[Judged]]:
    """Return a family as it stands on a day, and the verdicts of every rule, or some, about it.

    Before its case was opened nothing was asked of anybody: there are none.
    `briefly`: a rule is not asked about whom it is not meant for; those verdicts, not applicable, are left out.
    """
    family = Family(case_.number, case_.facts.until(on), policy, on, case_.born, city, case_.spans, case_.numbers)
    if family.opening is None:
        return family, []
    wanted = set(only)
    return family, [
        one
        for rule in load_once().values()
        if (not wanted or rule.id in wanted) and rule.about in {"family", "person"}
        for one in _judge(rule, family, briefly)
    ]


def judge_city(whole: Whole, only: Iterable[str] = ()) -> list[Judged]:
    """Return the verdicts about the city, about its bases, and about processes that concern no family, on a day."""
    wanted = set(only)
    found: list[Judged] = []
    for rule in load_once().values():
        if wanted and rule.id not in wanted:
            continue
        if rule.about == "city":
            chain = Chain(whole.policy, whole.on, date.min, CITY)
            found.append(Judged(rule, f"city:{CITY}", _traced(rule, whole, chain)))
        elif rule.about == "base":
            found += [judge_base(rule, base) for base in whole.bases]
    return found


def judge_base(rule: Rule, base: Base) -> Judged:
    """Return the verdict of a rule about a base."""
    opened = min((one.day for one in base.agreements), default=base.on)
    division = base.agreements[0].event.division if base.agreements else CITY
    return Judged(rule, f"base:{base.code}", _traced(rule, base, Chain(base.policy, base.on, opened, division)))


def _judge(rule: Rule, family: Family, briefly: bool) -> Iterator[Judged]:
    if rule.about == "family":
        yield Judged(rule, WHOLE_FAMILY, _verdict(rule, family, family, None))
        return
    for person in family.members:
        if not briefly or rule.meant is None or rule.meant(person):
            yield Judged(rule, person.token, _verdict(rule, family, person, person.token))


def _verdict(rule: Rule, family: Family, subject: Any, person: str | None) -> Verdict:
    chain = Chain(family.policy, family.on, family.opened, family.county, holds(family, rule.id, person))
    return _traced(rule, subject, chain)


def _traced(rule: Rule, subject: Any, chain: Chain) -> Verdict:
    """Return a rule's verdict with the parameters that it read."""
    chain.policy.used = {}
    verdict = rule.judge(subject, chain)
    verdict.parameters = chain.policy.used
    return verdict


_LOADED: dict[str, Rule] = {}


def load_once() -> dict[str, Rule]:
    """Return every rule, imported once."""
    if not _LOADED:
        _LOADED.update(load())
    return _LOADED
