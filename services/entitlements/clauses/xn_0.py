"""XN-0 (一户多残或低保户的困难残疾儿童家庭): which family is a difficult one, and when it is recognised."""

from bisect import bisect_right
from datetime import date, timedelta
from typing import Any

from services.civil_affairs.events import DibaoDecided, DibaoReviewed, DibaoTerminated
from services.disability_federation.certificates.events import DisabilityCertificateIssued
from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    FamilyCaseOpened,
    FamilyMemberAdded,
    FamilyMemberRemoved,
    HouseholdMoved,
    MemberRelationRecorded,
    PersonDeceased,
)
from services.disability_federation.rehabilitation.events import DiagnosisReported
from services.entitlements.certificates import ABOUT
from services.entitlements.chain import Chain
from services.entitlements.circumstances import FAMILY_DIBAO, Family, Person, month_end
from services.entitlements.city import Whole
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.entitlements.rules import rule
from services.entitlements.verdicts import State, Verdict
from shared.log.parameters import CITY
from shared.policy.calendar import birthday

MULTI, DIBAO = "multi", "dibao"
_SINGLE = ("single_marginal", "single_adult")
GROUNDS = (
    *(FamilyCaseOpened, FamilyMemberAdded, FamilyMemberRemoved, PersonDeceased, MemberRelationRecorded),
    *(CaseTransferAccepted, HouseholdMoved, *ABOUT, DiagnosisReported),
    *(DibaoDecided, DibaoTerminated, DibaoReviewed),
)
"""What grounds rest on: who belongs to the family, who is disabled, and dibao."""
READ = (
    *("P-CHILD-AGE", "P-MULTI-MIN", "P-DIBAO-SINGLE-COUNTS"),
    *("P-HOUSE-BOUNDARY", "P-DISABLED-EVIDENCE", "P-DX-AGE-TO"),
)
"""The parameters that are read for grounds, as of a day."""


@rule("E01", "XN-0", "family", "困难残疾儿童家庭认定", alarms=20)
def recognition(family: Family, chain: Chain) -> Verdict:
    """Whether the family is recognised: a disabled child, and several disabled members or dibao."""
    chain.cite(family.opening)
    for one in family.members:
        chain.cite(one.certificate.facts if one.certificate else (), one.diagnoses)
    now = basis(family, family.on)
    for facts in now.values():
        chain.cite(facts)
    if family.difficult:
        _warn(family, chain, now)
    if not family.children:
        return chain.state(State.NOT_APPLICABLE)
    if family.difficult:
        return chain.cite(family.recognised_by).verdict()
    if not now:
        return _without_basis(family, chain)
    begin = max(_known_since(family, _since(family)), family.opened)
    if chain.covered(DifficultFamilyRecognised, family.county, begin):
        due = chain.policy.due("P-RECOG-WD", begin, family.county)
        chain.clock("G1", due, "DPF", family.county, outreach=True)
    else:
        chain.cannot_tell(DifficultFamilyRecognised, begin, family.county)
    return chain.verdict()


@rule("E30", "XN-0", "city", "2027年应救尽救", alarms=10)
def everybody_is_reached(city: Whole, chain: Chain) -> Verdict:
    """Judge whether by the target day no family in the group has an open gap of a policy rule."""
    target = city.param("P-TARGET-DATE")
    if city.on <= target:
        chain.running.append((Due(target), False))
    elif city.group.recognised > city.group.without_gap:
        chain.gap("G3", target + timedelta(1), target, "DPF", CITY)
    verdict = chain.verdict()
    verdict.because = {"recognised": city.group.recognised, "without_gap": city.group.without_gap}
    return verdict


def basis(family: Family, day: date) -> dict[str, list[Fact[Any]]]:
    """Return the grounds on which the family is a difficult one on a day, with their facts.

    Without a disabled child there are none.
    """
    disabled = family.disabled(day)
    if not any(one.younger(family.param("P-CHILD-AGE", day), day) for one in disabled):
        return {}
    proof = [fact for one in disabled for fact in one.proof(day)]
    found: dict[str, list[Fact[Any]]] = {}
    if len(disabled) >= family.param("P-MULTI-MIN", day):
        found[MULTI] = proof
    types = (FAMILY_DIBAO, *_SINGLE) if family.param("P-DIBAO-SINGLE-COUNTS", day) else (FAMILY_DIBAO,)
    if grants := family.dibao(day, types):
        child = [fact for one in disabled if one.is_child for fact in one.proof(day)]
        found[DIBAO] = [*child, *grants]
    return found


def _without_basis(family: Family, chain: Chain) -> Verdict:
    """Return that it is not eligible, or that this cannot be told: what would show it is not delivered here."""
    for person in family.members:
        born = person.born or family.opened
        proofs = (DisabilityCertificateIssued, *([DiagnosisReported] if _may_be_diagnosed(person) else []))
        unseen = [one for one in proofs if not chain.covered(one, family.county, born)]
        if unseen and not person.proof(family.on):
            chain.cannot_tell(unseen[0], family.opened, family.county)
            return chain.verdict()
    if family.disabled_children and not chain.covered(DibaoDecided, family.county, family.opened):
        since = max(one.disabled_since for one in family.disabled_children)
        chain.cannot_tell(DibaoDecided, since, family.county)
        return chain.verdict()
    return chain.state(State.NOT_ELIGIBLE, [fact for one in family.disabled_children for fact in one.proof(family.on)])


def _may_be_diagnosed(person: Person) -> bool:
    """Whether a diagnosis would show a person's disability: of a young child, where that counts."""
    return person.param("P-DISABLED-EVIDENCE") != "cert_only" and person.younger(person.param("P-DX-AGE-TO"))


def _warn(family: Family, chain: Chain, now: dict[str, list[Fact[Any]]]) -> None:
    """Warn when no ground holds any more (G6), or the recorded one does not while another does (G8)."""
    recognised = family.recognised_by[-1]
    if not now:
        chain.warn("G6", _since(family, without=True), None, *family.recognised_by, division=family.county)
        return
    recorded = {MULTI, DIBAO} if recognised.event.basis == "both" else {recognised.event.basis}
    for ground in recorded - now.keys():
        since = max(_since(family, without=True, ground=ground), _since(family))
        chain.warn("G8", since, None, recognised)


def _since(family: Family, *, without: bool = False, ground: str = "") -> date:
    """Return the first day of the unbroken run, up to this day, in which the family has grounds (or has none)."""
    since = None
    ended = [one.day for one in family.facts.of(DifficultFamilyEnded)]
    begun = [one.event.effective_from for one in family.facts.of(DifficultFamilyRecognised)]
    floor = max(ended if not without else begun, default=date.min)
    turns, at, grounds = _turns(family), -1, dict[str, list[Fact[Any]]]()
    for day in _breaks(family):
        place = bisect_right(turns, day)
        if place != at or day is family.on:  # else it is as on the day before
            at, grounds = place, basis(family, day)
        holds = (ground in grounds) if ground else bool(grounds)
        since = (since or day) if holds != without else None
    return max(since or family.on, min(floor, family.on))


def _breaks(family: Family) -> list[date]:
    """Return the days, up to this one, on which grounds can begin or end."""
    days = {one.day for one in family.facts.all}
    for person in family.everyone:
        one = family.person(person)
        days.update(one.certificates.breaks())
        days.update(day for age in ("P-DX-AGE-TO", "P-CHILD-AGE") if (day := one.birthday(family.param(age))))
    for grant in family.facts.of(DibaoDecided):
        if last := family.dibao_until(grant):
            days.add(month_end(last) + timedelta(1))
    return [*sorted(day for day in days if day < family.on), family.on]


def _turns(family: Family) -> list[date]:
    """Return the days, in order, between two of which grounds are the same: with those on which parameters change."""
    days = {family.opened, *family.policy.days(*READ)}
    days.update(one.day for one in family.facts.of(*GROUNDS))
    for person, member in family.everyone.items():
        one = family.person(person)
        days.update((member.since, member.until or member.since), one.certificates.breaks())
        if one.born:
            days.update(birthday(one.born, age) for age in range(date.year.__get__(family.on) - one.born.year + 1))
    for grant in family.facts.of(DibaoDecided):
        if last := family.dibao_until(grant):
            days.add(month_end(last) + timedelta(1))
    return sorted(days)


def _known_since(family: Family, since: date) -> date:
    """Return the day on which what was written down by then first gave grounds, not before these began.

    A ground that is written down later does not put the clock off.
    """
    written = {one.recorded for one in family.facts.all}
    turns = sorted({*_turns(family), *(one.recorded for one in family.facts.of(*GROUNDS))})
    at = -1
    for day in sorted({since, *(one for one in written if one > since)}):
        place = bisect_right(turns, day)
        if place == at:  # nothing that matters was written down since, or came about
            continue
        at = place
        known = family.written_by(day)
        found = bool(basis(known, known.on))
        known.let_go()
        if found:
            return day
    return since
