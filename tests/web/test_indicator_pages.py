"""The page of the indicators and the same for programs: this month's numbers, and those that were published."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from docx.oxml.ns import qn
from flask.testing import FlaskClient

from services.console.coverage import coverage_pages, percent
from services.console.report import MARGINS, report_pages
from services.entitlements.indicators import publishing
from services.entitlements.indicators.computing import Indicators
from services.entitlements.judging import Judging
from services.entitlements.past_work import PastWork
from services.entitlements.web.indicators import indicator_pages
from services.entitlements.web.work import work_pages
from services.entitlements.work import WorkLists
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
    for pages in (indicator_pages, coverage_pages, report_pages):
        app.register_blueprint(pages(indicators))
    app.register_blueprint(work_pages(WorkLists(database), PastWork(indicators)))
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


def test_coverage_is_said_in_a_sentence_and_each_picture_stands_beside_its_table(client: FlaskClient) -> None:
    page = client.get("/coverage", headers=HTML).get_data(as_text=True)

    assert re.search("截至.*认定困难残疾儿童家庭 <strong>2</strong> 户", page)
    pictures = re.findall('<figure class="chart">.*?</figure>', page, re.DOTALL)
    assert len(pictures) == 3
    for one in pictures:
        drawn = re.findall('data-v="([^"]+)"', one)
        cells = re.findall('<td class="number">([^<]+)</td>', one)
        words = {"数小，不公布", "无数据"} - set(drawn)  # a line breaks off there
        assert sorted(drawn) == sorted(cell for cell in cells if cell not in words)
        assert re.search('aria-label="[^"]*([0-9]%|没有可显示的数)', one)


def test_a_share_of_nobody_a_hidden_one_and_nothing_done_are_three_different_words(client: FlaskClient) -> None:
    with client.application.test_request_context():
        assert [percent(None), percent("*"), percent("0.0000")] == ["无人适用", "数小，不公布", "0.0%"]


def test_open_lines_are_listed_for_those_alone_who_may_see_families(client: FlaskClient, hub: Hub) -> None:
    assert "/work?rule=E02" in client.get("/coverage", headers=HTML).get_data(as_text=True)
    leader = people.sign_in(client.application.test_client(), hub.queries.database, "leader")
    page = leader.get("/coverage", headers=HTML)
    assert page.status_code == 200
    assert "/work?" not in page.get_data(as_text=True)
    desk = people.sign_in(client.application.test_client(), hub.queries.database, "administrator")
    assert desk.get("/coverage", headers=HTML).status_code == 403


def test_the_report_is_an_official_document_with_the_published_numbers(client: FlaskClient) -> None:
    answer = client.get("/report/2026-03.docx")
    assert answer.status_code == 200
    made = Document(BytesIO(answer.data))
    section = made.sections[0]
    assert {name: round(getattr(section, name).mm) for name in MARGINS} == MARGINS
    fonts = made.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert made.styles["Normal"].font.size.pt == 16
    assert [one for one in made.tables if not one.rows[0]._tr.xpath("w:trPr/w:tblHeader")] == []
    published = client.get("/indicators?month=2026-03").get_json()
    assert [one.text.partition("、")[2] for one in made.paragraphs if one.style.name == "Heading 1"] == [
        *(table["zh"] for table in published["tables"]),
        "数据依据",
    ]
    assert [len(one.rows) - 1 for one in made.tables] == [len(table["rows"]) for table in published["tables"]]


@pytest.mark.parametrize("path", ["/report/2020-01.docx", "/report?month=2020-01"])
def test_a_report_of_a_month_that_was_not_published_is_none(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_page_and_no_document_names_a_family_or_a_person(client: FlaskClient) -> None:
    for path in ("/indicators", "/indicators?month=2026-03", "/coverage", "/report"):
        text = client.get(path).get_data(as_text=True)
        assert "XN-F-" not in text
        assert not TOKEN.search(text)
