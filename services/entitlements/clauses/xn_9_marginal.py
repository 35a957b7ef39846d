"""XN-9 (低保边缘家庭中的重度残疾人，经本人申请，参照“单人户”): dibao for one person of a marginal family."""

from datetime import date

from services.civil_affairs.events import MarginalFamilyDecided
from services.disability_federation.certificates.events import DisabilityCertificateIssued
from services.entitlements.certificates import ABOUT, MULTIPLE, Certificate
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family, Person
from services.entitlements.claims import newest_of
from services.entitlements.dibao import (
    Check,
    allowed_since,
    below_standard,
    check_on,
    dibao_claims,
    dibao_grants,
    follow,
)
from services.entitlements.grants import unless_owed
from services.entitlements.rules import rule
from services.entitlements.single_dibao import (
    MARGINAL,
    Grades,
    ask,
    conform,
    family_came_first,
    family_comes_first,
    known_of,
    lost_since,
    shown_since,
)
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days


@rule(
    "E17", "XN-9", "person", "低保边缘重残“单人户”", need="DIBAO", alarms=55, meant=lambda person: person.told(*ABOUT)
)
def of_a_marginal_family(person: Person, chain: Chain) -> Verdict:
    """Judge dibao for a severely disabled person of a marginal family, on the person's own application."""
    family, certificate = person.family, person.certificate
    known_of(person, chain)
    if certificate is None:
        return chain.state(State.NOT_APPLICABLE)
    grades: Grades = person.param("P-SINGLE-MARGINAL-GRADES")
    over = family.marginal_over
    chain.cite(family.marginal, over[1] if over else None)
    own = dibao_claims(family, MARGINAL, person.token)
    fallen = [*([over[0]] if over else []), *lost_since(person, grades)]
    granted = dibao_grants(family, own, fallen)
    if follow(family, chain, granted, [person.token], lambda check: _excludes(person, check)):
        return chain.verdict()
    unclear = _components_missing(certificate, grades)
    if _excluded(person, chain) or not (certificate.matches(grades) or unclear):
        return unless_owed(chain, State.NOT_ELIGIBLE)
    since = [
        shown_since(person, None if unclear else grades),
        *_recognised(family),
        *family_came_first(family),
        *allowed_since(family, lambda check: _excludes(person, check)),
    ]

    def say_missing() -> None:
        if family.marginal is None:
            chain.cannot_tell(MarginalFamilyDecided, max([*since, *([over[0]] if over else [])]), family.county)
        if unclear:
            chain.cannot_tell(DisabilityCertificateIssued, max(since), family.county, "components")

    return ask(person, chain, own, granted, since, lambda reason, day: _conform(person, reason, day), say_missing)


def _excludes(person: Person, check: Check) -> bool:
    """Whether a check shows no marginal family: so poor that dibao comes first, too much income, or property."""
    ceiling = person.param("P-MARGINAL-MULT") * check.standard_month
    return below_standard(check) or check.per_capita_income_month >= ceiling or not check.property_ok


def _excluded(person: Person, chain: Chain) -> bool:
    """Whether a known fact excludes the person, the certificate's grade aside."""
    family = person.family
    return (
        person.valid_certificate is None
        or family_comes_first(person, chain)
        or (family.economy is not None and _excludes(person, family.economy.event))
        or _refused(family, chain)
    )


def _refused(family: Family, chain: Chain) -> bool:
    """Whether the family was refused as a marginal one, and nothing recognises it."""
    newest = family.facts.last(MarginalFamilyDecided)
    if family.marginal or newest is None or newest.event.decision != "refused":
        return False
    chain.cite(newest)
    return True


def _recognised(family: Family) -> list[date]:
    """Return since when the family is recognised as a marginal one, without a break."""
    since, found = None, family.marginal
    while found is not None:
        begun = max(found.day, found.event.valid_from or found.day)
        if since is not None and begun >= since:
            break
        since = begun
        found = family.marginal_on(add_days(since, -1))
    return [since] if since else []


def _components_missing(certificate: Certificate, grades: Grades) -> bool:
    """Whether a certificate of several disabilities does not say which, and one of them could be in the list.

    Its grade is that of the severest: no component is severer.
    """
    if certificate.category != MULTIPLE or certificate.components or certificate.matches(grades):
        return False
    return any(category and grade >= (certificate.grade or "") for grade, category in grades)


def _conform(person: Person, reason: str, day: date) -> bool:
    """Whether the facts on a day bear out the reason of the refusal of the person's newest claim."""
    check = check_on(person.family, day)
    if reason == "economy":
        return person.family.marginal_on(day) is None or (check is not None and _excludes(person, check.event))
    claim = newest_of(dibao_claims(person.family, MARGINAL, person.token))
    return conform(person, person.param("P-SINGLE-MARGINAL-GRADES", day), claim, reason, day)
