"""The sample clients with an outbox: killed between any two steps, they end as if they had run once."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
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
    unanswered: list[bool] = field(default_factory=list)

    def ids(self) -> Counter[str]:
        """Return how often each id stands in the log."""
        bodies = self.department.recorder.bodies_after(0, 10_000)
        return Counter(json.loads(body)["id"] for _, body in bodies)


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    department = assembly.department("education", settings)
    client = department_app("education", department, Keys(settings.keys).permits).test_client()
    unanswered = [False, True]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            names = ("Content-Type", "Authorization")
            answer = client.post("/events", data=body, headers={name: self.headers[name] for name in names})
            if unanswered and unanswered.pop(0):
                self.close_connection = True
                return
            said = answer.get_data()
            self.send_response(answer.status_code)
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
        environment = {"YIHU_URL": url, "YIHU_API_KEY": key, "PATH": "/usr/bin:/bin", "no_proxy": "*"}
        yield Door(department, key, environment)
        server.shutdown()
        thread.join()
    department.database.close()
    department.ring._database.close()


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
    ended = run(door, words)
    assert ended.returncode == 0, ended.stderr[-1000:]
    found = [json.loads(line) for line in answers.read_text().splitlines()]
    assert [one["answer"]["id"] for one in found[:-1]] == [one["id"] for one in sent]
    assert found[-1]["status"] == 422
    assert door.ids() == Counter(one["id"] for one in sent)
