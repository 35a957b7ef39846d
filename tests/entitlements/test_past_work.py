"""Work lists of another day: what was open on F, as known on K."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.entitlements.indicators.computing import Indicators
from services.entitlements.past_work import PastWork
from services.entitlements.work import Wanted, WorkLists
from services.processes.assembly import owed_schema
from tests.entitlements.desk import Desk, city, deliver
from tests.family_case.conftest import Hub

TODAY = date(2026, 9, 1)


@pytest.fixture
def desk(hub: Hub, open_database: Callable[..., Any]) -> Desk:
    """A city of six families, judged on a day."""
    desk = Desk(hub.queries, open_database("family_case", schema=owed_schema(hub.database.schema)), TODAY)
    for _ in deliver(hub.cases, city(6, 3), random.Random(1), 1):  # noqa: S311
        pass
    desk.catch_up()
    return desk


def test_the_list_of_today_worked_out_is_the_list_that_is_kept_page_by_page(desk: Desk) -> None:
    kept = WorkLists(desk.judging.database, desk._clock)
    past = PastWork(Indicators(desk.judging))
    some = kept.page(Wanted(limit=500))["rows"]
    assert some
    for wanted in (
        Wanted(limit=3),
        Wanted(limit=500, held=True),
        Wanted(department=some[0]["department"], limit=2),
        Wanted(division=some[-1]["division"], type=some[-1]["type"], limit=500),
        Wanted(rule=some[0]["rule"], clause=some[0]["clause"]),
        Wanted(after=kept.page(Wanted(limit=4))["next"], limit=3),
    ):
        here, there = kept.page(wanted), past.page(replace(wanted, effective=TODAY))
        assert there == here | {"known": None, "effective": TODAY.isoformat()}
    assert past.counts(Wanted(effective=TODAY)) == kept.counts()


def test_an_earlier_list_is_of_what_was_known_and_had_happened_then(desk: Desk) -> None:
    past = PastWork(Indicators(desk.judging))
    known, day = date(2026, 1, 31), date(2025, 12, 31)
    rows = past.page(Wanted(known=known, effective=day, limit=500, held=True))["rows"]

    naive = desk.naively(day, known)
    told = {
        (family, rule, subject, sign[0], sign[1])
        for family, verdicts in naive.items()
        for rule, subject, _, _, gaps, warnings in verdicts
        for sign in (*gaps, *warnings)
    }
    assert {(one["family"], one["rule"], one["subject"], one["type"], one["since"]) for one in rows} == told
    assert all(one["since"] <= day.isoformat() for one in rows)
    assert rows != past.page(Wanted(effective=TODAY, limit=500, held=True))["rows"]
