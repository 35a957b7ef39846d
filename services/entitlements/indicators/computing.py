"""Indicators of a whole city: every family judged as known on K, on the day F, folded into tables.

A city is read a lot of families at a time. Priorities ask what others were granted: families that ask wait until every
grant is known, so that the tables rest on K and F alone, and not on what is kept of verdicts today.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from time import monotonic
from typing import Any

from services.entitlements.city import Approval, City
from services.entitlements.indicators.fold import Fold
from services.entitlements.indicators.tables import Table
from services.entitlements.judging import Answer, Judging
from shared.log.parameters import CITY, Value
from shared.policy.calendar import last_of

LOT = 500
"""How many families are read at a time."""
EDITION = "2"
"""The edition of the rule book by which verdicts are made; a new one is another number under every table."""
LEAST = "P-PUBLISH-MIN-CELL"
KEPT_S = 3_600
"""How long the numbers of today are shown before they are computed anew: every family is judged for them."""
Progress = Callable[[int, int], None]
"""Is told after each lot how many families of how many are judged."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What numbers rest on: K and F, how far each log was read, the edition of the rules, the parameters that were set.

    `known` None is all that was received. `parameters` are rows: name, division, since when, position in the log.
    """

    effective: date
    known: date | None
    positions: Mapping[str, int]
    edition: str = EDITION
    parameters: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "effective": self.effective.isoformat(),
            "known": self.known.isoformat() if self.known else None,
            "positions": dict(self.positions),
            "edition": self.edition,
            "parameters": list(self.parameters),
        }


@dataclass(frozen=True, slots=True)
class Computed:
    """The tables of one day, and what they rest on; `least` is the smallest count that is published."""

    basis: Basis
    tables: list[Table]
    least: int


class Indicators:
    """Computes tables from the family case."""

    def __init__(self, judging: Judging) -> None:
        self.judging = judging
        self.queries = judging.queries
        self._recent: dict[date, tuple[float, Computed]] = {}
        self._turn = Lock()

    def recent(self, today: date) -> Computed:
        """Return the tables of today as they were within the last hour; several who ask wait for one computation."""
        with self._turn:
            computed_at, found = self._recent.get(today, (0.0, None))
            if found is None or monotonic() - computed_at > KEPT_S:
                found = self.compute(today)
                self._recent = {today: (monotonic(), found)}
            return found

    def compute(
        self,
        on: date,
        known: date | None = None,
        positions: Mapping[str, int] | None = None,
        progress: Progress = lambda *_: None,
    ) -> Computed:
        """Return the tables of a day; `positions`: from no more than the logs held up to there."""
        upto = self.positions() if positions is None else positions
        cut = None if known is None and positions is None else upto
        around = self.judging.loader.around(known, cut)
        fold = Fold(on, around.policy)
        for answer in self.answers(on, known, cut, progress):
            fold.add(answer.family, answer.judged)
        basis = Basis(on, known, upto, parameters=tuple(_rows(around.policy.values)))
        tables = fold.tables(City(around.city.facts.until(on)))
        return Computed(basis, tables, around.policy.value(LEAST, CITY, on))

    def positions(self) -> dict[str, int]:
        """Return how far each department's log is received."""
        return {one["log"]: one["received"] for one in self.queries.sources()}

    def answers(
        self, on: date, known: date | None, upto: Mapping[str, int] | None, progress: Progress = lambda *_: None
    ) -> Iterator[Answer]:
        """Yield the answers about all families, those last that priorities have to wait for."""
        numbers = self.queries.numbers()
        granted: dict[tuple[str, str | None], list[Approval]] = defaultdict(list)
        waiting: list[str] = []
        done = 0
        for lot in _lots(numbers):
            for answer in self.judging.answers(lot, on, known, upto, lambda *_: []):
                for made, difficult in answer.grants:
                    granted[made.cls.__name__, made.division].append(Approval(answer.case.number, difficult, made))
                if answer.asks:
                    waiting.append(answer.case.number)
                else:
                    yield answer
            done += len(lot)
            progress(done - len(waiting), len(numbers))
        for lot in _lots(waiting):
            yield from self.judging.answers(lot, on, known, upto, lambda kind, division: granted[kind, division])
            progress(len(numbers) - len(waiting) + len(lot), len(numbers))


def month_end(month: str, today: date) -> date:
    """Return the day of a month's table: its last, or today while it is running."""
    return min(last_of(month), today)


def _rows(values: Mapping[str, Sequence[Value]]) -> Iterator[str]:
    """Yield the rows of the parameters that were set: name, division, from which day, and where it is on record."""
    for name, some in sorted(values.items()):
        for one in sorted(some, key=lambda one: one.position):
            yield f"{name} {one.division or '*'} {one.since} #{one.position}"


def _lots(numbers: Sequence[str]) -> Iterator[list[str]]:
    for begin in range(0, len(numbers), LOT):
        yield list(numbers[begin : begin + LOT])
