"""Work lists of another day: what was open on F, as known on K; every family is judged for it.

Lists of today are kept (`work`). Those of another day are worked out when asked, and the last few are remembered
until something new is filed, so that turning a page costs nothing.
"""

from bisect import bisect_right
from collections import Counter, OrderedDict
from datetime import date
from operator import itemgetter
from threading import Lock
from typing import Any

from services.entitlements.indicators.computing import Indicators, Progress
from services.entitlements.judging import open_rows
from services.entitlements.work import Wanted, as_page, bounded, check, families_of, place
from services.family_case.access import Reader

REMEMBERED = 2
"""How many lists are remembered; one of a city of 60,000 families has some 200,000 rows."""
_COLUMNS = (
    *("family", "rule", "subject", "who", "type", "urgency", "since", "due", "department", "division", "county"),
    *("clause", "state", "held_until"),
)
"""The columns of `open_rows`."""
_ORDER = itemgetter(*(_COLUMNS.index(name) for name in ("urgency", "since", "family", "rule", "subject")))
_DAYS = ("since", "due", "held_until")
_COUNTED = ("department", "division", "type")
_BOUNDS = ("department", "division", "county")

Row = tuple[Any, ...]
When = tuple[date | None, date]


class PastWork:
    """The lists of days gone by, or to come."""

    def __init__(self, indicators: Indicators) -> None:
        self.indicators = indicators
        self._found: OrderedDict[When, list[Row]] = OrderedDict()
        self._reached = -1
        self._one_at_a_time = Lock()

    def open(
        self, wanted: Wanted, reader: Reader, purpose: str, progress: Progress = lambda *_: None
    ) -> dict[str, Any]:
        """Return a page of what somebody may see, on record before. Raises Refused or AccessNotRecorded."""
        found = self.page(bounded(wanted, reader), progress)
        self.indicators.queries.access.record(reader, purpose, "work", families_of(found))
        return found

    def page(self, wanted: Wanted, progress: Progress = lambda *_: None) -> dict[str, Any]:
        """Return a page of a list as `WorkLists.page` does, with the two days that it is of.

        `wanted` names one of them at least. Raises Refused for what there is not.
        """
        check(wanted)
        known, day = _when(wanted)
        rows = self._rows((known, day), progress)
        begin = bisect_right(rows, _as_text(wanted.after), key=_ORDER) if wanted.after else 0
        found: list[dict[str, Any]] = []
        for row in rows[begin:]:
            one = dict(zip(_COLUMNS, row, strict=True))
            late = "1" if one["due"] and one["due"] < day.isoformat() else "0"
            if (
                (wanted.held or not _is_held(one, day))
                and wanted.late in {"", late}
                and all(getattr(wanted, name) in {"", one[name]} for name in (*_COUNTED, "clause", "rule", "county"))
            ):
                found.append(one | {name: date.fromisoformat(one[name]) if one[name] else None for name in _DAYS})
            if len(found) > wanted.limit:
                break
        return as_page(found, wanted.limit, day) | _days(known, day)

    def counts(
        self, wanted: Wanted, progress: Progress = lambda *_: None, bounds: Wanted | None = None
    ) -> list[dict[str, Any]]:
        """Return how much was open, as `WorkLists.counts` does."""
        own = bounds or Wanted()
        known, day = _when(wanted)
        many: Counter[tuple[Any, ...]] = Counter()
        first: dict[tuple[Any, ...], tuple[int, str]] = {}
        for row in self._rows((known, day), progress):
            one = dict(zip(_COLUMNS, row, strict=True))
            if not _is_held(one, day) and all(getattr(own, name) in {"", one[name]} for name in _BOUNDS):
                key = tuple(one[name] for name in _COUNTED)
                many[key] += 1
                first.setdefault(key, (one["urgency"], one["since"]))  # rows are in this order
        keys = sorted(many, key=lambda key: (key[0], key[1] is None, key[1] or "", first[key][0]))
        return [dict(zip(_COUNTED, key, strict=True)) | {"count": many[key], "oldest": first[key][1]} for key in keys]

    def _rows(self, when: When, progress: Progress) -> list[Row]:
        """Return all rows of a list in its order; who asks for the same meanwhile waits for them."""
        known, day = when
        with self._one_at_a_time:
            reached = self.indicators.queries.reached()
            if reached != self._reached:
                self._found.clear()
                self._reached = reached
            if when not in self._found:
                answers = self.indicators.answers(day, known, None, progress)
                self._found[when] = sorted((row for one in answers for row in open_rows(one)), key=_ORDER)
            self._found.move_to_end(when)
            while len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
            return self._found[when]


def _when(wanted: Wanted) -> When:
    day = wanted.effective or wanted.known
    if day is None:
        raise TypeError("A list of today is kept: it is asked of WorkLists")
    return wanted.known, day


def _days(known: date | None, day: date) -> dict[str, str | None]:
    return {"known": known.isoformat() if known else None, "effective": day.isoformat()}


def _is_held(one: dict[str, Any], day: date) -> bool:
    return one["held_until"] is not None and one["held_until"] >= day.isoformat()


def _as_text(after: str) -> tuple[Any, ...]:
    found = place(after) or []
    return tuple(date.isoformat(one) if isinstance(one, date) else one for one in found)
