"""XN-0: recognition of difficult families, state by state."""

from services.civil_affairs.events import DibaoDecided
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    DifficultFamilyRecognised,
    MemberRelationRecorded,
    PersonDeceased,
    PolicyParameterSet,
)
from tests.entitlements.histories import (
    CHILD,
    COUNTY,
    OTHER_COUNTY,
    PARENT,
    SIBLING,
    History,
    feeds_only,
    number,
    shown,
)

GROWING = number("2007-09-01", 5)
SMALL = number("2021-09-01", 7)


def _two_disabled() -> History:
    return History().opened("2025-02-17").certified("2025-02-20", PARENT).certified("2025-02-20", CHILD)


def test_e01_a_family_without_a_child_is_not_meant() -> None:
    history = History().opened("2025-02-17", PARENT, number("1990-01-01", 4)).certified("2025-02-20", PARENT)

    assert shown(history.judged("E01", "2025-03-01")) == ("NOT_APPLICABLE", {}, {})


def test_e01_one_disabled_member_without_dibao_is_no_ground() -> None:
    history = History().opened("2025-02-17").certified("2025-02-20", CHILD)

    assert shown(history.judged("E01", "2025-03-01")) == ("NOT_ELIGIBLE", {}, {})


def test_e01_two_disabled_members_are_to_be_recognised_within_twenty_working_days() -> None:
    history = _two_disabled()

    assert shown(history.judged("E01", "2025-03-20")) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.judged("E01", "2025-03-21")) == ("GAP", {"G1": "2025-03-21"}, {})


def test_e01_what_was_recorded_late_begins_the_clock_when_it_was_known() -> None:
    history = History().opened("2025-01-06").certified("2025-01-07", PARENT)
    history.certified("2025-01-07", CHILD, recorded="2025-02-20")

    assert str(history.judged("E01", "2025-03-20").due) == "2025-03-20"


def test_e01_recognised_is_met_and_without_any_ground_is_warned_of() -> None:
    history = _two_disabled().recognised("2025-03-01")
    history.say(PersonDeceased, "2025-11-06", PARENT, died_on="2025-11-06", recorded="2025-11-20")

    assert shown(history.judged("E01", "2025-11-10", known="2025-11-10")) == ("MET", {}, {})
    assert shown(history.judged("E01", "2025-11-10")) == ("MET", {}, {"G6": "2025-11-06"})


def test_e01_a_ground_that_is_gone_while_another_holds_is_warned_of() -> None:
    history = _two_disabled().recognised("2025-03-01")
    said = {"decision": "approved", "persons": [PARENT, CHILD], "pay_from": "2025-05", "decided_on": "2025-04-10"}
    history.say(DibaoDecided, "2025-04-10", PARENT, process="DB-1", dibao_type="family", amount_month="700.00", **said)
    history.say(PersonDeceased, "2025-11-06", PARENT, died_on="2025-11-06")

    assert shown(history.judged("E01", "2025-12-01")) == ("MET", {}, {"G8": "2025-11-06"})


def test_e01_after_the_end_of_a_recognition_the_clock_begins_anew() -> None:
    history = _two_disabled().recognised("2025-03-01")
    history.say(DifficultFamilyEnded, "2025-06-30", PARENT, effective_to="2025-06-30", reason="voluntary")

    assert shown(history.judged("E01", "2025-06-30")) == ("MET", {}, {})
    assert shown(history.judged("E01", "2025-07-29")) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.judged("E01", "2025-07-30")) == ("GAP", {"G1": "2025-07-30"}, {})


def test_e01_what_is_not_delivered_cannot_be_told() -> None:
    history = History().opened("2025-02-17").certified("2025-02-20", CHILD)
    feeds = '[{"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'
    history.say(PolicyParameterSet, "2025-01-02", None, parameter="P-FEEDS", value=feeds, effective_from="2025-01-01")

    verdict = history.judged("E01", "2025-03-01")

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-20"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("DibaoDecided", "CIV")]


def test_e01_a_countys_own_clock_moves_that_county_alone() -> None:
    history = _two_disabled()
    said = {"parameter": "P-RECOG-WD", "value": "5", "effective_from": "2025-01-01"}
    history.say(PolicyParameterSet, "2025-03-10", None, division=OTHER_COUNTY, **said)

    assert str(history.judged("E01", "2025-02-25").due) == "2025-03-20"

    history.say(PolicyParameterSet, "2025-03-10", None, division=COUNTY, **said)

    assert str(history.judged("E01", "2025-02-25").due) == "2025-02-27"
    assert str(history.judged("E01", "2025-02-25", known="2025-03-09").due) == "2025-03-20"


def test_e01_a_second_ground_does_not_put_off_the_clock_of_the_first() -> None:
    history = _two_disabled()
    said = {"decision": "approved", "persons": [PARENT, CHILD], "pay_from": "2025-04", "decided_on": "2025-03-10"}
    history.say(DibaoDecided, "2025-03-10", PARENT, process="DB-1", dibao_type="family", amount_month="700.00", **said)

    assert str(history.judged("E01", "2025-03-20").due) == "2025-03-20"


def test_e01_a_disabled_sibling_known_later_does_not_put_off_the_clock() -> None:
    history = History().opened("2025-02-17", PARENT, CHILD, SIBLING).certified("2025-02-20", PARENT)
    history.certified("2025-02-20", CHILD).certified("2025-03-12", SIBLING)

    assert str(history.judged("E01", "2025-03-20").due) == "2025-03-20"


def test_e01_who_lives_elsewhere_since_before_the_case_is_no_member_of_the_household() -> None:
    history = _two_disabled()
    history.say(MemberRelationRecorded, "2025-02-17", PARENT, coresident=False, from_date="2024-09-01", relation="10")

    assert shown(history.judged("E01", "2025-03-01")) == ("NOT_ELIGIBLE", {}, {})


def test_e01_a_recognised_family_whose_child_has_grown_up_is_warned_of() -> None:
    history = History().opened("2025-02-17", PARENT, GROWING).certified("2025-02-20", PARENT)
    history.certified("2025-02-20", GROWING).recognised("2025-03-01", members=(PARENT, GROWING))

    assert shown(history.judged("E01", "2025-08-31")) == ("MET", {}, {})
    assert shown(history.judged("E01", "2025-09-01")) == ("NOT_APPLICABLE", {}, {"G6": "2025-09-01"})


def test_e01_another_ground_is_warned_of_from_the_day_on_which_it_holds_alone() -> None:
    history = History().opened("2025-02-17").certified("2025-02-20", CHILD).recognised("2025-03-01")
    history.certified("2020-05-30", PARENT, valid_to="2025-05-29")
    said = {"decision": "approved", "persons": [PARENT, CHILD], "pay_from": "2025-09", "decided_on": "2025-08-19"}
    history.say(DibaoDecided, "2025-08-19", PARENT, process="DB-1", dibao_type="family", amount_month="700.00", **said)

    assert shown(history.judged("E01", "2025-08-18")) == ("MET", {}, {"G6": "2025-05-30"})
    assert shown(history.judged("E01", "2025-08-19")) == ("MET", {}, {"G8": "2025-08-19"})


def test_e01_without_what_shows_a_ground_or_a_recognition_it_cannot_be_told() -> None:
    history = History().opened("2025-02-17", PARENT, SMALL).certified("2025-02-20", PARENT)
    feeds_only(history, "DPF", "CERT")
    verdict = history.judged("E01", "2025-03-01")
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-17"}, {})
    assert [one.type for one in verdict.missing] == ["DiagnosisReported"]

    history.certified("2025-03-03", SMALL)
    verdict = history.judged("E01", "2025-03-10")
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-03"}, {})
    assert [one.type for one in verdict.missing] == ["DifficultFamilyRecognised"]


def test_e01_a_recognition_that_was_decided_later_is_done_on_the_day_from_which_it_is_in_force() -> None:
    history = _two_disabled()
    said = {"disabled_members": [PARENT, CHILD], "child_members": [CHILD], "basis": "multi"}
    history.say(DifficultFamilyRecognised, "2025-04-10", PARENT, effective_from="2025-04-01", **said)

    assert shown(history.judged("E01", "2025-03-31")) == ("GAP", {"G1": "2025-03-21"}, {})
    assert shown(history.judged("E01", "2025-04-01")) == ("MET", {}, {})
    assert shown(history.judged("E01", "2025-04-05", known="2025-04-05"))[0] == "GAP"
