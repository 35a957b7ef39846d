"""The page of the indicators and the same for programs: this month's numbers, and those that were published."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient

from services.entitlements.indicators import publishing
from services.entitlements.indicators.computing import Indicators
from services.entitlements.judging import Judging
from services.entitlements.web.indicators import indicator_pages
from services.processes import assembly
from shared.language.persons import TOKEN
from shared.postgres.database import Database
from shared.settings import Settings
from tests import people
from tests.family_case.conftest import Hub, hub
from tests.world import story

__all__ = ["hub"]
HTML = {"Accept": "text/html"}


@pytest.fixture
def client(hub: Hub, settings: Settings, open_database: Callable[..., Database]) -> FlaskClient:
    """A browser, on a case with two families whose March 2026 was published."""
    hub.tell(*story("a"), *story("b"))
    database = open_database("family_case", schema=assembly.owed_schema(hub.database.schema))
    indicators = Indicators(Judging(hub.queries, database))
    computed = indicators.compute(date(2026, 3, 31), date(2026, 4, 5))
    tables = publishing.public(computed)
    hub.tell(*publishing.events("2026-03", computed, tables, "2026-04-05T09:00:00+08:00"))
    app = people.app(hub.queries, settings)
    app.register_blueprint(indicator_pages(indicators))
    return people.sign_in(app.test_client(), hub.queries.database)


def test_the_page_of_this_month_says_first_in_chinese_what_its_numbers_rest_on(client: FlaskClient) -> None:
    text = client.get("/indicators", headers=HTML).get_data(as_text=True)

    assert "<h1>统计指标" in text
    assert "应救尽救（政策事项）" in text
    assert "E02 康复救助" in text
    assert "规则第2版" in text


def test_a_published_month_is_shown_as_it_was_published_with_small_counts_hidden(client: FlaskClient) -> None:
    found = client.get("/indicators?month=2026-03").get_json()
    [coverage] = [one for one in found["tables"] if one["name"] == "coverage"]

    assert (found["effective"], found["known"]) == ("2026-03-31", "2026-04-05")
    assert {row["all"] for row in coverage["rows"]} == {"*"}


def test_one_table_of_one_county_can_be_asked_for(client: FlaskClient) -> None:
    [whole] = client.get("/indicators?table=coverage").get_json()["tables"]
    county = max(row["county"] for row in whole["rows"])
    [found] = client.get(f"/indicators?table=coverage&county={county}").get_json()["tables"]

    assert {row["county"] for row in found["rows"]} == {county} != {row["county"] for row in whole["rows"]}


@pytest.mark.parametrize(
    ("asked", "status"),
    [("month=2020-01", 404), ("table=nothing", 400), ("county=999999", 400), ("who=anybody", 400)],
)
def test_what_there_is_not_is_refused(client: FlaskClient, asked: str, status: int) -> None:
    assert client.get(f"/indicators?{asked}").status_code == status


def test_no_page_and_no_document_names_a_family_or_a_person(client: FlaskClient) -> None:
    for path in ("/indicators", "/indicators?month=2026-03"):
        text = client.get(path).get_data(as_text=True)
        assert "XN-F-" not in text
        assert not TOKEN.search(text)
