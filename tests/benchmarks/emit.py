"""`yihu emit` of a file of 100,000 events, as an office sends it: a process of its own, receipts printed and kept."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from shared.keys.files import Keys
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from shared.settings import Settings
from tests.benchmarks.door import DEPARTMENT, Desk, _raw, registered
from tests.benchmarks.measure import Line
from tests.benchmarks.world import one_log
from tests.faults.tools.processes import Running
from tests.world import ROOT

EVENTS = 100_000
BESIDE = 20_000
COMMAND = [sys.executable, "-c", "from services.commands.cli import main; main()"]


def emit(settings: Settings, directory: Path) -> list[Line]:
    """Measure a file the whole way, the same from it once more, the door as fast as a sender can, and the log alone."""
    directory.mkdir(exist_ok=True)
    file = directory / "events.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in islice(registered(), EVENTS))
    running = Running.on_free_port(settings, directory)
    running.start("web")
    log = LogRecorder(Database(settings.database_url, DEPARTMENT))
    try:
        Desk(running, directory).batches(registered(), 1_000)
        first = _emitted(running, file)
        again = _emitted(running, file)
        door = Desk(running, directory).batches(registered(), BESIDE)
        raw = _raw(log, one_log())
    finally:
        running.stop()
        log.database.close()
    return [
        Line(f"yihu emit, a file of {EVENTS:,} events", "/s", first.rate, door, "the door, bodies made before"),
        Line("— beside the log alone", "/s", first.rate, raw, "its log alone, batches of 1,000"),
        Line("— the same file again", "/s", again.rate, first.rate, "the first time"),
        Line("— processor time of the command, 1,000 events", "ms", first.processor * 1_000_000 / EVENTS),
        Line("— the most memory that the command took", "MB", first.memory),
    ]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of the command was: events a second, seconds of processor time, MB."""

    rate: float
    processor: float
    memory: float


def _emitted(running: Running, file: Path) -> Ran:
    key = Keys(running.settings.keys).api_key(DEPARTMENT)
    environment = os.environ | {"YIHU_API_KEY": key, "YIHU_DATA": str(file.parent)}
    begun = time.monotonic()
    with (file.parent / "answers").open("wb") as answers:
        command = subprocess.Popen(
            [*COMMAND, "emit", str(file), "--to", running.settings.url],
            stdout=answers, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT,
        )  # fmt: skip
        _, status, used = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
    if command.returncode:
        raise ValueError(command.returncode)
    return Ran(EVENTS / (time.monotonic() - begun), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
