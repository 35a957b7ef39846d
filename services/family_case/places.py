"""Membership as tables: the statements of who belongs together, and in which family everybody stands by now.

What a new statement changes is worked out again from every statement that it is linked with, and written over what was.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.family_case.domain import Place, case_key, case_number, is_person, place_key
from services.family_case.membership import Membership, Span, membership, named
from services.family_case.tables import Insert, arguments, arrays, declare, write
from shared.language.catalogue import NEW_NUMBER
from shared.log.record import RecordedEvent, decode
from shared.postgres.database import Tx

NUMBERS_TRIED = 100
"""How many case numbers are tried for one opening before its filing fails."""

declare("statements", "log position root body")
declare("named", "key log position")
declare("families", "family log position head division now crossed")
declare("places", "key family log position", where="family IS NOT NULL")
declare("spans", "person family begins ends came log position gone until_log until_position")
declare("flagged", "log position flag")


@dataclass(frozen=True, slots=True)
class Statement:
    """What says who belongs together, or amends that: `root` is the position of what is amended, or its own."""

    log: str
    event: RecordedEvent
    root: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.log, self.event.position


class Places:
    """Keeps the tables of membership in the read models' `schema`."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def note(self, tx: Tx, new: Sequence[Statement]) -> None:
        """Let statements change who stands where.

        Raises what `membership` raises, and LookupError when no case number is free.
        """
        old, numbers = self._linked(tx, new)
        statements = {one.place: one for one in (*old, *new)}
        numbering = _Numbering(numbers)
        for _ in range(NUMBERS_TRIED):
            by_log: dict[str, list[RecordedEvent]] = {}
            for one in statements.values():
                by_log.setdefault(one.log, []).append(one.event)
            answer = membership(by_log, numbering.number)
            taken = self._write_families(tx, answer, old)
            if not taken:
                self._write(tx, answer, new, statements)
                return
            numbering.refuse(taken)
        raise LookupError

    def _linked(self, tx: Tx, new: Sequence[Statement]) -> tuple[list[Statement], dict[Place, str]]:
        """Return the statements on record that these are linked with, through whom they name, and the case numbers."""
        keys = {key for one in new for key in _parties([one.event.data, one.event.attributes.get(NEW_NUMBER)])}
        keys.update(one.event.subject for one in new if is_person(one.event.subject))
        keys.update(case_number(one.event) for one in new if one.root == one.event.position)
        roots = sorted({(one.log, one.root) for one in new})
        arguments = sorted(keys), [log for log, _ in roots], [root for _, root in roots]
        rows = tx.execute(linked(self.schema).encode(), arguments, binary=True).fetchall()
        old = [Statement(log, decode(body, position), root) for log, position, root, body, _ in rows]
        return old, {(log, position): family for log, position, _, _, family in rows if family}

    def _write_families(self, tx: Tx, answer: Membership, old: Sequence[Statement]) -> list[str]:
        """Write the families, after taking away what followed before; return the numbers that others have."""
        persons = sorted(key for key in answer.stands if is_person(key)) if old else []
        types = "text text bigint text text text boolean"
        crossed = answer.crossed()
        rows = [
            (f.number, *f.place, f.head, f.division, f.now, str(f.now in crossed)) for f in answer.families.values()
        ]
        query = (
            f"WITH gone AS (DELETE FROM {self.schema}.spans WHERE person = ANY(%b::text[])), "
            "old (log, position) AS (SELECT * FROM unnest(%b::text[], %b::bigint[])), "
            f"unflagged AS (DELETE FROM {self.schema}.flagged USING old "
            "WHERE flagged.log = old.log AND flagged.position = old.position), "
            f"closed AS (DELETE FROM {self.schema}.families USING old WHERE families.log = old.log "
            "AND families.position = old.position AND NOT families.family = ANY(%b::text[])) "
            f"INSERT INTO {self.schema}.families SELECT * FROM unnest({arrays(types)}) "
            "ON CONFLICT (family) DO UPDATE SET (head, division, now, crossed) = "
            "(EXCLUDED.head, EXCLUDED.division, EXCLUDED.now, EXCLUDED.crossed) "
            "WHERE families.log = EXCLUDED.log AND families.position = EXCLUDED.position RETURNING family"
        )
        values = [
            *arguments("text", [(person,) for person in persons]),
            *arguments("text bigint", [one.place for one in old]),
            *arguments("text", [(number,) for number in answer.families]),
            *arguments(types, rows),
        ]
        written = {row[0] for row in tx.execute(query.encode(), values).fetchall()}
        return [number for number in answer.families if number not in written]

    def _write(
        self, tx: Tx, answer: Membership, new: Sequence[Statement], statements: Mapping[Place, Statement]
    ) -> None:
        named_by = [
            (key, one.log, one.root) for one in new for key in named(one.event, statements[one.log, one.root].event)
        ]
        named_by += [(number, *family.place) for number, family in answer.families.items()]
        since = {
            key: answer.spans_of(key)[-1].since for key, family in answer.stands.items() if family and is_person(key)
        }
        since |= {place_key(one.place): one.place for one in statements.values()}
        stands = [(key, family, *(since[key] if family else (None, None))) for key, family in answer.stands.items()]
        spans = [_row(span) for span in answer.spans]
        write(
            tx,
            Insert(
                f"{self.schema}.statements",
                "text bigint bigint bytea",
                [(*one.place, one.root, one.event.encode()) for one in new],
            ),
            Insert(f"{self.schema}.named", "text text bigint", sorted(set(named_by)), "ON CONFLICT DO NOTHING"),
            Insert(
                f"{self.schema}.places",
                "text text text bigint",
                stands,
                "ON CONFLICT (key) DO UPDATE SET family = EXCLUDED.family, log = EXCLUDED.log, "
                "position = EXCLUDED.position",
            ),
            Insert(f"{self.schema}.spans", "text text date date text text bigint text text bigint", spans),
            Insert(
                f"{self.schema}.flagged",
                "text bigint text",
                [(*place, flag) for place, flag in answer.flags.items()],
            ),
        )


def linked(schema: str) -> str:
    """Return the query for all statements that are linked with some keys, or some statements, through whom they name.

    Its arguments are the keys, and logs and positions; its rows log, position, root, body and case number.
    """
    return (  # for each key its own look into the index, whatever the statistics of a young table say
        "WITH RECURSIVE linked (log, root) AS ("
        "SELECT found.log, found.position FROM unnest(%s::text[]) AS wanted CROSS JOIN LATERAL "
        f"(SELECT log, position FROM {schema}.named WHERE key = wanted OFFSET 0) AS found "
        "UNION SELECT * FROM unnest(%s::text[], %s::bigint[]) "
        "UNION SELECT other.log, other.position FROM linked CROSS JOIN LATERAL "
        f"(SELECT key FROM {schema}.named WHERE log = linked.log AND position = linked.root OFFSET 0) AS own "
        f"CROSS JOIN LATERAL (SELECT log, position FROM {schema}.named WHERE key = own.key OFFSET 0) AS other"
        ") SELECT one.log, one.position, one.root, one.body, family FROM linked CROSS JOIN LATERAL "
        f"(SELECT * FROM {schema}.statements AS own WHERE own.log = linked.log AND own.root = linked.root "
        f"OFFSET 0) AS one LEFT JOIN {schema}.families AS f ON f.log = one.log AND f.position = one.position"
    )


def recorded_membership(
    rows: Iterable[tuple[str, int, int, bytes, str | None]], known: date | None = None
) -> Membership:
    """Return who belongs where by the rows of `linked`, as known on a day."""
    by_log: dict[str, list[RecordedEvent]] = {}
    numbers: dict[Place, str] = {}
    for log, position, _, body, family in rows:
        by_log.setdefault(log, []).append(decode(body, position))
        if family:
            numbers[log, position] = family
    return membership(by_log, lambda place, _: numbers[place], known)


def _row(span: Span) -> tuple[Any, ...]:
    begins, ends = (None if day in {date.min, date.max} else day.isoformat() for day in (span.begins, span.ends))
    return span.person, span.family, begins, ends, span.came, *span.since, span.left, *(span.until or (None, None))


class _Numbering:
    """Gives each opening its own case number, the one it has or the first that is free."""

    def __init__(self, numbers: dict[Place, str]) -> None:
        self._numbers = numbers
        self._owner: dict[str, Place | None] = {number: place for place, number in numbers.items()}

    def number(self, place: Place, opening: RecordedEvent) -> str:
        """Return the case number of an opening. Raises LookupError when none of NUMBERS_TRIED is free."""
        for attempt in range(0 if place not in self._numbers else NUMBERS_TRIED, NUMBERS_TRIED):
            number = case_number(opening, attempt)
            if self._owner.setdefault(number, place) == place:
                self._numbers[place] = number
                break
        return self._numbers[place]

    def refuse(self, numbers: Sequence[str]) -> None:
        """Note that these numbers belong to families elsewhere."""
        for number in numbers:
            place = self._owner[number]
            self._owner[number] = None
            if place is not None:
                del self._numbers[place]


def _parties(value: Any) -> Iterator[str]:
    """Yield every person and case number in a payload, wherever in it: a correction restates one of any type."""
    if isinstance(value, str):
        key = value if is_person(value) else case_key(value)
        if key:
            yield key
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _parties(part)
