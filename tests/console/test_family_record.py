"""What a case worker records on a page: checked, confirmed, recorded once under their name, never from the past."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.console.family import FamilyPages
from services.console.family_record import FORMS, record_pages
from services.entitlements.loading import Loader
from services.entitlements.owed import Owed
from services.processes import assembly
from shared.door.client import Answer
from shared.errors import Refused
from shared.keys.box import Box
from tests import people
from tests.family_case.conftest import Hub, hub
from tests.world import story

__all__ = ["hub"]

Browser = Callable[..., FlaskClient]


class Door:
    """A department's door, without HTTP: it records, and what it recorded is filed at once."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.sent = hub, list[dict[str, Any]]()

    def emit(self, department: str, event: dict[str, Any]) -> Answer:
        self.sent.append(event)
        try:
            receipt, new = self.hub.made[department].receive(event)
        except Refused as error:
            faults = [{"code": one.code, "pointer": one.pointer, "zh": one.zh, "en": one.en} for one in error.faults]
            return Answer(422, {"errors": faults})
        if new:
            self.hub.receive([(department, self.hub.made[department].recorder.at([receipt["position"]])[0])])
        return Answer(201 if new else 200, receipt)


@pytest.fixture
def door(hub: Hub) -> Door:
    hub.tell(*story("a"))
    return Door(hub)


@pytest.fixture
def browser(hub: Hub, door: Door) -> Browser:
    app = people.app(hub.queries, hub.settings)
    faults = partial(assembly.faults_of, settings=hub.settings)
    pages = FamilyPages(hub.queries, Owed(Loader(hub.queries)))
    app.register_blueprint(record_pages(pages, lambda _: door, faults, Box(b"k" * 32, "test")))  # type: ignore[arg-type,return-value]

    def make(role: str = "case_worker", **bounds: str) -> FlaskClient:
        found: FlaskClient = people.sign_in(app.test_client(), hub.queries.database, role, **bounds)
        return found

    return make


def kept(page: str) -> str:
    """Return what the page for confirming carries."""
    [found] = re.findall(r'name="kept" value="([^"]+)"', page)
    return str(found)


DECLINE = {"need": "CARE", "person": "成员（女，2021年生）", "by": "户主（男，1988年生）", "until": "2027-12-31"}


def test_a_form_is_confirmed_and_recorded_once_however_often_it_is_sent(hub: Hub, door: Door, browser: Browser) -> None:
    [family], own = hub.families, browser()
    before = len(hub.document()["entries"])
    page = own.post(f"/families/{family}/record/decline", data=DECLINE).get_data(as_text=True)
    assert "将要登记的内容" in page
    assert "谢绝为成员（女，2021年生）提供的服务" in page
    assert not door.sent

    answers = [own.post(f"/families/{family}/recorded", data={"kept": kept(page)}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert door.sent[0] == door.sent[1]
    entries = hub.document()["entries"]
    assert len(entries) == before + 1
    [entry] = [one for one in entries if one["id"] == door.sent[0]["id"]]
    assert door.sent[0]["recordedby"] == "case-worker"
    told = own.get(answers[0].headers["Location"], headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f"残联日志第 {entry['position']} 条" in told


def test_what_is_missing_or_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    hub: Hub, door: Door, browser: Browser
) -> None:
    [family], own = hub.families, browser()
    for typed, field in ((DECLINE | {"by": ""}, "by"), (DECLINE | {"until": "2020-01-01x"}, "until")):
        answer = own.post(f"/families/{family}/record/decline", data=typed)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert re.search(r"<title>错误：", page)
        assert f'href="#{field}"' in page
        assert '<option value="CARE" selected>' in page
    assert not door.sent


@pytest.mark.parametrize("action", FORMS)
def test_from_the_past_nothing_is_recorded(action: str, hub: Hub, door: Door, browser: Browser) -> None:
    [family], own = hub.families, browser()
    for dates in ("known=2025-06-24", "effective=2025-06-24"):
        for path in (f"record/{action}", "recorded"):
            answer = own.post(f"/families/{family}/{path}?{dates}", data=DECLINE)
            assert answer.status_code == 409
            name, _, day = dates.partition("=")
            assert own.post(f"/families/{family}/{path}", data=DECLINE | {name: day}).status_code == 409
    assert not door.sent
    past = own.get(f"/families/{family}/owed?known=2025-06-24", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "/record/" not in past
    assert "/record/" in own.get(f"/families/{family}/owed", headers={"Accept": "text/html"}).get_data(as_text=True)


def test_what_was_confirmed_by_one_is_not_recorded_by_another_nor_for_another_county(
    hub: Hub, door: Door, browser: Browser
) -> None:
    [family] = hub.families
    page = browser().post(f"/families/{family}/record/decline", data=DECLINE).get_data(as_text=True)
    other = browser("supervisor")
    assert other.post(f"/families/{family}/recorded", data={"kept": kept(page)}).status_code == 400
    assert other.post(f"/families/{family}/recorded", data={"kept": "x"}).status_code == 400
    elsewhere = browser("case_worker", division="421202")
    for path in ("record/decline", "recorded"):
        assert elsewhere.post(f"/families/{family}/{path}", data=DECLINE | {"kept": kept(page)}).status_code == 404
    assert browser("auditor").post(f"/families/{family}/recorded", data={"kept": kept(page)}).status_code == 403
    assert not door.sent


def test_a_gap_is_held_from_the_page_that_shows_it(hub: Hub, door: Door, browser: Browser) -> None:
    [family], own = hub.families, browser()
    page = own.get(f"/families/{family}/owed", headers={"Accept": "text/html"}).get_data(as_text=True)
    address = re.findall(r'href="(/families/[^"]+/record/hold[^"]+)"', page)[0].replace("&amp;", "&")
    form = own.get(address).get_data(as_text=True)
    chosen = dict(re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected', form, re.DOTALL))
    said = {"until": "2027-03-31", "reason": "等待植入手术后开训"} | chosen
    answer = own.post(f"/families/{family}/record/hold", data=said)
    assert answer.status_code == 200, re.findall(r'class="errors".*?</div>', answer.get_data(as_text=True), re.DOTALL)
    own.post(f"/families/{family}/recorded", data={"kept": kept(answer.get_data(as_text=True))})
    assert door.sent[0]["data"]["responsible"] == door.sent[0]["recordedby"] == "case-worker"
    owed = own.get(f"/families/{family}/owed", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "已登记暂缓" in owed


def test_a_record_is_disputed_and_a_transition_planned_and_both_stand_in_the_history(
    hub: Hub, browser: Browser
) -> None:
    [family], own = hub.families, browser()
    disputed = next(one for one in hub.document()["entries"] if one["type"].endswith("benefit_paid"))
    said = {
        "dispute": {"event": disputed["id"], "by": "监护人", "reason": "发放日期有误，请核对", "to": "FIN"},
        "plan": {"person": DECLINE["person"], "because": "aged_out", "until": "2027-05-12", "need": "EDU"},
    }
    for action, form in said.items():
        answer = own.post(f"/families/{family}/record/{action}", data=form)
        assert answer.status_code == 200, re.findall(
            r'class="errors".*?</div>', answer.get_data(as_text=True), re.DOTALL
        )
        page = answer.get_data(as_text=True)
        assert own.post(f"/families/{family}/recorded", data={"kept": kept(page)}).status_code == 303
    labels = [one["label"] for one in hub.document()["entries"]]
    assert {"信息异议（校核）", "转衔安排（超龄/毕业/成年）"} <= set(labels)
    assert "异议答复" in own.get(f"/families/{family}/owed", headers={"Accept": "text/html"}).get_data(as_text=True)
