"""Processes of ours forked from one that has imported what they need: a second of work each that is not spent.

    process = start("services.processes.web", ["127.0.0.1", "20001"], environment, log)   # as `python -m` would
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL

Each module has a parent of its own, since the worker's makes it an eventlet process; a parent imports what the module
imports, and its children run the module itself. `make prove` starts them by `python -m`.
"""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from os import fork, read, waitpid, write
from pathlib import Path
from typing import Any, Self

# Nothing of ours is imported above, and functions of `os` are bound: the worker's module replaces them.
ROOT = Path(__file__).resolve().parents[3]
POLL_S = 0.01


@dataclass
class Forked:
    """A process, used like one of subprocess."""

    parent: "Parent"
    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return how it ended, a signal as a negative number, or None."""
        if self.returncode is None:
            self.returncode = self.parent.ended(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends; return how. Raises TimeoutExpired."""
        deadline = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(POLL_S)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Parent:
    """A process that has imported what a module needs, and forks those that run it. It ends with this one."""

    def __init__(self, module: str) -> None:
        command = [sys.executable, "-m", "tests.faults.tools.preloaded", module]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("YIHU_")}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, env=environment)
        self._said: dict[str, dict[int, int]] = {"ended": {}}
        self._rest = b""
        assert self._process.stdin
        assert self._process.stdout
        self._to, self._from = self._process.stdin, self._process.stdout

    @classmethod
    def of(cls, module: str) -> Self:
        """Return the one parent of a module."""
        if module not in _parents:
            _parents[module] = cls(module)
        return _parents[module]  # type: ignore[return-value]

    def fork(self, wanted: dict[str, Any]) -> Forked:
        """Fork a process."""
        self._to.write(json.dumps(wanted).encode() + b"\n")
        self._to.flush()
        while "forked" not in self._said:
            self._listen()
        [pid] = self._said.pop("forked")
        return Forked(self, pid)

    def ended(self, pid: int) -> int | None:
        """Return how a child ended, None while it runs."""
        os.set_blocking(self._from.fileno(), False)
        try:
            self._listen()
        finally:
            os.set_blocking(self._from.fileno(), True)
        return self._said["ended"].get(pid)

    def end(self) -> None:
        """End it; its children go on."""
        self._to.close()
        self._from.close()
        self._process.wait()

    def _listen(self) -> None:
        try:
            found = read(self._from.fileno(), 65_536)
        except BlockingIOError:
            return
        assert found, "the parent of our processes has ended"
        *lines, self._rest = (self._rest + found).split(b"\n")
        for line in lines:
            what, pid, code = json.loads(line)
            self._said.setdefault(what, {})[pid] = code


_parents: dict[str, Parent] = {}


def start(
    module: str, arguments: list[str], environment: dict[str, str], log: Path, crash: tuple[str, int] | None = None
) -> Forked:
    """Start a module with arguments; what it writes goes to the end of a file."""
    wanted = {"arguments": arguments, "environment": environment, "log": str(log), "crash": crash}
    return Parent.of(module).fork(wanted)


def end_all() -> None:
    """End all parents."""
    while _parents:
        _parents.popitem()[1].end()


def main(module: str) -> None:
    """Import what a module needs; then fork a process for each line that is read, and say how each ended."""
    import_module(module)
    del sys.modules[module]  # each child runs it anew, as its main module
    signal.signal(signal.SIGCHLD, lambda *_: _say_who_ended())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which then stop everything
    rest = b""
    while found := read(0, 65_536):
        *lines, rest = (rest + found).split(b"\n")
        for line in lines:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])  # first it is told that it was forked
            pid = fork()
            if pid == 0:
                _become(module, **json.loads(line))
            _say("forked", pid, 0)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os._exit(0)


def _become(
    module: str, arguments: list[str], environment: dict[str, str], log: str, crash: tuple[str, int] | None
) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    for number, name, how in ((0, os.devnull, os.O_RDONLY), (1, log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)):
        opened = os.open(name, how, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    os.dup2(1, 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    if "eventlet" in sys.modules:
        import_module("eventlet.hubs").use_hub()  # with an epoll of its own: the parent's would be all children's
    if crash:
        import_module("tests.faults.tools.crash_points").arm(*crash)
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - what Python itself would print
        sys.excepthook(*sys.exc_info())
    _end(code)


def _end(code: int) -> None:
    """End as Python does: wait for threads, write what is still to be written."""
    import atexit  # noqa: PLC0415
    import threading  # noqa: PLC0415

    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _say_who_ended() -> None:
    while True:
        try:
            pid, status = waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say("ended", pid, os.waitstatus_to_exitcode(status))


def _say(what: str, pid: int, code: int) -> None:
    write(1, json.dumps([what, pid, code]).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
