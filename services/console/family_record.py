"""Recording what was done about a family: a form, a page that says what will be recorded, then one event at the door.

The event is made once, with the form: the page that asks for the last word carries it closed for who signed in, and
what is recorded is what that page said. Sent twice it is the same event, which the door records once. Who records it
stands in the event. From a page of the past nothing is recorded.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.console.family import DATES, TABS, FamilyPages, Shown
from services.console.roles import needs
from services.entitlements.actions import ACTIONS, About, Words, event_of
from services.entitlements.rules import load
from services.family_case.web.access import reader
from shared.door.client import Client, DepartmentUnavailable
from shared.errors import Broken, Fault, Refused, YihuError
from shared.keys.box import Box
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import china_now
from shared.language.sentence import sentence
from shared.policy.lists import code_lists

RECORDED = {200, 201}


@dataclass(frozen=True, slots=True)
class Asks:
    """One field of a form: its name, what it is called, what kind, whether it must be filled in, its choices' list."""

    name: str
    label: str
    kind: str
    required: bool = True
    codes: str = ""


_PERSON = Asks("person", "所涉成员", "member")
_WHY = Asks("reason", "原因（不得含个人号码）", "text")
FORMS: Mapping[str, tuple[str, tuple[Asks, ...]]] = {
    "hold": (
        "登记暂缓",
        (
            Asks("rule", "事项", "rule"),
            Asks("gap", "缺口", "code", codes="GAPTYPE"),
            replace(_PERSON, required=False),
            Asks("until", "暂缓至", "date"),
            _WHY,
        ),
    ),
    "decline": (
        "登记谢绝",
        (
            Asks("need", "谢绝的服务", "code", codes="NEED"),
            _PERSON,
            Asks("by", "谢绝人", "member"),
            Asks("until", "谢绝有效至", "date", required=False),
            replace(_WHY, required=False),
        ),
    ),
    "refer": (
        "转介（催办）",
        (
            Asks("need", "需求", "code", codes="NEED"),
            _PERSON,
            Asks("to", "转介至部门", "code", codes="DEPT"),
            Asks("reason", "情况摘要（密封保存）", "text", required=False),
        ),
    ),
    "answer": (
        "答复转介",
        (
            Asks("process", "转介", "referral"),
            Asks("decision", "答复", "code", codes="DECISION"),
            Asks("reason", "说明", "text", required=False),
            Asks("because", "不予同意原因", "code", required=False, codes="REFUSE"),
        ),
    ),
    "dispute": (
        "登记异议",
        (
            Asks("event", "被异议的记录", "event"),
            Asks("by", "异议提出人", "line"),
            Asks("reason", "诉求（不得含个人号码）", "text"),
            Asks("to", "答复部门", "code", required=False, codes="DEPT"),
        ),
    ),
    "plan": (
        "安排转衔",
        (
            _PERSON,
            Asks("because", "转衔原因", "code", codes="ENDREASON"),
            Asks("until", "转衔日期", "date"),
            Asks("need", "后续服务", "code", codes="NEED"),
        ),
    ),
}
"""What can be recorded: the page's name and what its form asks for, in order."""
_NAMED = {"RULE": "rule", "GAP": "gap", "NEED": "need", "PROCESS": "process", "EVENT": "event"}
_FIELDS = {
    "entitlement": "rule",
    "gap_type": "gap",
    "action": "reason",
    "hold_until": "until",
    "summary": "reason",
    "declined_by": "by",
    "to_dept": "to",
    "refuse_reason": "because",
    "subject": "person",
}
"""Under which name a form has what an event calls otherwise."""

Doors = Callable[[str], Client]
Faults = Callable[[dict[str, Any]], Sequence[Fault]]


class PastIsReadOnly(Refused):
    """From a page of the past nothing is recorded (409)."""

    def __init__(self) -> None:
        zh = "您在看的是过去某一时点的情况，只读；请返回现在再登记。"
        super().__init__([Fault("past_is_read_only", "", zh, "This is a view of the past; go back to now.")], 409)


class DoorClosed(Refused):
    """The department's door gave no answer; the same event can be sent again (503)."""

    def __init__(self) -> None:
        zh = "部门接口暂不可用，尚未登记；请稍后再点一次确认，不会重复登记。"
        super().__init__([Fault("department_unavailable", "", zh, "No answer from the department; try again.")], 503)


class Recording:
    """The pages on which something is recorded about a family."""

    def __init__(self, pages: FamilyPages, doors: Doors, faults: Faults, box: Box) -> None:
        self.pages, self.doors, self.faults, self.box = pages, doors, faults, box

    def form(self, family: str, action: str, said: Mapping[str, str], faults: Sequence[Fault] = ()) -> str:
        """Return the form of an action, with what was typed and what is wrong with it."""
        about, document = self._about(family)
        label, asks = FORMS[action]
        choices = {one.name: self._choices(one, about, document) for one in asks}
        parts = {"action": action, "label": label, "asks": asks, "choices": choices, "said": said, "faults": faults}
        return self._page("family_record.html", label, document, **parts)

    def checked(self, family: str, action: str, said: Mapping[str, str]) -> tuple[str, int]:
        """Return the page that says what will be recorded, or the form again with every fault; and the status."""
        asks = FORMS[action][1]
        missing = [one for one in asks if one.required and not said.get(one.name, "").strip()]
        if missing:
            faults = [Fault("required", f"/{one.name}", f"请填写“{one.label}”。", "Fill this in.") for one in missing]
            return self.form(family, action, said, faults), 422
        about, document = self._about(family)
        names = {"FAMILY": document["family"]} | {big: said.get(small, "") for big, small in _NAMED.items()}
        named = [names[one] for one in ACTIONS[action]]
        words = {name: text for name, text in said.items() if name not in {"rule", "gap", "need", "event"}}
        if action == "hold":
            words["by"] = reader().name
        found = Words(action, named, words)
        event = event_of(found, about, f"act-{uuid4().hex}", china_now().isoformat("T", "seconds"))
        event["recordedby"] = reader().name
        if faults := found.faults or list(self.faults(event)):
            return self.form(family, action, said, [_of_form(one, asks) for one in faults]), 422
        called: dict[str, str] = {one["person"]: one["who"] for one in about.members["members"]}
        declaration = CATALOGUE.get(event["type"])
        if declaration is None:
            raise TypeError(event["type"])

        def who(token: str) -> str:
            return called.get(token, "相关人员")

        fields = [
            (fact.label, event["data"][name] if fact.sealed else fact.show(event["data"][name], who))
            for name, fact in declaration.facts.items()
            if name in event["data"]
        ]
        parts = {
            "label": FORMS[action][0],
            "fields": fields,
            "sentence": sentence(declaration, event["data"], event.get("subject"), who),
            "kept": self.box.close(json.dumps([document["family"], event], ensure_ascii=False), reader().name),
            "said": said,
            "action": action,
        }
        return self._page("family_confirm.html", "确认登记", document, **parts), 200

    def record(self, family: str, kept: str) -> ResponseReturnValue:
        """Record what was confirmed, once however often it is sent, and say where it went."""
        self._about(family)  # who may not know of the family records nothing of it
        try:
            whose, event = json.loads(self.box.open(kept, reader().name))
        except Broken:
            zh, en = "确认页已失效，请重新填写。", "This page is no longer valid; fill in the form again."
            raise Refused([Fault("form_expired", "", zh, en)], 400) from None
        if whose != family:
            abort(400)
        department = event["type"].partition(".")[0]
        try:
            answer = self.doors(department).emit(department, event)
        except (DepartmentUnavailable, YihuError) as error:
            raise DoorClosed from error
        if answer.status not in RECORDED:
            faults = [Fault(one["code"], one["pointer"], one["zh"], one["en"]) for one in answer.body.get("errors", [])]
            raise Refused(faults or [Fault("refused", "", "部门接口未接受。", "The department refused it.")], 422)
        where = f"{self.pages.queries.names[department]}日志第 {answer.body['position']} 条"
        flash(f"已登记：{where}。几秒钟后见于本户时间线，待办清单随之更新。")
        return redirect(Shown(family, None, None).link("owed.page"), 303)

    def _about(self, family: str) -> tuple[About, dict[str, Any]]:
        """Return what is known of the family now. Raises NoSuchFamily."""
        shown = Shown(family, None, None)
        return About(self.pages.membership(shown, "record"), self.pages.verdicts(shown, "record")), (
            self.pages.history(shown, "record")
        )

    @staticmethod
    def _choices(one: Asks, about: About, document: Mapping[str, Any]) -> list[tuple[str, str]]:
        if one.kind == "member":
            return [(each["who"], each["who"]) for each in about.members["members"]]
        if one.kind == "event":
            events = [each for each in document["entries"] if each.get("id") and "amends" not in each]
            return [(each["id"], f"{each['happened']} {each['label']}") for each in events]
        if one.kind == "rule":
            open_ = {each["rule"] for each in about.owed["verdicts"] if each["gaps"]}
            return [(each.id, f"{each.id} {each.label}") for each in load().values() if each.id in open_]
        if one.kind == "referral":
            return [
                (each["process"], f"{each['who']}，{each['asked']}")
                for each in about.owed["processes"]
                if each["rule"] == "C-REFERRAL"
            ]
        return [(code, each["zh"]) for code, each in code_lists()[one.codes]["codes"].items()] if one.codes else []

    def _page(self, template: str, tab: str, document: dict[str, Any], **parts: Any) -> str:
        shown = Shown(document["family"], None, None)
        return render_template(template, tab=tab, tabs=TABS, shown=shown, case=document, plain=True, **parts)


def record_pages(pages: FamilyPages, doors: Doors, faults: Faults, box: Box) -> Blueprint:
    """Return the pages on which something is recorded. `doors` are the departments', `faults` what they would find."""
    blueprint, recording = Blueprint("record", __name__), Recording(pages, doors, faults, box)

    @blueprint.before_request
    def only_now() -> None:
        if any(request.values.get(name) for name in DATES):
            raise PastIsReadOnly
        if (request.view_args or {}).get("action", "hold") not in FORMS:
            abort(404)

    @blueprint.get("/families/<family>/record/<action>")
    @needs("record")
    def form(family: str, action: str) -> ResponseReturnValue:
        return recording.form(family, action, request.args)

    @blueprint.post("/families/<family>/record/<action>")
    @needs("record")
    def check(family: str, action: str) -> ResponseReturnValue:
        said = {one.name: request.form.get(one.name, "").strip() for one in FORMS[action][1]}
        return (
            recording.form(family, action, said)
            if request.form.get("back")
            else recording.checked(family, action, said)
        )

    @blueprint.post("/families/<family>/recorded")
    @needs("record")
    def record(family: str) -> ResponseReturnValue:
        return recording.record(family, request.form.get("kept", ""))

    return blueprint


def _of_form(fault: Fault, asks: Sequence[Asks]) -> Fault:
    """Return a fault of an event as one of the form's: at the field that says it."""
    name = fault.pointer.rsplit("/", 1)[-1]
    name = _NAMED.get(name, _FIELDS.get(name, name))
    return replace(fault, pointer=f"/{name}" if name in {one.name for one in asks} else "")
