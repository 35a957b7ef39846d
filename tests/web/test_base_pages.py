"""A base's page, the list of bases, and both for programs: what a person and a program get, and what neither gets."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from services.family_case.domain import is_person
from services.family_case.reading import Queries
from services.processes import assembly
from shared.postgres.migrate import migrate
from shared.settings import Settings
from tests import people
from tests.departments.test_self_help_at_the_door import COHORT, HOST, base, cohort, made
from tests.departments.test_self_help_rules import KIN, PEER, PROS, conditions
from tests.family_case.conftest import Hub, hub
from tests.family_case.test_bases import CODE, ELSEWHERE, TAKING_PART, taking_part
from tests.web import test_family_pages as family
from tests.web.test_family_pages import read
from tests.world import FATHER, MOTHER, family_opened

__all__ = ["hub"]
HTML = {"Accept": "text/html"}
VIEWS = [
    "",
    "?effective=2024-06-10",
    "?known=2025-06-24",
    "?known=2025-06-24&effective=2024-06-10",
    "?known=1999-01-01",
]


@pytest.fixture
def told(hub: Hub) -> Hub:
    """Return a case with a base, somebody who takes part in it, and somebody who does so elsewhere."""
    worse = made(
        "base_applicant_assessed", assessed_on="2024-09-01", passed=False, conditions_met=conditions(5, met=False)
    )
    hub.tell(*base().values(), cohort(), made("base_service_plan_made"), made("base_inspected"), worse)
    hub.tell(made("safety_incident_reported", process="AQ-1"), made("violation_recorded"))
    hub.tell(family_opened([FATHER, MOTHER, *TAKING_PART]), *taking_part(TAKING_PART[0]))
    hub.tell(*taking_part(TAKING_PART[1], "WD-7", ELSEWHERE))
    return hub


@pytest.fixture
def client(told: Hub, settings: Settings) -> Callable[[], FlaskClient]:
    browser = people.browser(told.queries, settings)
    return lambda: browser


@pytest.fixture
def pages(client: Callable[[], FlaskClient]) -> dict[str, str]:
    paths = [*(f"/bases/{CODE}{view}" for view in VIEWS), "/bases", "/bases/JG.0009", "/bases/JG.0042"]
    return {path: client().get(path, headers=HTML).get_data(as_text=True) for path in paths}


def test_its_pages_are_built_like_a_familys(pages: dict[str, str], client: Callable[[], FlaskClient]) -> None:
    family.test_every_page_is_chinese_and_its_title_is_its_only_first_heading(pages)
    family.test_headings_never_skip_a_level(pages)
    family.test_every_field_has_a_label_and_every_form_a_button(pages)
    family.test_every_table_has_a_caption_and_every_heading_cell_a_scope(pages)
    family.test_nothing_runs_and_nothing_is_loaded(pages, client)
    family.test_the_same_words_never_link_to_two_places(pages)
    family.test_links_within_a_page_lead_somewhere_and_no_id_is_given_twice(pages)
    family.test_every_page_fits_into_300_kilobytes(pages)


def test_a_page_says_how_the_base_stands_and_why_it_opens_no_cohort(pages: dict[str, str]) -> None:
    now, then = pages[f"/bases/{CODE}"], pages[f"/bases/{CODE}?effective=2024-06-10"]
    assert "已设立，现不得开新班" in now
    assert "依托单位条件第 5 项不具备" in now
    assert "在有效期内，可以开班" in then
    assert "不得开新班</strong>" not in then
    for text in (
        "师资 5 人（应有 5 人以上），其中残疾人或残疾人亲友 2 人（应有 2 人以上）：符合要求",
        COHORT,
        "已结班",
    ):
        assert text in now
    assert "在训" in then


def test_the_history_is_that_of_the_api_and_a_past_view_says_so(
    pages: dict[str, str], client: Callable[[], FlaskClient]
) -> None:
    for view in VIEWS:
        document: Any = client().get(f"/bases/{CODE}/history{view}").json
        page = read(pages[f"/bases/{CODE}{view}"])
        assert [item.attributes["id"] for item in family.listed(page)] == [
            f"e{one['number']}" for one in document["entries"]
        ]
        assert ("历史视图" in page.one("h1").text) == bool(view)
        short: Any = client().get(f"/bases/{CODE}{view}", headers={"Accept": "application/json"}).json
        assert short == document | {"entries": len(document["entries"])}


def test_no_page_of_a_base_says_who_takes_part(pages: dict[str, str], client: Callable[[], FlaskClient]) -> None:
    documents = [client().get(f"/bases/{code}/history").get_data(as_text=True) for code in (CODE, "JG.0009")]
    kinds = [entry["type"] for entry in client().get(f"/bases/{CODE}/history").get_json()["entries"]]
    assert not [kind for kind in kinds if "participant" in kind or "session" in kind]
    tokens = members(client)
    assert len(tokens) == 4
    for text in (*pages.values(), *documents):
        assert not [token for token in tokens if token in text]
        assert not [number for number in (*TAKING_PART, PEER, KIN, *PROS) if number in text]
        assert "XY-" not in text, "the process of somebody who takes part"
    assert not [page for page in pages.values() if "p-" in page.partition("</style>")[2]]


def members(client: Callable[[], FlaskClient]) -> list[str]:
    """Return the tokens of the family's members, as programs get them."""
    number = client().post("/families/search", json={"id": FATHER}).get_json()["families"][0]
    entries = client().get(f"/families/{number}/history").get_json()["entries"]
    opening = next(one for one in entries if one["type"].endswith("family_case_opened"))
    return [token for token in opening["data"]["members"] if is_person(token)]


def test_a_familys_page_links_to_the_base_of_its_entries(client: Callable[[], FlaskClient]) -> None:
    number = client().post("/families/search", json={"id": FATHER}).get_json()["families"][0]
    page = read(client().get(f"/families/{number}", headers=HTML).get_data(as_text=True))
    links = {link.text: link.attributes["href"] for link in page.all("a") if "/bases/" in link.attributes["href"]}
    assert links == {code: f"/bases/{code}" for code in (CODE, "JG.0009")}


def test_the_list_has_every_base_and_an_empty_one_says_what_would_fill_it(
    pages: dict[str, str], client: Callable[[], FlaskClient], settings: Settings, another_case: Queries
) -> None:
    page = read(pages["/bases"])
    assert [link.text for link in page.all("a") if "/bases/" in link.attributes["href"]] == [CODE, "JG.0009"]
    assert [
        one["base"] for one in client().get("/bases", headers={"Accept": "application/json"}).get_json()["bases"]
    ] == [
        CODE,
        "JG.0009",
    ]
    browser = people.browser(another_case, settings)
    assert "还没有服务基地；收到残联的" in browser.get("/bases", headers=HTML).get_data(as_text=True)


@pytest.fixture
def another_case(hub: Hub, open_database: Callable[..., Any]) -> Queries:
    migrate(hub.settings.database_url, assembly.schemas("replay_of_nothing"))
    return Queries(open_database("family_case", schema="replay_of_nothing"), assembly.NAMES)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/bases/JG.0042", 404),
        ("/bases/JG.0042/history", 404),
        (f"/bases/{FATHER}", 404),
        ("/bases/%00", 404),
        (f"/bases/{HOST['code'].lower()}", 200),
        (f"/bases/{CODE}?known=x", 400),
        (f"/bases/{CODE}?x=1", 400),
        ("/bases?known=2025-01-01", 400),
    ],
)
def test_what_cannot_be_answered_is_a_problem(path: str, status: int, client: Callable[[], FlaskClient]) -> None:
    answer = client().get(path)
    assert answer.status_code == status
    assert answer.mimetype == ("application/problem+json" if status != 200 else "text/html")


def test_the_answers_fit_the_contract(client: Callable[[], FlaskClient]) -> None:
    schemas = client().get("/openapi.json").get_json()["components"]["schemas"]
    for code in (CODE, "JG.0009"):
        Draft202012Validator(schemas["BaseHistory"]).validate(client().get(f"/bases/{code}/history").json)
        short = client().get(f"/bases/{code}", headers={"Accept": "application/json"}).json
        Draft202012Validator(schemas["Base"]).validate(short)
    Draft202012Validator(schemas["Bases"]).validate(client().get("/bases", headers={"Accept": "application/json"}).json)


def test_nobody_reads_a_base_without_a_key(told: Hub, settings: Settings) -> None:
    closed = people.app(told.queries, settings)
    for path in ("/bases", f"/bases/{CODE}", f"/bases/{CODE}/history"):
        assert closed.test_client().get(path).status_code == 401
