"""What a correction or withdrawal did: which verdicts are others, and what rested on what is no longer said."""

from datetime import date, datetime
from typing import Any

import pytest

from services.entitlements.impact import NoSuchRetraction
from services.entitlements.loading import Loader
from services.entitlements.owed import Asked, Owed
from shared.language.envelope import CHINA
from tests.family_case.conftest import READER, Hub
from tests.world import event, story

DAY = date(2026, 3, 2)


def owed(hub: Hub, today: date = DAY) -> Owed:
    return Owed(Loader(hub.queries), lambda: datetime(today.year, today.month, today.day, 12, tzinfo=CHINA))


def withdrawn(original: dict[str, Any], recorded: str = "2026-03-02", **said: str) -> dict[str, Any]:
    department = original["type"].partition(".")[0]
    data = {"target_event": original["id"], "reason": "误登", "approver": "虚构甲"}
    return event(
        f"{department}.event_withdrawn", data, original.get("subject"),
        id="w-1", time=f"{recorded}T09:00:00+08:00", recordedtime=f"{recorded}T10:00:00+08:00", **said,
    )  # fmt: skip


def told(letter: str, name: str, until: str = "2026-03-01") -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the events of a story up to a day, and the first of them of a type."""
    events = [one for one in story(letter) if one.get("recordedtime", one["time"])[:10] <= until]
    return events, next(one for one in events if one["type"].endswith(name))


def test_it_says_which_verdicts_are_others_and_which_had_rested_on_what_was_withdrawn(hub: Hub) -> None:
    events, recognition = told("a", "difficult_family_recognised")
    hub.tell(*events, withdrawn(recognition))

    [found] = owed(hub).impact.of(READER, "test", event="w-1")

    assert (found["kind"], found["recorded"], found["why"]) == ("withdrawal", "2026-03-02", "误登")
    assert found["original"]["event"] == recognition["id"]
    [family] = found["families"]
    by_rule = {one["rule"]: one for one in family["verdicts"] if one["subject"] == "*"}
    assert family["family"] == hub.families[0]
    assert by_rule["E01"]["rested"]
    assert by_rule["E01"]["before"]["state"] == "MET"
    assert by_rule["E01"]["after"]["state"] in {"GAP", "ELIGIBLE_NOT_APPLIED"}
    assert {one["rule"] for one in family["verdicts"] if one["changed"]} > {"E01"}


def test_it_differs_from_the_day_before_by_this_event_alone(hub: Hub) -> None:
    events, recognition = told("a", "difficult_family_recognised")
    hub.tell(*events, withdrawn(recognition))
    asking = owed(hub)

    [found] = asking.impact.of(READER, "test", event="w-1")
    shown = [
        asking.open(hub.families[0], READER, "test", Asked(known, DAY, everything=True))["verdicts"]
        for known in (date(2026, 3, 1), DAY)
    ]
    states = [{(one["rule"], one["subject"]["id"]): one["state"] for one in some} for some in shown]
    differing = {rule for (rule, subject), state in states[0].items() if states[1].get((rule, subject)) != state}

    of_states = {
        one["rule"] for one in found["families"][0]["verdicts"] if one["before"]["state"] != one["after"]["state"]
    }
    assert of_states == differing


def test_what_another_event_of_the_same_day_did_is_not_its_doing(hub: Hub) -> None:
    events, recognition = told("a", "difficult_family_recognised")
    again = recognition | {
        "id": "again",
        "time": "2026-03-02T08:00:00+08:00",
        "recordedtime": "2026-03-02T11:00:00+08:00",
    }
    hub.tell(*events, withdrawn(recognition), again)

    [found] = owed(hub).impact.of(READER, "test", event="w-1")
    e01 = [one for family in found["families"] for one in family["verdicts"] if one["rule"] == "E01"]

    assert [one["after"]["state"] for one in e01] in ([], ["MET"])


def test_payments_that_rested_on_a_withdrawn_decision_are_named(hub: Hub) -> None:
    events, decision = told("a", "dibao_decided", "2027-12-31")
    hub.tell(*events, withdrawn(decision, "2027-12-01"))

    [found] = owed(hub).impact.of(READER, "test", event="w-1", effective=date(2025, 12, 31))
    [family] = found["families"]

    assert found["effective"] == "2025-12-31"
    assert {one["kind"] for one in family["events"]} >= {"payment"}


def test_a_retraction_about_nobody_is_asked_of_every_family(hub: Hub) -> None:
    events, _ = told("a", "family_case_opened")
    data = {"parameter": "P-CULT-M", "value": "1", "effective_from": "2025-01-01", "basis_doc": "虚构文号"}
    parameter = event(
        "disability_federation.policy_parameter_set", data, None,
        id="p-1", time="2025-01-02T09:00:00+08:00", recordedtime="2025-01-02T10:00:00+08:00", division="421200",
    )  # fmt: skip
    hub.tell(parameter, *events, withdrawn(parameter))

    [found] = owed(hub).impact.of(READER, "test", event="w-1", effective=date(2025, 12, 31))

    assert found["original"]["event"] == "p-1"
    [family] = found["families"]
    assert {one["rule"] for one in family["verdicts"]} == {"E07"}


def test_the_page_says_for_ninety_days_what_was_judged_anew(hub: Hub) -> None:
    events, recognition = told("a", "difficult_family_recognised")
    hub.tell(*events, withdrawn(recognition))
    [family] = hub.families

    now = owed(hub).open(family, READER, "test", Asked())["retracted"]
    later = owed(hub, date(2026, 6, 30)).open(family, READER, "test", Asked())["retracted"]
    before = owed(hub).open(family, READER, "test", Asked(known=date(2026, 3, 1)))["retracted"]

    assert [one["event"] for one in now] == ["w-1"]
    assert "E01" in {one["rule"] for one in now[0]["verdicts"]}
    assert "w-1" not in {one["event"] for one in later}
    assert "w-1" not in {one["event"] for one in before}


def test_since_a_day_lists_each_and_an_unknown_id_is_refused(hub: Hub) -> None:
    events, recognition = told("a", "difficult_family_recognised")
    hub.tell(*events, withdrawn(recognition))

    found = owed(hub).impact.of(READER, "test", since=date(2025, 1, 1))
    assert "w-1" in {one["event"] for one in found}
    assert len(found) > 1
    with pytest.raises(NoSuchRetraction):
        owed(hub).impact.of(READER, "test", event=recognition["id"])
