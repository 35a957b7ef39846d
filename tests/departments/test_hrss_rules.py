"""Each rule of the Human Resources and Social Security Bureau: what it refuses or flags, and what it lets pass."""

import pytest

from services.hrss.events import (
    EmploymentEnded,
    EmploymentStarted,
    EmploymentSupportApplied,
    JobRecommended,
    ParentJobNeedRegistered,
    StartupSupportDecided,
    TrainingProvided,
)
from tests.departments.cases import SUBJECT, Case, check


def started(day: str) -> tuple[type, dict[str, str], str]:
    return (EmploymentStarted, {"from_date": day}, "person")


def ended(day: str) -> tuple[type, dict[str, str], str]:
    return (EmploymentEnded, {"ended_on": day}, "person")


CASES = [
    Case("HRS-01.1", ParentJobNeedRegistered, {"registered_on": "2025-04-09"}, refuses="outside_age /subject",
         births={SUBJECT: "2009-04-10"}, fine={"registered_on": "2025-04-10"}),
    Case("HRS-02.a", JobRecommended, flags="need_not_registered", fine_given=[(ParentJobNeedRegistered, "person")]),
    Case("HRS-03.1", EmploymentStarted, {"from_date": "2025-04-09"}, refuses="outside_age /subject",
         births={SUBJECT: "2009-04-10"}, fine={"from_date": "2025-04-10"}),
    Case("HRS-04.a", EmploymentEnded, refuses="out_of_order /subject", fine_given=[started("2025-03-01")]),
    Case("HRS-04.1", EmploymentEnded, refuses="nothing_to_end /data/ended_on", given=[started("2026-01-01")],
         fine_given=[started("2025-12-31")]),
    Case("HRS-04.1", EmploymentEnded, refuses="nothing_to_end /data/ended_on",
         given=[started("2025-03-01"), ended("2025-06-30")],
         fine_given=[started("2025-03-01"), ended("2025-06-30"), started("2025-07-01")]),
    Case("HRS-04.1", EmploymentEnded, refuses="nothing_to_end /data/ended_on",
         given=[started("2025-03-01"), started("2026-01-05"), ended("2026-01-04")],
         fine_given=[started("2025-03-01"), started("2026-01-05"), ended("2026-01-05")]),
    Case("HRS-05.1", TrainingProvided, {"hours": "0"}, refuses="nothing_taught /data/hours", fine={"hours": "0.5"}),
    Case("HRS-06.a", StartupSupportDecided, flags="decision_without_application",
         fine_given=[(EmploymentSupportApplied, "process")]),
    Case("HRS-06.1", StartupSupportDecided, {"scheme": "LOAN"}, flags="differs_from_application",
         given=[(EmploymentSupportApplied, "process")]),
    Case("HRS-06.1", StartupSupportDecided, {"scheme": "LOAN"}, flags="differs_from_application",
         given=[(EmploymentSupportApplied, "process")], fine={"scheme": None}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
