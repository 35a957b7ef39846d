"""The desk: what stands in no history, and why, where somebody looks at it and decides.

An event waits for its family, or for a version of the program that can file it (`waiting`); a message that nobody can
read, or nobody signed, is quarantined, sealed; what contradicts itself about who belongs together is flagged. Nothing
disappears: it joins a history by itself when that is possible, can be tried again, or is set aside with a reason and
taken up again. Decisions are kept in order, beside the logs: a replay makes nothing of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from services.family_case.domain import filed_event, is_person, place_key
from services.family_case.flags import NO_CASE
from services.family_case.waiting import FILING_FAILED, UNKNOWN_PERSON, UNKNOWN_TYPE
from shared.errors import Fault, Refused
from shared.json import canonical
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import china_day, china_now, civil_day
from shared.language.kinds import Setting, Unreadable, line
from shared.log.record import RecordedEvent, decode
from shared.postgres.database import Database

UNSIGNED = ["unknown_log", "not_signed_by_the_log"]
"""Reasons against messages that no department vouches for: whoever reaches the bus can send any number of them."""
UNSIGNED_BYTES = 4 * 1024
"""How much of such a message is kept; its size and digest tell the rest."""
UNSIGNED_MESSAGES = 10_000
"""How many of them are kept; the others are logged. What a department signed is always kept whole."""
NOT_READABLE = "not_readable"
"""The reason against a message that a department signed, and this version cannot read: a later one may."""
LISTED = 500
"""How many items a list holds at most: the oldest ones."""
SHORTEST_PREFIX = 8
"""How many characters of a digest name a quarantined message, if no other begins with them."""

Decided = Literal["set_aside", "taken_up", "read"]
SET_ASIDE: Decided = "set_aside"
TAKEN_UP: Decided = "taken_up"
READ: Decided = "read"


REASONS = {
    UNKNOWN_PERSON: (
        "所涉人员尚未归入任何家庭；建档、登记为家庭成员或合并人员后自动归入",
        "the person belongs to no family yet; joins when a case is opened, a member added, or two persons merged",
    ),
    UNKNOWN_TYPE: (
        "本版程序不认识这类事件；升级后自动归入",
        "this version does not know the type; filed after an upgrade",
    ),
    FILING_FAILED: (
        "归档时出错；程序重启时再试",
        "filing failed; tried again when the program starts",
    ),
    "unknown_log": ("隔离：来源不明的消息", "quarantined: from a log that does not exist"),
    "not_signed_by_the_log": ("隔离：签名不成立的消息", "quarantined: the signature does not hold"),
    NOT_READABLE: ("隔离：无法读取的消息", "quarantined: cannot be read"),
    "differs_from_what_was_received": (
        "隔离：与先前接收的内容不同",
        "quarantined: not what was received earlier at its place",
    ),
}
"""Why something is not in a history, in Chinese and English."""


class NoSuchItem(Refused):
    """There is nothing at the desk by this name."""

    def __init__(self) -> None:
        zh, en = (
            "待办中没有这一项；请用 yihu unmatched 核对编号。",
            "Nothing at the desk has this name; see `yihu unmatched`.",
        )
        super().__init__([Fault("no_such_item", "/item", zh, en)], 404)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A quarantined message: its sealed body, and why it is there."""

    digest: str
    log: str
    reason: str
    sealed: dict[str, str]


class Desk:
    """What a person at the desk sees, and what they decide. `clock` is for ages and decisions."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = china_now) -> None:
        self.database = database
        self.clock = clock
        self.views = f"{database.schema}_views"
        self.quarantine = f"{database.schema}.quarantine"
        self.decisions = f"{database.schema}.desk_decisions"

    def waiting(self) -> list[dict[str, Any]]:
        """Return what stands in no history, by department and reason (G10), and how the case flags it."""
        rows = self.database.all(
            f"SELECT log, reason, count(*) FROM (SELECT log, reason FROM {self.views}.waiting "
            f"UNION ALL SELECT entry.log, '{UNKNOWN_PERSON}' FROM {self.views}.places AS place "
            f"JOIN {self.views}.entries AS entry ON entry.about = place.key WHERE place.family IS NULL"
            ") AS held GROUP BY log, reason ORDER BY log, reason"
        )
        found = [{"log": row[0], "reason": row[1], "events": row[2]} for row in rows]
        return [one | {"flag": NO_CASE} if one["reason"] == UNKNOWN_PERSON else one for one in found]

    def flagged(self) -> list[dict[str, Any]]:
        """Return the merges that do nothing, with the family in whose history each stands and the reason."""
        rows = self.database.all(
            f"SELECT one.log, one.position, one.flag, place.family FROM {self.views}.flagged AS one "
            f"JOIN {self.views}.entries AS entry USING (log, position) "
            f"LEFT JOIN {self.views}.places AS place ON place.key = entry.about ORDER BY 1, 2"
        )
        return [{"log": row[0], "position": row[1], "reason": row[2], "family": row[3]} for row in rows]

    def quarantined(self) -> list[dict[str, Any]]:
        """Return what could not be read, by log and reason (G10)."""
        rows = self.database.all(
            f"SELECT log, reason, count(*) FROM {self.quarantine} GROUP BY log, reason ORDER BY 1, 2"
        )
        return [{"log": row[0], "reason": row[1], "messages": row[2]} for row in rows]

    def unmatched(self) -> list[dict[str, Any]]:
        """Return the events that stand in no history, the oldest first: what, from where, since when, and why."""
        rows = self.database.all(
            f"SELECT log, position, reason, body, filed FROM (SELECT log, position, reason, body, false AS filed "
            f"FROM {self.views}.waiting UNION ALL SELECT entry.log, entry.position, '{UNKNOWN_PERSON}', own.body, true "
            f"FROM {self.views}.places AS place JOIN {self.views}.entries AS entry ON entry.about = place.key "
            f"JOIN {self.database.schema}.events AS own ON own.position = entry.filed WHERE place.family IS NULL) AS h"
        )
        events = [
            (log, filed_event(body).event if filed else decode(body, position), reason)
            for log, position, reason, body, filed in rows
        ]
        events.sort(key=lambda one: (one[1].attributes.get("loggedtime", ""), one[0], one[1].position))
        events = events[:LISTED]
        decided = self._decided([place_key((log, event.position)) for log, event, _ in events])
        return [self._unmatched(log, event, reason, decided) for log, event, reason in events]

    def messages(self) -> list[dict[str, Any]]:
        """Return the quarantined messages that were not read since, the oldest first; never what is in them."""
        rows = self.database.all(
            f"SELECT digest, log, reason, size, seen_at FROM {self.quarantine} AS own WHERE NOT EXISTS "
            f"(SELECT FROM {self.decisions} WHERE item = own.digest AND decided = '{READ}') "
            "ORDER BY seen_at, digest LIMIT %s",
            LISTED,
        )
        decided = self._decided([row[0] for row in rows])
        return [
            {"item": digest, "log": log, "reasons": [_said(reason)], "bytes": size}
            | self._age(china_day(seen))
            | {"retry": reason == NOT_READABLE, "set_aside": decided.get(digest)}
            for digest, log, reason, size, seen in rows
        ]

    def decide(self, item: str, decided: Decided, reason: str, who: str) -> str:
        """Set an item aside, or take it up again, and say why; return the item.

        `item` is `log/position`, or the digest of a message or its beginning; `who` an opaque key of whoever decides.
        Raises NoSuchItem, and Refused for a reason that holds a personal number.
        """
        found = self._item(item.strip())
        why, by = _clear("reason", reason), _clear("by", who)
        if decided == TAKEN_UP and self._decided([found]).get(found) is None:
            zh, en = "该项未被搁置。", "This item was not set aside."
            raise Refused([Fault("not_set_aside", "/item", zh, en)])
        self._keep(found, decided, why, by)
        return found

    def unread(self) -> list[Quarantined]:
        """Return the quarantined messages that a department signed and nobody could read so far."""
        rows = self.database.all(
            f"SELECT digest, log, reason, sealed FROM {self.quarantine} AS own WHERE reason = %s AND NOT EXISTS "
            f"(SELECT FROM {self.decisions} WHERE item = own.digest AND decided = '{READ}') ORDER BY seen_at, digest",
            NOT_READABLE,
        )
        return [Quarantined(*row) for row in rows]

    def has_read(self, message: Quarantined) -> None:
        """Note that a message was read after all."""
        self._keep(message.digest, READ, "", "yihu")

    def put_in_quarantine(self, digest: str, log: str, reason: str, size: int, sealed: dict[str, str]) -> None:
        """Keep a sealed message with its reason, once; of those nobody signed, UNSIGNED_MESSAGES."""
        with self.database.transaction() as tx:
            tx.execute(
                f"INSERT INTO {self.quarantine} (digest, log, reason, size, sealed) SELECT %s, %s, %s, %s, %s WHERE %s "
                f"OR (SELECT count(*) FROM {self.quarantine} WHERE reason = ANY(%s)) < %s "
                "ON CONFLICT DO NOTHING".encode(),
                (
                    digest,
                    log,
                    reason,
                    size,
                    canonical(sealed).decode(),
                    reason not in UNSIGNED,
                    UNSIGNED,
                    UNSIGNED_MESSAGES,
                ),
            )

    def _unmatched(
        self, log: str, event: RecordedEvent, reason: str, decided: Mapping[str, dict[str, Any]]
    ) -> dict[str, Any]:
        declaration, item = CATALOGUE.get(event.type), place_key((log, event.position))
        since = event.attributes.get("loggedtime") or event.attributes["recordedtime"]
        found: dict[str, Any] = {
            "item": item,
            "log": log,
            "position": event.position,
            "type": event.type,
            "label": declaration.label if declaration else event.type,
            "division": event.attributes.get("division"),
            "happened": civil_day(event.attributes["time"]).isoformat(),
        }
        found |= self._age(civil_day(since))
        if is_person(event.subject):
            found["person"] = event.subject
        if reason == UNKNOWN_PERSON:
            found["flag"] = NO_CASE
        return found | {"reasons": [_said(reason)], "set_aside": decided.get(item)}

    def _age(self, since: date) -> dict[str, Any]:
        return {"since": since.isoformat(), "days": (china_day(self.clock()) - since).days}

    def _decided(self, items: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return which of these items are set aside, each with the reason, by whom and when."""
        rows = self.database.all(
            f"SELECT DISTINCT ON (item) item, decided, reason, who, at FROM {self.decisions} WHERE item = ANY(%s) "
            "ORDER BY item, number DESC",
            list(items),
        )
        return {
            item: {"reason": reason, "who": who, "on": china_day(at).isoformat()}
            for item, decided, reason, who, at in rows
            if decided == SET_ASIDE
        }

    def _item(self, named: str) -> str:
        """Return the item that a person named. Raises NoSuchItem."""
        log, slash, position = named.partition("/")
        if slash and position.isascii() and position.isdigit():
            if any(one == named for one in self._places(log, int(position))):
                return named
            raise NoSuchItem
        rows = self.database.all(
            f"SELECT digest FROM {self.quarantine} WHERE starts_with(digest, %s) LIMIT 2",
            named,
        )
        if len(rows) != 1 or (len(named) < SHORTEST_PREFIX and rows[0][0] != named):
            raise NoSuchItem
        return str(rows[0][0])

    def _places(self, log: str, position: int) -> Iterator[str]:
        rows = self.database.all(
            f"SELECT log, position FROM {self.views}.waiting WHERE log = %s AND position = %s UNION ALL "
            f"SELECT entry.log, entry.position FROM {self.views}.entries AS entry JOIN {self.views}.places AS place "
            "ON place.key = entry.about WHERE entry.log = %s AND entry.position = %s AND place.family IS NULL",
            log, position, log, position,
        )  # fmt: skip
        return (place_key((row[0], row[1])) for row in rows)

    def _keep(self, item: str, decided: Decided, reason: str, who: str) -> None:
        with self.database.transaction() as tx:
            tx.execute(
                f"INSERT INTO {self.decisions} (item, decided, reason, who, at) VALUES (%s, %s, %s, %s, %s)".encode(),
                (item, decided, reason, who, self.clock()),
            )


def _said(reason: str) -> dict[str, str]:
    zh, en = REASONS.get(reason, (reason, reason))
    return {"code": reason, "zh": zh, "en": en}


def _clear(name: str, text: str) -> str:
    """Read a text that is kept in clear. Raises Refused."""
    try:
        return line(text, Setting(china_now().date(), allow_test_regions=True))
    except Unreadable as error:
        raise Refused([error.at(f"/{name}")]) from None
