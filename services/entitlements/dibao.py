"""Dibao, of a family or of a single person: its claims, what follows from a grant, what contradicts one.

What the rules E16, E17 and E18 share. Pure.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from services.civil_affairs.events import (
    DibaoAcceptanceDecided,
    DibaoApplied,
    DibaoDecided,
    DibaoReviewed,
    DibaoTerminated,
    HouseholdEconomyChecked,
)
from services.disability_federation.registry.events import PersonDeceased
from services.entitlements.chain import Chain
from services.entitlements.circumstances import APPROVED, Family
from services.entitlements.claims import Claim, claims
from services.entitlements.facts import Fact
from services.entitlements.grants import Grant, grants
from services.entitlements.payments import months_owed
from services.entitlements.policy import Due
from services.hrss.events import EmploymentStarted
from shared.policy.calendar import add_days, add_months

BENEFIT = ("DIBAO",)
Check = HouseholdEconomyChecked


# -- claims


def dibao_claims(family: Family, kind: str, person: str | None = None) -> list[Claim]:
    """Return the claims of one kind of dibao: the family's, or those for one person.

    What was decided says of which kind a claim is; before that, what was applied for. A claim that was not accepted
    has ended there (rules A10).
    """
    found = []
    for claim in claims(family.facts, DibaoApplied, DibaoDecided):
        said = claim.decision or claim.applied
        if said is None or said.event.dibao_type != kind or (person and person not in said.event.persons):
            continue
        acceptance = accepted(family, claim)
        if claim.decision is None and acceptance is not None and acceptance.event.decision != APPROVED:
            claim.decision = acceptance
        found.append(claim)
    return found


def accepted(family: Family, claim: Claim) -> Fact[DibaoAcceptanceDecided] | None:
    """Return the newest answer to whether a claim is accepted for decision."""
    found = family.facts.of(DibaoAcceptanceDecided, process=claim.process) if claim.process else []
    found = [one for one in found if claim.applied is None or one.day >= claim.applied.day]
    return found[-1] if found else None


def await_decision(family: Family, chain: Chain, claim: Claim) -> None:
    """Take the step of an open claim: decided in P-DIBAO-WD from its acceptance, put off at most to P-DIBAO-EXT-WD."""
    acceptance = accepted(family, claim)
    begun = acceptance or claim.applied
    if begun is None:
        return
    extended = claim.extended
    if extended is not None:
        extended = min(extended, chain.policy.due("P-DIBAO-EXT-WD", begun.day, claim.division).day)
    chain.because["step"] = "decide"
    chain.cite(claim.facts, acceptance, claim.extension)
    chain.step("G2", "P-DIBAO-WD", begun.day, DibaoDecided, claim.division, extended=extended)


# -- grants


def dibao_grants(family: Family, own: Iterable[Claim], fallen: Iterable[date]) -> list[Grant]:
    """Return the grants among claims to one kind of dibao; `fallen` since when a condition does not hold."""
    return grants(family, own, family.dibao_until, fallen)


def _take_months(family: Family, chain: Chain, granted: Iterable[Grant], persons: Iterable[str]) -> None:
    """Take the months of grants; of what has ended, those that are owed still (rules A8)."""
    persons = list(persons)
    for one in granted:
        chain.cite(one.claim.facts, family.dibao_end(one.decision))
        ended, first = not one.in_effect(family.on), one.decision.event.pay_from
        overdue = months_owed(chain, family, one.claim, BENEFIT, persons, first, one.last, ended=ended)
        if overdue:
            chain.because.setdefault("unpaid", overdue[0])


def _take_review(family: Family, chain: Chain, claim: Claim, decision: Fact[DibaoDecided]) -> None:
    """Take the next review of a grant in effect (G4): due P-DIBAO-REVIEW after the decision, then when one names it.

    Reviews due before the case was opened, or before the feed began, are not tested (rules A8).
    """
    done = [one for one in _in_process(family, claim, DibaoReviewed) if one.order > decision.order]
    chain.cite(done)
    months = chain.policy.value("P-DIBAO-REVIEW", claim.division, decision.day)[_stability(family)]
    first = done[-1].event.next_due if done else add_months(decision.day, months)
    feed = chain.policy.feed(DibaoReviewed, claim.division, chain.on)
    tested_from = max(chain.opened, feed.since) if feed else chain.opened
    due, turn = first, 0
    while due < tested_from:
        turn += 1
        due = add_months(first, months * turn)
    begin = add_months(due, -months)
    if not chain.covered(DibaoReviewed, claim.division, begin):
        chain.cannot_tell(DibaoReviewed, begin, claim.division)
    elif chain.on <= due:
        chain.upcoming.append(Due(due))
    else:
        chain.clock("G4", Due(due), "CIV", claim.division, decision)


def _stability(family: Family) -> str:
    """Return how often a household is looked at: its income is not stable although somebody can work."""
    check = family.economy.event if family.economy else None
    unstable = check is not None and check.income_stable is False and check.labour_capacity is True
    return "unstable" if unstable else "stable"


def _warn_of_contradiction(
    family: Family, chain: Chain, grant: Grant, decided: date, excludes: Callable[[Check], bool]
) -> None:
    """Warn of what contradicts a grant (G8) until somebody looked again: job, income, death, marginal status over.

    `excludes` says whether a check of the economy shows that the grant's conditions do not hold (rules A9).
    """
    reviews = [one.day for one in _in_process(family, grant.claim, DibaoReviewed)]
    answered = max([decided, *reviews])
    checks = family.facts.of(HouseholdEconomyChecked)
    seen = max([answered, *(one.day for one in checks)])
    found: list[tuple[date, list[Fact[Any]]]] = [
        (one.day, [one])
        for one in family.facts.of(EmploymentStarted, PersonDeceased)
        if one.day > seen and any(family.belongs(one.subject, day) for day in (one.day, add_days(one.day, -1)))
    ]
    if (over := family.marginal_over) and over[0] > seen:
        found.append(over)
    if checks and checks[-1].day > answered and excludes(checks[-1].event):
        found.append((checks[-1].day, [checks[-1]]))
    for day, facts in found:
        chain.warn("G8", day, None, *facts)


def follow(
    family: Family, chain: Chain, granted: Iterable[Grant], persons: Iterable[str], excludes: Callable[[Check], bool]
) -> bool:
    """Follow what was granted: months, reviews, what contradicts it. Return whether a grant is in effect."""
    granted = list(granted)
    _take_months(family, chain, granted, persons)
    running = [one for one in granted if one.in_effect(family.on)]
    for grant in running:
        chain.because["step"] = "granted"
        _take_review(family, chain, grant.claim, grant.decision)
        _warn_of_contradiction(family, chain, grant, granted[-1].decision.day, excludes)
    return bool(running)


def ends_by(family: Family, grant: Grant, reasons: set[str]) -> Fact[DibaoTerminated] | None:
    """Return what ended a grant, if it was ended for one of these reasons."""
    end = family.dibao_end(grant.decision)
    return end if end is not None and getattr(end.event, "reason", None) in reasons else None


def _in_process(family: Family, claim: Claim, *classes: type[Any]) -> list[Fact[Any]]:
    return family.facts.of(*classes, process=claim.process) if claim.process else []


# -- the household's economy


def check_on(family: Family, day: date) -> Fact[HouseholdEconomyChecked] | None:
    """Return the newest check of a household's economy on a day."""
    return next((one for one in reversed(family.facts.of(HouseholdEconomyChecked)) if one.day <= day), None)


def allowed_since(family: Family, excludes: Callable[[Check], bool]) -> list[date]:
    """Return since when no check of a household excludes it, where an earlier one did."""
    excluded, since = False, None
    for one in family.facts.of(HouseholdEconomyChecked):
        if excludes(one.event):
            excluded, since = True, None
        else:
            since = since or one.day
    return [since] if excluded and since else []


def below_standard(check: Check) -> bool:
    """Whether the income of each person lies below the standard."""
    return check.per_capita_income_month < check.standard_month


def income(chain: Chain, check: Fact[HouseholdEconomyChecked] | None) -> None:
    """Say, for the sentence that explains a verdict, what was checked."""
    if check is not None:
        chain.cite(check)
        chain.because |= {"income": check.event.per_capita_income_month, "standard": check.event.standard_month}
