"""The columns of a sheet of one event type: they follow from its declaration.

A column's name is its place in the event: `subject`, `data.paid_on`. Labels are headers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.headers import RESULT, word
from shared.language.catalogue import Declaration
from shared.language.fields import MANY, Fact
from shared.language.kinds import Cell, Setting, Unreadable
from shared.language.text import visible

Read = Callable[[Any, Setting], Any]
PERSON, FAMILY = "person", "family"
CORRECTS, BECAUSE = "corrects", "corrected_because"
"""The columns of a row that corrects a record: which one, and why."""
NAME = "name"
"""The column with the name that belongs to the number: compared and never sent."""
LARGEST_NUMBER = 10**15
"""From here on a spreadsheet keeps no digit of a number for sure."""
AS_TEXT = Cell()
_SEVERAL = re.compile(r"[、,，;；\n]+")
_TEXTS = re.compile(r"[、；\n]+")
"""What stands between several values in a cell; between texts, which may have other signs in them."""
_PART = re.compile(r"\s*(\S{1,4}?)\s*[-·]?\s*([一二三四1-4Ⅰ-Ⅳ]级?)\s*")
_BIRTH = re.compile("[A-Z][0-9]{9}")
_PERSONAL = re.compile("[0-9]{14}|[A-Z][0-9]{9}$")
_NAMED = re.compile(r"(.*[^\s(])\s*\(([!-'*-~]+)\)")
_UNWRITABLE = {"payload", "condition"}
"""Kinds that do not fit in a cell."""
_QUOTES = " '‘’`"
"""What a spreadsheet's user writes before a text, so that it stays one."""
NO_SHEET = (
    "这类事件有放不进单元格的内容，不能用表格报送；更正写在原类型的表里（yihu template TYPE --all：“更正的事件编号”）。"
    " Events of this type do not fit on a sheet; a correction is a row of the original's type (--all)."
)
"""What is said of a type without a sheet."""
_REMARKS = ("备注", "说明")


class NoSheet(Exception):
    """Events of this type cannot be written on a sheet: they need what does not fit in a cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sheet of a type. `cell` says how a template writes it; `note` is what a person reads there.

    A `spare` column is read, and in a template only on request: few offices have what belongs there. A `needed` one
    need not be there where one of the columns `instead` is: with them it is an older version of the type.
    """

    name: str
    header: str
    read: Read
    aliases: tuple[str, ...] = ()
    needed: bool = False
    cell: Cell = AS_TEXT
    note: str = ""
    example: Any = None
    spare: bool = False
    instead: tuple[str, ...] = ()


def columns_of(declaration: Declaration) -> tuple[Column, ...]:
    """Return the columns for events of a type: of the envelope, of its payload, and the spare ones. Raises NoSheet."""
    own = [_of_fact(declaration, name, fact) for name, fact in declaration.facts.items() if _fits(name, fact)]
    first = _of_envelope(declaration)
    taken = {word(column.header) for column in first} | {RESULT}
    found: list[Column] = []
    for column in own:
        doubled = word(column.header) in taken
        header = f"{column.header} {column.name.removeprefix('data.')}" if doubled else column.header
        taken.add(word(header))
        found.append(replace(column, header=header))
    return (*first, *_with_remarks(declaration, found), *_spare(taken))


def day_of(declaration: Declaration) -> str:
    """Return the field that says on which day an event happened, where the sheet has no column for it; or nothing."""
    key = declaration.key.names if declaration.key else ()
    days = [name for name, fact in declaration.facts.items() if fact.kind.name == "day" and not fact.many]
    return next((name for name in (*key[::-1], *days) if name in days and declaration.facts[name].required), "")


def sent(value: Any) -> Any:
    """Return a value that was read as a sender writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple | list):
        return [sent(item) for item in value]
    return value


def example(column: Column) -> str:
    """Return what the example row of a template has in a column."""
    value = column.example
    if column.cell.choices and value is not None:
        words = {str(code).lower(): zh for code, zh in column.cell.choices}
        values = value if isinstance(value, list) else [value]
        return "、".join(words.get(str(one).lower(), str(one)) for one in values)
    if isinstance(value, list):
        return "、".join(_shown(one) for one in value)
    return "" if value is None else _shown(value)


def _fits(name: str, fact: Fact) -> bool:
    if fact.kind.name not in _UNWRITABLE:
        return True
    if fact.required:
        raise NoSheet(name)
    return False


def _of_envelope(declaration: Declaration) -> list[Column]:
    about_person = declaration.scope in {PERSON, FAMILY}
    number = ("公民身份号码", "身份证号码", "身份证件号码", "居民身份证号", "身份证", "证件号码", "subject")
    found = []
    if about_person:
        found.append(Column("subject", "身份证号", _person, number, needed=True, example="42129920210512020X"))
        found.append(
            Column(NAME, "姓名", cells.text, ("残疾人姓名", "儿童姓名"), note="只用于核对，不报送", example="虚构甲")
        )
    elif declaration.scope == "organisation":
        aliases = ("统一社会信用代码", "机构代码", "subject")
        found.append(Column("subject", "单位代码", cells.organisation, aliases, example="52421299MJXRE0019W"))
    day = day_of(declaration)
    note = f"不填则为{declaration.facts[day].label}" if day else ""
    found.append(
        Column("time", "发生日期", cells.day, ("办理日期", "time"), not day, Cell("yyyy-mm-dd"), note, "2025-06-17")
    )
    process = ("审批编号", "受理编号", "业务编号", "流程编号", "process")
    found.append(Column("process", "办件编号", _text, process, note="有办件编号的必须填", example="虚构办件-001"))
    division = ("行政区划", "县", "县市区", "区县", "所属区划", "地区", "division")
    list_of = Cell(code_list="DIV")
    found.append(Column("division", "区划", cells.code("DIV"), division, cell=list_of, example="421299"))
    found.append(
        Column("legacy", "旧档", cells.yes_no, ("legacy",), cell=Cell(yes_no=True), note="加入平台以前的事填“是”")
    )
    return found


def _spare(taken: set[str]) -> Iterator[Column]:
    """Yield what a system of the office may say besides: its own numbers and days, and which record a row corrects."""
    said = (
        Column("id", "事件编号", _text, note="本单位自己的编号；不填则由本行内容算出"),
        Column("recordedtime", "录入日期", cells.day, cell=Cell("yyyy-mm-dd"), note="记入本单位系统的日期"),
        Column("correlationid", "关联编号", _text),
        Column("causationid", "起因事件编号", _text, note="因哪一事件而起"),
        Column("recordedby", "录入账号", _text, note="账号，不是姓名"),
        Column("approvedby", "复核账号", _text, note="账号，不是姓名"),
        Column(CORRECTS, "更正的事件编号", _text, note="本行更正哪一条记录；整行都按更正后的填"),
        Column(BECAUSE, "更正原因", _words, note="更正的行必填"),
    )
    for one in said:
        header = f"{one.header} {one.name}" if word(one.header) in taken else one.header
        yield replace(one, header=header, aliases=(one.name,), spare=True)


def _of_fact(declaration: Declaration, name: str, fact: Fact) -> Column:
    read = _reader(fact)
    hint = "几项用、隔开" if fact.many else ""
    if fact.when is not None and fact.when.required:
        hint = "有时必填"
    found = Column(f"data.{name}", fact.label, read, (name,), fact.required, fact.kind.cell, hint, fact.example)
    return replace(found, instead=_instead(declaration, name)) if fact.required else found


def _instead(declaration: Declaration, name: str) -> tuple[str, ...]:
    """Return what versions that do not require a field require in its place."""
    newest = declaration.facts
    older = [form.facts for form in declaration.forms if name not in form.facts or not form.facts[name].required]
    required = (other for facts in older for other, fact in facts.items() if fact.required)
    return tuple(f"data.{other}" for other in required if other in newest and not newest[other].required)


def _with_remarks(declaration: Declaration, columns: list[Column]) -> list[Column]:
    """Let the first note that is no need take a column of remarks, where no column has that header."""
    headers = {word(column.header) for column in columns}
    notes = [
        f"data.{name}" for name, fact in declaration.facts.items() if fact.kind.name == "note" and not fact.required
    ]
    free = tuple(remark for remark in _REMARKS if remark not in headers)
    return [replace(one, aliases=(*one.aliases, *free)) if one.name in notes[:1] else one for one in columns]


def _reader(fact: Fact) -> Read:
    kind = fact.kind
    if kind.code_list is not None:
        one: Read = cells.code(kind.code_list)
    else:
        one = _READERS.get(kind.name, _words)
    return _each(one, _TEXTS if one in {_text, _words} else _SEVERAL) if fact.many else one


def _each(one: Read, between: re.Pattern[str]) -> Read:
    def read(value: Any, setting: Setting) -> tuple[Any, ...] | None:
        parts = between.split(value) if isinstance(value, str) else [value]
        found = [one(part, setting) for part in parts[: MANY + 1]]
        return tuple(item for item in found if item is not None) or None

    return read


def _text(value: Any, setting: Setting) -> str | None:
    if cells.is_number(value) and abs(value) >= LARGEST_NUMBER:
        zh = "号码被表格存成了数值，末几位可能已丢失；请把该列设为文本后重填。"
        raise Unreadable("ruined_by_spreadsheet", zh, "A spreadsheet made a number of this; enter it as text.")
    return cells.text(value, setting)


def _words(value: Any, setting: Setting) -> str | None:
    """Read words in one line as they stand: a full-width comma is no mistake."""
    found = _text(value, setting)
    return " ".join(visible(value).lstrip(_QUOTES).split()) if found and isinstance(value, str) else found


def _note(value: Any, setting: Setting) -> str | None:
    found = _text(value, setting)
    return found and "\n".join(line.strip() for line in str(value).splitlines()).strip()


def _party(value: Any, setting: Setting) -> Any:
    """Read a person or an organisation: which of both, its shape says."""
    found = cells.plain(value).replace(" ", "").upper()
    if found.startswith("XN-F-"):
        return found
    return (_person if _PERSONAL.match(found) else _organisation)(value, setting)


def _person(value: Any, setting: Setting) -> str | None:
    """Read a person's number; a newborn's is that of the birth certificate."""
    found = cells.plain(value).replace(" ", "").upper()
    return found if _BIRTH.fullmatch(found) else cells.number(value, setting)


def _organisation(value: Any, setting: Setting) -> Any:
    """Read an organisation: its code, or its name with the code in brackets."""
    named = _NAMED.fullmatch(cells.plain(value))
    if named is None:
        return cells.organisation(value, setting)
    return {"code": named[2], "name": named[1].strip()}


def _year(value: Any, setting: Setting) -> int | None:
    return cells.count(cells.plain(value).removesuffix("年"), setting)


def _rate(value: Any, _: Setting) -> str | None:
    found = cells.plain(value)
    if found in cells.NOTHING:
        return None
    per_cent = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?)%", found)
    return f"{(Decimal(per_cent[1]) / 100).normalize():f}" if per_cent else found


def _component(value: Any, setting: Setting) -> dict[str, str] | None:
    """Read one part of a multiple disability: 肢体一级, or 4-1."""
    found = cells.plain(value)
    if found in cells.NOTHING:
        return None
    parts = _PART.fullmatch(found)
    if parts is None:
        zh = "应如“肢体一级、智力二级”或“4-1、5-2”。"
        raise Unreadable("not_a_component", zh, "Write category and grade, like 4-1.")
    category, grade = cells.code("DISCAT")(parts[1], setting), cells.code("DISGRADE", _GRADES)(parts[2], setting)
    return {"category": category, "grade": grade}


_GRADES = {f"{digit}级": digit for digit in "1234"}
_READERS: dict[str, Read] = {
    "person": _person,
    "party": _party,
    "organisation": _organisation,
    "uscc": cells.organisation,
    "day": cells.day,
    "month": cells.month,
    "year": _year,
    "flag": cells.yes_no,
    "count": cells.count,
    "money": cells.amount,
    "hours": cells.quantity,
    "rate": _rate,
    "certificate": cells.certificate,
    "student_number": cells.student_number,
    "account_tail": cells.tail,
    "note": _note,
    "event": _text,
    "process": _text,
    "digest": _text,
    "component": _component,
}


def _shown(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"{value['category']}-{value['grade']}" if "grade" in value else f"{value['name']}（{value['code']}）"
