"""A sending system as a process of its own: it posts bodies that were made before, and tells how long each took.

`python -m tests.benchmarks.sender URL KEY FILE CONNECTIONS PER_SECOND`: FILE holds a pickled list of bodies. It says
when it is ready and waits for a line; then it prints one line of JSON. Without a pace (0) each connection posts one
body after the other; with one, a body's time counts from when it was due, however late it was posted.
"""

import json
import pickle
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.language.envelope import BATCHED, STRUCTURED


def main(url: str, key: str, file: str, connections: int, per_second: float) -> None:
    """Post everything; print seconds, the time of each body, and what was answered how often, by status."""
    bodies: list[bytes] = pickle.loads(Path(file).read_bytes())  # noqa: S301 - the bench wrote it
    turn, took, answers = count(), [0.0] * len(bodies), [b""] * len(bodies)
    parts = urlsplit(url)
    headers = {"Authorization": f"Bearer {key}"}

    def post_all(_: int) -> None:
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        while (number := next(turn)) < len(bodies):
            due = begun + number / per_second if per_second else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            kind = BATCHED if bodies[number][:1] == b"[" else STRUCTURED
            connection.request("POST", parts.path, bodies[number], headers | {"Content-Type": kind})
            answers[number] = connection.getresponse().read()
            took[number] = time.perf_counter() - due
        connection.close()

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    begun = time.perf_counter()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(post_all, range(connections)))
    seconds = time.perf_counter() - begun
    statuses = Counter(status for answer in answers for status in _statuses(json.loads(answer)))
    sys.stdout.write(json.dumps({"seconds": seconds, "took": took, "answers": statuses}) + "\n")


def _statuses(answer: Any) -> list[str]:
    """Return for each event whether it was recorded, or why not."""
    found = [entry.get("receipt") or entry["problem"] for entry in answer] if isinstance(answer, list) else [answer]
    return [one.get("verdict") or one["code"] for one in found]


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]), float(sys.argv[5]))
