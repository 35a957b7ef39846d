"""Which event of the Medical Insurance Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.medical_insurance.events import (
    LtcAssessed,
    LtcAssessmentApplied,
    LtcBenefitDecided,
    LtcEnrolled,
    LtcPremiumAssisted,
)
from shared.errors import Fault
from shared.language.rules import Past, Rules, newest, next_month, years_later

CONCLUSION_YEARS = 2
"""How long the conclusion of an assessment holds at most."""

RULES = Rules()
RULES.after(LtcPremiumAssisted, LtcEnrolled, same="person")
RULES.after(LtcAssessmentApplied, LtcEnrolled, same="person")
RULES.after(LtcAssessed, LtcAssessmentApplied, same="process")
RULES.after(LtcBenefitDecided, LtcAssessed, same="process")

RULES.given(LtcBenefitDecided, "from_month", when=("decision", "approved"), code="from_month_too_early")
RULES.not_before(LtcAssessmentApplied, "applied_on", "disabled_since", at="disabled_since")
RULES.not_before(LtcAssessed, "concluded_on", "applied_on", of=LtcAssessmentApplied)
RULES.not_before(LtcAssessed, "valid_to", "concluded_on")


@RULES.invariant(LtcPremiumAssisted)
def a_premium_is_assisted_for_a_year_of_insurance(event: LtcPremiumAssisted, past: Past) -> Iterator[Fault]:
    """Refuse help with the premium of a year in which the person is not insured, and more than the premium in all."""
    enrolled = [one.event for one in past.events(LtcEnrolled, same="person") if one.event.year == event.year]
    if not enrolled:
        zh, en = (
            "该人员没有这一年度的参保记录；请核对年度。",
            "The person is not enrolled for that year; check the year.",
        )
        yield Fault("not_enrolled", "/data/year", zh, en)
        return
    assisted = (one.event for one in past.events(LtcPremiumAssisted, same="person"))
    total = sum((one.amount for one in assisted if one.year == event.year), event.amount)
    if total > enrolled[-1].premium:
        zh = f"该年度资助金额合计 {total} 元，超过个人缴费 {enrolled[-1].premium} 元。"
        en = f"The help with that year's premium is {total} yuan in all, above the premium of {enrolled[-1].premium}."
        yield Fault("above_premium", "/data/amount", zh, en)


@RULES.invariant(LtcAssessed)
def a_conclusion_holds_two_years_at_most(event: LtcAssessed) -> Iterator[Fault]:
    """Refuse a conclusion that holds longer than 24 months: abilities change."""
    if event.valid_to > years_later(event.concluded_on, CONCLUSION_YEARS):
        zh, en = "评估结论有效期最长为 24 个月。", "The conclusion of an assessment holds for 24 months at most."
        yield Fault("conclusion_holds_too_long", "/data/valid_to", zh, en)


@RULES.invariant(LtcBenefitDecided)
def a_benefit_is_that_of_the_assessed_level(decided: LtcBenefitDecided, past: Past) -> Iterator[Fault]:
    """Refuse a decision on another level than was assessed last (按照评估等级)."""
    assessed = newest(past, LtcAssessed, same="process")
    if assessed and decided.level != assessed.level:
        zh, en = "失能等级须与最近一次评估结论一致。", "The level must be that of the newest assessment of the process."
        yield Fault("differs_from_assessment_level", "/data/level", zh, en)


@RULES.invariant(LtcBenefitDecided)
def a_benefit_begins_after_the_conclusion(decided: LtcBenefitDecided, past: Past) -> Iterator[Fault]:
    """Refuse an approval that begins before the month after the conclusion."""
    assessed = newest(past, LtcAssessed, same="process")
    first = next_month(assessed.concluded_on) if assessed else ""
    if decided.decision == "approved" and decided.from_month is not None and decided.from_month < first:
        zh = f"起享月份不得早于结论日期的次月（{first}）。"
        en = f"The benefit begins with the month after the conclusion ({first}) at the earliest."
        yield Fault("from_month_too_early", "/data/from_month", zh, en)
