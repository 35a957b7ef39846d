"""A verdict in words, as an official would write it: what, why, by which clause, who is to act, by when."""

from collections.abc import Callable
from typing import Any

from services.entitlements.engine import WHOLE_FAMILY, Judged
from services.entitlements.facts import Fact
from services.entitlements.sayings import saying
from services.entitlements.verdicts import Gap, State, Warned
from shared.language.catalogue import CATALOGUE
from shared.language.kinds import chinese_day
from shared.policy.lists import clauses, code_lists

STATES = {
    State.NOT_IN_FORCE: "制度尚未实施",
    State.NOT_APPLICABLE: "不适用",
    State.NOT_ELIGIBLE: "不符合条件",
    State.DECLINED: "已谢绝",
    State.UNKNOWN: "缺少事实，尚不能判断",
    State.ELIGIBLE_NOT_APPLIED: "符合条件，尚未申请",
    State.PENDING: "办理中",
    State.MET: "已落实",
    State.GAP: "逾期未落实",
    State.LAPSED: "曾落实，现已中断",
    State.HELD: "逾期，已登记暂缓",
}
ACTS = {
    "G1": "主动告知并协助办理",
    "G2": "作出决定",
    "G3": "落实或发放",
    "G4": "恢复服务或完成复核",
    "G9": "衔接两县待遇",
}
"""What is to be done about a gap."""
_CONCERNED = set(State) - {State.NOT_IN_FORCE, State.NOT_APPLICABLE, State.NOT_ELIGIBLE, State.UNKNOWN, State.DECLINED}
"""States in which it matters how far it has come."""
MOST_REASONS = 4
"""How many facts a sentence names; the verdict's evidence has all of them."""


def explain(one: Judged, label: Callable[[str], str]) -> str:
    """Return a verdict as Chinese sentences. `label` calls a person by their place in the family."""
    verdict, who = one.verdict, "全家" if one.subject == WHOLE_FAMILY else label(one.subject)
    because = _because(verdict.evidence)
    own = saying(one.rule.id, verdict.because) if verdict.state in _CONCERNED else ""
    told = "，".join(part for part in (own, f"因{because}" if because else "") if part)
    clause = clauses()[one.rule.clause]
    label_ = one.rule.label.replace("“", "‘").replace("”", "’")
    said = [f"{who}“{label_}”{STATES[verdict.state]}{f'：{told}' if told else ''}，依据“{clause}”"]
    said += [_gap(gap) for gap in verdict.gaps]
    if verdict.due and verdict.state in {State.PENDING, State.ELIGIBLE_NOT_APPLIED}:
        said.append(f"应在{chinese_day(verdict.due.isoformat())}前办结{_provisional(verdict.provisional)}")
    said += [_warning(warning) for warning in verdict.warnings]
    return "；".join(said) + "。"


def _because(evidence: list[Fact[Any]]) -> str:
    newest = sorted(evidence, key=lambda one: one.order)[-MOST_REASONS:]
    return "、".join(f"{chinese_day(one.day.isoformat())}{CATALOGUE.of(one.cls).label}" for one in newest)


def _gap(gap: Gap) -> str:
    who = f"{_division(gap.division)}{_department(gap.department)}"
    if gap.type == "G5":
        return f"缺少{who}的“{missing_name(gap.missing or '')}”"
    due = f"应由{who}在{chinese_day(gap.due.isoformat())}前{ACTS[gap.type]}" if gap.due and gap.type in ACTS else who
    held = f"，已暂缓至{chinese_day(gap.held_until.isoformat())}" if gap.held_until else ""
    kind = code_lists()["GAPTYPE"]["codes"][gap.type]["zh"]
    return f"{due}，自{chinese_day(gap.since.isoformat())}起{kind}{held}{_provisional(gap.provisional)}"


def _warning(warning: Warned) -> str:
    kind = code_lists()["GAPTYPE"]["codes"][warning.type]["zh"]
    due = f"，期限{chinese_day(warning.due.isoformat())}" if warning.due else ""
    return f"{chinese_day(warning.since.isoformat())}起提示：{kind}{due}"


def _provisional(provisional: bool) -> str:
    return "（节假日安排尚未公布，暂按推算）" if provisional else ""


def missing_name(name: str) -> str:
    """Return the Chinese name of a missing fact: its type's label, what of it, and what would do as well."""
    labels = {one.cls.__name__: one for one in CATALOGUE}
    first, *rest = name.split() or [""]
    declaration = labels.get(first)
    fields = declaration.facts if declaration else {}
    levels = code_lists()["HOSPLEVEL"]["codes"]
    found = declaration.label if declaration else ""
    for word in rest:
        if word in labels:
            found += f"或{labels[word].label}"
        elif word in fields:
            found += f"（{fields[word].label}）"
        elif word in levels:
            found += f"（{levels[word]['zh']}）"
    return found


def _department(code: str) -> str:
    zh: str = code_lists()["DEPT"]["codes"].get(code, {}).get("zh", code)
    return zh


def _division(code: str | None) -> str:
    zh: str = code_lists()["DIV"]["codes"].get(code, {}).get("zh", "")
    return zh
