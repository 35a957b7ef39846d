"""What may be said: every event type, declared once, as a plain frozen dataclass in its department's `events.py`.

Everything else derives from that class: validation and JSON Schema (`validation.py`), what is sealed (`intake.py`),
the sentence a case worker reads (`sentence.py`), the reference page (`docs/events.md`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any, Literal, TypeVar

from shared.language.fields import CODE, DAY, HOURS, MONEY, RATE, Fact, Organisation, fact_of
from shared.policy.lists import clauses, code_lists

C = TypeVar("C")
Scope = Literal["family", "person", "organisation", "event"]


@dataclass(frozen=True, slots=True)
class Opens:
    """The event opens a family's case: `members` and `head` name the fields that say who belongs to it."""

    members: str
    head: str


@dataclass(frozen=True, slots=True)
class Merges:
    """The event says that the family or person in `merged` is the one in `survivor`."""

    merged: tuple[str, ...]
    survivor: str


@dataclass(frozen=True, slots=True)
class Corrects:
    """The event replaces the payload of the event in `target` by `payload`, because of `reason`."""

    target: str
    payload: str
    reason: str


@dataclass(frozen=True, slots=True)
class Withdraws:
    """The event takes back the event in `target`, because of `reason`."""

    target: str
    reason: str


Effect = Opens | Merges | Corrects | Withdraws


@dataclass(frozen=True, slots=True)
class Declaration:
    """One event type: its permanent name, its words, its source in the policy, its class."""

    type: str
    department: str
    label: str
    clauses: tuple[str, ...]
    scope: Scope
    sentence: str
    cls: Callable[..., Any]
    version: int
    effect: Effect | None

    @property
    def facts(self) -> dict[str, Fact]:
        """The fields of the event in their order, by name."""
        return {declared.name: fact_of(declared) for declared in fields(self.cls)}  # type: ignore[arg-type]

    @property
    def sealed(self) -> tuple[str, ...]:
        """The names of the fields that are stored only encrypted."""
        return tuple(name for name, fact in self.facts.items() if fact.sealed)

    def load(self, data: dict[str, Any]) -> Any:
        """Return a stored payload as an instance of its class; what is sealed stays sealed."""
        return self.cls(**{name: _loaded(fact, data.get(name)) for name, fact in self.facts.items()})

    @property
    def dataschema(self) -> str:
        """The CloudEvents `dataschema`: names the version of the payload's shape."""
        return f"urn:yihu:{self.type}:{self.version}"


class Catalogue:
    """The event types by name. Raises TypeError when a declaration is incomplete, so a program cannot start with it."""

    def __init__(self) -> None:
        self._types: dict[str, Declaration] = {}
        self._classes: dict[Any, Declaration] = {}

    def __iter__(self) -> Iterator[Declaration]:
        """Yield the declarations by type name."""
        return iter(sorted(self._types.values(), key=lambda declaration: declaration.type))

    def __len__(self) -> int:
        """Return the number of event types."""
        return len(self._types)

    def get(self, type_name: str) -> Declaration | None:
        """Return the declaration of a type, or None for a type nobody declared."""
        return self._types.get(type_name)

    def of(self, cls: type[Any]) -> Declaration:
        """Return the declaration of an event class."""
        return self._classes[cls]

    def add(self, declaration: Declaration) -> None:
        """Add a declaration after checking it. Raises TypeError naming what is missing."""
        _check(declaration)
        if declaration.type in self._types:
            raise TypeError(f"Event type declared twice: {declaration.type}")
        self._types[declaration.type] = declaration
        self._classes[declaration.cls] = declaration


CATALOGUE = Catalogue()
"""The one catalogue of the program, filled when the departments' `events.py` are imported."""


def event(
    label: str,
    *,
    clauses: str,
    scope: Scope,
    sentence: str,
    department: str | None = None,
    version: int = 1,
    effect: Effect | None = None,
) -> Callable[[type[C]], type[C]]:
    """Declare an event type: class decorator, makes the class a frozen dataclass and adds it to the catalogue.

    `label` is the Chinese name, `clauses` the policy clauses separated by spaces, `sentence` the Chinese sentence
    with the event's unsealed fields in braces. The type's permanent name is the department (the folder of the
    class, or `department`), a dot, and the class name in snake case.
    Raises TypeError when label, clause, sentence or a field's kind is missing or a sentence names a sealed field.
    """

    def declare(cls: type[C]) -> type[C]:
        made: type[C] = dataclass(frozen=True, kw_only=True)(cls)
        owner = department or cls.__module__.split(".")[1]
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        CATALOGUE.add(
            Declaration(
                type=f"{owner}.{name}",
                department=owner,
                label=label,
                clauses=tuple(clauses.split()),
                scope=scope,
                sentence=sentence,
                cls=made,
                version=version,
                effect=effect,
            ),
        )
        return made

    return declare


def _loaded(fact: Fact, value: Any) -> Any:
    if value is None or fact.sealed:
        return value
    if fact.many:
        return tuple(_loaded_one(fact, item) for item in value)
    return _loaded_one(fact, value)


def _loaded_one(fact: Fact, value: Any) -> Any:
    if fact.kind is DAY:
        return date.fromisoformat(value)
    if fact.kind in {MONEY, HOURS, RATE}:
        return Decimal(value)
    if isinstance(value, dict) and "code" in value:
        return Organisation(value["code"], value.get("name", ""))
    return value


def _check(declaration: Declaration) -> None:
    for what in ("label", "clauses", "sentence"):
        if not getattr(declaration, what):
            raise TypeError(f"Event type without {what}: {declaration.type}")
    unknown = set(declaration.clauses) - clauses().keys()
    if unknown:
        raise TypeError(f"Unknown clause: {', '.join(sorted(unknown))} ({declaration.type})")
    facts = declaration.facts
    for name, said in facts.items():
        if not said.label:
            raise TypeError(f"Field without label: {declaration.type} {name}")
        if said.kind is CODE and said.code_list is None:
            raise TypeError(f"Field without code list: {declaration.type} {name}")
        if said.code_list is not None and said.code_list not in code_lists():
            raise TypeError(f"Unknown code list: {said.code_list} ({declaration.type} {name})")
    for _, place, _, _ in Formatter().parse(declaration.sentence):
        if place and place != "subject" and (place not in facts or facts[place].sealed):
            raise TypeError(f"A sentence can only name unsealed fields: {declaration.type} {place}")
