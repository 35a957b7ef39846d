"""A history as text for a terminal: what a case worker reads, one event after the other."""

from collections.abc import Iterator
from typing import Any

from shared.language.kinds import chinese_day
from shared.policy.lists import clauses


def as_text(case: dict[str, Any]) -> str:
    """Return the JSON document of a history as text."""
    return "\n".join(_lines(case)) + "\n"


def base_as_text(case: dict[str, Any]) -> str:
    """Return the JSON document of a base's history as text."""
    return "\n".join(_base_lines(case)) + "\n"


def _lines(case: dict[str, Any]) -> Iterator[str]:
    yield f"家庭案卷 {case['family']}"
    yield from _views(case)
    yield f"成员：{'、'.join(case['members'])}"
    yield ""
    yield from _entries(case, "在所选日期之前，没有部门登记过这一户的事件。")


def _base_lines(case: dict[str, Any]) -> Iterator[str]:
    stands = case["status"]
    yield f"服务基地 {stands['name']}（{case['base']}）"
    yield from _views(case)
    yield f"{chinese_day(stands['day'])}：{stands['says']}"
    for one in stands["agreements"]:
        agreed = f"{chinese_day(one['established_on'])}设立" if one["established_on"] else "尚未签署协议"
        until = f"，协议有效期至{chinese_day(one['valid_to'])}" if one["valid_to"] else ""
        yield f"{one['label']}：{agreed}{until}"
        yield from (f"     ▲ 不得开新班：{stop['zh']}" for stop in one["stops"])
    yield from (f"     ▲ 不得开新班：{stop['zh']}" for stop in stands["stops"])
    team, all_ = stands["team"], stands["participants"]
    if stands["state"] != "elsewhere":
        yield f"师资 {team['trainers']} 人，其中残疾人或残疾人亲友 {team['peers']} 人"
    counts = f"入班 {all_['enrolled']} 人次，尚未结束 {all_['unfinished']} 人次"
    yield f"培训班 {len(stands['cohorts'])} 期，{counts}，已录入国家系统 {all_['entries']['entered']} 人次"
    yield ""
    yield from _entries(case, "没有登记过这一基地的事件；学员的事件在其家庭案卷里。")


def _views(case: dict[str, Any]) -> Iterator[str]:
    views = [f"{chinese_day(case['known'])}当时所知"] if case["known"] else []
    views += [f"截至{chinese_day(case['effective'])}的事实"] if case["effective"] else []
    if views:
        yield f"【历史视图：{'、'.join(views)}】"


def _entries(case: dict[str, Any], if_none: str) -> Iterator[str]:
    for entry in case["entries"]:
        yield from _entry(entry)
    if not case["entries"]:
        yield if_none
    yield ""
    missing = [f"{source['department']}缺{source['missing']}条" for source in case["sources"] if source["missing"]]
    yield f"共 {len(case['entries'])} 条。" + (f"数据不全：{'、'.join(missing)}。" if missing else "各部门数据不缺。")


def _entry(entry: dict[str, Any]) -> Iterator[str]:
    late = f"（迟{entry['days_late']}天登记）" if entry["days_late"] > 0 else ""
    marks = ("【已更正】" if "corrected" in entry else "") + ("【已撤销】" if "withdrawn" in entry else "")
    when = f"{chinese_day(entry['happened'])}{late}"
    yield f"{entry['number']:>3}. {when} {entry['by']} {marks}{entry['sentence']}"
    cited = "；".join(f"{clause} {clauses().get(clause, '')}" for clause in entry["clauses"])
    yield f"     依据 {cited}"
    for flag in entry.get("flags", []):
        by = "（家庭案卷标注）" if flag["raised_by"] == "case" else ""
        yield f"     ▲ 注意：{flag['zh']}{by}"
    if "corrected" in entry:
        mark = entry["corrected"]
        changed = "，".join(f"{c['label']}：{c['before']}→{c['after']}" for c in mark["changes"])
        yield f"     ▲ {chinese_day(mark['when'])}{mark['who']}更正（{changed}），原因：{mark['why']}"
    if "withdrawn" in entry:
        mark = entry["withdrawn"]
        yield f"     ▲ {chinese_day(mark['when'])}{mark['who']}撤销，原因：{mark['why']}"
