"""What pages and answers show to whom: nothing that the masked documents do not say, wherever it is shown."""

import json
import re
from datetime import date
from typing import Any

import pytest

from services.entitlements.belonging import Belonging
from services.entitlements.loading import Loader
from services.entitlements.masking import owed_seen
from services.entitlements.owed import Asked, Owed
from services.family_case.reading import AUDITOR, NoSuchFamily, Reader
from shared.settings import Settings
from tests import people
from tests.family_case.conftest import Hub, hub
from tests.world import story

__all__ = ["hub"]
DAY = date(2026, 9, 1)
PAGES = ("", "/owed?all=1", "/members", "/story", "/print", "/compare?known=2026-01-31", "/history")
DESKS = ("education", "finance", "culture_tourism")
TOKEN = re.compile(r"p-[a-z2-7]{32}")


def read(hub: Hub, settings: Settings, family: str, role: str, **bounds: str) -> list[str]:
    """Return all that somebody gets of a family, as pages and as JSON, and the page of each event."""
    browser = people.browser(hub.queries, settings, role, **bounds)
    paths = [f"/families/{family}{page}" for page in PAGES]
    entries = browser.get(f"/families/{family}/history", headers={"Accept": "application/json"}).get_json()["entries"]
    some = {one["type"]: f"/families/{family}/events/{one['log']}/{one['position']}" for one in entries}
    found = []
    for path in (*paths, *some.values()):
        for accept in ("text/html", "application/json"):
            answer = browser.get(path, headers={"Accept": accept})
            assert answer.status_code == 200, (path, accept)
            found.append(f"{path} {accept}\n{answer.get_data(as_text=True)}")
    return found


@pytest.mark.parametrize(
    ("role", "bounds"), [("auditor", {}), *(("department_desk", {"department": name}) for name in DESKS)]
)
def test_no_page_or_answer_says_what_is_masked(hub: Hub, settings: Settings, role: str, bounds: dict[str, str]) -> None:
    hub.tell(*story("b"))
    [family] = hub.families
    reader = Reader("one", role, bounds.get("department"))
    shown = {one["sentence"] for one in hub.queries.open(family, reader, "page")["entries"]}
    whole = {one["sentence"] for one in hub.queries.open(family, AUDITOR, "page")["entries"]}
    assert len(whole - shown) > 10
    answers = read(hub, settings, family, role, **bounds)
    assert [sentence for sentence in whole - shown if sentence in "".join(answers)] == []
    if role == "auditor":
        assert [text.partition("\n")[0] for text in answers if TOKEN.search(text)] == []


def owed(hub: Hub, reader: Reader) -> dict[str, Any]:
    [family] = hub.families
    return Owed(Loader(hub.queries)).open(family, reader, "page", Asked(None, DAY, everything=True))


def test_a_desk_is_told_of_the_verdicts_that_name_it_and_an_auditor_of_all_without_the_reasons(hub: Hub) -> None:
    hub.tell(*story("b"))
    whole = owed(hub, AUDITOR)
    named = {
        one["department"]
        for verdict in whole["verdicts"]
        for one in (*verdict["gaps"], *verdict["warnings"], *verdict["missing"])
    }
    assert "DPF" in named
    own = owed(hub, Reader("desk", "department_desk", "disability_federation"))
    assert 0 < len(own["verdicts"]) < len(whole["verdicts"])
    assert all(one in whole["verdicts"] for one in own["verdicts"])
    assert owed(hub, Reader("desk", "department_desk"))["verdicts"] == []
    audited = owed(hub, Reader("audit", "auditor"))
    assert [one["state"] for one in audited["verdicts"]] == [one["state"] for one in whole["verdicts"]]
    assert "，因" not in "".join(one["says"] for one in audited["verdicts"])
    assert not TOKEN.search(json.dumps(audited))
    assert owed_seen(whole, Reader("one", "nobody"))["verdicts"] == []
    for role in ("leader", "administrator", "nobody"):
        with pytest.raises(NoSuchFamily):
            owed(hub, Reader("one", role))


def test_who_belonged_to_a_family_is_told_in_full_by_who_keeps_it_alone(hub: Hub) -> None:
    hub.tell(*story("b"))
    [family] = hub.families
    belonging = Belonging(Loader(hub.queries))
    whole = belonging.open(family, AUDITOR, "page")
    keeps = Reader("desk", "department_desk", "disability_federation")
    assert belonging.open(family, keeps, "page") == whole
    other = belonging.open(family, Reader("desk", "department_desk", "finance"), "page")
    assert [one["who"] for one in other["members"]] == [one["who"] for one in whole["members"]]
    assert {len(one["spans"]) + len(one["guardians"]) for one in other["members"]} == {0}
    audited = belonging.open(family, Reader("audit", "auditor"), "page")
    days = [span[name] for one in audited["members"] for span in one["spans"] for name in ("from", "to") if span[name]]
    assert {len(day) for day in days} <= {len("2025-01")}
    assert all(one["spans"] for one in audited["members"])
    assert not TOKEN.search(json.dumps([other, audited]))
