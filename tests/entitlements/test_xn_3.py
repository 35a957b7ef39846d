"""XN-3: homes made barrier-free, state by state."""

from datetime import date

import pytest

from services.disability_federation.certificates.events import DisabilityCertificateCancelled
from services.disability_federation.home_modification.events import (
    HomeModificationApplied,
    HomeModificationCompleted,
    HomeModificationDecided,
    HomeModificationInspected,
)
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    GapActionRecorded,
    ServiceDeclined,
)
from services.entitlements.city import Approval, City
from services.entitlements.engine import judge
from services.entitlements.facts import Facts
from tests.entitlements.evaluate import known, logs
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, number, parameter, shown


def _recognised() -> History:
    return History().opened("2025-01-08").certified("2025-01-10").recognised("2025-02-21")


def _surveyed() -> History:
    return _recognised().surveyed("2025-03-03", "HOME")


def _applied(history: History, day: str, process: str = "HM-1") -> History:
    history.say(HomeModificationApplied, day, PARENT, process=process)
    return history


def _decided(
    history: History, day: str, decision: str = "approved", process: str = "HM-1", **fields: object
) -> History:
    said = {"decision": decision, "priority": True, "batch_year": int(day[:4]), **fields}
    history.say(HomeModificationDecided, day, PARENT, process=process, **said)
    return history


def _inspected(history: History, day: str, *, passed: bool, process: str = "HM-1") -> History:
    said = {"inspected_on": day, "passed": passed, "defects": None if passed else "坡道不平", "family_signed": True}
    history.say(HomeModificationInspected, day, PARENT, process=process, **said)
    return history


def _beside(
    history: History, effective: str, *granted: str, difficult: bool = False, at: str = COUNTY, batch: int = 2025
) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return the verdict where another family, difficult or not, was granted a modification on some days."""
    other = History()
    said = {"decision": "approved", "priority": False, "batch_year": batch}
    for one in granted:
        other.say(HomeModificationDecided, one, number("1985-04-05", 21), process=f"HM-{one}", at=at, **said)
    facts = known(logs(other.events), date(2034, 1, 1))[0].facts.all
    case, _, policy = known(logs(history.events), date(2034, 12, 31))
    day = date.fromisoformat(effective)
    beside = City(Facts(()), [Approval("XN-F-OTHER", difficult, one) for one in facts]).until(day)
    [judged] = judge(case, policy, day, beside, only=["E06"])
    return shown(judged.verdict)


# -- who is meant


def test_e06_a_family_without_a_disabled_child_is_not_meant() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10", PARENT).recognised("2025-02-21")

    assert shown(history.judged("E06", "2025-03-01")) == ("NOT_APPLICABLE", {}, {})


def test_e06_before_recognition_a_family_has_to_wait() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10").surveyed("2025-01-12", "HOME")

    assert shown(history.judged("E06", "2025-02-01")) == ("NOT_ELIGIBLE", {}, {})


def test_e06_without_a_severe_grade_in_the_household_it_is_not_meant() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10", grade="3").recognised("2025-02-21")
    history.surveyed("2025-03-03", "HOME")

    assert shown(history.judged("E06", "2025-03-04")) == ("NOT_ELIGIBLE", {}, {})
    history.certified("2025-05-06", PARENT, grade="2")
    assert str(history.judged("E06", "2025-05-06").due) == "2025-08-04"


def test_e06_without_a_survey_it_cannot_be_told() -> None:
    verdict = _recognised().judged("E06", "2025-05-12")

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-21"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("NeedsSurveyed", "DPF")]


def test_e06_a_survey_that_does_not_name_it_is_a_known_no() -> None:
    history = _recognised().surveyed("2025-03-03", "EDU")

    assert shown(history.judged("E06", "2025-03-04")) == ("NOT_ELIGIBLE", {}, {})


# -- applied, decided, inspected


def test_e06_from_need_to_inspection() -> None:
    history = _surveyed()
    verdict = history.judged("E06", "2025-06-01")
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2025-06-01")
    assert shown(history.judged("E06", "2025-06-02")) == ("GAP", {"G1": "2025-06-02"}, {})

    _applied(history, "2025-03-11")
    verdict = history.judged("E06", "2025-05-10")
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-05-10")
    assert shown(history.judged("E06", "2025-05-11")) == ("GAP", {"G2": "2025-05-11"}, {})

    _decided(history, "2025-04-15")
    history.say(HomeModificationCompleted, "2025-08-01", PARENT, process="HM-1", completed_on="2025-08-01")
    verdict = history.judged("E06", "2025-08-11")
    assert (shown(verdict), str(verdict.due)) == (("PENDING", {}, {}), "2025-10-12")
    assert shown(history.judged("E06", "2025-10-13")) == ("GAP", {"G3": "2025-10-13"}, {})

    _inspected(history, "2025-08-10", passed=False)
    assert shown(history.judged("E06", "2025-08-11"))[0] == "PENDING"
    _inspected(history, "2025-08-12", passed=True)
    assert shown(history.judged("E06", "2025-08-12")) == ("MET", {}, {})
    assert shown(history.judged("E06", "2029-08-12")) == ("MET", {}, {})


def test_e06_a_grant_from_before_whose_application_is_not_on_record_is_followed() -> None:
    history = _decided(_surveyed(), "2025-04-15")

    assert str(history.judged("E06", "2025-04-20").due) == "2025-10-12"


def test_e06_a_new_need_begins_it_anew() -> None:
    history = _inspected(_decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15"), "2025-08-12", passed=True)
    history.surveyed("2026-03-02", "HOME")
    assert shown(history.judged("E06", "2026-03-02"))[0] == "MET"  # still the old need

    history.surveyed("2026-09-01", "EDU").surveyed("2027-03-01", "HOME")
    assert shown(history.judged("E06", "2026-09-01"))[0] == "MET"
    verdict = history.judged("E06", "2027-03-01")
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2027-05-30")
    _decided(_applied(history, "2027-03-10", "HM-2"), "2027-03-20", process="HM-2")
    assert shown(history.judged("E06", "2027-03-20"))[0] == "PENDING"


def test_e06_a_gap_can_be_held() -> None:
    history = _surveyed()
    said = {"entitlement": "E06", "gap_type": "G1", "hold_until": "2025-07-31", "person": None}
    history.say(GapActionRecorded, "2025-06-10", PARENT, **said)

    assert shown(history.judged("E06", "2025-07-31")) == ("HELD", {"G1": "2025-06-02"}, {})


@pytest.mark.parametrize("lost", ["recognition", "certificate"])
def test_e06_a_grant_stands_when_its_condition_falls_unless_grants_end_at_once(lost: str) -> None:
    history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15")
    if lost == "recognition":
        history.say(DifficultFamilyEnded, "2025-05-31", PARENT, effective_to="2025-05-31", reason="voluntary")
    else:
        parameter(history, "P-HOMEMOD-GRADES", "3")

    assert shown(history.judged("E06", "2025-06-01")) == ("PENDING", {}, {})
    parameter(history, "P-GRACE", "immediate")
    assert shown(history.judged("E06", "2025-06-01")) == ("NOT_ELIGIBLE", {}, {})


def test_e06_another_claim_that_is_refused_does_not_end_a_grant() -> None:
    history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15")
    _decided(_applied(history, "2025-05-06", "HM-2"), "2025-05-20", "refused", "HM-2", refuse_reason="duplicate")

    assert shown(history.judged("E06", "2025-05-20"))[0] == "PENDING"
    assert shown(history.judged("E06", "2025-10-13"))[:2] == ("GAP", {"G3": "2025-10-13"})


def test_e06_without_a_disabled_child_any_more_it_is_over() -> None:
    history = _applied(_surveyed(), "2025-03-11")
    history.say(DisabilityCertificateCancelled, "2025-03-20", CHILD, cancelled_on="2025-03-20")

    assert shown(history.judged("E06", "2025-03-20")) == ("NOT_APPLICABLE", {}, {})


# -- refused, declined


def test_e06_refusals() -> None:
    history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15", "refused", refuse_reason="document")
    assert str(history.judged("E06", "2025-04-15").due) == "2025-06-01"

    for reason in ("fund", "category", "economy", "duplicate", "age", "hukou", "not_in_force"):
        history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15", "refused", refuse_reason=reason)
        verdict = history.judged("E06", "2025-04-15")
        assert (shown(verdict), str(verdict.due)) == (
            ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-04-15"}),
            "2025-07-14",
        )
        _applied(history, "2025-05-01", "HM-2")
        assert shown(history.judged("E06", "2025-05-01")) == ("PENDING", {}, {})


def test_e06_a_refusal_for_want_of_a_severe_grade_holds_until_there_is_one() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10", grade="3").recognised("2025-02-21")
    _applied(history.surveyed("2025-03-03", "HOME"), "2025-03-11")
    _decided(history, "2025-04-15", "refused", refuse_reason="category").certified("2025-06-01", PARENT, grade="1")

    assert shown(history.judged("E06", "2025-05-31")) == ("NOT_ELIGIBLE", {}, {})
    assert str(history.judged("E06", "2025-06-01").due) == "2025-08-30"


def test_e06_who_declines_is_left_alone_until_the_decline_ends() -> None:
    history = _surveyed()
    history.say(ServiceDeclined, "2025-04-01", PARENT, need="HOME", declined_by=PARENT, until="2025-07-31")

    assert shown(history.judged("E06", "2025-07-31")) == ("DECLINED", {}, {})
    assert str(history.judged("E06", "2025-08-01").due) == "2025-10-29"


# -- priority


def test_e06_another_family_that_is_not_difficult_and_was_granted_meanwhile_went_first() -> None:
    history = _applied(_surveyed(), "2025-03-11")

    assert _beside(history, "2025-03-31", "2025-04-01") == ("PENDING", {}, {})
    assert _beside(history, "2025-04-01", "2025-04-01") == ("PENDING", {}, {"G7": "2025-04-01"})
    assert _beside(history, "2025-04-01", "2025-04-01", difficult=True) == ("PENDING", {}, {})
    _decided(history, "2025-04-15")
    assert _beside(history, "2025-04-20", "2025-04-01") == ("PENDING", {}, {"G7": "2025-04-01"})


def test_e06_a_grant_to_another_from_before_this_family_was_recognised_does_not_hide_a_later_one() -> None:
    history = _applied(History().opened("2025-01-08").certified("2025-01-10"), "2025-02-10").recognised("2025-02-21")
    history.surveyed("2025-03-03", "HOME")

    assert _beside(history, "2025-03-25", "2025-02-12") == ("PENDING", {}, {})
    assert _beside(history, "2025-03-25", "2025-02-12", "2025-03-20") == ("PENDING", {}, {"G7": "2025-03-20"})


@pytest.mark.parametrize(
    ("day", "at", "batch"),
    [
        ("2025-03-10", COUNTY, 2025),  # before this one had applied
        ("2025-04-15", COUNTY, 2025),  # on the day of its decision
        ("2025-04-01", OTHER_COUNTY, 2025),
        ("2025-04-01", COUNTY, 2024),
    ],
)
def test_e06_no_other_grant_went_first(day: str, at: str, batch: int) -> None:
    history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15")

    assert _beside(history, "2025-05-01", day, at=at, batch=batch) == ("PENDING", {}, {})


def test_e06_who_was_not_difficult_then_was_not_passed_over() -> None:
    history = History().opened("2025-01-08").certified("2025-01-10").surveyed("2025-01-12", "HOME")
    _applied(history, "2025-01-15").recognised("2025-02-21")

    assert _beside(history, "2025-03-01", "2025-02-20")[2] == {}
    assert _beside(history, "2025-03-01", "2025-02-21")[2] == {"G7": "2025-02-21"}


def test_e06_a_grant_without_priority_is_warned_of() -> None:
    history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15", priority=False)

    assert shown(history.judged("E06", "2025-04-15")) == ("PENDING", {}, {"G7": "2025-04-15"})


@pytest.mark.parametrize(
    ("name", "value", "day", "before", "after"),
    [
        ("P-HOMEMOD-APPLY-D", "3", "2025-03-08", "ELIGIBLE_NOT_APPLIED", "GAP"),
        ("P-HOMEMOD-GRADES", "2", "2025-03-08", "ELIGIBLE_NOT_APPLIED", "NOT_ELIGIBLE"),
        ("P-HOMEMOD-DECIDE-D", "10", "2025-03-25", "PENDING", "GAP"),
        ("P-HOMEMOD-DONE-D", "30", "2025-06-01", "PENDING", "GAP"),
    ],
)
def test_e06_a_countys_own_value_moves_that_county_alone(
    name: str, value: str, day: str, before: str, after: str
) -> None:
    history = _decided(_applied(_surveyed(), "2025-03-11"), "2025-04-15")

    parameter(history, name, value, OTHER_COUNTY)
    assert shown(history.judged("E06", day))[0] == before
    parameter(history, name, value, recorded="2033-01-03")
    assert shown(history.judged("E06", day))[0] == after
    assert shown(history.judged("E06", day, known="2033-01-02"))[0] == before
