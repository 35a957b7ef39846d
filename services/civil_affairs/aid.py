"""What tekun support, temporary aid, the two subsidies, and the telling and extending of decisions may not contain."""

from collections.abc import Iterator
from typing import Any

from services.civil_affairs.events import (
    DeadlineExtended,
    DecisionDelivered,
    DibaoAcceptanceDecided,
    DibaoDecided,
    DibaoTerminated,
    HouseholdEconomyChecked,
    MarginalFamilyDecided,
    SelfCareAssessed,
    TekunApplied,
    TekunDecided,
    TekunTerminated,
    TempAidApplied,
    TempAidDecided,
    TwoSubsidiesApplied,
    TwoSubsidiesDecided,
    TwoSubsidiesStopped,
)
from services.civil_affairs.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, newest

SELF_CARE_ITEMS = 6
"""Eating, dressing, getting in and out of bed, the toilet, walking indoors, washing (民发〔2021〕43号)."""
PARTLY_DEPENDENT = range(1, 4)
"""Of the six, whoever fails so many depends on others in part; whoever fails more, wholly."""
TWO_SUBSIDIES = {"LIVE_SUB", "CARE_SUB"}
APPROVED = ("decision", "approved")
REFUSED = ("decision", "refused", "not_accepted")
"""Whoever is told no; what was returned is still open."""
DECISIONS: tuple[type[Any], ...] = (
    DibaoDecided,
    MarginalFamilyDecided,
    TekunDecided,
    TempAidDecided,
    TwoSubsidiesDecided,
)

RULES.after(TekunDecided, TekunApplied, same="process", number="CIV-14.a")
RULES.after(TekunTerminated, TekunDecided, same="process", number="CIV-15.a")
RULES.after(TempAidDecided, TempAidApplied, same="process", number="CIV-18.a")
RULES.after(TwoSubsidiesDecided, TwoSubsidiesApplied, same="process", number="CIV-21.a")
RULES.after(TwoSubsidiesStopped, TwoSubsidiesDecided, same="person", number="CIV-22.a")
RULES.after(DecisionDelivered, DibaoAcceptanceDecided, *DECISIONS, same="process", number="CIV-23.a")
RULES.after(
    DeadlineExtended,
    DibaoAcceptanceDecided,
    TekunApplied,
    TempAidApplied,
    TwoSubsidiesApplied,
    same="process",
    number="CIV-24.a",
)

RULES.given(TekunDecided, "care_level", "pay_from", when=APPROVED, code="period_missing", number="CIV-14.1")
RULES.given(TempAidDecided, "amount", when=APPROVED, code="amount_missing", number="CIV-18.1")
RULES.given(TwoSubsidiesDecided, "pay_from", "monthly_total", when=APPROVED, code="amount_missing", number="CIV-21.2")
RULES.not_before(DeadlineExtended, "new_due", "extended_on", strictly=True, number="CIV-24.1")


@RULES.invariant(DibaoTerminated, TekunTerminated, number=("CIV-09.2", "CIV-15.1"))
def what_was_granted_ends_once(event: DibaoTerminated | TekunTerminated, past: Past) -> Iterator[Fault]:
    """Refuse a second end of the same process."""
    if past.events(type(event), same="process"):
        zh = "本办件的待遇已终止；原记录有误的，请报送更正。"
        en = "What this process granted has ended already; if that record is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)


@RULES.invariant(SelfCareAssessed, number="CIV-13.1")
def self_care_follows_from_the_items(event: SelfCareAssessed) -> Iterator[Fault]:
    """Refuse a result that does not follow from how many of the six items a person cannot do alone."""
    unmet = event.unmet_items
    result = "full" if unmet == 0 else "partial" if unmet in PARTLY_DEPENDENT else "none"
    if unmet > SELF_CARE_ITEMS:
        zh, en = f"不能自理项数须为 0 至 {SELF_CARE_ITEMS}。", f"The unmet items are 0 to {SELF_CARE_ITEMS}."
        yield Fault("result_differs", "/data/unmet_items", zh, en)
    elif event.result != result:
        zh = "评估结果须与不能自理项数一致：0 项为具备，1 至 3 项为部分丧失，4 至 6 项为完全丧失。"
        en = "The result must follow from the items: none unmet is full, 1 to 3 partial, 4 to 6 none."
        yield Fault("result_differs", "/data/result", zh, en)


@RULES.flag(TekunDecided, number="CIV-14.2")
def a_care_level_is_the_one_assessed(decided: TekunDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision on another level of self-care than was assessed."""
    assessed = newest(past, SelfCareAssessed, same="process")
    if assessed and decided.care_level not in {None, assessed.result}:
        yield flag("differs_from_assessment", "/data/care_level")


@RULES.flag(TekunDecided, number="CIV-14.3")
def tekun_is_for_who_has_no_income_and_nobody(decided: TekunDecided, past: Past) -> Iterator[Fault]:
    """Flag an approval although the last check found somebody able to support, or an income of the standard or more."""
    checked = newest(past, HouseholdEconomyChecked, same="process")
    if decided.decision != "approved" or checked is None:
        return
    if checked.able_supporter or checked.per_capita_income_month >= checked.standard_month:
        yield flag("conditions_not_evidenced", "/data/decision")


@RULES.flag(TempAidDecided, number="CIV-18.2")
def a_cause_is_aided_once_a_year(decided: TempAidDecided, past: Past) -> Iterator[Fault]:
    """Flag an approval for a cause for which the family was granted aid in the same year, unless it is special."""
    applied = newest(past, TempAidApplied, same="process")
    cause = applied.cause_kind if applied else None
    if decided.decision != "approved" or decided.special or cause is None:
        return
    for one in past.events(TempAidDecided, same="family"):
        granted = one.event.decision == "approved" and one.event.decided_on.year == decided.decided_on.year
        if granted and any(
            other.event.cause_kind == cause for other in past.events(TempAidApplied, same="process", of=one.process)
        ):
            yield flag("same_cause_again", "/data/decision")
            return


@RULES.invariant(
    TwoSubsidiesApplied, TwoSubsidiesDecided, TwoSubsidiesStopped, number=("CIV-19.1", "CIV-21.1", "CIV-22.1")
)
def only_the_two_subsidies(
    event: TwoSubsidiesApplied | TwoSubsidiesDecided | TwoSubsidiesStopped,
) -> Iterator[Fault]:
    """Refuse any benefit but the living and the nursing subsidy, each once."""
    if not TWO_SUBSIDIES.issuperset(event.benefits) or len(set(event.benefits)) < len(event.benefits):
        zh = "两项补贴只包括困难残疾人生活补贴和重度残疾人护理补贴，每项只列一次。"
        en = "The two subsidies are the living subsidy and the nursing subsidy only, each named once."
        yield Fault("not_one_of_the_two_subsidies", "/data/benefits", zh, en)


@RULES.invariant(TwoSubsidiesDecided, number="CIV-21.3")
def subsidies_are_paid_from_the_month_of_application(decided: TwoSubsidiesDecided, past: Past) -> Iterator[Fault]:
    """Refuse an approval that pays from another month than that of the application."""
    applied = newest(past, TwoSubsidiesApplied, same="process")
    month = str(applied.applied_on)[:7] if applied else None
    if decided.decision == "approved" and month and decided.pay_from not in {None, month}:
        zh = f"两项补贴自申请当月（{month}）起发放。"
        en = f"The subsidies are paid from the month of application ({month})."
        yield Fault("pay_from_not_application_month", "/data/pay_from", zh, en)


@RULES.invariant(TwoSubsidiesDecided, number="CIV-21.4")
def no_subsidy_is_decided_that_nobody_asked_for(decided: TwoSubsidiesDecided, past: Past) -> Iterator[Fault]:
    """Refuse a decision on a benefit that was not applied for."""
    applied = newest(past, TwoSubsidiesApplied, same="process")
    if applied and not set(decided.benefits) <= set(applied.benefits):
        zh, en = "补贴项目须在申请项目之内。", "The benefits must be among those applied for."
        yield Fault("above_application", "/data/benefits", zh, en)


@RULES.flag(DecisionDelivered, number="CIV-23.1")
def what_was_delivered_is_on_record(event: DecisionDelivered, past: Past) -> Iterator[Fault]:
    """Flag the delivery of a decision that is not on record."""
    known = past.events(DibaoAcceptanceDecided, *DECISIONS, same="event", of=event.decision_event)
    if event.decision_event is not None and not known:
        yield flag("reference_unknown", "/data/decision_event")


@RULES.invariant(DeadlineExtended, number="CIV-24.2")
def a_deadline_is_extended_once_and_in_time(_: DeadlineExtended, past: Past) -> Iterator[Fault]:
    """Refuse a second extension of a process, and one after its final decision."""
    accepted = newest(past, DibaoAcceptanceDecided, same="process")
    turned_away = accepted is not None and accepted.decision in REFUSED[1:]
    decided = any(one.event.decision != "returned" for one in past.events(*DECISIONS, same="process"))
    if turned_away or decided or past.events(DeadlineExtended, same="process"):
        zh = "本办件已延长过期限或已作出最终决定；原记录有误的，请报送更正。"
        en = "This process was extended or decided already; if that record is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)
