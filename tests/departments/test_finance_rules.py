"""Every rule of the Finance Bureau, both ways; and what only a real log can show of its sums."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.finance.events import BenefitPaid, BenefitRecovered, FundAppropriated, FundBudgeted, FundSpent
from shared.door.department import Department
from tests.departments.cases import Case, check
from tests.departments.past import On
from tests.departments.test_rules_at_the_door import corrected, said_of, withdrawn
from tests.world import DAUGHTER, SON, event

COUNTY, OTHER = "421221", "421202"
BUREAU = "11421299MB0GU00179"
ABOVE, BACK = "above_budget /data/amount", "recovered_above_paid /data/amount"
ESF = {"fund": "esf", "purpose": "JOBSUP"}
"""The budget line of the example of what was spent."""


def here(cls: type[Any], division: str = COUNTY, **changes: Any) -> On:
    """Return an event on record that a division recorded."""
    return On((cls, changes), "anywhere", division=division)


def paid(amount: str, period: str | None = "2025-04", **changes: Any) -> tuple[Any, ...]:
    return BenefitPaid, {"amount": amount, "period": period} | changes, "person"


BUDGET = here(FundBudgeted)
PLANNED = here(FundBudgeted, amount="200000.00", **ESF)
CASES = [
    # commitments within plans
    Case("FIN-02.a", FundAppropriated, refuses="out_of_order /data", fine_given=[BUDGET]),
    Case("FIN-02.a", FundAppropriated, {"fund": "city"}, refuses="out_of_order /data", given=[BUDGET]),
    Case("FIN-02.a", FundAppropriated, {"purpose": "HOMEMOD"}, refuses="out_of_order /data", given=[BUDGET]),
    Case("FIN-02.a", FundAppropriated, {"year": 2026}, refuses="out_of_order /data", given=[BUDGET]),
    Case("FIN-02.a", FundAppropriated, {"year": None}, refuses="out_of_order /data", given=[BUDGET],
         fine={"year": None}, happened="2026-01-05", fine_about={"happened": "2025-12-31"}),
    Case("FIN-02.1", FundAppropriated, {"amount": "800000.01"}, refuses=ABOVE, given=[BUDGET],
         fine={"amount": "800000.00"}),
    Case("FIN-02.1", FundAppropriated, {"amount": "300000.01"}, refuses=ABOVE,
         given=[BUDGET, here(FundAppropriated, amount="500000.00")]),
    Case("FIN-02.1", FundAppropriated, refuses=ABOVE, given=[BUDGET, here(FundAppropriated, amount="500000.01")],
         fine_given=[BUDGET, here(FundAppropriated, OTHER, amount="500000.01")]),
    Case("FIN-02.1", FundAppropriated, refuses=ABOVE, given=[BUDGET, here(FundAppropriated, amount="500000.01")],
         fine_given=[BUDGET, here(FundAppropriated, amount="500000.01", year=2024)]),
    Case("FIN-02.1", FundAppropriated, refuses=ABOVE, given=[here(FundBudgeted, OTHER)], fine_given=[BUDGET]),
    Case("FIN-02.1", FundAppropriated, {"amount": "800000.01"}, refuses=ABOVE, given=[BUDGET],
         fine={"amount": "800000.01"}, fine_given=[BUDGET, here(FundBudgeted, amount="0.01", doc_no="虚构追加1号")]),
    # payments and what comes back
    Case("FIN-03.1", BenefitPaid, {"account_tail": "007"}, refuses="not_an_account_tail /data/account_tail"),
    Case("FIN-03.2", BenefitPaid, {"paid_on": "2025-03-02"}, refuses="dated_in_the_future /data/paid_on",
         fine={"paid_on": "2025-03-01"}),
    Case("FIN-03.3", BenefitPaid, flags="paid_twice", given=[paid("632.00", fund="city")],
         fine_given=[paid("632.00", fund="county")]),
    Case("FIN-03.3", BenefitPaid, flags="paid_twice", given=[paid("632.00", fund="city")],
         fine_given=[paid("632.00", "2025-03", fund="city")]),
    Case("FIN-03.3", BenefitPaid, flags="paid_twice", given=[paid("632.00", fund="city")],
         fine_given=[paid("632.00", fund="city", benefit="TEMPAID")]),
    Case("FIN-03.3", BenefitPaid, flags="paid_twice", given=[paid("632.00", fund="city")], fine={"supplement": True}),
    Case("FIN-03.3", BenefitPaid, flags="paid_twice", given=[paid("632.00", fund="city")], fine={"period": None}),
    Case("FIN-04.a", BenefitRecovered, refuses="out_of_order /subject", fine_given=[paid("632.00")]),
    Case("FIN-04.1", BenefitRecovered, {"amount": "632.01"}, refuses=BACK, given=[paid("632.00")]),
    Case("FIN-04.1", BenefitRecovered, refuses=BACK, given=[paid("631.99"), paid("632.00", "2025-03")],
         fine={"amount": "631.99"}),
    Case("FIN-04.1", BenefitRecovered, {"period": None, "amount": "632.01"}, refuses=BACK,
         given=[paid("632.00"), paid("632.00", "2025-03"), (BenefitRecovered, "person")],
         fine={"period": None}),
    Case("FIN-04.1", BenefitRecovered, refuses=BACK, given=[paid("632.00", benefit="LIVE_SUB")],
         fine_given=[paid("600.00"), paid("32.00", supplement=True)]),
    # what was spent, beside what was planned
    Case("FIN-07.a", FundSpent, flags="no_budget_on_record", given=[BUDGET], fine_given=[PLANNED]),
    Case("FIN-07.a", FundSpent, flags="no_budget_on_record", fine_given=[here(FundAppropriated, **ESF)]),
    Case("FIN-07.1", FundSpent, {"amount": "200000.01"}, flags="above_budget", given=[PLANNED],
         fine={"amount": "200000.00"}),
    Case("FIN-07.1", FundSpent, flags="above_budget", given=[PLANNED, here(FundSpent, amount="80000.01")],
         fine_given=[PLANNED, here(FundSpent, amount="80000.00")]),
    Case("FIN-07.1", FundSpent, flags="above_budget", given=[PLANNED, here(FundSpent, amount="80000.01")],
         fine_given=[PLANNED, here(FundAppropriated, amount="200000.00", **ESF), here(FundSpent, amount="80000.00")]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_stops_what_it_must_and_nothing_else(case: Case) -> None:
    check(case)


# -- through the door


@pytest.fixture
def finance(department: Callable[[str], Department]) -> Department:
    return department("finance")


def by_finance(kind: str, subject: str, **data: Any) -> dict[str, Any]:
    return event(f"finance.{kind}", data, subject, division=COUNTY)


def budget(amount: str, doc_no: str = "预1号") -> dict[str, Any]:
    line = {"year": 2025, "fund": "esf", "purpose": "JOBSUP"}
    return by_finance("fund_budgeted", BUREAU, **line, amount=amount, doc_no=doc_no)


def allotted(amount: str, doc_no: str) -> dict[str, Any]:
    line = {"fund": "esf", "purpose": "JOBSUP", "to_division": COUNTY}
    return by_finance("fund_appropriated", BUREAU, **line, amount=amount, doc_no=doc_no)


def paid_out(amount: str, period: str, subject: str = DAUGHTER) -> dict[str, Any]:
    data = {"benefit": "LIVE_SUB", "amount": amount, "period": period, "payee": subject, "fund": "county"}
    return by_finance("benefit_paid", subject, **data, paid_on="2025-02-20")


def recovered(amount: str, day: int, subject: str = DAUGHTER, **data: Any) -> dict[str, Any]:
    data = {"benefit": "LIVE_SUB", "amount": amount, "reason": "重复发放", "recovered_on": f"2025-02-{day:02}"} | data
    return by_finance("benefit_recovered", subject, **data)


def test_commitments_stay_within_the_budget_as_the_log_stands(finance: Department) -> None:
    planned, first = budget("1000.00"), allotted("600.00", "下1号")
    assert said_of(finance, first, planned, allotted("400.01", "下2号")) == ["out_of_order", "", ""]
    assert said_of(finance, first) == ["above_budget"]
    assert said_of(finance, budget("0.01", "追1号"), first) == ["", ""]
    assert said_of(finance, corrected(first, amount="600.01")) == ["above_budget"]
    assert said_of(finance, corrected(first, amount="599.99")) == [""]
    assert said_of(finance, allotted("0.02", "下3号"), allotted("0.01", "下3号")) == ["above_budget", ""]
    assert said_of(finance, withdrawn(planned), allotted("0.01", "下4号")) == ["", "above_budget"]


def test_spending_is_weighed_with_spending_alone(finance: Department) -> None:
    line = {"year": 2025, "fund": "esf", "purpose": "JOBSUP", "for_difficult": True}
    spent = [by_finance("fund_spent", BUREAU, **line, amount="500.00", doc_no=f"决{n}号") for n in range(3)]
    assert said_of(finance, spent[0], budget("1000.00"), allotted("1000.00", "下1号")) == [
        "no_budget_on_record",
        "",
        "",
    ]
    assert said_of(finance, *spent[1:]) == ["", "above_budget"]


def test_no_more_comes_back_than_was_paid_to_the_person(finance: Department) -> None:
    january, february = paid_out("100.00", "2025-01"), paid_out("100.00", "2025-02")
    assert said_of(finance, january, february, paid_out("100.00", "2025-01", SON)) == ["", "", ""]
    first = recovered("100.00", 21, period="2025-01")
    assert said_of(finance, first, recovered("0.01", 22, period="2025-01")) == ["", "recovered_above_paid"]
    assert said_of(finance, recovered("100.01", 23), recovered("100.00", 24)) == ["recovered_above_paid", ""]
    assert said_of(finance, corrected(first, amount="99.00"), recovered("1.00", 25)) == ["", ""]
    assert said_of(finance, withdrawn(first), recovered("99.00", 26, period="2025-02")) == ["", ""]
    assert said_of(finance, recovered("100.00", 26, SON), recovered("0.01", 27, SON)) == ["", "recovered_above_paid"]


def test_two_writers_at_once_cannot_together_pass_a_budget(
    department: Callable[[str], Department], finance: Department
) -> None:
    assert said_of(finance, budget("1000.00")) == [""]
    doors = [finance, department("finance")]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, doors[turn % 2], allotted("300.00", f"下{turn}号")) for turn in range(8)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == [""] * 3 + ["above_budget"] * 5
