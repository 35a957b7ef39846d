"""XN-4: culture and sports, state by state."""

import pytest

from services.culture_tourism.events import CulturalActivityJoined, TalentIdentified, TalentPerformed, TalentTrained
from services.disability_federation.charity.events import SportsEventJoined
from services.disability_federation.registry.events import (
    DifficultFamilyEnded,
    FamilyMemberAdded,
    GapActionRecorded,
    MemberRelationRecorded,
    PolicyParameterSet,
    ServiceDeclined,
)
from tests.entitlements.histories import CHILD, COUNTY, OTHER_COUNTY, PARENT, SIBLING, History, number, parameter, shown


def _recognised() -> History:
    history = History().opened("2025-01-06").certified("2025-01-10").certified("2025-01-10", PARENT)
    return history.recognised("2025-02-21")


def _played(history: History, day: str) -> History:
    history.say(CulturalActivityJoined, day, name="联欢", held_on=day)
    return history


def test_e07_a_child_who_is_not_disabled_is_not_meant() -> None:
    history = History().opened("2025-01-06").certified("2025-01-10", PARENT)

    assert shown(history.judged("E07", "2025-03-01", CHILD)) == ("NOT_APPLICABLE", {}, {})
    assert shown(history.judged("E07", "2025-03-01", PARENT)) == ("NOT_APPLICABLE", {}, {})


def test_e07_a_family_that_is_not_recognised_has_to_wait() -> None:
    history = History().opened("2025-01-06").certified("2025-01-10")

    assert shown(history.judged("E07", "2025-03-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


def test_e07_a_child_of_three_is_too_young_until_the_fourth_birthday() -> None:
    small = number("2021-05-12", 4)
    history = History().opened("2025-01-06", PARENT, small).certified("2025-01-10", small).recognised("2025-02-21")

    assert shown(history.judged("E07", "2025-05-11", small)) == ("NOT_ELIGIBLE", {}, {})
    verdict = history.judged("E07", "2025-05-12", small)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2026-05-12")


def test_e07_the_first_year_runs_from_the_last_condition() -> None:
    history = _recognised()

    verdict = history.judged("E07", "2026-02-21", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("ELIGIBLE_NOT_APPLIED", {}, {}), "2026-02-21")
    verdict = history.judged("E07", "2026-02-22", CHILD)
    assert shown(verdict) == ("GAP", {"G1": "2026-02-22"}, {})
    assert [(one.department, one.division, str(one.due)) for one in verdict.gaps] == [("CUL", COUNTY, "2026-02-21")]


@pytest.mark.parametrize(
    ("cls", "fields"),
    [
        (TalentIdentified, {"field": "绘画", "identified_on": "2025-12-03"}),
        (TalentTrained, {"field": "绘画", "hours": "8", "finished_on": "2025-12-03"}),
        (TalentPerformed, {"event_name": "画展", "level": "市级", "held_on": "2025-12-03"}),
        (CulturalActivityJoined, {"name": "联欢", "held_on": "2025-12-03"}),
        (SportsEventJoined, {"held_on": "2025-12-03"}),
    ],
)
def test_e07_each_kind_of_opportunity_counts_for_a_year(cls: type, fields: dict[str, str]) -> None:
    history = _recognised()
    history.say(cls, "2025-12-03", **fields)

    verdict = history.judged("E07", "2026-12-03", CHILD)
    assert (shown(verdict), str(verdict.due)) == (("MET", {}, {}), "2026-12-03")
    assert shown(history.judged("E07", "2026-12-04", CHILD)) == ("GAP", {"G1": "2026-12-04"}, {})
    assert verdict.because == {"last": verdict.evidence[-1].day}


def test_e07_an_opportunity_before_recognition_counts_inside_its_year() -> None:
    history = _played(_recognised(), "2025-01-20")

    assert shown(history.judged("E07", "2025-03-01", CHILD)) == ("MET", {}, {})
    assert str(history.judged("E07", "2026-01-21", CHILD).due) == "2026-02-21"


def test_e07_who_declines_is_not_offered_it_and_a_new_chance_ends_that() -> None:
    history = _recognised()
    history.say(ServiceDeclined, "2025-03-01", CHILD, need="CULT", declined_by=PARENT, until="2025-12-31")

    assert shown(history.judged("E07", "2025-12-31", CHILD)) == ("DECLINED", {}, {})
    assert str(history.judged("E07", "2026-01-01", CHILD).due) == "2026-12-31"

    _played(history, "2025-06-01")
    assert shown(history.judged("E07", "2025-06-02", CHILD)) == ("MET", {}, {})


def test_e07_a_gap_can_be_held() -> None:
    history = _recognised()
    said = {"entitlement": "E07", "gap_type": "G1", "hold_until": "2026-04-30", "person": CHILD}
    history.say(GapActionRecorded, "2026-03-01", PARENT, **said)

    assert shown(history.judged("E07", "2026-04-30", CHILD)) == ("HELD", {"G1": "2026-02-22"}, {})
    assert shown(history.judged("E07", "2026-05-01", CHILD))[0] == "GAP"


def test_e07_where_one_of_both_departments_says_nothing_it_cannot_be_told() -> None:
    history = _recognised()
    feeds = (
        '[{"division": "*", "department": "CUL", "group": "CUL", "from": "2025-01-01", "stock": false},'
        ' {"division": "*", "department": "DPF", "group": "CERT", "from": "2025-01-01", "stock": true}]'
    )
    history.say(PolicyParameterSet, "2025-01-02", None, parameter="P-FEEDS", value=feeds, effective_from="2025-01-01")

    verdict = history.judged("E07", "2026-06-01", CHILD)
    assert shown(verdict) == ("UNKNOWN", {"G5": "2025-02-21"}, {})
    assert [(one.type, one.department) for one in verdict.missing] == [("SportsEventJoined", "DPF")]


def test_e07_a_family_that_is_difficult_no_more_is_not_meant() -> None:
    history = _recognised()
    history.say(DifficultFamilyEnded, "2025-06-30", PARENT, effective_to="2025-06-30", reason="voluntary")

    assert shown(history.judged("E07", "2025-06-30", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E07", "2025-07-01", CHILD)) == ("NOT_ELIGIBLE", {}, {})


@pytest.mark.parametrize(
    ("name", "value", "day", "before", "after"),
    [
        ("P-CULT-M", "6", "2025-09-01", "ELIGIBLE_NOT_APPLIED", "GAP"),
        ("P-CULT-AGE-FROM", "7", "2025-09-01", "ELIGIBLE_NOT_APPLIED", "NOT_ELIGIBLE"),
    ],
)
def test_e07_a_countys_own_value_moves_that_county_alone(
    name: str, value: str, day: str, before: str, after: str
) -> None:
    history = _recognised()
    parameter(history, name, value, OTHER_COUNTY)
    assert shown(history.judged("E07", day, CHILD))[0] == before

    parameter(history, name, value, recorded="2033-01-03")
    assert shown(history.judged("E07", day, CHILD))[0] == after
    assert shown(history.judged("E07", day, CHILD, known="2033-01-02"))[0] == before


def test_e07_a_child_who_joins_the_family_is_offered_something_within_a_year_of_that() -> None:
    history = History().opened("2025-03-01").certified("2020-01-10", PARENT).certified("2020-01-10", CHILD)
    history.recognised("2025-03-10").certified("2021-03-01", SIBLING)
    said = {"person": SIBLING, "joined_on": "2026-01-15", "relation": "20", "coresident": True}
    history.say(FamilyMemberAdded, "2026-01-15", PARENT, **said)

    assert str(history.judged("E07", "2026-02-01", SIBLING).due) == "2027-01-15"


def test_e07_a_child_who_lives_elsewhere_is_no_disabled_child_of_the_household() -> None:
    history = History().opened("2025-03-01").certified("2025-03-02", CHILD).recognised("2025-03-10")
    history.say(MemberRelationRecorded, "2025-09-01", CHILD, coresident=False, from_date="2025-09-01", relation="20")

    assert shown(history.judged("E07", "2025-08-31", CHILD))[0] == "ELIGIBLE_NOT_APPLIED"
    assert shown(history.judged("E07", "2025-09-01", CHILD))[0] == "NOT_APPLICABLE"
