"""The read models: who belongs to which family, what is filed where, what still waits. Built from the log by SQL.

Where an event stands follows from the logs alone, however they were interleaved: what changes a membership later moves
the events of the persons concerned to their family as it now is, or back to the unmatched desk.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson

from services.family_case.domain import NO_FAMILY, Arrival, case_number
from shared.catalogue import CATALOGUE, Corrects, Merges, Opens, Withdraws
from shared.database import Tx, insert
from shared.event import RecordedEvent, decode
from shared.evidence import leaf_hash
from shared.json import canonical
from shared.persons import TOKEN

UNKNOWN_PERSON = "unknown_person"
UNKNOWN_TYPE = "unknown_type"
FILING_FAILED = "filing_failed"
NUMBERS_TRIED = 100
"""How many case numbers are tried for one opening before its filing fails."""


Joining = tuple[str, str, str, int]
"""A person, the family they belong to, and the place of the event that says so."""


class ReadModels:
    """The read models beside the case log in `schema`, changed only inside the transaction that files an event."""

    def __init__(self, schema: str) -> None:
        self.log = f"{schema}.events"
        self.schema = f"{schema}_views"

    def streams_for(self, tx: Tx, arrivals: Sequence[Arrival]) -> list[tuple[str, str]]:
        """Return for each event the stream it belongs into, and "" — or "" and the reason why it has to wait."""
        families = self.families_of(tx, {arrival.event.subject for arrival in arrivals if arrival.event.subject})
        return [self._stream_for(tx, arrival, families) for arrival in arrivals]

    def _stream_for(self, tx: Tx, arrival: Arrival, families: dict[str, str]) -> tuple[str, str]:
        event = arrival.event
        declaration = CATALOGUE.get(event.type)
        if declaration is None:
            return "", UNKNOWN_TYPE
        original = self._entry(tx, arrival.log, event.target) if event.target is not None else None
        if original is not None:  # who corrects or withdraws something speaks about it, whoever belongs where by now
            return original[0], ""
        if event.subject is None or not TOKEN.fullmatch(event.subject):
            return NO_FAMILY, ""
        family = families.get(event.subject)
        if family is None and isinstance(declaration.effect, Opens):
            return self._new_family(tx, arrival), ""
        return (family, "") if family is not None else ("", UNKNOWN_PERSON)

    def families_of(self, tx: Tx, persons: Iterable[str]) -> dict[str, str]:
        """Return the families that these persons (tokens) belong to, of those who belong to one."""
        query = (  # for each its own look into the index, whatever the statistics of a young table say
            "SELECT found.person, found.family FROM unnest(%s::text[]) AS wanted CROSS JOIN LATERAL "
            f"(SELECT person, family FROM {self.schema}.members WHERE person = wanted LIMIT 1) AS found"
        )
        return dict(tx.execute(query.encode(), (list(persons),), binary=True).fetchall())

    def filed(self, tx: Tx, placed: Sequence[tuple[str, Arrival]]) -> list[str]:
        """Note that events were filed and what they do to families; return the persons who became known by it."""
        rows = [(*arrival.place(), stream, *_names(arrival.event)) for stream, arrival in placed]
        insert(tx, f"{self.schema}.entries", "text bigint text text text text bigint text text", rows)
        joining = [(person, stream, *arrival.place()) for stream, arrival in placed for person in _opened_for(arrival)]
        joined = self._join(tx, joining)
        return joined + [person for stream, arrival in placed for person in self._take_effect(tx, stream, arrival)]

    def _take_effect(self, tx: Tx, stream: str, arrival: Arrival) -> list[str]:
        event, effect = arrival.event, _effect(arrival)
        if isinstance(effect, Merges):
            self._merge(tx, stream, *arrival.place(), event.data, effect)
        if isinstance(effect, Corrects | Withdraws) and event.target is not None:
            return self._amended(tx, arrival.log, event.target)
        return []

    def wait(self, tx: Tx, arrivals: Sequence[Arrival], reason: str) -> None:
        """Keep events that cannot be filed yet."""

        def known(subject: Any) -> str | None:
            return subject if isinstance(subject, str) and TOKEN.fullmatch(subject) else None

        rows = [(*one.place(), reason, known(one.event.subject), one.event.encode()) for one in arrivals]
        insert(tx, f"{self.schema}.waiting", "text bigint text text bytea", rows)

    def waiting(self, tx: Tx, arrivals: Iterable[Arrival]) -> int:
        """Return how many of these events wait."""
        keys = [arrival.key for arrival in arrivals]
        query = f"SELECT count(*) FROM {self.schema}.waiting WHERE log || '/' || position = ANY(%s)"
        row = tx.execute(query.encode(), (keys,)).fetchone()
        return int(row[0]) if row else 0

    def take_waiting(self, tx: Tx, *, persons: Sequence[str] = (), reason: str = "") -> list[Arrival]:
        """Take out the events that wait for these persons, or for this reason, in order."""
        which = "reason = %s" + (" AND subject = ANY(%s)" if persons else "")
        wanted = (UNKNOWN_PERSON, list(persons)) if persons else (reason,)
        query = f"DELETE FROM {self.schema}.waiting WHERE {which} RETURNING log, position, body"
        rows = tx.execute(query.encode(), wanted, binary=True).fetchall()
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

    def _join(self, tx: Tx, joining: list[Joining]) -> list[str]:
        """Make persons members unless they are some family's already; return whom."""
        rows = insert(
            tx, f"{self.schema}.members", "text text text bigint", joining, "ON CONFLICT DO NOTHING RETURNING person"
        )
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
                members = said[declaration.effect.members]
                joined += self._join(tx, [(person, stream, opening_log, opening_position) for person in members])
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
            self.wait(tx, [_arrival(log, position, canonical(orjson.loads(body)["data"]["event"]))], UNKNOWN_PERSON)

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
        return self.families_of(tx, [party]).get(party) if TOKEN.fullmatch(party) else party

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


def independent(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Yield runs of events, in order, of which none depends on how another of its run is filed.

    What changes no family goes together, and so do openings for different persons; every other event goes alone.
    """
    for kind, found in groupby(arrivals, _kind):
        run: list[Arrival] = []
        named: set[str | None] = set()
        for arrival in found:
            persons = {arrival.event.subject, *_opened_for(arrival)} if kind is Opens else set()
            if run and (kind is None or persons & named):
                yield run
                run, named = [], set()
            run.append(arrival)
            named |= persons
        yield run


PLAIN = object()


def _kind(arrival: Arrival) -> Any:
    """Return PLAIN for an event that changes no family, Opens for an opening, None for everything else."""
    effect = _effect(arrival)
    if effect is None and arrival.event.target is None:
        return PLAIN
    return Opens if isinstance(effect, Opens) and _is_text(arrival.event.data.get(effect.members)) else None


def _is_text(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(one, str) for one in said)


def _effect(arrival: Arrival) -> Any:
    declaration = CATALOGUE.get(arrival.event.type)
    return declaration.effect if declaration else None


def _opened_for(arrival: Arrival) -> Sequence[str]:
    effect = _effect(arrival)
    return arrival.event.data[effect.members] if isinstance(effect, Opens) else ()


def _names(event: RecordedEvent) -> tuple[Any, ...]:
    said = event.attributes
    return event.type, event.id, event.subject, event.target, said.get("correlationid"), said.get("causationid")


def _arrival(log: str, position: int, body: bytes) -> Arrival:
    return Arrival(log, decode(body, position), leaf_hash(body))


def _opening_types() -> list[str]:
    return [declaration.type for declaration in CATALOGUE if isinstance(declaration.effect, Opens)]
