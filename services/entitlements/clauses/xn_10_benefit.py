"""XN-10 (按照评估等级落实长期护理保险待遇): who is insured is assessed when they ask, and gets what the level gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import Claim, claims, newest_of, refused
from services.entitlements.facts import Fact
from services.entitlements.insured import LongTermCare, in_force
from services.entitlements.payments import months_owed
from services.entitlements.rules import declined, rule
from services.entitlements.verdicts import State, Verdict
from services.medical_insurance.events import (
    LtcAssessed,
    LtcAssessmentApplied,
    LtcAssessmentDisputed,
    LtcBenefitDecided,
    LtcBenefitStopped,
    LtcEnrolled,
)
from shared.policy.calendar import month_of, next_month

MED = "MED"
BENEFIT = "LTCBEN"
CLAIMED = (LtcAssessmentApplied, LtcBenefitDecided)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A level of lost abilities, as assessed or as changed after an objection, and until when it is valid."""

    level: int
    valid_to: date
    fact: Fact[Any]

    @property
    def day(self) -> date:
        """The day on which it was reached."""
        return self.fact.day


@rule(
    "E22",
    "XN-10",
    "person",
    "长护险待遇",
    need="LTC",
    alarms=10,
    meant=lambda child: child.is_disabled_child or child.told(*CLAIMED) or not in_force(child),
)
def benefit_is_given(child: Person, chain: Chain) -> Verdict:
    """Judge whether an insured child that asked is assessed, decided on, and given the benefit of its level."""
    care, conclusions = LongTermCare(child), _conclusions(child)
    known = claims(child.family.facts, LtcAssessmentApplied, LtcBenefitDecided, child.token)
    claim = newest_of(known)
    chain.cite(child.family.opening, child.proof(child.on), child.diagnoses, care.decided_by)
    if not care.in_force:
        return chain.state(State.NOT_IN_FORCE)
    chain.cite([one for some in known for one in some.facts], [one.fact for one in conclusions])
    chain.because["level"] = conclusions[-1].level if conclusions else None
    if claim:
        _differing_level(chain, claim, conclusions)
    in_effect = _months(child, chain, care, [one for one in known if one.approved])
    if in_effect or "G3" in chain.gaps:
        _expiring(chain, in_effect, conclusions)
        chain.because["step"] = "granted"
        return chain.verdict()
    if not child.is_disabled_child:
        return chain.state(State.NOT_APPLICABLE)
    chain.cite(care.enrolment)
    return _claimed(child, chain, care, claim, conclusions)


def _claimed(
    child: Person, chain: Chain, care: LongTermCare, claim: Claim | None, conclusions: Sequence[Conclusion]
) -> Verdict:
    """Judge a child without a grant: what excludes it, what it declined, what it asked for, what is not known."""
    newest = conclusions[-1] if conclusions else None
    if not care.enrolment and chain.covered(LtcEnrolled, chain.division, care.began):
        return chain.state(State.NOT_ELIGIBLE)
    if _below(child, newest, claim):
        chain.because["step"] = "below"
        return chain.state(State.NOT_ELIGIBLE)
    if claim and claim.decision and not claim.approved and _refused(child, chain, claim, conclusions):
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(child, "LTC", claim.ends_declines if claim else ()):
        return chain.state(State.DECLINED, decline.fact)
    step = _next_step(child, chain, claim, newest)
    if not step and not care.enrolment:
        chain.cannot_tell(LtcEnrolled, max(care.began, child.disabled_since), chain.division)
    # nobody but the family applies: without an application there is no clock
    chain.because["step"] = step
    return chain.verdict(State.ELIGIBLE_NOT_APPLIED)


def _next_step(child: Person, chain: Chain, claim: Claim | None, newest: Conclusion | None) -> str:
    """Take the step that comes next: the assessment (G2), or the decision on its level (G3)."""
    applied = claim.applied if claim else None
    decided = claim.decision if claim else None
    division = claim.division if claim else newest.fact.division if newest else None
    if applied and decided is None and (newest is None or newest.day < applied.day):
        chain.step("G2", "P-LTC-ASSESS-WD", applied.day, LtcAssessed, division, applied)
        return "assess"
    answered = newest is not None and decided is not None and decided.day >= newest.day
    if newest is None or answered or newest.level < child.param("P-LTC-MIN-LEVEL"):
        return ""
    chain.step("G3", "P-LTC-DECIDE-WD", newest.day, LtcBenefitDecided, division, newest.fact)
    return "decide"


# -- what was assessed


def _conclusions(child: Person) -> list[Conclusion]:
    """Return the levels that were concluded, the newest last: an objection can change the level."""
    found: list[Conclusion] = []
    for one in child.facts(LtcAssessed, LtcAssessmentDisputed):
        event = one.event
        match event:
            case LtcAssessed():
                found.append(Conclusion(int(event.level), event.valid_to, one))
            case LtcAssessmentDisputed() if event.new_level is not None and found:
                found.append(Conclusion(int(event.new_level), found[-1].valid_to, one))
    return found


def _below(child: Person, newest: Conclusion | None, claim: Claim | None) -> bool:
    """Whether the newest valid level gives no benefit, and nobody has asked for another assessment since."""
    if newest is None or child.on > newest.valid_to or newest.level >= child.param("P-LTC-MIN-LEVEL"):
        return False
    return not (claim and claim.is_open and claim.applied and claim.applied.day > newest.day)


def _differing_level(chain: Chain, claim: Claim, conclusions: Sequence[Conclusion]) -> None:
    """Warn when the newest decision is on another level than was assessed (G8)."""
    decision = claim.decision
    before = [one for one in conclusions if decision and one.day <= decision.day]
    if decision and before and int(decision.event.level) != before[-1].level:
        chain.warn("G8", decision.day, None, decision, before[-1].fact)


def _expiring(chain: Chain, grant: Claim | None, conclusions: Sequence[Conclusion]) -> None:
    """Warn of a conclusion that expires while its benefit is given (G6): before it does, and nobody concluded anew."""
    newest = conclusions[-1] if conclusions else None
    if grant and newest and chain.on <= newest.valid_to:
        days = chain.policy.value("P-LTC-EXPIRE-WARN-D", grant.division, chain.on)
        warned = newest.valid_to - timedelta(days)
        chain.warn("G6", warned, newest.valid_to, newest.fact, department=MED, division=grant.division)


# -- what was decided


def _refused(child: Person, chain: Chain, claim: Claim, conclusions: Sequence[Conclusion]) -> bool:
    """Whether a refusal excludes the child: its reason held when it was given, and holds still."""
    decision = claim.decision
    if decision is None:
        return False
    meaning = refused(claim, lambda reason, one: _conform(child, reason, one.day, conclusions), child.on)
    if meaning == "contradicted":
        chain.warn("G8", decision.day, None, decision)
    return meaning == "excluded"


def _conform(child: Person, reason: str, day: date, conclusions: Sequence[Conclusion]) -> bool:
    """Whether the facts of a day bear out a reason for refusing."""
    match reason:
        case "level":
            known = [one for one in conclusions if one.day <= day]
            valid = bool(known) and day <= known[-1].valid_to
            return valid and known[-1].level < child.param("P-LTC-MIN-LEVEL", day)
        case "age":
            return not child.younger(child.param("P-CHILD-AGE", day), day)
        case "category":
            return not child.disabled_on(day)
        case "not_in_force":
            starts = child.param("P-LTC-ACTIVE-FROM", day)
            return starts is None or starts > day
        case "document" | "institution":
            return True
        case _:
            return False


def _months(child: Person, chain: Chain, care: LongTermCare, grants: Sequence[Claim]) -> Claim | None:
    """Take the months of every grant until its end, or the next one (G3); return the grant in effect."""
    in_effect = None
    for grant, later in zip(grants, [*grants[1:], None], strict=False):
        ends = [one for one in (_last_month(child, care, grant), _before(later)) if one]
        last = min(ends) if ends else None
        first = grant.decision.event.from_month if grant.decision else None
        ended = last is not None and month_of(child.on) > last
        months_owed(chain, child.family, grant, [BENEFIT], [child.token], first, last, MED, ended=ended)
        in_effect = None if ended else grant
    return in_effect


def _before(later: Claim | None) -> str | None:
    """Return the month before a later grant begins."""
    first = later.decision.event.from_month if later and later.decision else None
    return next_month(first, -1) if first else None


def _last_month(child: Person, care: LongTermCare, grant: Claim) -> str | None:
    """Return the last month of a grant that was stopped, or that ends with its condition (P-GRACE immediate)."""
    decision = grant.decision
    stops = [
        one.event.effective_to
        for one in child.facts(LtcBenefitStopped)
        if decision and one.made > decision.made and one.process in {grant.process, ""}
    ]
    if decision and child.param("P-GRACE") == "immediate" and (lost := _lost(child, care)):
        stops.append(month_of(lost - timedelta(1)))
    return min(stops, default=None)


def _lost(child: Person, care: LongTermCare) -> date | None:
    """Return the first day on which the child was no longer a disabled one, or no longer insured; None while it is."""
    if not child.is_child:
        return child.birthday(child.param("P-CHILD-AGE"))
    if not child.is_disabled:
        return child.certificates.run(child.on, valid=False) or child.on
    return None if care.enrolment else care.began
