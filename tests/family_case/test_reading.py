"""The one exit: whatever leaves a family's case is opened there, for somebody, for a purpose."""

import ast
from datetime import date

import pytest

from services.family_case.domain import case_number
from services.family_case.reading import NoSuchFamily
from tests.family_case.conftest import READER, Hub
from tests.family_case.test_receiving import STRANGER, merged
from tests.world import FATHER, ROOT, family_opened

EXIT = {
    "services/family_case/reading.py",
    "services/family_case/masking.py",
    "services/family_case/members.py",
    "services/family_case/base_reading.py",
    "services/family_case/duplicate_reading.py",
    "services/entitlements/belonging.py",
    "services/entitlements/loading.py",
    "services/entitlements/impact.py",
}
"""What puts events into words, and what judges them: `Queries.filed` hands them out to a reader, for a purpose."""


def test_only_the_exit_puts_a_familys_events_into_words() -> None:
    users = set()
    for path in (ROOT / "services").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.ImportFrom) and node.module == "services.family_case.history"
            if named or (isinstance(node, ast.Attribute) and node.attr == "_find"):
                users.add(path.relative_to(ROOT).as_posix())
    assert users == EXIT


def test_a_case_that_was_merged_opens_as_the_one_it_is_now(hub: Hub) -> None:
    told = hub.tell(family_opened(), family_opened([STRANGER]))
    family, other = (case_number(one) for _, one in told)
    hub.tell(merged(FATHER, other))
    assert hub.queries.open(other.lower(), READER, "test")["family"] == family


def test_a_case_that_is_none_opens_nothing(hub: Hub) -> None:
    for key in ("XN-F-00000000", "p-" + "a" * 32, "x", ""):
        with pytest.raises(NoSuchFamily):
            hub.queries.open(key, READER, "test")


def test_both_days_of_a_view_stand_in_what_is_opened(hub: Hub) -> None:
    [(_, opening)] = hub.tell(family_opened())
    known, effective = date(2025, 2, 1), date(2025, 1, 1)
    found = hub.queries.open(case_number(opening), READER, "test", known, effective)
    assert (found["known"], found["effective"], found["entries"]) == ("2025-02-01", "2025-01-01", [])
