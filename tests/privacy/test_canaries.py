"""Values that identify a person go through everything; then every byte at rest and every answer is searched."""

import base64
import http.client
import itertools
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.departments import load_catalogue
from services.processes import assembly
from shared.bus.broker import BusWriter, Delivery
from shared.door.client import Answer
from shared.keys.files import Keys, create
from shared.keys.signing import message_digest
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import MASKED, STRUCTURED
from shared.postgres.embedded import EmbeddedPostgres, _binaries
from shared.settings import Settings
from tests import people
from tests.faults.tools.afterwards import behind
from tests.faults.tools.broker import RabbitMQ, rabbitmq
from tests.faults.tools.processes import Running
from tests.world import DAUGHTER, FATHER, MOTHER, ROOT, SON, event, story, wait_for

BIN = _binaries()
NEEDLES = ("金丝雀731", "金丝雀七三一", "1380731", FATHER, MOTHER, SON, DAUGHTER)
"""What every canary contains: finding none of these in a haystack means finding no canary."""
HOSTILE = "金丝雀888恶"
"""A name that somebody else puts on the bus in clear. It lies in the broker's files, and must get no further."""
PLANTED = "金丝雀999误"
"""A name that the test itself puts into the database in clear, so that the search has something to find there."""
HAN_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
FREE_TEXT = {"note", "document", "officer", "address", "local_number"}


@dataclass
class Canaries:
    """Makes values that occur nowhere else, and keeps them."""

    made: list[str] = field(default_factory=lambda: [FATHER, MOTHER, SON, DAUGHTER])
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(7_310_001))

    def value(self, kind: str, holder: str) -> str:
        """Return a value for a sealed kind that can be read as one."""
        number = next(self.numbers)
        if kind == "account_tail":  # four digits would be found by chance; searched for as a field instead
            return "7319"
        value = {
            "phone": f"1380{number}",
            "student_number": f"G{holder}",
            "name": f"金丝雀{str(number).translate(HAN_DIGITS)}",
        }.get(kind, f"金丝雀{number}号")
        self.made.append(value)
        return value

    def spoil(self, submission: dict[str, Any]) -> dict[str, Any]:
        """Return an event with a canary in each of its sealed fields that holds free text or a phone number."""
        declaration = CATALOGUE.get(submission["type"])
        assert declaration is not None
        data = dict(submission["data"])
        for name, fact in declaration.facts.items():
            if fact.kind.name in FREE_TEXT | {"phone"}:
                data[name] = self.value(fact.kind.name, "")
            elif fact.sealed and name in data and fact.kind.name != "account_tail":
                self.made.append(data[name])
        return submission | {"data": data}


def forms(value: str) -> set[bytes]:
    """Return how a value may look in bytes: UTF-8, UTF-16, hexadecimal, base64 at each of its three places, escapes."""
    raw = value.encode()
    found = {raw, value.encode("utf-16-le"), value.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode()}
    found |= {json.dumps(value)[1:-1].encode(), raw[::-1]}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw)
        whole = encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        found |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def hits(data: bytes, values: Iterable[str]) -> list[str]:
    return [value for value in values for form in forms(value) if form in data]


@dataclass
class World:
    """A running installation with everything that it and its users ever saw."""

    running: Running
    server: EmbeddedPostgres
    broker: RabbitMQ
    canaries: Canaries
    seen: list[tuple[str, bytes]] = field(default_factory=list)

    def emit(self, submission: dict[str, Any]) -> Answer:
        """Report an event; keep the answer."""
        answer = self.running.emit(submission)
        self.seen.append((f"answer to {submission.get('id')}", json.dumps(answer.body, ensure_ascii=False).encode()))
        return answer

    def cli(self, *arguments: str, typed: str = "") -> int:
        """Run a command; keep what it says."""
        done = subprocess.run(
            [sys.executable, "-c", "from services.commands.cli import main; main()", *arguments],
            input=typed.encode(),
            capture_output=True,
            check=False,
            env=os.environ | self.running.settings.environment() | {"PYTHONPATH": str(ROOT)},
        )
        self.seen.append((f"yihu {arguments[0]}", done.stdout + done.stderr))
        return done.returncode


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("canaries")
    create(directory / "keys", tuple(assembly.NAMES), assembly.SERVICES)
    server, broker = EmbeddedPostgres(directory / "postgres"), rabbitmq()
    url = server.start()
    assembly.migrate_all(url)
    settings = Settings(url, broker.uri, directory / "keys", "", allow_test_regions=True)
    (directory / "logs").mkdir()
    running = Running.on_free_port(settings, directory / "logs")
    found = World(running, server, broker, Canaries())
    load_catalogue()
    try:
        broker.start()
        running.start("web")
        running.start("worker")
        live(found)
        yield found
    finally:
        running.stop()
        server.stop()
        broker.close()


def live(world: World) -> None:
    """Let everything happen: sealed fields of every kind, a crash, refusals, hostile messages, pages, commands."""
    events = [world.canaries.spoil(submission) for submission in story("a")]
    for submission in events[:-10]:
        assert world.emit(submission).status == 201, submission["id"]
    everything_sealed(world)
    world.running.kill("worker")
    for submission in events[-10:]:
        assert world.emit(submission).status == 201, submission["id"]
    refusals(world)
    world.running.start("worker")
    hostile_messages(world)
    wait_for(lambda: behind(world.running) == 0 and world.running.caught_up(), what="everything relayed and filed")
    pages(world)
    commands(world)


def everything_sealed(world: World) -> None:
    """Record the sealed kinds that the story does not have."""
    value = world.canaries.value
    kinds: dict[str, dict[str, Any]] = {
        "student_number": {"type": "education.student_enrolled", "subject": SON},
        "account_tail": {"type": "finance.benefit_paid", "subject": FATHER},
    }
    by_type = {submission["type"]: submission for submission in story("a") + story("b")}
    for kind, about in kinds.items():
        submission = by_type[about["type"]]
        declaration = CATALOGUE.get(submission["type"])
        assert declaration is not None
        sealed = {
            name: value(kind, about["subject"]) for name, fact in declaration.facts.items() if fact.kind.name == kind
        }
        assert sealed
        again = submission | about | {"id": f"sealed-{kind}", "legacy": True, "process": f"P-{kind}"}
        answer = world.emit(again | {"data": without_persons(submission["data"], about["subject"]) | sealed})
        assert answer.status == 201, (kind, answer.body)
    appointed = {"person_name": value("name", ""), "from_date": "2025-03-01"}
    answer = world.emit(event("disability_federation.base_manager_appointed", appointed, None, legacy=True))
    assert answer.status == 201, answer.body


def without_persons(data: dict[str, Any], holder: str) -> dict[str, Any]:
    """Return a payload that names only members of family A."""
    ours = {FATHER, MOTHER, SON, DAUGHTER}
    return {
        name: holder
        if isinstance(value, str) and len(value) == 18 and value[:17].isdigit() and value not in ours
        else value
        for name, value in data.items()
    }


def refusals(world: World) -> None:
    """Come with a canary or an identity number in every place of an event: it is refused, or kept as a token."""
    payload = {"school_year": 2025, "source": "survey", "current_status": "x"}
    base, years = event("education.school_age_child_registered", payload), count(2030)
    for name in (
        "id",
        "source",
        "type",
        "time",
        "subject",
        "process",
        "division",
        "org",
        "correlationid",
        "dataschema",
    ):
        for secret in (
            f"{world.canaries.value('note', '')} {DAUGHTER}",
            f"{DAUGHTER};{FATHER}",
            [DAUGHTER],
            {"x": FATHER},
        ):
            fact = payload | {"school_year": next(years)}  # each another one
            changed = event("education.school_age_child_registered", fact) | {name: secret}
            if name in {"type", "source"} and isinstance(secret, str):
                changed |= {"type": "education." + secret.strip()} if name == "type" else {}
            kept = {201} if name in MASKED and isinstance(secret, str) else {403, 422}  # as a token, or not at all
            if isinstance(changed["type"], str):
                assert world.emit(changed).status in kept | {422}, (name, secret)
    for name in base["data"]:
        for secret in (f"{DAUGHTER} {world.canaries.value('note', '')}", [world.canaries.value("note", "")]):
            assert world.emit(base | {"data": base["data"] | {name: secret}}).status == 422
    assert world.emit(base | {"data": base["data"] | {world.canaries.value("note", ""): DAUGHTER}}).status == 422
    assert world.emit(base | {world.canaries.value("note", ""): DAUGHTER}).status == 422


def hostile_messages(world: World) -> None:
    """Put on the bus what the family case cannot read, with a name in it; wait until it is in quarantine."""
    signer = Keys(world.running.settings.keys).signer("education")
    bodies = [f"{HOSTILE} {DAUGHTER[:4]}".encode(), pickle.dumps(HOSTILE), f'[{{"sequence":"{HOSTILE}"}}]'.encode()]
    writer = BusWriter(world.running.settings.amqp_uri, assembly.QUEUE)
    for number, body in enumerate(bodies):
        signature = signer.sign(message_digest(signer.name, body)) if number else b"x" * 64
        writer.publish(Delivery(signer.name if number else f"yihu/{HOSTILE}", signature, body), f"{HOSTILE}.{number}")
    writer.close()

    def put_aside() -> int:
        queries = world.running.queries()
        found = sum(row["messages"] for row in queries.quarantined())
        queries.database.close()
        return found

    wait_for(lambda: put_aside() == len(bodies), what="quarantine")


def pages(world: World) -> None:
    """Look at pages and the API as anyone may."""
    queries = world.running.queries()
    families = [found["family"] for found in queries.families()]
    queries.database.close()
    connection = http.client.HTTPConnection("127.0.0.1", int(world.running.settings.url.rpartition(":")[2]))
    hub = {"Authorization": f"Bearer {Keys(world.running.settings.keys).api_key('hub')}"}
    worker = {"Cookie": people.cookie(world.running.settings, "supervisor")}
    asked: list[tuple[str, str, str | None, dict[str, str]]] = [
        ("GET", path, None, read | {"Accept": kind})
        for family in families
        for read, kind in ((worker, "text/html"), (hub, "application/json"))
        for path in ("/", f"/families/{family}", f"/families/{family}/history", f"/families/{family}?known=2025-04-01")
    ]
    asked += [
        ("GET", f"/{name}/{what}", None, hub) for name in assembly.NAMES for what in ("log", "checkpoint", "health")
    ]
    asked += [("GET", path, None, worker) for path in ("/bases", f"/bases/{DAUGHTER}", f"/bases/x?known={DAUGHTER}")]
    asked += [("GET", f"/families/{DAUGHTER}{query}", None, worker) for query in ("", f"?known={DAUGHTER}")]
    form = worker | {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    form |= {"X-CSRFToken": ""}
    asked += [("POST", "/families/search", f"id={number}", form) for number in (DAUGHTER, DAUGHTER[:-1] + "9")]
    asked += [("POST", "/families/search", json.dumps({"id": FATHER}), hub | {"Content-Type": "application/json"})]
    asked += [("POST", "/education/events", DAUGHTER, hub | {"Content-Type": STRUCTURED})]
    for method, path, body, headers in asked:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        world.seen.append((f"{method} {path[:20]}", str(answer.headers).encode() + answer.read()))
    connection.close()


def commands(world: World) -> None:
    """Ask the command line, with numbers on standard input."""
    directory = str(world.running.directory.parent)
    bad = json.dumps(event("education.school_age_child_registered", {DAUGHTER: world.canaries.value("note", "")}))
    commands: list[tuple[tuple[str, ...], str, int]] = [
        (("history", "-"), DAUGHTER, 0),
        (("history", "-", "--json"), FATHER, 0),
        (("history", "-"), DAUGHTER[:-1] + "9", 1),
        (("replay", "--check"), "", 0),
        (("verify",), "", 0),
        (("emit", "-", "--to", world.running.settings.url), bad, 1),
    ]
    with ThreadPoolExecutor(2) as pool:
        done = [
            (pool.submit(world.cli, *words, "--data", directory, typed=typed), code) for words, typed, code in commands
        ]
        assert [one.result() for one, _ in done] == [code for _, code in done]


# What must hold


def test_the_search_itself_finds_a_value_in_every_form() -> None:
    value = "金丝雀7310001号"
    for raw in (value.encode(), value.encode("utf-16-le"), value.encode("utf-16-be"), value.encode().hex().encode()):
        assert hits(b"before " + raw + b" after", [value])
    for before in range(5):
        assert hits(base64.b64encode(b"x" * before + value.encode() + b"yz"), [value])
        assert hits(base64.b64encode(b"x" * before + DAUGHTER.encode() + b"yz"), [DAUGHTER])
    assert not hits(b"before and after", [value])


def test_every_sealed_kind_was_recorded_with_a_canary(world: World) -> None:
    kinds = {fact.kind.name for known in CATALOGUE for fact in known.facts.values() if fact.sealed}
    recorded = set()
    for recorder in assembly.logs(world.running.settings).values():
        for one in recorder.events():
            declaration = CATALOGUE.get(one.type)
            assert declaration is not None
            recorded |= {declaration.facts[name].kind.name for name in one.data if declaration.facts[name].sealed}
        recorder.database.close()
    assert kinds - recorded == set()
    assert len(world.canaries.made) >= 50
    assert all(any(needle in canary for needle in NEEDLES) for canary in world.canaries.made)


def test_no_answer_page_or_command_says_a_canary(world: World) -> None:
    assert len(world.seen) > 100
    assert not [(where, found) for where, shown in world.seen if (found := hits(shown, [*NEEDLES, HOSTILE]))]


def test_no_process_wrote_a_canary_to_its_log(world: World) -> None:
    logs = [*world.running.directory.glob("*.log"), world.server.directory / "postgres.log"]
    assert {path.name for path in logs if path.stat().st_size} >= {"worker.log", "postgres.log"}
    assert b"quarantined" in (world.running.directory / "worker.log").read_bytes()
    assert not [(path.name, found) for path in logs if (found := hits(path.read_bytes(), [*NEEDLES, HOSTILE]))]


@contextmanager
def planted(world: World) -> Iterator[None]:
    """Put a name into the database in clear while the block runs."""
    with psycopg.connect(world.running.settings.database_url, autocommit=True) as owner:
        owner.execute(f"CREATE TABLE planted AS SELECT '{PLANTED}' AS name".encode())
        try:
            yield
        finally:
            owner.execute("DROP TABLE planted")


def test_a_dump_of_the_whole_database_holds_no_canary(world: World) -> None:
    with planted(world):
        dump = subprocess.run(
            [BIN / "pg_dump", "--inserts", world.running.settings.database_url], capture_output=True, check=True
        ).stdout
    assert b"disability_federation.family_case_opened" in dump or b"family_case_opened".hex().encode() in dump
    assert dump.count(b"INSERT INTO") > 100
    assert hits(dump, [PLANTED]), "the search does not find what is there"
    assert not hits(dump, [*NEEDLES, HOSTILE])
    logs = [*assembly.logs(world.running.settings).values()]
    bodies = b"".join(one.encode() for recorder in logs for one in recorder.events())
    for recorder in logs:
        recorder.database.close()
    assert b"family_case_opened" in bodies
    assert b'"account_tail":{"' in bodies
    assert b'"7319"' not in bodies
    assert not hits(bodies, NEEDLES)


def searched(directory: Path) -> tuple[set[tuple[str, str]], bool]:
    """Search every file below a directory; return what was found where, and whether real events were seen at all."""
    everything = {form: value for value in (*NEEDLES, HOSTILE, PLANTED) for form in forms(value)}
    found, known = set(), False
    for path in directory.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes().rstrip(b"\0")
            known = known or b"family_case_opened" in data
            found |= {(path.name, value) for form, value in everything.items() if form in data}
    return found, known


def test_no_byte_that_the_broker_keeps_holds_a_canary(world: World, tmp_path: Path) -> None:
    world.broker.kill()
    found, known = searched(world.broker.files(tmp_path))
    assert known, "the search does not see the events that were on the bus"
    assert {value for _, value in found} == {HOSTILE}, found  # somebody else's, who put it there


def test_no_byte_of_the_database_directory_or_its_write_ahead_log_holds_a_canary(world: World) -> None:
    world.running.stop()
    with planted(world):
        pass
    world.server.stop()  # writes everything: a checkpoint ends it
    assert [path for path in world.server.directory.rglob("*") if path.is_file() and "pg_wal" in path.parts]
    found, known = searched(world.server.directory)
    assert known, "the search does not see what is stored"
    assert {value for _, value in found} == {PLANTED}, found  # the test's own
