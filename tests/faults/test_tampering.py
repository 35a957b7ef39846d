"""The owner of the database changes it as he likes, triggers off: `yihu verify` says so, and where."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.family_case import audit
from services.processes import assembly
from shared.keys.files import Keys
from shared.keys.signing import Verifier
from shared.log.evidence import Tree
from shared.log.verify import Finding
from shared.settings import Settings
from tests.faults.tools.fresh import Auditor, fresh_database, keep_receipts
from tests.faults.tools.proof import Proof
from tests.faults.tools.simulation import Simulation
from tests.faults.tools.tampering import (
    CASE,
    COLUMNS,
    INDEXED,
    STRUCTURAL,
    TABLES,
    Done,
    Tables,
    any_bit,
    bits,
    flip,
    origin_of,
    rewrite,
    truncate,
)
from tests.faults.tools.workload import stories
from tests.world import event, from_the_future, story

LONER = "421299201108080114"
"""Belongs to no family, so that something waits."""


@dataclass(frozen=True)
class Filed:
    """A whole installation with both stories: its database to copy, its tables now and as they were, its receipts."""

    template: str
    now: Tables
    before: Tables
    receipts: Path
    verifiers: dict[str, Verifier]

    @property
    def filled(self) -> list[str]:
        """The tables that have rows to tamper with."""
        return [table for table in (*TABLES, *INDEXED) if self.now.rows[table]]

    def findings(self, tables: Tables, receipts: Path | None = None) -> set[Finding]:
        """Verify other tables with the same receipts."""
        return tables.findings(self.verifiers, receipts or self.receipts)


@pytest.fixture(scope="module")
def filed(postgres: str, template: str, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Filed:
    """Let seven departments and a family case live through both stories, amid mishaps."""
    registered = {"school_year": 2025, "source": "match", "current_status": "未入学"}
    events = [*story("a"), *story("b"), event("education.school_age_child_registered", registered, LONER)]
    with psycopg.connect(postgres, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE template_tampered TEMPLATE {template}".encode())
    address = psycopg.conninfo.make_conninfo(postgres, dbname="template_tampered")
    settings = Settings(address, "memory://", keys, "http://127.0.0.1:9", allow_test_regions=True)
    receipts = tmp_path_factory.mktemp("tampering") / "receipts"
    states = []
    for part in (events[:70], events[70:]):
        simulation = Simulation(settings, part, "tampering").run()
        keep_receipts(receipts, simulation.checker.receipts.values())
        if not states:  # something of a type that nobody knows, so that something waits
            education = assembly.department("education", settings)
            keep_receipts(receipts, [education.receipt(from_the_future(education))])
            education.database.close()
            education.ring._database.close()
        states.append(Tables.read(address))
    verifiers = {name: Keys(keys).verifier(name) for name in assembly.SERVICES}
    found = Filed("template_tampered", states[1], states[0], receipts, verifiers)
    assert {*TABLES, "disability_federation.lookups"} <= {*found.filled}, "nothing to tamper with in a table"
    assert found.findings(found.now) == set()
    return found


@pytest.fixture
def owner(postgres: str, filed: Filed, keys: Path) -> Iterator[tuple["psycopg.Connection[Any]", Settings]]:
    """Be the superuser of a copy: triggers and constraints off."""
    with fresh_database(postgres, filed.template, keys) as settings:
        address = psycopg.conninfo.make_conninfo(settings.database_url, user="postgres")
        with psycopg.connect(address, autocommit=True) as superuser:
            superuser.execute("SET session_replication_role = replica")
            for table in (*TABLES, *INDEXED):
                for (name,) in superuser.execute(
                    "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype <> 'n'", (table,)
                ).fetchall():
                    superuser.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
            superuser.execute("ALTER TABLE family_case_views.waiting ALTER reason DROP NOT NULL")
            yield superuser, settings


def named(findings: set[Finding], log: str) -> list[int]:
    return sorted(found.position for found in findings if found.log == log)


# -- bits


def test_any_single_bit_of_any_column_of_any_log_inbox_or_checkpoint_is_found_at_its_place(
    filed: Filed, proof: Proof
) -> None:
    kinds: Counter[str] = Counter()
    for number in range(proof.of(150, 5_000)):
        tables = filed.now.copy()
        done = any_bit(tables, proof.random, filed.filled[number % len(filed.filled)])
        findings = filed.findings(tables)
        assert done.located(findings), (done, findings)
        kinds[done.table.rpartition(".")[2]] += 1
    proof.note(bits=number + 1, located=number + 1, **{f"of_{kind}": count for kind, count in kinds.items()})


def test_every_bit_of_every_column_of_a_row_is_found_at_its_place(filed: Filed, proof: Proof) -> None:
    """Without the receipts, and without the other logs: what is slow in verifying need not be asked."""
    tried = 0
    rows = [("education.events", 3), (f"{CASE}.events", 40), ("hrss.checkpoints", 0), (f"{CASE}.inbox", 9)]
    rows += [("disability_federation.lookups", 2), (f"{CASE}.checkpoints_seen", 5), (f"{CASE}_views.waiting", 0)]
    rows += [("finance.events", 0)]
    for table, number in rows[: proof.of(7, 8)]:
        log, _, kind = table.partition(".")
        only = log if kind in {"events", "lookups", "checkpoints"} else ""
        for place, column in enumerate(COLUMNS[table.rpartition(".")[2]]):
            value = filed.now.rows[table][number][place]
            for bit in range(0, bits(column, value), proof.of(181, 1)):
                tables = Tables(filed.now.rows | {table: [list(row) for row in filed.now.rows[table]]})
                done = flip(tables, table, number, column, bit)
                if done is not None:
                    assert done.located(tables.findings(filed.verifiers, None, only)), done
                    tried += 1
    proof.note(rows=len(rows), bits=tried, located=tried)


def test_any_single_bit_of_a_receipt_is_found_at_its_line(filed: Filed, proof: Proof, tmp_path: Path) -> None:
    tried = 0
    for path in sorted(filed.receipts.glob("*.jsonl")):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for _ in range(proof.of(50, 2_000)):
        log = proof.random.choice(list(assembly.NAMES))
        path = tmp_path / f"{log}.jsonl"
        kept = path.read_bytes()
        bit = proof.random.randrange(len(kept) * 8)
        changed = bytearray(kept)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        checked = audit.check_department(
            log, filed.now.book(log), filed.now.copies(), audit.read_receipts(path), filed.verifiers[log]
        )
        line = kept.count(b"\n", 0, bit // 8) + 1
        assert [found for found in checked.findings if f"ine {line}" in found.en], (log, bit, checked.findings)
        tried += 1
        path.write_bytes(kept)
    proof.note(bits=tried, located=tried)


# -- rows


@pytest.mark.parametrize("tamper", STRUCTURAL, ids=lambda tamper: tamper.__name__)
def test_a_row_deleted_inserted_doubled_moved_or_rewritten_is_found_where_it_begins(
    filed: Filed, proof: Proof, tamper: Callable[[list[Any], random.Random], int]
) -> None:
    logs = [log for log in assembly.SERVICES if len(filed.now.events(log)) > 1] * proof.of(1, 25)
    for log in logs:
        tables = filed.now.copy()
        rows = tables.events(log)
        first = tamper(rows, proof.random)
        found = filed.findings(tables)
        if log == CASE:
            assert located_in_the_case_log(filed, found, first), (tamper, first, found)
        else:
            assert named(found, log)[0] == first, (tamper, log, first, found)
    proof.note(tampers=len(logs), located=len(logs))


def located_in_the_case_log(filed: Filed, findings: set[Finding], first: int) -> bool:
    """Nobody keeps copies of the case log: a place is named by itself, by its origin, or by the next checkpoint."""
    origins = {row[0]: origin_of(row) for row in filed.now.events(CASE)}
    upto = min([row[0] for row in filed.now.rows[f"{CASE}.checkpoints"] if row[0] >= first], default=first)
    return any(
        (found.log == CASE and first <= found.position <= upto) or f"{found.log}/{found.position}" == origins.get(first)
        for found in findings
    )


@pytest.mark.parametrize("log", assembly.NAMES)
def test_a_log_cut_back_with_its_checkpoints_is_found_by_the_case_and_by_receipts(
    filed: Filed, proof: Proof, log: str
) -> None:
    """Cut back together with everything that the family case keeps of it, by the receipts alone."""
    tables = filed.now.copy()
    first = truncate(tables.events(log), proof.random)
    own = tables.rows[f"{log}.checkpoints"]
    own[:] = [row for row in own if row[0] < first]
    without = filed.findings(tables, filed.receipts / "none")
    assert {(found.position, found.code) for found in without if found.log == log} >= {(first, "log_truncated")}
    for table in (f"{CASE}.inbox", f"{CASE}.checkpoints_seen", f"{CASE}_views.waiting"):
        tables.rows[table] = [row for row in tables.rows[table] if row[0] != log or row[1] < first]
    with_receipts = {found.position for found in filed.findings(tables) if found.code == "log_truncated"}
    assert with_receipts == set(range(first, len(filed.now.events(log)) + 1))
    proof.note(cut_off_from=first, located=len(with_receipts))


def test_an_old_dump_of_one_log_or_of_everything_is_found_at_the_first_record_it_lacks(
    filed: Filed, proof: Proof
) -> None:
    rolled_back = 0
    grown = [log for log in assembly.NAMES if len(filed.now.events(log)) > len(filed.before.events(log))]
    assert len(grown) > 3
    for log in grown:
        own = {table: rows for table, rows in filed.before.copy().rows.items() if table.startswith(f"{log}.")}
        found = filed.findings(Tables(filed.now.copy().rows | own))
        assert named(found, log)[0] == len(filed.before.events(log)) + 1
        assert "log_truncated" in {one.code for one in found}
        rolled_back += 1
    found = filed.findings(filed.before)
    for log in grown:
        lacking = range(len(filed.before.events(log)) + 1, len(filed.now.events(log)) + 1)
        assert named(found, log) == list(lacking), "the receipts alone tell"
    assert filed.findings(filed.before, filed.receipts / "none") == set(), "without receipts nothing tells"
    proof.note(rolled_back=rolled_back + 1, located=rolled_back + 1)


def test_a_past_signed_anew_with_a_stolen_key_is_found_by_what_others_keep(
    filed: Filed, proof: Proof, keys: Path
) -> None:
    for log in assembly.NAMES:
        tables = filed.now.copy()
        rows = tables.events(log)
        first = rewrite(rows, proof.random)
        signer, tree = Keys(keys).signer(log), Tree()
        anew = []
        for row in rows:
            tree.append(row[-2])
            anew.append([tree.size, signer.checkpoint(tree.size, tree.root), list(tree.peaks)])
        tables.rows[f"{log}.checkpoints"] = anew
        found = filed.findings(tables)
        assert {one.code for one in found if one.log == log and one.position == first} >= {
            "copy_differs",
            "receipt_differs",
        }
    proof.note(stolen_keys=len(assembly.NAMES), located=len(assembly.NAMES))


# -- the same in a real database


def test_the_same_is_found_in_the_database_itself(
    filed: Filed, owner: tuple["psycopg.Connection[Any]", Settings], proof: Proof
) -> None:
    superuser, settings = owner
    chance, tampered = proof.random, 0
    with Auditor(settings, filed.receipts) as auditor:
        assert auditor.findings() == []
        for _ in range(proof.of(12, 300)):
            tables = filed.now.copy()
            if chance.randrange(3):
                done = any_bit(tables, chance, chance.choice(filed.filled))
            else:
                log = chance.choice([name for name in assembly.SERVICES if len(tables.events(name)) > 2])
                first = chance.choice(STRUCTURAL)(tables.events(log), chance)
                done = Done("rows", f"{log}.events", frozenset({(log, first)}))
            tables.write(superuser, done.table)
            found = set(auditor.findings())
            assert found == filed.findings(tables), done
            assert found, done
            filed.now.write(superuser, done.table)
            tampered += 1
        assert auditor.findings() == []
    proof.note(tampered=tampered, located=tampered)


def test_yihu_verify_names_log_and_position(filed: Filed, owner: tuple["psycopg.Connection[Any]", Settings]) -> None:
    superuser, settings = owner
    superuser.execute("UPDATE education.events SET body = set_bit(body, 99, 1 - get_bit(body, 99)) WHERE position = 2")
    counts, found = assembly.verify(settings, filed.receipts)
    assert counts["education"] == len(filed.now.events("education"))
    assert ("education", 2, "leaf_differs") in {(one.log, one.position, one.code) for one in found}


# -- no false alarm


class Audited(Simulation):
    """Can be verified at any time, with every receipt given so far."""

    def __init__(self, *arguments: Any, directory: Path, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.directory = directory
        self.auditor = Auditor(self.settings, directory)
        self.verified = 0

    def send(self, name: str) -> None:
        """Keep a receipt as soon as it is there."""
        before = set(self.checker.receipts)
        super().send(name)
        keep_receipts(self.directory, [self.checker.receipts[new] for new in self.checker.receipts.keys() - before])

    def verify(self) -> None:
        """Find nothing."""
        assert self.auditor.findings() == []
        self.verified += 1


class Watched(Audited):
    """Verifies after every step, or every few."""

    every = 1
    steps = 0

    def _survives(self, *arguments: Any) -> bool:
        came_through = super()._survives(*arguments)
        self.steps += 1
        if self.steps % self.every == 0:
            self.verify()
        return came_through


def test_no_state_on_the_way_through_any_mishap_is_a_false_alarm(
    postgres: str, template: str, keys: Path, proof: Proof, tmp_path: Path
) -> None:
    """With events that wait, are corrected, withdrawn, of an unknown person, quarantined, or half delivered."""
    verified = quarantined = waited = 0
    for number in range(proof.of(1, 20)):
        events = [*story("a")[:30], *stories(proof.random, 30)]
        with fresh_database(postgres, template, keys) as settings:
            run = Watched(settings, events, f"{proof.seed} {number}", directory=tmp_path / str(number))
            run.every = proof.of(6, 1)
            with run.auditor:
                run.run()
            verified += run.verified
            quarantined += run.met["spoilt"]
            waited += run.checker.check(settings).waiting
    assert verified > 10
    proof.note(clean_verifications=verified, false_alarms=0, spoilt_messages=quarantined, waiting_at_the_end=waited)


def test_verifying_while_events_arrive_is_no_false_alarm(
    postgres: str, template: str, keys: Path, proof: Proof, tmp_path: Path
) -> None:
    with fresh_database(postgres, template, keys) as settings:
        run = Audited(settings, stories(proof.random, proof.of(120, 2_500)), proof.seed, mishaps=0, directory=tmp_path)
        sending = threading.Thread(target=run.run)
        sending.start()
        with run.auditor:
            while sending.is_alive():
                run.verify()
            run.verify()
        sending.join()
        assert run.converged
    proof.note(clean_verifications=run.verified, false_alarms=0, events=len(run.sent))
