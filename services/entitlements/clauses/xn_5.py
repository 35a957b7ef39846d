"""XN-5: parents of disabled children are found work, and supported in it like disabled persons (春风行动, 等同扶持)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from services.disability_federation.registry.events import NeedsSurveyed
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Family, Need, Person
from services.entitlements.claims import Claim, claims, division_of, refused
from services.entitlements.facts import Fact
from services.entitlements.policy import Due, source_of
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from services.hrss.events import (
    EmploymentStarted,
    EmploymentSupportApplied,
    JobRecommended,
    ParentJobNeedRegistered,
    StartupSupportDecided,
)
from shared.policy.calendar import on_month_day

REFUSED = "refused"
OCCASIONS = (EmploymentSupportApplied, StartupSupportDecided, EmploymentStarted)
"""What a parent is supported for: it was asked for, decided on, or there is work."""

# -- E08: a job is recommended


@rule("E08", "XN-5", "family", "家长就业推荐", need="JOB", alarms=25)
def recommendation(family: Family, chain: Chain) -> Verdict:
    """Judge whether parents who look for work are registered, and are recommended a post in time and every spring."""
    surveys, need = family.surveys(), family.need("JOB")
    adults = [one for one in family.members if _of_working_age(one)]
    seekers = [one for one in adults if _sought(one)]
    chain.cite(need.facts if need else surveys[-1:], family.recognised_by, *map(_sought, seekers))
    if not family.disabled_children:
        return chain.state(State.NOT_APPLICABLE)
    if not family.difficult or (surveys and not need and not seekers):
        return chain.state(State.NOT_ELIGIBLE, *(child.proof(family.on) for child in family.disabled_children))
    recognised = family.difficult[0]
    answers = [fact for one in adults for fact in (*_sought(one), *one.facts(EmploymentStarted))]
    if decline := declined(family, "JOB", answers):
        return chain.state(State.DECLINED, decline.fact)
    if not need and not seekers:
        chain.cannot_tell(NeedsSurveyed, recognised, family.county)
        return chain.verdict()
    chain.because |= {"since": need.since if need else None, "step": _step(seekers)}
    for since in _unregistered(need, adults, seekers):
        chain.offer("P-JOB-REG-D", ParentJobNeedRegistered, since, recognised, *decline_ended(family, "JOB", answers))
    for one in seekers:
        _recommend(one, chain, recognised)
    return chain.verdict()


def _of_working_age(person: Person) -> bool:
    """Whether a person is of working age on this day; who reaches the last year of it is inside."""
    first, last = person.param("P-WORK-AGE")
    age = person.age()
    return age is not None and first <= age <= last


def _sought(person: Person) -> list[Fact[Any]]:
    """Return what shows that a person looks for work: registrations, and posts recommended to them."""
    return person.facts(ParentJobNeedRegistered, JobRecommended)


def _step(seekers: list[Person]) -> str:
    """Return how far those who look for work have come: the least far counts."""
    if not seekers:
        return "unregistered"
    if all(one.job for one in seekers):
        return "employed"
    recommended = [one for one in seekers if one.job or one.facts(JobRecommended)]
    return "recommended" if len(recommended) == len(seekers) else "registered"


def _unregistered(need: Need | None, adults: list[Person], seekers: list[Person]) -> Iterator[date]:
    """Yield since when a need that nobody has registered is known: each person's own, else that of the family."""
    if need is None:
        return
    own = [(one, found) for one in adults if (found := one.need("JOB")) and _names(found, one)]
    for one, found in own:
        if one not in seekers and not one.job:
            yield found.since
    if not own and not seekers and not any(one.job and one.job.day >= need.since for one in adults):
        yield need.since


def _names(need: Need, person: Person) -> bool:
    """Whether a need was named for this person, and not for the family as a whole."""
    return any(one.event.for_person == person.token for one in need.facts)


def _recommend(person: Person, chain: Chain, recognised: date) -> None:
    """Take the duty to recommend: after a registration, and in every season in which the need is still open."""
    registrations = person.facts(ParentJobNeedRegistered)
    if person.job or not registrations:
        chain.cite(person.job)
        return
    answers = person.facts(JobRecommended, EmploymentStarted)
    division = division_of(person.family.facts, registrations[-1].process, person.family.county)
    unanswered = [one for one in registrations if not any(answer.day >= one.day for answer in answers)]
    if unanswered:
        first = unanswered[0]
        chain.step("G2", "P-JOB-REC-D", first.day, JobRecommended, division, first)
    tested_from = max(recognised, chain.begin(JobRecommended))
    for begin, end in _seasons(person, registrations[0].day):
        if end >= tested_from and not _served(person, begin, end):
            _season(chain, begin, end, division, registrations[0])


def _served(person: Person, begin: date, end: date) -> bool:
    """Whether the need was seen to in a season, was not open at its end, or what was missed has been made good."""
    recommended = any(one.day >= begin for one in person.facts(JobRecommended))
    employed = any(one.day > end for one in person.facts(EmploymentStarted))
    return recommended or employed or person.job_on(end) is not None


def _season(chain: Chain, begin: date, end: date, division: str | None, registered: Fact[Any]) -> None:
    """Take a season without a recommendation: over, it is a gap; running, its end is what is due next."""
    if chain.on <= end:
        chain.upcoming.append(Due(end))
    elif chain.covered(JobRecommended, division, max(begin, registered.day)):
        chain.clock("G2", Due(end), source_of(JobRecommended), division, registered)
    else:
        chain.cannot_tell(JobRecommended, registered.day, division)


def _seasons(person: Person, since: date) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each season (春风行动期) that ends on or after a day and has begun by this one."""
    for year in range(since.year, person.on.year + 1):
        first, last = person.param("P-JOB-SEASON", date(year, 1, 1))
        begin, end = on_month_day(year, first), on_month_day(year, last)
        if begin <= person.on and since <= end:
            yield begin, end


# -- E09: parents are supported like disabled persons


@rule("E09", "XN-5", "person", "家长等同扶持", need="JOB", alarms=10, meant=lambda parent: parent.told(*OCCASIONS))
def parity(parent: Person, chain: Chain) -> Verdict:
    """Judge whether a parent at work, or who asks for support with it, gets what a disabled person would."""
    family, job, every = parent.family, _own_work(parent), _claims(parent)
    facts = [fact for one in every for fact in one.facts]
    shown = _parenthood(parent, facts)
    chain.cite(shown, family.recognised_by, parent.facts(EmploymentStarted), facts)
    if not shown or not family.difficult or not (every or job):
        return chain.state(State.NOT_APPLICABLE)
    chain.because |= {"since": _since(every, job), "step": "undecided"}
    newest, undecided = every[-1] if every else None, [one for one in every if one.is_open]
    asked = [fact for one in every for fact in one.ends_declines]
    conditions = [family.difficult[0], *([job.day] if job else []), *decline_ended(parent, "JOB", asked)]
    if newest and newest.decision and not undecided:
        if newest.approved:
            chain.because["step"] = "granted"
            return chain.verdict()
        meaning = _refusal(parent, newest)
        if meaning == "excluded":
            return chain.state(State.NOT_ELIGIBLE)
        if meaning == "contradicted":
            chain.because["step"] = "refused"
            chain.warn("G8", newest.decision.day, None, newest.decision)
            conditions.append(newest.decision.day)
        elif job is None:
            return chain.state(State.NOT_APPLICABLE)  # as if it had not been made: there is no occasion
    if decline := declined(parent, "JOB", asked):
        return chain.state(State.DECLINED, decline.fact)
    for one in undecided:
        if one.applied:
            chain.step("G2", "P-PARITY-DECIDE-D", one.applied.day, StartupSupportDecided, one.division, one.applied)
    if not undecided:
        chain.offer("P-PARITY-APPLY-D", StartupSupportDecided, *conditions)
    return chain.verdict()


def _since(every: list[Claim], job: Fact[Any] | None) -> date | None:
    """Return the day of the newest application; without one, that on which the work began."""
    applied = [one.applied.day for one in every if one.applied]
    return applied[-1] if applied else job.day if job else None


def _claims(parent: Person) -> list[Claim]:
    return claims(parent.family.facts, EmploymentSupportApplied, StartupSupportDecided, parent.token)


def _own_work(parent: Person) -> Fact[EmploymentStarted] | None:
    """Return the work that the parent has, if it is of a kind that is to be supported without being asked for."""
    job = parent.job
    return job if job is not None and job.event.kind in parent.param("P-PARITY-KINDS") else None


def _parenthood(parent: Person, claimed: list[Fact[Any]]) -> list[Fact[Any]]:
    """Return what shows that the person is the parent of a child of the family: records, else what was claimed."""
    children = parent.family.children
    on_record = [child.parents[parent.token] for child in children if parent.token in child.parents]
    return on_record or [one for one in claimed if children and one.event.as_parent]


def _refusal(parent: Person, claim: Claim) -> str:
    """Return what a refusal means: parity leaves some reasons no room, whatever the facts (rules A10)."""
    if claim.decision and claim.outcome == REFUSED:
        bad = parent.param("P-PARITY-BAD-REASONS", claim.decision.day)
        if claim.reason in bad:
            return "contradicted"
    return refused(claim, lambda reason, decision: _conform(parent, reason, decision), parent.on)


def _conform(parent: Person, reason: str, decision: Fact[Any]) -> bool:
    """Whether the facts on the day of a refusal bear out its reason. Of age and registration nothing is asked here."""
    match reason:
        case "document" | "institution":
            return True
        case "economy":
            return parent.family.recognition(decision.day) is None
        case "duplicate":
            granted = [one.decision for one in _claims(parent) if one.decision and one.approved]
            return any(one.day <= decision.day and one.event.scheme == decision.event.scheme for one in granted)
        case _:
            return False
