"""Systems that send batches: each batch again, whole, until every event in it has its receipt or its last word.

desk = Desks(installation.settings, checker)
desk.send(batch)                     # as often as it takes; the first whole answer is returned, event by event
desk.post(batch)                     # once; None when no answer came
recorded(settings, batch)            # how many of its events are in the log, once nobody appends any more
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.request import Request

from services.processes import assembly
from shared.door.client import DepartmentUnavailable
from shared.keys.files import Keys
from shared.language.envelope import BATCHED
from shared.settings import Settings
from tests.faults.tools.checker import Checker
from tests.faults.tools.senders import AGAIN_S, PATIENCE_S, RECEIPTED, Desk
from tests.world import wait_for

Batch = list[dict[str, Any]]
UNANSWERED = (0, HTTPStatus.SERVICE_UNAVAILABLE)


class Desks:
    """Sends batches with the departments' keys and tells a checker what was answered; `answers` counts the statuses."""

    def __init__(self, settings: Settings, checker: Checker) -> None:
        self.checker = checker
        self.answers: Counter[int] = Counter()
        self.given_up = threading.Event()
        self._settings = settings

    def send(self, batch: Batch) -> list[dict[str, Any]]:
        """Send a batch until no event of it is told to come again; return the answers of that time."""
        answers: list[dict[str, Any]] = []

        def answered() -> bool:
            answers[:] = self.post(batch) or []
            if answers and not any(answer["status"] in UNANSWERED for answer in answers):
                return True
            return self.given_up.wait(AGAIN_S)

        wait_for(answered, PATIENCE_S, "each event of a batch answered")
        return answers

    def post(self, batch: Batch) -> list[dict[str, Any]] | None:
        """Send a batch once; return its answers, or None when it got none as a whole."""
        department = _department(batch)
        for submission in batch:
            self.checker.attempted(submission)
        body = json.dumps(batch, ensure_ascii=False).encode()
        url = f"{self._settings.url}/{department}/events"
        try:
            status, raw, _ = Desk(self._settings.url, Keys(self._settings.keys).api_key(department))._send(
                Request(url, body, {"Content-Type": BATCHED})  # noqa: S310 - our own address
            )
        except DepartmentUnavailable:
            self.answers[0] += 1
            return None
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.answers[status] += 1
            return None
        assert status == HTTPStatus.MULTI_STATUS, (status, raw[:500])
        try:
            answers: list[dict[str, Any]] = json.loads(raw)
        except ValueError:  # it was killed while it answered
            self.answers[0] += 1
            return None
        assert len(answers) == len(batch)
        for submission, answer in zip(batch, answers, strict=True):
            self._note(submission, answer)
        return answers

    def _note(self, submission: dict[str, Any], answer: dict[str, Any]) -> None:
        self.answers[answer["status"]] += 1
        if answer["status"] in RECEIPTED:
            self.checker.acknowledged(submission, answer["receipt"])
        elif answer["status"] == HTTPStatus.SERVICE_UNAVAILABLE:
            assert answer["problem"]["retry"], answer
        else:
            self.checker.refused(submission)


def cut(events: Batch, chance: random.Random, longest: int) -> Iterator[Batch]:
    """Yield events in order, in batches of random size."""
    at = 0
    while at < len(events):
        size = chance.randint(1, longest)
        yield events[at : at + size]
        at += size


def recorded(settings: Settings, *batches: Batch) -> list[int]:
    """Return how many events of each batch of one department are in its log, once nobody is appending any more."""
    recorder = assembly.logs(settings)[_department(batches[0])]
    with recorder.database.transaction() as tx:
        recorder.lock(tx)
        rows = tx.execute(f"SELECT body FROM {recorder.schema}.events".encode()).fetchall()  # noqa: S608
    recorder.database.close()
    known = {(submission["source"], submission["id"]) for submission in (json.loads(row[0]) for row in rows)}
    return [sum((submission["source"], submission["id"]) in known for submission in batch) for batch in batches]


def _department(batch: Batch) -> str:
    return str(batch[0]["type"]).partition(".")[0]
