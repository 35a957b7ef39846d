"""XN-7: guidance in communities, and psychological support, state by state."""

from typing import Any

from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    FamilyMemberAdded,
    GapActionRecorded,
    ServiceDeclined,
)
from services.disability_federation.rehabilitation.events import (
    RehabAidDecided,
    RehabEnded,
    RehabMonthReported,
    RehabStarted,
)
from services.disability_federation.rehabilitation.providers.events import (
    CommunityRehabProvided,
    PsychologicalSupportProvided,
)
from tests.entitlements.histories import (
    CHILD,
    COUNTY,
    OTHER_COUNTY,
    PARENT,
    SIBLING,
    History,
    feeds_only,
    parameter,
    shown,
)


def _family(recognised: str = "2025-03-04") -> History:
    return History().opened("2025-02-17").certified("2025-02-20", CHILD).recognised(recognised)


def _guided(history: History, day: str) -> History:
    history.say(CommunityRehabProvided, day, CHILD, served_on=day)
    return history


def _trained(history: History, month: str, day: str, sessions: int = 18) -> History:
    history.say(RehabMonthReported, day, CHILD, process="KF-1", month=month, sessions=sessions)
    return history


def _supported(history: History, day: str, person: str = CHILD, **fields: Any) -> History:
    history.say(PsychologicalSupportProvided, day, person, served_on=day, for_whom="child", **fields)
    return history


# -- E11


def test_e11_a_child_without_a_disability_is_not_meant_and_without_recognition_not_eligible() -> None:
    assert shown(_family().judged("E11", "2025-04-01", PARENT)) == ("NOT_APPLICABLE", {}, {})
    assert shown(_family().judged("E11", "2025-03-03", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e11_half_a_year_after_recognition_without_guidance_is_overdue() -> None:
    history = _family()

    verdict = history.judged("E11", "2025-09-04", CHILD)
    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert str(verdict.due) == "2025-09-04"
    late = history.judged("E11", "2025-09-05", CHILD)
    assert shown(late) == ("GAP", {"G1": "2025-09-05"}, {})
    assert (late.gaps[0].department, late.gaps[0].division) == ("DPF", COUNTY)


def test_e11_a_disability_shown_later_begins_the_clock() -> None:
    history = History().opened("2025-02-17").recognised("2025-03-04").certified("2025-04-20", CHILD)

    assert str(history.judged("E11", "2025-05-01", CHILD).due) == "2025-10-20"


def test_e11_each_guidance_begins_the_next_half_year() -> None:
    history = _guided(_family(), "2025-08-31")

    verdict = history.judged("E11", "2026-02-28", CHILD)
    assert shown(verdict) == ("MET", {}, {})
    assert str(verdict.due) == "2026-02-28"
    assert shown(history.judged("E11", "2026-03-01", CHILD)) == ("GAP", {"G1": "2026-03-01"}, {})
    assert shown(_guided(history, "2026-03-10").judged("E11", "2026-03-10", CHILD))[0] == "MET"


def test_e11_guidance_before_the_case_was_opened_counts_while_it_is_recent() -> None:
    history = _guided(History(), "2025-01-10")
    history.opened("2025-02-17").certified("2025-02-20", CHILD).recognised("2025-03-04")

    assert shown(history.judged("E11", "2025-07-10", CHILD))[0] == "MET"
    assert str(history.judged("E11", "2025-07-11", CHILD).due) == "2025-09-04"


def test_e11_a_month_of_training_counts_from_its_last_day_if_there_was_any() -> None:
    history = _trained(_family(), "2025-08", "2025-09-03")

    assert str(history.judged("E11", "2025-12-31", CHILD).due) == "2026-02-28"
    assert shown(history.judged("E11", "2026-03-01", CHILD)) == ("GAP", {"G1": "2026-03-01"}, {})
    assert shown(_trained(_family(), "2025-08", "2025-09-03", 0).judged("E11", "2025-12-31", CHILD))[0] == "GAP"


def test_e11_a_county_may_leave_out_who_is_trained_in_an_institution() -> None:
    history = _family()
    said = {"decision": "approved", "aid_from": "2025-04-01", "aid_to": "2025-12-31"}
    history.say(RehabAidDecided, "2025-03-20", CHILD, process="KF-1", **said)
    history.say(RehabStarted, "2025-04-01", CHILD, process="KF-1", started_on="2025-04-01")
    _trained(history, "2025-04", "2025-05-02")
    parameter(history, "P-COMM-REHAB-SCOPE", "not_in_institution", OTHER_COUNTY)
    assert shown(history.judged("E11", "2025-06-01", CHILD))[0] == "MET"

    parameter(history, "P-COMM-REHAB-SCOPE", "not_in_institution", COUNTY)

    assert shown(history.judged("E11", "2025-03-31", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E11", "2025-12-31", CHILD))[0] == "NOT_ELIGIBLE"
    assert str(history.judged("E11", "2026-01-01", CHILD).due) == "2026-07-01"

    history.say(RehabEnded, "2025-10-15", CHILD, process="KF-1", ended_on="2025-10-15", reason="goal")
    assert shown(history.judged("E11", "2025-10-14", CHILD))[0] == "NOT_ELIGIBLE"
    assert str(history.judged("E11", "2025-10-15", CHILD).due) == "2026-04-15"


def test_e11_declined_until_guidance_is_taken_up_again() -> None:
    history = _family()
    history.say(ServiceDeclined, "2025-04-01", CHILD, need="REHAB", declined_by=PARENT, until="2026-03-31")

    assert shown(history.judged("E11", "2026-03-31", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E11", "2026-04-01", CHILD).due) == "2026-09-30"
    assert shown(_guided(history, "2025-06-01").judged("E11", "2025-06-01", CHILD))[0] == "MET"


def test_e11_a_gap_that_somebody_deals_with_is_held() -> None:
    history = _family()
    said = {"entitlement": "E11", "gap_type": "G1", "hold_until": "2025-12-31"}
    history.say(GapActionRecorded, "2025-09-10", PARENT, **said)

    assert shown(history.judged("E11", "2025-09-10", CHILD)) == ("HELD", {"G1": "2025-09-05"}, {})


def test_e11_what_is_not_delivered_cannot_be_told() -> None:
    history = _family()
    feeds_only(history, "DPF", "CERT")

    verdict = history.judged("E11", "2025-06-01", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-04"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("CommunityRehabProvided", "DPF")]


def test_e11_a_countys_own_interval_moves_that_county_alone() -> None:
    history = _family()
    parameter(history, "P-COMM-REHAB-M", "3", OTHER_COUNTY)
    assert str(history.judged("E11", "2025-04-01", CHILD).due) == "2025-09-04"

    parameter(history, "P-COMM-REHAB-M", "3", COUNTY, effective="2025-03-05")
    assert str(history.judged("E11", "2025-04-01", CHILD).due) == "2025-09-04"  # its clock had begun before

    parameter(history, "P-COMM-REHAB-M", "3", COUNTY, effective="2025-03-04")
    assert str(history.judged("E11", "2025-04-01", CHILD).due) == "2025-06-04"


# -- E13


def test_e13_a_child_without_a_disability_is_not_meant_and_without_recognition_not_eligible() -> None:
    assert shown(_family().judged("E13", "2025-04-01", PARENT)) == ("NOT_APPLICABLE", {}, {})
    assert shown(_family().judged("E13", "2025-03-03", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e13_a_year_after_recognition_without_support_is_overdue() -> None:
    history = _family("2025-07-10")

    assert shown(history.judged("E13", "2026-07-10", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert str(history.judged("E13", "2026-07-10", CHILD).due) == "2026-07-10"
    assert shown(history.judged("E13", "2026-07-11", CHILD)) == ("GAP", {"G1": "2026-07-11"}, {})


def test_e13_support_for_anybody_of_the_family_counts_for_its_child() -> None:
    history = _supported(_family(), "2025-05-10", PARENT)

    assert shown(history.judged("E13", "2026-05-10", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E13", "2026-05-11", CHILD))[0] == "GAP"


def test_e13_support_for_who_joined_the_family_only_later_does_not_count() -> None:
    history = _supported(_family(), "2025-05-10", SIBLING)
    history.say(FamilyMemberAdded, "2025-06-01", PARENT, person=SIBLING, coresident=True, joined_on="2025-06-01")

    assert shown(history.judged("E13", "2025-07-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"

    _supported(history, "2025-06-10", SIBLING)
    assert shown(history.judged("E13", "2025-07-01", CHILD))[0] == "MET"


def test_e13_support_for_the_family_before_the_child_joined_it_does_not_count() -> None:
    history = History().opened("2025-02-17", PARENT).certified("2025-02-20", CHILD).recognised("2025-03-04")
    _supported(history, "2025-05-10", PARENT)
    history.say(FamilyMemberAdded, "2025-06-01", PARENT, person=CHILD, coresident=True, joined_on="2025-06-01")

    assert shown(history.judged("E13", "2025-07-01", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e13_declined_until_the_day_it_says_then_within_a_year() -> None:
    history = _family("2025-07-10")
    history.say(ServiceDeclined, "2025-08-01", CHILD, need="PSY", declined_by=PARENT, until="2026-12-31")

    assert shown(history.judged("E13", "2026-12-31", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E13", "2027-01-01", CHILD).due) == "2027-12-31"
    assert shown(history.judged("E13", "2028-01-01", CHILD)) == ("GAP", {"G1": "2028-01-01"}, {})


def test_e13_a_risk_that_nobody_followed_up_is_warned_of_from_the_day_after() -> None:
    history = _supported(_family(), "2025-05-10", PARENT, risk_flag=True, follow_up_due="2025-06-10")

    assert shown(history.judged("E13", "2025-06-10", CHILD)) == ("MET", {}, {})
    assert shown(history.judged("E13", "2025-06-11", CHILD)) == ("MET", {}, {"G8": "2025-06-11"})

    _supported(history, "2025-07-01", CHILD)
    assert shown(history.judged("E13", "2025-07-01", CHILD)) == ("MET", {}, {})


def test_e13_a_risk_is_warned_of_whatever_the_state() -> None:
    history = _supported(_family(), "2025-05-10", CHILD, risk_flag=True, follow_up_due="2025-06-10")
    history.say(DifficultFamilyEnded, "2025-05-31", PARENT, effective_to="2025-05-31", reason="voluntary")

    assert shown(history.judged("E13", "2025-07-01", CHILD)) == ("NOT_ELIGIBLE", {}, {"G8": "2025-06-11"})


def test_e13_a_gap_that_somebody_deals_with_is_held() -> None:
    history = _family("2025-07-10")
    said = {"entitlement": "E13", "gap_type": "G1", "hold_until": "2026-12-31"}
    history.say(GapActionRecorded, "2026-08-01", PARENT, **said)

    assert shown(history.judged("E13", "2026-08-01", CHILD)) == ("HELD", {"G1": "2026-07-11"}, {})


def test_e13_what_is_not_delivered_cannot_be_told() -> None:
    history = _family()
    feeds_only(history, "DPF", "CERT")

    verdict = history.judged("E13", "2025-06-01", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-04"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("PsychologicalSupportProvided", "DPF")]


def test_e13_a_countys_own_interval_moves_that_county_alone() -> None:
    history = _family()
    parameter(history, "P-PSY-M", "6", OTHER_COUNTY)
    assert str(history.judged("E13", "2025-04-01", CHILD).due) == "2026-03-04"

    parameter(history, "P-PSY-M", "6", COUNTY)
    assert str(history.judged("E13", "2025-04-01", CHILD).due) == "2025-09-04"
