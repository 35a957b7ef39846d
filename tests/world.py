"""What tests share: the sample stories, ready events, and a running installation whose processes can be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from services import assembly
from services.family_case.audit import document
from services.family_case.queries import Queries
from services.processes import answers, free_port
from shared.client import Answer, Client
from shared.keys import Keys
from shared.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
FATHER, MOTHER, SON, DAUGHTER = "422399198803150112", "422399199007080242", "421299201709030139", "42129920210512020X"
"""Family A's members: fabricated people in a region that does not exist."""

_ids = count(1)


def story(letter: str) -> list[dict[str, Any]]:
    """Return the events of a sample family (`a` or `b`) in order."""
    text = (SAMPLES / f"family_{letter}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def event(type_name: str, data: dict[str, Any], subject: str | None = DAUGHTER, **attributes: Any) -> dict[str, Any]:
    """Return a new CloudEvent of a department's desk, with an id of its own."""
    department = type_name.partition(".")[0]
    said = {
        "specversion": "1.0",
        "id": f"test-{next(_ids)}",
        "source": f"urn:yihu:{department}:desk",
        "type": type_name,
        "time": "2025-03-01T09:00:00+08:00",
        "data": data,
    }
    return said | ({"subject": subject} if subject else {}) | attributes


def family_opened(members: list[str] | None = None, **attributes: Any) -> dict[str, Any]:
    """Return an event that opens a family's case; the first member is the head."""
    members = members or [FATHER, MOTHER, SON, DAUGHTER]
    return event(
        "disability_federation.family_case_opened",
        {
            "hukou_type": "rural",
            "address_text": "虚构镇1组",
            "division": "421221",
            "members": members,
            "head": members[0],
            "source": "survey",
        },
        subject=members[0],
        **attributes,
    )


def drop_database(owner: str, name: str) -> None:
    """Drop a database as superuser: only that role may end an autovacuum that is at work in it."""
    superuser = psycopg.conninfo.make_conninfo(owner, user="postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def wait_for(condition: Callable[[], bool], seconds: float = 30.0, what: str = "") -> None:
    """Wait until a condition holds; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds} s: {what or condition}"
        time.sleep(0.05)


@dataclass
class Running:
    """Web and worker processes of an installation; each can be stopped, killed and started again."""

    settings: Settings
    directory: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def on_free_port(cls, settings: Settings, directory: Path, **changes: Any) -> "Running":
        """Prepare (not yet started) on a free loopback port."""
        port = free_port("127.0.0.1", 20_000 + os.getpid() % 20_000)
        url = f"http://127.0.0.1:{port}"
        fields = {name: getattr(settings, name) for name in settings.__slots__} | {"url": url} | changes
        return cls(Settings(**fields), directory)

    def start(self, name: str) -> None:
        """Start `web` or `worker`; the web process is waited for."""
        port = self.settings.url.rpartition(":")[2]
        arguments = {"web": ["services.web", "127.0.0.1", port], "worker": ["services.worker"]}[name]
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env=os.environ | self.settings.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )
        if name == "web":
            wait_for(lambda: answers(f"{self.settings.url}/health"), what="web process")

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process."""
        self.processes[name].send_signal(number)

    def kill(self, name: str) -> None:
        """kill -9 a process and wait until it is gone."""
        self.signal(name, signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        """Stop everything that still runs."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def output(self) -> str:
        """Return everything the processes wrote."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.directory.glob("*.log")))

    def emit(self, said: dict[str, Any]) -> Answer:
        """Send one event with its department's key."""
        department = said["type"].partition(".")[0]
        key = Keys(self.settings.keys).api_key(department)
        return Client(self.settings.url, key).emit(department, said)

    def queries(self) -> Queries:
        """Return the questions to the family case."""
        return assembly.queries(self.settings)

    def caught_up(self) -> bool:
        """Whether the family case has received everything that the departments have recorded."""
        queries = self.queries()
        received = {source["log"]: source["received"] for source in queries.sources()}
        queries.database.close()
        heads = {}
        for name, recorder in assembly.logs(self.settings).items():
            heads[name] = recorder.max_notification_id() or 0
            recorder.database.close()
        return received == heads

    def histories(self) -> dict[str, bytes]:
        """Return every family's history as canonical bytes."""
        queries = self.queries()
        found = {family["family"]: document(queries, family["family"]) for family in queries.families()}
        queries.database.close()
        return found
