"""What the Finance Bureau's plans, commitments and payments may not contain.

Sums are of one kind of money: budgets, appropriations, payments or recoveries, and of a budget line: its fund, purpose
and year. Whether a payment has a decision behind it is seen in the family case, where all departments' facts meet.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from services.finance.events import BenefitPaid, BenefitRecovered, FundAppropriated, FundBudgeted, FundSpent
from shared.errors import Fault
from shared.language.rules import EVENT_DAY, OnRecord, Past, Rules, flag

RULES = Rules()
RULES.after(BenefitRecovered, BenefitPaid, same="person", number="FIN-04.a")
RULES.declared(BenefitPaid, "account_tail", number="FIN-03.1")
RULES.not_before(BenefitPaid, EVENT_DAY, "paid_on", code="dated_in_the_future", at="paid_on", number="FIN-03.2")


@RULES.invariant(FundAppropriated, number="FIN-02.a")
def what_is_allotted_was_budgeted(event: FundAppropriated, past: Past) -> Iterator[Fault]:
    """Refuse an appropriation for whose fund, purpose and year no budget is on record."""
    if not _of_line(event, past, FundBudgeted):
        zh = "顺序不符：本部门尚无同一资金来源、用途项目和年度的“年度预算安排”记录。"
        en = "Out of order: this department has no finance.fund_budgeted on record of the same fund, purpose and year."
        yield Fault("out_of_order", "/data", zh, en)


@RULES.invariant(FundAppropriated, number="FIN-02.1")
def no_more_is_allotted_than_was_budgeted(event: FundAppropriated, past: Past) -> Iterator[Fault]:
    """Refuse an appropriation with which a division's appropriations exceed its budget for fund, purpose and year."""
    budgets = _of_line(event, past, FundBudgeted)
    budgeted = _total(one for one in budgets if one.division == past.division)
    allotted = _total(one for one in _of_line(event, past, FundAppropriated) if one.division == past.division)
    if budgets and allotted + event.amount > budgeted:
        zh = "同一资金来源、用途项目和年度的下达金额合计不得超过本地区预算；请核对金额，或先登记本地区预算。"
        en = "The division budgeted less than that for this fund, purpose and year; check it, or record the budget."
        yield Fault("above_budget", "/data/amount", zh, en)


@RULES.flag(BenefitPaid, number="FIN-03.3")
def a_month_is_paid_from_one_fund(event: BenefitPaid, past: Past) -> Iterator[Fault]:
    """Flag a payment of a benefit for a month that another fund paid already, unless it is a difference or arrears."""
    if event.period is None or event.supplement:
        return
    known = (one.event for one in past.events(BenefitPaid, same="person"))
    if any((one.benefit, one.period) == (event.benefit, event.period) and one.fund != event.fund for one in known):
        yield flag("paid_twice", "/data/period")


@RULES.invariant(BenefitRecovered, number="FIN-04.1")
def no_more_comes_back_than_was_paid(event: BenefitRecovered, past: Past) -> Iterator[Fault]:
    """Refuse a recovery with which more of a benefit comes back than the person was paid, in all or for its month."""
    paid = _of_benefit(event, past, BenefitPaid)
    recovered = [*_of_benefit(event, past, BenefitRecovered), event]
    months = {None, event.period}
    if any(_sum_of(recovered, month) > _sum_of(paid, month) for month in months):
        zh = "追回金额合计不得超过已发放金额；请核对待遇项目、所属月份和金额。"
        en = "No more can be recovered than was paid; check the benefit, the month and the amount."
        yield Fault("recovered_above_paid", "/data/amount", zh, en)


@RULES.flag(FundSpent, number="FIN-07.a")
def what_is_spent_was_planned(event: FundSpent, past: Past) -> Iterator[Fault]:
    """Flag spending for whose fund, purpose and year neither a budget nor an appropriation is on record."""
    if not _of_line(event, past, FundAppropriated, FundBudgeted):
        yield flag("no_budget_on_record", "/data")


@RULES.flag(FundSpent, number="FIN-07.1")
def no_more_is_spent_than_was_budgeted(event: FundSpent, past: Past) -> Iterator[Fault]:
    """Flag spending with which more of a fund goes to a purpose in a year than the budgets on record say."""
    budgets = _of_line(event, past, FundBudgeted)
    if budgets and _total(_of_line(event, past, FundSpent)) + event.amount > _total(budgets):
        yield flag("above_budget", "/data/amount")


def _of_line(event: FundAppropriated | FundSpent, past: Past, *classes: type[Any]) -> list[OnRecord[Any]]:
    """Return what is on record of these classes for the fund, purpose and year of an event."""
    line = _line(event, past.happened)
    return [one for one in past.events(*classes, same="anywhere") if _line(one.event, one.happened) == line]


def _line(event: Any, happened: date) -> tuple[str, str, int]:
    """Return an event's fund, purpose and year: that of its day, where it names none."""
    return event.fund, event.purpose, event.year or happened.year


def _total(found: Iterable[OnRecord[Any]]) -> Decimal:
    return sum((one.event.amount for one in found), Decimal(0))


def _of_benefit(event: BenefitRecovered, past: Past, cls: type[Any]) -> list[Any]:
    """Return the payments, or the recoveries, of the same benefit and person."""
    return [one.event for one in past.events(cls, same="person") if one.event.benefit == event.benefit]


def _sum_of(events: Iterable[Any], month: str | None) -> Decimal:
    """Return the sum of a month; without one, of all."""
    return sum((one.amount for one in events if month in {None, one.period}), Decimal(0))
