"""JSON both ways: strict when it comes from outside, canonical when it is stored or signed.

What comes from outside is read by the fast parser; where something in the result looks odd, the body is read once more,
value by value, and every fault gets its place (JSON Pointer).
"""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

import orjson

from shared.errors import UNKNOWN_NAMED, Fault, Refused, place

Verbatim = orjson.Fragment
"""JSON that is canonical already, as bytes: a value that `canonical` repeats as it is."""

MAX_DEPTH = 20
"""How deep an input may nest. Events are flat; deeper input is hostile or wrong."""
BOM = b"\xef\xbb\xbf"
"""The byte order mark that some editors and libraries put before UTF-8; RFC 8259 lets a reader pass over it."""
WHOLE = range(-(2**63), 2**64)
"""The whole numbers that readers of JSON agree on."""


def canonical(value: Any) -> bytes:
    """Return the one canonical encoding: UTF-8, keys sorted, no spaces (as RFC 8785 for values without floats)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parse_strict(raw: bytes) -> Any:
    """Decode JSON from outside.

    Raises Refused (400): without a pointer for what is not UTF-8 or not JSON, else with every place where a key stands
    twice, half a character, a number nobody else can read, or too deep a nesting.
    """
    value = _quickly(raw, MAX_DEPTH)
    if value is _ODD:
        faults: list[Fault] = []
        text = _text(raw)
        value, end = _value(text, _blank(text, 0), "", MAX_DEPTH, faults)
        _end(text, end)
        if faults:
            raise Refused(faults, 400)
    return value


def parse_each(raw: bytes) -> list[Any] | None:
    """Decode a JSON array from outside, or return None for JSON that is none.

    An item in which something is wrong stands in the list as the Refused (400) that `parse_strict` would have raised
    for it alone. Raises Refused (400) for what is not UTF-8 or not JSON.
    """
    found = _quickly(raw, MAX_DEPTH + 1)
    if found is not _ODD:
        return found if isinstance(found, list) else None
    text = _text(raw)
    begun = _blank(text, 0)
    if not text.startswith("[", begun):
        parse_strict(raw)
        return None
    items: list[Any] = []

    def item(at: int) -> int:
        faults: list[Fault] = []
        value, end = _value(text, at, "", MAX_DEPTH, faults)
        items.append(Refused(faults, 400) if faults else value)
        return end

    _end(text, _all(text, begun, "]", item))
    return items


_ODD = object()


def _quickly(raw: bytes, depth: int) -> Any:
    """Decode what is plainly in order; _ODD for everything else.

    The fast parser refuses halves of characters, infinity and NaN; it takes the last of two equal keys (then its result
    has fewer strings than the body) and makes a float of a large whole number.
    """
    raw = raw.removeprefix(BOM)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _ODD
    if not _is_plain(value, depth) or _quotes(raw) != _quotes(orjson.dumps(value)):
        return _ODD
    return value


def _quotes(raw: bytes) -> int:
    """Count the marks around strings, passing over escaped ones."""
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    return raw.count(b'"')


def _is_plain(value: Any, left: int) -> bool:
    kind = type(value)
    if kind is not dict and kind is not list:
        return left > 0 and (kind is not float or abs(value) < -WHOLE.start)
    if left <= 1:  # too deep, unless it is empty
        return left == 1 and not value
    for item in value.values() if kind is dict else value:
        kind_of = type(item)
        if (kind_of is dict or kind_of is list or kind_of is float) and not _is_plain(item, left - 1):
            return False
    return True


def _text(raw: bytes) -> str:
    try:
        return raw.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("not_utf8", "内容不是 UTF-8 编码。", "The body is not UTF-8.") from None


_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile("true|false|null|NaN|-?Infinity")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_WHOLE_DIGITS = 20
"""How many digits the largest whole number has; Python itself refuses to read very long ones."""


def _value(text: str, at: int, pointer: str, left: int, faults: list[Fault]) -> tuple[Any, int]:
    """Read the value that begins at a place; note what is wrong inside. Returns it with the place after it."""
    if left == 0:
        _note(faults, pointer, "too_deep", f"嵌套超过 {MAX_DEPTH - 1} 层。", f"Nested deeper than {MAX_DEPTH - 1}.")
        return None, _skipped(text, at)
    first = text[at : at + 1]
    if first == '"':
        return _string(text, at, pointer, faults)
    if first == "{":
        return _object(text, at, pointer, left, faults)
    if first == "[":
        found: list[Any] = []

        def item(start: int) -> int:
            value, end = _value(text, start, f"{pointer}/{len(found)}", left - 1, faults)
            found.append(value)
            return end

        return found, _all(text, at, "]", item)
    return _plain_value(text, at, pointer, faults)


def _object(text: str, at: int, pointer: str, left: int, faults: list[Fault]) -> tuple[Any, int]:
    found: dict[str, Any] = {}

    def member(start: int) -> int:
        if text[start : start + 1] != '"':
            raise _not_json()
        key, end = _string(text, start, f"{pointer}/?", faults)
        here = f"{pointer}/{place(key)}"
        end = _blank(text, end)
        if text[end : end + 1] != ":":
            raise _not_json()
        if key in found:
            _note(faults, here, "duplicate_key", "同一对象中有重复的键。", "An object has the same key twice.")
        found[key], end = _value(text, _blank(text, end + 1), here, left - 1, faults)
        return end

    return found, _all(text, at, "}", member)


def _all(text: str, at: int, closing: str, read: Callable[[int], int]) -> int:
    """Read what stands between brackets, with commas between; return the place after them."""
    at = _blank(text, at + 1)
    if text[at : at + 1] == closing:
        return at + 1
    while True:
        at = _blank(text, read(at))
        after = text[at : at + 1]
        if after == closing:
            return at + 1
        if after != ",":
            raise _not_json()
        at = _blank(text, at + 1)


def _string(text: str, at: int, pointer: str, faults: list[Fault]) -> tuple[str, int]:
    token = _STRING.match(text, at)
    if token is None:
        raise _not_json()
    try:
        found = str(json.loads(token[0]))
    except ValueError:
        raise _not_json() from None
    if not found.isprintable() and any("\ud800" <= character <= "\udfff" for character in found):
        _note(faults, pointer, "half_character", "含有半个字符（孤立代理项）。", "There is half a surrogate pair.")
    return found, token.end()


def _plain_value(text: str, at: int, pointer: str, faults: list[Fault]) -> tuple[Any, int]:
    word = _WORD.match(text, at)
    if word:
        if word[0] not in _WORDS:
            _note(faults, pointer, "not_finite", "数值须为有限数。", "JSON has neither NaN nor Infinity.")
        return _WORDS.get(word[0]), word.end()
    number = _NUMBER.match(text, at)
    if not number:
        raise _not_json()
    if number[2] or number[3]:
        value: float = float(number[0])
        fits = isfinite(value)
    else:
        fits = len(number[1]) <= _WHOLE_DIGITS and int(number[1]) in WHOLE
        value = int(number[1]) if fits else 0
    if not fits:
        zh, en = "数值过大，超出 64 位。", "The number does not fit into 64 bits."
        _note(faults, pointer, "number_too_large", zh, en)
    return value, number.end()


def _skipped(text: str, at: int) -> int:
    """Return the place after a value that nests too deep to be looked at."""
    if text[at : at + 1] not in {"[", "{"}:
        return _value(text, at, "", 1, [])[1]
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text, at):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
            if depth == 0:
                return token.end()
    raise _not_json()


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _end(text: str, at: int) -> None:
    if _blank(text, at) != len(text):
        raise _not_json()


def _note(faults: list[Fault], pointer: str, code: str, zh: str, en: str) -> None:
    if len(faults) < UNKNOWN_NAMED:
        faults.append(Fault(code, pointer, zh, en))


def _not_json() -> Refused:
    return _refused("not_json", "内容不是规范的 JSON。", "The body is not well-formed JSON.")


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused([Fault(code, "", zh, en)], status=400)
