"""What a roster is: its columns, and the function that says what its rows mean.

A sheet becomes `Row`s (`rows_of`); the roster's `understand` makes of them and of what is on record an `Outcome`:
events to send, what a person must decide or answer, and what cannot be taken. It is pure: it reads no file, asks no
door and writes nothing.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.spreadsheets.cells import Reader
from shared.errors import Fault
from shared.language.kinds import Setting
from shared.policy.lists import code_lists

SCOPE = "scope"
LASTING = frozenset({"joined_on"})
"""What is the same for every file of an office: it is asked once, and kept with what the file said."""
SEVERAL = re.compile(r"[、,，;；\n]+")
"""What stands between several persons in one cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the program, its header and other headers for it, how its cells are read.

    A `needed` column must be on the sheet or, where the title may say it (`title`), above the table; its cells may be
    empty only where it is `blank`. A `person` column names the row's person. Where one of
    the columns `instead` is on the sheet, this one need not be. A `spare` column is read and not offered in a template.
    `words` are what a title may say for it, `pattern` what that looks like.
    """

    name: str
    header: str
    read: Reader
    aliases: tuple[str, ...] = ()
    needed: bool = False
    title: bool = False
    blank: bool = False
    person: bool = False
    instead: tuple[str, ...] = ()
    spare: bool = False
    words: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the columns read it: its place, its values by column name, and what was wrong or odd in its cells.

    A fault's pointer is the header of its column.
    """

    sheet: str
    number: int
    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()

    def __getitem__(self, name: str) -> Any:
        """Return the value of a column, None where it is absent."""
        return self.values.get(name)

    @property
    def place(self) -> "Place":
        """Where it stands."""
        return Place(self.sheet, self.number)


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a sheet, counted from 1."""

    sheet: str
    row: int

    def __str__(self) -> str:
        """Return it as a person finds it."""
        return f"{self.sheet} 第 {self.row} 行"


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier file of the same roster, division and office said under a key: its place there and some facts."""

    place: Place
    facts: Mapping[str, Any]


class OnRecord:
    """What is on record from earlier files: by key, as the roster's `Outcome.remember` left it.

    `counts` is how many rows the last file had, by scope: a roster may come apart by benefit, institution or school,
    and then what is missing is looked for in the scopes of the file alone. `mask` is how persons are compared without
    being kept: here as they are, in the stored form as a keyed digest.
    """

    def __init__(
        self,
        rows: Mapping[str, Known] | None = None,
        counts: Mapping[str, int] | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        self.rows = dict(rows or {})
        self.counts = dict(counts or {})
        self.answers = dict(answers or {})
        """What was answered once and for all."""

    def mask(self, value: str) -> str:
        """Return how a key or a person stands in the record."""
        return value

    def known(self, key: str) -> Known | None:
        """Return what is known under a key."""
        return self.rows.get(self.mask(key))

    def missing(self, seen: Iterable[str], scopes: AbstractSet[str]) -> list[Known]:
        """Return what the last files of these scopes had and this one does not, in the order of its rows."""
        here = {self.mask(key) for key in seen}
        gone = [
            known
            for key, known in self.rows.items()
            if key not in here and not known.facts.get("gone") and known.facts.get(SCOPE, "") in scopes
        ]
        return sorted(gone, key=lambda known: (known.place.sheet, known.place.row))

    def after(
        self, outcome: "Outcome", rows: "Sequence[Row]", context: "Context", recorded: AbstractSet[Place] | None = None
    ) -> tuple[dict[str, Known], dict[str, int]]:
        """Return rows and counts once a file was taken in; `recorded` are the rows that are, None for all.

        What an earlier file said stays where this one says nothing of it: of a row that was refused, as it was; of one
        that is gone, marked so that it is not missed again.
        """
        scopes = {row.place: context.scope_of(row) for row in rows}
        gone = {id(known) for known in outcome.missing}
        kept = {
            key: Known(known.place, {**known.facts, "gone": True}) if id(known) in gone else known
            for key, known in self.rows.items()
        }
        for key, known in outcome.remember.items():
            if recorded is None or known.place in recorded:
                kept[self.mask(key)] = Known(known.place, {**known.facts, SCOPE: scopes.get(known.place, "")})
        counts = dict(self.counts)
        if context.answers.get("whole") != "partial":
            counts |= Counter(scopes.values())
        return kept, counts


@dataclass(frozen=True, slots=True)
class Context:
    """What a roster needs to know besides its rows.

    `title` is what stands above the table, by column name; `answers` what a person has answered, by question.
    """

    setting: Setting
    source: str
    digest: str = "0" * 64
    division: str | None = None
    title: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    record: OnRecord = field(default_factory=OnRecord)
    legacy: bool = False
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    """What the row of totals on the sheet says, by column name."""
    scope: str = ""
    """The column by which the roster comes apart, if any."""

    def of(self, row: Row, name: str) -> Any:
        """Return the value of a column, or else what the title says of it."""
        found = row[name]
        return self.title.get(name) if found is None else found

    def scope_of(self, row: Row) -> str:
        """Return the scope of a row."""
        return str((self.of(row, self.scope) if self.scope else "") or "")

    def is_first(self, row: Row) -> bool:
        """Whether no file of a row's scope came before this one."""
        return not self.record.counts.get(self.scope_of(row))

    def scopes(self, rows: "Sequence[Row]") -> set[str]:
        """Return the scopes of a file."""
        return {self.scope_of(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Planned:
    """An event to send for a row: with it other rows that it was made of."""

    event: dict[str, Any]
    place: Place
    others: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """An event that a person may decide to record: never recorded because of a sheet.

    `asks` are the fields that only a person can say. `before` is the place in the last file, where a row disappeared;
    `type` is empty where it is only a hint to another department, or information.
    """

    type: str
    zh: str
    en: str
    place: Place | None = None
    before: Place | None = None
    event: Mapping[str, Any] = field(default_factory=dict)
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask once for the whole file: nothing is sent before it is answered."""

    name: str
    zh: str
    en: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at, about a row or (without a place) about the file."""

    code: str
    zh: str
    en: str
    place: Place | None = None


@dataclass
class Outcome:
    """What a roster says. `faults` are rows that cannot be taken, with every reason."""

    events: list[Planned] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    faults: dict[Place, list[Fault]] = field(default_factory=dict)
    unchanged: list[Place] = field(default_factory=list)
    remember: dict[str, Known] = field(default_factory=dict)
    missing: list[Known] = field(default_factory=list)
    """What the last file had and this one does not."""

    def refuse(self, row: Row, *faults: Fault) -> None:
        """Keep the reasons why a row cannot be taken."""
        self.faults.setdefault(row.place, []).extend(faults)

    def warn(self, code: str, zh: str, en: str, place: Place | None = None) -> None:
        """Keep something to look at."""
        self.warnings.append(Remark(code, zh, en, place))

    def ask(self, context: Context, name: str, zh: str, en: str, choices: tuple[str, ...] = ()) -> Any:
        """Return the answer to a question; ask it, once, where there is none or another than was offered."""
        answer = context.answers.get(name)
        if answer is not None and (not choices or answer in choices):
            return answer
        if all(one.name != name for one in self.questions):
            self.questions.append(Question(name, zh, en, choices))
        return None


@dataclass(frozen=True, slots=True)
class Roster:
    """A composed sheet: its code in the list ROSTER, whose it is, its columns, and what its rows mean."""

    code: str
    department: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    understand: Callable[[Sequence[Row], Context], Outcome]
    every_sheet: bool = False
    """Whether offices keep it on several sheets: one a class, or one a child."""
    scope: str = ""
    """The column by which the roster comes apart: files of different benefits, institutions or schools."""
    beside: str = ""
    """What a second table is called, whose rows are only counted."""

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(one for one in self.columns if one.name == name)

    @property
    def persons(self) -> tuple[Column, ...]:
        """The columns that name the row's person, of whom one cell may hold several."""
        return tuple(one for one in self.columns if one.person)


def names(code_list: str) -> tuple[str, ...]:
    """Return the Chinese names of a list's codes, without their hints."""
    return tuple(re.sub(r"（.*?）", "", one["zh"]) for one in code_lists()[code_list]["codes"].values())
