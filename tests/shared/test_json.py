import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refused
from shared.json import MAX_DEPTH, canonical, parse_strict

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def code_of(raw: bytes) -> str | None:
    """Return the code with which a body is refused (400), or None when it is accepted."""
    try:
        parse_strict(raw)
    except Refused as refused:
        return refused.code if refused.status == 400 else str(refused.status)
    return None


def test_canonical_is_utf_8_with_sorted_keys_and_no_spaces() -> None:
    assert '{"a":["一户",true,null,1],"b":{"c":"","d":"/"}}'.encode() == canonical(
        {"b": {"d": "/", "c": ""}, "a": ["一户", True, None, 1]}
    )


@given(JSON)
def test_canonical_comes_back_as_it_was_and_is_the_same_again(value: Any) -> None:
    raw = canonical(value)
    assert value == parse_strict(raw)
    assert raw == canonical(json.loads(raw))


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), max_size=6), st.randoms())
def test_the_order_in_which_keys_were_written_makes_no_difference(value: dict[str, int], random: Any) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert canonical(value) == canonical(dict(items))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"[1 2]",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b'"a\nb"',
        b'"\\x"',
        b"01",
        b"+1",
        b"nul",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"1e999",
        b"[-1e999]",
        b'{"a":[1e400]}',
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"18446744073709551616",
        b"[-9223372036854775809]",
        b"9" * 5_000,
    ],
)
def test_what_is_not_strict_json_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "not_json"


@pytest.mark.parametrize("raw", [b'"\xff"', b'{"a":"\xc0\xaf"}', b"\xff\xfe{\x00}\x00", b'"\xed\xa0\x80"'])
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "not_utf8"


@pytest.mark.parametrize("raw", [b'{"a":1,"a":1}', b'{"a":{"b":1,"c":2,"b":3}}', b'[{"id":"1","\\u0069d":"2"}]'])
def test_a_key_said_twice_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "duplicate_key"


@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_limited(opened: bytes, closed: bytes) -> None:
    deep = MAX_DEPTH - 1
    assert code_of(opened * deep + b"1" + closed * deep) is None
    assert code_of(opened * (deep + 1) + b"1" + closed * (deep + 1)) == "not_json"
    assert code_of(opened * 100_000 + b"1" + closed * 100_000) == "not_json"


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    assert code_of(raw) in {None, "not_json", "not_utf8", "duplicate_key"}


def test_a_refusal_never_repeats_the_body() -> None:
    for raw in (b'{"secret":"4321', b'{"secret":1,"secret":2}', b'"secret\xff"'):
        with pytest.raises(Refused) as refused:
            parse_strict(raw)
        said = str(refused.value) + refused.value.zh + refused.value.en
        assert "secret" not in said
        assert "4321" not in said
