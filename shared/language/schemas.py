"""A form of a type as JSON Schema (2020-12): of the payload as it is sent, and as it is stored and published.

Keywords of our own begin with `x-`: the kind, the sensitivity, whether it is sealed, bounds of decimal strings.
"""

from typing import Any

from shared.language.fields import MANY, Bounds, Fact, When
from shared.language.form import Form


def json_schema(form: Form, *, stored: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a payload, as sent or as stored (tokens, sealed values, organisations)."""
    facts = form.facts
    found: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": form.dataschema + (":stored" if stored else ""),
        "title": form.label,
        "description": form.cls.__doc__,
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, fact in facts.items() if fact.required],
        "properties": {name: _property(fact, stored=stored) for name, fact in facts.items()},
    }
    if stored:
        return found
    if form.conditions:
        found["allOf"] = [_condition(name, when, facts[when.field]) for name, when in form.conditions]
    return found | {"examples": [form.example()]}


def _property(fact: Fact, *, stored: bool) -> dict[str, Any]:
    one = dict(fact.kind.stored_schema if stored else fact.kind.sent)
    if fact.bounds is not None and not stored:  # what was recorded before a bound was set is in the log all the same
        one |= _bounds(fact.bounds, one)
    shape = {"type": "array", "items": one, "minItems": 1, "maxItems": MANY} if fact.many else one
    about = {"x-kind": fact.kind.name, "x-sensitivity": fact.sensitivity, "x-sealed": fact.sealed}
    if fact.code_list:
        about["x-code-list"] = fact.code_list
    return {"title": fact.label, **shape, **about}


def _bounds(bounds: Bounds, shape: dict[str, Any]) -> dict[str, Any]:
    limits = {"over": bounds.over, "at-least": bounds.at_least, "at-most": bounds.at_most}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    if shape.get("type") == "integer":
        words = {"over": "exclusiveMinimum", "at-least": "minimum", "at-most": "maximum"}
        return {words[name]: int(limit) for name, limit in given.items()}
    return {f"x-{name}": str(limit) for name, limit in given.items()}


def _condition(name: str, when: When, ground: Fact) -> dict[str, Any]:
    values: list[Any] = list(when.values) if ground.code_list else [value == "true" for value in when.values]
    found: dict[str, Any] = {
        "if": {"required": [when.field], "properties": {when.field: {"enum": values}}},
        "then": {"required": [name]},
    }
    return found if when.allowed else found | {"else": {"not": {"required": [name]}}}
