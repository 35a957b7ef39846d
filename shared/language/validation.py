"""Checks a payload against its declaration (marshmallow), and writes the declaration as JSON Schema.

Each kind of value has one entry in `KINDS`: how it is read, and what its JSON Schema says. Values come out typed
(date, Decimal, bool, tuple); a person comes out as `Person`, which only the intake turns into a token.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Field

from shared.errors import UNKNOWN_NAMED, Fault, nearest, place
from shared.language.catalogue import Declaration
from shared.language.fields import Fact
from shared.language.kinds import KINDS, Setting, Unreadable
from shared.policy.lists import code_lists

MANY = 100
"""How many items a list may hold."""


def check(declaration: Declaration, data: Any, setting: Setting, pointer: str = "/data") -> dict[str, Any]:
    """Return the payload as typed values, absent fields as None.

    Raises Invalid with every fault at once, each with its JSON Pointer under `pointer`.
    """
    if not isinstance(data, dict):
        raise Invalid([Fault("not_an_object", pointer, "内容(data)须为对象。", "The payload must be an object.")])
    facts = declaration.facts
    known = {name: data[name] for name in facts if name in data}
    unknown = [name for name in data if name not in facts]
    faults = [_unknown(name, facts, pointer) for name in unknown[:UNKNOWN_NAMED]]
    loaded: dict[str, Any] = {}
    try:
        loaded = _schema(declaration, setting)().load(known)
    except ValidationError as error:
        faults = _faults(error.messages, pointer) + faults
    if faults:
        raise Invalid(faults)
    return {name: loaded.get(name) for name in facts}


class Invalid(Exception):
    """A payload does not fit its declaration."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].code)
        self.faults = faults


def json_schema(declaration: Declaration) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an event type's payload as a sender writes it."""
    properties = {}
    for name, said in declaration.facts.items():
        one = dict(KINDS[said.kind].schema)
        if said.code_list:
            one = {"enum": list(code_lists()[said.code_list]["codes"])}
        shape = {"type": "array", "items": one, "minItems": 1, "maxItems": MANY} if said.many else one
        properties[name] = {"title": said.label, **shape, "x-sensitivity": said.sensitivity, "x-sealed": said.sealed}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": declaration.dataschema,
        "title": declaration.label,
        "description": declaration.cls.__doc__,
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, said in declaration.facts.items() if said.required],
        "properties": properties,
    }


_REQUIRED: Any = [("required", "缺少必填项。", "This field is required.")]
_NULL: Any = [("null", "不能为 null;没有就不要写。", "This must not be null; leave it out instead.")]


class _Value(Field[Any]):
    def __init__(self, said: Fact, setting: Setting) -> None:
        super().__init__(required=said.required, error_messages={"required": _REQUIRED, "null": _NULL})
        self.said = said
        self.setting = setting

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        try:
            return self._all(value) if self.said.many else self._one(value)
        except Unreadable as error:
            raise ValidationError([error.said]) from None

    def _all(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MANY:
            raise Unreadable("not_a_list", f"应为 1 到 {MANY} 项的列表。", f"This must be a list of 1 to {MANY} items.")
        found, faults = [], {}
        for index, item in enumerate(value):
            try:
                found.append(self._one(item))
            except Unreadable as error:
                faults[index] = [error.said]
        if faults:
            raise ValidationError(faults)
        return tuple(found)

    def _one(self, value: Any) -> Any:
        reading = KINDS[self.said.kind]
        read = reading.read(value, self.setting) if reading.with_setting else reading.read(value)
        if self.said.code_list and not self._known(read):
            raise Unreadable(
                "unknown_code",
                f"代码不在代码表 {self.said.code_list} 中。",
                f"This code is not in the list {self.said.code_list}.",
            )
        return read

    def _known(self, code: str) -> bool:
        entry = code_lists()[str(self.said.code_list)]["codes"].get(code)
        return entry is not None and (self.setting.allow_test_regions or not entry.get("test"))


@lru_cache(1_000)
def _schema(declaration: Declaration, setting: Setting) -> type[Schema]:
    return Schema.from_dict({name: _Value(said, setting) for name, said in declaration.facts.items()})


def _faults(messages: Any, pointer: str) -> list[Fault]:
    found = []
    for key, value in messages.items():
        here = f"{pointer}/{key}"  # the name of a declared field, or an index
        if isinstance(value, dict):
            found += _faults(value, here)
        else:
            found += [Fault(code, here, zh, en) for code, zh, en in value]
    return found


def _unknown(name: str, known: Iterable[str], pointer: str) -> Fault:
    hint_zh, hint_en = nearest(name, known)
    return Fault(
        "unknown_field",
        f"{pointer}/{place(name)}",
        f"此类事件没有这一项。{hint_zh}",
        f"This event type has no such field.{hint_en}",
    )
