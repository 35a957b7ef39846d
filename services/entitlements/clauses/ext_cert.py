"""EXT-CERT (关联政策, 残疾人证管理办法): a certificate stays valid: renewed in time, and moved along."""

from datetime import date
from typing import Any

from services.disability_federation.certificates.events import (
    DisabilityCertificateApplied,
    DisabilityCertificateIssued,
    DisabilityCertificateMigrated,
    DisabilityCertificateRenewed,
)
from services.disability_federation.registry.events import HouseholdMoved
from services.entitlements.certificates import ABOUT, Certificate
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.entitlements.rules import declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days, add_months

CLOSING = (DisabilityCertificateMigrated, DisabilityCertificateRenewed, DisabilityCertificateIssued)
"""What closes an open migration: the certificate has moved, or there is a newer one."""


@rule(
    "E27",
    "EXT-CERT",
    "person",
    "残疾人证有效",
    need="CERT",
    standing="linked",
    alarms=15,
    meant=lambda person: person.told(*ABOUT),
)
def certificate_is_valid(person: Person, chain: Chain) -> Verdict:
    """Whether the person's certificate is valid, will stay so, and has moved with the household."""
    certificate = person.certificate
    chain.cite(person.family.opening)
    if certificate is None:
        return chain.state(State.NOT_APPLICABLE)
    chain.cite(certificate.facts)
    if certificate.cancelled is not None and "自愿" in certificate.cancelled.event.reason:
        return chain.state(State.NOT_APPLICABLE)
    _warn_of_expiry(person, chain, certificate)
    if decline := declined(person, "CERT", person.facts(DisabilityCertificateApplied, *CLOSING)):
        return chain.state(State.DECLINED, decline.fact)
    chain.cite(person.family.facts.of(HouseholdMoved))
    move = _open_move(person)
    if move is not None:
        _migration(person, chain, move)
    if lost := person.certificates.run(person.on, valid=False):
        chain.gap("G4", lost, add_days(lost, -1), "DPF", person.family.county, *certificate.facts)
        chain.running.clear()
    if move is not None and "G4" not in chain.gaps:
        warned = add_months(move.day, person.param("P-CERT-MIG-WARN-M", move.day))
        chain.warn("G6", warned, _frozen_on(person, move), move, division=person.family.county)
    return chain.verdict()


def _migration(person: Person, chain: Chain, move: Fact[HouseholdMoved]) -> None:
    """Take the clock of a certificate that has not moved with the household's registration."""
    due = Due(_frozen_on(person, move))
    chain.expect("G4", due, move.day, DisabilityCertificateMigrated, person.family.county, move)


def _frozen_on(person: Person, move: Fact[HouseholdMoved]) -> date:
    """Return the day on which a certificate that has not moved will be frozen."""
    return add_months(move.day, person.param("P-CERT-MIG", move.day)["freeze"])


def _warn_of_expiry(person: Person, chain: Chain, certificate: Certificate) -> None:
    """Warn of a certificate that will end (G6), until it is renewed or has ended."""
    end = certificate.valid_to
    if end is None or end < person.on or certificate.cancelled is not None or _renewed(person):
        return
    warned = add_months(end, -person.param("P-CERT-RENEW-M"))
    chain.warn("G6", warned, end, *certificate.facts, division=person.family.county)


def _open_move(person: Person) -> Fact[HouseholdMoved] | None:
    """Return the first move of registration to another county that the certificate has not followed.

    Who moves back to where the certificate is has nothing left to move.
    """
    moves = [
        one
        for one in person.family.facts.of(HouseholdMoved)
        if one.event.move_kind == "hukou"
        and one.event.from_division != one.event.to_division
        and (not one.event.persons or person.token in one.event.persons)
    ]
    found: Fact[HouseholdMoved] | None = None
    for one in sorted([*moves, *person.facts(*CLOSING)], key=lambda one: (one.day, one not in moves, one.order)):
        if one not in moves or (found is not None and one.event.to_division == found.event.from_division):
            found = None
        else:
            found = found or one
    return found


def _renewed(person: Person) -> Fact[Any] | None:
    """Return a renewal that was decided but is in force only later."""
    found = person.last(DisabilityCertificateRenewed)
    return found if found is not None and found.event.issued_on > person.on else None
