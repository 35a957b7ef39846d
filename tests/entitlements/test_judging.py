"""Verdicts kept up with the case: whom events and clocks re-judge, and that judging from nothing gives the same."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.entitlements.audit import compare
from services.processes.assembly import owed_schema
from shared.postgres.database import Database
from tests.entitlements.desk import Desk
from tests.family_case.conftest import Hub, Told
from tests.world import SON, event, story


def _desk(hub: Hub, open_database: Callable[..., Database], today: date) -> Desk:
    return Desk(hub.queries, open_database("family_case", schema=owed_schema(hub.database.schema)), today)


@pytest.fixture
def desk(hub: Hub, open_database: Callable[..., Database]) -> Desk:
    """Verdicts of the day after the two stories end."""
    return _desk(hub, open_database, date(2027, 8, 1))


def test_what_is_kept_event_by_event_is_what_judging_from_nothing_gives(
    hub: Hub, stories: list[Told], desk: Desk
) -> None:
    for told in stories:
        hub.receive([told])
        desk.judging.step()
    desk.catch_up()
    kept = desk.rows()
    desk.forget()
    desk.catch_up()

    assert kept[0]
    assert kept[1]
    assert kept == desk.rows()


def test_an_event_re_judges_the_family_that_it_is_about_and_no_other(hub: Hub, desk: Desk) -> None:
    hub.tell(*story("a"), *story("b"))
    desk.catch_up()
    hub.tell(
        event(
            "disability_federation.psychological_support_provided",
            {
                "provider": {"code": "52421299MJXRE0019W", "name": "虚构服务中心"},
                "served_on": "2027-07-30",
                "for_whom": "child",
            },
            SON,
            time="2027-07-30T09:00:00+08:00",
            recordedtime="2027-07-30T10:00:00+08:00",
        )
    )

    assert desk.catch_up() == 1


def test_a_day_on_which_no_clock_falls_due_judges_nobody(hub: Hub, desk: Desk) -> None:
    hub.tell(*story("a"), *story("b"))
    desk.catch_up()
    [(wake,)] = desk.judging.database.all(f"SELECT min(wake) FROM {desk.judging.schema}.judged")
    desk.today = wake - timedelta(1)

    assert desk.catch_up() == 0

    desk.today = wake

    assert desk.catch_up() > 0


def test_week_by_week_the_clocks_alone_keep_what_judging_from_nothing_gives(hub: Hub, desk: Desk) -> None:
    hub.tell(*story("a"), *story("b"))
    desk.today = date(2026, 5, 1)
    desk.catch_up()
    for _ in range(6):
        desk.today += timedelta(5)
        desk.catch_up()
        kept = desk.rows()
        desk.forget()
        desk.catch_up()
        assert kept == desk.rows(), desk.today


def test_a_withdrawn_event_is_judged_as_if_it_had_never_been(hub: Hub, desk: Desk) -> None:
    events = story("a")
    hub.tell(*events)
    desk.catch_up()
    before = desk.rows()
    recognition = next(one for one in events if one["type"].endswith("difficult_family_recognised"))
    hub.tell(
        event(
            "disability_federation.event_withdrawn",
            {"target_event": recognition["id"], "reason": "误登", "approver": "虚构甲"},
            recognition["subject"],
            time="2027-07-30T09:00:00+08:00",
            recordedtime="2027-07-30T10:00:00+08:00",
        )
    )
    desk.catch_up()

    assert desk.rows() != before


def test_the_audit_finds_a_verdict_that_somebody_changed(
    hub: Hub, desk: Desk, another_hub: Callable[[], Hub], open_database: Callable[..., Database]
) -> None:
    told = hub.tell(*story("a"), *story("b"))
    upto = {source["log"]: source["received"] for source in hub.queries.sources()}
    beside = another_hub()
    beside.receive(told)
    rebuilt = _desk(beside, open_database, desk.today)

    assert list(compare(desk.judging, rebuilt.judging, upto)) == []

    with desk.judging.database.transaction() as tx:
        tx.execute(f"UPDATE {desk.judging.schema}.open SET since = since - 1".encode())
    found = list(compare(desk.judging, rebuilt.judging, upto))

    assert found
    assert all(one.startswith("open: the verdicts of XN-F-") for one in found)


@pytest.mark.parametrize(
    ("type_name", "data"),
    [
        (
            "disability_federation.publicity_activity_held",
            {
                "held_on": "2027-07-30",
                "channel": "社区宣传栏",
                "topic": "政策",
                "personal_data_used": True,
                "persons": [SON],
                "consents": ["a-003"],
            },
        ),
        (
            "education.school_term_announced",
            {"school_year": 2027, "term": "autumn", "starts_on": "2027-09-06", "ends_on": "2028-01-21"},
        ),
    ],
    ids=["an activity that names a child", "a term of the city"],
)
def test_an_event_about_nobody_re_judges_whom_it_concerns(
    hub: Hub, desk: Desk, type_name: str, data: dict[str, Any]
) -> None:
    hub.tell(*story("a"))
    desk.catch_up()
    told = {"time": "2027-07-30T09:00:00+08:00", "recordedtime": "2027-07-30T10:00:00+08:00", "division": "421200"}
    hub.tell(event(type_name, data, None, **told))

    assert desk.catch_up() == 1
    kept = desk.rows()
    desk.forget()
    desk.catch_up()
    assert kept == desk.rows()
