"""A running installation whose web and worker processes can be killed, paused and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.family_case.audit import document
from services.family_case.reading import Queries
from services.processes import assembly
from services.processes.supervisor import answers, free_port
from shared.bus.broker import connect
from shared.door.client import Answer, Client
from shared.keys.files import Keys
from shared.settings import Settings
from tests.faults.tools.preloaded import Forked
from tests.world import ROOT, wait_for


def start_anew(
    module: str, arguments: list[str], environment: dict[str, str], log: Path, crash: tuple[str, int] | None = None
) -> subprocess.Popen[bytes]:
    """Start a module by `python -m`; what it writes goes to the end of a file."""
    words = [module, *arguments]
    if crash:
        words = ["tests.faults.tools.crash_points", crash[0], str(crash[1]), *words]
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT,
        )  # fmt: skip


starter: Callable[..., "subprocess.Popen[bytes] | Forked"] = start_anew
"""How processes are started: `make test` has them forked, a second of work each that is not spent."""


@dataclass
class Running:
    """Web and worker processes of an installation; each can be stopped, killed and started again."""

    settings: Settings
    directory: Path
    processes: dict[str, "subprocess.Popen[bytes] | Forked"] = field(default_factory=dict)

    @classmethod
    def on_free_port(cls, settings: Settings, directory: Path, **changes: Any) -> "Running":
        """Prepare (not yet started) on a free loopback port."""
        # below those that the kernel gives to clients: one could take it, and connect to itself, during a restart
        port = free_port("127.0.0.1", 20_000 + os.getpid() % 12_000)
        url = f"http://127.0.0.1:{port}"
        fields = {name: getattr(settings, name) for name in settings.__slots__} | {"url": url} | changes
        return cls(Settings(**fields), directory)

    def start(self, name: str, *only: str, crash: tuple[str, int] | None = None) -> None:
        """Start `web`, `judge` or `worker`, or some of its services only; the web process is waited for.

        `crash`: the point, and the passage of it, at which the process dies (see crash_points.py).
        """
        port = self.settings.url.rpartition(":")[2]
        given = ["127.0.0.1", port, *only] if name == "web" else list(only)
        module, log = f"services.processes.{name}", self.directory / f"{name}.log"
        self.processes[name] = starter(module, given, os.environ | self.settings.environment(), log, crash)
        if name == "web":
            process = self.processes[name]
            up = f"{self.settings.url}/health"
            wait_for(lambda: answers(up) or bool(crash and process.poll() is not None), what="web process")

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process."""
        self.processes[name].send_signal(number)

    def kill(self, name: str) -> None:
        """kill -9 a process and wait until it is gone."""
        self.signal(name, signal.SIGKILL)
        self.processes[name].wait()

    def restart(self, name: str) -> None:
        """kill -9 a process and start it again."""
        self.kill(name)
        self.start(name)

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

    def emit(self, submission: dict[str, Any]) -> Answer:
        """Send one event with its department's key."""
        department = submission["type"].partition(".")[0]
        key = Keys(self.settings.keys).api_key(department)
        return Client(self.settings.url, key).emit(department, submission)

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


def forget_queue(uri: str) -> None:
    """Delete the family case's queue on a broker, with everything in it."""
    with connect(uri) as connection:
        assembly.QUEUE(connection.channel()).delete()
