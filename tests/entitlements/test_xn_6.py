"""XN-6: care for disabled children of difficult families, state by state."""

from datetime import date
from typing import Any

from services.disability_federation.care.events import (
    CareServiceApplied,
    CareServiceDecided,
    CareServiceEnded,
    CareServiceReported,
    CareServiceStarted,
)
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    GapActionRecorded,
    ServiceDeclined,
    TransitionPlanned,
)
from services.entitlements.city import Approval, City
from services.entitlements.engine import judge
from services.entitlements.facts import Facts
from services.entitlements.verdicts import Verdict
from tests.entitlements.evaluate import known, logs
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
    token,
)

TEENAGER = number("2010-11-30", 5)


def _family(recognised: str = "2025-03-04", grade: str = "1", category: str = "7") -> History:
    """A difficult family with a child whose certificate of grade 1 shows a need by itself."""
    history = (
        History()
        .opened("2025-02-17")
        .certified("2025-02-20", CHILD, grade=grade, category=category, **_parts(category))
    )
    return history.recognised(recognised)


def _parts(category: str) -> dict[str, Any]:
    return {"components": [{"category": "4", "grade": "1"}, {"category": "5", "grade": "1"}]} if category == "7" else {}


def _applied(history: History, day: str, process: str = "TY-1") -> History:
    history.say(CareServiceApplied, day, CHILD, process=process)
    return history


def _decided(history: History, day: str, decision: str = "approved", process: str = "TY-1", **fields: Any) -> History:
    said = {"priority": True, "decision": decision, **fields}
    history.say(CareServiceDecided, day, CHILD, process=process, **said)
    return history


def _started(history: History, day: str, process: str = "TY-1") -> History:
    history.say(CareServiceStarted, day, CHILD, process=process, started_on=day)
    return history


def _reported(history: History, month: str, day: str, process: str = "TY-1") -> History:
    history.say(CareServiceReported, day, CHILD, process=process, month=month, days=20)
    return history


def _served() -> History:
    """Care that began on 20 May 2025."""
    return _started(_decided(_applied(_family(), "2025-04-01"), "2025-04-10"), "2025-05-20")


def test_e10_a_child_without_a_disability_is_not_meant() -> None:
    history = History().opened("2025-02-17").recognised("2025-03-04")

    assert shown(history.judged("E10", "2025-04-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e10_before_the_family_is_recognised_the_child_is_not_eligible() -> None:
    assert shown(_family("2025-05-01").judged("E10", "2025-04-30", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e10_a_lighter_grade_and_no_survey_is_unknown_and_a_survey_without_the_need_excludes() -> None:
    history = _family(grade="2", category="4")

    verdict = history.judged("E10", "2025-04-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-04"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("NeedsSurveyed", "DPF")]

    history.surveyed("2025-04-10", "REHAB")
    assert shown(history.judged("E10", "2025-04-10", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e10_the_worst_grade_of_some_categories_counts_as_a_need_after_sixty_days_it_is_overdue() -> None:
    history = _family()

    assert str(history.judged("E10", "2025-05-03", CHILD).due) == "2025-05-03"
    assert shown(history.judged("E10", "2025-05-03", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    late = history.judged("E10", "2025-05-04", CHILD)
    assert shown(late) == ("GAP", {"G1": "2025-05-04"}, {})
    assert (late.gaps[0].department, late.gaps[0].division) == ("DPF", COUNTY)


def test_e10_the_worst_grade_of_another_category_is_no_need() -> None:
    history = _family(category="2").surveyed("2025-03-10", "REHAB")

    assert shown(history.judged("E10", "2025-04-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e10_a_need_that_was_named_begins_the_clock() -> None:
    history = _family(grade="3", category="2").surveyed("2025-04-10", "CARE", person=CHILD)

    assert str(history.judged("E10", "2025-05-01", CHILD).due) == "2025-06-09"


def test_e10_a_transition_into_care_counts_from_its_day_for_who_has_aged_out_too() -> None:
    grown = number("2007-06-15", 7)
    history = History().opened("2025-02-17", PARENT, CHILD, grown).certified("2025-02-20", CHILD, grade="3")
    history.recognised("2025-03-04").surveyed("2025-03-10", "EDU")
    said = {"trigger": "aged_out", "trigger_on": "2025-07-01", "next_services": ["CARE"]}
    assert shown(history.judged("E10", "2025-07-01", grown))[0] == "NOT_APPLICABLE"
    history.say(TransitionPlanned, "2025-06-01", grown, **said)

    assert shown(history.judged("E10", "2025-06-30", grown))[0] == "NOT_ELIGIBLE"
    assert str(history.judged("E10", "2025-07-01", grown).due) == "2025-08-30"


def test_e10_a_claim_is_decided_within_twenty_working_days() -> None:
    history = _applied(_family(), "2025-04-01")

    assert shown(history.judged("E10", "2025-04-29", CHILD)) == ("PENDING", {}, {})
    assert str(history.judged("E10", "2025-04-29", CHILD).due) == "2025-04-29"
    assert shown(history.judged("E10", "2025-04-30", CHILD)) == ("GAP", {"G2": "2025-04-30"}, {})


def test_e10_what_was_granted_begins_within_thirty_days() -> None:
    history = _decided(_applied(_family(), "2025-04-01"), "2025-04-10")

    assert str(history.judged("E10", "2025-05-10", CHILD).due) == "2025-05-10"
    assert shown(history.judged("E10", "2025-05-11", CHILD)) == ("GAP", {"G3": "2025-05-11"}, {})

    _started(history, "2025-05-20")

    assert shown(history.judged("E10", "2025-05-19", CHILD)) == ("GAP", {"G3": "2025-05-11"}, {})
    assert shown(history.judged("E10", "2025-05-20", CHILD)) == ("MET", {}, {})


def test_e10_two_full_months_without_a_report_have_lapsed_until_the_next_report() -> None:
    history = _reported(_served(), "2025-06", "2025-07-02")

    assert shown(history.judged("E10", "2025-08-31", CHILD)) == ("MET", {}, {})
    assert str(history.judged("E10", "2025-08-31", CHILD).due) == "2025-08-31"
    lapsed = history.judged("E10", "2025-09-01", CHILD)
    assert shown(lapsed) == ("LAPSED", {"G4": "2025-09-01"}, {})
    assert str(lapsed.gaps[0].due) == "2025-08-31"

    _reported(history, "2025-09", "2025-09-30")

    assert shown(history.judged("E10", "2025-09-29", CHILD)) == ("LAPSED", {"G4": "2025-09-01"}, {})
    assert shown(history.judged("E10", "2025-09-30", CHILD)) == ("MET", {}, {})


def test_e10_months_before_the_case_was_opened_are_not_tested() -> None:
    history = History()
    history.say(CareServiceDecided, "2024-06-01", CHILD, process="TY-0", decision="approved", priority=True)
    history.say(CareServiceStarted, "2024-06-10", CHILD, process="TY-0", started_on="2024-06-10")
    history.opened("2025-02-17").certified("2025-02-20", CHILD).recognised("2025-03-04")

    assert shown(history.judged("E10", "2025-03-31", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E10", "2025-04-01", CHILD)) == ("LAPSED", {"G4": "2025-04-01"}, {})


def test_e10_a_grant_is_followed_though_the_family_left_the_group_unless_it_ends_with_its_condition() -> None:
    history = _reported(_served(), "2025-06", "2025-07-02")
    history.say(DifficultFamilyEnded, "2025-06-30", PARENT, effective_to="2025-06-30", reason="voluntary")
    assert shown(history.judged("E10", "2025-07-10", CHILD)) == ("MET", {}, {})

    parameter(history, "P-GRACE", "immediate", OTHER_COUNTY)
    assert shown(history.judged("E10", "2025-07-10", CHILD)) == ("MET", {}, {})

    parameter(history, "P-GRACE", "immediate", COUNTY)
    assert shown(history.judged("E10", "2025-06-30", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E10", "2025-07-10", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e10_after_the_end_of_the_care_the_offer_is_made_anew() -> None:
    history = _served()
    history.say(CareServiceEnded, "2025-06-30", CHILD, process="TY-1", ended_on="2025-06-30", reason="period")

    assert shown(history.judged("E10", "2025-06-29", CHILD)) == ("MET", {}, {})
    verdict = history.judged("E10", "2025-06-30", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert str(verdict.due) == "2025-08-30"


def test_e10_a_running_care_stands_though_another_is_asked_for() -> None:
    history = _applied(_reported(_served(), "2025-06", "2025-07-02"), "2025-07-10", "TY-2")

    assert shown(history.judged("E10", "2025-08-20", CHILD)) == ("MET", {}, {})


def test_e10_refused_rightly_excludes_until_the_facts_change() -> None:
    history = _applied(_family("2025-06-01", grade="3", category="2"), "2025-04-01")
    _decided(history, "2025-06-10", "refused", refuse_reason="category")
    assert shown(history.judged("E10", "2025-06-20", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    history.surveyed("2025-07-01", "CARE")

    verdict = history.judged("E10", "2025-07-01", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert str(verdict.due) == "2025-08-30"


def test_e10_refused_against_the_facts_is_warned_of_and_the_clock_begins_anew() -> None:
    history = _decided(_applied(_family(), "2025-04-01"), "2025-04-10", "refused", refuse_reason="category")

    verdict = history.judged("E10", "2025-04-20", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-04-10"})
    assert str(verdict.due) == "2025-06-09"

    _applied(history, "2025-05-01", "TY-2")
    assert shown(history.judged("E10", "2025-05-01", CHILD)) == ("PENDING", {}, {})


def test_e10_each_reason_is_held_against_the_facts() -> None:
    for reason, recognised, warned in (
        ("age", "2025-03-04", True),
        ("hukou", "2025-03-04", True),
        ("fund", "2025-03-04", True),
        ("economy", "2025-03-04", True),
        ("economy", "2025-04-15", False),
        ("duplicate", "2025-03-04", True),
        ("institution", "2025-03-04", False),
    ):
        history = _decided(_applied(_family(recognised), "2025-04-01"), "2025-04-10", "refused", refuse_reason=reason)
        verdict = history.judged("E10", "2025-04-20", CHILD)
        assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-04-10"} if warned else {})


def test_e10_refused_as_a_duplicate_is_right_while_other_care_is_given() -> None:
    history = _applied(_served(), "2025-06-01", "TY-2")
    _decided(history, "2025-06-10", "refused", process="TY-2", refuse_reason="duplicate")
    assert shown(history.judged("E10", "2025-06-10", CHILD)) == ("MET", {}, {})

    history.say(CareServiceEnded, "2025-06-20", CHILD, process="TY-1", ended_on="2025-06-20", reason="period")
    assert shown(history.judged("E10", "2025-06-20", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e10_refused_for_an_age_that_a_county_has_set_excludes() -> None:
    history = _family()
    parameter(history, "P-CARE-AGE", "3-5", COUNTY)
    _decided(_applied(history, "2025-04-01"), "2025-04-10", "refused", refuse_reason="age")

    assert shown(history.judged("E10", "2025-05-11", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-04-10"})
    assert shown(history.judged("E10", "2025-05-12", CHILD)) == ("NOT_ELIGIBLE", {}, {"G8": "2025-04-10"})


def test_e10_reports_that_are_not_delivered_cannot_be_told() -> None:
    history = _served()
    feeds_only(history, "DPF", "REG")

    verdict = history.judged("E10", "2025-08-01", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-05-20"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("CareServiceReported", "DPF")]


def test_e10_refused_for_its_form_is_as_if_not_asked_for() -> None:
    history = _decided(_applied(_family(), "2025-04-01"), "2025-04-10", "refused", refuse_reason="document")

    assert str(history.judged("E10", "2025-04-20", CHILD).due) == "2025-05-03"


def test_e10_declined_a_survey_that_names_the_need_ends_it_and_the_clock_begins_anew() -> None:
    history = _family()
    history.say(ServiceDeclined, "2025-03-10", CHILD, need="CARE", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E10", "2025-12-31", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E10", "2026-01-01", CHILD).due) == "2026-03-01"

    history.surveyed("2025-06-01", "CARE")
    assert str(history.judged("E10", "2025-06-01", CHILD).due) == "2025-07-31"


def test_e10_a_gap_that_somebody_deals_with_is_held() -> None:
    history = _family()
    said = {"entitlement": "E10", "gap_type": "G1", "hold_until": "2025-07-31", "person": CHILD}
    history.say(GapActionRecorded, "2025-05-10", PARENT, **said)

    assert shown(history.judged("E10", "2025-05-10", CHILD)) == ("HELD", {"G1": "2025-05-04"}, {})


def test_e10_what_is_not_delivered_cannot_be_told() -> None:
    history = _family()
    feeds_only(history, "DPF", "REG")

    verdict = history.judged("E10", "2025-06-01", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-04"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("CareServiceApplied", "DPF")]


# -- G6: what follows rehabilitation


def _teenager(opened: str = "2025-02-17") -> History:
    history = History().opened(opened, PARENT, TEENAGER).certified(opened, TEENAGER)
    return history.recognised(opened, members=(PARENT, TEENAGER))


def test_e10_half_a_year_before_rehabilitation_ends_a_plan_is_asked_for() -> None:
    history = _teenager()

    assert shown(history.judged("E10", "2026-06-02", TEENAGER))[2] == {}
    verdict = history.judged("E10", "2026-06-03", TEENAGER)
    assert shown(verdict)[2] == {"G6": "2026-06-03"}
    assert [str(one.due) for one in verdict.warnings] == ["2026-11-30"]
    assert [(one.department, one.division) for one in verdict.warnings] == [("DPF", COUNTY)]

    said = {"trigger": "aged_out", "trigger_on": "2026-11-30", "next_services": ["EDU"]}
    history.say(TransitionPlanned, "2026-07-01", TEENAGER, **said)
    assert shown(history.judged("E10", "2026-07-01", TEENAGER))[2] == {}


def test_e10_who_had_that_birthday_before_the_case_is_not_warned_of() -> None:
    assert shown(_teenager("2026-12-01").judged("E10", "2026-12-10", TEENAGER))[2] == {}
    assert shown(_teenager("2026-11-30").judged("E10", "2026-12-10", TEENAGER))[2] == {"G6": "2026-06-03"}


# -- G7: priority


def _passed_over(history: History, effective: str, *grants: tuple[str, str, bool], division: str = COUNTY) -> Verdict:
    """Return the verdict where families, difficult or not, were granted care on these days."""
    other = History()
    for family, day, _ in grants:
        other.say(CareServiceDecided, day, number("2016-01-01", 9), process=family, at=division, decision="approved")
    facts = known(logs(other.events), date(2034, 1, 1))[0].facts.all
    approvals = [Approval(family, difficult, one) for (family, _, difficult), one in zip(grants, facts, strict=True)]
    case, _, policy = known(logs(history.events), date(2034, 12, 31))
    day = date.fromisoformat(effective)
    judged = judge(case, policy, day, City(Facts(()), approvals).until(day), only=["E10"])
    return next(one.verdict for one in judged if one.subject == token(CHILD))


def test_e10_a_family_that_is_not_difficult_and_was_granted_care_first_has_passed_this_one_over() -> None:
    history = _applied(_family(), "2025-04-01")

    verdict = _passed_over(history, "2025-04-10", ("XN-F-1", "2025-04-08", False))
    assert shown(verdict) == ("PENDING", {}, {"G7": "2025-04-08"})
    assert all(one.subject != token(number("2016-01-01", 9)) for one in verdict.evidence)

    for grant in (("XN-F-1", "2025-04-08", True), ("XN-F-TEST", "2025-04-08", False), ("XN-F-1", "2025-03-31", False)):
        assert shown(_passed_over(history, "2025-04-10", grant))[2] == {}
    elsewhere = _passed_over(history, "2025-04-10", ("XN-F-1", "2025-04-08", False), division=OTHER_COUNTY)
    assert shown(elsewhere)[2] == {}


def test_e10_what_was_granted_on_or_after_the_own_decision_passes_nobody_over() -> None:
    history = _decided(_applied(_family(), "2025-04-01"), "2025-04-10")

    assert shown(_passed_over(history, "2025-04-20", ("XN-F-1", "2025-04-10", False)))[2] == {}
    assert shown(_passed_over(history, "2025-04-20", ("XN-F-1", "2025-04-09", False)))[2] == {"G7": "2025-04-09"}


def test_e10_granted_without_priority_is_warned_of() -> None:
    history = _decided(_applied(_family(), "2025-04-01"), "2025-04-10", priority=False)

    assert shown(history.judged("E10", "2025-04-10", CHILD))[2] == {"G7": "2025-04-10"}


# -- parameters


def test_e10_a_countys_own_clocks_move_that_county_alone() -> None:
    undecided, granted = _applied(_family(), "2025-04-01"), _decided(_applied(_family(), "2025-04-01"), "2025-04-10")
    for history, name, value, on, due in (
        (_family(), "P-CARE-APPLY-D", "20", "2025-03-10", "2025-03-24"),
        (undecided, "P-CARE-DECIDE-WD", "5", "2025-04-02", "2025-04-09"),
        (granted, "P-CARE-START-D", "5", "2025-04-11", "2025-04-15"),
    ):
        before = history.judged("E10", on, CHILD).due
        parameter(history, name, value, OTHER_COUNTY)
        assert history.judged("E10", on, CHILD).due == before
        parameter(history, name, value, COUNTY)
        assert str(history.judged("E10", on, CHILD).due) == due


def test_e10_a_countys_own_conditions_move_that_county_alone_from_their_day() -> None:
    light = _family(grade="2", category="4").surveyed("2025-03-10", "EDU")
    served = _served()
    for history, name, value, on, before, after in (
        (light, "P-CARE-GRADES", "1,2", "2025-06-01", "NOT_ELIGIBLE", "GAP"),
        (
            _family(category="2").surveyed("2025-03-10", "EDU"),
            "P-CARE-CATEGORIES",
            "2",
            "2025-06-01",
            "NOT_ELIGIBLE",
            "GAP",
        ),
        (_family(), "P-CARE-AGE", "16-59", "2025-06-01", "GAP", "NOT_ELIGIBLE"),
    ):
        parameter(history, name, value, OTHER_COUNTY)
        assert shown(history.judged("E10", on, CHILD))[0] == before
        parameter(history, name, value, COUNTY, effective="2025-06-01")
        assert shown(history.judged("E10", "2025-05-31", CHILD))[0] == before
        assert shown(history.judged("E10", on, CHILD))[0] == after
    parameter(served, "P-CARE-MONTH-GAP", "1", OTHER_COUNTY)
    assert shown(served.judged("E10", "2025-07-01", CHILD))[0] == "MET"
    parameter(served, "P-CARE-MONTH-GAP", "1", COUNTY)
    assert shown(served.judged("E10", "2025-07-01", CHILD)) == ("LAPSED", {"G4": "2025-07-01"}, {})


def test_e10_a_countys_own_warning_of_the_age_limit() -> None:
    for name, value, since in (("P-TRANSITION-D", "90", "2026-09-01"), ("P-REHAB-AGE-TO", "17", "2027-06-03")):
        history = _teenager()
        parameter(history, name, value, OTHER_COUNTY)
        assert shown(history.judged("E10", "2027-07-01", TEENAGER))[2] == {"G6": "2026-06-03"}
        parameter(history, name, value, COUNTY)
        assert shown(history.judged("E10", "2027-07-01", TEENAGER))[2] == {"G6": since}


def test_e10_an_older_claim_is_still_to_be_decided_after_a_newer_one_was_refused() -> None:
    history = _applied(_applied(_family(), "2025-04-01"), "2025-04-10", "TY-2")
    _decided(history, "2025-04-20", "refused", process="TY-2", refuse_reason="document")

    assert shown(history.judged("E10", "2025-04-30", CHILD)) == ("GAP", {"G2": "2025-04-30"}, {})
