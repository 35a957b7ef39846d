"""Checks a payload against a form of its type: marshmallow walks the fields, each kind reads its own values.

Values come out typed (date, Decimal, bool, tuple); a person comes out as `persons.Person`, which the door turns into a
token. A type's schema is made once; the day and what is allowed come by context.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from shared.errors import UNKNOWN_NAMED, Fault, nearest, place
from shared.language.fields import MANY, Fact, When
from shared.language.form import Form
from shared.language.kinds import Setting, Unreadable

_SETTING: ContextVar[Setting] = ContextVar("setting")


def check(form: Form, data: Any, setting: Setting, pointer: str = "/data") -> dict[str, Any]:
    """Return the payload as typed values, absent fields as None.

    Raises Invalid with every fault at once, each with its JSON Pointer under `pointer`.
    """
    if not isinstance(data, dict):
        raise Invalid([Fault("not_an_object", pointer, "内容（data）须为对象。", "The payload must be an object.")])
    facts = form.facts
    plain = _plainly(form, data, setting)
    if plain is not None:
        return plain
    unknown: list[Fault] = []
    if not data.keys() <= facts.keys():
        others = [name for name in data if name not in facts]
        unknown = [_unknown(name, facts, pointer) for name in others[:UNKNOWN_NAMED]]
        data = {name: data[name] for name in facts if name in data}
    faults: list[Fault] = []
    refused: Iterable[str] = ()
    token = _SETTING.set(setting)
    try:
        loaded: dict[str, Any] = _schema(form).load(data)
    except ValidationError as error:
        loaded, refused = error.valid_data, error.messages  # type: ignore[assignment]
        faults = _faults(error.messages, pointer)
    finally:
        _SETTING.reset(token)
    faults += [*_unmet(form, loaded, refused, pointer), *unknown]
    if faults:
        raise Invalid(faults)
    return {name: loaded.get(name) for name in facts}


def _plainly(form: Form, data: dict[str, Any], setting: Setting) -> dict[str, Any] | None:
    """Return a payload in which nothing is wrong, as almost all are, or None for one with faults to be gathered.

    Each field is read by the same; to gather faults costs several times as much.
    """
    loaded: dict[str, Any] = dict.fromkeys(form.facts)
    fields = _readers(form)
    try:
        for name, value in data.items():
            if value is None:
                return None
            loaded[name] = fields[name](value, setting)
    except (KeyError, Unreadable, ValidationError):  # of another name, or not of its kind
        return None
    if any(loaded[name] is None for name in form.required) or any(_unmet(form, loaded, (), "")):
        return None
    return loaded


class Invalid(Exception):
    """A payload does not fit its form."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].code)
        self.faults = faults


_REQUIRED: Any = [("required", "缺少必填项。", "This field is required.")]
_NULL: Any = [("null", "不能为 null；没有就不要写。", "This must not be null; leave it out instead.")]


class _Value(Field[Any]):
    def __init__(self, fact: Fact) -> None:
        super().__init__(required=fact.required, error_messages={"required": _REQUIRED, "null": _NULL})
        self.parse = fact.parse if fact.bounds is not None else fact.kind.parse
        self.read = self._all if fact.many else self.parse

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        try:
            return self.read(value, _SETTING.get())
        except Unreadable as error:
            raise ValidationError([error.words]) from None

    def _all(self, value: Any, setting: Setting) -> tuple[Any, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MANY:
            raise Unreadable("not_a_list", f"应为 1 到 {MANY} 项的列表。", f"This must be a list of 1 to {MANY} items.")
        found, faults = [], {}
        for index, item in enumerate(value):
            try:
                found.append(self.parse(item, setting))
            except Unreadable as error:
                faults[index] = [error.words]
        if faults:
            raise ValidationError(faults)
        return tuple(found)


@cache
def _schema(form: Form) -> Schema:
    return _of_class(form)(unknown=RAISE)


@cache
def _readers(form: Form) -> dict[str, Callable[[Any, Setting], Any]]:
    """Return what reads each field; none of them takes a null."""
    return {name: _Value(fact).read for name, fact in form.facts.items()}


def _of_class(form: Form) -> type[Schema]:
    return Schema.from_dict({name: _Value(fact) for name, fact in form.facts.items()})


def _unmet(form: Form, loaded: Mapping[str, Any], refused: Iterable[str], pointer: str) -> Iterator[Fault]:
    """Yield the fields that a condition requires and that are absent, or that it does not allow."""
    for name, when in form.conditions:
        if name in refused or when.field in refused:
            continue
        given = loaded.get(name) is not None
        if when.met(loaded) and not given:
            code, zh, en = when.words or _required_when(form, name, when)
            yield Fault(code, f"{pointer}/{name}", zh, en)
        elif given and not when.allowed and not when.met(loaded):
            yield Fault("not_expected_here", f"{pointer}/{name}", *_only_when(form, name, when))


def _required_when(form: Form, name: str, when: When) -> tuple[str, str, str]:
    fact, values = form.facts[name], _values(form, when)
    zh = f"{values[0]}时，须填写{fact.label}。"
    return "required_here", zh, f"This is required when {values[1]}."


def _only_when(form: Form, name: str, when: When) -> tuple[str, str]:
    fact, values = form.facts[name], _values(form, when)
    return f"仅在{values[0]}时填写{fact.label}。", f"This is given only when {values[1]}."


def _values(form: Form, when: When) -> tuple[str, str]:
    ground = form.facts[when.field]
    shown = "或".join(ground.show(value == "true" if not ground.code_list else value, str) for value in when.values)
    return f"{ground.label}为“{shown}”", f"{when.field} is {' or '.join(when.values)}"


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
