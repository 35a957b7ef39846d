"""The processes of `yihu up`: started, watched, started again when they die, stopped in order."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shared.errors import YihuError

PATIENCE_S = 30.0
RESTART_S = 1.0
STOP_S = 10.0
PORTS_TRIED = 50
HIGHEST_PORT = 65_535
_PR_SET_PDEATHSIG = 1
PARENT_VARIABLE = "YIHU_PARENT"
"""Tells a child process who started it and must outlive it."""


class DidNotStart(YihuError):
    """A process did not come up in time."""

    def __init__(self, name: str, log: Path) -> None:
        super().__init__(
            "did_not_start",
            f"进程 {name} 未能启动，原因见 {log} 末尾；处理后再执行 yihu up。",
            f"The {name} process did not start; the end of {log} says why. Then run `yihu up` again.",
        )


def die_with_parent() -> None:
    """End this process when the `yihu up` that started it ends, however it ends (Linux prctl).

    A process that something else started, a service manager for one, does not depend on it.
    """
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it ended before the kernel was asked
        sys.exit(0)


def free_port(host: str, wanted: int) -> int:
    """Return the wanted port, or the next one that nobody listens on."""
    for port in range(wanted, min(wanted + PORTS_TRIED, HIGHEST_PORT + 1)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise YihuError(
        "no_free_port",
        f"端口 {wanted} 及其后的端口都被占用或不许使用；请用 --port 另指。",
        f"Port {wanted} and those after it are taken or not permitted; name another with --port.",
    )


@dataclass
class Process:
    """One child process, its output appended to a file."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    log: Path
    at_once: bool = False
    """Whether it is killed when it is to stop: all it does is in transactions, and the step it is at may be long."""
    child: subprocess.Popen[bytes] | None = None
    died_at: float = 0.0

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                env=os.environ | self.environment | {PARENT_VARIABLE: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches `yihu up` alone, which then stops its children in order
            )

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is doing and end; with `at_once` end it."""
        if self.child is not None and self.child.poll() is None:
            (self.child.kill if self.at_once else self.child.terminate)()

    def stop(self) -> None:
        """Ask it, and after STOP_S seconds end it."""
        self.ask_to_stop()
        if self.child is None:
            return
        try:
            self.child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def dead(self) -> bool:
        """Whether it ended by itself."""
        return self.child is not None and self.child.poll() is not None


@dataclass
class Supervisor:
    """Keeps processes running."""

    processes: list[Process] = field(default_factory=list)

    def start(self, process: Process, ready: Callable[[], bool] | None = None) -> None:
        """Start a process and wait until it is ready. Raises DidNotStart."""
        self.processes.append(process)
        process.start()
        if ready is not None:
            self.wait(process, ready)

    @staticmethod
    def wait(process: Process, ready: Callable[[], bool]) -> None:
        """Wait until a process is ready. Raises DidNotStart."""
        deadline = time.monotonic() + PATIENCE_S
        while not ready():
            if process.dead() or time.monotonic() > deadline:
                raise DidNotStart(process.name, process.log)
            time.sleep(0.05)

    def watch(self, on_death: Callable[[str], None]) -> None:
        """Start again what died."""
        for process in self.processes:
            if not process.dead():
                continue
            if not process.died_at:
                process.died_at = time.monotonic()
                on_death(process.name)
            elif time.monotonic() - process.died_at > RESTART_S:
                process.died_at = 0.0
                process.start()

    def end(self, process: Process) -> None:
        """Stop one that is needed no more."""
        self.processes.remove(process)
        process.stop()

    def stop(self) -> None:
        """Stop everything: all are asked, last started first, and then waited for."""
        for process in reversed(self.processes):
            process.ask_to_stop()
        for process in reversed(self.processes):
            process.stop()


def answers(url: str) -> bool:
    """Whether an address answers with success."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP OK
    except (OSError, http.client.HTTPException):
        return False
