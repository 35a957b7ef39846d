"""XN-3 (家庭无障碍改造): the home of a difficult family with a severely disabled member is made barrier-free."""

from datetime import date

from services.disability_federation.home_modification.events import (
    HomeModificationApplied,
    HomeModificationCompleted,
    HomeModificationDecided,
    HomeModificationInspected,
)
from services.disability_federation.registry.events import NeedsSurveyed
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family
from services.entitlements.claims import Claim, claims
from services.entitlements.facts import Fact
from services.entitlements.refusals import follows
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days


@rule("E06", "XN-3", "family", "家庭无障碍改造", need="HOME", alarms=30)
def home_modification(family: Family, chain: Chain) -> Verdict:
    """Judge whether the home that needs it is modified: applied for, decided, and inspected without fault."""
    need, severe = family.need("HOME"), _severe_since(family, family.on)
    made = claims(family.facts, HomeModificationApplied, HomeModificationDecided)
    claim = made[-1] if made else None
    chain.cite(family.held_by, family.recognised_by, family.surveys(), *(one.facts for one in made))
    for person in family.disabled(family.on):
        chain.cite(person.proof(family.on))
    if not family.disabled_children:
        return chain.state(State.NOT_APPLICABLE)
    _warn_passed_over(family, chain, claim)
    process = claim.process if claim else ""
    refused = follows(chain, claim, lambda reason, day: _conform(family, reason, day, process))
    chain.because |= {"need": need.since} if need else {}

    excluded = not family.difficult or severe is None or bool(family.surveys() and not need)
    passed = _passed(family, made)
    if passed and not (need and need.since > passed.day):
        chain.cite(passed).because["step"] = "done"
        return chain.verdict()
    grant = next((one for one in reversed(made) if one.approved and not _passed(family, [one])), None)
    if grant and not (excluded and _ends_with_its_condition(family)):
        return _followed(family, chain, grant)
    if excluded or refused is None:
        return chain.state(State.NOT_ELIGIBLE)
    done = [fact for one in made for fact in one.ends_declines]
    if decline := declined(family, "HOME", done):
        return chain.state(State.DECLINED, decline.fact)
    waiting = next((one for one in reversed(made) if one.is_open), None)
    if waiting and waiting.applied:
        chain.because["step"] = "decide"
        chain.step(
            "G2", "P-HOMEMOD-DECIDE-D", waiting.applied.day, HomeModificationDecided, waiting.division, waiting.applied
        )
        return chain.verdict()
    begins = [one for one in (family.difficult and family.difficult[0], severe) if one]
    if need is None:
        chain.cannot_tell(NeedsSurveyed, max(family.opened, *begins), family.county)
        return chain.verdict()
    begins += [need.since, *refused, *decline_ended(family, "HOME", done)]
    chain.because["step"] = "apply"
    chain.offer("P-HOMEMOD-APPLY-D", HomeModificationApplied, *begins)
    return chain.verdict()


def _severe_since(family: Family, day: date) -> date | None:
    """Return since when a member of the household has a certificate of one of the grades that are meant, on a day."""
    grades = tuple((grade, None) for grade in family.param("P-HOMEMOD-GRADES", day))
    found = (one.certificates.shown_since(day, lambda shown: shown.matches(grades)) for one in family.boundary(day))
    return min((one for one in found if one), default=None)


def _ends_with_its_condition(family: Family) -> bool:
    """Whether a grant ends with its condition, instead of running to its end (P-GRACE)."""
    return str(family.param("P-GRACE")) == "immediate"


def _passed(family: Family, made: list[Claim]) -> Fact[HomeModificationInspected] | None:
    """Return the newest inspection that found a modification without fault, in one of these claims."""
    processes = {one.process for one in made}
    found = [one for one in family.facts.of(HomeModificationInspected) if one.event.passed and one.process in processes]
    return found[-1] if found else None


def _followed(family: Family, chain: Chain, claim: Claim) -> Verdict:
    """Follow a granted modification to its inspection; that the builders are done is not enough."""
    decision = claim.decision
    chain.because["step"] = "build"
    if decision is not None:
        chain.cite(family.facts.of(HomeModificationCompleted, HomeModificationInspected, process=claim.process))
        chain.step("G3", "P-HOMEMOD-DONE-D", decision.day, HomeModificationInspected, claim.division, decision)
    return chain.verdict()


def _conform(family: Family, reason: str, day: date, process: str) -> bool:
    """Whether the facts on a day bear out the reason for which the claim of a process was refused."""
    match reason:
        case "document" | "institution":
            return True
        case "age":
            return not any(one.younger(family.param("P-CHILD-AGE", day), day) for one in family.disabled(day))
        case "hukou":
            return not any(one.in_city(day) for one in family.members)
        case "category" | "level":
            return _severe_since(family, day) is None
        case "economy":
            return family.recognition(day) is None
        case "duplicate":
            passed = family.facts.of(HomeModificationInspected)
            return any(one.event.passed and one.day <= day and one.process != process for one in passed)
        case _:
            return False


def _warn_passed_over(family: Family, chain: Chain, claim: Claim | None) -> None:
    """Warn when a difficult family's claim waited while another was granted, or was granted without priority (G7)."""
    if claim is None:
        return
    decision, applied = claim.decision, claim.applied
    if decision and claim.approved and not decision.event.priority:
        chain.warn("G7", decision.day, None, decision)
    if applied is None:
        return
    batch, decided = (decision.event.batch_year, decision.day) if decision else (applied.day.year, None)
    waited = applied.day
    while other := family.city.overtaken(
        HomeModificationDecided, claim.division, family.number, batch, waited, decided
    ):
        if family.recognition(other.fact.day):
            chain.warn("G7", other.fact.day, None, applied)
            return
        waited = add_days(other.fact.day, 1)  # it was not yet of the group
