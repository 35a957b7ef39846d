"""Which event in a child's rehabilitation may follow which, and what none of them may contain."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from services.disability_federation.in_force import age, guardians
from services.disability_federation.registry.events import DifficultFamilyRecognised
from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearMapped,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    RehabAidApplied,
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabMonthReported,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import ADULT, Past, flag, newest

CENT = Decimal("0.01")
APPROVED = ("decision", "approved")

RULES.after(RehabAidDecided, RehabAidApplied, same="process")
RULES.after(RehabStarted, RehabAidDecided, same="process")
RULES.after(RehabMonthReported, RehabStarted, same="process", number="REH-06.a")
RULES.after(RehabInstitutionChanged, RehabStarted, same="process")
RULES.after(SelfPaidSubsidyApplied, DifficultFamilyRecognised, same="family", effect="flag", fault="not_difficult")
RULES.after(SelfPaidSubsidyDecided, SelfPaidSubsidyApplied, same="process")
RULES.after(CochlearSubsidyApplied, CochlearReportIssued, same="person")
RULES.after(CochlearSubsidyDecided, CochlearSubsidyApplied, same="process")
RULES.after(CochlearImplanted, CochlearSubsidyDecided, same="process")
RULES.after(CochlearMapped, CochlearImplanted, same="process")

RULES.distinct(RehabAidApplied, "items", code="code_named_twice")
RULES.distinct(RehabAidDecided, "items")
RULES.given(RehabAidDecided, "aid_from", "aid_to", when=APPROVED, code="period_missing")
RULES.given(SelfPaidSubsidyDecided, "eligible_self_paid", "rate", "amount", when=APPROVED, code="amount_missing")
RULES.given(CochlearSubsidyDecided, "amount", "fund", when=APPROVED, code="amount_missing")
RULES.not_before(RehabAidDecided, "aid_to", "aid_from")
RULES.not_before(
    RehabMonthReported, "month", "started_on", of=RehabStarted, code="month_before_start", number="REH-06.3"
)
RULES.not_before(SelfPaidSubsidyApplied, "period_to", "period_from")
RULES.differ(RehabInstitutionChanged, "old_institution", "new_institution", code="nothing_changed")


@RULES.flag(RehabAidApplied)
def aid_is_for_one_category_a_year(event: RehabAidApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for another category than one of the same aid year."""
    known = (one.event for one in past.events(RehabAidApplied, same="person"))
    if any(one.aid_year == event.aid_year and one.category != event.category for one in known):
        yield flag("second_category", "/data/category")


@RULES.flag(RehabAidApplied)
def a_guardian_applies_for_a_child(event: RehabAidApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for a child by somebody who is none of the guardians on record."""
    years, known = age(past, past.happened), guardians(past, past.happened)
    young = years is not None and years < ADULT
    if young and known and event.applied_by is not None and event.applied_by not in known:
        yield flag("not_the_guardian", "/data/applied_by")


@RULES.invariant(RehabStarted)
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


@RULES.invariant(RehabStarted)
def a_child_is_in_one_training_at_a_time(event: RehabStarted, past: Past) -> Iterator[Fault]:
    """Refuse a second training while another one is in force: begun, and the aid of its process has not ended."""
    decisions = past.events(RehabAidDecided, same="person")
    until = {one.process: one.event.aid_to for one in decisions if one.event.decision == "approved"}
    for one in past.events(RehabStarted, same="person"):
        last = until.get(one.process)
        if one.event.started_on <= event.started_on and (last is None or last >= event.started_on):
            yield Fault(
                "already_in_training",
                "/data/started_on",
                f"该人员在此日期已有进行中的康复训练（事件 {one.id}）；更换机构请报送“变更定点机构/异地转介”。",
                f"The person is in training on that day (event {one.id}); "
                "to change the institution, send rehab_institution_changed.",
            )
            return


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
    aid = _approved(past)
    if aid and not _month(aid.aid_from, "0000-00") <= event.month <= _month(aid.aid_to, "9999-99"):
        zh = "月份不在已同意的救助期内；请核对月份，或按新的救助年度申请。"
        en = "The month lies outside the approved aid; check it, or apply for the new aid year."
        yield Fault("month_outside_aid", "/data/month", zh, en)


@RULES.flag(RehabMonthReported, number="REH-06.4")
def the_aid_of_a_year_has_a_limit(event: RehabMonthReported, past: Past) -> Iterator[Fault]:
    """Flag a month with which the aided fees of the process exceed the annual limit."""
    aid = _approved(past)
    months = past.events(RehabMonthReported, same="process")
    total = sum((one.event.fee_aided for one in months), event.fee_aided)
    if aid and aid.annual_limit is not None and total > aid.annual_limit:
        yield flag("above_annual_limit", "/data/fee_aided")


@RULES.flag(RehabInstitutionChanged)
def a_change_leaves_the_institution_on_record(event: RehabInstitutionChanged, past: Past) -> Iterator[Fault]:
    """Flag a change from another institution than the one where the child is."""
    last: Any = newest(past, RehabStarted, RehabInstitutionChanged, same="process")
    known = last.institution if isinstance(last, RehabStarted) else last and last.new_institution
    if known not in {None, event.old_institution}:
        yield flag("differs_from_record", "/data/old_institution")


@RULES.flag(RehabInstitutionChanged)
def a_change_comes_before_the_aid_ends(event: RehabInstitutionChanged, past: Past) -> Iterator[Fault]:
    """Flag a change after the aid has ended: a new aid year needs its own application."""
    aid = _approved(past)
    if aid and aid.aid_to is not None and event.from_date > aid.aid_to:
        yield flag("no_approval_in_force", "/data/from_date")


@RULES.flag(SelfPaidSubsidyApplied)
def no_more_is_claimed_than_was_paid(event: SelfPaidSubsidyApplied, past: Past) -> Iterator[Fault]:
    """Flag a claim above the self-paid fees of the months of its period."""
    months = (one.event for one in past.events(RehabMonthReported, same="person"))
    first, last = _month(event.period_from, ""), _month(event.period_to, "")
    if event.self_paid > sum(one.fee_self for one in months if first <= one.month <= last):
        yield flag("above_reported_cost", "/data/self_paid")


@RULES.invariant(SelfPaidSubsidyDecided)
def a_subsidy_is_a_share_of_the_cost(event: SelfPaidSubsidyDecided) -> Iterator[Fault]:
    """Refuse more than the rate gives; the last cent may be rounded either way."""
    if event.amount is None or event.eligible_self_paid is None or event.rate is None:
        return
    if event.amount - event.eligible_self_paid * event.rate >= CENT:
        zh = "补助金额不得超过可补助的自费金额与补助比例之积。"
        en = "The subsidy must not exceed the eligible cost times the rate."
        yield Fault("amount_above_rate", "/data/amount", zh, en)


@RULES.invariant(SelfPaidSubsidyDecided)
def no_more_is_eligible_than_was_claimed(event: SelfPaidSubsidyDecided, past: Past) -> Iterator[Fault]:
    """Refuse a higher eligible cost than was applied for."""
    applied = newest(past, SelfPaidSubsidyApplied, same="process")
    if applied and event.eligible_self_paid is not None and event.eligible_self_paid > applied.self_paid:
        zh = "可补助的自费金额不得超过申请的自费金额。"
        en = "The eligible cost must not exceed the cost that was applied for."
        yield Fault("above_application", "/data/eligible_self_paid", zh, en)


@RULES.invariant(CochlearSubsidyApplied)
def an_application_rests_on_a_report_about_the_child(event: CochlearSubsidyApplied, past: Past) -> Iterator[Fault]:
    """Refuse an application that names no report about the same person."""
    if all(one.id != event.report_event for one in past.events(CochlearReportIssued, same="person")):
        zh = "本部门没有该人员的这一评估报告；请填写该报告的事件编号。"
        en = "This department has no such report about the person; give the id of the report's event."
        yield Fault("reference_unknown", "/data/report_event", zh, en)


@RULES.flag(CochlearImplanted)
def an_implant_was_approved(_: CochlearImplanted, past: Past) -> Iterator[Fault]:
    """Flag an implant whose newest decision is not an approval."""
    decided = newest(past, CochlearSubsidyDecided, same="process")
    if decided and decided.decision != "approved":
        yield flag("no_approval_in_force", "/process")


@RULES.invariant(CochlearMapped)
def mappings_are_counted_from_one(event: CochlearMapped) -> Iterator[Fault]:
    """Refuse a mapping before the first, which is the switch-on."""
    if event.mapping_no < 1:
        zh, en = "开机为第 1 次，次数从 1 起计。", "Switching on is mapping 1; mappings are counted from one."
        yield Fault("mapping_not_counted_from_one", "/data/mapping_no", zh, en)


@RULES.flag(CochlearMapped)
def mappings_follow_each_other(event: CochlearMapped, past: Past) -> Iterator[Fault]:
    """Flag a mapping that is not the next one."""
    last = newest(past, CochlearMapped, same="process")
    if event.mapping_no != (last.mapping_no if last else 0) + 1:
        yield flag("mapping_out_of_sequence", "/data/mapping_no")


def _approved(past: Past) -> RehabAidDecided | None:
    """Return the newest approval of aid in the process."""
    decided = past.events(RehabAidDecided, same="process", before=True)
    return next((one.event for one in reversed(decided) if one.event.decision == "approved"), None)


def _month(day: object, without: str) -> str:
    return without if day is None else str(day)[:7]
