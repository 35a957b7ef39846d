"""Verification: re-hashes a log and holds it against everything that was ever signed or copied from it.

Each finding names the log, the position and what is wrong. It needs no trust in whoever runs the database: a change is
found by the leaf, the tree, a checkpoint, a receipt, or the copy that the family case keeps of every leaf.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from shared.errors import Broken
from shared.event import decode
from shared.evidence import HASH_BYTES, Tree, Verifier, leaf_hash
from shared.log import LogRecorder, Row


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
    "leaf_differs": ("记录内容与其哈希不符:内容或哈希被改动。", "The record does not match its hash: one was changed."),
    "column_differs": ("检索列与记录内容不符:{column}。", "A search column does not match the record: {column}."),
    "not_a_record": ("记录无法读取。", "The record cannot be read."),
    "stream_broken": ("对象内的序号不连续。", "The numbers inside the record's stream are not consecutive."),
    "checkpoint_differs": (
        "到此位置为止的内容与已签名的检查点不符({column})。",
        "The log up to here is not what a checkpoint signed ({column}).",
    ),
    "checkpoint_forged": ("检查点的签名不成立。", "A checkpoint's signature does not hold."),
    "checkpoint_row_differs": (
        "检查点旁的存储列与其签名内容不符。",
        "The columns kept beside a checkpoint are not what it signed.",
    ),
    "log_truncated": (
        "日志比已签名或已接收的要短:此位置起的记录被删除。",
        "The log is shorter than what was signed or received: records from here on were removed.",
    ),
    "receipt_differs": ("回执与此位置的记录不符。", "A receipt does not match the record at this position."),
    "receipt_forged": ("回执的签名不成立。", "A receipt's signature does not hold."),
    "copy_differs": ("与家庭案卷接收时的哈希不符。", "The hash is not the one received by the family case."),
    "filed_twice": ("同一事件在案卷中归档了两次。", "An event is filed twice."),
    "not_filed": ("已接收的事件既未归档也不在等待。", "A received event is neither filed nor waiting."),
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


@dataclass
class Checked:
    """What the check of one log yields: its leaves in order, and the findings."""

    log: str
    leaves: list[bytes]
    findings: list[Finding]


def check_log(name: str, recorder: LogRecorder, verifier: Verifier) -> Checked:
    """Re-hash a log from its first to its last record and hold it against its own checkpoints."""
    kept = recorder.database.all(f"SELECT size, peaks, note FROM {recorder.schema}.checkpoints ORDER BY size")
    checked = Checked(name, [], [])
    versions: dict[str, int] = {}
    for row in recorder.rows(after=_BEFORE_ALL):
        missing = row.position - len(checked.leaves) - 1
        checked.findings += _check_row(name, row, versions)
        if not 0 <= missing <= MISSING_LIMIT:
            checked.findings.append(finding(name, row.position, "position_wrong"))
            continue
        checked.findings += _missing(name, len(checked.leaves) + 1, missing)
        checked.leaves += [_MISSING] * missing
        checked.leaves.append(leaf_hash(row.body))
    checked.findings += _check_kept(name, kept, verifier)
    checked.findings += _check_roots(checked, (row[2] for row in kept), verifier, "")
    return checked


def check_notes(checked: Checked, notes: Iterable[str], verifier: Verifier) -> Iterator[Finding]:
    """Hold a log against checkpoints of it that others kept."""
    yield from _check_roots(checked, notes, verifier, ", kept by the family case")


def check_receipts(checked: Checked, receipts: Iterable[dict[str, Any]], verifier: Verifier) -> Iterator[Finding]:
    """Hold a log against receipts that its department gave."""
    for receipt in receipts:
        position = receipt.get("position")
        if not verifier.receipt(receipt) or not isinstance(position, int):
            yield finding(checked.log, position if isinstance(position, int) else 0, "receipt_forged")
        elif position > len(checked.leaves):
            yield finding(checked.log, position, "log_truncated")
        elif checked.leaves[position - 1].hex() != receipt.get("leaf"):
            yield finding(checked.log, position, "receipt_differs")


def check_copies(checked: Checked, copies: Iterable[tuple[int, bytes]]) -> Iterator[Finding]:
    """Hold a log against the leaves that the family case received."""
    for position, leaf in copies:
        if position > len(checked.leaves):
            yield finding(checked.log, position, "log_truncated")
        elif checked.leaves[position - 1] != leaf:
            yield finding(checked.log, position, "copy_differs")


_BEFORE_ALL = -(2**63)


def _missing(name: str, first: int, count: int) -> Iterator[Finding]:
    if count > MISSING_NAMED:
        yield finding(name, first, "positions_missing", str(count))
    else:
        yield from (finding(name, position, "position_missing") for position in range(first, first + count))


def _check_roots(checked: Checked, notes: Iterable[str], verifier: Verifier, where: str) -> Iterator[Finding]:
    """Hold the tree over a log's leaves against checkpoints."""
    roots: dict[int, set[bytes]] = {}
    for note in notes:
        try:
            checkpoint = verifier.checkpoint(note)
        except Broken:
            yield finding(checked.log, 0, "checkpoint_forged")
        else:
            roots.setdefault(checkpoint.size, set()).add(checkpoint.root)
    tree = Tree()
    for leaf in (None, *checked.leaves):
        if leaf is not None:
            tree.append(leaf or b"\x00" * HASH_BYTES)
        if roots.pop(tree.size, {tree.root}) != {tree.root}:
            yield finding(checked.log, tree.size, "checkpoint_differs", f"size {tree.size}{where}")
    if roots:
        yield finding(checked.log, len(checked.leaves) + 1, "log_truncated")


def _check_kept(name: str, kept: Iterable[tuple[Any, ...]], verifier: Verifier) -> Iterator[Finding]:
    """Hold what a log keeps beside its checkpoints, to go on from, against what they signed."""
    for size, peaks, note in kept:
        tree = Tree(size, peaks)
        try:
            checkpoint = verifier.checkpoint(note)
        except Broken:
            continue  # a finding of its own
        if not tree.whole or (tree.size, tree.root) != (checkpoint.size, checkpoint.root):
            yield finding(name, checkpoint.size, "checkpoint_row_differs")


def _check_row(name: str, row: Row, versions: dict[str, int]) -> Iterator[Finding]:
    whole = leaf_hash(row.body) == row.leaf
    if not whole:
        yield finding(name, row.position, "leaf_differs")
    stream, version = row.stream, row.version
    try:
        event = decode(row.body, row.position)
        columns = {
            "stream": (row.stream, event.originator_id),
            "version": (row.version, event.originator_version),
            "type": (row.type, event.type),
            "source": (row.source, event.source),
            "id": (row.id, event.id),
            "subject": (row.subject, event.subject),
            "process": (row.process, event.process),
            "target": (row.target, event.target),
        }
        if replace(event, exact=b"").encode() != row.body:
            yield finding(name, row.position, "not_a_record")
    except (ValueError, KeyError, TypeError, AttributeError):
        yield finding(name, row.position, "not_a_record")
    else:
        for column, (kept, said) in columns.items():
            if kept != said:
                yield finding(name, row.position, "column_differs", column)
        if whole:  # the columns were changed rather than the record: later records follow the record
            stream, version = event.originator_id, event.originator_version
    if version != versions.get(stream, 0) + 1:
        yield finding(name, row.position, "stream_broken")
    versions[stream] = version
