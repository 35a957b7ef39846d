"""What the policy leaves open, as it stands on the day K of knowing: parameters by county and day, and feed coverage.

Parameters are events of the federation: a value is not known before it was recorded, and once recorded it counts from
its own day, also for days past (rules A14). Feeds say from when a department's events are complete: only then does the
absence of an event mean that nothing was done (rules A5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from services.departments import DEPARTMENTS
from shared.language.catalogue import CATALOGUE
from shared.log.amended import Amended
from shared.log.parameters import CITY, Value, in_force, values_of
from shared.policy.calendar import add_days, add_months, add_working_days, is_provisional
from shared.policy.parameters import EVERYWHERE, parameter

FEEDS = "P-FEEDS"
_KEPT = 20_000
"""How many due days are kept, so that they need not be counted again."""
_CODES = {one.name: one.code or one.name for one in DEPARTMENTS}
"""The departments' codes, as the policy's tables write them."""
_ROOMS = {
    "registry": ("SYS", "REG"),
    "certificates": ("DPF", "CERT"),
    "rehabilitation": ("DPF", "REH"),
    "home_modification": ("DPF", "HOM"),
    "care": ("DPF", "CARE"),
    "supervision": ("DPF", "SUP"),
    "charity": ("DPF", "CHA"),
    "self_help": ("SHR", "SHR"),
}
"""The federation's lines of work, as feeds name them."""
_CHARITY = {"CharityAidGranted", "VolunteerServiceRecorded", "DonationReceived"}
"""What civil affairs delivers with the charities' group."""


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something is due; provisional when it rests on holidays that have not been announced."""

    day: date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A department's data of one group are complete from a day on; with `stock`, what ran before was delivered too."""

    since: date
    stock: bool

    def covers(self, begin: date) -> bool:
        """Whether the absence of an event since `begin` means that it did not happen."""
        return self.stock or self.since <= begin


class Policy:
    """The parameters as known on one day. `used` collects which values a verdict rested on."""

    def __init__(self, values: Mapping[str, Iterable[Value]] | None = None) -> None:
        self._values = {name: list(some) for name, some in (values or {}).items()}
        self.used: dict[str, Any] = {}
        self._feeds: dict[tuple[str, str, str | None], tuple[Any, Feed | None]] = {}
        self._days = {name: sorted({one.since for one in some}) for name, some in self._values.items()}
        """The days from which values of a parameter count; between two of them it does not change."""
        self._between: dict[tuple[str, str | None, int], Any] = {}
        self._due: dict[tuple[str, date, int], Due] = {}

    @property
    def values(self) -> Mapping[str, list[Value]]:
        """What somebody has set, by parameter."""
        return self._values

    def days(self, *names: str) -> set[date]:
        """Return the days from which values of some parameters count, of those that somebody has set."""
        return {day for name in names for day in self._days.get(name, ())}

    def value(self, name: str, division: str | None, on: date) -> Any:
        """Return the typed value of a parameter in force in a division on a day. Raises KeyError for no parameter."""
        days = self._days.get(name)
        found = self._set(name, days, division, on) if days else _standard(name)
        self.used[name] = found
        return found

    def _set(self, name: str, days: list[date], division: str | None, on: date) -> Any:
        """Return the value of a parameter that somebody has set, worked out once between two of its days."""
        key = name, division, sum(one <= on for one in days)
        if key not in self._between:
            self._between[key] = in_force(name, self._values[name], division, on)
        return self._between[key]

    def due(self, name: str, begin: date, division: str | None) -> Due:
        """Return when a clock that begins on a day runs out.

        Its parameter says how long; the end of the parameter's name says whether days (D), months (M) or working days
        (WD) are counted.
        """
        length = self.value(name, division, begin)
        if type(begin) is not date:  # a day that watches what is asked of it
            return count(length, name[name.rindex("-") + 1 :], begin)
        key = name, begin, length
        found = self._due.get(key)
        if found is None:
            if len(self._due) >= _KEPT:
                self._due.clear()
            found = self._due[key] = count(length, name[name.rindex("-") + 1 :], begin)
        return found

    def feed(self, cls: type[Any], division: str | None, on: date) -> Feed | None:
        """Return from when the events of a class are complete in a division, as declared on a day; else None."""
        department, group = group_of(cls)
        key = (department, group, division)
        known = self._feeds.get(key)
        if known is not None and FEEDS not in self._values:
            return known[1]
        table = self.value(FEEDS, division, on)
        if known is None or known[0] is not table:
            rows = [one for one in table if (one["department"], one["group"]) == (department, group)]
            own = [one for one in rows if one["division"] == division] or [
                one for one in rows if one["division"] in {EVERYWHERE, CITY}
            ]
            known = self._feeds[key] = table, Feed(own[-1]["from"], own[-1]["stock"]) if own else None
        return known[1]


@cache
def _standard(name: str) -> Any:
    return parameter(name).standard


def policy(amended: Iterable[Amended]) -> Policy:
    """Return the parameters that these events, as they stand on some day, have set."""
    return Policy(values_of(amended))


def count(length: int, unit: str, begin: date) -> Due:
    """Return when so many days (D), months (M) or working days (WD) after a day have passed."""
    if unit == "WD":
        end = add_working_days(begin, length)
        return Due(end, is_provisional(begin, end))
    return Due(add_months(begin, length) if unit == "M" else add_days(begin, length))


def group_of(cls: type[Any]) -> tuple[str, str]:
    """Return the department's code and the group of types by which feeds name a class of events."""
    return _group(CATALOGUE.of(cls).department, cls.__module__, cls.__name__)


@cache
def _group(department: str, module: str, name: str) -> tuple[str, str]:
    if department == DEPARTMENTS[0].name:
        return _ROOMS[module.split(".")[2]]
    code = _CODES[department]
    return code, "CHA" if name in _CHARITY else code


def source_of(cls: type[Any]) -> str:
    """Return the code of the department that is asked for a fact of a class: the registry is the federation's."""
    department, _ = group_of(cls)
    return "DPF" if department == "SYS" else department


def amount(value: Any) -> Decimal:
    """Return an amount in a payload; what is absent is nothing."""
    return Decimal(0) if value is None else value
