# ruff: noqa: S608 - the statements that tamper are the tests' own
"""What an auditor finds: nothing on a clean installation, and everything that somebody changed behind its back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.family_case import audit
from services.family_case.tables import PROJECTED
from services.processes import assembly
from shared.json import canonical
from shared.log import checkpoints
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from shared.settings import Settings
from tests.family_case.conftest import Hub
from tests.world import drop_database, event, family_opened, from_the_future, story

NOBODY = "p-" + "a" * 32
UNOPENED = "XN-F-00000000"


OTHER, LONER = "421299201209090119", "421299201108080114"
"""Two more fabricated persons."""


@pytest.fixture(scope="module")
def filled(postgres: str, template: str, keys: Path) -> str:
    """Make a database to copy: both stories filed, a merged family, a merge of nobody known, two events that wait."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE template_filed TEMPLATE {template}".encode())
    address = psycopg.conninfo.make_conninfo(postgres, dbname="template_filed")
    settings = Settings(address, "memory://", keys, "http://127.0.0.1:9", allow_test_regions=True)
    opened = [Database(address, "family_case")]
    hub = Hub(settings, lambda name: assembly.department(name, settings), opened[0])
    merge = {"merged_family": OTHER, "survivor": "422399198803150112", "evidence": "同一户"}
    registered = {"school_year": 2025, "source": "match", "current_status": "未入学"}
    hub.tell(
        *story("a"),
        *story("b"),
        family_opened([OTHER]),
        event("disability_federation.duplicate_merged", merge, "422399198803150112"),
        event("disability_federation.duplicate_merged", merge | {"merged_family": UNOPENED}, "422399198803150112"),
        event("education.school_age_child_registered", registered, LONER),
    )
    hub.cases.receive("finance", [from_the_future(hub.made["finance"])])
    for department in hub.made.values():
        opened += [department.database, department.ring._database]
    for database in opened:
        database.close()
    return "template_filed"


@pytest.fixture
def database_url(postgres: str, filled: str) -> Iterator[str]:
    """Yield the owner's address of a fresh copy."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE audited TEMPLATE {filled}".encode())
    yield psycopg.conninfo.make_conninfo(postgres, dbname="audited")
    drop_database(postgres, "audited")


@pytest.fixture
def owner(database_url: str) -> Iterator["psycopg.Connection[Any]"]:
    """Connect as the owner, who has switched off what keeps the logs from being changed."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table in ("events", "inbox"):
            connection.execute(f"ALTER TABLE family_case.{table} DISABLE TRIGGER append_only".encode())
        yield connection


@pytest.fixture
def filed(hub: Hub) -> Hub:
    """Return the family case on the copy."""
    return hub


def differences(settings: Settings) -> list[str]:
    return [str(found) for found in assembly.replay(settings, None, None, check=True)["differences"]]


def findings(settings: Settings, tmp_path: Path) -> set[tuple[str, int, str]]:
    _, found = assembly.verify(settings, tmp_path)
    return {(one.log, one.position, one.code) for one in found}


# -- replay


def test_a_replay_of_a_clean_installation_finds_no_difference(filed: Hub) -> None:
    result = assembly.replay(filed.settings, None, None, check=True)
    assert result["differences"] == []
    assert (result["events"], result["families"]) == (101, 2)
    for table in PROJECTED:
        assert filed.rows(f"SELECT count(*) > 0 FROM {{views}}.{table.name}") == [(True,)], table


def test_a_table_or_column_that_is_not_declared_to_the_audit_is_a_difference(
    filed: Hub, owner: "psycopg.Connection[Any]"
) -> None:
    owner.execute("CREATE TABLE family_case_views.forgotten (log text)")
    owner.execute("ALTER TABLE family_case_views.families ADD forgotten text")
    assert [found for found in differences(filed.settings) if "not declared" in found] == [
        "families: the column forgotten is not declared to the audit",
        "forgotten: the column log is not declared to the audit",
    ]


def test_a_replay_reads_the_logs_as_the_benchmark_does(filed: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """README's figure is that of `LogRecorder.events`: no other reader of a log may be left."""
    events, pages = LogRecorder.events, LogRecorder.bodies_after
    read: list[str] = []

    def counted(log: LogRecorder, after: int = 0) -> Iterator[RecordedEvent]:
        read.append(log.schema)
        with monkeypatch.context() as inside:
            inside.setattr(LogRecorder, "bodies_after", pages, raising=False)
            found = list(events(log, after))
        return iter(found)

    monkeypatch.setattr(LogRecorder, "events", counted)
    monkeypatch.delattr(LogRecorder, "bodies_after")
    assert assembly.replay(filed.settings, None, None, check=True)["differences"] == []
    assert sorted(read) == sorted(assembly.NAMES)


def test_a_replay_stops_at_the_place_that_a_log_lacks(filed: Hub, owner: "psycopg.Connection[Any]") -> None:
    owner.execute("ALTER TABLE education.events DISABLE TRIGGER USER")
    for position, lacks in ((2, 2), (1, 1)):
        owner.execute("DELETE FROM education.events WHERE position = %s", (position,))
        with pytest.raises(audit.LogHasGap) as found:
            assembly.replay(filed.settings, None, None, check=False)
        assert f"lacks record {lacks};" in found.value.en


def test_a_replay_leaves_nothing_behind(filed: Hub, owner: "psycopg.Connection[Any]") -> None:
    differences(filed.settings)
    assert owner.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replay%'").fetchall() == []


ONE = "(SELECT min(person) FROM family_case_views.spans)"
CHANGES = {
    "families": "UPDATE family_case_views.families SET division = '421202' WHERE position = 1",
    "places": f"UPDATE family_case_views.places SET family = '{UNOPENED}' WHERE key = {ONE}",
    "spans": f"UPDATE family_case_views.spans SET begins = '1999-01-01' WHERE person = {ONE}",
    "statements": "UPDATE family_case_views.statements SET root = 900 WHERE position = 1",
    "named": f"UPDATE family_case_views.named SET key = '{NOBODY}' WHERE key = {ONE}",
    "flagged": "UPDATE family_case_views.flagged SET flag = 'merge_conflict'",
    "entries": "UPDATE family_case_views.entries SET about = 'organisation' WHERE log = 'finance' AND position = 1",
    "waiting": "UPDATE family_case_views.waiting SET reason = 'filing_failed'",
    "mentions": "UPDATE family_case_views.mentions SET key = 'JG.0001' WHERE kind = 'event'",
}
BODIES = "UPDATE family_case_views.waiting SET body = body || ' '"
REMOVALS = {
    table.name: f"DELETE FROM family_case_views.{table.name} "
    f"WHERE ctid = (SELECT max(ctid) FROM family_case_views.{table.name} WHERE {table.where})"
    for table in PROJECTED
}
EXTRAS = {
    "families": f"VALUES ('{UNOPENED}', 'education', 1, '{NOBODY}', NULL, '{UNOPENED}', false)",
    "places": f"VALUES ('{NOBODY}', '{UNOPENED}', 'education', 1)",
    "spans": f"VALUES ('{NOBODY}', '{UNOPENED}', '2025-01-01', NULL, 'joined', 'education', 1, '')",
    "statements": "VALUES ('education', 900, 900, 'x')",
    "named": f"VALUES ('{NOBODY}', 'education', 900)",
    "flagged": "VALUES ('education', 900, 'merges_nobody_known')",
    "entries": f"VALUES ('education', 900, 900, '{NOBODY}', NULL, NULL, NULL)",
    "waiting": f"VALUES ('nowhere', 1, 'unknown_type', '{NOBODY}', 'x')",
    "mentions": f"VALUES ('process', '{NOBODY}', 'education', 1)",
}


def test_every_declared_table_is_tampered_with() -> None:
    assert {table.name for table in PROJECTED} == CHANGES.keys() == EXTRAS.keys()


@pytest.mark.parametrize("table", CHANGES)
def test_a_replay_finds_a_changed_row(filed: Hub, owner: "psycopg.Connection[Any]", table: str) -> None:
    assert owner.execute(CHANGES[table]).rowcount >= 1
    assert [found for found in differences(filed.settings) if found.startswith(f"{table}: ")]


@pytest.mark.parametrize("table", REMOVALS)
def test_a_replay_finds_a_removed_row(filed: Hub, owner: "psycopg.Connection[Any]", table: str) -> None:
    assert owner.execute(REMOVALS[table]).rowcount == 1
    [found] = [found for found in differences(filed.settings) if found.startswith(f"{table}: ")]
    assert "only in the rebuilt" in found


@pytest.mark.parametrize("table", EXTRAS)
def test_a_replay_finds_an_extra_row(filed: Hub, owner: "psycopg.Connection[Any]", table: str) -> None:
    owner.execute(f"INSERT INTO family_case_views.{table} {EXTRAS[table]}".encode())
    [found] = [found for found in differences(filed.settings) if found.startswith(f"{table}: ")]
    assert "only in the live" in found
    assert NOBODY not in found


def test_a_replay_finds_changed_bytes_of_a_waiting_event(filed: Hub, owner: "psycopg.Connection[Any]") -> None:
    owner.execute(BODIES)
    assert len(differences(filed.settings)) == 2


def test_what_arrives_after_the_replay_began_is_no_difference(filed: Hub) -> None:
    upto = {source["log"]: source["received"] for source in filed.queries.sources()}
    [entries] = [table for table in PROJECTED if table.name == "entries"]
    before = audit._rows(filed.queries, entries, upto)
    filed.tell(event("disability_federation.needs_surveyed", {"surveyor": "专干", "needs": ["REHAB"]}))
    assert audit._rows(filed.queries, entries, upto) == before
    assert filed.rows("SELECT count(*) FROM {views}.entries") == [(len(before) + 1,)]


# -- verify


def test_verify_finds_nothing_on_a_clean_installation(filed: Hub, tmp_path: Path) -> None:
    counts, found = assembly.verify(filed.settings, tmp_path)
    assert found == []
    assert counts["family_case"] == 100, "101 received, one of them of an unknown type"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("body = convert_to(replace(convert_from(body, 'UTF8'), '\"left\"', '\"both\"'), 'UTF8')", "leaf_differs"),
        ("leaf = sha256('x')", "leaf_differs"),
        ("stream = family_case.stream_of('organisation')", "column_differs"),
        ("name = family_case.name_of('urn:yihu:family_case', 'education/900')", "column_differs"),
        ("body = 'x'", "not_a_record"),
    ],
)
def test_verify_finds_a_changed_row_of_the_case_log(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path, change: str, code: str
) -> None:
    [(position,)] = filed.rows(
        "SELECT filed.position FROM {case}.events filed WHERE encode(body, 'escape') LIKE '%%\"id\":\"a-026\"%%'"
    )
    owner.execute(f"UPDATE family_case.events SET {change} WHERE position = %s".encode(), (position,))
    assert ("family_case", position, code) in findings(filed.settings, tmp_path)


def test_verify_finds_a_filed_copy_that_was_changed_with_its_hash(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    row = owner.execute("SELECT body FROM family_case.events WHERE position = 5").fetchone()
    assert row is not None
    body = row[0].replace(b'"loggedtime":"20', b'"loggedtime":"19', 2)
    assert body != row[0]
    owner.execute("UPDATE family_case.events SET body = %s, leaf = %s WHERE position = 5", (body, leaf_hash(body)))
    assert ("family_case", 5, "filed_differs") in findings(filed.settings, tmp_path)


def test_verify_finds_an_event_that_is_filed_twice(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    copy = (
        "INSERT INTO family_case.events SELECT position + 97, stream, subject, target, gen_random_uuid(), "
        "900, body, leaf FROM family_case.events WHERE position = 4"
    )
    owner.execute(copy)
    assert ("family_case", 101, "filed_twice") in findings(filed.settings, tmp_path)


def test_verify_finds_a_received_event_that_is_not_filed(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    [(log, position, last)] = filed.rows(
        "SELECT e.log, e.position, filed.position FROM {case}.events filed JOIN {views}.entries e "
        "ON filed.position = e.filed ORDER BY filed.position DESC LIMIT 1"
    )
    owner.execute("DELETE FROM family_case.events WHERE position = %s", (last,))
    assert findings(filed.settings, tmp_path) == {(log, position, "not_filed")}


def test_verify_finds_a_waiting_event_that_was_taken_away(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    [(log, position)] = filed.rows("SELECT log, position FROM {views}.waiting")
    owner.execute("DELETE FROM family_case_views.waiting")
    assert findings(filed.settings, tmp_path) == {(log, position, "not_filed")}


def test_verify_finds_an_inbox_that_was_changed(filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path) -> None:
    owner.execute("UPDATE family_case.inbox SET leaf = sha256('x') WHERE log = 'finance' AND position = 2")
    found = findings(filed.settings, tmp_path)
    assert ("finance", 2, "copy_differs") in found
    assert {code for _, _, code in found} == {"copy_differs", "filed_differs"}


def test_verify_finds_a_row_missing_from_the_inbox(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    owner.execute("DELETE FROM family_case.inbox WHERE log = 'finance' AND position = 2")
    assert ("finance", 2, "position_missing") in findings(filed.settings, tmp_path)


def test_verify_finds_an_invented_event_in_inbox_and_case(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    [(last,)] = filed.rows("SELECT max(position) + 1 FROM {case}.inbox WHERE log = 'finance'")
    leaf = leaf_hash(canonical({"invented": True}))
    owner.execute("INSERT INTO family_case.inbox VALUES ('finance', %s, %s)", (last, leaf))
    assert {("finance", last, "log_truncated"), ("finance", last, "not_filed")} <= findings(filed.settings, tmp_path)


def test_verify_finds_a_waiting_event_that_was_changed_or_never_received(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    [(log, position)] = filed.rows("SELECT log, position FROM {views}.waiting")
    owner.execute("UPDATE family_case_views.waiting SET body = body || ' '")
    assert findings(filed.settings, tmp_path) == {(log, position, "waiting_differs")}
    owner.execute("DELETE FROM family_case.inbox WHERE log = %s AND position = %s", (log, position))
    assert findings(filed.settings, tmp_path) == {(log, position, "not_received")}


def test_verify_finds_a_far_inbox_row_in_one_finding(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    owner.execute("INSERT INTO family_case.inbox VALUES ('finance', %s, sha256('x'))", (2**62,))
    assert {(2**62, "log_truncated"), (2**62, "not_filed")} < {
        (position, code) for log, position, code in findings(filed.settings, tmp_path) if log == "finance"
    }


def test_verify_finds_a_seen_checkpoint_that_was_changed_or_that_its_log_no_longer_keeps(
    filed: Hub, owner: "psycopg.Connection[Any]", tmp_path: Path
) -> None:
    finance = filed.made.get("finance") or filed.departments("finance")
    note = checkpoints.current(finance.recorder, finance.signer)
    size = finance.recorder.max_notification_id()
    owner.execute("INSERT INTO family_case.checkpoints_seen VALUES ('finance', %s, %s)", (size, note))
    assert findings(filed.settings, tmp_path) == set()
    owner.execute("ALTER TABLE family_case.checkpoints_seen DISABLE TRIGGER USER")
    owner.execute("ALTER TABLE finance.checkpoints DISABLE TRIGGER USER")
    owner.execute("UPDATE family_case.checkpoints_seen SET log = 'finanse'")
    assert findings(filed.settings, tmp_path) == {("finanse", size, "checkpoint_forged")}
    owner.execute("UPDATE family_case.checkpoints_seen SET log = 'finance', size = 1")
    assert ("finance", size, "checkpoint_row_differs") in findings(filed.settings, tmp_path)
    owner.execute("UPDATE family_case.checkpoints_seen SET size = %s", (size,))
    owner.execute("DELETE FROM finance.checkpoints")
    assert findings(filed.settings, tmp_path) == {("finance", size, "checkpoint_missing")}


# -- receipts


def test_a_receipt_that_is_being_written_is_not_read_and_a_damaged_one_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "finance.jsonl"
    lines = [b'{"position": 1}\n', b"\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"[1]\n", b'{"position": 2}\n']
    path.write_bytes(b"".join(lines) + b'{"position": 3, "id": "x')
    assert list(audit.read_receipts(path)) == [(1, {"position": 1}), (3, {}), (4, {}), (5, {}), (6, {"position": 2})]
    path.write_bytes(b'{"position": 1}\n{"position": 2}x')
    assert list(audit.read_receipts(path)) == [(1, {"position": 1}), (2, {})], "that is not a beginning"
    assert list(audit.read_receipts(tmp_path / "none.jsonl")) == []


def test_what_is_written_after_the_receipts_were_asked_for_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "finance.jsonl"
    path.write_bytes(b'{"position": 1}\n')
    asked = audit.read_receipts(path)
    with path.open("ab") as file:
        file.write(b'{"position": 2}\n')
    assert [receipt["position"] for _, receipt in asked] == [1]
