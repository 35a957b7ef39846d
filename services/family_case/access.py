"""The record of access: before anything of a family leaves, it is written down who gets to see what, and why.

A log of its own (schema `access`), append-only, hashed, signed and verified as every log. No values stand in it: who,
in which role and bounds, for which purpose, what kind of document, which families, which classes of fields.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4

from shared.errors import Fault, Refused
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import china_now, stamp
from shared.log import lookups
from shared.log.hashes import party_hash
from shared.log.record import RecordedEvent, decode
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database, DatabaseError, Unavailable

SCHEMA = "access"
SOURCE = "urn:yihu:access"
OPENED = "access.opened"
WITHIN_S = 2.0
"""How long writing an access down may take; if it takes longer, nothing is shown."""

lookups.also(OPENED, "families")

ITSELF = "itself"
"""The role in which the program reads for itself: it judges, compares, rebuilds, and nobody sees what it read."""

PURPOSES = {
    "page": ("日常办理", "Casework"),
    "search": ("查找家庭", "Finding a family"),
    "work": ("办理待办事项", "Working off the list"),
    "desk": ("归档与查重", "Filing and duplicates"),
    "record": ("登记办理情况", "Recording what was done"),
    "print": ("打印", "Printing"),
    "export": ("导出", "Export"),
    "audit": ("审计", "Audit"),
    "opening": ("打开密封信息", "Opening sealed fields"),
    "api": ("业务系统接口调用", "A program's question"),
    "rpc": ("业务系统消息调用", "A program's question on the bus"),
    "command": ("运维命令", "A command of the operator"),
}
"""What families are read for: it follows from the page, nobody chooses it. Words for who asks who looked."""

KINDS = {
    "history": ("案卷记录", "the history"),
    "owed": ("应得事项", "what is owed"),
    "members": ("家庭成员", "the members"),
    "impact": ("更正影响", "what corrections changed"),
    "list": ("家庭名单", "a list of families"),
    "work": ("待办清单", "a work list"),
    "search": ("查找结果", "the result of a search"),
    "duplicates": ("疑似重复名单", "a list of possible duplicates"),
    "export": ("导出文件", "an exported file"),
    "sealed": ("密封信息", "sealed fields"),
}
"""What was shown, in words."""


CLASSES = {"P": "public", "I": "internal", "D": "personal", "S": "sensitive"}
"""The classes of fields, by the sensitivity that is declared of them."""


class AccessNotRecorded(Refused):
    """It could not be written down that somebody reads, so nothing is shown (503)."""

    def __init__(self) -> None:
        zh, en = (
            "访问记录暂时无法写入，因此不予显示；请稍后再试。",
            "The access cannot be recorded, so nothing is shown; try again.",
        )
        super().__init__([Fault("access_not_recorded", "", zh, en)], 503)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a person or program by its name, in which role, and of which department and county, if bound to one.

    `department` is a log's name, `division` a county's code; None is bound to none.
    """

    name: str
    role: str
    department: str | None = None
    division: str | None = None


AUDITOR = Reader("yihu", ITSELF)
"""The program itself, as it judges, compares and rebuilds. What it reads is shown to nobody and not written down."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of the record: which families, whom, what for, between which days, before which position."""

    families: Sequence[str] = ()
    reader: str = ""
    purpose: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None

    def fits(self, event: RecordedEvent) -> bool:
        """Whether a record is asked for."""
        day = event.attributes["time"][:10]
        return (
            (not self.families or bool({*self.families} & {*event.stored["families"]}))
            and self.reader in {"", event.subject}
            and self.purpose in {"", event.stored["purpose"]}
            and (self.until is None or day <= self.until.isoformat())
            and (self.before is None or event.position < self.before)
        )


PAGE = 1_000
LOOKED_THROUGH = 20_000
"""How many records are looked through where no index leads to them."""


class AccessLog:
    """The record of who read what. `database` is a connection of the family case, to any of its schemas."""

    def __init__(self, database: Database) -> None:
        self.database = database.beside(SCHEMA)
        self.log = LogRecorder(self.database)

    def record(
        self, reader: Reader, purpose: str, kind: str, families: Sequence[str], shows: Iterable[str] = ()
    ) -> None:
        """Write down that somebody is about to see something. Raises AccessNotRecorded, and nothing may be shown then.

        `shows` are classes of fields.
        """
        if reader.role == ITSELF:
            return
        id_ = uuid4().hex
        attributes = {
            "id": id_,
            "source": SOURCE,
            "type": OPENED,
            "time": stamp(china_now()),
            "process": id_,  # a stream of its own: nobody waits for another's number
            "subject": reader.name,
        }
        bounds = {"department": reader.department, "division": reader.division}
        data = {"role": reader.role, "purpose": purpose, "kind": kind, "families": list(families)}
        data |= {name: value for name, value in bounds.items() if value} | {"shows": sorted(shows)}
        try:
            with self.database.connection(within=WITHIN_S) as connection:
                self.log.append(connection, [RecordedEvent(None, 1, attributes, data)])
        except (Unavailable, DatabaseError) as error:
            raise AccessNotRecorded from error

    def latest(self, reader: str, most: int, looked_through: int = 200) -> list[str]:
        """Return the families whose case somebody opened last, the newest first, each once."""
        rows = self.database.all(
            f"SELECT body FROM {self.database.schema}.events WHERE subject = %s ORDER BY position DESC LIMIT %s",
            party_hash(reader),
            looked_through,
        )
        opened = (decode(row[0]) for row in rows)
        own = (one.stored["families"] for one in opened if one.subject == reader and one.stored["kind"] in _OF_ONE)
        return list(dict.fromkeys(family for families in own for family in families))[:most]

    def find(self, asked: Asked, most: int) -> tuple[list[dict[str, Any]], bool]:
        """Return what fits a question, the newest first, and whether there is more.

        It looks through LOOKED_THROUGH records at most where neither families nor a reader are named.
        """
        found: list[dict[str, Any]] = []
        for event in self._candidates(asked):
            if asked.since is not None and event.attributes["time"][:10] < asked.since.isoformat():
                break
            if asked.fits(event):
                if len(found) == most:
                    return found, True
                found.append(
                    event.stored
                    | {"position": event.position, "when": event.attributes["time"], "reader": event.subject}
                )
        return found, False

    def _candidates(self, asked: Asked) -> Iterator[RecordedEvent]:
        """Yield records that may fit, the newest first."""
        if asked.families:
            yield from reversed(self.log.past("key", asked.families, [OPENED]))
        elif asked.reader:
            yield from reversed(self.log.past("subject", [asked.reader], [OPENED]))
        else:
            last = asked.before or (self.log.max_notification_id() or 0) + 1
            end = max(last - LOOKED_THROUGH, 1)
            while last > end:
                rows = self.database.all(
                    f"SELECT position, body FROM {self.database.schema}.events WHERE position >= %s AND position < %s "
                    "ORDER BY position DESC",
                    max(last - PAGE, end),
                    last,
                )
                for position, body in rows:
                    yield decode(body, position)
                last -= PAGE


_OF_ONE = {"history", "owed", "members"}
"""What is shown of one family."""


@cache
def classes_of(type_name: str) -> frozenset[str]:
    """Return the classes of fields that an event of a type shows: how sensitive they are. Sealed fields are not."""
    declaration = CATALOGUE.get(type_name)
    facts = declaration.facts.values() if declaration else ()
    return frozenset(CLASSES[fact.sensitivity] for fact in facts if not fact.sealed)


def shown_by(types: Iterable[str]) -> frozenset[str]:
    """Return the classes of fields that events of these types show."""
    return frozenset[str]().union(*(classes_of(name) for name in set(types)))
