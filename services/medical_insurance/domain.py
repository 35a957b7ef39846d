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
from shared.language.rules import Rules, years_later

CONCLUSION_YEARS = 2
"""How long the conclusion of an assessment holds at most."""

RULES = Rules()
RULES.after(LtcPremiumAssisted, LtcEnrolled, same="person")
RULES.after(LtcAssessmentApplied, LtcEnrolled, same="person")
RULES.after(LtcAssessed, LtcAssessmentApplied, same="process")
RULES.after(LtcBenefitDecided, LtcAssessed, same="process")


@RULES.invariant(LtcAssessmentApplied)
def a_disability_precedes_the_application(said: LtcAssessmentApplied) -> Iterator[Fault]:
    """Refuse a disability that begins after the application."""
    if said.disabled_since is not None and said.disabled_since > said.applied_on:
        yield Fault(
            "period_reversed",
            "/data/disabled_since",
            "失能起始日期不得晚于申请日期。",
            "The disability cannot begin after the application.",
        )


@RULES.invariant(LtcAssessed)
def a_conclusion_holds_two_years_at_most(said: LtcAssessed) -> Iterator[Fault]:
    """Refuse a conclusion that ends before it is reached, or holds longer than 24 months: abilities change."""
    if said.valid_to < said.concluded_on:
        yield Fault(
            "period_reversed",
            "/data/valid_to",
            "有效期不得早于结论日期届满。",
            "A conclusion cannot end before it is reached.",
        )
    elif said.valid_to > years_later(said.concluded_on, CONCLUSION_YEARS):
        yield Fault(
            "conclusion_holds_too_long",
            "/data/valid_to",
            "评估结论有效期最长为 24 个月。",
            "The conclusion of an assessment holds for 24 months at most.",
        )
