"""What is known beside a family: events about organisations and money, and whom else a service was granted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.disability_federation.rehabilitation.providers.events import InstitutionDesignated
from services.entitlements.bases import Base, codes
from services.entitlements.facts import Fact, Facts
from services.entitlements.policy import Policy
from shared.log.parameters import CITY

CITY_CODE = "4212"
"""How the codes of the city and of its counties begin."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A service was granted to a family: for whom priorities are kept, it says whether that one was difficult then."""

    family: str
    difficult: bool
    fact: Fact[Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A difficult family waits for what was approved: since the payment was overdue, until it came."""

    since: date
    until: date | None
    fact: Fact[Any]


@dataclass(frozen=True, slots=True)
class Group:
    """How many families are in the group, and how many of them have no open gap of a policy rule."""

    recognised: int = 0
    without_gap: int = 0


class City:
    """The city as known on K: facts about organisations, and who was granted what, of services with a priority."""

    def __init__(self, facts: Facts, approvals: Iterable[Approval] = ()) -> None:
        self.facts = facts
        self.approvals = list(approvals)

    def until(self, day: date) -> "City":
        """Return what counts by the end of a day."""
        return City(self.facts.until(day), [one for one in self.approvals if one.fact.day <= day])

    def granted_to_others(self, cls: type[Any], division: str | None, family: str) -> list[Approval]:
        """Return the grants of a kind in a division to families that were not difficult then, this one aside."""
        return [
            one
            for one in self.approvals
            if one.fact.cls is cls and one.fact.division == division and one.family != family and not one.difficult
        ]

    def lies_outside(self, institution: str | None) -> bool:
        """Whether an institution is known to lie outside the city: it is designated for another place."""
        known = [one for one in self.facts.of(InstitutionDesignated) if one.event.uscc == institution]
        return bool(known) and not known[-1].event.division.startswith(CITY_CODE)

    def overtaken(
        self, cls: type[Any], division: str | None, family: str, year: int, applied: date, decided: date | None
    ) -> Approval | None:
        """Return the first such grant of one year that was made while a family's own claim waited (rules E06, E10).

        A grant belongs to its batch year, else to the year of its day. On the day of its own decision a claim does not
        wait any more.
        """
        waited = [
            one
            for one in self.granted_to_others(cls, division, family)
            if applied <= one.fact.day < (decided or date.max) and year_of(one.fact) == year
        ]
        return min(waited, key=lambda one: one.fact.order, default=None)


def year_of(grant: Fact[Any]) -> int:
    """Return the year to which a grant belongs: its batch year, else the year of its day."""
    return int(getattr(grant.event, "batch_year", None) or grant.day.year)


class Whole:
    """The city itself on the day `on`: what the rules about it, and about its bases, are judged from.

    `promised` are decisions that grant an amount, `waiting` the families for which it is overdue.
    """

    def __init__(
        self,
        facts: Facts,
        policy: Policy,
        on: date,
        group: Group | None = None,
        promised: Iterable[Fact[Any]] = (),
        waiting: Iterable[Waiting] = (),
    ) -> None:
        self.facts = facts
        self.policy = policy
        self.on = on
        self.group = group or Group()
        self.promised = sorted((one for one in promised if one.day <= on), key=lambda one: one.order)
        self.waiting = list(waiting)
        self.bases = [Base(code, facts, policy, on) for code in codes(facts)]

    def param(self, name: str, on: date | None = None) -> Any:
        """Return a parameter's value for the city, on this day or another."""
        return self.policy.value(name, CITY, on or self.on)


NOWHERE = City(Facts(()))
"""Nothing is known beside the family."""
