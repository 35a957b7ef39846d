"""The fields of an event: what is declared of each besides its kind, which is its annotation.

A field is declared by its sensitivity: `public`, `internal`, `personal` or `sensitive`, with its Chinese label.
"""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from shared.language.kinds import Kind, Label, Setting, Unreadable

Sensitivity = Literal["P", "I", "D", "S"]
"""公开: may appear in published statistics and notices. 内部: government staff with a duty. 个人信息: identifies or
describes a person. 敏感个人信息: health, finance, a child under 14, a precise place (PIPL art. 28)."""
Bound = int | str
MANY = 100
"""How many items a list may hold."""
MISSING, SEALED = "未填", "〔密封〕"
Words = tuple[str, str, str]
"""A code, and one sentence each in Chinese and English."""


@dataclass(frozen=True, slots=True)
class When:
    """A field is required when `field` holds one of `values`; otherwise it must be absent, unless `allowed`."""

    field: str
    values: tuple[str, ...]
    allowed: bool
    words: Words | None
    required: bool = True
    """Whether reading refuses an event without it. A published type that got the field later keeps its schema: there a
    rule of the department does."""

    def met(self, payload: Mapping[str, Any]) -> bool:
        """Whether a typed or stored payload meets the condition."""
        value = payload.get(self.field)
        return value is not None and (str(value).lower() if isinstance(value, bool) else value) in self.values


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a number: greater than `over`, `at_least`, `at_most`."""

    over: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def check(self, value: Any, label: str) -> None:
        """Raise Unreadable for a number outside."""
        if self.over is not None and not value > self.over:
            raise Unreadable("too_small", f"{label}须大于 {self.over}。", f"This must be more than {self.over}.")
        if self.at_least is not None and value < self.at_least:
            least = self.at_least
            raise Unreadable("too_small", f"{label}不得小于 {least}。", f"This must be {least} or more.")
        if self.at_most is not None and value > self.at_most:
            raise Unreadable("too_large", f"{label}不得大于 {self.at_most}。", f"This must be {self.at_most} or less.")


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of an event: its kind, how often, how sensitive, and what else was declared."""

    kind: Kind
    sensitivity: Sensitivity
    label: str
    required: bool
    many: bool
    example: Any
    bounds: Bounds | None = None
    when: When | None = None

    @property
    def sealed(self) -> bool:
        """Whether the value is stored only encrypted."""
        return self.kind.sealed

    @property
    def code_list(self) -> str | None:
        """The name of the list of its codes, if it is a code."""
        return self.kind.code_list

    def parse(self, value: Any, setting: Setting) -> Any:
        """Read one value (of a list, one item). Raises Unreadable."""
        typed = self.kind.parse(value, setting)
        if self.bounds is not None:
            self.bounds.check(typed, self.label)
        return typed

    def store(self, value: Any) -> Any:
        """Return a typed value as JSON; of a list, a list."""
        return [self.kind.store(item) for item in value] if self.many else self.kind.store(value)

    @property
    def loads_as_stored(self) -> bool:
        """Whether code sees the value as it is stored."""
        return not self.many and self.kind.loads_as_stored

    def load(self, stored: Any) -> Any:
        """Return a stored value as code sees it."""
        return tuple(self.kind.loaded(item) for item in stored) if self.many else self.kind.loaded(stored)

    def show(self, stored: Any, label: Label) -> str:
        """Return a stored value as an official reads it."""
        if stored is None:
            return MISSING
        if self.sealed:
            return SEALED
        items = stored if isinstance(stored, list) else [stored]
        return "、".join(self.kind.show(item, label) for item in items)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a class body declares of a field; the annotation says the rest."""

    sensitivity: Sensitivity
    label: str
    example: Any
    bounds: Bounds | None
    when: When | None

    def fact(self, annotation: Any) -> Fact:
        """Return the field's fact. Raises TypeError with a reason that the caller completes with the place."""
        kind, many, required = _kind_in(annotation)
        if not self.label:
            raise TypeError("Field without label")
        if self.bounds is not None and not kind.numeric:
            raise TypeError("Only a number has bounds")
        if self.when is not None and required:
            raise TypeError("A field with a condition is optional")
        example = kind.example if self.example is None else self.example
        if many and not isinstance(example, list):
            example = [example]
        return Fact(kind, self.sensitivity, self.label, required, many, example, self.bounds, self.when)


def _declarer(sensitivity: Sensitivity, doc: str) -> Any:
    def declare(
        label: str,
        example: Any = None,
        *,
        over: Bound | None = None,
        at_least: Bound | None = None,
        at_most: Bound | None = None,
        when: str | None = None,
        otherwise: Literal["absent", "allowed"] = "absent",
        words: Words | None = None,
    ) -> Any:
        limits = [None if bound is None else Decimal(bound) for bound in (over, at_least, at_most)]
        bounds = Bounds(*limits) if any(limit is not None for limit in limits) else None
        return Declared(sensitivity, label, example, bounds, _when(when, otherwise, words))

    declare.__doc__ = (
        doc
        + """

    `example` is one as a sender writes it; without one it is the kind's. `over`, `at_least` and `at_most` bound a
    number. `when="decision=refused"` (values separated by `|`) makes an optional field required under this condition;
    `otherwise` it must be absent or is allowed. `words` (code, Chinese, English) say so in place of the usual ones.
    """
    )
    return declare


def _when(condition: str | None, otherwise: str, words: Words | None) -> When | None:
    if condition is None:
        return None
    field, equals, values = condition.partition("=")
    if not (field and equals and values):
        raise TypeError(f"A condition is field=value: {condition}")
    return When(field, tuple(values.split("|")), otherwise == "allowed", words)


public = _declarer("P", "Declare a field that may appear in published statistics and notices (公开).")
internal = _declarer("I", "Declare a field for government staff with a duty (内部).")
personal = _declarer("D", "Declare a field that identifies or describes a person (个人信息).")
sensitive = _declarer("S", "Declare a field on health, finance, a young child or a precise place (敏感个人信息).")


def refusal_reason(*, added: bool = False) -> Any:
    """Declare why a decision is a refusal. It holds for every decision: the family must be told why.

    A type that was published without it has it `added`: its schema stays, and the door requires it (`reading.py`).
    """
    declared: Declared = internal(
        "不予同意原因",
        "document",
        when="decision=refused",
        otherwise="allowed",  # who returned an application, or did not take it on, may say why as well
        words=("refusal_without_reason", "不予同意的决定须写明原因。", "A refusal must give its reason."),
    )
    assert declared.when is not None  # noqa: S101 - just said
    return replace(declared, when=replace(declared.when, required=not added))


def _kind_in(annotation: Any) -> tuple[Kind, bool, bool]:
    """Return kind, whether it is a list, and whether it is required."""
    required = True
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        inner = [part for part in typing.get_args(annotation) if part is not types.NoneType]
        if len(inner) != 1 or len(inner) == len(typing.get_args(annotation)):
            raise TypeError("Annotation is no kind")
        annotation, required = inner[0], False
    many = typing.get_origin(annotation) is tuple
    if many:
        annotation, *rest = typing.get_args(annotation)
        if rest != [...]:
            raise TypeError("A list is tuple[Kind, ...]")
    kinds = [part for part in getattr(annotation, "__metadata__", ()) if isinstance(part, Kind)]
    if len(kinds) != 1:
        raise TypeError("Annotation is no kind")
    if annotation.__origin__ != kinds[0].python:
        raise TypeError("Annotation contradicts its kind")
    return kinds[0], many, required
