import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.text import identifier, illegal, unmistakable, visible

EVERY = [chr(code) for code in range(0x110000)]
# They are format characters and are seen: signs that stand around digits, annotations, hieroglyphs joined.
SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, *range(0xFFF9, 0xFFFC), 0x110BD, 0x110CD}
SEEN |= set(range(0x13430, 0x13440))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_every_format_character_that_shows_nothing_goes() -> None:
    formats = [c for c in EVERY if unicodedata.category(c) == "Cf" and ord(c) not in SEEN]
    assert len(formats) > 130
    assert {visible(f"x{c}y") for c in formats} == {"xy"}


def test_fillers_joiners_selectors_and_blank_glyphs_go() -> None:
    words = ("VARIATION SELECTOR", "FILLER", "GRAPHEME JOINER", "VOWEL INHERENT", "PATTERN BLANK", "NULL NOTEHEAD")
    named = [c for c in EVERY if unicodedata.category(c) != "Po" and any(w in unicodedata.name(c, "") for w in words)]
    assert len(named) > 260
    assert {visible(f"1{c}2") for c in named} == {"12"}


def test_nothing_else_goes() -> None:
    gone = [c for c in EVERY if visible(f"1{c}2") == "12"]
    assert {unicodedata.category(c) for c in gone} == {"Cf", "Mn", "Lo", "So", "Cn"}
    assert len([c for c in gone if unicodedata.category(c) in {"Mn", "Lo", "So"}]) in range(270, 273)  # by edition


@pytest.mark.parametrize(
    "text",
    [
        "湖北省咸宁市嘉鱼县",
        "𠮷野家 𬭳",
        "\U0003104f\U000323af\U000e0100",
        "葛\U000e0100城",
        "神\ufe00",
        "first line\nsecond\tline",
        "①《残疾人证》：一级（肢体）——“重度”…",
        "é ñ ü",
        "ᠮᠣᠩᠭᠣᠯ",
    ],
)
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == text
    assert not illegal(text.replace("\t", ""))


@pytest.mark.parametrize(
    "text", ["\u200b", "\u2800", "\u3164", "\U000e0100", "\ufe0f", "\u034f", "\ufeff", "\u00ad" * 9]
)
def test_a_text_that_shows_nothing_is_empty(text: str) -> None:
    assert visible(text) == ""
    assert visible(f"{text}字{text}").rstrip("\ufe0f\U000e0100") == "字"


@given(TEXT)
def test_doing_it_twice_changes_nothing_more(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert identifier(identifier(text)) == identifier(text)


@pytest.mark.parametrize(
    "text", ["\x00", "a\x1b", "\x7f", "\ud800", "\uffff", "\u202egnp.exe", "\u2066a\u2069", "\u0378"]
)
def test_what_no_text_holds_is_illegal(text: str) -> None:
    assert illegal(text)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("x\u200b", "x"),
        ("x\ufe0f", "x"),
        ("葛\U000e0100", "葛"),
        ("ＰＬ－１", "PL-1"),
        ("PL—1", "PL-1"),
        ("PL−1", "PL-1"),
        ("𝐏𝐋-𝟏", "PL-1"),
        ("Ⅳ", "IV"),
        ("\u2f00号", "一号"),
        ("\uf9d1", "六"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u212a", "K"),
        ("a\u3000b", "a b"),
        ("嘉民救（2025）12号", "嘉民救（2025）12号"),
        ("咸残联发〔2025〕2号", "咸残联发〔2025〕2号"),
        ("urn:x:A", "urn:x:A"),
    ],
)
def test_an_identifier_is_the_same_however_it_was_typed(typed: str, same: str) -> None:
    assert identifier(typed) == same
    assert unmistakable(identifier(typed))


@pytest.mark.parametrize(
    "text",
    ["х", "id-\u0430", "Α1", "\u0661", "ー", "ⅼ\u0131", "\u2215", "\u2236", "ｱ", "\u0585", "\u13aa", "\U0001f600"],
)
def test_a_letter_that_looks_like_another_can_be_mistaken(text: str) -> None:
    assert not unmistakable(identifier(text))
