from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest

from shared.errors import Broken
from shared.keys.signing import Checkpoint, Signer
from shared.log import checkpoints
from shared.log.evidence import Tree, leaf_hash
from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder, RecordMapper
from shared.postgres.database import Database
from tests.shared.log.test_log import record

SIGNER = Signer("yihu/education", bytes(range(32)))
Open = Callable[..., Database]


@pytest.fixture
def log(open_database: Open) -> LogRecorder:
    return LogRecorder(open_database("education"))


def grow(log: LogRecorder, upto: int) -> None:
    log.insert_events([record("a", version) for version in range((log.max_notification_id() or 0) + 1, upto + 1)])


def grow_slowly(log: LogRecorder) -> None:
    for size in range(1, 60):
        grow(log, size)


def truth(log: LogRecorder) -> Checkpoint:
    """Return what a checkpoint must say, from the bodies alone."""
    tree = Tree()
    tree.extend(leaf_hash(row.body) for row in log.rows())
    return Checkpoint("yihu/education", tree.size, tree.root)


def signed(log: LogRecorder) -> Checkpoint:
    return SIGNER.verifier.checkpoint(checkpoints.current(log, SIGNER))


def as_owner(database_url: str, *statements: str) -> None:
    with psycopg.connect(database_url) as owner:
        for table in ("events", "checkpoints"):
            owner.execute(f"ALTER TABLE education.{table} DISABLE TRIGGER USER".encode())
        for statement in statements:
            owner.execute(statement.encode())
        for table in ("events", "checkpoints"):
            owner.execute(f"ALTER TABLE education.{table} ENABLE TRIGGER USER".encode())


def test_an_empty_log_has_a_checkpoint_too(log: LogRecorder) -> None:
    assert signed(log) == Checkpoint("yihu/education", 0, Tree().root)


def test_the_same_log_gives_the_same_checkpoint_and_keeps_it_once(log: LogRecorder) -> None:
    grow(log, 3)
    assert checkpoints.current(log, SIGNER) == checkpoints.current(log, SIGNER)
    assert log.database.all("SELECT size FROM education.checkpoints") == [(3,)]


def test_a_checkpoint_goes_on_from_the_one_before_and_covers_every_record(
    log: LogRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "PAGE", 4)
    for size in (1, 2, 3, 7, 8, 16, 17, 33):
        grow(log, size)
        assert signed(log) == truth(log)
    assert [row[0] for row in log.database.all("SELECT size FROM education.checkpoints ORDER BY size")] == [
        1, 2, 3, 7, 8, 16, 17, 33,
    ]  # fmt: skip


def test_processes_that_ask_at_the_same_time_get_one_checkpoint(log: LogRecorder, open_database: Open) -> None:
    grow(log, 20)
    start = Barrier(6)

    def ask(_: int) -> str:
        own = LogRecorder(open_database("education", size=1))
        start.wait()
        return checkpoints.current(own, SIGNER)

    with ThreadPoolExecutor(6) as pool:
        notes = set(pool.map(ask, range(6)))
    assert {SIGNER.verifier.checkpoint(note) for note in notes} == {truth(log)}
    assert len(notes) == 1


def test_checkpoints_taken_while_the_log_grows_all_hold(log: LogRecorder, open_database: Open) -> None:
    other = LogRecorder(open_database("education", size=1))
    with ThreadPoolExecutor(1) as pool:
        growing = pool.submit(grow_slowly, other)
        notes = []
        while not growing.done():
            notes.append(signed(log))
        growing.result()
    notes.append(signed(log))
    leaves = [leaf_hash(row.body) for row in log.rows()]
    for note in notes:
        tree = Tree()
        tree.extend(leaves[: note.size])
        assert note.root == tree.root
    assert notes[-1].size == 59


def test_a_log_with_a_hole_is_not_signed(log: LogRecorder, database_url: str) -> None:
    grow(log, 4)
    assert signed(log).size == 4
    grow(log, 8)
    as_owner(database_url, "DELETE FROM education.events WHERE position = 6")
    with pytest.raises(Broken) as broken:
        checkpoints.current(log, SIGNER)
    assert broken.value.code == "position_missing"


def test_a_truncated_log_does_not_unsay_what_it_signed(log: LogRecorder, database_url: str) -> None:
    grow(log, 5)
    before = checkpoints.current(log, SIGNER)
    as_owner(database_url, "DELETE FROM education.events WHERE position > 3")
    assert checkpoints.current(log, SIGNER) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE education.checkpoints SET peaks[1] = set_bit(peaks[1], 9, 1 - get_bit(peaks[1], 9)) WHERE size = 5",
        "UPDATE education.checkpoints SET peaks = '{}' WHERE size = 5",
        "UPDATE education.checkpoints SET note = replace(note, '5', '4') WHERE size = 5",
        "UPDATE education.checkpoints SET size = 4 WHERE size = 5",
        "UPDATE education.checkpoints SET size = 6 WHERE size = 5",
        "DELETE FROM education.checkpoints",
    ],
)
def test_a_kept_checkpoint_that_was_changed_is_not_gone_on_from(
    log: LogRecorder, database_url: str, change: str
) -> None:
    """What is signed next is true all the same: it is made from the records."""
    grow(log, 5)
    checkpoints.current(log, SIGNER)
    as_owner(database_url, change)
    grow(log, 7)
    assert signed(log) == truth(log)


def test_a_recorded_events_leaf_is_over_its_exact_bytes(log: LogRecorder) -> None:
    event = RecordedEvent("s", 1, {"type": "t", "id": "i", "source": "s"}, {"a": "一"})
    log.insert_events([RecordMapper.to_stored_event(None, event)])  # type: ignore[arg-type]
    assert signed(log).root == leaf_hash(event.encode())
