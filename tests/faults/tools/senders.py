"""Seven departments' systems that send their events: one thread per source, each event again until its receipt comes.

with sending(installation.settings, events, checker, per_second=100) as load:
    ...                                 # meanwhile: faults
# here everything is receipted; load.answers counts what the doors said, load.took how long each event took
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

from shared.door.client import Client, DepartmentUnavailable
from shared.keys.files import Keys
from shared.settings import Settings
from tests.faults.tools.checker import Checker
from tests.faults.tools.workload import by_source

AGAIN_S = 0.1
"""How long a system waits before it sends an event again."""
PATIENCE_S = 60.0
"""How long one event may take until its receipt comes."""
RECEIPTED = (200, 201)
BUSY = 503


class Desk(Client):
    """A department's system. Whoever is told to come again must be told when."""

    def _send(self, request: Any) -> tuple[int, bytes, Any]:
        status, body, headers = super()._send(request)
        assert status != BUSY or headers.get("Retry-After"), "503 without Retry-After"
        return status, body, headers


class Load:
    """What the senders met: `answers` by HTTP status (0: no answer), `took` in seconds by event."""

    def __init__(self, settings: Settings, checker: Checker, per_second: float = 0.0) -> None:
        self.settings = settings
        self.checker = checker
        self.answers: Counter[int] = Counter()
        self.took: list[float] = []
        self.given_up = threading.Event()
        self._pause = 1 / per_second if per_second else 0.0
        self._begun = time.monotonic()
        self._turn = count()

    @property
    def receipted(self) -> int:
        """How many events have their receipt."""
        return len(self.took)

    def slowest(self, share: float = 0.99) -> float:
        """Return how many seconds an event took at most, but for the slowest ones."""
        return sorted(self.took)[int(share * (len(self.took) - 1))] if self.took else 0.0

    def emit_all(self, events: list[dict[str, Any]]) -> None:
        """Send the events of one source, one after the other."""
        department = events[0]["type"].partition(".")[0]
        client = Desk(self.settings.url, Keys(self.settings.keys).api_key(department))
        for submission in events:
            self.given_up.wait(max(self._begun + next(self._turn) * self._pause - time.monotonic(), 0))
            if self.given_up.is_set():
                return
            self.emit(client, department, submission)

    def emit(self, client: Client, department: str, submission: dict[str, Any]) -> None:
        """Send one event until there is a receipt. A refusal, or an answer that is no answer, is a failure."""
        self.checker.attempted(submission)
        begun = time.monotonic()
        while time.monotonic() < begun + PATIENCE_S and not self.given_up.is_set():
            try:
                answer = client.emit(department, submission)
            except DepartmentUnavailable:
                self.answers[0] += 1
            else:
                self.answers[answer.status] += 1
                if answer.status in RECEIPTED:
                    self.checker.acknowledged(submission, answer.body)
                    self.took.append(time.monotonic() - begun)
                    return
                assert answer.status == BUSY, (answer.status, submission["type"], answer.body)
            self.given_up.wait(AGAIN_S)
        assert self.given_up.is_set(), f"no receipt after {PATIENCE_S} s: {submission['type']} {submission['id']}"


@contextmanager
def sending(
    settings: Settings, events: list[dict[str, Any]], checker: Checker, per_second: float = 0.0
) -> Iterator[Load]:
    """Send events from all sources while the block runs, and after it until all are receipted; a failure is ours."""
    load = Load(settings, checker, per_second)
    with ThreadPoolExecutor(7) as pool:
        jobs = [pool.submit(load.emit_all, some) for some in by_source(events).values()]
        try:
            yield load
            for job in jobs:
                job.result()
        except BaseException:
            load.given_up.set()  # or the pool would wait for the others
            raise
