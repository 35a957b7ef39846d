import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refused
from shared.json import MAX_DEPTH, canonical, parse_each, parse_strict

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


def each(raw: bytes) -> Any:
    """Return the code of each item of an array, None for one in order; or the code with which all is refused."""
    try:
        return [item.code if isinstance(item, Refused) else None for item in parse_each(raw) or ()]
    except Refused as refused:
        return refused.code


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
        b"{}\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b'{"a" 1}',
        b"{1: 1}",
        b'"a\nb"',
        b'"\\x"',
        b"01",
        b"+1",
        b"nul",
        b"nan",
        b"[" * 100_000,
        b'["\\ud800"',
        b"[NaN",
        b"[18446744073709551616",
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "not_json"
    assert each(raw) == "not_json"


ODD = [
    (b"NaN", "not_finite", ""),
    (b'{"a":[0,Infinity]}', "not_finite", "/a/1"),
    (b'[{"b":-Infinity}]', "not_finite", "/0/b"),
    (b"1e999", "number_too_large", ""),
    (b'{"a":{"b":[-1e999]}}', "number_too_large", "/a/b/0"),
    (b'{"a":18446744073709551616}', "number_too_large", "/a"),
    (b'{"a":-9223372036854775809}', "number_too_large", "/a"),
    (b'{"a":' + b"9" * 5_000 + b"}", "number_too_large", "/a"),
    (b'{"a":"\\ud800"}', "half_character", "/a"),
    (b'{"a":"x\\udfff\\ud800"}', "half_character", "/a"),
    (b'{"a":{"\\udfff":1}}', "half_character", "/a/?"),
    (b'{"a":1,"a":1}', "duplicate_key", "/a"),
    (b'{"a":{"b":1,"c":2,"b":3}}', "duplicate_key", "/a/b"),
    (b'[{"id":"1","\\u0069d":"2"}]', "duplicate_key", "/0/id"),
    (b'{"a":{"421299201709030139":1,"421299201709030139":2}}', "duplicate_key", "/a/?"),
    (b'{"a":' * MAX_DEPTH + b"[]" + b"}" * MAX_DEPTH, "too_deep", "/a" * MAX_DEPTH),
]


@pytest.mark.parametrize(("raw", "code", "pointer"), ODD)
def test_what_others_could_read_otherwise_is_refused_with_its_place(raw: bytes, code: str, pointer: str) -> None:
    for body in (raw, b" " + raw + b"\n", b"\xef\xbb\xbf" + raw):
        with pytest.raises(Refused) as refused:
            parse_strict(body)
        assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [(code, pointer)]
        assert refused.value.status == 400


@pytest.mark.parametrize(("raw", "code", "pointer"), ODD)
def test_in_an_array_each_item_is_read_for_itself(raw: bytes, code: str, pointer: str) -> None:
    first, odd, last = parse_each(b'[ {"a": "\\u4e00"} , ' + raw + b",[]]") or []
    assert (first, last) == ({"a": "一"}, [])
    assert [(fault.code, fault.pointer) for fault in odd.faults] == [(code, pointer)]
    assert odd.status == 400


def test_every_fault_of_an_item_is_named_but_not_a_hundred_thousand() -> None:
    with pytest.raises(Refused) as refused:
        parse_strict(b'{"a":NaN,"b":{"c":1e999,"c":"\\ud800"}}')
    assert [(fault.code, fault.pointer) for fault in refused.value.faults] == [
        ("not_finite", "/a"),
        ("number_too_large", "/b/c"),
        ("duplicate_key", "/b/c"),
        ("half_character", "/b/c"),
    ]
    with pytest.raises(Refused) as refused:
        parse_strict(b"[" + b",".join([b"NaN"] * 100_000) + b"]")
    assert len(refused.value.faults) == 10


@pytest.mark.parametrize("raw", [b"{}", b"null", b'"x"', b"1", b"1.5", b'\xef\xbb\xbf{"a":[]}'])
def test_what_is_no_array_is_none(raw: bytes) -> None:
    assert parse_each(raw) is None


@pytest.mark.parametrize(
    "raw", [b"18446744073709551615", b"-9223372036854775808", b"9.3e18", b"-0", b'"\\ud83d\\ude00"', b"[[],{}]"]
)
def test_the_largest_numbers_and_whole_characters_are_taken(raw: bytes) -> None:
    assert parse_strict(raw) == json.loads(raw)


def test_a_byte_order_mark_before_a_body_is_passed_over() -> None:
    assert parse_strict(b'\xef\xbb\xbf{"a":"\xef\xbb\xbf"}') == {"a": "\ufeff"}
    assert parse_each(b"\xef\xbb\xbf[1]") == [1]


@given(st.lists(JSON, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_the_careful_reading_finds_what_the_fast_one_does(values: list[Any], ascii_only: bool, indent: Any) -> None:
    raw = json.dumps([*values, 0], ensure_ascii=ascii_only, indent=indent).encode()
    assert parse_strict(raw) == parse_each(raw) == [*values, 0]
    careful = parse_each(raw.rstrip(b"]\n") + b",NaN]") or []
    assert careful[:-1] == [*values, 0]


@pytest.mark.parametrize("raw", [b'"\xff"', b'{"a":"\xc0\xaf"}', b"\xff\xfe{\x00}\x00", b'"\xed\xa0\x80"'])
def test_what_is_not_utf_8_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "not_utf8"


@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_limited(opened: bytes, closed: bytes) -> None:
    deep = MAX_DEPTH - 1
    assert code_of(opened * deep + b"1" + closed * deep) is None
    assert code_of(opened * (deep + 1) + b"1" + closed * (deep + 1)) == "too_deep"
    assert code_of(opened * 100_000 + b"1" + closed * 100_000) == "too_deep"
    fits, too_deep = (b"[" + opened * by + b"1" + closed * by + b"]" for by in (deep, deep + 1))
    assert (each(fits), each(too_deep)) == ([None], ["too_deep"])


@pytest.mark.parametrize("inside", [b'"]}\\"", 1', b"[{}]", b"null", b'{"a": "["}'])
def test_what_nests_too_deep_is_passed_over_whole(inside: bytes) -> None:
    raw = b"[" + b"[" * MAX_DEPTH + inside + b"]" * MAX_DEPTH + b", 7]"
    assert each(raw) == ["too_deep", None]


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_refused(raw: bytes) -> None:
    code = code_of(raw)
    assert code in {None, "not_json", "not_utf8", "duplicate_key", "number_too_large", "not_finite"}
    try:
        json.loads(raw.removeprefix(b"\xef\xbb\xbf").decode())
    except ValueError:
        assert code in {"not_json", "not_utf8"}
    else:
        assert code not in {"not_json", "not_utf8"}


@given(st.text(st.sampled_from('[]{},:"\\u0dE8 1-.en\n'), max_size=12))
def test_whatever_looks_like_json_is_json_or_refused(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        assert code_of(text.encode()) == "not_json"
    else:
        assert code_of(text.encode()) != "not_json"


def test_a_refusal_never_repeats_the_body() -> None:
    for raw in (b'{"secret":"4321', b'{"secret":1,"secret":2}', b'"secret\xff"'):
        with pytest.raises(Refused) as refused:
            parse_strict(raw)
        told = str(refused.value) + refused.value.zh + refused.value.en
        assert "secret" not in told
        assert "4321" not in told
