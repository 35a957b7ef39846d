"""XN-6: disabled children of difficult families are cared for, and those who age out are handed over (托养服务)."""

from datetime import date
from typing import Any

from services.disability_federation.care.events import (
    CareServiceApplied,
    CareServiceDecided,
    CareServiceEnded,
    CareServiceReported,
    CareServiceStarted,
)
from services.disability_federation.registry.events import NeedsSurveyed, TransitionPlanned
from services.entitlements.certificates import Certificate
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person, month_begin, month_end
from services.entitlements.claims import Claim, claims, following, refused
from services.entitlements.facts import Fact
from services.entitlements.policy import Due, source_of
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days, month_of, months_between, next_month

CARE = "CARE"
CARED_FOR = (CareServiceApplied, CareServiceDecided, TransitionPlanned)
"""What makes care a matter of somebody who is no child any more."""


@rule(
    "E10",
    "XN-6",
    "person",
    "托养服务",
    need=CARE,
    alarms=20,
    meant=lambda person: person.is_disabled_child or person.told(*CARED_FOR),
)
def care(person: Person, chain: Chain) -> Verdict:
    """Judge whether a person who needs care gets it: applied for, granted with priority, begun, month by month."""
    every = _claims(person)
    since = _eligible_since(person)
    grants = [one for one in every if one.approved and not _over(person, one, since)]
    claim = next(iter([*grants[-1:], *every[-1:]]), None)
    _cite(person, chain, claim)
    if not (person.is_disabled_child or claim or _aged_out(person)):
        return chain.state(State.NOT_APPLICABLE)
    _warn_of_age(person, chain)
    if claim and claim.decision and grants:
        return _followed(person, chain, claim, claim.decision)
    conditions = [*([since] if since else []), *decline_ended(person, CARE, _facts(every))]
    meaning = ""
    if claim and claim.decision and not claim.approved:
        meaning = refused(claim, lambda reason, decision: _conform(person, reason, claim, decision.day), person.on)
        if meaning == "contradicted":
            chain.warn("G8", claim.decision.day, None, claim.decision)
            conditions.append(claim.decision.day)
    if meaning == "excluded" or (since is None and _excluded(person)):
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(person, CARE, _facts(every)):
        return chain.state(State.DECLINED, decline.fact)
    waiting = next((one for one in reversed(every) if one.is_open), None)
    if waiting and waiting.applied:
        return _undecided(person, chain, waiting, waiting.applied)
    if since is None:
        return _nobody_asked(person, chain)
    conditions += [add_days(end, 1) for one in every if (end := _ended_on(person, one))]
    chain.because["step"] = "not_applied"
    chain.offer("P-CARE-APPLY-D", CareServiceApplied, *conditions)
    return chain.verdict()


def _claims(person: Person) -> list[Claim]:
    return claims(person.family.facts, CareServiceApplied, CareServiceDecided, person.token)


def _facts(every: list[Claim]) -> list[Fact[Any]]:
    """Return what ends a decline: asking for care, or getting it."""
    return [fact for one in every for fact in one.ends_declines]


def _cite(person: Person, chain: Chain, claim: Claim | None) -> None:
    """Name what the verdict rests on."""
    chain.cite(person.proof(person.on), person.family.recognised_by, claim.facts if claim else ())
    surveys, need = person.family.surveys(person.token), person.need(CARE)
    chain.cite(need.facts if need else surveys[-1:], person.facts(TransitionPlanned))
    chain.because["grounds"] = sorted(_grounds(person, person.on))


# -- who is meant


def _aged_out(person: Person) -> bool:
    """Whether the person is no child any more, and it was planned that care follows."""
    plans = person.facts(TransitionPlanned)
    return not person.is_child and any(CARE in one.event.next_services for one in plans)


def _eligible_since(person: Person) -> date | None:
    """Return since when the person is one to be cared for: in a difficult family, and on one of the grounds."""
    grounds = _grounds(person, person.on).values()
    if not person.family.difficult or not grounds or not _of_age(person, person.on):
        return None
    ages = person.param("P-CARE-AGE")
    begin = person.birthday(ages[0]) if ages else None
    disabled = person.disabled_since if person.is_disabled_child else None
    return max(person.family.difficult[0], min(grounds), begin or date.min, disabled or date.min)


def _excluded(person: Person) -> bool:
    """Whether a known fact excludes the person: not a difficult family, another age, no need when it was asked for."""
    surveyed = person.family.surveys(person.token)
    grounds = _grounds(person, person.on)
    return not person.family.difficult or not _of_age(person, person.on) or (bool(surveyed) and not grounds)


def _of_age(person: Person, day: date) -> bool:
    """Whether the person is of an age for which there is care; without such a limit everybody is."""
    ages, age = person.param("P-CARE-AGE", day), person.age(day)
    return not ages or (age is not None and ages[0] <= age <= ages[1])


def _grounds(person: Person, day: date) -> dict[str, date]:
    """Return since when each ground for care holds on a day: a need, a severe disability, a transition into care."""
    need = person.need(CARE)
    found = {
        "need": need.since if need else None,
        "certificate": person.certificates.shown_since(day, lambda one: _severe(person, one, day)),
        "transition": _planned(person, day),
    }
    return {ground: since for ground, since in found.items() if since is not None and since <= day}


def _severe(person: Person, certificate: Certificate, day: date) -> bool:
    """Whether a certificate shows a disability that counts as a need for care without a survey."""
    grades, categories = person.param("P-CARE-GRADES", day), person.param("P-CARE-CATEGORIES", day)
    return certificate.grade in grades and certificate.category in categories


def _planned(person: Person, day: date) -> date | None:
    """Return from when care is to follow, by a plan for the transition that has come into effect by a day."""
    plans = [one.event for one in person.facts(TransitionPlanned) if one.day <= day]
    return min((one.trigger_on for one in plans if CARE in one.next_services and one.trigger_on <= day), default=None)


def _nobody_asked(person: Person, chain: Chain) -> Verdict:
    """Return that it cannot be told whether there is a need: no survey has reached the person."""
    disabled = [person.disabled_since] if person.is_disabled else []
    recognised = person.family.difficult[0] if person.family.difficult else chain.opened
    chain.cannot_tell(NeedsSurveyed, max([recognised, *disabled]), person.family.county)
    return chain.verdict()


# -- what becomes of a claim


def _undecided(person: Person, chain: Chain, claim: Claim, applied: Fact[Any]) -> Verdict:
    """Take the clock of the decision."""
    chain.because["step"] = "undecided"
    _warn_of_priority(person, chain, claim)
    chain.step("G2", "P-CARE-DECIDE-WD", applied.day, CareServiceDecided, claim.division, applied)
    return chain.verdict()


def _conform(person: Person, reason: str, claim: Claim, day: date) -> bool:
    """Whether the facts on a day bear out the reason of a refusal. Of registration nothing is asked here."""
    match reason:
        case "document" | "institution":
            return True
        case "age":
            return not _of_age(person, day)
        case "category" | "level":
            return not _grounds(person, day)
        case "economy":
            return person.family.recognition(day) is None
        case "duplicate":
            others = [one for one in _claims(person) if one.approved and one.process != claim.process]
            return any(
                one.decision and one.decision.day <= day < (_ended_on(person, one) or date.max) for one in others
            )
        case _:
            return False


def _over(person: Person, claim: Claim, since: date | None) -> bool:
    """Whether a grant is over: the service was ended, or where grants end with their condition, that has fallen."""
    return _ended_on(person, claim) is not None or (since is None and person.param("P-GRACE") == "immediate")


def _ended_on(person: Person, claim: Claim) -> date | None:
    """Return the day on which the service of a claim ended."""
    ended = following(person.family.facts, claim, CareServiceEnded)
    return ended[-1].day if claim.approved and ended else None


def _followed(person: Person, chain: Chain, claim: Claim, decision: Fact[Any]) -> Verdict:
    """Follow a grant: the service begins, and is reported month by month."""
    facts = person.family.facts
    _warn_of_priority(person, chain, claim)
    started = following(facts, claim, CareServiceStarted)
    chain.because["step"] = "in_service" if started else "not_started"
    if not started:
        chain.step("G3", "P-CARE-START-D", decision.day, CareServiceStarted, claim.division, decision)
        return chain.verdict()
    chain.cite(started)
    _months(chain, claim, started[-1], following(facts, claim, CareServiceReported))
    return chain.verdict()


def _months(chain: Chain, claim: Claim, started: Fact[Any], reports: list[Fact[Any]]) -> None:
    """Take the months of a service: after so many full ones without a report it has lapsed, until the next report."""
    reported = {one.event.month for one in reports}
    chain.cite(reports[-1:])
    feed = chain.policy.feed(CareServiceReported, claim.division, chain.on)
    tested_from = max(chain.opened, feed.since) if feed else chain.opened
    allowed = chain.policy.value("P-CARE-MONTH-GAP", claim.division, started.day)
    run: list[str] = []
    for month in months_between(next_month(month_of(started.day)), month_of(chain.on)):
        if month in reported:
            run = []
        elif tested_from <= month_end(month) < chain.on:
            run.append(month)
    if len(run) < allowed:
        chain.upcoming += [Due(month_end(next_month(run[-1], allowed - len(run))))] if run else []
        return
    if not chain.covered(CareServiceReported, claim.division, month_begin(run[0])):
        chain.cannot_tell(CareServiceReported, started.day, claim.division)
        return
    since = month_begin(next_month(run[allowed - 1]))
    chain.gap("G4", since, add_days(since, -1), source_of(CareServiceReported), claim.division, started, *reports[-1:])


# -- what will be lost, and who was passed over


def _warn_of_age(person: Person, chain: Chain) -> None:
    """Warn when the age limit of rehabilitation comes near and nothing is planned for afterwards (G6)."""
    limit = person.birthday(person.param("P-REHAB-AGE-TO"))
    if limit is None or limit < person.family.opened or person.facts(TransitionPlanned):
        return
    near = add_days(limit, -person.param("P-TRANSITION-D"))
    chain.warn("G6", near, limit, division=person.family.county)


def _warn_of_priority(person: Person, chain: Chain, claim: Claim) -> None:
    """Warn when a difficult family's claim was passed over (G7): another one was granted, or its own without priority.

    The other family is not named: nothing of it belongs into this one's history.
    """
    family, decision, applied = person.family, claim.decision, claim.applied
    if decision and not decision.event.priority:
        chain.warn("G7", decision.day, None, decision)
    if applied is None or family.difficult is None:
        return
    year, decided = (decision or applied).day.year, decision.day if decision else None
    waited = max(applied.day, family.difficult[0])
    passed = family.city.overtaken(CareServiceDecided, claim.division, family.number, year, waited, decided)
    if passed:
        chain.warn("G7", passed.fact.day, None, applied)
