from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from services.finance.domain import RULES
from services.finance.events import BenefitPaid
from shared.catalogue import CATALOGUE


class Past:
    """A department's log that holds these types, each for the same process or the same person as the new event."""

    def __init__(self, on_record: Iterable[tuple[type[Any], str]]) -> None:
        self._on_record = {(CATALOGUE.of(said).type, same) for said, same in on_record}

    def has(self, type_name: str, *, same: str) -> bool:
        """Whether the type is on record for the same process or person."""
        return (type_name, same) in self._on_record


def refusals(said: Any, *given: tuple[type[Any], str], legacy: bool = False) -> list[str]:
    """Return code and place of every reason against an event, when `given` is on record."""
    faults = list(RULES.faults(said, Past(given), legacy=legacy))
    for fault in faults:
        assert fault.zh.endswith("。")
        assert fault.en.endswith(".")
    return [f"{fault.code} {fault.pointer}" for fault in faults]


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
