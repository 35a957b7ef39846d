"""XN-5: work for the parents of disabled children, state by state."""

from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    GapActionRecorded,
    GuardianDesignated,
    MemberRelationRecorded,
    PolicyParameterSet,
    ServiceDeclined,
)
from services.hrss.events import (
    EmploymentEnded,
    EmploymentStarted,
    EmploymentSupportApplied,
    JobRecommended,
    ParentJobNeedRegistered,
    StartupSupportDecided,
)
from tests.entitlements.histories import (
    CHILD,
    COUNTY,
    OTHER_COUNTY,
    PARENT,
    History,
    feeds_only,
    number,
    parameter,
    shown,
)

MOTHER = number("1990-07-08", 4)


def _family(recognised: str = "2025-03-01") -> History:
    history = History().opened("2025-02-17", PARENT, MOTHER, CHILD).certified("2025-02-20", CHILD)
    return history.recognised(recognised)


def _registered(history: History, day: str, person: str = PARENT) -> History:
    history.say(ParentJobNeedRegistered, day, person, registered_on=day)
    return history


def _recommended(history: History, day: str, person: str = PARENT) -> History:
    history.say(JobRecommended, day, person, post="虚构保洁员", channel="虚构招聘会", recommended_on=day)
    return history


def _employed(history: History, day: str, person: str = PARENT, kind: str = "ENT") -> History:
    history.say(EmploymentStarted, day, person, kind=kind, from_date=day)
    return history


# -- E08


def test_e08_a_family_without_a_disabled_child_is_not_meant() -> None:
    history = History().opened("2025-02-17").certified("2025-02-20", PARENT).recognised("2025-03-01")

    assert shown(history.judged("E08", "2025-04-01")) == ("NOT_APPLICABLE", {}, {})


def test_e08_before_the_family_is_recognised_it_is_not_eligible() -> None:
    history = _family("2025-07-10").surveyed("2025-03-17", "JOB")

    assert shown(history.judged("E08", "2025-07-09")) == ("NOT_ELIGIBLE", {}, {})


def test_e08_nobody_asked_what_the_family_needs_is_unknown() -> None:
    verdict = _family().judged("E08", "2025-04-01")

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-01"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("NeedsSurveyed", "DPF")]


def test_e08_a_survey_without_the_need_excludes_until_somebody_registers() -> None:
    history = _family().surveyed("2025-03-17", "EDU")

    assert shown(history.judged("E08", "2025-04-01")) == ("NOT_ELIGIBLE", {}, {})

    _registered(history, "2025-04-10")

    assert shown(history.judged("E08", "2025-04-10"))[0] == "PENDING"


def test_e08_a_need_is_registered_within_thirty_days_of_need_and_recognition() -> None:
    history = _family("2025-07-10").surveyed("2025-03-17", "JOB")

    verdict = history.judged("E08", "2025-08-09")

    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert str(verdict.due) == "2025-08-09"
    late = history.judged("E08", "2025-08-10")
    assert shown(late) == ("GAP", {"G1": "2025-08-10"}, {})
    assert (late.gaps[0].department, late.gaps[0].division) == ("HRS", COUNTY)


def test_e08_who_is_registered_is_recommended_a_post_within_thirty_days() -> None:
    history = _registered(_family("2025-07-10").surveyed("2025-03-17", "JOB"), "2026-01-12")

    assert str(history.judged("E08", "2026-02-11").due) == "2026-02-11"
    assert shown(history.judged("E08", "2026-02-11")) == ("PENDING", {}, {})
    assert shown(history.judged("E08", "2026-02-12")) == ("GAP", {"G2": "2026-02-12"}, {})

    _recommended(history, "2026-02-26")

    assert shown(history.judged("E08", "2026-02-25")) == ("GAP", {"G2": "2026-02-12"}, {})
    assert shown(history.judged("E08", "2026-02-26")) == ("MET", {}, {})


def test_e08_a_need_still_open_after_the_season_without_a_recommendation_in_it_is_overdue() -> None:
    history = _recommended(_registered(_family(), "2025-05-06"), "2025-05-20")

    assert shown(history.judged("E08", "2026-03-31")) == ("MET", {}, {})
    assert str(history.judged("E08", "2026-03-31").due) == "2026-03-31"
    assert shown(history.judged("E08", "2026-04-01")) == ("GAP", {"G2": "2026-04-01"}, {})

    _recommended(history, "2026-04-15")

    assert shown(history.judged("E08", "2026-04-15")) == ("MET", {}, {})
    assert shown(history.judged("E08", "2027-04-01")) == ("GAP", {"G2": "2027-04-01"}, {})


def test_e08_a_recommendation_in_the_season_or_a_job_at_its_end_is_enough() -> None:
    recommended = _recommended(_recommended(_registered(_family(), "2025-05-06"), "2025-05-20"), "2026-01-01")
    employed = _employed(_recommended(_registered(_family(), "2025-05-06"), "2025-05-20"), "2026-03-31")
    employed.say(EmploymentEnded, "2026-06-30", PARENT, ended_on="2026-06-30")

    assert shown(recommended.judged("E08", "2026-04-01")) == ("MET", {}, {})
    assert shown(employed.judged("E08", "2026-04-01")) == ("MET", {}, {})
    assert shown(employed.judged("E08", "2026-07-01")) == ("MET", {}, {})


def test_e08_a_season_that_ended_before_the_recognition_is_not_tested() -> None:
    history = _recommended(_registered(_family("2026-05-01"), "2025-05-06"), "2025-05-20")

    assert shown(history.judged("E08", "2026-05-01")) == ("MET", {}, {})
    assert shown(history.judged("E08", "2027-04-01")) == ("GAP", {"G2": "2027-04-01"}, {})


def test_e08_employed_is_met() -> None:
    history = _employed(_registered(_family(), "2025-05-06"), "2025-05-20")

    assert shown(history.judged("E08", "2025-12-31")) == ("MET", {}, {})


def test_e08_who_found_work_after_the_need_was_named_need_not_be_registered() -> None:
    history = _employed(_family().surveyed("2025-03-17", "JOB"), "2025-04-01")
    before = _employed(_family().surveyed("2025-03-17", "JOB"), "2025-03-16")

    assert shown(history.judged("E08", "2025-12-31")) == ("MET", {}, {})
    assert shown(before.judged("E08", "2025-12-31"))[0] == "GAP"


def test_e08_inside_a_process_its_county_acts() -> None:
    history = _family()
    history.say(
        ParentJobNeedRegistered, "2025-05-06", PARENT, process="JY-1", at=OTHER_COUNTY, registered_on="2025-05-06"
    )

    assert [one.division for one in history.judged("E08", "2025-07-01").gaps] == [OTHER_COUNTY]


def test_e08_of_several_parents_the_worst_counts() -> None:
    history = _recommended(_registered(_family(), "2025-05-06"), "2025-05-20")
    history.surveyed("2025-06-01", "JOB", person=MOTHER)

    assert shown(history.judged("E08", "2025-07-01")) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.judged("E08", "2025-07-02")) == ("GAP", {"G1": "2025-07-02"}, {})

    _registered(history, "2025-07-02", MOTHER)

    assert shown(history.judged("E08", "2025-08-02")) == ("GAP", {"G2": "2025-08-02"}, {})


def test_e08_a_survey_of_one_person_leaves_what_the_family_needs() -> None:
    history = _family().surveyed("2025-03-17", "JOB").surveyed("2025-04-01", "REHAB", person=CHILD)

    assert shown(history.judged("E08", "2025-04-10")) == ("ELIGIBLE_NOT_APPLIED", {}, {})

    history.surveyed("2025-04-20", "REHAB")

    assert shown(history.judged("E08", "2025-04-20")) == ("NOT_ELIGIBLE", {}, {})


def test_e08_who_is_past_working_age_looks_for_no_work() -> None:
    grandfather = number("1965-06-02", 13)
    history = History().opened("2025-02-17", grandfather, CHILD).certified("2025-02-20", CHILD)
    history.recognised("2025-03-01", members=(grandfather, CHILD)).surveyed("2025-03-02", "EDU")
    _registered(history, "2025-05-20", grandfather)

    assert shown(history.judged("E08", "2025-06-01"))[0] == "PENDING"
    assert shown(history.judged("E08", "2025-06-02"))[0] == "NOT_ELIGIBLE"


def test_e08_declined_until_the_day_it_says_then_the_clock_begins_anew() -> None:
    history = _family().surveyed("2025-03-17", "JOB")
    history.say(ServiceDeclined, "2025-04-01", PARENT, need="JOB", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E08", "2025-12-31")) == ("DECLINED", {}, {})
    assert str(history.judged("E08", "2026-01-01").due) == "2026-01-30"

    _registered(history, "2025-06-01")

    assert shown(history.judged("E08", "2025-06-01"))[0] == "PENDING"


def test_e08_a_gap_that_somebody_deals_with_is_held() -> None:
    history = _family("2025-07-10").surveyed("2025-03-17", "JOB")
    said = {"entitlement": "E08", "gap_type": "G1", "hold_until": "2025-09-30"}
    history.say(GapActionRecorded, "2025-08-20", PARENT, **said)

    assert shown(history.judged("E08", "2025-08-20")) == ("HELD", {"G1": "2025-08-10"}, {})
    assert shown(history.judged("E08", "2025-10-01"))[0] == "GAP"


def test_e08_what_is_not_delivered_cannot_be_told() -> None:
    history = _family().surveyed("2025-03-17", "JOB")
    feeds_only(history, "DPF", "REG")

    verdict = history.judged("E08", "2025-06-01")

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-17"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("ParentJobNeedRegistered", "HRS")]


def test_e08_a_season_of_which_nothing_is_delivered_cannot_be_told() -> None:
    history = _recommended(_registered(_family(), "2025-05-06"), "2025-05-20")
    row = '[{"division": "*", "department": "HRS", "group": "HRS", "from": "2026-02-01", "stock": false}]'
    said = {"parameter": "P-FEEDS", "value": row, "effective_from": "2026-01-01"}
    history.say(PolicyParameterSet, "2026-01-02", None, **said)

    assert shown(history.judged("E08", "2026-03-31"))[0] == "MET"
    assert shown(history.judged("E08", "2026-04-01")) == ("UNKNOWN", {"G5": "2025-05-06"}, {})


def test_e08_a_countys_own_clocks_move_that_county_alone() -> None:
    for name, value, day in (
        ("P-JOB-REG-D", "10", "2025-03-27"),
        ("P-JOB-REC-D", "10", "2025-05-16"),
        ("P-JOB-SEASON", "06-01..06-30", "2026-06-30"),
    ):
        history = _family().surveyed("2025-03-17", "JOB")
        on = "2025-03-20"
        if name != "P-JOB-REG-D":
            _registered(history, "2025-05-06")
            on = "2025-05-10"
        if name == "P-JOB-SEASON":
            _recommended(history, "2025-05-10")
            on = "2026-06-10"
        before = history.judged("E08", on).due
        parameter(history, name, value, OTHER_COUNTY)
        assert history.judged("E08", on).due == before
        parameter(history, name, value, COUNTY)
        assert str(history.judged("E08", on).due) == day


def test_e08_a_countys_own_working_age_counts_from_its_day() -> None:
    history = _registered(_family().surveyed("2025-03-17", "EDU"), "2025-05-06")
    parameter(history, "P-WORK-AGE", "16-30", OTHER_COUNTY)
    assert shown(history.judged("E08", "2025-05-20"))[0] == "PENDING"

    parameter(history, "P-WORK-AGE", "16-30", COUNTY, effective="2025-05-15")

    assert shown(history.judged("E08", "2025-05-14"))[0] == "PENDING"
    assert shown(history.judged("E08", "2025-05-15"))[0] == "NOT_ELIGIBLE"


# -- E09


def _parents(recognised: str = "2025-03-01") -> History:
    history = _family(recognised)
    history.say(MemberRelationRecorded, "2025-02-17", PARENT, parent_of=[CHILD], from_date="2025-02-17")
    return history


def _applied(history: History, day: str, process: str = "JS-1", scheme: str = "STARTUP1") -> History:
    said = {"scheme": scheme, "as_parent": True, "applied_on": day}
    history.say(EmploymentSupportApplied, day, PARENT, process=process, **said)
    return history


def _decided(
    history: History,
    day: str,
    decision: str,
    reason: str | None = None,
    process: str = "JS-1",
    scheme: str = "STARTUP1",
) -> History:
    said = {"decision": decision, "refuse_reason": reason, "scheme": scheme, "as_parent": True, "kind": "虚构创业补贴"}
    history.say(StartupSupportDecided, day, PARENT, process=process, **said)
    return history


def test_e09_a_parent_without_work_of_their_own_and_without_a_claim_is_not_meant() -> None:
    history = _employed(_parents(), "2025-04-01", kind="ENT")

    assert shown(history.judged("E09", "2025-05-01", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e09_whoever_is_no_parent_is_not_meant_but_a_claim_as_a_parent_counts() -> None:
    history = _employed(_family(), "2025-04-01", kind="SELF")
    assert shown(history.judged("E09", "2025-05-01", PARENT))[0] == "NOT_APPLICABLE"

    _applied(history, "2025-05-01")

    assert shown(history.judged("E09", "2025-05-01", PARENT))[0] == "PENDING"


def test_e09_a_guardian_related_as_a_parent_is_one() -> None:
    history = _employed(_family(), "2025-04-01", kind="SELF")
    history.say(GuardianDesignated, "2025-04-02", CHILD, guardian=PARENT, relation="50", from_date="2025-04-02")

    assert shown(history.judged("E09", "2025-05-01", PARENT))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e09_outside_a_difficult_family_nobody_is_meant() -> None:
    history = _employed(_parents("2025-06-01"), "2025-04-01", kind="SELF")
    history.say(DifficultFamilyEnded, "2025-12-31", PARENT, effective_to="2025-12-31", reason="voluntary")

    assert shown(history.judged("E09", "2025-05-31", PARENT))[0] == "NOT_APPLICABLE"
    assert str(history.judged("E09", "2025-06-01", PARENT).due) == "2025-07-31"
    assert shown(history.judged("E09", "2026-01-01", PARENT))[0] == "NOT_APPLICABLE"


def test_e09_own_work_is_supported_within_sixty_days_without_being_asked_for() -> None:
    history = _employed(_parents(), "2025-07-01", kind="SELF")

    assert shown(history.judged("E09", "2025-08-30", PARENT)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    late = history.judged("E09", "2025-08-31", PARENT)
    assert shown(late) == ("GAP", {"G1": "2025-08-31"}, {})
    assert (late.gaps[0].department, late.gaps[0].division) == ("HRS", COUNTY)


def test_e09_a_claim_is_decided_within_sixty_days() -> None:
    history = _applied(_parents(), "2025-05-12")

    assert str(history.judged("E09", "2025-07-11", PARENT).due) == "2025-07-11"
    assert shown(history.judged("E09", "2025-07-11", PARENT)) == ("PENDING", {}, {})
    assert shown(history.judged("E09", "2025-07-12", PARENT)) == ("GAP", {"G2": "2025-07-12"}, {})

    _decided(history, "2025-07-20", "approved")

    assert shown(history.judged("E09", "2025-07-20", PARENT)) == ("MET", {}, {})


def test_e09_refused_for_a_reason_that_parity_leaves_no_room_is_warned_of_and_the_clock_begins_anew() -> None:
    history = _decided(_employed(_parents(), "2025-07-01", kind="SELF"), "2025-08-12", "refused", "category")

    verdict = history.judged("E09", "2025-09-01", PARENT)

    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-08-12"})
    assert str(verdict.due) == "2025-10-11"
    assert shown(history.judged("E09", "2025-10-12", PARENT)) == ("GAP", {"G1": "2025-10-12"}, {"G8": "2025-08-12"})

    _applied(history, "2025-10-20", "JS-2")

    assert shown(history.judged("E09", "2025-10-20", PARENT)) == ("PENDING", {}, {})


def test_e09_refused_for_want_of_money_contradicts_the_policy() -> None:
    history = _decided(_applied(_parents(), "2025-05-12"), "2025-06-02", "refused", "fund")

    verdict = history.judged("E09", "2025-06-10", PARENT)

    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-06-02"})
    assert str(verdict.due) == "2025-08-01"


def test_e09_a_refusal_for_want_of_recognition_is_over_when_the_family_is_recognised() -> None:
    history = _decided(_employed(_parents("2025-08-01"), "2025-05-01", kind="SELF"), "2025-07-10", "refused", "economy")

    assert shown(history.judged("E09", "2025-08-01", PARENT)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert str(history.judged("E09", "2025-08-01", PARENT).due) == "2025-09-30"

    _decided(history, "2025-08-05", "refused", "economy", "JS-2")
    assert shown(history.judged("E09", "2025-08-05", PARENT))[2] == {"G8": "2025-08-05"}


def test_e09_no_age_is_a_reason_to_refuse() -> None:
    history = _decided(_employed(_parents(), "2025-07-01", kind="SELF"), "2025-07-10", "refused", "age")

    assert shown(history.judged("E09", "2025-07-10", PARENT)) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-07-10"})


def test_e09_refused_for_a_missing_document_is_as_if_not_asked_for() -> None:
    history = _decided(_applied(_parents(), "2025-05-12"), "2025-06-02", "refused", "document")
    assert shown(history.judged("E09", "2025-06-10", PARENT)) == ("NOT_APPLICABLE", {}, {})

    _employed(history, "2025-05-01", kind="SELF")

    assert str(history.judged("E09", "2025-06-10", PARENT).due) == "2025-06-30"


def test_e09_the_same_scheme_twice_is_not_eligible_the_second_time() -> None:
    history = _decided(_applied(_parents(), "2025-05-12"), "2025-06-02", "approved")
    _decided(_applied(history, "2026-05-12", "JS-2"), "2026-06-02", "refused", "duplicate", "JS-2")

    assert shown(history.judged("E09", "2026-06-02", PARENT)) == ("NOT_ELIGIBLE", {}, {})


def test_e09_an_overdue_claim_is_not_hidden_by_another_that_was_granted() -> None:
    history = _applied(_applied(_parents(), "2025-05-12"), "2025-06-01", "JS-2", "LOAN")
    _decided(history, "2025-06-10", "approved", process="JS-2", scheme="LOAN")

    assert shown(history.judged("E09", "2025-07-12", PARENT)) == ("GAP", {"G2": "2025-07-12"}, {})


def test_e09_declined_for_a_year_where_nothing_else_is_said() -> None:
    history = _employed(_parents(), "2025-07-01", kind="SELF")
    history.say(ServiceDeclined, "2025-07-15", PARENT, need="JOB", declined_by=PARENT, until=None)

    assert shown(history.judged("E09", "2026-07-15", PARENT)) == ("DECLINED", {}, {})
    assert str(history.judged("E09", "2026-07-16", PARENT).due) == "2026-09-13"


def test_e09_a_gap_that_somebody_deals_with_is_held() -> None:
    history = _employed(_parents(), "2025-07-01", kind="SELF")
    said = {"entitlement": "E09", "gap_type": "G1", "hold_until": "2025-10-31", "person": PARENT}
    history.say(GapActionRecorded, "2025-09-10", PARENT, **said)

    assert shown(history.judged("E09", "2025-09-10", PARENT)) == ("HELD", {"G1": "2025-08-31"}, {})


def test_e09_what_is_not_delivered_cannot_be_told() -> None:
    history = _applied(_parents(), "2025-05-12")
    feeds_only(history, "DPF", "REG")

    verdict = history.judged("E09", "2025-06-01", PARENT)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-05-12"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("StartupSupportDecided", "HRS")]


def test_e09_a_countys_own_values_move_that_county_alone() -> None:
    for name, value, day, applied in (
        ("P-PARITY-APPLY-D", "10", "2025-07-11", False),
        ("P-PARITY-DECIDE-D", "10", "2025-07-12", True),
    ):
        history = _employed(_parents(), "2025-07-01", kind="SELF")
        if applied:
            _applied(history, "2025-07-02")
        before = history.judged("E09", "2025-07-05", PARENT).due
        parameter(history, name, value, OTHER_COUNTY)
        assert history.judged("E09", "2025-07-05", PARENT).due == before
        parameter(history, name, value, COUNTY)
        assert str(history.judged("E09", "2025-07-05", PARENT).due) == day


def test_e09_which_kinds_of_work_and_which_reasons_a_county_says() -> None:
    history = _employed(_parents(), "2025-07-01", kind="FLEX")
    parameter(history, "P-PARITY-KINDS", "SELF,FLEX", OTHER_COUNTY)
    assert shown(history.judged("E09", "2025-07-05", PARENT))[0] == "NOT_APPLICABLE"
    parameter(history, "P-PARITY-KINDS", "SELF,FLEX", COUNTY)
    assert shown(history.judged("E09", "2025-07-05", PARENT))[0] == "ELIGIBLE_NOT_APPLIED"

    _decided(history, "2025-07-10", "refused", "document")
    parameter(history, "P-PARITY-BAD-REASONS", "document", OTHER_COUNTY)
    assert shown(history.judged("E09", "2025-07-10", PARENT))[2] == {}
    parameter(history, "P-PARITY-BAD-REASONS", "document", COUNTY)
    assert shown(history.judged("E09", "2025-07-10", PARENT))[2] == {"G8": "2025-07-10"}


def test_e08_where_employment_is_not_reported_at_all_a_recommendation_cannot_be_told() -> None:
    history = _registered(_parents(), "2025-03-20")
    feeds_only(history, "DPF", "REG")

    assert shown(history.judged("E08", "2025-04-10"))[0] == "UNKNOWN"


def test_e08_the_clock_of_a_need_does_not_wait_for_a_certificate_that_was_renewed() -> None:
    history = History().opened("2025-02-17").certified("2025-02-20", CHILD, valid_to="2025-06-30")
    history.recognised("2025-03-01").surveyed("2025-03-17", "JOB").certified("2025-08-01", CHILD)

    assert shown(history.judged("E08", "2025-08-01")) == ("GAP", {"G1": "2025-04-17"}, {})
