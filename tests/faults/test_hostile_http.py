"""Malformed and hostile requests against a real server: each a clear 4xx that repeats nothing, and nothing breaks."""

import http.client
import json
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.processes import assembly
from shared.keys.files import Keys
from shared.language.envelope import BATCHED, STRUCTURED
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools.hostile_http import FORM, Request, Requests
from tests.faults.tools.processes import Running
from tests.faults.tools.proof import Proof
from tests.world import DAUGHTER, event, story

CANARY = "CANARY7f3a"
PERSONAL = re.compile(rb"42(1299|2399)\d{11}[\dX]")
"""Every identity number in these tests looks like this."""
GROWTH_MIB = 50
SLOWEST_S = 2.0
PATIENCE_S = 0.5
"""How long an answer is waited for to what is hardly HTTP."""
_years = count()


@pytest.fixture(scope="module")
def server(postgres: str, template: str, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A web process with both families' events in its departments' logs."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE hostile TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="hostile")
    settings = Settings(url, EMBEDDED_BUS, keys, "", allow_test_regions=True)
    running = Running.on_free_port(settings, tmp_path_factory.mktemp("hostile"))
    running.start("web")
    for submission in [*story("a"), *story("b")]:
        assert running.emit(submission).status == 201
    yield running
    running.stop()


@pytest.fixture(scope="module")
def family(server: Running) -> str:
    """A family's case number: what the departments recorded is filed by a consumer of the test's own."""
    consumer = assembly.consumer(server.settings)
    for log in assembly.NAMES:
        consumer.catch_up(log)
    queries = server.queries()
    [first, _] = queries.families()
    for database in (queries.database, consumer.cases.database, consumer.ring._database):
        database.close()
    return str(first["family"])


class Wire:
    """Sends requests over one connection after the other, and reads what comes back."""

    def __init__(self, server: Running) -> None:
        self.address = address(server)
        self.sock: socket.socket | None = None

    def ask(self, request: Request) -> tuple[int, bytes]:
        """Return the answer's status, or 0 if the connection was closed instead, and everything that was answered."""
        if request.raw:
            self.close()
        sock = self.sock = self.sock or socket.create_connection(self.address, timeout=10)
        sock.settimeout(PATIENCE_S if request.raw else 10)
        try:
            sock.sendall(request.encode())
            status, answer, goes_on = self._read(sock)
        except OSError:
            status, answer, goes_on = 0, b"", False
        if request.raw or not goes_on:
            self.close()
        return status, answer

    def close(self) -> None:
        """Forget the connection."""
        if self.sock:
            self.sock.close()
        self.sock = None

    @staticmethod
    def _read(sock: socket.socket) -> tuple[int, bytes, bool]:
        answer = http.client.HTTPResponse(sock)
        try:
            answer.begin()
            body = answer.read()
        except http.client.HTTPException:
            return 0, b"", False
        finally:
            answer.close()
        return answer.status, f"{answer.headers}\n\n".encode() + body, not answer.will_close


@pytest.fixture
def wire(server: Running) -> Iterator[Wire]:
    """Connections to the server, one after the other; closed after the test."""
    with closing(Wire(server)) as found:
        yield found


def test_every_malformed_request_is_a_4xx_that_says_where_and_repeats_nothing(
    server: Running, wire: Wire, family: str, proof: Proof
) -> None:
    kept = Keys(server.settings.keys)
    keys = {name: kept.api_key(name) for name in [*assembly.NAMES, "hub"]}
    requests = Requests(proof.random, keys, family)
    assert {wire.ask(whole)[0] for whole in requests.whole()} == {200, 207}
    before, memory = positions(server), resident(server)
    seen: Counter[int] = Counter()
    wrong: list[str] = []
    took: list[float] = []
    for canary, request in requests.draw(proof.of(300, 2_000)):
        begun = time.monotonic()
        status, answer = wire.ask(request)
        took += [time.monotonic() - begun] if status else []
        seen[status] += 1
        wrong += [f"{request.name} {request.path:.60}: {what}" for what in wrong_with(request, canary, status, answer)]
    took.sort()
    proof.note(
        requests=seen.total(),
        answered={status or "closed": count for status, count in sorted(seen.items())},
        p99_ms=round(took[len(took) * 99 // 100] * 1_000),
        slowest_ms=round(took[-1] * 1_000),
        memory_growth_mib=resident(server) - memory,
    )
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:40])
    assert positions(server) == before
    assert took[-1] < SLOWEST_S
    assert resident(server) - memory <= GROWTH_MIB
    assert_unharmed(server)


def wrong_with(request: Request, canary: str, status: int, answer: bytes) -> Iterator[str]:
    """Yield what is wrong with the answer to a malformed request."""
    if canary.lower().encode() in answer.lower() or PERSONAL.search(answer):
        yield f"repeats what was sent: {answer[:400]!r}"
    head, _, body = answer.partition(b"\n\n")
    if b"text/html" in head and request.kind == FORM:
        if status not in request.status:
            yield f"{status} instead of {sorted(request.status)}"
        return
    problems = [(status, json.loads(body))] if b"application/problem+json" in head else []
    if status == 207 and request.kind == BATCHED:
        problems = [(one["status"], one.get("problem")) for one in json.loads(body)]
    if not problems and not (request.raw and status == 0):
        yield f"{status}: no problem document: {answer[:400]!r}"
    for code, problem in problems:
        if code not in request.status:
            yield f"{code} instead of {sorted(request.status)}: {answer[-400:]!r}"
            continue
        faults = problem["errors"]
        if not all(problem[word] for word in ("type", "title", "code", "zh")) or problem["status"] != code:
            yield f"half a problem: {problem}"
        if not all(fault["code"] and fault["zh"] and fault["en"] for fault in faults):
            yield f"a fault without code or words: {faults}"
        if request.pointer and not any(f"{fault['pointer']}/".startswith(f"{request.pointer}/") for fault in faults):
            yield f"points at {[fault['pointer'] for fault in faults]}, not at {request.pointer}"


def test_the_judge_sees_an_answer_that_is_wrong() -> None:
    bad = Request("", "/").must(422, at="/id")
    fault = {"code": "empty", "pointer": "/id", "zh": "不能为空。", "en": "This must not be empty."}
    problem = {"type": "urn:x", "title": "x", "status": 422, "code": "empty", "zh": "x", "errors": [fault]}

    def judged(status: int = 422, kind: str = "application/problem+json", **changes: Any) -> list[str]:
        body = json.dumps(problem | {"status": status} | changes).encode()
        return list(wrong_with(bad, "CANARY1", status, f"Content-Type: {kind}\n\n".encode() + body))

    assert judged() == []
    assert "repeats" in judged(title="canary1")[0]
    assert "repeats" in judged(title=DAUGHTER)[0]
    assert "instead of" in judged(500)[0]
    assert "no problem" in judged(422, "application/json")[0]
    assert "half" in judged(code="")[0]
    assert "points" in judged(errors=[fault | {"pointer": "/identity"}])[0]
    assert "words" in judged(errors=[fault | {"zh": ""}])[0]


def address(server: Running) -> tuple[str, int]:
    return "127.0.0.1", int(server.settings.url.rpartition(":")[2])


def positions(server: Running) -> dict[str, int]:
    with psycopg.connect(server.settings.database_url) as owner:
        query = "SELECT count(*) FROM {}.events"
        rows = {name: owner.execute(query.format(name).encode()).fetchone() for name in assembly.NAMES}
    return {name: row[0] for name, row in rows.items() if row}


def resident(server: Running) -> int:
    """Return how many MiB of memory the web process has."""
    status = Path(f"/proc/{server.processes['web'].pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def assert_unharmed(server: Running) -> None:
    """The server runs, says it is well, takes an event, and has written nothing of what was sent."""
    assert server.processes["web"].poll() is None
    connection = http.client.HTTPConnection(*address(server), timeout=10)
    connection.request("GET", "/education/health")
    assert json.loads(connection.getresponse().read())["status"] == "ok"
    connection.close()
    assert server.emit(valid()).status == 201
    output = server.output()
    assert not [word for word in ("request failed", "Traceback", "Error") if word in output]
    assert "canary" not in output.lower()
    assert "yihu_" not in output, "an API key"
    assert not PERSONAL.search(output.encode())


def valid(**changes: Any) -> dict[str, Any]:
    """Return an event that needs nothing before it, each of another school year: another fact."""
    data = {"school_year": 1900 + next(_years) % 300, "source": "survey", "current_status": "在家"}
    return event("education.school_age_child_registered", data) | changes


def head(server: Running) -> str:
    """The beginning of a request that reports an event of the Education Bureau."""
    key = Keys(server.settings.keys).api_key("education")
    return (
        f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {STRUCTURED}\r\n"
    )


@pytest.fixture
def raw(server: Running) -> Callable[[str], bytes]:
    """Send text as it is; return everything that comes back until the server closes or says no more."""

    def send(text: str) -> bytes:
        with socket.create_connection(address(server), timeout=1) as sock:
            found = b""
            with suppress(OSError):  # reset, or nothing more within the time
                sock.sendall(text.encode())
                while part := sock.recv(65536):
                    found += part
            return found

    return send


def test_full_width_digits_and_small_letters_in_a_number_are_the_same_person(server: Running) -> None:
    wide = DAUGHTER.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)})
    before = positions(server)["education"]
    for number in (DAUGHTER, DAUGHTER.lower(), wide, f" {DAUGHTER[:6]} {DAUGHTER[6:14]} {DAUGHTER[14:]} "):
        answer = server.emit(valid(subject=number))
        assert answer.status == 201, answer.body
    recorder = assembly.logs(server.settings)["education"]
    subjects = {one.subject for one in recorder.events(before)}
    recorder.database.close()
    assert len(subjects) == 1


def test_an_unknown_transfer_coding_is_answered_501_as_rfc_9112_wants_and_closed(
    server: Running, raw: Callable[[str], bytes]
) -> None:
    answer = raw(f"{head(server)}Transfer-Encoding: {CANARY}\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"application/problem+json" in answer
    assert CANARY.encode() not in answer


def test_a_request_smuggled_behind_another_one_is_not_seen(server: Running, raw: Callable[[str], bytes]) -> None:
    before, body = positions(server), json.dumps(valid())
    hidden = f"{head(server)}Content-Length: {len(body)}\r\n\r\n{body}"
    outer = "GET /health HTTP/1.1\r\nHost: x\r\n"
    chunks = f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n"
    for length in (
        f"Content-Length: {len(hidden)}\r\n\r\n{hidden}",
        f"Transfer-Encoding: chunked\r\n\r\n{chunks}",
        f"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}",
    ):
        assert raw(outer + length).count(b"HTTP/1.1 ") == 1
    for version in ("1.0", "1.2", "9.9"):  # in which chunks are not known
        text = outer.replace("1.1", version) + f"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n{hidden}"
        assert raw(text).count(b"HTTP/") == 1
    assert positions(server) == before


def test_a_body_shorter_than_announced_records_nothing_when_its_sender_hangs_up(server: Running) -> None:
    before, body = positions(server), json.dumps(valid())
    for missing in (1, 10, len(body) - 1):
        with socket.create_connection(address(server)) as sock:
            sock.sendall(f"{head(server)}Content-Length: {len(body)}\r\n\r\n{body[:-missing]}".encode())
    assert positions(server) == before
    assert_unharmed(server)


def test_a_sender_who_writes_a_few_bytes_at_a_time_is_served(server: Running) -> None:
    body = json.dumps(valid())
    sent = f"{head(server)}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with socket.create_connection(address(server), timeout=10) as sock:
        for start in range(0, len(sent), 7):
            sock.sendall(sent[start : start + 7])
        assert sock.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_hundreds_of_stalled_connections_leave_the_others_fast(server: Running, proof: Proof) -> None:
    number = proof.of(100, 400)
    stalls = ["", "POST /educa", head(server), f"{head(server)}Content-Length: 5000\r\n\r\n{{"]
    with ExitStack() as stalled:
        for index in range(number):
            sock = stalled.enter_context(socket.create_connection(address(server)))
            sock.sendall(stalls[index % len(stalls)].encode())

        def ask(_: int) -> float:
            start = time.monotonic()
            assert server.emit(valid()).status == 201
            return time.monotonic() - start

        with ThreadPoolExecutor(4) as pool:
            took = sorted(pool.map(ask, range(60)))
    proof.note(stalled=number, median_ms=round(took[30] * 1_000), slowest_ms=round(took[-1] * 1_000))
    assert took[-1] < SLOWEST_S, took[-3:]
    assert took[30] < 0.3, took
    assert_unharmed(server)
