"""The one Chinese sentence of an event, written from its declaration and its stored, unsealed fields."""

import re
from collections.abc import Callable
from string import Formatter
from typing import Any

from shared.language.catalogue import Declaration
from shared.language.fields import COMPONENT, DAY, FLAG, MONEY, MONTH, PARTY, PERSON, Fact
from shared.language.persons import TOKEN
from shared.policy.lists import code_lists

Label = Callable[[str], str]
"""Names a person for a reader: token to label."""

NOT_SAID = "未填"
SEALED = "〔密封〕"
_FULL_WIDTH = str.maketrans(",;:()", "\uff0c\uff1b\uff1a\uff08\uff09")


def sentence(declaration: Declaration, data: dict[str, Any], subject: str | None, label: Label) -> str:
    """Return the event's sentence. `data` is the stored payload, `subject` a token or an organisation's code.

    A clause of the sentence (between commas or semicolons) that names a field nobody filled in is left out.
    """
    words = {name: shown(said, data.get(name), label) for name, said in declaration.facts.items() if not said.sealed}
    words["subject"] = label(subject) if subject and TOKEN.fullmatch(subject) else subject or ""
    unsaid = {name for name in declaration.facts if data.get(name) is None}
    first, *others = re.split("(?=[,;\uff0c\uff1b])", declaration.sentence)
    kept = [first, *(clause for clause in others if not unsaid.intersection(_fields(clause)))]
    return "".join(kept).translate(_FULL_WIDTH).format_map(words)


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


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _one(said: Fact, value: Any, label: Label) -> str:
    if said.code_list:
        entry = code_lists()[said.code_list]["codes"].get(value)
        return str(entry["zh"]) if entry else str(value)
    if said.kind in {DAY, MONTH}:
        return chinese_day(value)
    if said.kind is COMPONENT:
        lists = code_lists()
        return f"{lists['DISCAT']['codes'][value['category']]['zh']}{lists['DISGRADE']['codes'][value['grade']]['zh']}"
    if said.kind is FLAG:
        return "是" if value else "否"
    if said.kind is MONEY:
        return f"{value}元"
    if isinstance(value, dict) and "code" in value:
        return str(value.get("name") or value["code"])
    if said.kind in {PERSON, PARTY} and isinstance(value, str) and TOKEN.fullmatch(value):
        return label(value)
    return str(value)
