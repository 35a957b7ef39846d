"""What may be recorded of a census, a base, its staff, its inspections and its end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.disability_federation.rules import RULES
from services.disability_federation.self_help.events import (
    BaseApplicantAssessed,
    BaseEnded,
    BaseEstablished,
    BaseInspected,
    BaselineSurveyed,
    BaseManagerAppointed,
    BaseServicePlanMade,
    CohortOpened,
    SafetyIncidentClosed,
    SafetyIncidentReported,
    TrainerAssigned,
    TrainerQualified,
    TrainerRemoved,
    ViolationRecorded,
)
from services.disability_federation.self_help.in_force import (
    PEERS,
    assessment,
    has_running_cohort,
    stints,
    trainers,
)
from shared.errors import Fault
from shared.language.rules import Past, flag, years_later

CONDITIONS = [str(number) for number in range(1, 8)]
"""The conditions that the annex of the policy sets for a host."""

RULES.after(BaseEstablished, BaseApplicantAssessed, same="organisation", of="uscc", number="SHR-04.a")
RULES.after(BaseManagerAppointed, BaseEstablished, same="base", of="base", number="SHR-05.a")
RULES.after(TrainerAssigned, BaseEstablished, same="base", of="base", number="SHR-07.a")
RULES.after(TrainerRemoved, TrainerAssigned, same="base", of="base", number="SHR-08.a")
RULES.after(BaseServicePlanMade, BaseEstablished, same="base", of="base", number="SHR-09.a")
RULES.after(BaseInspected, BaseEstablished, same="base", of="base", number="SHR-18.a")
RULES.after(BaseEnded, BaseEstablished, same="base", of="base", number="SHR-19.a")
RULES.after(SafetyIncidentReported, BaseEstablished, same="base", of="base", number="SHR-20.a")
RULES.after(SafetyIncidentClosed, SafetyIncidentReported, same="process", number="SHR-26.a")

RULES.not_before(BaseEstablished, "valid_to", "established_on", strictly=True, number="SHR-04.2")
RULES.not_before(SafetyIncidentClosed, "closed_on", "occurred_on", of=SafetyIncidentReported, number="SHR-26.1")


@RULES.invariant(
    BaseManagerAppointed,
    TrainerAssigned,
    TrainerRemoved,
    BaseServicePlanMade,
    CohortOpened,
    BaseInspected,
    BaseEnded,
    SafetyIncidentReported,
    number=("SHR-05.1", "SHR-07.1", "SHR-08.1", "SHR-09.1", "SHR-10.1", "SHR-18.1", "SHR-19.1", "SHR-20.1"),
)
def what_happens_at_a_base_says_at_which(event: Any, past: Past) -> Iterator[Fault]:
    """Refuse an event without its base, unless it is imported history."""
    if event.base is None and not past.legacy:
        zh = "须填写服务基地：其依托单位的统一社会信用代码。"
        yield Fault("base_missing", "/data/base", zh, "Give the base: the USCC of its host.")


@RULES.invariant(BaselineSurveyed, number="SHR-02.1")
def some_of_those_counted_are_no_more_than_all(event: BaselineSurveyed) -> Iterator[Fault]:
    """Refuse more persons trained before, or in need, than were counted."""
    for name, number in (("trained_before", event.trained_before), ("needing", event.needing)):
        if number is not None and number > event.count:
            zh, en = "不得多于摸底人数。", "This must not be more than all who were counted."
            yield Fault("more_than_counted", f"/data/{name}", zh, en)


@RULES.invariant(BaseApplicantAssessed, number="SHR-03.1")
def an_assessment_answers_each_condition_once(event: BaseApplicantAssessed) -> Iterator[Fault]:
    """Refuse an assessment that leaves a condition out, or answers one twice."""
    if sorted(one["no"] for one in event.conditions_met) != CONDITIONS:
        zh = "须逐项填写条件一至条件七，每项一次。"
        yield Fault("condition_missing", "/data/conditions_met", zh, "Answer each of the conditions 1 to 7, once.")


@RULES.invariant(BaseApplicantAssessed, number="SHR-03.2")
def who_passes_meets_every_condition(event: BaseApplicantAssessed) -> Iterator[Fault]:
    """Refuse a pass although a condition is not met, or its evidence had run out on the day."""
    day = event.assessed_on.isoformat()
    if event.passed and not all(one["met"] and one.get("valid_to", day) >= day for one in event.conditions_met):
        zh = "有条件不符合，或证明在评估日已过期；评估结果不得为合格。"
        en = "A condition is not met, or its evidence had expired on that day; this is no pass."
        yield Fault("condition_not_met", "/data/passed", zh, en)


@RULES.invariant(BaseApplicantAssessed, number="SHR-03.3")
def who_passes_has_room(event: BaseApplicantAssessed, past: Past) -> Iterator[Fault]:
    """Refuse a pass although the place is too small (annex, condition 5)."""
    least = past.parameter("P-SH-CAPACITY")
    if event.passed and event.capacity < least:
        zh = f"培训场所容纳不足 {least} 人的，评估结果不得为合格。"
        en = f"A place for fewer than {least} persons is no pass."
        yield Fault("capacity_too_small", "/data/capacity", zh, en)


@RULES.invariant(BaseApplicantAssessed, number="SHR-03.4")
def who_passes_has_kept_the_law(event: BaseApplicantAssessed, past: Past) -> Iterator[Fault]:
    """Refuse a pass although a violation of the years before is on record (annex, condition 1)."""
    years = past.parameter("P-SH-CLEAN-Y")
    known = [one.event.occurred_on for one in past.events(ViolationRecorded, same="organisation", of=event.uscc)]
    if event.passed and any(day <= event.assessed_on < years_later(day, years) for day in known):
        zh = f"该单位近 {years} 年内有违法违规记录，评估结果不得为合格。"
        en = f"A violation within {years} years is on record; this is no pass."
        yield Fault("violation_on_record", "/data/passed", zh, en)


@RULES.invariant(BaseEstablished, number="SHR-04.1")
def a_base_has_passed_its_assessment(event: BaseEstablished, past: Past) -> Iterator[Fault]:
    """Refuse a base whose host did not pass the newest assessment of its category."""
    found = assessment(past, event.uscc, event.category, event.established_on)
    if found is None or not found.passed:
        zh = "该单位在设立之日没有这一类别的合格评估；请先报送“依托单位条件评估”。"
        en = "On that day the host has not passed the assessment of this category; send base_applicant_assessed first."
        yield Fault("assessment_not_passed", "/data/uscc", zh, en)


@RULES.invariant(TrainerAssigned, number="SHR-07.2")
def a_peer_is_qualified_to_lead(event: TrainerAssigned, past: Past) -> Iterator[Fault]:
    """Refuse a peer or relative as a trainer without a course passed in this role by then, able to lead."""
    if event.role not in PEERS:
        return
    # found by whom it qualified, at whichever base or national course that was
    courses = (one.event for one in past.events(TrainerQualified, same="organisation", of=event.trainer))
    if not any(one.role == event.role and one.can_lead and one.passed_on <= event.from_date for one in courses):
        zh = "没有该人员以此类型培训合格并能承担带教的记录；请先报送“师资培训合格”。"
        en = "No course passed in this role by then, able to lead, is on record; send trainer_qualified first."
        yield Fault("not_qualified", "/data/trainer", zh, en)


@RULES.invariant(TrainerAssigned, number="SHR-07.3")
def nobody_is_taken_on_twice(event: TrainerAssigned, past: Past) -> Iterator[Fault]:
    """Refuse a trainer who is one of the base on that day."""
    if event.base and event.trainer in trainers(past, event.base.code, event.from_date):
        zh = "该人员在此日期已是本基地师资；类型有变的，请先报送“师资退出”。"
        en = "The person is a trainer of the base on that day; to change the role, send trainer_removed first."
        yield Fault("already_assigned", "/data/trainer", zh, en)


@RULES.invariant(TrainerRemoved, number="SHR-08.2")
def only_a_trainer_leaves(event: TrainerRemoved, past: Past) -> Iterator[Fault]:
    """Refuse the end of a stint that is not on record, or has its end already."""
    known = [one for one in stints(past, event.base.code) if one.trainer == event.trainer] if event.base else []
    begun = [one for one in known if one.since <= event.to_date]
    if event.base and (not begun or max(begun, key=lambda one: one.since).until is not None):
        zh = "该人员在截止日期不是本基地师资；请核对人员、基地和日期。"
        en = "The person is no trainer of the base on that day; check person, base and day."
        yield Fault("nothing_to_end", "/data/trainer", zh, en)


@RULES.flag(TrainerRemoved, number="SHR-08.3")
def enough_trainers_remain(event: TrainerRemoved, past: Past) -> Iterator[Fault]:
    """Flag that too few trainers, or peers, remain the day after while a cohort is running."""
    if event.base is None or not has_running_cohort(past, event.base.code, event.to_date):
        return
    others = trainers(past, event.base.code, event.to_date + timedelta(days=1))
    others.pop(event.trainer, None)
    if is_below_minimum(others, past):
        yield flag("below_base_minimum", "/data/to_date")


@RULES.invariant(BaseEnded, number="SHR-19.2")
def a_base_ends_once(event: BaseEnded, past: Past) -> Iterator[Fault]:
    """Refuse a second end of a base that was not established anew in between."""
    if event.base is None:
        return
    agreed = [one.event.established_on for one in past.events(BaseEstablished, same="base", of=event.base.code)]
    for one in past.events(BaseEnded, same="base", of=event.base.code):
        first, last = sorted((one.event.ended_on, event.ended_on))
        if not any(first < day <= last for day in agreed):
            zh = f"该基地已退出（事件 {one.id}）；退出日期或原因有误的，请报送更正。"
            en = f"The base has ended (event {one.id}); to change day or reason, send event_corrected."
            yield Fault("already_ended", "/data/base", zh, en)
            return


@RULES.flag(BaseEnded, number="SHR-19.3")
def a_base_ends_with_its_last_cohort(event: BaseEnded, past: Past) -> Iterator[Fault]:
    """Flag that a cohort of the base is running on the day of its end."""
    if event.base and has_running_cohort(past, event.base.code, event.ended_on):
        yield flag("open_items", "/data/ended_on")


def is_below_minimum(team: dict[str, str], past: Past) -> bool:
    """Whether a team (trainer and role) has fewer trainers, or fewer peers among them, than a base must have."""
    peers = [trainer for trainer, role in team.items() if role in PEERS]
    return bool(len(team) < past.parameter("P-SH-TRAINERS") or len(peers) < past.parameter("P-SH-PEERS"))
