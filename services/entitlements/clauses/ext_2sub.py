"""EXT-2SUB (关联政策, 残疾人两项补贴): the living subsidy, and the nursing subsidy, of disabled persons."""

from datetime import date
from typing import Any

from services.civil_affairs.events import (
    DibaoDecided,
    TekunTerminated,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from services.disability_federation.certificates.events import TwoSubsidiesReviewed
from services.entitlements.certificates import ABOUT, Certificate
from services.entitlements.chain import Chain
from services.entitlements.circumstances import APPROVED, FAMILY_DIBAO, Person, month_end
from services.entitlements.claims import Claim, claims, newest_of
from services.entitlements.facts import Fact, begins
from services.entitlements.grants import Grant, grants, unless_owed
from services.entitlements.payments import months_owed
from services.entitlements.refusals import follows, registered_elsewhere
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.single_dibao import ADULT, MARGINAL
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days, first_of, month_of, next_month

LIVING, NURSING = "LIVE_SUB", "CARE_SUB"
ANY_DIBAO = (FAMILY_DIBAO, MARGINAL, ADULT)


@rule(
    "E26",
    "EXT-2SUB",
    "person",
    "残疾人两项补贴",
    need="SUBSIDY",
    standing="linked",
    alarms=70,
    meant=lambda person: person.told(*ABOUT),
)
def two_subsidies(person: Person, chain: Chain) -> Verdict:
    """Judge both subsidies, each with clocks of its own: applied for, decided, paid every month. The worst shows."""
    chain.cite(person.family.opening)
    if person.certificate is None:
        return chain.state(State.NOT_APPLICABLE)
    chain.cite(person.certificate.facts, _about_dibao(person))
    own = claims(person.family.facts, TwoSubsidiesApplied, TwoSubsidiesDecided, person.token)
    granted = {benefit: _grants(person, own, benefit) for benefit in (LIVING, NURSING)}
    for benefit, some in granted.items():
        _follow(person, chain, benefit, some)
    rest = [one for one, some in granted.items() if not any(grant.in_effect(person.on) for grant in some)]
    possible = [one for one in rest if not _excluded(person, chain, one)]
    refusals = {one: _refusal(person, chain, _claim_of(own, one), one) for one in possible}
    made = [fact for claim in own for fact in claim.ends_declines]
    open_to = {one: since for one, since in refusals.items() if since is not None}
    decline = declined(person, "SUBSIDY", made) if open_to else None
    for one, since in open_to.items() if decline is None else ():
        _ask(person, chain, one, own, granted[one], made, since)
    if len(rest) < len(granted) or (open_to and decline is None):
        return chain.verdict()
    if decline is not None:
        chain.cite(decline.fact)
        return unless_owed(chain, State.DECLINED)
    return unless_owed(chain, State.NOT_ELIGIBLE)


# -- what each asks for


def _shows(person: Person, benefit: str, certificate: Certificate) -> bool:
    """Whether a valid certificate is of the grade that a subsidy asks for."""
    return benefit == LIVING or certificate.matches(person.param("P-2SUB-GRADES"))


def _dibao(person: Person, day: date) -> list[Fact[DibaoDecided]]:
    """Return the grants of dibao, of whatever type, that are in force on a day and name the person."""
    return [one for one in person.family.dibao(day, ANY_DIBAO) if person.token in one.event.persons]


def _about_dibao(person: Person) -> list[Fact[Any]]:
    """Return the grants of dibao that name the person, in force or not, each with its end."""
    family = person.family
    named = [one for one in family.facts.of(DibaoDecided) if person.token in one.event.persons]
    granted = [one for one in named if one.event.decision == APPROVED]
    return [fact for one in granted for fact in (one, family.dibao_end(one)) if fact is not None]


def _holds(person: Person, benefit: str, day: date) -> bool:
    """Whether the conditions of a subsidy hold on a day."""
    certificate = person.certificates.on(day)
    if certificate is None or not certificate.valid(day) or not _shows(person, benefit, certificate):
        return False
    return benefit == NURSING or bool(_dibao(person, day))


def _run(person: Person, benefit: str, *, holds: bool) -> date | None:
    """Return the first day of the unbroken run, up to this day, in which the conditions hold (or do not)."""
    since = None
    for day in _breaks(person):
        since = (since or day) if _holds(person, benefit, day) == holds else None
    return since


def _breaks(person: Person) -> list[date]:
    """Return the days, up to this one, on which conditions can begin or end."""
    days = set(person.certificates.breaks())
    for one in person.family.facts.of(DibaoDecided):
        days.add(one.day)
        if last := person.family.dibao_until(one):
            days.add(add_days(month_end(last), 1))
    return [*sorted(day for day in days if day < person.on), person.on]


def _excluded(person: Person, chain: Chain, benefit: str) -> bool:
    """Whether a known fact excludes the person from a subsidy; dibao that is not delivered here is not known."""
    tekun = person.tekun
    if tekun is not None and (begins(tekun.event.pay_from) or tekun.day) <= person.on:
        chain.cite(tekun)
        return True
    certificate = person.valid_certificate
    if certificate is None or not _shows(person, benefit, certificate):
        return True
    return benefit == LIVING and not _dibao(person, person.on) and _dibao_known(person, chain)


def _dibao_known(person: Person, chain: Chain) -> bool:
    """Whether no dibao on record means that there is none."""
    return chain.covered(DibaoDecided, person.family.county, person.family.opened)


# -- what was granted


def _grants(person: Person, own: list[Claim], benefit: str) -> list[Grant]:
    """Return the grants of one subsidy, with their ends."""
    approved = [one for one in own if one.decision and one.approved and benefit in one.decision.event.benefits]
    return grants(person.family, approved, lambda decision: _until(person, decision, benefit))


def _until(person: Person, decision: Fact[TwoSubsidiesDecided], benefit: str) -> str | None:
    """Return the last month of a grant, when it was stopped by now."""
    stop = _stop(person, decision, benefit)
    return stop.event.effective_to if stop else None


def _stop(person: Person, decision: Fact[TwoSubsidiesDecided], benefit: str) -> Fact[TwoSubsidiesStopped] | None:
    """Return what stopped a subsidy after it was granted."""
    stops = [
        one
        for one in person.facts(TwoSubsidiesStopped)
        if one.made > decision.made and one.process == decision.process and benefit in one.event.benefits
    ]
    return stops[0] if stops else None


def _follow(person: Person, chain: Chain, benefit: str, granted: list[Grant]) -> None:
    """Follow the grants of one subsidy: their months, and whether the newest fits its conditions."""
    for grant in granted:
        first, ended = grant.decision.event.pay_from, not grant.in_effect(person.on)
        chain.cite(grant.claim.facts, _stop(person, grant.decision, benefit))
        overdue = months_owed(
            chain, person.family, grant.claim, [benefit], [person.token], first, grant.last, ended=ended
        )
        said = {"step": "stopped" if ended else "granted", "unpaid": overdue[0] if overdue else None}
        chain.because[benefit] = said
    if granted:
        _warn(person, chain, benefit, granted[-1])


def _warn(person: Person, chain: Chain, benefit: str, grant: Grant) -> None:
    """Warn of a grant that goes on without its conditions, or that was stopped although they held (G8)."""
    stop = _stop(person, grant.decision, benefit)
    lost, held = (_run(person, benefit, holds=one) for one in (False, True))
    if grant.in_effect(person.on) and lost:
        month = month_of(add_days(lost, -1))  # it is paid for every month in which its conditions held on some day
        chain.warn("G8", max(first_of(next_month(month)), grant.decision.day), None, grant.decision)
    elif stop is not None and not grant.in_effect(person.on) and held and held <= stop.day:
        chain.warn("G8", stop.day, None, stop)


# -- what was not


def _ask(
    person: Person,
    chain: Chain,
    benefit: str,
    own: list[Claim],
    granted: list[Grant],
    made: list[Fact[Any]],
    refusal: list[date],
) -> None:
    """Take the steps of a subsidy that is not granted, not excluded and not declined."""
    family, claim = person.family, _claim_of(own, benefit)
    if claim is not None and claim.is_open and claim.applied is not None:
        chain.because[benefit] = {"step": "decide"}
        chain.cite(claim.facts, claim.extension, family.facts.of(TwoSubsidiesReviewed, process=claim.process))
        begun = claim.applied.day
        chain.step("G2", "P-2SUB-WD", begun, TwoSubsidiesDecided, claim.division, extended=claim.extended)
        return
    chain.because[benefit] = {"step": "apply"}
    since = _run(person, benefit, holds=True)
    if since is None:
        shown = person.certificates.shown_since(person.on, lambda one: _shows(person, benefit, one))
        chain.cannot_tell(DibaoDecided, shown or person.on, family.county)
    elif not chain.covered(TwoSubsidiesApplied, family.county, since):
        # whether they asked before the data begin is not known
        chain.cannot_tell(TwoSubsidiesApplied, since, family.county)
    else:
        # neither before an earlier grant ended, nor before support that excludes both did
        over = [*(one.ended for one in granted if one.ended), *(one.day for one in person.facts(TekunTerminated))]
        ended = decline_ended(person, "SUBSIDY", made)
        chain.offer("P-2SUB-APPLY-D", TwoSubsidiesApplied, since, *refusal, *over, *ended)


def _claim_of(own: list[Claim], benefit: str) -> Claim | None:
    """Return the newest claim to a subsidy: it was applied for, or where no application is on record, decided on."""
    found = [one for one in own if (said := one.applied or one.decision) and benefit in said.event.benefits]
    return newest_of(found)


def _refusal(person: Person, chain: Chain, claim: Claim | None, benefit: str) -> list[date] | None:
    """Return what follows from a refusal. An approval that leaves a subsidy out without a word is contradicted."""
    decision = claim.decision if claim else None
    if claim is not None and decision is not None and claim.approved and benefit not in decision.event.benefits:
        if not _holds(person, benefit, decision.day):
            return []
        chain.warn("G8", decision.day, None, decision)
        return [decision.day]
    return follows(chain, claim, lambda reason, day: _conform(person, claim, benefit, reason, day))


def _conform(person: Person, claim: Claim | None, benefit: str, reason: str, day: date) -> bool:
    """Whether the facts on a day bear out the reason of a refusal."""
    decision = claim.decision if claim else None
    match reason:
        case "document" | "institution":
            return True
        case "category":
            certificate = person.certificates.on(day)
            return certificate is None or not certificate.valid(day) or not _shows(person, benefit, certificate)
        case "economy":
            return benefit == LIVING and not _dibao(person, day)
        case "duplicate":
            return person.tekun_on(day) is not None
        case "hukou":
            return decision is not None and registered_elsewhere(person, decision, day)
        case _:
            return False
