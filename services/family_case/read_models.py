"""The read models: who belongs to which family, what is filed where, what still waits. Built from the log by SQL.

Where an event stands follows from the logs alone, however they were interleaved: what changes a membership later moves
the events of the persons concerned to their family as it now is, or back to the unmatched desk.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from services.family_case.domain import NO_FAMILY, Arrival, case_number
from shared.catalogue import CATALOGUE, Corrects, Merges, Opens, Withdraws
from shared.database import Tx
from shared.event import decode
from shared.evidence import leaf_hash
from shared.json import canonical
from shared.persons import TOKEN

UNKNOWN_PERSON = "unknown_person"
UNKNOWN_TYPE = "unknown_type"
FILING_FAILED = "filing_failed"
NUMBERS_TRIED = 100
"""How many case numbers are tried for one opening before its filing fails."""


class ReadModels:
    """The read models beside the case log in `schema`, changed only inside the transaction that files an event."""

    def __init__(self, schema: str) -> None:
        self.log = f"{schema}.events"
        self.schema = f"{schema}_views"

    def stream_for(self, tx: Tx, arrival: Arrival) -> tuple[str, str]:
        """Return the stream an event belongs into, and "" — or "" and the reason why it has to wait."""
        event = arrival.event
        declaration = CATALOGUE.get(event.type)
        if declaration is None:
            return "", UNKNOWN_TYPE
        original = self._entry(tx, arrival.log, event.target) if event.target is not None else None
        if original is not None:  # who corrects or withdraws something speaks about it, whoever belongs where by now
            return original[0], ""
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
        declaration = CATALOGUE.get(event.type)
        effect = declaration.effect if declaration else None
        if isinstance(effect, Opens):
            return self._join(tx, stream, *arrival.place(), event.data[effect.members])
        if isinstance(effect, Merges):
            self._merge(tx, stream, *arrival.place(), event.data, effect)
        if isinstance(effect, Corrects | Withdraws) and event.target is not None:
            return self._amended(tx, arrival.log, event.target)
        return []

    def wait(self, tx: Tx, arrival: Arrival, reason: str) -> None:
        """Keep an event that cannot be filed yet."""
        subject = arrival.event.subject
        known = subject if isinstance(subject, str) and TOKEN.fullmatch(subject) else None
        tx.execute(
            f"INSERT INTO {self.schema}.waiting VALUES (%s, %s, %s, %s, %s)".encode(),
            (*arrival.place(), reason, known, arrival.event.encode()),
        )

    def waiting(self, tx: Tx, arrivals: Iterable[Arrival]) -> int:
        """Return how many of these events wait."""
        keys = [arrival.key for arrival in arrivals]
        query = f"SELECT count(*) FROM {self.schema}.waiting WHERE log || '/' || position = ANY(%s)"
        row = tx.execute(query.encode(), (keys,)).fetchone()
        return int(row[0]) if row else 0

    def take_waiting(self, tx: Tx, *, persons: Sequence[str] = (), reason: str = "") -> list[Arrival]:
        """Take out the events that wait for these persons, or for this reason, in order."""
        rows = tx.execute(
            f"DELETE FROM {self.schema}.waiting WHERE (reason = %s AND subject = ANY(%s)) OR reason = %s "
            "RETURNING log, position, body".encode(),
            (UNKNOWN_PERSON, list(persons), reason),
        ).fetchall()
        return [_arrival(*row) for row in sorted(rows)]

    def _new_family(self, tx: Tx, arrival: Arrival) -> str:
        event = arrival.event
        for attempt in range(NUMBERS_TRIED):
            family = case_number(event, attempt)
            made = tx.execute(
                f"INSERT INTO {self.schema}.families VALUES (%s, %s, %s, %s, %s) ON CONFLICT (family) DO NOTHING "
                "RETURNING family".encode(),
                (family, arrival.log, arrival.position, event.subject, event.attributes.get("division")),
            ).fetchone()
            if made:
                return family
        raise LookupError(family)

    def _entry(self, tx: Tx, log: str, position: int) -> tuple[str, str, int | None] | None:
        """Return stream, type and target of a filed event."""
        query = f"SELECT stream, type, target FROM {self.schema}.entries WHERE log = %s AND position = %s"
        row: Any = tx.execute(query.encode(), (log, position)).fetchone()
        return row  # type: ignore[no-any-return]

    def _amended(self, tx: Tx, log: str, position: int) -> list[str]:
        """Do again what an opening or merge does, now that it was corrected or withdrawn, or a correction of it was."""
        found = self._entry(tx, log, position)
        if found is not None and found[2] is not None:  # a correction was withdrawn
            position = found[2]
            found = self._entry(tx, log, position)
        declaration = CATALOGUE.get(found[1]) if found else None
        if found is None or declaration is None:
            return []
        stream, effect = found[0], declaration.effect
        if isinstance(effect, Opens):
            return self._join_again(tx, stream, log, position)
        if isinstance(effect, Merges):
            tx.execute(f"DELETE FROM {self.schema}.aliases WHERE log = %s AND position = %s".encode(), (log, position))
            said = self._said(tx, log, position)
            if said is not None:
                self._merge(tx, stream, log, position, said, effect)
        return []

    def _join(self, tx: Tx, stream: str, log: str, position: int, persons: list[str]) -> list[str]:
        rows = tx.execute(
            f"INSERT INTO {self.schema}.members SELECT person, %s, %s, %s FROM unnest(%s::text[]) AS person "
            "ON CONFLICT (person) DO NOTHING RETURNING person".encode(),
            (stream, log, position, persons),
        ).fetchall()
        return [row[0] for row in rows]

    def _join_again(self, tx: Tx, stream: str, log: str, position: int) -> list[str]:
        """Let go whom this opening had made members; then every opening in the history says who belongs to it."""
        rows = tx.execute(
            f"DELETE FROM {self.schema}.members WHERE log = %s AND position = %s RETURNING person".encode(),
            (log, position),
        ).fetchall()
        before = {row[0] for row in rows}
        openings = tx.execute(
            f"SELECT log, position, type FROM {self.schema}.entries WHERE stream = %s AND type = ANY(%s) "
            "ORDER BY log, position".encode(),
            (stream, _opening_types()),
        ).fetchall()
        joined: list[str] = []
        for opening_log, opening_position, opening_type in openings:
            declaration, said = CATALOGUE.get(opening_type), self._said(tx, opening_log, opening_position)
            if said is not None and declaration is not None and isinstance(declaration.effect, Opens):
                joined += self._join(tx, stream, opening_log, opening_position, said[declaration.effect.members])
        self._let_go(tx, stream, sorted(before.difference(joined)))
        return [person for person in joined if person not in before]

    def _let_go(self, tx: Tx, stream: str, persons: list[str]) -> None:
        """Take the events of persons who do not belong to a family out of its history; they wait for their family.

        What was said about the family itself, its opening and what amends it, stays.
        """
        rows = tx.execute(
            f"SELECT e.log, e.position, filed.body FROM {self.schema}.entries AS e "
            f"JOIN {self.log} AS filed ON filed.id = e.log || '/' || e.position "
            f"LEFT JOIN {self.schema}.entries AS first ON first.log = e.log AND first.position = e.target "
            f"LEFT JOIN {self.schema}.entries AS root ON root.log = e.log AND root.position = first.target "
            "WHERE e.stream = %s AND e.subject = ANY(%s) "
            "AND NOT coalesce(root.type, first.type, e.type) = ANY(%s)".encode(),
            (stream, persons, _opening_types()),
        ).fetchall()
        for log, position, body in rows:
            tx.execute(f"DELETE FROM {self.schema}.entries WHERE log = %s AND position = %s".encode(), (log, position))
            self.wait(tx, _arrival(log, position, canonical(orjson.loads(body)["data"]["event"])), UNKNOWN_PERSON)

    def _merge(self, tx: Tx, stream: str, log: str, position: int, data: dict[str, Any], effect: Merges) -> None:
        survivor = self._key(tx, data[effect.survivor]) or stream
        for name in effect.merged:
            alias = self._key(tx, data[name]) if data.get(name) else None
            if alias and alias != survivor:
                tx.execute(
                    f"INSERT INTO {self.schema}.aliases VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING".encode(),
                    (alias, survivor, log, position),
                )

    def _key(self, tx: Tx, party: Any) -> str | None:
        """Return the family of a person, or the key itself when it is a case number."""
        if not isinstance(party, str):
            return None
        return self.family_of(tx, party) if TOKEN.fullmatch(party) else party

    def _said(self, tx: Tx, log: str, position: int) -> dict[str, Any] | None:
        """Return what an event says after every amendment of it, or None when it was withdrawn."""
        rows = tx.execute(
            f"WITH said AS (SELECT position FROM {self.schema}.entries WHERE log = %s AND %s IN (position, target)) "
            f"SELECT e.position, e.type, e.target, filed.body FROM {self.schema}.entries AS e "
            f"JOIN {self.log} AS filed ON filed.id = e.log || '/' || e.position "
            "WHERE e.log = %s AND (e.position IN (SELECT position FROM said) "
            "OR e.target IN (SELECT position FROM said)) ORDER BY e.position".encode(),
            (log, position, log),
        ).fetchall()
        effects = {row[0]: declared.effect for row in rows if (declared := CATALOGUE.get(row[1])) is not None}
        withdrawn = {row[2] for row in rows if isinstance(effects.get(row[0]), Withdraws)}
        said: dict[str, Any] | None = None
        for at, _, _, body in rows:
            effect = effects.get(at)
            data = orjson.loads(body)["data"]["event"]["data"]
            if at == position:
                said = data
            elif isinstance(effect, Corrects) and at not in withdrawn:
                said = data[effect.payload]
        return None if position in withdrawn else said


def _arrival(log: str, position: int, body: bytes) -> Arrival:
    return Arrival(log, decode(body, position), leaf_hash(body))


def _opening_types() -> list[str]:
    return [declaration.type for declaration in CATALOGUE if isinstance(declaration.effect, Opens)]
