"""Which events are about which base of the self-help programme: what an event names, and whose it is by that. Pure.

A base is known by the code of its host. An event says at which base it was, or belongs to that of its cohort, or to
that of its process: what is left out there stands in what came before.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from services.family_case.domain import Arrival, is_person, place_key
from shared.language.catalogue import CATALOGUE, Corrects, Sets
from shared.log.amended import Amended, restatement

BASE, PROCESS, PARAMETER, AMENDED = "base", "process", "parameter", "event"
"""The kinds of what an event names."""
_PROGRAMME = "SH-"
"""How the clauses of the programme begin: what is said there of an organisation is said of a base, or of who may be."""


def mentions(arrival: Arrival) -> Iterator[tuple[str, str]]:
    """Yield by what an event is found beside whom it is about: kinds and keys.

    A correction does not say the type of what it corrects: what it restates is found by every field that is a key in
    any type. What nobody asks for does no harm.
    """
    event, effect = arrival.event, arrival.effect
    if event.target is not None:
        yield AMENDED, place_key((arrival.log, event.target))
        said = event.data.get(effect.payload) if isinstance(effect, Corrects) else None
        if isinstance(said, dict):
            yield from _keys(said, ("base", "uscc"), _parameter_fields())
    elif isinstance(effect, Sets):
        yield from _keys(event.data, (), (effect.parameter,))
    elif names := base_fields(event.type):
        yield from _keys(event.data, names, ())
        if process := event.attributes.get("process"):
            yield PROCESS, process


@cache
def base_fields(type_name: str) -> tuple[str, ...]:
    """Return the fields in which events of a type say about which base they are; none for what is about no base."""
    declaration = CATALOGUE.get(type_name)
    if declaration is None:
        return ()
    hosts = all(clause.startswith(_PROGRAMME) for clause in declaration.clauses)
    return tuple(name for name in ("uscc", "base") if name in declaration.facts and (name == "base" or hosts))


class Bases:
    """Says of events, each with its log, at which base it was; by what all of them say that stand."""

    def __init__(self, events: Iterable[tuple[str, Amended]]) -> None:
        standing = [(log, one) for log, one in events if one.stands and one.original is None]
        self._by_process: dict[tuple[str, str], str] = {}
        cohorts: list[tuple[tuple[str, str], tuple[str, str]]] = []
        for log, one in standing:
            process, cohort = one.event.attributes.get("process"), one.data.get("cohort")
            named = _named(one.event.type, one.data)
            if process and named:
                self._by_process[log, process] = named
            elif process and isinstance(cohort, str):
                cohorts.append(((log, process), (log, cohort)))
        for process_of, cohort_of in cohorts:
            if base := self._by_process.get(cohort_of):
                self._by_process.setdefault(process_of, base)

    def of(self, log: str, one: Amended) -> str | None:
        """Return at which base an event was, as it stands; None where nothing says it."""
        return self._of(log, one, one.data)

    def ever(self, log: str, one: Amended) -> set[str]:
        """Return at which bases an event was by whatever was said of it; an amendment is where its original is."""
        while one.original is not None:
            one = one.original
        versions: list[Any] = [one.event.data, one.data]
        versions += [restatement(by, one.event.type) for by in one.corrections]
        return {base for data in versions if (base := self._of(log, one, data))}

    def _of(self, log: str, one: Amended, data: Mapping[str, Any]) -> str | None:
        if not base_fields(one.event.type):
            return None
        if named := _named(one.event.type, data):
            return named
        found = (
            self._by_process.get((log, key)) for key in (data.get("cohort"), one.event.attributes.get("process")) if key
        )
        return next(filter(None, found), None)


def concerns_nobody(one: Amended) -> bool:
    """Whether an event, or what it amends, is about no person; not, where that is not known."""
    while one.original is not None:
        one = one.original
    return "target" not in one.event.attributes and not is_person(one.event.subject)


def _named(type_name: str, data: Mapping[str, Any]) -> str | None:
    return next((key for name in base_fields(type_name) if (key := _code(data.get(name)))), None)


def _keys(data: Mapping[str, Any], bases: Iterable[str], parameters: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in bases:
        if code := _code(data.get(name)):
            yield BASE, code
    if isinstance(cohort := data.get("cohort"), str):
        yield PROCESS, cohort
    for name in parameters:
        if isinstance(parameter := data.get(name), str):
            yield PARAMETER, parameter


def _code(value: Any) -> str | None:
    code = value.get("code") if isinstance(value, dict) else value
    return code if isinstance(code, str) else None


@cache
def _parameter_fields() -> tuple[str, ...]:
    return tuple(sorted({one.effect.parameter for one in CATALOGUE if isinstance(one.effect, Sets)}))
