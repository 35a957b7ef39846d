"""The catalogue: every event type, declared once, as a plain frozen dataclass in its department's `events.py`.

Everything else derives from that class: validation (`validation.py`), JSON Schemas (`schemas.py`), what is sealed, the
sentence a case worker reads (`sentence.py`), a valid example, the reference page (`docs/events.md`).
"""

import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar, cast, dataclass_transform

from shared.language.fields import Declared, Fact
from shared.language.form import Before, Form
from shared.language.sentence import Part, parts_of
from shared.policy.lists import clauses, code_lists

C = TypeVar("C")
ANYWHERE = "anywhere"
"""Rules ask for every event of a type, whomever it is about."""
NEW_NUMBER = "newnumber"
"""The attribute of a record with the token of the number that its subject has from now on."""
Scope = Literal["family", "person", "organisation", "event"]


@dataclass(frozen=True, slots=True)
class Opens:
    """The event opens a family's case: `members` and `head` name the fields that say who belongs to it.

    `division` is the field with the county that holds the case.
    """

    members: str
    head: str
    division: str = ""


@dataclass(frozen=True, slots=True)
class Joins:
    """The event says that the person in one field belongs to its subject's family since the day in another."""

    person: str
    since: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """The event says until which day the person in a field belonged to its subject's family, and why."""

    person: str
    until: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Dies:
    """The event says that its subject died on the day in a field."""

    on: str


@dataclass(frozen=True, slots=True)
class Merges:
    """The event says that the family, or the person, in one of these fields is the one in `survivor`."""

    families: tuple[str, ...]
    persons: tuple[str, ...]
    survivor: str

    @property
    def merged(self) -> tuple[str, ...]:
        """The fields that name who is merged."""
        return self.families + self.persons


@dataclass(frozen=True, slots=True)
class Renumbers:
    """The event says that its subject has another number: the one in a field, where `item` is one of `items`.

    The number is sealed. The door states its token beside the payload, in the attribute NEW_NUMBER.
    """

    number: str
    item: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Distinguishes:
    """The event says that its subject and the person in a field, who look like one, are two."""

    person: str


@dataclass(frozen=True, slots=True)
class Closes:
    """The event says that the case of its subject's family is closed since the day in a field."""

    on: str


@dataclass(frozen=True, slots=True)
class Reopens:
    """The event says that the case of its subject's family is open again."""


@dataclass(frozen=True, slots=True)
class Guards:
    """The event says who is a guardian of its subject since the day in a field."""

    guardian: str
    since: str


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


@dataclass(frozen=True, slots=True)
class Sets:
    """The event gives the policy parameter in one of its fields a value, from a day on, in one division or all."""

    parameter: str
    value: str
    since: str
    division: str


Effect = (
    Opens
    | Joins
    | Leaves
    | Dies
    | Merges
    | Renumbers
    | Distinguishes
    | Closes
    | Reopens
    | Guards
    | Corrects
    | Withdraws
    | Sets
)


@dataclass(frozen=True, slots=True)
class Key:
    """A natural key: two events of a type with the same values in these fields are one fact, sent twice.

    `names` are fields, or the attributes `subject`, `process` and `division`; absent equals only absent. Where the
    field `given` is absent, or the field `unless` is true, the key is `otherwise`.
    """

    names: tuple[str, ...]
    otherwise: tuple[str, ...] = ()
    given: str = ""
    unless: str = ""

    def names_in(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names that count for one event, by its payload (typed or stored)."""
        given = not self.given or payload.get(self.given) is not None
        return self.names if given and payload.get(self.unless) is not True else self.otherwise


def key(names: str, *, otherwise: str = "", given: str = "", unless: str = "") -> Key:
    """Return a natural key; names are separated by spaces."""
    return Key(tuple(names.split()), tuple(otherwise.split()), given, unless)


_SEARCHED = {"code", "day", "digest", "event", "line", "month", "organisation", "party", "person", "process", "uscc"}
"""The kinds whose values are texts in a log, so that records are found by them."""
_HANDLES = ("subject", "process")
_IN_KEYS = ("subject", "process", "division")
"""The attributes that a natural key can name."""


@dataclass(frozen=True, slots=True)
class Of:
    """The clause of the code in a field: a payment is under its benefit's clause."""

    field: str


def of(field_name: str) -> Of:
    """Say that an event is under the clause of the code in one of its fields."""
    return Of(field_name)


@dataclass(frozen=True, eq=False, kw_only=True)
class Declaration(Form):
    """One event type: its permanent name, its words, its source in the policy, and its present form."""

    department: str
    clause: str | Of
    scope: Scope
    sentence: str
    effect: Effect | None
    key: Key | None
    found_by: tuple[str, ...]
    parts: tuple[Part, ...] = field(repr=False)
    earlier: tuple[Form, ...] = ()
    """The versions before the present one, oldest first."""

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """Every version, newest first."""
        return (self, *reversed(self.earlier))

    def form(self, dataschema: Any) -> Form | None:
        """Return the version that a record names, or None if nobody declared it; one that names none is the first."""
        if dataschema is None:
            return self.earlier[0] if self.earlier else self
        return next((form for form in self.forms if form.dataschema == dataschema), None)

    def newest(self, stored: dict[str, Any], dataschema: Any) -> dict[str, Any]:
        """Return a stored payload of the version that `dataschema` names as the present version says it.

        What is not of its version, or of one that nobody declared, stays as it is: who signs may still be mistaken.
        """
        form = self.form(dataschema) if self.earlier else None
        if form is None:
            return stored
        found = stored
        try:
            for older in self.earlier[form.version - 1 :]:
                assert older.upcast is not None  # noqa: S101 - it is older
                found = older.upcast(found)
        except (KeyError, TypeError, ValueError, AttributeError):
            return stored
        return found

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        """Every clause that an event of this type can be under, in the order of the policy."""
        named = set(self.clause.split()) if isinstance(self.clause, str) else set(self._clause_of_code.values())
        return tuple(sorted(named, key=list(clauses()).index))

    def clauses_of(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the clauses that one event is under, by its payload (typed or stored)."""
        if isinstance(self.clause, str):
            return self.clauses
        code = data.get(self.clause.field)
        found = self._clause_of_code.get(code) if isinstance(code, str) else None
        return self.clauses if found is None else (found,)

    @property
    def label_en(self) -> str:
        """The English name: that of the class, in words."""
        return self.type.rpartition(".")[2].replace("_", " ").capitalize()

    @cached_property
    def handle(self) -> str:
        """By what an event of the same natural key is looked for: its `subject`, `process`, or one of its fields."""
        if self.key is None:
            return ""
        if self.scope == "person" or "subject" in self.key.names:
            return "subject"
        if "process" in self.key.names:
            return "process"
        return [name for name in self.key.names if name in self.facts and self.facts[name].kind.name in _SEARCHED][-1]

    def key_in(self, attributes: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        """Return an event's natural key, by its stored payload, as text without its sealed fields; and those names.

        The text is empty for a type that has no natural key.
        """
        if self.key is None:
            return "", ()
        names = self.key.names_in(payload)
        if self.handle == "subject" and "subject" not in names:  # it is looked for among the person's
            names = ("subject", *names)
        sealed = tuple(name for name in names if name in self.sealed)
        values = [
            _in_key(payload.get(name) if name in self.facts else _attribute(name, attributes))
            for name in names
            if name not in sealed
        ]
        return f"{self.type} {values}", sealed

    def load(self, data: Mapping[str, Any]) -> Any:
        """Return a stored payload as an instance of the class; what is sealed comes as `Sealed`."""
        found = object.__new__(cast("type[Any]", self.cls))
        blank, loads = self._blank, self._loads
        fields = {**blank, **data}
        if len(fields) > len(blank):
            fields = {name: fields[name] for name in blank}
        for name, load in loads:
            value = fields[name]
            if value is not None:
                fields[name] = load(value)
        found.__dict__.update(fields)  # as its constructor does, without a call for each field of a frozen class
        return found

    @cached_property
    def _blank(self) -> dict[str, Any]:
        return dict.fromkeys(self.facts)

    @cached_property
    def _loads(self) -> list[tuple[str, Callable[[Any], Any]]]:
        """How fields are loaded that code does not see as they are stored."""
        found = [(name, fact) for name, fact in self.facts.items() if not fact.loads_as_stored]
        return [(name, fact.load if fact.many or fact.sealed else fact.kind.load) for name, fact in found]

    @cached_property
    def _clause_of_code(self) -> dict[str, str]:
        if isinstance(self.clause, str):
            return {}
        name = str(self.facts[self.clause.field].code_list)
        return {code: entry["clause"] for code, entry in code_lists()[name]["codes"].items()}


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

    def newest(self, type_name: str, stored: dict[str, Any], dataschema: Any) -> dict[str, Any]:
        """Return a stored payload, of the version that `dataschema` names, as the type's present version says it."""
        declaration = self._types.get(type_name)
        return declaration.newest(stored, dataschema) if declaration else stored

    def effect_of(self, type_name: str) -> Effect | None:
        """Return what events of a type do to families or to other events; None for most, and for an unknown type."""
        declaration = self._types.get(type_name)
        return declaration.effect if declaration else None

    def of(self, cls: type[Any]) -> Declaration:
        """Return the declaration of an event class."""
        return self._classes[cls]

    def add(self, declaration: Declaration) -> None:
        """Add a declaration. Raises TypeError for a type that was declared before."""
        if declaration.type in self._types:
            raise TypeError(f"Event type declared twice: {declaration.type}")
        self._types[declaration.type] = declaration
        self._classes[declaration.cls] = declaration


CATALOGUE = Catalogue()
"""The one catalogue of the program, filled when the departments' `events.py` are imported."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(
    label: str,
    *,
    about: Scope,
    clause: str | Of,
    says: str,
    department: str | None = None,
    before: tuple[Before, ...] = (),
    effect: Effect | None = None,
    key: str | Key | None = None,
    found_by: str = "",
) -> Callable[[type[C]], type[C]]:
    """Declare an event type: class decorator, makes the class a frozen dataclass and adds it to the catalogue.

    `label` is the Chinese name; `about` what it concerns; `clause` the policy clauses separated by spaces, or `of` a
    field whose code has one; `says` the Chinese sentence (see `sentence.py`); `key` the natural key, names separated by
    spaces. The type's permanent name is the department (the folder of the class, or `department`), a dot, and the class
    name in snake case. `found_by`: by which fields rules look for events of this type, besides process,
    subject, `base` and `uscc`; or `anywhere`. `before`: the versions before this one, oldest first.
    Raises TypeError for a declaration that is incomplete or contradicts itself.
    """

    def declare(cls: type[C]) -> type[C]:
        owner = department or cls.__module__.split(".")[1]
        type_name = f"{owner}.{re.sub(r'(?<!^)(?=[A-Z])', '_', cls.__name__).lower()}"
        facts = _facts(cls, type_name)
        for name, fact in facts.items():
            setattr(cls, name, field() if fact.required else field(default=None))
        made: type[C] = dataclass(frozen=True, kw_only=True)(cls)
        natural = Key(tuple(key.split())) if isinstance(key, str) else key
        _check(type_name, label, clause, says, facts)
        if natural is not None:
            _check_key(type_name, natural, about, facts)
        if not set(found_by.split()) <= {*facts, ANYWHERE}:
            raise TypeError(f"Found by no field: {found_by} ({type_name})")
        declaration = Declaration(
            type=type_name,
            department=owner,
            label=label,
            clause=clause,
            scope=about,
            sentence=says,
            cls=made,
            facts=facts,
            version=len(before) + 1,
            effect=effect,
            key=natural,
            found_by=tuple(found_by.split()),
            parts=_parts(type_name, says, facts),
            earlier=tuple(_form(type_name, label, number, one) for number, one in enumerate(before, 1)),
        )
        _check_versions(declaration)
        CATALOGUE.add(declaration)
        return made

    return declare


def _facts(cls: type[Any], type_name: str) -> dict[str, Fact]:
    found = {}
    for name, annotation in typing.get_type_hints(cls, include_extras=True).items():
        declared = cls.__dict__.get(name)
        if not isinstance(declared, Declared):
            raise TypeError(f"Field without kind and sensitivity: {name}")
        try:
            found[name] = declared.fact(annotation)
        except TypeError as error:
            raise TypeError(f"{error}: {type_name} {name}") from None
    return found


def _form(type_name: str, label: str, version: int, before: Before) -> Form:
    facts = _facts(before.cls, type_name)
    for name, fact in facts.items():
        _check_condition(type_name, name, fact, facts)
    return Form(type=type_name, label=label, version=version, cls=before.cls, facts=facts, upcast=before.upcast)


def _check_versions(declaration: Declaration) -> None:
    """Raise TypeError where versions differ in what a record is found by, or in what is sealed under its field's name.

    A correction does not say of which type its payload is, and is found by it all the same.
    """
    for form in declaration.earlier:
        sealed = {name for name in (*form.sealed, *declaration.sealed) if name in form.facts}
        for name in sorted(_found_by(declaration) | sealed):
            was, now = form.facts.get(name), declaration.facts.get(name)
            if was is None or now is None or (was.kind, was.many) != (now.kind, now.many):
                raise TypeError(f"A version may not change what is sealed or found by: {name} ({declaration.type})")


def _found_by(declaration: Declaration) -> set[str]:
    """Return the fields by which events of a type are found, are one fact, or say what they do to others."""
    named = {"base", "uscc", *declaration.found_by}
    if declaration.key is not None:
        named |= {*declaration.key.names, *declaration.key.otherwise, declaration.key.given, declaration.key.unless}
    for value in [] if declaration.effect is None else astuple(declaration.effect):
        named |= {value} if isinstance(value, str) else {*value} if isinstance(value, tuple) else set()
    return named & {name for form in declaration.forms for name in form.facts}


def _parts(type_name: str, says: str, facts: Mapping[str, Fact]) -> tuple[Part, ...]:
    try:
        return parts_of(says, facts)
    except ValueError:
        raise TypeError(f"A sentence can only name unsealed fields, in braces ({type_name})") from None
    except TypeError as error:
        raise TypeError(f"{error} ({type_name})") from None


def _check(type_name: str, label: str, clause: str | Of, says: str, facts: Mapping[str, Fact]) -> None:
    for what, value in {"label": label, "clause": clause, "sentence": says}.items():
        if not value:
            raise TypeError(f"Event type without {what}: {type_name}")
    if isinstance(clause, Of):
        list_name = facts[clause.field].code_list if clause.field in facts else None
        if list_name is None or not all("clause" in entry for entry in code_lists()[list_name]["codes"].values()):
            raise TypeError(f"No field whose codes have clauses: {clause.field} ({type_name})")
        named = {entry["clause"] for entry in code_lists()[list_name]["codes"].values()}
    else:
        named = set(clause.split())
    unknown = named - clauses().keys()
    if unknown:
        raise TypeError(f"Unknown clause: {', '.join(sorted(unknown))} ({type_name})")
    for name, fact in facts.items():
        _check_condition(type_name, name, fact, facts)


def _attribute(name: str, attributes: Mapping[str, Any]) -> Any:
    """Return an attribute as natural keys compare it; what has no process is one with its subject's other events."""
    value = attributes.get(name)
    return ["subject", attributes.get("subject")] if value is None and name == "process" else value


def _in_key(stored: Any) -> Any:
    """Return a stored value as natural keys compare it: an organisation by its code, a list in any order."""
    if isinstance(stored, dict):
        return stored.get("code", stored)
    return sorted(map(str, stored)) if isinstance(stored, list) else stored


def _check_key(type_name: str, natural: Key, about: Scope, facts: Mapping[str, Fact]) -> None:
    for name in (*natural.names, *natural.otherwise):
        if name not in facts and name not in _IN_KEYS:
            raise TypeError(f"A natural key of no field: {name} ({type_name})")
    # who an event is about finds it; what is about nobody is found by a name in its key
    if about != "person" and not any(
        name in _HANDLES or (name in facts and facts[name].kind.name in _SEARCHED) for name in natural.names
    ):
        raise TypeError(f"A natural key that nothing is found by ({type_name})")


def _check_condition(type_name: str, name: str, fact: Fact, facts: Mapping[str, Fact]) -> None:
    when = fact.when
    if when is None:
        return
    ground = facts.get(when.field)
    if ground is None or ground.many:
        raise TypeError(f"A condition on no field: {when.field} ({type_name} {name})")
    known = set(code_lists()[ground.code_list]["codes"]) if ground.code_list else {"true", "false"}
    if not known.issuperset(when.values):
        raise TypeError(f"A condition on no code: {when.field} ({type_name} {name})")
