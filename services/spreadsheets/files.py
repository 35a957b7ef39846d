"""Opens a spreadsheet: .xlsx, .xls and .ods by python-calamine, .csv by rules; what it is, its contents say.

A merged range has the value of its upper left cell everywhere. A formula without a value, or with an error, reads as
FAILED, so that whoever reads the cell refuses it.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import python_calamine as calamine

from services.spreadsheets import packages
from shared.errors import NoSuchFile, YihuError

FILE_BYTES = 100 * 1024 * 1024
CELLS = 25_000_000
"""How many cells a sheet may span: the library keeps the whole rectangle."""
FAILED = packages.FAILED
SAMPLE_LINES = 20
"""By how many lines of a text file its separator is judged."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_NEWER = str.maketrans(
    dict(zip(
        "\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
        "\ufe10\ufe12\ufe11\ufe13\ufe14\ufe15\ufe16\ufe17\ufe18\ufe19\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
        strict=True,
    ))
)  # fmt: skip
"""Where GB 18030-2022 has the characters that the codec still puts among the private ones."""


class NotASheet(YihuError):
    """A file cannot be read as a spreadsheet; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code, *_WORDS[code])


_LINE, _END = "\n", "\0"
"""What is put behind a text file: where it is no row of its own, a quotation mark has opened a cell that has no end."""
_MARKED_UP = ("<html", "<!doctype", "<?xml", "<table", "<head", "<meta", "mime-version:")
_OTHER = ("%pdf", "{\\rtf", "id;p")
_WORDS = {
    "spreadsheet_is_a_page": (
        "这个文件其实是网页（HTML 或 XML），只是用了表格的扩展名；请用 Excel 或 WPS 打开，另存为 .xlsx 再试。",
        "This is a web page with the name of a spreadsheet; open it in Excel or WPS and save it as .xlsx.",
    ),
    "quote_not_closed": (
        "有一个英文双引号没有配对，其后的各行无法分开；请补上或删去这个引号再试。",
        "A quotation mark opens a cell and none closes it, so the rows after it run together; mend it.",
    ),
    "not_a_spreadsheet": (
        "这不是可读的表格文件；请另存为 .xlsx 或 .csv 再试。",
        "This is no spreadsheet that can be read; save it as .xlsx or .csv.",
    ),
    "spreadsheet_locked": (
        "表格有打开密码；请去掉密码另存后再试。",
        "The spreadsheet has a password; save it without one.",
    ),
    "unknown_charset": (
        "文字编码无法识别（不是 UTF-8，也不是 GB 18030）；请另存为“CSV UTF-8”或 .xlsx。",
        "The text is neither UTF-8 nor GB 18030; save it as “CSV UTF-8” or .xlsx.",
    ),
    "spreadsheet_too_large": (
        "表格太大，或在很远的行列有内容；请删去多余行列，或分成几个文件。",
        "The spreadsheet is too large, or has contents far outside; delete those, or split the file.",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the sheet holds it: its number from 1, and its cells, None where there is nothing.

    A cell is a text, a number, a day (`date`, `datetime`), or true or false: what calamine or a text file gives.
    """

    number: int
    values: list[Any]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows()` begins anew each time it is called."""

    name: str
    visible: bool
    rows: Callable[[], Iterator[Row]] = field(repr=False)
    hidden_columns: frozenset[int] = frozenset()
    """Indices from 0."""
    hidden_rows: frozenset[int] = frozenset()
    failed: int = 0
    """How many formulas have no value."""


@dataclass(frozen=True, slots=True)
class Book:
    """A spreadsheet file. `kind` is xlsx, xls, ods or csv; `encoding` and `separator` are those of a csv.

    `from_1904`: a day is a number counted from 1904, where a cell does not say that it is a day (xlsx).
    """

    path: Path
    sha256: str
    kind: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    separator: str = ""
    from_1904: bool = False


def open_book(path: Path) -> Book:
    """Open a spreadsheet. Raises NoSuchFile or NotASheet."""
    try:
        if path.stat().st_size > FILE_BYTES:
            raise NotASheet("spreadsheet_too_large")
        raw = path.read_bytes()
    except OSError:
        raise NoSuchFile from None
    digest = hashlib.sha256(raw).hexdigest()
    if raw.startswith((_ZIP, _OLE)):
        return _workbook(path, raw, digest)
    return _text(path, raw, digest)


@contextmanager
def _reading() -> Iterator[None]:
    """Let whatever the library has against a file be one of our refusals, also when it panics."""
    try:
        yield
    except calamine.PasswordError:
        raise NotASheet("spreadsheet_locked") from None
    except (calamine.CalamineError, packages.Unpackable, OSError, ValueError):
        raise NotASheet("not_a_spreadsheet") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise NotASheet("not_a_spreadsheet") from None


def _workbook(path: Path, raw: bytes, digest: str) -> Book:
    with _reading():
        if packages.is_locked(raw):
            raise NotASheet("spreadsheet_locked")
        package = packages.look(raw) if raw.startswith(_ZIP) else packages.Package("xls")
        if any(look.rows * look.columns > CELLS for look in package.sheets.values()):
            raise NotASheet("spreadsheet_too_large")
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        visible = calamine.SheetVisibleEnum.Visible
        sheets = [
            _sheet(book, one.name, one.visible == visible, package.sheets.get(one.name, packages.Look()))
            for one in book.sheets_metadata
            if one.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        return Book(path, digest, package.kind, tuple(sheets), from_1904=package.from_1904)


def _sheet(book: Any, name: str, visible: bool, look: packages.Look) -> Sheet:
    def rows() -> Iterator[Row]:
        with _reading():
            sheet = book.get_sheet_by_name(name)
            own = sheet.end is not None and _rows(sheet, look)
            if own and (sheet.end[0] + 1) * (sheet.end[1] + 1) > CELLS:
                raise NotASheet("spreadsheet_too_large")
        if own:
            yield from own

    return Sheet(name, visible, rows, look.hidden_columns, look.hidden_rows, len(look.failed))


def _rows(sheet: Any, look: packages.Look) -> Iterator[Row]:
    left = [None] * sheet.start[1]
    merges = sorted(sheet.merged_cell_ranges or ())
    failed: dict[int, list[int]] = {}
    for row, column in look.failed:
        failed.setdefault(row, []).append(column)
    active: list[tuple[int, int, int, Any]] = []
    at = 0
    for index, cells in enumerate(sheet.iter_rows()):
        values = left + [None if cell == "" else cell for cell in cells]
        for column in failed.get(index + 1, ()):
            values += [None] * (column + 1 - len(values))
            values[column] = FAILED
        if at < len(merges) or active:
            while at < len(merges) and merges[at][0][0] <= index:
                (_, first), (last_row, last) = merges[at]
                active.append((first, last, last_row, values[first] if first < len(values) else None))
                at += 1
            active = [one for one in active if one[2] >= index]
            for first, last, _, value in active:
                for column in range(first, min(last + 1, len(values))):
                    values[column] = value
        yield Row(index + 1, values, index + 1 in look.hidden_rows)


def _text(path: Path, raw: bytes, digest: str) -> Book:
    text, encoding = decoded(raw)
    begins = text[:2_000].lstrip("\ufeff \t\r\n").lower()
    if begins.startswith(_MARKED_UP):
        raise NotASheet("spreadsheet_is_a_page")
    if "\0" in text or begins.startswith(_OTHER):
        raise NotASheet("not_a_spreadsheet")
    separator = separator_of(text)

    def rows() -> Iterator[Row]:
        reader = csv.reader(io.StringIO(f"{text.removesuffix(_LINE)}{_LINE}{_END}", newline=""), delimiter=separator)
        try:
            for number, cells in enumerate(reader, 1):
                if cells == [_END]:
                    return
                yield Row(number, [_of_text(cell) for cell in cells])
        except csv.Error:  # a cell without an end
            pass
        raise NotASheet("quote_not_closed")

    return Book(path, digest, "csv", (Sheet(path.stem, visible=True, rows=rows),), encoding, separator)


def decoded(raw: bytes) -> tuple[str, str]:
    """Return a text file's text and its encoding: by its mark, or UTF-8, or GB 18030. Raises NotASheet."""
    mark = next((name for bom, name in _MARKS.items() if raw.startswith(bom)), None)
    for encoding in (mark,) if mark else ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (text.translate(_NEWER) if encoding == "gb18030" else text), encoding
    raise NotASheet("unknown_charset")


def separator_of(text: str) -> str:
    """Return what stands between the cells: the one of comma, semicolon and tab that most of the first lines have."""
    lines = [line for line in text[:65536].splitlines() if line.strip()][:SAMPLE_LINES]
    return max(",;\t", key=lambda mark: (sum(mark in line for line in lines), sum(line.count(mark) for line in lines)))


def _of_text(cell: str) -> str | None:
    """Return a cell of a text file; `="…"` is how a spreadsheet is kept from counting it."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell if cell.strip() else None
