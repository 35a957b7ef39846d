import sys
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.identifiers import normalise, person_name
from shared.language.kinds import EVENT, LINE, NOTE, Kind, Setting, Unreadable, line, reference
from shared.language.unseen import hidden_in, looks_like_another, shows_nothing, trimmed

SETTING = Setting(date(2025, 11, 22), allow_test_regions=True)
EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
# A fixed sample of what is invisible for different reasons: soft hyphen, grapheme joiner, letter mark, Hangul filler,
# Khmer vowel, Mongolian separator, zero-width space, joiner, mark, word joiner, variation selector, byte order mark,
# half-width filler, braille blank, a reserved place, a tag.
INVISIBLE = [
    "\u00ad", "\u034f", "\u061c", "\u3164", "\u17b4", "\u180e", "\u200b", "\u200d", "\u200e", "\u2060", "\ufe0f",
    "\ufeff", "\uffa0", "\u2800", "\U000e0041",
]  # fmt: skip


def refusal(kind: Kind, value: Any) -> str | None:
    try:
        kind.parse(value, SETTING)
    except Unreadable as unreadable:
        return unreadable.words[0]
    return None


def test_every_format_control_and_unassigned_character_shows_nothing() -> None:
    """The table of ignorable characters agrees with what this Python's Unicode database can say of them."""
    seen = [c for c in EVERY if unicodedata.category(c) in {"Cf", "Cc", "Cs"} and not shows_nothing(c)]
    assert seen == []
    fillers = [c for c in EVERY if unicodedata.name(c, "").endswith((" FILLER", " BLANK")) and not shows_nothing(c)]
    assert fillers == []


def test_letters_digits_and_punctuation_are_seen() -> None:
    for category in ("Lu", "Ll", "Nd", "Pd", "Ps", "Pe", "Sc", "Sm", "Zs"):
        assert [c for c in EVERY if unicodedata.category(c) == category and shows_nothing(c)] == []


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")
def test_a_required_text_of_one_invisible_character_is_empty(character: str) -> None:
    for kind in (LINE, NOTE, EVENT):
        assert refusal(kind, character) == "empty"
        assert refusal(kind, f" {character}\u3000{character} ") == "empty"


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")
def test_an_id_with_an_invisible_character_is_the_same_id_or_refused(character: str) -> None:
    assert reference(f"x{character}") == reference(f"{character}x") == "x"
    assert refusal(EVENT, f"x{character}y") == "illegal_character"
    assert refusal(NOTE, f"说{character}明") == ("illegal_character" if character != "\ufe0f" else None)


def test_a_refusal_says_where_the_invisible_character_stands() -> None:
    with pytest.raises(Unreadable) as refused:
        line("ab\u200bc")
    assert "第 3 个字符（U+200B）" in refused.value.words[1]
    assert "Character 3 (U+200B)" in refused.value.words[2]


@pytest.mark.parametrize("text", ["\u202eab", "a\u202eb", "ab\u2069", "a\x00", "a\ud800", "a\U000e0fff"])
def test_what_turns_the_direction_or_is_broken_is_refused_wherever_it_stands(text: str) -> None:
    assert refusal(NOTE, text) == "illegal_character"
    assert refusal(NOTE, f"前{text}后") == "illegal_character"


@pytest.mark.parametrize(
    "text",
    [
        "普通文字，带标点。",
        "\U00020bb7\u91ce\u5bb6",
        "\U0003104f字",
        "\U000323af字",
        "\u845b\U000e0100城",
        "\u845b\U000e0100",
        "全角　空格",
        "第一行\n第二行",
        "咸残联发〔2025〕2号",
        "ＡＢＣ（1）—二",
        "éñü",
        "㎡ ℃ ①",
        "བོད་ཡིག",
        "ئۇيغۇرچە",
    ],
)
def test_normal_text_passes_as_it_is(text: str) -> None:
    assert NOTE.parse(text, SETTING) == unicodedata.normalize("NFC", text)


def test_a_rare_character_with_its_variant_is_a_name() -> None:
    assert person_name("\u845b\U000e0100城") == "\u845b\U000e0100城"
    assert person_name("\U00020bb7\u91ce") == "\U00020bb7\u91ce"
    assert person_name("张\u200b三") == "张三"


@pytest.mark.parametrize("name", ["張\U000e0100", "a\ufe0f"])
def test_a_variant_alone_makes_no_second_character_of_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="person_name_length"):
        person_name(name)


@pytest.mark.parametrize(
    "text", ["ｘ1", "x\uff11", "x\u2010y", "x\u2014y", "\u0440ay", "pa\u0443", "x\u00b2", "\u03bfk"]
)
def test_an_identifier_that_looks_like_another_is_refused(text: str) -> None:
    assert looks_like_another(text)
    assert refusal(EVENT, text) == "lookalike_character"
    assert refusal(NOTE, text) is None


@pytest.mark.parametrize("text", ["a-019", "咸民〔2025〕12号", "办件（2025）1", "\u0440\u0430", "件1"])
def test_an_identifier_in_one_alphabet_passes(text: str) -> None:
    assert not looks_like_another(text)
    assert reference(text) == text


@given(st.text(max_size=8))
def test_what_was_trimmed_once_is_trimmed(text: str) -> None:
    assert trimmed(trimmed(text)) == trimmed(text)


@given(st.text(alphabet=st.sampled_from([*INVISIBLE, "x", "y", "Ａ"]), max_size=6))
def test_no_two_ids_that_read_the_same_are_accepted(text: str) -> None:
    if refusal(EVENT, text) is None:
        kept = reference(text)
        assert hidden_in(kept) is None
        assert "".join(c for c in text if c in "xy") == kept


@given(st.text(alphabet=st.sampled_from([*INVISIBLE, "4", "X", " "]), max_size=10))
def test_an_identity_number_is_read_without_what_nobody_sees(text: str) -> None:
    assert normalise(text) == "".join(c for c in text if c in "4X")
