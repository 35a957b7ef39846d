"""What the federation refuses and flags of the modification of homes."""

import pytest

from services.disability_federation.home_modification.events import (
    HomeModificationApplied,
    HomeModificationAssessed,
    HomeModificationCompleted,
    HomeModificationDecided,
    HomeModificationInspected,
)
from services.disability_federation.registry.events import DifficultFamilyEnded, DifficultFamilyRecognised
from tests.departments.cases import Case, check

APPLIED = [(HomeModificationApplied, "process")]
BUDGET = [(HomeModificationAssessed, {"budget": "3000.00"}, "process")]
GRANTED = [(HomeModificationDecided, "process")]
REFUSED = [*GRANTED, (HomeModificationDecided, {"decision": "refused", "refuse_reason": "fund"}, "process")]
COMPLETED = [(HomeModificationCompleted, {"completed_on": "2025-08-20"}, "process")]
RECOGNISED = [(DifficultFamilyRecognised, {"effective_from": "2025-03-01"}, "family")]
ENDED = [*RECOGNISED, (DifficultFamilyEnded, {"effective_to": "2025-08-31"}, "family")]
AGAIN = [*ENDED, (DifficultFamilyRecognised, {"effective_from": "2026-01-01"}, "family")]
USUAL = {"P-HOMEMOD-AMOUNT": 3500}
CASES = [
    Case("HOM-01.1", HomeModificationApplied, {"items_wanted": ["RAMP", "DOOR", "RAMP"]},
         refuses="code_named_twice /data/items_wanted"),
    Case("HOM-02.a", HomeModificationAssessed, refuses="out_of_order /process", fine_given=APPLIED),
    Case("HOM-03.a", HomeModificationDecided, refuses="out_of_order /process", fine_given=APPLIED),
    Case("HOM-03.1", HomeModificationDecided, {"fund": None}, refuses="amount_missing /data/fund"),
    Case("HOM-03.1", HomeModificationDecided, {"amount": None}, refuses="amount_missing /data/amount",
         fine={"decision": "refused", "refuse_reason": "fund", "amount": None, "fund": None}),
    Case("HOM-03.2", HomeModificationDecided, {"amount": "3000.01"}, flags="above_budget", given=BUDGET,
         fine={"amount": "3000.00"}),
    Case("HOM-03.3", HomeModificationDecided, {"amount": "3500.01"}, flags="departs_from_parameter", parameters=USUAL,
         fine={"amount": "3500.00"}),
    Case("HOM-03.4", HomeModificationDecided, {"priority": True}, flags="priority_differs", fine={"priority": False}),
    Case("HOM-03.4", HomeModificationDecided, {"priority": False}, flags="priority_differs", given=RECOGNISED,
         fine={"priority": True}),
    Case("HOM-03.4", HomeModificationDecided, flags="priority_differs", given=RECOGNISED, happened="2025-02-28",
         fine_about={"happened": "2025-03-01"}),
    Case("HOM-03.4", HomeModificationDecided, flags="priority_differs", given=ENDED, happened="2025-09-01",
         fine_about={"happened": "2025-08-31"}),
    Case("HOM-03.4", HomeModificationDecided, flags="priority_differs", given=ENDED, happened="2026-01-01",
         fine_given=AGAIN),
    Case("HOM-04.a", HomeModificationCompleted, refuses="out_of_order /process", fine_given=GRANTED),
    Case("HOM-04.1", HomeModificationCompleted, refuses="no_approval_in_force /process", given=REFUSED,
         fine_given=[*REFUSED, *GRANTED]),
    Case("HOM-04.2", HomeModificationCompleted, {"cost": "3400.01"}, flags="above_budget", given=GRANTED,
         fine={"cost": "3400.00"}),
    Case("HOM-05.a", HomeModificationInspected, refuses="out_of_order /process", fine_given=COMPLETED),
    Case("HOM-05.1", HomeModificationInspected, {"inspected_on": "2025-08-19"}, given=COMPLETED,
         refuses="period_reversed /data/inspected_on", fine={"inspected_on": "2025-08-20"}),
    Case("HOM-05.2", HomeModificationInspected, {"passed": False, "defects": None},
         refuses="defects_missing /data/defects", fine={"passed": False, "defects": "扶手松动。"}),
    Case("HOM-05.2", HomeModificationInspected, {"passed": False, "defects": None},
         refuses="defects_missing /data/defects", fine={"passed": True, "defects": None}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_of_home_modification_bites_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
