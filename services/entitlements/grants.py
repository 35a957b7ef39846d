"""Grants: approved claims with their ends, followed until then whatever else changes (rules A8, A9). Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family, month_end
from services.entitlements.claims import Claim
from services.entitlements.facts import Fact
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days, month_of, next_month


@dataclass(frozen=True, slots=True)
class Grant:
    """A claim that was approved. `ended` is the first day without it, `last` its last month, where it has ended."""

    claim: Claim
    decision: Fact[Any]
    ended: date | None = None
    last: str | None = None

    def in_effect(self, day: date) -> bool:
        """Whether it has not ended by a day."""
        return self.ended is None or day < self.ended


def grants(
    family: Family, own: Iterable[Claim], until: Callable[[Fact[Any]], str | None], fallen: Iterable[date] = ()
) -> list[Grant]:
    """Return what was granted of claims to one monthly benefit, with its end.

    A grant ends after the month that its end on record names (`until`), or where a newer one takes its place. `fallen`
    are the days since which a condition does not hold: with P-GRACE `immediate` it ends on the first of them after its
    decision.
    """
    decided = [(claim, claim.decision) for claim in own if claim.approved and claim.decision is not None]
    fallen = sorted(fallen)
    found = []
    for at, (claim, decision) in enumerate(decided):
        lasts = [until(decision), _replaced(decision, [one for _, one in decided[at + 1 :]])]
        last = min((one for one in lasts if one), default=None)
        ended = add_days(month_end(last), 1) if last else None
        lost = next((day for day in fallen if day > decision.day), None)
        at_once = lost is not None and family.policy.value("P-GRACE", claim.division, family.on) == "immediate"
        if at_once and lost is not None and (ended is None or lost < ended):
            ended, last = lost, month_of(add_days(lost, -1))
        found.append(Grant(claim, decision, ended, last))
    return found


def _replaced(decision: Fact[Any], newer: list[Fact[Any]]) -> str | None:
    """Return the month before the first one of the next grant, if there is a newer one."""
    first = [one.event.pay_from for one in newer if one.event.pay_from and one.order > decision.order]
    return next_month(first[0], -1) if first else None


def unless_owed(chain: Chain, state: State) -> Verdict:
    """Return a state without gaps, unless months of an earlier grant are owed still: they come first (rules A4)."""
    return chain.verdict() if chain.gaps else chain.state(state)
