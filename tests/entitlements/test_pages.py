"""The pages beside a family's: what is owed, why it was judged anew, and what is being done about it."""

import re

import pytest
from werkzeug.test import Client

from services.processes import assembly
from services.processes.web import application
from tests import people
from tests.entitlements.test_impact import told, withdrawn
from tests.family_case.conftest import Hub


@pytest.fixture
def console(hub: Hub) -> Client:
    """A browser on this machine, before a family case with one family."""
    events, recognition = told("a", "difficult_family_recognised")
    hub.tell(*events, withdrawn(recognition))

    return people.sign_in(Client(application(hub.settings, ["family_case"])), hub.queries.database)


def text(console: Client, address: str) -> str:
    """Return a page as somebody reads it."""
    answer = console.get(address, headers={"Accept": "text/html"}, environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code == 200, answer.text[:500]
    return re.sub(r"<[^>]+>", "", answer.text)


def test_the_page_says_what_a_retraction_changed_and_why(hub: Hub, console: Client) -> None:
    page = text(console, f"/families/{hub.families[0]}/owed?known=2026-03-02")

    assert "因更正/撤销重新判定" in page
    assert "原因：误登" in page
    assert re.search(r"E01 困难残疾儿童家庭认定｜全家｜已落实.* → ", page)


def test_the_story_is_a_page_beside_the_family_with_its_sources(hub: Hub, console: Client) -> None:
    [family] = hub.families
    page = text(console, f"/families/{family}/story")

    assert f"家庭案卷 {family} · 叙述" in page
    assert "出处" in page
    assert "将其撤销，原因是误登" in page
    assert "叙述" in text(console, f"/families/{family}")


def test_the_work_list_of_an_earlier_day_says_of_when_it_is(hub: Hub, console: Client) -> None:
    page = text(console, "/work?known=2026-02-28&effective=2025-12-31")

    assert "2026年2月28日当时所知、截至2025年12月31日的清单" in page
    assert hub.families[0] in page
    answer = console.get("/work?effective=2025-13-01", environ_overrides={"REMOTE_ADDR": "127.0.0.1"})
    assert answer.status_code == 400


def test_who_belongs_to_a_family_is_a_page_beside_it(hub: Hub, console: Client) -> None:
    [family] = hub.families
    page = text(console, f"/families/{family}/members?effective=2025-12-31")

    assert f"家庭案卷 {family} · 成员" in page
    assert "截至2025年12月31日的事实" in page
    assert "建档时在册" in page
    assert "案卷所在县市" in page


def test_the_first_page_counts_and_lists_what_waits_and_what_changed_by_one_query(hub: Hub, console: Client) -> None:
    judging = assembly.judging(hub.settings, hub.database.schema)
    judging.catch_up()
    for database in (judging.database, judging.queries.database):
        database.close()
    page = text(console, "/")
    assert hub.families[0] in page
    for word in ("今天要办", "已逾期", "上次来访后的变化", "我最近打开的家庭"):
        assert word in page
    text(console, f"/families/{hub.families[0]}")
    own = text(console, "/").partition("我最近打开的家庭")[2]
    assert hub.families[0] in own
