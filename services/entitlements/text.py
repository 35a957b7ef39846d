"""What a family is owed as text for a terminal."""

from collections.abc import Iterator
from typing import Any

from services.entitlements.rehearsal import KINDS
from services.entitlements.verdicts import State
from services.entitlements.words import STATES, missing_name
from shared.language.kinds import chinese_day
from shared.policy.lists import clauses, code_lists
from shared.policy.parameters import parameter


def lines(document: dict[str, Any], *, explain: bool = False) -> Iterator[str]:
    """Yield the lines of a document of `owed`; with `explain`, the reasons of each verdict under it."""
    days = f"截至{chinese_day(document['effective'])}，{chinese_day(document['known'])}所知"
    yield f"家庭案卷 {document['family']} 应得事项（{days}）"
    for one in document["verdicts"]:
        state = STATES[State(one["state"])]
        yield f"{one['rule']} {one['label']}｜{one['who']}｜{state}"
        yield from (f"     {_gap(gap)}" for gap in one["gaps"])
        yield from (f"     ▲ {_warning(warning)}" for warning in one["warnings"])
        yield from (f"     · {step['says']}" for step in one.get("handled", ()))
        if one["state"] in {State.PENDING, State.ELIGIBLE_NOT_APPLIED} and "due" in one:
            yield f"     期限 {chinese_day(one['due'])}"
        if explain:
            yield f"     {one['says']}"
            yield f"     依据 {one['clause']} {clauses().get(one['clause'], '')}；事件 {'、'.join(one['evidence'])}"
    if not document["verdicts"]:
        yield "没有待办事项。"
    yield from (f"{process_line(one)}" for one in document["processes"])
    yield from (f"▲ 报市残联督办：{one['says']}" for one in document["escalations"])
    for one in document["retracted"]:
        kind = {"correction": "更正", "withdrawal": "撤销"}[one["kind"]]
        yield f"因{chinese_day(one['recorded'])}的{kind}（{one['why']}）重新判定："
        yield from (f"     {change(verdict)}" for verdict in one["verdicts"])
    overdue = sum(
        gap["type"] != "G5" and "held_until" not in gap for one in document["verdicts"] for gap in one["gaps"]
    )
    yield f"共 {len(document['verdicts'])} 项，其中逾期 {overdue} 项。"


def _gap(gap: dict[str, Any]) -> str:
    lists = code_lists()
    kind = lists["GAPTYPE"]["codes"][gap["type"]]["zh"]
    kind += f"“{missing_name(gap['missing'])}”" if "missing" in gap else ""
    who = lists["DIV"]["codes"].get(gap["division"], {}).get("zh", "") + lists["DEPT"]["codes"][gap["department"]]["zh"]
    due = f"，期限{chinese_day(gap['due'])}" if gap["due"] else ""
    held = f"，暂缓至{chinese_day(gap['held_until'])}" if "held_until" in gap else ""
    return f"{gap['type']} {kind}：{who}，自{chinese_day(gap['since'])}起{due}{held}"


def _warning(warning: dict[str, Any]) -> str:
    kind = code_lists()["GAPTYPE"]["codes"][warning["type"]]["zh"]
    due = f"，期限{chinese_day(warning['due'])}" if "due" in warning else ""
    return f"{warning['type']} {kind}，自{chinese_day(warning['since'])}起{due}"


def process_line(one: dict[str, Any]) -> str:
    """Return how a process stands, as a line."""
    who = f"（{one['who']}）" if one["who"] else ""
    due = f"，期限{chinese_day(one['due'])}" if one["due"] else ""
    state = {State.MET: "已答复", State.GAP: "逾期未答复"}.get(State(one["state"]), "待答复")
    return f"{one['label']}{who}：{chinese_day(one['asked'])}提出，{state}{due}"


def impact_lines(one: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of what one retraction did."""
    kind = {"correction": "更正", "withdrawal": "撤销"}[one["kind"]]
    original = one.get("original")
    about = f"，所涉记录：{chinese_day(original['recorded'])}登记的“{original['label']}”" if original else ""
    yield f"{one['event']} {chinese_day(one['recorded'])}{kind}（{one['why']}）{about}"
    for family in one["families"]:
        yield f"  家庭案卷 {family['family']}，截至{chinese_day(one['effective'])}的判定"
        for verdict in family["verdicts"]:
            changed = verdict["changed"]
            yield f"     {change(verdict)}" if changed else f"     {_rule(verdict)}｜不变，曾以该记录为据"
        for event in family["events"]:
            yield f"     待核：{chinese_day(event['day'])}{event['label']}（{event['event']}）"
    if not one["families"]:
        yield "  没有影响任何一户的判定。"


def change(verdict: dict[str, Any]) -> str:
    """Return how a verdict changed, as a line: its states, and the gaps if they are others too."""
    return f"{_rule(verdict)}｜{_said(verdict['before'])} → {_said(verdict['after'])}"


def _rule(verdict: dict[str, Any]) -> str:
    return f"{verdict['rule']} {verdict['label']}｜{verdict['who']}"


def _said(verdict: dict[str, Any]) -> str:
    kinds = code_lists()["GAPTYPE"]["codes"]
    signs = [f"{kinds[gap['type']]['zh']}自{chinese_day(gap['since'])}" for gap in verdict["gaps"]]
    signs += [f"提示{kinds[sign['type']]['zh']}自{chinese_day(sign['since'])}" for sign in verdict["warnings"]]
    signs += [f"期限{chinese_day(verdict['due'])}"] if verdict["due"] else []
    return STATES[State(verdict["state"])] + (f"（{'，'.join(signs)}）" if signs else "")


def work_lines(page: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a page of a work list."""
    lists = code_lists()
    for row in page["rows"]:
        who = (
            lists["DIV"]["codes"].get(row["division"], {}).get("zh", "")
            + lists["DEPT"]["codes"][row["department"]]["zh"]
        )
        due = f"，期限{chinese_day(row['due'])}" if row["due"] else ""
        held = f"，暂缓至{chinese_day(row['held_until'])}" if row["held_until"] else ""
        kind = lists["GAPTYPE"]["codes"][row["type"]]["zh"]
        yield f"{row['family']} {row['who']}｜{row['rule']} {row['label']}｜{kind}｜{who}｜已{row['days']}天{due}{held}"
    if not page["rows"]:
        yield "没有待办事项。"
    yield from _behind(page)
    if page["next"]:
        yield f"还有更多，接着看：--after '{page['next']}'"


def count_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of how much is open, by department, county and kind of gap."""
    lists = code_lists()
    for one in found["counts"]:
        who = (
            lists["DIV"]["codes"].get(one["division"], {}).get("zh", "")
            + lists["DEPT"]["codes"][one["department"]]["zh"]
        )
        kind = lists["GAPTYPE"]["codes"][one["type"]]["zh"]
        yield f"{who}｜{one['type']} {kind}｜{one['count']} 项｜最早自{chinese_day(one['oldest'])}起"
    if not found["counts"]:
        yield "没有待办事项。"
    yield from _behind(found)


def _behind(found: dict[str, Any]) -> Iterator[str]:
    if found["behind"]:
        yield f"另有 {found['behind']} 户正在重新判定，清单稍后更新。"


def rehearsal_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of what a rehearsal came to."""
    for one in found["draft"]:
        since = f"自{chinese_day(one['from'])}起" if one["from"] else "一直"
        name = f"{one['parameter']} {parameter(one['parameter']).zh}"
        yield f"试算：{_place(one['division'])}{since}按 {name} = {one['value']}"
    days = "、".join(chinese_day(day) for day in found["days"])
    yield f"{found['families']} 户，截至{days}；{found['families_changed']} 户的判定会有不同。"
    for one in found["changes"]:
        yield (
            f"{chinese_day(one['day'])} {_place(one['county'])}｜{one['rule']} {one['label']}｜"
            f"{KINDS[one['kind']]}｜{one['families']} 户 {one['verdicts']} 项"
        )
    for one in found["costs"]:
        yield (
            f"{chinese_day(one['month'])} {_place(one['county'])}｜{one['benefit']}｜"
            f"现 {one['now']} 元，试 {one['draft']} 元，差 {one['difference']} 元"
        )
    for one in found["at_most"]:
        yield f"{chinese_day(one['day'])} {_place(one['county'])}｜{one['rule']}｜至多 {one['amount']} 元：{one['how']}"
    for one in found["estimates"]:
        yield f"估算方法：{one['benefit']}＝{one['how']}"


def _place(division: str | None) -> str:
    zh: str = code_lists()["DIV"]["codes"].get(division, {}).get("zh", "")
    return zh
