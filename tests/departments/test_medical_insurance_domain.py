from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from services.medical_insurance.domain import RULES
from services.medical_insurance.events import (
    LtcAssessed,
    LtcAssessmentApplied,
    LtcBenefitDecided,
    LtcEnrolled,
    LtcPremiumAssisted,
)
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


APPLICATION = LtcAssessmentApplied(applied_on=date(2027, 3, 2))
ASSESSMENT = LtcAssessed(
    level="2",
    assessor_org="91421299MACATG018Q",
    concluded_on=date(2027, 3, 26),
    valid_to=date(2029, 3, 25),
    accepted=True,
)
BENEFIT = LtcBenefitDecided(decision="refused", refuse_reason="level", level="2")
ENROLLED = (LtcEnrolled(year=2027, premium=Decimal("60.00")), "person")
ASSISTANCE = LtcPremiumAssisted(year=2027, amount=Decimal("40.00"), fund="medfund")
APPLIED = (APPLICATION, "process")
ASSESSED = (ASSESSMENT, "process")


def test_an_enrolment_needs_nothing_before_it() -> None:
    assert refusals(LtcEnrolled(year=2027, premium=Decimal("60.00"))) == []


def test_a_premium_is_assisted_after_the_person_enrolled() -> None:
    assert refusals(ASSISTANCE) == ["not_enrolled /data/year", "out_of_order /subject"]
    assert refusals(ASSISTANCE, ENROLLED) == []


def test_a_premium_is_assisted_for_a_year_in_which_the_person_is_insured() -> None:
    assert refusals(replace(ASSISTANCE, year=2026), ENROLLED) == ["not_enrolled /data/year"]


def test_no_more_than_the_premium_of_a_year_is_assisted() -> None:
    before = (replace(ASSISTANCE, amount=Decimal("20.00")), "person")
    assert refusals(ASSISTANCE, ENROLLED, before) == []
    assert refusals(replace(ASSISTANCE, amount=Decimal("40.01")), ENROLLED, before) == ["above_premium /data/amount"]
    other_year = (replace(ASSISTANCE, year=2026), "person")
    assert refusals(ASSISTANCE, ENROLLED, before, other_year) == []


def test_an_assessment_is_asked_for_after_the_person_enrolled() -> None:
    assert refusals(APPLICATION) == ["out_of_order /subject"]
    assert refusals(APPLICATION, ENROLLED) == []


def test_an_assessment_follows_the_application_in_the_same_process() -> None:
    assert refusals(ASSESSMENT, ENROLLED) == ["out_of_order /process"]
    assert refusals(ASSESSMENT, APPLIED) == []


def test_a_benefit_is_decided_after_the_assessment_in_the_same_process() -> None:
    assert refusals(BENEFIT, APPLIED) == ["out_of_order /process"]
    assert refusals(BENEFIT, ASSESSED) == []


def test_imported_history_may_begin_anywhere_and_still_must_make_sense() -> None:
    assert refusals(BENEFIT, legacy=True) == []
    endless = replace(ASSESSMENT, valid_to=date(2037, 3, 25))
    assert refusals(endless, legacy=True) == ["conclusion_holds_too_long /data/valid_to"]


def test_a_disability_does_not_begin_after_the_application() -> None:
    later = replace(APPLICATION, disabled_since=date(2027, 3, 3))
    assert refusals(later, ENROLLED) == ["period_reversed /data/disabled_since"]
    assert refusals(replace(APPLICATION, disabled_since=date(2026, 9, 1)), ENROLLED) == []


def test_a_conclusion_holds_for_24_months_at_most() -> None:
    last = replace(ASSESSMENT, valid_to=date(2029, 3, 26))
    assert refusals(last, APPLIED) == []
    assert refusals(replace(last, valid_to=date(2029, 3, 27)), APPLIED) == ["conclusion_holds_too_long /data/valid_to"]


def test_a_conclusion_of_a_leap_day_holds_until_the_end_of_february() -> None:
    leap = replace(ASSESSMENT, concluded_on=date(2028, 2, 29), valid_to=date(2030, 2, 28))
    assert refusals(leap, APPLIED) == []
    assert refusals(replace(leap, valid_to=date(2030, 3, 1)), APPLIED) == ["conclusion_holds_too_long /data/valid_to"]


def test_a_conclusion_does_not_end_before_it_is_reached() -> None:
    early = replace(ASSESSMENT, valid_to=date(2027, 3, 25))
    assert refusals(early, APPLIED) == ["conclusion_holds_too_long /data/valid_to"]
    assert refusals(replace(ASSESSMENT, valid_to=date(2027, 3, 26)), APPLIED) == []


def test_a_conclusion_is_not_reached_before_the_application() -> None:
    same_day = replace(ASSESSMENT, concluded_on=date(2027, 3, 2), valid_to=date(2029, 3, 2))
    assert refusals(same_day, APPLIED) == []
    early = replace(ASSESSMENT, concluded_on=date(2027, 3, 1), valid_to=date(2029, 3, 1))
    assert refusals(early, APPLIED) == ["period_reversed /data/concluded_on"]


def test_a_benefit_is_of_the_level_assessed_last() -> None:
    other = (replace(ASSESSMENT, level="3"), "process")
    assert refusals(BENEFIT, ASSESSED, other) == ["differs_from_assessment_level /data/level"]
    assert refusals(BENEFIT, other, ASSESSED) == []


def test_a_benefit_begins_with_the_month_after_the_conclusion_at_the_earliest() -> None:
    granted = replace(BENEFIT, decision="approved", refuse_reason=None, from_month="2027-04")
    assert refusals(granted, ASSESSED) == []
    wrong = ["from_month_too_early /data/from_month"]
    assert refusals(replace(granted, from_month="2027-03"), ASSESSED) == wrong
    assert refusals(replace(granted, from_month=None), ASSESSED) == wrong
