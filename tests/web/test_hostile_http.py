"""Malformed and hostile requests against a real server: each a clear 4xx that repeats nothing, and nothing breaks."""

import http.client
import json
import random
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services import assembly
from shared.envelope import BATCHED, STRUCTURED
from shared.keys import Keys
from shared.settings import EMBEDDED_BUS, Settings
from tests.faults.tools.processes import Running
from tests.world import DAUGHTER, FATHER, event, story

SEED = 20261122
FORM = "application/x-www-form-urlencoded"
CANARY = "CANARY7f3a"
WRONG_CHECKSUM = DAUGHTER[:-1] + "1"
SECRETS = (CANARY, WRONG_CHECKSUM, DAUGHTER, FATHER)
Raw = Callable[..., bytes]


@dataclass(frozen=True)
class Bad:
    """A request that must be refused, and where the fault lies if it can be said."""

    name: str
    body: bytes
    pointer: str | None = None
    kind: str = STRUCTURED
    path: str = "/education/events"
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()


@pytest.fixture(scope="module")
def server(postgres: str, template: str, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE hostile TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="hostile")
    settings = Settings(url, EMBEDDED_BUS, keys, "", allow_test_regions=True, open_console=True)
    running = Running.on_free_port(settings, tmp_path_factory.mktemp("hostile"))
    running.start("web")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def key(server: Running) -> str:
    return Keys(server.settings.keys).api_key("education")


@pytest.fixture
def raw(server: Running) -> Raw:
    """Send bytes as they are; return everything that comes back until the server closes or says no more."""

    def send(said: bytes, patience: float = 0.7) -> bytes:
        with socket.create_connection(address(server), timeout=patience) as sock:
            found = b""
            try:
                sock.sendall(said)
                while part := sock.recv(65536):
                    found += part
            except OSError:  # reset, or nothing more within the time
                pass
            return found

    return send


def address(server: Running) -> tuple[str, int]:
    return "127.0.0.1", int(server.settings.url.rpartition(":")[2])


def valid(**changes: Any) -> dict[str, Any]:
    said = {"school_year": 2025, "source": "survey", "current_status": "在家"}
    return event("education.school_age_child_registered", said) | changes


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


# What is sent


NEVER_TEXT = [None, 0, -1, 1.5, True, 10**15, [], {}, [CANARY], {CANARY: DAUGHTER}, [[[]]]]
NEVER_A_LINE = ["", "  ", f"{CANARY}\x00", f"\x1b[31m{CANARY}", f"\u202e{CANARY}", f"{CANARY}\u2066", f"a {DAUGHTER} b"]
ATTRIBUTES = ["specversion", "id", "source", "type", "time", "subject", "recordedtime", "process", "division", "org"]
ATTRIBUTES += ["correlationid", "causationid", "traceparent", "datacontenttype", "dataschema"]
TIMES = ["2025-02-30T00:00:00Z", "2025-01-01", "2025-01-01T00:00:00", "0000-01-01T00:00:00Z", "2025-13-01T00:00:00Z"]
TIMES += ["2025-01-01T25:00:00Z", "2025-01-01T00:00:00+99:00", "２０２５-01-01T00:00:00Z", "9999999999", CANARY]
PEOPLE = [WRONG_CHECKSUM, DAUGHTER[:17], DAUGHTER + "1" * 9, "4" * 18, "000000000000000000", CANARY, "p-" + "A" * 32]
PEOPLE += ["42129920211312020X", "421299202105320201", "A" * 65, f"{DAUGHTER};{FATHER}", "一" * 18]


def envelopes() -> Iterator[Bad]:
    for name in ATTRIBUTES:
        for number, value in enumerate(NEVER_TEXT + NEVER_A_LINE):
            yield Bad(f"{name} #{number}", encoded(valid(**{name: value})), f"/{name}")
    for value in TIMES:
        yield Bad(f"time {value}", encoded(valid(time=value)), "/time")
        yield Bad(f"recordedtime {value}", encoded(valid(recordedtime=value)), "/recordedtime")
    for value in PEOPLE:
        yield Bad(f"subject {value}", encoded(valid(subject=value)), "/subject")
    for name in ("specversion", "id", "source", "type", "time", "subject", "data"):
        yield Bad(f"no {name}", encoded({key: value for key, value in valid().items() if key != name}), f"/{name}")
    for name in (CANARY, CANARY.lower(), "", "data_base64", "a" * 5_000, "sequence", "loggedtime", "../id", DAUGHTER):
        yield Bad(f"unknown attribute {name[:20]}", encoded(valid(**{name: CANARY})))
    yield Bad("id too long", encoded(valid(id="x" * 121)), "/id")
    yield Bad("legacy", encoded(valid(legacy="yes")), "/legacy")


def payloads() -> Iterator[Bad]:
    base = valid()["data"]
    wrong = {
        "school_year": [None, "2025", 2025.5, True, 0, 1899, 2200, 10**18, -1, [], {}, [2025], CANARY, "２０２５"],
        "source": [*NEVER_TEXT, *NEVER_A_LINE, CANARY, "SURVEY", "survey;"],
        "current_status": [*NEVER_TEXT, *NEVER_A_LINE, "长" * 201, "13800138000", "6222020000000000000"],
    }
    for name, values in wrong.items():
        for number, value in enumerate(values):
            yield Bad(f"data {name} #{number}", encoded(valid(data=base | {name: value})), f"/data/{name}")
        rest = {key: value for key, value in base.items() if key != name}
        yield Bad(f"data without {name}", encoded(valid(data=rest)), f"/data/{name}")
    for name in (CANARY, DAUGHTER, "", "a/b~c", "x" * 10_000, "__class__", "school_year "):
        yield Bad(f"unknown field {name[:20]}", encoded(valid(data=base | {name: CANARY})))
    for value in (None, [], "x", 1, [base], CANARY):
        yield Bad(f"data is {value!r:.20}", encoded(valid(data=value)), "/data")


def bodies() -> Iterator[Bad]:
    rng = random.Random(SEED)  # noqa: S311 - reproducible, not secret
    good = encoded(valid(process=CANARY))
    for _ in range(40):
        yield Bad("cut off", good[: rng.randrange(1, len(good))])
    for _ in range(40):
        yield Bad("noise", rng.randbytes(rng.randrange(1, 400)))
    for _ in range(40):
        spoiled = bytearray(good)
        spoiled[rng.randrange(len(good))] = rng.choice(b'\x00\x80\xff"\\{[')
        yield Bad("one byte", bytes(spoiled) + b"]")
    for text in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "-1e999",
        "1" * 5_000,
        "01",
        "+1",
        ".5",
        "0x10",
        "'x'",
        "True",
    ):
        yield Bad(f"number {text[:10]}", good[:-1] + b', "a": ' + text.encode() + b"}")
    for escape in (r"\ud800", r"\udfff\ud800", r"\u12", r"\x41", r"\ud83d\ud83d"):
        yield Bad(f"escape {escape}", good[:-1] + b', "process": "' + escape.encode() + b'"}')
    for depth in (21, 100, 5_000, 100_000):
        yield Bad(f"{depth} arrays", good[:-1] + b', "a": ' + b"[" * depth + b"]" * depth + b"}")
        yield Bad(f"{depth} objects", good[:-1] + b', "a": ' + b'{"a":' * depth + b"1" + b"}" * (depth + 1))
    yield Bad("key twice", good[:-1] + b', "id": "' + CANARY.encode() + b'"}')
    yield Bad(
        "key twice inside", encoded(valid()).replace(b'"source": "survey"', b'"source": "survey", "source": "desk"')
    )
    for codec in ("utf-16", "utf-32", "gb18030", "utf-8-sig"):
        yield Bad(codec, json.dumps(valid(process=f"机构{CANARY}"), ensure_ascii=False).encode(codec))
    for text in (
        "",
        " ",
        "null",
        "[]",
        "1",
        '"x"',
        "true",
        "{}",
        "{}{}",
        "{} x",
        "/* */ {}",
        "{'id': 1}",
        '{"id": 1,}',
        "<a/>",
    ):
        yield Bad(f"body {text!r}", text.encode())
    yield Bad("overlong UTF-8", good.replace(b"C", b"\xc1\x83", 1))
    yield Bad("too large", encoded(valid(process=CANARY * 30_000)))
    for kind in ("", "text/plain", "application/json", "multipart/form-data", "application/cloudevents", CANARY):
        yield Bad(f"content type {kind}", good, kind=kind)
    yield Bad("compressed", good, headers=(("Content-Encoding", "gzip"),))
    for text in ("[]", "{}", "null", f'"{CANARY}"', "[" + "1," * 1_000 + "1]", "[1", "[NaN]"):
        yield Bad(f"batch {text[:10]}", text.encode(), kind=BATCHED)
    for name, value in (("ce-id", "%00"), ("ce-time", CANARY), ("ce-type", "%ff%fe"), ("ce-subject", WRONG_CHECKSUM)):
        headers = {"ce-specversion": "1.0", "ce-id": CANARY, "ce-source": "urn:yihu:education:desk"} | {name: value}
        yield Bad(f"binary {name}", b"{}", kind="application/json", headers=tuple(headers.items()))


def addresses() -> Iterator[Bad]:
    for query in (f"after={CANARY}", "after=-1", "limit=0", "limit=1e9", "after=%00", "after=1&limit=" + "9" * 400):
        yield Bad(f"log {query[:20]}", b"", method="GET", path=f"/education/log?{query}")
    for path in (
        "/families/%00",
        f"/families/{DAUGHTER}",
        f"/families/{CANARY}",
        "/families/%ed%a0%80",
        "/families/" + "x" * 5_000,
    ):
        yield Bad(f"family {path[:20]}", b"", method="GET", path=path)
        yield Bad(f"history {path[:20]}", b"", method="GET", path=f"{path}/history")
    for path in (
        "/nowhere",
        "/education",
        "/education/",
        "/education/events/1",
        "/finance/../x",
        "/%2e%2e/etc/passwd",
    ):
        yield Bad(f"path {path}", b"", method="GET", path=path)
    for method in ("PUT", "DELETE", "PATCH", "GET", "TRACE", CANARY):
        yield Bad(f"method {method}", b"{}", method=method)
    for body in (
        b"{}",
        b"[]",
        b"null",
        b'{"id": 1}',
        b'{"id": ""}',
        b'{"id": "XN-F-\\u0000"}',
        b"x",
        b'{"id": "\\ud800"}',
    ):
        yield Bad(f"search {body!r}", body, kind="application/json", path="/families/search")
    for text in (WRONG_CHECKSUM, CANARY, "\x00", "x" * 5_000, "４２１"):
        yield Bad(f"search {text[:10]!r}", encoded({"id": text}), kind="application/json", path="/families/search")
        form = f"id={text}".encode()
        yield Bad(f"form {text[:10]!r}", form, kind=FORM, path="/families/search")


def test_every_malformed_request_is_a_4xx_that_says_where_and_repeats_nothing(server: Running, key: str) -> None:
    requests = [*envelopes(), *payloads(), *bodies(), *addresses()]
    assert len(requests) >= 300
    seen: Counter[int] = Counter()
    with closing(http.client.HTTPConnection(*address(server), timeout=10)) as connection:
        wrong = [what for bad in requests for what in ask(connection, bad, key, seen)]
    assert not wrong
    assert set(seen) <= {400, 401, 403, 404, 405, 409, 413, 415, 422}
    assert seen[422] > 200
    assert_unharmed(server)


def ask(connection: http.client.HTTPConnection, bad: Bad, key: str, seen: Counter[int]) -> Iterator[str]:
    """Send a bad request; yield what is wrong with its answer."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": bad.kind} | dict(bad.headers)
    connection.request(bad.method, bad.path, bad.body or None, headers)
    answer = connection.getresponse()
    body = answer.read()
    seen[answer.status] += 1
    if not 400 <= answer.status < 500:
        yield f"{bad.name}: {answer.status} {body[:200]!r}"
    if any(secret.encode() in str(answer.headers).encode() + body for secret in SECRETS):
        yield f"{bad.name}: repeats what was sent: {body[:300]!r}"
    if answer.headers.get_content_type() != "application/problem+json":
        if bad.kind != FORM:
            yield f"{bad.name}: no problem document"
        return
    if answer.status == 422 and bad.pointer is not None:
        pointers = [fault["pointer"] for fault in json.loads(body)["errors"]]
        if bad.pointer not in pointers:
            yield f"{bad.name}: points at {pointers}"


def assert_unharmed(server: Running) -> None:
    assert server.processes["web"].poll() is None
    output = server.output()
    assert "request failed" not in output
    assert not [secret for secret in SECRETS if secret in output]


def test_full_width_digits_and_small_letters_in_a_number_are_the_same_person(server: Running) -> None:
    wide = DAUGHTER.translate({code: code + 0xFEE0 for code in range(0x30, 0x3A)})
    for number in (DAUGHTER, DAUGHTER.lower(), wide, f" {DAUGHTER[:6]} {DAUGHTER[6:14]} {DAUGHTER[14:]} "):
        answer = server.emit(valid(subject=number))
        assert answer.status == 201, answer.body
    recorder = assembly.logs(server.settings)["education"]
    subjects = {one.subject for one in recorder.events_after(0, 1_000)}
    recorder.database.close()
    assert len(subjects) == 1


# Below HTTP


def test_what_is_no_http_is_answered_4xx_or_closed(server: Running, key: str, raw: Raw) -> None:
    head = (
        f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {STRUCTURED}\r\n"
    )
    chunked = "Connection: close\r\nTransfer-Encoding: chunked"
    abuse = {
        "length is no number": f"{head}Content-Length: {CANARY}\r\n\r\n{{}}",
        "length is negative": f"{head}Content-Length: -5\r\n\r\n{{}}",
        "length has a sign": f"{head}Content-Length: +2\r\n\r\n{{}}",
        "two lengths": f"{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}",
        "length too large": f"{head}Content-Length: 99999999999\r\n\r\n{{}}",
        "length and chunks": f"{head}Content-Length: 3\r\n{chunked}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
        "chunk size is no number": f"{head}Transfer-Encoding: chunked\r\n\r\nZZ{CANARY}\r\n{{}}\r\n0\r\n\r\n",
        "chunk without its end": f"{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}XX\r\n0\r\n\r\n",
        "chunk size is negative": f"{head}Transfer-Encoding: chunked\r\n\r\n-2\r\n{{}}\r\n0\r\n\r\n",
        "chunks too large": f"{head}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n" + "x" * 100,
        "no request line": "\r\n\r\n\r\n",
        "noise": "\x00\x16\x03\x01" + CANARY + "\r\n\r\n",
        "no version": f"GET /health{CANARY}\r\n\r\n",
        "version 9": "GET /health HTTP/9.9\r\nConnection: close\r\n\r\n",
        "header without name": f"GET /nowhere HTTP/1.1\r\nHost: x\r\n: {CANARY}\r\nConnection: close\r\n\r\n",
        "header with a blank": f"GET /nowhere HTTP/1.1\r\nHost: x\r\nA {CANARY}: b\r\nConnection: close\r\n\r\n",
        "folded header": f"GET /nowhere HTTP/1.1\r\nHost: x\r\nA: b\r\n {CANARY}\r\nConnection: close\r\n\r\n",
        "header too large": f"GET /nowhere HTTP/1.1\r\nHost: x\r\nA: {CANARY * 5_000}\r\n\r\n",
        "5,000 headers": "GET /nowhere HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n" * 5_000 + "\r\n",
        "bare line feeds": f"GET /nowhere HTTP/1.1\nHost: {CANARY}\nConnection: close\n\n",
        "another host": f"GET / HTTP/1.1\r\nHost: {CANARY}.example\r\nConnection: close\r\n\r\n",
        "host is noise": f"GET / HTTP/1.1\r\nHost: @@{CANARY}::\r\nConnection: close\r\n\r\n",
        "CONNECT": f"CONNECT {CANARY}:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "absolute address": f"GET http://{CANARY}.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    }
    for name, said in abuse.items():
        answer = raw(said.encode("latin-1"))
        if answer and name != "version 9":
            assert answer.split(b" ")[1].startswith(b"4"), (name, answer[:200])
            assert b"application/problem+json" in answer, (name, answer)
        assert CANARY.encode() not in answer, (name, answer)
    assert_unharmed(server)


def test_an_unknown_transfer_coding_is_answered_501_as_rfc_9112_wants_and_closed(key: str, raw: Raw) -> None:
    head = f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    answer = raw(f"{head}Transfer-Encoding: {CANARY}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert CANARY.encode() not in answer


def test_a_request_smuggled_behind_another_one_is_not_seen(server: Running, key: str, raw: Raw) -> None:
    before = positions(server)
    inner = encoded(valid())
    hidden = (
        f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {STRUCTURED}\r\n"
    )
    hidden += f"Content-Length: {len(inner)}\r\n\r\n{inner.decode()}"
    outer = f"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}"
    assert raw(outer.encode(), 1.0).count(b"HTTP/1.1 ") == 1
    assert positions(server) == before


def positions(server: Running) -> int:
    with psycopg.connect(server.settings.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM education.events").fetchone()
    assert row is not None
    return int(row[0])


def test_a_body_shorter_than_announced_records_nothing_when_its_sender_hangs_up(server: Running, key: str) -> None:
    before, body = positions(server), encoded(valid())
    head = (
        f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {STRUCTURED}\r\n"
    )
    for missing in (1, 10, len(body) - 1):
        with socket.create_connection(address(server)) as sock:
            sock.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-missing])
    assert positions(server) == before
    assert_unharmed(server)


def test_a_sender_who_writes_one_byte_at_a_time_is_served(server: Running, key: str) -> None:
    body = encoded(valid())
    head = (
        f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {STRUCTURED}\r\n"
    )
    said = f"{head}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(address(server), timeout=10) as sock:
        for start in range(0, len(said), 7):
            sock.sendall(said[start : start + 7])
        assert sock.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_a_hundred_stalled_connections_leave_the_others_fast(server: Running, key: str) -> None:
    head = (
        f"POST /education/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {STRUCTURED}\r\n"
    )
    stalls = [b"", b"POST /educa", head.encode(), f"{head}Content-Length: 5000\r\n\r\n{{".encode()]
    with ExitStack() as stalled:
        for number in range(100):
            sock = stalled.enter_context(socket.create_connection(address(server)))
            sock.sendall(stalls[number % len(stalls)])

        def ask(_: int) -> float:
            start = time.monotonic()
            assert server.emit(valid()).status == 201
            return time.monotonic() - start

        with ThreadPoolExecutor(4) as pool:
            took = sorted(pool.map(ask, range(60)))
    assert took[-1] < 2, took[-3:]
    assert took[len(took) // 2] < 0.3, took
    assert_unharmed(server)


def test_every_field_of_every_sample_event_may_be_spoiled_and_is_refused_where_it_is(server: Running) -> None:
    spoiled = 0
    for said in story("a")[::3]:
        for name in said["data"]:
            answer = server.emit(
                said | {"id": f"spoiled-{said['id']}-{name}", "data": said["data"] | {name: {CANARY: DAUGHTER}}}
            )
            assert answer.status == 422, (said["id"], name)
            assert any(fault["pointer"].startswith(f"/data/{name}") for fault in answer.body["errors"])
            assert not [secret for secret in SECRETS if secret in json.dumps(answer.body)]
            spoiled += 1
    assert spoiled > 30
    assert_unharmed(server)
