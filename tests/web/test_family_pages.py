"""The family's page and the query API: what a case worker's browser and screen reader get, and what a program gets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from services.console.roles import ENDPOINTS
from services.console.styles import STYLES
from services.family_case.reading import Queries
from services.family_case.web.openapi import case_api
from services.family_case.web.search import SHOWN
from services.processes import assembly
from shared.keys.files import Keys
from shared.postgres.database import Database
from shared.settings import EMBEDDED_BUS, Settings
from tests import people
from tests.world import DAUGHTER, FATHER, event, family_opened, story

VOID = {"meta", "input", "br", "hr", "img", "link"}
CERTIFICATE = f"{FATHER}43"


@dataclass
class Element:
    """An element of a page: its attributes and its text, with that of everything inside."""

    tag: str
    attributes: dict[str, str]
    inside: tuple["Element", ...]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A page, read with the standard library; fails on what is not closed."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        found = Element(tag, {name: value or "" for name, value in attrs}, tuple(self.open))
        self.elements.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_endtag(self, tag: str) -> None:
        """Close the element opened last."""
        assert self.open.pop().tag == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        """Give text to everything that is open."""
        for element in self.open:
            element.text += data

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """Return the elements of these tags with these attributes."""
        return [
            found
            for found in self.elements
            if found.tag in tags and all(found.attributes.get(name) == value for name, value in attributes.items())
        ]

    def one(self, tag: str) -> Element:
        """Return the only element of a tag."""
        [found] = self.all(tag)
        return found


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    assert not page.open
    return page


def listed(page: Page) -> list[Element]:
    """Return the items of the lists in what is the page's own."""
    return [item for item in page.all("li") if any(around.tag == "main" for around in item.inside)]


def by_day(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return entries in the order of the days on which they happened, as a timeline shows them."""
    return sorted(entries, key=lambda entry: (entry["happened"], entry["number"]))


@pytest.fixture(scope="module")
def settings_of_pages(postgres: str, template: str, keys: Path) -> Settings:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE pages TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="pages")
    settings = Settings(url, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)
    cases = assembly.family_cases(settings)
    events = story("a") + story("b")
    for name in assembly.NAMES:
        department = assembly.department(name, settings)
        for submission in events:
            if submission["type"].startswith(f"{name}."):
                department.receive(submission)
        cases.receive(name, list(department.recorder.events()))
        department.database.close()
        department.ring._database.close()
    cases.database.close()
    return settings


@pytest.fixture(scope="module")
def queries(settings_of_pages: Settings) -> Iterator[Queries]:
    found = assembly.queries(settings_of_pages)
    yield found
    found.database.close()


Client = Callable[..., FlaskClient]


@pytest.fixture(scope="module")
def client(queries: Queries, settings_of_pages: Settings) -> Client:
    permits = Keys(settings_of_pages.keys).permits()

    def make(*, role: str | None = "supervisor", test_regions: bool = True, **bounds: str) -> FlaskClient:
        app = people.app(queries, settings_of_pages, lambda: permits, allow_test_regions=test_regions)
        browser = app.test_client()
        return people.sign_in(browser, queries.database, role, **bounds) if role else browser

    return make


@pytest.fixture(scope="module")
def family(queries: Queries, settings_of_pages: Settings) -> str:
    return assembly.family_for(DAUGHTER, queries, settings_of_pages)


VIEWS = [
    "",
    "?known=2025-06-24",
    "?effective=2025-03-01",
    "?known=2025-06-24&effective=2025-03-01",
    "?known=1999-01-01",
]
BESIDE = {"/families/{family}/owed", "/families/{family}/members"}
"""What the document of a process that serves the entitlements has beside."""
TABS = ["owed", "money", "members", "story", "compare", "print", "compare?known=2025-06-24", "owed?known=2025-06-24"]
OTHERS = ["/", "/families", "/families?found=none", "/families/XN-F-00000000", "FAMILY?known=x"]
TIMELINES = ["FAMILY?year=2025", "FAMILY?year=all&lane=education&lane=finance", "FAMILY/events/disability_federation/1"]
PAGES = [*OTHERS, *(f"FAMILY/{tab}" for tab in TABS), *TIMELINES, *(f"FAMILY{view}" for view in VIEWS)]


@pytest.fixture(scope="module")
def pages(client: Client, family: str) -> dict[str, str]:
    get, html = client().get, {"Accept": "text/html,*/*"}
    found = {
        path: get(path.replace("FAMILY", f"/families/{family}"), headers=html).get_data(as_text=True) for path in PAGES
    }
    found["a wrong number"] = client().post("/families/search", data={"id": "123"}).get_data(as_text=True)
    return found


# The structure of every page


def test_every_page_is_chinese_and_its_title_is_its_only_first_heading(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        page = read(html)
        assert page.one("html").attributes["lang"] == "zh-CN", path
        assert page.one("title").text == page.one("h1").text != "", path
        for english in page.all("span", "p", lang="en"):
            assert english.text.isascii()


def test_headings_never_skip_a_level(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        levels = [int(found.tag[1]) for found in read(html).all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), path


def test_every_field_has_a_label_and_every_form_a_button(pages: dict[str, str]) -> None:
    for html in pages.values():
        page = read(html)
        labels = {label.attributes["for"] for label in page.all("label")}
        for control in page.all("input", "select", "textarea"):
            if control.attributes.get("type") == "hidden":
                continue
            assert control.attributes["id"] in labels
        for form in page.all("form"):
            assert [button for button in page.all("button") if form in button.inside]


def test_every_table_has_a_caption_and_every_heading_cell_a_scope(pages: dict[str, str]) -> None:
    for html in pages.values():
        page = read(html)
        for table in page.all("table"):
            assert [caption for caption in page.all("caption") if table in caption.inside and caption.text]
        for cell in page.all("th"):
            assert cell.attributes["scope"] in {"row", "col"}
            assert cell.text


def test_nothing_runs_and_nothing_is_loaded(pages: dict[str, str], client: Client) -> None:
    for html in pages.values():
        page = read(html)
        assert not page.all("script", "img", "iframe", "object")
        assert page.one("link").attributes == {"rel": "stylesheet", "href": STYLES}
        for found in page.elements:
            assert not [name for name in found.attributes if name.startswith("on") or name in {"src", "style"}]
    policy = client().get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_the_same_words_never_link_to_two_places(pages: dict[str, str]) -> None:
    for html in pages.values():
        targets: dict[str, set[str]] = {}
        for link in read(html).all("a"):
            assert link.text.strip()
            targets.setdefault(link.text, set()).add(link.attributes["href"])
        assert all(len(found) == 1 for found in targets.values())


def test_links_within_a_page_lead_somewhere_and_no_id_is_given_twice(pages: dict[str, str]) -> None:
    for html in pages.values():
        page = read(html)
        names = [found.attributes["id"] for found in page.elements if "id" in found.attributes]
        assert len(names) == len(set(names))
        for link in page.all("a"):
            if link.attributes["href"].startswith("#"):
                assert link.attributes["href"][1:] in names
        for found in page.elements:
            assert found.attributes.get("aria-describedby", names[0]) in names


def test_every_page_fits_into_300_kilobytes(pages: dict[str, str]) -> None:
    assert max(len(html.encode()) for html in pages.values()) <= 300_000


def test_only_a_demo_says_that_its_people_are_made_up(client: Client) -> None:
    assert "虚构" in client().get("/").get_data(as_text=True)
    assert "虚构" not in client(test_regions=False).get("/").get_data(as_text=True)


# A family's page


def test_the_timeline_is_ordered_lists_with_a_time_in_each_item_by_the_day_on_which_it_happened(
    pages: dict[str, str], client: Client, family: str
) -> None:
    page = read(pages["FAMILY"])
    entries = by_day(client().get(f"/families/{family}/history").json["entries"])
    items = [item for item in page.all("li") if any(around.tag == "ol" for around in item.inside)]
    assert [item.attributes["id"] for item in items] == [f"e{entry['number']}" for entry in entries]
    assert len(entries) == 45
    for item, entry in zip(items, entries, strict=True):
        [when] = [found for found in page.all("time") if item in found.inside]
        assert when.attributes["datetime"] == entry["happened"]
        assert entry["sentence"] in item.text
        assert entry["department"] in item.text


def test_what_was_corrected_or_withdrawn_says_so_in_words(pages: dict[str, str], client: Client, family: str) -> None:
    entries = client().get(f"/families/{family}/history").json["entries"]
    corrected = [entry for entry in entries if "corrected" in entry]
    assert corrected
    page = read(pages["FAMILY"])
    for entry in corrected:
        [item] = page.all("li", id=f"e{entry['number']}")
        assert "已更正" in item.text
        assert entry["corrected"]["why"] in item.text


@pytest.mark.parametrize("view", VIEWS[1:])
def test_a_past_view_says_so_in_banner_title_and_heading_and_cannot_write(view: str, pages: dict[str, str]) -> None:
    page = read(pages[f"FAMILY{view}"])
    [banner] = [found for found in page.all("p") if found.attributes.get("class") == "banner"]
    assert "只读" in banner.text
    for part in view[1:].split("&"):
        name, _, day = part.partition("=")
        shown = "{}年{}月{}日".format(*(int(number) for number in day.split("-")))
        for place in (banner, page.one("title"), page.one("h1")):
            assert shown in place.text
        assert page.all("input", name=name)[0].attributes["value"] == day
    writing = [form for form in page.all("form") if form.attributes.get("method", "get").lower() != "get"]
    assert {form.attributes["action"] for form in writing} == {"/sign-out", "/language"}
    assert [link for link in page.all("a") if link.text == "返回现在" and "?" not in link.attributes["href"]]


def test_the_page_of_now_has_no_banner(pages: dict[str, str]) -> None:
    assert "历史视图" not in pages["FAMILY"]
    assert 'class="banner"' not in pages["FAMILY"]


def test_a_past_view_shows_what_the_api_gives_for_the_same_dates(
    pages: dict[str, str], client: Client, family: str
) -> None:
    for view in VIEWS:
        entries = by_day(client().get(f"/families/{family}/history{view}").json["entries"])
        items = [item for item in listed(read(pages[f"FAMILY{view}"])) if "id" in item.attributes]
        assert [item.attributes["id"] for item in items] == [f"e{entry['number']}" for entry in entries]
    assert 0 < len(client().get(f"/families/{family}/history?known=2025-06-24").json["entries"]) < 45


def test_the_timeline_is_filtered_by_department_and_zoomed_by_year(pages: dict[str, str]) -> None:
    chosen = read(pages["FAMILY?year=all&lane=education&lane=finance"])
    items = [item for item in listed(chosen) if item.attributes.get("id", "").startswith("e")]
    assert {item.text.split("·")[1].strip()[-3:] for item in items} <= {"教育局", "财政局"}
    checked = [one.attributes["value"] for one in chosen.all("input", type="checkbox") if "checked" in one.attributes]
    assert checked == ["education", "finance"]
    year = read(pages["FAMILY?year=2025"])
    assert {when.attributes["datetime"][:4] for when in year.all("time")} == {"2025"}
    [picture] = year.all("svg")
    assert re.fullmatch(r"2025年各部门共 \d+ 条记录，.+最多，\d+ 条", picture.attributes["aria-label"])


@pytest.mark.parametrize("query", ["?year=25", "?lane=nobody", "?year=2025&year=2024"])
def test_a_filter_that_is_none_is_400(query: str, client: Client, family: str) -> None:
    assert client().get(f"/families/{family}{query}").status_code == 400


def test_an_event_says_its_fields_its_receipt_and_what_rests_on_it(pages: dict[str, str]) -> None:
    text = read(pages["FAMILY/events/disability_federation/1"]).one("main").text
    for part in ("内容", "回执", "残联日志第 1 条", "事件编号", "与它有关的记录", "以它为据的待遇判定"):
        assert part in text
    assert "421299" not in text.replace("虚构", "")


def test_an_event_of_another_family_is_none_of_this_one(client: Client, family: str) -> None:
    assert client().get(f"/families/{family}/events/education/9999").status_code == 404


def test_every_entitlement_says_its_clause_conditions_parameters_and_next_step(pages: dict[str, str]) -> None:
    page = read(pages["FAMILY/owed"])
    reasons = [found for found in page.all("details") if any(dl for dl in page.all("dl") if found in dl.inside)]
    assert len(reasons) > 20
    for found in page.all("dl"):
        heads = [head.text for head in page.all("dt") if found in head.inside]
        assert heads == ["依据", "条件", "参数", "下一步"]
    assert "二（一）2" in page.one("main").text
    assert "缺省值，尚无文件设定" in page.one("main").text


def test_two_moments_side_by_side_list_what_differs_and_because_of_what(pages: dict[str, str]) -> None:
    text = read(pages["FAMILY/compare?known=2025-06-24"]).one("main").text
    assert "2025年6月24日当时所知 与 现在 的不同" in text
    assert "内容有变" in text
    assert "植入人工耳蜗" in text


def test_money_by_source_is_decimal_and_adds_no_promise_to_a_payment(pages: dict[str, str]) -> None:
    page = read(pages["FAMILY/money"])
    cells = [cell.text for cell in page.all("td") if cell.attributes.get("class") == "number"]
    assert cells
    assert all(re.fullmatch(r"\d+|-?\d+\.\d\d|0", cell) for cell in cells)
    assert "不与发放相加" in page.one("main").text


def test_an_empty_history_says_why_and_what_to_do(pages: dict[str, str]) -> None:
    html = pages["FAMILY?known=1999-01-01"]
    assert "没有记录：在所选日期之前，没有部门登记过这一户的事件" in html
    assert "查看现在的全部记录" in html


def test_an_empty_list_of_families_says_what_would_fill_it(
    settings: Settings, open_database: Callable[..., Any]
) -> None:
    queries = Queries(open_database("family_case"), assembly.NAMES)
    browser = people.browser(queries, settings)
    assert "还没有家庭建档；收到残联的“家庭建档”事件后" in browser.get("/families").get_data(as_text=True)


def test_a_long_list_of_families_is_cut_and_says_so(
    client: Client, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [{"family": f"XN-F-{n:08}", "division": "421299"} for n in range(SHOWN * 5)]
    monkeypatch.setattr(queries, "families", lambda _: many)
    html = client().get("/families").get_data(as_text=True)
    assert f"共 {SHOWN * 5} 户，此处列出前 {SHOWN} 户" in html
    assert len(html.encode()) < 300_000


# Finding a family


@pytest.mark.parametrize(
    "number",
    [DAUGHTER, DAUGHTER.lower(), f" {FATHER} ", CERTIFICATE],
    ids=["number", "small x", "blanks", "certificate"],
)
def test_a_family_is_found_by_a_number_that_is_posted(number: str, client: Client, family: str) -> None:
    assert client().post("/families/search", json={"id": number}).json == {"families": [family]}
    answer = client().post("/families/search", data={"id": number})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/families/{family}"


def test_a_family_is_found_by_its_case_number_however_it_is_typed(client: Client, family: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in family)
    for typed in (family, family.lower(), f"  {family} ", family.replace("-", ""), wide, wide.lower()):
        assert client().post("/families/search", json={"id": typed}).json == {"families": [family]}
        address = typed.strip()
        assert client().get(f"/families/{address}").status_code == 200, typed
        assert client().get(f"/families/{address}/history").json["family"] == family


def test_a_person_in_no_family_is_no_fault_and_the_page_says_what_will_happen(client: Client) -> None:
    stranger = "42129919900101001X"
    stranger = stranger[:17] + checksum(stranger[:17])
    assert client().post("/families/search", json={"id": stranger}).json == {"families": []}
    answer = client().post("/families/search", data={"id": stranger}, follow_redirects=True)
    assert "没有找到该号码所属的案卷" in answer.get_data(as_text=True)
    assert stranger not in answer.get_data(as_text=True)


def checksum(digits: str) -> str:
    """Return the last character of an identity number (GB 11643)."""
    weighed = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits))
    return "10X98765432"[weighed % 11]


def test_a_mistyped_number_gives_the_page_again_with_the_reason_and_without_the_number(client: Client) -> None:
    mistyped = DAUGHTER[:-1] + "7"
    answer = client().post("/families/search", data={"id": mistyped})
    assert answer.status_code == 422
    page = read(answer.get_data(as_text=True))
    assert page.one("title").text.startswith("错误：")
    [alert] = page.all("p", role="alert")
    [control] = page.all("input", id="id")
    assert control.attributes["aria-invalid"] == "true"
    assert control.attributes["aria-describedby"] == alert.attributes["id"]
    assert mistyped not in answer.get_data(as_text=True)


def test_no_address_on_any_page_takes_an_identity_number(pages: dict[str, str], client: Client, family: str) -> None:
    for html in pages.values():
        for form in read(html).all("form"):
            if form.attributes.get("method") != "post":
                inputs = [one for one in read(html).all("input") if form in one.inside]
                assert {one.attributes["type"] for one in inputs} <= {"date", "hidden", "checkbox"}
        assert not [number for number in (DAUGHTER, FATHER) if number in html]
    assert client().get(f"/families?id={DAUGHTER}").status_code == 400
    assert client().get(f"/families/search?id={DAUGHTER}").status_code == 400
    assert client().get(f"/families/{DAUGHTER}").status_code == 404
    assert client().get(f"/families/{family}/history").status_code == 200


# The API


def test_what_is_unknown_is_404_as_a_problem_for_programs_and_as_a_page_for_people(client: Client) -> None:
    for path in ("/families/XN-F-00000000", "/families/XN-F-00000000/history", "/families/x", "/families/%00", "/nix"):
        answer = client().get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
        page = client().get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (404, "text/html"), path
        assert "查找家庭案卷" in page.get_data(as_text=True)


@pytest.mark.parametrize("name", ["known", "effective"])
def test_a_date_that_is_none_is_400_and_says_which(name: str, client: Client, family: str) -> None:
    for text in (
        "x",
        "2025-02-30",
        "20250101",
        "2025-W01-1",
        "2025-1-1",
        "9999-99-99",
        "%00",
        "2025-01-01T00:00:00",
        "-1",
    ):
        for path in (f"/families/{family}", f"/families/{family}/history"):
            answer = client().get(f"{path}?{name}={text}")
            assert answer.status_code == 400, text
            assert answer.get_json(force=True)["errors"][0]["pointer"] == f"/{name}"


@pytest.mark.parametrize(
    "query", ["knwon=2025-06-24", "known=2025-06-24&known=2025-06-25", "x=1", "known=2025-06-24&x="]
)
def test_a_parameter_that_nobody_would_read_is_400(query: str, client: Client, family: str) -> None:
    for path in (f"/families/{family}", f"/families/{family}/history"):
        answer = client().get(f"{path}?{query}")
        assert answer.status_code == 400
        assert answer.get_json(force=True)["code"] == "unknown_parameter"


def test_a_search_says_one_number_as_json_or_as_a_form(client: Client, family: str) -> None:
    assert client().post("/families/search", json={"id": family, "name": "x"}).status_code == 422
    assert client().post("/families/search", data=f'{{"id": "{family}"}}', content_type="text/plain").status_code == 415
    assert client().post("/families/search", json={"id": family}).json == {"families": [family]}


def test_the_short_form_counts_what_the_long_form_lists(client: Client, family: str) -> None:
    short = client().get(f"/families/{family}", headers={"Accept": "application/json"}).json
    long = client().get(f"/families/{family}/history").json
    assert short["entries"] == len(long["entries"])
    assert short["members"] == long["members"]


def test_the_contract_of_the_api_is_whole_and_its_answers_fit_it(client: Client, family: str) -> None:
    document = client(role=None).get("/openapi.json").json
    assert document == case_api(list(assembly.NAMES))
    assert document["openapi"] == "3.1.0"
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    Draft202012Validator(schemas["History"]).validate(client().get(f"/families/{family}/history").json)
    Draft202012Validator(schemas["Case"]).validate(
        client().get(f"/families/{family}", headers={"Accept": "application/json"}).json
    )
    served = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in client().application.url_map.iter_rules()
        if rule.endpoint in ENDPOINTS
    }
    assert set(document["paths"]) == served - {"/families", "/openapi.json", *BESIDE}


# Who may


def test_a_closed_console_wants_a_key_that_may_read_everything(
    client: Client, family: str, settings_of_pages: Settings
) -> None:
    closed, keys = client(role=None), Keys(settings_of_pages.keys)
    for path in ("/families", f"/families/{family}", f"/families/{family}/history"):
        assert closed.get(path).status_code == 401
        assert closed.get(path, headers={"Authorization": "Bearer x"}).status_code == 401
        for name in assembly.NAMES:
            answer = closed.get(path, headers={"Authorization": f"Bearer {keys.api_key(name)}"})
            assert answer.status_code == 403
        hub = {"Authorization": f"Bearer {keys.api_key('hub')}"}
        assert closed.get(path, headers=hub).status_code == 200
    assert closed.post("/families/search", json={"id": DAUGHTER}).status_code == 401
    assert closed.get("/health").status_code == 200


def test_a_person_who_is_not_signed_in_signs_in_first(client: Client, family: str) -> None:
    answer = client(role=None).get(f"/families/{family}", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next=/families/{family}")


def test_what_waits_and_what_is_quarantined_is_shown_by_department_and_reason(
    settings: Settings, open_database: Callable[[str], Database]
) -> None:
    stranger = event(
        "education.school_age_child_registered", {"school_year": 2025, "source": "match", "current_status": "未入学"}
    )
    department = assembly.department("education", settings)
    department.receive(stranger)
    cases = assembly.family_cases(settings)
    cases.receive("education", list(department.recorder.events()))
    with open_database("family_case").transaction() as tx:
        tx.execute("INSERT INTO family_case.quarantine VALUES ('d', '', 'unknown_log', 3, '{}')")
    own = assembly.queries(settings)
    browser = people.browser(own, settings)
    held = browser.get("/waiting").get_json()
    first = read(browser.get("/families").get_data(as_text=True))
    desk = read(browser.get("/unmatched").get_data(as_text=True))
    listed = browser.get("/unmatched", headers={"Accept": "application/json"}).get_json()
    for database in (department.database, department.ring._database, cases.database, own.database):
        database.close()
    assert held == {
        "waiting": [{"log": "education", "reason": "unknown_person", "events": 1, "flag": "no_case"}],
        "quarantined": [{"log": "", "reason": "unknown_log", "messages": 1}],
        "flagged": [],
    }
    rows = [row.text for row in first.all("tr") if "所涉人员尚未归入" in row.text or "来源不明的消息" in row.text]
    assert len(rows) == 2
    [waits] = [row.text for row in desk.all("tr") if "education/1" in row.text]
    assert all(shown in waits for shown in ("教育", "适龄残疾儿童", "未注明", "0 天", "所涉人员尚未归入任何家庭"))
    assert any("来源不明的消息" in row.text for row in desk.all("tr"))
    Draft202012Validator(case_api([])["components"]["schemas"]["Unmatched"]).validate(listed)
    assert [one["item"] for one in listed["unmatched"]] == ["education/1"]


def test_numbers_that_may_be_one_persons_are_listed_for_somebody_to_decide(
    settings: Settings, open_database: Callable[[str], Database]
) -> None:
    again = "422399202105120222"  # the daughter's birth date and sex, under another number
    registered = {"school_year": 2025, "source": "match", "current_status": "未入学"}
    departments = [assembly.department(name, settings) for name in ("disability_federation", "education")]
    departments[0].receive(family_opened())
    departments[1].receive(event("education.school_age_child_registered", registered, again))
    cases, own = assembly.family_cases(settings), Queries(open_database("family_case"), assembly.NAMES)
    for department in departments:
        cases.receive(department.signer.name.removeprefix("yihu/"), list(department.recorder.events()))
    browser = people.browser(own, settings)
    page = read(browser.get("/duplicates").get_data(as_text=True))
    listed = browser.get("/duplicates", headers={"Accept": "application/json"}).get_json()
    for database in (*(d.database for d in departments), *(d.ring._database for d in departments), cases.database):
        database.close()
    [row] = [row.text for row in page.all("tr") if "p-" in row.text]
    assert all(shown in row for shown in ("2021年生", "未归入案卷", "出生日期、性别"))
    Draft202012Validator(case_api([])["components"]["schemas"]["Duplicates"]).validate(listed)
    assert len(listed["duplicates"]) == 1


def test_a_merge_that_was_not_applied_is_marked_on_the_page_and_at_the_desk(
    settings: Settings, open_database: Callable[[str], Database]
) -> None:
    merge = {"merged_family": "XN-F-00000000", "survivor": FATHER, "evidence": "同一户"}
    department = assembly.department("disability_federation", settings)
    for one in (family_opened(), event("disability_federation.duplicate_merged", merge, FATHER)):
        department.receive(one)
    cases, own = assembly.family_cases(settings), Queries(open_database("family_case"), assembly.NAMES)
    cases.receive("disability_federation", list(department.recorder.events()))
    browser = people.browser(own, settings)
    [flagged] = browser.get("/waiting").get_json()["flagged"]
    first = read(browser.get("/families").get_data(as_text=True))
    page = read(browser.get(f"/families/{flagged['family']}").get_data(as_text=True))
    for database in (department.database, department.ring._database, cases.database):
        database.close()
    [item] = page.all("li", id="e2")
    assert "注意" in item.text
    assert "合并未执行" in item.text
    assert "家庭案卷标注" in item.text
    [row] = [row for row in first.all("tr") if "合并未执行" in row.text]
    assert [link.attributes["href"] for link in first.all("a") if row in link.inside] == [
        f"/families/{flagged['family']}"
    ]


def test_a_case_worker_of_another_county_is_answered_as_if_there_were_no_such_family(
    client: Client, family: str
) -> None:
    own = client(role="case_worker", division="421221")
    other = client(role="case_worker", division="421202")
    for path in ("", "/history", "/story"):
        assert own.get(f"/families/{family}{path}").status_code == 200
        missing = other.get(f"/families/XN-F-00000000{path}")
        assert other.get(f"/families/{family}{path}").get_data() == missing.get_data()
        assert missing.status_code == 404
    assert other.post("/families/search", json={"id": DAUGHTER}).json == {"families": []}
    assert other.post("/families/search", json={"id": family}).json == {"families": []}
    assert family not in other.get("/families").get_data(as_text=True)
    assert family in own.get("/families").get_data(as_text=True)
