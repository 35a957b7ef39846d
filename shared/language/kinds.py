"""How each kind of value is read from JSON, and what its JSON Schema says. One entry in `KINDS` for each kind.

Every reader takes what was sent and returns the typed value, or raises `Unreadable`, which never holds the value.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shared.language import fields, identifiers
from shared.language.fields import Kind, Organisation
from shared.language.persons import TOKEN, Person
from shared.policy.lists import code_lists

LINE_LENGTH = 200
NOTE_LENGTH = 4_000
COUNT_LIMIT = 1_000_000_000


class Unreadable(Exception):
    """A value is not of its kind: `code`, and one sentence each in Chinese and English."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.said = (code, zh, en)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the checks depend on besides the value: the day, and whether the fabricated regions are accepted."""

    today: date
    allow_test_regions: bool


def line(value: Any) -> str:
    """Read a short text that is stored in clear: one line, and no personal number in it."""
    text = _text(value, LINE_LENGTH)
    if len(text.splitlines()) > 1:
        raise Unreadable("not_one_line", "只能填写一行。", "This must be one line.")
    if identifiers.personal_number_in(text):
        raise Unreadable(
            "personal_number_in_clear",
            "此项以明文保存,不得填写身份证号、手机号或银行卡号。",
            "This field is stored in clear and must not hold an identity, phone or card number.",
        )
    return text


def _text(value: Any, longest: int = NOTE_LENGTH) -> str:
    if not isinstance(value, str):
        raise Unreadable("not_text", "应为文字。", "This must be text.")
    text = value.replace("\r\n", "\n").strip()
    if not text:
        raise Unreadable("empty", "不能为空。", "This must not be empty.")
    if len(text) > longest:
        raise Unreadable("too_long", f"文字过长,最多 {longest} 字。", f"Too long: at most {longest} characters.")
    text = unicodedata.normalize("NFC", text)  # takes the square of the length: never before the length was looked at
    if any(unicodedata.category(c) in {"Cc", "Cs", "Cn"} and c != "\n" for c in text) or _BIDI.search(text):
        raise Unreadable("illegal_character", "含有不可见或非法字符。", "There is an invisible or illegal character.")
    return text


_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")


def _identifier(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        try:
            return parse(_text(value, LINE_LENGTH))
        except identifiers.IdentifierError as error:
            raise Unreadable(error.code, error.zh, error.en) from None

    return read


def person(value: Any, setting: Setting) -> Person:
    """Read a person: an ID number, a certificate number, a newborn's birth certificate number, or a token."""
    text = _text(value, LINE_LENGTH)
    if TOKEN.fullmatch(text):
        return Person(token=text)
    number = identifiers.normalise(text)
    try:
        if re.fullmatch(r"[A-Z]\d{9}", number):
            return Person(number=identifiers.birth_certificate_number(number))
        if len(number) > 18:  # noqa: PLR2004 - longer than an ID number: a certificate number
            holder = identifiers.certificate_number(
                number, today=setting.today, allow_test_regions=setting.allow_test_regions
            ).holder
        else:
            holder = identifiers.resident_id(number, today=setting.today, allow_test_regions=setting.allow_test_regions)
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None
    return Person(holder.number, born=holder.born.isoformat(), sex=holder.sex)


def organisation(value: Any) -> Organisation:
    """Read an organisation: its code (USCC, school code, or a local code), or `{"code": …, "name": …}`."""
    if isinstance(value, dict) and value.keys() == {"code", "name"}:
        return Organisation(organisation_code(value["code"]), line(value["name"]))
    return Organisation(organisation_code(value))


def organisation_code(value: Any) -> str:
    """Read an organisation's code: a USCC (18 characters, checked), or a shorter local or school code."""
    code = identifiers.normalise(_text(value, LINE_LENGTH))
    if len(code) == 18:  # noqa: PLR2004 - the length of a USCC (GB 32100)
        return str(_identifier(identifiers.uscc)(code))
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z._]{0,31}", code) or identifiers.personal_number_in(code):
        raise Unreadable("organisation_code_shape", "单位代码格式不对。", "This is not an organisation code.")
    return code


def _party(value: Any, setting: Setting) -> Any:
    if isinstance(value, dict):
        return organisation(value)
    text = identifiers.normalise(_text(value, LINE_LENGTH))
    plain = str(value).strip()
    if TOKEN.fullmatch(plain) or re.fullmatch(r"[A-Z]\d{9}|\d{17}[\dX].*", text):
        try:
            return person(value, setting)
        except Unreadable:
            if len(text) != 18:  # noqa: PLR2004 - a USCC can look like an ID number
                raise
    if re.fullmatch(r"XNF[0-9A-Z]{8}|XN-F-[0-9A-Z]{8}", text):
        return "XN-F-" + text[-8:]
    return organisation(value)


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise Unreadable(
        "not_a_date", "应为存在的日期,如 2025-04-09。", "This must be a date in the calendar, like 2025-04-09."
    )


_MONTH = "(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])"


def _month(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(_MONTH, value):
        return value
    raise Unreadable("not_a_month", "应为年月,如 2025-04。", "This must be a month, like 2025-04.")


def _whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise Unreadable(
                "not_a_count",
                f"应为 {lowest} 到 {highest} 之间的整数。",
                f"This must be a whole number from {lowest} to {highest}.",
            )
        return value

    return read


def _decimal_shape(places: int) -> str:
    return rf"[0-9]{{1,12}}(\.[0-9]{{1,{places}}})?"


def _decimal(places: int, code: str, zh: str, en: str) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        if isinstance(value, str) and re.fullmatch(_decimal_shape(places), value):
            return Decimal(value)
        raise Unreadable(code, zh, en)

    return read


def _money(value: Any) -> Decimal:
    if isinstance(value, str) and re.fullmatch(r"-[0-9]+(\.[0-9]+)?", value):
        raise Unreadable("negative_amount", "金额不能为负。", "An amount cannot be negative.")
    zh, en = '金额须为文字形式的元,至多两位小数,如 "3000.10"。', 'Money is a string of yuan, like "3000.10".'
    return _decimal(2, "not_money", zh, en)(value).quantize(Decimal("0.01"))


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Unreadable("not_a_flag", "应为 true 或 false。", "This must be true or false.")


def _tail(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value):
        return value
    raise Unreadable("not_an_account_tail", "只能填写账号后四位。", "Only the last four digits of the account.")


def _digest(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value):
        return value
    raise Unreadable("not_a_digest", "应为 64 位小写十六进制摘要。", "This must be 64 lower-case hexadecimal digits.")


def _payload(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise Unreadable(
        "not_an_object", "应为对象:更正后的完整内容。", "This must be an object: the whole corrected payload."
    )


def _component(value: Any) -> dict[str, str]:
    """Read one part of a multiple disability: `{"category": DISCAT, "grade": DISGRADE}` (GB/T 26341)."""
    categories, grades = code_lists()["DISCAT"]["codes"], code_lists()["DISGRADE"]["codes"]
    if (
        isinstance(value, dict)
        and value.keys() == {"category", "grade"}
        and all(isinstance(part, str) for part in value.values())
        and value["category"] in categories
        and value["grade"] in grades
    ):
        return dict(value)
    raise Unreadable(
        "not_a_component",
        "应为 {category, grade} 对象,代码取自 DISCAT 与 DISGRADE。",
        "This must be {category, grade} with codes of DISCAT and DISGRADE.",
    )


def _hours(value: Any) -> Decimal:
    zh, en = '小时数须为文字,如 "1.5"。', 'Hours are a string, like "1.5".'
    return _decimal(2, "not_hours", zh, en)(str(value) if type(value) is int else value)


def _rate(value: Any) -> Decimal:
    return _decimal(4, "not_a_rate", '比例须为文字,如 "0.5"。', 'A rate is a string, like "0.5".')(value)


def _certificate(value: Any, setting: Setting) -> str:
    def parse(text: str) -> str:
        return identifiers.certificate_number(
            text, today=setting.today, allow_test_regions=setting.allow_test_regions
        ).number

    return str(_identifier(parse)(value))


def _student_number(value: Any, setting: Setting) -> str:
    def parse(text: str) -> str:
        return identifiers.student_number(text, today=setting.today, allow_test_regions=setting.allow_test_regions)

    return str(_identifier(parse)(value))


@dataclass(frozen=True, slots=True)
class Reading:
    """How a kind is read: the reader, the JSON Schema of what is sent, whether the reader needs the setting."""

    read: Callable[..., Any]
    schema: Mapping[str, Any]
    with_setting: bool = False


_STRING = {"type": "string", "minLength": 1}
_CODE_OR_NAMED: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {
            "type": "object",
            "required": ["code", "name"],
            "additionalProperties": False,
            "properties": {"code": {"type": "string"}, "name": {"type": "string"}},
        },
    ]
}


def _decimal_schema(places: int) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{_decimal_shape(places)}$"}


_HOURS = {"anyOf": [_decimal_schema(2), {"type": "integer", "minimum": 0, "maximum": 10**12 - 1}]}
KINDS: dict[Kind, Reading] = {
    fields.PERSON: Reading(person, _STRING, with_setting=True),
    fields.PARTY: Reading(_party, _CODE_OR_NAMED, with_setting=True),
    fields.ORGANISATION: Reading(organisation, _CODE_OR_NAMED),
    fields.EVENT: Reading(line, _STRING | {"maxLength": LINE_LENGTH}),
    fields.PAYLOAD: Reading(_payload, {"type": "object"}),
    fields.CODE: Reading(line, _STRING),
    fields.DAY: Reading(_day, {"type": "string", "format": "date"}),
    fields.MONTH: Reading(_month, {"type": "string", "pattern": f"^{_MONTH}$"}),
    fields.YEAR: Reading(_whole(1900, 2199), {"type": "integer", "minimum": 1900, "maximum": 2199}),
    fields.FLAG: Reading(_flag, {"type": "boolean"}),
    fields.COUNT: Reading(_whole(0, COUNT_LIMIT), {"type": "integer", "minimum": 0, "maximum": COUNT_LIMIT}),
    fields.MONEY: Reading(_money, _decimal_schema(2)),
    fields.HOURS: Reading(_hours, _HOURS),
    fields.RATE: Reading(_rate, _decimal_schema(4)),
    fields.LINE: Reading(line, _STRING | {"maxLength": LINE_LENGTH}),
    fields.USCC: Reading(_identifier(identifiers.uscc), {"type": "string", "minLength": 18}),
    fields.COMPONENT: Reading(
        _component,
        {
            "type": "object",
            "required": ["category", "grade"],
            "additionalProperties": False,
            "properties": {"category": {"type": "string"}, "grade": {"type": "string"}},
        },
    ),
    fields.DIGEST: Reading(_digest, {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    fields.NOTE: Reading(_text, _STRING | {"maxLength": NOTE_LENGTH}),
    fields.DOCUMENT: Reading(_text, _STRING | {"maxLength": NOTE_LENGTH}),
    fields.OFFICER: Reading(_text, _STRING | {"maxLength": NOTE_LENGTH}),
    fields.NAME: Reading(_identifier(identifiers.person_name), _STRING),
    fields.ADDRESS: Reading(_text, _STRING | {"maxLength": NOTE_LENGTH}),
    fields.PHONE: Reading(_identifier(identifiers.mobile_or_landline), _STRING),
    fields.CERTIFICATE: Reading(_certificate, _STRING, with_setting=True),
    fields.STUDENT_NUMBER: Reading(_student_number, _STRING, with_setting=True),
    fields.LOCAL_NUMBER: Reading(_text, _STRING | {"maxLength": NOTE_LENGTH}),
    fields.ACCOUNT_TAIL: Reading(_tail, {"type": "string", "pattern": "^[0-9]{4}$"}),
}
