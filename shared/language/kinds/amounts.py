"""Numbers: money, hours and rates are decimal strings, counts are whole numbers; and the flag."""

import re
from decimal import Decimal
from typing import Annotated, Any

from shared.language.kinds.base import Cell, Kind, Label, Setting, Unreadable

COUNT_LIMIT = 1_000_000_000
_CENT = Decimal("0.01")


def _shape(places: int) -> str:
    return rf"[0-9]{{1,12}}(\.[0-9]{{1,{places}}})?"


_TWO_PLACES, _FOUR_PLACES = re.compile(_shape(2)), re.compile(_shape(4))
_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")


def _read_money(value: Any, _: Setting) -> Decimal:
    if isinstance(value, str):
        if _TWO_PLACES.fullmatch(value):
            return Decimal(value).quantize(_CENT)
        if _NEGATIVE.fullmatch(value):
            raise Unreadable("negative_amount", "金额不能为负。", "An amount cannot be negative.")
    raise Unreadable(
        "not_money", '金额须为文字形式的元，至多两位小数，如 "3000.10"。', 'Money is a string of yuan, like "3000.10".'
    )


def _read_hours(value: Any, _: Setting) -> Decimal:
    text = str(value) if type(value) is int else value
    if isinstance(text, str) and _TWO_PLACES.fullmatch(text):
        return Decimal(text)
    raise Unreadable("not_hours", '小时数须为文字，如 "1.5"。', 'Hours are a string, like "1.5".')


def _read_rate(value: Any, _: Setting) -> Decimal:
    if isinstance(value, str) and _FOUR_PLACES.fullmatch(value):
        return Decimal(value)
    raise Unreadable("not_a_rate", '比例须为文字，如 "0.5"。', 'A rate is a string, like "0.5".')


def _read_count(value: Any, _: Setting) -> int:
    if type(value) is int and 0 <= value <= COUNT_LIMIT:
        return value
    raise Unreadable(
        "not_a_count",
        f"应为 0 到 {COUNT_LIMIT} 之间的整数。",
        f"This must be a whole number from 0 to {COUNT_LIMIT}.",
    )


def _read_flag(value: Any, _: Setting) -> bool:
    if isinstance(value, bool):
        return value
    raise Unreadable("not_a_flag", "应为 true 或 false。", "This must be true or false.")


def _show_money(stored: Any, _: Label) -> str:
    return f"{stored}元"


def _show_flag(stored: Any, _: Label) -> str:
    return "是" if stored else "否"


def _schema(places: int) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{_shape(places)}$"}


_HOURS: dict[str, Any] = {"anyOf": [_schema(2), {"type": "integer", "minimum": 0, "maximum": 10**12 - 1}]}

MONEY = Kind(
    "money", "金额（元）", Decimal, _read_money, _schema(2), "632.00",
    stored={"type": "string", "pattern": r"^[0-9]{1,12}\.[0-9]{2}$"},
    store=str, load=Decimal, show=_show_money, cell=Cell("0.00"), numeric=True,
)  # fmt: skip
HOURS = Kind(
    "hours", "小时", Decimal, _read_hours, _HOURS, "36", stored=_schema(2),
    store=str, load=Decimal, cell=Cell("0.##"), numeric=True,
)  # fmt: skip
RATE = Kind(
    "rate", "比例", Decimal, _read_rate, _schema(4), "0.5", store=str, load=Decimal, cell=Cell("0.####"), numeric=True
)
COUNT = Kind(
    "count", "整数", int, _read_count, {"type": "integer", "minimum": 0, "maximum": COUNT_LIMIT}, 1,
    cell=Cell("0"), numeric=True,
)  # fmt: skip
FLAG = Kind(
    "flag", "是否", bool, _read_flag, {"type": "boolean"}, example=True, show=_show_flag, cell=Cell(yes_no=True)
)

Money = Annotated[Decimal, MONEY]
Hours = Annotated[Decimal, HOURS]
Rate = Annotated[Decimal, RATE]
Count = Annotated[int, COUNT]
Flag = Annotated[bool, FLAG]
