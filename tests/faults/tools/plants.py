"""Faults to plant into the program, one at a time, and which checker must then complain.

A checker that has never complained is untested. Each plant replaces public parts of the program, or of its schema, by
ones with a mistake that somebody could make; the same run without it must hold.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

import shared.log.evidence
import shared.log.verify
from services.family_case import audit, filing, reading, waiting
from services.family_case.consumer import Consumer
from services.family_case.domain import NO_FAMILY, Arrival
from services.family_case.entries import Entries
from services.family_case.filing import FamilyCases
from services.family_case.reading import Found, Queries
from services.processes import assembly
from shared.bus.broker import Delivery
from shared.bus.relay import Relay
from shared.door import department
from shared.door.department import Department
from shared.door.memory import Memory
from shared.door.sameness import Sameness
from shared.keys.ring import KeyRing
from shared.keys.signing import SUITE, Signer, Verifier
from shared.log import checkpoints
from shared.log import recorder as log
from shared.log.evidence import Tree
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from shared.settings import Settings
from tests.faults.tools.touches import Crash

Patch = pytest.MonkeyPatch
Planting = Callable[[Patch, Settings], None]
PLANTS: list["Plant"] = []


@dataclass(frozen=True)
class Plant:
    """A fault: how it is planted, in which kind of run, and who must complain, each of them.

    A fault in what reads is still there when the run is examined; one in what writes is not.
    """

    name: str
    plant: Planting
    complains: tuple[str, ...]
    kind: str = "any disorder"
    reads: bool = False


def plant(
    name: str, *complains: str, kind: str = "any disorder", reads: bool = False
) -> Callable[[Planting], Planting]:
    """Add a fault to the table."""

    def add(planting: Planting) -> Planting:
        PLANTS.append(Plant(name, planting, complains, kind, reads))
        return planting

    return add


def drop_keys(settings: Settings, *tables: str) -> None:
    """Take away what keeps rows apart."""
    with psycopg.connect(settings.database_url, autocommit=True) as owner:
        for table in tables:
            query = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')"
            for (name,) in owner.execute(query, (table,)).fetchall():
                owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())


LOGS = [f"{name}.events" for name in assembly.NAMES]


# -- at the department


@plant("the receipt goes out before the commit", "lost")
def receipt_before_commit(patch: Patch, _: Settings) -> None:
    genuine, calls = Department.receive, iter(range(10**9))

    def receive(self: Department, submission: Any) -> Any:
        with self.database.transaction():
            answer = genuine(self, submission)
            if next(calls) % 7 == 6:
                raise psycopg.Rollback  # the process dies here, and the sender has its receipt
        return answer

    patch.setattr(Department, "receive", receive)


@plant("positions come from a sequence, outside the lock", "verify position_missing", kind="appends fail")
def position_from_a_sequence(_: Patch, settings: Settings) -> None:
    with psycopg.connect(settings.database_url, autocommit=True) as owner:
        for name in assembly.NAMES:
            owner.execute(f"CREATE SEQUENCE {name}.places".encode())
            owner.execute(f"GRANT USAGE ON SEQUENCE {name}.places TO yihu_{name}".encode())
            found = owner.execute("SELECT pg_get_functiondef(%s::regproc)", (f"{name}.append",)).fetchone()
            source = found[0] if found else ""
            planted = source.replace("last + row.n", "last + row.n - 1").replace("RETURN last + 1", "RETURN last")
            maximum = f"coalesce(max(position), 0) INTO last FROM {name}.events"
            assert maximum in planted
            owner.execute(planted.replace(maximum, f"nextval('{name}.places') INTO last").encode())


def forgets_names(genuine: Callable[..., None]) -> Callable[..., None]:
    def add(self: Memory, *record: Any) -> None:
        genuine(self, *record)
        self.by_name.clear()

    return add


@plant("the same event sent again is recorded again", "duplicated", "verify id_twice")
def not_idempotent(patch: Patch, settings: Settings) -> None:
    patch.setattr(LogRecorder, "known", lambda *_: {})
    patch.setattr(Memory, "add", forgets_names(Memory.add))
    patch.setattr(Sameness, "fact_on_record", lambda *_: None)
    drop_keys(settings, *LOGS)


@plant("the same id with other content gets the old receipt", "no conflict")
def no_conflict(patch: Patch, _: Settings) -> None:
    patch.setattr(Sameness, "holds", lambda *_: True)


@plant("a receipt names the next position", "lost", "verify receipt_differs")
def wrong_position(patch: Patch, _: Settings) -> None:
    genuine = Signer.receipts
    wrong = lambda many: [facts | {"position": facts["position"] + 1} for facts in many]  # noqa: E731
    patch.setattr(Signer, "receipts", lambda self, many: genuine(self, wrong(many)))


@plant("a sealed field is stored in clear", "canary")
def not_sealed(patch: Patch, _: Settings) -> None:
    def seal_all(self: KeyRing, items: list[tuple[str, tuple[str, ...], str]]) -> list[dict[str, str]]:
        del self
        return [
            {"sealed": SUITE, "key": "0", "value": base64.b64encode(text.encode()).decode()} for _, _, text in items
        ]

    patch.setattr(KeyRing, "seal_all", seal_all)


# -- on the way


@plant("the relay marks before the broker confirms", "not converged", "lost", kind="only the bus, in order")
def marked_before_confirmed(patch: Patch, _: Settings) -> None:
    """Doors that are asked would heal it; so they are not."""
    genuine = Relay.step

    def step(self: Relay) -> bool:
        writer = self.writer
        held: list[tuple[Delivery, str]] = []
        self.writer = _Later(held)  # type: ignore[assignment]
        try:
            more = genuine(self)
        finally:
            self.writer = writer
        for message in held:
            writer.publish(*message)
        return more

    patch.setattr(Relay, "step", step)


class _Later:
    """Says that it published, and only holds."""

    def __init__(self, held: list[tuple[Delivery, str]]) -> None:
        self.held = held

    def publish(self, delivery: Delivery, key: str) -> None:
        self.held.append((delivery, key))


@plant(
    "a batch is acknowledged though its filing failed",
    "not converged",
    "lost",
    kind="only the bus, and the case dies often",
)
def acknowledged_all_the_same(patch: Patch, _: Settings) -> None:
    genuine = Consumer.handle

    def handle(self: Consumer, deliveries: list[Delivery]) -> None:
        try:
            genuine(self, deliveries)
        except Crash:
            return

    patch.setattr(Consumer, "handle", handle)


@plant("whoever reaches the bus may file", "verify copy_differs", kind="a stranger writes")
def nobody_has_to_sign(patch: Patch, _: Settings) -> None:
    patch.setattr(Verifier, "holds", lambda *_: True)


# -- in the case


@plant("what was delivered twice is filed twice", "duplicated", "verify filed_twice")
def no_inbox(patch: Patch, settings: Settings) -> None:
    _received_is(patch, lambda received, first: min(received, first - 1))
    drop_keys(settings, f"{CASE}.inbox", f"{CASE}.events", f"{CASE}_views.entries", f"{CASE}_views.waiting")


@plant("what lies before a gap counts as received", "lost", "verify position_missing", "histories")
def gap_skipped(patch: Patch, _: Settings) -> None:
    _received_is(patch, lambda received, first: max(received, first - 1))


CASE = "family_case"


def _received_is(patch: Patch, answer: Callable[[int, int], int]) -> None:
    """Let the case believe something else of how far a log is received while it receives."""
    genuine, begin = FamilyCases.receive_all, FamilyCases._begin

    def receive_all(self: FamilyCases, batches: Mapping[str, Iterable[Any]]) -> dict[str, int]:
        found = {name: list(events) for name, events in batches.items()}
        reached = {name: self.received(name) for name in found}
        believed = {name: answer(reached[name], some[0].position) if some else 0 for name, some in found.items()}
        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(self, "_begin", lambda tx, logs: begin(self, tx, logs) and dict(believed))
            return genuine(self, found)

    patch.setattr(FamilyCases, "receive_all", receive_all)


@plant("inbox and case each have a transaction of their own", "lost", "verify not_filed", kind="the case dies often")
def two_transactions(patch: Patch, _: Settings) -> None:
    genuine = Database.transaction

    @contextmanager
    def transaction(self: Database) -> Iterator[Any]:
        with self.connection() if self.schema == CASE else genuine(self) as found:
            yield found

    patch.setattr(Database, "transaction", transaction)


@plant("read models are changed outside the transaction", "replay", kind="the case dies often")
def read_models_outside(patch: Patch, settings: Settings) -> None:
    genuine = Entries.note

    def note(self: Entries, _: Any, *arguments: Any) -> Any:
        with psycopg.connect(settings.database_url, autocommit=True, options="-c lock_timeout=500") as another:
            return genuine(self, another, *arguments)

    patch.setattr(Entries, "note", note)


@plant("what waits for its person is dropped", "lost", "verify not_filed")
def waiting_dropped(patch: Patch, _: Settings) -> None:
    genuine = FamilyCases._file

    def _file(self: FamilyCases, tx: Any, arrivals: Sequence[Arrival]) -> None:
        found = tx.execute("SELECT key FROM family_case_views.places WHERE family IS NOT NULL").fetchall()
        known = {NO_FAMILY, *(key for (key,) in found)}
        genuine(self, tx, [one for one in arrivals if one.states or one.event.target or one.about in known])

    patch.setattr(FamilyCases, "_file", _file)


@plant("a history is in the order of arrival", "histories", reads=True)
def ordered_by_arrival(patch: Patch, _: Settings) -> None:
    genuine = Queries._find

    def find(self: Queries, *arguments: Any) -> Found:
        found = genuine(self, *arguments)
        arrived = dict(self.database.all("SELECT id, position FROM family_case.records"))
        return Found(
            found.family,
            sorted(found.entries, key=lambda entry: arrived[entry.arrival.key]),
            found.people,
            found.flagged,
        )

    patch.setattr(Queries, "_find", find)


@plant("a history is in the order of what happened", "histories", "reordered", reads=True)
def ordered_by_happening(patch: Patch, _: Settings) -> None:
    genuine = reading.history
    patch.setattr(
        reading, "history", lambda *asked: sorted(genuine(*asked), key=lambda entry: entry.attributes["time"])
    )


# -- in the evidence


@plant("the leaf hash leaves a field out", "lost", "tree", "unseen: content changed", reads=True)
def leaf_without_a_field(patch: Patch, _: Settings) -> None:
    genuine = shared.log.evidence.leaf_hash
    _everywhere(patch, "leaf_hash", lambda body: genuine(body.partition(b',"dataschema"')[2]))


@plant("two records may change places", "tree", "unseen: places changed", reads=True)
def position_not_bound(patch: Patch, _: Settings) -> None:
    genuine = shared.log.evidence.node_hash
    patch.setattr(shared.log.evidence, "node_hash", lambda left, right: genuine(*sorted((left, right))))


@plant("a checkpoint does not cover the last record", "tree", "unseen: last record deleted", reads=True)
def checkpoint_one_short(patch: Patch, _: Settings) -> None:
    def current(recorder: LogRecorder, signer: Signer) -> str:
        schema, tree = recorder.schema, Tree()
        leaves = recorder.database.all(f"SELECT leaf FROM {schema}.events ORDER BY position")  # noqa: S608
        tree.extend(row[0] for row in leaves[:-1])
        note = signer.checkpoint(tree.size, tree.root)
        with recorder.database.transaction() as tx:
            statement = f"INSERT INTO {schema}.checkpoints VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608
            tx.execute(statement.encode(), (tree.size, tree.peaks, note))
        return note

    patch.setattr(checkpoints, "current", current)


@plant("verifying trusts the stored hash", "unseen: content changed", reads=True)
def stored_hash_trusted(patch: Patch, settings: Settings) -> None:
    leaves: dict[tuple[str, str], bytes] = {}

    def stored(body: bytes) -> bytes:
        if not leaves:
            with psycopg.connect(settings.database_url) as owner:
                for name in assembly.SERVICES:
                    for source, id_, leaf in owner.execute(f"SELECT source, id, leaf FROM {name}.records".encode()):  # noqa: S608
                        leaves[source, id_] = leaf
        filed = json.loads(body)
        return leaves[filed["source"], filed["id"]]

    patch.setattr(shared.log.verify, "leaf_hash", stored)


def _everywhere(patch: Patch, name: str, planted: Any) -> None:
    modules = [
        shared.log.evidence,
        shared.log.verify,
        audit,
        filing,
        waiting,
        checkpoints,
        department,
        log,
    ]
    for module in modules:
        if hasattr(module, name):
            patch.setattr(module, name, planted)
