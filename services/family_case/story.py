"""A history as a story: one sentence an event, a paragraph a year, with footnotes to the events. Pure.

It says nothing that the history does not say, and leaves out nothing: the same document gives the same text.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from shared.language.kinds import chinese_day


def story(case: dict[str, Any]) -> dict[str, Any]:
    """Return the story of the JSON document of a history: paragraphs by year, and the footnotes."""
    told = sorted(case["entries"], key=lambda entry: (_day(entry), entry["number"]))
    return {
        "family": case["family"],
        "known": case["known"],
        "effective": case["effective"],
        "opening": _opening(case),
        "paragraphs": [
            {"year": year, "sentences": [{"text": _sentence(one), "note": one["number"]} for one in entries]}
            for year, entries in groupby(told, key=lambda entry: _day(entry)[:4])
        ],
        "notes": [
            {"note": one["number"], "event": one["id"], "by": one["by"], "recorded": one["asserted"]}
            for one in sorted(told, key=lambda entry: int(entry["number"]))
        ],
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a story for a terminal."""
    yield f"家庭案卷 {found['family']} 的经历"
    yield found["opening"]
    for paragraph in found["paragraphs"]:
        yield ""
        yield f"{paragraph['year']}年"
        yield "".join(f"{one['text']}〔{one['note']}〕" for one in paragraph["sentences"])
    yield ""
    yield from (
        f"〔{one['note']}〕{one['by']}，{chinese_day(one['recorded'])}登记，{one['event']}" for one in found["notes"]
    )


def _day(entry: dict[str, Any]) -> str:
    """Return the day on which an event is told: an amendment's is that on which it was written down."""
    day: str = entry["asserted"] if "amends" in entry else entry["happened"]
    return day


def _opening(case: dict[str, Any]) -> str:
    views = [f"{chinese_day(case['known'])}当时所知"] if case["known"] else []
    views += [f"截至{chinese_day(case['effective'])}的事实"] if case["effective"] else []
    view = f"（{'、'.join(views)}）" if views else ""
    members = f"，成员：{'、'.join(case['members'])}" if case["members"] else ""
    missing = [f"{one['department']}缺{one['missing']}条" for one in case["sources"] if one["missing"]]
    whole = f"数据不全：{'、'.join(missing)}。" if missing else ""
    return f"这一户{view}共有 {len(case['entries'])} 条记录{members}。{whole}"


def _sentence(entry: dict[str, Any]) -> str:
    """Return one event as a sentence: when, who wrote it down, what; and what became of it."""
    day = chinese_day(_day(entry))
    said = f"{day}，{entry['by']}：{entry['sentence']}"
    if entry["days_late"] > 0 and "amends" not in entry:
        said += f"（{chinese_day(entry['asserted'])}补记）"
    if "corrected" in entry:
        mark = entry["corrected"]
        changed = "，".join(f"{one['label']}由“{one['before']}”改为“{one['after']}”" for one in mark["changes"])
        said += f"；{chinese_day(mark['when'])}经{mark['who']}更正{f'，{changed}' if changed else ''}"
    if "withdrawn" in entry:
        mark = entry["withdrawn"]
        said += f"；但{chinese_day(mark['when'])}{mark['who']}将其撤销，原因是{mark['why']}，这件事视为从未登记"
    return f"{said}。"
