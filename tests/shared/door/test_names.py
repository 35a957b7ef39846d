"""A name that does not belong to its number: told by who has sealed names, and of nobody else anything."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shared.door.department import Department
from shared.door.http import department_app
from shared.door.names import MOST, Names
from shared.errors import Refused
from shared.keys.files import Keys
from shared.settings import Settings
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened

FEDERATION = "disability_federation"
UNKNOWN = "421299201805120011"


def related(person: str, name: str | None, **changes: Any) -> dict[str, Any]:
    data = {"relation": "02", "coresident": True, "from_date": "2025-02-10"} | ({"name": name} if name else {})
    return event(f"{FEDERATION}.member_relation_recorded", data, person, **changes)


def asked(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"person": person, "name": name} for person, name in pairs]


@pytest.fixture
def federation(department: Callable[[str], Department]) -> Department:
    own = department(FEDERATION)
    own.receive_all([family_opened(), related(FATHER, "虚构 甲"), related(MOTHER, "阿依·虚构"), related(SON, None)])
    return own


def test_only_a_name_that_is_another_is_told(federation: Department) -> None:
    names = Names(federation)
    known = asked((FATHER, "虚构甲"), (FATHER, "虚构乙"), (MOTHER, "阿依虚构"))
    assert names.differ("a", known + asked((SON, "谁"), (DAUGHTER, "谁"), (UNKNOWN, "谁"))) == [1]
    assert names.differ("a", [{"person": "x", "name": "y"}, {}, 7, *asked((FATHER, " "))]) == []


def test_a_corrected_name_counts_and_so_does_a_changed_one_beside_the_old(federation: Department) -> None:
    wrong = related(UNKNOWN, "虚构丙", legacy=True)
    payload = wrong["data"] | {"name": "虚构丁"}
    corrected = event(
        f"{FEDERATION}.event_corrected",
        {"target_event": wrong["id"], "reason": "录入错误", "corrected_payload": payload},
        None,
    )
    changed = {"field": "name", "new_value": "虚构戊", "new_name": "虚构戊", "evidence_doc": "虚构户口簿"}
    federation.receive_all([wrong, corrected, event(f"{FEDERATION}.person_identity_corrected", changed, FATHER)])
    found = asked((UNKNOWN, "虚构丙"), (UNKNOWN, "虚构丁"), (FATHER, "虚构甲"), (FATHER, "虚构戊"), (FATHER, "虚构己"))
    assert Names(federation).differ("a", found) == [0, 4]


def test_nobody_finds_a_name_out_by_trying(federation: Department) -> None:
    day = [date(2026, 12, 1)]
    names = Names(federation, lambda: day[0])
    tried = [bool(names.differ("a", asked((FATHER, f"虚构{letter}")))) for letter in "乙丙丁戊"]
    assert tried == [True, True, True, False]
    assert names.differ("a", asked((FATHER, "虚构乙"))) == [0], "a name that was asked before may be asked again"
    assert names.differ("b", asked((FATHER, "虚构戊"))) == [0], "another system has tries of its own"
    day[0] = date(2026, 12, 2)
    assert names.differ("a", asked((FATHER, "虚构戊"))) == [0]


def test_too_many_at_once_are_refused_and_so_is_what_is_no_list(federation: Department) -> None:
    for wrong in ([], {}, asked((FATHER, "x")) * (MOST + 1)):
        with pytest.raises(Refused):
            Names(federation).differ("a", wrong)


def test_any_department_may_ask_and_nobody_without_a_key_that_reports(
    federation: Department, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(settings.keys)
    client = department_app(FEDERATION, federation, keys.permits).test_client()

    def status(key: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = client.post("/names", json=asked((FATHER, "虚构乙"), (UNKNOWN, "虚构乙")), headers=headers)
        return answer.status_code, answer.json

    with caplog.at_level("INFO", "shared.door.names"):
        assert status(keys.api_key("finance")) == (200, {"other": [0]})
    assert "urn:yihu:finance:desk had 2 names compared; 1 are others" in caplog.text
    assert "虚构" not in caplog.text
    assert FATHER not in caplog.text
    assert status("")[0] == 401
    assert status((settings.keys / "hub.api").read_text().strip())[0] == 403
