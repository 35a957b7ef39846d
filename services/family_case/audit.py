"""What an auditor does: rebuild the read models from the logs and compare, verify every log against every copy."""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import orjson

from services.family_case.base_reading import BaseQueries, NoSuchBase
from services.family_case.domain import EVENT_FILED, SOURCE
from services.family_case.filing import FamilyCases
from services.family_case.reading import AUDITOR, Queries
from services.family_case.tables import PROJECTED, Table
from shared.errors import YihuError
from shared.json import canonical
from shared.keys.signing import Verifier
from shared.log.evidence import leaf_hash
from shared.log.reading import Log
from shared.log.recorder import LogRecorder
from shared.log.rows import Row
from shared.log.verify import (
    Book,
    Checked,
    Finding,
    Kept,
    check_book,
    check_copies,
    check_notes,
    check_receipts,
    finding,
    missing_positions,
    read_book,
)

PAGE = 500


class LogHasGap(YihuError):
    """A log lacks a record that the family case has received: a replay cannot go past it."""

    def __init__(self, log: str, position: int) -> None:
        super().__init__(
            "log_has_gap",
            f"日志 {log} 缺第 {position} 条，无法重建；请先用 yihu verify 查明。",
            f"The log {log} lacks record {position}; a replay cannot go past it. Run `yihu verify`.",
        )


def replay_name() -> str:
    """Return a name for the schemas of a replay."""
    return f"replay_{os.getpid()}_{int(time.time())}"


def replay(logs: Mapping[str, Log], cases: FamilyCases, upto: dict[str, int]) -> int:
    """File every department's log again, each up to a position, into a fresh schema; return the number of events."""
    for log, recorder in logs.items():
        last = 0
        events = takewhile(lambda event, end=upto[log]: event.position <= end, recorder.events())  # type: ignore[misc]
        while page := list(islice(events, PAGE)):
            last = cases.receive(log, page)
            if last < page[-1].position:
                raise LogHasGap(log, last + 1)
        if last < upto[log]:
            raise LogHasGap(log, last + 1)
    return sum(upto[log] for log in logs)


def compare(live: Queries, rebuilt: Queries, upto: dict[str, int]) -> Iterator[str]:
    """Yield what differs: rows of the read models, and histories, by name and place; never a value."""
    yield from undeclared(live)
    for table in PROJECTED:
        here, there = (_rows(queries, table, upto) for queries in (live, rebuilt))
        for row in sorted(here ^ there, key=str):
            side = "live" if row in here else "rebuilt"
            places = [str(part) for part in row if isinstance(part, int)]
            yield f"{table.name}: a row only in the {side} read model (position {'/'.join(places)})"
    families = {family["family"] for family in rebuilt.families()}
    for family in sorted(families & {family["family"] for family in live.families()}):
        if document(live, family) != document(rebuilt, family):
            yield f"history of {family} differs"
    bases, rebuilt_bases = BaseQueries(live), BaseQueries(rebuilt)
    for base in rebuilt_bases.codes():
        if base_document(bases, base) != base_document(rebuilt_bases, base):
            yield f"history of base {base} differs"


def undeclared(queries: Queries) -> Iterator[str]:
    """Yield the tables and columns of the read models that nobody declared: they would be compared with nothing."""
    declared = {(table.name, column) for table in PROJECTED for column in (*table.columns, *table.apart)}
    rows = queries.database.all(
        "SELECT relname::text, attname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
        "WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r' AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2",
        queries.views,
    )
    for table, column in rows:
        if (table, column) not in declared:
            yield f"{table}: the column {column} is not declared to the audit"


def document(queries: Queries, family: str, known: date | None = None, effective: date | None = None) -> bytes:
    """Return a family's history as canonical bytes, without the state of the sources."""
    found = queries.open(family, AUDITOR, "audit", known, effective)
    return canonical({name: value for name, value in found.items() if name != "sources"})


def base_document(queries: BaseQueries, base: str) -> bytes | None:
    """Return a base's history as canonical bytes, without its status, which is of a day; None where there is none."""
    try:
        found = queries.open(base, AUDITOR, "audit")
    except NoSuchBase:
        return None
    return canonical({name: value for name, value in found.items() if name not in {"sources", "status"}})


@dataclass(frozen=True, slots=True)
class Copies:
    """What the family case keeps of the departments' logs: a leaf for each event, checkpoints, and what waits."""

    inbox: list[tuple[str, int, bytes]]
    seen: list[tuple[str, Kept]]
    waiting: list[tuple[str, int, bytes]]


def verify(
    logs: Mapping[str, Log], verifiers: dict[str, Verifier], case: LogRecorder, receipts: Path | None
) -> tuple[dict[str, int], list[Finding]]:
    """Verify every log; return how many records each has, and everything that does not hold.

    While it reads, events may arrive: receipts first, then the family case as it is at one instant, then the
    departments' logs. Nothing that was read is then ahead of what it is held against.
    """
    given = {log: read_receipts(receipts / f"{log}.jsonl") for log in logs} if receipts is not None else {}
    with case.database.transaction() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        copies = read_copies(case)
        all_checked = [check_case(read_book(case), copies, verifiers["family_case"])]
    for log, recorder in logs.items():
        all_checked.append(check_department(log, recorder.book(), copies, given.get(log, ()), verifiers[log]))
    findings = [found for checked in all_checked for found in checked.findings]
    findings += check_names(copies, set(logs))
    return {checked.log: len(checked.leaves) for checked in all_checked}, _once(findings)


def read_copies(case: LogRecorder) -> Copies:
    """Read what the family case keeps of the departments' logs."""
    ask, schema = case.database.all, case.schema
    return Copies(
        [(row[0], row[1], row[2]) for row in ask(f"SELECT log, position, leaf FROM {schema}.inbox")],
        [(row[0], Kept(row[1], row[2])) for row in ask(f"SELECT log, size, note FROM {schema}.checkpoints_seen")],
        [(row[0], row[1], row[2]) for row in ask(f"SELECT log, position, body FROM {schema}_views.waiting")],
    )


def check_department(
    log: str, book: Book, copies: Copies, receipts: Iterable[tuple[int, dict[str, Any]]], verifier: Verifier
) -> Checked:
    """Hold a department's log against itself, what the family case keeps of it, and receipts."""
    checked = check_book(log, book, verifier)
    checked.findings += check_notes(checked, [kept for name, kept in copies.seen if name == log], verifier)
    checked.findings += check_copies(checked, ((place, leaf) for name, place, leaf in copies.inbox if name == log))
    checked.findings += check_receipts(checked, receipts, verifier)
    return checked


def check_case(book: Book, copies: Copies, verifier: Verifier) -> Checked:
    """Hold the case log against itself, and what it files against what was received."""
    received = {(log, position): leaf for log, position, leaf in copies.inbox}
    filed: set[tuple[str, int]] = set()

    def check_filed(row: Row) -> Iterator[Finding]:
        try:
            filed_body = orjson.loads(row.body)
            data = filed_body["data"]
            place, event = (data["log"], data["position"]), data["event"]
            leaf = leaf_hash(canonical(event))
            filed_as = tuple(filed_body.get(name) for name in ("type", "source", "id", "subject"))
            due = (EVENT_FILED, SOURCE, f"{place[0]}/{place[1]}", event.get("subject") or None)
            twice = place in filed
        except (ValueError, KeyError, TypeError, AttributeError):
            yield finding("family_case", row.position, "filed_differs")
            return
        if twice:
            yield finding("family_case", row.position, "filed_twice")
        if received.get(place) != leaf or filed_as != due:
            yield finding("family_case", row.position, "filed_differs")
        filed.add(place)

    checked = check_book("family_case", book, verifier, check_filed)
    checked.findings += _check_received(received, filed, copies.waiting)
    return checked


def read_receipts(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read the receipts in a file, one JSON object per line, with the number of the line; {} for what is none.

    How far the file goes is settled by the call, not when they are read. Of a missing file there is nothing.
    """
    return _receipts_upto(path, path.stat().st_size if path.exists() else 0)


def _receipts_upto(path: Path, size: int) -> Iterator[tuple[int, dict[str, Any]]]:
    if not size:
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            size -= len(line)
            if size < 0:
                return
            receipt = _receipt(line) if line.strip() else None
            if receipt is not None:
                yield number, receipt


def _receipt(line: bytes) -> dict[str, Any] | None:
    """Return the receipt in a line, {} for what is none; None for a beginning that is still being written."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        cut_off = not line.endswith(b"\n") and error.msg != "Extra data"
        return None if cut_off else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def check_receipt_file(path: Path, logs: Mapping[str, Log], verifiers: dict[str, Verifier]) -> list[Finding]:
    """Hold receipts of any department against the logs."""
    found: list[Finding] = []
    by_log: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for line, receipt in read_receipts(path):
        by_log.setdefault(str(receipt.get("log", "")).removeprefix("yihu/"), []).append((line, receipt))
    for log, receipts in by_log.items():
        if log in logs:
            leaves = [leaf_hash(row.body) for row in logs[log].book().rows]
            found += check_receipts(Checked(log, leaves, []), receipts, verifiers[log])
        else:
            codes = ((line, "receipt_forged" if receipt else "receipt_unreadable") for line, receipt in receipts)
            found += (finding("?", 0, code, str(line)) for line, code in codes)
    return found


def _check_received(
    received: dict[tuple[str, int], bytes], filed: set[tuple[str, int]], waiting: list[tuple[str, int, bytes]]
) -> Iterator[Finding]:
    """Hold the inbox against what is filed and what waits: each event it received is the one or the other."""
    last: dict[str, int] = {}
    for log, position in sorted(received):
        yield from missing_positions(log, last.get(log, 0) + 1, position - last.get(log, 0) - 1)
        last[log] = max(position, 0)
    for log, position, body in waiting:
        leaf = received.get((log, position))
        if leaf is None:
            yield finding(log, position, "not_received")
        elif leaf != leaf_hash(body):
            yield finding(log, position, "waiting_differs")
    for log, position in sorted(received.keys() - filed - {(log, position) for log, position, _ in waiting}):
        yield finding(log, position, "not_filed")


def check_names(copies: Copies, logs: set[str]) -> Iterator[Finding]:
    """Name what the family case keeps of logs that do not exist."""
    for log, position, _ in copies.inbox:
        if log not in logs:
            yield finding(log, position, "copy_differs")
    for log, kept in copies.seen:
        if log not in logs:
            yield finding(log, kept.size, "checkpoint_forged")


def _rows(queries: Queries, table: Table, upto: dict[str, int]) -> set[tuple[Any, ...]]:
    """Return every row, except those that come from what was received after the replay began."""
    return set(
        queries.database.all(
            f"SELECT {', '.join(table.columns)} FROM {queries.views}.{table.name} AS own WHERE {table.where} "
            f"AND NOT EXISTS (SELECT FROM {queries.database.schema}.inbox "
            "JOIN unnest(%s::text[], %s::bigint[]) AS limits (name, last) "
            "ON limits.name = log AND position > last WHERE log = own.log AND position = own.position)",
            list(upto),
            list(upto.values()),
        )
    )


def _once(findings: list[Finding]) -> list[Finding]:
    return sorted(set(findings), key=lambda found: (found.log, found.position, found.code))
