"""What a roster is: its columns, and the function that says what its rows mean.

A sheet becomes `Row`s (`rows_of`); the roster's `understand` makes of them and of what is on record an `Outcome`:
events to send, what a person must decide or answer, and what cannot be taken. It is pure: it reads no file, asks no
door and writes nothing.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from services.spreadsheets import cells
from services.spreadsheets.cells import Reader
from shared.errors import Fault
from shared.language.kinds import Setting, Unreadable
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
    `words` are what a title may say for it.
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


def missing_columns(roster: Roster, found: Iterable[str], title: Mapping[str, Any]) -> list[Column]:
    """Return the needed columns that neither the sheet nor its title has."""
    there = set(found) | {name for name, value in title.items() if value is not None}
    return [column for column in roster.columns if column.needed and there.isdisjoint({column.name, *column.instead})]


def rows_of(roster: Roster, sheet: str, number: int, given: Mapping[str, Any], context: Context) -> list[Row]:
    """Read one row of a sheet, given its cells by column name; several where one cell names several persons."""
    parts = _apart(roster, given)
    if parts is None:
        zh = "一格里有几个人，姓名和号码的个数不同；请拆成几行。"
        fault = Fault("persons_do_not_match", "", zh, "One cell names several persons; names and numbers differ.")
        return [Row(sheet, number, {}, (fault,))]
    rows = [_read(roster, sheet, number, part, context) for part in parts]
    if len(rows) == 1:
        return rows
    zh = f"一格里有 {len(rows)} 个人，按 {len(rows)} 行读。"
    remark = Fault("several_persons", "", zh, f"One cell names {len(rows)} persons; they are read as rows.")
    return [Row(row.sheet, row.number, row.values, row.faults, (*row.remarks, remark)) for row in rows]


def _apart(roster: Roster, given: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    lists = {
        column.name: [part.strip() for part in SEVERAL.split(cell) if part.strip()]
        for column in roster.persons
        if isinstance(cell := given.get(column.name), str) and SEVERAL.search(cell.strip())
    }
    sizes = {len(parts) for parts in lists.values()}
    if not lists or sizes == {1} or _is_wrapped(roster, given, lists):
        return [given]
    if len(sizes) > 1 or len(lists) < len([one for one in roster.persons if given.get(one.name) is not None]):
        return None
    return [{**given, **{name: parts[at] for name, parts in lists.items()}} for at in range(sizes.pop())]


def _is_wrapped(roster: Roster, given: Mapping[str, Any], lists: Mapping[str, Any]) -> bool:
    """Whether a narrow cell has only broken a name over lines: the numbers are of one person."""
    others = [column for column in roster.persons if column.read is not cells.text]
    return not any(column.name in lists for column in others) and not any(
        SEVERAL.search(given[name].replace("\n", "")) for name in lists
    )


def _read(roster: Roster, sheet: str, number: int, given: Mapping[str, Any], context: Context) -> Row:
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    remarks: list[Fault] = []
    for column in roster.columns:
        try:
            value = _value(column, given.get(column.name), context)
        except Unreadable as error:
            faults.append(error.at(column.header))
            continue
        if value is not None:
            found[column.name] = value
            remarks += _odd(column, given[column.name], value)
        elif column.title and context.title.get(column.name) is not None:
            found[column.name] = context.title[column.name]
        elif column.needed and not column.blank and not any(given.get(one) for one in column.instead):
            zh, en = f"缺少{column.header}。", f"{column.header} is missing."
            faults.append(Fault("required", column.header, zh, en))
    return Row(sheet, number, found, tuple(faults), tuple(remarks))


def _value(column: Column, cell: Any, context: Context) -> Any:
    if cell is None:
        return None
    if column.read in {cells.month, cells.months}:
        return column.read(cell, context.setting, context.title.get("year"))
    return column.read(cell, context.setting)


def _odd(column: Column, cell: Any, value: Any) -> list[Fault]:
    if column.read is not cells.number:
        return []
    found = []
    if len(cells.plain(cell).replace(" ", "")) > len(value):
        zh, en = "填的是残疾人证号，按其前 18 位读。", "This is a certificate number; its holder's number is taken."
        found.append(Fault("certificate_for_id_number", column.header, zh, en))
    if value.endswith("000"):
        zh, en = "号码末三位为 000，请核对是否被表格改过。", "The number ends in 000: was it changed by a spreadsheet?"
        found.append(Fault("ends_000", column.header, zh, en))
    return found


def begin(rows: Sequence[Row], context: Context) -> tuple[Outcome, list[Row]]:
    """Begin an outcome: refuse what could not be read, and ask about a file far shorter than the last one."""
    outcome = Outcome()
    named: dict[str, str] = {}
    for row in rows:
        if row["person"] and row["name"] and named.setdefault(row["person"], row["name"]) != row["name"]:
            zh, en = "同一号码在本表中有不同姓名，请核对。", "This number has another name elsewhere on the sheet."
            outcome.warn("other_name", zh, en, row.place)
        for remark in row.remarks:
            outcome.warn(remark.code, remark.zh, remark.en, row.place)
        if row.faults:
            outcome.refuse(row, *row.faults)
    before = sum(context.record.counts.get(scope, 0) for scope in context.scopes(rows))
    if len(rows) * 2 < before:
        zh = f"这份名册只有 {len(rows)} 行，上一份有 {before} 行。是完整的名册吗？"
        en = f"This roster has {len(rows)} rows, the last one {before}. Is it the whole one?"
        outcome.ask(context, "whole", zh, en, ("yes", "partial"))
    return outcome, [row for row in rows if not row.faults]


def compare_total(outcome: Outcome, context: Context, name: str, actual: Decimal) -> None:
    """Say, on top of the report, how far a column's sum lies off what the sheet's row of totals says."""
    stated = context.totals.get(name)
    if stated is not None and stated != actual:
        zh = f"合计行写的是 {stated}，各行之和是 {actual}，相差 {stated - actual}。"
        en = f"The total says {stated}, the rows add up to {actual}: {stated - actual} apart."
        outcome.warnings.insert(0, Remark("total_differs", zh, en))


def disappeared(outcome: Outcome, rows: Sequence[Row], seen: Iterable[str], context: Context) -> list[Known]:
    """Return what is gone since the last file.

    Nothing is where the file is only a part, or that is still asked; nor where a row could not be read: it may be the
    very one that seems to be missing.
    """
    if context.answers.get("whole") == "partial" or any(one.name == "whole" for one in outcome.questions):
        return []
    gone = context.record.missing(seen, context.scopes(rows))
    if gone and any(row.faults for row in rows):
        zh = "有的行没有读懂，所以暂不列出上一份名册中消失的行；改好后再导入一次即可看到。"
        en = "Some rows could not be read, so it is not said which have disappeared; correct them and import again."
        outcome.warn("disappeared_not_compared", zh, en)
        return []
    outcome.missing = gone
    return gone


def is_history(outcome: Outcome, context: Context, day: date) -> bool:
    """Whether what was decided on a day was decided before the office joined: it needs no steps before it then.

    Asks once since when the office reports here.
    """
    if context.legacy:
        return True
    zh = "本单位从哪天起在此报送（如 2026-01-01）？此前的决定按历史记录导入，不要求先有申请。"
    en = "Since which day does the office report here? What was decided before is imported as history."
    answer = outcome.ask(context, "joined_on", zh, en)
    try:
        return answer is not None and day < date.fromisoformat(str(answer))
    except ValueError:
        outcome.questions.append(Question("joined_on", zh, en))
        return False


def event(
    context: Context,
    row: Row,
    type_: str,
    happened: date,
    subject: str | None,
    data: Mapping[str, Any],
    *,
    process: str | None = None,
    division: str | None = None,
    legacy: bool = False,
    nth: int = 0,
) -> dict[str, Any]:
    """Return an event as a sender writes it, for a row.

    Its id follows from the file, the row and what was answered, and never from a personal value: the same file sent
    again is the same events, and a run that was killed ends as if it had run once.
    """
    answered = json.dumps(dict(context.answers), sort_keys=True, ensure_ascii=False, default=str)
    sheet = hashlib.sha256(f"{row.sheet}\n{answered}\n{context.legacy}".encode()).hexdigest()[:8]
    found: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{context.digest[:24]}.{sheet}.{row.number}.{nth}.{type_.rpartition('.')[2]}",
        "source": context.source,
        "type": type_,
        "time": f"{happened.isoformat()}T00:00:00+08:00",
        "filedigest": context.digest,
        "filesheet": row.sheet,
        "filerow": row.number,
        "data": {name: _sent(value) for name, value in data.items() if value is not None},
    }
    optional = {"subject": subject, "process": process, "division": division or context.division}
    found |= {name: value for name, value in optional.items() if value is not None}
    if legacy or context.legacy:
        found["legacy"] = True
    return found


def _sent(value: Any) -> Any:
    """Return a typed value as a sender writes it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple | list):
        return [_sent(item) for item in value]
    return value
