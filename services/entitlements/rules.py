"""The rules: each is declared beside its clause, for one kind of subject, and answers with a verdict."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

from services.disability_federation.registry.events import GapActionRecorded
from services.entitlements import clauses
from services.entitlements.chain import Chain, Held
from services.entitlements.circumstances import Decline, Family, Person
from services.entitlements.facts import Fact
from services.entitlements.verdicts import Verdict

Kind = Literal["family", "person", "base", "city", "process"]
Class = Literal["policy", "linked", "advisory"]
Judge = Callable[[Any, Chain], Verdict]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its number, the clause it carries out, whom it is about, and the function that judges.

    `need` is the code of the need that it serves; `standing` whether it binds, is linked or only advises (rules A20).
    """

    id: str
    clause: str
    about: Kind
    need: str
    standing: Class
    label: str
    judge: Judge
    alarms: int = 0
    """How many new gaps and warnings it may raise in a month, for 1,000 families: said beforehand (rules D12)."""
    meant: Callable[[Any], bool] | None = None
    """Whom it can apply to at all, told quickly. To all others it is not applicable, and has nothing else to say."""


RULES: dict[str, Rule] = {}


def rule(
    id_: str,
    clause: str,
    about: Kind,
    label: str,
    *,
    need: str = "",
    standing: Class = "policy",
    alarms: int = 0,
    meant: Callable[[Any], bool] | None = None,
) -> Callable[[Judge], Judge]:
    """Declare a rule; the decorated function judges one subject, with a chain to take its steps.

    `meant` tells quickly whom it can apply to, where that are few. What the function answers decides.
    """

    def declare(judge: Judge) -> Judge:
        if id_ in RULES:
            raise TypeError(f"Rule declared twice: {id_}")
        RULES[id_] = Rule(id_, clause, about, need, standing, label, judge, alarms, meant)
        return judge

    return declare


def load() -> dict[str, Rule]:
    """Return every rule by its number, after importing the clauses."""
    for module in iter_modules(clauses.__path__):
        import_module(f"{clauses.__name__}.{module.name}")
    return dict(sorted(RULES.items()))


def holds(family: Family, rule_id: str, person: str | None) -> Held:
    """Return until when gaps of a rule are held for a person or the family on this day, by type (rules A12)."""
    found: dict[str, tuple[date, Fact[Any]]] = {}
    for one in family.facts.of(GapActionRecorded):
        event = one.event
        if event.entitlement != rule_id or event.hold_until is None or event.person not in {None, person}:
            continue
        latest = one.day + timedelta(family.param("P-HOLD-MAX-D", one.day))
        until = min(event.hold_until, latest)
        if one.day <= family.on <= until:
            found[event.gap_type] = until, one
    return found


def declined(who: Family | Person, need: str, ended_by: Iterable[Fact[Any]] = ()) -> Decline | None:
    """Return the decline that is in force for a need of a family or a person (rules A11)."""
    found = [one for one in _declines(who, need, ended_by) if one.since <= who.on <= one.until]
    return found[-1] if found else None


def decline_ended(who: Family | Person, need: str, ended_by: Iterable[Fact[Any]] = ()) -> list[date]:
    """Return the days on which declines of a need ended before this day: an outreach clock begins anew after each."""
    return [one.ended for one in _declines(who, need, ended_by) if one.until < who.on]


def _declines(who: Family | Person, need: str, ended_by: Iterable[Fact[Any]]) -> list[Decline]:
    if isinstance(who, Family):
        return who.declines(need, None, ended_by)
    return who.family.declines(need, who.token, ended_by)
