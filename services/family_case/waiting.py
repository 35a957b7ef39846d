"""What stands in no history, and why: the desk where somebody looks at it.

An event of an unknown type, or whose filing fails, is kept aside with its reason until the program can file it. An
event about a person in no family is filed and waits for the family. A message nobody can read, or nobody signed, is
quarantined, sealed. A merge that cannot be applied is flagged.
"""

from collections.abc import Sequence
from typing import Any

from services.family_case.domain import Arrival, is_person
from services.family_case.flags import NO_CASE
from services.family_case.tables import declare
from shared.json import canonical
from shared.log.evidence import leaf_hash
from shared.log.record import decode
from shared.postgres.database import Database, Tx, insert

UNKNOWN_PERSON = "unknown_person"
UNKNOWN_TYPE = "unknown_type"
FILING_FAILED = "filing_failed"

UNSIGNED = ["unknown_log", "not_signed_by_the_log"]
"""Reasons against messages that no department vouches for: whoever reaches the bus can send any number of them."""
UNSIGNED_BYTES = 4 * 1024
"""How much of such a message is kept; its size and digest tell the rest."""
UNSIGNED_MESSAGES = 10_000
"""How many of them are kept; the others are logged. What a department signed is always kept whole."""

declare("waiting", "log position reason subject body")


class Waiting:
    """Keeps events aside in the read models' `schema`."""

    def __init__(self, schema: str) -> None:
        self.table = f"{schema}.waiting"

    def keep(self, tx: Tx, arrivals: Sequence[Arrival], reason: str) -> None:
        """Keep events that cannot be filed yet."""
        subjects = ((one, one.event.subject) for one in arrivals)
        rows = [
            (*one.place(), reason, subject if is_person(subject) else None, one.event.encode())
            for one, subject in subjects
        ]
        insert(tx, self.table, "text bigint text text bytea", rows)

    def take(self, tx: Tx, *reasons: str) -> list[Arrival]:
        """Take out what waits for these reasons, in order."""
        query = f"DELETE FROM {self.table} WHERE reason = ANY(%s) RETURNING log, position, body"
        rows = tx.execute(query.encode(), (list(reasons),), binary=True).fetchall()
        return [Arrival(log, decode(body, position), leaf_hash(body)) for log, position, body in sorted(rows)]

    def count(self, tx: Tx, arrivals: Sequence[Arrival]) -> int:
        """Return how many of these events wait."""
        query = (
            f"SELECT count(*) FROM {self.table} "
            "JOIN unnest(%s::text[], %s::bigint[]) AS place (log, position) USING (log, position)"
        )
        places = [one.log for one in arrivals], [one.position for one in arrivals]
        row = tx.execute(query.encode(), places).fetchone()
        return int(row[0]) if row else 0


class Desk:
    """What a person at the desk sees: counts by department and reason, and the merges to be looked at."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.views = f"{database.schema}_views"
        self.quarantine = f"{database.schema}.quarantine"

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
