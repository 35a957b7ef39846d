import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.language.alike import identifier, unmistakable
from shared.language.kinds import Unreadable, reference

EVERY = [chr(code) for code in range(0x110000)]
# They are format characters and are seen: signs that stand around digits.
SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
TEXT = st.text(st.characters(), max_size=12)


def refusal(text: str) -> str:
    """Return the code with which an identifier is refused."""
    with pytest.raises(Unreadable) as refused:
        reference(text)
    return refused.value.at("").code


def test_no_format_character_nor_filler_nor_selector_makes_another_identifier() -> None:
    words = ("VARIATION SELECTOR", "GRAPHEME JOINER", "VOWEL INHERENT", "HANGUL FILLER", "PATTERN BLANK")
    named = [c for c in EVERY if any(word in unicodedata.name(c, "") for word in words)]
    formats = [c for c in EVERY if unicodedata.category(c) == "Cf" and ord(c) not in SEEN]
    assert len(named) > 260
    assert len(formats) > 130
    kept = [c for c in named + formats if identifier(f"x{c}1") != "x1"]
    assert {unicodedata.bidirectional(c) for c in kept} == {
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    }
    assert {refusal(f"x{c}1") for c in kept} == {"illegal_character"}


def test_nothing_that_is_seen_is_lost() -> None:
    gone = [c for c in EVERY if identifier(f"x{c}1") == "x1"]
    assert {unicodedata.category(c) for c in gone} <= {"Cf", "Mn", "Lo", "So"}
    assert len([c for c in gone if unicodedata.category(c) != "Cf"]) < 280


@given(TEXT)
def test_doing_it_twice_changes_nothing_more(text: str) -> None:
    assert identifier(identifier(text)) == identifier(text)


@given(TEXT)
def test_an_identifier_that_is_taken_is_taken_again_as_it_is_kept(text: str) -> None:
    try:
        kept = reference(text)
    except Unreadable:
        return
    assert reference(kept) == kept


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("x\u200b", "x"),
        ("x\ufe0f", "x"),
        ("\u2800x\u3164", "x"),
        ("葛\U000e0100", "葛"),
        ("ＰＬ－１", "PL-1"),
        ("PL—1", "PL-1"),
        ("PL\u22121", "PL-1"),
        ("𝐏𝐋-𝟏", "PL-1"),
        ("Ⅳ", "IV"),
        ("\u2f00号", "一号"),
        ("\uf9d1", "六"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u212a", "K"),
        ("a\u3000 b", "a b"),
        (" a ", "a"),
        ("嘉民救（2025）12号", "嘉民救（2025）12号"),
        ("咸残联发〔2025〕2号", "咸残联发〔2025〕2号"),
        ("𠮷-二〇二五", "𠮷-二〇二五"),
        ("urn:x:A", "urn:x:A"),
    ],
)
def test_an_identifier_is_the_same_however_it_was_typed(typed: str, same: str) -> None:
    assert reference(typed) == same


@pytest.mark.parametrize(
    "text",
    [
        "х",
        "id-\u0430",
        "Α1",
        "\u0661",
        "ー",
        "\u00a8",
        "1\u0332",
        "\u0131",
        "\u2215",
        "\u2236",
        "ｱ",
        "\u0585",
        "\u13aa",
        "\U0001f600",
    ],
)
def test_a_letter_that_looks_like_another_is_refused(text: str) -> None:
    assert not unmistakable(identifier(text))
    assert refusal(text) == "lookalike_character"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("\u200b", "empty"),
        ("\u3164\u2800 \u00ad", "empty"),
        ("a\nb", "not_one_line"),
        ("a\u2028b", "not_one_line"),
        ("\x00", "illegal_character"),
        ("a\tb", "illegal_character"),
        ("\x7f1", "illegal_character"),
        ("\ud800", "illegal_character"),
        ("a\uffffb", "illegal_character"),
        ("\u202egnp.exe", "illegal_character"),
        ("\u0378", "illegal_character"),
        ("x" * 201, "too_long"),
        ("\ufdfa" * 100, "too_long"),
    ],
)
def test_what_has_no_place_in_an_identifier_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


def test_a_personal_number_is_no_reason_to_refuse_an_identifier() -> None:
    assert reference("42129920210512020X") == "42129920210512020X"
