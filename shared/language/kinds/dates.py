"""Days, months and years: as they stand in the calendar, without a clock and without a zone."""

import re
from datetime import date
from typing import Annotated, Any

from shared.language.kinds.base import Cell, Kind, Label, Setting, Unreadable

_DAY = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MONTH = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"
_IS_DAY, _IS_MONTH = re.compile(_DAY), re.compile(_MONTH)
_YEARS = range(1900, 2200)


def chinese_day(day: str) -> str:
    """Return an ISO date (2025-04-09) as 2025年4月9日, a month as 2025年4月."""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(day.split("-"), "年月日", strict=False))


def _read_day(value: Any, _: Setting) -> date:
    if isinstance(value, str) and _IS_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Unreadable(
        "not_a_date", "应为存在的日期，如 2025-04-09。", "This must be a date in the calendar, like 2025-04-09."
    )


def _read_month(value: Any, _: Setting) -> str:
    if isinstance(value, str) and _IS_MONTH.fullmatch(value):
        return value
    raise Unreadable("not_a_month", "应为年月，如 2025-04。", "This must be a month, like 2025-04.")


def _read_year(value: Any, _: Setting) -> int:
    if type(value) is int and value in _YEARS:
        return value
    raise Unreadable("not_a_count", "应为 1900 到 2199 之间的整数。", "This must be a whole number from 1900 to 2199.")


def _show_day(stored: Any, _: Label) -> str:
    return chinese_day(stored)


DAY = Kind(
    "day", "日期", date, _read_day, {"type": "string", "format": "date"}, "2025-04-10",
    store=date.isoformat, load=date.fromisoformat, show=_show_day, cell=Cell("yyyy-mm-dd"),
)  # fmt: skip
MONTH = Kind(
    "month", "年月", str, _read_month, {"type": "string", "pattern": f"^{_MONTH}$"}, "2025-04",
    show=_show_day, cell=Cell("@"),
)  # fmt: skip
YEAR = Kind(
    "year", "年份", int, _read_year, {"type": "integer", "minimum": _YEARS[0], "maximum": _YEARS[-1]}, 2025,
    cell=Cell("0"), numeric=True,
)  # fmt: skip

Day = Annotated[date, DAY]
Month = Annotated[str, MONTH]
Year = Annotated[int, YEAR]
