"""Commands of `yihu` that run to their end, and a running `yihu up`."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli import forked
from tests.world import ROOT, wait_for

YIHU = [sys.executable, "-c", "from services.commands.cli import main; main()"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("YIHU_")}
ENVIRONMENT |= {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "PYTHONDONTWRITEBYTECODE": ""}
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Ended:
    """What a command wrote, and how it ended."""

    code: int
    out: str
    err: str


def yihu(*arguments: str, typed: bytes = b"", **environment: str) -> Ended:
    """Run a command to its end, in a process that has the program imported. No command may ever show a traceback."""
    with tempfile.TemporaryDirectory(prefix="yihu-cli-") as directory:
        streams = [Path(directory) / str(number) for number in range(3)]
        for path, content in zip(streams, (typed, b"", b""), strict=True):
            path.write_bytes(content)
        code = forked.run(arguments, Path(directory), ENVIRONMENT | environment, PATIENCE_S)
        return _ended(code, *(path.read_bytes() for path in streams[1:]))


def yihu_alone(*arguments: str, typed: bytes = b"", **environment: str) -> Ended:
    """Run a command to its end as a shell does: what it needs, it must import itself."""
    done = subprocess.run(
        [*YIHU, *arguments],
        input=typed,
        capture_output=True,
        env=ENVIRONMENT | environment,
        timeout=PATIENCE_S,
        check=False,
    )
    return _ended(done.returncode, done.stdout, done.stderr)


def _ended(code: int, out: bytes, err: bytes) -> Ended:
    found = Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
    assert "Traceback" not in found.err, found.err
    return found


def sentences(ended: Ended) -> list[str]:
    """Return the lines of an error, each Chinese first, then English."""
    lines = ended.err.splitlines()
    for line in lines:
        assert re.search(r"[\u4e00-\u9fff].*[A-Za-z]{2}", line), line
    return lines


@dataclass
class Up:
    """A running `yihu up`."""

    directory: Path
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, directory: Path, *arguments: str, ready: str = "按 Ctrl-C 停止") -> "Up":
        """Start it and wait until it says that it is ready."""
        log = directory.with_suffix(f".{time.monotonic_ns()}.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*YIHU, "up", "--data", str(directory), *arguments], stdout=output, stderr=output, env=ENVIRONMENT
            )
        found = cls(directory, process, log)
        wait_for(lambda: ready in found.printed or process.poll() is not None, 60, "yihu up")
        assert process.poll() is None, found.printed
        return found

    @property
    def printed(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text(errors="replace")

    @property
    def note(self) -> dict[str, Any]:
        """What it noted of itself."""
        found: dict[str, Any] = json.loads((self.directory / "running.json").read_text())
        return found

    def end(self, number: int) -> int:
        """Send it a signal and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)


def processes_of(directory: Path) -> list[str]:
    """Return the processes that belong to a data directory: by their arguments or their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(directory).encode() in words and process.name != str(os.getpid()):
            found.append((process / "cmdline").read_text(errors="replace"))
    return found
