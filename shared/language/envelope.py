"""The envelope: CloudEvents 1.0 in JSON, with the extension attributes of this project.

Three times: `time` (happened: the source's claim), `recordedtime` (asserted: when the source wrote it down) and
`loggedtime` (recorded: ours). A sender gives the first two; nothing is ordered by a wall clock of ours.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from shared.errors import UNKNOWN_NAMED, Fault, Refused, nearest, place
from shared.language.kinds import Setting, Unreadable, line, organisation_code
from shared.policy.lists import code_lists

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The offset in which times are stored. Days are those of the zone: `civil_day`."""
_CIVIL = ZoneInfo("Asia/Shanghai")


def read(said: Any, setting: Setting) -> tuple[dict[str, Any], list[Fault]]:
    """Return the attributes of a sender's event, checked and normalised, and every fault of the envelope.

    `subject` stays as it was said; `data` is not looked at. Raises Refused for something that is no object at all.
    """
    if not isinstance(said, dict):
        raise Refused([Fault("not_an_object", "", "事件须为 JSON 对象。", "An event must be a JSON object.")])
    faults: list[Fault] = []
    attributes: dict[str, Any] = {}
    for name, (required, reader) in _ATTRIBUTES.items():
        if name not in said:
            if required:
                faults.append(Fault("required", f"/{name}", "缺少必填项。", "This attribute is required."))
            continue
        try:
            attributes[name] = reader(said[name], setting)
        except Unreadable as error:
            faults.append(error.at(f"/{name}"))
    if "data" not in said:
        faults.append(Fault("required", "/data", "缺少事件内容(data)。", "The event has no data."))
    unknown = [name for name in said if name not in _ATTRIBUTES and name != "data"]
    faults += [_unknown(name) for name in unknown[:UNKNOWN_NAMED]]
    return attributes, faults


def name(said: Any) -> tuple[str, str] | None:
    """Return the source and id by which a sender's event is known, normalised as `read` does, or None without them."""
    try:
        return _SHORT(said["source"], None), _SHORT(said["id"], None)
    except (KeyError, TypeError, Unreadable):
        return None


def moment(text: str) -> datetime:
    """Return a normalised time attribute as a datetime."""
    return datetime.fromisoformat(text)


def civil_day(text: str) -> date:
    """Return the day of a normalised time attribute by the calendar on the wall in China.

    Clocks there showed summer time in 1986–1991 and in the 1940s: the zone database knows when.
    """
    return moment(text).astimezone(_CIVIL).date()


def china_day(at: datetime) -> date:
    """Return the day of a moment by the calendar on the wall in China."""
    return at.astimezone(_CIVIL).date()


def stamp(at: datetime) -> str:
    """Return a datetime as a time attribute: RFC 3339 in China's zone, to the millisecond where there is one."""
    local = at.astimezone(CHINA)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


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
            return stamp(datetime.fromisoformat(value.replace("z", "Z")))
        except (ValueError, OverflowError):
            pass
    raise Unreadable(
        "not_a_time",
        "应为带时区的时间,如 2025-06-17T09:30:00+08:00。",
        "This must be a time with its zone, like 2025-06-17T09:30:00+08:00.",
    )


_RFC3339 = re.compile(
    r"(19|20|21)\d\d-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)


def _shaped(pattern: str, code: str, zh: str, en: str) -> Callable[[Any, Setting | None], str]:
    shape = re.compile(pattern)

    def reader(value: Any, _: Setting | None) -> str:
        text = line(value)
        if not shape.fullmatch(text):
            raise Unreadable(code, zh, en)
        return text

    return reader


def _literal(expected: str, code: str, zh: str, en: str) -> Callable[[Any, Setting | None], str]:
    return _shaped(re.escape(expected), code, zh, en)


def _line(value: Any, _: Setting) -> str:
    return line(value)


def _subject(value: Any, _: Setting) -> str:
    if isinstance(value, str) and 0 < len(value) <= 64:  # noqa: PLR2004 - longer than any identifier
        return value
    raise Unreadable("not_text", "应为人员或单位的号码。", "This must be a person's or an organisation's number.")


def _division(value: Any, setting: Setting) -> str:
    entry = code_lists()["DIV"]["codes"].get(value) if isinstance(value, str) else None
    if entry is None or (entry.get("test") and not setting.allow_test_regions):
        raise Unreadable("unknown_code", "代码不在代码表 DIV 中。", "This code is not in the list DIV.")
    return str(value)


def _organisation(value: Any, _: Setting) -> str:
    return organisation_code(value)


def _flag(value: Any, _: Setting) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):  # binary mode carries attributes as text
        return bool(value == "true")
    raise Unreadable("not_a_flag", "应为 true 或 false。", "This must be true or false.")


_SHORT = _shaped(r"[^\s]{1,120}", "not_an_id", "编号不得含空白,最多 120 字。", "An id has no blanks, at most 120.")
_ATTRIBUTES: dict[str, tuple[bool, Callable[[Any, Setting], Any]]] = {
    "specversion": (True, _literal("1.0", "specversion", "CloudEvents 版本须为 1.0。", "specversion must be 1.0.")),
    "id": (True, _SHORT),
    "source": (True, _SHORT),
    "type": (True, _shaped(r"[a-z0-9_.]{1,120}", "type_shape", "事件类型名不规范。", "This is not a type's name.")),
    "time": (True, _time),
    "subject": (False, _subject),
    "recordedtime": (False, _time),
    "process": (False, _line),
    "division": (False, _division),
    "org": (False, _organisation),
    "correlationid": (False, _SHORT),
    "causationid": (False, _SHORT),
    "legacy": (False, _flag),
    "traceparent": (False, _SHORT),
    "dataschema": (False, _SHORT),
    "datacontenttype": (
        False,
        _literal("application/json", "datacontenttype", "内容须为 JSON。", "datacontenttype must be application/json."),
    ),
}
NAMES = tuple(_ATTRIBUTES)
"""The attributes that a sender may give an event."""
