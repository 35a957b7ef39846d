"""XN-9 (对符合最低生活保障条件的困难残疾儿童应保尽保): dibao of the whole family, without a hole when it moves."""

from datetime import date
from typing import Any

from services.civil_affairs.events import DibaoApplied, DibaoDecided, HouseholdEconomyChecked
from services.disability_federation.registry.events import HouseholdMoved
from services.entitlements.chain import Chain
from services.entitlements.circumstances import FAMILY_DIBAO, Family
from services.entitlements.claims import Claim, newest_of
from services.entitlements.dibao import (
    Check,
    await_decision,
    below_standard,
    check_on,
    dibao_claims,
    dibao_grants,
    ends_by,
    follow,
    income,
)
from services.entitlements.facts import begins
from services.entitlements.grants import Grant, unless_owed
from services.entitlements.refusals import follows, registered_elsewhere
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days, month_of, months_between

MOVED = {"moved"}
FOR_GOOD = {"income", "breach", "voluntary"}
"""Reasons of an end after which only a newer check or claim opens the way again."""


@rule("E16", "XN-9", "family", "低保应保尽保", need="DIBAO", alarms=35)
def dibao(family: Family, chain: Chain) -> Verdict:
    """Judge the family's dibao: its income is below the standard; applied for, decided, paid monthly, reviewed."""
    own = dibao_claims(family, FAMILY_DIBAO)
    newest = newest_of(own)
    chain.cite(family.opening, *(one.proof(family.on) for one in family.disabled_children))
    if newest is None and not family.disabled_children:
        return chain.state(State.NOT_APPLICABLE)
    income(chain, family.economy)
    granted = dibao_grants(family, own, _fallen(family))
    in_effect = follow(family, chain, granted, family.everyone, _excludes)
    if in_effect:
        _take_hole(family, chain, granted, own)
        return chain.verdict()
    if _excluded(family, chain, granted, newest):
        return unless_owed(chain, State.NOT_ELIGIBLE)
    refusal = follows(chain, newest, lambda reason, day: _conform(family, newest, reason, day))
    if refusal is None:
        return unless_owed(chain, State.NOT_ELIGIBLE)
    made = [fact for claim in own for fact in claim.ends_declines]
    if decline := declined(family, "DIBAO", made):
        chain.cite(decline.fact)
        return unless_owed(chain, State.DECLINED)
    hole = _take_hole(family, chain, granted, own)
    if newest is not None and newest.is_open:
        await_decision(family, chain, newest)
        return chain.verdict()
    if hole:
        return chain.verdict()
    disabled = [min(one.disabled_since for one in family.disabled_children)] if family.disabled_children else []
    if family.economy is None:
        chain.cannot_tell(HouseholdEconomyChecked, max([family.opened, *disabled]), family.county)
        return chain.verdict()
    ended = [one.ended for one in granted if one.ended]
    chain.because["step"] = "apply"
    chain.offer(
        "P-DIBAO-APPLY-D",
        DibaoApplied,
        family.economy.day,
        *disabled,
        *refusal,
        *ended,
        *decline_ended(family, "DIBAO", made),
    )
    return chain.verdict()


def _excludes(check: Check) -> bool:
    """Whether a check shows that the conditions do not hold: income below the standard, property as it has to be."""
    return not (below_standard(check) and check.property_ok)


def _fallen(family: Family) -> list[date]:
    """Return since when the newest check excludes the family."""
    return [family.economy.day] if family.economy and _excludes(family.economy.event) else []


def _excluded(family: Family, chain: Chain, granted: list[Grant], newest: Claim | None) -> bool:
    """Whether a known fact excludes the family: the newest check, or an end for good that nothing followed."""
    check = family.economy
    if check is not None and _excludes(check.event):
        return True
    if not granted or newest is not granted[-1].claim:
        return False
    end = ends_by(family, granted[-1], FOR_GOOD)
    if end is None or (check is not None and check.day > min(end.day, end.occurred)):
        return False
    chain.cite(end)
    return True


# -- the hole between two counties


def _take_hole(family: Family, chain: Chain, granted: list[Grant], own: list[Claim]) -> bool:
    """Take the months without cover after a move (G9): until new cover begins, or the new county refuses.

    Return whether there is such a hole on this day.
    """
    for grant in granted:
        end = ends_by(family, grant, MOVED)
        if end is None or grant.ended is None or grant.in_effect(family.on):
            continue
        later = own[own.index(grant.claim) + 1 :]
        if not any(_closes(claim, family.on) for claim in later):
            chain.cite(family.facts.of(HouseholdMoved), end)
            chain.because["uncovered"] = grant.ended
            chain.gap("G9", grant.ended, add_days(grant.ended, -1), "CIV", _new_county(family), end)
            return True
    return False


def months_without_cover(family: Family) -> int:
    """Return how many months, up to this day, lay in holes between two counties (G9), open or closed by now."""
    own = dibao_claims(family, FAMILY_DIBAO)
    months: set[str] = set()
    for grant in dibao_grants(family, own, _fallen(family)):
        if ends_by(family, grant, MOVED) is None or grant.ended is None or grant.in_effect(family.on):
            continue
        later = own[own.index(grant.claim) + 1 :]
        closed = min((day for one in later if (day := _closed_on(one)) is not None), default=None)
        last = min(add_days(closed, -1), family.on) if closed else family.on
        if grant.ended <= last:
            months.update(months_between(month_of(grant.ended), month_of(last)))
    return len(months)


def _closes(claim: Claim, day: date) -> bool:
    """Whether a claim made after the move closes the hole by a day: its cover has begun, or it was refused."""
    closed = _closed_on(claim)
    return closed is not None and closed <= day


def _closed_on(claim: Claim) -> date | None:
    """Return the day from which a claim made after the move closes the hole; None for one that does not."""
    decision = claim.decision
    if decision is None or not isinstance(decision.event, DibaoDecided):
        return None
    if claim.outcome == "refused":
        return decision.day
    return (begins(decision.event.pay_from) or decision.day) if claim.approved else None


def _new_county(family: Family) -> str | None:
    """Return the county that the family's registration moved to, else the one that holds its case."""
    moves = [one for one in family.facts.of(HouseholdMoved) if one.event.move_kind == "hukou"]
    return moves[-1].event.to_division if moves else family.county


# -- refusals


def _conform(family: Family, claim: Claim | None, reason: str, day: date) -> bool:
    """Whether the facts on a day bear out the reason of a refusal."""
    decision: Any = claim.decision if claim else None
    match reason:
        case "document" | "institution":
            return True
        case "economy":
            check = check_on(family, day)
            return check is None or _excludes(check.event)
        case "hukou":
            return registered_elsewhere(family.person(family.head), decision, day)
        case "duplicate":
            return any(one.process != decision.process for one in family.dibao(day))
        case _:
            return False
