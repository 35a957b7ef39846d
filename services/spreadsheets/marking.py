"""Gives an office its own file back, with a column 结果 that says what came of each row.

An .xlsx stays what it was, to the letter, but for the cells of that column: they are written into the sheet's own XML,
row by row, so formatting, lists and whatever else is in the file stay, and a long file needs no memory. A .csv keeps
its encoding and separator. An .xls or .ods comes back as .xlsx, values alone.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

from services.spreadsheets import packages
from services.spreadsheets.files import Book
from services.spreadsheets.headers import RESULT, Table

Word = Callable[[int], str]
"""What to write beside a row, by its number; nothing where it is empty."""
_SPANS = re.compile(r' spans="[^"]*"')
_PLACE = re.compile(r'<c\b[^>]*?\br="([A-Z]+)[0-9]+"')


def kept_as(book: Book) -> str:
    """Return the suffix of the marked file."""
    return ".csv" if book.kind == "csv" else ".xlsx"


def mark(book: Book, table: Table, words: Word, out: Path) -> None:
    """Write the marked file, of a table whose rows were read. Nothing that stands in it is written over."""
    column = table.result if table.result is not None else max(table.width, max(table.headers) + 1)

    def of(row: int) -> str:
        return RESULT if row == table.header else words(row)

    if book.kind == "csv":
        _csv(book, column, of, out)
    elif book.kind == "xlsx":
        _xlsx(book, table, column, of, out)
    else:
        _anew(table, column, of, out)


def _csv(book: Book, column: int, words: Word, out: Path) -> None:
    text = book.path.read_bytes().decode(book.encoding)
    ends = "\r\n" if "\r\n" in text else "\n"
    with out.open("w", encoding=book.encoding, newline="", errors="replace") as file:
        writer = csv.writer(file, delimiter=book.separator, lineterminator=ends)
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=book.separator), 1):
            said = words(number)
            wide = cells + [""] * (column + 1 - len(cells)) if said else cells
            if said:
                wide[column] = said
            writer.writerow(wide)


def _xlsx(book: Book, table: Table, column: int, words: Word, out: Path) -> None:
    with zipfile.ZipFile(book.path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        part = packages.parts_of(old)[0][table.sheet.name]
        for info in old.infolist():
            with new.open(zipfile.ZipInfo(info.filename, info.date_time), "w", force_zip64=True) as file:
                if info.filename != part:
                    file.write(old.read(info))
                    continue
                number = 0
                for piece, is_row in packages.rows_of(old, part):
                    number = packages.number_of(piece, number) if is_row else number
                    said = words(number) if is_row else ""
                    file.write((_marked(piece, number, column, said) if said else piece).encode())


def _marked(row: str, number: int, column: int, said: str) -> str:
    """Return a row with a text in a column behind all others, or in the place of what stood there."""
    place = f"{packages.letters_of(column)}{number}"
    if f'r="{place}"' in row:
        row = re.sub(rf'<c\b[^>]*\br="{place}"[^>]*?(?:/>|>.*?</c>)', "", row, flags=re.DOTALL)
    cell = f'<c r="{place}" t="inlineStr"><is><t>{escape(said)}</t></is></c>'
    begun = row.index(">") + 1
    head, end = _SPANS.sub("", row[:begun]), row[begun:]
    if head.endswith("/>"):
        return f"{head[:-2]}>{cell}</row>"
    at = _behind(end, column)
    return f"{head}{end[:at]}{cell}{end[at:]}"


def _behind(cells: str, column: int) -> int:
    """Return where in a row's inside a cell of a column stands: before all later ones, and what is no cell."""
    last = _PLACE.match(cells, max(cells.rfind("<c "), 0))
    if last is None or packages.column_of(last[1]) > column:
        for later in _PLACE.finditer(cells):
            if packages.column_of(later[1]) > column:
                return later.start()
    other = cells.find("<extLst")
    return other if other >= 0 else len(cells) - len("</row>")


def _anew(table: Table, column: int, words: Word, out: Path) -> None:
    book = xlsxwriter.Workbook(str(out), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    try:
        sheet = book.add_worksheet(table.sheet.name[:31])
        for row in table.sheet.rows():
            for at, value in enumerate(row.values):
                if isinstance(value, str):
                    sheet.write_string(row.number - 1, at, value)
                elif value is not None:
                    sheet.write(row.number - 1, at, value)
            said = words(row.number)
            if said:
                sheet.write_string(row.number - 1, column, said)
    finally:
        book.close()
