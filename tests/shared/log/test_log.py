from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier
from typing import Any

import psycopg
import pytest
from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.utils import Environment

from shared.json import canonical
from shared.log.evidence import leaf_hash
from shared.log.hashes import name_hash, party_hash, stream_hash
from shared.log.record import RecordedEvent, decode, stream_of
from shared.log.recorder import PAGE, InboxRecorder, Infrastructure, LogRecorder, Record, RecordMapper
from shared.postgres.database import Database, insert

SOURCE = "urn:yihu:education:desk"
Open = Callable[..., Database]


@pytest.fixture
def database(open_database: Open) -> Database:
    return open_database("education")


@pytest.fixture
def log(database: Database) -> LogRecorder:
    return LogRecorder(database)


def record(stream: str, version: int, **changes: Any) -> Record:
    """Return a record as the mapper makes it from an event."""
    attributes = {"type": "education.something", "id": f"{stream}-{version}", "source": SOURCE} | changes
    stored = RecordMapper.to_stored_event(None, RecordedEvent(stream, version, attributes, {"n": version}))  # type: ignore[arg-type]
    assert isinstance(stored, Record)
    return stored


def positions(log: LogRecorder) -> list[int]:
    return [row.position for row in log.rows()]


def test_positions_have_no_gap_under_eight_concurrent_writers(open_database: Open, log: LogRecorder) -> None:
    writers, appends = 8, 50
    start = Barrier(writers)

    def write(writer: int) -> list[int]:
        own = LogRecorder(open_database("education", size=1))
        start.wait()
        given: list[int] = []
        for number in range(1, appends + 1):
            given += own.insert_events([record(f"w{writer}", number)]) or []
        return given

    with ThreadPoolExecutor(writers) as pool:
        given = list(pool.map(write, range(writers)))
    assert positions(log) == list(range(1, writers * appends + 1))
    assert sorted(position for own in given for position in own) == positions(log)
    assert all(own == sorted(own) for own in given)
    for writer, own in enumerate(given):
        assert [stored.id for stored in log.select_events(f"w{writer}")] == own  # type: ignore[attr-defined]


def test_several_records_in_one_append_stand_together_in_their_order(log: LogRecorder) -> None:
    assert log.insert_events([record("a", 1)]) == [1]
    assert log.insert_events([record("b", 1), record("a", 2), record("b", 2)]) == [2, 3, 4]
    events = list(log.events())
    assert [(event.originator_id, event.originator_version) for event in events] == [
        ("a", 1),
        ("b", 1),
        ("a", 2),
        ("b", 2),
    ]
    assert log.insert_events([]) == []


def test_a_rolled_back_append_leaves_no_gap(log: LogRecorder, database: Database) -> None:
    log.insert_events([record("a", 1)])
    given: list[int] = []

    def appends_and_fails() -> None:
        with database.transaction() as tx:
            given.extend(log.append(tx, [record("a", 2).event, record("a", 3).event]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        appends_and_fails()
    assert given == [2, 3]
    assert positions(log) == [1]
    assert log.insert_events([record("a", 2)]) == [2]


@pytest.mark.parametrize(
    "second", [record("a", 1, id="other"), record("b", 1, id="a-1")], ids=["place in the stream", "source and id"]
)
def test_what_is_on_record_already_is_refused_and_nothing_is_appended(log: LogRecorder, second: Record) -> None:
    log.insert_events([record("a", 1)])
    with pytest.raises(IntegrityError):
        log.insert_events([record("c", 1), second])
    assert positions(log) == [1]
    assert log.insert_events([record("b", 1, id="a-1", source="urn:other")]) == [2]


CHANGES = [
    "UPDATE education.events SET body = body",
    "UPDATE education.events SET subject = NULL WHERE false",
    "DELETE FROM education.events",
    "DELETE FROM education.events WHERE false",
    "TRUNCATE education.events",
    "UPDATE education.lookups SET key = key",
    "DELETE FROM education.lookups",
    "TRUNCATE education.lookups",
    "UPDATE education.checkpoints SET note = note",
    "DELETE FROM education.checkpoints",
    "TRUNCATE education.checkpoints",
]


def test_the_services_role_may_not_change_or_remove_records(log: LogRecorder) -> None:
    log.insert_events([record("a", 1)])
    for change in CHANGES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            log.database.one(change)
    assert positions(log) == [1]


def test_even_the_owner_is_refused_by_a_trigger(log: LogRecorder, database_url: str) -> None:
    log.insert_events([record("a", 1)])
    with psycopg.connect(database_url, autocommit=True) as owner:
        for change in CHANGES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="The log is append-only"):
                owner.execute(change.encode())
    assert positions(log) == [1]


def test_the_services_role_owns_nothing(database: Database) -> None:
    for act in (
        "ALTER TABLE education.events DISABLE TRIGGER ALL",
        "DROP TABLE education.events",
        "ALTER TABLE education.events ADD COLUMN more text",
        "CREATE TABLE education.mine (a int)",
        "UPDATE yihu.migrations SET migration = ''",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.one(act)


ANOTHERS = [
    "SELECT * FROM OTHER.events",
    "SELECT * FROM OTHER.lookups",
    "INSERT INTO OTHER.lookups VALUES (1, sha256('')::text::uuid)",
    "SELECT * FROM OTHER.checkpoints",
    "SELECT * FROM OTHER.relayed",
    "UPDATE OTHER.relayed SET position = 9",
    "SELECT * FROM OTHER.records",
    "INSERT INTO OTHER.events VALUES (2, 1, NULL, NULL, gen_random_uuid(), 2, '', sha256(''))",
    "SELECT OTHER.append('{}','{}','{}','{}','{}','{}','{}','{}','{}')",
]


def test_a_departments_role_neither_reads_nor_writes_another_schema(database: Database, open_database: Open) -> None:
    for other in ("civil_affairs", "finance", "family_case"):
        own = open_database(other)
        LogRecorder(own).insert_events([record("a", 1)])
        for act in ANOTHERS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                database.one(act.replace("OTHER", other))
        assert own.one(ANOTHERS[0].replace("OTHER", other)) is not None


def test_the_exact_bytes_are_kept_with_their_hash(log: LogRecorder) -> None:
    body = '{"data":{"a":"一\\u0000户"},"id":"x","streamversion":1,"type":"education.something"}'.encode()
    attributes = {"type": "education.something", "source": SOURCE, "id": "x", "subject": "p", "process": "q"}
    odd = RecordedEvent("a", 1, attributes, {}, exact=body)
    log.insert_events([Record("a", 1, odd.type, body, odd)])
    (row,) = log.rows()
    assert row.body == body
    assert row.leaf == leaf_hash(body)
    assert (row.stream, row.version, row.name) == (stream_hash("a"), 1, name_hash(SOURCE, "x"))
    assert (row.subject, row.target, row.keys) == (party_hash("p"), None, [])
    assert log.select_events("a")[0].state == body


def test_a_record_comes_back_as_the_event_it_was(log: LogRecorder) -> None:
    attributes = {"type": "t", "id": "i", "source": SOURCE, "subject": "p-x", "process": "甲-1", "target": 1}
    event = RecordedEvent("s", 1, attributes, {"名": ["一", {"b": True}]})
    mapper: RecordMapper = Infrastructure(Environment(), log.database).mapper()  # type: ignore[assignment]
    log.insert_events([mapper.to_stored_event(event)])
    (found,) = log.events()
    assert found.attributes == event.attributes | {"stream": "s"}, "it does not follow from process or subject"
    assert (found.data, found.position, found.originator_id) == (event.data, 1, "s")
    assert mapper.to_domain_event(log.select_events("s")[0]) == found
    assert (
        found.encode()
        == event.encode()
        == canonical({**attributes, "stream": "s", "streamversion": 1} | {"data": event.data})
    )
    (row,) = log.rows()
    assert (row.subject, row.target) == (party_hash("p-x"), 1)


def test_a_stream_is_read_between_versions_backwards_and_limited(log: LogRecorder) -> None:
    log.insert_events([record(stream, version) for version in range(1, 6) for stream in ("a", "b")])

    def versions(**options: Any) -> list[int]:
        return [stored.originator_version for stored in log.select_events("a", **options)]

    assert versions() == [1, 2, 3, 4, 5]
    assert versions(gt=2) == [3, 4, 5]
    assert versions(lte=2) == [1, 2]
    assert versions(gt=1, lte=4) == [2, 3, 4]
    assert versions(gt=0, lte=0) == []
    assert versions(desc=True) == [5, 4, 3, 2, 1]
    assert versions(limit=2) == [1, 2]
    assert versions(desc=True, lte=4, limit=1) == [4]
    assert versions(gt=1, lte=4, desc=True, limit=2) == [4, 3]
    assert log.select_events("nobody") == []


def test_the_log_is_read_in_order_from_either_side_of_a_position(log: LogRecorder) -> None:
    log.insert_events([record("a", number) for number in range(1, 7)])

    def found(start: int | None, limit: int = 100, **options: Any) -> list[int]:
        return [stored.id for stored in log.select_notifications(start, limit, **options)]

    assert found(None) == [1, 2, 3, 4, 5, 6]
    assert found(1) == [1, 2, 3, 4, 5, 6]
    assert found(4) == [4, 5, 6]
    assert found(4, inclusive_of_start=False) == [5, 6]
    assert found(2, stop=4) == [2, 3, 4]
    assert found(2, limit=2) == [2, 3]
    assert found(7) == []


def test_the_highest_position_is_known(log: LogRecorder) -> None:
    assert log.max_notification_id() is None
    log.insert_events([record("a", 1), record("a", 2)])
    assert log.max_notification_id() == 2


def test_a_long_log_is_read_to_its_end(log: LogRecorder) -> None:
    count = 2 * PAGE + 1
    log.insert_events([record("a", version) for version in range(1, count + 1)])
    assert positions(log) == list(range(1, count + 1))
    assert [event.position for event in log.events(after=1)] == list(range(2, count + 1))
    assert len(log.bodies_after(0)) == PAGE
    assert [position for position, _ in log.bodies_after(PAGE, 2)] == [PAGE + 1, PAGE + 2]


FEDERATION = "disability_federation"
OPENED, MOVED = f"{FEDERATION}.family_case_opened", f"{FEDERATION}.moved"
CORRECTED, WITHDRAWN = f"{FEDERATION}.event_corrected", f"{FEDERATION}.event_withdrawn"


@pytest.fixture
def story(open_database: Open) -> LogRecorder:
    """Make a log in which what was recorded is corrected, and corrections are withdrawn, under other names."""
    log = LogRecorder(open_database(FEDERATION))
    kinds: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (OPENED, {"subject": "p-a", "process": "甲-1"}, {"members": ["p-a", "p-b"]}),  # 1
        (OPENED, {"subject": "p-c", "process": "甲-2"}, {"members": ["p-c"]}),  # 2
        (MOVED, {"subject": "p-a", "process": "甲-1"}, {"members": ["p-a"]}),  # 3: of a type without keys
        (CORRECTED, {"target": 1}, {"corrected_payload": {"members": ["p-a", "p-d"]}}),  # 4: p-d instead of p-b
        (WITHDRAWN, {"target": 4, "process": "乙-9"}, {}),  # 5
        (CORRECTED, {"target": 3, "subject": "p-a"}, {}),  # 6
        (WITHDRAWN, {"target": 2, "subject": "p-c"}, {}),  # 7
        (MOVED, {"subject": "p-a"}, {}),  # 8: of no process
    ]
    events: list[RecordedEvent] = []
    for number, (kind, more, data) in enumerate(kinds, 1):
        stream = events[more["target"] - 1].originator_id if "target" in more else stream_of(more)
        attributes = {"type": kind, "id": f"e-{number}", "source": SOURCE} | more
        events.append(RecordedEvent(stream, number, attributes, data | {"n": number}))
    with log.database.transaction() as tx:
        assert log.append(tx, events[:3]) == [1, 2, 3]
        assert log.append(tx, events[3:]) == [4, 5, 6, 7, 8]
    return log


def numbers(events: Iterable[RecordedEvent]) -> list[int]:
    """Return the positions of events, after looking whether each is whole."""
    events = list(events)
    assert all(event.data["n"] == event.position and decode(event.exact, event.position) == event for event in events)
    return [event.position for event in events]


def test_records_are_found_by_source_and_id_many_by_one_question(story: LogRecorder) -> None:
    found = story.known([(SOURCE, "e-3"), ("urn:other", "e-2"), (SOURCE, "e-9"), (SOURCE, "e-1"), (SOURCE, "e-1")])
    assert {name: event.position for name, event in found.items()} == {(SOURCE, "e-3"): 3, (SOURCE, "e-1"): 1}
    assert story.known([]) == {}


def test_records_are_found_by_id_of_any_source_and_by_position(story: LogRecorder) -> None:
    story.insert_events([record("other", 1, id="e-2", source="urn:other")])
    assert [event.position for event in story.named(["e-7", "e-2", "e-9"])] == [2, 7, 9]
    assert numbers(story.at([5, 1, 99])) == [1, 5]
    assert story.named([]) == story.at([]) == []


def test_the_amendments_of_a_record_are_found_with_what_withdraws_them(story: LogRecorder) -> None:
    assert numbers(story.amendments([1])) == [4, 5]
    assert numbers(story.amendments([2, 3])) == [6, 7]
    assert numbers(story.amendments([4])) == [5]
    assert numbers(story.amendments([5, 99])) == []
    assert story.amendments([]) == []


def test_the_past_of_a_process_or_subject_comes_with_every_amendment(story: LogRecorder) -> None:
    assert numbers(story.past("process", ["甲-1"], [OPENED])) == [1, 4, 5]
    assert numbers(story.past("process", ["甲-1", "甲-2"], [OPENED, MOVED])) == [1, 2, 3, 4, 5, 6, 7]
    assert numbers(story.past("subject", ["p-a"], [MOVED])) == [3, 6, 8]
    assert numbers(story.past("subject", ["p-a", "p-c"], [OPENED])) == [1, 2, 4, 5, 7]
    assert numbers(story.past("subject", ["p-b"], [OPENED])) == []
    assert numbers(story.past("subject", ["p-a"], ["never"])) == []
    assert numbers(story.past("subject", [], [OPENED])) == numbers(story.past("process", ["甲-1"], [])) == []


def test_the_past_of_a_lookup_key_knows_the_keys_of_corrections_too(story: LogRecorder) -> None:
    assert numbers(story.past("key", ["p-b"], [OPENED])) == [1, 4, 5]
    assert numbers(story.past("key", ["p-d"], [OPENED])) == [1, 4, 5], "named by the correction alone"
    assert numbers(story.past("key", ["p-c", "p-d"], [OPENED, MOVED])) == [1, 2, 4, 5, 7]
    assert numbers(story.past("key", ["p-a"], [MOVED])) == [], "no field of it is a key"
    assert numbers(story.past("key", ["p-x"], [OPENED])) == []


def test_the_questions_see_what_the_open_transaction_appended(log: LogRecorder) -> None:
    with log.database.transaction() as tx:
        log.append(tx, [opened(1, "p-a").event])
        assert log.known([(SOURCE, "subject/p-a-1")]).keys() == {(SOURCE, "subject/p-a-1")}
        assert numbers(log.past("key", ["p-a"], [OPENED])) == [1]
        assert numbers(log.past("subject", ["p-a"], [OPENED])) == [1]


def opened(number: int, person: str) -> Record:
    """Return a record of the type that has keys; a member that is named twice is one key."""
    event = record(f"subject/{person}", number, type=OPENED, subject=person).event
    stored = RecordMapper.to_stored_event(
        None,  # type: ignore[arg-type]
        replace(event, stored=event.data | {"members": [person, person]}, exact=b""),
    )
    assert isinstance(stored, Record)
    return stored


def test_a_rolled_back_append_leaves_no_lookup(log: LogRecorder, database: Database) -> None:
    def appends_and_fails() -> None:
        with database.transaction() as tx:
            log.append(tx, [opened(1, "p-a").event])
            assert database.all("SELECT position FROM education.lookups") == [(1,)]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        appends_and_fails()
    assert database.all("SELECT * FROM education.lookups") == []


def test_the_version_of_each_stream_is_known(log: LogRecorder) -> None:
    log.insert_events([record("a", 1), record("b", 1), record("a", 2)])
    assert log.versions(["a", "b", "c"]) == {"a": 2, "b": 1}
    assert log.versions([]) == {}


@dataclass
class Stream:
    """An aggregate as the library knows one: an id, a version, and the records not yet saved."""

    id: str
    version: int = 0
    pending: list[RecordedEvent] = field(default_factory=list)

    def record(self, attributes: dict[str, Any], data: dict[str, Any]) -> None:
        """Append a record."""
        self.version += 1
        self.pending.append(RecordedEvent(self.id, self.version, attributes, data))

    def collect_events(self) -> list[RecordedEvent]:
        """Hand over the records not yet saved."""
        pending, self.pending = self.pending, []
        return pending


class Cases(Application[str]):
    """An application of the library, unchanged but for where it keeps things."""

    def __init__(self, database: Database) -> None:
        self.database = database
        super().__init__()

    def construct_factory(self, env: Environment) -> Infrastructure:
        """Build recorders on the test's database."""
        return Infrastructure(env, self.database)


def fold(stream: Stream | None, events: Iterable[Any]) -> Stream | None:
    """Rebuild a stream from its records."""
    for event in events:
        stream = stream or Stream(event.originator_id)
        stream.version = event.originator_version
    return stream


def test_the_librarys_application_and_repository_run_on_the_log(database: Database) -> None:
    app = Cases(database)
    with pytest.raises(AggregateNotFoundError):
        app.repository.get("XN-F-1", projector_func=fold)
    stream = Stream("XN-F-1")
    for number in range(1, 8):
        stream.record({"type": "t", "id": f"education/{number}", "source": "s"}, {})
        (recording,) = app.save(stream)
        assert recording.notification.id == number
    assert app.repository.get("XN-F-1", projector_func=fold) == stream
    earlier: Any = app.repository.get("XN-F-1", version=4, projector_func=fold)
    assert earlier.version == 4
    section = app.notification_log["1,10"]
    assert [item.id for item in section.items] == list(range(1, 8))


def test_an_application_that_lost_a_race_saves_nothing(database: Database) -> None:
    app = Cases(database)
    first, second = Stream("a"), Stream("a")
    for stream, number in ((first, 1), (second, 2)):
        stream.record({"type": "t", "id": str(number), "source": "s"}, {})
    app.save(first)
    with pytest.raises(IntegrityError):
        app.save(second)
    found: Any = app.repository.get("a", projector_func=fold)
    assert found.version == 1


def test_what_the_recorders_do_not_offer_they_refuse(log: LogRecorder, open_database: Open) -> None:
    with pytest.raises(NotImplementedError):
        log.subscribe()
    with pytest.raises(NotImplementedError):
        log.select_notifications(1, 10, topics=["education.something"])
    with pytest.raises(NotImplementedError):
        InboxRecorder(open_database("family_case")).insert_tracking(Tracking("education", 1))


def test_the_inbox_knows_how_far_each_log_was_received(open_database: Open) -> None:
    inbox = InboxRecorder(open_database("family_case"))
    assert inbox.max_tracking_id("education") is None
    with inbox.database.transaction() as tx:
        places = (("education", 1), ("education", 2), ("finance", 1))
        insert(tx, "family_case.inbox", "text bigint bytea", [(*place, b"") for place in places])
    assert inbox.max_tracking_id("education") == 2
    assert inbox.max_tracking_id("finance") == 1
    assert inbox.has_tracking_id("education", 2)
    assert not inbox.has_tracking_id("finance", 2)
