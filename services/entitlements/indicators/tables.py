"""What a table of indicators is: rows by some dimensions, columns of counts, sums, shares and days. Pure.

A county is a division's code; `*` is the whole city, the sum of its counties. Amounts and shares are decimals.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

WHOLE_CITY = "*"
COUNTY = "county"
NOWHERE_KNOWN = "?"
"""The county of what no county is known for."""
_SHARE = Decimal("0.0001")
CENT = Decimal("0.01")

Key = tuple[str, ...]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of a table.

    `by` are its dimensions, `columns` their columns with Chinese names. Columns of `people` count persons or families,
    and are not published when they are small. `sums`: a column is the sum of others. `rests_on`: a column, such as a
    share or an amount, would tell of the counts named here, and is hidden with any of them.
    """

    name: str
    zh: str
    by: tuple[str, ...]
    columns: Mapping[str, str]
    people: tuple[str, ...] = ()
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def county_at(self) -> int | None:
        """Where in a key the county stands; None for a table without counties."""
        return self.by.index(COUNTY) if COUNTY in self.by else None


@dataclass(slots=True)
class Table:
    """Rows by their keys, in the order of the keys."""

    layout: Layout
    rows: dict[Key, Row]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON: decimals as text, so that nothing is rounded on the way."""
        layout = self.layout
        return {
            "name": layout.name,
            "zh": layout.zh,
            "by": list(layout.by),
            "columns": dict(layout.columns),
            "rows": [
                dict(zip(layout.by, key, strict=True)) | {name: plain(row.get(name)) for name in layout.columns}
                for key, row in sorted(self.rows.items())
            ],
        }

    def of(self, *counties: str) -> "Table":
        """Return the rows of some counties alone."""
        at = self.layout.county_at
        return Table(self.layout, {key: row for key, row in self.rows.items() if at is None or key[at] in counties})


class Counts:
    """Counts and sums by key and column while a table is being made."""

    def __init__(self) -> None:
        self._rows: dict[Key, dict[str, Any]] = defaultdict(lambda: defaultdict(int))

    def add(self, key: Key, column: str, amount: Any = 1) -> None:
        """Add to a cell."""
        self._rows[key][column] += amount

    def rows(self, layout: Layout) -> dict[Key, Row]:
        """Return the rows, and those of the whole city beside them; a count that nothing was added to is 0."""
        found: dict[Key, Row] = {key: dict(row) for key, row in self._rows.items()}
        at = layout.county_at
        if at is not None:
            for key, row in list(found.items()):
                whole = found.setdefault((*key[:at], WHOLE_CITY, *key[at + 1 :]), {})
                for column, amount in row.items():
                    whole[column] = whole.get(column, 0) + amount
        for row in found.values():
            for total, parts in layout.sums.items():
                row[total] = sum(row.get(part, 0) for part in parts)
            for column in layout.people:
                row.setdefault(column, 0)
        return found


def share(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """Return a share to four places; None of nothing."""
    return (Decimal(part) / Decimal(whole)).quantize(_SHARE, ROUND_HALF_UP) if whole else None


def median(numbers: Iterable[int]) -> Decimal | None:
    """Return the median of whole numbers; None of none."""
    ordered = sorted(numbers)
    middle, odd = divmod(len(ordered), 2)
    if not ordered:
        return None
    return Decimal(ordered[middle]) if odd else (Decimal(ordered[middle - 1]) + ordered[middle]) / 2


def plain(value: Any) -> Any:
    """Return a value of a cell as JSON."""
    return str(value) if isinstance(value, Decimal) else value
