"""A form: one version of what events of a type say. Most types have one; the others keep those before beside it.

What is recorded keeps the form in which it was said. Whoever reads it reads the newest: `Declaration.newest`.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.language.fields import Fact, When
from shared.language.kinds import EVENT, PROCESS

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes of a stored payload of one version that of the next: pure, whole, and without touching what it is given."""


@dataclass(frozen=True, slots=True)
class Before:
    """A version before the present one: a class with its fields, and what makes of it the next version."""

    cls: type[Any]
    upcast: Upcast


@dataclass(frozen=True, eq=False, kw_only=True)
class Form:
    """One version of what events of a type say: its fields, as a class declares them."""

    type: str
    label: str
    version: int
    cls: Callable[..., Any]
    facts: Mapping[str, Fact]
    upcast: Upcast | None = None
    """What makes of a stored payload of this version that of the next; the present version has none."""

    @cached_property
    def dataschema(self) -> str:
        """The CloudEvents `dataschema`: names the version of the payload's shape."""
        return f"urn:yihu:{self.type}:{self.version}"

    @cached_property
    def name(self) -> str:
        """What its schemas are called: the type, and the version if that is an older one."""
        return self.type if self.upcast is None else f"{self.type}.v{self.version}"

    @cached_property
    def sealed(self) -> tuple[str, ...]:
        """The fields that are stored only encrypted."""
        return tuple(name for name, fact in self.facts.items() if fact.sealed)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """The fields that hold several values."""
        return tuple(name for name, fact in self.facts.items() if fact.many)

    def store(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return a typed payload (persons as tokens) as JSON, without what is absent and without the sealed fields.

        Who holds the keys adds those: `fact.store(value)` of each name in `sealed` is the text to seal.
        """
        return {name: fact.store(payload[name]) for name, fact in self._clear if payload.get(name) is not None}

    def example(self) -> dict[str, Any]:
        """Return a valid payload as a sender writes it, of fabricated persons (region 421299)."""
        examples = {name: deepcopy(fact.example) for name, fact in self.facts.items()}
        return {
            name: example
            for name, example in examples.items()
            if (when := self.facts[name].when) is None or when.met(examples)
        }

    @cached_property
    def conditions(self) -> tuple[tuple[str, When], ...]:
        """The fields that are required under a condition, each with it."""
        return tuple((name, fact.when) for name, fact in self.facts.items() if fact.when and fact.when.required)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that every payload has."""
        return tuple(name for name, fact in self.facts.items() if fact.required)

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        """The fields that name events or processes."""
        return tuple(name for name, fact in self.facts.items() if fact.kind in (EVENT, PROCESS))

    @cached_property
    def _clear(self) -> tuple[tuple[str, Fact], ...]:
        return tuple((name, fact) for name, fact in self.facts.items() if not fact.sealed)
