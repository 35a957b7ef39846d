"""Which event of the Medical Insurance Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.medical_insurance.events import (
    CommercialClaimPaid,
    CommercialInsuranceTaken,
    LtcAssessed,
    LtcAssessmentApplied,
    LtcAssessmentDisputed,
    LtcBenefitDecided,
    LtcBenefitStopped,
    LtcEnrolled,
    LtcPremiumAssisted,
)
from shared.errors import Fault
from shared.language.rules import OnRecord, Past, Rules, flag, months_later, newest, next_month, years_later

CONCLUSION_YEARS = 2
"""How long the conclusion of an assessment holds at most."""

RULES = Rules()
RULES.after(LtcPremiumAssisted, LtcEnrolled, same="person", number="MED-03.a")
RULES.after(LtcAssessmentApplied, LtcEnrolled, same="person", number="MED-04.a")
RULES.after(LtcAssessed, LtcAssessmentApplied, same="process", number="MED-05.a")
RULES.after(LtcAssessmentDisputed, LtcAssessed, same="process", number="MED-06.a")
RULES.after(LtcBenefitDecided, LtcAssessed, same="process", number="MED-07.a")
RULES.after(LtcBenefitStopped, LtcBenefitDecided, same="process", number="MED-08.a")
RULES.after(CommercialClaimPaid, CommercialInsuranceTaken, same="person", number="MED-10.a")

RULES.not_before(LtcAssessmentApplied, "applied_on", "disabled_since", at="disabled_since", number="MED-04.1")
RULES.not_before(LtcAssessed, "valid_to", "concluded_on", code="conclusion_holds_too_long", number="MED-05.1")
RULES.not_before(LtcAssessed, "concluded_on", "applied_on", of=LtcAssessmentApplied, number="MED-05.2")
RULES.given(
    LtcBenefitDecided, "from_month", when=("decision", "approved"), code="from_month_too_early", number="MED-07.2"
)
RULES.not_before(CommercialInsuranceTaken, "to_date", "from_date", strictly=True, number="MED-09.1")


@RULES.flag(LtcEnrolled, number="MED-02.1")
def the_scheme_is_in_force_here(_: LtcEnrolled, past: Past) -> Iterator[Fault]:
    """Flag an enrolment in a county where, on the day of the event, the scheme has not begun."""
    begun = past.parameter("P-LTC-ACTIVE-FROM")
    if begun is None or begun > past.happened:
        yield flag("scheme_not_in_force", "/data/year")


@RULES.invariant(LtcPremiumAssisted, number="MED-03.1")
def a_premium_is_assisted_for_a_year_of_insurance(event: LtcPremiumAssisted, past: Past) -> Iterator[Fault]:
    """Refuse help with the premium of a year in which the person is not insured."""
    if _enrolled(event, past) is None:
        zh, en = (
            "该人员没有这一年度的参保记录；请核对年度。",
            "The person is not enrolled for that year; check the year.",
        )
        yield Fault("not_enrolled", "/data/year", zh, en)


@RULES.invariant(LtcPremiumAssisted, number="MED-03.2")
def no_more_than_the_premium_is_assisted(event: LtcPremiumAssisted, past: Past) -> Iterator[Fault]:
    """Refuse help with which the help of a year is more than its premium."""
    enrolled = _enrolled(event, past)
    assisted = (one.event for one in past.events(LtcPremiumAssisted, same="person"))
    total = sum((one.amount for one in assisted if one.year == event.year), event.amount)
    if enrolled and total > enrolled.premium:
        zh = f"该年度资助金额合计 {total} 元，超过个人缴费 {enrolled.premium} 元。"
        en = f"The help with that year's premium is {total} yuan in all, above the premium of {enrolled.premium}."
        yield Fault("above_premium", "/data/amount", zh, en)


@RULES.flag(LtcAssessmentApplied, number="MED-04.2")
def a_loss_of_abilities_has_lasted(event: LtcAssessmentApplied, past: Past) -> Iterator[Fault]:
    """Flag an application before the abilities have been lost for as many months as the policy asks."""
    since, months = event.disabled_since, past.parameter("P-LTC-MONTHS")
    if since is not None and months_later(since, months) > event.applied_on:
        yield flag("departs_from_parameter", "/data/disabled_since")


@RULES.invariant(LtcAssessed, number="MED-05.1")
def a_conclusion_holds_two_years_at_most(event: LtcAssessed) -> Iterator[Fault]:
    """Refuse a conclusion that holds longer than 24 months: abilities change."""
    if event.valid_to > years_later(event.concluded_on, CONCLUSION_YEARS):
        zh, en = "评估结论有效期最长为 24 个月。", "The conclusion of an assessment holds for 24 months at most."
        yield Fault("conclusion_holds_too_long", "/data/valid_to", zh, en)


@RULES.invariant(LtcBenefitDecided, number="MED-07.1")
def a_benefit_is_that_of_the_assessed_level(decided: LtcBenefitDecided, past: Past) -> Iterator[Fault]:
    """Refuse a decision on another level than was assessed last, anew if there was a dispute (按照评估等级)."""
    level = _level(past)
    if level is not None and decided.level != level:
        zh, en = (
            "失能等级须与最近一次评估结论或复评一致。",
            "The level must be that of the newest assessment of the process, or of its dispute.",
        )
        yield Fault("differs_from_assessment_level", "/data/level", zh, en)


@RULES.invariant(LtcBenefitDecided, number="MED-07.2")
def a_benefit_begins_after_the_conclusion(decided: LtcBenefitDecided, past: Past) -> Iterator[Fault]:
    """Refuse an approval that begins before the month after the conclusion."""
    assessed = newest(past, LtcAssessed, same="process")
    first = next_month(assessed.concluded_on) if assessed else ""
    if decided.decision == "approved" and decided.from_month is not None and decided.from_month < first:
        zh = f"起享月份不得早于结论日期的次月（{first}）。"
        en = f"The benefit begins with the month after the conclusion ({first}) at the earliest."
        yield Fault("from_month_too_early", "/data/from_month", zh, en)


@RULES.flag(LtcBenefitDecided, number="MED-07.3")
def a_benefit_is_for_a_severe_loss(decided: LtcBenefitDecided, past: Past) -> Iterator[Fault]:
    """Flag an approval for a level below the one from which on there are benefits."""
    if decided.decision == "approved" and int(decided.level) < past.parameter("P-LTC-MIN-LEVEL"):
        yield flag("departs_from_parameter", "/data/level")


@RULES.invariant(LtcBenefitStopped, number="MED-08.1")
def a_benefit_stops_once(_: LtcBenefitStopped, past: Past) -> Iterator[Fault]:
    """Refuse to stop a benefit that has stopped."""
    if past.events(LtcBenefitStopped, same="process"):
        zh = "该办件的待遇已停止；原记录有误的，请报送更正。"
        en = "The benefit of this process has stopped; if that record is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)


@RULES.invariant(CommercialClaimPaid, number="MED-10.1")
def who_is_paid_was_insured(event: CommercialClaimPaid, past: Past) -> Iterator[Fault]:
    """Refuse a payment without an insurance of the kind that covered the person by that day."""
    insured = [one.event for one in past.events(CommercialInsuranceTaken, same="person")]
    if insured and not any(one.kind == event.kind and one.from_date <= event.paid_on for one in insured):
        zh = "该人员在赔付日期前没有该险种的投保记录；请核对险种和日期，或先报送投保。"
        en = "No insurance of this kind covered the person by that day; check both, or have it recorded first."
        yield Fault("not_insured", "/data/kind", zh, en)


def _enrolled(event: LtcPremiumAssisted, past: Past) -> LtcEnrolled | None:
    """Return the newest enrolment for the year of the help."""
    known = [one.event for one in past.events(LtcEnrolled, same="person") if one.event.year == event.year]
    return known[-1] if known else None


def _level(past: Past) -> str | None:
    """Return the level assessed last in the process; an objection that led to no other level leaves it."""
    level = None
    known: Sequence[OnRecord[Any]] = past.events(LtcAssessed, LtcAssessmentDisputed, same="process", before=True)
    for one in known:
        level = one.event.level if isinstance(one.event, LtcAssessed) else one.event.new_level or level
    return level
