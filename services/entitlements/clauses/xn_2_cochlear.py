"""XN-2① (人工耳蜗补助): a hearing-disabled child for whom a 3A hospital indicates an implant gets it subsidised."""

from datetime import date
from typing import Any

from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    DiagnosisReported,
    RehabInstitutionChanged,
    RehabStarted,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import Claim, claims
from services.entitlements.clauses.xn_2_rehabilitation import aids_of
from services.entitlements.facts import Fact
from services.entitlements.payments import once
from services.entitlements.policy import Due
from services.entitlements.refusals import follows
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from services.finance.events import BenefitPaid

BENEFIT = "COCHLEAR"
HEARING, HEARING_LOSS = "2", "HEA"
"""The category of a hearing disability, and its category of rehabilitation."""
GRADES = ("1", "2", "3", "4")
Report = Fact[CochlearReportIssued]


@rule(
    "E03",
    "XN-2",
    "person",
    "人工耳蜗补助",
    need="COCH",
    alarms=10,
    meant=lambda child: child.is_child and _shown_on(child) is not None,
)
def cochlear(child: Person, chain: Chain) -> Verdict:
    """Judge the subsidy for an implant: a 3A hospital reports a hearing disability of grade 1 or 2."""
    shown, reports = _shown_on(child), child.facts(CochlearReportIssued)
    made = claims(child.family.facts, CochlearSubsidyApplied, CochlearSubsidyDecided, child.token)
    claim = made[-1] if made else None
    chain.cite(child.family.held_by, child.certificate_facts, child.facts(DiagnosisReported), reports)
    chain.cite(*(one.facts for one in made), child.facts(CochlearImplanted))
    if not child.is_child or shown is None:
        return chain.state(State.NOT_APPLICABLE)
    report = _of_the_right_hospital(child, reports)
    _warn_grades_differ(child, chain, report)
    chain.because |= {"report": report.day, "grade": report.event.hearing_grade} if report else {}
    refused = follows(chain, claim, lambda reason, day: _conform(child, reason, day, reports))

    excluded = _excluded(child, chain, report, claim)
    if _paid_for_good(child, chain, made):
        chain.because["step"] = "paid"
        return chain.verdict()
    grant = next((one for one in reversed(made) if one.approved and not _payment(child, one)), None)
    if grant and not (excluded and child.param("P-GRACE") == "immediate"):
        return _followed(child, chain, grant)
    if excluded or refused is None:
        return chain.state(State.NOT_ELIGIBLE)
    done = [fact for one in made for fact in one.ends_declines]
    if decline := declined(child, "COCH", done):
        return chain.state(State.DECLINED, decline.fact)
    waiting = next((one for one in reversed(made) if one.is_open), None)
    if waiting and waiting.applied:
        chain.because["step"] = "decide"
        chain.step(
            "G2", "P-COCHLEAR-DECIDE-WD", waiting.applied.day, CochlearSubsidyDecided, waiting.division, waiting.applied
        )
        return chain.verdict()
    if report is None:
        hospitals = "/".join(child.param("P-COCHLEAR-HOSP"))
        chain.cannot_tell(CochlearReportIssued, max(shown, *_conditions(child)), child.family.county, hospitals)
        return chain.verdict()
    chain.because["step"] = "apply"
    begins = [report.day, *_conditions(child), *refused, *decline_ended(child, "COCH", done)]
    chain.offer("P-COCHLEAR-APPLY-D", CochlearSubsidyApplied, *begins)
    return chain.verdict()


# -- who is meant


def _shown_on(child: Person) -> date | None:
    """Return when a hearing disability was shown: by certificate or diagnosis, else by any report or a need."""
    shown = [one.day for one in child.facts(DiagnosisReported) if one.event.category == HEARING_LOSS]
    certificate = child.certificate
    if certificate and certificate.shows(HEARING, GRADES):
        since = child.certificates.shown_since(child.on, lambda one: one.shows(HEARING, GRADES))
        shown.append(since or certificate.facts[-1].day)
    if shown:
        return min(shown)
    need = child.need("COCH")
    others = [one.day for one in child.facts(CochlearReportIssued)] + ([need.since] if need else [])
    return min(others, default=None)


def _of_the_right_hospital(child: Person, reports: list[Report]) -> Report | None:
    """Return the newest report of a hospital of the level that is asked for."""
    levels = child.param("P-COCHLEAR-HOSP")
    return next((one for one in reversed(reports) if one.event.hospital_level in levels), None)


def _excluded(child: Person, chain: Chain, report: Report | None, claim: Claim | None) -> bool:
    """Whether a known fact excludes the child: the family, the report, the certificate, or the age without a report."""
    if _only_difficult(child) and not child.family.difficult and not _difficult_when_applied(child, claim):
        return True
    chain.cite(child.family.recognised_by)
    if child.param("P-LOCAL-INST-SCOPE") == "both" and _trained_here(child) is None:
        return True
    grades = child.param("P-COCHLEAR-GRADES")
    if report is not None:
        return not _indicated(report, grades)
    if not child.younger(child.param("P-COCHLEAR-ASK-AGE")):
        return True
    certificate = child.certificate
    certified = certificate is not None and certificate.shows(HEARING, GRADES)
    no_report = not child.facts(CochlearReportIssued)
    return certified and no_report and not (certificate and certificate.shows(HEARING, grades))


def _indicated(report: Report, grades: Any) -> bool:
    """Whether a report has what the subsidy asks for, apart from the hospital."""
    return report.event.hearing_grade in grades and report.event.meets_condition and report.event.indication


def _only_difficult(child: Person, day: date | None = None) -> bool:
    """Whether only children of difficult families are meant (P-COCHLEAR-SCOPE)."""
    return str(child.param("P-COCHLEAR-SCOPE", day)) == "difficult_family"


def _difficult_when_applied(child: Person, claim: Claim | None) -> bool:
    """Whether the family was a difficult one on the day of the newest application."""
    return bool(claim and claim.applied and child.family.recognition(claim.applied.day))


def _trained_here(child: Person) -> date | None:
    """Return since when the child is trained in this city, or was granted training that has not begun."""
    begun, since = set[str](), None
    for one in child.facts(RehabStarted, RehabInstitutionChanged):
        where = one.event.institution if isinstance(one.event, RehabStarted) else one.event.new_institution
        since = None if child.family.city.lies_outside(where.code) else (since or one.day)
        begun.add(one.process)
    granted = (aid.claim for aid in aids_of(child) if aid.approved and aid.claim.process not in begun)
    return since or min((one.decision.day for one in granted if one.decision), default=None)


def _conditions(child: Person) -> list[date]:
    """Return since when the other conditions hold: the case, and where it is asked for, recognition and training."""
    found = [child.family.opened]
    if _only_difficult(child) and child.family.difficult:
        found.append(child.family.difficult[0])
    if child.param("P-LOCAL-INST-SCOPE") == "both" and (trained := _trained_here(child)):
        found.append(trained)
    return found


# -- what was granted


def _paid_for_good(child: Person, chain: Chain, made: list[Claim]) -> bool:
    """Whether an implant was paid, and no second ear is followed (P-COCHLEAR-SECOND)."""
    paid = [found for one in made if (found := _payment(child, one))]
    chain.cite(paid)
    waits = any(one.is_open or (one.approved and not _payment(child, one)) for one in made)
    return bool(paid) and not (waits and child.param("P-COCHLEAR-SECOND"))


def _payment(child: Person, claim: Claim) -> Fact[BenefitPaid] | None:
    """Return the payment of a subsidy that was granted."""
    if claim.decision is None or not claim.approved:
        return None
    return once(child.family, [BENEFIT], claim.process, child.token, claim.decision.day)


def _followed(child: Person, chain: Chain, claim: Claim) -> Verdict:
    """Follow a granted subsidy that is not paid: the implant, which has no clock, and then its payment."""
    decision, begun = claim.decision, claim.facts[0].day
    implants = [one for one in child.facts(CochlearImplanted) if one.day >= begun]
    chain.because["step"] = "pay" if implants else "implant"
    if decision is None or not implants:
        chain.running.append((Due(begun), False))
        verdict = chain.verdict()
        verdict.due = None  # nothing says when the operation has to be
        return verdict
    begin = max(implants[0].day, decision.day)
    chain.step("G3", "P-COCHLEAR-PAY-D", begin, BenefitPaid, claim.division, implants[0])
    return chain.verdict()


# -- what was refused, and what does not fit together


def _conform(child: Person, reason: str, day: date, reports: list[Report]) -> bool:
    """Whether the facts on a day bear out the reason of a refusal."""
    by_then = [one for one in reports if one.day <= day]
    newest = by_then[-1] if by_then else None
    match reason:
        case "institution":
            return newest is None or newest.event.hospital_level not in child.param("P-COCHLEAR-HOSP", day)
        case "document":
            return True
        case "age":
            return not child.younger(child.param("P-CHILD-AGE", day), day)
        case "category" | "level":
            return newest is None or not _indicated(newest, child.param("P-COCHLEAR-GRADES", day))
        case "economy":
            return _only_difficult(child, day) and child.family.recognition(day) is None
        case "duplicate":
            paid = once(child.family, [BENEFIT], "", child.token, date.min)
            return paid is not None and paid.day <= day
        case _:
            return False


def _warn_grades_differ(child: Person, chain: Chain, report: Report | None) -> None:
    """Warn when the certificate shows another grade of hearing than the report, which is what counts."""
    certificate = child.valid_certificate
    if report is None or certificate is None or not certificate.shows(HEARING, GRADES):
        return
    others = tuple(one for one in GRADES if one != report.event.hearing_grade)
    since = child.certificates.shown_since(child.on, lambda one: one.shows(HEARING, others))
    if since is not None:
        chain.warn("G8", max(report.day, since), None, report, *certificate.facts)
