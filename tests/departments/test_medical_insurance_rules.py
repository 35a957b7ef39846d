"""Each rule of the Medical Insurance Bureau: what it refuses or flags, and what it lets pass."""

from datetime import date

import pytest

from services.medical_insurance.events import (
    CommercialClaimPaid,
    CommercialInsuranceTaken,
    LtcAssessed,
    LtcAssessmentApplied,
    LtcAssessmentDisputed,
    LtcBenefitDecided,
    LtcBenefitStopped,
    LtcEnrolled,
    LtcPremiumAssisted,
)
from tests.departments.cases import Case, check

ENROLLED = [(LtcEnrolled, "person")]
ASSESSED = (LtcAssessed, "process")

CASES = [
    Case("MED-02.1", LtcEnrolled, flags="scheme_not_in_force", parameters={"P-LTC-ACTIVE-FROM": date(2025, 3, 2)},
         fine_about={"parameters": {"P-LTC-ACTIVE-FROM": date(2025, 3, 1)}}),
    Case("MED-02.1", LtcEnrolled, flags="scheme_not_in_force", parameters={"P-LTC-ACTIVE-FROM": None},
         fine_about={"legacy": True}),
    Case("MED-03.a", LtcPremiumAssisted, refuses="out_of_order /subject", fine_given=ENROLLED),
    Case("MED-03.1", LtcPremiumAssisted, {"year": 2026}, refuses="not_enrolled /data/year", given=ENROLLED),
    Case("MED-03.2", LtcPremiumAssisted, {"amount": "50.01"}, refuses="above_premium /data/amount", given=ENROLLED),
    Case("MED-03.2", LtcPremiumAssisted, {"amount": "30.01"}, refuses="above_premium /data/amount",
         given=[*ENROLLED, (LtcPremiumAssisted, {"amount": "20.00", "fund": "county"}, "person")],
         fine={"amount": "30.00"}),
    Case("MED-04.a", LtcAssessmentApplied, refuses="out_of_order /subject", fine_given=ENROLLED),
    Case("MED-04.1", LtcAssessmentApplied, {"disabled_since": "2025-04-11"},
         refuses="period_reversed /data/disabled_since", fine={"disabled_since": "2025-04-10"}),
    Case("MED-04.2", LtcAssessmentApplied, {"disabled_since": "2024-10-11"}, flags="departs_from_parameter",
         parameters={"P-LTC-MONTHS": 6}, fine={"disabled_since": "2024-10-10"}),
    Case("MED-04.2", LtcAssessmentApplied, {"disabled_since": "2024-10-10"}, flags="departs_from_parameter",
         parameters={"P-LTC-MONTHS": 7}, fine={"disabled_since": None}),
    Case("MED-05.a", LtcAssessed, refuses="out_of_order /process", given=ENROLLED,
         fine_given=[(LtcAssessmentApplied, "process")]),
    Case("MED-05.1", LtcAssessed, {"valid_to": "2027-05-07"}, refuses="conclusion_holds_too_long /data/valid_to",
         fine={"valid_to": "2027-05-06"}),
    Case("MED-05.1", LtcAssessed, {"valid_to": "2025-05-05"}, refuses="conclusion_holds_too_long /data/valid_to",
         fine={"valid_to": "2025-05-06"}),
    Case("MED-05.2", LtcAssessed, {"concluded_on": "2025-04-09", "valid_to": "2026-04-09"},
         refuses="period_reversed /data/concluded_on", given=[(LtcAssessmentApplied, "process")]),
    Case("MED-06.a", LtcAssessmentDisputed, refuses="out_of_order /process", fine_given=[ASSESSED]),
    Case("MED-07.a", LtcBenefitDecided, refuses="out_of_order /process", given=[(LtcAssessmentApplied, "process")],
         fine_given=[ASSESSED]),
    Case("MED-07.1", LtcBenefitDecided, {"level": "4"}, refuses="differs_from_assessment_level /data/level",
         given=[ASSESSED]),
    Case("MED-07.1", LtcBenefitDecided, refuses="differs_from_assessment_level /data/level", fine={"level": "4"},
         given=[ASSESSED, (LtcAssessmentDisputed, {"new_level": "4"}, "process")]),
    Case("MED-07.1", LtcBenefitDecided, {"level": "4"}, refuses="differs_from_assessment_level /data/level",
         given=[ASSESSED, (LtcAssessmentDisputed, {"new_level": None}, "process")]),
    Case("MED-07.2", LtcBenefitDecided, {"from_month": None}, refuses="from_month_too_early /data/from_month",
         fine={"decision": "refused", "refuse_reason": "level", "from_month": None}),
    Case("MED-07.2", LtcBenefitDecided, {"from_month": "2025-05"}, refuses="from_month_too_early /data/from_month",
         given=[ASSESSED]),
    Case("MED-07.3", LtcBenefitDecided, {"level": "3"}, flags="departs_from_parameter", given=[ASSESSED],
         parameters={"P-LTC-MIN-LEVEL": 4}, fine={"level": "4"}),
    Case("MED-07.3", LtcBenefitDecided, {"level": "2"}, flags="departs_from_parameter",
         parameters={"P-LTC-MIN-LEVEL": 3},
         fine={"level": "2", "decision": "refused", "refuse_reason": "level", "from_month": None}),
    Case("MED-08.a", LtcBenefitStopped, refuses="out_of_order /process", given=[ASSESSED],
         fine_given=[(LtcBenefitDecided, "process")]),
    Case("MED-08.1", LtcBenefitStopped, refuses="already_ended /process", given=[(LtcBenefitStopped, "process")],
         fine_given=[(LtcBenefitStopped, "person")]),
    Case("MED-09.1", CommercialInsuranceTaken, {"to_date": "2025-07-01"}, refuses="period_reversed /data/to_date",
         fine={"to_date": "2025-07-02"}),
    Case("MED-10.a", CommercialClaimPaid, refuses="out_of_order /subject",
         fine_given=[(CommercialInsuranceTaken, "person")]),
    Case("MED-10.1", CommercialClaimPaid, {"kind": "MEDS"}, refuses="not_insured /data/kind",
         given=[(CommercialInsuranceTaken, {"kind": "ACC"}, "person")]),
    Case("MED-10.1", CommercialClaimPaid, {"paid_on": "2025-06-30"}, refuses="not_insured /data/kind",
         given=[(CommercialInsuranceTaken, {"from_date": "2025-07-01"}, "person")], fine={"paid_on": "2025-07-01"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_lets_the_fine_event_pass(case: Case) -> None:
    check(case)
