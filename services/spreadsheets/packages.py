"""What an .xlsx says in its own XML and the reader does not: what is hidden, failed formulas, the base of days.

The parts are read in blocks, row by row as text: a sheet may be a hundred megabytes, and nothing in it is ever run.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

FAILED = "#VALUE!"
"""How the cell of a formula without a value reads."""
UNPACKED_BYTES = 1024 * 1024 * 1024
BLOCK = 1024 * 1024
HEAD_BYTES = 4 * 1024 * 1024
"""How long the small parts may be, and one row."""
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW = re.compile(r"<row\b([^>]*?)/?>")
_NUMBER = re.compile(r'\br="([0-9]+)"')
_HIDDEN = re.compile(r'\bhidden="(?:1|true)"')
_COLUMN = re.compile(r"<col\b([^>]*)>")
_SPAN = re.compile(r'\b(min|max)="([0-9]+)"')
_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_REF = re.compile(r'\br="([A-Z]{1,3})([0-9]+)"')
_COLUMNS = 16_384


class Unpackable(Exception):
    """A file is no package of a spreadsheet, or a hostile one."""


_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, ET.ParseError, KeyError, ValueError, EOFError, OSError, RuntimeError,
)  # fmt: skip
"""What the standard library raises for a damaged archive, or one with a password."""


@dataclass
class Look:
    """What a look at a sheet's XML found. Rows count from 1, columns from 0."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    failed: tuple[tuple[int, int], ...] = ()
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Package:
    """A zipped spreadsheet: its kind, the looks at its sheets by name, and the base of its days."""

    kind: str
    sheets: dict[str, Look] = field(default_factory=dict)
    from_1904: bool = False


def look(raw: bytes) -> Package:
    """Look into a zipped spreadsheet. Raises Unpackable."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(part.file_size for part in archive.infolist()) > UNPACKED_BYTES:
                raise Unpackable
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names:
                return Package("ods" if "content.xml" in names else "xlsb")
            parts, from_1904 = parts_of(archive)
            found = {name: _look(archive, part) for name, part in parts.items() if part in names}
            return Package("xlsx", found, from_1904)
    except _BROKEN:
        raise Unpackable from None


def is_locked(raw: bytes) -> bool:
    """Whether a file is encrypted: an .xlsx in its wrapping, an .xls by its FILEPASS record, an .ods by its manifest.

    The reader only says of them that it does not know their format. Source: [MS-OFFCRYPTO] 2.3, [MS-XLS] 2.4.117.
    """
    if raw.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open("META-INF/manifest.xml") as manifest:
                return b"encryption-data" in manifest.read(HEAD_BYTES)
        except _BROKEN:
            return False
    if "EncryptedPackage".encode("utf-16-le") in raw:
        return True
    at = raw.find(_BOF)
    for _ in range(_FIRST_RECORDS if at >= 0 else 0):
        record, length = struct.unpack_from("<HH", raw, at) if at + 4 <= len(raw) else (0, 0)
        if record == _FILEPASS:
            return True
        at += 4 + length
    return False


_BOF, _FILEPASS, _FIRST_RECORDS = b"\x09\x08\x10\x00\x00\x06\x05\x00", 0x2F, 5
"""What the book in an .xls begins with; FILEPASS is among its first records, if it is there."""


def parts_of(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    """Return the path of each sheet's part by the sheet's name, and whether days count from 1904."""
    relations = _xml(archive, "xl/_rels/workbook.xml.rels")
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    book = _xml(archive, "xl/workbook.xml")
    found, from_1904 = {}, False
    for one in book.iter():
        tag = one.tag.rpartition("}")[2]
        if tag == "workbookPr":
            from_1904 = one.get("date1904", "0").lower() in {"1", "true"}
        elif tag == "sheet":
            key = next((value for name, value in one.attrib.items() if name.endswith("}id")), one.get(_REL))
            target = targets.get(key, "")
            found[one.get("name", "")] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return found, from_1904


def _xml(archive: zipfile.ZipFile, part: str) -> ET.Element:
    """Read a small part; one that declares entities is hostile."""
    if archive.getinfo(part).file_size > HEAD_BYTES:
        raise Unpackable
    raw = archive.read(part)
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise Unpackable
    return ET.fromstring(raw)  # noqa: S314 - without a document type there are no entities


def rows_of(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, bool]]:
    """Yield a sheet's XML in pieces, in order: each row (true), and what stands before, between and after them.

    Prefixes of the spreadsheet's own names are left out. Raises Unpackable for a row without an end.
    """
    with archive.open(part) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        rest, prefix = "", None
        while block := text.read(BLOCK):
            rest += block
            if prefix is None:
                found = re.search(r"<(\w+:)worksheet\b", rest)
                prefix = found[1] if found else ""
            if prefix:
                rest = rest.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</")
                rest = rest.replace(f'xmlns:{prefix[:-1]}="', 'xmlns="')
            at = 0
            for row in _WHOLE.finditer(rest):
                if row.start() > at:
                    yield rest[at : row.start()], False
                yield row[0], True
                at = row.end()
            rest = rest[at:]
            if len(rest) > HEAD_BYTES:
                raise Unpackable
        yield rest, False


_WHOLE = re.compile(r"<row\b(?:[^>]*/>|.*?</row>)", re.DOTALL)


def number_of(row: str, before: int) -> int:
    """Return the number of a row: its own, or the one after the row before."""
    head = _ROW.match(row)
    own = _NUMBER.search(head[1]) if head else None
    return int(own[1]) if own else before + 1


def column_of(letters: str) -> int:
    """Return a column's index from 0 by its letters."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def letters_of(column: int) -> str:
    """Return a column's letters by its index from 0."""
    found, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def _look(archive: zipfile.ZipFile, part: str) -> Look:
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    failed: list[tuple[int, int]] = []
    number = last = columns = empty = 0
    for piece, is_row in rows_of(archive, part):
        if is_row and not ("</v>" in piece or "<is>" in piece or "<f" in piece or "hidden" in piece):
            empty += 1  # a sheet may be formatted down to its end
            continue
        if not is_row:
            for column in _COLUMN.finditer(piece):
                if _HIDDEN.search(column[1]):
                    span = {name: int(value) for name, value in _SPAN.findall(column[1])}
                    hidden_columns.update(range(span.get("min", 1) - 1, min(span.get("max", 0), _COLUMNS)))
            continue
        number, empty = number_of(piece, number + empty), 0
        head = _ROW.match(piece)
        if head and _HIDDEN.search(head[1]):
            hidden_rows.add(number)
        if "</v>" in piece or "<is>" in piece:
            last = max(last, number)
            end = _REF.search(piece, piece.rfind("<c ", 0, max(piece.rfind("<v>"), piece.rfind("<is>"))))
            columns = max(columns, column_of(end[1]) + 1 if end else 1)
        if 't="e"' in piece or "<f" in piece:
            failed += [(number, column) for column in _failed(piece)]
    return Look(frozenset(hidden_rows), frozenset(hidden_columns), tuple(failed), last, columns)


def _failed(row: str) -> Iterator[int]:
    for at, cell in enumerate(_CELL.finditer(row)):
        inside = cell[2] or ""
        nothing = "<f" in inside and not re.search(r"<v>[^<]", inside) and 't="str"' not in cell[1]
        if nothing or ('t="e"' in cell[1] and "<v" in inside):
            place = _REF.search(cell[1])
            yield column_of(place[1]) if place else at
