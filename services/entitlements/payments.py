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


def paid(family: Family, benefits: Iterable[str], process: str, persons: Iterable[str]) -> list[Fact[BenefitPaid]]:
    """Return the payments of some benefits: those in a process, and those without one to these persons."""
    wanted, whose = set(benefits), set(persons)
    return [
        one for one in family.facts.of(BenefitPaid) if one.event.benefit in wanted and _belongs(one, process, whose)
    ]


def by_month(payments: Iterable[Fact[BenefitPaid]]) -> dict[str | None, list[Fact[BenefitPaid]]]:
    """Return payments by the months that they are for."""
    found: dict[str | None, list[Fact[BenefitPaid]]] = {}
    for one in payments:
        found.setdefault(one.event.period, []).append(one)
    return found


def kept(
    family: Family, payments: Iterable[Fact[BenefitPaid]], benefits: Iterable[str], month: str
) -> list[Fact[BenefitPaid]]:
    """Return those payments that are for a month; none when all that was paid for it was recovered."""
    found = [one for one in payments if one.event.period == month]
    return [] if found and _recovered(family, found, set(benefits), month) else found


def months_owed(
    chain: Chain,
    family: Family,
    claim: Claim,
    benefits: Iterable[str],
    persons: Iterable[str],
    first: str | None,
    last: str | None = None,
    department: str = "FIN",
    *,
    ended: bool = False,
) -> list[str]:
    """Take the months of a grant, from its first to its last or this one: each is to be paid in time (G3).

    Nothing paid yet and nothing overdue: it is running; something paid and nothing overdue: it is delivered so far.
    Of a grant that has ended only what is overdue counts. Return the months that are overdue.
    """
    decision = claim.decision
    if decision is None or first is None or (last is not None and last < first):
        return []
    wanted = set(benefits)
    payments = by_month(paid(family, wanted, claim.process, persons))
    feed = chain.policy.feed(BenefitPaid, claim.division, chain.on)
    tested_from = max(chain.opened, feed.since) if feed else chain.opened
    this_month = month_of(chain.on)
    first_due = chain.policy.due("P-PAY-FIRST-D", decision.day, claim.division)
    overdue, some_paid, unsure, waiting = list[str](), False, False, list[Due]()
    for month in months_between(first, min(last or this_month, this_month)) or [first]:
        begin = last_of(month)
        due = chain.policy.due("P-PAY-MONTH-D", begin, claim.division)
        if first_due.day > due.day:  # both after the month's end and after the decision
            begin, due = decision.day, first_due
        if of_month := kept(family, payments.get(month, ()), wanted, month):
            some_paid = True
            chain.cite(of_month)
        elif due.day < tested_from:
            continue
        elif not chain.covered(BenefitPaid, claim.division, begin):
            unsure = True
        elif chain.on <= due.day:
            waiting.append(due)
        else:
            overdue.append(month)
            chain.clock("G3", due, department, claim.division, decision)
    if unsure and not ended:
        chain.cannot_tell(BenefitPaid, decision.day, claim.division)
    if waiting and (some_paid or ended):
        chain.upcoming.append(waiting[0])
    elif waiting:
        chain.running.append((waiting[0], False))
    return overdue


def _belongs(one: Fact[BenefitPaid] | Fact[BenefitRecovered], process: str, persons: set[str]) -> bool:
    """Whether a payment is of a process, or names none and is to one of these persons."""
    return one.process == process if one.process and process else one.subject in persons


def _recovered(family: Family, payments: list[Fact[BenefitPaid]], benefits: set[str], month: str) -> bool:
    """Whether all that was paid of a month was recovered."""
    whose = {(one.subject, one.process) for one in payments}
    back = [
        one.event.amount
        for one in family.facts.of(BenefitRecovered)
        if one.event.benefit in benefits
        and one.event.period == month
        and any(_belongs(one, process, {subject}) for subject, process in whose)
    ]
    return bool(back) and sum(back, Decimal(0)) >= sum((one.event.amount for one in payments), Decimal(0))


def once(family: Family, benefits: Iterable[str], process: str, person: str, since: date) -> Fact[BenefitPaid] | None:
    """Return the first payment of a benefit that is paid once, on or after a day, in a process or to a person."""
    return next((one for one in paid(family, benefits, process, [person]) if one.day >= since), None)
