"""JSON both ways: strict when it comes from outside, canonical when it is stored or signed."""

import json
import math
from typing import Any

import orjson

from shared.errors import Fault, Refused

Verbatim = orjson.Fragment
"""JSON that is canonical already, as bytes: a value that `canonical` repeats as it is."""

MAX_DEPTH = 20
"""How deep an input may nest. Events are flat; deeper input is hostile or wrong."""


def canonical(value: Any) -> bytes:
    """Return the one canonical encoding: UTF-8, keys sorted, no spaces (as RFC 8785 for values without floats)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parse_strict(raw: bytes) -> Any:
    """Decode JSON from outside. Raises Refused (400): not UTF-8, not JSON, a key twice, NaN, 1e999, nested too deep."""
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        _check_depth(value, MAX_DEPTH)
        orjson.dumps(value)  # refuses lone surrogates and integers nobody else can read
    except UnicodeDecodeError:
        raise _refused("not_utf8", "内容不是 UTF-8 编码。", "The body is not UTF-8.") from None
    except _DuplicateKeyError:
        raise _refused("duplicate_key", "同一对象中有重复的键。", "An object has the same key twice.") from None
    except (ValueError, RecursionError, TypeError):
        raise _refused(
            "not_json",
            "内容不是规范的 JSON(或嵌套过深、含非法字符、数值超界)。",
            "The body is not well-formed JSON (or nests too deep, or has illegal characters or numbers).",
        ) from None
    return value


class _DuplicateKeyError(ValueError):
    """An object has the same key twice."""


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _no_constant(_: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _check_depth(value: Any, left: int) -> None:
    if left == 0:
        raise ValueError
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _check_depth(item, left - 1)


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused([Fault(code, "", zh, en)], status=400)
