"""Dibao for one severely disabled person (参照“单人户”): what the rules E17 and E18 share. Pure."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from services.civil_affairs.events import DibaoApplied
from services.disability_federation.certificates.events import DisabilityCertificateApplied
from services.entitlements.chain import Chain
from services.entitlements.circumstances import FAMILY_DIBAO, Decline, Family, Person, day_after, month_end
from services.entitlements.claims import Claim, newest_of
from services.entitlements.dibao import await_decision, dibao_claims, income
from services.entitlements.facts import Fact
from services.entitlements.grants import Grant, unless_owed
from services.entitlements.refusals import Conform, follows, registered_elsewhere
from services.entitlements.verdicts import State, Verdict

MARGINAL, ADULT = "single_marginal", "single_adult"
Grades = tuple[tuple[str, str | None], ...]
"""Grades, some of one category alone."""


def known_of(person: Person, chain: Chain) -> None:
    """Cite what is known of a person's disability and of the household's economy."""
    certificate = person.certificate
    chain.cite(person.family.opening, person.diagnoses, person.facts(DisabilityCertificateApplied))
    if certificate is not None:
        chain.cite(certificate.facts)
        chain.because |= {"category": certificate.category, "grade": certificate.grade}
        income(chain, person.family.economy)


def family_comes_first(person: Person, chain: Chain) -> bool:
    """Whether the whole family has dibao, or has asked for it and waits."""
    family = person.family
    claims = dibao_claims(family, FAMILY_DIBAO)
    for claim in claims:
        chain.cite(claim.facts, family.dibao_end(claim.decision) if claim.approved and claim.decision else None)
    return bool(family.dibao()) or any(claim.is_open for claim in claims)


def family_came_first(family: Family) -> list[date]:
    """Return the days on which dibao of the whole family, or its claim to it, was over."""
    found = []
    for claim in dibao_claims(family, FAMILY_DIBAO):
        if claim.approved and claim.decision and (last := family.dibao_until(claim.decision)):
            found.append(day_after(month_end(last)))
        elif claim.decision and not claim.approved:
            found.append(claim.decision.day)
    return found


def ask(
    person: Person,
    chain: Chain,
    own: list[Claim],
    granted: Iterable[Grant],
    since: list[date],
    conform: Conform,
    say_missing: Callable[[], None],
) -> Verdict:
    """Judge what is not granted and not excluded: declined, applied for, not to be told, or offered (G1).

    The offer is outreach alone: without an application nothing is ever owed. `say_missing` tells the chain which facts
    are needed and not there.
    """
    newest = newest_of(own)
    refusal = follows(chain, newest, conform)
    if refusal is None:
        return unless_owed(chain, State.NOT_ELIGIBLE)
    made = [fact for claim in own for fact in claim.ends_declines]
    declines = _declines(person, made)
    if in_force := [one for one in declines if one.since <= person.on <= one.until]:
        chain.cite(in_force[-1].fact)
        return unless_owed(chain, State.DECLINED)
    if newest is not None and newest.is_open:
        await_decision(person.family, chain, newest)
        return chain.verdict()
    say_missing()
    if not chain.missing:
        over = [one.ended for one in granted if one.ended]
        declined = [one.ended for one in declines if one.until < person.on]
        chain.because["step"] = "apply"
        chain.offer("P-SINGLE-APPLY-D", DibaoApplied, *since, *refusal, *over, *declined)
    return chain.verdict()


def _declines(person: Person, made: Iterable[Fact[Any]]) -> list[Decline]:
    """Return what the person declined, also when told of the right to apply."""
    made = list(made)
    family, token = person.family, person.token
    found = [*family.declines("DIBAO", token, made), *family.informed("DIBAO", token, made)]
    return sorted(found, key=lambda one: one.since)


# -- the certificate


def shows(person: Person, grades: Grades, day: date) -> bool:
    """Whether the certificate is valid on a day and matches the grades."""
    found = person.certificates.on(day)
    return found is not None and found.valid(day) and found.matches(grades)


def shown_since(person: Person, grades: Grades | None) -> date:
    """Return since when the certificate is valid and matches the grades, if these are asked for."""
    found = person.certificates.shown_since(person.on, lambda one: grades is None or one.matches(grades))
    return found or person.on


def lost_since(person: Person, grades: Grades) -> list[date]:
    """Return since when the certificate is not valid or does not match the grades; nothing where it is and does."""
    since = None
    for day in (*(one for one in person.certificates.breaks() if one < person.on), person.on):
        since = None if shows(person, grades, day) else (since or day)
    return [since] if since else []


# -- refusals


def conform(person: Person, grades: Grades, claim: Claim | None, reason: str, day: date) -> bool:
    """Whether the facts on a day bear out a reason for which either kind may be refused."""
    decision = claim.decision if claim else None
    match reason:
        case "document" | "institution":
            return True
        case "category":
            return not shows(person, grades, day)
        case "duplicate":
            process = decision.process if decision else ""
            others = [
                one for one in person.family.dibao(day, (FAMILY_DIBAO, MARGINAL, ADULT)) if one.process != process
            ]
            own = any(person.token in one.event.persons for one in others)
            return (decision is not None and own) or person.tekun_on(day) is not None
        case "hukou":
            return decision is not None and registered_elsewhere(person, decision, day)
        case _:
            return False
