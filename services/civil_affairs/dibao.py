"""Which event of a dibao process may follow which, and what is no dibao and no recognition of a marginal family."""

from collections.abc import Iterator

from services.civil_affairs.events import (
    DemocraticAppraisalHeld,
    DibaoAcceptanceDecided,
    DibaoApplied,
    DibaoDecided,
    DibaoNoticeObjected,
    DibaoNoticePosted,
    DibaoReviewed,
    DibaoTerminated,
    HouseholdEconomyChecked,
    MarginalFamilyDecided,
    MarginalFamilyEnded,
)
from services.civil_affairs.rules import RULES
from shared.errors import Fault
from shared.language.rules import ADULT, EVENT_DAY, Past, age_on, flag, newest, next_month

NOTICE_DAYS = 7
"""How long a notice hangs at least; the day it is posted is not counted (民法典 art. 201)."""
APPROVED = ("decision", "approved")

RULES.after(DibaoAcceptanceDecided, DibaoApplied, same="process", number="CIV-02.a")
RULES.after(DemocraticAppraisalHeld, DibaoApplied, same="process", number="CIV-04.a")
RULES.after(DibaoNoticePosted, DibaoApplied, same="process", number="CIV-05.a")
RULES.after(DibaoNoticeObjected, DibaoNoticePosted, same="process", number="CIV-06.a")
RULES.after(DibaoDecided, DibaoApplied, same="process", number="CIV-07.a")
RULES.after(DibaoReviewed, DibaoDecided, same="process", number="CIV-08.a")
RULES.after(DibaoTerminated, DibaoDecided, same="process", number="CIV-09.a")
RULES.after(
    MarginalFamilyDecided,
    HouseholdEconomyChecked,
    same="family",
    effect="flag",
    fault="economy_check_missing",
    number="CIV-10.a",
)
RULES.after(
    MarginalFamilyEnded, MarginalFamilyDecided, same="family", effect="flag", fault="nothing_to_end", number="CIV-11.a"
)

RULES.distinct(DibaoApplied, "persons", code="person_named_twice", number="CIV-01.2")
RULES.declared(DibaoApplied, "persons", number="CIV-01.3")
RULES.given(
    DibaoAcceptanceDecided, "missing", when=("decision", "returned"), code="missing_not_said", number="CIV-02.1"
)
RULES.distinct(DibaoDecided, "persons", code="person_named_twice", number="CIV-07.2")
RULES.declared(DibaoDecided, "persons", number="CIV-07.3")
RULES.given(DibaoDecided, "amount_month", "pay_from", when=APPROVED, code="amount_missing", number="CIV-07.3")
RULES.not_before(DibaoDecided, "decided_on", "applied_on", of=DibaoApplied, number="CIV-07.5")
RULES.not_before(DibaoDecided, EVENT_DAY, "decided_on", at="decided_on", number="CIV-07.5")
RULES.not_before(DibaoReviewed, "next_due", "reviewed_on", strictly=True, number="CIV-08.1")
RULES.given(
    DibaoReviewed,
    "amount_month",
    "effective_from",
    when=("result", "increase", "decrease"),
    code="amount_missing",
    number="CIV-08.3",
)
RULES.not_before(DibaoTerminated, "fade_out_to", "effective_to", number="CIV-09.1")
RULES.not_before(MarginalFamilyDecided, "valid_to", "valid_from", number="CIV-10.1")
RULES.given(
    MarginalFamilyDecided,
    "per_capita_income_month",
    "valid_from",
    "valid_to",
    when=APPROVED,
    code="period_missing",
    number="CIV-10.2",
)


@RULES.invariant(DibaoApplied, DibaoDecided, number=("CIV-01.1", "CIV-07.1"))
def single_person_dibao_is_for_one_person(event: DibaoApplied | DibaoDecided) -> Iterator[Fault]:
    """Refuse a 单人户 dibao for several persons."""
    if event.dibao_type.startswith("single_") and len(event.persons) != 1:
        zh, en = "单人户低保只能有一名保障人员。", "Dibao for a single person must name exactly one person."
        yield Fault("single_dibao_for_several", "/data/persons", zh, en)


@RULES.flag(DibaoApplied, number="CIV-01.6")
def a_single_adult_is_an_adult(event: DibaoApplied, past: Past) -> Iterator[Fault]:
    """Flag an application for a single adult who is a child."""
    born = past.born(event.persons[0])
    if event.dibao_type == "single_adult" and born and age_on(event.applied_on, born) < ADULT:
        yield flag("outside_age", "/data/persons")


@RULES.invariant(DibaoNoticePosted, number="CIV-05.1")
def a_notice_hangs_long_enough(event: DibaoNoticePosted) -> Iterator[Fault]:
    """Refuse a notice that hangs less than seven days: nobody had the time to object."""
    if (event.to_date - event.from_date).days < NOTICE_DAYS:
        zh = f"公示期不得少于 {NOTICE_DAYS} 天（张贴当日不计）。"
        en = f"A notice must be up for at least {NOTICE_DAYS} days, not counting the day it is posted."
        yield Fault("notice_too_short", "/data/to_date", zh, en)


@RULES.invariant(DibaoNoticePosted, number="CIV-05.2")
def a_notice_hides_minors(event: DibaoNoticePosted) -> Iterator[Fault]:
    """Refuse a notice that shows a child's name, number or disability to the public."""
    if not event.minors_hidden:
        zh, en = "公示不得公开未成年人信息。", "A public notice must not show minors."
        yield Fault("minors_published", "/data/minors_hidden", zh, en)


@RULES.invariant(DibaoDecided, number="CIV-07.4")
def dibao_is_paid_from_the_next_month(decided: DibaoDecided, past: Past) -> Iterator[Fault]:
    """Refuse an approval that pays from another month than the one after the decision; imported history may differ."""
    month = next_month(decided.decided_on)
    if decided.decision == "approved" and not past.legacy and decided.pay_from not in {None, month}:
        zh = f"低保金自决定的次月（{month}）起发放。"
        en = f"Dibao is paid from the month after the decision ({month})."
        yield Fault("pay_from_not_next_month", "/data/pay_from", zh, en)


@RULES.flag(DibaoDecided, number="CIV-07.6")
def what_is_decided_was_applied_for(decided: DibaoDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision on another kind of dibao than was applied for."""
    applied = newest(past, DibaoApplied, same="process")
    if applied and applied.dibao_type != decided.dibao_type:
        yield flag("differs_from_application", "/data/dibao_type")


@RULES.invariant(DibaoReviewed, number="CIV-08.2")
def what_is_reviewed_is_in_force(review: DibaoReviewed, past: Past) -> Iterator[Fault]:
    """Refuse the review of dibao that was not granted, or that ended before."""
    decided, ended = newest(past, DibaoDecided, same="process"), newest(past, DibaoTerminated, same="process")
    over = ended is not None and ended.effective_to < str(review.reviewed_on)[:7]
    if over or (decided is not None and decided.decision != "approved"):
        zh = "本办件在复核日期没有有效的低保；请核对办件编号和复核日期。"
        en = "This process has no dibao in force on that day; check the process and the day."
        yield Fault("no_approval_in_force", "/data/reviewed_on", zh, en)


@RULES.invariant(MarginalFamilyDecided, number="CIV-10.3")
def a_marginal_income_lies_just_above_the_standard(decided: MarginalFamilyDecided, past: Past) -> Iterator[Fault]:
    """Refuse a recognition whose income lies below the standard last checked, or reaches its multiple."""
    checked, income = newest(past, HouseholdEconomyChecked, same="family"), decided.per_capita_income_month
    if decided.decision != "approved" or checked is None or income is None:
        return
    if not checked.standard_month <= income < decided.multiple * checked.standard_month:
        zh = "月人均收入须不低于低保月标准，且低于其规定倍数；请核对家庭经济状况核对结果。"
        en = "The income must be at least the dibao standard and below the multiple of it; compare the last check."
        yield Fault("income_outside", "/data/per_capita_income_month", zh, en)


@RULES.flag(MarginalFamilyDecided, number="CIV-10.4")
def the_multiple_is_the_one_in_force(decided: MarginalFamilyDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision by another multiple of the standard than the one in force."""
    if decided.multiple != past.parameter("P-MARGINAL-MULT"):
        yield flag("departs_from_parameter", "/data/multiple")
