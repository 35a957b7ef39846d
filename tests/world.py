"""What tests share: the sample stories, ready events, and waiting."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from services.departments import load_catalogue
from shared.door.deciding import Accepted, Decider
from shared.door.department import Department
from shared.door.memory import Memory
from shared.door.reading import Reader
from shared.door.sameness import Sameness
from shared.door.sealing import filled, to_seal
from shared.json import canonical
from shared.keys.persons import LinkKey
from shared.language.rules import Rules
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
FATHER, MOTHER, SON, DAUGHTER = "422399198803150112", "422399199007080242", "421299201709030139", "42129920210512020X"
"""Family A's members: fabricated people in a region that does not exist."""

_ids = count(1)


def story(letter: str) -> list[dict[str, Any]]:
    """Return the events of a sample family (`a` or `b`) in order."""
    text = (SAMPLES / f"family_{letter}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def event(type_name: str, data: dict[str, Any], subject: str | None = DAUGHTER, **attributes: Any) -> dict[str, Any]:
    """Return a new CloudEvent of a department's desk, with an id of its own."""
    department = type_name.partition(".")[0]
    made = {
        "specversion": "1.0",
        "id": f"test-{next(_ids)}",
        "source": f"urn:yihu:{department}:desk",
        "type": type_name,
        "time": "2025-03-01T09:00:00+08:00",
        "data": data,
    }
    return made | ({"subject": subject} if subject else {}) | attributes


def family_opened(members: list[str] | None = None, **attributes: Any) -> dict[str, Any]:
    """Return an event that opens a family's case; the first member is the head."""
    members = members or [FATHER, MOTHER, SON, DAUGHTER]
    return event(
        "disability_federation.family_case_opened",
        {
            "hukou_type": "rural",
            "address_text": "虚构镇1组",
            "division": "421221",
            "members": members,
            "head": members[0],
            "source": "survey",
        },
        subject=members[0],
        **attributes,
    )


def from_the_future(department: Department) -> RecordedEvent:
    """Record an event of a type that only a later version of the program knows, beside a department's first one."""
    [first] = department.recorder.at([1])
    attributes = first.attributes | {"type": f"{first.type.partition('.')[0]}.from_the_future", "id": "from-the-future"}
    event = RecordedEvent("future", 1, attributes, first.data)
    with department.database.transaction() as tx:
        [position] = department.recorder.append(tx, [event])
    return replace(event, position=position)


class EmptyLog:  # its methods are those of LogRecorder
    """A log on which nothing is recorded: all that a batch knows is what the batch itself said."""

    schema = "nobody"

    def max_notification_id(self) -> int | None:
        """No last position."""
        return None

    def known(self, _: Any) -> dict[Any, Any]:
        """Nothing known."""
        return {}

    def versions(self, _: Any) -> dict[str, int]:
        """No versions."""
        return {}

    def named(self, _: Any) -> list[Any]:
        """Nothing of that name."""
        return []

    def at(self, _: Any) -> list[Any]:
        """Nothing there."""
        return []

    def amendments(self, _: Any) -> list[Any]:
        """No amendments."""
        return []

    def past(self, *_: Any) -> list[Any]:
        """No past."""
        return []


def records(log: str, events: list[dict[str, Any]], now: datetime) -> list[RecordedEvent]:
    """Return events as a department's log would hold them, without a database and without rules."""
    load_catalogue()
    reader = Reader(log, LinkKey(b"\1" * 32), allow_test_regions=True)
    read = reader.read(events, now)
    decider = Decider(reader, Rules(), Sameness(reader, None), now)  # type: ignore[arg-type]
    memory = Memory(EmptyLog(), [], [])  # type: ignore[arg-type]
    found = []
    for submission, one in zip(events, read, strict=True):
        decided = decider.outcome(submission, one, None, memory)
        assert isinstance(decided, Accepted), decided
        sealed = iter([_as_if_sealed(*item) for item in to_seal(decided)])
        found.append(filled(decided, sealed))
    return found


def _as_if_sealed(person: str, place: tuple[str, ...], text: str) -> dict[str, str]:
    return {"sealed": "intl", "key": person[-6:], "value": leaf_hash(canonical([place, text])).hex()}


def drop_database(owner: str, name: str) -> None:
    """Drop a database as superuser: only that role may end an autovacuum that is at work in it."""
    superuser = psycopg.conninfo.make_conninfo(owner, user="postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def wait_for(condition: Callable[[], bool], seconds: float = 30.0, what: str = "") -> None:
    """Wait until a condition holds; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting after {seconds} s: {what or condition}"
        time.sleep(0.05)
