"""Facts: departments' events as they stand on the day K of knowing, typed, each with the day it counts from. Pure.

The fact date is the payload's own day; where it has none, the day of the event. What ends something counts from the day
after its last day. What is decided now and in force later (a placement, an aid, a renewal) is a fact on the day of
the decision; a recognition is one on the day from which it is in force.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from datetime import date, timedelta
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.envelope import civil_day
from shared.language.persons import TOKEN
from shared.log.amended import Amended
from shared.policy.calendar import first_of, last_of

E = TypeVar("E")

_ENDS = {
    name: field
    for field, names in {
        "effective_to": "dibao_terminated tekun_terminated two_subsidies_stopped ltc_benefit_stopped "
        "difficult_family_ended marginal_family_ended",
        "to_date": "trainer_removed",
    }.items()
    for name in names.split()
}
"""What ends something, with the field of its last day or month."""
_NOT_DONE = {"due_on", "trigger_on", "starts_on", "ends_on"}
"""Days in payloads on which nothing has been done."""
_DECIDED_BEFORE = ("placement_decided", "certificate_renewed")
"""What is decided on the day of the event and in force from a day in its payload."""
_COUNTS_FROM = {"policy_parameter_set": "effective_from", "difficult_family_recognised": "effective_from"}
"""What counts from a day in its payload, also where it was said later: a parameter's value, a family's recognition."""


class Fact(Generic[E]):
    """One event as it stands: `event` is its typed payload, in which what is sealed cannot be read.

    `day` is its fact date, `occurred` the day of the event, `recorded` the day on which its source wrote it down.
    `subject` is one token for a person who has several; `place` is its log and position there; `corrected` are the ids
    of the corrections that make it what it is.
    """

    __slots__ = (
        *("cls", "corrected", "day", "division", "id", "legacy", "occurred", "order", "place", "process", "recorded"),
        *("event", "subject", "_data", "_declaration"),
    )
    cls: type[E]
    event: E

    def __init__(self, log: str, one: Amended, declaration: Declaration, data: dict[str, Any], subject: str) -> None:
        attributes = one.event.attributes
        self._declaration, self._data = declaration, data
        self.cls = declaration.cls  # type: ignore[assignment]
        self.occurred = civil_day(attributes["time"])
        self.recorded = civil_day(attributes["recordedtime"])
        self.day = fact_date(declaration, data, self.occurred)
        self.subject = subject
        self.process: str = attributes.get("process") or ""
        self.division: str | None = attributes.get("division")
        self.place = (log, one.event.position)
        self.id: str = attributes["id"]
        self.legacy = "legacy" in attributes and bool(attributes["legacy"])
        self.corrected = tuple(by.id for by in one.corrections)
        self.order = (self.day, self.recorded, self.place)
        """By what facts follow each other: their days, then when they were written down."""

    if not TYPE_CHECKING:  # `event` alone is found this way

        def __getattr__(self, name: str) -> E:
            """Make the typed payload when it is first asked for: most facts are never looked into."""
            if name != "event":
                raise AttributeError(name)
            self.event = found = self._declaration.load(self._data)
            return found

    def names(self, id_: str) -> bool:
        """Whether a field of it names an event."""
        return id_ in self._data.values()

    def dated(self, day: date) -> "Fact[E]":
        """Return it as if it counted from another day."""
        other = copy(self)
        other.day = day
        return other

    @property
    def name(self) -> str:
        """The name of its type, as the catalogue of the policy writes it."""
        return self.cls.__name__

    @property
    def made(self) -> tuple[date, date, tuple[str, int]]:
        """By what decisions follow each other: an end may count from a month before the decision that it ends."""
        return self.occurred, self.recorded, self.place


def fact(log: str, one: Amended, same: Callable[[str], str] = str) -> "Fact[Any] | None":
    """Return an event as a fact; None for what was withdrawn, amends another event, or is of a type nobody declared.

    `same` gives the one token of a person who has several.
    """
    event = one.event
    declaration = CATALOGUE.get(event.type)
    if declaration is None or one.original is not None or not one.stands or "target" in event.attributes:
        return None
    subject = event.attributes.get("subject") or ""
    if same is str:
        return Fact(log, one, declaration, one.data, subject)
    return Fact(log, one, declaration, _united(one.data, same), same(subject))


def _united(value: Any, same: Callable[[str], str]) -> Any:
    """Return a payload in which every person who has several tokens is named by the one that stands for them."""
    if isinstance(value, dict):
        return {name: _united(part, same) for name, part in value.items()}
    if isinstance(value, list):
        return [_united(part, same) for part in value]
    return same(value) if isinstance(value, str) and TOKEN.fullmatch(value) else value


def fact_date(declaration: Declaration, data: Mapping[str, Any], occurred: date) -> date:
    """Return the day from which an event counts, by its stored payload."""
    name, ends = _dated_by(declaration.type)
    found = data.get(name) if name else None
    if found is None:
        return occurred
    if not ends:
        return date.fromisoformat(found)
    return (last_of(found) if len(found) == _MONTH else date.fromisoformat(found)) + timedelta(1)


_MONTH = len("2025-04")


@cache
def _dated_by(type_name: str) -> tuple[str, bool]:
    """Return the field that dates a type's events, if there is one, and whether it is a last day."""
    declaration, name = CATALOGUE.get(type_name), type_name.rpartition(".")[2]
    if name in _ENDS:
        return _ENDS[name], True
    if declaration is None or name.endswith(_DECIDED_BEFORE):
        return "", False
    if name in _COUNTS_FROM:
        return _COUNTS_FROM[name], False
    days = [field for field, fact in declaration.facts.items() if fact.kind.name == "day" and field not in _NOT_DONE]
    own = [field for field in days if field.endswith("_on")] or [field for field in days if field == "from_date"]
    return (own[0] if own else ""), False


class Facts:
    """Facts in the order of their days, by class, by person, by process."""

    def __init__(self, facts: Iterable[Fact[Any]]) -> None:
        self._known: Facts | None = None
        self.all = sorted(facts, key=attrgetter("order"))
        self._index()

    def _index(self) -> None:
        self._merged: dict[Any, list[Fact[Any]]] = {}
        self._found: dict[str | None, _ByClass] = {None: {}}
        """The facts by class: of every subject, and of none in particular."""
        self._processes: dict[str, list[Fact[Any]]] | None = None
        every = self._found[None]
        for one in self.all:
            every.setdefault(one.cls, []).append(one)
            self._found.setdefault(one.subject, {}).setdefault(one.cls, []).append(one)

    @property
    def known(self) -> "Facts":
        """All that were known when these were cut off at a day: a later one may set a due day (rules A1)."""
        return self._known or self

    def until(self, day: date) -> "Facts":
        """Return those that count by the end of a day."""
        if not self.all or self.all[-1].day <= day:
            return self
        found = Facts(())
        found._known = self.known
        found.all = self.all[: bisect_right(self.all, day, key=attrgetter("day"))]
        found._index()
        return found

    def of(self, *classes: type[E], subject: str | None = None, process: str | None = None) -> list[Fact[E]]:
        """Return the facts of these classes in their order: all, or those about a person, or in one process.

        What was found is kept, and the list that is returned must not be changed.
        """
        there = self._found.get(subject)
        if there is None:
            return []
        if len(classes) == 1 and process is None:
            return there.get(classes[0], [])
        key = classes, subject, process
        kept = self._merged.get(key)
        if kept is None:
            kept = self._merged[key] = _merge(there, classes, process)
        return kept

    def about(self, subject: str) -> Mapping[type[Any], list[Fact[Any]]]:
        """Return the facts about a person, by class; neither that nor its lists must be changed."""
        return self._found.get(subject, {})

    def of_process(self, process: str) -> list[Fact[Any]]:
        """Return the facts of a process in their order; the list must not be changed."""
        if self._processes is None:
            self._processes = {}
            for one in self.all:
                self._processes.setdefault(one.process, []).append(one)
        return self._processes.get(process, [])

    def last(self, *classes: type[E], subject: str | None = None, process: str | None = None) -> Fact[E] | None:
        """Return the newest of them."""
        found = self.of(*classes, subject=subject, process=process)
        return found[-1] if found else None


_ByClass = dict[type[Any], list[Fact[Any]]]


def _merge(there: _ByClass, classes: tuple[type[Any], ...], process: str | None) -> list[Fact[Any]]:
    """Return the facts of some classes in their order: all, or those in one process."""
    some = [there[cls] for cls in classes if cls in there]
    if not some:
        return []
    found = some[0] if len(some) == 1 else sorted(chain.from_iterable(some), key=_ORDER)
    return found if process is None else [one for one in found if one.process == process]


_ORDER = attrgetter("order")


def newest(*facts: "Fact[Any] | None") -> "Fact[Any] | None":
    """Return the newest of some facts, of which some are missing."""
    return max((one for one in facts if one is not None), key=attrgetter("order"), default=None)


def begins(month: str | None) -> date | None:
    """Return the first day of a month in a payload."""
    return first_of(month) if month else None
