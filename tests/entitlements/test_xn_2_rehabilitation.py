"""XN-2: aid for rehabilitation, state by state."""

import pytest

from services.disability_federation.certificates.events import DisabilityCertificateCancelled
from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    GapActionRecorded,
    HouseholdMoved,
    MemberRelationRecorded,
    PolicyParameterSet,
    ServiceDeclined,
)
from services.disability_federation.rehabilitation.events import (
    DiagnosisReported,
    RehabAidApplied,
    RehabAidDecided,
    RehabEnded,
    RehabInstitutionChanged,
    RehabInterrupted,
    RehabMonthReported,
    RehabResumed,
    RehabStarted,
)
from services.disability_federation.rehabilitation.providers.events import (
    InstitutionDesignated,
    InstitutionDesignationEnded,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, number, parameter, shown

HERE, ELSEWHERE = "52421299MJXREH015B", "52421299MJXREH0311"
OUTSIDE = "422399"


def _diagnosed(day: str = "2025-01-10") -> History:
    history = History().opened("2025-01-08")
    history.say(DiagnosisReported, day, CHILD, category="AUT", recommend_rehab=True, reported_on=day)
    return history


def _applied(history: History, day: str, year: int = 0, process: str = "RA-1", **attributes: str) -> History:
    history.say(RehabAidApplied, day, CHILD, process=process, aid_year=year or int(day[:4]), **attributes)
    return history


def _granted(history: History, day: str, last: str = "", process: str = "RA-1", first: str = "") -> History:
    said = {"decision": "approved", "aid_from": first or day, "aid_to": last or f"{day[:4]}-12-31"}
    history.say(RehabAidDecided, day, CHILD, process=process, **said)
    return history


def _refused(history: History, day: str, reason: str, decision: str = "refused", process: str = "RA-1") -> History:
    history.say(RehabAidDecided, day, CHILD, process=process, decision=decision, refuse_reason=reason)
    return history


def _aided() -> History:
    return _granted(_applied(_diagnosed(), "2025-02-03"), "2025-02-10")


def _started(history: History, day: str, where: str = HERE, process: str = "RA-1") -> History:
    history.say(RehabStarted, day, CHILD, process=process, started_on=day, institution=where)
    return history


def _trained(history: History, *months: str, day: str = "28", process: str = "RA-1") -> History:
    for month in months:
        history.say(RehabMonthReported, f"{month}-{day}", CHILD, process=process, month=month)
    return history


# -- who is meant


def test_e02_a_child_of_whom_nothing_is_known_is_not_meant() -> None:
    assert shown(History().opened("2025-01-08").judged("E02", "2025-02-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e02_an_adult_is_not_meant_whatever_they_have() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10", PARENT)

    assert shown(history.judged("E02", "2025-02-01", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e02_a_diagnosis_of_any_hospital_begins_the_first_clock() -> None:
    history = _diagnosed()

    verdict = history.judged("E02", "2025-03-11", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-03-11")
    verdict = history.judged("E02", "2025-03-12", CHILD)
    assert shown(verdict) == ("GAP", {"G1": "2025-03-12"}, {})
    assert [(one.department, one.division) for one in verdict.gaps] == [("DPF", COUNTY)]


def test_e02_a_diagnosis_that_recommends_nothing_is_none() -> None:
    history = History().opened("2025-01-08")
    history.say(DiagnosisReported, "2025-01-10", CHILD, recommend_rehab=False, reported_on="2025-01-10")

    assert shown(history.judged("E02", "2025-02-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e02_a_child_who_was_never_aided_keeps_the_first_clock_across_years() -> None:
    assert shown(_diagnosed().judged("E02", "2026-12-31", CHILD)) == ("GAP", {"G1": "2025-03-12"}, {})


def test_e02_a_need_alone_does_not_show_it() -> None:
    history = History().opened("2025-01-08").surveyed("2025-02-01", "REHAB", person=CHILD)

    verdict = history.judged("E02", "2025-02-10", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-01"}, {})
    assert {(one.type, one.department) for one in verdict.missing} == {
        ("DiagnosisReported", "DPF"),
        ("DisabilityCertificateIssued", "DPF"),
    }


def test_e02_a_certificate_that_is_gone_excludes_and_a_diagnosis_brings_it_back() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10")
    history.say(DisabilityCertificateCancelled, "2025-02-01", CHILD, cancelled_on="2025-02-01")

    assert shown(history.judged("E02", "2025-02-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    history.say(DiagnosisReported, "2025-03-01", CHILD, recommend_rehab=True, reported_on="2025-03-01")
    assert str(history.judged("E02", "2025-03-02", CHILD).due) == "2025-04-30"


def test_e02_a_certificate_that_was_renewed_after_it_expired_begins_anew() -> None:
    history = History().opened("2025-01-08").certified("2024-06-01", valid_to="2025-02-01")
    history.certified("2025-06-01")

    assert shown(history.judged("E02", "2025-02-02", CHILD))[0] == "NOT_ELIGIBLE"
    assert str(history.judged("E02", "2025-06-01", CHILD).due) == "2025-07-31"


def test_e02_a_diagnosis_goes_on_proving_what_a_certificate_proved() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10", valid_to="2025-06-30")
    history.say(DiagnosisReported, "2025-05-06", CHILD, recommend_rehab=True, reported_on="2025-05-06")

    assert shown(history.judged("E02", "2025-06-30", CHILD)) == ("GAP", {"G1": "2025-03-12"}, {})
    assert shown(history.judged("E02", "2025-07-01", CHILD)) == ("GAP", {"G1": "2025-03-12"}, {})


def test_e02_who_moved_out_of_the_city_altogether_is_excluded() -> None:
    history = _diagnosed()
    for kind in ("hukou", "residence"):
        said = {"move_kind": kind, "from_division": COUNTY, "to_division": OUTSIDE, "moved_on": "2025-02-01"}
        history.say(HouseholdMoved, "2025-02-01", PARENT, persons=None, **said)
        expected = "ELIGIBLE_NOT_APPLIED" if kind == "hukou" else "NOT_ELIGIBLE"
        assert shown(history.judged("E02", "2025-02-01", CHILD))[0] == expected


def test_e02_a_move_of_others_leaves_the_child_here() -> None:
    history = _diagnosed()
    for kind in ("hukou", "residence"):
        said = {"move_kind": kind, "from_division": COUNTY, "to_division": OUTSIDE, "moved_on": "2025-02-01"}
        history.say(HouseholdMoved, "2025-02-01", PARENT, persons=[PARENT], **said)

    assert shown(history.judged("E02", "2025-02-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e02_who_comes_back_into_the_city_is_offered_it_from_that_day() -> None:
    history = History().opened("2025-01-08", hukou_division=OUTSIDE)
    history.say(DiagnosisReported, "2025-01-10", CHILD, recommend_rehab=True, reported_on="2025-01-10")
    history.say(MemberRelationRecorded, "2025-01-12", CHILD, coresident=True, hukou_division=OUTSIDE)
    for there, back, day in ((COUNTY, OUTSIDE, "2025-02-01"), (OUTSIDE, OTHER_COUNTY, "2025-06-01")):
        said = {"move_kind": "residence", "from_division": there, "to_division": back, "moved_on": day}
        history.say(HouseholdMoved, day, PARENT, persons=None, **said)

    assert shown(history.judged("E02", "2025-05-31", CHILD))[0] == "NOT_ELIGIBLE"
    assert str(history.judged("E02", "2025-06-01", CHILD).due) == "2025-07-31"


@pytest.mark.parametrize(
    ("basis", "birthday_year", "after"),
    [("birthday", "NOT_APPLICABLE", ""), ("jan1", "GAP", ""), ("aid_year", "GAP", "")],
)
def test_e02_the_age_is_that_of_the_day_or_of_the_first_of_january(basis: str, birthday_year: str, after: str) -> None:
    young = number("2009-06-15", 4)
    history = History().opened("2025-01-08", PARENT, young).certified("2025-01-10", young)
    parameter(history, "P-REHAB-AGE-BASIS", basis)

    assert shown(history.judged("E02", "2025-06-14", young))[0] == "GAP"
    assert shown(history.judged("E02", "2025-06-15", young))[0] == birthday_year
    assert shown(history.judged("E02", "2026-01-01", young))[0] == (after or "NOT_APPLICABLE")


@pytest.mark.parametrize(
    ("basis", "begins", "due"),
    [
        ("birthday", "2025-05-12", "2025-07-11"),
        ("jan1", "2026-01-01", "2026-03-02"),
    ],
)
def test_e02_a_lower_age_limit_begins_the_clock_when_it_is_reached(basis: str, begins: str, due: str) -> None:
    history = _diagnosed()
    parameter(history, "P-REHAB-AGE-FROM", "6")
    parameter(history, "P-REHAB-AGE-BASIS", basis)

    assert shown(history.judged("E02", "2025-05-11", CHILD))[0] == "NOT_APPLICABLE"
    assert str(history.judged("E02", begins, CHILD).due) == due


def test_e02_aid_granted_before_the_age_limit_runs_to_its_end() -> None:
    old = number("2009-06-15", 4)
    history = History().opened("2025-01-08", PARENT, old).certified("2025-01-10", old)
    history.say(RehabAidApplied, "2025-02-03", old, process="RA-1", aid_year=2025)
    said = {"decision": "approved", "aid_from": "2025-02-10", "aid_to": "2025-12-31"}
    history.say(RehabAidDecided, "2025-02-10", old, process="RA-1", **said)
    history.say(RehabStarted, "2025-03-01", old, process="RA-1", started_on="2025-03-01", institution=HERE)

    assert shown(history.judged("E02", "2025-12-31", old)) == ("LAPSED", {"G4": "2025-06-01"}, {})
    assert shown(history.judged("E02", "2026-01-01", old)) == ("NOT_APPLICABLE", {}, {})


def test_e02_where_only_difficult_families_are_meant_recognition_begins_the_clock() -> None:
    history = _diagnosed().recognised("2025-03-01")
    parameter(history, "P-REHAB-NEEDS-DIFFICULT", "true")

    assert shown(history.judged("E02", "2025-02-28", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert str(history.judged("E02", "2025-03-01", CHILD).due) == "2025-04-30"


# -- applied, decided, begun


def test_e02_an_application_is_decided_within_ten_working_days() -> None:
    history = _applied(_diagnosed(), "2025-04-01")

    verdict = history.judged("E02", "2025-04-16", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-04-16")
    assert shown(history.judged("E02", "2025-04-17", CHILD)) == ("GAP", {"G2": "2025-04-17"}, {})


def test_e02_an_application_for_another_year_is_not_one_for_this() -> None:
    history = _applied(_diagnosed("2025-11-20"), "2025-12-15", 2026)

    assert shown(history.judged("E02", "2025-12-20", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E02", "2026-01-02", CHILD)) == ("GAP", {"G2": "2025-12-30"}, {})


def test_e02_granted_aid_begins_within_thirty_days() -> None:
    history = _aided()

    verdict = history.judged("E02", "2025-03-12", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-03-12")
    assert shown(history.judged("E02", "2025-03-13", CHILD)) == ("GAP", {"G3": "2025-03-13"}, {})
    assert shown(_started(history, "2025-04-01").judged("E02", "2025-04-01", CHILD))[0] == "MET"


def test_e02_what_was_begun_late_was_open_until_the_day_before() -> None:
    history = _started(_aided(), "2025-04-01")

    assert shown(history.judged("E02", "2025-03-31", CHILD)) == ("GAP", {"G3": "2025-03-13"}, {})


def test_e02_a_gap_of_a_granted_aid_can_be_held() -> None:
    history = _aided()
    said = {"entitlement": "E02", "gap_type": "G3", "hold_until": "2025-05-31", "person": CHILD}
    history.say(GapActionRecorded, "2025-03-20", PARENT, **said)

    assert shown(history.judged("E02", "2025-03-20", CHILD)) == ("HELD", {"G3": "2025-03-13"}, {})
    assert shown(history.judged("E02", "2025-06-01", CHILD))[0] == "GAP"


def test_e02_aid_for_the_next_year_does_not_hide_that_of_this_year() -> None:
    history = _started(_aided(), "2025-03-01")
    _granted(_applied(history, "2025-12-01", 2026, "RA-2"), "2025-12-10", "2026-12-31", "RA-2", "2026-01-01")

    assert shown(history.judged("E02", "2025-12-20", CHILD)) == ("LAPSED", {"G4": "2025-06-01"}, {})
    assert str(history.judged("E02", "2026-01-01", CHILD).due) == "2026-01-09"


# -- month after month


def test_e02_two_full_months_without_a_record_have_come_to_a_stop() -> None:
    history = _trained(_started(_aided(), "2025-08-04"), "2025-08")

    verdict = history.judged("E02", "2025-10-31", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("MET", {}, {}), "2025-10-31")
    verdict = history.judged("E02", "2025-11-01", CHILD)
    assert shown(verdict) == ("LAPSED", {"G4": "2025-11-01"}, {})
    assert verdict.because["months"] == 2


def test_e02_the_next_record_closes_it() -> None:
    history = _trained(_started(_aided(), "2025-08-04"), "2025-08", "2025-11")

    assert shown(history.judged("E02", "2025-11-27", CHILD))[0] == "LAPSED"
    assert shown(history.judged("E02", "2025-11-28", CHILD))[0] == "MET"


def test_e02_a_record_that_comes_late_was_missing_until_then() -> None:
    history = _trained(_started(_aided(), "2025-08-04"), "2025-08")
    history.say(RehabMonthReported, "2025-11-20", CHILD, process="RA-1", month="2025-10")

    assert shown(history.judged("E02", "2025-11-19", CHILD))[0] == "LAPSED"
    assert shown(history.judged("E02", "2025-12-31", CHILD))[0] == "MET"


def test_e02_a_single_missing_month_between_two_is_no_stop() -> None:
    history = _trained(_started(_aided(), "2025-08-04"), "2025-08", "2025-10", "2025-12")

    assert shown(history.judged("E02", "2025-12-31", CHILD))[0] == "MET"


def test_e02_months_touched_by_an_interruption_are_not_required() -> None:
    history = _trained(_started(_aided(), "2025-05-06"), "2025-05")
    history.say(RehabInterrupted, "2025-06-20", CHILD, process="RA-1", from_date="2025-06-20")
    history.say(RehabResumed, "2025-09-01", CHILD, process="RA-1", resumed_on="2025-09-01")

    assert shown(history.judged("E02", "2025-11-30", CHILD))[0] == "MET"
    assert shown(history.judged("E02", "2025-12-01", CHILD)) == ("LAPSED", {"G4": "2025-12-01"}, {})


def test_e02_after_a_resumption_counting_begins_anew() -> None:
    history = _trained(_started(_aided(), "2025-03-06"), "2025-03")
    history.say(RehabInterrupted, "2025-05-02", CHILD, process="RA-1", from_date="2025-05-02")
    history.say(RehabResumed, "2025-06-10", CHILD, process="RA-1", resumed_on="2025-06-10")

    assert shown(history.judged("E02", "2025-08-31", CHILD))[0] == "MET"  # April, and July and August
    assert shown(history.judged("E02", "2025-09-01", CHILD)) == ("LAPSED", {"G4": "2025-09-01"}, {})


def test_e02_a_pause_without_an_end_stops_the_count_for_six_months_at_most() -> None:
    history = _trained(_started(_aided(), "2025-03-06"), "2025-03")
    history.say(RehabInterrupted, "2025-04-01", CHILD, process="RA-1", from_date="2025-04-01")

    assert shown(history.judged("E02", "2025-11-30", CHILD))[0] == "MET"  # until 30 September nothing is required
    assert shown(history.judged("E02", "2025-12-01", CHILD)) == ("LAPSED", {"G4": "2025-12-01"}, {})


def test_e02_a_month_in_which_the_aid_ends_early_is_not_a_full_one() -> None:
    history = _applied(_diagnosed(), "2025-02-03")
    _trained(_started(_granted(history, "2025-02-10", "2025-06-15"), "2025-03-06"), "2025-04")

    assert shown(history.judged("E02", "2025-06-15", CHILD))[0] == "MET"


def test_e02_where_months_are_not_delivered_it_cannot_be_told() -> None:
    history = _started(_aided(), "2025-03-06")
    feeds = (
        '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true},'
        ' {"division": "*", "department": "DPF", "group": "REH", "from": "2025-09-01", "stock": false}]'
    )
    history.say(PolicyParameterSet, "2025-01-02", None, parameter="P-FEEDS", value=feeds, effective_from="2025-01-01")

    verdict = history.judged("E02", "2025-10-10", CHILD)
    assert shown(verdict) == ("MET", {}, {})  # what was due before the feed began is not tested
    assert shown(history.judged("E02", "2025-11-01", CHILD)) == ("LAPSED", {"G4": "2025-11-01"}, {})


def test_e02_where_nobody_delivers_rehabilitation_it_cannot_be_told() -> None:
    history = _started(_aided(), "2025-03-06")
    feeds = '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'
    history.say(PolicyParameterSet, "2025-01-02", None, parameter="P-FEEDS", value=feeds, effective_from="2025-01-01")

    verdict = history.judged("E02", "2025-06-10", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-06"}, {})
    assert [one.type for one in verdict.missing] == ["RehabMonthReported"]


# -- the institution


def test_e02_an_institution_whose_designation_ended_has_to_be_changed() -> None:
    history = _trained(_started(_aided(), "2025-03-06"), "2025-03", "2025-04", "2025-05", "2025-06")
    history.say(InstitutionDesignationEnded, "2025-06-30", None, uscc=HERE, ended_on="2025-06-30")

    assert shown(history.judged("E02", "2025-06-29", CHILD))[0] == "MET"
    assert shown(history.judged("E02", "2025-06-30", CHILD)) == ("LAPSED", {"G4": "2025-06-30"}, {})

    said = {"old_institution": HERE, "new_institution": ELSEWHERE, "from_date": "2025-07-10", "cross_county": False}
    history.say(RehabInstitutionChanged, "2025-07-10", CHILD, process="RA-1", **said)
    assert shown(history.judged("E02", "2025-07-09", CHILD))[0] == "LAPSED"
    assert shown(history.judged("E02", "2025-07-10", CHILD))[0] == "MET"


def test_e02_an_institution_that_is_designated_anew_may_go_on() -> None:
    history = _trained(_started(_aided(), "2025-03-06"), "2025-03", "2025-04", "2025-05", "2025-06")
    history.say(InstitutionDesignationEnded, "2025-06-10", None, uscc=HERE, ended_on="2025-06-10")
    said = {"uscc": HERE, "kind": "REHAB", "valid_from": "2025-06-20", "valid_to": "2027-06-19", "division": COUNTY}
    history.say(InstitutionDesignated, "2025-06-15", None, **said)

    assert shown(history.judged("E02", "2025-06-19", CHILD))[0] == "LAPSED"
    assert shown(history.judged("E02", "2025-06-20", CHILD))[0] == "MET"


# -- how it ends


@pytest.mark.parametrize("reason", ["aged_out", "goal", "voluntary", "period"])
def test_e02_aid_that_ended_well_is_met_until_the_end_of_the_year(reason: str) -> None:
    history = _started(_aided(), "2025-03-06")
    history.say(RehabEnded, "2025-07-01", CHILD, process="RA-1", reason=reason, ended_on="2025-07-01")

    assert shown(history.judged("E02", "2025-06-30", CHILD))[0] == "LAPSED"
    assert shown(history.judged("E02", "2025-07-01", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E02", "2025-12-31", CHILD)) == ("MET", {}, {})
    verdict = history.judged("E02", "2026-01-01", CHILD)
    assert (shown(verdict)[0], str(verdict.due)) == ("ELIGIBLE_NOT_APPLIED", "2026-03-02")


def test_e02_aid_that_ended_for_another_reason_is_offered_again_the_day_after() -> None:
    history = _started(_aided(), "2025-03-06")
    history.say(RehabEnded, "2025-07-01", CHILD, process="RA-1", reason="institution", ended_on="2025-07-01")

    verdict = history.judged("E02", "2025-07-02", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-08-31")


def test_e02_aid_that_is_over_leaves_no_gap_and_the_next_year_has_a_clock_of_its_own() -> None:
    history = _aided()  # never begun

    assert shown(history.judged("E02", "2025-12-31", CHILD))[0] == "GAP"
    verdict = history.judged("E02", "2026-01-01", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2026-03-02")
    assert shown(history.judged("E02", "2026-03-03", CHILD)) == ("GAP", {"G1": "2026-03-03"}, {})


def test_e02_aid_that_is_over_within_the_year_is_offered_again() -> None:
    history = _granted(_applied(_diagnosed(), "2025-02-03"), "2025-02-10", "2025-06-30")

    verdict = history.judged("E02", "2025-07-01", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-08-30")


def test_e02_a_grant_stands_when_its_proof_is_gone_with_a_warning_unless_grants_end_at_once() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10")
    _trained(_started(_granted(_applied(history, "2025-02-03"), "2025-02-10"), "2025-03-01"), "2025-03", "2025-04")
    history.say(DisabilityCertificateCancelled, "2025-05-05", CHILD, cancelled_on="2025-05-05")

    assert shown(history.judged("E02", "2025-05-06", CHILD)) == ("MET", {}, {"G8": "2025-05-05"})

    _granted(history, "2025-05-20")
    assert shown(history.judged("E02", "2025-05-20", CHILD)) == ("MET", {}, {})

    parameter(history, "P-GRACE", "immediate")
    assert shown(history.judged("E02", "2025-05-04", CHILD))[0] == "MET"
    assert shown(history.judged("E02", "2025-05-05", CHILD))[0] == "NOT_ELIGIBLE"


# -- refusals


def test_e02_a_formal_refusal_is_as_if_nothing_had_been_applied_for() -> None:
    for reason, decision in (("document", "refused"), ("institution", "refused"), ("", "returned")):
        history = _refused(_applied(_diagnosed(), "2025-02-03"), "2025-02-12", reason or "document", decision)

        verdict = history.judged("E02", "2025-02-12", CHILD)
        assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-04-13")


@pytest.mark.parametrize("reason", ["fund", "other", "age", "hukou", "category", "economy", "duplicate", "level"])
def test_e02_a_refusal_that_the_facts_contradict_is_warned_of_until_a_new_claim(reason: str) -> None:
    history = _refused(_applied(_diagnosed(), "2025-02-03"), "2025-02-12", reason)

    verdict = history.judged("E02", "2025-04-13", CHILD)
    assert (shown(verdict), str(verdict.due)) == (
        ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-02-12"}),
        "2025-04-13",
    )
    assert shown(history.judged("E02", "2025-04-14", CHILD)) == (
        "GAP",
        {"G1": "2025-04-14"},
        {"G8": "2025-02-12"},
    )
    _applied(history, "2025-04-20", process="RA-2")
    assert shown(history.judged("E02", "2025-04-20", CHILD)) == ("PENDING", {}, {})


def test_e02_a_refusal_counts_as_applied_for_in_an_earlier_year() -> None:
    history = _refused(_applied(_diagnosed(), "2025-02-03"), "2025-02-12", "document")

    assert shown(history.judged("E02", "2025-12-31", CHILD)) == ("GAP", {"G1": "2025-04-14"}, {})
    assert str(history.judged("E02", "2026-01-01", CHILD).due) == "2026-03-02"


def test_e02_a_refusal_for_want_of_recognition_holds_until_the_family_is_recognised() -> None:
    history = _diagnosed()
    parameter(history, "P-REHAB-NEEDS-DIFFICULT", "true")
    _refused(_applied(history, "2025-02-03"), "2025-02-12", "economy").recognised("2025-03-01")

    assert shown(history.judged("E02", "2025-02-28", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert str(history.judged("E02", "2025-03-01", CHILD).due) == "2025-04-30"


# -- declines


def test_e02_who_declines_is_left_alone_until_the_decline_ends() -> None:
    history = _diagnosed()
    history.say(ServiceDeclined, "2025-02-01", CHILD, need="REHAB", declined_by=PARENT, until="2025-06-30")

    assert shown(history.judged("E02", "2025-06-30", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E02", "2025-07-01", CHILD).due) == "2025-08-29"


def test_e02_a_new_claim_ends_a_decline_but_a_decline_does_not_end_a_grant() -> None:
    history = _applied(_diagnosed(), "2025-03-03")
    history.say(ServiceDeclined, "2025-02-01", CHILD, need="REHAB", declined_by=PARENT)
    assert shown(history.judged("E02", "2025-03-03", CHILD))[0] == "PENDING"

    history.say(ServiceDeclined, "2025-03-05", CHILD, need="REHAB", declined_by=PARENT)
    assert shown(history.judged("E02", "2025-03-05", CHILD))[0] == "DECLINED"
    assert shown(_granted(history, "2025-03-10").judged("E02", "2025-03-10", CHILD))[0] == "PENDING"


# -- outside any approval


def test_e02_training_outside_any_approval_is_warned_of_until_there_is_one() -> None:
    history = _trained(_started(_aided(), "2025-03-06"), "2025-12")
    history.say(RehabMonthReported, "2026-01-05", CHILD, process="RA-1", month="2025-12", institution=HERE)
    assert shown(history.judged("E02", "2026-01-06", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})

    _trained(history, "2026-02")
    assert shown(history.judged("E02", "2026-02-27", CHILD))[2] == {}
    assert shown(history.judged("E02", "2026-02-28", CHILD))[2] == {"G8": "2026-02-28"}

    _granted(_applied(history, "2026-03-02", process="RA-2"), "2026-03-10", process="RA-2")
    assert shown(history.judged("E02", "2026-03-09", CHILD))[2] == {"G8": "2026-02-28"}
    assert shown(history.judged("E02", "2026-03-10", CHILD))[2] == {}


def test_e02_a_start_before_the_grant_is_warned_of_until_it_is_granted() -> None:
    history = _started(_applied(_diagnosed(), "2025-02-03"), "2025-02-06")
    _granted(history, "2025-02-14")

    assert shown(history.judged("E02", "2025-02-13", CHILD)) == ("PENDING", {}, {"G8": "2025-02-06"})
    assert shown(history.judged("E02", "2025-02-14", CHILD)) == ("MET", {}, {})


# -- who acts


def test_e02_after_a_move_the_running_aid_stays_and_the_next_is_offered_by_the_new_county() -> None:
    history = _aided()
    history.say(CaseTransferAccepted, "2025-06-01", PARENT, at=OTHER_COUNTY, accepted_division=OTHER_COUNTY)

    assert [one.division for one in history.judged("E02", "2025-06-02", CHILD).gaps] == [COUNTY]
    assert [one.division for one in history.judged("E02", "2026-04-01", CHILD).gaps] == [OTHER_COUNTY]


# -- the counties' own values


@pytest.mark.parametrize(
    ("name", "value", "day", "before", "after"),
    [
        ("P-REHAB-APPLY-D", "30", "2025-02-10", "ELIGIBLE_NOT_APPLIED", "GAP"),
        ("P-REHAB-AGE-TO", "5", "2025-02-10", "ELIGIBLE_NOT_APPLIED", "NOT_APPLICABLE"),
        ("P-REHAB-AGE-FROM", "6", "2025-02-10", "ELIGIBLE_NOT_APPLIED", "NOT_APPLICABLE"),
        ("P-REHAB-NEEDS-DIFFICULT", "true", "2025-02-10", "ELIGIBLE_NOT_APPLIED", "NOT_ELIGIBLE"),
        ("P-REHAB-DECIDE-WD", "3", "2025-03-10", "PENDING", "GAP"),
        ("P-REHAB-START-D", "10", "2025-04-01", "PENDING", "GAP"),
        ("P-REHAB-MONTH-GAP", "1", "2025-07-01", "MET", "LAPSED"),
        ("P-REHAB-PAUSE-M", "1", "2025-11-01", "MET", "LAPSED"),
        ("P-REHAB-YEAR-D", "10", "2026-01-20", "ELIGIBLE_NOT_APPLIED", "GAP"),
    ],
)
def test_e02_a_countys_own_value_moves_that_county_alone(
    name: str, value: str, day: str, before: str, after: str
) -> None:
    history = _granted(_applied(_diagnosed(), "2025-03-03"), "2025-03-14")
    _trained(_started(history, "2025-04-07"), "2025-04", "2025-05")
    history.say(RehabInterrupted, "2025-07-15", CHILD, process="RA-1", from_date="2025-07-15")

    parameter(history, name, value, OTHER_COUNTY)
    assert shown(history.judged("E02", day, CHILD))[0] == before
    parameter(history, name, value, recorded="2033-01-03")
    assert shown(history.judged("E02", day, CHILD))[0] == after
    assert shown(history.judged("E02", day, CHILD, known="2033-01-02"))[0] == before


def test_e02_a_value_counts_for_clocks_that_begin_from_its_day() -> None:
    history = _diagnosed()
    parameter(history, "P-REHAB-APPLY-D", "30", effective="2025-01-11")
    assert str(history.judged("E02", "2025-01-20", CHILD).due) == "2025-03-11"

    parameter(history, "P-REHAB-APPLY-D", "30", effective="2025-01-10")
    assert str(history.judged("E02", "2025-01-20", CHILD).due) == "2025-02-09"


def test_e02_an_end_said_after_the_aid_was_over_leaves_the_next_year_as_it_is() -> None:
    history = _started(_aided(), "2025-04-20")
    history.say(RehabEnded, "2026-01-05", CHILD, process="RA-1", reason="period", ended_on="2026-01-05")

    assert shown(history.judged("E02", "2026-02-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
