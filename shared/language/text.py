"""What text shows: without code points that show nothing, and for identifiers without those that look like others.

Everything here follows Unicode's properties: `Default_Ignorable_Code_Point` (UAX #44), general categories,
bidirectional classes and compatibility decompositions. Not caught: punctuation marks that look alike (（ and (: case
numbers have both), and two Chinese characters that differ by a stroke.
"""

import re
import unicodedata

# Default_Ignorable_Code_Point, whole (DerivedCoreProperties.txt). It includes what is reserved for more of them.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_VARIATION = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Variation selectors: after a letter they choose its shape, which the rare characters in names need."""
# They have a glyph, an empty one; no property says so.
_BLANK = "\u2800\U0001d159\U00013441\U00013442\U00016fe4"
_SHOWS_NOTHING = re.compile(f"[{_IGNORABLE}{_BLANK}]")
_SHOWS_NOTHING_AFTER = re.compile(f"(.?)([{_IGNORABLE}{_BLANK}]+)", re.DOTALL)
_SELECTOR = re.compile(f"[{_VARIATION}]")
_ILLEGAL_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})
_PLANES_OF_HAN = range(0x20000, 0x3FFFE)
"""Planes 2 and 3: what is not assigned there in this Python's edition of Unicode are younger Chinese characters."""
_REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def visible(text: str) -> str:
    """Return the text without code points that show nothing; a rare character keeps the selector of its shape.

    Words, blanks between them and line breaks stay. What is left may be empty.
    """
    if text.isascii() or not _SHOWS_NOTHING.search(text):
        return text
    return _SHOWS_NOTHING_AFTER.sub(_kept, text)


def _kept(found: re.Match[str]) -> str:
    before, nothing = found.groups()
    letter = before and (unicodedata.category(before) == "Lo" or ord(before) in _PLANES_OF_HAN)
    chooses = letter and not _SHOWS_NOTHING.match(before)
    return before + nothing[0] if chooses and _SELECTOR.match(nothing) else _SHOWS_NOTHING.sub("", before)


def illegal(text: str) -> bool:
    """Return whether the text holds what no text does.

    Controls other than a line break, halves of characters, code points without a character, and marks that make others
    appear in another order.
    """
    return not text.isprintable() and any(_is_illegal(character) for character in text)


def _is_illegal(character: str) -> bool:
    if character == "\n" or (ord(character) in _PLANES_OF_HAN and ord(character) & 0xFFFE != 0xFFFE):  # noqa: PLR2004
        return False
    return unicodedata.category(character) in _ILLEGAL_CATEGORIES or unicodedata.bidirectional(character) in _REORDERING


def identifier(text: str) -> str:
    """Return an identifier as it is compared and stored: however it was typed, what looks the same is the same.

    Without what shows nothing; letters, digits and signs in their ordinary form (full-width, mathematical, Roman or
    circled ones, radicals that stand for a character), every dash a hyphen. Upper and lower case and punctuation stay
    as they are. Doing it twice changes nothing more.
    """
    if text.isascii():
        return text
    shown = unicodedata.normalize("NFC", _SHOWS_NOTHING.sub("", text))
    return unicodedata.normalize("NFC", "".join(map(_ordinary, shown)))


def _ordinary(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd" or character == "\u2212":  # the minus sign is no dash to Unicode, but to everybody else
        return "-"
    if category[0] in "LNSZ" or (category == "Pc" and not character.isascii()):
        folded = unicodedata.normalize("NFKC", character)
        return folded if folded == character else "".join(map(_ordinary, folded))
    return "-" if unicodedata.normalize("NFKC", character) == "-" else character


def unmistakable(text: str) -> bool:
    """Return whether an identifier's letters, digits and signs are ones that can be told apart.

    Letters are Latin (also with accents) or Chinese, digits 0–9 or 〇, signs those of ASCII: every other alphabet has
    letters that look like Latin ones.
    """
    return text.isascii() or all(map(_is_unmistakable, unicodedata.normalize("NFD", text)))


def _is_unmistakable(character: str) -> bool:
    if character.isascii() or character == "\u3007":
        return True
    category = unicodedata.category(character)
    if category[0] in "LNS":
        return category == "Lo" and unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")
    return True
