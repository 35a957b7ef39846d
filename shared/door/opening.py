"""Opening what is sealed: for a named person and purpose, on record before a value leaves.

Each department has a log of its openings, schema `<department>_opened`: append-only, hashed, signed and verified as
every log. In it stand who opened which fields of which records, in which role, when and what for: no values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from shared.door.department import Department
from shared.errors import Broken, Fault, Refused
from shared.json import parse_strict
from shared.keys.ring import is_sealed
from shared.keys.signing import Signer
from shared.language.envelope import stamp
from shared.language.kinds import Unreadable, line
from shared.log import checkpoints
from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder

BODY_BYTES = 16_384
FIELDS = 100
"""How many fields may be asked for at once."""
SOURCE = "urn:yihu:family_case"
"""Who asks, in the log: the family case, for the person that it names."""
SHORTEST = 4
"""The fewest characters of a purpose."""
NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: fields of records, by position in the department's log.

    A field inside what a correction says is `outer/inner`.
    """

    user: str
    role: str
    purpose: str
    records: tuple[tuple[int, tuple[str, ...]], ...]


class NothingSealed(Refused):
    """A record or field that was asked for is not there, or not sealed. Which one is not said."""

    def __init__(self) -> None:
        zh, en = "没有这一密封信息。", "There is no such sealed field."
        super().__init__([Fault("nothing_sealed", "/records", zh, en)], 404)


def schema_of(department: str) -> str:
    """Return the schema of a department's log of openings; its log is called the same."""
    return f"{department}_opened"


class Openings:
    """What opens the sealed fields of a department, and the log of that. `signer` signs as that log."""

    def __init__(self, department: Department, signer: Signer) -> None:
        self.department = department
        self.signer = signer
        self.log = LogRecorder(department.database.beside(schema_of(department.database.schema)))

    def open(self, asked: Asked) -> dict[str, Any]:
        """Return the values of fields, once it is on record who opens them.

        A field whose key was destroyed says so in place of a value, and one that does not open as it should.
        Raises NothingSealed, or Unavailable, and then nothing is opened.
        """
        wanted = list(self._wanted(asked.records))
        opening = self._record(asked)
        here = self.department.ring.present({box["key"] for *_, box in wanted})
        return {"opening": opening, "fields": [self._opened(*one, here) for one in wanted]}

    def _wanted(
        self, records: Sequence[tuple[int, tuple[str, ...]]]
    ) -> Iterator[tuple[RecordedEvent, str, dict[str, str]]]:
        """Yield each field with its record and what is sealed. Raises NothingSealed."""
        found = {one.position: one for one in self.department.recorder.at([position for position, _ in records])}
        for position, names in records:
            for name in names:
                record = found.get(position)
                outer, _, inner = name.partition("/")
                value = record.stored.get(outer) if record else None
                if inner:
                    value = value.get(inner) if isinstance(value, dict) and not is_sealed(value) else None
                if record is None or not is_sealed(value):
                    raise NothingSealed
                yield record, name, value

    def _record(self, asked: Asked) -> dict[str, Any]:
        """Write down who opens what; return where that stands. Raises Unavailable."""
        id_ = uuid4().hex
        attributes = {"id": id_, "source": SOURCE, "type": f"{self.department.signer.name.partition('/')[2]}.opened"}
        attributes |= {"time": stamp(self.department.clock()), "process": id_}
        data = {"user": asked.user, "role": asked.role, "purpose": asked.purpose}
        opened = [{"position": position, "fields": list(names)} for position, names in asked.records]
        with self.log.database.transaction() as tx:
            self.log.lock(tx)
            [position] = self.log.append(tx, [RecordedEvent(None, 1, attributes, data | {"opened": opened})])
        checkpoints.current(self.log, self.signer)
        return {"log": self.log.schema, "position": position, "id": id_}

    def _opened(self, record: RecordedEvent, name: str, box: dict[str, str], here: set[str]) -> dict[str, Any]:
        found = {"position": record.position, "field": name}
        if box["key"] not in here:
            return found | {"state": "destroyed"}
        try:
            value = self.department.ring.unseal(box, (record.type, record.source, record.id, name))
        except Broken:
            return found | {"state": "broken"}
        return found | {"state": "opened", "value": value}


def read(raw: bytes) -> Asked:
    """Read what somebody asks for. Raises Refused with every fault; never the value."""
    body = parse_strict(raw)
    if not isinstance(body, dict):
        raise Refused([Fault("not_an_object", "", "应为 JSON 对象。", "This must be a JSON object.")], 422)
    faults = [
        Fault("unknown_field", "/?", "有多余的项。", "There is a field too many.")
        for name in body
        if name not in {"user", "role", "purpose", "records"}
    ]
    texts = {name: _text(name, body.get(name), faults) for name in ("user", "role", "purpose")}
    if texts["purpose"] and len(texts["purpose"]) < SHORTEST:
        zh, en = "请用一句话写明用途。", "Say what for, in a sentence."
        faults.append(Fault("too_short", "/purpose", zh, en))
    records = _records(body.get("records"))
    if records is None:
        zh = f"应为 [{{position, fields}}]，至多 {FIELDS} 项。"
        faults.append(Fault("not_records", "/records", zh, f"This must be [{{position, fields}}], {FIELDS} at most."))
    if faults:
        raise Refused(faults, 422)
    return Asked(texts["user"], texts["role"], texts["purpose"], records or ())


def _text(name: str, value: Any, faults: list[Fault]) -> str:
    try:
        return line(value) if name == "purpose" else line(value, longest=NAME_LENGTH)
    except Unreadable as error:
        faults.append(error.at(f"/{name}"))
        return ""


def _records(value: Any) -> tuple[tuple[int, tuple[str, ...]], ...] | None:
    if not isinstance(value, list) or not value:
        return None
    found = []
    for one in value:
        if not isinstance(one, dict) or one.keys() != {"position", "fields"}:
            return None
        position, names = one["position"], one["fields"]
        if type(position) is not int or not 0 < position < 2**62 or not isinstance(names, list) or not names:
            return None
        if not all(isinstance(name, str) for name in names):
            return None
        found.append((position, tuple(names)))
    return tuple(found) if sum(len(names) for _, names in found) <= FIELDS else None
