"""Indicators as text for a terminal, and the words of pages: Chinese names of keys, columns and tables."""

from collections.abc import Iterable, Iterator
from typing import Any

from services.entitlements.indicators.tables import NOWHERE_KNOWN, WHOLE_CITY
from services.entitlements.rules import load
from shared.policy.lists import clauses, code_lists

BY = {
    "clause": "条款",
    "rule": "事项",
    "county": "区划",
    "department": "部门",
    "type": "种类",
    "fund": "资金来源",
    "benefit": "待遇",
    "month": "月份",
    "clock": "时限",
    "purpose": "用途",
    "year": "年度",
    "category": "类别",
    "state": "状态",
}
"""What dimensions are called."""
_LISTS = {
    "county": "DIV",
    "department": "DEPT",
    "type": "GAPTYPE",
    "fund": "FUND",
    "benefit": "BENEFIT",
    "purpose": "BENEFIT",
    "category": "SHCAT",
}
_CLOCKS = {"C-REFERRAL": "转介答复", "C-DISPUTE": "异议答复", "C-RECTIFY": "整改", "C-SHARE": "数据共享答复"}


def named(dimension: str, value: str) -> str:
    """Return what a key is called in Chinese; itself where it has no other name."""
    if value in {WHOLE_CITY, NOWHERE_KNOWN}:
        return "全市" if value == WHOLE_CITY else "不详"
    if dimension == "rule":
        rule = load().get(value)
        return f"{value} {rule.label}" if rule else value
    if dimension == "clause":
        return f"{value} {clauses().get(value, '')}".strip()
    if dimension == "clock":
        return _CLOCKS.get(value, value)
    codes = code_lists().get(_LISTS.get(dimension, ""), {}).get("codes", {})
    return str(codes.get(value, {}).get("zh", value))


def lines(tables: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of tables: a heading, then a line for each row with what is not nothing."""
    for table in tables:
        yield f"【{table['zh']}】"
        for row in table["rows"]:
            who = "｜".join(named(name, row[name]) for name in table["by"])
            said = "，".join(f"{zh}{row[column]}" for column, zh in table["columns"].items() if _says(row[column]))
            yield f"{who}：{said or '无'}"
        if not table["rows"]:
            yield "没有记录。"


def basis_line(basis: dict[str, Any]) -> str:
    """Return in a line what numbers rest on."""
    known = f"{basis['known']}所知" if basis["known"] else "已收到的全部记录"
    events = sum(basis["positions"].values())
    return f"依据：截至{basis['effective']}的事实，{known}，{events}条部门记录，规则第{basis['edition']}版"


def _says(value: Any) -> bool:
    """Whether a value is worth a word: not absent, and not zero in whatever form."""
    return value is not None and bool(str(value).strip("0."))
