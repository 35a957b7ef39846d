"""Identifiers: those that look the same are the same, and none has a character that can be taken for another.

By Unicode's properties: what shows nothing (`unseen`), general categories, compatibility decompositions. Not caught:
punctuation marks that look alike (（ and (: case numbers have both), letters of one alphabet (l and I) and two Chinese
characters that differ by a stroke.
"""

import unicodedata

from shared.language.unseen import shows_nothing

_REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_MINUS = "\u2212"
"""The minus sign is no dash to Unicode, but to everybody else."""


def identifier(text: str) -> str:
    """Return an identifier as it is compared and stored, however it was typed.

    Without what shows nothing (but what has no place in any text is left, to be refused); letters, digits, signs and
    blanks in their ordinary form (full-width, mathematical, Roman or circled ones, radicals that stand for a
    character), every dash a hyphen. Upper and lower case and punctuation stay as they are. Doing it twice changes
    nothing more.
    """
    if text.isascii():
        return text
    shown = unicodedata.normalize("NFC", "".join(character for character in text if not _goes(character)))
    return unicodedata.normalize("NFC", "".join(map(_ordinary, shown)))


def unmistakable(text: str) -> bool:
    """Return whether an identifier's letters, digits and signs are ones that can be told apart.

    Letters are Latin (with accents, if need be) or Chinese, digits 0-9 or 〇, signs those of ASCII: every other
    alphabet has letters that look like Latin ones.
    """
    if text.isascii():
        return True
    apart = unicodedata.normalize("NFD", text)
    return all(map(_is_unmistakable, f" {apart}", apart))


def _goes(character: str) -> bool:
    return (
        not character.isascii()
        and shows_nothing(character)
        and unicodedata.category(character) in {"Cf", "Mn", "Lo", "So"}
        and unicodedata.bidirectional(character) not in _REORDERING
    )


def _ordinary(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Pd" or character == _MINUS:
        return "-"
    if category[0] in "LNSZ" or category == "Pc":
        folded = unicodedata.normalize("NFKC", character)
        return folded if folded == character else "".join(map(_ordinary, folded))
    return character


def _is_unmistakable(before: str, character: str) -> bool:
    if character.isascii() or character == "\u3007":
        return True
    category = unicodedata.category(character)
    if category[0] == "M":
        return (before.isascii() and before.isalpha()) or unicodedata.category(before)[0] == "M"
    if category[0] in "LNS":
        return category == "Lo" and unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH")
    return True
