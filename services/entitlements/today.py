"""The day F that watches what it is compared with: so it knows until which day the same answer would come out.

A verdict depends on its day through comparisons alone, and on its year and month where years or months are counted.
Each comparison says on which later day it would turn out otherwise; the earliest of them is when to judge again. So a
clock wakes whom it concerns, and nobody else.
"""

from datetime import date, timedelta
from typing import Any

_DAY = timedelta(1)


def as_key(day: date) -> tuple[int, bool]:
    """Return a day as what is kept of it is found by: one that watches is told what it was compared with once."""
    return day.toordinal(), type(day) is date


class Today(date):
    """A day that keeps in `wake` the first later day on which what was asked of it may be answered otherwise."""

    wake: date

    @classmethod
    def of(cls, day: date) -> "Today":
        """Return a day that has not been asked anything."""
        made = cls(date.year.__get__(day), date.month.__get__(day), date.day.__get__(day))
        made.wake = date.max
        return made

    @property
    def plain(self) -> date:
        """The day as one that watches nothing."""
        return date.fromordinal(self.toordinal())

    def until(self, day: date) -> None:
        """Note that from `day` on, if that is later, the answer may be another one."""
        if date.__lt__(self, day) and date.__lt__(day, self.wake):
            self.wake = day

    # The year and the month are asked where years and months are counted; the day of the month changes every day.

    @property
    def year(self) -> int:
        """The year; another answer comes on the next 1 January."""
        found: int = date.year.__get__(self)
        self.until(date(found + 1, 1, 1))
        return found

    @property
    def month(self) -> int:
        """The month; another answer comes on the first of the next."""
        found: int = date.month.__get__(self)
        year: int = date.year.__get__(self)
        self.until(date(year + found // 12, found % 12 + 1, 1))
        return found

    @property
    def day(self) -> int:
        """The day of the month; another answer comes tomorrow."""
        found: int = date.day.__get__(self)
        self.until(date.fromordinal(self.toordinal() + 1))
        return found

    def __lt__(self, other: date) -> bool:
        """Whether it is earlier; another answer comes on that day."""
        if date.__ge__(self, other):
            return False
        if date.__lt__(other, self.wake):
            self.wake = other
        return True

    def __ge__(self, other: date) -> bool:
        """Whether it is not earlier; another answer comes on that day."""
        if date.__ge__(self, other):
            return True
        if date.__lt__(other, self.wake):
            self.wake = other
        return False

    def __le__(self, other: date) -> bool:
        """Whether it is not later; another answer comes on the day after."""
        if date.__gt__(self, other):
            return False
        if date.__lt__(other, self.wake):
            self._after(other)
        return True

    def __gt__(self, other: date) -> bool:
        """Whether it is later; another answer comes on the day after."""
        if date.__gt__(self, other):
            return True
        if date.__lt__(other, self.wake):
            self._after(other)
        return False

    def __eq__(self, other: object) -> bool:
        """Whether it is the same day."""
        if isinstance(other, date):
            self.until(other)
            self._after(other)
        return date.__eq__(self, other)

    def __hash__(self) -> int:
        """Return what a plain day has."""
        return date.__hash__(self)

    def __add__(self, other: timedelta) -> date:  # type: ignore[override]
        """Return a later day; tomorrow it would be another one."""
        self.until(date.fromordinal(self.toordinal() + 1))
        return self.plain + other

    def __sub__(self, other: Any) -> Any:
        """Return an earlier day, or how far it is; tomorrow it would be another one."""
        self.until(date.fromordinal(self.toordinal() + 1))
        return self.plain - other

    def _after(self, other: date) -> None:
        if date.__lt__(other, date.max):
            self.until(date.fromordinal(other.toordinal() + 1))
