"""SH-4: who takes part in self-help rehabilitation, from the referral to the last round, state by state."""

import pytest

from services.disability_federation.registry.events import (
    GapActionRecorded,
    PolicyParameterSet,
    ServiceDeclined,
)
from services.disability_federation.self_help.events import (
    CohortOpened,
    FollowUpDone,
    ParticipantEnrolled,
    ParticipantFinished,
    ParticipantReferralAnswered,
    ParticipantReferred,
    ServiceArchiveFiled,
    ServiceRecordRejected,
    ServiceRecordUploaded,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, shown

COHORT = "SH-2025-01"
NO_SELF_HELP_FEED = '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'


class Participant(History):
    """A history of one participant, the parent of the family."""

    def sets(self, parameter: str, value: str, since: str = "2025-01-01", division: str | None = None) -> "Participant":
        """Set a parameter."""
        said = {"parameter": parameter, "value": value, "effective_from": since, "division": division}
        self.say(PolicyParameterSet, "2025-01-02", None, **said)
        return self

    def referred(self, day: str, category: str = "SH3", process: str = "TJ-1") -> "Participant":
        """Refer the participant."""
        self.say(ParticipantReferred, day, PARENT, process=process, category=category, referred_on=day)
        return self

    def answered(self, day: str, decision: str = "approved", reason: str = "", process: str = "TJ-1") -> "Participant":
        """Answer a referral."""
        said = {"decision": decision, "refuse_reason": reason or None, "answered_on": day}
        self.say(ParticipantReferralAnswered, day, PARENT, process=process, **said)
        return self

    def enrolled(self, day: str, category: str = "SH3", process: str = "XY-1") -> "Participant":
        """Enrol the participant in the cohort, or in the one of another process."""
        said = {
            "category": category,
            "cohort": COHORT if process in {"XY-1", ""} else f"SH-{process}",
            "enrolled_on": day,
            "willing": True,
        }
        self.say(ParticipantEnrolled, day, PARENT, process=process, **said)
        return self

    def finished(self, day: str, outcome: str = "completed", process: str = "XY-1") -> "Participant":
        """End the participant's training."""
        self.say(ParticipantFinished, day, PARENT, process=process, outcome=outcome, finished_on=day)
        return self

    def uploaded(self, day: str, process: str = "XY-1") -> "Participant":
        """Upload the participant's record."""
        self.say(ServiceRecordUploaded, day, PARENT, process=process, uploaded_on=day)
        return self

    def rejected(self, day: str) -> "Participant":
        """Reject the participant's record."""
        self.say(ServiceRecordRejected, day, PARENT, process="XY-1", rejected_on=day)
        return self

    def followed_up(self, day: str, months: int) -> "Participant":
        """Do a round of following up."""
        self.say(FollowUpDone, day, PARENT, process="XY-1", done_on=day, round=months)
        return self

    def cohort(self, ends_on: str, filed_on: str = "", division: str = COUNTY) -> "Participant":
        """Put the cohort on record, and its archive."""
        said = {"category": "SH3", "starts_on": "2025-05-06", "ends_on": ends_on}
        self.say(CohortOpened, "2025-04-22", None, process=COHORT, at=division, **said)
        if filed_on:
            self.say(ServiceArchiveFiled, filed_on, None, cohort=COHORT, filed_on=filed_on)
        return self


def _disabled() -> Participant:
    history = Participant()
    history.opened("2025-02-17").certified("2025-02-20", PARENT)
    return history


def _completed() -> Participant:
    return _disabled().enrolled("2025-05-06").finished("2025-05-21")


# -- the referral


def test_e34_without_referral_or_enrolment_nobody_is_meant() -> None:
    assert shown(_disabled().judged("E34", "2025-06-01", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e34_a_referral_is_answered_within_ninety_days() -> None:
    history = _disabled().referred("2025-03-10")

    verdict = history.judged("E34", "2025-06-08", PARENT)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-06-08")

    verdict = history.judged("E34", "2025-06-09", PARENT)
    assert shown(verdict) == ("GAP", {"G1": "2025-06-09"}, {})
    assert (verdict.gaps[0].department, verdict.gaps[0].division) == ("SHR", COUNTY)


def test_e34_a_referral_that_is_accepted_is_met_until_the_enrolment() -> None:
    history = _disabled().referred("2025-03-10").answered("2025-03-20")

    assert shown(history.judged("E34", "2025-12-01", PARENT)) == ("MET", {}, {})


def test_e34_an_enrolment_of_the_category_answers_a_referral_and_one_of_another_does_not() -> None:
    same = _disabled().referred("2025-03-10").enrolled("2025-05-06")
    other = _disabled().referred("2025-03-10").enrolled("2025-05-06", "SH5")

    assert shown(same.judged("E34", "2025-06-09", PARENT)) == ("PENDING", {}, {})
    assert shown(other.judged("E34", "2025-06-09", PARENT)) == ("GAP", {"G1": "2025-06-09"}, {})


def test_e34_a_referral_without_a_certificate_is_not_eligible_where_one_is_needed() -> None:
    history = Participant()
    history.opened("2025-02-17")
    history.referred("2025-03-10")

    assert shown(history.judged("E34", "2025-04-01", PARENT)) == ("NOT_ELIGIBLE", {}, {})

    history.certified("2025-04-10", PARENT)
    assert shown(history.judged("E34", "2025-04-10", PARENT)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


@pytest.mark.parametrize(
    ("category", "required", "expected"),
    [
        ("SH5", "disabled_only", "ELIGIBLE_NOT_APPLIED"),
        ("SH5", "all", "NOT_ELIGIBLE"),
        ("SH3", "none", "ELIGIBLE_NOT_APPLIED"),
        ("SH3", "disabled_only", "NOT_ELIGIBLE"),
    ],
)
def test_e34_who_needs_a_certificate_is_a_countys_own(category: str, required: str, expected: str) -> None:
    history = Participant()
    history.opened("2025-02-17")
    history.referred("2025-03-10", category)
    standard = history.judged("E34", "2025-04-01", PARENT).state

    history.sets("P-SH-CERT-REQUIRED", required, division=OTHER_COUNTY)
    assert history.judged("E34", "2025-04-01", PARENT).state == standard

    history.sets("P-SH-CERT-REQUIRED", required, division=COUNTY)
    assert history.judged("E34", "2025-04-01", PARENT).state == expected


def test_e34_a_certificate_of_another_disability_is_none_of_the_category() -> None:
    history = Participant()
    history.opened("2025-02-17").certified("2025-02-20", PARENT, category="1")
    history.referred("2025-03-10", "SH3")
    assert shown(history.judged("E34", "2025-04-01", PARENT)) == ("NOT_ELIGIBLE", {}, {})

    several = Participant()
    several.opened("2025-02-17").certified("2025-02-20", PARENT, category="7")
    several.referred("2025-03-10", "SH3")
    assert shown(several.judged("E34", "2025-04-01", PARENT)) == ("ELIGIBLE_NOT_APPLIED", {}, {})


@pytest.mark.parametrize(
    ("decision", "reason", "expected"),
    [
        ("refused", "document", ("NOT_APPLICABLE", {}, {})),
        ("returned", "", ("NOT_APPLICABLE", {}, {})),
        ("refused", "fund", ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-03-20"})),
        ("refused", "category", ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-03-20"})),
        ("refused", "duplicate", ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-03-20"})),
    ],
)
def test_e34_a_refusal_is_held_against_the_facts(decision: str, reason: str, expected: tuple[object, ...]) -> None:
    history = _disabled().referred("2025-03-10").answered("2025-03-20", decision, reason)

    assert shown(history.judged("E34", "2025-04-01", PARENT)) == expected


def test_e34_a_refusal_that_facts_contradict_begins_the_clock_anew() -> None:
    history = _disabled().referred("2025-03-10").answered("2025-03-20", "refused", "fund")

    assert str(history.judged("E34", "2025-04-01", PARENT).due) == "2025-06-18"
    assert shown(history.judged("E34", "2025-06-19", PARENT)) == ("GAP", {"G1": "2025-06-19"}, {"G8": "2025-03-20"})


def test_e34_a_refusal_for_a_missing_certificate_excludes_until_it_is_there_and_asked_for_again() -> None:
    history = Participant()
    history.opened("2025-02-17")
    history.referred("2025-03-10").answered("2025-03-20", "refused", "category")
    assert shown(history.judged("E34", "2025-04-01", PARENT)) == ("NOT_ELIGIBLE", {}, {})

    history.certified("2025-04-10", PARENT)
    assert shown(history.judged("E34", "2025-04-10", PARENT)) == ("NOT_APPLICABLE", {}, {})

    history.referred("2025-04-15", process="TJ-2")
    assert str(history.judged("E34", "2025-04-15", PARENT).due) == "2025-07-14"


def test_e34_a_decline_ends_with_a_new_referral() -> None:
    history = _disabled().referred("2025-03-10")
    history.say(ServiceDeclined, "2025-04-01", PARENT, need="SELFHELP", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E34", "2025-08-01", PARENT)) == ("DECLINED", {}, {})

    history.referred("2025-08-11", process="TJ-2")
    assert shown(history.judged("E34", "2025-08-10", PARENT)) == ("DECLINED", {}, {})
    verdict = history.judged("E34", "2025-08-11", PARENT)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-11-09")


def test_e34_after_a_decline_the_clock_begins_anew() -> None:
    history = _disabled().referred("2025-03-10")
    history.say(ServiceDeclined, "2025-04-01", PARENT, need="SELFHELP", declined_by=PARENT, until="2025-06-30")

    assert str(history.judged("E34", "2025-07-01", PARENT).due) == "2025-09-28"


def test_e34_a_category_that_the_county_does_not_have_is_no_referral() -> None:
    history = _disabled().referred("2025-03-10").sets("P-SH-CATEGORIES", "SH1,SH2", division=OTHER_COUNTY)
    assert history.judged("E34", "2025-04-01", PARENT).state == "ELIGIBLE_NOT_APPLIED"

    history.sets("P-SH-CATEGORIES", "SH1,SH2", division=COUNTY)
    assert history.judged("E34", "2025-04-01", PARENT).state == "NOT_APPLICABLE"


# -- the training and what follows


def test_e34_who_is_in_training_is_pending_to_the_finish() -> None:
    verdict = _disabled().enrolled("2025-05-06").judged("E34", "2025-12-01", PARENT)

    assert (shown(verdict), verdict.due) == (("PENDING", {}, {}), None)


def test_e34_an_enrolment_is_followed_without_any_certificate() -> None:
    history = Participant()
    history.opened("2025-02-17")
    history.enrolled("2025-05-06").finished("2025-05-21")

    assert shown(history.judged("E34", "2025-06-21", PARENT))[0] == "GAP"


def test_e34_the_record_is_uploaded_thirty_days_after_the_finish() -> None:
    history = _completed().followed_up("2025-06-18", 1)

    verdict = history.judged("E34", "2025-06-20", PARENT)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-06-20")
    assert shown(history.judged("E34", "2025-06-21", PARENT)) == ("GAP", {"G3": "2025-06-21"}, {})

    history.uploaded("2025-06-25")
    assert shown(history.judged("E34", "2025-06-25", PARENT)) == ("MET", {}, {})


def test_e34_a_rejected_record_is_to_be_uploaded_again() -> None:
    history = _completed().followed_up("2025-06-18", 1).uploaded("2025-06-10").rejected("2025-07-01")

    verdict = history.judged("E34", "2025-07-31", PARENT)
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-07-31")
    assert shown(history.judged("E34", "2025-08-01", PARENT)) == ("GAP", {"G3": "2025-08-01"}, {})

    history.uploaded("2025-08-05")
    assert shown(history.judged("E34", "2025-08-05", PARENT)) == ("MET", {}, {})


def test_e34_rounds_are_due_one_three_six_and_twelve_months_after_the_finish() -> None:
    history = _completed().uploaded("2025-06-10")

    verdict = history.judged("E34", "2025-06-21", PARENT)
    assert (shown(verdict), str(verdict.due)) == (("MET", {}, {}), "2025-06-21")
    assert shown(history.judged("E34", "2025-06-22", PARENT)) == ("LAPSED", {"G4": "2025-06-22"}, {})

    history.followed_up("2025-06-20", 1)
    verdict = history.judged("E34", "2025-08-21", PARENT)
    assert (shown(verdict), str(verdict.due)) == (("MET", {}, {}), "2025-08-21")
    assert shown(history.judged("E34", "2025-08-22", PARENT)) == ("LAPSED", {"G4": "2025-08-22"}, {})

    history.followed_up("2025-08-22", 3).followed_up("2025-11-20", 6).followed_up("2026-05-20", 12)
    verdict = history.judged("E34", "2026-12-01", PARENT)
    assert (shown(verdict), verdict.due) == (("MET", {}, {}), None)


def test_e34_another_round_does_not_stand_in_for_a_missing_one() -> None:
    history = _completed().uploaded("2025-06-10").followed_up("2025-06-20", 1).followed_up("2025-08-20", 2)

    assert shown(history.judged("E34", "2025-08-22", PARENT)) == ("LAPSED", {"G4": "2025-08-22"}, {})


def test_e34_the_archive_is_filed_thirty_days_after_the_cohorts_last_day() -> None:
    history = _completed().uploaded("2025-06-10").followed_up("2025-06-20", 1).cohort("2025-05-25")

    assert shown(history.judged("E34", "2025-06-24", PARENT)) == ("PENDING", {}, {})
    assert shown(history.judged("E34", "2025-06-25", PARENT)) == ("GAP", {"G3": "2025-06-25"}, {})

    filed = _completed().uploaded("2025-06-10").followed_up("2025-06-20", 1).cohort("2025-05-25", "2025-06-20")
    assert shown(filed.judged("E34", "2025-06-25", PARENT)) == ("MET", {}, {})


def test_e34_the_archive_is_a_matter_of_the_cohorts_division() -> None:
    history = _completed().uploaded("2025-06-10").followed_up("2025-06-20", 1).cohort("2025-05-25", "", OTHER_COUNTY)

    [gap] = history.judged("E34", "2025-06-25", PARENT).gaps
    assert gap.division == OTHER_COUNTY


def test_e34_before_the_cohorts_last_day_no_archive_is_due() -> None:
    history = _completed().uploaded("2025-06-10").cohort("2025-06-30")

    assert shown(history.judged("E34", "2025-06-15", PARENT)) == ("MET", {}, {})


def test_e34_a_cohort_elsewhere_has_no_archive_on_record() -> None:
    history = _completed().uploaded("2025-06-10").followed_up("2025-06-20", 1)

    assert shown(history.judged("E34", "2025-08-01", PARENT)) == ("MET", {}, {})


@pytest.mark.parametrize("outcome", ["withdrew", "medical"])
def test_e34_who_left_early_is_recorded_and_nothing_more(outcome: str) -> None:
    history = _disabled().enrolled("2025-05-06").finished("2025-05-21", outcome).cohort("2025-05-25")

    assert shown(history.judged("E34", "2025-06-21", PARENT)) == ("GAP", {"G3": "2025-06-21"}, {})

    history.uploaded("2025-06-25")
    assert shown(history.judged("E34", "2026-12-01", PARENT)) == ("MET", {}, {})


def test_e34_of_several_enrolments_the_worst_shows() -> None:
    history = _completed().followed_up("2025-06-20", 1).enrolled("2025-06-02", "SH5", "XY-2")

    assert shown(history.judged("E34", "2025-06-15", PARENT)) == ("PENDING", {}, {})
    assert shown(history.judged("E34", "2025-07-15", PARENT)) == ("GAP", {"G3": "2025-06-21"}, {})

    history.uploaded("2025-07-20")
    assert shown(history.judged("E34", "2025-07-20", PARENT)) == ("PENDING", {}, {})


def test_e34_what_names_no_process_belongs_to_the_enrolment_before_it() -> None:
    history = _disabled().enrolled("2025-05-06", process="").finished("2025-05-21", process="")
    history.uploaded("2025-06-10", process="")

    assert shown(history.judged("E34", "2025-06-20", PARENT)) == ("MET", {}, {})


def test_e34_a_training_from_before_the_feed_cannot_be_followed() -> None:
    history = _disabled()
    said = {"category": "SH3", "cohort": COHORT, "enrolled_on": "2024-11-01", "willing": True}
    history.say(ParticipantEnrolled, "2024-11-01", PARENT, process="XY-1", legacy=True, **said)
    finished = {"outcome": "completed", "finished_on": "2024-11-20"}
    history.say(ParticipantFinished, "2024-11-20", PARENT, process="XY-1", legacy=True, **finished)

    verdict = history.judged("E34", "2025-06-01", PARENT)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-17"}, {})
    assert {one.department for one in verdict.missing} == {"SHR"}


def test_e34_where_no_feed_is_declared_it_cannot_be_told() -> None:
    history = _disabled().referred("2025-03-10").sets("P-FEEDS", NO_SELF_HELP_FEED)

    assert shown(history.judged("E34", "2025-06-20", PARENT)) == ("UNKNOWN", {"G5": "2025-03-10"}, {})


def test_e34_a_gap_that_somebody_holds_is_held() -> None:
    history = _completed().uploaded("2025-06-10")
    said = {"entitlement": "E34", "gap_type": "G4", "action": "x", "responsible": "y", "hold_until": "2025-07-31"}
    history.say(GapActionRecorded, "2025-06-25", PARENT, person=PARENT, **said)

    assert shown(history.judged("E34", "2025-07-31", PARENT)) == ("HELD", {"G4": "2025-06-22"}, {})


def test_e34_a_person_without_any_part_in_it_is_not_touched_by_others() -> None:
    assert shown(_completed().judged("E34", "2025-12-01", CHILD)) == ("NOT_APPLICABLE", {}, {})


@pytest.mark.parametrize(
    ("parameter", "value", "on", "standard", "own"),
    [
        ("P-SH-ANSWER-D", "30", "2025-04-01", "2025-06-08", "2025-04-09"),
        ("P-SH-UPLOAD-D", "20", "2025-06-01", "2025-06-20", "2025-06-10"),
        ("P-SH-FOLLOWUP", "2,6", "2025-06-15", "2025-06-21", "2025-07-21"),
    ],
)
def test_e34_a_countys_own_value_moves_that_county_alone(
    parameter: str, value: str, on: str, standard: str, own: str
) -> None:
    history = _disabled().referred("2025-03-10").enrolled("2025-05-06").finished("2025-05-21").uploaded("2025-06-12")
    history.sets(parameter, value, division=OTHER_COUNTY)
    assert str(history.judged("E34", on, PARENT).due) == standard

    history.sets(parameter, value, division=COUNTY)
    assert str(history.judged("E34", on, PARENT).due) == own
