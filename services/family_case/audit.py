"""What an auditor does: rebuild the read models from the logs and compare, verify every log against every copy."""

import json
import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from services.family_case.application import FamilyCases
from services.family_case.queries import Queries
from shared.database import Database
from shared.errors import YihuError
from shared.evidence import Verifier, leaf_hash
from shared.json import canonical
from shared.log import LogRecorder
from shared.verify import Checked, Finding, check_copies, check_log, check_notes, check_receipts, finding

TABLES = {
    "families": "family, log, position, head, division",
    "members": "person, family, log, position",
    "aliases": "alias, survivor, log, position",
    "entries": "log, position, stream, type, id, subject, target, correlationid, causationid",
    "waiting": "log, position, reason, subject, body",
}
PAGE = 500


class LogHasGap(YihuError):
    """A log lacks a record that the family case has received: a replay cannot go past it."""

    def __init__(self, log: str, position: int) -> None:
        super().__init__(
            "log_has_gap",
            f"日志 {log} 缺第 {position} 条,无法重建;请先用 yihu verify 查明。",
            f"The log {log} lacks record {position}; a replay cannot go past it. Run `yihu verify`.",
        )


def replay_name() -> str:
    """Return a name for the schemas of a replay."""
    return f"replay_{os.getpid()}_{int(time.time())}"


def replay(logs: dict[str, LogRecorder], cases: FamilyCases, upto: dict[str, int]) -> int:
    """File every department's log again, each up to a position, into a fresh schema; return the number of events."""
    replayed = 0
    for log, recorder in logs.items():
        last = 0
        while last < upto[log]:
            page = [event for event in recorder.events_after(last, PAGE) if event.position <= upto[log]]
            reached = cases.receive(log, page) if page else last
            if reached == last:
                raise LogHasGap(log, last + 1)
            replayed += reached - last
            last = reached
    return replayed


def compare(live: Queries, rebuilt: Queries, upto: dict[str, int]) -> Iterator[str]:
    """Yield what differs: rows of the read models, and histories, by name and place; never a value."""
    for table, columns in TABLES.items():
        here, there = (_rows(queries, table, columns, upto) for queries in (live, rebuilt))
        for row in sorted(here ^ there, key=str):
            side = "live" if row in here else "rebuilt"
            places = [str(part) for part in row if isinstance(part, int)]
            yield f"{table}: a row only in the {side} read model (position {'/'.join(places)})"
    families = {family["family"] for family in rebuilt.families()}
    for family in sorted(families & {family["family"] for family in live.families()}):
        if document(live, family) != document(rebuilt, family):
            yield f"history of {family} differs"


def document(queries: Queries, family: str, known: date | None = None, effective: date | None = None) -> bytes:
    """Return a family's history as canonical bytes, without the state of the sources."""
    found = queries.as_json(queries.find(family, known, effective), known, effective)
    return canonical({name: value for name, value in found.items() if name != "sources"})


def verify(
    logs: dict[str, LogRecorder], verifiers: dict[str, Verifier], case: LogRecorder, receipts: Path | None
) -> tuple[dict[str, int], list[Finding]]:
    """Verify every log; return how many records each has, and everything that does not hold."""
    counts, findings = {}, []
    leaves: dict[str, list[bytes]] = {}
    for log, recorder in logs.items():
        checked = check_log(log, recorder, verifiers[log])
        counts[log] = len(checked.leaves)
        leaves[log] = checked.leaves
        findings += checked.findings
        findings += check_notes(checked, _notes(case.database, log), verifiers[log])
        findings += check_copies(checked, _copies(case.database, log))
        if receipts is not None:
            findings += check_receipts(checked, read_receipts(receipts / f"{log}.jsonl"), verifiers[log])
    checked = check_log("family_case", case, verifiers["family_case"])
    counts["family_case"] = len(checked.leaves)
    findings += checked.findings
    findings += _check_filed(case)
    return counts, _once(findings)


def read_receipts(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the receipts in a file, one JSON object per line; of a missing file, nothing."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                receipt = json.loads(line)
            except ValueError:
                receipt = {}
            yield receipt if isinstance(receipt, dict) else {}


def check_receipt_file(path: Path, logs: dict[str, LogRecorder], verifiers: dict[str, Verifier]) -> list[Finding]:
    """Hold receipts of any department against the logs."""
    found: list[Finding] = []
    by_log: dict[str, list[dict[str, Any]]] = {}
    for receipt in read_receipts(path):
        by_log.setdefault(str(receipt.get("log", "")).removeprefix("yihu/"), []).append(receipt)
    for log, receipts in by_log.items():
        if log not in logs:
            found += [finding("?", 0, "receipt_forged") for _ in receipts]
            continue
        leaves = [leaf_hash(row.body) for row in logs[log].rows()]
        found += check_receipts(Checked(log, leaves, []), receipts, verifiers[log])
    return found


def _check_filed(case: LogRecorder) -> Iterator[Finding]:
    schema = case.schema
    received = {
        (row[0], row[1]): bytes(row[2])
        for row in case.database.all(f"SELECT log, position, leaf FROM {schema}.inbox ORDER BY log, position")
    }
    for log, position in _gaps(received):
        yield finding(log, position, "position_missing")
    seen: set[tuple[str, int]] = set()
    for row in case.rows():
        try:
            said = orjson.loads(row.body)["data"]
            place = (said["log"], said["position"])
            leaf = leaf_hash(canonical(said["event"]))
        except (ValueError, KeyError, TypeError):
            continue  # check_log has already said that this record cannot be read
        if place in seen:
            yield finding("family_case", row.position, "filed_twice")
        if received.get(place) != leaf:
            yield finding("family_case", row.position, "filed_differs")
        seen.add(place)
    waiting = {(row[0], row[1]) for row in case.database.all(f"SELECT log, position FROM {schema}_views.waiting")}
    for log, position in sorted(received.keys() - seen - waiting):
        yield finding(log, position, "not_filed")


def _gaps(received: dict[tuple[str, int], bytes]) -> Iterator[tuple[str, int]]:
    highest: dict[str, int] = {}
    for log, position in sorted(received):
        for missing in range(highest.get(log, 0) + 1, position):
            yield log, missing
        highest[log] = position


def _notes(database: Database, log: str) -> list[str]:
    rows = database.all(f"SELECT note FROM {database.schema}.checkpoints_seen WHERE log = %s ORDER BY size", log)
    return [row[0] for row in rows]


def _copies(database: Database, log: str) -> list[tuple[int, bytes]]:
    rows = database.all(f"SELECT position, leaf FROM {database.schema}.inbox WHERE log = %s ORDER BY position", log)
    return [(row[0], bytes(row[1])) for row in rows]


def _rows(queries: Queries, table: str, columns: str, upto: dict[str, int]) -> set[tuple[Any, ...]]:
    """Return every row, except those that come from what was received after the replay began."""
    return set(
        queries.database.all(
            f"SELECT {columns} FROM {queries.views}.{table} AS own WHERE NOT EXISTS ("
            f"SELECT FROM {queries.database.schema}.inbox JOIN unnest(%s::text[], %s::bigint[]) AS limits (name, last) "
            "ON limits.name = log AND position > last WHERE log = own.log AND position = own.position)",
            list(upto),
            list(upto.values()),
        )
    )


def _once(findings: list[Finding]) -> list[Finding]:
    return sorted(set(findings), key=lambda found: (found.log, found.position, found.code))
