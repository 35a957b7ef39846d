"""XN-2: rehabilitation aid, cochlear implants, what families pay themselves, the allowance beside training."""

from datetime import date
from typing import Any

from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    DiagnosisReported,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import Claim, claims, refused
from services.entitlements.facts import Fact
from services.entitlements.payments import once
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from services.finance.events import BenefitPaid

HEARING = "2"
"""The category of a hearing disability; HEA is its category of rehabilitation."""


@rule("E03", "XN-2", "person", "人工耳蜗补助", need="COCH")
def cochlear(child: Person, chain: Chain) -> Verdict:
    """Judge the subsidy for an implant: a 3A hospital reports a hearing disability of grade 1 or 2."""
    reports = child.facts(CochlearReportIssued)
    certified = _certified(child)
    diagnosed = [one for one in child.facts(DiagnosisReported) if one.event.category == "HEA"]
    need = child.need("COCH")
    chain.cite(child.certificate.facts if child.certificate else (), diagnosed, reports, need.facts if need else ())
    if not child.is_child or not (certified or diagnosed or reports or need):
        return chain.state(State.NOT_APPLICABLE)
    claim = _newest(child)
    if claim:
        chain.cite(claim.facts)
    if claim and claim.approved:
        return _followed(child, chain, claim)
    hospitals = child.param("P-COCHLEAR-HOSP")
    report = next((one for one in reversed(reports) if one.event.hospital_level in hospitals), None)
    if _excluded(child, chain, report, certified, diagnosed):
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(child, "COCH", claim.facts if claim else ()):
        return chain.state(State.DECLINED, decline.fact)
    if claim and claim.is_open and claim.applied:
        chain.step("G2", "P-COCHLEAR-DECIDE-WD", claim.applied.day, CochlearSubsidyDecided, claim.division)
        return chain.verdict()
    conditions = decline_ended(child, "COCH")
    if claim and claim.decision:
        meaning = refused(claim, lambda reason, decision: _conform(child, reason, decision, reports))
        if meaning == "excluded":
            return chain.state(State.NOT_ELIGIBLE)
        if meaning == "contradicted":
            chain.warn("G8", claim.decision.day, None, claim.decision)
            conditions.append(claim.decision.day)
    if report is None:
        shown = min((one.day for one in (*certified, *diagnosed)), default=chain.opened)
        since = max(shown, *_difficult(child), chain.opened)
        chain.cannot_tell(CochlearReportIssued, since, child.family.county, "/".join(hospitals))
        return chain.verdict()
    if _differs(child, report):
        chain.warn("G8", report.day, None, report)
    chain.offer("P-COCHLEAR-APPLY-D", CochlearSubsidyApplied, report.day, *_difficult(child), *conditions)
    return chain.verdict()


def _certified(child: Person) -> list[Fact[Any]]:
    """Return what shows that the child's certificate is one of a hearing disability, of whatever grade."""
    certificate = child.certificate
    if certificate is None or not certificate.shows(HEARING, ("1", "2", "3", "4")):
        return []
    return list(certificate.facts)


def _newest(child: Person) -> Claim | None:
    found = claims(child.family.facts, CochlearSubsidyApplied, CochlearSubsidyDecided, child.token)
    return found[-1] if found else None


def _followed(child: Person, chain: Chain, claim: Claim) -> Verdict:
    """Follow an approved subsidy: the implant, which has no clock, and then its payment."""
    decision = claim.decision
    implants = [one for one in child.facts(CochlearImplanted) if decision and one.day >= decision.day]
    if decision is None or not implants:
        chain.running.append((chain.policy.due("P-COCHLEAR-PAY-D", chain.on, claim.division), False))
        verdict = chain.verdict()
        verdict.due = None  # nothing says when the operation has to be
        return verdict
    implant = implants[0]
    chain.cite(implant)
    paid = once(child.family, ["COCHLEAR"], claim.process, child.token, decision.day)
    if paid:
        return chain.cite(paid).verdict()
    chain.step("G3", "P-COCHLEAR-PAY-D", implant.day, BenefitPaid, claim.division, implant)
    return chain.verdict()


def _excluded(
    child: Person,
    chain: Chain,
    report: Fact[CochlearReportIssued] | None,
    certified: list[Fact[Any]],
    diagnosed: list[Fact[Any]],
) -> bool:
    """Whether a known fact excludes the child."""
    family = child.family
    if child.param("P-COCHLEAR-SCOPE") == "difficult_family":
        if not family.difficult:
            return True
        chain.cite(family.recognised_by)
    grades = child.param("P-COCHLEAR-GRADES")
    if report is not None:
        event = report.event
        return not (event.hearing_grade in grades and event.meets_condition and event.indication)
    certificate = child.certificate
    in_list = certificate is not None and certificate.valid(child.on) and certificate.shows(HEARING, grades)
    if certified and not in_list:
        return True
    asked = child.younger(child.param("P-COCHLEAR-ASK-AGE"))
    return not (asked and (in_list or diagnosed))


def _conform(child: Person, reason: str, decision: Fact[Any], reports: list[Fact[CochlearReportIssued]]) -> bool:
    """Whether the facts on the day of a refusal bear out its reason."""
    by_then = [one for one in reports if one.day <= decision.day]
    newest = by_then[-1].event if by_then else None
    match reason:
        case "institution":
            return newest is None or newest.hospital_level not in child.param("P-COCHLEAR-HOSP", decision.day)
        case "document":
            return True
        case "age":
            return not child.younger(child.param("P-CHILD-AGE", decision.day), decision.day)
        case "category" | "level":
            grades = child.param("P-COCHLEAR-GRADES", decision.day)
            return newest is None or newest.hearing_grade not in grades or not newest.meets_condition
        case "economy":
            return child.family.recognition(decision.day) is None
        case "duplicate":
            paid = once(child.family, ["COCHLEAR"], "", child.token, date.min)
            return paid is not None and paid.day <= decision.day
        case _:
            return False


def _difficult(child: Person) -> list[date]:
    """Return since when the family is a difficult one, where only such families are meant."""
    scope = child.param("P-COCHLEAR-SCOPE") == "difficult_family"
    return [child.family.difficult[0]] if scope and child.family.difficult else []


def _differs(child: Person, report: Fact[CochlearReportIssued]) -> bool:
    """Whether the certificate shows another grade of hearing than the report."""
    certificate = child.valid_certificate
    return (
        certificate is not None
        and certificate.shows(HEARING, ("1", "2", "3", "4"))
        and not certificate.shows(HEARING, (report.event.hearing_grade,))
    )
