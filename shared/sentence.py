"""The one Chinese sentence of an event, written from its declaration and its stored, unsealed fields."""

from collections.abc import Callable
from string import Formatter
from typing import Any

from shared.catalogue import Declaration, code_lists
from shared.fields import DAY, FLAG, MONEY, MONTH, PARTY, PERSON, Fact
from shared.persons import TOKEN

Label = Callable[[str], str]
"""Names a person for a reader: token to label."""

NOT_SAID = "未填"
SEALED = "〔密封〕"


def sentence(declaration: Declaration, data: dict[str, Any], subject: str | None, label: Label) -> str:
    """Return the event's sentence. `data` is the stored payload, `subject` a token or an organisation's code."""
    words = {name: shown(said, data.get(name), label) for name, said in declaration.facts.items() if not said.sealed}
    words["subject"] = label(subject) if subject and TOKEN.fullmatch(subject) else subject or ""
    return Formatter().vformat(declaration.sentence, (), words)


def shown(said: Fact, value: Any, label: Label) -> str:
    """Return one stored value as an official reads it."""
    if said.sealed:
        return SEALED if value is not None else NOT_SAID
    if value is None:
        return NOT_SAID
    if isinstance(value, list):
        return "、".join(_one(said, item, label) for item in value)
    return _one(said, value, label)


def chinese_day(day: str) -> str:
    """Return an ISO date (2025-04-09) as 2025年4月9日, a month as 2025年4月."""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(day.split("-"), "年月日", strict=False))


def _one(said: Fact, value: Any, label: Label) -> str:
    if said.code_list:
        entry = code_lists()[said.code_list]["codes"].get(value)
        return str(entry["zh"]) if entry else str(value)
    if said.kind in {DAY, MONTH}:
        return chinese_day(value)
    if said.kind is FLAG:
        return "是" if value else "否"
    if said.kind is MONEY:
        return f"{value}元"
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    if said.kind in {PERSON, PARTY} and isinstance(value, str) and TOKEN.fullmatch(value):
        return label(value)
    return str(value)
