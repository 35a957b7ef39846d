"""XN-12, XN-13: pairing and volunteers, which are advised, state by state."""

from typing import Any

from services.civil_affairs.events import VolunteerServiceRecorded
from services.disability_federation.charity.events import PairingEnded, PairingEstablished, PairingVisited
from services.disability_federation.registry.events import (
    ConsentRecorded,
    ConsentWithdrawn,
    DifficultFamilyEnded,
    ServiceDeclined,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, History, feeds_only, parameter, shown


def _family() -> History:
    return History().opened("2025-02-17").certified("2025-02-20", CHILD).recognised("2025-03-01")


def _agreed(day: str = "2025-03-10", **fields: Any) -> History:
    history = _family()
    said = {"consent_by": PARENT, "scope": "结对", "scopes": ["pairing"], "form_doc": "虚构同意书"}
    history.say(ConsentRecorded, day, CHILD, **{**said, **fields})
    return history


def _paired(history: History, day: str, process: str = "JD-1", **fields: Any) -> History:
    history.say(PairingEstablished, day, PARENT, process=process, from_date=day, **fields)
    return history


def _visited(history: History, day: str, process: str = "JD-1") -> History:
    history.say(PairingVisited, day, PARENT, process=process, visited_on=day)
    return history


def _volunteered(history: History, day: str) -> History:
    history.say(VolunteerServiceRecorded, day, PARENT, served_on=day)
    return history


# -- E24


def test_e24_a_family_without_a_disabled_child_is_not_meant_and_without_recognition_not_eligible() -> None:
    assert shown(History().opened("2025-02-17").judged("E24", "2025-04-01")) == ("NOT_APPLICABLE", {}, {})
    assert shown(_agreed("2025-02-25").judged("E24", "2025-02-28")) == ("NOT_ELIGIBLE", {}, {})


def test_e24_nobody_is_paired_without_consent_read_from_its_codes_or_its_words() -> None:
    assert shown(_family().judged("E24", "2025-04-01"))[0] == "NOT_ELIGIBLE"
    assert shown(_agreed(scopes=["charity"]).judged("E24", "2025-04-01"))[0] == "NOT_ELIGIBLE"
    assert shown(_agreed(scopes=None).judged("E24", "2025-04-01"))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e24_consent_counts_through_its_last_day_and_not_from_the_day_it_is_withdrawn() -> None:
    history = _agreed(valid_to="2025-12-31")
    assert shown(history.judged("E24", "2025-12-31"))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E24", "2026-01-01"))[0] == "NOT_ELIGIBLE"

    history.say(ConsentWithdrawn, "2025-10-15", CHILD, scope="结对", scopes=["pairing"])
    assert shown(history.judged("E24", "2025-10-14"))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E24", "2025-10-15"))[0] == "NOT_ELIGIBLE"


def test_e24_not_paired_is_no_gap() -> None:
    verdict = _agreed().judged("E24", "2027-01-01")

    assert shown(verdict) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert verdict.due is None


def test_e24_a_pairing_lapses_three_months_after_the_last_visit_without_a_gap() -> None:
    history = _paired(_agreed(), "2025-04-10")
    assert shown(history.judged("E24", "2025-07-10")) == ("MET", {}, {})
    assert shown(history.judged("E24", "2025-07-11")) == ("LAPSED", {}, {})

    _visited(history, "2025-09-03")
    verdict = history.judged("E24", "2025-12-03")
    assert shown(verdict) == ("MET", {}, {})
    assert verdict.due is None
    assert shown(history.judged("E24", "2025-12-04")) == ("LAPSED", {}, {})


def test_e24_a_pairing_that_has_ended_is_none() -> None:
    ended = _paired(_agreed(), "2025-04-10")
    ended.say(PairingEnded, "2025-06-01", PARENT, process="JD-1", ended_on="2025-06-01")
    over = _paired(_agreed(), "2025-04-10", to_date="2025-06-01")

    assert shown(ended.judged("E24", "2025-05-31"))[0] == "MET"
    assert shown(ended.judged("E24", "2025-06-01"))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(over.judged("E24", "2025-06-01"))[0] == "MET"
    assert shown(over.judged("E24", "2025-06-02"))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e24_the_visits_of_an_earlier_pairing_do_not_count() -> None:
    history = _visited(_paired(_agreed(), "2025-03-20"), "2025-06-01")
    history.say(PairingEnded, "2025-06-02", PARENT, process="JD-1", ended_on="2025-06-02")
    _visited(_paired(history, "2025-05-01", "JD-2"), "2025-05-05", "JD-2")

    assert shown(history.judged("E24", "2025-08-05"))[0] == "MET"
    assert shown(history.judged("E24", "2025-08-06"))[0] == "LAPSED"


def test_e24_out_of_the_group_it_ends() -> None:
    history = _paired(_agreed(), "2025-04-10")
    history.say(DifficultFamilyEnded, "2025-05-31", PARENT, effective_to="2025-05-31", reason="voluntary")

    assert shown(history.judged("E24", "2025-06-01")) == ("NOT_ELIGIBLE", {}, {})


def test_e24_where_it_is_promised_what_lapsed_is_owed() -> None:
    history = _paired(_agreed(), "2025-04-10")
    parameter(history, "P-PAIR-BINDING", "promised", OTHER_COUNTY)
    assert shown(history.judged("E24", "2025-07-11")) == ("LAPSED", {}, {})

    parameter(history, "P-PAIR-BINDING", "promised", COUNTY)
    assert str(history.judged("E24", "2025-07-10").due) == "2025-07-10"
    late = history.judged("E24", "2025-07-11")
    assert shown(late) == ("LAPSED", {"G4": "2025-07-11"}, {})
    assert (late.gaps[0].department, late.gaps[0].division) == ("DPF", COUNTY)
    unpaired = _agreed()
    parameter(unpaired, "P-PAIR-BINDING", "promised", COUNTY)
    assert shown(unpaired.judged("E24", "2027-01-01")) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e24_where_it_binds_a_pairing_is_owed_sixty_days_after_recognition_and_consent() -> None:
    history = _agreed()
    parameter(history, "P-PAIR-BINDING", "binding", COUNTY)

    assert str(history.judged("E24", "2025-05-09").due) == "2025-05-09"
    assert shown(history.judged("E24", "2025-05-09")) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    assert shown(history.judged("E24", "2025-05-10")) == ("GAP", {"G1": "2025-05-10"}, {})

    _paired(history, "2025-05-10", to_date="2025-06-30")
    assert shown(history.judged("E24", "2025-06-30"))[0] == "MET"
    assert str(history.judged("E24", "2025-07-01").due) == "2025-08-30"
    history.say(PairingEnded, "2025-05-20", PARENT, process="JD-1", ended_on="2025-05-20")
    assert str(history.judged("E24", "2025-05-20").due) == "2025-07-20"


def test_e24_declined() -> None:
    history = _agreed()
    history.say(ServiceDeclined, "2025-03-12", PARENT, need="CHAR", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E24", "2025-12-31")) == ("DECLINED", {}, {})
    assert shown(history.judged("E25", "2025-12-31")) == ("DECLINED", {}, {})
    assert shown(history.judged("E24", "2026-01-01"))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e24_e25_what_is_not_delivered_cannot_be_told() -> None:
    history = _agreed()
    feeds_only(history, "DPF", "CERT")

    pairing, volunteers = history.judged("E24", "2025-06-01"), history.judged("E25", "2025-06-01")

    assert shown(pairing) == ("UNKNOWN", {"G5": "2025-03-10"}, {})
    assert [(one.type, one.department) for one in pairing.missing] == [("PairingEstablished", "DPF")]
    assert shown(volunteers) == ("UNKNOWN", {"G5": "2025-03-01"}, {})
    assert [(one.type, one.department) for one in volunteers.missing] == [("VolunteerServiceRecorded", "CIV")]
    assert shown(_paired(history, "2025-03-11").judged("E24", "2025-07-01"))[0] == "UNKNOWN"


def test_e24_a_countys_own_intervals_move_that_county_alone() -> None:
    history = _paired(_agreed(), "2025-04-10")
    parameter(history, "P-VISIT-M", "6", OTHER_COUNTY)
    assert shown(history.judged("E24", "2025-07-11"))[0] == "LAPSED"
    parameter(history, "P-VISIT-M", "6", COUNTY)
    assert shown(history.judged("E24", "2025-10-10"))[0] == "MET"
    assert shown(history.judged("E24", "2025-10-11"))[0] == "LAPSED"

    unpaired = _agreed()
    for name, value in (("P-PAIR-BINDING", "binding"), ("P-PAIR-D", "10")):
        parameter(unpaired, name, value, COUNTY)
    assert shown(unpaired.judged("E24", "2025-03-21")) == ("GAP", {"G1": "2025-03-21"}, {})


# -- E25


def test_e25_a_family_without_a_disabled_child_is_not_meant_and_without_recognition_not_eligible() -> None:
    assert shown(History().opened("2025-02-17").judged("E25", "2025-04-01")) == ("NOT_APPLICABLE", {}, {})
    assert shown(_family().judged("E25", "2025-02-28")) == ("NOT_ELIGIBLE", {}, {})


def test_e25_volunteers_who_came_count_for_a_year() -> None:
    history = _volunteered(_family(), "2025-04-10")

    assert shown(history.judged("E25", "2025-04-09")) == ("ELIGIBLE_NOT_APPLIED", {}, {})
    verdict = history.judged("E25", "2026-04-10")
    assert shown(verdict) == ("MET", {}, {})
    assert verdict.due is None
    assert shown(history.judged("E25", "2026-04-11")) == ("ELIGIBLE_NOT_APPLIED", {}, {})


def test_e25_a_countys_own_interval_moves_that_county_alone() -> None:
    history = _volunteered(_family(), "2025-04-10")
    parameter(history, "P-VOL-M", "6", OTHER_COUNTY)
    assert shown(history.judged("E25", "2025-10-11"))[0] == "MET"

    parameter(history, "P-VOL-M", "6", COUNTY)
    assert shown(history.judged("E25", "2025-10-11"))[0] == "ELIGIBLE_NOT_APPLIED"


def test_e24_e25_a_visit_and_volunteers_end_a_decline() -> None:
    history = _paired(_agreed(), "2025-03-20")
    history.say(ServiceDeclined, "2025-03-25", PARENT, need="CHAR", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E24", "2025-04-02"))[0] == "DECLINED"
    assert shown(_visited(history, "2025-04-02").judged("E24", "2025-04-02"))[0] == "MET"
    assert shown(_volunteered(history, "2025-05-01").judged("E25", "2025-05-01"))[0] == "MET"
