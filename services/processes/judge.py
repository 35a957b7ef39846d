"""The judging process: keeps every family's verdicts up with the case and with the calendar.

`python -m services.processes.judge` runs until SIGTERM. It judges in transactions of its own, so it may be killed at
any moment, and several of them share the work.
"""

import gc
import logging
import os
import signal
import sys
import time
from types import FrameType

from services.entitlements.engine import load_once
from services.processes import assembly
from services.processes.supervisor import die_with_parent
from shared.logs import start_logging
from shared.postgres.database import Unavailable
from shared.settings import Settings

REST_S = 0.1
"""How long it rests when nothing is to be judged."""
FAILED_S = 1.0
"""How long it rests after a failure."""

NICE = 10
"""How much sooner others get a processor."""
FULL = 50
"""After how many steps, idle ones too, all of its memory is looked through for garbage."""

_log = logging.getLogger(__name__)


class Running:
    """Whether to go on: until a signal asks to stop."""

    def __init__(self) -> None:
        self.on = True
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.on = False


def main() -> int:
    """Judge until asked to stop; return 1 after an error that is none of the database's."""
    die_with_parent()
    start_logging()
    os.nice(NICE)  # recording and filing come first
    running = Running()
    judging = assembly.judging(Settings.from_environment())
    load_once()
    gc.freeze()  # what is here by now stays
    gc.disable()  # what a step makes is needed until its end, and is looked through then, once
    silent, steps = False, 0
    while running.on:
        steps += 1
        if steps % FULL == 0:
            gc.collect()
        try:
            judged = judging.step()
        except Unavailable:
            if not silent:
                _log.warning("the database does not answer")
            silent = True
            time.sleep(FAILED_S)
            continue
        silent = False
        if judged:
            gc.collect(0)
        else:
            time.sleep(REST_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
