"""Who looked: the statement for guardians is what the record says, without names; the auditor searches the record."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from services.family_case.access import AccessLog
from services.family_case.reading import Queries, Reader
from services.processes import assembly
from shared.settings import Settings
from tests import people
from tests.world import DAUGHTER, family_opened

HTML = {"Accept": "text/html"}
LIU = Reader("liu", "case_worker", None, "421221")


@pytest.fixture
def queries(settings: Settings) -> Iterator[Queries]:
    department, cases = assembly.department("disability_federation", settings), assembly.family_cases(settings)
    department.receive(family_opened(division="421221"))
    cases.receive("disability_federation", list(department.recorder.events()))
    found = assembly.queries(settings)
    yield found
    for database in (department.database, department.ring._database, cases.database, found.database):
        database.close()


@pytest.fixture
def worker(queries: Queries, settings: Settings) -> FlaskClient:
    return people.browser(queries, settings, "case_worker", division="421221")


def rows(client: FlaskClient, address: str) -> list[str]:
    """Return the rows of the table of a page, as text."""
    answer = client.get(address, headers=HTML)
    assert answer.status_code == 200
    body = answer.get_data(as_text=True).partition("<tbody>")[2]
    return [re.sub(r"<[^>]+>", " ", row) for row in body.split("</tr>") if "<td" in row]


def test_the_statement_lists_each_access_by_office_and_post_and_says_when_there_was_none(
    queries: Queries, worker: FlaskClient
) -> None:
    [family] = [one["family"] for one in queries.families()]
    page = worker.get(f"/families/{family}/access", headers=HTML).get_data(as_text=True)
    assert "没有人看过这个孩子的档案" in page

    queries.open(family, LIU, "page")
    queries.access.record(Reader("chen", "department_desk", "education"), "export", "export", [family], ["personal"])
    queries.access.record(Reader("api", "program"), "api", "owed", ["XN-F-00000000"])
    newest, first = rows(worker, f"/families/{family}/access")
    assert all(word in first for word in ("嘉鱼县 个案人员", "案卷记录", "日常办理", "个人信息"))
    assert all(word in newest for word in ("教育局 部门窗口", "导出文件", "导出"))
    statement = worker.get(f"/families/{family}/access", headers=HTML).get_data(as_text=True)
    assert "chen" not in statement.replace(" chen", "")
    assert DAUGHTER not in statement


def test_the_statement_has_what_the_record_has_of_this_family_and_nothing_else(
    queries: Queries, worker: FlaskClient
) -> None:
    [family] = [one["family"] for one in queries.families()]
    for number in range(5):
        queries.access.record(LIU, "page", "history", [family] if number % 2 else ["XN-F-00000000"])
    queries.access.record(LIU, "work", "work", [family, "XN-F-00000000"])
    assert len(rows(worker, f"/families/{family}/access")) == 3


def test_of_a_family_of_another_county_there_is_no_statement(queries: Queries, settings: Settings) -> None:
    [family] = [one["family"] for one in queries.families()]
    elsewhere = people.browser(queries, settings, "case_worker", division="421202")
    missing = elsewhere.get("/families/XN-F-00000000/access", headers=HTML)
    assert missing.status_code == 404
    assert elsewhere.get(f"/families/{family}/access", headers=HTML).get_data() == missing.get_data()
    assert elsewhere.get(f"/families/{family}/access", headers=HTML).status_code == 404


def test_an_auditor_searches_by_user_family_purpose_and_day_and_turns_the_page(
    queries: Queries, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AccessLog(queries.database)
    for number in range(5):
        log.record(LIU, "page", "history", [f"XN-F-0000000{number}"])
    log.record(Reader("wang", "supervisor"), "export", "export", ["XN-F-00000001"])
    auditor = people.browser(queries, settings, "auditor")
    assert len(rows(auditor, "/access?reader=liu")) == 5
    assert len(rows(auditor, "/access?family=xn-f-00000001")) == 2
    [found] = rows(auditor, "/access?family=XN-F-00000001&purpose=export")
    assert "wang" in found
    assert "没有符合条件的记录" in rows(auditor, "/access?until=2020-01-01")[0]
    monkeypatch.setattr("services.console.who_looked.PAGE", 4)
    first = auditor.get("/access", headers=HTML).get_data(as_text=True)
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    assert len(rows(auditor, "/access")) == 4
    assert len(rows(auditor, older)) == 2
    worker = people.browser(queries, settings, "case_worker", division="421221")
    assert worker.get("/access", headers=HTML).status_code == 403
