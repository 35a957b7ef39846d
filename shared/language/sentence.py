"""The one Chinese sentence of an event, written from its declaration and its stored, unsealed fields.

A sentence is text with fields in braces. `[…]` holds what goes away when a field in it is missing, so an optional field
stands in brackets. A flag has its two words: `{minors_hidden:已隐去|未隐去}`. Punctuation is full-width.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any

from shared.language.fields import Fact
from shared.language.kinds import FLAG, Label
from shared.language.persons import TOKEN

if TYPE_CHECKING:
    from shared.language.catalogue import Declaration

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_HALF_WIDTH = re.compile(r"[,;:()!?\[\]]")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: `text`, then the field `name` if there is one, a flag in its two `words`.

    `group` numbers the brackets it stands in; 0 stands in none.
    """

    group: int
    text: str
    name: str = ""
    words: tuple[str, str] | None = None


def parts_of(template: str, facts: Mapping[str, Fact]) -> tuple[Part, ...]:
    """Return a sentence taken apart. Raises TypeError for one that could not be written for every event."""
    found: list[Part] = []
    for group, piece in enumerate(_BRACKETS.split(template)):
        inside = group % 2 == 1
        parts = [_part(group if inside else 0, *parsed, facts) for parsed in Formatter().parse(piece)]
        optional = [part.name for part in parts if part.name in facts and not facts[part.name].required]
        if inside and not optional:
            raise TypeError(f"Brackets hold an optional field: {piece}")
        if optional and not inside:
            raise TypeError(f"An optional field stands in brackets: {optional[0]}")
        found += parts
    return tuple(found)


def sentence(
    declaration: "Declaration",
    data: Mapping[str, Any],
    subject: str | None,
    label: Label,
    instead: Mapping[str, str] | None = None,
) -> str:
    """Return the event's sentence. `data` is the stored payload, `subject` a token or an organisation's code.

    `instead`: the words that stand in place of fields.
    """
    facts = declaration.facts
    absent = {part.group for part in declaration.parts if part.name in facts and data.get(part.name) is None} - {0}
    return "".join(_written(declaration, data, subject, label, absent, instead or {}))


def _written(
    declaration: "Declaration",
    data: Mapping[str, Any],
    subject: str | None,
    label: Label,
    absent: set[int],
    instead: Mapping[str, str],
) -> Iterator[str]:
    for part in declaration.parts:
        if part.group in absent:
            continue
        yield part.text
        if part.name == "subject" and part.name not in declaration.facts:
            yield label(subject) if subject and TOKEN.fullmatch(subject) else subject or ""
        elif part.name in instead:
            yield instead[part.name]
        elif part.words is not None:
            yield part.words[0] if data.get(part.name) else part.words[1]
        elif part.name:
            yield declaration.facts[part.name].show(data.get(part.name), label)


def _part(
    group: int, text: str, name: str | None, spec: str | None, conversion: str | None, facts: Mapping[str, Fact]
) -> Part:
    if _HALF_WIDTH.search(text):
        raise TypeError("Punctuation in a sentence is full-width, and brackets do not nest")
    if not name:
        if name is not None:
            raise TypeError(f"A sentence can only name unsealed fields: {name}")
        return Part(group, text)
    if conversion or not (name == "subject" or (name in facts and not facts[name].sealed)):
        raise TypeError(f"A sentence can only name unsealed fields: {name}")
    is_flag = name in facts and facts[name].kind is FLAG
    words = tuple((spec or "").split("|"))
    if is_flag != (len(words) == 2 and bool(spec)):  # noqa: PLR2004 - yes and no
        raise TypeError(f"A flag, and nothing else, has two words in a sentence: {name}")
    return Part(group, text, name, (words[0], words[1]) if is_flag else None)
