"""What the federation refuses and flags of the care of disabled persons."""

import pytest

from services.disability_federation.care.events import (
    CareServiceApplied,
    CareServiceDecided,
    CareServiceEnded,
    CareServiceReported,
    CareServiceStarted,
)
from services.disability_federation.registry.events import DifficultFamilyRecognised
from tests.departments.cases import Case, check

APPLIED = [(CareServiceApplied, "process")]
GRANTED = [(CareServiceDecided, "process")]
RETURNED = [(CareServiceDecided, {"decision": "returned"}, "process")]
STARTED = [(CareServiceStarted, {"started_on": "2025-04-15"}, "process")]
ENDED = [*STARTED, (CareServiceEnded, {"ended_on": "2026-03-10"}, "process")]
CASES = [
    Case("CARE-01.1", CareServiceApplied, {"contents": ["NURSE", "NURSE"]}, refuses="code_named_twice /data/contents"),
    Case("CARE-02.a", CareServiceDecided, refuses="out_of_order /process", fine_given=APPLIED),
    Case("CARE-02.1", CareServiceDecided, {"setting": None}, refuses="setting_missing /data/setting",
         fine={"setting": None, "decision": "not_accepted", "refuse_reason": "document"}),
    Case("CARE-02.2", CareServiceDecided, {"priority": True}, flags="priority_differs",
         fine_given=[(DifficultFamilyRecognised, "family")]),
    Case("CARE-03.a", CareServiceStarted, refuses="out_of_order /process", fine_given=GRANTED),
    Case("CARE-03.1", CareServiceStarted, refuses="no_approval_in_force /process", given=[*GRANTED, *RETURNED],
         fine_given=[*RETURNED, *GRANTED]),
    Case("CARE-03.2", CareServiceStarted, refuses="already_started /process", given=STARTED, fine_given=()),
    Case("CARE-04.a", CareServiceReported, refuses="out_of_order /process", fine_given=STARTED),
    Case("CARE-04.1", CareServiceReported, {"month": "2025-06", "days": 31}, refuses="too_many_days /data/days",
         fine={"month": "2025-06", "days": 30}),
    Case("CARE-04.1", CareServiceReported, {"month": "2026-02", "days": 29}, refuses="too_many_days /data/days",
         fine={"month": "2028-02", "days": 29}),
    Case("CARE-04.2", CareServiceReported, {"month": "2025-03"}, refuses="month_outside_service /data/month",
         given=STARTED, fine={"month": "2025-04", "days": 11}),
    Case("CARE-04.2", CareServiceReported, {"month": "2026-04"}, refuses="month_outside_service /data/month",
         given=ENDED, fine={"month": "2026-03", "days": 7}),
    Case("CARE-05.a", CareServiceEnded, refuses="out_of_order /process", fine_given=STARTED),
    Case("CARE-05.1", CareServiceEnded, refuses="already_ended /process", given=ENDED, fine_given=STARTED),
    Case("CARE-05.1", CareServiceEnded, {"ended_on": "2025-04-14"}, refuses="already_ended /data/ended_on",
         given=STARTED, fine={"ended_on": "2025-04-15"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_of_care_bites_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
