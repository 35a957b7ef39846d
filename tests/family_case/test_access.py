"""The record of access: what leaves is written down before, what cannot be written down does not leave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import psycopg
import pytest

from services.entitlements.belonging import Belonging
from services.entitlements.loading import Loader
from services.entitlements.owed import Asked, Owed
from services.family_case.access import KINDS, OPENED, PURPOSES, AccessLog, AccessNotRecorded, shown_by
from services.family_case.reading import AUDITOR, NoSuchFamily, Reader
from services.processes import assembly
from shared.settings import Settings
from tests.family_case.conftest import Hub
from tests.world import DAUGHTER, family_opened, story

READER = Reader("liu", "case_worker", None, "421221")


def records(hub: Hub) -> list[dict[str, object]]:
    """Return what the log says, in order."""
    return [{"subject": one.subject} | one.stored for one in AccessLog(hub.database).log.events()]


def test_every_way_out_is_on_record_with_who_why_what_and_no_value(hub: Hub, settings: Settings) -> None:
    hub.tell(*story("a"))
    [family] = hub.families
    loader, link = Loader(hub.queries), assembly.link_key(settings)
    hub.queries.open(family, READER, "page")
    Owed(loader).open(family, READER, "page", Asked())
    Belonging(loader).open(family, READER, "print")
    hub.queries.search(family, link, READER, allow_test_regions=True)
    hub.queries.search("XN-F-00000000", link, READER, allow_test_regions=True)
    hub.queries.listed(READER, "search", 10)

    found = records(hub)
    assert [(one["kind"], one["purpose"]) for one in found] == [
        ("history", "page"), ("owed", "page"), ("members", "print"), ("search", "search"), ("search", "search"),
        ("list", "search"),
    ]  # fmt: skip
    assert {(one["subject"], one["role"], one["division"]) for one in found} == {("liu", "case_worker", "421221")}
    assert [one["families"] for one in found] == [[family]] * 4 + [[], [family]]
    assert found[0]["shows"] == ["internal", "personal", "public", "sensitive"]
    assert all(str(one["kind"]) in KINDS and str(one["purpose"]) in PURPOSES for one in found)
    bodies = b"".join(one.exact for one in AccessLog(hub.database).log.events())
    assert DAUGHTER.encode() not in bodies
    assert b"p-" not in bodies


def test_what_somebody_may_not_see_or_there_is_not_leaves_nothing_and_is_not_on_record_as_seen(hub: Hub) -> None:
    hub.tell(family_opened())
    [family] = hub.families
    elsewhere = Reader("wang", "case_worker", None, "421202")
    for wanted in (family, "XN-F-00000000"):
        with pytest.raises(NoSuchFamily):
            hub.queries.open(wanted, elsewhere, "page")
        with pytest.raises(NoSuchFamily):
            hub.queries.filed(wanted, elsewhere, "page")
        with pytest.raises(NoSuchFamily):
            Belonging(Loader(hub.queries)).open(wanted, elsewhere, "page")
    assert records(hub) == []


def test_what_the_program_reads_for_itself_is_not_on_record(hub: Hub) -> None:
    hub.tell(family_opened())
    hub.queries.open(hub.families[0], AUDITOR, "audit")
    assert records(hub) == []


def test_it_is_found_by_family_and_by_reader(hub: Hub) -> None:
    log = AccessLog(hub.database)
    log.record(READER, "page", "history", ["XN-F-1"])
    log.record(Reader("wang", "supervisor"), "work", "work", ["XN-F-1", "XN-F-2"])
    assert [one.subject for one in log.log.past("key", ["XN-F-1"], [OPENED])] == ["liu", "wang"]
    assert [one.subject for one in log.log.past("key", ["XN-F-2"], [OPENED])] == ["wang"]
    assert [one.position for one in log.log.past("subject", ["liu"], [OPENED])] == [1]


@contextmanager
def _full(owner: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    owner.execute("REVOKE INSERT ON access.events FROM yihu_family_case")
    owner.commit()
    yield
    owner.execute("GRANT INSERT ON access.events TO yihu_family_case")
    owner.commit()


@contextmanager
def _held(owner: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    owner.execute("SELECT pg_advisory_xact_lock(hashtextextended('yihu log access', 0))")
    yield
    owner.rollback()


@contextmanager
def _slow(owner: psycopg.Connection[tuple[object, ...]]) -> Iterator[None]:
    owner.execute(
        "CREATE FUNCTION access.slow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(8); RETURN NEW; END $$"
    )
    owner.execute("CREATE TRIGGER slow BEFORE INSERT ON access.events FOR EACH ROW EXECUTE FUNCTION access.slow()")
    owner.execute("GRANT USAGE ON SCHEMA access TO PUBLIC")
    owner.commit()
    yield
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE query LIKE '%access.append%' AND pid <> pg_backend_pid()"
    )
    owner.execute("DROP FUNCTION access.slow CASCADE")
    owner.commit()


@pytest.mark.parametrize("trouble", [_full, _held, _slow])
def test_what_cannot_be_written_down_soon_is_not_shown(
    trouble: Callable[[psycopg.Connection[tuple[object, ...]]], "contextmanager[None]"], hub: Hub, database_url: str
) -> None:
    hub.tell(family_opened())
    [family] = hub.families
    with psycopg.connect(database_url) as owner, trouble(owner):  # type: ignore[attr-defined]
        begun = monotonic()
        with pytest.raises(AccessNotRecorded) as refused:
            hub.queries.open(family, READER, "page")
        assert monotonic() - begun < 3
    assert refused.value.status == 503
    assert records(hub) == []
    assert hub.queries.open(family, READER, "page")["entries"]
    assert len(records(hub)) == 1


def test_the_log_is_signed_and_what_is_taken_out_of_it_shows(hub: Hub, settings: Settings, database_url: str) -> None:
    for number in range(3):
        AccessLog(hub.database).record(READER, "page", "history", [f"XN-F-{number}"])
    assembly.case_checkpoints(settings)()
    counts, findings = assembly.verify(settings, settings.keys.parent / "none")
    assert (counts["access"], findings) == (3, [])
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE access.events DISABLE TRIGGER USER")
        owner.execute("DELETE FROM access.events WHERE position = 2")
        owner.execute("ALTER TABLE access.events ENABLE TRIGGER USER")
    _, findings = assembly.verify(settings, settings.keys.parent / "none")
    assert ("access", 2, "position_missing") in {(one.log, one.position, one.code) for one in findings}


def test_classes_of_fields_leave_out_what_is_sealed() -> None:
    shown = shown_by(["disability_federation.family_case_opened", "of no type"])
    assert shown
    assert shown <= {"public", "internal", "personal", "sensitive"}
