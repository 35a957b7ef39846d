"""XN-7: assistive devices, state by state."""

from typing import Any

from services.disability_federation.registry.events import GapActionRecorded, ServiceDeclined
from services.disability_federation.rehabilitation.devices.events import (
    AssistiveDeviceAssessed,
    AssistiveDeviceDecided,
    AssistiveDeviceFitted,
    AssistiveDeviceRented,
    AssistiveDeviceReturned,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, feeds_only, parameter, shown


def _family() -> History:
    return History().opened("2025-02-17").certified("2025-02-20", CHILD)


def _assessed(history: History, day: str, process: str = "FJ-1", device_class: str = "12") -> History:
    said = {"device_class": device_class, "device_name": "虚构轮椅"}
    history.say(AssistiveDeviceAssessed, day, CHILD, process=process, **said)
    return history


def _decided(
    history: History,
    day: str,
    decision: str = "approved",
    reason: str | None = None,
    process: str = "FJ-1",
    **said: Any,
) -> History:
    history.say(AssistiveDeviceDecided, day, CHILD, process=process, decision=decision, refuse_reason=reason, **said)
    return history


def _fitted(history: History, day: str, process: str = "FJ-1", device_class: str = "12") -> History:
    said = {"device_class": device_class, "device_name": "虚构轮椅", "fitted_on": day}
    history.say(AssistiveDeviceFitted, day, CHILD, process=process, **said)
    return history


def test_e12_a_member_without_a_disability_is_not_meant() -> None:
    assert shown(_family().surveyed("2025-03-01", "DEV").judged("E12", "2025-04-01", PARENT))[0] == "NOT_APPLICABLE"


def test_e12_nobody_asked_is_unknown_and_a_survey_without_the_need_excludes() -> None:
    history = _family()
    verdict = history.judged("E12", "2025-04-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-20"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("NeedsSurveyed", "DPF")]

    history.surveyed("2025-04-02", "REHAB")

    assert shown(history.judged("E12", "2025-04-02", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e12_a_need_is_assessed_within_sixty_days_in_no_difficult_family_too() -> None:
    history = _family().surveyed("2025-03-01", "DEV")

    assert str(history.judged("E12", "2025-04-30", CHILD).due) == "2025-04-30"
    assert shown(history.judged("E12", "2025-04-30", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    late = history.judged("E12", "2025-05-01", CHILD)
    assert shown(late) == ("GAP", {"G1": "2025-05-01"}, {})
    assert (late.gaps[0].department, late.gaps[0].division) == ("DPF", COUNTY)


def test_e12_from_assessment_to_device() -> None:
    history = _assessed(_family().surveyed("2025-03-01", "DEV"), "2025-04-22")
    assert str(history.judged("E12", "2025-05-05", CHILD).due) == "2025-05-22"
    assert shown(history.judged("E12", "2025-05-22", CHILD)) == ("PENDING", {}, {})
    assert shown(history.judged("E12", "2025-05-23", CHILD)) == ("GAP", {"G2": "2025-05-23"}, {})

    _decided(history, "2025-05-06", reuse_years=4)
    assert str(history.judged("E12", "2025-07-05", CHILD).due) == "2025-07-05"
    assert shown(history.judged("E12", "2025-07-06", CHILD)) == ("GAP", {"G3": "2025-07-06"}, {})

    _fitted(history, "2025-05-28")
    assert shown(history.judged("E12", "2025-05-28", CHILD)) == ("MET", {}, {})


def test_e12_a_device_that_has_reached_its_age_is_warned_of_until_one_of_its_class_is_assessed_anew() -> None:
    history = _fitted(_decided(_assessed(_family(), "2025-04-22"), "2025-05-06", reuse_years=4), "2025-05-28")

    assert shown(history.judged("E12", "2029-05-27", CHILD)) == ("MET", {}, {})
    verdict = history.judged("E12", "2029-05-28", CHILD)
    assert shown(verdict) == ("MET", {}, {"G6": "2029-05-28"})
    assert [(one.department, one.division) for one in verdict.warnings] == [("DPF", COUNTY)]

    _assessed(history, "2029-06-01", "FJ-2", "22")
    assert shown(history.judged("E12", "2029-06-01", CHILD))[2] == {"G6": "2029-05-28"}
    _assessed(history, "2029-06-02", "FJ-3")
    assert shown(history.judged("E12", "2029-06-02", CHILD))[2] == {}


def test_e12_a_device_given_back_does_not_grow_old() -> None:
    history = _fitted(_decided(_assessed(_family(), "2025-04-22"), "2025-05-06", reuse_years=1), "2025-05-28")
    history.say(AssistiveDeviceReturned, "2025-12-01", CHILD, process="FJ-1", returned_on="2025-12-01")

    assert shown(history.judged("E12", "2026-06-01", CHILD)) == ("MET", {}, {})


def test_e12_lent_is_met_in_its_process_or_without_one() -> None:
    lent = _decided(_assessed(_family(), "2025-04-22"), "2025-05-06")
    lent.say(AssistiveDeviceRented, "2025-05-20", CHILD, process="FJ-1")
    station = _family().surveyed("2025-03-01", "DEV")
    station.say(AssistiveDeviceRented, "2025-03-20", CHILD, process="ZJ-1")

    assert shown(lent.judged("E12", "2025-08-01", CHILD)) == ("MET", {}, {})
    assert shown(station.judged("E12", "2025-08-01", CHILD)) == ("MET", {}, {})


def test_e12_of_several_devices_the_worst_counts() -> None:
    history = _fitted(_decided(_assessed(_family(), "2025-04-22"), "2025-05-06"), "2025-05-28")
    _assessed(history, "2025-06-03", "FJ-2", "22")

    assert shown(history.judged("E12", "2025-06-04", CHILD))[0] == "PENDING"
    _decided(history, "2025-06-10", process="FJ-2")
    assert shown(history.judged("E12", "2025-08-10", CHILD)) == ("GAP", {"G3": "2025-08-10"}, {})


def test_e12_a_need_named_again_after_none_was_is_a_new_one() -> None:
    history = _fitted(
        _decided(_assessed(_family().surveyed("2025-03-01", "DEV"), "2025-04-22"), "2025-05-06"), "2025-05-28"
    )
    history.surveyed("2026-03-01", "DEV")
    assert shown(history.judged("E12", "2026-06-01", CHILD))[0] == "MET"

    history.surveyed("2027-03-01", "EDU").surveyed("2028-03-01", "DEV")

    assert shown(history.judged("E12", "2027-06-01", CHILD))[0] == "MET"
    assert str(history.judged("E12", "2028-03-01", CHILD).due) == "2028-04-30"


def test_e12_refused_against_the_facts_is_warned_of_and_the_clock_begins_anew() -> None:
    history = _decided(_assessed(_family(), "2025-04-22"), "2025-05-06", "refused", "economy")

    verdict = history.judged("E12", "2025-06-01", CHILD)

    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2025-05-06"})
    assert str(verdict.due) == "2025-07-05"
    assert shown(_assessed(history, "2025-06-02", "FJ-2").judged("E12", "2025-06-02", CHILD)) == ("PENDING", {}, {})


def test_e12_refused_before_the_disability_was_shown_is_as_if_not_assessed() -> None:
    history = _decided(_assessed(History().opened("2025-02-17"), "2025-03-01"), "2025-03-10", "refused", "category")
    history.certified("2025-04-01", CHILD)

    assert shown(history.judged("E12", "2025-04-01", CHILD)) == ("UNKNOWN", {"G5": "2025-04-01"}, {})


def test_e12_refused_for_its_form_is_as_if_not_assessed() -> None:
    history = _decided(
        _assessed(_family().surveyed("2025-03-01", "DEV"), "2025-04-22"), "2025-04-25", "refused", "document"
    )

    assert str(history.judged("E12", "2025-04-28", CHILD).due) == "2025-04-30"
    unasked = _decided(_assessed(_family(), "2025-04-22"), "2025-04-25", "returned")
    assert shown(unasked.judged("E12", "2025-04-28", CHILD))[0] == "UNKNOWN"


def test_e12_refused_as_a_duplicate_is_right_while_a_device_of_the_class_is_in_use() -> None:
    refused = ("2026-02-02", "refused", "duplicate", "FJ-2")
    history = _fitted(_decided(_assessed(_family(), "2025-04-22"), "2025-05-06", reuse_years=4), "2025-05-28")
    _decided(_assessed(history, "2026-01-10", "FJ-2"), *refused)
    wrong = _decided(_assessed(_family(), "2026-01-10", "FJ-2"), *refused)

    assert shown(history.judged("E12", "2026-02-02", CHILD)) == ("MET", {}, {})
    assert shown(wrong.judged("E12", "2026-02-02", CHILD)) == ("ELIGIBLE_NOT_APPLIED", {}, {"G8": "2026-02-02"})
    history.surveyed("2026-01-02", "EDU").surveyed("2026-01-05", "DEV")
    assert shown(history.judged("E12", "2026-02-02", CHILD)) == ("NOT_ELIGIBLE", {}, {})
    assert str(history.judged("E12", "2029-05-28", CHILD).gaps[0].since) == "2026-03-07"


def test_e12_declined_but_a_device_that_was_granted_is_followed() -> None:
    history = _family().surveyed("2025-03-01", "DEV")
    history.say(ServiceDeclined, "2025-03-10", CHILD, need="DEV", declined_by=PARENT, until="2025-12-31")
    assert shown(history.judged("E12", "2025-12-31", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E12", "2026-01-01", CHILD).due) == "2026-03-01"

    _decided(_assessed(history, "2025-03-02"), "2025-03-09")
    assert shown(history.judged("E12", "2025-04-01", CHILD))[0] == "PENDING"


def test_e12_a_gap_that_somebody_deals_with_is_held() -> None:
    history = _family().surveyed("2025-03-01", "DEV")
    said = {"entitlement": "E12", "gap_type": "G1", "hold_until": "2025-08-31", "person": CHILD}
    history.say(GapActionRecorded, "2025-06-01", PARENT, **said)

    assert shown(history.judged("E12", "2025-06-01", CHILD)) == ("HELD", {"G1": "2025-05-01"}, {})


def test_e12_what_is_not_delivered_cannot_be_told() -> None:
    history = _family().surveyed("2025-03-01", "DEV")
    feeds_only(history, "DPF", "CERT")

    verdict = history.judged("E12", "2025-06-01", CHILD)

    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-03-01"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("AssistiveDeviceAssessed", "DPF")]


def test_e12_a_countys_own_clocks_move_that_county_alone() -> None:
    for history, name, value, on, due in (
        (_family().surveyed("2025-03-01", "DEV"), "P-DEVICE-ASSESS-D", "20", "2025-03-10", "2025-03-21"),
        (_assessed(_family(), "2025-04-22"), "P-DEVICE-DECIDE-WD", "5", "2025-04-23", "2025-04-28"),
        (
            _decided(_assessed(_family(), "2025-04-22"), "2025-05-06"),
            "P-DEVICE-FIT-D",
            "20",
            "2025-05-07",
            "2025-05-26",
        ),
    ):
        before = history.judged("E12", on, CHILD).due
        parameter(history, name, value, OTHER_COUNTY)
        assert history.judged("E12", on, CHILD).due == before
        parameter(history, name, value, COUNTY)
        assert str(history.judged("E12", on, CHILD).due) == due
