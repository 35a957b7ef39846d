"""Days, months and working days as the law counts them.

The day of the event is not counted. Calendar days and months end where they end, on a day off too; a month ends on the
same day number, or on its last day. Working days leave out weekends and holidays and count the weekends that are worked
in their place; they never end on a day off. Source: 民法典 art. 201–203, and the yearly notices of the State Council,
which `holidays.json` holds. Of a year without a notice only the holidays that the law itself sets are known: what ends
in it, or runs through it, is provisional.
"""

import json
from bisect import bisect_right
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

FIRST, LAST = date(2000, 1, 1), date(2040, 12, 31)
"""Between these days working days are counted."""
_SATURDAY = 5
_FEBRUARY = 2
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def add_days(begin: date, days: int) -> date:
    """Return the day that many calendar days after `begin`."""
    return begin + timedelta(days)


def add_months(begin: date, months: int) -> date:
    """Return the day that many months later (earlier when negative): the same day number, or the month's last."""
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    return date(year, month + 1, min(begin.day, days_in_month(year, month + 1)))


def add_working_days(begin: date, days: int) -> date:
    """Return the day on which that many working days after `begin` have passed. Raises IndexError beyond LAST."""
    if days == 0:
        return begin
    worked = _working_days()
    return worked[bisect_right(worked, begin) + days - 1]


def is_provisional(begin: date, end: date) -> bool:
    """Whether working days between two days rest on a year whose holidays have not been announced."""
    return any(year in _provisional_years() for year in range(begin.year, end.year + 1)) or end.year > _last_known()


def month_of(day: date) -> str:
    """Return a day's month as text, like 2025-04."""
    return f"{day.year:04}-{day.month:02}"


@cache
def first_of(month: str) -> date:
    """Return the first day of a month that is written like 2025-04."""
    return date(int(month[:4]), int(month[5:]), 1)


@cache
def last_of(month: str) -> date:
    """Return the last day of a month that is written like 2025-04."""
    first = first_of(month)
    return first.replace(day=days_in_month(first.year, first.month))


@cache
def next_month(month: str, by: int = 1) -> str:
    """Return the month that many after another one."""
    return month_of(add_months(first_of(month), by))


def months_between(first: str, last: str) -> list[str]:
    """Return the months from one to another, both included; none when the last comes before the first."""
    begin, end = first_of(first), first_of(last)
    count = (end.year - begin.year) * 12 + end.month - begin.month + 1
    return [month_of(add_months(begin, n)) for n in range(max(count, 0))]


def on_month_day(year: int, month_day: str) -> date:
    """Return a day of a year that is written like 02-28; 29 February is the month's last day."""
    month, day = int(month_day[:2]), int(month_day[3:])
    return date(year, month, min(day, days_in_month(year, month)))


def days_in_month(year: int, month: int) -> int:
    """Return how many days a month has."""
    return 29 if month == _FEBRUARY and year % 4 == 0 and (year % 100 or year % 400 == 0) else _DAYS[month - 1]


def birthday(born: date, age: int) -> date:
    """Return the day on which somebody reaches an age; who was born on 29 February, else on 28 February."""
    year = born.year + age
    return date(year, born.month, min(born.day, days_in_month(year, born.month)))


@cache
def _holidays() -> dict[str, dict[str, Any]]:
    text = files("shared.policy").joinpath("holidays.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@cache
def _provisional_years() -> frozenset[int]:
    return frozenset(int(year) for year, said in _holidays().items() if said.get("provisional"))


@cache
def _last_known() -> int:
    return max(map(int, _holidays()))


@cache
def _working_days() -> list[date]:
    off, work = set[date](), set[date]()
    for year, said in _holidays().items():
        for span in said["off"]:
            first, _, last = span.partition("..")
            day, end = on_month_day(int(year), first), on_month_day(int(year), last or first)
            off.update(day + timedelta(n) for n in range((end - day).days + 1))
        work.update(on_month_day(int(year), day) for day in said["work"])
    every = (FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1))
    return [day for day in every if day in work or (day.weekday() < _SATURDAY and day not in off)]
