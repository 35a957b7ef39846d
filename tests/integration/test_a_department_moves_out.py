"""Education moves out, as docs/operating.md says: a PostgreSQL, a key directory and processes of its own.

Every service has a login that is a member of its own role and of no other.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from services.family_case.audit import document
from services.processes import assembly
from services.processes.installation import Installation
from shared.door.client import Answer, Client, DepartmentUnavailable
from shared.door.elsewhere import LogUnreachable
from shared.keys.files import Keys, digest_of
from shared.log.reading import LogHere
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database, role_of
from shared.postgres.embedded import EmbeddedPostgres, _binaries
from shared.settings import ELSEWHERE, Settings
from tests.faults.tools.broker import rabbitmq
from tests.faults.tools.processes import Running
from tests.world import ROOT, event, story, wait_for

EDUCATION = "education"
OTHERS = tuple(name for name in assembly.SERVICES if name != EDUCATION)
MOVED_FILES = ("education.master", "education.signing", "education.api")
FAMILIES = {"a": "XN-F-C5MG00B2", "b": "XN-F-8VZX7999"}


def address(server: EmbeddedPostgres, user: str = "yihu") -> str:
    """Return the address of a server's database: the same after every start."""
    return f"postgresql://{user}@/yihu?host={quote(str(server.directory / 'socket'), safe='')}"


def logins(server: EmbeddedPostgres, services: tuple[str, ...]) -> dict[str, str]:
    """Make a login for each service, a member of its role alone; return their addresses."""
    with psycopg.connect(address(server, "postgres"), autocommit=True) as owner:
        for service in services:
            owner.execute(f"CREATE ROLE login_{service} LOGIN IN ROLE {role_of(service)}".encode())
    return {service: address(server, f"login_{service}") for service in services}


@dataclass
class Apart:
    """Two hosts: where Education is, and where all others are."""

    education: Running
    hub: Running
    server: EmbeddedPostgres
    """Education's PostgreSQL."""
    others: EmbeddedPostgres
    before: dict[str, str]
    """Digests of the histories as they were shown before the move."""

    def emit(self, sent: dict[str, Any]) -> Answer:
        """Send one event to its department's door with its desk's key."""
        return (self.education if sent["type"].startswith(f"{EDUCATION}.") else self.hub).emit(sent)

    def tell(self, letter: str) -> None:
        """Send a story."""
        for sent in story(letter):
            assert self.emit(sent).status in {200, 201}, sent["id"]

    def is_filed(self) -> bool:
        """Whether the family case has everything that the departments have signed by now."""
        reader = assembly.hub(self.hub.settings)
        verifiers = assembly.verifiers(self.hub.settings)
        signed = {log: verifier.checkpoint(reader.checkpoint(log)).size for log, verifier in verifiers.items()}
        queries = self.hub.queries()
        received = {source["log"]: source["received"] for source in queries.sources()}
        queries.database.close()
        return received == signed

    def owner(self) -> Settings:
        """Return the hub's settings with the owner's login for the family case: a replay makes schemas."""
        databases = {**self.hub.settings.databases, assembly.FAMILY_CASE: address(self.others)}
        return replace(self.hub.settings, databases=databases)


def digests(running: Running) -> dict[str, str]:
    """Return a digest of every family's history."""
    return {family: sha256(history).hexdigest() for family, history in running.histories().items()}


def together(others: EmbeddedPostgres, directory: Path, uri: str) -> tuple[Running, dict[str, str]]:
    """Run one installation for all, tell the first story, stop; return it and what its histories were."""
    settings = Settings(address(others), uri, directory / "keys", "", allow_test_regions=True)
    Installation(directory).prepare(settings)
    running = Running.on_free_port(settings, directory)
    running.start("web")
    running.start("worker")
    try:
        for sent in story("a"):
            assert running.emit(sent).status == 201
        wait_for(running.caught_up, what="the first story is filed")
        return running, digests(running)
    finally:
        running.stop()


def move_data(others: EmbeddedPostgres, server: EmbeddedPostgres) -> None:
    """Carry Education's schema from one server to the other."""
    with psycopg.connect(address(server)) as owner:
        owner.execute(b"CREATE ROLE yihu_education NOLOGIN")
    dump = [
        _binaries() / "pg_dump",
        "--no-owner",
        "--schema=education",
        "--schema=education_opened",
        "--schema=yihu",
        address(others),
    ]
    dumped = subprocess.run(dump, check=True, capture_output=True).stdout
    restore = [_binaries() / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", address(server)]
    subprocess.run(restore, input=dumped, check=True, capture_output=True)
    with psycopg.connect(address(server)) as owner:
        owner.execute(b"DELETE FROM yihu.migrations WHERE service NOT IN ('education', 'education_opened')")


def remove_what_moved(others: EmbeddedPostgres) -> None:
    """Take Education's schema away where it was."""
    with psycopg.connect(address(others)) as owner:
        owner.execute(b"DROP SCHEMA education, education_opened, education_sandbox CASCADE")
        owner.execute(b"DELETE FROM yihu.migrations WHERE service IN ('education', 'education_opened')")


def move_keys(here: Path, there: Path) -> None:
    """Carry Education's keys; both hosts keep the link key, and here stays the public key."""
    there.mkdir(mode=0o700, parents=True)
    for name in MOVED_FILES:
        (here / name).rename(there / name)
    for name in ("link", "education.public", "disability_federation.public"):
        shutil.copy(here / name, there / name)
    permits, desk = json.loads((here / "permits.json").read_text()), digest_of(Keys(there).api_key(EDUCATION))
    reader = digest_of(Keys(here).api_key("hub"))
    own = {desk: permits.pop(desk), reader: {"department": EDUCATION, "source": "", "may": "read"}}
    (there / "permits.json").write_text(json.dumps(own))
    (here / "permits.json").write_text(json.dumps(permits))


def prepare(settings: Settings, *services: str) -> None:
    """Run the preparing process."""
    command = [sys.executable, "-m", "services.processes.prepare", *services]
    subprocess.run(command, env=os.environ | settings.environment(), cwd=ROOT, check=True, capture_output=True)


def serve(host: Running, services: tuple[str, ...]) -> list[Running]:
    """Start the web and the worker process of a host, each with the keys that docs/operating.md names and no others."""
    departments = [service for service in services if service != assembly.FAMILY_CASE]
    web = ["link", "permits.json"] + [f"{name}.{kind}" for name in departments for kind in ("master", "signing")]
    worker = ["disability_federation.public"] + [f"{service}.signing" for service in services]
    if assembly.FAMILY_CASE in services:
        web += ["family_case.master", "hub.open"]
        worker += ["link", "hub.api", "family_case.master"] + [f"{name}.public" for name in assembly.NAMES]
    started = []
    for process, files in (("web", web), ("worker", worker)):
        keys = host.directory / f"keys-{process}"
        keys.mkdir(mode=0o700)
        for name in files:
            shutil.copy(host.settings.keys / name, keys / name)
        started.append(Running(replace(host.settings, keys=keys), host.directory))
        started[-1].start(process, *services)
    return started


@pytest.fixture(scope="module")
def apart(scratch: Path) -> Iterator[Apart]:
    """One installation with a family's history, out of which Education has moved; everything runs."""
    home = scratch / "apart"
    others, server = EmbeddedPostgres(home / "others"), EmbeddedPostgres(home / "education" / "own")
    started: list[Running] = []
    with rabbitmq() as broker:
        try:
            for one in (others, server):
                one.start()
            was, before = together(others, home, broker.uri)
            move_data(others, server)
            move_keys(home / "keys", home / "education" / "keys")
            alone = replace(was.settings, database_url="", keys=home / "education" / "keys")
            prepare(replace(alone, databases={EDUCATION: address(server)}), EDUCATION)
            education = Running.on_free_port(alone, home / "education", databases=logins(server, (EDUCATION,)))
            started += serve(education, (EDUCATION,))
            databases = logins(others, OTHERS) | {EDUCATION: ELSEWHERE}
            rest = replace(was.settings, database_url="", databases=databases, urls={EDUCATION: education.settings.url})
            hub = Running.on_free_port(rest, home)
            started += serve(hub, OTHERS)
            assert assembly.verify(hub.settings, home / "receipts")[1] == []
            remove_what_moved(others)
            yield Apart(education, hub, server, others, before)
        finally:
            for running in started:
                running.stop()
            server.stop()
            others.stop()


def test_the_stories_go_through_the_doors_of_both_hosts_into_whole_histories(apart: Apart) -> None:
    apart.tell("a")
    apart.tell("b")
    wait_for(apart.is_filed, 60, "everything is filed")
    queries = apart.hub.queries()
    for letter, family in FAMILIES.items():
        entries = json.loads(document(queries, family))["entries"]
        assert {sent["id"] for sent in story(letter)} <= {entry["id"] for entry in entries}
        assert any(entry["log"] == EDUCATION for entry in entries) == (letter == "b")
    assert queries.waiting() == []
    queries.database.close()
    assert digests(apart.hub)[FAMILIES["a"]] == apart.before[FAMILIES["a"]]


def test_what_the_federation_sets_reaches_a_department_on_another_host(apart: Apart) -> None:
    apart.tell("b")  # in which a parameter is set
    query = b"SELECT standing->0->>0 FROM education.parameters WHERE position > 0 AND standing <> '[]'"
    with psycopg.connect(address(apart.server), autocommit=True) as owner:
        wait_for(lambda: owner.execute(query).fetchall() == [("2027-01-01",)], 60, "the parameter is kept")


def test_each_host_has_the_schemas_and_the_secrets_of_its_own_services_alone(apart: Apart) -> None:
    query = b"SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public|yihu)'"
    with psycopg.connect(address(apart.server)) as owner:
        assert {row[0] for row in owner.execute(query)} == {EDUCATION, f"{EDUCATION}_opened", f"{EDUCATION}_sandbox"}
    beside = {f"{name}_{kind}" for name in OTHERS if name != assembly.FAMILY_CASE for kind in ("opened", "sandbox")}
    beside |= set(assembly.BESIDE)
    with psycopg.connect(address(apart.others)) as owner:
        assert {row[0] for row in owner.execute(query)} == beside | {*OTHERS, "family_case_views", "family_case_owed"}
    secret = ("*.master", "*.signing", "*.api")
    there = {file.stem for kind in secret for file in apart.education.settings.keys.glob(kind)}
    here = {file.stem for kind in secret for file in apart.hub.settings.keys.glob(kind)}
    assert there == {EDUCATION}
    assert here == {*OTHERS, "hub"}


@pytest.mark.parametrize("service", assembly.SERVICES)
def test_the_login_of_a_service_can_act_as_no_other_and_reads_no_other_schema(apart: Apart, service: str) -> None:
    settings = apart.education.settings if service == EDUCATION else apart.hub.settings
    schemas = {EDUCATION} if service == EDUCATION else set(OTHERS)
    for other in schemas:
        with psycopg.connect(settings.database_of(service), autocommit=True) as login:
            if other == service:
                login.execute(f"SET ROLE {role_of(other)}".encode())
                login.execute(f"SELECT FROM {other}.events".encode())
                continue
            for forbidden in (f"SET ROLE {role_of(other)}", f"TABLE {other}.events", f"TABLE {other}.keys"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    login.execute(forbidden.encode())


def test_a_moved_department_opens_what_it_sealed_before_and_since(apart: Apart) -> None:
    ring = assembly.ring(EDUCATION, apart.education.settings)
    database = Database(apart.education.settings.database_of(EDUCATION), EDUCATION, size=1)
    enrolled = next(r for r in LogRecorder(database).events() if r.type == "education.student_enrolled")
    place = (enrolled.type, enrolled.source, enrolled.id, "student_no")
    sent = next(sent for sent in story("b") if sent["id"] == enrolled.id)
    assert ring.unseal(enrolled.data["student_no"], place) == sent["data"]["student_no"]
    database.close()
    ring._database.close()


def test_verify_and_replay_read_each_log_where_it_lies(apart: Apart) -> None:
    wait_for(apart.is_filed, 60, "everything is filed")
    readers = assembly.logs(apart.hub.settings)
    assert [name for name, log in readers.items() if not isinstance(log, LogHere)] == [EDUCATION]
    counts, findings = assembly.verify(apart.hub.settings, apart.hub.directory / "receipts")
    assert findings == []
    assert counts[EDUCATION] >= 7
    replayed = assembly.replay(apart.owner(), None, None, check=True)
    assert replayed["differences"] == []
    assert replayed["families"] == len(FAMILIES)


def test_a_record_changed_in_the_other_house_is_found_over_its_door(apart: Apart) -> None:
    wait_for(apart.is_filed, 60, "everything is filed")
    with psycopg.connect(address(apart.server), autocommit=True) as owner:
        row = owner.execute(b"SELECT body FROM education.events WHERE position = 2").fetchone()
        assert row is not None
        owner.execute(b"ALTER TABLE education.events DISABLE TRIGGER USER")
        try:
            changed = row[0].replace(b'"test-', b'"tost-') if b'"test-' in row[0] else row[0].replace(b"2025", b"2026")
            owner.execute(b"UPDATE education.events SET body = %s WHERE position = 2", (changed,))
            _, findings = assembly.verify(apart.hub.settings, apart.hub.directory / "receipts")
            assert {(found.log, found.position) for found in findings} >= {(EDUCATION, 2)}
            assert {found.log for found in findings} == {EDUCATION}
        finally:
            owner.execute(b"UPDATE education.events SET body = %s WHERE position = 2", (row[0],))
            owner.execute(b"ALTER TABLE education.events ENABLE TRIGGER USER")
    assert assembly.verify(apart.hub.settings, apart.hub.directory / "receipts")[1] == []


def test_the_commands_read_the_same_settings(apart: Apart, tmp_path: Path) -> None:
    wait_for(apart.is_filed, 60, "everything is filed")
    sent = {kind: next(one for one in story("b") if one["type"].startswith(kind)) for kind in ("hrss.", "education.")}
    (tmp_path / "hrss").write_text(json.dumps(sent["hrss."]))
    (tmp_path / "education").write_text(json.dumps(sent["education."]))

    def yihu(*words: str, code: int = 0) -> Any:
        start = "from services.commands.cli import main; main()"
        command = [sys.executable, "-c", start, *words, "--data", str(apart.hub.directory / "none")]
        named = os.environ | apart.owner().environment()
        done = subprocess.run(command, env=named, cwd=ROOT, check=False, capture_output=True)
        assert done.returncode == code, done.stderr.decode()
        return json.loads(done.stdout)

    assert yihu("verify")["findings"] == []
    assert yihu("replay", "--check")["differences"] == []
    assert yihu("history", FAMILIES["b"], "--json")["family"] == FAMILIES["b"]
    (apart.hub.directory / "none").mkdir()
    (apart.hub.directory / "none" / "keys").symlink_to(apart.hub.settings.keys)
    assert yihu("emit", str(tmp_path / "hrss"))["verdict"] == "recorded"
    assert yihu("emit", str(tmp_path / "education"), code=1)["code"] == "no_key"


def test_while_its_database_is_down_one_door_answers_503_and_everyone_else_goes_on(apart: Apart) -> None:
    child = story("b")[8]["subject"]
    registered = event(
        "education.school_age_child_registered",
        {"school_year": 2026, "source": "survey", "current_status": "在读"},
        child,
    )
    insured = [
        event("medical_insurance.ltc_enrolled", {"year": year, "premium": "60.00"}, child) for year in (2028, 2029)
    ]
    apart.server.stop()
    try:
        client = Client(apart.education.settings.url, Keys(apart.hub.settings.keys).api_key("hub"))
        with ThreadPoolExecutor() as pool:  # all at once: each waits as long as its door waits for the database
            sent = pool.submit(apart.emit, registered)
            asked = pool.submit(client.checkpoint, EDUCATION)
            verified = pool.submit(assembly.verify, apart.hub.settings, apart.hub.directory / "receipts")
            assert apart.emit(insured[0]).status == 201
            assert sent.result().status == 503
            with pytest.raises(DepartmentUnavailable):
                asked.result()
            with pytest.raises(LogUnreachable) as error:
                verified.result()
        assert "education" in error.value.zh
        queries = apart.hub.queries()
        wait_for(lambda: insured[0]["id"] in str(document(queries, FAMILIES["b"])), what="the others' event is filed")
        assert apart.emit(insured[1]).status == 201
        wait_for(lambda: insured[1]["id"] in str(document(queries, FAMILIES["b"])), what="and the next one")
    finally:
        apart.server.start()
    wait_for(lambda: apart.emit(registered).status in {200, 201}, 60, "the door records again")
    wait_for(lambda: registered["id"] in str(document(queries, FAMILIES["b"])), 60, "what it recorded is filed")
    queries.database.close()
    assert assembly.verify(apart.hub.settings, apart.hub.directory / "receipts")[1] == []


def test_yihu_up_gives_a_department_the_database_that_the_environment_names(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute(b"DROP SCHEMA education, education_opened CASCADE")
        owner.execute(b"DELETE FROM yihu.migrations WHERE service IN ('education', 'education_opened')")
    start = "from services.commands.cli import main; main()"
    up = [sys.executable, "-c", start, "up", "--demo", "--families", "0", "--once"]
    up += ["--data", str(tmp_path / "data"), "--port", "28300"]
    named = os.environ | {"YIHU_DATABASE_URL_EDUCATION": database_url}
    done = subprocess.run(up, env=named, cwd=ROOT, check=True, capture_output=True, text=True)
    assert "家庭案卷 XN-F-" in done.stdout
    with psycopg.connect(database_url) as owner:
        row = owner.execute(b"SELECT count(*) FROM education.events").fetchone()
        assert row == (sum(sent["type"].startswith("education.") for sent in story("a") + story("b")),)
    server = EmbeddedPostgres(tmp_path / "data" / "postgres")
    try:
        with psycopg.connect(server.start()) as owner:
            assert owner.execute(b"SELECT to_regnamespace('education')").fetchone() == (None,)
    finally:
        server.stop()
