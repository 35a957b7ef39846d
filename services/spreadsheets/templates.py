"""An empty sheet for one event type: headers, notes, drop-down lists, and an example row that is never read.

Lists stand on a hidden sheet, because one in the cell itself is cut at 255 characters. Every column of text is text for
the spreadsheet too, or it would ruin identity numbers.
"""

import re
from pathlib import Path
from typing import Any

import xlsxwriter

from services.spreadsheets.columns import AS_TEXT, Column, columns_of, example
from services.spreadsheets.packages import letters_of
from shared.language.catalogue import Declaration

LISTS = "代码表"
"""The hidden sheet. Its first cell names the type, so that a filled template needs no option."""
ROWS = 2_000
"""How far down the lists and formats reach."""
WIDTH = 18
NO_NAME = re.compile(r"[\[\]:*?/\\：？／]")
"""What no name of a sheet has."""


def write_template(declaration: Declaration, out: Path, *, spare: bool = False) -> None:
    """Write the template of a type, perhaps with the spare columns. Raises NoSheet."""
    columns = [one for one in columns_of(declaration) if spare or not one.spare]
    book = xlsxwriter.Workbook(str(out))
    sheet = book.add_worksheet(NO_NAME.sub("、", declaration.label)[:31])
    lists = book.add_worksheet(LISTS)
    lists.write_string(0, 0, declaration.type)
    bold = {"bold": True, "text_wrap": True, "valign": "top"}
    heads = {
        needed: book.add_format(bold | {"bg_color": "#FFE699" if needed else "#E7E6E6"}) for needed in (True, False)
    }
    formats = {one: book.add_format({"num_format": one}) for one in {AS_TEXT.format, *(c.cell.format for c in columns)}}
    for at, column in enumerate(columns):
        shape = AS_TEXT.format if column.cell.choices else column.cell.format
        sheet.set_column(at, at, WIDTH, formats[shape])
        sheet.write_string(0, at, column.header + ("*" if column.needed else ""), heads[column.needed])
        note = _note(column)
        if note:
            sheet.write_comment(0, at, note)
        _list(sheet, lists, at, column)
        sheet.write_string(1, at, example(column), formats[AS_TEXT.format])
    sheet.freeze_panes(1, 0)
    lists.hide()
    book.close()


def _note(column: Column) -> str:
    parts = ["必填" if column.needed else "", column.note]
    if column.cell.format == "yyyy-mm-dd":
        parts.append("日期，如 2025-06-17")
    if column.cell.choices:
        parts.append("从下拉列表选择")
    return "；".join(part for part in parts if part)


def _list(sheet: Any, lists: Any, at: int, column: Column) -> None:
    words = [zh for _, zh in column.cell.choices]
    if not words:
        return
    for row, said in enumerate((column.header, *words), 1):
        lists.write_string(row, at, said)
    letter = letters_of(at)
    source = f"={LISTS}!${letter}$3:${letter}${len(words) + 2}"
    several = {"error_type": "information", "ignore_blank": True}
    sheet.data_validation(1, at, ROWS, at, {"validate": "list", "source": source, **several})
