"""Masks of what is made of a family's events: what it is owed, and who belonged to it. Pure, as `family_case.masking`.

A department's desk sees the verdicts that name it: a gap, a warning or a missing fact of its own. An auditor sees every
verdict, without the facts in words that led to it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.departments import BY_NAME
from services.entitlements.verdicts import State
from services.entitlements.words import STATES
from services.family_case.access import Reader
from services.family_case.masking import NOT_SHOWN, sees_everything
from shared.language.kinds import chinese_day
from shared.policy.lists import clauses, code_lists

_DESK, _AUDITOR = "department_desk", "auditor"
_ABOUT_ALL = ("family", "person", "known", "effective")
_VERDICT = (
    "rule",
    "label",
    "clause",
    "standing",
    "who",
    "state",
    "gaps",
    "warnings",
    "missing",
    "parameters",
    "evidence",
)
_PROCESS = ("rule", "label", "process", "who", "state", "asked", "due", "overdue_since", "department", "evidence")
_HOME = "DPF"
"""The department (DEPT) that keeps who belongs to a family."""


def owed_seen(document: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """Return what a family is owed as somebody sees it."""
    if sees_everything(reader):
        return document
    found = {name: document[name] for name in _ABOUT_ALL}
    if reader.role == _DESK:
        own = _code(reader)
        verdicts = [one for one in document["verdicts"] if own in _named(one)]
        processes = [one for one in document["processes"] if one["department"] == own]
        escalations = [one for one in document["escalations"] if one["department"] == own]
        return found | {"verdicts": verdicts, "processes": processes, "escalations": escalations, "retracted": []}
    if reader.role == _AUDITOR:
        return found | {
            "person": None,
            "verdicts": [_audited(one) for one in document["verdicts"]],
            "processes": [{name: one[name] for name in _PROCESS} | {"person": None} for one in document["processes"]],
            "escalations": document["escalations"],
            "retracted": [one | {"why": NOT_SHOWN, "verdicts": []} for one in document["retracted"]],
        }
    return found | {"verdicts": [], "processes": [], "escalations": [], "retracted": []}


def members_seen(document: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """Return who belonged to a family as somebody sees it: who keeps that sees all, others who belongs to it.

    An auditor sees from which month to which.
    """
    if sees_everything(reader) or (reader.role == _DESK and _code(reader) == _HOME):
        return document
    members = [
        {"person": "", "who": one["who"], "numbers": [], "guardians": [], "registered": []}
        | {"spans": [_months(span) for span in one["spans"]] if reader.role == _AUDITOR else []}
        for one in document["members"]
        if reader.role in {_AUDITOR, _DESK}
    ]
    return document | {"head": None, "members": members, "moves": []}


def _code(reader: Reader) -> str:
    """Return the department (DEPT) of a desk; one that there is not for who has none."""
    return BY_NAME[reader.department].code if reader.department in BY_NAME else "?"


def _named(verdict: Mapping[str, Any]) -> set[str]:
    parts: Iterable[Mapping[str, Any]] = (*verdict["gaps"], *verdict["warnings"], *verdict["missing"])
    return {one["department"] for one in parts}


def _audited(verdict: dict[str, Any]) -> dict[str, Any]:
    found = {name: verdict[name] for name in _VERDICT if name in verdict}
    about = verdict["subject"]
    found["subject"] = about if about["kind"] == "family" else about | {"id": verdict["who"]}
    kinds = code_lists()["GAPTYPE"]["codes"]
    said = [
        f"{verdict['who']}“{verdict['label']}”{STATES[State(verdict['state'])]}，依据“{clauses()[verdict['clause']]}”"
    ]
    said += [f"自{chinese_day(gap['since'])}起{kinds[gap['type']]['zh']}" for gap in verdict["gaps"]]
    found["says"] = "；".join(said) + "。"
    if "handled" in verdict:
        found["handled"] = [one | {"says": NOT_SHOWN} for one in verdict["handled"]]
    return found


def _months(span: dict[str, Any]) -> dict[str, Any]:
    found = span | {name: span[name][:7] if span[name] else None for name in ("from", "to")}
    return found | ({"left": span["left"] | {"reason": "", "zh": NOT_SHOWN}} if "left" in span else {})
