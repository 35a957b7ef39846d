"""What no payment of the Finance Bureau may contain.

Whether a payment has a decision behind it is seen in the family case, where all departments' facts meet.
"""

from collections.abc import Iterator

from services.finance.events import BenefitPaid
from shared.errors import Fault
from shared.language.rules import EVENT_DAY, Past, Rules, flag

RULES = Rules()
RULES.not_before(BenefitPaid, EVENT_DAY, "paid_on", code="dated_in_the_future", at="paid_on")


@RULES.flag(BenefitPaid)
def a_month_is_paid_from_one_fund(event: BenefitPaid, past: Past) -> Iterator[Fault]:
    """Flag a payment of a benefit for a month that another fund paid already."""
    known = (one.event for one in past.events(BenefitPaid, same="person"))
    if event.period is not None and any(
        (one.benefit, one.period) == (event.benefit, event.period) and one.fund != event.fund for one in known
    ):
        yield flag("paid_twice", "/data/period")
