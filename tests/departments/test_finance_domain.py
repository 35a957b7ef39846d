from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

from services.finance.domain import RULES
from services.finance.events import BenefitPaid
from tests.departments.past import flags_of, refusals_of

refusals = partial(refusals_of, RULES, happened=date(2025, 4, 10))
flags = partial(flags_of, RULES)

PAYMENT = BenefitPaid(
    benefit="DIBAO",
    amount=Decimal("632.00"),
    period="2025-04",
    payee="p-father",
    account_tail="0001",
    fund="county",
    paid_on=date(2025, 4, 10),
)


def test_a_payment_needs_no_decision_that_another_department_has_not_recorded() -> None:
    assert refusals(PAYMENT) == []
    assert flags(PAYMENT) == []


def test_a_payment_is_not_recorded_before_it_is_made() -> None:
    assert refusals(replace(PAYMENT, paid_on=date(2025, 4, 11))) == ["dated_in_the_future /data/paid_on"]
    assert refusals(replace(PAYMENT, paid_on=date(2025, 4, 9))) == []


def test_the_same_month_from_another_fund_is_flagged() -> None:
    paid = (PAYMENT, "person")
    assert flags(replace(PAYMENT, fund="city"), paid) == ["paid_twice"]
    assert flags(replace(PAYMENT, fund="city", period="2025-05"), paid) == []
    assert flags(replace(PAYMENT, fund="city", benefit="TEKUN"), paid) == []
    assert flags(PAYMENT, paid) == []


def test_payments_for_no_month_are_not_compared() -> None:
    once = replace(PAYMENT, period=None)
    assert flags(replace(once, fund="city"), (once, "person")) == []
