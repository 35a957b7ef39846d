"""What all rosters do to understand a sheet: its rows, what is missing, what stood there before, events."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.columns import sent
from services.spreadsheets.rosters.declaring import (
    SEVERAL,
    Column,
    Context,
    Known,
    Outcome,
    Question,
    Remark,
    Roster,
    Row,
)
from shared.errors import Fault
from shared.language.kinds import Unreadable


def missing_columns(roster: Roster, found: Iterable[str], title: Mapping[str, Any]) -> list[Column]:
    """Return the needed columns that neither the sheet nor its title has."""
    there = set(found) | {name for name, value in title.items() if value is not None}
    return [column for column in roster.columns if column.needed and there.isdisjoint({column.name, *column.instead})]


def rows_of(roster: Roster, sheet: str, number: int, given: Mapping[str, Any], context: Context) -> list[Row]:
    """Read one row of a sheet, given its cells by column name; several where one cell names several persons."""
    parts = _apart(roster, given)
    if parts is None:
        zh = "一格里有几个人，姓名和号码的个数不同；请拆成几行。"
        fault = Fault("persons_do_not_match", "", zh, "One cell names several persons; names and numbers differ.")
        return [Row(sheet, number, {}, (fault,))]
    rows = [_read(roster, sheet, number, part, context) for part in parts]
    if len(rows) == 1:
        return rows
    zh = f"一格里有 {len(rows)} 个人，按 {len(rows)} 行读。"
    remark = Fault("several_persons", "", zh, f"One cell names {len(rows)} persons; they are read as rows.")
    return [Row(row.sheet, row.number, row.values, row.faults, (*row.remarks, remark)) for row in rows]


def _apart(roster: Roster, given: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    lists = {
        column.name: [part.strip() for part in SEVERAL.split(cell) if part.strip()]
        for column in roster.persons
        if isinstance(cell := given.get(column.name), str) and SEVERAL.search(cell.strip())
    }
    sizes = {len(parts) for parts in lists.values()}
    if not lists or sizes == {1} or _is_wrapped(roster, given, lists):
        return [given]
    if len(sizes) > 1 or len(lists) < len([one for one in roster.persons if given.get(one.name) is not None]):
        return None
    return [{**given, **{name: parts[at] for name, parts in lists.items()}} for at in range(sizes.pop())]


def _is_wrapped(roster: Roster, given: Mapping[str, Any], lists: Mapping[str, Any]) -> bool:
    """Whether a narrow cell has only broken a name over lines: the numbers are of one person."""
    others = [column for column in roster.persons if column.read is not cells.text]
    return not any(column.name in lists for column in others) and not any(
        SEVERAL.search(given[name].replace("\n", "")) for name in lists
    )


def _read(roster: Roster, sheet: str, number: int, given: Mapping[str, Any], context: Context) -> Row:
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    remarks: list[Fault] = []
    for column in roster.columns:
        try:
            value = _value(column, given.get(column.name), context)
        except Unreadable as error:
            faults.append(error.at(column.header))
            continue
        if value is not None:
            found[column.name] = value
            remarks += _odd(column, given[column.name], value)
        elif column.title and context.title.get(column.name) is not None:
            found[column.name] = context.title[column.name]
        elif column.needed and not column.blank and not any(given.get(one) for one in column.instead):
            zh, en = f"缺少{column.header}。", f"{column.header} is missing."
            faults.append(Fault("required", column.header, zh, en))
    return Row(sheet, number, found, tuple(faults), tuple(remarks))


def _value(column: Column, cell: Any, context: Context) -> Any:
    if cell is None:
        return None
    if column.read in {cells.month, cells.months}:
        return column.read(cell, context.setting, context.title.get("year"))
    return column.read(cell, context.setting)


def _odd(column: Column, cell: Any, value: Any) -> list[Fault]:
    if column.read is not cells.number:
        return []
    found = []
    if len(cells.plain(cell).replace(" ", "")) > len(value):
        zh, en = "填的是残疾人证号，按其前 18 位读。", "This is a certificate number; its holder's number is taken."
        found.append(Fault("certificate_for_id_number", column.header, zh, en))
    if value.endswith("000"):
        zh, en = "号码末三位为 000，请核对是否被表格改过。", "The number ends in 000: was it changed by a spreadsheet?"
        found.append(Fault("ends_000", column.header, zh, en))
    return found


def begin(rows: Sequence[Row], context: Context) -> tuple[Outcome, list[Row]]:
    """Begin an outcome: refuse what could not be read, and ask about a file far shorter than the last one."""
    outcome = Outcome()
    named: dict[str, str] = {}
    for row in rows:
        if row["person"] and row["name"] and named.setdefault(row["person"], row["name"]) != row["name"]:
            zh, en = "同一号码在本表中有不同姓名，请核对。", "This number has another name elsewhere on the sheet."
            outcome.warn("other_name", zh, en, row.place)
        for remark in row.remarks:
            outcome.warn(remark.code, remark.zh, remark.en, row.place)
        if row.faults:
            outcome.refuse(row, *row.faults)
    before = sum(context.record.counts.get(scope, 0) for scope in context.scopes(rows))
    if len(rows) * 2 < before:
        zh = f"这份名册只有 {len(rows)} 行，上一份有 {before} 行。是完整的名册吗？"
        en = f"This roster has {len(rows)} rows, the last one {before}. Is it the whole one?"
        outcome.ask(context, "whole", zh, en, ("yes", "partial"))
    return outcome, [row for row in rows if not row.faults]


def compare_total(outcome: Outcome, context: Context, name: str, actual: Decimal) -> None:
    """Say, on top of the report, how far a column's sum lies off what the sheet's row of totals says."""
    stated = context.totals.get(name)
    if stated is not None and stated != actual:
        zh = f"合计行写的是 {stated}，各行之和是 {actual}，相差 {stated - actual}。"
        en = f"The total says {stated}, the rows add up to {actual}: {stated - actual} apart."
        outcome.warnings.insert(0, Remark("total_differs", zh, en))


def disappeared(outcome: Outcome, rows: Sequence[Row], seen: Iterable[str], context: Context) -> list[Known]:
    """Return what is gone since the last file.

    Nothing is where the file is only a part, or that is still asked; nor where a row could not be read: it may be the
    very one that seems to be missing.
    """
    if context.answers.get("whole") == "partial" or any(one.name == "whole" for one in outcome.questions):
        return []
    gone = context.record.missing(seen, context.scopes(rows))
    if gone and any(row.faults for row in rows):
        zh = "有的行没有读懂，所以暂不列出上一份名册中消失的行；改好后再导入一次即可看到。"
        en = "Some rows could not be read, so it is not said which have disappeared; correct them and import again."
        outcome.warn("disappeared_not_compared", zh, en)
        return []
    outcome.missing = gone
    return gone


def is_history(outcome: Outcome, context: Context, day: date) -> bool:
    """Whether what was decided on a day was decided before the office joined: it needs no steps before it then.

    Asks once since when the office reports here.
    """
    if context.legacy:
        return True
    zh = "本单位从哪天起在此报送（如 2026-01-01）？此前的决定按历史记录导入，不要求先有申请。"
    en = "Since which day does the office report here? What was decided before is imported as history."
    answer = outcome.ask(context, "joined_on", zh, en)
    try:
        return answer is not None and day < date.fromisoformat(str(answer))
    except ValueError:
        outcome.questions.append(Question("joined_on", zh, en))
        return False


def event(
    context: Context,
    row: Row,
    type_: str,
    happened: date,
    subject: str | None,
    data: Mapping[str, Any],
    *,
    process: str | None = None,
    division: str | None = None,
    legacy: bool = False,
    nth: int = 0,
) -> dict[str, Any]:
    """Return an event as a sender writes it, for a row.

    Its id follows from the file, the row and what was answered, and never from a personal value: the same file sent
    again is the same events, and a run that was killed ends as if it had run once.
    """
    answered = json.dumps(dict(context.answers), sort_keys=True, ensure_ascii=False, default=str)
    sheet = hashlib.sha256(f"{row.sheet}\n{answered}\n{context.legacy}".encode()).hexdigest()[:8]
    found: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{context.digest[:24]}.{sheet}.{row.number}.{nth}.{type_.rpartition('.')[2]}",
        "source": context.source,
        "type": type_,
        "time": f"{happened.isoformat()}T00:00:00+08:00",
        "filedigest": context.digest,
        "filesheet": row.sheet,
        "filerow": row.number,
        "data": {name: sent(value) for name, value in data.items() if value is not None},
    }
    optional = {"subject": subject, "process": process, "division": division or context.division}
    found |= {name: value for name, value in optional.items() if value is not None}
    if legacy or context.legacy:
        found["legacy"] = True
    return found
