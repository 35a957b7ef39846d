"""Verification: re-hashes a log and holds it against everything that was ever signed or copied from it.

Each finding names the log, the position and what is wrong. It needs no trust in whoever runs the database: a change is
found by the leaf, the tree, a checkpoint, a receipt, or the copy that the family case keeps of every leaf.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from shared.errors import Broken
from shared.json import canonical
from shared.keys.signing import Checkpoint, Verifier
from shared.log.evidence import HASH_BYTES, Tree, leaf_hash
from shared.log.record import record
from shared.log.recorder import LogRecorder
from shared.log.rows import Found, Row, found_by


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: which log, at which position (0: the log as a whole), and what."""

    log: str
    position: int
    code: str
    zh: str
    en: str

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        return {"log": self.log, "position": self.position, "code": self.code, "zh": self.zh, "en": self.en}


_WORDS = {
    "position_missing": ("此位置的记录缺失。", "The record at this position is missing."),
    "positions_missing": (
        "从此位置起连续 {column} 个位置的记录缺失。",
        "The records at {column} positions from this one on are missing.",
    ),
    "position_wrong": ("此位置不应有这条记录。", "No record belongs at this position, or it is taken already."),
    "leaf_differs": (
        "记录内容与其哈希不符：内容或哈希被改动。",
        "The record does not match its hash: one was changed.",
    ),
    "column_differs": ("检索列与记录内容不符：{column}。", "A search column does not match the record: {column}."),
    "not_a_record": ("记录无法读取。", "The record cannot be read."),
    "id_twice": ("同一来源的同一编号已在前面记录过。", "The same id of the same source stands further up already."),
    "stream_broken": ("对象内的序号不连续。", "The numbers inside the record's stream are not consecutive."),
    "checkpoint_differs": (
        "到此位置为止的内容与已签名的检查点不符（{column}）。",
        "The log up to here is not what a checkpoint signed ({column}).",
    ),
    "checkpoint_forged": ("检查点的签名不成立。", "A checkpoint's signature does not hold."),
    "checkpoint_row_differs": (
        "检查点旁的存储列与其签名内容不符。",
        "The columns kept beside a checkpoint are not what it signed.",
    ),
    "checkpoint_missing": (
        "日志给出过的检查点已不在日志中。",
        "A checkpoint that the log once gave is no longer kept by it.",
    ),
    "log_truncated": (
        "日志比已签名或已接收的要短：此位置起的记录被删除。",
        "The log is shorter than what was signed or received: records from here on were removed.",
    ),
    "receipt_differs": ("回执与此位置的记录不符。", "A receipt does not match the record at this position."),
    "receipt_forged": (
        "回执的签名不成立（第 {column} 行）。",
        "A receipt's signature does not hold (line {column}).",
    ),
    "receipt_unreadable": ("第 {column} 行不是回执。", "Line {column} is not a receipt."),
    "copy_differs": ("与家庭案卷接收时的哈希不符。", "The hash is not the one received by the family case."),
    "filed_twice": ("同一事件在案卷中归档了两次。", "An event is filed twice."),
    "not_filed": ("已接收的事件既未归档也不在等待。", "A received event is neither filed nor waiting."),
    "not_received": (
        "等待归档的事件从未接收。",
        "An event waits to be filed that was never received.",
    ),
    "waiting_differs": ("等待归档的副本与接收时不同。", "The copy that waits to be filed is not what was received."),
    "filed_differs": ("案卷中的副本与接收时不同。", "The filed copy is not what was received."),
}


def finding(log: str, position: int, code: str, column: str = "") -> Finding:
    """Return a finding in words."""
    zh, en = _WORDS[code]
    return Finding(log, position, code, zh.format(column=column), en.format(column=column))


MISSING_NAMED = 1_000
"""How many missing positions in a row are named one by one; more are one finding."""
MISSING_LIMIT = 1_000_000
"""How far a position may lie ahead before it is the position that is wrong, not the log that has a hole."""

_MISSING = b""
"""Stands in `leaves` for a record that is missing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as somebody keeps it: the size it is found by, what was signed, and the peaks a log goes on from."""

    size: int
    note: str
    peaks: list[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """A log as its tables hold it: its rows in order, its checkpoints, and where it has lookup keys of no record."""

    rows: Iterable[Row]
    checkpoints: list[Kept]
    stray: Iterable[int] = ()
    whole: bool = True
    """Whether these are all checkpoints it keeps: who reads it over its door is shown the newest."""


@dataclass
class Checked:
    """What the check of one log yields: its leaves in order, the sizes it keeps checkpoints of, and the findings."""

    log: str
    leaves: list[bytes]
    findings: list[Finding]
    signed: set[int] | None = None


def read_book(recorder: LogRecorder) -> Book:
    """Read a log. Its rows come after its checkpoints: a log that grows meanwhile is never shorter than they say."""
    rows = recorder.database.all(f"SELECT size, note, peaks FROM {recorder.schema}.checkpoints ORDER BY size")
    return Book(recorder.rows(), [Kept(*row) for row in rows], recorder.stray_keys())


def check_book(
    name: str, book: Book, verifier: Verifier, also: Callable[[Row], Iterable[Finding]] | None = None
) -> Checked:
    """Re-hash a log from its first to its last record and hold it against its own checkpoints.

    `also` checks each row for what only its reader knows.
    """
    checked = Checked(name, [], [], {kept.size for kept in book.checkpoints} if book.whole else None)
    leaves, findings = checked.leaves, checked.findings
    rows = _Rows(name)
    for row in book.rows:
        leaf = leaf_hash(row.body)
        findings += rows.check(row, leaf)
        if also is not None:
            findings += also(row)
        missing = row.position - len(leaves) - 1
        if not 0 <= missing <= MISSING_LIMIT:
            findings.append(finding(name, row.position, "position_wrong"))
            continue
        if missing:
            findings += missing_positions(name, len(leaves) + 1, missing)
            leaves += [_MISSING] * missing
        leaves.append(leaf)
    findings += [finding(name, position, "column_differs", "lookups") for position in book.stray]
    findings += _check_checkpoints(checked, book.checkpoints, verifier, "")
    return checked


def check_notes(checked: Checked, kept: Iterable[Kept], verifier: Verifier) -> Iterator[Finding]:
    """Hold a log against checkpoints of it that others kept."""
    kept = list(kept)
    yield from _check_checkpoints(checked, kept, verifier, ", kept by the family case")
    for one in kept:
        if checked.signed is not None and one.size not in checked.signed:
            yield finding(checked.log, one.size, "checkpoint_missing")


def check_receipts(
    checked: Checked, receipts: Iterable[tuple[int, dict[str, Any]]], verifier: Verifier
) -> Iterator[Finding]:
    """Hold a log against receipts that its department gave, each with the line where it stands."""
    for line, receipt in receipts:
        position = receipt.get("position")
        if not receipt:
            yield finding(checked.log, 0, "receipt_unreadable", str(line))
        elif not verifier.receipt(receipt) or not isinstance(position, int):
            yield finding(checked.log, position if isinstance(position, int) else 0, "receipt_forged", str(line))
        elif position > len(checked.leaves):
            yield finding(checked.log, position, "log_truncated")
        elif position < 1 or checked.leaves[position - 1].hex() != receipt.get("leaf"):
            yield finding(checked.log, position, "receipt_differs")


def check_copies(checked: Checked, copies: Iterable[tuple[int, bytes]]) -> Iterator[Finding]:
    """Hold a log against the leaves that the family case received."""
    for position, leaf in copies:
        if position > len(checked.leaves):
            yield finding(checked.log, position, "log_truncated")
        elif position < 1 or checked.leaves[position - 1] != leaf:
            yield finding(checked.log, position, "copy_differs")


def missing_positions(name: str, first: int, count: int) -> Iterator[Finding]:
    """Name the positions that are missing from one on."""
    if count > MISSING_NAMED:
        yield finding(name, first, "positions_missing", str(count))
    else:
        yield from (finding(name, position, "position_missing") for position in range(first, first + count))


def _check_checkpoints(checked: Checked, kept: Iterable[Kept], verifier: Verifier, where: str) -> Iterator[Finding]:
    """Hold checkpoints against their signatures, and the tree over a log's leaves against them."""
    roots: dict[int, set[bytes]] = {}
    for one in kept:
        try:
            parsed = verifier.checkpoint(one.note)
        except Broken:
            yield finding(checked.log, one.size, "checkpoint_forged")
            continue
        roots.setdefault(parsed.size, set()).add(parsed.root)
        if not _fits(one, parsed):
            yield finding(checked.log, parsed.size, "checkpoint_row_differs")
    tree = Tree()
    for size in sorted(roots):
        if size > len(checked.leaves):
            yield finding(checked.log, len(checked.leaves) + 1, "log_truncated")
            return
        tree.extend(leaf or _NO_LEAF for leaf in checked.leaves[tree.size : size])
        if roots[size] != {tree.root}:
            yield finding(checked.log, size, "checkpoint_differs", f"size {size}{where}")


def _fits(kept: Kept, parsed: Checkpoint) -> bool:
    """Whether what is kept beside a checkpoint is what it signed."""
    tree = Tree(kept.size, [] if kept.peaks is None else kept.peaks)
    return kept.size == parsed.size and (kept.peaks is None or (tree.whole and tree.root == parsed.root))


_NO_LEAF = b"\x00" * HASH_BYTES


class _Rows:
    """Checks the rows of one log, one after the other."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.versions: dict[int, int] = {}
        self.names: set[bytes] = set()

    def check(self, row: Row, leaf: bytes) -> Iterator[Finding]:
        """Yield what is wrong with a row whose body has this leaf hash."""
        whole = leaf == row.leaf
        if not whole:
            yield finding(self.name, row.position, "leaf_differs")
        kept = (row.stream, row.version, row.name, row.subject, row.target, row.keys)
        due = kept
        try:
            due = _due(row.body)
        except (ValueError, KeyError, TypeError, AttributeError):
            yield finding(self.name, row.position, "not_a_record")
        if due != kept:
            for column, here, there in zip(_SEARCHED, kept, due, strict=True):
                if here != there:
                    yield finding(self.name, row.position, "column_differs", column)
        # if the record was changed rather than its columns, later records follow the columns
        stream, version, name = (due if whole else kept)[:3]
        if version != self.versions.get(stream, 0) + 1:
            yield finding(self.name, row.position, "stream_broken")
        self.versions[stream] = version
        if name in self.names:
            yield finding(self.name, row.position, "id_twice")
        self.names.add(name)


_SEARCHED = ("stream", "version", "name", "subject", "target", "lookups")


def _due(body: bytes) -> Found:
    """Return what a row's columns must be by its body. Raises ValueError, KeyError, TypeError or AttributeError."""
    parsed = orjson.loads(body)
    names = [parsed["type"], parsed["source"], parsed["id"], parsed.get("stream", "")]
    if canonical(parsed) != body or not (
        all(isinstance(name, str) for name in names) and isinstance(parsed["data"], dict)
    ):
        raise ValueError
    return found_by(record(parsed, 0, body))
