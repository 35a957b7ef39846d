"""What may change in a published schema: nothing that an old sender, an old reader or an old log could not take.

An old sender goes on sending what the schema of then allowed; an old log holds it; an old reader relies on what the
stored form promised. So a field stays, keeps its kind, its shape and its seal, and takes at least what it took; a new
field is optional. Words, examples, new codes and wider bounds are free. Whatever else must change is a new version: its
schemas stand beside those of the version before, which keeps its own.
"""

from collections.abc import Iterator
from typing import Any

_FREE = {"title", "description", "examples", "x-sensitivity", "$schema"}
_LOWEST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "x-over", "x-at-least"}
_HIGHEST = {"maximum", "maxLength", "maxItems", "x-at-most"}
_SENSITIVITY = "PIDS"


def breaks(before: dict[str, Any] | None, now: dict[str, Any] | None, *, stored: bool) -> list[str]:
    """Return, in English, what of the published schema `before` the schema `now` no longer keeps.

    `stored` says that it is the stored form, on which readers rely: what was always there stays so.
    """
    if before is None:
        return []
    if now is None:
        return ["the type is gone, or this version of it"]
    found = [*_of_fields(before, now, stored=stored), *_of_value(_bare(before), _bare(now), "the payload")]
    return [*found, *_of_conditions(before, now)]


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in {"properties", "required", "allOf"}}


def _of_fields(before: dict[str, Any], now: dict[str, Any], *, stored: bool) -> Iterator[str]:
    old, new = before["properties"], now["properties"]
    for name in old.keys() - new.keys():
        yield f"{name}: the field is gone"
    for name in sorted(set(now["required"]) - set(before["required"])):
        yield f"{name}: {'became' if name in old else 'is new and'} required"
    if stored:
        for name in sorted(set(before["required"]) - set(now["required"])):
            yield f"{name}: readers rely on it, it stays required"
    for name in sorted(old.keys() & new.keys()):
        yield from _of_value(old[name], new[name], name)
        if _SENSITIVITY.index(new[name]["x-sensitivity"]) < _SENSITIVITY.index(old[name]["x-sensitivity"]):
            yield f"{name}: became less sensitive"


def _of_value(before: Any, now: Any, where: str) -> Iterator[str]:
    if not (isinstance(before, dict) and isinstance(now, dict)):
        if before != now:
            yield f"{where}: another shape"
        return
    for key in sorted((before.keys() | now.keys()) - _FREE):
        yield from _of_keyword(key, before.get(key), now.get(key), f"{where}: {key}")


def _of_keyword(key: str, before: Any, now: Any, where: str) -> Iterator[str]:
    if before == now:
        return
    if key == "enum":
        gone = [code for code in before or () if code not in (now or before)]
        if gone or before is None:
            yield f"{where} narrowed"
    elif key in _LOWEST:
        if now is not None and (before is None or float(now) > float(before)):
            yield f"{where} narrowed"
    elif key in _HIGHEST:
        if now is not None and (before is None or float(now) < float(before)):
            yield f"{where} narrowed"
    elif isinstance(before, dict) and isinstance(now, dict):
        yield from _of_value(before, now, where)
    else:
        yield f"{where} changed"


def _of_conditions(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    known = before.get("allOf", [])
    for condition in now.get("allOf", []):
        if condition not in known and not any(_looser(condition, old) for old in known):
            yield f"{condition['then']['required'][0]}: required or refused under a new condition"


def _looser(condition: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether a condition is the old one, but without the prohibition otherwise."""
    return condition == {key: value for key, value in old.items() if key != "else"}
