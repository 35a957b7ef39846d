"""What the fault tests counted. `python -m tests.faults.tools.proof` (`make prove`) runs all of them at full size.

A test takes the fixture `proof`, scales itself by `proof.full`, draws from `proof.random`, and says what it counted by
`proof.note(...)`. The report in build/proof/ has the seed, the versions, and every test with its counts and outcome.
"""

import json
import os
import platform
import random
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from shared.postgres.embedded import _binaries
from tests.faults.tools.broker import ensure_installed

DIRECTORY = Path("build/proof")
LIBRARIES = ("nameko", "kombu", "eventlet", "amqp", "eventsourcing", "psycopg", "waitress", "flask", "cryptography")
PROPERTIES = [f"tests/entitlements/test_{name}.py" for name in ("naively", "properties", "states", "one_parameter")]
SHORT_SEED = 1
"""The seed of `make test`, so that what fails there fails again."""


@dataclass
class Proof:
    """One test's part of the proof."""

    test: str
    full: bool
    seed: int
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Seed the random numbers with the run's seed and the test's name: no test depends on another's draws."""
        self.random = random.Random(f"{self.seed} {self.test}")  # noqa: S311

    def of(self, short: int, full: int) -> int:
        """Return how many: in `make test`, or in `make prove`."""
        return full if self.full else short

    def note(self, **counts: Any) -> None:
        """Keep what was counted; the same name again overwrites."""
        self.notes |= counts

    def write(self, directory: Path, outcome: str, seconds: float) -> None:
        """Write this part down."""
        directory.mkdir(parents=True, exist_ok=True)
        part = {"test": self.test, "outcome": outcome, "seconds": round(seconds, 1), "seed": self.seed} | self.notes
        name = "".join(letter if letter.isalnum() else "_" for letter in self.test)
        (directory / f"{name[-120:]}.json").write_text(json.dumps(part, ensure_ascii=False), encoding="utf-8")


def versions() -> dict[str, str]:
    """Return what was tested, and with what."""
    commit = _says("git", "describe", "--always", "--dirty")
    server = ensure_installed()
    return {
        "yihu": f"{version('yihu')} {commit}".strip(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}, {os.cpu_count()} cores",
        "postgresql": _says(str(_binaries() / "postgres"), "--version").rpartition(" ")[2],
        "rabbitmq": _rabbitmq(server),
    } | {name: version(name) for name in LIBRARIES}


def report(directory: Path, seed: int, seconds: float) -> tuple[str, dict[str, Any]]:
    """Put the parts together: as Markdown and as JSON."""
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("part/*.json"))]
    parts.sort(key=lambda part: part["test"])
    whole = {
        "date": time.strftime("%Y-%m-%d %H:%M %z"),
        "seed": seed,
        "seconds": round(seconds),
        "versions": versions(),
        "failed": [part["test"] for part in parts if part["outcome"] == "failed"],
        "tests": parts,
    }
    lines = ["# Proof", "", f"{whole['date']}, seed {seed}, {whole['seconds']} s. Again: `make prove SEED={seed}`.", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in versions().items()), ""]
    lines += ["| test | outcome | s | counts |", "|---|---|---|---|"]
    for part in parts:
        counts = {name: value for name, value in part.items() if name not in {"test", "outcome", "seconds", "seed"}}
        counted = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in counts.items())
        lines.append(f"| {part['test'].rpartition('::')[2]} | {part['outcome']} | {part['seconds']} | {counted} |")
    return "\n".join([*lines, ""]), whole


def main(arguments: list[str]) -> int:
    """Run the fault tests at full size, with the seed given or a new one, and write the report; 1 if one failed."""
    seed = int(arguments[0]) if arguments and arguments[0] else secrets.randbelow(10**9)
    for left in DIRECTORY.glob("part/*.json"):
        left.unlink()
    begun = time.monotonic()
    words = ["-m", "pytest", "tests/faults", *PROPERTIES]
    words += ["--numprocesses", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    words += ["--prove", str(DIRECTORY / "part"), "--seed", str(seed)]
    ended = subprocess.run([sys.executable, *words], check=False).returncode
    text, whole = report(DIRECTORY, seed, time.monotonic() - begun)
    (DIRECTORY / "proof.md").write_text(text, encoding="utf-8")
    (DIRECTORY / "proof.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.stdout.write(text)
    return 1 if ended or whole["failed"] else 0


def _says(*command: str) -> str:
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def _rabbitmq(server: Path) -> str:
    found = sorted(server.parents[1].glob("lib/rabbitmq_server-*"))
    return found[-1].name.rpartition("-")[2] if found else server.name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
