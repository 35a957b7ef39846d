# ruff: noqa: S608 - the statements name the test's own log
"""A log as the version before wrote it, texts in columns and the stream in every record, in today's form."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from services.departments import load_catalogue
from shared.json import canonical
from shared.keys.signing import Signer
from shared.language.catalogue import Declaration
from shared.log import checkpoints, lookups
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent, decode
from shared.log.recorder import LogRecorder
from shared.log.verify import check_book, read_book
from shared.postgres import migrate
from shared.postgres.database import Database
from tests.world import drop_database

LOG = "disability_federation"
SCHEMA = migrate.Schema(LOG, LOG, ("shared.log:log",))
SIGNER = Signer(f"yihu/{LOG}", bytes(range(32)))
SOURCE = "urn:yihu:disability_federation:窗口"
OPENED, CORRECTED = f"{LOG}.family_case_opened", f"{LOG}.event_corrected"
KINDS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (OPENED, "subject/p-a", {"subject": "p-a"}, {"members": ["p-a", "p-b"], "head": "p-a"}),
    (f"{LOG}.something", "process/甲-1", {"subject": "p-a", "process": "甲-1"}, {"n": 1}),
    (CORRECTED, "subject/p-a", {"subject": "p-a", "target": 1}, {"corrected_payload": {"members": ["p-a", "p-c"]}}),
    (f"{LOG}.something", "department", {}, {"n": 2}),
]


def older() -> list[dict[str, Any]]:
    """Return records as that version wrote them."""
    written = []
    for number, (kind, stream, more, data) in enumerate(KINDS, 1):
        version = sum(other[1] == stream for other in KINDS[:number])
        kept = {"specversion": "1.0", "id": f"e-{number}", "source": SOURCE, "type": kind, "data": data}
        kept |= dict.fromkeys(("time", "recordedtime", "loggedtime"), "2025-03-01T09:00:00+08:00")
        kept |= {"dataschema": f"urn:yihu:{kind}:1", "fingerprint": "ab" * 32, "suite": "intl"}
        written.append(kept | more | {"stream": stream, "streamversion": version})
    return written


@pytest.fixture
def address(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make a database in which the version before wrote a log; yield its owner's address."""
    load_catalogue()
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE older_log")
    address = psycopg.conninfo.make_conninfo(postgres, dbname="older_log")
    scripts = migrate._scripts
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_scripts", lambda sets: scripts(sets)[:2])
        migrate.migrate(address, [SCHEMA])
    with psycopg.connect(address) as owner:
        for kept in older():
            body, names = (
                canonical(kept),
                ("stream", "streamversion", "type", "source", "id", "subject", "process"),
            )
            columns = [[kept.get(name)] for name in (*names, "target")]
            owner.execute(
                f"SELECT {LOG}.append(%s, %s::integer[], %s, %s, %s, %s, %s, %s::bigint[], %s, %s)",
                [*columns, [leaf_hash(body)], [body]],
            )
    yield address
    drop_database(postgres, "older_log")


def upgrade(address: str) -> None:
    migrate.migrate(address, [SCHEMA])
    with psycopg.connect(address) as owner:
        assert lookups.reindex(owner, LOG)
        assert not lookups.reindex(owner, LOG), "nothing changed since"


@pytest.fixture
def log(address: str) -> Iterator[LogRecorder]:
    """Upgrade it."""
    upgrade(address)
    recorder = LogRecorder(Database(address, LOG))
    yield recorder
    recorder.database.close()


def positions(events: list[RecordedEvent]) -> list[int]:
    return [event.position for event in events]


def test_an_older_log_keeps_positions_leaves_and_bytes_and_verifies(log: LogRecorder) -> None:
    rows = log.database.all(f"SELECT position, leaf, body FROM {LOG}.events ORDER BY position")
    bodies = [canonical(kept) for kept in older()]
    assert rows == [(number, leaf_hash(body), body) for number, body in enumerate(bodies, 1)]
    assert check_book(LOG, read_book(log), SIGNER.verifier).findings == []


def test_an_older_log_answers_every_question(log: LogRecorder) -> None:
    assert positions(list(log.known([(SOURCE, "e-2"), (SOURCE, "e-4")]).values())) == [2, 4]
    assert positions(log.named(["e-1", "e-3"])) == [1, 3]
    assert positions(log.amendments([1])) == [3]
    assert positions(log.past("process", ["甲-1"], [f"{LOG}.something"])) == [2]
    assert positions(log.past("subject", ["p-a"], [OPENED])) == [1, 3]
    assert positions(log.past("key", ["p-b"], [OPENED])) == positions(log.past("key", ["p-c"], [OPENED])) == [1, 3]
    assert log.versions(["subject/p-a", "process/甲-1", "department"]) == {
        "subject/p-a": 2,
        "process/甲-1": 1,
        "department": 1,
    }


def test_new_records_follow_on_older_ones(log: LogRecorder) -> None:
    attributes = {"type": f"{LOG}.something", "source": SOURCE, "id": "e-5", "subject": "p-a"}
    with log.database.transaction() as tx:
        assert log.append(tx, [RecordedEvent("subject/p-a", 3, attributes, {"n": 3})]) == [5]
    checkpoints.current(log, SIGNER)
    assert check_book(LOG, read_book(log), SIGNER.verifier).findings == []
    assert b'"stream"' not in log.at([5])[0].exact
    again = RecordedEvent("subject/p-b", 1, attributes | {"type": f"{LOG}.other", "id": "e-1"}, {})
    with pytest.raises(psycopg.errors.UniqueViolation), log.database.connection() as tx:
        log.append(tx, [again])


def test_an_older_record_is_written_as_it_was(log: LogRecorder) -> None:
    for event, kept in zip(log.events(), older(), strict=True):
        assert replace(event, exact=b"").encode() == event.exact == canonical(kept)
        assert event.originator_id == kept["stream"]
        assert decode(event.exact, event.position) == event


def test_a_column_that_was_tampered_with_before_the_upgrade_is_found_after_it(address: str) -> None:
    with psycopg.connect(address) as owner:
        owner.execute(f"ALTER TABLE {LOG}.events DISABLE TRIGGER USER")
        owner.execute(f"UPDATE {LOG}.events SET subject = 'p-b' WHERE position = 2")
        owner.execute(f"ALTER TABLE {LOG}.events ENABLE TRIGGER USER")
    upgrade(address)
    database = Database(address, LOG)
    found = check_book(LOG, read_book(LogRecorder(database)), SIGNER.verifier).findings
    database.close()
    assert [(one.position, one.code) for one in found] == [(2, "column_differs")]


def test_keys_are_made_anew_when_other_fields_are_keys(
    log: LogRecorder, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "_where", lookups._where.__wrapped__)  # not remembered: here it changes
    for fields, positions in ((("head",), [1]), ((), [])):

        def fields_of(declaration: Declaration, fields: tuple[str, ...] = fields) -> tuple[str, ...]:
            return fields if declaration.type == OPENED else ()

        monkeypatch.setattr(lookups, "fields_of", fields_of)
        found = check_book(LOG, read_book(log), SIGNER.verifier).findings
        assert [one.position for one in found] == [1, 3] if fields else [1]
        with psycopg.connect(address) as owner:
            assert lookups.reindex(owner, LOG)
            found = owner.execute(f"SELECT DISTINCT position FROM {LOG}.lookups ORDER BY 1").fetchall()
        assert [row[0] for row in found] == positions
        assert check_book(LOG, read_book(log), SIGNER.verifier).findings == []
