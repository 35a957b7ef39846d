"""XN-9 (及时将符合特困人员认定条件的残疾儿童纳入特困救助供养范围): support for destitute children."""

from datetime import date
from typing import Any

from services.civil_affairs.events import HouseholdEconomyChecked, TekunApplied, TekunDecided, TekunTerminated
from services.disability_federation.registry.events import GuardianDesignated
from services.entitlements.chain import Chain
from services.entitlements.circumstances import FAMILY_DIBAO, PARENT, Person
from services.entitlements.claims import Claim, claims, newest_of
from services.entitlements.dibao import Check, below_standard, check_on, income
from services.entitlements.facts import Fact
from services.entitlements.grants import Grant, grants, unless_owed
from services.entitlements.payments import months_owed
from services.entitlements.policy import Due, count
from services.entitlements.refusals import follows, registered_elsewhere
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days

LABOUR_AGE = 16
"""Younger persons count as having no capacity to work (民发〔2021〕43号)."""


@rule(
    "E20",
    "XN-9",
    "person",
    "特困供养",
    need="TEKUN",
    alarms=10,
    meant=lambda child: child.told(TekunDecided) or (child.is_disabled_child and bool(_signs(child))),
)
def tekun(child: Person, chain: Chain) -> Verdict:
    """Judge support for a disabled child who cannot work, has no income, and nobody able to support them."""
    family, check = child.family, child.family.economy
    signs = _signs(child)
    chain.cite(family.opening, child.proof(child.on), _guardians(child), *signs.values())
    income(chain, check)
    own = claims(family.facts, TekunApplied, TekunDecided, child.token)
    granted = grants(family, own, lambda decision: _until(child, decision), _fallen(child))
    if _follow(child, chain, granted):
        return chain.verdict()
    if not child.is_disabled_child or not signs:
        return unless_owed(chain, State.NOT_APPLICABLE)
    if not _cannot_work(child, child.on) or (check is not None and _excludes(check.event)):
        return unless_owed(chain, State.NOT_ELIGIBLE)
    claim = newest_of(own)
    refusal = follows(chain, claim, lambda reason, day: _conform(child, claim, reason, day))
    if refusal is None:
        return unless_owed(chain, State.NOT_ELIGIBLE)
    made = [fact for claim in own for fact in claim.ends_declines]
    if decline := declined(child, "TEKUN", made):
        chain.cite(decline.fact)
        return unless_owed(chain, State.DECLINED)
    if claim is not None and claim.is_open and claim.applied is not None:
        _decide(chain, claim, claim.applied)
        return chain.verdict()
    since = [child.disabled_since, min(signs), *_unable_since(child)]
    if check is None or check.event.able_supporter is None:
        detail = "" if check is None else "able_supporter"
        known = [*since, *([check.day] if check else [])]
        chain.cannot_tell(HouseholdEconomyChecked, max(known), family.county, detail)
        return chain.verdict()
    over = [one.ended for one in granted if one.ended]
    chain.because["step"] = "apply"
    chain.offer(
        "P-TEKUN-APPLY-D", TekunApplied, *since, check.day, *refusal, *over, *decline_ended(child, "TEKUN", made)
    )
    return chain.verdict()


def _signs(child: Person) -> dict[date, list[Fact[Any]]]:
    """Return what points to a child without support, by its day: a claim, a need, a guardian, a check."""
    found: list[tuple[date, Fact[Any]]] = [(one.day, one) for one in child.facts(TekunApplied)]
    if need := child.need("TEKUN"):
        found += [(need.since, one) for one in need.facts]
    found += [(one.day, one) for one in _guardians(child) if one.event.relation != PARENT]
    check = child.family.economy
    if check is not None and check.event.able_supporter is False:
        found.append((check.day, check))
    signs: dict[date, list[Fact[Any]]] = {}
    for day, one in found:
        signs.setdefault(day, []).append(one)
    return signs


def _guardians(child: Person) -> list[Fact[GuardianDesignated]]:
    """Return what designates the guardians in force."""
    every = child.facts(GuardianDesignated)
    last = max((one.event.from_date for one in every), default=None)
    return [one for one in every if one.event.from_date == last]


# -- the three conditions


def _cannot_work(child: Person, day: date) -> bool:
    """Whether a child has no capacity to work: too young, or by the certificate."""
    if child.younger(LABOUR_AGE, day):
        return True
    found = child.certificates.on(day)
    return found is not None and found.valid(day) and found.matches(child.param("P-TEKUN-LABOUR", day))


def _unable_since(child: Person) -> list[date]:
    """Return since when the certificate shows that a child who is old enough to work cannot."""
    labour = child.param("P-TEKUN-LABOUR")
    found = child.certificates.shown_since(child.on, lambda one: one.matches(labour))
    return [found] if found and not child.younger(LABOUR_AGE) else []


def _excludes(check: Check) -> bool:
    """Whether a check shows income, property, or somebody able to support the child."""
    return not below_standard(check) or not check.property_ok or check.able_supporter is True


# -- what was granted


def _until(child: Person, decision: Fact[TekunDecided]) -> str | None:
    """Return the last month of a grant, when it was ended by now."""
    ends = [one for one in child.facts(TekunTerminated) if one.made > decision.made]
    return ends[0].event.effective_to if ends else None


def _fallen(child: Person) -> list[date]:
    """Return the days since which a condition does not hold."""
    check, of_age = child.family.economy, child.birthday(child.param("P-CHILD-AGE"))
    found = [check.day] if check and _excludes(check.event) else []
    if not _cannot_work(child, child.on) and (able := child.birthday(LABOUR_AGE)):
        found.append(able)
    return [*found, *([of_age] if of_age and of_age <= child.on else [])]


def _follow(child: Person, chain: Chain, granted: list[Grant]) -> bool:
    """Follow what was granted: its months, and that it ends with childhood. Return whether a grant is in effect."""
    for grant in granted:
        claim, in_effect = grant.claim, grant.in_effect(child.on)
        first = grant.decision.event.pay_from
        chain.cite(claim.facts, child.facts(TekunTerminated))
        overdue = months_owed(
            chain, child.family, claim, ["TEKUN"], [child.token], first, grant.last, ended=not in_effect
        )
        if overdue:
            chain.because.setdefault("unpaid", overdue[0])
        if in_effect:
            chain.because["step"] = "granted"
            _warn_of_age(child, chain, grant)
    return any(grant.in_effect(child.on) for grant in granted)


def _warn_of_age(child: Person, chain: Chain, grant: Grant) -> None:
    """Warn that a child with a grant will soon be of age (G6)."""
    of_age = child.birthday(child.param("P-CHILD-AGE"))
    if of_age is not None and child.on < of_age:
        warned = max(add_days(of_age, -child.param("P-TEKUN-AGE-WARN-D")), grant.decision.day)
        chain.warn("G6", warned, of_age, department="CIV", division=grant.claim.division)


# -- claims


def _decide(chain: Chain, claim: Claim, applied: Fact[TekunApplied]) -> None:
    """Take the decision (G2): the survey and the confirmation have a clock each, one after the other."""
    length = sum(
        chain.policy.value(name, claim.division, applied.day) for name in ("P-TEKUN-SURVEY-WD", "P-TEKUN-CONFIRM-WD")
    )
    due: Due = count(length, "WD", applied.day)
    chain.because["step"] = "decide"
    chain.cite(claim.facts, claim.extension)
    chain.expect("G2", due, applied.day, TekunDecided, claim.division, extended=claim.extended)


def _conform(child: Person, claim: Claim | None, reason: str, day: date) -> bool:
    """Whether the facts on a day bear out the reason of a refusal."""
    decision, check = claim.decision if claim else None, check_on(child.family, day)
    match reason:
        case "document" | "institution":
            return True
        case "economy":
            return check is None or check.event.able_supporter is None or _excludes(check.event)
        case "age":
            return not child.younger(child.param("P-CHILD-AGE", day), day)
        case "category":
            return not child.disabled_on(day) or not _cannot_work(child, day)
        case "duplicate":
            return any(child.token in one.event.persons for one in child.family.dibao(day, (FAMILY_DIBAO,)))
        case "hukou":
            return decision is not None and registered_elsewhere(child, decision, day)
        case _:
            return False
