"""A sheet of payments as offices fill it in, and what the program makes of a file without any door."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from services.departments import load_catalogue
from services.spreadsheets.files import Book, open_book
from services.spreadsheets.headers import Table, choose
from services.spreadsheets.importing import Found, Importer
from shared.language.catalogue import CATALOGUE
from shared.language.identifiers import check_character

load_catalogue()
PAID = "finance.benefit_paid"
HEADS = ("姓名", "身份证号", "待遇项目", "金额", "所属月份", "收款方", "资金来源", "发放日期")


def number(nth: int) -> str:
    """Return the identity number of a fabricated person."""
    body = f"42129920180512{nth:03}"
    return body + check_character(body)


def row(nth: int, **changes: Any) -> list[Any]:
    """Return a row of the sheet; a change names a header."""
    said = ("虚构甲", number(nth), "低保金", "1,250.00", "2026年3月", number(nth), "县级财政", "2026.3.7")
    return list((dict(zip(HEADS, said, strict=True)) | changes).values())


class Import:
    """What came of a file: the book, its table, and its rows as events or refusals."""

    def __init__(self, path: Path) -> None:
        importer = Importer(CATALOGUE.get(PAID), "urn:yihu:finance:desk", b"k" * 32, date(2026, 12, 1))  # type: ignore[arg-type]
        self.book: Book = open_book(path)
        found, self.others = choose(self.book.sheets, importer.columns)
        assert found is not None, "no table was found"
        self.table: Table = found
        assert not importer.missing(found), [column.header for column in importer.missing(found)]
        self.found: Found = importer.read(self.book, found)

    @property
    def events(self) -> dict[int, dict[str, Any]]:
        """The events by row."""
        return {at: json.loads(self.found.events.of(at)) for at in self.found.events.rows}

    def field(self, name: str) -> dict[int, Any]:
        """What the events say for one field, by row."""
        return {at: event["data"].get(name) for at, event in self.events.items()}

    @property
    def faults(self) -> dict[int, list[str]]:
        """The codes of refusals by row."""
        return {at: [one.code for one in why] for at, why in self.found.faults.items()}

    @property
    def skipped(self) -> dict[int, str]:
        """Which rows are no rows, and why."""
        return dict(self.table.skipped)
