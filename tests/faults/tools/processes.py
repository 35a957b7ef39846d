"""A running installation whose web and worker processes can be killed, paused and started again."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services import assembly
from services.family_case.audit import document
from services.family_case.queries import Queries
from services.processes import answers, free_port
from shared.client import Answer, Client
from shared.keys import Keys
from shared.settings import Settings
from tests.world import ROOT, wait_for


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
