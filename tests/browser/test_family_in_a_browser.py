"""The pages of a family in a real browser: read by eye, by keyboard, by a screen reader, at 320 px, without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from services.processes import assembly
from tests.browser import checks
from tests.browser.conftest import Console

Open = Callable[..., Page]
PAGES = [
    *("FAMILY", "FAMILY?known=2025-06-24", "FAMILY?year=2025&lane=education", "FAMILY/owed", "FAMILY/money"),
    *("FAMILY/members", "FAMILY/story", "FAMILY/compare?known=2025-06-24", "FAMILY/print"),
    *("FAMILY/events/disability_federation/1", "FAMILY?known=1999-01-01"),
    *("FAMILY/record/hold", "FAMILY/record/refer"),
]
OPEN_ONE_OF_EACH_GROUP = "for (const one of document.querySelectorAll('li:first-child > details')) one.open = true"


@pytest.mark.parametrize("path", PAGES)
def test_axe_and_the_own_checks_find_nothing(path: str, open_page: Open) -> None:
    page = open_page(path)
    page.evaluate(OPEN_ONE_OF_EACH_GROUP)
    found = {name: some for name, check in checks.CHECKS.items() if (some := check(page))}
    assert found == {}
    assert checks.axe(page) == []


@pytest.mark.parametrize("path", ["FAMILY/members", "FAMILY/money"])
def test_focus_is_seen_and_goes_through_the_page_in_its_order(path: str, open_page: Open) -> None:
    page = open_page(path)
    assert checks.no_trap(page) == []
    assert checks.visible_focus(page) == []


def test_what_a_family_is_owed_and_why_is_found_by_keyboard_alone_without_script(open_page: Open) -> None:
    page = open_page("FAMILY", java_script_enabled=False)
    page.get_by_role("link", name="待遇", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("待遇")
    first = page.locator("details").first
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    for word in ("依据", "条件", "参数", "下一步"):
        expect(first.get_by_text(word, exact=True)).to_be_visible()


def test_a_screen_reader_hears_the_timeline_in_the_order_in_which_it_happened(open_page: Open) -> None:
    page = open_page("FAMILY?year=all")
    days = page.locator("ol.history time").evaluate_all("all => all.map(one => one.dateTime)")
    assert len(days) == 45
    assert days == sorted(days)
    heard = page.locator("main").aria_snapshot()
    assert heard.index('heading "2025年"') < heard.index('heading "2025年6月"')
    assert 'img "全部年份各部门共 45 条记录' in heard


def test_the_page_of_the_past_says_so_and_has_no_form_that_records(open_page: Open) -> None:
    page = open_page("FAMILY/owed?known=2025-06-24")
    assert "2025年6月24日当时所知" in page.title()
    expect(page.get_by_text("只读")).to_be_visible()
    actions = page.locator("form[method=post]").evaluate_all("all => all.map(one => new URL(one.action).pathname)")
    assert set(actions) == {"/sign-out", "/language"}
    page.get_by_role("link", name="成员", exact=True).click()
    assert "known=2025-06-24" in page.url


def test_a_refused_form_leads_to_its_fields_and_a_double_click_records_once(console: Console, open_page: Open) -> None:
    page = open_page("FAMILY/record/decline", java_script_enabled=True)
    page.get_by_label("谢绝的服务").select_option("CARE")
    page.get_by_role("button", name="下一步：核对").click()
    assert checks.errors_are_told(page) == []
    assert checks.axe(page) == []
    page.get_by_label("所涉成员").select_option("成员（女，2021年生）")
    page.get_by_label("谢绝人").select_option("户主（男，1988年生）")
    page.get_by_role("button", name="下一步：核对").click()
    assert checks.axe(page) == []
    page.get_by_role("button", name="确认登记").dblclick()
    expect(page.get_by_role("status")).to_contain_text("已登记：残联日志第")
    department = assembly.department("disability_federation", console.settings)
    try:
        found = [one for one in department.recorder.events() if one.attributes.get("recordedby") == "supervisor"]
    finally:
        department.database.close()
        department.ring._database.close()
    assert len(found) == 1
