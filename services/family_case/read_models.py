"""The read models: who belongs to which family, what is filed where, what still waits. Built from the log by SQL.

Where an event stands follows from the logs alone, however they were interleaved: what changes a membership later moves
the events of the persons concerned to their family as it now is, or back to the unmatched desk.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeGuard

import orjson

from services.family_case.domain import NO_FAMILY, SOURCE, Arrival, case_number
from shared.json import canonical
from shared.language.catalogue import CATALOGUE, Corrects, Merges, Opens, Withdraws
from shared.language.persons import TOKEN
from shared.log.evidence import leaf_hash
from shared.log.record import RecordedEvent, decode
from shared.postgres.database import Tx, insert

UNKNOWN_PERSON = "unknown_person"
UNKNOWN_TYPE = "unknown_type"
FILING_FAILED = "filing_failed"
NUMBERS_TRIED = 100
"""How many case numbers are tried for one opening before its filing fails."""


Place = tuple[str, int]
"""A department's log and a position in it."""

Joining = tuple[str, str, str, int]
"""A person, the family they belong to, and the place of the event that says so."""


class ReadModels:
    """The read models beside the case log in `schema`, changed only inside the transaction that files an event."""

    def __init__(self, schema: str) -> None:
        self.log = f"{schema}.events"
        self.name_of = f"{schema}.name_of"
        self.schema = f"{schema}_views"

    def streams_for(self, tx: Tx, arrivals: Sequence[Arrival]) -> list[tuple[str, str]]:
        """Return for each event of a run the stream it belongs into, and "" — or "" and why it has to wait.

        An opening makes its persons known to the events after it.
        """
        families = self.families_of(tx, {person for arrival in arrivals for person in arrival.named()})
        amended = {
            arrival.place(): self._original(tx, arrival) for arrival in arrivals if arrival.event.target is not None
        }
        openings = [one for one in arrivals if one.opens and not amended.get(one.place())]
        fresh = [one for one in openings if _is_person(one.event.subject) and one.event.subject not in families]
        opened = self._new_families(tx, fresh)
        streams = []
        for arrival in arrivals:
            stream, reason = _stream_for(arrival, amended, opened, families)
            streams.append((stream, reason))
            for person in arrival.opened:
                families.setdefault(person, stream)
        return streams

    def families_of(self, tx: Tx, persons: Iterable[str]) -> dict[str, str]:
        """Return the families that these persons (tokens) belong to, of those who belong to one."""
        query = (  # for each its own look into the index, whatever the statistics of a young table say
            "SELECT found.person, found.family FROM unnest(%s::text[]) AS wanted CROSS JOIN LATERAL "
            f"(SELECT person, family FROM {self.schema}.members WHERE person = wanted LIMIT 1) AS found"
        )
        return dict(tx.execute(query.encode(), (list(persons),), binary=True).fetchall())

    def filed(self, tx: Tx, placed: Sequence[tuple[str, Arrival]]) -> list[str]:
        """Note that events were filed and what they do to families; return who became known, openings apart."""
        rows = [(*arrival.place(), stream, *_names(arrival.event)) for stream, arrival in placed]
        insert(tx, f"{self.schema}.entries", "text bigint text text text text bigint text text", rows)
        self._join(tx, [(person, stream, *arrival.place()) for stream, arrival in placed for person in arrival.opened])
        return [person for stream, arrival in placed for person in self._take_effect(tx, stream, arrival)]

    def _take_effect(self, tx: Tx, stream: str, arrival: Arrival) -> list[str]:
        event, effect = arrival.event, arrival.effect
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

    def take_waiting(self, tx: Tx, *, persons: Collection[str] = (), reason: str = "") -> list[Arrival]:
        """Take out the events that wait for these persons, or for this reason, in order."""
        which = "reason = %s" + (" AND subject = ANY(%s)" if persons else "")
        wanted = (UNKNOWN_PERSON, list(persons)) if persons else (reason,)
        query = f"DELETE FROM {self.schema}.waiting WHERE {which} RETURNING log, position, body"
        rows = tx.execute(query.encode(), wanted, binary=True).fetchall()
        return [_waited(*row) for row in sorted(rows)]

    def _new_families(self, tx: Tx, openings: Sequence[Arrival]) -> dict[Place, str]:
        """Open families; return their case numbers by the opening's place. Raises LookupError when none is free."""
        numbers: dict[Place, str] = {}
        left = openings
        for attempt in range(NUMBERS_TRIED):
            if not left:
                return numbers
            said = [
                (case_number(one.event, attempt), *one.place(), one.event.subject, one.event.attributes.get("division"))
                for one in left
            ]
            then = "ON CONFLICT (family) DO NOTHING RETURNING log, position, family"
            rows = insert(tx, f"{self.schema}.families", "text text bigint text text", said, then)
            numbers |= {(log, position): family for log, position, family in rows}
            left = [one for one in left if one.place() not in numbers]
        raise LookupError(left[0].key)

    def _original(self, tx: Tx, arrival: Arrival) -> str | None:
        """Return the stream of what an event corrects or withdraws, if that is filed.

        Who amends something speaks about it, whoever belongs where by now.
        """
        found = self._entry(tx, arrival.log, arrival.event.target) if arrival.event.target is not None else None
        return found[0] if found else None

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
            f"JOIN {self.log} AS filed ON filed.name = {self.name_of}('{SOURCE}', e.log || '/' || e.position) "
            f"LEFT JOIN {self.schema}.entries AS first ON first.log = e.log AND first.position = e.target "
            f"LEFT JOIN {self.schema}.entries AS root ON root.log = e.log AND root.position = first.target "
            "WHERE e.stream = %s AND e.subject = ANY(%s) "
            "AND NOT coalesce(root.type, first.type, e.type) = ANY(%s)".encode(),
            (stream, persons, _opening_types()),
        ).fetchall()
        for log, position, body in rows:
            tx.execute(f"DELETE FROM {self.schema}.entries WHERE log = %s AND position = %s".encode(), (log, position))
            self.wait(tx, [_waited(log, position, canonical(orjson.loads(body)["data"]["event"]))], UNKNOWN_PERSON)

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
            f"JOIN {self.log} AS filed ON filed.name = {self.name_of}('{SOURCE}', e.log || '/' || e.position) "
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
    """Yield runs of events, in order, that can be filed together.

    Openings and what changes no family go together as long as no opening is for a person named before it in the run;
    every other event goes alone.
    """
    for alone, found in groupby(arrivals, _goes_alone):
        run: list[Arrival] = []
        named: set[str] = set()
        for arrival in found:
            if run and (alone or (arrival.opens and not named.isdisjoint(arrival.named()))):
                yield run
                run, named = [], set()
            run.append(arrival)
            named.update(arrival.named())
        yield run


def in_turn(arrivals: Iterable[Arrival], waited: Iterable[Arrival]) -> list[Arrival]:
    """Return events in order, each that waited for a person right after the opening of that person's case."""
    waiting: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in waited:
        waiting[str(arrival.event.subject)].append(arrival)
    found = []
    for arrival in arrivals:
        found.append(arrival)
        found += sorted((one for person in arrival.opened for one in waiting.pop(person, ())), key=Arrival.place)
    return found


def _goes_alone(arrival: Arrival) -> bool:
    return (
        (arrival.effect is not None and not arrival.opens) or arrival.event.target is not None or not arrival.readable
    )


def _stream_for(
    arrival: Arrival, amended: dict[Place, str | None], opened: dict[Place, str], families: dict[str, str]
) -> tuple[str, str]:
    place, subject = arrival.place(), arrival.event.subject
    if not arrival.known:
        return "", UNKNOWN_TYPE
    if not arrival.readable:
        raise ValueError(arrival.key)
    if original := amended.get(place):
        return original, ""
    if not _is_person(subject):
        return NO_FAMILY, ""
    family = opened.get(place) or families.get(subject)
    return (family, "") if family else ("", UNKNOWN_PERSON)


def _is_person(subject: str | None) -> TypeGuard[str]:
    return subject is not None and TOKEN.fullmatch(subject) is not None


def _names(event: RecordedEvent) -> tuple[Any, ...]:
    said = event.attributes
    return event.type, event.id, event.subject, event.target, said.get("correlationid"), said.get("causationid")


def _waited(log: str, position: int, body: bytes) -> Arrival:
    return Arrival(log, decode(body, position), leaf_hash(body), waited=True)


def _opening_types() -> list[str]:
    return [declaration.type for declaration in CATALOGUE if isinstance(declaration.effect, Opens)]
