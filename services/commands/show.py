"""A history as text for a terminal: what a case worker reads, one event after the other."""

from collections.abc import Iterator
from typing import Any

from shared.language.kinds import chinese_day
from shared.policy.lists import clauses


def as_text(case: dict[str, Any]) -> str:
    """Return the JSON document of a history as text."""
    return "\n".join(_lines(case)) + "\n"


def _lines(case: dict[str, Any]) -> Iterator[str]:
    yield f"家庭案卷 {case['family']}"
    views = [f"{chinese_day(case['known'])}当时所知"] if case["known"] else []
    views += [f"截至{chinese_day(case['effective'])}的事实"] if case["effective"] else []
    if views:
        yield f"【历史视图：{'、'.join(views)}】"
    yield f"成员：{'、'.join(case['members'])}"
    yield ""
    for entry in case["entries"]:
        yield from _entry(entry)
    if not case["entries"]:
        yield "在所选日期之前，没有部门登记过这一户的事件。"
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
