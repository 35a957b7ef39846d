"""XN-2 (加大残疾儿童康复救助力度): aid for a child's rehabilitation, year by year, and the training that follows it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.disability_federation.certificates.events import DisabilityCertificateIssued
from services.disability_federation.rehabilitation.events import (
    DiagnosisReported,
    RehabAidApplied,
    RehabAidDecided,
    RehabEnded,
    RehabInstitutionChanged,
    RehabInterrupted,
    RehabMonthReported,
    RehabResumed,
    RehabStarted,
)
from services.disability_federation.rehabilitation.providers.events import (
    InstitutionDesignated,
    InstitutionDesignationEnded,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Need, Person
from services.entitlements.claims import Claim, claims
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.entitlements.refusals import follows
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_days, add_months, first_of, last_of, month_of, months_between, next_month

DONE = {"aged_out", "goal", "voluntary", "period"}
"""Reasons for which aid ends before its time without anything left to do in that year."""
DELIVERED = (RehabStarted, RehabResumed, RehabMonthReported)
TRAINING = (*DELIVERED, RehabInterrupted, RehabInstitutionChanged, RehabEnded)
"""What happens under granted aid; the first of them is training itself."""


@dataclass(frozen=True, slots=True)
class Aid:
    """One claim to aid, for one year; once it is approved, from its first day to its last, or until it ended early."""

    claim: Claim
    year: int
    first: date
    last: date
    ended: Fact[RehabEnded] | None

    @property
    def approved(self) -> bool:
        """Whether it was granted."""
        return self.claim.approved

    def runs(self, day: date) -> bool:
        """Whether it was granted, has not ended and is not over on a day; it may be still to come."""
        return self.approved and self.ended is None and day <= self.last

    @property
    def over(self) -> date:
        """The day with which it ends or ended."""
        return min(self.last, self.ended.day) if self.ended else self.last

    def covers(self, first: date, last: date) -> bool:
        """Whether some day of a period lies within it."""
        return self.approved and self.first <= last and first <= self.over


def _is_meant(child: Person) -> bool:
    """Whether it can apply: to whom aid was given or asked for, or training; or who is of the age, and needs it."""
    if child.told(RehabAidApplied, RehabAidDecided, *TRAINING):
        return True
    return _of_age(child, child.on) and bool(child.certificate or child.diagnoses or child.need("REHAB"))


@rule("E02", "XN-2", "person", "康复救助", need="REHAB", alarms=60, meant=_is_meant)
def rehabilitation_aid(child: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled child is helped to be rehabilitated: aid for this year, training, month after month."""
    need, aids, shown = child.need("REHAB"), aids_of(child), shown_since(child)
    done = [*(fact for aid in aids for fact in aid.claim.ends_declines), *child.facts(*DELIVERED)]
    chain.cite(child.family.held_by, child.certificate_facts, child.diagnoses, need.facts if need else ())
    chain.cite(*(aid.claim.facts for aid in aids)).because |= {"year": child.on.year, "step": "apply"}
    _warn_outside_approval(child, chain, aids)
    last = aids[-1].claim if aids else None
    refused = follows(chain, last, lambda reason, day: last is not None and _conform(child, reason, day, last.process))

    grant = _running(child, aids)
    if grant and not (_ends_with_its_condition(child) and _excluded(child)):
        return _followed(child, chain, grant)
    open_ = next((aid for aid in reversed(aids) if aid.claim.is_open and aid.year == child.on.year), None)
    if not open_ and any(_done_early(aid, child.on) for aid in aids):
        chain.because["step"] = "ended"
        return chain.verdict()
    if not _of_age(child, child.on) or not (child.certificate or child.diagnoses or need):
        return chain.state(State.NOT_APPLICABLE)
    if refused is None or _excluded(child):
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(child, "REHAB", done):
        return chain.state(State.DECLINED, decline.fact)
    if open_:
        return _undecided(chain, open_.claim)
    if shown is None:
        return _proof_not_known(child, chain, need)
    begins = [shown, *_conditions(child), *decline_ended(child, "REHAB", done)]
    _to_be_applied_for(child, chain, aids, begins)
    return chain.verdict()


def aids_of(child: Person) -> list[Aid]:
    """Return every aid that was applied for or granted, in the order of the last word on each."""
    found = claims(child.family.facts, RehabAidApplied, RehabAidDecided, child.token)
    return [_aid(child, one) for one in sorted(found, key=lambda one: one.facts[-1].order)]


def _aid(child: Person, claim: Claim) -> Aid:
    decision = claim.decision
    given = decision.event if decision and claim.approved else None
    first = (given.aid_from if given else None) or claim.facts[-1].day
    year = claim.applied.event.aid_year if claim.applied else first.year
    last = (given.aid_to if given else None) or date(first.year, 12, 31)
    ended = [one for one in child.facts(RehabEnded) if one.process == claim.process]
    return Aid(claim, year, first, last, ended[-1] if ended else None)


def shown_since(child: Person) -> date | None:
    """Return since when, without a break, a valid certificate or a diagnosis shows that a child is to be trained."""
    diagnosed = child.diagnoses[0].day if child.diagnoses else date.max
    since = None
    for day in sorted(one for one in {*child.certificates.breaks(), diagnosed} if one <= child.on):
        since = (since or day) if diagnosed <= day or child.certificates.valid(day) else None
    return since


# -- who is meant


def _of_age(child: Person, day: date) -> bool:
    """Whether the child is of the age at which there is aid; by the day, or by 1 January (of the aid year)."""
    reckoned = day if child.param("P-REHAB-AGE-BASIS", day) == "birthday" else date(day.year, 1, 1)
    age = child.age(reckoned)
    born = child.born is not None and child.born <= day
    return age is not None and born and child.param("P-REHAB-AGE-FROM", day) <= max(age, 0) < _age_to(child, day)


def _age_to(child: Person, day: date) -> int:
    return int(child.param("P-REHAB-AGE-TO", day))


def _excluded(child: Person) -> bool:
    """Whether a known fact excludes the child: the proof is gone, they belong elsewhere, or are not difficult."""
    if child.certificate and shown_since(child) is None:
        return True
    return child.in_city_since is None or bool(child.param("P-REHAB-NEEDS-DIFFICULT") and not child.family.difficult)


def _conditions(child: Person) -> list[date]:
    """Return the days since which the other conditions hold: they belong here, are old enough, are difficult."""
    found = [child.in_city_since] if child.in_city_since else []
    if (begins := child.param("P-REHAB-AGE-FROM")) and (birthday := child.birthday(begins)):
        by_birthday = child.param("P-REHAB-AGE-BASIS") == "birthday"
        found.append(birthday if by_birthday else date(add_days(birthday, -1).year + 1, 1, 1))
    if child.param("P-REHAB-NEEDS-DIFFICULT") and child.family.difficult:
        found.append(child.family.difficult[0])
    return found


def _ends_with_its_condition(child: Person) -> bool:
    """Whether a grant ends with its condition, instead of running to its end (P-GRACE)."""
    return str(child.param("P-GRACE")) == "immediate"


def _proof_not_known(child: Person, chain: Chain, need: Need | None) -> Verdict:
    """Say that a need alone does not show whether the child is meant: the diagnosis or the certificate is missing."""
    for proof in (DiagnosisReported, DisabilityCertificateIssued):
        chain.cannot_tell(proof, need.since if need else chain.opened, child.family.county)
    return chain.verdict()


# -- applying and deciding


def _to_be_applied_for(child: Person, chain: Chain, aids: list[Aid], begins: list[date]) -> None:
    """Offer it: when a child becomes known, in each further year, and again in a year in which it came to nothing.

    What ended is offered from the day after, what was refused from that day.
    """
    year = child.on.year
    begins += [add_days(aid.over, 1) for aid in aids if aid.approved]
    begins += [aid.claim.decision.day for aid in aids if aid.claim.decision and not aid.approved]
    if any(aid.year == year for aid in aids):
        chain.offer("P-REHAB-APPLY-D", RehabAidApplied, *begins)
    elif any(aid.year < year for aid in aids):
        chain.offer("P-REHAB-YEAR-D", RehabAidApplied, date(year, 1, 1), *begins)
    else:
        chain.offer("P-REHAB-APPLY-D", RehabAidApplied, *begins)


def _undecided(chain: Chain, claim: Claim) -> Verdict:
    """Wait for the decision on an application."""
    chain.because["step"] = "decide"
    if claim.applied:
        chain.step("G2", "P-REHAB-DECIDE-WD", claim.applied.day, RehabAidDecided, claim.division, claim.applied)
    return chain.verdict()


def _conform(child: Person, reason: str, day: date, process: str) -> bool:
    """Whether the facts on a day bear out the reason for which the claim of a process was refused."""
    match reason:
        case "document" | "institution":
            return True
        case "age":
            return not _of_age(child, day)
        case "hukou":
            return not child.in_city(day)
        case "category":
            return not child.certificates.valid(day) and not any(one.day <= day for one in child.diagnoses)
        case "economy":
            return child.param("P-REHAB-NEEDS-DIFFICULT", day) and child.family.recognition(day) is None
        case "duplicate":
            others = [aid for aid in aids_of(child) if aid.claim.process != process]
            return any(aid.runs(day) and aid.first <= day for aid in others)
        case _:
            return False


# -- what was granted


def _running(child: Person, aids: list[Aid]) -> Aid | None:
    """Return the granted aid that runs on this day, else one that is still to come."""
    running = [aid for aid in aids if aid.runs(child.on)]
    begun = [aid for aid in running if aid.first <= child.on]
    return next(reversed(begun or running), None)


def _done_early(aid: Aid, on: date) -> bool:
    """Whether a grant ended this year for a reason that leaves nothing to do until 31 December."""
    ended = aid.ended
    early = ended is not None and ended.day <= aid.last and ended.event.reason in DONE
    return aid.approved and early and aid.over.year == on.year


def _followed(child: Person, chain: Chain, aid: Aid) -> Verdict:
    """Follow a granted aid: training begins, goes on month by month, at an institution that is designated."""
    decision, claim = aid.claim.decision, aid.claim
    if decision is None:
        return chain.verdict()
    _warn_proof_gone(child, chain, decision)
    followed = [one for one in child.facts(*TRAINING) if one.process == claim.process]
    chain.cite(followed)
    starts = [one for one in followed if isinstance(one.event, RehabStarted)]
    chain.because["step"] = "train" if starts else "begin"
    if not starts:
        chain.step("G3", "P-REHAB-START-D", decision.day, RehabStarted, claim.division, decision)
        return chain.verdict()
    chain.because["months"] = _months(chain, aid, starts[-1], followed)
    _designation(child, chain, claim, followed)
    return chain.verdict()


def _months(chain: Chain, aid: Aid, start: Fact[RehabStarted], followed: list[Fact[Any]]) -> int:
    """Take the months of training: so many required ones in a row without a record, and it has come to a stop.

    Return how many have gone by without one.
    """
    division = aid.claim.division
    required = _required(chain, aid, start, followed)
    if not required or last_of(required[0]) >= chain.on:
        return 0
    first = first_of(required[0])
    if not chain.covered(RehabMonthReported, division, first):
        chain.cannot_tell(RehabMonthReported, start.day, division)
        return 0
    length = chain.policy.value("P-REHAB-MONTH-GAP", division, first)
    if len(required) >= length:
        due = Due(last_of(required[length - 1]))
        if chain.on <= due.day:
            chain.upcoming.append(due)
        else:
            chain.clock("G4", due, "DPF", division, start)
    return sum(last_of(month) < chain.on for month in required)


def _required(chain: Chain, aid: Aid, start: Fact[RehabStarted], followed: list[Fact[Any]]) -> list[str]:
    """Return the months of the aid that are required and have no record, since the last that has, or a resumption.

    They are full months after that of the start, and no interruption touches them.
    """
    since = [month_of(start.day)]
    since += [one.event.month for one in followed if isinstance(one.event, RehabMonthReported)]
    since += [month_of(one.day) for one in followed if isinstance(one.event, RehabResumed)]
    feed = chain.policy.feed(RehabMonthReported, aid.claim.division, chain.on)
    tested = max(chain.opened, feed.since) if feed else chain.opened
    pauses = _pauses(chain, aid.claim, followed)
    return [
        month
        for month in months_between(next_month(max(since)), month_of(add_days(aid.last, 1)))[:-1]
        if last_of(month) >= tested
        and not any(begin <= last_of(month) and first_of(month) < end for begin, end in pauses)
    ]


def _pauses(chain: Chain, claim: Claim, followed: list[Fact[Any]]) -> list[tuple[date, date]]:
    """Return the interruptions, each to the day of the resumption, else to the longest that is allowed (day after)."""
    found = []
    for one in followed:
        if isinstance(one.event, RehabInterrupted):
            most = chain.policy.value("P-REHAB-PAUSE-M", claim.division, one.day)
            resumed = [two.day for two in followed if isinstance(two.event, RehabResumed) and two.order > one.order]
            found.append((one.day, resumed[0] if resumed else add_months(one.day, most)))
    return found


def _designation(child: Person, chain: Chain, claim: Claim, followed: list[Fact[Any]]) -> None:
    """Take the institution: once its designation has ended, the child has to go on elsewhere."""
    where, since = None, date.min
    for one in followed:
        if isinstance(one.event, RehabStarted):
            where, since = one.event.institution.code, one.day
        elif isinstance(one.event, RehabInstitutionChanged):
            where, since = one.event.new_institution.code, one.day
    city = child.family.city.facts
    ends = [one for one in city.of(InstitutionDesignationEnded) if one.event.uscc == where]
    anew = [one.event.valid_from for one in city.of(InstitutionDesignated) if one.event.uscc == where]
    if ends and not any(ends[-1].day <= day <= child.on for day in anew):
        lost = max(ends[-1].day, since)
        chain.gap("G4", lost, add_days(lost, -1), "DPF", claim.division, ends[-1])


# -- what does not fit together


def _warn_proof_gone(child: Person, chain: Chain, decision: Fact[Any]) -> None:
    """Warn when neither a valid certificate nor a diagnosis bears the grant any more, until it is decided anew."""
    lost = child.certificates.run(child.on, valid=False)
    if child.certificate and not child.diagnoses and lost and lost > decision.day:
        chain.warn("G8", lost, None, *child.certificate.facts)


def _warn_outside_approval(child: Person, chain: Chain, aids: list[Aid]) -> None:
    """Warn of a start, a change of institution or a month outside any approval, until there is a new one."""
    approvals = [aid.claim.decision.day for aid in aids if aid.approved and aid.claim.decision]
    for one in child.facts(RehabStarted, RehabInstitutionChanged, RehabMonthReported):
        first = last = one.day
        if isinstance(one.event, RehabMonthReported):
            first, last = first_of(one.event.month), last_of(one.event.month)
        if not any(aid.covers(first, last) for aid in aids) and not any(day >= one.day for day in approvals):
            chain.warn("G8", one.day, None, one)
