"""Lets a process of ours kill itself (SIGKILL) at a named point, by wrapping the functions of the program from outside.

    installation.start("web", crash=("between_commit_and_receipt", 3))   # dies at the third passage
    installation.processes["web"].wait()
    installation.start("web")

`python -m tests.faults.tools.crash_points POINT TIMES MODULE [ARGUMENT…]` runs the module as `python -m` would. The
program knows nothing of it: no point is a line of the program.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

WORKER = "services.processes.worker"

POINTS: dict[str, tuple[str, str, str, str]] = {
    # web: everything is checked, nothing is written
    "before_commit": ("shared.log.recorder", "LogRecorder", "append", "before"),
    # web: a batch is written, the transaction is open
    "mid_append": ("shared.log.recorder", "LogRecorder", "append", "after"),
    # web: committed, the sender knows nothing yet
    "between_commit_and_receipt": ("shared.door.department", "Department", "receive_all", "after"),
    # worker: the relay has read the log, nothing is published
    "before_publish": ("shared.bus.broker", "BusWriter", "publish", "before"),
    # worker: the broker has confirmed, the relay has not noted it
    "after_publish_before_mark": ("shared.bus.broker", "BusWriter", "publish", "after"),
    # worker: the inbox has the event, the case does not; the transaction is open
    "mid_filing": ("services.family_case.filing", "FamilyCases", "_file", "before"),
    # worker: the case log has the events, the read models do not; the transaction is open
    "between_case_and_read_models": ("services.family_case.entries", "Entries", "note", "before"),
    # worker: a batch is filed, the transaction is open
    "mid_batch": ("services.family_case.filing", "FamilyCases", "_file", "after"),
    # worker: a batch is filed and committed, the broker does not know
    "after_filing_before_ack": ("services.family_case.consumer", "Consumer", "handle", "after"),
    # worker: what was missing is fetched from a department, nothing of it is filed
    "after_fetch_before_filing": ("shared.door.client", "Client", "log", "after"),
}
"""Module, class, method, and whether the process dies before or after it. A test names each of them."""


def arm(point: str, times: int) -> None:
    """Make this process kill itself at the so manieth passage of a point."""
    module, owner, method, when = POINTS[point]
    holder = getattr(import_module(module), owner)
    setattr(holder, method, _deadly(getattr(holder, method), times, when))


def _deadly(function: Callable[..., Any], times: int, when: str) -> Callable[..., Any]:
    passages = count(1)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        last = next(passages) == times
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def main(point: str, times: str, module: str, arguments: list[str]) -> None:
    """Arm the point, then become the module."""
    if module == WORKER:
        import_module("shared.bus.worker")  # before all others: it makes this an eventlet process
    arm(point, int(times))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
