"""XN-10: long-term care insurance, state by state. In these histories the scheme begins on 1 January 2026."""

import pytest

from services.disability_federation.registry.events import (
    GapActionRecorded,
    NeedsSurveyed,
    PersonDeceased,
    PolicyParameterSet,
    ServiceDeclined,
)
from services.finance.events import BenefitPaid
from services.medical_insurance.events import (
    LtcAssessed,
    LtcAssessmentApplied,
    LtcAssessmentDisputed,
    LtcBenefitDecided,
    LtcBenefitStopped,
    LtcEnrolled,
    LtcPremiumAssisted,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, number, shown, token

NO_MEDICAL_FEED = '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'


class Insured(History):
    """A history of one child's long-term care insurance."""

    def sets(self, parameter: str, value: str, since: str = "2025-01-01", division: str | None = None) -> "Insured":
        """Set a parameter."""
        said = {"parameter": parameter, "value": value, "effective_from": since, "division": division}
        self.say(PolicyParameterSet, "2025-01-02", None, **said)
        return self

    def enrolled(self, day: str, year: int = 2026) -> "Insured":
        """Insure the child for a year."""
        self.say(LtcEnrolled, day, year=year)
        return self

    def assisted(self, day: str, year: int = 2026) -> "Insured":
        """Pay the child's premium of a year."""
        self.say(LtcPremiumAssisted, day, year=year)
        return self

    def applied(self, day: str, process: str = "LT-1") -> "Insured":
        """Apply for an assessment."""
        self.say(LtcAssessmentApplied, day, process=process, applied_on=day)
        return self

    def assessed(self, day: str, level: str, valid_to: str = "2028-04-27", process: str = "LT-1") -> "Insured":
        """Assess the child's level."""
        said = {"level": level, "concluded_on": day, "valid_to": valid_to, "accepted": True}
        self.say(LtcAssessed, day, process=process, **said)
        return self

    def granted(self, day: str, from_month: str, level: str = "4", process: str = "LT-1") -> "Insured":
        """Grant the benefit of a level."""
        self.say(LtcBenefitDecided, day, process=process, decision="approved", level=level, from_month=from_month)
        return self

    def refused(self, day: str, reason: str, level: str = "2", decision: str = "refused") -> "Insured":
        """Refuse the benefit."""
        said = {"decision": decision, "refuse_reason": reason or None, "level": level}
        self.say(LtcBenefitDecided, day, process="LT-1", **said)
        return self

    def paid(self, day: str, *months: str) -> "Insured":
        """Pay the benefit of some months."""
        for month in months:
            self.say(BenefitPaid, day, process="LT-1", benefit="LTCBEN", period=month, paid_on=day, amount="1200.00")
        return self


def _in_force(starts: str = "2026-01-01") -> Insured:
    history = Insured()
    history.opened("2025-02-17").certified("2025-02-20", CHILD)
    return history.sets("P-LTC-ACTIVE-FROM", starts, starts)


def _insured() -> Insured:
    return _in_force().enrolled("2026-01-15").assisted("2026-01-20")


# -- E21


def test_e21_before_the_scheme_begins_it_is_not_in_force() -> None:
    history = _in_force()

    assert shown(history.judged("E21", "2025-12-31", CHILD)) == ("NOT_IN_FORCE", {}, {})
    assert shown(history.judged("E21", "2025-12-31", PARENT)) == ("NOT_IN_FORCE", {}, {})
    assert shown(history.judged("E21", "2026-01-01", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e21_the_scheme_begins_in_the_county_for_which_it_was_set() -> None:
    history = Insured()
    history.opened("2025-02-17").certified("2025-02-20", CHILD)
    history.sets("P-LTC-ACTIVE-FROM", "2026-01-01", "2026-01-01", OTHER_COUNTY)

    assert shown(history.judged("E21", "2026-01-10", CHILD)) == ("NOT_IN_FORCE", {}, {})

    history.sets("P-LTC-ACTIVE-FROM", "2026-01-01", "2026-01-01", COUNTY)
    verdict = history.judged("E21", "2026-01-10", CHILD)
    assert verdict.state == "ELIGIBLE_NOT_APPLIED"
    assert "h-004" in {one.id for one in verdict.evidence}


def test_e21_in_the_first_year_the_season_lasts_some_time_after_the_start() -> None:
    history = _in_force()

    verdict = history.judged("E21", "2026-01-10", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2026-03-02")

    verdict = history.judged("E21", "2026-03-03", CHILD)
    assert shown(verdict) == ("GAP", {"G1": "2026-03-03"}, {})
    assert (verdict.gaps[0].department, verdict.gaps[0].division) == ("MED", COUNTY)


def test_e21_in_later_years_the_season_ends_in_february() -> None:
    history = _in_force().enrolled("2026-01-15").assisted("2026-01-20")

    assert shown(history.judged("E21", "2026-12-31", CHILD)) == ("MET", {}, {})
    assert str(history.judged("E21", "2027-02-28", CHILD).due) == "2027-02-28"
    assert shown(history.judged("E21", "2027-03-01", CHILD)) == ("GAP", {"G1": "2027-03-01"}, {})


def test_e21_a_disability_proven_late_in_the_season_gives_time_to_catch_up() -> None:
    history = Insured()
    history.opened("2025-02-17").certified("2026-02-20", CHILD)
    history.sets("P-LTC-ACTIVE-FROM", "2026-01-01", "2026-01-01")

    assert str(history.judged("E21", "2026-03-01", CHILD).due) == "2026-03-22"


def test_e21_who_is_enrolled_is_assisted_within_sixty_days() -> None:
    history = _in_force().enrolled("2026-01-15")

    verdict = history.judged("E21", "2026-03-16", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-03-16")

    verdict = history.judged("E21", "2026-03-17", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2026-03-17"}, {})
    assert verdict.gaps[0].department == "MED"

    history.assisted("2026-03-20")
    assert shown(history.judged("E21", "2026-03-20", CHILD)) == ("MET", {}, {})


def test_e21_an_enrolment_of_the_autumn_before_counts_for_its_year() -> None:
    history = _in_force().enrolled("2026-11-10", 2027)

    assert shown(history.judged("E21", "2026-12-31", CHILD))[0] == "GAP"
    assert shown(history.judged("E21", "2027-01-09", CHILD)) == ("PENDING", {}, {})
    assert shown(history.judged("E21", "2027-01-10", CHILD)) == ("GAP", {"G3": "2027-01-10"}, {})


def test_e21_an_enrolment_before_the_disability_is_assisted_after_it() -> None:
    history = Insured()
    history.opened("2025-02-17").certified("2026-05-20", CHILD)
    history.sets("P-LTC-ACTIVE-FROM", "2026-01-01", "2026-01-01").enrolled("2026-01-15")

    assert shown(history.judged("E21", "2026-05-19", CHILD)) == ("NOT_APPLICABLE", {}, {})
    assert str(history.judged("E21", "2026-05-20", CHILD).due) == "2026-07-19"


def test_e21_where_only_difficult_families_are_meant_others_are_not_eligible() -> None:
    history = _in_force().sets("P-LTC-PREMIUM-SCOPE", "difficult_family", division=OTHER_COUNTY)
    assert history.judged("E21", "2026-01-10", CHILD).state == "ELIGIBLE_NOT_APPLIED"

    history.sets("P-LTC-PREMIUM-SCOPE", "difficult_family", division=COUNTY)
    assert shown(history.judged("E21", "2026-01-10", CHILD)) == ("NOT_ELIGIBLE", {}, {})

    history.recognised("2026-03-10")
    assert str(history.judged("E21", "2026-03-10", CHILD).due) == "2026-04-09"


def test_e21_a_decline_lasts_until_its_end_and_then_gives_time_to_catch_up() -> None:
    history = _in_force()
    history.say(ServiceDeclined, "2026-01-20", CHILD, need="LTC", declined_by=PARENT, until="2026-02-20")

    assert shown(history.judged("E21", "2026-02-20", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E21", "2026-02-21", CHILD).due) == "2026-03-22"


@pytest.mark.parametrize("ended_by", ["enrolled", "surveyed"])
def test_e21_a_decline_ends_early_with_an_enrolment_or_a_survey_that_names_the_need(ended_by: str) -> None:
    history = _in_force()
    history.say(ServiceDeclined, "2026-01-20", CHILD, need="LTC", declined_by=PARENT, until="2026-12-31")
    if ended_by == "enrolled":
        history.enrolled("2026-02-10")
    else:
        history.say(NeedsSurveyed, "2026-02-10", PARENT, needs=["LTC"])

    assert shown(history.judged("E21", "2026-02-09", CHILD)) == ("DECLINED", {}, {})
    expected = "PENDING" if ended_by == "enrolled" else "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E21", "2026-02-10", CHILD)) == (expected, {}, {})


def test_e21_a_decline_without_an_end_lasts_as_long_as_the_county_says() -> None:
    history = _in_force().sets("P-DECLINE-M", "1", division=OTHER_COUNTY)
    history.say(ServiceDeclined, "2026-01-20", CHILD, need="LTC", declined_by=PARENT)
    assert shown(history.judged("E21", "2026-12-31", CHILD)) == ("DECLINED", {}, {})

    history.sets("P-DECLINE-M", "1", division=COUNTY)
    assert shown(history.judged("E21", "2026-02-20", CHILD)) == ("DECLINED", {}, {})
    assert shown(history.judged("E21", "2026-02-21", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e21_where_no_feed_is_declared_it_cannot_be_told() -> None:
    history = _in_force().sets("P-FEEDS", NO_MEDICAL_FEED)

    verdict = history.judged("E21", "2026-03-10", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2026-01-01"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("LtcEnrolled", "MED")]


def test_e21_a_gap_that_somebody_holds_is_held() -> None:
    history = _in_force()
    said = {"entitlement": "E21", "gap_type": "G1", "action": "x", "responsible": "y", "hold_until": "2026-04-30"}
    history.say(GapActionRecorded, "2026-03-10", PARENT, **said)

    assert shown(history.judged("E21", "2026-04-30", CHILD)) == ("HELD", {"G1": "2026-03-03"}, {})


@pytest.mark.parametrize(
    ("parameter", "value", "on", "standard", "own"),
    [
        ("P-LTC-SEASON-END", "04-15", "2026-01-10", "2026-03-02", "2026-04-15"),
        ("P-LTC-FIRST-SEASON-D", "90", "2026-01-10", "2026-03-02", "2026-04-01"),
        ("P-CATCHUP-D", "400", "2026-01-10", "2026-03-02", "2026-03-27"),
        ("P-LTC-ASSIST-D", "10", "2026-01-16", "2026-03-16", "2026-01-25"),
    ],
)
def test_e21_a_countys_own_value_moves_that_county_alone(
    parameter: str, value: str, on: str, standard: str, own: str
) -> None:
    history = _in_force().enrolled("2026-01-15").sets(parameter, value, division=OTHER_COUNTY)
    assert str(history.judged("E21", on, CHILD).due) == standard

    history.sets(parameter, value, division=COUNTY)
    assert str(history.judged("E21", on, CHILD).due) == own


# -- E22


def test_e22_before_the_scheme_begins_it_is_not_in_force() -> None:
    assert shown(_in_force().judged("E22", "2025-12-31", CHILD)) == ("NOT_IN_FORCE", {}, {})


def test_e22_only_a_disabled_child_is_meant() -> None:
    assert shown(_in_force().judged("E22", "2026-01-10", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e22_who_is_not_insured_this_year_is_not_eligible() -> None:
    assert shown(_in_force().judged("E22", "2026-01-10", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert shown(_insured().judged("E22", "2027-01-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e22_without_an_application_there_is_no_clock() -> None:
    verdict = _insured().judged("E22", "2026-12-31", CHILD)

    assert (shown(verdict), verdict.due) == (("ELIGIBLE_NOT_APPLIED", {}, {}), None)


def test_e22_an_application_is_assessed_then_decided_then_paid() -> None:
    history = _insured().applied("2026-04-02")

    verdict = history.judged("E22", "2026-05-19", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-05-19")
    assert shown(history.judged("E22", "2026-05-20", CHILD)) == ("GAP", {"G2": "2026-05-20"}, {})

    history.assessed("2026-04-28", "4")
    verdict = history.judged("E22", "2026-05-28", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-05-28")
    verdict = history.judged("E22", "2026-05-29", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2026-05-29"}, {})
    assert verdict.gaps[0].department == "MED"

    history.granted("2026-06-10", "2026-05")
    verdict = history.judged("E22", "2026-06-24", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-07-10")

    history.paid("2026-06-25", "2026-05")
    assert shown(history.judged("E22", "2026-06-25", CHILD)) == ("MET", {}, {})


def test_e22_an_unpaid_month_is_owed_by_medical_insurance() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-06-10", "2026-05")
    history.paid("2026-06-25", "2026-05", "2026-06")

    verdict = history.judged("E22", "2026-08-11", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2026-08-11"}, {})
    assert verdict.gaps[0].department == "MED"


def test_e22_a_level_below_the_minimum_gives_nothing_until_it_expires_or_another_assessment_is_asked_for() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "2", "2026-09-30").refused("2026-05-06", "level")

    assert shown(history.judged("E22", "2026-04-28", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert shown(history.judged("E22", "2026-09-30", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert shown(history.judged("E22", "2026-10-01", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})

    history.applied("2026-07-01", "LT-2")
    assert shown(history.judged("E22", "2026-07-01", CHILD)) == ("PENDING", {}, {})


def test_e22_an_objection_that_raises_the_level_makes_a_decision_due() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "2").refused("2026-05-06", "level")
    history.say(LtcAssessmentDisputed, "2026-05-12", process="LT-1", filed_on="2026-05-12", new_level="4")

    verdict = history.judged("E22", "2026-05-12", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2026-06-09")
    assert shown(history.judged("E22", "2026-06-10", CHILD)) == ("GAP", {"G3": "2026-06-10"}, {})


def test_e22_an_objection_without_a_new_level_changes_nothing() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "2")
    history.say(LtcAssessmentDisputed, "2026-05-12", process="LT-1", filed_on="2026-05-12")

    assert shown(history.judged("E22", "2026-05-12", CHILD)) == ("NOT_ELIGIBLE", {}, {})


@pytest.mark.parametrize(
    ("reason", "decision", "expected"),
    [
        ("level", "refused", ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2026-05-06"})),
        ("fund", "refused", ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2026-05-06"})),
        ("age", "refused", ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2026-05-06"})),
        ("document", "refused", ("ELIGIBLE_NOT_APPLIED", {}, {})),
        ("", "returned", ("ELIGIBLE_NOT_APPLIED", {}, {})),
    ],
)
def test_e22_a_refusal_is_held_against_the_facts(reason: str, decision: str, expected: tuple[object, ...]) -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4")
    history.refused("2026-05-06", reason, "4", decision)

    assert shown(history.judged("E22", "2026-05-06", CHILD)) == expected


def test_e22_a_decision_on_another_level_than_was_assessed_is_warned_of() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-05-20", "2026-05", "3")

    assert shown(history.judged("E22", "2026-05-20", CHILD)) == ("PENDING", {}, {"G8": "2026-05-20"})


def test_e22_a_conclusion_that_expires_is_warned_of_until_there_is_a_newer_one() -> None:
    history = (
        _insured().applied("2026-04-02").assessed("2026-04-28", "4", "2026-08-31").granted("2026-05-20", "2026-05")
    )
    history.paid("2026-06-25", "2026-05", "2026-06")

    assert shown(history.judged("E22", "2026-07-01", CHILD)) == ("MET", {}, {})
    verdict = history.judged("E22", "2026-07-02", CHILD)
    assert shown(verdict) == ("MET", {}, {"G6": "2026-07-02"})
    [warning] = verdict.warnings
    assert (str(warning.due), warning.department, warning.division) == ("2026-08-31", "MED", COUNTY)
    assert "G6" in shown(history.judged("E22", "2026-08-31", CHILD))[2]
    assert "G6" not in shown(history.judged("E22", "2026-09-01", CHILD))[2]

    history.assessed("2026-07-05", "4")
    assert shown(history.judged("E22", "2026-07-05", CHILD)) == ("MET", {}, {})


def test_e22_a_grant_is_followed_when_its_holder_turns_eighteen() -> None:
    child = number("2008-06-01", 4)
    history = Insured()
    history.opened("2025-02-17", PARENT, child).certified("2025-02-20", child)
    history.sets("P-LTC-ACTIVE-FROM", "2026-01-01", "2026-01-01")
    history.say(LtcEnrolled, "2026-01-15", child, year=2026)
    history.say(LtcAssessmentApplied, "2026-02-02", child, process="LT-1", applied_on="2026-02-02")
    said = {"level": "4", "concluded_on": "2026-02-20", "valid_to": "2028-02-19", "accepted": True}
    history.say(LtcAssessed, "2026-02-20", child, process="LT-1", **said)
    assert history.judged("E22", "2026-06-01", child).state == "NOT_APPLICABLE"

    granted = {"decision": "approved", "level": "4", "from_month": "2026-03"}
    history.say(LtcBenefitDecided, "2026-03-10", child, process="LT-1", **granted)
    assert shown(history.judged("E22", "2026-07-20", child)) == ("GAP", {"G3": "2026-04-11"}, {})

    history.say(LtcBenefitStopped, "2026-05-10", child, process="LT-1", effective_to="2026-05", reason="goal")
    assert shown(history.judged("E22", "2026-07-20", child)) == ("GAP", {"G3": "2026-04-11"}, {})


def test_e22_after_the_end_of_a_grant_unpaid_months_stay_owed_and_paid_ones_end_it() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-05-20", "2026-05")
    history.say(LtcBenefitStopped, "2026-06-20", CHILD, process="LT-1", effective_to="2026-06", reason="goal")
    history.paid("2026-06-25", "2026-05")

    assert shown(history.judged("E22", "2026-07-10", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.judged("E22", "2026-07-11", CHILD)) == ("GAP", {"G3": "2026-07-11"}, {})

    history.paid("2026-07-20", "2026-06")
    assert shown(history.judged("E22", "2026-09-20", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e22_a_grant_can_be_stopped_from_a_month_before_its_decision() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-07-10", "2026-05")
    history.say(LtcBenefitStopped, "2026-07-20", CHILD, process="LT-1", effective_to="2026-05", reason="goal")
    history.paid("2026-07-25", "2026-05")

    assert shown(history.judged("E22", "2026-10-20", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e22_a_new_grant_takes_over_from_the_month_in_which_it_begins() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-05-20", "2026-05")
    history.applied("2026-06-02", "LT-2").assessed("2026-06-12", "5", process="LT-2")
    history.granted("2026-06-20", "2026-07", "5", "LT-2").paid("2026-06-25", "2026-05")

    verdict = history.judged("E22", "2026-07-11", CHILD)
    assert shown(verdict) == ("GAP", {"G3": "2026-07-11"}, {})


def test_e22_where_grants_end_with_their_condition_a_certificate_that_expires_ends_them() -> None:
    history = Insured()
    history.opened("2025-02-17").certified("2025-02-20", CHILD, valid_to="2026-06-15")
    history.sets("P-LTC-ACTIVE-FROM", "2026-01-01", "2026-01-01").enrolled("2026-01-15").applied("2026-04-02")
    history.assessed("2026-04-28", "4").granted("2026-05-20", "2026-05").paid("2026-06-25", "2026-05", "2026-06")
    history.sets("P-DISABLED-EVIDENCE", "cert_only")

    assert shown(history.judged("E22", "2026-09-01", CHILD)) == ("GAP", {"G3": "2026-08-11"}, {})

    history.sets("P-GRACE", "immediate", division=OTHER_COUNTY)
    assert shown(history.judged("E22", "2026-09-01", CHILD)) == ("GAP", {"G3": "2026-08-11"}, {})

    history.sets("P-GRACE", "immediate", division=COUNTY)
    assert shown(history.judged("E22", "2026-09-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


def test_e22_it_ends_with_death() -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-05-20", "2026-05")
    history.say(PersonDeceased, "2026-06-20", CHILD, died_on="2026-06-20")

    assert token(CHILD) in {one.subject for one in history.all("2026-06-19", rule="E22")}
    assert token(CHILD) not in {one.subject for one in history.all("2026-06-20", rule="E22")}


def test_e22_a_decline_lasts_until_a_new_application() -> None:
    history = _insured()
    history.say(ServiceDeclined, "2026-02-20", CHILD, need="LTC", declined_by=PARENT, until="2026-12-31")

    assert shown(history.judged("E22", "2026-04-01", CHILD)) == ("DECLINED", {}, {})

    history.applied("2026-04-02")
    assert shown(history.judged("E22", "2026-04-01", CHILD)) == ("DECLINED", {}, {})
    assert shown(history.judged("E22", "2026-04-02", CHILD)) == ("PENDING", {}, {})


def test_e22_where_no_feed_is_declared_it_cannot_be_told_who_is_insured() -> None:
    history = _in_force().sets("P-FEEDS", NO_MEDICAL_FEED)

    assert shown(history.judged("E22", "2026-01-10", CHILD)) == ("UNKNOWN", {"G5": "2026-01-01"}, {})


def test_e22_a_gap_that_somebody_holds_is_held() -> None:
    history = _insured().applied("2026-04-02")
    said = {"entitlement": "E22", "gap_type": "G2", "action": "x", "responsible": "y", "hold_until": "2026-06-30"}
    history.say(GapActionRecorded, "2026-05-25", PARENT, **said)

    assert shown(history.judged("E22", "2026-06-30", CHILD)) == ("HELD", {"G2": "2026-05-20"}, {})


@pytest.mark.parametrize(
    ("parameter", "value", "on", "standard", "own"),
    [
        ("P-LTC-ASSESS-WD", "10", "2026-04-20", "PENDING 2026-05-19", "GAP None"),
        ("P-LTC-DECIDE-WD", "5", "2026-05-20", "PENDING 2026-05-28", "GAP None"),
        ("P-LTC-MIN-LEVEL", "5", "2026-05-20", "PENDING 2026-05-28", "NOT_ELIGIBLE None"),
        ("P-PAY-FIRST-D", "60", "2026-06-24", "PENDING 2026-07-10", "PENDING 2026-08-09"),
        ("P-PAY-MONTH-D", "90", "2026-06-24", "PENDING 2026-07-10", "PENDING 2026-08-29"),
    ],
)
def test_e22_a_countys_own_value_moves_that_county_alone(
    parameter: str, value: str, on: str, standard: str, own: str
) -> None:
    history = _insured().applied("2026-04-02").assessed("2026-04-28", "4").granted("2026-06-10", "2026-05")
    history.sets(parameter, value, division=OTHER_COUNTY)
    verdict = history.judged("E22", on, CHILD)
    assert f"{verdict.state} {verdict.due}" == standard

    history.sets(parameter, value, division=COUNTY)
    verdict = history.judged("E22", on, CHILD)
    assert f"{verdict.state} {verdict.due}" == own


def test_e22_the_warning_time_is_a_countys_own() -> None:
    history = (
        _insured().applied("2026-04-02").assessed("2026-04-28", "4", "2026-08-31").granted("2026-05-20", "2026-05")
    )
    history.paid("2026-06-25", "2026-05", "2026-06").sets("P-LTC-EXPIRE-WARN-D", "90", division=OTHER_COUNTY)
    assert shown(history.judged("E22", "2026-06-25", CHILD)) == ("MET", {}, {})

    history.sets("P-LTC-EXPIRE-WARN-D", "90", division=COUNTY)
    assert shown(history.judged("E22", "2026-06-25", CHILD)) == ("MET", {}, {"G6": "2026-06-02"})
