"""Texts: what is stored in clear is one line without a personal number in it; longer texts are sealed."""

import unicodedata
from typing import Annotated, Any

from shared.language.kinds.base import LINE_LENGTH, NOTE_LENGTH, TEXT_SCHEMA, Kind, Sealed, Setting, Unreadable
from shared.language.personal import personal_number_in
from shared.language.text import identifier, illegal, unmistakable, visible
from shared.policy.parameters import VALUE_LENGTH


def text_of(value: Any, longest: int = NOTE_LENGTH) -> str:
    """Read any text: trimmed, composed (NFC), not empty, not too long, and without what shows nothing."""
    typed = _typed(value, longest)
    if typed.isascii():
        return _not_empty(typed)
    # takes the square of the length: never before the length was looked at
    return _not_empty(unicodedata.normalize("NFC", visible(typed)).strip())


def line(value: Any, setting: Setting | None = None, longest: int = LINE_LENGTH) -> str:
    """Read a short text that is stored in clear: one line, and no personal number in it."""
    text = _one_line(text_of(value, longest))
    if personal_number_in(text, today=setting.today if setting else None):
        raise Unreadable(
            "personal_number_in_clear",
            "此项以明文保存，不得填写身份证号、手机号或银行卡号。",
            "This field is stored in clear and must not hold an identity, phone or card number.",
        )
    return text


def identifier_of(value: Any, _: Setting | None = None) -> str:
    """Read an identifier that a sender made up: one line, without what shows nothing or looks like something else.

    It may look like a personal number, as file numbers do: the door keeps such a one as a token.
    """
    found = _not_empty(" ".join(identifier(_one_line(_typed(value, LINE_LENGTH))).split()))
    if len(found) > LINE_LENGTH:
        raise _too_long(LINE_LENGTH)
    if not unmistakable(found):
        raise Unreadable(
            "mistakable_character",
            "编号中的字母须为拉丁字母或汉字，数字须为 0–9。",
            "An identifier has Latin or Chinese letters and the digits 0-9; others look like them.",
        )
    return found


def _typed(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise Unreadable("not_text", "应为文字。", "This must be text.")
    typed = value.replace("\r\n", "\n").strip()
    if len(typed) > longest:
        raise _too_long(longest)
    if illegal(typed):
        raise Unreadable("illegal_character", "含有不可见或非法字符。", "There is an invisible or illegal character.")
    return typed


def _too_long(longest: int) -> Unreadable:
    return Unreadable("too_long", f"文字过长，最多 {longest} 字。", f"Too long: at most {longest} characters.")


def _not_empty(text: str) -> str:
    if not text:
        raise Unreadable("empty", "不能为空。", "This must not be empty.")
    return text


def _one_line(text: str) -> str:
    if not text.isprintable() and len(text.splitlines()) > 1:
        raise Unreadable("not_one_line", "只能填写一行。", "This must be one line.")
    return text


def _parameter_value(value: Any, setting: Setting) -> str:
    return line(value, setting, VALUE_LENGTH)


def note(value: Any, _: Setting) -> str:
    """Read a text that will be sealed: of several lines, if need be."""
    return text_of(value)


_LINE_SCHEMA = TEXT_SCHEMA | {"maxLength": LINE_LENGTH}
_NOTE_SCHEMA = TEXT_SCHEMA | {"maxLength": NOTE_LENGTH}

LINE = Kind("line", "短文字", str, line, _LINE_SCHEMA, "虚构说明")
PARAMETER_VALUE = Kind("line", "参数取值", str, _parameter_value, TEXT_SCHEMA | {"maxLength": VALUE_LENGTH}, "0.5")
EVENT = Kind("event", "事件编号", str, identifier_of, _LINE_SCHEMA, "example-0001")
PROCESS = Kind("process", "办件编号", str, identifier_of, _LINE_SCHEMA, "office-2025-0001")
NOTE = Kind("note", "说明文字", str | Sealed, note, _NOTE_SCHEMA, "虚构情况说明。", sealed=True)
DOCUMENT = Kind("document", "文书", str | Sealed, note, _NOTE_SCHEMA, "虚构文书A-01", sealed=True)
OFFICER = Kind("officer", "经办人", str | Sealed, note, _NOTE_SCHEMA, "虚构经办人", sealed=True)
ADDRESS = Kind("address", "地址", str | Sealed, note, _NOTE_SCHEMA, "虚构镇1组", sealed=True)
LOCAL_NUMBER = Kind("local_number", "证件编号", str | Sealed, note, _NOTE_SCHEMA, "虚构证第1号", sealed=True)

Line = Annotated[str, LINE]
ParameterValue = Annotated[str, PARAMETER_VALUE]
"""The text of a policy parameter's value; `shared.policy.parameters` reads it."""
EventId = Annotated[str, EVENT]
ProcessId = Annotated[str, PROCESS]
Note = Annotated[str | Sealed, NOTE]
Document = Annotated[str | Sealed, DOCUMENT]
Officer = Annotated[str | Sealed, OFFICER]
Address = Annotated[str | Sealed, ADDRESS]
LocalNumber = Annotated[str | Sealed, LOCAL_NUMBER]
