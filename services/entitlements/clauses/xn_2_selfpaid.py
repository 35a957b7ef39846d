"""XN-2② (康复自费部分补助): what a difficult family itself pays for a child's rehabilitation, quarter by quarter."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.disability_federation.rehabilitation.devices.events import AssistiveDeviceFitted
from services.disability_federation.rehabilitation.events import (
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabMonthReported,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import Claim, claims, division_of, refused
from services.entitlements.facts import Fact
from services.entitlements.payments import once
from services.entitlements.policy import amount
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from services.finance.events import BenefitPaid
from shared.policy.calendar import add_months, last_of

BENEFIT = "SELFPAY"
EXCLUDED, CONTRADICTED = "excluded", "contradicted"


@dataclass(frozen=True, slots=True)
class Cost:
    """What was paid for a month or a device, where; `day` is the one on which the family has to be a difficult one."""

    day: date
    amount: Decimal
    institution: str | None
    fact: Fact[Any]


COSTS = (RehabMonthReported, RehabStarted, AssistiveDeviceFitted)
"""What a child costs its family, or begins to."""
Quarters = dict[date, list[Cost]]
"""The costs of each quarter, by its last day."""


@rule(
    "E04",
    "XN-2",
    "person",
    "康复自费部分补助",
    need="REHAB",
    alarms=50,
    meant=lambda child: child.told(*COSTS) and child.is_disabled_child,
)
def self_paid_costs(child: Person, chain: Chain) -> Verdict:
    """Judge whether part of what the family paid itself was claimed for each quarter, decided, and paid back."""
    made = claims(child.family.facts, SelfPaidSubsidyApplied, SelfPaidSubsidyDecided, child.token)
    quarters = _quarters(child, made)
    chain.cite(child.family.held_by, child.family.recognised_by, child.proof(child.on))
    chain.cite(child.facts(RehabAidDecided, RehabStarted), *([one.fact for one in some] for some in quarters.values()))
    chain.cite(*(claim.facts for claim in made))
    if not child.is_disabled_child or not quarters:
        return _without_costs(child, chain)

    granted = [claim for claim in made if claim.approved]
    for claim in granted:
        _warn_above_the_limit(chain, claim, granted)
        _to_be_paid(child, chain, claim)
    chain.because |= {"quarter": max(quarters), "step": "pay"}
    being_paid = bool(chain.gaps or chain.running)
    left = _left(child, chain, quarters, made)
    if not granted and not left:
        return chain.state(State.NOT_ELIGIBLE)
    done = [fact for claim in made for fact in claim.ends_declines]
    if left and (decline := declined(child, "REHAB", done)):
        return chain.verdict() if being_paid else chain.state(State.DECLINED, decline.fact)
    if left:
        first = min(left)
        chain.because |= {"quarter": first, "self_paid": sum((one.amount for one in left[first]), Decimal(0))}
    for quarter, costs in left.items():
        _to_be_claimed(child, chain, quarter, costs, made)
    return chain.verdict()


def _without_costs(child: Person, chain: Chain) -> Verdict:
    """Return that there is nothing to pay back; or that this cannot be told, as months are not delivered here."""
    for start in child.facts(RehabStarted) if child.is_disabled_child else []:
        division = division_of(child.family.facts, start.process, child.family.county)
        if not chain.covered(RehabMonthReported, division, start.day):
            chain.cannot_tell(RehabMonthReported, start.day, division)
            return chain.verdict()
    return chain.state(State.NOT_APPLICABLE)


# -- what was paid


def _quarters(child: Person, made: list[Claim]) -> Quarters:
    """Return the child's costs by quarter, without quarters that nobody claimed while they could be."""
    return {end: costs for end, costs in _by_quarter(child).items() if not _expired(child, end, costs, made)}


def _by_quarter(child: Person) -> Quarters:
    found: Quarters = {}
    for cost in sorted(_costs(child), key=lambda one: one.day):
        end = last_of(f"{cost.day.year}-{(cost.day.month + 2) // 3 * 3:02}")
        found.setdefault(end, []).append(cost)
    return found


def gone_unclaimed(child: Person) -> dict[date, Decimal]:
    """Return what was paid in quarters that could have been claimed and nobody did in time, by their last days."""
    made = claims(child.family.facts, SelfPaidSubsidyApplied, SelfPaidSubsidyDecided, child.token)
    found: dict[date, Decimal] = {}
    for end, costs in _by_quarter(child).items():
        eligible = [one.amount for one in costs if _difficult(child, one) and not _outside(child, one)]
        if eligible and _expired(child, end, costs, made):
            found[end] = sum(eligible, Decimal(0))
    return found


def _costs(child: Person) -> list[Cost]:
    """Return what was paid for the child's own training and the child's own devices for rehabilitation."""
    months = [
        Cost(last_of(one.event.month), one.event.fee_self, _institution(child, one), one)
        for one in child.facts(RehabMonthReported)
        if one.event.fee_self > 0
    ]
    devices = [
        Cost(one.day, amount(one.event.self_paid), None, one)
        for one in child.facts(AssistiveDeviceFitted)
        if amount(one.event.self_paid) > 0 and one.event.for_rehab is not False
    ]
    return months + devices


def _institution(child: Person, month: Fact[RehabMonthReported]) -> str | None:
    """Return the code of the institution in which a child was trained in a month."""
    if month.event.institution is not None:
        return str(month.event.institution.code)
    found = None
    for one in child.facts(RehabStarted, RehabInstitutionChanged):
        if one.process == month.process and one.day <= last_of(month.event.month):
            found = one.event.institution if isinstance(one.event, RehabStarted) else one.event.new_institution
    return found.code if found else None


def _expired(child: Person, end: date, costs: list[Cost], made: list[Claim]) -> bool:
    """Whether a quarter has left the list: nobody claimed it in time."""
    months = child.family.policy.value("P-SELFPAY-CLAIM-M", _division(child, costs), end)
    return (
        child.on > add_months(end, months)
        and _claim_of(end, [one for one in made if one.is_open or one.approved]) is None
    )


def _division(child: Person, costs: list[Cost]) -> str | None:
    """Return who pays back: a month belongs to the process of its aid, also after the family has moved."""
    fact = costs[-1].fact
    return division_of(child.family.facts, fact.process, child.family.county)


# -- who is meant


def _left(child: Person, chain: Chain, quarters: Quarters, made: list[Claim]) -> Quarters:
    """Return the quarters still to be granted: with an eligible cost, and not refused for a reason that holds."""
    granted = [claim for claim in made if claim.approved]
    found: Quarters = {}
    for end, costs in quarters.items():
        claim = _claim_of(end, made)
        eligible = [one for one in costs if _difficult(child, one) and not _outside(child, one)]
        meaning = _refusal(child, claim, costs, made)
        if _claim_of(end, granted):
            continue
        if meaning == CONTRADICTED and claim and claim.decision:
            chain.warn("G8", claim.decision.day, None, claim.decision)
        if eligible and meaning != EXCLUDED:
            found[end] = eligible
    return found


def _difficult(child: Person, cost: Cost) -> bool:
    """Whether the family was a difficult one on the last day of the month, or on the day of the fitting."""
    return child.family.recognition(cost.day) is not None


def _outside(child: Person, cost: Cost) -> bool:
    """Whether the institution is known to lie outside the city, where only those in it count (P-LOCAL-INST-SCOPE)."""
    return child.param("P-LOCAL-INST-SCOPE") != "none" and child.family.city.lies_outside(cost.institution)


# -- claiming, deciding, paying


def _claim_of(end: date, made: list[Claim]) -> Claim | None:
    """Return the newest claim whose period overlaps a quarter."""
    begin = add_months(end.replace(day=1), -2)
    return next(
        (
            one
            for one in reversed(made)
            if one.applied and one.applied.event.period_from <= end and begin <= one.applied.event.period_to
        ),
        None,
    )


def _to_be_claimed(child: Person, chain: Chain, end: date, costs: list[Cost], made: list[Claim]) -> None:
    """Take a quarter: its claim waits for a decision, or it is to be claimed after the end of the quarter."""
    claim = _claim_of(end, made)
    waits = claim is not None and claim.is_open
    chain.because["step"] = "decide" if waits else "claim"
    if claim and claim.applied and waits:
        chain.step(
            "G2", "P-SELFPAY-DECIDE-WD", claim.applied.day, SelfPaidSubsidyDecided, claim.division, claim.applied
        )
        return
    begins = [end, *decline_ended(child, "REHAB", [fact for one in made for fact in one.ends_declines])]
    if claim and claim.decision and _refusal(child, claim, costs, made) == CONTRADICTED:
        begins.append(claim.decision.day)
    chain.offer("P-SELFPAY-WINDOW-D", SelfPaidSubsidyApplied, *begins, division=_division(child, costs))


def _to_be_paid(child: Person, chain: Chain, claim: Claim) -> None:
    """Take the payment of a subsidy that was granted."""
    decision = claim.decision
    if decision is None:
        return
    paid = once(child.family, [BENEFIT], claim.process, child.token, decision.day)
    chain.cite(paid)
    if paid is None:
        chain.step("G3", "P-SELFPAY-PAY-D", decision.day, BenefitPaid, claim.division, decision)


def _refusal(child: Person, claim: Claim | None, costs: list[Cost], made: list[Claim]) -> str:
    """Return what the refusal of a quarter's claim means, if it was refused."""
    if claim is None or claim.decision is None or claim.approved:
        return ""
    return refused(claim, lambda reason, decision: _conform(child, reason, decision, costs, made), child.on)


def _conform(child: Person, reason: str, decision: Fact[Any], costs: list[Cost], made: list[Claim]) -> bool:
    """Whether the facts on the day of a refusal bear out its reason."""
    day = decision.day
    match reason:
        case "document":
            return True
        case "institution":
            return any(_outside(child, one) for one in costs)
        case "age":
            return not child.younger(child.param("P-CHILD-AGE", day), day)
        case "hukou":
            return not child.in_city(day)
        case "category":
            return not child.disabled_on(day)
        case "economy":
            return not any(_difficult(child, one) for one in costs)
        case "duplicate":
            others = (one for one in made if one.approved and one.process != decision.process)
            return any(one.decision and one.decision.day <= day and _same_period(one, made, decision) for one in others)
        case _:
            return False


def _same_period(other: Claim, made: list[Claim], decision: Fact[Any]) -> bool:
    """Whether another claim is for some of the time that a refused one is for."""
    own = next((one.applied.event for one in made if one.process == decision.process and one.applied), None)
    their = other.applied.event if other.applied else None
    return bool(own and their and own.period_from <= their.period_to and their.period_from <= own.period_to)


def _warn_above_the_limit(chain: Chain, claim: Claim, granted: list[Claim]) -> None:
    """Warn of a subsidy above the share, or above what is left of the year's limit, for which no document is named."""
    decision = claim.decision
    if decision is None or decision.event.amount is None or decision.event.basis_doc is not None:
        return
    share = chain.policy.value("P-SELFPAY-RATE", claim.division, decision.day) * amount(
        decision.event.eligible_self_paid
    )
    limit = chain.policy.value("P-SELFPAY-CAP", claim.division, decision.day)
    before = (
        amount(one.decision.event.amount)
        for one in granted
        if one.decision and one.decision.order < decision.order and _year(one) == _year(claim)
    )
    if decision.event.amount > min(share, limit - sum(before, Decimal(0))):
        chain.warn("G8", decision.day, None, decision)


def _year(claim: Claim) -> int:
    """Return the calendar year to which a claim's costs belong."""
    if claim.applied:
        return int(claim.applied.event.period_from.year)
    return claim.decision.day.year if claim.decision else 0
