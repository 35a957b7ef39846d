"""Payments: which months of a granted benefit are owed, paid, overdue (rules A8)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family
from services.entitlements.claims import Claim
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.finance.events import BenefitPaid, BenefitRecovered
from shared.policy.calendar import last_of, month_of, months_between


def paid(
    family: Family, benefits: Iterable[str], process: str, persons: Iterable[str], month: str | None = None
) -> list[Fact[BenefitPaid]]:
    """Return the payments of some benefits: those in a process, and those without one to these persons.

    `month`: those of one month, unless all of it was recovered.
    """
    wanted, whose = set(benefits), set(persons)
    found = [
        one
        for one in family.facts.of(BenefitPaid)
        if one.event.benefit in wanted
        and (month is None or one.event.period == month)
        and (one.process == process if one.process and process else one.subject in whose)
    ]
    return [] if month is not None and _recovered(family, found, wanted, month) else found


def months_owed(
    chain: Chain,
    family: Family,
    claim: Claim,
    benefits: Iterable[str],
    persons: Iterable[str],
    first: str | None,
    last: str | None = None,
    department: str = "FIN",
) -> None:
    """Take the months of a grant, from its first to its last or this one: each is to be paid in time (G3).

    Nothing paid yet and nothing overdue: it is running; something paid and nothing overdue: it is delivered so far.
    """
    decision = claim.decision
    if decision is None or first is None:
        return
    benefits, persons = list(benefits), list(persons)
    feed = chain.policy.feed(BenefitPaid, claim.division, chain.on)
    tested_from = max(chain.opened, feed.since) if feed else chain.opened
    upto = min(last, month_of(chain.on)) if last else month_of(chain.on)
    some_paid, waiting = False, list[Due]()
    for month in months_between(first, upto) or [first]:
        found = paid(family, benefits, claim.process, persons, month)
        due = due_of(chain, month, decision.day, claim.division)
        if found:
            some_paid = True
            chain.cite(found)
        elif due.day < tested_from:
            continue
        elif not chain.covered(BenefitPaid, claim.division, last_of(month)):
            chain.cannot_tell(BenefitPaid, decision.day, claim.division)
        elif chain.on > due.day:
            chain.clock("G3", due, department, claim.division, decision)
        else:
            waiting.append(due)
    if waiting and some_paid:
        chain.upcoming.append(waiting[0])
    elif waiting:
        chain.running.append((waiting[0], False))


def due_of(chain: Chain, month: str, decided: date, division: str | None) -> Due:
    """Return by when a month of a granted benefit is to be paid: after its end, and after the decision."""
    after_month = chain.policy.due("P-PAY-MONTH-D", last_of(month), division)
    after_decision = chain.policy.due("P-PAY-FIRST-D", decided, division)
    return max(after_month, after_decision, key=lambda one: one.day)


def _recovered(family: Family, payments: list[Fact[BenefitPaid]], benefits: set[str], month: str) -> bool:
    """Whether all that was paid of a month was recovered."""
    whose = {(one.subject, one.process) for one in payments}
    back = [
        one.event.amount
        for one in family.facts.of(BenefitRecovered)
        if one.event.benefit in benefits
        and one.event.period == month
        and any(one.process == process if one.process else one.subject == subject for subject, process in whose)
    ]
    return bool(back) and sum(back, Decimal(0)) >= sum((one.event.amount for one in payments), Decimal(0))


def once(family: Family, benefits: Iterable[str], process: str, person: str, since: date) -> Fact[BenefitPaid] | None:
    """Return the first payment of a benefit that is paid once, on or after a day, in a process or to a person."""
    return next((one for one in paid(family, benefits, process, [person]) if one.day >= since), None)
