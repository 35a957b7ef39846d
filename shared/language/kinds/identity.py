"""What identifies one person directly: names and numbers, sealed without exception."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from shared.language import identifiers
from shared.language.kinds.base import LINE_LENGTH, TEXT_SCHEMA, Kind, Sealed, Setting, Unreadable
from shared.language.kinds.text import text_of

_TAIL = re.compile(r"[0-9]{4}")


def _read(parse: Callable[[str, Setting], str]) -> Callable[[Any, Setting], str]:
    def read(value: Any, setting: Setting) -> str:
        try:
            return parse(text_of(value, LINE_LENGTH), setting)
        except identifiers.IdentifierError as error:
            raise Unreadable(error.code, error.zh, error.en) from None

    return read


def _name(text: str, _: Setting) -> str:
    return identifiers.person_name(text)


def _phone(text: str, _: Setting) -> str:
    return identifiers.mobile_or_landline(text)


def _certificate(text: str, setting: Setting) -> str:
    found = identifiers.certificate_number(text, today=setting.today, allow_test_regions=setting.allow_test_regions)
    return found.number


def _student_number(text: str, setting: Setting) -> str:
    return identifiers.student_number(text, today=setting.today, allow_test_regions=setting.allow_test_regions)


def _tail(value: Any, _: Setting) -> str:
    if isinstance(value, str) and _TAIL.fullmatch(value):
        return value
    raise Unreadable("not_an_account_tail", "只能填写账号后四位。", "Only the last four digits of the account.")


NAME = Kind("name", "姓名", str | Sealed, _read(_name), TEXT_SCHEMA, "虚构甲", sealed=True)
PHONE = Kind("phone", "电话", str | Sealed, _read(_phone), TEXT_SCHEMA, "0715-8123456", sealed=True)
CERTIFICATE = Kind(
    "certificate", "残疾人证号", str | Sealed, _read(_certificate), TEXT_SCHEMA, "42129920210512020X21", sealed=True
)
STUDENT_NUMBER = Kind(
    "student_number", "学籍号", str | Sealed, _read(_student_number), TEXT_SCHEMA, "G42129920210512020X", sealed=True
)
ACCOUNT_TAIL = Kind(
    "account_tail", "账号后四位", str | Sealed, _tail, {"type": "string", "pattern": "^[0-9]{4}$"}, "0007", sealed=True
)

Name = Annotated[str | Sealed, NAME]
Phone = Annotated[str | Sealed, PHONE]
Certificate = Annotated[str | Sealed, CERTIFICATE]
StudentNumber = Annotated[str | Sealed, STUDENT_NUMBER]
AccountTail = Annotated[str | Sealed, ACCOUNT_TAIL]
