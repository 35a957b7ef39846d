"""Proposes, for an office's own sheet, of which type its rows are and which of its headers is which column.

By the words of the headers, and by what stands below them: an identity number is one whatever its header is. A person
looks the proposal through; nothing is imported by it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.columns import NAME, Column, NoSheet, columns_of
from services.spreadsheets.files import Book, Row, Sheet
from services.spreadsheets.headers import ENOUGH, SEARCHED, Table, choose, find_table, word
from services.spreadsheets.mapping import Mapping
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.kinds import Setting, Unreadable

ALIKE = 0.6
"""How much a header must look like a known one to be proposed for it."""
TOLD = 0.5
"""What it counts that the cells below a header are what the column holds."""
A_LITTLE = 0.2
"""How much of its words a column of amounts or counts must have too: every number could be one."""
SAMPLE = 8
"""How many rows are looked at."""
LONGEST_HEADER = 24
TYPES = 4
"""How many types are offered for a sheet."""
_PERSON = re.compile("姓名|名字|[人生童员者]$")
"""What a header of persons' names has."""
_EVERYWHERE = re.compile("困难|残疾|儿童|家庭|登记|记录|情况|明细|[0-9年月季度表]")
"""What says nothing of a type in the title of a sheet."""
_NUMBERS = {cells.amount, cells.count, cells.quantity}


def likely_table(sheets: Sequence[Sheet], known: Sequence[Column]) -> Table | None:
    """Return the table with the most known columns; where no row has enough, that below the likeliest header."""
    table, _ = choose(sheets, known)
    if table is not None:
        return table
    for sheet in sheets:
        texts = _likely_header(sheet) if sheet.visible else []
        table = find_table(sheet, known, {text: f"?{word(text)}" for text in texts}) if texts else None
        if table is not None:
            words = {word(text): column.name for column in known for text in (column.header, *column.aliases)}
            heads = {words[word(text)]: at for at, text in table.headers.items() if word(text) in words}
            unknown = [text for text in table.headers.values() if word(text) not in words]
            return replace(table, columns=heads, unknown=unknown, doubled=[])
    return None


def proposal(declaration: Declaration, table: Table, known: Sequence[Column], setting: Setting) -> Mapping:
    """Return a mapping of what is recognised or likely, each column once, and the needed ones that no header names."""
    at = {index: name for name, index in table.columns.items()}
    rows = list(islice(table.rows(), SAMPLE))
    open_ = [(index, header) for index, header in table.headers.items() if index not in at and index != table.result]
    free = [column for column in known if column.name not in table.columns and not column.spare]
    scores = [
        (score, -index, column.name)
        for index, header in open_
        for column in free
        if (score := _score(header, [_cell(row, index) for row in rows], column, setting)) >= ALIKE
    ]
    for _, index, name in sorted(scores, reverse=True):
        if -index not in at and name not in at.values():
            at[-index] = name
    headers = {column.name: column.header for column in known}
    columns = {
        header: headers.get(at.get(index, ""), "") for index, header in table.headers.items() if index != table.result
    }
    there = set(at.values())
    values = {one.header: "" for one in known if one.needed and there.isdisjoint({one.name, *one.instead})}
    return Mapping(declaration.type, columns, values)


def likely_types(book: Book) -> list[Declaration]:
    """Return the types that a sheet's headers and titles look like, the likeliest first."""
    sheets = [sheet for sheet in book.sheets if sheet.visible]
    heads = {word(text) for sheet in sheets[:1] for text in _likely_header(sheet)}
    title = "".join(_titles(book, sheets))
    scored = sorted(((_likeness(one, heads, title), one.type) for one in CATALOGUE), reverse=True)
    found = [CATALOGUE.get(type_) for score, type_ in scored[:TYPES] if score >= 1]
    return [one for one in found if one is not None]


def _likeness(declaration: Declaration, heads: set[str], title: str) -> float:
    """Return how much a type's own columns and its name are like a sheet's headers and title."""
    try:
        own = [one for one in columns_of(declaration) if one.name.startswith("data.")]
    except NoSheet:
        return 0
    found = sum(score for head in heads if (score := max((_alike(head, one) for one in own), default=0)) >= ALIKE)
    label = _EVERYWHERE.sub("", declaration.label)
    name = SequenceMatcher(None, _EVERYWHERE.sub("", title), label, autojunk=False).find_longest_match()
    return found + (name.size if name.size >= ENOUGH else 0)


def _titles(book: Book, sheets: Sequence[Sheet]) -> Iterator[str]:
    yield book.path.stem
    for sheet in sheets[:1]:
        yield sheet.name
        for row in islice(sheet.rows(), 2):
            there = {value for value in row.values if isinstance(value, str) and value.strip()}
            yield from there if len(there) == 1 else ()


def _likely_header(sheet: Sheet) -> list[str]:
    """Return the texts of the first rows' likeliest header: the most short texts, with something below them."""
    top = list(islice(sheet.rows(), SEARCHED + 1))
    rows = [_header_texts(row) for row in top[:SEARCHED]]
    best = max(rows, key=len, default=[])  # of several, the first
    return best if len(best) >= ENOUGH else []


def _header_texts(row: Row) -> list[str]:
    texts = dict.fromkeys(value for value in row.values if isinstance(value, str))  # a merged title fills its row
    found = [text for text in texts if 0 < len(text.strip()) <= LONGEST_HEADER]
    return [text for text in found if sum(one.isdigit() for one in text) * 2 < len(text.strip())]


def _score(header: str, samples: Sequence[Any], column: Column, setting: Setting) -> float:
    if column.name == NAME and not _PERSON.search(word(header)):
        return 0
    alike = _alike(word(header), column)
    told = _told(samples, column, setting)
    if told is False:
        return 0
    if not told:
        return alike
    if column.name == NAME:
        return ALIKE + alike
    if alike < A_LITTLE and (column.read in _NUMBERS or not column.needed):
        return alike
    return alike + TOLD + (A_LITTLE if column.needed else 0)


def _told(samples: Sequence[Any], column: Column, setting: Setting) -> bool | None:
    """Say whether cells are what a column holds; None where anything could be, or nothing is there."""
    there = [one for one in samples if one is not None]
    if not there:
        return None
    if [cells.plain(one) for one in there] == [str(at) for at in range(1, len(there) + 1)]:  # rows, counted
        return False
    try:
        for one in there:
            column.read(one, setting)
    except Unreadable:
        return False
    strict = column.name in {NAME, "subject"} or bool(column.cell.choices) or column.cell.format != "@"
    return strict or column.read in {cells.day, cells.month, cells.certificate, *_NUMBERS} or None


def _alike(head: str, column: Column) -> float:
    words = [word(column.header), *(word(text) for text in column.aliases if not text.isascii())]
    return max(SequenceMatcher(None, head, one, autojunk=False).ratio() for one in words)


def _cell(row: Row, index: int) -> Any:
    value = row.values[index] if index < len(row.values) else None
    return None if isinstance(value, str) and not value.strip() else value
