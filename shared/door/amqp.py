"""A department's door on the broker: the same parcels as over HTTP, answered by a message each.

Who may write to the department's queue is the broker's to say; as which sources, that of the department's API keys.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from shared.bus.inbox import Letter, in_queue
from shared.door.department import Answer, Department
from shared.door.intake import BATCH_EVENTS, Parcel, as_json, submissions_in, take_in
from shared.door.refused import RefusedDesk
from shared.errors import Fault, Refused
from shared.json import canonical
from shared.keys.files import Permit
from shared.postgres.database import Unavailable

PREFIXES = ("cloudEvents:", "cloudEvents_")
"""What the CloudEvents binding for AMQP puts before the name of an attribute in binary mode."""
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A message with its submissions, or with why it is none."""

    submissions: list[Any]
    batched: bool = False
    refused: Refused | None = None


class QueueDoor:
    """Answers the messages in one department's queue."""

    def __init__(self, name: str, department: Department, permits: Callable[[], dict[str, Permit]]) -> None:
        self.name = name
        self.department = department
        self.permits = permits
        self.desk = RefusedDesk(department.database)
        self._system = in_queue(name).name

    def handle(self, letters: list[Letter]) -> list[bytes]:
        """Return the answer to each message, in order. Those that fit into one batch are one.

        Raises Unavailable when the database does not answer: nobody is told to come again, the messages wait.
        """
        sources = {one.source for one in self.permits().values() if one.department == self.name and one.may == "write"}
        found: list[bytes] = []
        for some in _together([self._opened(letter) for letter in letters]):
            submissions = [one for opened in some for one in opened.submissions]
            taken = take_in(self.department, sources, submissions)
            if any(one.refused and one.refused.status == HTTPStatus.SERVICE_UNAVAILABLE for one in taken):
                raise Unavailable
            unread = [opened.refused for opened in some if opened.refused]
            refusals = [*(one.refused for one in taken), *unread]
            self.desk.note(self._system, submissions + [None] * len(unread), refusals)
            answers = iter(taken)
            found += [_encoded(opened, [next(answers) for _ in opened.submissions]) for opened in some]
        return found

    def _opened(self, letter: Letter) -> _Opened:
        parcel = _parcel(letter)
        try:
            self._check(letter)
            return _Opened(submissions_in(parcel), parcel.batched)
        except Refused as refused:
            return _Opened([], refused=refused)

    def _check(self, letter: Letter) -> None:
        if letter.user not in {"", self.name}:
            zh, en = "消息不是以本部门的账号发送的。", "The message was not sent by this department's user."
            raise Refused([Fault("not_permitted", "", zh, en)], 403)


def _together(letters: list[_Opened]) -> Iterator[list[_Opened]]:
    """Yield messages in groups, of no more events together than a batch may have."""
    group: list[_Opened] = []
    events = 0
    for one in letters:
        if group and events + len(one.submissions) > BATCH_EVENTS:
            yield group
            group, events = [], 0
        group.append(one)
        events += len(one.submissions)
    if group:
        yield group


def _encoded(opened: _Opened, answers: list[Answer]) -> bytes:
    found = [as_json(answer) for answer in answers or [Answer(refused=opened.refused)]]
    return canonical(found if opened.batched else found[0])


def _parcel(letter: Letter) -> Parcel:
    charset = _CHARSET.search(letter.content_type)
    return Parcel(
        letter.content_type.partition(";")[0].strip().lower(),
        charset[1] if charset else "",
        "" if letter.coding.lower() in {"utf-8", "utf8"} else letter.coding,  # what kombu's senders say of text
        lambda: letter.body,
        partial(_attributes, letter)
        if any(f"{one}specversion" in (letter.headers or {}) for one in PREFIXES)
        else None,
    )


def _attributes(letter: Letter) -> dict[str, Any]:
    """Return the attributes of binary mode, as the types of the protocol that they came in."""
    found: dict[str, Any] = {}
    for name, value in (letter.headers or {}).items():
        prefix = next((one for one in PREFIXES if name.startswith(one)), None)
        if prefix is None:
            continue
        attribute = name.removeprefix(prefix)
        if attribute in found:
            zh, en = "同一属性出现了两次。", "An attribute is there twice."
            raise Refused([Fault("duplicate_key", "", zh, en)], 400)
        found[attribute] = f"{value.isoformat()}Z" if isinstance(value, datetime) else value
    return found
