# ruff: noqa: S608 - the statements that tamper are the tests' own
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.family_case import audit
from services.processes import assembly
from shared.door.department import Department
from shared.keys.files import Keys
from shared.keys.signing import Signer
from shared.log import checkpoints
from shared.log.evidence import Tree, leaf_hash
from shared.log.reading import LogHere
from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder, RecordMapper
from shared.log.rows import Row, row_of
from shared.log.verify import (
    MISSING_NAMED,
    Checked,
    Finding,
    Kept,
    _Rows,
    check_book,
    check_copies,
    check_notes,
    check_receipts,
    read_book,
)
from shared.postgres.database import Database
from shared.settings import Settings
from tests.world import story

SIGNER = Signer("yihu/education", bytes(range(32)))
THIEF = Signer("yihu/education", bytes(range(1, 33)))
SIZE = 12
PLACE = 6
Open = Callable[..., Database]


OPENED = "disability_federation.family_case_opened"
"""A type whose records have lookup keys: the members."""


def recorded(number: int) -> RecordedEvent:
    """Return the event at a position: three streams in turn, every column filled, two lookup keys."""
    attributes = {
        "type": OPENED,
        "id": f"e-{number}",
        "source": "urn:yihu:education:desk",
        "subject": f"p-{number % 3}",
        "process": f"甲-{number % 3}",
        "target": 1,
    }
    data = {"n": number, "members": [f"p-{number}", f"p-{number + 1}"]}
    return RecordedEvent(f"stream-{number % 3}", (number + 2) // 3, attributes, data)


def receipt(row: Row) -> dict[str, Any]:
    return SIGNER.receipt({"position": row.position, "leaf": row.leaf.hex(), "id": f"e-{row.position}"})


@pytest.fixture
def log(open_database: Open) -> LogRecorder:
    """Make a log of 12 records with checkpoints at 5 and 12."""
    log = LogRecorder(open_database("education"))
    mapper = RecordMapper(transcoder=None)  # type: ignore[arg-type]
    for first, end in ((1, 6), (6, SIZE + 1)):
        log.insert_events([mapper.to_stored_event(recorded(number)) for number in range(first, end)])
        checkpoints.current(log, SIGNER)
    return log


@pytest.fixture
def kept(log: LogRecorder) -> list[Row]:
    """Return the rows as they were, from which receipts and copies are made."""
    return list(log.rows())


Tamper = Callable[..., Any]
TABLES = ("events", "lookups", "checkpoints")


@pytest.fixture
def tampered(log: LogRecorder, database_url: str) -> Iterator[Tamper]:
    """Change the database as its owner may who stops at nothing; afterwards everything is as before."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"ALTER TABLE education.{table} DISABLE TRIGGER USER".encode())
            owner.execute(f"CREATE TABLE education.{table}_kept AS SELECT * FROM education.{table}".encode())
        constraints = owner.execute(
            "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'education'::regnamespace AND contype IN ('p', 'u', 'c')"
        ).fetchall()
        for constraint, table, _ in constraints:
            owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())

        @contextmanager
        def change(*statements: str, parameters: tuple[Any, ...] = ()) -> Iterator[None]:
            for statement in statements:
                owner.execute(statement.encode(), parameters or None)
            yield
            for table in TABLES:
                owner.execute(f"TRUNCATE education.{table}".encode())
                owner.execute(f"INSERT INTO education.{table} SELECT * FROM education.{table}_kept".encode())
            assert check_book("education", read_book(log), SIGNER.verifier).findings == []

        yield change
        for constraint, table, definition in constraints:
            owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}".encode())
        for table in TABLES:
            owner.execute(f"DROP TABLE education.{table}_kept".encode())
            owner.execute(f"ALTER TABLE education.{table} ENABLE TRIGGER USER".encode())


def findings(log: LogRecorder) -> list[tuple[int, str]]:
    """Return position and code of what the log's own check finds."""
    checked = check_book("education", read_book(log), SIGNER.verifier)
    assert all(found.log == "education" and found.zh and found.en for found in checked.findings)
    return sorted((found.position, found.code) for found in checked.findings)


def against(log: LogRecorder, kept: list[Row]) -> list[tuple[int, str]]:
    """Return position and code of what receipts and copies that others keep find."""
    checked = check_book("education", read_book(log), SIGNER.verifier)
    found = [*check_receipts(checked, enumerate([receipt(row) for row in kept], 1), SIGNER.verifier)]
    copies = [*check_copies(checked, [(row.position, row.leaf) for row in kept])]
    assert [one.position for one in found] == [one.position for one in copies]
    return sorted((one.position, one.code) for one in found + copies)


def test_a_clean_log_has_no_finding(log: LogRecorder, kept: list[Row]) -> None:
    checked = check_book("education", read_book(log), SIGNER.verifier)
    assert checked.findings == []
    assert checked.leaves == [row.leaf for row in kept]
    assert against(log, kept) == []
    notes = [Kept(*row) for row in log.database.all("SELECT size, note FROM education.checkpoints")]
    assert len(notes) == 2
    assert list(check_notes(checked, notes, SIGNER.verifier)) == []


def test_an_empty_log_has_no_finding(open_database: Open) -> None:
    finance = LogRecorder(open_database("finance"))
    checkpoints.current(finance, SIGNER)
    assert check_book("finance", read_book(finance), SIGNER.verifier) == Checked("finance", [], [], {0})


def bits(value: bytes) -> Iterator[bytes]:
    for place in range(len(value)):
        for bit in range(8):
            changed = bytearray(value)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def keys(value: list[bytes]) -> Iterator[list[bytes]]:
    for place, key in enumerate(value):
        yield from ([*value[:place], changed, *value[place + 1 :]] for changed in bits(key))


CHANGED: dict[str, Callable[[Any], Iterator[Any]]] = {
    "stream": lambda value: (value ^ 1 << bit for bit in range(63)),
    "version": lambda value: (value ^ 1 << bit for bit in range(31)),
    "name": bits,
    "subject": lambda value: (value ^ 1 << bit for bit in range(63)),
    "target": lambda value: (value ^ 1 << bit for bit in range(63)),
    "keys": keys,
    "leaf": bits,
    "body": bits,
}


@pytest.mark.parametrize("column", CHANGED)
def test_every_single_bit_of_every_column_is_found_at_its_place(column: str) -> None:
    row = replace(row_of(recorded(1)), position=1)
    assert list(_Rows("education").check(row, row.leaf)) == []
    tried = 0
    for changed in CHANGED[column](getattr(row, column)):
        tried += 1
        other = replace(row, **{column: changed})
        found = list(_Rows("education").check(other, leaf_hash(other.body)))
        assert {(one.log, one.position) for one in found} == {("education", 1)}, changed
        if column in {"leaf", "body"}:
            assert "leaf_differs" in {one.code for one in found}
        else:
            called = "lookups" if column == "keys" else column
            assert [(one.code, called in one.en) for one in found] == [("column_differs", True)]
    assert tried > 20


def test_a_changed_column_is_found_in_the_database_with_nothing_else(log: LogRecorder, tampered: Tamper) -> None:
    for column, value in {
        "stream": "education.stream_of('stream-1')",
        "version": "version + 1",
        "name": "education.name_of('urn:yihu:education:desk', 'e-7')",
        "subject": "NULL",
        "target": "NULL",
    }.items():
        with tampered(f"UPDATE education.events SET {column} = {value} WHERE position = {PLACE}"):
            assert findings(log) == [(PLACE, "column_differs")], column


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE education.lookups SET key = gen_random_uuid() WHERE position = 6",
        "DELETE FROM education.lookups WHERE ctid IN (SELECT ctid FROM education.lookups WHERE position = 6 LIMIT 1)",
        "DELETE FROM education.lookups WHERE position = 6",
        "INSERT INTO education.lookups VALUES (6, gen_random_uuid())",
        "INSERT INTO education.lookups SELECT * FROM education.lookups WHERE position = 6",
    ],
)
def test_a_changed_lookup_is_found_with_nothing_else(log: LogRecorder, tampered: Tamper, change: str) -> None:
    with tampered(change):
        assert findings(log) == [(6, "column_differs")]


def test_a_lookup_moved_to_another_record_or_to_none_is_found(log: LogRecorder, tampered: Tamper) -> None:
    move = "UPDATE education.lookups SET position = {} WHERE position = 6"
    with tampered(move.format(8)):
        assert findings(log) == [(6, "column_differs"), (8, "column_differs")]
    for nowhere in (0, SIZE + 1, 2**40):
        with tampered(move.format(nowhere)):
            assert findings(log) == sorted([(6, "column_differs"), (nowhere, "column_differs")])


def test_a_changed_leaf_is_found_and_the_record_still_verifies(log: LogRecorder, tampered: Tamper) -> None:
    with tampered(
        f"UPDATE education.events SET leaf = set_bit(leaf, 77, 1 - get_bit(leaf, 77)) WHERE position = {PLACE}"
    ):
        assert findings(log) == [(PLACE, "leaf_differs")]


def test_a_changed_body_is_found_by_leaf_checkpoint_receipt_and_copy(
    log: LogRecorder, kept: list[Row], tampered: Tamper
) -> None:
    for byte in (0, 1, 30, len(kept[PLACE - 1].body) - 1):
        flip = f"set_byte(body, {byte}, get_byte(body, {byte}) # 1)"
        with tampered(f"UPDATE education.events SET body = {flip} WHERE position = {PLACE}"):
            found = findings(log)
            assert (PLACE, "leaf_differs") in found
            assert (SIZE, "checkpoint_differs") in found
            assert {position for position, _ in found} == {PLACE, SIZE}
            assert against(log, kept) == [(PLACE, "copy_differs"), (PLACE, "receipt_differs")]


def test_a_rewritten_record_is_found_though_leaf_and_columns_fit(
    log: LogRecorder, kept: list[Row], tampered: Tamper
) -> None:
    event = recorded(PLACE)
    body = RecordedEvent(
        event.originator_id, event.originator_version, event.attributes, event.data | {"n": 99}
    ).encode()
    with tampered(
        f"UPDATE education.events SET body = %s, leaf = %s WHERE position = {PLACE}",
        parameters=(body, leaf_hash(body)),
    ):
        assert findings(log) == [(SIZE, "checkpoint_differs")]
        assert against(log, kept) == [(PLACE, "copy_differs"), (PLACE, "receipt_differs")]


def test_a_record_that_is_not_canonical_or_no_record_is_found(log: LogRecorder, tampered: Tamper) -> None:
    for body in (b"{}", b"[]", b"null", b"\xff", b"", b"[" * 5_000, b" " + recorded(PLACE).encode(), b'{"data":{}}'):
        with tampered(
            f"UPDATE education.events SET body = %s, leaf = %s WHERE position = {PLACE}",
            parameters=(body, leaf_hash(body)),
        ):
            assert findings(log) == [(PLACE, "not_a_record"), (SIZE, "checkpoint_differs")], body


def test_a_deleted_record_is_found_wherever_it_stood(log: LogRecorder, kept: list[Row], tampered: Tamper) -> None:
    for position in range(1, SIZE):
        with tampered(f"DELETE FROM education.events WHERE position = {position}"):
            found = findings(log)
            assert (position, "position_missing") in found
            assert "log_truncated" not in {code for _, code in found}
            assert [code for at, code in found if at < position] == []
            assert against(log, kept) == [(position, "copy_differs"), (position, "receipt_differs")]


def test_a_hole_as_long_as_most_of_the_log_is_found(log: LogRecorder, tampered: Tamper) -> None:
    with tampered("DELETE FROM education.events WHERE position BETWEEN 2 AND 11"):
        assert [at for at, code in findings(log) if code == "position_missing"] == list(range(2, 12))


def test_a_record_deleted_at_the_end_is_found_by_a_checkpoint(
    log: LogRecorder, kept: list[Row], tampered: Tamper
) -> None:
    for last in (SIZE - 1, 5, 3, 0):
        with tampered(*(f"DELETE FROM education.{table} WHERE position > {last}" for table in ("events", "lookups"))):
            assert findings(log) == [(last + 1, "log_truncated")]
            assert against(log, kept) == sorted([(at, "log_truncated") for at in range(last + 1, SIZE + 1)] * 2)


def test_a_log_cut_back_with_its_checkpoints_is_found_by_receipts_copies_and_kept_checkpoints(
    log: LogRecorder, kept: list[Row], tampered: Tamper
) -> None:
    notes = [Kept(*row) for row in log.database.all("SELECT size, note FROM education.checkpoints")]
    with tampered(
        "DELETE FROM education.events WHERE position > 9",
        "DELETE FROM education.lookups WHERE position > 9",
        "DELETE FROM education.checkpoints WHERE size > 5",
    ):
        assert findings(log) == []
        assert against(log, kept) == sorted([(at, "log_truncated") for at in (10, 11, 12)] * 2)
        checked = check_book("education", read_book(log), SIGNER.verifier)
        found = list(check_notes(checked, notes, SIGNER.verifier))
        assert [(one.position, one.code) for one in found] == [(10, "log_truncated"), (12, "checkpoint_missing")]


def test_swapped_bodies_are_found_at_both_places(log: LogRecorder, kept: list[Row], tampered: Tamper) -> None:
    swap = (
        "UPDATE education.events AS one SET body = other.body FROM education.events AS other "
        "WHERE (one.position, other.position) IN ((6, 9), (9, 6))"
    )
    with tampered(swap):
        assert {(6, "leaf_differs"), (9, "leaf_differs"), (SIZE, "checkpoint_differs")} <= set(findings(log))
        assert {at for at, _ in against(log, kept)} == {6, 9}


def test_two_records_that_changed_places_are_found(log: LogRecorder, kept: list[Row], tampered: Tamper) -> None:
    swap = "UPDATE education.{} SET position = 15 - position WHERE position IN (7, 8)"
    with tampered(swap.format("events"), swap.format("lookups")):
        assert findings(log) == [(SIZE, "checkpoint_differs")]
        assert {at for at, _ in against(log, kept)} == {7, 8}


COPY = (
    "INSERT INTO education.events SELECT {position}, stream, subject, target, name, version, body, leaf "
    "FROM education.events WHERE position = 6"
)


def test_an_inserted_record_is_found_wherever_it_is_put(log: LogRecorder, kept: list[Row], tampered: Tamper) -> None:
    shift = "UPDATE education.events SET position = position + 1 WHERE position >= 4"
    with tampered(shift, COPY.format(position=4).replace("position = 6", "position = 7")):
        assert (5, "checkpoint_differs") in findings(log)
        assert {at for at, _ in against(log, kept)} == set(range(4, SIZE + 1))
    for position in (0, -1, -(2**62), 6, 2**62):
        with tampered(COPY.format(position=position)):
            assert (position, "position_wrong") in findings(log)
            assert against(log, kept) == []


def test_a_far_position_is_a_hole_named_in_one_finding(log: LogRecorder, tampered: Tamper) -> None:
    with tampered(COPY.format(position=SIZE + MISSING_NAMED + 2)):
        assert (SIZE + 1, "positions_missing") in findings(log)
    with tampered(COPY.format(position=SIZE + MISSING_NAMED + 1)):
        named = [at for at, code in findings(log) if code == "position_missing"]
        assert named == list(range(SIZE + 1, SIZE + MISSING_NAMED + 1))


def test_a_changed_position_is_found_for_any_bit(log: LogRecorder, kept: list[Row], tampered: Tamper) -> None:
    for bit in (0, 1, 2, 3, 4, 9, 10, 16, 20, 31, 32, 62):
        moved = PLACE ^ 1 << bit
        with tampered(f"UPDATE education.events SET position = {moved} WHERE position = {PLACE}"):
            found = findings(log)
            assert {(PLACE, "position_missing"), (moved, "position_wrong"), (SIZE + 1, "position_missing")} & set(found)
            assert PLACE in {at for at, _ in against(log, kept)}


def test_a_changed_checkpoint_is_found(log: LogRecorder, tampered: Tamper) -> None:
    other = "UPDATE education.checkpoints SET "
    for change, expected in (
        ("note = replace(note, '12', '13') WHERE size = 12", (12, "checkpoint_forged")),
        ("note = note || chr(10) WHERE size = 12", (12, "checkpoint_forged")),
        ("note = '' WHERE size = 12", (12, "checkpoint_forged")),
        ("size = 11 WHERE size = 12", (12, "checkpoint_row_differs")),
        ("peaks[2] = set_bit(peaks[2], 0, 1 - get_bit(peaks[2], 0)) WHERE size = 5", (5, "checkpoint_row_differs")),
        ("peaks = peaks[1:1] WHERE size = 5", (5, "checkpoint_row_differs")),
    ):
        with tampered(other + change):
            assert findings(log) == [expected], change


def test_a_checkpoint_signed_with_a_stolen_name_is_forged(log: LogRecorder, tampered: Tamper) -> None:
    tree = Tree()
    tree.extend(row.leaf for row in log.rows())
    with tampered(
        "UPDATE education.checkpoints SET note = %s WHERE size = 12", parameters=(THIEF.checkpoint(12, tree.root),)
    ):
        assert findings(log) == [(12, "checkpoint_forged")]


def test_a_signed_checkpoint_of_another_history_is_found(log: LogRecorder) -> None:
    """Equivocation: the log's own key signed two roots for one size."""
    checked = check_book("education", read_book(log), SIGNER.verifier)
    note = SIGNER.checkpoint(SIZE - 1, leaf_hash(b"another history"))
    found, missing = check_notes(checked, [Kept(SIZE - 1, note)], SIGNER.verifier)
    assert (found.log, found.position, found.code) == ("education", SIZE - 1, "checkpoint_differs")
    assert missing.code == "checkpoint_missing"


def test_every_change_of_a_receipt_is_found_with_its_position(log: LogRecorder, kept: list[Row]) -> None:
    checked = check_book("education", read_book(log), SIGNER.verifier)
    genuine = receipt(kept[PLACE - 1])

    def found(changed: dict[str, Any]) -> list[tuple[int, str]]:
        return [(one.position, one.code) for one in check_receipts(checked, [(1, changed)], SIGNER.verifier)]

    assert found(genuine) == []
    for name in genuine:
        if name != "position":
            assert found(genuine | {name: "x"}) == [(PLACE, "receipt_forged")]
            assert found({key: value for key, value in genuine.items() if key != name}) == [(PLACE, "receipt_forged")]
    assert found(genuine | {"position": 7}) == [(7, "receipt_forged")]
    assert found(THIEF.receipt({"position": PLACE, "leaf": genuine["leaf"]})) == [(PLACE, "receipt_forged")]
    assert found({}) == [(0, "receipt_unreadable")]
    for hostile in ({"position": "6"}, {"position": 2**70, "signature": "x"}, {"position": -1, "signature": "x"}):
        assert [code for _, code in found(hostile)] == ["receipt_forged"]
    promised = SIGNER.receipt({"position": SIZE + 1, "leaf": "00" * 32})
    assert found(promised) == [(SIZE + 1, "log_truncated")]
    assert found(SIGNER.receipt({"position": PLACE, "leaf": "00" * 32})) == [(PLACE, "receipt_differs")]


def test_a_finding_says_what_is_wrong_in_both_languages_and_no_value(log: LogRecorder, tampered: Tamper) -> None:
    with tampered(f"UPDATE education.events SET subject = 77 WHERE position = {PLACE}"):
        (found,) = check_book("education", read_book(log), SIGNER.verifier).findings
    assert found == Finding(
        "education",
        PLACE,
        "column_differs",
        "检索列与记录内容不符：subject。",
        "A search column does not match the record: subject.",
    )
    assert json.loads(json.dumps(found.as_dict())) == found.as_dict()


@pytest.fixture
def filed(department: Callable[[str], Department], settings: Settings, scratch: Path) -> Iterator[Path]:
    """File family A's story, keep receipts as an emitter does and checkpoints as the case does."""
    receipts = Path(tempfile.mkdtemp(prefix="receipts-", dir=scratch))
    departments: dict[str, Department] = {}
    for event in story("a"):
        name = event["type"].partition(".")[0]
        if name not in departments:
            departments[name] = department(name)
        given, _ = departments[name].receive(event)
        with (receipts / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(given, ensure_ascii=False) + "\n")
    cases = assembly.family_cases(settings)
    for name, own in departments.items():
        note = checkpoints.current(own.recorder, own.signer)
        size = cases.receive(name, list(own.recorder.events()))
        with cases.database.transaction() as tx:
            tx.execute("INSERT INTO family_case.checkpoints_seen VALUES (%s, %s, %s)", (name, size, note))
    checkpoints.current(cases.recorder, Keys(settings.keys).signer("family_case"))
    yield receipts
    cases.database.close()


@pytest.fixture
def audited(filed: Path, settings: Settings, open_database: Open) -> Callable[[], set[tuple[str, int, str]]]:
    """Return what an auditor finds over all logs, receipts and copies: log, position and code."""
    logs = {name: LogHere(open_database(name, size=1)) for name in assembly.NAMES}
    verifiers = {name: Keys(settings.keys).verifier(name) for name in assembly.SERVICES}
    case = LogRecorder(open_database("family_case", size=1))

    def look() -> set[tuple[str, int, str]]:
        counts, found = audit.verify(logs, verifiers, case, filed)
        assert counts.keys() == set(assembly.SERVICES)
        return {(one.log, one.position, one.code) for one in found}

    return look


def test_an_auditor_finds_nothing_in_a_whole_clean_installation(audited: Callable[[], Any]) -> None:
    assert audited() == set()


def test_an_auditor_finds_what_was_done_to_a_department_and_to_the_case(
    audited: Callable[[], set[tuple[str, int, str]]], filed: Path, database_url: str
) -> None:
    """Cut back with its own checkpoints a log is still too short for its receipts and for what the case keeps."""
    with psycopg.connect(database_url, autocommit=True) as owner:
        for table in ("civil_affairs.events", "civil_affairs.checkpoints", "family_case.events", "family_case.inbox"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        row = owner.execute("SELECT max(position) FROM civil_affairs.events").fetchone()
        last = row[0] if row else 0
        owner.execute("DELETE FROM civil_affairs.checkpoints")
        owner.execute("DELETE FROM civil_affairs.events WHERE position = %s", (last,))
        assert {("civil_affairs", last, "log_truncated"), ("civil_affairs", last, "checkpoint_missing")} == audited()
        owner.execute("UPDATE family_case.events SET subject = 0 WHERE position = 3")
        owner.execute("DELETE FROM family_case.inbox WHERE log = 'finance' AND position = 1")
    found = audited()
    assert ("family_case", 3, "column_differs") in found
    assert ("finance", 1, "position_missing") in found
    lines = (filed / "finance.jsonl").read_text(encoding="utf-8").splitlines()
    forged = json.loads(lines[0]) | {"loggedtime": "2020-01-01T00:00:00+08:00"}
    (filed / "finance.jsonl").write_text("\n".join([json.dumps(forged), "not a receipt", *lines[1:]]), encoding="utf-8")
    assert {("finance", 1, "receipt_forged"), ("finance", 0, "receipt_unreadable")} <= audited()
