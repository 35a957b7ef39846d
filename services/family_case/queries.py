"""Questions to the family case, answered by SQL over the case log and the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from services.family_case.domain import NO_FAMILY, SOURCE, Arrival
from services.family_case.history import Entry, People, as_json, effective_by, history
from shared.door.department import china_now
from shared.errors import Fault, Refused
from shared.keys.persons import LinkKey
from shared.language.kinds import Setting, Unreadable, person
from shared.language.persons import TOKEN
from shared.log.record import record
from shared.postgres.database import Database


class NoSuchFamily(Refused):
    """There is no family case for this key."""

    def __init__(self) -> None:
        super().__init__([Fault("no_such_family", "", "没有这一案卷。", "There is no such family case.")], 404)


@dataclass(frozen=True, slots=True)
class Found:
    """A family's history, ready to be shown."""

    family: str
    entries: list[Entry]
    people: People


class Queries:
    """Read-only questions. `names` are the departments' Chinese names by log."""

    def __init__(self, database: Database, names: dict[str, str]) -> None:
        self.database = database
        self.names = names
        self.log = f"{database.schema}.events"
        self.name_of = f"{database.schema}.name_of"
        self.views = f"{database.schema}_views"

    def family_of(self, key: str) -> str | None:
        """Return the case number for a person (token) or a case number, after merges; None when there is none."""
        if TOKEN.fullmatch(key):
            row = self.database.one(f"SELECT family FROM {self.views}.members WHERE person = %s", key)
            key = row[0] if row else ""
        for _ in range(10):
            row = self.database.one(f"SELECT survivor FROM {self.views}.aliases WHERE alias = %s LIMIT 1", key)
            if row is None:
                break
            key = row[0]
        row = self.database.one(f"SELECT family FROM {self.views}.families WHERE family = %s", key)
        return row[0] if row else None

    def search(self, key: str, link: LinkKey, *, allow_test_regions: bool) -> str | None:
        """Return the case number for what a person typed: a case number, a token, or an identity number.

        Raises Refused when it is none of them.
        """
        text = key.strip()
        if not text.isprintable():
            raise Refused(
                [
                    Fault(
                        "illegal_character",
                        "/id",
                        "含有不可见或非法字符。",
                        "There is an invisible or illegal character.",
                    )
                ]
            )
        if TOKEN.fullmatch(text) or text.upper().startswith("XN-F-"):
            return self.family_of(text if TOKEN.fullmatch(text) else text.upper())
        try:
            found = person(text, Setting(china_now().date(), allow_test_regions))
        except Unreadable as error:
            raise Refused([error.at("/id")]) from None
        return self.family_of(link.token(found))

    def families(self) -> list[dict[str, Any]]:
        """Return all families: case number and division."""
        rows = self.database.all(f"SELECT family, division FROM {self.views}.families ORDER BY family")
        return [{"family": row[0], "division": row[1]} for row in rows]

    def find(self, family: str, known: date | None = None, effective: date | None = None) -> Found:
        """Return the history of a family, with the organisation-level events that its own events refer to."""
        filed = self._own(family)
        filed += self._context(filed)
        entries = history(filed, known)
        return Found(family, effective_by(entries, effective), People(entries))

    def as_json(self, found: Found, known: date | None = None, effective: date | None = None) -> dict[str, Any]:
        """Return a history as the JSON document of CLI and API."""
        entries = [as_json(entry, n, found.people, self.names) for n, entry in enumerate(found.entries, 1)]
        return {
            "family": found.family,
            "known": known.isoformat() if known else None,
            "effective": effective.isoformat() if effective else None,
            "members": [found.people.label(token) for token in found.people.members],
            "entries": entries,
            "sources": self.sources(),
        }

    def sources(self) -> list[dict[str, Any]]:
        """Return for each department how far its log was received, what it has signed, and what is missing (G4)."""
        found = []
        for log, name in self.names.items():
            received = self.database.one(f"SELECT max(position) FROM {self.database.schema}.inbox WHERE log = %s", log)
            signed = self.database.one(
                f"SELECT max(size) FROM {self.database.schema}.checkpoints_seen WHERE log = %s", log
            )
            have = (received and received[0]) or 0
            missing = max(((signed and signed[0]) or 0) - have, 0)
            found.append({"log": log, "department": name, "received": have, "missing": missing})
        return found

    def waiting(self) -> list[dict[str, Any]]:
        """Return what waits to be filed, by department and reason (G10)."""
        rows = self.database.all(
            f"SELECT log, reason, count(*) FROM {self.views}.waiting GROUP BY log, reason ORDER BY log, reason"
        )
        return [{"log": row[0], "reason": row[1], "events": row[2]} for row in rows]

    def quarantined(self) -> list[dict[str, Any]]:
        """Return what could not be read, by log and reason (G10)."""
        rows = self.database.all(
            f"SELECT log, reason, count(*) FROM {self.database.schema}.quarantine GROUP BY log, reason ORDER BY 1, 2"
        )
        return [{"log": row[0], "reason": row[1], "messages": row[2]} for row in rows]

    def _own(self, family: str) -> list[Arrival]:
        """Return what is filed about a family, under each number it ever had.

        Its streams of the case log are read whole, and what another family has by now is left out; what came from
        another family's stream is fetched singly. That is faster than to look for each entry's record.
        """
        rows = self.database.all(
            f"WITH RECURSIVE same (family) AS (SELECT %s::text UNION "
            f"SELECT alias FROM {self.views}.aliases JOIN same ON survivor = family) "
            f"SELECT e.log || '/' || e.position, filed.body FROM {self.views}.entries AS e "
            f"LEFT JOIN {self.log} AS filed "
            f"ON filed.stream = ANY(ARRAY(SELECT {self.database.schema}.stream_of(family) FROM same)) "
            f"AND filed.name = {self.name_of}('{SOURCE}', e.log || '/' || e.position) "
            "WHERE e.stream = ANY(ARRAY(SELECT family FROM same))",
            family,
        )
        elsewhere = [place for place, body in rows if body is None]
        if elsewhere:
            rows += self.database.all(
                f"SELECT '', body FROM {self.log} "
                f"WHERE name = ANY(ARRAY(SELECT {self.name_of}('{SOURCE}', place) FROM unnest(%s::text[]) AS place))",
                elsewhere,
            )
        return [_arrival(body) for _, body in rows if body is not None]

    def _organisations(self, condition: str, *params: Any) -> list[Arrival]:
        """Return the events about no person for which a condition holds."""
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.entries AS e JOIN {self.log} AS filed "
            f"ON filed.name = {self.name_of}('{SOURCE}', e.log || '/' || e.position) "
            f"WHERE e.stream = %s AND ({condition})",
            NO_FAMILY,
            *params,
        )
        return [_arrival(row[0]) for row in rows]

    def _context(self, filed: list[Arrival]) -> list[Arrival]:
        attributes = [arrival.event.attributes for arrival in filed]
        correlations = {said["correlationid"] for said in attributes if "correlationid" in said}
        causes = {said["causationid"] for said in attributes if "causationid" in said}
        if not correlations and not causes:
            return []
        return self._organisations("e.correlationid = ANY(%s) OR e.id = ANY(%s)", list(correlations), list(causes))


def _arrival(body: bytes) -> Arrival:
    said = orjson.loads(body)["data"]
    return Arrival(said["log"], record(said["event"], said["position"], b""), bytes.fromhex(said["leaf"]))
