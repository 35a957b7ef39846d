"""A sheet of one event type: its rows become events, in an order in which a batch can be judged by itself.

An event's id is a keyed digest of what its row says. So the same row is the same event, in whatever file and however
often it comes, and a run that was killed ends as if it had run once.
"""

import hashlib
import hmac
import json
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.columns import (
    BECAUSE,
    CORRECTS,
    LARGEST_NUMBER,
    NAME,
    Column,
    columns_of,
    day_of,
    example,
    sent,
)
from services.spreadsheets.files import Book, Row
from services.spreadsheets.headers import Table
from services.spreadsheets.mapping import SAME, NotAMapping
from shared.json import canonical
from shared.language.catalogue import Declaration
from shared.language.kinds import Setting, Unreadable

TOGETHER = 500
"""How many rows are sent as one batch; events about one person or of one process are never in two, if fewer."""
ID_DIGITS = 32
UNPACKED = 16
"""How many packs of events are kept as they are, while rows are taken from them."""
LATELY = 1_024
"""How many different cells of a column are kept read."""
_SINCE_1904 = 1_462
"""The days from the one base of serial numbers to the other."""
_ENVELOPE = {
    "subject", "process", "division", "legacy", "correlationid", "causationid", "recordedby", "approvedby", "id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A fault's place and reasons: where on the sheet, the code, and a sentence each in Chinese and English."""

    cell: str
    code: str
    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return it as a JSON object."""
        return {"cell": self.cell, "code": self.code, "zh": self.zh, "en": self.en}


class Events:
    """Events as JSON by their rows, packed: a sheet may have a hundred thousand of them."""

    def __init__(self) -> None:
        self.rows = array("L")
        self._packs: list[bytes] = []
        self._open: list[bytes] = []
        self._lately: dict[int, list[bytes]] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def add(self, row: int, event: bytes) -> None:
        """Add the event of a row that is below all others."""
        self.rows.append(row)
        self._open.append(event)
        if len(self._open) == TOGETHER:
            self._packs.append(zlib.compress(b"\n".join(self._open), 1))
            self._open = []

    def of(self, row: int) -> bytes:
        """Return the event of a row."""
        pack, at = divmod(bisect_left(self.rows, row), TOGETHER)
        if pack == len(self._packs):
            return self._open[at]
        if pack not in self._lately:
            if len(self._lately) == UNPACKED:
                del self._lately[next(iter(self._lately))]
            self._lately[pack] = zlib.decompress(self._packs[pack]).split(b"\n")
        return self._lately[pack][at]


class Named:
    """Rows with a number and a name, packed: they are compared, and kept nowhere."""

    def __init__(self) -> None:
        self._packs: list[bytes] = []
        self._open: list[tuple[int, str, str]] = []

    def add(self, row: int, number: str, name: str) -> None:
        """Add a row."""
        self._open.append((row, number, name))
        if len(self._open) == TOGETHER:
            self._packs.append(zlib.compress(canonical(self._open), 1))
            self._open = []

    def packs(self) -> Iterator[list[tuple[int, str, str]]]:
        """Yield rows, numbers and names, some at a time."""
        for pack in self._packs:
            yield json.loads(zlib.decompress(pack))
        if self._open:
            yield self._open


@dataclass(slots=True)
class Found:
    """What the rows of a table say: the events to send by row, as JSON, and why other rows cannot be sent.

    `warnings` are remarks on rows that are sent; `batches` the rows in the order in which they go.
    """

    events: Events = field(default_factory=Events)
    faults: dict[int, list[Place]] = field(default_factory=dict)
    warnings: dict[int, list[Place]] = field(default_factory=dict)
    batches: "list[array[int]]" = field(default_factory=list)
    numbered: set[int] = field(default_factory=set)
    """The rows whose events have an id of the office's own."""
    named: Named = field(default_factory=Named)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.events) + len(self.faults)


@dataclass(frozen=True, slots=True)
class Importer:
    """Reads rows as events of one type, from one source. `secret` keys the ids, so nobody guesses a row from one.

    `fixed` is what every row has in a column that the sheet has not.
    """

    declaration: Declaration
    source: str
    secret: bytes
    today: date
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that it looks for. Raises NoSheet."""
        return columns_of(self.declaration)

    def check_fixed(self) -> None:
        """Raise NotAMapping for a fixed value that its column cannot have: else every row would be refused for it."""
        setting = Setting(self.today, allow_test_regions=True, high_tech_zone=True)
        for column in self.columns:
            said = self.fixed.get(column.name, SAME)
            try:
                column.read(said, setting) if said[0] != SAME else None
            except Unreadable as error:
                _, zh, en = error.words
                raise NotAMapping(f"values 里的“{column.header}”：{zh}", f" {column.header}: {en}") from None

    def missing(self, table: Table) -> list[Column]:
        """Return the needed columns that the table has not."""
        there = table.columns.keys() | self.fixed.keys()
        return [one for one in self.columns if one.needed and there.isdisjoint({one.name, *one.instead})]

    def read(self, book: Book, table: Table) -> Found:
        """Read every row of a table."""
        found = Found()
        setting = Setting(self.today, allow_test_regions=True, high_tech_zone=True)  # the door knows what counts
        groups: dict[int, array[int]] = {}
        names: dict[int, int] = {}
        there = [one for one in self.columns if one.name in table.columns or one.name in self.fixed]
        columns = [_Reader.of(book, one, setting) for one in there]
        day = day_of(self.declaration)
        shown = {one.column.name: text for one in columns if (text := example(one.column))}
        for row in table.rows():
            if shown and table.cells(row) == shown:  # the row of a template that shows how one is filled in
                table.skipped.append((row.number, "example"))
                continue
            values, faults = _values(table, row, columns, self.fixed)
            if faults:
                found.faults[row.number] = faults
                continue
            event = self._event(values, day)
            if "id" in values:  # by its number the office finds it; the same row in another file is the same event
                found.numbered.add(row.number)
            else:
                event |= _place(book, table, row)
            found.events.add(row.number, canonical(event))
            handle = hash(event.get("subject") or event.get("process") or event["id"])
            groups.setdefault(handle, array("L")).append(row.number)
            warned = [*_hidden(table, row), *_other_name(table, row, values, names)]
            if warned:
                found.warnings[row.number] = warned
            if NAME in values and "subject" in values:
                found.named.add(row.number, values["subject"], values[NAME])
        found.batches = list(_packed(groups.values()))
        return found

    def _event(self, values: Mapping[str, Any], day: str) -> dict[str, Any]:
        """Return the event of a row; its id is the office's own, or a digest of all else."""
        data = {name[5:]: sent(value) for name, value in values.items() if name.startswith("data.")}
        happened = values.get("time") or values.get(f"data.{day}")
        event = {name: sent(values[name]) for name in _ENVELOPE if values.get(name)}
        event |= {
            "specversion": "1.0",
            "source": self.source,
            "type": self.declaration.type,
            "time": _midnight(happened),
            "data": data,
        }
        if "recordedtime" in values:
            event["recordedtime"] = _midnight(values["recordedtime"])
        if CORRECTS in values:
            event |= _correction(self.declaration.department, values, data)
        if "id" in event:
            return event
        digest = hmac.new(self.secret, canonical(event), hashlib.sha256).hexdigest()
        return event | {"id": f"sheet-{digest[:ID_DIGITS]}"}


@dataclass(frozen=True, slots=True)
class _Reader:
    """A column and how its cells are read; what it has read lately it knows: most columns say little that is new."""

    column: Column
    read: Callable[[Any], Any]

    @classmethod
    def of(cls, book: Book, column: Column, setting: Setting) -> "_Reader":
        def read(cell: Any) -> Any:
            return column.read(_of_base(book, column, cell), setting)

        return cls(column, lru_cache(LATELY, typed=True)(read))


def _values(
    table: Table, row: Row, columns: Sequence[_Reader], fixed: Mapping[str, str]
) -> tuple[dict[str, Any], list[Place]]:
    said = table.cells(row)
    if fixed:
        every = {name: said.get(value[1:]) if value[0] == SAME else value for name, value in fixed.items()}
        said = {**every, **said}
    values: dict[str, Any] = {}
    faults = []
    for one in columns:
        column = one.column
        cell = said.get(column.name)
        try:
            value = one.read(cell) if cell is not None else None
        except Unreadable as error:
            faults.append(Place(table.address(row.number, column.name), *error.words))
            continue
        if value is not None:
            values[column.name] = value
        elif column.needed and said.keys().isdisjoint(column.instead):
            zh, en = f"缺少{column.header}。", f"{column.header} is missing."
            faults.append(Place(table.address(row.number, column.name), "required", zh, en))
    return values, faults


def _midnight(day: Any) -> str:
    return f"{sent(day)}T00:00:00+08:00"


def _correction(department: str, values: Mapping[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Return what a row is that corrects a record: the whole of it is what the record should have said."""
    whole = {"target_event": values[CORRECTS], "reason": values.get(BECAUSE), "corrected_payload": data}
    return {
        "type": f"{department}.event_corrected",
        "data": {name: value for name, value in whole.items() if value is not None},
    }


def address_of(table: Table, row: int, pointer: str) -> str:
    """Return where on the sheet stands what a door's answer points at."""
    parts = pointer.replace("/data/corrected_payload/", "/data/").split("/")
    name = f"data.{parts[2]}" if parts[1:2] == ["data"] and len(parts) > 2 else "".join(parts[1:2])  # noqa: PLR2004 - /data/field
    if CORRECTS in table.columns and name not in table.columns:
        name = {"data.target_event": CORRECTS, "data.reason": BECAUSE}.get(name, name)
    return table.address(row, name)


def reasons(table: Table, row: int, problem: Mapping[str, Any]) -> list[Place]:
    """Return every reason of a door's refusal, at its place on the sheet."""
    return [
        Place(address_of(table, row, one["pointer"]), one["code"], one["zh"], one["en"]) for one in problem["errors"]
    ]


def is_again(problem: Mapping[str, Any]) -> bool:
    """Whether a door refuses an event because it came before with another file: its id is made of all else it says."""
    return [one["code"] for one in problem.get("errors", ())] == ["id_used_for_other_content"]


def _place(book: Book, table: Table, row: Row) -> dict[str, Any]:
    return {"filedigest": book.sha256, "filesheet": table.sheet.name, "filerow": row.number}


def _of_base(book: Book, column: Column, cell: Any) -> Any:
    """Return a cell; a day's serial number by the common base."""
    if book.from_1904 and column.read is cells.day and cells.is_number(cell) and cell < LARGEST_NUMBER:
        return cell + _SINCE_1904 if cell < 100_000 else cell  # noqa: PLR2004 - more is 20250307
    return cell


def _hidden(table: Table, row: Row) -> Iterator[Place]:
    if row.hidden:
        zh, en = "这一行在表格中被隐藏，仍按一行读。", "This row is hidden on the sheet; it is read all the same."
        yield Place(f"{table.sheet.name}!{row.number}", "hidden_row", zh, en)


def _other_name(table: Table, row: Row, values: Mapping[str, Any], names: dict[int, int]) -> Iterator[Place]:
    """Remark on a number that has another name than before in the same file. Neither is kept, only digests."""
    name, number = values.get(NAME), values.get("subject")
    if name is None or number is None:
        return
    if names.setdefault(hash(number), hash(name)) != hash(name):
        zh, en = (
            "同一号码在本文件中有不同姓名，请核对。",
            "This number has another name elsewhere in the file; check it.",
        )
        yield Place(table.address(row.number, NAME), "other_name", zh, en)


def _packed(groups: "Iterable[array[int]]") -> "Iterator[array[int]]":
    """Yield batches of rows, each group whole in one where it fits."""
    batch = array("L")
    for group in groups:
        if batch and len(batch) + len(group) > TOGETHER:
            yield batch
            batch = array("L")
        batch += group
        while len(batch) > TOGETHER:
            yield batch[:TOGETHER]
            batch = batch[TOGETHER:]
    if batch:
        yield batch
