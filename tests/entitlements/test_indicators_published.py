"""What is published stays what it was: read again, computed again, and explained where it would be another now."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.entitlements.indicators import publishing
from services.entitlements.indicators.computing import Basis, Computed, Indicators
from services.entitlements.judging import Judging
from services.processes.assembly import owed_schema
from shared.errors import Refused
from shared.postgres.database import Database
from tests.family_case.conftest import Hub
from tests.world import SON, event, story

F, K = date(2026, 3, 31), date(2026, 4, 5)
NOBODY_ASKS = lambda *_: None  # noqa: E731


@pytest.fixture
def indicators(hub: Hub, open_database: Callable[..., Database]) -> Indicators:
    """Indicators over two stories."""
    hub.tell(*story("a"), *story("b"))
    return Indicators(Judging(hub.queries, open_database("family_case", schema=owed_schema(hub.database.schema))))


def publish(hub: Hub, indicators: Indicators, month: str = "2026-03", known: date = K) -> Computed:
    """Publish a month through the federation's door; return what was computed."""
    every = publishing.publications(hub.queries.about_nobody())
    computed = indicators.compute(F, known)
    tables = publishing.public(computed, every)
    hub.tell(*publishing.events(month, computed, tables, f"{known}T09:00:00+08:00"))
    return computed


def of(hub: Hub, month: str = "2026-03") -> publishing.Publication:
    return publishing.of_month(month, publishing.publications(hub.queries.about_nobody()))


def support(on: str, recorded: str) -> dict[str, Any]:
    """Somebody supports a child of the first story."""
    data = {
        "provider": {"code": "52421299MJXRE0019W", "name": "虚构服务中心"},
        "served_on": on,
        "for_whom": "child",
    }
    return event(
        "disability_federation.psychological_support_provided",
        data,
        SON,
        time=f"{on}T09:00:00+08:00",
        recordedtime=f"{recorded}T10:00:00+08:00",
    )


def test_a_publication_keeps_its_days_positions_edition_and_rows(hub: Hub, indicators: Indicators) -> None:
    computed = publish(hub, indicators)
    found = of(hub)

    assert (found.basis.effective, found.basis.known, found.basis.edition) == (F, K, "2")
    assert found.basis.positions == computed.basis.positions
    assert found.basis.parameters == computed.basis.parameters
    assert {name: list(rows) for name, rows in found.rows.items()} == publishing.lines_of(publishing.public(computed))
    assert "coverage" in found.rows


@pytest.mark.parametrize("recorded", ["2026-04-20", "2026-04-01"], ids=["written down later", "written down before K"])
def test_late_events_change_neither_what_was_published_nor_what_is_computed_again(
    hub: Hub, indicators: Indicators, recorded: str
) -> None:
    computed = publish(hub, indicators)
    before = of(hub)
    hub.tell(support("2026-03-20", recorded))

    assert of(hub) == before
    assert publishing.again(indicators, before, [before], NOBODY_ASKS) == []
    again = indicators.compute(F, K, before.basis.positions)
    assert [one.as_json() for one in again.tables] == [one.as_json() for one in computed.tables]
    assert [one.as_json() for one in indicators.compute(F, date(2026, 5, 1)).tables] != [
        one.as_json() for one in computed.tables
    ]


def test_why_a_number_changed_is_what_was_recorded_in_between_about_those_whose_verdicts_differ(
    hub: Hub, indicators: Indicators
) -> None:
    publish(hub, indicators)
    late = support("2026-03-20", "2026-04-20")
    hub.tell(late)
    first = of(hub).basis
    second = Basis(F, date(2026, 5, 1), indicators.positions())
    found = publishing.why(indicators, first, second)

    assert found["families_that_differ"] == 1
    assert {"type": late["type"], "count": 1, "ids": [late["id"]]} in found["recorded"]


def test_where_nothing_was_recorded_in_between_nothing_differs(hub: Hub, indicators: Indicators) -> None:
    publish(hub, indicators)
    basis = of(hub).basis

    assert publishing.why(indicators, basis, basis)["families_that_differ"] == 0


def test_of_a_month_published_twice_the_newer_is_shown(hub: Hub, indicators: Indicators) -> None:
    publish(hub, indicators)
    publish(hub, indicators, known=date(2026, 4, 9))

    assert of(hub).basis.known == date(2026, 4, 9)


def test_a_month_of_which_nothing_was_published_is_refused(hub: Hub) -> None:
    with pytest.raises(Refused) as refused:
        of(hub)
    assert refused.value.faults[0].code == "not_published"


def test_the_second_publication_is_the_same_again_after_the_first(hub: Hub, indicators: Indicators) -> None:
    publish(hub, indicators)
    publish(hub, indicators, known=date(2026, 4, 9))
    every = publishing.publications(hub.queries.about_nobody())

    assert [publishing.again(indicators, one, every, NOBODY_ASKS) for one in every] == [[], []]


def test_a_publication_of_two_families_shows_no_count_of_one_or_two(hub: Hub, indicators: Indicators) -> None:
    publish(hub, indicators)
    found = publishing.as_tables(of(hub))

    [coverage] = [one for one in found["tables"] if one["name"] == "coverage"]
    assert {row[name] for row in coverage["rows"] for name in ("all", "met", "gap")} <= {"0", "*"}
    assert coverage["zh"] == "应救尽救（政策事项）"


def test_the_tables_of_a_day_do_not_rest_on_the_verdicts_kept_for_today(indicators: Indicators) -> None:
    without = [one.as_json() for one in indicators.compute(F, K).tables]
    indicators.judging.catch_up()

    assert [one.as_json() for one in indicators.compute(F, K).tables] == without


def test_progress_is_told_up_to_the_last_family(hub: Hub, indicators: Indicators) -> None:
    told: list[tuple[int, int]] = []
    indicators.compute(F, K, progress=lambda done, of_all: told.append((done, of_all)))

    assert told[-1][0] == told[-1][1] == len(hub.queries.numbers())
