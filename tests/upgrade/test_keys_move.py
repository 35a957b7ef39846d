# ruff: noqa: S608 - names of services and ids of keys, no values
"""The key ring that all services shared is taken apart at the upgrade: each service opens what it sealed itself."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from services.processes import assembly
from services.processes.installation import AllAtOnce
from shared.errors import Broken
from shared.keys.files import MASTER_KEY_VARIABLE, KeyMissing, Keys
from shared.keys.ring import KeyRing, is_sealed
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from tests.upgrade.conftest import BEFORE, Old
from tests.world import ROOT

EVENTS = {
    (sent["source"], sent["id"]): sent
    for sent in map(json.loads, (BEFORE / "events.jsonl").read_text(encoding="utf-8").splitlines())
}
SHARED = "SELECT person, key_id, wrapped FROM key_ring.keys ORDER BY person"


@pytest.fixture
def ring(old: Old) -> Iterator[Callable[[str], KeyRing]]:
    """Open a service's key ring; its connections are closed after the test."""
    made: list[KeyRing] = []

    def make(service: str) -> KeyRing:
        made.append(assembly.ring(service, old.settings))
        return made[-1]

    yield make
    for one in made:
        one._database.close()


def rows(old: Old, query: str) -> list[Any]:
    """Ask the database as its owner."""
    with psycopg.connect(old.database_url) as owner:
        return owner.execute(query.encode()).fetchall()


def sealed_in(old: Old, service: str) -> Iterator[tuple[dict[str, str], tuple[str, ...], str]]:
    """Yield each sealed value of a department's log, its place, and what its sender had written there."""
    database = Database(old.database_url, service, size=1)
    for record in LogRecorder(database).events():
        if record.type.endswith(".not_yet_known"):
            continue
        sent = EVENTS[record.source, record.id]["data"]
        nested = "corrected_payload"
        fields = [(record.data, sent, "")] + ([(record.data[nested], sent[nested], nested)] if nested in sent else [])
        for stored, given, above in fields:
            for name, value in stored.items():
                if is_sealed(value):
                    yield value, (record.type, record.source, record.id, f"{above}/{name}".lstrip("/")), given[name]
    database.close()


def test_each_department_opens_what_it_sealed_before_and_finds_what_was_sent(
    old: Old, ring: Callable[[str], KeyRing]
) -> None:
    old.upgrade()
    opened = 0
    for service in assembly.NAMES:
        own = ring(service)
        for value, place, sent in sealed_in(old, service):
            assert own.unseal(value, place) == sent
            opened += 1
    assert opened >= 40


def test_keys_keep_their_ids_and_go_where_records_name_them_and_nowhere_else(old: Old) -> None:
    before = {key_id: person for person, key_id, _ in rows(old, SHARED)}
    named = {service: {value["key"] for value, _, _ in sealed_in(old, service)} for service in assembly.NAMES}
    old.upgrade()
    for service, ids in named.items():
        assert {(key_id, person) for person, key_id in rows(old, f"SELECT person, key_id FROM {service}.keys")} == {
            (key_id, before[key_id]) for key_id in ids
        }
    assert len([ids for ids in named.values() if ids]) >= 5
    assert rows(old, "SELECT person FROM family_case.keys") == [("quarantine",)]


def test_the_shared_ring_is_gone_and_its_master_key_opens_nothing_any_more(old: Old) -> None:
    old.upgrade()
    assert rows(
        old, "SELECT to_regnamespace('key_ring'), count(*) FROM yihu.migrations WHERE service = 'key_ring'"
    ) == [(None, 0)]
    database = Database(old.database_url, "education", size=1)
    ring = KeyRing(database, Keys(old.installation.keys).old_master)
    value, place, _ = next(sealed_in(old, "education"))
    with pytest.raises(Broken):
        ring.unseal(value, place)
    database.close()


def test_what_is_in_quarantine_is_opened_by_the_family_case(old: Old, ring: Callable[[str], KeyRing]) -> None:
    old.upgrade()
    found = rows(old, "SELECT digest, sealed FROM family_case.quarantine")
    opened = {bytes.fromhex(ring("family_case").unseal(sealed, ("quarantine", digest))) for digest, sealed in found}
    assert opened == {b'[{"half": ', b"nobody signed this", b"from nowhere"}


def test_what_is_sealed_afterwards_about_a_person_known_to_several_is_opened_by_its_department_alone(
    old: Old, ring: Callable[[str], KeyRing]
) -> None:
    old.upgrade()
    place = ("type", "source", "id", "field")
    both = "SELECT e.person FROM education.keys AS e JOIN disability_federation.keys AS d USING (key_id)"
    person = rows(old, both)[0][0]
    fresh = ring("education").seal(person, place, "虚构")
    assert ring("education").unseal(fresh, place) == "虚构"
    assert ring("education").seal(person, place, "虚构")["key"] == fresh["key"]
    for service in assembly.SERVICES:
        if service != "education":
            with pytest.raises(Broken):
                ring(service).unseal(fresh, place)
    kept = rows(old, f"SELECT retired FROM education.keys WHERE person = '{person}' ORDER BY retired")
    assert kept == [(False,), (True,)]


def test_a_key_destroyed_before_or_after_the_upgrade_is_destroyed(old: Old, ring: Callable[[str], KeyRing]) -> None:
    values = list(sealed_in(old, "education"))
    first, last = values[0], values[-1]
    assert first[0]["key"] != last[0]["key"]
    rows(old, f"DELETE FROM key_ring.keys WHERE key_id = '{first[0]['key']}' RETURNING person")
    old.upgrade()
    rows(old, f"DELETE FROM education.keys WHERE key_id = '{last[0]['key']}' RETURNING person")
    for value, place, _ in (first, last):
        with pytest.raises(Broken):
            ring("education").unseal(value, place)


KILLED = """
import os, signal
from services.processes import prepare
from shared.keys import moving

hand_over, done = moving._hand_over, []

def killed(*args):
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    hand_over(*args)
    done.append(args)

moving._hand_over = killed
prepare.main([])
"""


def test_an_upgrade_killed_in_the_middle_has_changed_nothing_and_is_done_again(
    old: Old, ring: Callable[[str], KeyRing]
) -> None:
    migrations = "SELECT * FROM yihu.migrations ORDER BY 1, 2"
    before, migrated = rows(old, SHARED), rows(old, migrations)
    environment = os.environ | old.settings.environment()
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environment, cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert rows(old, SHARED) == before
    assert rows(old, migrations) == migrated
    old.upgrade()
    old.upgrade()
    for value, place, sent in sealed_in(old, "disability_federation"):
        assert ring("disability_federation").unseal(value, place) == sent


@pytest.mark.parametrize("text", [None, "nonsense", "ab" * 32], ids=["gone", "malformed", "another"])
def test_without_the_master_key_nothing_is_changed_and_its_name_is_said(old: Old, text: str | None) -> None:
    file, before = old.installation.keys / "master", rows(old, SHARED)
    whole = file.read_text()
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    with pytest.raises(KeyMissing) as error:
        old.upgrade()
    assert error.value.en.startswith("The key master is missing or malformed")
    assert rows(old, SHARED) == before
    assert rows(old, "SELECT to_regclass('education.keys')") == [(None,)]
    file.write_text(whole)
    old.upgrade()


def test_a_master_key_from_the_environment_goes_on_to_serve_all(
    old: Old, monkeypatch: pytest.MonkeyPatch, ring: Callable[[str], KeyRing]
) -> None:
    file = old.installation.keys / "master"
    monkeypatch.setenv(MASTER_KEY_VARIABLE, file.read_text().strip())
    file.unlink()
    old.upgrade()
    assert not list(old.installation.keys.glob("*master"))
    value, place, sent = next(sealed_in(old, "education"))
    assert ring("education").unseal(value, place) == sent


def test_the_master_key_of_a_service_in_use_is_not_made_anew(old: Old) -> None:
    old.upgrade()
    (old.installation.keys / "education.master").unlink()
    with pytest.raises(KeyMissing) as error:
        old.upgrade()
    assert "education.master" in error.value.zh
    assert not (old.installation.keys / "education.master").exists()


def test_an_old_database_is_not_upgraded_for_some_of_its_services(old: Old) -> None:
    before = rows(old, SHARED)
    with pytest.raises(AllAtOnce):
        old.installation.prepare(old.settings, ["education"])
    assert rows(old, SHARED) == before
