"""Values with parts of their own, and the digest of a file."""

import re
from typing import Annotated, Any

from shared.language.kinds.base import Kind, Label, Setting, Unreadable
from shared.language.kinds.dates import DAY, chinese_day
from shared.language.kinds.text import LINE, line
from shared.policy.lists import code_lists

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CONDITIONS = "1234567"


def _payload(value: Any, _: Setting) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise Unreadable(
        "not_an_object", "应为对象：更正后的完整内容。", "This must be an object: the whole corrected payload."
    )


def _digest(value: Any, _: Setting) -> str:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return value
    raise Unreadable("not_a_digest", "应为 64 位小写十六进制摘要。", "This must be 64 lower-case hexadecimal digits.")


def _component(value: Any, _: Setting) -> dict[str, str]:
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
        "应为 {category, grade} 对象，代码取自 DISCAT 与 DISGRADE。",
        "This must be {category, grade} with codes of DISCAT and DISGRADE.",
    )


def _show_component(stored: Any, _: Label) -> str:
    lists = code_lists()
    return f"{lists['DISCAT']['codes'][stored['category']]['zh']}{lists['DISGRADE']['codes'][stored['grade']]['zh']}"


def _condition(value: Any, setting: Setting) -> dict[str, Any]:
    """Read one condition of a host organisation: its number (1–7), whether it is met, the evidence, until when.

    The number may come as text or as a number; it is kept as text.
    """
    keys = {"no", "met", "evidence"}
    if isinstance(value, dict) and type(value.get("no")) is int:
        value = value | {"no": str(value["no"])}
    if (
        not isinstance(value, dict)
        or not keys <= value.keys() <= keys | {"valid_to"}
        or value["no"] not in [*_CONDITIONS]
        or not isinstance(value["met"], bool)
    ):
        raise Unreadable(
            "not_a_condition",
            "应为 {no, met, evidence, valid_to} 对象，no 为 1 至 7。",
            "This must be {no, met, evidence} and perhaps valid_to, with no from 1 to 7.",
        )
    read = {"no": value["no"], "met": value["met"], "evidence": line(value["evidence"], setting)}
    if "valid_to" in value:
        read["valid_to"] = DAY.parse(value["valid_to"], setting).isoformat()
    return read


def _show_condition(stored: Any, _: Label) -> str:
    until = f"，有效期至{chinese_day(stored['valid_to'])}" if "valid_to" in stored else ""
    return f"条件{stored['no']}{'符合' if stored['met'] else '不符合'}（{stored['evidence']}{until}）"


def _codes(name: str) -> dict[str, Any]:
    return {"type": "string", "x-code-list": name}


def _condition_schema(numbers: list[Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["no", "met", "evidence"],
        "additionalProperties": False,
        "properties": {
            "no": {"enum": numbers},
            "met": {"type": "boolean"},
            "evidence": LINE.sent,
            "valid_to": DAY.sent,
        },
    }


PAYLOAD = Kind("payload", "完整内容", dict[str, Any], _payload, {"type": "object"}, {})
DIGEST = Kind("digest", "摘要值", str, _digest, {"type": "string", "pattern": f"^{_DIGEST.pattern}$"}, "0f" * 32)
COMPONENT = Kind(
    "component", "残疾类别和等级", dict[str, str], _component,
    {
        "type": "object",
        "required": ["category", "grade"],
        "additionalProperties": False,
        "properties": {"category": _codes("DISCAT"), "grade": _codes("DISGRADE")},
    },
    {"category": "2", "grade": "1"}, show=_show_component,
)  # fmt: skip
CONDITION = Kind(
    "condition", "依托单位条件", dict[str, Any], _condition,
    _condition_schema([*_CONDITIONS, *map(int, _CONDITIONS)]), {"no": "1", "met": True, "evidence": "虚构证明材料"},
    stored=_condition_schema([*_CONDITIONS]), show=_show_condition,
)  # fmt: skip

Payload = Annotated[dict[str, Any], PAYLOAD]
Digest = Annotated[str, DIGEST]
Component = Annotated[dict[str, str], COMPONENT]
Condition = Annotated[dict[str, Any], CONDITION]
