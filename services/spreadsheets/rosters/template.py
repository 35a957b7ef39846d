"""An empty sheet for a roster: its headers, what may be written for them, and every column as text."""

from pathlib import Path

import xlsxwriter

from services.spreadsheets import cells
from services.spreadsheets.packages import letters_of
from services.spreadsheets.rosters.declaring import Column, Roster

ROWS = 2_000
"""How far down formats and lists reach."""
WIDTH = 16


def write_roster_template(roster: Roster, out: Path) -> None:
    """Write the empty sheet of a roster. Text stays text in it, or identity numbers would be ruined."""
    book = xlsxwriter.Workbook(str(out))
    sheet = book.add_worksheet(roster.zh[:31])
    as_text = book.add_format({"num_format": "@"})
    heads = {
        needed: book.add_format({"bold": True, "text_wrap": True, "bg_color": "#FFE699" if needed else "#E7E6E6"})
        for needed in (True, False)
    }
    for at, column in enumerate(one for one in roster.columns if not one.spare):
        sheet.set_column(at, at, WIDTH, as_text)
        sheet.write_string(0, at, column.header + ("*" if column.needed else ""), heads[column.needed])
        if note := _note(column):
            sheet.write_comment(0, at, note)
        if column.read is cells.yes_no:
            letter = letters_of(at)
            sheet.data_validation(f"{letter}2:{letter}{ROWS}", {"validate": "list", "source": ["是", "否"]})
    sheet.freeze_panes(1, 0)
    book.close()


def _note(column: Column) -> str:
    parts = ["必填" if column.needed else ""]
    if column.title:
        parts.append("也可写在表头上方，如“" + column.header + "：…”")
    if column.read is cells.day:
        parts.append("日期，如 2025-06-17")
    if column.read in {cells.month, cells.months}:
        parts.append("年月，如 2026-03")
    if column.aliases:
        parts.append("也认：" + "、".join(column.aliases))
    return "；".join(part for part in parts if part)
