"""XN-7: rehabilitation comes into communities and homes: guidance, assistive devices, psychological support."""

from datetime import date
from typing import Any

from services.disability_federation.rehabilitation.events import RehabMonthReported, RehabStarted
from services.disability_federation.rehabilitation.providers.events import (
    CommunityRehabProvided,
    PsychologicalSupportProvided,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person, day_after, month_end
from services.entitlements.facts import Fact
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict

REHAB, PSY = "REHAB", "PSY"

# -- E11: guidance


@rule("E11", "XN-7", "person", "社区康复指导", need=REHAB, alarms=30, meant=lambda child: child.is_disabled_child)
def guidance(child: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled child is guided in its community or trained, every half year or as the county says."""
    everywhere = child.param("P-COMM-REHAB-SCOPE") == "all"
    chain.cite(child.proof(child.on), child.family.recognised_by)
    if not child.is_disabled_child:
        return chain.state(State.NOT_APPLICABLE)
    if not child.family.difficult or (child.training and not everywhere):
        return chain.state(State.NOT_ELIGIBLE, child.training)
    given = _guidance(child, trained=everywhere)
    facts = [one for _, one in given]
    if decline := declined(child, REHAB, facts):
        return chain.state(State.DECLINED, decline.fact)
    conditions = [child.family.difficult[0], child.disabled_since, *decline_ended(child, REHAB, facts)]
    if not everywhere:
        conditions += _trained_until(child)
    day, last = given[-1] if given else (None, None)
    chain.because["last"] = day
    chain.rolling("P-COMM-REHAB-M", CommunityRehabProvided, last, *conditions, day=day)
    return chain.verdict()


def _guidance(child: Person, *, trained: bool) -> list[tuple[date, Fact[Any]]]:
    """Return the days on which the child was guided, with the facts: a month of training counts from its last day."""
    found = [(one.day, one) for one in child.facts(CommunityRehabProvided)]
    months = [one for one in child.facts(RehabMonthReported) if one.event.sessions] if trained else []
    found += [(month_end(one.event.month), one) for one in months]
    return sorted(found, key=lambda each: (each[0], each[1].order))


def _trained_until(child: Person) -> list[date]:
    """Return the days after which the child was not trained in an institution any more."""
    ends = [child.training_until(one) for one in child.facts(RehabStarted)]
    return [day_after(one) for one in ends if one < child.on]


# -- E13: psychological support


@rule("E13", "XN-7", "person", "心理服务", need=PSY, alarms=35, meant=lambda child: child.is_disabled_child)
def psychological_support(child: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled child, or somebody of its family, had support in the last year (or as a county says)."""
    chain.cite(child.proof(child.on), child.family.recognised_by)
    if not child.is_disabled_child:
        return chain.state(State.NOT_APPLICABLE)
    given = _support(child)
    last = given[-1] if given else None
    _warn_of_risk(chain, last)
    if not child.family.difficult:
        return chain.state(State.NOT_ELIGIBLE, child.family.surveys(child.token)[-1:])
    need = child.need(PSY)
    chain.cite(need.facts if need else ())
    if decline := declined(child, PSY, given):
        chain.because["until"] = decline.until
        return chain.state(State.DECLINED, decline.fact)
    chain.because["last"] = last.day if last else None
    conditions = [child.family.difficult[0], child.disabled_since, *decline_ended(child, PSY, given)]
    chain.rolling("P-PSY-M", PsychologicalSupportProvided, last, *conditions)
    return chain.verdict()


def _support(child: Person) -> list[Fact[PsychologicalSupportProvided]]:
    """Return the support given to the child, or to who belonged to one family with it on that day."""
    family = child.family
    return [
        one
        for one in family.facts.of(PsychologicalSupportProvided)
        if one.subject == child.token or all(family.belonged(person, one.day) for person in (one.subject, child.token))
    ]


def _warn_of_risk(chain: Chain, last: Fact[PsychologicalSupportProvided] | None) -> None:
    """Warn when support showed a risk, and nobody looked after it by the day that was agreed (G8)."""
    if last is not None and last.event.risk_flag and last.event.follow_up_due:
        chain.warn("G8", day_after(last.event.follow_up_due), None, last)
