"""SH-4 (对已接受培训的残疾人实施随访…按要求将相关信息录入…并留存好相关服务档案): who takes part is looked after."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.disability_federation.self_help.cohorts import DISABILITY, WITH_RELATIVES
from services.disability_federation.self_help.events import (
    CohortOpened,
    FollowUpDone,
    ParticipantEnrolled,
    ParticipantFinished,
    ParticipantReferralAnswered,
    ParticipantReferred,
    ServiceArchiveFiled,
    ServiceRecordRejected,
    ServiceRecordUploaded,
)
from services.entitlements.certificates import MULTIPLE
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import Claim, refused
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import add_months

COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Training:
    """A person's place in a cohort: the enrolment, how it ended, and in which division it runs."""

    enrolment: Fact[ParticipantEnrolled]
    finish: Fact[ParticipantFinished] | None
    facts: list[Fact[Any]]

    @property
    def division(self) -> str | None:
        """The division of the last event about it."""
        return self.facts[-1].division or self.enrolment.division


@rule(
    "E34",
    "SH-4",
    "person",
    "自助互助学员服务与随访",
    need="SELFHELP",
    alarms=10,
    meant=lambda person: person.told(ParticipantReferred, ParticipantEnrolled),
)
def participant_is_followed(person: Person, chain: Chain) -> Verdict:
    """Judge whether who was referred is answered, and who was trained is followed up, recorded and archived."""
    referrals, trainings = _referrals(person), _trainings(person)
    chain.cite(person.family.opening, person.certificate.facts if person.certificate else ())
    chain.cite(referrals, *(one.facts for one in trainings))
    if not referrals and not trainings:
        return chain.state(State.NOT_APPLICABLE)
    excluded = _referred(person, chain, referrals, trainings)
    if excluded and not trainings:
        return chain.state(excluded)
    for training in trainings:
        _trained(person, chain, training)
    in_training = any(one.finish is None for one in trainings)
    chain.because = {"cohort": trainings[-1].enrolment.event.cohort if trainings else None}
    return chain.verdict(State.PENDING if in_training else State.MET)


# -- the referral


def _referrals(person: Person) -> list[Fact[ParticipantReferred]]:
    """Return the referrals to a category of the programme (P-SH-CATEGORIES)."""
    every = person.facts(ParticipantReferred)
    return [one for one in every if one.event.category in person.param("P-SH-CATEGORIES", one.day)]


def _referred(
    person: Person, chain: Chain, referrals: Iterable[Fact[ParticipantReferred]], trainings: Iterable[Training]
) -> State | None:
    """Take the referrals that no enrolment has followed (G1); return the state if all of them come to nothing."""
    found: list[State | None] = []
    for referral in referrals:
        joined = [one for one in trainings if one.enrolment.day >= referral.day]
        if not any(one.enrolment.event.category == referral.event.category for one in joined):
            found.append(_answer(person, chain, referral))
    return found[-1] if found and None not in found else None


def _answer(person: Person, chain: Chain, referral: Fact[ParticipantReferred]) -> State | None:
    """Take the answer to a referral (G1); return the state if it comes to nothing: excluded, refused, declined."""
    answer = _answered(person, referral)
    if answer and answer.event.decision == "approved":
        chain.cite(answer)
        return None
    if _lacks_certificate(person, referral.event.category, person.on):
        return State.NOT_ELIGIBLE
    conditions = [referral.day, *decline_ended(person, "SELFHELP", person.facts(ParticipantReferred))]
    if answer:
        chain.cite(answer)
        claim = Claim(referral.process, person.token, referral, answer, answer.division, [referral, answer])
        meaning = refused(claim, lambda reason, one: _conform(person, reason, one.day, referral), person.on)
        if meaning == "excluded":
            return State.NOT_ELIGIBLE
        if meaning == "as_if_not_made":
            return State.NOT_APPLICABLE
        chain.warn("G8", answer.day, None, answer)
        conditions.append(answer.day)
    if decline := declined(person, "SELFHELP", person.facts(ParticipantReferred)):
        chain.cite(decline.fact)
        return State.DECLINED
    division = referral.division if referral.process else chain.division
    chain.offer("P-SH-ANSWER-D", ParticipantReferralAnswered, *conditions, division=division)
    return None


def _answered(person: Person, referral: Fact[ParticipantReferred]) -> Fact[ParticipantReferralAnswered] | None:
    """Return the answer to a referral: the newest in its process, or after it where none is named."""
    every = person.facts(ParticipantReferralAnswered)
    ours = [one for one in every if one.day >= referral.day and one.process == referral.process]
    return ours[-1] if ours else None


def _lacks_certificate(person: Person, category: str, day: date) -> bool:
    """Whether a person needs a certificate of the category's disability (P-SH-CERT-REQUIRED) and has none."""
    required = person.param("P-SH-CERT-REQUIRED", day)
    if required == "none" or (required == "disabled_only" and category in WITH_RELATIVES):
        return False
    held = person.certificates.on(day)
    return (
        held is None
        or not held.valid(day)
        # a certificate that was issued elsewhere does not say its category, and one of several disabilities not which
        or held.category not in {None, MULTIPLE, DISABILITY.get(category, held.category)}
    )


def _conform(person: Person, reason: str, day: date, referral: Fact[ParticipantReferred]) -> bool:
    """Whether the facts of a day bear out a base's reason for refusing."""
    match reason:
        case "category":
            return _lacks_certificate(person, referral.event.category, day)
        case "duplicate":
            running = [one for one in _trainings(person) if one.enrolment.day <= day]
            return any(one.finish is None or one.finish.day > day for one in running)
        case "document" | "institution":
            return True
        case _:
            return False


# -- the training and what follows it


def _trainings(person: Person) -> list[Training]:
    """Return the cohorts that a person joined, each with what belongs to it: by process, else until the next one."""
    enrolments = person.facts(ParticipantEnrolled)
    later = person.facts(ParticipantFinished, FollowUpDone, ServiceRecordUploaded, ServiceRecordRejected)
    found = []
    for one in enrolments:
        following = min((next_.day for next_ in enrolments if next_.order > one.order), default=date.max)
        own = [
            each for each in later if (each.process == one.process if one.process else one.day <= each.day < following)
        ]
        finishes = [each for each in own if isinstance(each.event, ParticipantFinished)]
        found.append(Training(one, finishes[-1] if finishes else None, [one, *own]))
    return found


def _trained(person: Person, chain: Chain, training: Training) -> None:
    """Take what is due after a training: its record, and if it was completed its rounds and the cohort's archive."""
    finish = training.finish
    if finish is None:
        return
    _upload(chain, training, finish)
    if finish.event.outcome == COMPLETED:
        _rounds(chain, training, finish)
        _archive(person, chain, training)


def _upload(chain: Chain, training: Training, finish: Fact[ParticipantFinished]) -> None:
    """Take the record in the national system (G3): after the finish, and again after each rejection."""
    rejected = [one for one in training.facts if isinstance(one.event, ServiceRecordRejected)]
    last = rejected[-1] if rejected else finish
    uploaded = [one for one in training.facts if isinstance(one.event, ServiceRecordUploaded)]
    if not any(one.order > last.order for one in uploaded):
        chain.step("G3", "P-SH-UPLOAD-D", last.day, ServiceRecordUploaded, training.division, last)


def _rounds(chain: Chain, training: Training, finish: Fact[ParticipantFinished]) -> None:
    """Take the rounds of following up (G4), each by its number of months after the finish."""
    division = training.division
    done = {one.event.round for one in training.facts if isinstance(one.event, FollowUpDone)}
    for months in chain.policy.value("P-SH-FOLLOWUP", division, finish.day):
        due = add_months(finish.day, months)
        if months in done or due < chain.tested_from(FollowUpDone, division):
            continue
        if chain.on <= due:
            chain.upcoming.append(Due(due))
        elif not chain.covered(FollowUpDone, division, finish.day):
            chain.cannot_tell(FollowUpDone, finish.day, division)
        else:
            chain.clock("G4", Due(due), "SHR", division, finish)


def _archive(person: Person, chain: Chain, training: Training) -> None:
    """Take the archive of the cohort (G3): after its last day, where the cohort is on record."""
    city, number = person.family.city.facts, training.enrolment.event.cohort
    cohort = city.last(CohortOpened, process=number)
    filed = [one for one in city.of(ServiceArchiveFiled) if one.event.cohort == number]
    if cohort is None or person.on < cohort.event.ends_on:
        return
    if filed:
        chain.cite(filed)
        return
    chain.step("G3", "P-SH-UPLOAD-D", cohort.event.ends_on, ServiceArchiveFiled, cohort.division, cohort)
