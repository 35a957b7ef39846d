"""A file read as a roster: which sheets, what the title says, its rows, and what its totals say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.files import Book
from services.spreadsheets.files import Row as SheetRow
from services.spreadsheets.headers import Table, choose, find_table, word
from services.spreadsheets.rosters.declaring import Column, Context, Roster, Row
from services.spreadsheets.rosters.understanding import missing_columns, rows_of
from shared.errors import Fault, YihuError
from shared.language.identifiers import USCC
from shared.language.kinds import Setting, Unreadable

_SINCE_1904 = 1_462
"""The days from the one base of serial numbers to the other."""
_SERIALS = 100_000
_MONTH = re.compile(r"((?:19|20)[0-9]{2})\s*[年.-]\s*(1[0-2]|0?[1-9])(?![0-9])\s*月?")
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?:\s*年|(?![0-9]))")
_MONTH_ALONE = re.compile(r"(?<![0-9年./-])(1[0-2]|0?[1-9])月(?!\s*[0-9])")
_MONTHS = {cells.month, cells.months}


class NotThisRoster(YihuError):
    """A file has no sheet with the columns of the roster, or not all that are needed."""

    def __init__(self, roster: Roster, missing: Sequence[Column]) -> None:
        heads = "、".join(column.header for column in missing)
        super().__init__(
            "columns_missing",
            f"不像{roster.zh}：缺少{heads}。可用 yihu template --roster {roster.code} 生成样表对照。",
            f"This does not look like the {roster.en}: columns are missing ({heads}). Compare the template.",
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the tables, the names of sheets that were not, the rows, and what is known besides."""

    tables: list[Table]
    others: list[str]
    rows: list[Row]
    context: Context


def read_book(book: Book, roster: Roster, context: Context) -> Reading:
    """Read a file as a roster. `context.title` is what was said beside the file: it goes before what the sheet says.

    Raises NotThisRoster.
    """
    first, others = choose(book.sheets, roster.columns)
    if first is None:
        raise NotThisRoster(roster, [column for column in roster.columns if column.needed])
    tables = [first]
    if roster.every_sheet:
        more = [find_table(sheet, roster.columns) for sheet in book.sheets if sheet.visible]
        tables = [table for table in more if table is not None]
        others = [name for name in others if all(name != table.sheet.name for table in tables)]
    rows: list[Row] = []
    given, title, totals = dict(context.title), dict(context.title), dict[str, Decimal]()
    for table in tables:
        here = title_of(roster, [*table.title, book.path.stem], context.setting) | given
        title = here | title
        if missing := missing_columns(roster, table.columns, here):
            raise NotThisRoster(roster, missing)
        rows += _rows(book, roster, table, replace(context, title=here))
        for name, total in _totals(roster, table, context.setting).items():
            totals[name] = totals.get(name, Decimal(0)) + total
    if roster.beside:
        title |= _beside(book, roster, tables, others)
    return Reading(tables, others, rows, replace(context, title=title, totals=totals, scope=roster.scope))


def title_of(roster: Roster, texts: Sequence[str], setting: Setting) -> dict[str, Any]:
    """Return what the lines above the table, and then the file's name, say for columns: by label, or by known words.

    The first line that says something counts. `year` is the year that a month without one has.
    """
    found: dict[str, Any] = {}
    for text in texts:
        for name, value in _said(roster, text, setting).items():
            found.setdefault(name, value)
    return _month_of_year(roster, texts, found) | found


def _month_of_year(roster: Roster, texts: Sequence[str], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the month where one line says it, and another one, or the file's name, its year."""
    alone = next((said for text in texts if (said := _MONTH_ALONE.search(cells.plain(text)))), None)
    if alone is None or "year" not in found:
        return {}
    month = f"{found['year']}-{int(alone[1]):02}"
    return {one.name: month for one in roster.columns if one.title and one.read is cells.month}


def _said(roster: Roster, text: str, setting: Setting) -> dict[str, Any]:
    plain = cells.plain(text)
    found: dict[str, Any] = {}
    if year := _YEAR.search(plain):
        found["year"] = int(year[1])
    for column in roster.columns:
        if not column.title:
            continue
        for said in _candidates(column, plain):
            try:
                value = column.read(said, setting)
            except Unreadable:
                continue
            if value is not None:
                found[column.name] = value
                break
    return found


def _candidates(column: Column, plain: str) -> list[str]:
    """Return the parts of a title that may say a column's value."""
    heads = (re.search(rf"{re.escape(head)}\s*[:]\s*(\S+)", plain) for head in (column.header, *column.aliases))
    found = [labelled[1] for labelled in heads if labelled]
    if column.read in _MONTHS:
        found += [f"{month[1]}-{int(month[2]):02}" for month in _MONTH.finditer(plain)]
    if column.read is cells.organisation:
        found += USCC.findall(plain)
    if column.pattern:
        found += re.findall(column.pattern, plain)
    return found + sorted((one for one in column.words if one in plain), key=len, reverse=True)


def _rows(book: Book, roster: Roster, table: Table, context: Context) -> list[Row]:
    found: list[Row] = []
    below = False
    for row in table.rows():
        below = below or _begins_another(roster, row)
        if below:
            continue
        given = _of_base(book, roster, table.cells(row))
        read = rows_of(roster, table.sheet.name, row.number, given, context)
        found += [_hidden(one) if row.hidden else one for one in read]
    return found


def _begins_another(roster: Roster, row: SheetRow) -> bool:
    texts = [value for value in row.values if value is not None]
    return bool(roster.beside and len(texts) == 1 and isinstance(texts[0], str) and roster.beside in texts[0])


def _hidden(row: Row) -> Row:
    zh, en = "这一行在表格中被隐藏，仍按一行读。", "This row is hidden on the sheet; it is read all the same."
    return replace(row, remarks=(*row.remarks, Fault("hidden_row", "", zh, en)))


def _of_base(book: Book, roster: Roster, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells; a day's serial number by the common base."""
    if not book.from_1904:
        return dict(given)
    days = {column.name for column in roster.columns if column.read is cells.day}
    return {
        name: value + _SINCE_1904 if name in days and cells.is_number(value) and value < _SERIALS else value
        for name, value in given.items()
    }


def _totals(roster: Roster, table: Table, setting: Setting) -> dict[str, Decimal]:
    """Return what the last row of totals says, by column; a subtotal of a page comes before it."""
    found: dict[str, Decimal] = {}
    for row in table.totals:
        said = table.cells(row)
        for column in roster.columns:
            if column.read is cells.amount and column.name in said:
                try:
                    total = cells.amount(said[column.name], setting)
                except Unreadable:
                    continue
                if total is not None:
                    found[column.name] = total
    return found


def _beside(book: Book, roster: Roster, tables: Sequence[Table], others: list[str]) -> dict[str, int]:
    """Count the rows of the second table, which stands below the first or on a sheet with its name."""
    count, there = 0, False
    for table in tables:
        begun = 0  # the row that begins it, then its header
        for row in table.rows():
            if begun or _begins_another(roster, row):
                begun += 1
                count += begun > 2  # noqa: PLR2004 - two rows are none of it
        there = there or begun > 0
    for sheet in book.sheets:
        if sheet.visible and roster.beside in sheet.name and sheet.name in others:
            second = find_table(sheet, [roster.column("name"), *roster.persons, *_SECOND])
            if second is not None:
                others.remove(sheet.name)
                count += sum(1 for _ in second.rows())
                there = True
    return {"professionals": count} if there else {}


_SECOND = (
    Column("trade", "专业", cells.text, ("职称", "职业", "从事专业")),
    Column("unit", "单位", cells.text, ("工作单位",)),
)


def unread_columns(table: Table) -> list[str]:
    """Return the headers of columns that nobody reads, and what becomes of those that look like a number to keep."""
    return [*dict.fromkeys(word(text) for text in (*table.unknown, *table.doubled))]
