"""Which event in a child's rehabilitation may follow which, and what none of them may contain."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.disability_federation.in_force import age, guardians
from services.disability_federation.rehabilitation.events import (
    DiagnosisReported,
    RehabAidApplied,
    RehabAidDecided,
    RehabAssessed,
    RehabEnded,
    RehabInstitutionChanged,
    RehabInterrupted,
    RehabMonthReported,
    RehabResumed,
    RehabStarted,
)
from services.disability_federation.rehabilitation.in_force import approved_aid, interruption
from services.disability_federation.rehabilitation.providers.in_force import designated
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import ADULT, Past, age_on, flag, key_of, newest, next_month

RULES.after(RehabAidDecided, RehabAidApplied, same="process", number="REH-03.a")
RULES.after(RehabStarted, RehabAidDecided, same="process", number="REH-04.a")
RULES.after(RehabAssessed, RehabStarted, same="process", number="REH-05.a")
RULES.after(RehabMonthReported, RehabStarted, same="process", number="REH-06.a")
RULES.after(RehabInterrupted, RehabStarted, same="process", number="REH-07.a")
RULES.after(RehabResumed, RehabInterrupted, same="process", number="REH-08.a")
RULES.after(RehabInstitutionChanged, RehabStarted, same="process", number="REH-09.a")
RULES.after(RehabEnded, RehabStarted, same="process", number="REH-10.a")

RULES.distinct(RehabAidApplied, "items", code="code_named_twice", number="REH-02.1")
RULES.not_before(RehabAidDecided, "aid_to", "aid_from", number="REH-03.1")
RULES.given(
    RehabAidDecided, "aid_from", "aid_to", when=("decision", "approved"), code="period_missing", number="REH-03.2"
)
RULES.not_before(
    RehabMonthReported, "month", "started_on", of=RehabStarted, code="month_before_start", number="REH-06.3"
)
RULES.not_before(RehabInterrupted, "expected_resume", "from_date", number="REH-07.2")
RULES.differ(RehabInstitutionChanged, "old_institution", "new_institution", code="nothing_changed", number="REH-09.1")
RULES.not_before(RehabEnded, "ended_on", "started_on", of=RehabStarted, number="REH-10.2")


# -- diagnosis and application


@RULES.flag(DiagnosisReported, number="REH-01.1")
def a_hospital_has_one_level_a_day(event: DiagnosisReported, past: Past) -> Iterator[Fault]:
    """Flag another level of the hospital than in another report of the same day."""
    reports = past.events(DiagnosisReported, same="organisation", of=key_of(event.hospital))
    levels = {one.event.hospital_level for one in reports if one.event.reported_on == event.reported_on}
    if levels - {event.hospital_level}:
        yield flag("hospital_level_differs", "/data/hospital_level")


@RULES.flag(RehabAidApplied, number="REH-02.2")
def aid_is_for_one_category_a_year(event: RehabAidApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for another category than one of the same aid year."""
    known = (one.event for one in past.events(RehabAidApplied, same="person"))
    if any(one.aid_year == event.aid_year and one.category != event.category for one in known):
        yield flag("second_category", "/data/category")


@RULES.flag(RehabAidApplied, number="REH-02.3")
def a_guardian_applies_for_a_child(event: RehabAidApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for a child by somebody who is none of the guardians on record."""
    years, known = age(past, past.happened), guardians(past, past.happened)
    young = years is not None and years < ADULT
    if young and known and event.applied_by is not None and event.applied_by not in known:
        yield flag("not_the_guardian", "/data/applied_by")


@RULES.invariant(RehabAidDecided, number="REH-03.3")
def aid_is_for_children_of_an_age(event: RehabAidDecided, past: Past) -> Iterator[Fault]:
    """Refuse aid for a child outside the age that the parameters set, without a document that says why."""
    if event.basis_doc is None and _outside_the_age(event, past):
        zh = "受助人员的年龄不在现行政策规定的范围内；确有依据的，须填写超出规定的依据。"
        en = "The age is outside what the policy parameters allow; if that is justified, name the document."
        yield Fault("outside_age", "/data/aid_from", zh, en)


@RULES.flag(RehabAidDecided, number="REH-03.4")
def aid_at_another_age_is_shown(event: RehabAidDecided, past: Past) -> Iterator[Fault]:
    """Flag aid outside that age for which a document is named."""
    if event.basis_doc is not None and _outside_the_age(event, past):
        yield flag("departs_from_parameter", "/data/aid_from")


@RULES.invariant(RehabAidDecided, number="REH-03.5")
def a_limit_is_within_the_parameter(event: RehabAidDecided, past: Past) -> Iterator[Fault]:
    """Refuse a higher annual limit than the parameter, without a document that says why."""
    if event.basis_doc is None and _limit_above(event, past):
        zh = "年度限额超过现行政策规定；确有依据的，须填写超出规定的依据。"
        en = "The annual limit is above the policy parameter; if that is justified, name the document."
        yield Fault("above_parameter", "/data/annual_limit", zh, en)


@RULES.flag(RehabAidDecided, number="REH-03.6")
def a_higher_limit_is_shown(event: RehabAidDecided, past: Past) -> Iterator[Fault]:
    """Flag a higher annual limit for which a document is named."""
    if event.basis_doc is not None and _limit_above(event, past):
        yield flag("departs_from_parameter", "/data/annual_limit")


# -- training


@RULES.invariant(RehabStarted, number="REH-04.1")
def training_starts_within_approved_aid(event: RehabStarted, past: Past) -> Iterator[Fault]:
    """Refuse training that nobody approved, or after the aid has ended."""
    aid = newest(past, RehabAidDecided, same="process")
    if aid and (aid.decision != "approved" or (aid.aid_to is not None and event.started_on > aid.aid_to)):
        yield Fault(
            "no_approval_in_force",
            "/data/started_on",
            "本办件没有在开训日期有效的同意决定；请核对日期，或按新的救助年度申请。",
            "No approval of this process is in force on that day; check the day, or apply for the new aid year.",
        )


@RULES.invariant(RehabStarted, number="REH-04.2")
def a_child_is_in_one_training_at_a_time(event: RehabStarted, past: Past) -> Iterator[Fault]:
    """Refuse a second training while another is in force: begun, not ended, and its aid is not over."""
    decisions = past.events(RehabAidDecided, same="person")
    until = {one.process: one.event.aid_to for one in decisions if one.event.decision == "approved"}
    ended = {one.process: one.event.ended_on for one in past.events(RehabEnded, same="person")}
    for one in past.events(RehabStarted, same="person"):
        last = until.get(one.process) or date.max
        if one.event.started_on <= event.started_on <= last and event.started_on < ended.get(one.process, date.max):
            yield Fault(
                "already_in_training",
                "/data/started_on",
                f"该人员在此日期已有进行中的康复训练（事件 {one.id}）；更换机构请报送“变更定点机构/异地转介”。",
                f"The person is in training on that day (event {one.id}); "
                "to change the institution, send rehab_institution_changed.",
            )
            return


@RULES.flag(RehabStarted, number="REH-04.3")
def training_is_at_a_designated_institution(event: RehabStarted, past: Past) -> Iterator[Fault]:
    """Flag an institution that is not on record as designated for rehabilitation on that day."""
    if not designated(past, event.institution, event.started_on, kind="REHAB"):
        yield flag("institution_not_designated", "/data/institution")


@RULES.invariant(RehabMonthReported, number="REH-06.1")
def the_fees_add_up(event: RehabMonthReported) -> Iterator[Fault]:
    """Refuse a month whose cost is not what aid, family, insurance, other projects and institution bear together."""
    others = (event.fee_insurance, event.fee_upper, event.fee_institution)
    if event.fee_total != event.fee_aided + event.fee_self + sum(fee for fee in others if fee is not None):
        zh = "费用合计须等于救助、自费、医保报销、上级项目与机构减免金额之和。"
        en = "What aid, family, insurance, higher-level projects and the institution bear must add up to the total."
        yield Fault("fees_do_not_add_up", "/data/fee_total", zh, en)


@RULES.invariant(RehabMonthReported, number="REH-06.2")
def a_month_lies_within_the_aid(event: RehabMonthReported, past: Past) -> Iterator[Fault]:
    """Refuse a month before or after the aid that was approved."""
    aid = approved_aid(past)
    if aid and not _month(aid.aid_from, "0000-00") <= event.month <= _month(aid.aid_to, "9999-99"):
        zh = "月份不在已同意的救助期内；请核对月份，或按新的救助年度申请。"
        en = "The month lies outside the approved aid; check it, or apply for the new aid year."
        yield Fault("month_outside_aid", "/data/month", zh, en)


@RULES.flag(RehabMonthReported, number="REH-06.4")
def the_aid_of_a_year_has_a_limit(event: RehabMonthReported, past: Past) -> Iterator[Fault]:
    """Flag a month with which the aided fees of the process exceed the annual limit."""
    aid = approved_aid(past)
    months = past.events(RehabMonthReported, same="process")
    total = sum((one.event.fee_aided for one in months), event.fee_aided)
    if aid and aid.annual_limit is not None and total > aid.annual_limit:
        yield flag("above_annual_limit", "/data/fee_aided")


@RULES.flag(RehabMonthReported, number="REH-06.5")
def nobody_trains_during_an_interruption(event: RehabMonthReported, past: Past) -> Iterator[Fault]:
    """Flag a month in which the training was interrupted from the first day to the last."""
    first = date.fromisoformat(f"{event.month}-01")
    last = date.fromisoformat(f"{next_month(event.month)}-01") - timedelta(days=1)
    resumed = (one.event.resumed_on for one in past.events(RehabResumed, same="process"))
    if interruption(past, first) and not any(first < day <= last for day in resumed):
        yield flag("month_interrupted", "/data/month")


@RULES.invariant(RehabInterrupted, number="REH-07.1")
def training_is_interrupted_once(event: RehabInterrupted, past: Past) -> Iterator[Fault]:
    """Refuse an interruption while the training is interrupted."""
    if interruption(past, event.from_date):
        zh = "训练在此日期已处于中断状态；恢复训练的，请先报送“恢复训练”。"
        en = "The training is interrupted on that day already; if it was resumed, have that recorded first."
        yield Fault("already_interrupted", "/data/from_date", zh, en)


@RULES.invariant(RehabResumed, number="REH-08.1")
def training_is_resumed_after_an_interruption(event: RehabResumed, past: Past) -> Iterator[Fault]:
    """Refuse to resume a training that is not interrupted on that day."""
    on_record = past.events(RehabInterrupted, same="process")
    if on_record and not interruption(past, event.resumed_on):
        zh = "训练在恢复日期并未中断；请核对日期，或先登记训练中断。"
        en = "The training is not interrupted on that day; check the day, or have the interruption recorded first."
        yield Fault("not_interrupted", "/data/resumed_on", zh, en)


@RULES.flag(RehabInstitutionChanged, number="REH-09.2")
def a_change_leaves_the_institution_on_record(event: RehabInstitutionChanged, past: Past) -> Iterator[Fault]:
    """Flag a change from another institution than the one where the child is."""
    last: Any = newest(past, RehabStarted, RehabInstitutionChanged, same="process")
    known = last.institution if isinstance(last, RehabStarted) else last and last.new_institution
    if known not in {None, event.old_institution}:
        yield flag("differs_from_record", "/data/old_institution")


@RULES.flag(RehabInstitutionChanged, number="REH-09.3")
def a_change_comes_before_the_aid_ends(event: RehabInstitutionChanged, past: Past) -> Iterator[Fault]:
    """Flag a change after the aid has ended: a new aid year needs its own application."""
    aid = approved_aid(past)
    if aid and aid.aid_to is not None and event.from_date > aid.aid_to:
        yield flag("no_approval_in_force", "/data/from_date")


@RULES.flag(RehabInstitutionChanged, number="REH-09.4")
def a_change_goes_to_a_designated_institution(event: RehabInstitutionChanged, past: Past) -> Iterator[Fault]:
    """Flag a new institution that is not on record as designated for rehabilitation on that day."""
    if not designated(past, event.new_institution, event.from_date, kind="REHAB"):
        yield flag("institution_not_designated", "/data/new_institution")


@RULES.invariant(RehabEnded, number="REH-10.1")
def aid_ends_once(_: RehabEnded, past: Past) -> Iterator[Fault]:
    """Refuse a second end of the same process."""
    if past.events(RehabEnded, same="process"):
        zh = "本办件的康复救助已结束；原记录有误的，请报送更正。"
        en = "The aid of this process has ended already; if that is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)


def _outside_the_age(event: RehabAidDecided, past: Past) -> bool:
    """Whether the child is too young or too old on the day by which age counts; not where the birth date is unknown."""
    born, applied = past.born(past.subject or ""), newest(past, RehabAidApplied, same="process")
    if event.decision != "approved" or event.aid_from is None or born is None:
        return False
    new_year = {"jan1": event.aid_from.year, "aid_year": applied.aid_year if applied else event.aid_from.year}
    year = new_year.get(past.parameter("P-REHAB-AGE-BASIS"))
    years = age_on(date(year, 1, 1) if year else event.aid_from, born)
    return not past.parameter("P-REHAB-AGE-FROM") <= years < past.parameter("P-REHAB-AGE-TO")


def _limit_above(event: RehabAidDecided, past: Past) -> bool:
    limit = event.annual_limit if event.decision == "approved" else None
    return limit is not None and bool(limit > past.parameter("P-REHAB-ANNUAL"))


def _month(day: object, without: str) -> str:
    return without if day is None else str(day)[:7]
