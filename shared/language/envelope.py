"""The envelope: CloudEvents 1.0 in JSON, with the extension attributes of this project.

Three times: `time` (happened: the source's claim), `recordedtime` (asserted: when the source wrote it down) and
`loggedtime` (recorded: ours). A sender gives the first two; nothing is ordered by a wall clock of ours.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from shared.errors import UNKNOWN_NAMED, Fault, Refused, nearest, place
from shared.language import text
from shared.language.kinds import COUNT, DIGEST, Setting, Unreadable, code_of, identifier_of, line, organisation_code
from shared.language.personal import personal_number_in

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The offset in which times are stored. Days are those of the zone: `civil_day`."""
_CIVIL = ZoneInfo("Asia/Shanghai")
BESIDE = ("specversion", "datacontenttype", "dataschema", "traceparent")
"""What only travels beside an event: the same event may come again with another one."""
MASKED = ("id", "process", "correlationid", "causationid")
"""Identifiers that a sender makes up: one that could be a personal number is kept as a token."""
Mask = Callable[[str], str]
"""Makes a keyed token of an identifier: the same for the same one, and nobody gets back from it."""
ID_LENGTH = 120


def read(submission: Any, setting: Setting, mask: Mask) -> tuple[dict[str, Any], list[Fault]]:
    """Return the attributes of a sender's event, checked and normalised, and every fault of the envelope.

    An attribute that is null is absent (CloudEvents' JSON format), so is a `legacy` that is false. An identifier that
    could be a personal number comes out as its token. `subject` stays as it came; `data` is not looked at. Raises
    Refused for something that is no object at all.
    """
    if not isinstance(submission, dict):
        raise Refused([Fault("not_an_object", "", "事件须为 JSON 对象。", "An event must be a JSON object.")])
    faults: list[Fault] = []
    attributes: dict[str, Any] = {}
    for name, (required, reader) in _ATTRIBUTES.items():
        value = submission.get(name)
        if value is None:
            if required:
                faults.append(Fault("required", f"/{name}", "缺少必填项。", "This attribute is required."))
            continue
        try:
            found = reader(value, setting)
            attributes[name] = masked(found, mask) if name in MASKED else found
            if name == "time":
                setting = on_its_day(setting, attributes)
        except Unreadable as error:
            faults.append(error.at(f"/{name}"))
    if attributes.get("legacy") is False:
        del attributes["legacy"]
    if "approvedby" in attributes and attributes["approvedby"] == attributes.get("recordedby"):
        zh, en = "录入账号与复核账号不得相同。", "Who approved it must be another one than who recorded it."
        faults.append(Fault("four_eyes", "/approvedby", zh, en))
    return attributes, faults + _beyond(submission)


def name(submission: Any, mask: Mask) -> tuple[str, str] | None:
    """Return the source and id by which a sender's event is known, as `read` does, or None without them."""
    found = _name(submission, _short)
    return found and (found[0], masked(found[1], mask))


def name_before(submission: Any) -> tuple[str, str] | None:
    """Return the source and id under which the version before would have recorded it, or None if they are the same.

    That version left code points that show nothing, and letters that look like others, in an identifier.
    """
    named = [submission.get("source"), submission.get("id")] if isinstance(submission, dict) else []
    if all(isinstance(value, str) and value.isascii() for value in named):
        return None
    return _name(submission, _short_before)


def masked(identifier: str, mask: Mask) -> str:
    """Return an identifier as it is kept: itself, or its token if it could be a personal number."""
    return mask(identifier) if could_be_personal(identifier) else identifier


def could_be_personal(value: str) -> bool:
    """Return whether an identifier could be, or hold, somebody's identity, card or telephone number.

    An office may count its files by numbers that look the same, so this is no reason to refuse one.
    """
    plain = text.identifier(value)
    return _LONG_NUMBER.search(plain) is not None and personal_number_in(plain) is not None


_LONG_NUMBER = re.compile("[0-9][0-9 -]{9,}[0-9]")
"""The least that a personal number has: the eleven digits of a telephone number, perhaps in groups."""


def is_json(media_type: str) -> bool:
    """Return whether a media type (with its parameters) is JSON: `…/json` or `…/…+json`, in UTF-8."""
    found = _JSON.fullmatch(media_type.strip().lower())
    return found is not None and (found[1] or "utf-8") in {"utf-8", "utf8"}


_NAME = "[a-z0-9!#$&^_.+-]{1,60}"
_JSON = re.compile(
    rf"{_NAME}/(?:json|{_NAME}\+json)(?:\s*;\s*(?:charset=\"?([a-z0-9_-]+)\"?|{_NAME}=[^;]*))*", re.ASCII
)


def on_its_day(setting: Setting, attributes: Mapping[str, Any]) -> Setting:
    """Return the setting for the day on which an event happened, or as it is if the event's time could not be read."""
    if "time" not in attributes:
        return setting
    return setting.on(civil_day(attributes["time"]))


def moment(text: str) -> datetime:
    """Return a normalised time attribute as a datetime."""
    return datetime.fromisoformat(text)


def civil_day(text: str) -> date:
    """Return the day of a normalised time attribute by the calendar on the wall in China.

    Clocks there showed summer time in 1986–1991 and in the 1940s: the zone database knows when.
    """
    if text > _ONE_OFFSET and text.endswith("+08:00"):
        return date.fromisoformat(text[:10])
    return moment(text).astimezone(_CIVIL).date()


_ONE_OFFSET = "1992"
"""Since then every day in China has had the offset in which times are stored, so that its date can be read off."""


def china_day(at: datetime) -> date:
    """Return the day of a moment by the calendar on the wall in China."""
    return at.astimezone(_CIVIL).date()


def china_now() -> datetime:
    """Return the time now, in China's zone."""
    return datetime.now(CHINA)


def stamp(at: datetime) -> str:
    """Return a datetime as a time attribute: RFC 3339 in China's zone, to the millisecond where there is one."""
    local = at.astimezone(CHINA)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def _name(submission: Any, reader: Callable[[Any, Setting | None], str]) -> tuple[str, str] | None:
    try:
        return reader(submission["source"], None), reader(submission["id"], None)
    except (KeyError, TypeError, Unreadable):
        return None


def _beyond(submission: dict[str, Any]) -> list[Fault]:
    """Return the faults of what is no attribute: the data, where it is missing, and what nobody reads."""
    faults: list[Fault] = []
    unknown = [name for name in submission if name not in _ATTRIBUTES and submission[name] is not None]
    if "data_base64" in unknown:
        unknown.remove("data_base64")
        zh, en = "内容须为 JSON，写在 data，不用 data_base64。", "The payload is JSON in data, not data_base64."
        faults.append(Fault("data_base64", "/data_base64", zh, en))
    elif submission.get("data") is None:
        faults.append(Fault("required", "/data", "缺少事件内容（data）。", "The event has no data."))
    return faults + [_unknown(name) for name in unknown if name != "data"][:UNKNOWN_NAMED]


def _unknown(name: str) -> Fault:
    hint_zh, hint_en = nearest(name, _ATTRIBUTES)
    return Fault(
        "unknown_attribute",
        f"/{place(name)}",
        f"信封中没有这一属性。{hint_zh}",
        f"The envelope has no such attribute.{hint_en}",
    )


def _time(value: Any, _: Setting) -> str:
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            read = datetime.fromisoformat(value.replace("z", "Z"))
            return value if _STAMPED.fullmatch(value) else stamp(read)
        except (ValueError, OverflowError):
            pass
    raise Unreadable(
        "not_a_time",
        "应为带时区的时间，如 2025-06-17T09:30:00+08:00。",
        "This must be a time with its zone, like 2025-06-17T09:30:00+08:00.",
    )


_RFC3339 = re.compile(
    r"(19|20|21)\d\d-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)


_STAMPED = re.compile(r"[0-9-]{10}T[0-9:]{8}\+08:00")
"""A time as `stamp` writes it."""


def _short(value: Any, setting: Setting | None) -> str:
    return _without_blanks(identifier_of(value, setting))


def _short_before(value: Any, _: Setting | None) -> str:
    if not isinstance(value, str):
        raise Unreadable("not_text", "应为文字。", "This must be text.")
    return _without_blanks(unicodedata.normalize("NFC", value.strip()))


def _without_blanks(found: str) -> str:
    if len(found) > ID_LENGTH or any(map(str.isspace, found)):
        raise Unreadable("not_an_id", "编号不得含空白，最多 120 字。", "An id has no blanks, at most 120.")
    return found


def _source(value: Any, setting: Setting) -> str:
    found = _short(value, setting)
    return line(found) if could_be_personal(found) else found  # which refuses it


def _traceparent(value: Any, _: Setting) -> str:
    if isinstance(value, str) and _TRACEPARENT.fullmatch(value):
        return value
    raise Unreadable("not_a_traceparent", "不是 W3C traceparent。", "This is not a W3C traceparent.")


_TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[0-9a-f-]{0,40})?")


def _content_type(value: Any, _: Setting) -> str:
    if isinstance(value, str) and is_json(value):
        return "application/json"
    raise Unreadable("datacontenttype", "内容须为 UTF-8 编码的 JSON。", "The content must be JSON in UTF-8.")


def _shaped(pattern: str, code: str, zh: str, en: str) -> Callable[[Any, Setting], str]:
    shape = re.compile(pattern)

    def reader(value: Any, _: Setting) -> str:
        if isinstance(value, str) and shape.fullmatch(value):
            return value
        found = line(value)
        if not shape.fullmatch(found):
            raise Unreadable(code, zh, en)
        return found

    return reader


def _subject(value: Any, _: Setting) -> str:
    if isinstance(value, str) and 0 < len(value) <= 64:  # noqa: PLR2004 - longer than any identifier
        return value
    raise Unreadable("not_text", "应为人员或单位的号码。", "This must be a person's or an organisation's number.")


def _division(value: Any, setting: Setting) -> str:
    return str(_DIVISION.parse(value, setting))


_DIVISION = code_of("DIV")


def _organisation(value: Any, _: Setting) -> str:
    return organisation_code(value)


def _flag(value: Any, _: Setting) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):  # binary mode carries attributes as text
        return bool(value == "true")
    raise Unreadable("not_a_flag", "应为 true 或 false。", "This must be true or false.")


def _account(value: Any, setting: Setting) -> str:
    found = line(value, setting)
    if _ACCOUNT.fullmatch(found):
        return found
    raise Unreadable(
        "not_an_account",
        f"账号须为字母、数字和符号的代号，不含空白，不是姓名，最多 {ID_LENGTH} 字。",
        f"An account is a key of letters, digits and signs, without blanks, at most {ID_LENGTH}; no name.",
    )


ACCOUNT = f"[!-~]{{1,{ID_LENGTH}}}"
"""What an account may be written with: no Chinese name fits."""
_ACCOUNT = re.compile(ACCOUNT)


def _row(value: Any, setting: Setting) -> int:
    if isinstance(value, str) and _ROW.fullmatch(value):  # binary mode carries attributes as text
        value = int(value)
    found: int = COUNT.parse(value, setting)
    if found == 0:
        raise Unreadable("too_small", "行号从 1 起。", "Rows are counted from 1.")
    return found


_ROW = re.compile("[0-9]{1,10}", re.ASCII)


_ATTRIBUTES: dict[str, tuple[bool, Callable[[Any, Setting], Any]]] = {
    "specversion": (True, _shaped(r"1\.0", "specversion", "CloudEvents 版本须为 1.0。", "specversion must be 1.0.")),
    "id": (True, _short),
    "source": (True, _source),
    "type": (True, _shaped(r"[a-z0-9_.]{1,120}", "type_shape", "事件类型名不规范。", "This is not a type's name.")),
    "time": (True, _time),
    "subject": (False, _subject),
    "recordedtime": (False, _time),
    "process": (False, identifier_of),
    "division": (False, _division),
    "org": (False, _organisation),
    "correlationid": (False, _short),
    "causationid": (False, _short),
    "legacy": (False, _flag),
    "recordedby": (False, _account),
    "approvedby": (False, _account),
    "filedigest": (False, DIGEST.parse),
    "filesheet": (False, line),
    "filerow": (False, _row),
    "traceparent": (False, _traceparent),
    "dataschema": (False, _source),
    "datacontenttype": (False, _content_type),
}
NAMES = tuple(_ATTRIBUTES)
"""The attributes that a sender may give an event."""
