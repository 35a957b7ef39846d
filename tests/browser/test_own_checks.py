"""Every check finds what is wrong with a bad page, of which axe alone says little."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import checks

BAD = Path(__file__).with_name("bad.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*checks.CHECKS, *checks.BY_TAB, "errors_are_told", "axe"])
def test_a_bad_page_fails_every_check(name: str, browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(BAD)
    assert getattr(checks, name)(page)
    page.close()
