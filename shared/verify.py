"""Verification: re-hashes a log and holds it against everything that was ever signed or copied from it.

Each finding names the log, the position and what is wrong. It needs no trust in whoever runs the database: a change is
found by the leaf, the tree, a checkpoint, a receipt, or the copy that the family case keeps of every leaf.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.errors import Broken
from shared.event import decode
from shared.evidence import Tree, Verifier, leaf_hash
from shared.json import canonical
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
    "leaf_differs": ("记录内容与其哈希不符:内容或哈希被改动。", "The record does not match its hash: one was changed."),
    "column_differs": ("检索列与记录内容不符:{column}。", "A search column does not match the record: {column}."),
    "not_a_record": ("记录无法读取。", "The record cannot be read."),
    "stream_broken": ("对象内的序号不连续。", "The numbers inside the record's stream are not consecutive."),
    "checkpoint_differs": (
        "到此位置为止的内容与已签名的检查点不符({column})。",
        "The log up to here is not what a checkpoint signed ({column}).",
    ),
    "checkpoint_forged": ("检查点的签名不成立。", "A checkpoint's signature does not hold."),
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


@dataclass
class Checked:
    """What the check of one log yields: its leaves in order, and the findings."""

    log: str
    leaves: list[bytes]
    findings: list[Finding]


def check_log(name: str, recorder: LogRecorder, verifier: Verifier) -> Checked:
    """Re-hash a log from its first to its last record and hold it against its own checkpoints."""
    notes = recorder.database.all(f"SELECT note FROM {recorder.schema}.checkpoints ORDER BY size")
    checked = Checked(name, [], [])
    signed = _signed(name, [row[0] for row in notes], verifier, checked.findings)
    versions: dict[str, int] = {}
    tree, expected = Tree(), 0
    for row in recorder.rows():
        expected += 1
        while expected < row.position:
            checked.findings.append(finding(name, expected, "position_missing"))
            checked.leaves.append(b"")
            tree.append(b"\x00" * 32)
            expected += 1
        checked.findings += _check_row(name, row, versions)
        leaf = leaf_hash(row.body)
        checked.leaves.append(leaf)
        tree.append(leaf)
        for root, where in signed.pop(tree.size, ()):
            if root != tree.root:
                checked.findings.append(finding(name, tree.size, "checkpoint_differs", where))
    if signed:
        checked.findings.append(finding(name, expected + 1, "log_truncated"))
    return checked


def check_notes(checked: Checked, notes: Iterable[str], verifier: Verifier) -> Iterator[Finding]:
    """Hold a log against checkpoints of it that others kept."""
    found: list[Finding] = []
    signed = _signed(checked.log, notes, verifier, found)
    yield from found
    tree = Tree()
    for leaf in checked.leaves:
        tree.append(leaf or b"\x00" * 32)
        for root, _ in signed.pop(tree.size, ()):
            if root != tree.root:
                yield finding(checked.log, tree.size, "checkpoint_differs", "kept by the family case")
    if any(size > 0 for size in signed):
        yield finding(checked.log, len(checked.leaves) + 1, "log_truncated")


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


def _signed(
    name: str, notes: Iterable[str], verifier: Verifier, findings: list[Finding]
) -> dict[int, list[tuple[bytes, str]]]:
    signed: dict[int, list[tuple[bytes, str]]] = {}
    for note in notes:
        try:
            checkpoint = verifier.checkpoint(note)
        except Broken:
            findings.append(finding(name, 0, "checkpoint_forged"))
            continue
        if checkpoint.size:
            signed.setdefault(checkpoint.size, []).append((checkpoint.root, f"size {checkpoint.size}"))
    return signed


def _check_row(name: str, row: Row, versions: dict[str, int]) -> Iterator[Finding]:
    if leaf_hash(row.body) != row.leaf:
        yield finding(name, row.position, "leaf_differs")
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
        if canonical(event.attributes | _place(row) | {"data": event.data}) != row.body:
            yield finding(name, row.position, "not_a_record")
    except (ValueError, KeyError, TypeError, AttributeError):
        yield finding(name, row.position, "not_a_record")
        return
    for column, (kept, said) in columns.items():
        if kept != said:
            yield finding(name, row.position, "column_differs", column)
    if row.version != versions.get(row.stream, 0) + 1:
        yield finding(name, row.position, "stream_broken")
    versions[row.stream] = row.version


def _place(row: Row) -> dict[str, Any]:
    return {"stream": row.stream, "streamversion": row.version}
