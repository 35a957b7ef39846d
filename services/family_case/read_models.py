"""The read models: who belongs to which family, what is filed where, what still waits. Built from the log by SQL."""

from collections.abc import Sequence
from typing import Any

from services.family_case.domain import NO_FAMILY, Arrival, case_number
from shared.catalogue import CATALOGUE, Corrects, Merges, Opens, Withdraws
from shared.database import Tx
from shared.event import RecordedEvent
from shared.persons import TOKEN

UNKNOWN_PERSON = "unknown_person"
UNKNOWN_TYPE = "unknown_type"
FILING_FAILED = "filing_failed"


class ReadModels:
    """The read models in one schema, changed only inside the transaction that files an event."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def stream_for(self, tx: Tx, arrival: Arrival) -> tuple[str, str]:
        """Return the stream an event belongs into, and "" — or "" and the reason why it has to wait."""
        event = arrival.event
        declaration = CATALOGUE.get(event.type)
        if declaration is None:
            return "", UNKNOWN_TYPE
        if event.subject is None or not TOKEN.fullmatch(event.subject):
            return NO_FAMILY, ""
        family = self.family_of(tx, event.subject)
        if family is None and isinstance(declaration.effect, Opens):
            return self._new_family(tx, arrival), ""
        return (family, "") if family is not None else ("", UNKNOWN_PERSON)

    def family_of(self, tx: Tx, person: str) -> str | None:
        """Return the family that a person (token) belongs to."""
        row = tx.execute(f"SELECT family FROM {self.schema}.members WHERE person = %s".encode(), (person,)).fetchone()
        return row[0] if row else None

    def filed(self, tx: Tx, stream: str, arrival: Arrival) -> list[str]:
        """Note that an event was filed and what it does to families; return the persons who became known by it."""
        event = arrival.event
        tx.execute(
            f"INSERT INTO {self.schema}.entries VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)".encode(),
            (
                arrival.log,
                arrival.position,
                stream,
                event.type,
                event.id,
                event.subject,
                event.target,
                event.attributes.get("correlationid"),
                event.attributes.get("causationid"),
            ),
        )
        return self._effect(tx, stream, arrival)

    def wait(self, tx: Tx, arrival: Arrival, reason: str) -> None:
        """Keep an event that cannot be filed yet."""
        tx.execute(
            f"INSERT INTO {self.schema}.waiting VALUES (%s, %s, %s, %s, %s)".encode(),
            (arrival.log, arrival.position, reason, arrival.event.subject, arrival.event.encode()),
        )

    def take_waiting(self, tx: Tx, *, persons: Sequence[str] = (), reason: str = "") -> list[tuple[str, int, bytes]]:
        """Take out the events that wait for these persons, or for this reason: log, position and body, in order."""
        rows = tx.execute(
            f"DELETE FROM {self.schema}.waiting WHERE (reason = %s AND subject = ANY(%s)) OR reason = %s "
            "RETURNING log, position, body".encode(),
            (UNKNOWN_PERSON, list(persons), reason),
        ).fetchall()
        return sorted((row[0], row[1], bytes(row[2])) for row in rows)

    def _new_family(self, tx: Tx, arrival: Arrival) -> str:
        event = arrival.event
        for attempt in range(100):
            family = case_number(event, attempt)
            made = tx.execute(
                f"INSERT INTO {self.schema}.families VALUES (%s, %s, %s, %s, %s) ON CONFLICT (family) DO NOTHING "
                "RETURNING family".encode(),
                (family, arrival.log, arrival.position, event.subject, event.attributes.get("division")),
            ).fetchone()
            if made:
                return family
        raise LookupError(family)

    def _effect(self, tx: Tx, stream: str, arrival: Arrival) -> list[str]:
        declaration = CATALOGUE.get(arrival.event.type)
        effect = declaration.effect if declaration else None
        if isinstance(effect, Opens):
            return self._join(tx, stream, arrival.log, arrival.position, arrival.event.data[effect.members])
        if isinstance(effect, Merges):
            self._merge(tx, stream, arrival, arrival.event.data, effect)
        if isinstance(effect, Withdraws) and arrival.event.target is not None:
            self._undo(tx, arrival.log, arrival.event.target)
        if isinstance(effect, Corrects) and arrival.event.target is not None:
            return self._redo(tx, stream, arrival, arrival.event.data[effect.payload])
        return []

    def _join(self, tx: Tx, stream: str, log: str, position: int, persons: list[str]) -> list[str]:
        rows = tx.execute(
            f"INSERT INTO {self.schema}.members SELECT person, %s, %s, %s FROM unnest(%s::text[]) AS person "
            "ON CONFLICT (person) DO NOTHING RETURNING person".encode(),
            (stream, log, position, persons),
        ).fetchall()
        return [row[0] for row in rows]

    def _merge(self, tx: Tx, stream: str, arrival: Arrival, data: dict[str, Any], effect: Merges) -> None:
        survivor = self._key(tx, data[effect.survivor]) or stream
        for name in effect.merged:
            alias = self._key(tx, data[name]) if data.get(name) else None
            if alias and alias != survivor:
                tx.execute(
                    f"INSERT INTO {self.schema}.aliases VALUES (%s, %s, %s, %s)".encode(),
                    (alias, survivor, arrival.log, arrival.position),
                )

    def _key(self, tx: Tx, party: Any) -> str | None:
        """Return the family of a person, or the key itself when it is a case number."""
        if not isinstance(party, str):
            return None
        return self.family_of(tx, party) if TOKEN.fullmatch(party) else party

    def _undo(self, tx: Tx, log: str, position: int) -> None:
        tx.execute(f"DELETE FROM {self.schema}.aliases WHERE log = %s AND position = %s".encode(), (log, position))
        tx.execute(f"DELETE FROM {self.schema}.members WHERE log = %s AND position = %s".encode(), (log, position))

    def _redo(self, tx: Tx, stream: str, arrival: Arrival, payload: dict[str, Any]) -> list[str]:
        row = tx.execute(
            f"SELECT type FROM {self.schema}.entries WHERE log = %s AND position = %s".encode(),
            (arrival.log, arrival.event.target),
        ).fetchone()
        original = CATALOGUE.get(row[0]) if row else None
        if original is None or not isinstance(original.effect, Opens | Merges):
            return []
        self._undo(tx, arrival.log, arrival.event.target or 0)
        if isinstance(original.effect, Opens):
            members = payload[original.effect.members]
            return self._join(tx, stream, arrival.log, arrival.event.target or 0, members)
        corrected = RecordedEvent("", 0, arrival.event.attributes, payload, arrival.event.target or 0)
        self._merge(tx, stream, Arrival(arrival.log, corrected, b""), payload, original.effect)
        return []
