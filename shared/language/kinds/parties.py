"""Persons, families and organisations: who an event names. In a log a person is a token, never a number."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Any

from shared.language import identifiers
from shared.language.kinds.base import LINE_LENGTH, TEXT_SCHEMA, Kind, Label, Setting, Unreadable
from shared.language.kinds.text import line, text_of
from shared.language.personal import personal_number_in
from shared.language.persons import TOKEN
from shared.language.persons import Person as NamedPerson

_FAMILY = re.compile(r"XNF[0-9A-Z]{8}|XN-F-[0-9A-Z]{8}")
_LOCAL_CODE = re.compile(r"[0-9A-Z][0-9A-Z._]{0,31}")
_BIRTH_CERTIFICATE = re.compile(r"[A-Z]\d{9}")
_LIKE_A_PERSON = re.compile(r"[A-Z]\d{9}|\d{17}[\dX].*")
_OF_ID_LENGTH = 18
"""The length of an ID number, and of a USCC (GB 32100)."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation by its code (USCC, school code, or a local one); the name is for readers and may be missing."""

    code: str
    name: str = field(default="", compare=False)


def person(value: Any, setting: Setting) -> NamedPerson:
    """Read a person: an ID number, a certificate number, a newborn's birth certificate number, or a token."""
    text = text_of(value, LINE_LENGTH)
    if TOKEN.fullmatch(text):
        return NamedPerson(token=text)
    number = identifiers.normalise(text)
    today, fabricated = setting.today, setting.allow_test_regions
    try:
        if _BIRTH_CERTIFICATE.fullmatch(number):
            return NamedPerson(identifiers.birth_certificate_number(number))
        if len(number) > _OF_ID_LENGTH:
            holder = identifiers.certificate_number(number, today=today, allow_test_regions=fabricated).holder
        else:
            holder = identifiers.resident_id(number, today=today, allow_test_regions=fabricated)
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None
    return NamedPerson(holder.number, born=holder.born.isoformat(), sex=holder.sex, ends_000=holder.ends_000)


def organisation(value: Any, setting: Setting | None = None) -> Organisation:
    """Read an organisation: its code (USCC, school code, or a local code), or `{"code": …, "name": …}`."""
    if isinstance(value, dict) and value.keys() == {"code", "name"}:
        return Organisation(organisation_code(value["code"], setting), line(value["name"], setting))
    return Organisation(organisation_code(value, setting))


def organisation_code(value: Any, setting: Setting | None = None) -> str:
    """Read an organisation's code: a USCC (18 characters, checked), or a shorter local or school code."""
    code = identifiers.normalise(text_of(value, LINE_LENGTH))
    if len(code) == _OF_ID_LENGTH:
        return _uscc(code)
    personal = personal_number_in(code, today=setting.today if setting else None)
    if personal or not _LOCAL_CODE.fullmatch(code):
        raise Unreadable("organisation_code_shape", "单位代码格式不对。", "This is not an organisation code.")
    return code


def _uscc(value: Any, _: Setting | None = None) -> str:
    try:
        return identifiers.uscc(text_of(value, LINE_LENGTH))
    except identifiers.IdentifierError as error:
        raise Unreadable(error.code, error.zh, error.en) from None


def _party(value: Any, setting: Setting) -> Any:
    if isinstance(value, dict):
        return organisation(value, setting)
    plain = text_of(value, LINE_LENGTH)
    text = identifiers.normalise(plain)
    if TOKEN.fullmatch(plain) or _LIKE_A_PERSON.fullmatch(text):
        try:
            return person(plain, setting)
        except Unreadable:
            if len(text) != _OF_ID_LENGTH:  # a USCC can look like an ID number
                raise
    if _FAMILY.fullmatch(text):
        return "XN-F-" + text[-8:]
    return organisation(plain, setting)


def _stored_party(value: Any) -> Any:
    if isinstance(value, Organisation):
        return {"code": value.code, "name": value.name} if value.name else {"code": value.code}
    return value


def _loaded_party(stored: Any) -> Any:
    return Organisation(stored["code"], stored.get("name", "")) if isinstance(stored, dict) else stored


def _show_party(stored: Any, label: Label) -> str:
    if isinstance(stored, dict):
        return str(stored.get("name") or stored["code"])
    return label(stored) if TOKEN.fullmatch(stored) else str(stored)


def _organisation_schema(*required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": {"code": {"type": "string"}, "name": {"type": "string"}},
    }


_CODE_OR_NAMED: dict[str, Any] = {"anyOf": [TEXT_SCHEMA, _organisation_schema("code", "name")]}
_TOKEN_SCHEMA: dict[str, Any] = {"type": "string", "pattern": f"^{TOKEN.pattern}$"}
_FAMILY_SCHEMA: dict[str, Any] = {"type": "string", "pattern": "^XN-F-[0-9A-Z]{8}$"}

PERSON = Kind("person", "人员", str, person, TEXT_SCHEMA, "42129920210512020X", stored=_TOKEN_SCHEMA, show=_show_party)
PARTY = Kind(
    "party", "人员、家庭或单位", str | Organisation, _party, _CODE_OR_NAMED, "421299198803150132",
    stored={"anyOf": [_TOKEN_SCHEMA, _FAMILY_SCHEMA, _organisation_schema("code")]},
    store=_stored_party, load=_loaded_party, show=_show_party,
)  # fmt: skip
ORGANISATION = Kind(
    "organisation", "单位", Organisation, organisation, _CODE_OR_NAMED,
    {"code": "52421299MJXRE0019W", "name": "虚构服务中心"}, stored=_organisation_schema("code"),
    store=_stored_party, load=_loaded_party, show=_show_party,
)  # fmt: skip
USCC = Kind("uscc", "统一社会信用代码", str, _uscc, {"type": "string", "minLength": 18}, "52421299MJXRE0019W")

Person = Annotated[str, PERSON]
"""A person, as a token: whoever reads an event knows no number."""
Party = Annotated[str | Organisation, PARTY]
Org = Annotated[Organisation, ORGANISATION]
Uscc = Annotated[str, USCC]
