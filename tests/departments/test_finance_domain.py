from datetime import date
from decimal import Decimal
from functools import partial

from services.finance.domain import RULES
from services.finance.events import BenefitPaid
from tests.departments.past import refusals_of

refusals = partial(refusals_of, RULES)


def test_a_payment_is_never_refused_for_a_decision_that_another_department_has_not_recorded() -> None:
    payment = BenefitPaid(
        benefit="DIBAO",
        amount=Decimal("632.00"),
        period="2025-04",
        payee="p-father",
        account_tail="0001",
        fund="county",
        paid_on=date(2025, 4, 10),
    )
    assert refusals(payment) == []
