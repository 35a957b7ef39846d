"""What may be recorded of a cohort and of who takes part, from a referral to the national system."""

from collections.abc import Iterator

from services.disability_federation.in_force import age, certificate
from services.disability_federation.rules import RULES
from services.disability_federation.self_help.bases import is_below_minimum
from services.disability_federation.self_help.events import (
    BaseEstablished,
    CohortOpened,
    FollowUpDone,
    ParticipantEnrolled,
    ParticipantFinished,
    ParticipantReferralAnswered,
    ParticipantReferred,
    ServiceArchiveFiled,
    ServiceRecordExported,
    ServiceRecordRejected,
    ServiceRecordUploaded,
    TrainingSessionHeld,
)
from services.disability_federation.self_help.in_force import assessment, has_manager, standing, trainers
from shared.errors import Fault
from shared.language.rules import ADULT, Past, flag, newest

DISABILITY = {"SH1": "1", "SH2": "2", "SH3": "4", "SH4": "5", "SH5": "6"}
"""Which disability a certificate must say for each category of self-help."""
MULTIPLE = "7"
WITH_RELATIVES = frozenset({"SH4", "SH5"})
"""The categories that are open to relatives, who need no certificate."""
ELSEWHERE = "cohort_not_on_record"

RULES.after(CohortOpened, BaseEstablished, same="base", of="base", number="SHR-10.a")
RULES.after(ParticipantReferralAnswered, ParticipantReferred, same="process", number="SHR-22.a")
RULES.after(
    ParticipantEnrolled, CohortOpened, same="process", of="cohort", effect="flag", fault=ELSEWHERE, number="SHR-12.a"
)
RULES.after(TrainingSessionHeld, ParticipantEnrolled, same="process", number="SHR-13.a")
RULES.after(ParticipantFinished, ParticipantEnrolled, same="process", number="SHR-14.a")
RULES.after(FollowUpDone, ParticipantFinished, same="process", number="SHR-15.a")
RULES.after(ServiceRecordExported, ParticipantFinished, same="process", number="SHR-23.a")
RULES.after(ServiceRecordUploaded, ParticipantFinished, same="process", number="SHR-16.a")
RULES.after(ServiceRecordRejected, ServiceRecordExported, ServiceRecordUploaded, same="process", number="SHR-24.a")
RULES.after(
    ServiceArchiveFiled, CohortOpened, same="process", of="cohort", effect="flag", fault=ELSEWHERE, number="SHR-17.a"
)

RULES.not_before(CohortOpened, "ends_on", "starts_on", number="SHR-10.2")
RULES.not_before(ParticipantFinished, "finished_on", "enrolled_on", of=ParticipantEnrolled, number="SHR-14.1")
RULES.not_before(FollowUpDone, "done_on", "finished_on", of=ParticipantFinished, number="SHR-15.1")


@RULES.invariant(CohortOpened, number="SHR-10.3")
def a_cohort_has_its_trainers(event: CohortOpened, past: Past) -> Iterator[Fault]:
    """Refuse a cohort of a base that has too few trainers, or peers among them, on its first day."""
    if event.base and is_below_minimum(trainers(past, event.base.code, event.starts_on), past):
        all_, peers = past.parameter("P-SH-TRAINERS"), past.parameter("P-SH-PEERS")
        zh = f"开班日本基地师资不足：须有 {all_} 名以上，其中残疾人或残疾人亲友 {peers} 名以上。"
        en = f"On its first day the base needs {all_} trainers or more, {peers} of them disabled or their relatives."
        yield Fault("below_base_minimum", "/data/base", zh, en)


@RULES.invariant(CohortOpened, number="SHR-10.4")
def a_cohort_has_somebody_who_runs_the_base(event: CohortOpened, past: Past) -> Iterator[Fault]:
    """Refuse a cohort of a base without a manager on its first day."""
    if event.base and not has_manager(past, event.base.code, event.starts_on):
        zh = "开班日本基地没有管理人员；请先报送“基地管理人员确定”。"
        en = "The base has no manager on that day; send base_manager_appointed first."
        yield Fault("no_manager", "/data/base", zh, en)


@RULES.invariant(CohortOpened, number="SHR-10.5")
def a_cohort_fits_into_the_place(event: CohortOpened, past: Past) -> Iterator[Fault]:
    """Refuse more seats than the newest assessment that the base passed found room for."""
    if event.base is None:
        return
    found = assessment(past, event.base.code, event.category, event.starts_on, passed_only=True)
    if found and event.seats > found.capacity:
        zh = f"名额不得多于本基地评估的容纳人数（{found.capacity} 人）。"
        en = f"There must be no more seats than the base has room for ({found.capacity})."
        yield Fault("seats_above_capacity", "/data/seats", zh, en)


@RULES.invariant(CohortOpened, number="SHR-10.6")
def a_base_trains_for_what_it_was_established(event: CohortOpened, past: Past) -> Iterator[Fault]:
    """Refuse a cohort of a category for which the base has no agreement."""
    if event.base is None:
        return
    known = {one.event.category for one in past.events(BaseEstablished, same="base", of=event.base.code)}
    if known and event.category not in known:
        zh = "本基地没有这一类别的协议；请核对类别。"
        yield Fault("category_differs", "/data/category", zh, "The base has no agreement for this category; check it.")


@RULES.invariant(CohortOpened, number="SHR-10.7")
def a_base_that_has_ended_opens_no_cohort(event: CohortOpened, past: Past) -> Iterator[Fault]:
    """Refuse a cohort that begins when the base has ended."""
    if event.base and standing(past, event.base.code, event.category, event.starts_on).ended:
        zh = "开班日本基地已退出；重新设立的，请先报送“服务基地设立（签署协议）”。"
        en = "The base has ended by that day; if it was established anew, send base_established first."
        yield Fault("base_ended", "/data/base", zh, en)


@RULES.invariant(CohortOpened, number="SHR-10.8")
def a_lapsed_condition_stops_new_cohorts(event: CohortOpened, past: Past) -> Iterator[Fault]:
    """Refuse a cohort that begins when the agreement or a condition of the base has lapsed."""
    if event.base is None:
        return
    found = standing(past, event.base.code, event.category, event.starts_on)
    if found.agreement_lapsed:
        zh = "开班日本基地协议已过期；续签的，请先报送“服务基地设立（签署协议）”。"
        en = "The agreement has expired by that day; if it was renewed, send base_established first."
        yield Fault("condition_lapsed", "/data/starts_on", zh, en)
    if found.conditions_lapsed:
        numbers = "、".join(found.conditions_lapsed)
        zh = f"开班日本基地不具备依托单位条件（第 {numbers} 项）；请重新评估后再开班。"
        en = f"The host does not meet its conditions on that day (number {numbers}); assess it again first."
        yield Fault("condition_lapsed", "/data/starts_on", zh, en)


@RULES.invariant(ParticipantReferralAnswered, number="SHR-22.1")
def a_referral_is_answered_once(_: ParticipantReferralAnswered, past: Past) -> Iterator[Fault]:
    """Refuse a second answer; one that returned the referral leaves it open."""
    steps = past.events(ParticipantReferred, ParticipantReferralAnswered, same="process", before=True)
    answers = [one.event for one in steps if getattr(one.event, "decision", "") != "returned"]
    if answers and isinstance(answers[-1], ParticipantReferralAnswered):
        zh = "该推荐已有答复；答复有误的，请报送更正。"
        en = "The referral has its answer; if that is wrong, send event_corrected."
        yield Fault("already_answered", "/process", zh, en)


@RULES.invariant(ParticipantEnrolled, number="SHR-12.1")
def nobody_takes_part_against_their_will(event: ParticipantEnrolled) -> Iterator[Fault]:
    """Refuse a participant who is not willing."""
    if not event.willing:
        zh, en = "本人不愿意的，不得入班。", "Who is not willing is not enrolled."
        yield Fault("not_willing", "/data/willing", zh, en)


@RULES.invariant(ParticipantEnrolled, number="SHR-12.2")
def a_participant_is_of_the_cohorts_category(event: ParticipantEnrolled, past: Past) -> Iterator[Fault]:
    """Refuse another category than that of the cohort, where the cohort is on record."""
    cohort = _cohort(event, past)
    if cohort and cohort.category != event.category:
        zh, en = "类别与培训班的类别不同；请核对类别和培训班编号。", "The cohort is of another category; check both."
        yield Fault("category_differs", "/data/category", zh, en)


@RULES.invariant(ParticipantEnrolled, number="SHR-12.3")
def a_cohort_takes_no_more_than_it_has_seats(event: ParticipantEnrolled, past: Past) -> Iterator[Fault]:
    """Refuse a participant for whom the cohort has no seat, where the cohort is on record."""
    cohort = _cohort(event, past)
    # found by the cohort that they named
    enrolled = {one.subject for one in past.events(ParticipantEnrolled, same="organisation", of=event.cohort)}
    if cohort and len(enrolled | {past.subject}) > cohort.seats:
        zh, en = f"培训班名额（{cohort.seats} 人）已满。", f"The cohort is full ({cohort.seats} seats)."
        yield Fault("cohort_full", "/data/cohort", zh, en)


@RULES.flag(ParticipantEnrolled, number="SHR-12.4")
def a_participant_has_a_certificate(event: ParticipantEnrolled, past: Past) -> Iterator[Fault]:
    """Flag a participant who needs a certificate of the category's disability, and has none on record."""
    required = past.parameter("P-SH-CERT-REQUIRED")
    if required == "none" or (required == "disabled_only" and event.category in WITH_RELATIVES):
        return
    held = certificate(past, event.enrolled_on)
    # a certificate that was issued elsewhere does not say its category, and one of several disabilities not which
    if held is None or held.category not in {None, MULTIPLE, DISABILITY[event.category]}:
        yield flag("disability_not_evidenced", "/data/category")


@RULES.flag(ParticipantEnrolled, number="SHR-12.5")
def some_cohorts_are_for_adults(event: ParticipantEnrolled, past: Past) -> Iterator[Fault]:
    """Flag a participant under 18 among adults with intellectual or psychiatric disabilities and their relatives."""
    years = age(past, event.enrolled_on)
    if event.category in WITH_RELATIVES and years is not None and years < ADULT:
        yield flag("outside_age", "/data/category")


@RULES.invariant(TrainingSessionHeld, number="SHR-13.1")
def a_session_is_taught(event: TrainingSessionHeld) -> Iterator[Fault]:
    """Refuse a session without time, or without anybody who taught."""
    for name, number in (("hours", event.hours), ("trainers", event.trainers)):
        if number <= 0:
            zh, en = "学时须大于 0，授课师资至少 1 人。", "A session takes time, and somebody teaches."
            yield Fault("nothing_taught", f"/data/{name}", zh, en)


@RULES.flag(TrainingSessionHeld, number="SHR-13.2")
def a_session_is_held_while_the_cohort_runs(event: TrainingSessionHeld, past: Past) -> Iterator[Fault]:
    """Flag a session before the first or after the last day of the cohort."""
    enrolled = newest(past, ParticipantEnrolled, same="process")
    cohort = _cohort(enrolled, past) if enrolled else None
    if cohort and not cohort.starts_on <= event.held_on <= cohort.ends_on:
        yield flag("outside_cohort", "/data/held_on")


@RULES.flag(FollowUpDone, number="SHR-15.2")
def follow_up_comes_in_rounds(event: FollowUpDone, past: Past) -> Iterator[Fault]:
    """Flag a round that is none of those that are asked for."""
    if event.round not in past.parameter("P-SH-FOLLOWUP"):
        yield flag("departs_from_parameter", "/data/round")


@RULES.invariant(ServiceRecordUploaded, number="SHR-16.1")
def a_record_is_entered_again_only_when_it_was_sent_back(_: ServiceRecordUploaded, past: Past) -> Iterator[Fault]:
    """Refuse a second entry into the national system where the first was not sent back."""
    known = past.events(ServiceRecordUploaded, ServiceRecordRejected, same="process", before=True)
    if known and isinstance(known[-1].event, ServiceRecordUploaded):
        zh = f"该学员的服务信息已录入（事件 {known[-1].id}）；原记录有误的，请报送更正。"
        en = f"The record is in the system (event {known[-1].id}); if that is wrong, send event_corrected."
        yield Fault("natural_key_taken", "/process", zh, en)


def _cohort(event: ParticipantEnrolled, past: Past) -> CohortOpened | None:
    """Return the cohort of a participant; None where it is not on record, at a base elsewhere."""
    return newest(past, CohortOpened, same="process", of=event.cohort)
