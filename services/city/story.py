"""How a story is told: what happened, whom it is about, and when which department wrote it down."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from services.city import calibration
from services.city.people import Person
from services.city.places import Organisation

FEDERATION = "disability_federation"
OPENS, CLOSES = 8 * 60 + 30, 17 * 60 + 30
"""The minutes of a day in which offices write."""
Line = tuple[str, dict[str, Any]]
"""An event by the moment at which it was written down."""


@dataclass(slots=True)
class Told:
    """One event before its hour is known: the day it was written down, and its envelope and payload."""

    recorded: date
    happened: date
    event: dict[str, Any]


@dataclass(slots=True)
class Story:
    """What one family, or the city itself, lets the departments record.

    What lies beyond the last day is left out, so that a story may simply go on. `told` is in the order of telling:
    what follows from something is told after it.
    """

    name: str
    seed: int
    division: str
    rng: Random = field(init=False)
    told: list[Told] = field(init=False, default_factory=list)
    moved: list[tuple[date, str]] = field(init=False, default_factory=list)
    ends: date = calibration.LAST
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed}/{self.name}")

    def chance(self, share: float) -> bool:
        """Whether something that happens to this share of all happens here."""
        return self.rng.random() < share

    def after(self, day: date, least: int, most: int) -> date:
        """Return a day on which offices work, between so many days after another one."""
        return workday(day + timedelta(days=self.rng.randint(least, most)))

    def where(self, on: date) -> str:
        """Return the county in which they live on a day."""
        return next((division for since, division in reversed(self.moved) if since <= on), self.division)

    def tell(
        self,
        type_name: str,
        on: date,
        about: Person | Organisation | None,
        process: str | None = None,
        *,
        _late: int = 0,
        _legacy: bool = False,
        _recorded: date | None = None,
        _division: str = "",
        _cause: str | None = None,
        **payload: Any,
    ) -> str:
        """Tell that something happened on a day; return the id of its event.

        A type without a department's name is the federation's. What is `None` is left out. A department writes down
        what happened before it joined on the day it joins, as imported history.
        """
        self._count += 1
        id_ = f"city-{self.seed}-{self.name}-{self._count:03}"
        department, dot, _ = type_name.partition(".")
        if not dot:
            department, type_name = FEDERATION, f"{FEDERATION}.{type_name}"
        joined = calibration.JOINED[department]
        recorded = _recorded or on + timedelta(days=_late)
        if recorded < joined:
            recorded, _legacy = joined, True
        if recorded > calibration.LAST or on > self.ends:
            return id_
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": id_,
            "source": f"urn:yihu:{department}:desk",
            "type": type_name,
        }
        if about is not None:
            event["subject"] = written(about) if isinstance(about, Person) else about.code
        event |= {"time": "", "recordedtime": "", "division": _division or self.where(on)}
        if process:
            event["process"] = process
        if _cause:
            event["causationid"] = _cause
        if _legacy:
            event["legacy"] = True
        event["data"] = {name: written(value) for name, value in payload.items() if value is not None}
        self.told.append(Told(recorded, on, event))
        return id_

    def lines(self) -> Iterator[Line]:
        """Yield the events by the moment of writing, in an order in which every one follows what it rests on."""
        minute, today = OPENS, date.min
        for one in sorted(self.told, key=lambda one: one.recorded):
            if one.recorded != today:
                minute, today = OPENS + self.rng.randint(0, 180), one.recorded
            else:
                minute = min(minute + self.rng.randint(1, 9), CLOSES)
            moment = f"{one.recorded}T{minute // 60:02}:{minute % 60:02}:00+08:00"
            one.event["recordedtime"] = moment
            one.event["time"] = moment if one.happened == one.recorded else f"{one.happened}T00:00:00+08:00"
            yield moment, one.event


def written(value: Any) -> Any:
    """Return a value as a sender writes it."""
    if isinstance(value, Person):
        return value.number
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Organisation):
        return asdict(value)
    if isinstance(value, list | tuple):
        return [written(one) for one in value]
    return value


def money(amount: float) -> str:
    """Return an amount as a sender writes it."""
    return f"{amount:.2f}"


def workday(day: date) -> date:
    """Return the day, or the next one on which offices are open."""
    while day.weekday() > 4 or (day.month, day.day) in _HOLIDAYS:
        day += timedelta(days=1)
    return day


_HOLIDAYS = {(1, 1), *((5, day) for day in range(1, 6)), *((10, day) for day in range(1, 8))}
"""New Year, Labour Day and the National Day; the Spring Festival follows another calendar, and is worked through."""


def month(day: date, later: int = 0) -> str:
    """Return the month of a day, or one so many months later, as events write it."""
    years, months = divmod(day.year * 12 + day.month - 1 + later, 12)
    return f"{years}-{months + 1:02}"


def first_of(text: str) -> date:
    """Return the first day of a month."""
    return date.fromisoformat(f"{text}-01")


def months(since: str, until: str) -> Iterator[str]:
    """Yield the months from one to another, both included."""
    while since <= until:
        yield since
        since = month(first_of(since), 1)


def years_later(day: date, years: int) -> date:
    """Return the same day so many years later."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
