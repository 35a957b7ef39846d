"""The rules of the room rehabilitation, each both ways; then what only a real log can show."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    GuardianDesignated,
)
from services.disability_federation.rehabilitation.devices.events import (
    AssistiveDeviceAssessed,
    AssistiveDeviceDecided,
    AssistiveDeviceFitted,
    AssistiveDeviceMaintained,
    AssistiveDeviceRented,
    AssistiveDeviceReturned,
)
from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearMapped,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    DiagnosisReported,
    RehabAidApplied,
    RehabAidDecided,
    RehabAssessed,
    RehabEnded,
    RehabFeesSettled,
    RehabInstitutionChanged,
    RehabInterrupted,
    RehabMonthReported,
    RehabResumed,
    RehabStarted,
    SelfPaidSubsidyApplied,
    SelfPaidSubsidyDecided,
)
from services.disability_federation.rehabilitation.providers.events import (
    CommunityRehabProvided,
    CommunityStationClosed,
    CommunityStationOpened,
    InstitutionDesignated,
    InstitutionDesignationEnded,
    InstitutionEvaluated,
    PsychologicalSupportProvided,
)
from shared.door.department import Department
from tests.departments.cases import SUBJECT, Case, check
from tests.departments.past import On
from tests.departments.test_rules_at_the_door import CENTRE, Event, by_federation, corrected, said_of, withdrawn
from tests.world import SON, event

CENTRE_CODE, FOUNDATION_CODE = "52421299MJXRE0019W", "53421299MJXREH0901"
FATHER, STRANGER = "421299198803150132", "422399198701190420"
NO_DOCUMENT = {"basis_doc": None}
REFUSED = {"decision": "refused", "refuse_reason": "other"}

AIDED = (RehabAidDecided, "process")
STARTED = (RehabStarted, "process")
INTERRUPTED = (RehabInterrupted, "process")
MONTH = (RehabMonthReported, "process person")
DECIDED = (AssistiveDeviceDecided, "process person")
ASSESSED = (AssistiveDeviceAssessed, "process")
DESIGNATED = On(InstitutionDesignated, "organisation", of=CENTRE_CODE)
OPENED = (CommunityStationOpened, "organisation")
CLAIMED = (SelfPaidSubsidyApplied, "process person")
ASKED_FOR_IMPLANT = (CochlearSubsidyApplied, "process")
REPORT = On(CochlearReportIssued, "person", id="example-0001")


def report(**changes: Any) -> list[Any]:
    return [ASKED_FOR_IMPLANT, On((CochlearReportIssued, changes), "person", id="example-0001")]


def claim(amount: str, to: str = "2025-12-31") -> list[Any]:
    """Return another claim of the child on record, and the approval of this amount."""
    asked = On((SelfPaidSubsidyApplied, {"period_to": to, "period_from": to}), "person", process="OTHER")
    return [CLAIMED, asked, On((SelfPaidSubsidyDecided, {"amount": amount}), "person", process="OTHER")]


AID = [
    Case("REH-01.1", DiagnosisReported, flags="hospital_level_differs", fine={"hospital_level": "3B"},
         given=[(DiagnosisReported, {"hospital_level": "3B"}, "organisation")]),
    Case("REH-01.1", DiagnosisReported, flags="hospital_level_differs",
         given=[(DiagnosisReported, {"hospital_level": "3B"}, "organisation")],
         fine_given=[(DiagnosisReported, {"hospital_level": "3B", "reported_on": "2025-02-23"}, "organisation")]),
    Case("REH-02.1", RehabAidApplied, {"items": ["TRAIN", "TRAIN"]}, refuses="code_named_twice /data/items"),
    Case("REH-02.2", RehabAidApplied, flags="second_category", fine={"category": "AUT"},
         given=[(RehabAidApplied, {"category": "AUT"}, "person")]),
    Case("REH-02.2", RehabAidApplied, flags="second_category", fine={"aid_year": 2026},
         given=[(RehabAidApplied, {"category": "AUT"}, "person")]),
    Case("REH-02.3", RehabAidApplied, {"applied_by": STRANGER}, flags="not_the_guardian", fine={"applied_by": FATHER},
         given=[(GuardianDesignated, {"guardian": FATHER, "from_date": "2021-05-12"}, "person")]),
    Case("REH-02.3", RehabAidApplied, {"applied_by": STRANGER}, flags="not_the_guardian", fine={"applied_by": STRANGER},
         given=[(GuardianDesignated, {"guardian": FATHER, "from_date": "2021-05-12"}, "person")], fine_given=[]),
    Case("REH-03.a", RehabAidDecided, refuses="out_of_order /process", fine_given=[(RehabAidApplied, "process")]),
    Case("REH-03.1", RehabAidDecided, {"aid_to": "2025-04-08"}, refuses="period_reversed /data/aid_to"),
    Case("REH-03.2", RehabAidDecided, {"aid_from": None}, refuses="period_missing /data/aid_from"),
    Case("REH-03.2", RehabAidDecided, {"aid_to": None}, refuses="period_missing /data/aid_to",
         fine=REFUSED | {"aid_from": None, "aid_to": None}),
    Case("REH-03.3", RehabAidDecided, NO_DOCUMENT, refuses="outside_age /data/aid_from", fine=NO_DOCUMENT,
         births={SUBJECT: "2009-04-09"}, fine_about={"births": {SUBJECT: "2009-04-10"}}),
    Case("REH-03.3", RehabAidDecided, NO_DOCUMENT, refuses="outside_age /data/aid_from", fine=NO_DOCUMENT,
         births={SUBJECT: "2009-01-01"}, fine_about={"births": {SUBJECT: "2009-01-02"}},
         parameters={"P-REHAB-AGE-BASIS": "jan1"}),
    Case("REH-03.3", RehabAidDecided, NO_DOCUMENT, refuses="outside_age /data/aid_from", fine=NO_DOCUMENT,
         births={SUBJECT: "2008-01-01"}, fine_about={"births": {SUBJECT: "2008-01-02"}},
         parameters={"P-REHAB-AGE-BASIS": "aid_year"}, given=[(RehabAidApplied, {"aid_year": 2024}, "process")]),
    Case("REH-03.3", RehabAidDecided, NO_DOCUMENT, refuses="outside_age /data/aid_from", fine=NO_DOCUMENT | REFUSED,
         parameters={"P-REHAB-AGE-FROM": 6}),
    Case("REH-03.4", RehabAidDecided, flags="departs_from_parameter",
         births={SUBJECT: "2009-04-09"}, fine_about={"births": {SUBJECT: "2009-04-10"}}),
    Case("REH-03.5", RehabAidDecided, NO_DOCUMENT | {"annual_limit": "15800.01"}, fine=NO_DOCUMENT,
         refuses="above_parameter /data/annual_limit"),
    Case("REH-03.5", RehabAidDecided, NO_DOCUMENT, fine=NO_DOCUMENT | {"annual_limit": "12000.00"},
         refuses="above_parameter /data/annual_limit", parameters={"P-REHAB-ANNUAL": 12000}),
    Case("REH-03.6", RehabAidDecided, {"annual_limit": "15800.01"}, flags="departs_from_parameter"),
]  # fmt: skip

TRAINING = [
    Case("REH-04.a", RehabStarted, refuses="out_of_order /process", fine_given=[AIDED]),
    Case("REH-04.1", RehabStarted, refuses="no_approval_in_force /data/started_on",
         given=[(RehabAidDecided, {"aid_to": "2025-08-03"}, "process")], fine_given=[AIDED]),
    Case("REH-04.1", RehabStarted, refuses="no_approval_in_force /data/started_on",
         given=[AIDED, (RehabAidDecided, REFUSED, "process")],
         fine_given=[(RehabAidDecided, REFUSED, "process"), AIDED]),
    Case("REH-04.2", RehabStarted, refuses="already_in_training /data/started_on",
         given=[(RehabStarted, {"started_on": "2025-05-06"}, "person")],
         fine_given=[(RehabStarted, {"started_on": "2025-05-06"}, "person"),
                     (RehabEnded, {"ended_on": "2025-08-04"}, "person")]),
    Case("REH-04.2", RehabStarted, refuses="already_in_training /data/started_on",
         given=[(RehabStarted, {"started_on": "2025-05-06"}, "person"), (RehabAidDecided, "person")],
         fine_given=[(RehabStarted, {"started_on": "2025-05-06"}, "person"),
                     (RehabAidDecided, {"aid_to": "2025-08-03"}, "person")]),
    Case("REH-04.3", RehabStarted, flags="institution_not_designated", fine_given=[DESIGNATED]),
    Case("REH-04.3", RehabStarted, flags="institution_not_designated", fine_given=[DESIGNATED],
         given=[(InstitutionDesignated, {"kind": "DEVICE"}, "organisation")]),
    Case("REH-04.3", RehabStarted, flags="institution_not_designated", fine_given=[DESIGNATED],
         given=[DESIGNATED, (InstitutionDesignationEnded, {"ended_on": "2025-08-04"}, "organisation")]),
    Case("REH-05.a", RehabAssessed, refuses="out_of_order /process", fine_given=[STARTED]),
    Case("REH-06.a", RehabMonthReported, refuses="out_of_order /process", fine_given=[STARTED]),
    Case("REH-06.1", RehabMonthReported, {"fee_total": "2900.01"}, refuses="fees_do_not_add_up /data/fee_total",
         fine={"fee_total": "2400.00", "fee_insurance": None, "fee_upper": None, "fee_institution": None}),
    Case("REH-06.1", RehabMonthReported, {"fee_upper": None}, refuses="fees_do_not_add_up /data/fee_total"),
    Case("REH-06.2", RehabMonthReported, refuses="month_outside_aid /data/month", fine_given=[AIDED],
         given=[(RehabAidDecided, {"aid_to": "2025-07-31"}, "process")]),
    Case("REH-06.2", RehabMonthReported, {"month": "2025-03"}, refuses="month_outside_aid /data/month",
         fine={"month": "2025-04"}, given=[AIDED]),
    Case("REH-06.3", RehabMonthReported, {"month": "2025-07"}, refuses="month_before_start /data/month",
         given=[STARTED]),
    Case("REH-06.4", RehabMonthReported, flags="above_annual_limit",
         given=[(RehabAidDecided, {"annual_limit": "3159.99"}, "process"), MONTH],
         fine_given=[(RehabAidDecided, {"annual_limit": "3160.00"}, "process"), MONTH]),
    Case("REH-06.5", RehabMonthReported, flags="month_interrupted",
         given=[(RehabInterrupted, {"from_date": "2025-08-01"}, "process")],
         fine_given=[(RehabInterrupted, {"from_date": "2025-08-02"}, "process")]),
    Case("REH-06.5", RehabMonthReported, flags="month_interrupted",
         given=[(RehabInterrupted, {"from_date": "2025-07-15"}, "process"),
                (RehabResumed, {"resumed_on": "2025-09-01"}, "process")],
         fine_given=[(RehabInterrupted, {"from_date": "2025-07-15"}, "process"),
                     (RehabResumed, {"resumed_on": "2025-08-31"}, "process")]),
    Case("REH-07.a", RehabInterrupted, refuses="out_of_order /process", fine_given=[STARTED]),
    Case("REH-07.1", RehabInterrupted, refuses="already_interrupted /data/from_date",
         given=[(RehabInterrupted, {"from_date": "2025-09-01"}, "process")],
         fine_given=[(RehabInterrupted, {"from_date": "2025-09-01"}, "process"),
                     (RehabResumed, {"resumed_on": "2025-09-08"}, "process")]),
    Case("REH-07.2", RehabInterrupted, {"expected_resume": "2025-09-07"},
         refuses="period_reversed /data/expected_resume"),
    Case("REH-08.a", RehabResumed, refuses="out_of_order /process", fine_given=[INTERRUPTED]),
    Case("REH-08.1", RehabResumed, {"resumed_on": "2025-09-07"}, refuses="not_interrupted /data/resumed_on",
         fine={"resumed_on": "2025-09-08"}, given=[INTERRUPTED]),
    Case("REH-08.1", RehabResumed, refuses="not_interrupted /data/resumed_on",
         given=[INTERRUPTED, (RehabResumed, {"resumed_on": "2025-10-08"}, "process")], fine_given=[INTERRUPTED]),
    Case("REH-09.a", RehabInstitutionChanged, refuses="out_of_order /process", fine_given=[STARTED]),
    Case("REH-09.1", RehabInstitutionChanged, {"new_institution": "JG.0001"},
         refuses="nothing_changed /data/new_institution"),
    Case("REH-09.2", RehabInstitutionChanged, flags="differs_from_record", given=[STARTED],
         fine_given=[(RehabStarted, {"institution": "JG.0001"}, "process")]),
    Case("REH-09.2", RehabInstitutionChanged, flags="differs_from_record",
         given=[(RehabStarted, {"institution": "JG.0001"}, "process"), (RehabInstitutionChanged, "process")],
         fine={"old_institution": "JG.0002", "new_institution": "JG.0003"}),
    Case("REH-09.3", RehabInstitutionChanged, flags="no_approval_in_force", fine_given=[AIDED],
         given=[(RehabAidDecided, {"aid_to": "2025-04-09"}, "process")]),
    Case("REH-09.4", RehabInstitutionChanged, flags="institution_not_designated", given=[DESIGNATED],
         fine={"new_institution": CENTRE_CODE}),
    Case("REH-10.a", RehabEnded, refuses="out_of_order /process", fine_given=[STARTED]),
    Case("REH-10.1", RehabEnded, refuses="already_ended /process", given=[(RehabEnded, "process")], fine_given=[]),
    Case("REH-10.2", RehabEnded, {"ended_on": "2025-08-03"}, refuses="period_reversed /data/ended_on",
         fine={"ended_on": "2025-08-04"}, given=[STARTED]),
]  # fmt: skip

MONEY = [
    Case("REH-11.a", RehabFeesSettled, refuses="out_of_order /process", fine_given=[MONTH]),
    Case("REH-11.1", RehabFeesSettled, {"period_from": "2025-09"}, refuses="period_reversed /data/period_to"),
    Case("REH-11.2", RehabFeesSettled, {"amount": "1580.01"}, refuses="settled_above_reported /data/amount",
         given=[MONTH]),
    Case("REH-11.2", RehabFeesSettled, refuses="settled_above_reported /data/amount",
         given=[(RehabMonthReported, {"institution": "JG.0001"}, "process")],
         fine_given=[(RehabMonthReported, {"institution": None}, "process")]),
    Case("REH-11.2", RehabFeesSettled, {"period_from": "2025-09", "period_to": "2025-12"}, given=[MONTH],
         refuses="settled_above_reported /data/amount", fine={"period_from": "2025-07", "period_to": "2025-12"}),
    Case("REH-11.3", RehabFeesSettled, {"period_from": "2025-06", "period_to": "2025-09"},
         refuses="period_overlaps /data/period_from", fine={"period_from": "2025-09", "period_to": "2025-09"},
         given=[(RehabFeesSettled, "process")]),
    Case("REH-11.3", RehabFeesSettled, refuses="period_overlaps /data/period_from", fine={"institution": "JG.0001"},
         given=[(RehabFeesSettled, "process")]),
    Case("REH-11.4", RehabFeesSettled, {"amount": "1580.01"}, flags="above_annual_limit",
         given=[(RehabAidDecided, {"annual_limit": "3160.00"}, "process"),
                (RehabFeesSettled, {"period_from": "2025-07", "period_to": "2025-07"}, "process")]),
    Case("REH-12.a", SelfPaidSubsidyApplied, flags="not_difficult", family=[SUBJECT],
         fine_given=[(DifficultFamilyRecognised, "family")]),
    Case("REH-12.1", SelfPaidSubsidyApplied, {"period_to": "2025-07-31"}, refuses="period_reversed /data/period_to"),
    Case("REH-12.2", SelfPaidSubsidyApplied, {"self_paid": "820.01"}, flags="above_reported_cost", given=[MONTH],
         fine={"self_paid": "820.00"}),
    Case("REH-12.2", SelfPaidSubsidyApplied, {"self_paid": "1220.00"}, flags="above_reported_cost",
         fine={"self_paid": "1220.00"}, given=[MONTH, (AssistiveDeviceFitted, {"fitted_on": "2025-07-31"}, "person")],
         fine_given=[MONTH, (AssistiveDeviceFitted, {"fitted_on": "2025-08-01"}, "person")]),
    Case("REH-13.a", SelfPaidSubsidyDecided, refuses="out_of_order /process", fine_given=[CLAIMED]),
    Case("REH-13.1", SelfPaidSubsidyDecided, {"rate": None}, refuses="amount_missing /data/rate",
         fine=REFUSED | {"eligible_self_paid": None, "rate": None, "amount": None}),
    Case("REH-13.2", SelfPaidSubsidyDecided, {"amount": "2050.01"}, refuses="amount_above_rate /data/amount"),
    Case("REH-13.2", SelfPaidSubsidyDecided, {"eligible_self_paid": "33.33", "amount": "16.68"},
         refuses="amount_above_rate /data/amount", fine={"eligible_self_paid": "33.33", "amount": "16.67"}),
    Case("REH-13.3", SelfPaidSubsidyDecided, {"eligible_self_paid": "4100.01"},
         refuses="above_application /data/eligible_self_paid", given=[CLAIMED]),
    Case("REH-13.4", SelfPaidSubsidyDecided, NO_DOCUMENT, refuses="above_parameter /data/amount", fine=NO_DOCUMENT,
         given=claim("3950.01"), fine_given=claim("3950.00")),
    Case("REH-13.4", SelfPaidSubsidyDecided, NO_DOCUMENT, refuses="above_parameter /data/amount", fine=NO_DOCUMENT,
         given=claim("3950.01"), fine_given=claim("3950.01", to="2024-12-31")),
    Case("REH-13.5", SelfPaidSubsidyDecided, flags="departs_from_parameter",
         given=claim("3950.01"), fine_given=claim("3950.00")),
    Case("REH-13.6", SelfPaidSubsidyDecided, {"rate": "0.6"}, flags="departs_from_parameter"),
]  # fmt: skip

IMPLANTS = [
    Case("REH-15.a", CochlearSubsidyApplied, refuses="out_of_order /subject", fine_given=[REPORT]),
    Case("REH-15.1", CochlearSubsidyApplied, {"report_event": "example-0002"}, given=[REPORT],
         refuses="reference_unknown /data/report_event"),
    Case("REH-16.a", CochlearSubsidyDecided, refuses="out_of_order /process", fine_given=[ASKED_FOR_IMPLANT]),
    Case("REH-16.1", CochlearSubsidyDecided, {"fund": None}, refuses="amount_missing /data/fund",
         fine=REFUSED | {"amount": None, "fund": None}),
    *(
        Case("REH-16.2", CochlearSubsidyDecided, NO_DOCUMENT, refuses="conditions_not_met /data/decision",
             fine=NO_DOCUMENT, given=report(**wrong), fine_given=report())
        for wrong in ({"hospital_level": "3B"}, {"hearing_grade": "3"}, {"meets_condition": False},
                      {"indication": False})
    ),
    Case("REH-16.2", CochlearSubsidyDecided, NO_DOCUMENT, refuses="conditions_not_met /data/decision",
         fine=NO_DOCUMENT | REFUSED, given=report(hospital_level="3B")),
    Case("REH-16.3", CochlearSubsidyDecided, flags="departs_from_parameter", given=report(hearing_grade="3"),
         fine_given=report(hearing_grade="2")),
    Case("REH-16.4", CochlearSubsidyDecided, NO_DOCUMENT, refuses="second_implant /data/decision",
         fine=NO_DOCUMENT | {"side": "left"}, given=[(CochlearSubsidyDecided, "person")]),
    Case("REH-16.4", CochlearSubsidyDecided, NO_DOCUMENT, refuses="second_implant /data/decision", fine=NO_DOCUMENT,
         given=[(CochlearSubsidyDecided, {"side": None}, "person")],
         fine_given=[(CochlearSubsidyDecided, REFUSED, "person")]),
    Case("REH-16.4", CochlearSubsidyDecided, NO_DOCUMENT, refuses="second_implant /data/decision", fine=NO_DOCUMENT,
         given=[(CochlearSubsidyDecided, {"side": "both"}, "person")],
         fine_about={"parameters": {"P-COCHLEAR-SECOND": True}}),
    Case("REH-16.5", CochlearSubsidyDecided, NO_DOCUMENT | {"amount": "12000.01"}, fine=NO_DOCUMENT,
         refuses="above_parameter /data/amount"),
    Case("REH-16.6", CochlearSubsidyDecided, {"amount": "12000.01"}, flags="departs_from_parameter"),
    Case("REH-16.7", CochlearSubsidyDecided, flags="not_difficult", given=[(DifficultFamilyEnded, "family")],
         fine_given=[(DifficultFamilyRecognised, "family")], family=[SUBJECT]),
    Case("REH-16.7", CochlearSubsidyDecided, flags="not_difficult",
         fine_about={"parameters": {"P-COCHLEAR-SCOPE": "any_child"}}),
    Case("REH-17.a", CochlearImplanted, refuses="out_of_order /process",
         fine_given=[(CochlearSubsidyDecided, "process")]),
    Case("REH-17.1", CochlearImplanted, flags="no_approval_in_force",
         given=[(CochlearSubsidyDecided, REFUSED, "process")], fine_given=[(CochlearSubsidyDecided, "process")]),
    Case("REH-18.a", CochlearMapped, refuses="out_of_order /process", fine_given=[(CochlearImplanted, "process")]),
    Case("REH-18.1", CochlearMapped, {"mapping_no": 0}, refuses="mapping_not_counted_from_one /data/mapping_no"),
    Case("REH-18.2", CochlearMapped, {"mapping_no": 3}, flags="mapping_out_of_sequence", fine={"mapping_no": 2},
         given=[(CochlearMapped, "process")]),
]  # fmt: skip

DEVICES = [
    Case("REH-20.a", AssistiveDeviceDecided, refuses="out_of_order /process", fine_given=[ASSESSED]),
    Case("REH-20.1", AssistiveDeviceDecided, {"device_class": "22"}, flags="differs_from_assessment", given=[ASSESSED]),
    Case("REH-20.2", AssistiveDeviceDecided, flags="within_service_life",
         given=[DECIDED, (AssistiveDeviceFitted, {"fitted_on": "2022-03-02"}, "person")],
         fine_given=[DECIDED, (AssistiveDeviceFitted, {"fitted_on": "2022-03-01"}, "person")]),
    Case("REH-20.2", AssistiveDeviceDecided, {"device_class": None}, flags="within_service_life",
         fine={"device_class": "22"},
         given=[ASSESSED, DECIDED, (AssistiveDeviceFitted, {"fitted_on": "2024-03-01"}, "person")]),
    Case("REH-21.a", AssistiveDeviceFitted, refuses="out_of_order /process", fine_given=[ASSESSED]),
    Case("REH-21.1", AssistiveDeviceFitted, {"self_paid": "1200.01"}, refuses="self_paid_above_price /data/self_paid",
         fine={"self_paid": "1200.00"}),
    Case("REH-21.2", AssistiveDeviceFitted, flags="no_approval_in_force",
         given=[(AssistiveDeviceDecided, REFUSED, "process")], fine_given=[DECIDED]),
    Case("REH-22.1", AssistiveDeviceRented, {"due_back": "2025-02-28"}, refuses="period_reversed /data/due_back",
         fine={"due_back": "2025-03-01"}),
    Case("REH-22.2", AssistiveDeviceRented, flags="station_unknown", fine_given=[OPENED],
         given=[(CommunityStationOpened, {"services": ["train"]}, "organisation")]),
    Case("REH-23.a", AssistiveDeviceReturned, refuses="out_of_order /process",
         fine_given=[(AssistiveDeviceRented, "process")]),
    Case("REH-23.1", AssistiveDeviceReturned, refuses="already_ended /process",
         given=[(AssistiveDeviceReturned, "process")], fine_given=[]),
    Case("REH-24.a", AssistiveDeviceMaintained, flags="device_unknown", fine_given=[(AssistiveDeviceRented, "person")]),
]  # fmt: skip

PROVIDERS = [
    Case("REH-25.1", CommunityRehabProvided, flags="station_unknown", fine_given=[OPENED],
         given=[OPENED, (CommunityStationClosed, {"closed_on": "2025-03-01"}, "organisation")]),
    Case("REH-25.1", CommunityRehabProvided, {"served_on": "2025-01-09"}, flags="station_unknown", given=[OPENED]),
    Case("REH-26.1", PsychologicalSupportProvided, {"follow_up_due": "2025-03-01"},
         refuses="period_reversed /data/follow_up_due"),
    Case("REH-26.2", PsychologicalSupportProvided, {"follow_up_due": None}, flags="follow_up_missing"),
    Case("REH-26.2", PsychologicalSupportProvided, {"follow_up_due": None}, flags="follow_up_missing",
         fine={"follow_up_due": None, "risk_flag": False}),
    Case("REH-27.1", InstitutionDesignated, {"valid_to": "2025-01-01"}, refuses="period_reversed /data/valid_to"),
    Case("REH-27.2", InstitutionDesignated, {"uscc": FOUNDATION_CODE}, flags="uscc_implausible", subject=None),
    Case("REH-27.3", InstitutionDesignated, {"division": "422399"}, flags="outside_city", subject=None),
    Case("REH-28.a", InstitutionDesignationEnded, refuses="out_of_order /data/uscc",
         fine_given=[(InstitutionDesignated, "organisation")]),
    Case("REH-28.1", InstitutionDesignationEnded, {"ended_on": "2028-01-01"}, refuses="nothing_to_end /data/ended_on",
         given=[DESIGNATED]),
    Case("REH-28.1", InstitutionDesignationEnded, {"ended_on": "2026-07-01"}, refuses="nothing_to_end /data/ended_on",
         given=[DESIGNATED, (InstitutionDesignationEnded, "organisation")], fine_given=[DESIGNATED]),
    Case("REH-29.a", InstitutionEvaluated, flags="institution_not_designated",
         fine_given=[(InstitutionDesignated, "organisation")]),
    Case("REH-30.1", CommunityStationOpened, {"services": ["train", "train"]},
         refuses="code_named_twice /data/services"),
    Case("REH-30.2", CommunityStationOpened, {"opened_on": "2025-01-11"}, refuses="already_open /data/station",
         fine={"opened_on": "2025-01-11"}, given=[OPENED],
         fine_given=[OPENED, (CommunityStationClosed, {"closed_on": "2025-01-11"}, "organisation")]),
    Case("REH-31.a", CommunityStationClosed, refuses="out_of_order /data/station", fine_given=[OPENED]),
    Case("REH-31.1", CommunityStationClosed, {"closed_on": "2025-01-09"}, refuses="nothing_to_end /data/closed_on",
         given=[OPENED]),
    Case("REH-31.1", CommunityStationClosed, refuses="nothing_to_end /data/closed_on", fine_given=[OPENED],
         given=[OPENED, (CommunityStationClosed, {"closed_on": "2026-06-30"}, "organisation")]),
]  # fmt: skip


@pytest.mark.parametrize("case", [*AID, *TRAINING, *MONEY, *IMPLANTS, *DEVICES, *PROVIDERS], ids=str)
def test_each_rule_refuses_or_flags_what_it_must_and_nothing_else(case: Case) -> None:
    check(case)


# -- through the real door


@pytest.fixture
def federation(department: Callable[[str], Department]) -> Department:
    return department("disability_federation")


def training(process: str = "RA-1", institution: Any = CENTRE) -> tuple[Event, Event, Event]:
    """Return an application, its approval, and the start of a training, none of which is flagged for its fees."""
    applied = {"items": ["TRAIN"], "category": "HEA", "aid_year": 2025}
    decided = {"decision": "approved", "aid_from": "2025-01-01", "aid_to": "2025-12-31", "annual_limit": "9000.00"}
    started = {"institution": institution, "mode": "FULL", "started_on": "2025-02-01"}
    return (
        by_federation("rehab_aid_applied", process=process, **applied),
        by_federation("rehab_aid_decided", process=process, **decided),
        by_federation("rehab_started", process=process, **started),
    )


def month(number: int, aided: str) -> Event:
    fees = {"fee_total": aided, "fee_aided": aided, "fee_self": "0.00", "sessions": 9, "hours": "18"}
    return by_federation("rehab_month_reported", process="RA-1", month=f"2025-{number:02}", **fees)


def settled(first: int, last: int, amount: str) -> Event:
    period = {"period_from": f"2025-{first:02}", "period_to": f"2025-{last:02}"}
    return by_federation(
        "rehab_fees_settled", process="RA-1", institution=CENTRE, amount=amount, fund="county", **period
    )


def designated(**changes: Any) -> Event:
    known = {"org_name": CENTRE["name"], "uscc": CENTRE["code"], "kind": "REHAB", "division": "421221"}
    term = {"valid_from": "2024-01-01", "valid_to": "2027-12-31"}
    return event("disability_federation.institution_designated", known | term | changes, None)


def test_a_settlement_is_weighed_against_the_months_as_they_stand(federation: Department) -> None:
    march, april = month(3, "1500.00"), month(4, "1500.00")
    assert said_of(federation, designated(), *training(), march, april) == [""] * 6
    assert said_of(federation, settled(3, 4, "3000.01")) == ["settled_above_reported"]
    assert said_of(federation, corrected(march, fee_total="1600.00", fee_aided="1600.00")) == [""]
    paid = settled(3, 4, "3100.00")
    assert said_of(federation, paid, settled(4, 4, "1.00")) == ["", "period_overlaps"]
    said_of(federation, withdrawn(april), withdrawn(paid))
    assert said_of(federation, settled(3, 4, "1600.01")) == ["settled_above_reported"]
    assert said_of(federation, settled(3, 4, "1600.00")) == [""]


def test_an_interruption_lasts_until_the_training_is_resumed_whatever_came_in_first(federation: Department) -> None:
    interrupted = by_federation("rehab_interrupted", process="RA-1", reason="手术", from_date="2025-06-10")
    later = by_federation("rehab_interrupted", process="RA-1", reason="手术", from_date="2025-09-01")
    resumed = by_federation("rehab_resumed", process="RA-1", resumed_on="2025-08-01")
    assert said_of(federation, designated(), *training(), interrupted, later) == [
        "",
        "",
        "",
        "",
        "",
        "already_interrupted",
    ]
    assert said_of(federation, month(6, "10.00"), month(7, "10.00")) == ["", "month_interrupted"]
    assert said_of(federation, resumed, later, month(8, "10.00")) == ["", "", ""]
    earlier = by_federation("rehab_resumed", process="RA-1", resumed_on="2025-08-02")
    assert said_of(federation, earlier, withdrawn(resumed), earlier) == ["not_interrupted", "", ""]


def test_a_designation_is_found_by_its_code_and_ends_as_it_stands(federation: Department) -> None:
    known = designated()
    assert said_of(federation, known, *training()) == ["", "", "", ""]
    ended = event(
        "disability_federation.institution_designation_ended",
        {"uscc": CENTRE["code"], "reason": "机构主动退出", "ended_on": "2025-01-15"},
        None,
    )
    change = by_federation(
        "rehab_institution_changed",
        process="RA-1",
        old_institution=CENTRE,
        new_institution="JG.0001",
        cross_county=False,
        approved_by="科长",
        from_date="2025-04-01",
    )
    back = by_federation(
        "rehab_institution_changed",
        process="RA-1",
        old_institution="JG.0001",
        new_institution=CENTRE,
        cross_county=False,
        approved_by="科长",
        from_date="2025-05-01",
    )
    assert said_of(federation, ended, change, back) == ["", "institution_not_designated", "institution_not_designated"]
    assert said_of(federation, withdrawn(back), withdrawn(ended), back | {"id": "again"}) == ["", "", ""]


def test_a_parameter_of_the_federation_bounds_its_own_decisions(federation: Department) -> None:
    limit = {"parameter": "P-REHAB-ANNUAL", "value": "8000.00", "effective_from": "2025-03-01", "basis_doc": "虚构文件"}
    lowered = event("disability_federation.policy_parameter_set", limit, None)
    applied, decided, _ = training()
    justified = decided | {"id": "with-a-document", "data": decided["data"] | {"basis_doc": "虚构批复"}}
    assert said_of(federation, lowered, applied, decided, justified) == [
        "",
        "",
        "above_parameter",
        "departs_from_parameter",
    ]
    assert said_of(federation, withdrawn(lowered), decided) == ["", ""]


def test_a_hospital_and_a_station_are_found_by_their_codes_whomever_an_event_is_about(federation: Department) -> None:
    hospital, station = "12421299MB0HP00104", {"code": "JY.SQ01", "name": "虚构镇社区康复站"}
    diagnosis = {"category": "HEA", "hospital": hospital, "reported_on": "2025-02-20", "recommend_rehab": True}
    first = by_federation("diagnosis_reported", hospital_level="3A", doc="虚构报告", **diagnosis)
    second = by_federation("diagnosis_reported", SON, hospital_level="3B", doc="虚构报告", **diagnosis)
    assert said_of(federation, first, second) == ["", "hospital_level_differs"]
    services = {"division": "421221", "services": ["rental"]}
    opened = event(
        "disability_federation.community_station_opened",
        services | {"station": station, "opened_on": "2025-01-10"},
        station["code"],
    )
    lent = by_federation("assistive_device_rented", process="DV-1", device_name="助行器", station=station)
    served = by_federation("community_rehab_provided", station=station, service="指导", served_on="2025-02-01")
    assert said_of(federation, lent, served) == ["station_unknown", "station_unknown"]
    again = lent | {"id": "lent-again", "process": "DV-2"}, served | {"id": "again", "subject": SON}
    assert said_of(federation, opened, *again) == ["", "", ""]


def test_a_month_without_its_institution_is_known_by_its_process(federation: Department) -> None:
    first = month(3, "10.00")
    assert said_of(federation, designated(), *training(), first) == [""] * 5
    receipt, _ = federation.receive(first | {"id": "first-again"})
    assert (receipt["id"], receipt["remarks"]) == (first["id"], ["already_recorded"])
    assert said_of(federation, month(3, "11.00")) == ["natural_key_taken"]


def test_two_writers_at_once_cannot_settle_a_month_twice(department: Callable[[str], Department]) -> None:
    writers = [department("disability_federation"), department("disability_federation")]
    assert said_of(writers[0], designated(), *training(), month(3, "90.00")) == [""] * 5
    claims = [settled(3, 3 + turn, "90.00") for turn in range(4)]
    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(said_of, writers[turn % 2], claim) for turn, claim in enumerate(claims)]
        answers = [answer for one in work for answer in one.result()]
    assert sorted(answers) == ["", *["period_overlaps"] * 3]
