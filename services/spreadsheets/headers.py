"""Finds the table on a sheet: its header among the first rows, what stands above, and which rows are no rows."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.spreadsheets.files import Row, Sheet
from services.spreadsheets.packages import letters_of
from shared.language.text import visible

SEARCHED = 15
"""Among how many first rows the header is looked for."""
ENOUGH = 2
"""How many known columns make a header."""
RESULT = "结果"
"""The column that the program itself adds when it gives a file back."""
_HINT = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|〔[^〕]*〕")
_BETWEEN = re.compile(r"[\s:*。.、,;“”\"'’]+")
_TOTAL = re.compile(
    r"(?:本页|全页|总|累)?(?:合计|总计|小计|共计|累计)(?:共?[0-9]+[人户名元笔条行])*|共[0-9]+[人户名笔条行]|(?:GRAND|SUB)?TOTAL"
)
_OF_TOTALS = re.compile("计|共|total", re.IGNORECASE)
_FOOT = re.compile(
    r"\s*(?:(?:填表|填报|审核|制表|负责|经办|复核|填写|联系|单位负责|主管)(?:人|日期|单位|时间|电话|领导)|备\s*注|说\s*明|注)"
    r"(?:签[字章名])?\s*(?::|$)"
)
FOOT_CELLS = 6
"""How many cells a line of signatures has at most: three labels and what stands beside them."""


class Wanted(Protocol):
    """A column that is looked for: its name in the program, its header and other headers for it."""

    @property
    def name(self) -> str:
        """The name in the program."""

    @property
    def header(self) -> str:
        """The header that a template has."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other headers for it."""


@dataclass
class Table:
    """A table on a sheet. `columns` has the index of each column found; rows count from 1.

    `unknown` are headers that nobody knows, `doubled` those of a column that is there already; `title` is what stands
    above. `skipped`, `totals` and `width` are there once `rows()` was gone through: what is no row, and why; and
    how many columns hold anything.
    """

    sheet: Sheet
    header: int
    first: int
    columns: dict[str, int]
    headers: dict[int, str]
    unknown: list[str]
    doubled: list[str]
    title: list[str]
    result: int | None = None
    skipped: list[tuple[int, str]] = field(default_factory=list)
    totals: list[Row] = field(default_factory=list)
    width: int = 0

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are rows. Hidden ones are among them: a filter is not a deletion."""
        self.skipped, self.totals = [], []
        heads = {index: word(text) for index, text in self.headers.items()}
        for row in self.sheet.rows():
            if row.number < self.first:
                continue
            self.width = max(self.width, _width(row.values, self.width))
            why = self._no_row(row, heads)
            if why:
                if why == "total":
                    self.totals.append(row)
                if why != "empty":
                    self.skipped.append((row.number, why))
                continue
            yield row

    def cells(self, row: Row) -> dict[str, Any]:
        """Return a row's cells by the names of the columns, without the empty ones."""
        values = row.values
        return {name: values[at] for name, at in self.columns.items() if at < len(values) and values[at] is not None}

    def address(self, row: int, name: str) -> str:
        """Return where a cell stands, as in Sheet1!C5; of a column that is not there, the row."""
        at = self.columns.get(name)
        return f"{self.sheet.name}!{letters_of(at)}{row}" if at is not None else f"{self.sheet.name}!{row}"

    def _no_row(self, row: Row, heads: Mapping[int, str]) -> str:
        there = [value for value in row.values if value is not None and (not isinstance(value, str) or value.strip())]
        if not there:
            return "empty"
        few = len(there) <= max(ENOUGH, len(self.columns) // 2)  # then the word may stand anywhere
        if any(_is_total(value) for value in (there if few else row.values[:3])):
            return "total"
        if (
            isinstance(there[0], str)
            and len(there) <= FOOT_CELLS
            and _FOOT.match(unicodedata.normalize("NFKC", there[0]))
        ):
            return "foot"
        enough, same = max(ENOUGH, len(self.columns) // 2), 0
        for at, value in enumerate(row.values):
            if isinstance(value, str) and at in heads and not "0" <= value[:1] <= "9":  # numbers are no headers
                same += heads[at].endswith(word(value) or "?")
            if same + len(row.values) - at <= enough:  # whatever comes, it is too little
                break
        return "header" if same >= enough else ""


def _is_total(value: Any) -> bool:
    return isinstance(value, str) and bool(_OF_TOTALS.search(value)) and bool(_TOTAL.fullmatch(word(value)))


def word(text: Any) -> str:
    """Return a header as it is compared: half-width, without blanks, line breaks, colons and bracketed hints."""
    plain = unicodedata.normalize("NFKC", visible(str(text)))
    return _BETWEEN.sub("", _HINT.sub("", plain)).upper() or _BETWEEN.sub("", plain).upper()


def find_table(sheet: Sheet, wanted: Sequence[Wanted], given: Mapping[str, str] | None = None) -> Table | None:
    """Return the table whose header has most of the wanted columns, None where no row has enough of them.

    `given` says of some headers which column they are, by its name; an empty name is none.
    """
    names: dict[str, str] = {}
    for column in wanted:
        for text in (column.header, *column.aliases):
            names.setdefault(word(text), column.name)
    names |= {word(header): name for header, name in (given or {}).items()}
    top = list(_first(sheet.rows(), SEARCHED + 1))
    best: tuple[int, int, int, dict[int, tuple[str, str | None]]] | None = None
    for deep in (1, 2):  # two rows only where they say more than one
        for at, row in enumerate(top[: min(SEARCHED, len(top) + 1 - deep)]):
            heads = _heads(row.values, top[at + 1].values if deep > 1 else None, names)
            score = len({name for _, name in heads.values() if name})
            if best is None or score > best[0]:
                best = score, at, deep, heads
    if best is None or best[0] < min(ENOUGH, len(names)):
        return None
    _, at, deep, heads = best
    columns: dict[str, int] = {}
    unknown, doubled, result = [], [], None
    for index, (text, name) in heads.items():
        if word(text) == RESULT:
            result = index
        elif not name:
            unknown.append(text)
        elif name in columns:
            doubled.append(text)
        else:
            columns[name] = index
    return Table(
        sheet, top[at + deep - 1].number, top[at + deep - 1].number + 1, columns,
        {index: text for index, (text, _) in heads.items()}, unknown, doubled, _title(top[:at]), result,
    )  # fmt: skip


def choose(
    sheets: Sequence[Sheet], wanted: Sequence[Wanted], given: Mapping[str, str] | None = None
) -> tuple[Table | None, list[str]]:
    """Return the table of the first visible sheet that has one, and the names of all other sheets that hold anything.

    They are for the report: no sheet is read silently.
    """
    found: Table | None = None
    others = []
    for sheet in sheets:
        table = find_table(sheet, wanted, given) if sheet.visible and found is None else None
        if table is not None:
            found = table
        elif any(value is not None for row in _first(sheet.rows(), SEARCHED) for value in row.values):
            others.append(sheet.name)
    return found, others


def _first(rows: Iterator[Row], number: int) -> Iterator[Row]:
    for at, row in enumerate(rows):
        if at == number:
            return
        yield row


def _heads(
    upper: Sequence[Any], lower: Sequence[Any] | None, names: Mapping[str, str]
) -> dict[int, tuple[str, str | None]]:
    """Return the text of each header by its index, and the column that it names; of two rows, joined."""
    found: dict[int, tuple[str, str | None]] = {}
    group = ""
    for at in range(max(len(upper), len(lower or ()))):
        above, below = _text(upper, at), _text(lower, at) if lower is not None else ""
        if lower is None:
            parts = [above]
        else:
            group = above or (group if below else "")
            parts = [below or above] if not group or group == below else [group + below, below, group]
        texts = [part for part in parts if part]
        if texts:
            text = next((one for one in texts if word(one) in names), texts[0])
            found[at] = (" ".join(text.split()), names.get(word(text)))
    return found


def _text(values: Sequence[Any], at: int) -> str:
    return values[at].strip() if at < len(values) and isinstance(values[at], str) else ""


def _width(values: Sequence[Any], least: int) -> int:
    width = len(values)
    while width > least and values[width - 1] is None:
        width -= 1
    return width


def _title(rows: Sequence[Row]) -> list[str]:
    """Return the different texts above the header, in order."""
    return list(dict.fromkeys(str(value).strip() for row in rows for value in row.values if value is not None))
