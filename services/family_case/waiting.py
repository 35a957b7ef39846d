"""What cannot be filed yet is kept aside with its reason until the program can file it.

It is of an unknown type, or its filing fails. An event about a person in no family is filed, and waits for the family.
"""

from collections.abc import Sequence

from services.family_case.domain import Arrival, is_person
from services.family_case.tables import declare
from shared.log.evidence import leaf_hash
from shared.log.record import decode
from shared.postgres.database import Tx, insert

UNKNOWN_PERSON = "unknown_person"
UNKNOWN_TYPE = "unknown_type"
FILING_FAILED = "filing_failed"

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
