"""Texts: what is stored in clear is one line without a personal number in it; longer texts are sealed."""

import unicodedata
from typing import Annotated, Any

from shared.language import identifiers
from shared.language.kinds.base import LINE_LENGTH, NOTE_LENGTH, TEXT_SCHEMA, Kind, Sealed, Setting, Unreadable
from shared.language.unseen import hidden_in, looks_like_another, trimmed


def text_of(value: Any, longest: int = NOTE_LENGTH) -> str:
    """Read any text: trimmed, composed (NFC), not empty, not too long, and nothing in it that nobody sees."""
    return _composed(_trimmed(value, longest))


def _trimmed(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise Unreadable("not_text", "应为文字。", "This must be text.")
    text = trimmed(value.replace("\r\n", "\n"))
    if not text:
        raise Unreadable("empty", "不能为空。", "This must not be empty.")
    if len(text) > longest:
        raise Unreadable("too_long", f"文字过长，最多 {longest} 字。", f"Too long: at most {longest} characters.")
    return text


def _composed(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)  # takes the square of the length: never before the length was looked at
    place = hidden_in(text, allowed="\n")
    if place is not None:
        code = f"U+{ord(text[place]):04X}"
        raise Unreadable(
            "illegal_character",
            f"第 {place + 1} 个字符（{code}）不可见或非法。",
            f"Character {place + 1} ({code}) is invisible or illegal.",
        )
    return text


def line(value: Any, setting: Setting | None = None) -> str:
    """Read a short text that is stored in clear: one line, and no personal number in it."""
    text = _trimmed(value, LINE_LENGTH)
    if not text.isprintable() and len(text.splitlines()) > 1:
        raise Unreadable("not_one_line", "只能填写一行。", "This must be one line.")
    if identifiers.personal_number_in(text, today=setting.today if setting else None):
        raise Unreadable(
            "personal_number_in_clear",
            "此项以明文保存，不得填写身份证号、手机号或银行卡号。",
            "This field is stored in clear and must not hold an identity, phone or card number.",
        )
    return _composed(text)


def reference(value: Any, setting: Setting | None = None) -> str:
    """Read an identifier that a machine gave: a line in which no character can be taken for another one."""
    text = line(value, setting)
    if looks_like_another(text):
        raise Unreadable(
            "lookalike_character",
            "编号中有形似字符（如全角字母、西里尔字母、长横线），请改用常规字符。",
            "This identifier has a character that looks like another one (full-width, Cyrillic, a dash).",
        )
    return text


def note(value: Any, _: Setting) -> str:
    """Read a text that will be sealed: of several lines, if need be."""
    return text_of(value)


_LINE_SCHEMA = TEXT_SCHEMA | {"maxLength": LINE_LENGTH}
_NOTE_SCHEMA = TEXT_SCHEMA | {"maxLength": NOTE_LENGTH}

LINE = Kind("line", "短文字", str, line, _LINE_SCHEMA, "虚构说明")
EVENT = Kind("event", "事件编号", str, reference, _LINE_SCHEMA, "example-0001")
NOTE = Kind("note", "说明文字", str | Sealed, note, _NOTE_SCHEMA, "虚构情况说明。", sealed=True)
DOCUMENT = Kind("document", "文书", str | Sealed, note, _NOTE_SCHEMA, "虚构文书A-01", sealed=True)
OFFICER = Kind("officer", "经办人", str | Sealed, note, _NOTE_SCHEMA, "虚构经办人", sealed=True)
ADDRESS = Kind("address", "地址", str | Sealed, note, _NOTE_SCHEMA, "虚构镇1组", sealed=True)
LOCAL_NUMBER = Kind("local_number", "证件编号", str | Sealed, note, _NOTE_SCHEMA, "虚构证第1号", sealed=True)

Line = Annotated[str, LINE]
EventId = Annotated[str, EVENT]
Note = Annotated[str | Sealed, NOTE]
Document = Annotated[str | Sealed, DOCUMENT]
Officer = Annotated[str | Sealed, OFFICER]
Address = Annotated[str | Sealed, ADDRESS]
LocalNumber = Annotated[str | Sealed, LOCAL_NUMBER]
