"""The form in which rules are tested: what it takes for a rule that holds, and what for one that does not."""

import pytest

from services.disability_federation.rehabilitation.events import RehabAidDecided, RehabMonthReported, RehabStarted
from tests.departments.cases import SUBJECT, Case, check, holds, rules_of
from tests.departments.past import On

SUM = Case("REH-06.1", RehabMonthReported, {"fee_total": "9.00"}, refuses="fees_do_not_add_up /data/fee_total")
STARTED = [(RehabStarted, {"started_on": "2025-08-04"}, "process")]
CASES = [
    SUM,
    Case("REH-06.a", RehabMonthReported, refuses="out_of_order /process", fine_given=STARTED),
    Case("REH-06.3", RehabMonthReported, {"month": "2025-07"}, refuses="month_before_start /data/month", given=STARTED),
    Case("REH-06.4", RehabMonthReported, {"fee_aided": "1580.00"}, flags="above_annual_limit",
         given=[(RehabAidDecided, {"annual_limit": "3159.99"}, "process"), (RehabMonthReported, "process person")],
         fine_given=[(RehabAidDecided, {"annual_limit": "3160.00"}, "process"), (RehabMonthReported, "process")]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_refuses_or_flags_what_it_must_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)


def with_(case: Case, **changes: object) -> Case:
    return Case(**{name: getattr(case, name) for name in case.__dataclass_fields__} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "case",
    [
        with_(SUM, changes={}),
        with_(SUM, fine={"fee_total": "9.00"}),
        with_(SUM, refuses="fees_do_not_add_up /data/fee_self"),
        with_(SUM, number="REH-06.99"),
        with_(SUM, number="REH-06.3"),
        with_(SUM, cls=RehabStarted),
        with_(SUM, refuses=""),
    ],
)
def test_a_case_fails_where_the_rule_does_not_do_what_it_says(case: Case) -> None:
    with pytest.raises(AssertionError):
        check(case)


@holds("REH-06.2")
def test_a_rule_that_needs_more_has_a_test_of_its_own() -> None:
    assert [rule.name for rule in rules_of("REH-06.2")] == ["a_month_lies_within_the_aid"]
    assert On(RehabStarted, "person", of=SUBJECT).same == "person"
