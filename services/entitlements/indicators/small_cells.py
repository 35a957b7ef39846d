"""Small cells: what a published table must not show, nor let anybody compute. Pure.

A count of 1 to P-PUBLISH-MIN-CELL - 1 persons or families is hidden, and so is one that differs by so little from what
was published of it before. Then more is hidden, the smallest count of a row or column first, until nothing hidden can
be computed from what is shown: neither by adding and subtracting rows and columns, nor by narrowing down from both
sides. What is all of a row but one part is a count too, though no column shows it. Source: rules D11.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from services.entitlements.indicators.tables import WHOLE_CITY, Key, Layout, Row, Table

HIDDEN = "*"
"""What stands for a hidden value."""
Cell = tuple[str, ...]
"""A county and a column; of what a row has beside one part, a third word says so."""
Line = tuple[Cell, tuple[Cell, ...]]
"""A total and its parts."""
Shown = Mapping[tuple[Key, str], int]
"""Counts as published before, by key and column."""
_BESIDE = "beside"
_ROUNDS = 20
"""How many times bounds are narrowed down, one equation after another."""


def published(table: Table, least: int, before: Shown | None = None) -> Table:
    """Return a table as it may leave the platform; `before` is what was published of it earlier.

    Counts below `least` are hidden, with what would tell of them.
    """
    layout = table.layout
    hidden: dict[Key, set[str]] = defaultdict(set)
    for key, column in hide(table, least, before or {}):
        hidden[key].add(column)
    rows: dict[Key, Row] = {}
    for key, row in table.rows.items():
        gone = hidden[key] | {name for name, on in layout.rests_on.items() if hidden[key].intersection(on)}
        rows[key] = {name: HIDDEN if name in gone else value for name, value in row.items()}
    return Table(layout, rows)


def shown(table: Table) -> dict[tuple[Key, str], int]:
    """Return the counts of people that a published table shows."""
    return {
        (key, column): row[column]
        for key, row in table.rows.items()
        for column in table.layout.people
        if row[column] != HIDDEN
    }


def changes(table: Table, public: Table, least: int, before: Shown) -> dict[tuple[Key, str], str]:
    """Return by how much the counts of a table differ from what was published before.

    `public` is the table as it is published: of what it hides only whether the change was of a few is said.
    """
    found = {}
    for (key, column), earlier in before.items():
        now = table.rows.get(key, {}).get(column, 0)
        is_hidden = key in public.rows and public.rows[key][column] == HIDDEN
        change = f"<{least}" if abs(now - earlier) < least else HIDDEN
        found[key, column] = change if is_hidden else f"{now - earlier:+d}"
    return found


def hide(table: Table, least: int, before: Shown) -> Iterable[tuple[Key, str]]:
    """Yield the cells of a table that must not be shown, by key and column."""
    at = table.layout.county_at
    blocks: dict[Key, dict[str, Row]] = defaultdict(dict)
    for key, row in table.rows.items():
        county = WHOLE_CITY if at is None else key[at]
        blocks[key if at is None else (*key[:at], *key[at + 1 :])][county] = row
    for rest, rows in blocks.items():
        keys = {county: rest if at is None else (*rest[:at], county, *rest[at:]) for county in rows}
        earlier = {
            (county, column): before.get((key, column)) for county, key in keys.items() for column in rows[county]
        }
        block = _Block(table.layout, rows, least, {cell: one for cell, one in earlier.items() if one is not None})
        yield from ((keys[county], column) for county, column in block.hidden())


@dataclass(slots=True)
class _Bounds:
    """What anybody can know of a cell that is not shown: at least, and at most if there is a limit."""

    low: int
    high: int | None


@dataclass(slots=True)
class _Block:
    """The part of a table in which counts add up: its counties and columns."""

    layout: Layout
    rows: Mapping[str, Row]
    least: int
    before: Mapping[Cell, int]
    values: dict[Cell, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    _unknown: dict[Cell, _Bounds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = {(county, name): row[name] for county, row in self.rows.items() for name in self.layout.people}
        counties = [one for one in self.rows if one != WHOLE_CITY]
        if WHOLE_CITY in self.rows and counties:
            for column in self.layout.people:
                self.lines.append(((WHOLE_CITY, column), tuple((county, column) for county in counties)))
        for county in self.rows:
            for total, parts in self.layout.sums.items():
                self.lines.append(((county, total), tuple((county, part) for part in parts)))
                self._lines_beside(county, total, parts)

    def _lines_beside(self, county: str, total: str, parts: tuple[str, ...]) -> None:
        """Add what a row has beside each part: nobody is shown it, and who knows total and part knows it."""
        for part in parts:
            beside = (county, total, part, _BESIDE)
            self.values[beside] = self.values[county, total] - self.values[county, part]
            self.lines.append(((county, total), ((county, part), beside)))

    def hidden(self) -> list[Cell]:
        """Return the cells that must not be shown."""
        for cell, value in self.values.items():
            if cell[-1] == _BESIDE:
                self._unknown[cell] = _Bounds(0, None)
            elif 0 < value < self.least or (cell in self.before and 0 < abs(value - self.before[cell]) < self.least):
                self._unknown[cell] = self._bounds(cell)
        while (secret := self._computable()) is not None:
            more = self._beside(secret)
            if more is None:
                break
            self._unknown[more] = self._bounds(more)
        return [cell for cell in self._unknown if cell[-1] != _BESIDE]

    def _bounds(self, cell: Cell) -> _Bounds:
        """Return what is known of a hidden cell: it is not zero, and near to what it was where `changes` says so."""
        before, near = self.before.get(cell), self.least - 1
        if before is None or abs(self.values[cell] - before) > near:
            return _Bounds(1, None)
        return _Bounds(max(1, before - near), before + near)

    def _is_secret(self, cell: Cell) -> bool:
        return cell[-1] != _BESIDE or 0 < self.values[cell] < self.least

    def _beside(self, cell: Cell) -> Cell | None:
        """Return what to hide so that a cell cannot be computed: the smallest count of one of its lines."""
        near = [{total, *parts} for total, parts in self.lines if cell in {total, *parts}]
        seen = {cell}
        while near:
            members = set[Cell]().union(*near)
            open_ = [one for one in members if one not in self._unknown and self.values[one] > 0]
            if open_:
                return min(open_, key=self._rank)
            # everything in its lines is hidden or zero: look one line further
            further = members - seen
            seen |= members
            near = [{total, *parts} for total, parts in self.lines if further.intersection({total, *parts})]
        return None

    def _rank(self, cell: Cell) -> tuple[bool, bool, int, Cell]:
        """Return what is hidden first: a part before a total, a smaller count before a larger."""
        return cell[0] == WHOLE_CITY, cell[1] in self.layout.sums, self.values[cell], cell

    def _computable(self) -> Cell | None:
        """Return a secret that what is shown gives away; None when nothing does."""
        equations = [one for one in map(self._equation, self.lines) if one.of]
        for one in equations:  # the plain case, before anything is reduced
            if len(one.of) == 1 and self._is_secret(cell := next(iter(one.of))):
                return cell
        equations += _reduced(equations)
        bounds = {cell: _Bounds(one.low, one.high) for cell, one in self._unknown.items()}
        for _ in range(_ROUNDS):
            if not sum(_narrow(one, bounds) for one in equations):
                break
        found = (cell for cell, one in bounds.items() if one.low == one.high and self._is_secret(cell))
        return next(found, None)

    def _equation(self, line: Line) -> "_Equation":
        total, parts = line
        of: dict[Cell, Fraction] = {}
        known = Fraction(0)
        for cell, sign in ((total, -1), *((part, 1) for part in parts)):
            if cell in self._unknown:
                of[cell] = Fraction(sign)
            else:
                known -= sign * self.values[cell]
        return _Equation(of, known)


@dataclass(slots=True)
class _Equation:
    """Hidden cells with their factors, which add up to a number that is known."""

    of: dict[Cell, Fraction]
    known: Fraction


def _reduced(equations: Iterable[_Equation]) -> list[_Equation]:
    """Return what follows from equations by adding and subtracting them until no cell leads two of them."""
    found: list[tuple[Cell, _Equation]] = []
    for one in equations:
        rest = _Equation(dict(one.of), one.known)
        for lead, known in found:
            _eliminate(rest, lead, known)
        if not rest.of:
            continue
        lead = next(iter(rest.of))
        factor = rest.of[lead]
        rest = _Equation({cell: value / factor for cell, value in rest.of.items()}, rest.known / factor)
        for _, known in found:
            _eliminate(known, lead, rest)
        found.append((lead, rest))
    return [one for _, one in found]


def _eliminate(rest: _Equation, lead: Cell, known: _Equation) -> None:
    factor = rest.of.get(lead)
    if factor:
        for cell, value in known.of.items():
            left = rest.of.get(cell, Fraction(0)) - factor * value
            if left:
                rest.of[cell] = left
            else:
                rest.of.pop(cell, None)
        rest.known -= factor * known.known


def _narrow(equation: _Equation, bounds: dict[Cell, _Bounds]) -> bool:
    """Narrow down the bounds of an equation's cells by those of the others; return whether anything changed."""
    changed = False
    for cell, factor in equation.of.items():
        low, high = _rest(equation, cell, bounds)
        least, most = (high, low) if factor > 0 else (low, high)
        own = bounds[cell]
        if least is not None and (found := -((least - equation.known) // factor)) > own.low:
            own.low, changed = int(found), True
        if most is not None and (own.high is None or (equation.known - most) // factor < own.high):
            own.high, changed = int((equation.known - most) // factor), True
    return changed


def _rest(equation: _Equation, cell: Cell, bounds: dict[Cell, _Bounds]) -> tuple[Fraction | None, Fraction | None]:
    """Return between what the other cells of an equation add up; None for no limit."""
    low: Fraction | None = Fraction(0)
    high: Fraction | None = Fraction(0)
    for other, factor in equation.of.items():
        if other == cell:
            continue
        of = bounds[other]
        least, most = (of.low, of.high) if factor > 0 else (of.high, of.low)
        low = None if low is None or least is None else low + factor * least
        high = None if high is None or most is None else high + factor * most
    return low, high
