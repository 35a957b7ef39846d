"""What a case worker does about a gap, as the event that the federation's door takes. Pure.

A hold, a decline, a referral and its answer are about a family; a merge and a dismissal are about two persons or cases.
Whoever is named may be called as the program calls them, or by token.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.disability_federation.registry.events import (
    DuplicateDismissed,
    DuplicateMerged,
    GapActionRecorded,
    RecordDisputed,
    ReferralAnswered,
    ReferralMade,
    ServiceDeclined,
    TransitionPlanned,
)
from services.entitlements.rules import load
from services.family_case.domain import case_key, is_person
from shared.errors import Fault
from shared.language.catalogue import CATALOGUE
from shared.policy.lists import code_lists

ACTIONS = {
    "hold": ("FAMILY", "RULE", "GAP"),
    "decline": ("FAMILY", "NEED"),
    "refer": ("FAMILY", "NEED"),
    "answer": ("FAMILY", "PROCESS"),
    "merge": ("SURVIVOR", "MERGED"),
    "dismiss": ("PERSON", "OTHER"),
    "dispute": ("FAMILY", "EVENT"),
    "plan": ("FAMILY", "NEED"),
}
"""What can be done, and what is to be named for it, in order."""
NEEDED = {
    "hold": ("until", "reason"),
    "decline": ("person", "by"),
    "refer": ("person", "to"),
    "answer": ("decision",),
    "merge": ("reason",),
    "dismiss": ("reason",),
    "dispute": ("reason", "by"),
    "plan": ("person", "because", "until"),
}
"""What else must be said."""
CITY = "421200"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the family that an action is about: documents of its membership and of what it is owed."""

    members: Mapping[str, Any]
    owed: Mapping[str, Any]

    @property
    def division(self) -> str:
        """The county that holds the case."""
        return str(self.members["counties"][-1]["division"]) if self.members["counties"] else CITY


class Words:
    """What somebody typed, checked as it is read; `faults` are all that were found."""

    def __init__(self, action: str, named: Iterable[str], said: Mapping[str, str]) -> None:
        self.action = action
        self.said = {name: text.strip() for name, text in said.items()}
        self.named = [text.strip() for text in named if text.strip()]
        self.faults: list[Fault] = []
        wanted = ACTIONS[action]
        if len(self.named) != len(wanted):
            names = " ".join(wanted)
            self._fault("missing", "", f"{action} 须写明：{names}。", f"{action} takes {names}.")
        for name in NEEDED[action]:
            if not self.said.get(name):
                self._fault("missing", f"/{name}", f"须写明 --{name}。", f"Give --{name}.")

    def name(self, at: int) -> str:
        """Return what was named at a place; nothing if too little was."""
        return self.named[at] if at < len(self.named) else ""

    def code(self, list_: str, pointer: str, text: str) -> str:
        """Return a code of a list; note a fault for what is none."""
        codes = code_lists()[list_]["codes"]
        if text and text not in codes:
            self._fault(
                "unknown_code", pointer, f"没有这一项；可选：{'、'.join(codes)}。", f"One of {', '.join(codes)}."
            )
        return text

    def unknown(self, pointer: str, codes: Iterable[str]) -> None:
        """Note that what was typed is none of these."""
        zh, en = f"没有这一项；可选：{'、'.join(codes)}。", f"One of {', '.join(codes)}."
        self._fault("unknown_code", pointer, zh, en)

    def person(self, members: Mapping[str, Any], pointer: str, text: str) -> str:
        """Return the token of a member by how they are called, or by a token."""
        called: dict[str, str] = {one["who"]: one["person"] for one in members["members"]}
        if not text or is_person(text):
            return text
        if text not in called:
            zh, en = f"本户没有这一成员；可选：{'、'.join(called)}。", f"No such member; these are {', '.join(called)}."
            self._fault("unknown_person", pointer, zh, en)
        return called.get(text, "")

    def _fault(self, code: str, pointer: str, zh: str, en: str) -> None:
        self.faults.append(Fault(code, pointer, zh, en))


def event_of(words: Words, about: About | None, id_: str, now: str) -> dict[str, Any]:
    """Return the event of an action, by `id_` and the time `now`, as far as its words say it: see `all_faults`.

    `about` is what is known of the family; None for persons who belong to none.
    """
    if about is None and words.name(0) and words.action not in {"merge", "dismiss"}:
        zh, en = "没有这一案卷。", "There is no such family case."
        words.faults.append(Fault("no_such_family", "/FAMILY", zh, en))
    cls, subject, data = _MADE[words.action](words, about)
    process = words.said.get("process") or (words.name(1) if words.action == "answer" else "")
    if words.action in {"refer", "dispute"}:
        process = process or id_
    declaration = CATALOGUE.of(cls)
    return {
        "specversion": "1.0",
        "id": id_,
        "source": f"urn:yihu:{declaration.department}:desk",
        "type": declaration.type,
        "subject": subject,
        "time": now,
        "recordedtime": now,
        "division": about.division if about else CITY,
        **({"process": process} if process else {}),
        "data": {name: value for name, value in data.items() if value},
    }


def all_faults(words: Words, event: Mapping[str, Any], door: Iterable[Fault]) -> list[Fault]:
    """Return the faults of what was typed, and those that the door finds in what could be made of it."""
    if not words.faults:
        return list(door)
    given = tuple(f"/data/{name}" for name in event["data"])
    return [*words.faults, *(fault for fault in door if fault.pointer.startswith(given))]


Made = tuple[type[Any], str, dict[str, Any]]


def _hold(words: Words, about: About | None) -> Made:
    rule, gap, said = words.name(1), words.code("GAPTYPE", "/GAP", words.name(2)), words.said
    if rule and rule not in load():
        words.faults.append(
            Fault("unknown_code", "/RULE", f"可选：{'、'.join(load())}。", f"One of {', '.join(load())}.")
        )
    members, verdicts = (about.members, about.owed["verdicts"]) if about else ({"members": []}, [])
    person = words.person(members, "/person", said.get("person", ""))
    open_ = [
        one
        for one in verdicts
        if one["rule"] == rule
        and person in {"", one["subject"]["id"]}
        and any(each["type"] == gap for each in one["gaps"])
    ]
    if rule and gap and about and not words.faults:
        if not open_:
            zh, en = "这一户没有这一缺口，无须暂缓。", "This family has no such gap: there is nothing to hold."
            words.faults.append(Fault("no_such_gap", "/GAP", zh, en))
        elif len(open_) > 1:
            who = "、".join(one["who"] for one in open_)
            zh, en = f"有此缺口的不止一人，用 --person 写明：{who}。", f"Several have this gap; give --person: {who}."
            words.faults.append(Fault("ambiguous", "/person", zh, en))
        elif open_[0]["subject"]["kind"] == "person":
            person = open_[0]["subject"]["id"]
    data = {"entitlement": rule, "gap_type": gap, "action": said.get("reason"), "hold_until": said.get("until")}
    need = load()[rule].need if rule in load() else ""
    head = str(members.get("head", "")) if about else ""
    return GapActionRecorded, head, data | {"responsible": said.get("by") or "cli", "person": person, "need": need}


def _decline(words: Words, about: About | None) -> Made:
    members = about.members if about else {"members": []}
    need, said = words.code("NEED", "/NEED", words.name(1)), words.said
    person = words.person(members, "/person", said.get("person", ""))
    by = words.person(members, "/by", said.get("by", ""))
    data = {"need": need, "declined_by": by, "reason": said.get("reason"), "until": said.get("until")}
    return ServiceDeclined, person, data


def _refer(words: Words, about: About | None) -> Made:
    members = about.members if about else {"members": []}
    need, said = words.code("NEED", "/NEED", words.name(1)), words.said
    to = words.code("DEPT", "/to", said.get("to", ""))
    person = words.person(members, "/person", said.get("person", ""))
    return ReferralMade, person, {"need": need, "to_dept": to, "summary": said.get("reason")}


def _answer(words: Words, about: About | None) -> Made:
    process, said = words.name(1), words.said
    decision = words.code("DECISION", "/decision", said.get("decision", ""))
    because = words.code("REFUSE", "/because", said.get("because", ""))
    waiting = [one for one in about.owed["processes"] if one["rule"] == "C-REFERRAL"] if about else []
    found = [one for one in waiting if one["process"] == process]
    if about and process and not found:
        names = "、".join(one["process"] for one in waiting) or "无"
        zh, en = f"没有这一转介；本户的转介：{names}。", "There is no such referral."
        words.faults.append(Fault("no_such_process", "/PROCESS", zh, en))
    subject = found[0]["person"] if found else ""
    return ReferralAnswered, subject, {"decision": decision, "reason": said.get("reason"), "refuse_reason": because}


def _merge(words: Words, about: About | None) -> Made:
    survivor, other = words.name(0), words.name(1)
    for text, name in ((survivor, "SURVIVOR"), (other, "MERGED")):
        if text and not is_person(text) and not case_key(text):
            zh, en = "应为人员代号或案卷编号。", "This must be a person's token or a case number."
            words.faults.append(Fault("not_a_party", f"/{name}", zh, en))
    merged = "merged_person" if is_person(other) else "merged_family"
    subject = survivor if is_person(survivor) else str(about.members["head"]) if about else ""
    return DuplicateMerged, subject, {merged: other, "survivor": survivor, "evidence": words.said.get("reason")}


def _dismiss(words: Words, about: About | None) -> Made:
    del about
    for text, name in zip(words.named, ACTIONS["dismiss"], strict=False):
        if not is_person(text):
            zh, en = "应为人员代号，见 yihu duplicates。", "This must be a person's token, as in `yihu duplicates`."
            words.faults.append(Fault("not_a_person", f"/{name}", zh, en))
    return DuplicateDismissed, words.name(0), {"other": words.name(1), "grounds": words.said.get("reason")}


def _dispute(words: Words, about: About | None) -> Made:
    said = words.said
    data = {"target_event": words.name(1), "disputed_by": said.get("by"), "claim": said.get("reason")}
    to = words.code("DEPT", "/to", said.get("to", ""))
    return RecordDisputed, str(about.members["head"]) if about else "", data | {"target_dept": to}


def _plan(words: Words, about: About | None) -> Made:
    said = words.said
    person = words.person(about.members if about else {"members": []}, "/person", said.get("person", ""))
    need = words.code("NEED", "/NEED", words.name(1))
    trigger = words.code("ENDREASON", "/because", said.get("because", ""))
    return TransitionPlanned, person, {"trigger": trigger, "trigger_on": said.get("until"), "next_services": [need]}


_MADE = {
    "dispute": _dispute,
    "plan": _plan,
    "hold": _hold,
    "decline": _decline,
    "refer": _refer,
    "answer": _answer,
    "merge": _merge,
    "dismiss": _dismiss,
}
