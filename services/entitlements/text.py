"""What a family is owed as text for a terminal."""

from collections.abc import Iterator
from typing import Any

from services.entitlements.verdicts import State
from services.entitlements.words import STATES
from shared.language.kinds import chinese_day
from shared.policy.lists import clauses, code_lists


def lines(document: dict[str, Any], *, explain: bool = False) -> Iterator[str]:
    """Yield the lines of a document of `owed`; with `explain`, the reasons of each verdict under it."""
    days = f"截至{chinese_day(document['effective'])}，{chinese_day(document['known'])}所知"
    yield f"家庭案卷 {document['family']} 应得事项（{days}）"
    for one in document["verdicts"]:
        state = STATES[State(one["state"])]
        yield f"{one['rule']} {one['label']}｜{one['who']}｜{state}"
        yield from (f"     {_gap(gap)}" for gap in one["gaps"])
        yield from (f"     ▲ {_warning(warning)}" for warning in one["warnings"])
        if one["state"] in {State.PENDING, State.ELIGIBLE_NOT_APPLIED} and "due" in one:
            yield f"     期限 {chinese_day(one['due'])}"
        if explain:
            yield f"     {one['says']}"
            yield f"     依据 {one['clause']} {clauses().get(one['clause'], '')}；事件 {'、'.join(one['evidence'])}"
    if not document["verdicts"]:
        yield "没有待办事项。"
    overdue = sum(
        gap["type"] != "G5" and "held_until" not in gap for one in document["verdicts"] for gap in one["gaps"]
    )
    yield f"共 {len(document['verdicts'])} 项，其中逾期 {overdue} 项。"


def _gap(gap: dict[str, Any]) -> str:
    lists = code_lists()
    kind = lists["GAPTYPE"]["codes"][gap["type"]]["zh"]
    who = lists["DIV"]["codes"].get(gap["division"], {}).get("zh", "") + lists["DEPT"]["codes"][gap["department"]]["zh"]
    due = f"，期限{chinese_day(gap['due'])}" if gap["due"] else ""
    held = f"，暂缓至{chinese_day(gap['held_until'])}" if "held_until" in gap else ""
    return f"{gap['type']} {kind}：{who}，自{chinese_day(gap['since'])}起{due}{held}"


def _warning(warning: dict[str, Any]) -> str:
    kind = code_lists()["GAPTYPE"]["codes"][warning["type"]]["zh"]
    due = f"，期限{chinese_day(warning['due'])}" if "due" in warning else ""
    return f"{warning['type']} {kind}，自{chinese_day(warning['since'])}起{due}"
