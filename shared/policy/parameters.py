"""The policy's parameters: numbers that it leaves open, each with its default and the grammar of its values.

`parameters.json` says of each what it is (`zh`, `en`), `who` decides it, and whether a county may have its own value. A
value travels as text: a number, a day, codes separated by commas, or JSON where it has parts.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from shared.errors import Refused
from shared.json import parse_strict
from shared.policy.lists import code_lists

VALUE_LENGTH = 4_000
"""How long the text of a value may be."""
EVERYWHERE = "*"
"""The whole city, in a table by county."""
ROWS = 200
"""How many rows a table may have."""
_LEAP_YEAR = 2000


class Unfit(Exception):
    """A value does not fit its grammar: what it should be, in Chinese and English. It never holds the value."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class Parameter:
    """One parameter. `grammar` says what its values are, `default` is the text of the value where nobody set one."""

    id: str
    zh: str
    en: str
    who: str
    by_county: bool
    grammar: Mapping[str, Any]
    unit: str
    default: str | None

    def read(self, text: str) -> Any:
        """Return a value's text as a typed value, None where it says that there is none. Raises Unfit."""
        if text == "null" and self.grammar.get("null"):
            return None
        return _read(self.grammar, text)

    @cached_property
    def standard(self) -> Any:
        """The typed value where nobody set one."""
        return None if self.default is None else self.read(self.default)


@cache
def parameters() -> dict[str, Parameter]:
    """Return the parameters by their ids."""
    text = files("shared.policy").joinpath("parameters.json").read_text(encoding="utf-8")
    return {
        name: Parameter(
            name,
            said["zh"],
            said["en"],
            said["who"],
            said["by_county"],
            said["type"],
            said.get("unit", ""),
            said["default"],
        )
        for name, said in json.loads(text).items()
    }


def parameter(name: str) -> Parameter:
    """Return a parameter. Raises KeyError for an id that is not listed."""
    return parameters()[name]


Grammar = Mapping[str, Any]


def _read(grammar: Grammar, text: str) -> Any:
    return _READERS[grammar["kind"]](grammar, text)


def _integer(grammar: Grammar, text: str) -> int:
    least, most = grammar["min"], grammar["max"]
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
        raise Unfit(f"应为 {least} 到 {most} 的整数。", f"This must be a whole number from {least} to {most}.")
    return int(text)


def _decimal(grammar: Grammar, text: str) -> Decimal:
    least, most, places = Decimal(grammar["min"]), Decimal(grammar["max"]), grammar["places"]
    if not re.fullmatch(rf"\d{{1,9}}(\.\d{{1,{places}}})?", text, re.ASCII) or not least <= Decimal(text) <= most:
        zh = f"应为 {least} 到 {most} 的数，小数最多 {places} 位。"
        raise Unfit(zh, f"This must be a number from {least} to {most} with at most {places} decimals.")
    return Decimal(text)


def _boolean(_: Grammar, text: str) -> bool:
    if text not in {"true", "false"}:
        raise Unfit("应为 true 或 false。", "This must be true or false.")
    return text == "true"


def _enum(grammar: Grammar, text: str) -> str:
    if text not in grammar["values"]:
        values = grammar["values"]
        raise Unfit(f"应为其中之一：{'、'.join(values)}。", f"This must be one of {', '.join(values)}.")
    return text


def _code(grammar: Grammar, text: str) -> str:
    name = grammar["list"]
    if text not in code_lists()[name]["codes"]:
        raise Unfit(f"应为代码表 {name} 中的代码。", f"This must be a code of the list {name}.")
    return text


def _disability(_: Grammar, text: str) -> tuple[str, str | None]:
    """Read a grade, or a grade of one category: 1, or 3:5."""
    grade, colon, category = text.partition(":")
    lists = code_lists()
    if grade not in lists["DISGRADE"]["codes"] or (colon and category not in lists["DISCAT"]["codes"]):
        raise Unfit("应为残疾等级，或“等级:类别”，如 3:5。", "This must be a grade, or grade:category such as 3:5.")
    return grade, category or None


def _list(grammar: Grammar, text: str) -> tuple[Any, ...]:
    found = tuple(_read(grammar["of"], item.strip()) for item in text.split(","))
    if len(set(found)) < len(found):
        raise Unfit("不得重复列入。", "This must not name anything twice.")
    return found


def _date(_: Grammar, text: str) -> date:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Unfit("应为日期，如 2025-12-31。", "This must be a day such as 2025-12-31.")


def _month_day(_: Grammar, text: str) -> str:
    try:
        if re.fullmatch(r"\d\d-\d\d", text, re.ASCII):
            date.fromisoformat(f"{_LEAP_YEAR}-{text}")
            return text
    except ValueError:
        pass
    raise Unfit("应为月和日，如 03-31。", "This must be a month and day such as 03-31.")


def _range(grammar: Grammar, text: str) -> tuple[Any, Any]:
    numbers = grammar["of"]["kind"] == "integer"
    first, mark, last = text.partition("-" if numbers else "..")
    low, high = (_read(grammar["of"], part.strip()) for part in (first, last)) if mark else (1, 0)
    if low > high:
        shown = "16-59" if numbers else "01-01..03-31"
        raise Unfit(f"应为范围，小者在前，如 {shown}。", f"This must be a range, the smaller first, such as {shown}.")
    return low, high


def _record(grammar: Grammar, text: str) -> dict[str, Any]:
    return _fields(grammar["fields"], _json(text))


def _table(grammar: Grammar, text: str) -> tuple[dict[str, Any], ...]:
    rows = _json(text)
    if not isinstance(rows, list) or not 1 <= len(rows) <= ROWS:
        raise Unfit(f"应为 1 到 {ROWS} 行的 JSON 列表。", f"This must be a JSON list of 1 to {ROWS} rows.")
    columns = {"division": {"kind": "division"}, **grammar["columns"]}
    return tuple(_fields(columns, row) for row in rows)


def _division(_: Grammar, text: str) -> str:
    if text != EVERYWHERE and text not in code_lists()["DIV"]["codes"]:
        raise Unfit("division 应为区划代码，或 *（全市）。", "A division is a division's code, or * for the city.")
    return text


def _fields(fields: Mapping[str, Grammar], found: Any) -> dict[str, Any]:
    if not isinstance(found, dict) or found.keys() != fields.keys():
        names = list(fields)
        raise Unfit(f"应有且只有这些项：{'、'.join(names)}。", f"This must have these parts alone: {', '.join(names)}.")
    return {name: _read(grammar, _as_text(found[name])) for name, grammar in fields.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | str) else ""  # a number with decimals is text, never a float


def _json(text: str) -> Any:
    try:
        return parse_strict(text.encode())
    except Refused:
        raise Unfit("应为 JSON。", "This must be JSON.") from None


_READERS: dict[str, Callable[[Grammar, str], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "enum": _enum,
    "code": _code,
    "disability": _disability,
    "list": _list,
    "date": _date,
    "month-day": _month_day,
    "range": _range,
    "record": _record,
    "table": _table,
    "division": _division,
}
