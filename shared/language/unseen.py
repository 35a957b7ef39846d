"""Characters that show nothing, and characters that look like another: found by their Unicode properties.

What shows nothing: Default_Ignorable_Code_Point, the categories Cc, Cf, Cs, Cn, and the letters and symbols that the
standard itself names a filler or a blank. Blanks and line breaks are seen, but never begin or end a text. What looks
like another: compatibility forms of ASCII letters and digits, dashes other than the hyphen, and letters of two
alphabets in one word.

Not caught: a word wholly in another alphabet (Cyrillic that reads like Latin), letters that look alike inside one
alphabet (l and I, 0 and O) and Chinese characters that look alike. Mongolian's and Arabic's own joiners are refused.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

# Unicode's DerivedCoreProperties.txt, Default_Ignorable_Code_Point: `unicodedata` does not have it. The reserved blocks
# belong to it for good, whatever is assigned there one day.
_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_STARTS = [first for first, _ in _IGNORABLE]
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Cn"}
_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_PLANES_OF_HAN = range(0x20000, 0x3FFFE)
_NO_CHARACTER = 0xFFFE
"""The last two places of a plane are no characters for good."""
VARIANT_OF_HAN = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
"""Variation selectors: after a Chinese character they choose its shape, as names on certificates have it."""
HAN = r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"
"""Unified ideographs with extension A, compatibility forms, 〇, and the two supplementary ideographic planes."""
_VARIANT = re.compile(f"(?<={HAN}){VARIANT_OF_HAN}")


@lru_cache(10_000)
def shows_nothing(character: str) -> bool:
    """Whether a reader sees nothing of a character, not even the place it takes. Blanks and line breaks take one."""
    code = ord(character)
    at = bisect_right(_STARTS, code) - 1
    if at >= 0 and code <= _IGNORABLE[at][1]:
        return True
    category = unicodedata.category(character)
    if category == "Cn" and code in _PLANES_OF_HAN:
        return code & _NO_CHARACTER == _NO_CHARACTER  # others are younger than this Python, but Chinese
    if category in _HIDDEN_CATEGORIES:
        return True
    name = unicodedata.name(character, "")
    return name.endswith((" BLANK", " FILLER"))


def hidden_in(text: str, allowed: str = "") -> int | None:
    """Return the place of the first character that shows nothing, or None. A variant of a Chinese character is seen."""
    if text.isascii() and text.isprintable():
        return None
    for place, character in enumerate(text):
        if shows_nothing(character) and character not in allowed and not _VARIANT.match(text, place):
            return place
    return None


def trimmed(text: str) -> str:
    """Return the text without blanks and unseen characters around it; of an empty-looking text, nothing."""
    if text.isascii() and text.isprintable():
        return text.strip()
    first, last = 0, len(text)
    while first < last and _blank(text[first]):
        first += 1
    while last > first and _blank(text[last - 1]) and not _VARIANT.match(text, last - 1):
        last -= 1
    return text[first:last]


def without_unseen(text: str) -> str:
    """Return the text without any character that shows nothing, variants of Chinese characters apart."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        for place, character in enumerate(text)
        if not shows_nothing(character) or character.isspace() or _VARIANT.match(text, place)
    )


def looks_like_another(text: str) -> bool:
    """Whether an identifier holds a character that a reader takes for another one."""
    return not text.isascii() and (any(map(_disguised, text)) or any(map(_mixed, re.findall(r"[^\W\d_]+", text))))


@lru_cache(10_000)
def _disguised(character: str) -> bool:
    if character.isascii():
        return False
    plain = unicodedata.normalize("NFKC", character)
    return unicodedata.category(character) == "Pd" or (plain.isascii() and plain.isalnum())


def _mixed(word: str) -> bool:
    return len({_alphabet(letter) for letter in word} & {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE"}) > 1


@lru_cache(10_000)
def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@lru_cache(10_000)
def _blank(character: str) -> bool:
    """Whether a character may go from the ends of a text: not what is broken, nor what turns the direction."""
    if character.isspace():
        return True
    harmless = unicodedata.category(character) not in {"Cc", "Cs", "Cn"}
    return harmless and shows_nothing(character) and unicodedata.bidirectional(character) not in _DIRECTIONS
