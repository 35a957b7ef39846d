"""What rules say by themselves: comparisons of fields, in words made of their labels."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.civil_affairs.events import DibaoDecided, DibaoReviewed, DibaoTerminated
from services.education.events import EducationPlanMade
from shared.errors import Fault
from shared.language.rules import EVENT_DAY, Rules, age_on, flag, months_later, newest, next_month, years_later
from tests.departments.past import Past

REVIEW = DibaoReviewed(
    reviewed_on=date(2025, 3, 1), result="keep", amount_month=Decimal("700.00"), next_due=date(2025, 3, 1)
)
DECISION = DibaoDecided(decision="approved", dibao_type="family", persons=("p-a", "p-a"), decided_on=date(2025, 3, 2))


def only_fault(rules: Rules, event: object, *given: tuple[object, str]) -> Fault:
    (fault,) = rules.judge(event, Past(given)).faults
    return fault


def test_two_days_are_compared_in_words_of_their_labels() -> None:
    rules = Rules()
    rules.not_before(DibaoReviewed, "next_due", "reviewed_on", strictly=True)
    fault = only_fault(rules, REVIEW)
    assert (fault.code, fault.pointer) == ("period_reversed", "/data/next_due")
    assert fault.zh == "下次复核期限须晚于复核日期。"
    assert fault.en == "Next due must be after reviewed on."


def test_a_day_is_compared_with_a_month_or_a_year_by_what_both_say() -> None:
    rules = Rules()
    rules.not_before(EducationPlanMade, "review_due", "plan_year", strictly=True)
    rules.not_before(DibaoTerminated, "effective_to", EVENT_DAY)
    plan = EducationPlanMade(plan_year=2025, goals_doc="目标", parent_signed=True, review_due=date(2025, 12, 31))
    assert [fault.pointer for fault in rules.judge(plan, Past()).faults] == ["/data/review_due"]
    assert rules.judge(replace(plan, review_due=date(2026, 1, 1)), Past()).faults == ()
    end = DibaoTerminated(reason="moved", effective_to="2025-02")
    assert "不得早于事件日期" in only_fault(rules, end).zh
    assert rules.judge(replace(end, effective_to="2025-03"), Past()).faults == ()


def test_the_newest_event_of_the_process_is_what_a_field_is_compared_with() -> None:
    rules = Rules()
    rules.not_before(DibaoReviewed, "reviewed_on", "decided_on", of=DibaoDecided, code="too_early", at="result")
    fault = only_fault(
        rules, REVIEW, (replace(DECISION, decided_on=date(2025, 1, 1)), "process"), (DECISION, "process")
    )
    assert (fault.code, fault.pointer, fault.zh) == ("too_early", "/data/result", "复核日期不得早于决定日期。")
    assert rules.judge(REVIEW, Past([(DECISION, "person")])).faults == ()
    assert newest(Past(), DibaoDecided, same="process") is None


def test_a_field_is_required_for_a_code_in_words_of_that_code() -> None:
    rules = Rules()
    rules.given(DibaoDecided, "amount_month", when=("decision", "approved", "returned"), code="amount_missing")
    fault = only_fault(rules, DECISION)
    assert (fault.code, fault.pointer) == ("amount_missing", "/data/amount_month")
    assert fault.zh == "决定为“同意/通过”时，须填写月保障金额。"
    assert fault.en == "Amount month is required when decision is approved."
    assert rules.judge(replace(DECISION, decision="refused"), Past()).faults == ()
    assert rules.judge(replace(DECISION, amount_month=Decimal(1)), Past()).faults == ()


def test_what_is_named_twice_and_what_must_differ_is_said_of_the_field() -> None:
    rules = Rules()
    rules.distinct(DibaoDecided, "persons")
    rules.differ(DibaoReviewed, "reviewed_on", "next_due", code="same_day")
    assert only_fault(rules, DECISION).pointer == "/data/persons"
    assert only_fault(rules, DECISION).code == "named_twice"
    assert only_fault(rules, REVIEW).pointer == "/data/next_due"
    assert only_fault(rules, REVIEW).zh == "复核日期与下次复核期限不能相同。"
    assert rules.judge(replace(DECISION, persons=("p-a", "p-b")), Past()).faults == ()


def test_an_order_may_have_a_fault_of_its_own_or_only_flag() -> None:
    rules = Rules()
    rules.after(DibaoReviewed, DibaoDecided, same="process", fault="no_case")
    rules.after(DibaoReviewed, DibaoTerminated, same="person", effect="flag", fault="nothing_to_end")
    verdict = rules.judge(REVIEW, Past())
    assert [(fault.code, fault.pointer) for fault in verdict.faults] == [("no_case", "/process")]
    assert verdict.flags == ("nothing_to_end",)
    assert rules.judge(REVIEW, Past(), order=False) == rules.judge(REVIEW, Past(legacy=True))
    assert rules.judge(REVIEW, Past(), order=False).flags == ()


def test_a_flag_is_one_of_the_policys_list() -> None:
    with pytest.raises(KeyError):
        flag("nobody_wrote_this", "/data")


def test_a_month_later_is_the_same_day_or_the_last_one() -> None:
    assert months_later(date(2024, 8, 31), 6) == date(2025, 2, 28)
    assert months_later(date(2024, 10, 10), 6) == date(2025, 4, 10)
    assert months_later(date(2024, 12, 1), 0) == date(2024, 12, 1)
    assert months_later(date(2024, 12, 31), 12) == date(2025, 12, 31)


def test_ages_years_and_months_are_those_of_the_calendar() -> None:
    assert (age_on(date(2025, 2, 27), date(2007, 2, 28)), age_on(date(2025, 2, 28), date(2007, 2, 28))) == (17, 18)
    assert (age_on(date(2025, 2, 27), date(2008, 2, 29)), age_on(date(2025, 2, 28), date(2008, 2, 29))) == (16, 17)
    assert years_later(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert (next_month("2025-12"), next_month(date(2025, 1, 31))) == ("2026-01", "2025-02")
