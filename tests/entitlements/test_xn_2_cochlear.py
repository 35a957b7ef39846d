"""XN-2①: the subsidy for cochlear implants, state by state."""

import pytest

from services.disability_federation.certificates.events import DisabilityCertificateMigrated
from services.disability_federation.registry.events import DifficultFamilyEnded, GapActionRecorded, ServiceDeclined
from services.disability_federation.rehabilitation.events import (
    CochlearImplanted,
    CochlearReportIssued,
    CochlearSubsidyApplied,
    CochlearSubsidyDecided,
    DiagnosisReported,
    RehabAidApplied,
    RehabAidDecided,
    RehabInstitutionChanged,
    RehabStarted,
)
from services.disability_federation.rehabilitation.providers.events import InstitutionDesignated
from services.finance.events import BenefitPaid
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, number, parameter, shown

HERE, THERE = "52421299MJXREH015B", "52421299MJXREH0311"


def _recognised(day: str = "2025-02-21") -> History:
    return History().opened("2025-01-08").recognised(day)


def _diagnosed() -> History:
    history = _recognised()
    history.say(DiagnosisReported, "2025-02-24", CHILD, category="HEA", reported_on="2025-02-24")
    return history


def _reported(history: History, day: str, level: str = "3A", grade: str = "1", **fields: bool) -> History:
    said = {"meets_condition": True, "indication": True, **fields}
    history.say(CochlearReportIssued, day, CHILD, hospital_level=level, hearing_grade=grade, reported_on=day, **said)
    return history


def _applied(history: History, day: str, process: str = "CI-1") -> History:
    history.say(CochlearSubsidyApplied, day, CHILD, process=process)
    return history


def _decided(
    history: History, day: str, decision: str = "approved", reason: str = "", process: str = "CI-1"
) -> History:
    said = {"decision": decision, "refuse_reason": reason or None}
    history.say(CochlearSubsidyDecided, day, CHILD, process=process, **said)
    return history


def _implanted(history: History, day: str, side: str = "right") -> History:
    history.say(CochlearImplanted, day, CHILD, side=side, implanted_on=day)
    return history


def _paid(history: History, day: str, process: str = "CI-1") -> History:
    said = {"benefit": "COCHLEAR", "amount": "12000.00", "paid_on": day, "fund": "city"}
    history.say(BenefitPaid, day, CHILD, process=process, **said)
    return history


def _granted() -> History:
    return _decided(_applied(_reported(_diagnosed(), "2025-05-12"), "2025-05-14"), "2025-05-26")


# -- who is meant


def test_e03_a_child_who_hears_is_not_meant() -> None:
    history = _recognised().certified("2025-01-10")

    assert shown(history.judged("E03", "2025-03-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e03_a_component_of_a_multiple_disability_is_a_hearing_disability() -> None:
    components = [{"category": "2", "grade": "1"}, {"category": "4", "grade": "2"}]
    history = _recognised().certified("2025-01-10", category="7", components=components)

    assert shown(history.judged("E03", "2025-03-01", CHILD)) == ("UNKNOWN", {"G5": "2025-02-21"}, {})


def test_e03_before_recognition_a_child_has_to_wait() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10", category="2")

    assert shown(history.judged("E03", "2025-02-20", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e03_a_small_child_without_a_report_of_the_right_hospital_cannot_be_told() -> None:
    verdict = _diagnosed().judged("E03", "2025-02-28", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-24"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("CochlearReportIssued 3A", "DPF")]


def test_e03_a_small_child_with_no_more_than_a_need_or_a_lower_report_cannot_be_told() -> None:
    need = _recognised().surveyed("2025-03-01", "COCH", person=CHILD)
    assert shown(need.judged("E03", "2025-03-02", CHILD)) == ("UNKNOWN", {"G5": "2025-03-01"}, {})

    lower = _reported(_recognised(), "2025-03-05", "3B")
    assert shown(lower.judged("E03", "2025-03-06", CHILD)) == ("UNKNOWN", {"G5": "2025-03-05"}, {})


@pytest.mark.parametrize("shown_by", ["certificate", "lower_report", "need"])
def test_e03_from_the_seventh_birthday_nobody_asks_for_a_report(shown_by: str) -> None:
    history = _recognised()
    match shown_by:
        case "certificate":
            history.certified("2025-01-10", category="2")
        case "lower_report":
            _reported(history, "2025-03-05", "3B")
        case _:
            history.surveyed("2025-03-01", "COCH", person=CHILD)

    assert shown(history.judged("E03", "2026-05-11", CHILD))[0] == "UNKNOWN"
    assert shown(history.judged("E03", "2026-05-12", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e03_a_certified_grade_outside_the_list_excludes_unless_there_is_a_report() -> None:
    history = _recognised().certified("2025-01-10", category="2", grade="3")
    assert shown(history.judged("E03", "2025-03-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    _reported(history, "2025-03-10")
    verdict = history.judged("E03", "2025-03-11", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-03-10"})


@pytest.mark.parametrize("failing", [{"grade": "3"}, {"meets_condition": False}, {"indication": False}])
def test_e03_a_report_in_which_anything_else_fails_excludes(failing: dict[str, str]) -> None:
    history = _reported(_diagnosed(), "2025-05-12", **failing)  # type: ignore[arg-type]

    assert shown(history.judged("E03", "2025-05-12", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e03_a_report_counts_at_any_age_of_childhood() -> None:
    grown = number("2010-05-12", 4)
    history = History().opened("2025-01-08", PARENT, grown).recognised("2025-02-21")
    said = {"hospital_level": "3A", "hearing_grade": "2", "meets_condition": True, "indication": True}
    history.say(CochlearReportIssued, "2025-03-03", grown, reported_on="2025-03-03", **said)

    assert shown(history.judged("E03", "2025-03-03", grown))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E03", "2028-05-12", grown)) == ("NOT_APPLICABLE", {}, {})


def test_e03_with_every_child_meant_recognition_does_not_matter() -> None:
    history = _reported(History().opened("2025-01-08"), "2025-02-12")
    parameter(history, "P-COCHLEAR-SCOPE", "any_child", OTHER_COUNTY)
    assert shown(history.judged("E03", "2025-02-13", CHILD))[0] == "NOT_ELIGIBLE"

    parameter(history, "P-COCHLEAR-SCOPE", "any_child")
    assert str(history.judged("E03", "2025-02-13", CHILD).due) == "2025-04-13"


def test_e03_a_family_that_was_difficult_when_it_applied_stays_meant() -> None:
    history = _applied(_reported(_diagnosed(), "2025-05-12"), "2025-05-14")
    history.say(DifficultFamilyEnded, "2025-05-20", PARENT, effective_to="2025-05-20", reason="voluntary")

    assert shown(history.judged("E03", "2025-05-21", CHILD))[0] == "PENDING"


def test_e03_where_training_in_the_city_is_asked_for_the_offer_waits_for_it() -> None:
    history = _reported(_diagnosed(), "2025-05-12")
    parameter(history, "P-LOCAL-INST-SCOPE", "both")
    assert shown(history.judged("E03", "2025-06-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    history.say(RehabAidApplied, "2025-06-02", CHILD, process="RA-1", aid_year=2025)
    said = {"decision": "approved", "aid_from": "2025-06-05", "aid_to": "2025-12-31"}
    history.say(RehabAidDecided, "2025-06-05", CHILD, process="RA-1", **said)
    assert str(history.judged("E03", "2025-06-05", CHILD).due) == "2025-08-04"

    away = {"uscc": THERE, "kind": "REHAB", "division": "422399", "valid_from": "2025-01-01", "valid_to": "2027-12-31"}
    history.say(InstitutionDesignated, "2025-01-02", None, **away)
    history.say(RehabStarted, "2025-06-10", CHILD, process="RA-1", started_on="2025-06-10", institution=THERE)
    assert shown(history.judged("E03", "2025-06-10", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    moved = {"old_institution": THERE, "new_institution": HERE, "cross_county": True, "from_date": "2025-07-01"}
    history.say(RehabInstitutionChanged, "2025-07-01", CHILD, process="RA-1", **moved)
    assert str(history.judged("E03", "2025-07-01", CHILD).due) == "2025-08-30"


# -- applied, decided, implanted, paid


def test_e03_from_report_to_payment() -> None:
    history = _reported(_reported(_diagnosed(), "2025-04-15", "3B"), "2025-05-12")
    assert str(history.judged("E03", "2025-05-12", CHILD).due) == "2025-07-11"
    assert shown(history.judged("E03", "2025-07-12", CHILD)) == ("GAP", {"G1": "2025-07-12"}, {})

    _applied(history, "2025-05-14")
    assert str(history.judged("E03", "2025-05-14", CHILD).due) == "2025-06-12"
    assert shown(history.judged("E03", "2025-06-13", CHILD)) == ("GAP", {"G2": "2025-06-13"}, {})

    _decided(history, "2025-05-26")
    assert shown(history.judged("E03", "2026-12-31", CHILD)) == ("PENDING", {}, {})

    _implanted(history, "2025-06-17")
    assert str(history.judged("E03", "2025-06-17", CHILD).due) == "2025-08-16"
    verdict = history.judged("E03", "2025-08-17", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2025-08-17"}, {})
    assert [(one.department, one.division) for one in verdict.gaps] == [("FIN", COUNTY)]

    _paid(history, "2025-09-01")
    assert shown(history.judged("E03", "2025-09-01", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E03", "2030-01-01", CHILD)) == ("MET", {}, {})


def test_e03_an_implant_before_the_decision_is_paid_after_it() -> None:
    history = _implanted(_applied(_reported(_diagnosed(), "2025-05-12"), "2025-05-14"), "2025-05-20")

    assert str(_decided(history, "2025-05-26").judged("E03", "2025-05-26", CHILD).due) == "2025-07-25"


def test_e03_an_unpaid_implant_can_be_held() -> None:
    history = _implanted(_granted(), "2025-06-17")
    said = {"entitlement": "E03", "gap_type": "G3", "hold_until": "2025-09-30", "person": CHILD}
    history.say(GapActionRecorded, "2025-09-01", PARENT, **said)

    assert shown(history.judged("E03", "2025-09-30", CHILD)) == ("HELD", {"G3": "2025-08-17"}, {})


def test_e03_a_second_ear_is_followed_only_where_it_is_allowed() -> None:
    history = _paid(_implanted(_granted(), "2025-06-17"), "2025-07-25")
    _applied(history, "2026-03-02", "CI-2")
    assert shown(history.judged("E03", "2026-03-02", CHILD)) == ("MET", {}, {})

    parameter(history, "P-COCHLEAR-SECOND", "true")
    assert shown(history.judged("E03", "2026-03-02", CHILD)) == ("PENDING", {}, {})
    _decided(history, "2026-03-10", process="CI-2")
    assert shown(history.judged("E03", "2026-12-31", CHILD)) == ("PENDING", {}, {})
    _implanted(history, "2026-04-01", "left")
    _paid(history, "2026-05-01", "CI-2")
    assert shown(history.judged("E03", "2026-05-01", CHILD)) == ("MET", {}, {})


def test_e03_a_grant_stands_when_a_later_report_speaks_against_it_unless_grants_end_at_once() -> None:
    history = _reported(_granted(), "2025-06-01", indication=False)
    assert shown(history.judged("E03", "2025-06-02", CHILD))[0] == "PENDING"

    parameter(history, "P-GRACE", "immediate")
    assert shown(history.judged("E03", "2025-06-02", CHILD))[0] == "NOT_ELIGIBLE"


def test_e03_another_claim_that_is_refused_does_not_end_a_grant() -> None:
    history = _implanted(_granted(), "2025-06-17")
    _decided(_applied(history, "2025-07-01", "CI-2"), "2025-07-10", "refused", "document", "CI-2")

    assert shown(history.judged("E03", "2025-08-17", CHILD)) == ("GAP", {"G3": "2025-08-17"}, {})


# -- refused, declined


def test_e03_a_refusal_for_the_hospital_is_formal() -> None:
    history = _applied(_reported(_diagnosed(), "2025-04-15", "3B"), "2025-04-16")
    _decided(history, "2025-04-23", "refused", "institution")

    assert shown(history.judged("E03", "2025-04-30", CHILD)) == ("UNKNOWN", {"G5": "2025-02-24"}, {})


def test_e03_a_refusal_for_the_hospital_against_a_right_report_is_contradicted() -> None:
    history = _applied(_reported(_diagnosed(), "2025-05-12"), "2025-05-14")
    _decided(history, "2025-05-26", "refused", "institution")

    verdict = history.judged("E03", "2025-05-30", CHILD)
    assert (shown(verdict), str(verdict.due)) == (
        ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-05-26"}),
        "2025-07-25",
    )


@pytest.mark.parametrize("reason", ["fund", "other", "age", "category", "economy", "duplicate", "hukou", "level"])
def test_e03_a_refusal_that_the_facts_contradict_is_warned_of_until_a_new_claim(reason: str) -> None:
    history = _applied(_reported(_diagnosed(), "2025-05-12"), "2025-05-14")
    _decided(history, "2025-05-26", "refused", reason)

    assert shown(history.judged("E03", "2025-07-25", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-05-26"})
    assert shown(history.judged("E03", "2025-07-26", CHILD))[1] == {"G1": "2025-07-26"}
    _applied(history, "2025-08-01", "CI-2")
    assert shown(history.judged("E03", "2025-08-01", CHILD)) == ("PENDING", {}, {})


def test_e03_a_refusal_for_the_grade_holds_until_another_report() -> None:
    history = _applied(_reported(_diagnosed(), "2025-04-15", grade="3"), "2025-04-16")
    _decided(history, "2025-04-23", "refused", "category")
    assert shown(history.judged("E03", "2025-05-11", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    _reported(history, "2025-05-12")
    assert shown(history.judged("E03", "2025-05-12", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e03_an_open_claim_is_excluded_by_its_report_and_a_paid_one_is_not() -> None:
    history = _reported(_applied(_reported(_diagnosed(), "2025-05-12"), "2025-05-14"), "2025-05-20", grade="4")

    assert shown(history.judged("E03", "2025-05-21", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e03_who_declines_is_left_alone_until_the_decline_ends() -> None:
    history = _reported(_diagnosed(), "2025-05-12")
    history.say(ServiceDeclined, "2025-06-01", CHILD, need="COCH", declined_by=PARENT, until="2025-08-31")

    assert shown(history.judged("E03", "2025-08-31", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E03", "2025-09-01", CHILD).due) == "2025-10-30"
    assert shown(_applied(history, "2025-07-01").judged("E03", "2025-07-01", CHILD))[0] == "PENDING"


@pytest.mark.parametrize(
    ("name", "value", "day", "before", "after"),
    [
        ("P-COCHLEAR-APPLY-D", "10", "2025-05-30", "ELIGIBLE_NOT_APPLIED", "GAP"),
        ("P-COCHLEAR-GRADES", "2", "2025-05-30", "ELIGIBLE_NOT_APPLIED", "NOT_ELIGIBLE"),
        ("P-COCHLEAR-HOSP", "3B", "2025-05-30", "ELIGIBLE_NOT_APPLIED", "UNKNOWN"),
        ("P-COCHLEAR-ASK-AGE", "4", "2025-05-10", "UNKNOWN", "NOT_ELIGIBLE"),
        ("P-COCHLEAR-DECIDE-WD", "2", "2025-06-20", "PENDING", "GAP"),
        ("P-COCHLEAR-PAY-D", "10", "2025-08-20", "PENDING", "GAP"),
    ],
)
def test_e03_a_countys_own_value_moves_that_county_alone(
    name: str, value: str, day: str, before: str, after: str
) -> None:
    history = _applied(_reported(_diagnosed(), "2025-05-12"), "2025-06-10")
    _implanted(_decided(history, "2025-06-24"), "2025-07-10")

    anywhere = "421200" if name in {"P-COCHLEAR-GRADES", "P-COCHLEAR-HOSP"} else COUNTY
    if anywhere == COUNTY:
        parameter(history, name, value, OTHER_COUNTY)
    assert shown(history.judged("E03", day, CHILD))[0] == before
    parameter(history, name, value, anywhere, recorded="2033-01-03")
    assert shown(history.judged("E03", day, CHILD))[0] == after
    assert shown(history.judged("E03", day, CHILD, known="2033-01-02"))[0] == before


def test_e03_a_certificate_that_differs_is_warned_of_since_then_also_after_it_has_moved() -> None:
    history = History().opened("2025-01-06").certified("2025-02-20", CHILD, category="2", grade="3")
    history.certified("2025-02-20", PARENT).recognised("2025-03-01")
    _reported(history, "2025-03-10", grade="1")
    history.say(DisabilityCertificateMigrated, "2025-04-20", CHILD, migrated_on="2025-04-20")

    assert shown(history.judged("E03", "2025-04-20", CHILD))[2] == {"G8": "2025-03-10"}
