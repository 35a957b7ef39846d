"""What a malicious owner of the database can do to it, and the tables that he does it to: in memory, and for real.

tables = Tables.read(address)       # every table that `yihu verify` reads
undo = tables.copy()
done = flip(tables, chance)         # says which log, and which positions may be named for it
tables.findings(receipts, verifiers)
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import psycopg

from services.family_case import audit
from services.processes import assembly
from shared.keys.signing import Verifier
from shared.log.record import decode
from shared.log.rows import Row, row_of
from shared.log.verify import Book, Finding, Kept

CASE = "family_case"
COLUMNS = {
    "events": [field.name for field in fields(Row) if field.name != "keys"],
    "lookups": ["position", "key"],
    "checkpoints": ["size", "note", "peaks"],
    "inbox": ["log", "position", "leaf"],
    "checkpoints_seen": ["log", "size", "note"],
    "waiting": ["log", "position", "body"],
}
WIDTHS = {"version": 32}
"""Bits of an integer column; the others have 64."""
UUIDS = {"name", "key"}
"""Columns that are read and written as bytes."""
LEAF, BODY, STREAM, VERSION = (COLUMNS["events"].index(name) for name in ("leaf", "body", "stream", "version"))
TABLES = [f"{log}.{table}" for log in assembly.SERVICES for table in ("events", "checkpoints")]
INDEXED = [f"{log}.lookups" for log in assembly.SERVICES]
"""May be empty: few types of records have lookup keys."""
TABLES += [f"{CASE}.inbox", f"{CASE}.checkpoints_seen", f"{CASE}_views.waiting"]

Values = list[Any]


@dataclass
class Tables:
    """The rows of every table that is verified, in the order of their places."""

    rows: dict[str, list[Values]]

    @classmethod
    def read(cls, address: str) -> "Tables":
        """Read them as the database's owner."""
        with psycopg.connect(address) as owner:
            found = {}
            for table in (*TABLES, *INDEXED):
                columns = COLUMNS[table.rpartition(".")[2]]
                shown = ", ".join(f"uuid_send({name})" if name in UUIDS else name for name in columns)
                query = f"SELECT {shown} FROM {table} ORDER BY 1, 2"  # noqa: S608 - our own names
                found[table] = [list(row) for row in owner.execute(query.encode())]
        return cls(found)

    def copy(self) -> "Tables":
        """Return the same once more."""
        return Tables(deepcopy(self.rows))

    def write(self, owner: "psycopg.Connection[Any]", table: str) -> None:
        """Put one table's rows in place of those that are there; columns that nobody verifies get what is allowed."""
        columns = COLUMNS[table.rpartition(".")[2]]
        owner.execute(f"TRUNCATE {table}".encode())
        places = ", ".join("encode(%s, 'hex')::uuid" if name in UUIDS else "%s" for name in columns)
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our own names
        with owner.cursor() as cursor:
            cursor.executemany(statement.encode(), self.rows[table])

    def events(self, log: str) -> list[Values]:
        """Return the rows of a log."""
        return self.rows[f"{log}.events"]

    def book(self, log: str) -> Book:
        """Return a log as it is verified, sorted as the database sorts."""
        rows = sorted(self.events(log), key=lambda row: row[0])
        keys: dict[int, list[bytes]] = defaultdict(list)
        for position, key in self.rows[f"{log}.lookups"]:
            keys[position].append(key)
        stray = sorted(keys.keys() - {row[0] for row in rows})
        kept = [Kept(*row) for row in self.rows[f"{log}.checkpoints"]]
        return Book((Row(*row[:LEAF], sorted(keys[row[0]]), *row[LEAF:]) for row in rows), kept, stray)

    def copies(self) -> audit.Copies:
        """Return what the family case keeps."""
        seen = [(row[0], Kept(row[1], row[2])) for row in self.rows[f"{CASE}.checkpoints_seen"]]
        inbox, waiting = self.rows[f"{CASE}.inbox"], self.rows[f"{CASE}_views.waiting"]
        return audit.Copies([tuple(row) for row in inbox], seen, [tuple(row) for row in waiting])

    def findings(self, verifiers: dict[str, Verifier], receipts: Path | None, only: str = "") -> set[Finding]:
        """Verify these rows as `yihu verify` does those in the database; or only one log, which is faster."""
        copies = self.copies()
        found = [] if only and only != CASE else audit.check_case(self.book(CASE), copies, verifiers[CASE]).findings
        for log in assembly.NAMES:
            if only in {"", log}:
                given = audit.read_receipts(receipts / f"{log}.jsonl") if receipts is not None else ()
                found += audit.check_department(log, self.book(log), copies, given, verifiers[log]).findings
        return {*found, *audit.check_names(copies, set(assembly.NAMES))}


@dataclass(frozen=True)
class Done:
    """What was done to a table, and the places (log and position) by which a finding may locate it."""

    what: str
    table: str
    places: frozenset[tuple[str, int]]

    def located(self, findings: set[Finding]) -> bool:
        """Whether a finding names one of the places."""
        return any((found.log, found.position) in self.places for found in findings)


def bits(column: str, value: Any) -> int:
    """Return how many bits a value has as the database stores it."""
    if isinstance(value, int):
        return WIDTHS.get(column, 64)
    if isinstance(value, list):
        return sum(len(part) for part in value) * 8
    return len(value.encode() if isinstance(value, str) else value or b"") * 8


def flipped(column: str, value: Any, bit: int) -> Any:
    """Return a value with one bit changed, or None when the database would not hold that (text that is no UTF-8)."""
    if isinstance(value, int):
        width = WIDTHS.get(column, 64)
        changed = (value ^ 1 << bit) & (1 << width) - 1
        return changed - (1 << width) if changed >> width - 1 else changed
    if isinstance(value, list):
        part, inside = divmod(bit, 256)
        return [flipped("", one, inside) if number == part else one for number, one in enumerate(value)]
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[bit // 8] ^= 1 << bit % 8
    if isinstance(value, bytes):
        return bytes(raw)
    try:
        return None if 0 in raw else raw.decode()
    except UnicodeDecodeError:
        return None


def flip(tables: Tables, table: str, number: int, column: str, bit: int) -> Done | None:
    """Change one bit of one column of one row; None when the database would not hold it."""
    names = COLUMNS[table.rpartition(".")[2]]
    row = tables.rows[table][number]
    before = dict(zip(names, row, strict=True))
    row[names.index(column)] = flipped(column, before[column], bit)
    if row[names.index(column)] is None:
        return None
    after = dict(zip(names, row, strict=True))
    places = {(_log(table, one), one.get("position", one.get("size"))) for one in (before, after)}
    if table == f"{CASE}.inbox":  # the last place of a log has no gap behind it: what is filed from it has no origin
        places |= _filed_from(tables, before)
    return Done(f"bit {bit} of {column} in row {number} of {table}", table, frozenset(places))


def any_bit(tables: Tables, chance: random.Random, table: str) -> Done:
    """Change one bit of any column of any row of a table."""
    while True:
        number = chance.randrange(len(tables.rows[table]))
        names = COLUMNS[table.rpartition(".")[2]]
        column = chance.choice(names)
        row = tables.rows[table][number]
        value = row[names.index(column)]
        if not bits(column, value):
            continue
        done = flip(tables, table, number, column, chance.randrange(bits(column, value)))
        if done:
            return done
        row[names.index(column)] = value


def _log(table: str, row: dict[str, Any]) -> str:
    return str(row.get("log", table.partition(".")[0]))


def _filed_from(tables: Tables, row: dict[str, Any]) -> set[tuple[str, int]]:
    origin = f"{row['log']}/{row['position']}"
    return {(CASE, filed[0]) for filed in tables.events(CASE) if origin_of(filed) == origin}


def origin_of(filed: Values) -> str:
    """Return the log and position of what a row of the case log files."""
    return str(json.loads(filed[BODY])["id"])


# -- what is done to whole rows of a log. Each returns the first position that is not as before.


def delete(rows: list[Values], chance: random.Random) -> int:
    """Take a row out."""
    return int(rows.pop(chance.randrange(len(rows)))[0])


def delete_and_close_up(rows: list[Values], chance: random.Random) -> int:
    """Take a row out and move those behind it up."""
    place = delete(rows, chance)
    for row in rows[place - 1 :]:
        row[0] -= 1
    return place


def swap(rows: list[Values], chance: random.Random) -> int:
    """Let two rows change places."""
    one, other = sorted(chance.sample(range(len(rows)), 2))
    rows[one][0], rows[other][0] = rows[other][0], rows[one][0]
    return one + 1


def swap_contents(rows: list[Values], chance: random.Random) -> int:
    """Let two records change places with their hashes and columns, their versions put in order."""
    one, other = sorted(chance.sample(range(len(rows)), 2))
    rows[one][STREAM + 2 :], rows[other][STREAM + 2 :] = rows[other][STREAM + 2 :], rows[one][STREAM + 2 :]
    return one + 1


def duplicate(rows: list[Values], chance: random.Random) -> int:
    """Put a row in twice, at one place."""
    rows.append(list(chance.choice(rows)))
    return int(rows[-1][0])


def duplicate_at_the_end(rows: list[Values], chance: random.Random) -> int:
    """Put a row in again behind the last."""
    rows.append([len(rows) + 1, *chance.choice(rows)[1:]])
    return len(rows)


def insert(rows: list[Values], chance: random.Random) -> int:
    """Put a made-up record in, well-formed, and move those behind it down."""
    number = chance.randrange(len(rows))
    made_up = list(rows[number])
    for row in rows[number:]:
        row[0] += 1
    rows.insert(number, _rewritten(made_up, b'"id":"', b'"id":"x'))
    return number + 1


def rewrite(rows: list[Values], chance: random.Random) -> int:
    """Change what a record says, with its hash and its columns."""
    number = chance.randrange(len(rows))
    rows[number] = _rewritten(rows[number], b"T", b"U")
    return number + 1


def truncate(rows: list[Values], chance: random.Random) -> int:
    """Take the last rows out."""
    left = chance.randrange(len(rows))
    del rows[left:]
    return left + 1


STRUCTURAL: list[Callable[[list[Values], random.Random], int]] = [
    delete, delete_and_close_up, swap, swap_contents, duplicate, duplicate_at_the_end, insert, rewrite, truncate,
]  # fmt: skip


def _rewritten(row: Values, old: bytes, new: bytes) -> Values:
    """Return a row with other content, and with the hash and the columns that fit to it."""
    columns = asdict(row_of(decode(row[BODY].replace(old, new, 1), row[0])))
    return [columns[name] for name in COLUMNS["events"]]
