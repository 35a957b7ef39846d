import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.identifiers import normalise, person_name
from shared.language.kinds import DOCUMENT, EVENT, LINE, NOTE, OFFICER, Kind, Setting, Unreadable

SETTING = Setting(date(2025, 11, 22), allow_test_regions=True)
# Invisible for different reasons: soft hyphen, grapheme joiner, letter mark, Hangul filler, Khmer vowel, Mongolian
# separator, zero-width space, joiner, mark, word joiner, variation selector, byte order mark, half-width filler,
# braille blank, tag.
INVISIBLE = [
    "\u00ad",
    "\u034f",
    "\u061c",
    "\u3164",
    "\u17b4",
    "\u180e",
    "\u200b",
    "\u200d",
    "\u200e",
    "\u2060",
    "\ufe0f",
    "\ufeff",
    "\uffa0",
    "\u2800",
    "\U000e0041",
]
each_invisible = pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")


def refusal(kind: Kind, value: Any) -> str | None:
    try:
        kind.parse(value, SETTING)
    except Unreadable as unreadable:
        return unreadable.words[0]
    return None


@each_invisible
def test_a_required_text_of_one_invisible_character_is_empty(character: str) -> None:
    for kind in (LINE, NOTE, EVENT, DOCUMENT, OFFICER):
        assert refusal(kind, character) == "empty"
        assert refusal(kind, f" {character}\u3000{character} ") == "empty"


@each_invisible
def test_a_reference_with_an_invisible_character_is_the_same_reference(character: str) -> None:
    assert {EVENT.parse(text, SETTING) for text in (f"x{character}", f"{character}x", "x")} == {"x"}


@each_invisible
def test_a_personal_number_does_not_hide_behind_what_nobody_sees(character: str) -> None:
    for number in ("42129920210512020X", "13800138000"):
        assert refusal(LINE, f"联系{number[:9]}{character}{number[9:]}") == "personal_number_in_clear"


@pytest.mark.parametrize("text", ["\u202eab", "a\u202eb", "ab\u2069", "a\x00", "a\ud800", "a\uffff", "a\U0002ffff"])
def test_what_turns_the_direction_or_is_broken_is_refused_wherever_it_stands(text: str) -> None:
    assert refusal(NOTE, text) == "illegal_character"
    assert refusal(LINE, f"前{text}后") == "illegal_character"


@pytest.mark.parametrize(
    "text",
    [
        "普通文字，带标点。",
        "\U00020bb7野家",
        "\U0003104f字",
        "\U000323af字",
        "\u845b\U000e0100城",
        "\u845b\U000e0100",
        "全角\u3000空格",
        "第一行\n第二行",
        "咸残联发〔2025〕2号",
        "（1）——二",
        "㎡ ℃ ①",
        "བོད་ཡིག",
    ],
)
def test_normal_text_with_rare_characters_passes_as_it_is(text: str) -> None:
    assert NOTE.parse(text, SETTING) == unicodedata.normalize("NFC", text)


def test_a_rare_character_with_its_variant_is_a_name() -> None:
    assert person_name("\u845b\U000e0100城") == "\u845b\U000e0100城"
    assert person_name("\U000323af\U000e0100城") == "\U000323af\U000e0100城"
    assert person_name("\U00020bb7野") == "\U00020bb7野"
    assert person_name("张\u200b三") == "张三"


@pytest.mark.parametrize("name", ["張\U000e0100", "張\u200b", "\U000e0100張"])
def test_what_nobody_sees_makes_no_second_character_of_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="person_name_length"):
        person_name(name)


@pytest.mark.parametrize(
    ("typed", "same"), [("ｘ1", "x1"), ("x\uff11", "x1"), ("x\u2014y", "x-y"), ("x\u00b2", "x2"), ("a-019", "a-019")]
)
def test_a_reference_is_the_same_however_it_was_typed(typed: str, same: str) -> None:
    assert EVENT.parse(typed, SETTING) == same
    assert NOTE.parse(typed, SETTING) == typed


@pytest.mark.parametrize("text", ["\u0440ay", "pa\u0443", "\u03bfk", "\u0440\u0430"])
def test_a_reference_in_letters_that_look_like_others_is_refused(text: str) -> None:
    assert refusal(EVENT, text) == "mistakable_character"
    assert refusal(NOTE, text) is None


@given(st.text(alphabet=st.sampled_from([*INVISIBLE, "x", "y", "Ｘ"]), max_size=6))
def test_no_two_references_that_read_the_same_are_kept_as_two(text: str) -> None:
    seen = "".join(c for c in text if c in "xyＸ").replace("Ｘ", "X")
    assert refusal(EVENT, text) == (None if seen else "empty")
    if seen:
        assert EVENT.parse(text, SETTING) == seen


@given(st.text(alphabet=st.sampled_from([*INVISIBLE, "4", "X", " "]), max_size=10))
def test_an_identity_number_is_read_without_what_nobody_sees(text: str) -> None:
    assert normalise(text) == "".join(c for c in text if c in "4X")


@given(st.text(max_size=12))
def test_what_was_read_once_is_read_the_same_again(text: str) -> None:
    for kind in (NOTE, LINE, EVENT):
        if refusal(kind, text) is None:
            read = kind.parse(text, SETTING)
            assert kind.parse(read, SETTING) == read
