"""The sample clients with an outbox: killed between any two steps, they end as if they had run once."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from services.processes import assembly
from shared.door.department import Department
from shared.door.http import department_app
from shared.keys.files import Keys
from shared.settings import Settings
from tests.world import ROOT, event

CLIENTS = ROOT / "samples" / "clients"
KILLED_AT = """
import os, runpy, signal, sys
left, path = int(sys.argv[1]), sys.argv[2]
sys.argv = sys.argv[2:]
def step(frame, what, _):
    global left
    if frame.f_code.co_filename != path:
        return None
    if what == "line":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return step
sys.settrace(step)
runpy.run_path(path, run_name="__main__")
"""
"""Runs a program that kills itself before the so manieth line of its own."""
STEPS = range(8, 56, 5)


@dataclass
class Door:
    """A department's door on a port; it records what comes, and leaves one request without an answer."""

    department: Department
    key: str
    environment: dict[str, str]
    failing: set[str]
    """The ids of events at which the door fails."""

    def ids(self) -> Counter[str]:
        """Return how often each id stands in the log."""
        bodies = self.department.recorder.bodies_after(0, 10_000)
        return Counter(json.loads(body)["id"] for _, body in bodies)


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    department = assembly.department("education", settings)
    client = department_app("education", department, Keys(settings.keys).permits).test_client()
    unanswered, failing = [False, True], set[str]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = ("Content-Type", "Authorization")
            answer = client.post("/events", data=body, headers={name: self.headers[name] for name in names})
            if unanswered and unanswered.pop(0):
                self.close_connection = True
                return
            status, said = answer.status_code, answer.get_data()
            if any(one in body.decode() for one in failing):
                status, said = _failed(json.loads(body), answer.json, failing)
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        key = Keys(settings.keys).api_key("education")
        url = f"http://127.0.0.1:{server.server_port}"
        environment = {
            "YIHU_URL": url,
            "YIHU_API_KEY": key,
            "PATH": "/usr/bin:/bin",
            "no_proxy": "*",
            "YIHU_WAIT_S": "0.02",
        }
        yield Door(department, key, environment, failing)
        server.shutdown()
        thread.join()
    department.database.close()
    department.ring._database.close()


def _failed(sent: Any, answer: Any, failing: set[str]) -> tuple[int, bytes]:
    """Return an answer in which the door fails at some events."""
    problem = {"code": "internal", "errors": []}
    if isinstance(sent, dict):
        return 500, json.dumps(problem).encode()
    pairs = zip(sent, answer, strict=True)
    said = [{"status": 500, "problem": problem} if one["id"] in failing else its for one, its in pairs]
    return 207, json.dumps(said).encode()


def registered(year: int) -> dict[str, Any]:
    data = {"school_year": year, "source": "match", "current_status": "未入学"}
    return event("education.school_age_child_registered", data)


def run(door: Door, words: list[str], lines: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, input=lines, env=door.environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_python_outbox_killed_before_any_line_sends_each_event_once_and_keeps_its_receipt(
    door: Door, tmp_path: Path
) -> None:
    program, database = str(CLIENTS / "outbox.py"), str(tmp_path / "outbox.db")
    killed = 0
    sent: list[dict[str, Any]] = []
    for step in STEPS:
        sent.append(registered(1900 + step))
        line = json.dumps(sent[-1]) + "\n"
        for words, given in (("put", line), ("send", "")):
            ran = run(door, [sys.executable, "-c", KILLED_AT, str(step), program, database, words], given)
            killed += ran.returncode == -signal.SIGKILL
    assert killed > len(STEPS)
    wrong = registered(2025) | {"data": {}}
    whole = "".join(json.dumps(one) + "\n" for one in [*sent, wrong])
    assert run(door, [sys.executable, program, database, "put"], whole).returncode == 0
    ended = run(door, [sys.executable, program, database, "send"])
    assert ended.returncode == 0, ended.stderr[-1000:]
    assert door.ids() == Counter(one["id"] for one in sent)
    with sqlite3.connect(database) as kept:
        rows = kept.execute("SELECT id, status, answer FROM outbox").fetchall()
    kept.close()
    answers = {key: (status, json.loads(said)) for key, status, said in rows}
    assert answers.pop(wrong["id"])[0] == 422
    for one in sent:
        status, receipt = answers[one["id"]]
        assert status in {200, 201}
        assert receipt == door.department.receive(one)[0]


def test_the_python_outbox_sets_aside_what_the_door_fails_at_and_leaves_a_silent_door_for_later(
    door: Door, tmp_path: Path
) -> None:
    words = [sys.executable, str(CLIENTS / "outbox.py"), str(tmp_path / "outbox.db")]
    first, poison, last = (registered(1980 + number) for number in range(3))
    door.failing.add(poison["id"])
    run(door, [*words, "put"], "".join(json.dumps(one) + "\n" for one in (first, poison, last)))
    ended = run(door, [*words, "send"])
    assert [json.loads(line)["status"] for line in ended.stdout.splitlines()] == [201, 500, 201], ended.stderr[-1000:]
    assert f"set aside, the door failed at it 6 times: {poison['id']}" in ended.stderr
    door.failing.clear()
    run(door, [*words, "again"])
    assert [json.loads(line)["status"] for line in run(door, [*words, "send"]).stdout.splitlines()] == [201, 200, 201]
    run(door, [*words, "put"], json.dumps(registered(1990)) + "\n")
    door.environment["YIHU_URL"] = "http://127.0.0.1:9"
    silent = run(door, [*words, "send"])
    assert silent.returncode == 1
    assert "No answer to 1 events; all are kept" in silent.stderr


def test_the_java_outbox_killed_in_the_middle_sends_each_event_once_and_keeps_its_receipt(
    door: Door, tmp_path: Path
) -> None:
    java = shutil.which("java")
    if java is None or not shutil.which("javac"):
        pytest.skip("no JDK is on this machine")
    outbox, answers = tmp_path / "outbox.jsonl", tmp_path / "outbox.jsonl.answers"
    sent = [registered(1900 + number) for number in range(12)]
    outbox.write_text("".join(json.dumps(one) + "\n" for one in [*sent, {"id": "none"}]) + '{"half of an event')
    words = [java, str(CLIENTS / "Emit.java"), "education", str(outbox)]
    with subprocess.Popen(words, env=door.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as first:
        assert first.stdout
        assert [json.loads(first.stdout.readline())["status"] for _ in range(3)] == [201, 200, 201]
        first.kill()
    before = answers.read_bytes()
    answers.write_bytes(before[:-20])  # as a power cut leaves the last line
    door.failing.add(sent[-1]["id"])
    ended = run(door, words)
    assert f"set aside, the door failed at it 6 times: {json.dumps(sent[-1])}" in ended.stderr
    assert ended.returncode == 0, ended.stderr[-1000:]
    found = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [one["answer"]["id"] for one in found[:-2]] == [one["id"] for one in sent[:-1]]
    assert [one["status"] for one in found[-2:]] == [500, 422]
    door.environment["YIHU_URL"] = "http://127.0.0.1:9"
    outbox.write_text(outbox.read_text() + "\n")
    assert "all is kept" in run(door, words).stderr
    assert door.ids() == Counter(one["id"] for one in sent)
