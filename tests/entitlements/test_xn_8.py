"""XN-8: schooling of disabled children, state by state. The child of these histories is of school age from 2025 on."""

import pytest

from services.disability_federation.registry.events import (
    CaseTransferAccepted,
    GapActionRecorded,
    PolicyParameterSet,
    ServiceDeclined,
)
from services.disability_federation.rehabilitation.events import DiagnosisReported
from services.education.events import (
    CentreTeachingDelivered,
    CompulsoryEducationCompleted,
    EducationNeedsAssessed,
    EducationPlacementDecided,
    EducationPlacementDisputed,
    EducationPlacementReviewed,
    EducationPlanMade,
    HomeTeachingDelivered,
    SchoolAgeChildRegistered,
    SchoolTermAnnounced,
    StudentAbsenceReported,
    StudentAbsenceResolved,
    StudentEnrolled,
    StudentTransferred,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, SIBLING, History, number, shown

NO_SCHOOL_FEED = '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'


class Schooled(History):
    """A history of one child's schooling."""

    def registered(self, day: str, year: int = 2025, **fields: object) -> "Schooled":
        """Register the child for a school year."""
        self.say(SchoolAgeChildRegistered, day, school_year=year, **{"stage": "COMP", **fields})
        return self

    def placed(self, day: str, from_date: str, mode: str = "INCL", **fields: object) -> "Schooled":
        """Decide where and how the child goes to school."""
        self.say(EducationPlacementDecided, day, process=f"PL-{day}", from_date=from_date, mode=mode, **fields)
        return self

    def enrolled(self, day: str, mode: str = "INCL", **fields: object) -> "Schooled":
        """Enrol the child."""
        self.say(StudentEnrolled, day, enrolled_on=day, mode=mode, student_no=f"G{CHILD}", **fields)
        return self

    def planned(self, day: str, review_due: str, **fields: object) -> "Schooled":
        """Make a plan for the child."""
        self.say(EducationPlanMade, day, plan_year=int(day[:4]), review_due=review_due, **fields)
        return self

    def taught(self, *days: str, recorded: str = "") -> "Schooled":
        """Teach the child at home on these days."""
        for day in days:
            self.say(HomeTeachingDelivered, day, taught_on=day, recorded=recorded)
        return self

    def withdrawn(self, target: str, day: str) -> "Schooled":
        """Withdraw an event."""
        [wrong] = [one for one in self.events if one["id"] == target]
        data = {"target_event": target, "reason": "录入有误", "approver": "审核人"}
        said = {"id": f"h-{len(self.events) + 1:03}", "time": f"{day}T09:00:00+08:00", "data": data}
        kind = wrong["type"].partition(".")[0] + ".event_withdrawn"
        self.events.append({**wrong, **said, "type": kind, "recordedtime": f"{day}T10:00:00+08:00"})
        return self

    def sets(self, parameter: str, value: str, since: str = "2025-01-01", **fields: object) -> "Schooled":
        """Set a parameter."""
        said = {"parameter": parameter, "value": value, "effective_from": since}
        self.say(PolicyParameterSet, "2025-01-02", None, **{**said, **fields})
        return self


def _school_child() -> Schooled:
    history = Schooled()
    history.opened("2025-02-17").certified("2025-02-20", CHILD)
    return history


def _at_home() -> Schooled:
    """A child who is taught at home from 9 March 2026 on, with a plan in time."""
    history = _school_child().registered("2025-04-16").placed("2026-03-02", "2026-03-09", "HOME")
    return history.enrolled("2026-03-09", "HOME").planned("2026-03-10", "2027-03-10")


# -- E14: who is meant


def test_e14_a_child_before_the_year_of_its_first_school_year_is_not_meant() -> None:
    young = number("2019-09-01", 4)
    history = Schooled()
    history.opened("2025-02-17", PARENT, young).certified("2025-02-20", young)

    assert shown(history.judged("E14", "2025-12-31", young)) == ("NOT_APPLICABLE", {}, {})
    assert shown(history.judged("E14", "2026-01-01", young)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e14_a_child_who_turns_six_on_31_august_belongs_to_the_school_year_that_begins_the_day_after() -> None:
    young = number("2019-08-31", 4)
    history = Schooled()
    history.opened("2025-02-17", PARENT, young).certified("2025-02-20", young)

    assert str(history.judged("E14", "2025-03-01", young).due) == "2025-05-31"


def test_e14_it_ends_on_31_august_after_the_last_school_year() -> None:
    old = number("2010-03-01", 4)
    history = Schooled()
    history.opened("2025-02-17", PARENT, old).certified("2025-02-20", old)
    history.say(SchoolAgeChildRegistered, "2025-03-01", old, school_year=2025, stage="COMP")

    assert history.judged("E14", "2026-08-31", old).state == "GAP"
    assert shown(history.judged("E14", "2026-09-01", old)) == ("NOT_APPLICABLE", {}, {})


def test_e14_a_child_without_proof_of_a_disability_is_not_meant() -> None:
    history = Schooled()
    history.opened("2025-02-17")

    assert shown(history.judged("E14", "2025-06-30", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e14_who_has_completed_compulsory_schooling_is_not_meant_any_more() -> None:
    history = _school_child().enrolled("2025-09-01")
    history.say(CompulsoryEducationCompleted, "2026-06-30", completed_on="2026-06-30")

    assert shown(history.judged("E14", "2026-06-29", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E14", "2026-06-30", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e14_an_adult_is_not_meant() -> None:
    history = _school_child().certified("2025-02-20", PARENT)

    assert shown(history.judged("E14", "2025-06-30", PARENT)) == ("NOT_APPLICABLE", {}, {})


# -- E14: registration


def test_e14_a_child_nobody_registered_by_the_end_of_may_was_not_found() -> None:
    history = _school_child()

    verdict = history.judged("E14", "2025-05-31", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-05-31")

    verdict = history.judged("E14", "2025-06-01", CHILD)
    assert shown(verdict) == ("GAP", {"G1": "2025-06-01"}, {})
    assert (verdict.gaps[0].department, verdict.gaps[0].division) == ("EDU", COUNTY)


def test_e14_a_case_opened_shortly_before_the_day_of_registration_has_time_to_catch_up() -> None:
    history = Schooled()
    history.opened("2025-05-20").certified("2025-02-20", CHILD)

    assert str(history.judged("E14", "2025-06-19", CHILD).due) == "2025-06-19"
    assert shown(history.judged("E14", "2025-06-20", CHILD)) == ("GAP", {"G1": "2025-06-20"}, {})


def test_e14_a_disability_proven_after_the_day_of_registration_gives_time_to_catch_up() -> None:
    history = Schooled()
    history.opened("2025-02-17").certified("2025-07-10", CHILD)

    assert str(history.judged("E14", "2025-08-09", CHILD).due) == "2025-08-09"
    assert shown(history.judged("E14", "2025-08-10", CHILD)) == ("GAP", {"G1": "2025-08-10"}, {})


def test_e14_an_older_child_of_whom_the_feed_cannot_tell_is_unknown() -> None:
    history = Schooled()
    history.opened("2025-02-17", PARENT, SIBLING).certified("2025-02-20", SIBLING)

    verdict = history.judged("E14", "2025-06-30", SIBLING)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-20"}, {})
    [missing] = verdict.missing
    assert missing.type == "SchoolAgeChildRegistered / EducationPlacementDecided / StudentEnrolled"
    assert missing.department == "EDU"


def test_e14_where_no_feed_is_declared_it_cannot_be_told() -> None:
    history = _school_child().sets("P-FEEDS", NO_SCHOOL_FEED)

    assert shown(history.judged("E14", "2025-09-30", CHILD)) == ("UNKNOWN", {"G5": "2025-02-20"}, {})


def test_e14_a_registration_in_kindergarten_years_registers_for_kindergarten_alone() -> None:
    history = _school_child().registered("2024-04-10", 2024, stage="KG").registered("2024-05-10", 2024, stage=None)
    history.enrolled("2024-09-01", "INCLKG")

    assert shown(history.judged("E14", "2025-06-01", CHILD)) == ("GAP", {"G1": "2025-06-01"}, {})


# -- E14: placement


def test_e14_who_is_registered_is_to_be_placed_by_the_end_of_august() -> None:
    history = _school_child().registered("2025-04-16")

    verdict = history.judged("E14", "2025-08-31", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-08-31")
    assert shown(history.judged("E14", "2025-09-01", CHILD)) == ("GAP", {"G2": "2025-09-01"}, {})


def test_e14_registered_for_another_school_year_is_to_be_placed_before_that_one() -> None:
    history = _school_child().registered("2025-04-16", 2026)

    assert str(history.judged("E14", "2025-10-01", CHILD).due) == "2026-08-31"


def test_e14_to_be_registered_again_does_not_put_a_placement_off() -> None:
    history = _school_child().registered("2025-04-16").registered("2026-03-16", 2026)

    assert shown(history.judged("E14", "2026-04-01", CHILD)) == ("GAP", {"G2": "2025-09-01"}, {})


def test_e14_an_assessment_counts_as_found() -> None:
    history = _school_child()
    history.say(EducationNeedsAssessed, "2025-05-12", assessed_on="2025-05-12")

    verdict = history.judged("E14", "2025-06-30", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-08-31")


def test_e14_a_registration_from_before_the_feed_says_nothing_of_what_followed() -> None:
    history = Schooled()
    history.opened("2025-02-17", PARENT, SIBLING).certified("2025-02-20", SIBLING)
    history.say(SchoolAgeChildRegistered, "2024-04-16", SIBLING, school_year=2024, stage="COMP", legacy=True)

    verdict = history.judged("E14", "2025-06-30", SIBLING)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-20"}, {})
    assert verdict.missing[0].type == "EducationPlacementDecided"


def test_e14_a_deferral_runs_to_its_end_and_then_a_new_decision_is_due() -> None:
    history = _school_child().registered("2025-04-16")
    history.placed("2025-08-20", "2025-09-01", "DEFER", defer_until="2026-01-31")

    verdict = history.judged("E14", "2026-01-31", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-01-31")
    assert shown(history.judged("E14", "2026-02-01", CHILD)) == ("GAP", {"G2": "2026-02-01"}, {"G8": "2026-02-01"})

    history.placed("2026-02-10", "2026-03-01")
    assert shown(history.judged("E14", "2026-02-10", CHILD)) == ("PENDING", {}, {})


def test_e14_a_child_that_was_at_school_can_be_deferred_and_come_back() -> None:
    history = _school_child().placed("2025-07-28", "2025-09-01").enrolled("2025-09-01")
    history.placed("2025-11-03", "2025-11-03", "DEFER", defer_until="2026-02-28")

    assert shown(history.judged("E14", "2025-12-01", CHILD)) == ("PENDING", {}, {})
    assert shown(history.judged("E15", "2025-12-01", CHILD)) == ("NOT_APPLICABLE", {}, {})

    history.enrolled("2026-02-20")
    assert shown(history.judged("E14", "2026-03-01", CHILD)) == ("MET", {}, {})


def test_e14_an_old_deferral_without_end_leaves_the_decision_due() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-08-20", "2025-09-01", "DEFER")

    assert shown(history.judged("E14", "2025-09-01", CHILD)) == ("GAP", {"G2": "2025-09-01"}, {})


def test_e14_a_deferral_from_before_the_feed_may_have_been_followed_by_a_decision() -> None:
    history = _school_child()
    history.placed("2024-08-20", "2024-09-01", "DEFER", defer_until="2025-08-31", legacy=True)

    assert shown(history.judged("E14", "2025-08-31", CHILD)) == ("PENDING", {}, {})
    assert shown(history.judged("E14", "2025-09-01", CHILD)) == ("UNKNOWN", {"G5": "2025-09-01"}, {})


def test_e14_nobody_is_exempted() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-09-01", "EXEMPT")

    assert shown(history.judged("E14", "2025-08-01", CHILD)) == ("PENDING", {}, {"G8": "2025-07-28"})
    assert shown(history.judged("E14", "2025-10-02", CHILD)) == ("GAP", {"G3": "2025-10-02"}, {"G8": "2025-07-28"})


# -- E14: enrolment


def test_e14_who_is_placed_is_to_be_enrolled_a_month_after_the_term_begins() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-09-01")

    verdict = history.judged("E14", "2025-10-01", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-10-01")
    assert shown(history.judged("E14", "2025-10-02", CHILD)) == ("GAP", {"G3": "2025-10-02"}, {})

    history.enrolled("2025-10-10")
    assert shown(history.judged("E14", "2025-10-09", CHILD)) == ("GAP", {"G3": "2025-10-02"}, {})
    assert shown(history.judged("E14", "2025-10-10", CHILD)) == ("MET", {}, {})


def test_e14_after_a_changed_review_the_old_placement_stands_until_the_new_one() -> None:
    history = _school_child().registered("2025-04-16")
    history.placed("2025-07-08", "2025-09-01", "SPEC")
    history.say(EducationPlacementDisputed, "2025-07-11", process="PL-2025-07-08", filed_on="2025-07-11", claim="x")
    said = {"reviewed_on": "2025-07-25", "outcome": "changed", "new_mode": "INCL"}
    history.say(EducationPlacementReviewed, "2025-07-25", process="PL-2025-07-08", **said)

    assert str(history.judged("E14", "2025-07-26", CHILD).due) == "2025-10-01"

    history.placed("2025-07-28", "2026-03-02")
    assert str(history.judged("E14", "2025-07-28", CHILD).due) == "2026-04-01"


@pytest.mark.parametrize(
    ("from_date", "due"),
    [("2025-09-15", "2025-10-15"), ("2026-01-10", "2026-03-31"), ("2025-07-15", "2025-10-01")],
    ids=["in the autumn term", "between the terms", "in summer"],
)
def test_e14_without_announced_terms_they_are_the_usual_ones(from_date: str, due: str) -> None:
    history = _school_child().registered("2025-04-16").placed("2025-06-28", from_date)

    assert str(history.judged("E14", "2025-07-01", CHILD).due) == due


def test_e14_an_announced_term_counts_where_it_is_announced() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-08-25")
    said = {"school_year": 2025, "term": "autumn", "starts_on": "2025-09-08", "ends_on": "2026-01-23"}
    history.say(SchoolTermAnnounced, "2025-06-01", None, division=OTHER_COUNTY, **said)

    assert str(history.judged("E14", "2025-08-01", CHILD).due) == "2025-10-01"

    history.say(SchoolTermAnnounced, "2025-06-01", None, division=COUNTY, **said)

    assert str(history.judged("E14", "2025-08-01", CHILD).due) == "2025-10-08"


def test_e14_another_placement_is_to_be_carried_out_as_well() -> None:
    history = _school_child().placed("2025-07-28", "2025-09-01", "SPEC").enrolled("2025-09-01", "SPEC")
    history.placed("2026-01-20", "2026-03-02", "INCL")

    assert str(history.judged("E14", "2026-02-01", CHILD).due) == "2026-04-01"
    assert shown(history.judged("E14", "2026-04-02", CHILD)) == ("GAP", {"G3": "2026-04-02"}, {})

    school = {"code": "2142000123", "name": "虚构县特殊教育学校"}
    history.say(StudentTransferred, "2026-04-10", transferred_on="2026-04-10", from_school=school, to_school=school)
    assert shown(history.judged("E14", "2026-04-10", CHILD)) == ("MET", {}, {})


def test_e14_the_same_way_of_schooling_decided_again_needs_no_new_enrolment() -> None:
    history = _school_child().placed("2025-07-28", "2025-09-01").enrolled("2025-09-01")
    history.placed("2026-07-28", "2026-09-01")

    assert shown(history.judged("E14", "2026-12-01", CHILD)) == ("MET", {}, {})


def test_e14_an_enrolment_without_a_placement_is_enough() -> None:
    history = _school_child().enrolled("2025-09-01")

    assert shown(history.judged("E14", "2025-10-01", CHILD)) == ("MET", {}, {})


def test_e14_an_enrolment_corrected_to_an_earlier_day_counts_from_that_day() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-09-01")
    history.say(StudentEnrolled, "2025-11-03", enrolled_on="2025-09-01", mode="INCL", student_no=f"G{CHILD}")

    assert shown(history.judged("E14", "2025-10-15", CHILD, known="2025-11-02"))[0] == "GAP"
    assert shown(history.judged("E14", "2025-10-15", CHILD, known="2025-11-03")) == ("MET", {}, {})


def test_e14_a_placement_from_before_the_feed_says_nothing_of_the_enrolment() -> None:
    history = Schooled()
    history.opened("2025-02-17", PARENT, SIBLING).certified("2025-02-20", SIBLING)
    said = {"mode": "INCL", "from_date": "2024-09-01"}
    history.say(EducationPlacementDecided, "2024-07-28", SIBLING, process="PL-1", legacy=True, **said)

    verdict = history.judged("E14", "2025-06-30", SIBLING)
    assert verdict.state == "UNKNOWN"
    assert verdict.missing[0].type == "StudentEnrolled"


def test_e14_before_the_term_begins_nobody_is_expected_whatever_the_feed() -> None:
    history = _school_child().placed("2025-03-10", "2025-09-01").sets("P-FEEDS", NO_SCHOOL_FEED)

    verdict = history.judged("E14", "2025-05-30", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-10-01")
    assert shown(history.judged("E14", "2025-09-10", CHILD))[:2] == ("UNKNOWN", {"G5": "2025-09-01"})


# -- E14: absence, holds, places


def test_e14_a_child_that_stays_away_is_to_be_brought_back_in_fifteen_days() -> None:
    history = _school_child().enrolled("2025-09-01")
    history.say(StudentAbsenceReported, "2025-11-20", reported_on="2025-11-20", days_absent=15)

    verdict = history.judged("E14", "2025-12-05", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-12-05")
    assert shown(history.judged("E14", "2025-12-06", CHILD)) == ("LAPSED", {"G4": "2025-12-06"}, {})

    history.say(StudentAbsenceResolved, "2025-12-20", resolved_on="2025-12-20", outcome="returned")
    assert shown(history.judged("E14", "2025-12-19", CHILD)) == ("LAPSED", {"G4": "2025-12-06"}, {})
    assert shown(history.judged("E14", "2025-12-20", CHILD)) == ("MET", {}, {})


def test_e14_a_gap_that_somebody_holds_is_held() -> None:
    history = _school_child()
    said = {"entitlement": "E14", "gap_type": "G1", "action": "x", "responsible": "y", "person": CHILD}
    history.say(GapActionRecorded, "2025-06-10", PARENT, hold_until="2025-08-31", **said)

    assert shown(history.judged("E14", "2025-08-31", CHILD)) == ("HELD", {"G1": "2025-06-01"}, {})
    assert shown(history.judged("E14", "2025-09-01", CHILD)) == ("GAP", {"G1": "2025-06-01"}, {})


def test_e14_schooling_cannot_be_declined() -> None:
    history = _school_child()
    history.say(ServiceDeclined, "2025-03-10", CHILD, need="EDU", declined_by=PARENT, until="2026-02-28")

    assert shown(history.judged("E14", "2025-06-01", CHILD)) == ("GAP", {"G1": "2025-06-01"}, {})


def test_e14_the_county_of_the_last_education_event_acts() -> None:
    history = _school_child().registered("2025-04-16", at=OTHER_COUNTY)

    [gap] = history.judged("E14", "2025-09-01", CHILD).gaps
    assert gap.division == OTHER_COUNTY


def test_e14_before_any_education_event_the_county_that_holds_the_case_acts() -> None:
    history = _school_child()
    history.say(CaseTransferAccepted, "2025-04-01", PARENT, accepted_division=OTHER_COUNTY, at=OTHER_COUNTY)

    [gap] = history.judged("E14", "2025-06-01", CHILD).gaps
    assert gap.division == OTHER_COUNTY


@pytest.mark.parametrize(
    ("parameter", "value", "on", "standard", "own"),
    [
        ("P-EDU-REG-DATE", "06-30", "2025-03-01", "2025-05-31", "2025-06-30"),
        ("P-CATCHUP-D", "120", "2025-03-01", "2025-05-31", "2025-06-20"),
        ("P-EDU-PLACE-DATE", "07-31", "2025-05-01", "2025-08-31", "2025-07-31"),
        ("P-EDU-ENROL-D", "10", "2025-08-01", "2025-10-01", "2025-09-11"),
        ("P-TERM-START", "09-10", "2025-08-01", "2025-10-01", "2025-10-10"),
        ("P-TERM-MONTHS", "3,4,10,11", "2025-08-01", "2025-10-01", "2025-10-31"),
        ("P-ABSENCE-D", "5", "2025-11-22", "2025-12-05", "2025-11-25"),
    ],
)
def test_e14_a_countys_own_value_moves_that_county_alone(
    parameter: str, value: str, on: str, standard: str, own: str
) -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-09-01").enrolled("2025-10-02")
    history.say(StudentAbsenceReported, "2025-11-20", reported_on="2025-11-20", days_absent=15)
    history.sets(parameter, value, division=OTHER_COUNTY)

    assert str(history.judged("E14", on, CHILD).due) == standard

    history.sets(parameter, value, division=COUNTY)

    assert str(history.judged("E14", on, CHILD).due) == own


def test_e14_a_value_that_takes_effect_after_a_clock_began_does_not_move_it() -> None:
    history = _school_child().registered("2025-04-16").sets("P-EDU-PLACE-DATE", "07-31", "2025-04-17", division=COUNTY)

    assert str(history.judged("E14", "2025-05-01", CHILD).due) == "2025-08-31"


def test_e14_the_age_of_school_is_a_countys_own() -> None:
    history = _school_child().sets("P-EDU-AGES", "7-15", division=OTHER_COUNTY)
    assert history.judged("E14", "2025-06-01", CHILD).state == "GAP"

    history.sets("P-EDU-AGES", "7-15", division=COUNTY)
    assert history.judged("E14", "2025-06-01", CHILD).state == "NOT_APPLICABLE"


def test_e14_what_proves_a_disability_is_a_countys_own() -> None:
    history = Schooled()
    history.opened("2025-02-17")
    said = {"category": "HEA", "hospital_level": "3A", "recommend_rehab": True, "reported_on": "2025-02-20"}
    history.say(DiagnosisReported, "2025-02-20", CHILD, **said)
    history.sets("P-DISABLED-EVIDENCE", "cert_only", division=OTHER_COUNTY)
    assert history.judged("E14", "2025-03-01", CHILD).state == "ELIGIBLE_NOT_APPLIED"

    history.sets("P-DISABLED-EVIDENCE", "cert_only", division=COUNTY)
    assert history.judged("E14", "2025-03-01", CHILD).state == "NOT_APPLICABLE"


def test_e14_an_enrolment_that_was_withdrawn_has_never_been() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-09-01").enrolled("2025-09-01")
    withdrawn = [one["id"] for one in history.events if one["type"].endswith("student_enrolled")]
    history.withdrawn(withdrawn[0], "2025-11-03")

    assert shown(history.judged("E14", "2025-10-15", CHILD, known="2025-11-02")) == ("MET", {}, {})
    assert shown(history.judged("E14", "2025-10-15", CHILD, known="2025-11-03")) == ("GAP", {"G3": "2025-10-02"}, {})


# -- E15: the plan


def test_e15_before_the_enrolment_no_plan_is_due() -> None:
    history = _school_child().registered("2025-04-16").placed("2025-07-28", "2025-09-01")

    assert shown(history.judged("E15", "2025-08-31", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e15_a_plan_is_due_a_month_after_the_enrolment() -> None:
    history = _school_child().enrolled("2026-03-09")

    verdict = history.judged("E15", "2026-04-08", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2026-04-08")
    assert shown(history.judged("E15", "2026-04-09", CHILD)) == ("GAP", {"G1": "2026-04-09"}, {})


def test_e15_a_plan_made_in_the_month_before_the_enrolment_is_in_time() -> None:
    early = _school_child().enrolled("2026-03-09").planned("2026-02-06", "2026-09-01")
    in_time = _school_child().enrolled("2026-03-09").planned("2026-02-07", "2026-09-01")

    assert early.judged("E15", "2026-04-09", CHILD).state == "GAP"
    assert shown(in_time.judged("E15", "2026-04-09", CHILD)) == ("MET", {}, {})


def test_e15_a_transfer_keeps_the_plan() -> None:
    history = _school_child().enrolled("2025-09-01").planned("2025-09-22", "2026-09-22")
    school = {"code": "2142000123", "name": "虚构县特殊教育学校"}
    said = {"transferred_on": "2026-03-02", "from_school": school, "to_school": school}
    history.say(StudentTransferred, "2026-03-02", at=OTHER_COUNTY, **said)

    verdict = history.judged("E15", "2026-04-09", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("MET", {}, {}), "2026-09-22")
    assert history.judged("E15", "2026-09-23", CHILD).gaps[0].division == OTHER_COUNTY


def test_e15_a_new_enrolment_needs_a_new_plan() -> None:
    history = _school_child().enrolled("2025-09-01").planned("2025-09-22", "2026-09-22").enrolled("2026-09-01", "SPEC")

    assert shown(history.judged("E15", "2026-09-25", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.judged("E15", "2026-10-02", CHILD)) == ("GAP", {"G1": "2026-10-02"}, {})


def test_e15_who_was_enrolled_before_the_case_is_not_tested_for_a_first_plan() -> None:
    history = Schooled()
    history.opened("2025-10-15").certified("2025-02-20", CHILD)
    history.enrolled("2025-09-01")

    assert shown(history.judged("E15", "2025-12-01", CHILD)) == ("UNKNOWN", {"G5": "2025-10-15"}, {})

    history.planned("2025-11-03", "2026-06-30")
    assert shown(history.judged("E15", "2025-12-01", CHILD)) == ("MET", {}, {})


def test_e15_of_who_was_only_transferred_the_plan_is_not_known() -> None:
    history = _school_child()
    school = {"code": "2142000123", "name": "虚构县特殊教育学校"}
    said = {"transferred_on": "2025-11-03", "from_school": school, "to_school": school}
    history.say(StudentTransferred, "2025-11-03", **said)

    assert shown(history.judged("E15", "2026-01-10", CHILD)) == ("UNKNOWN", {"G5": "2025-11-03"}, {})


def test_e15_a_disability_proven_after_the_enrolment_begins_the_clock() -> None:
    history = Schooled()
    history.opened("2025-02-17").certified("2026-03-10", CHILD)
    history.enrolled("2025-09-01")

    assert str(history.judged("E15", "2026-03-20", CHILD).due) == "2026-04-09"


def test_e15_where_schooling_is_unknown_the_plan_is_unknown() -> None:
    history = Schooled()
    history.opened("2025-02-17", PARENT, SIBLING).certified("2025-02-20", SIBLING)

    assert shown(history.judged("E15", "2025-06-30", SIBLING)) == ("UNKNOWN", {"G5": "2025-02-20"}, {})


def test_e15_a_plan_is_reviewed_by_its_day_and_within_a_year() -> None:
    by_its_day = _school_child().enrolled("2025-09-01").planned("2025-09-22", "2026-01-20")
    within_a_year = _school_child().enrolled("2025-09-01").planned("2025-09-22", "2027-01-20")

    assert shown(by_its_day.judged("E15", "2026-01-20", CHILD)) == ("MET", {}, {})
    assert shown(by_its_day.judged("E15", "2026-01-21", CHILD)) == ("LAPSED", {"G4": "2026-01-21"}, {})
    assert shown(within_a_year.judged("E15", "2026-09-23", CHILD)) == ("LAPSED", {"G4": "2026-09-23"}, {})

    by_its_day.planned("2026-02-10", "2026-09-01")
    assert shown(by_its_day.judged("E15", "2026-02-10", CHILD)) == ("MET", {}, {})


def test_e15_a_review_due_before_the_case_is_not_looked_at() -> None:
    history = Schooled()
    history.opened("2026-02-17").certified("2025-02-20", CHILD)
    history.enrolled("2025-09-01").planned("2025-09-10", "2026-01-10")

    verdict = history.judged("E15", "2026-03-01", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("MET", {}, {}), "2027-01-10")


def test_e15_a_plan_from_before_the_feed_may_have_been_reviewed_before_it() -> None:
    history = Schooled()
    history.opened("2025-02-17", PARENT, SIBLING).certified("2025-02-20", SIBLING)
    said = {"mode": "INCL", "student_no": f"G{SIBLING}"}
    history.say(StudentEnrolled, "2023-09-01", SIBLING, enrolled_on="2023-09-01", legacy=True, **said)
    history.say(EducationPlanMade, "2024-09-10", SIBLING, plan_year=2024, review_due="2025-09-10", legacy=True)

    assert shown(history.judged("E15", "2025-09-10", SIBLING)) == ("MET", {}, {})
    assert shown(history.judged("E15", "2025-09-11", SIBLING)) == ("UNKNOWN", {"G5": "2025-09-11"}, {})


def test_e15_it_ends_with_compulsory_schooling() -> None:
    history = _school_child().enrolled("2025-09-01")
    history.say(CompulsoryEducationCompleted, "2026-06-30", completed_on="2026-06-30")

    assert history.judged("E15", "2026-06-29", CHILD).state == "GAP"
    assert shown(history.judged("E15", "2026-06-30", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e15_a_gap_that_somebody_holds_is_held() -> None:
    history = _school_child().enrolled("2026-03-09")
    said = {"entitlement": "E15", "gap_type": "G1", "action": "x", "responsible": "y"}
    history.say(GapActionRecorded, "2026-04-10", PARENT, hold_until="2026-04-30", **said)

    assert shown(history.judged("E15", "2026-04-30", CHILD)) == ("HELD", {"G1": "2026-04-09"}, {})


# -- E15: teaching at home and in a centre


def test_e15_one_visit_in_a_month_is_too_few_until_a_late_row_tells_of_another() -> None:
    history = _at_home().taught("2026-04-08", "2026-05-11", "2026-05-18")
    history.taught("2026-04-22", recorded="2026-05-20")

    assert shown(history.judged("E15", "2026-04-30", CHILD, known="2026-05-19")) == ("MET", {}, {})
    assert shown(history.judged("E15", "2026-05-01", CHILD, known="2026-05-19")) == ("LAPSED", {"G4": "2026-05-01"}, {})
    assert shown(history.judged("E15", "2026-05-01", CHILD, known="2026-05-20")) == ("MET", {}, {})


def test_e15_the_run_of_short_months_lasts_over_the_summer_until_a_month_with_enough() -> None:
    history = _at_home().taught("2026-05-11", "2026-09-08", "2026-10-13", "2026-10-20")

    assert shown(history.judged("E15", "2026-10-31", CHILD)) == ("LAPSED", {"G4": "2026-05-01"}, {})
    assert shown(history.judged("E15", "2026-11-01", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E15", "2026-12-01", CHILD)) == ("LAPSED", {"G4": "2026-12-01"}, {})


def test_e15_a_month_is_tested_only_wholly_inside_the_placement() -> None:
    history = _at_home().taught("2026-04-08", "2026-04-15").placed("2026-05-25", "2026-05-28", "INCL")
    history.enrolled("2026-05-28").planned("2026-06-01", "2027-06-01")

    assert shown(history.judged("E15", "2026-04-01", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E15", "2026-06-01", CHILD)) == ("MET", {}, {})


def test_e15_in_a_centre_only_teaching_in_the_centre_counts() -> None:
    history = _school_child().placed("2026-03-20", "2026-04-01", "MEDEDU").enrolled("2026-04-01", "MEDEDU")
    history.planned("2026-04-01", "2027-04-01").taught("2026-04-08", "2026-04-15")

    assert shown(history.judged("E15", "2026-05-01", CHILD)) == ("LAPSED", {"G4": "2026-05-01"}, {})

    org = {"code": "52421299MJXREH015B", "name": "虚构嘉鱼听语康复中心"}
    for day in ("2026-04-09", "2026-04-16"):
        history.say(CentreTeachingDelivered, day, taught_on=day, institution=org)
    assert shown(history.judged("E15", "2026-05-01", CHILD)) == ("MET", {}, {})


def test_e15_an_enrolment_without_a_placement_says_how_the_child_is_taught() -> None:
    history = _school_child().enrolled("2026-03-09", "HOME").planned("2026-03-10", "2027-03-10")

    assert shown(history.judged("E15", "2026-05-01", CHILD)) == ("LAPSED", {"G4": "2026-05-01"}, {})


def test_e15_a_month_wholly_inside_an_announced_term_is_tested_and_else_the_list_says() -> None:
    history = _at_home().taught("2026-04-08", "2026-04-15", "2026-05-08", "2026-05-15", "2026-06-08", "2026-06-15")
    assert shown(history.judged("E15", "2026-09-01", CHILD)) == ("MET", {}, {})

    said = {"school_year": 2025, "term": "spring", "starts_on": "2026-02-23", "ends_on": "2026-08-10"}
    history.say(SchoolTermAnnounced, "2026-01-10", None, division=OTHER_COUNTY, **said)
    assert shown(history.judged("E15", "2026-09-01", CHILD)) == ("MET", {}, {})

    history.say(SchoolTermAnnounced, "2026-01-10", None, division=COUNTY, **said)
    assert shown(history.judged("E15", "2026-09-01", CHILD)) == ("LAPSED", {"G4": "2026-08-01"}, {})


def test_e15_a_listed_month_in_which_an_announced_term_begins_is_tested() -> None:
    history = _school_child().placed("2026-01-20", "2026-03-01", "HOME").enrolled("2026-03-01", "HOME")
    history.planned("2026-03-10", "2027-03-10")
    said = {"school_year": 2025, "term": "spring", "starts_on": "2026-03-02", "ends_on": "2026-07-03"}
    history.say(SchoolTermAnnounced, "2026-01-10", None, division=COUNTY, **said)

    assert shown(history.judged("E15", "2026-04-01", CHILD)) == ("LAPSED", {"G4": "2026-04-01"}, {})


def test_e15_months_before_the_case_are_not_tested() -> None:
    history = Schooled()
    history.opened("2026-05-11").certified("2025-02-20", CHILD)
    history.placed("2026-03-02", "2026-03-02", "HOME").enrolled("2026-03-02", "HOME").planned(
        "2026-03-10", "2027-03-10"
    )

    assert shown(history.judged("E15", "2026-05-31", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E15", "2026-06-01", CHILD)) == ("LAPSED", {"G4": "2026-06-01"}, {})


def test_e15_where_no_feed_is_declared_too_few_visits_cannot_be_told() -> None:
    history = _at_home().sets("P-FEEDS", NO_SCHOOL_FEED)

    assert shown(history.judged("E15", "2026-04-30", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E15", "2026-05-01", CHILD)) == ("UNKNOWN", {"G5": "2026-05-01"}, {})


@pytest.mark.parametrize(
    ("parameter", "value", "on", "standard", "own"),
    [
        ("P-IEP-D", "10", "2025-09-12", "ELIGIBLE_NOT_APPLIED", "GAP"),
        ("P-IEP-REVIEW-M", "3", "2026-01-10", "MET", "LAPSED"),
        ("P-HOMETEACH-MIN", "3", "2025-11-01", "MET", "LAPSED"),
        ("P-TERM-MONTHS", "3,4,5,6", "2025-12-01", "LAPSED", "MET"),
    ],
)
def test_e15_a_countys_own_value_moves_that_county_alone(
    parameter: str, value: str, on: str, standard: str, own: str
) -> None:
    history = _school_child().placed("2025-07-28", "2025-09-01", "HOME").enrolled("2025-09-01", "HOME")
    if parameter != "P-IEP-D":
        history.planned("2025-09-22", "2027-09-22")
    history.taught("2025-09-10", "2025-09-17", "2025-09-24", "2025-10-10", "2025-10-17")
    if on > "2026":
        history.taught("2025-11-10", "2025-11-17", "2025-12-10", "2025-12-17")
    history.sets(parameter, value, division=OTHER_COUNTY)

    assert history.judged("E15", on, CHILD).state == standard

    history.sets(parameter, value, division=COUNTY)

    assert history.judged("E15", on, CHILD).state == own
