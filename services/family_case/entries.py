"""What is filed, as tables: where in the case log each event is, about whom, and what else it names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.family_case.bases import mentions
from services.family_case.domain import NO_FAMILY, Arrival, Place, is_person
from services.family_case.tables import Insert, declare, write
from shared.postgres.database import Tx

declare("entries", "log position about id correlationid causationid", apart="filed")
declare("mentions", "kind key log position")


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of an event that another one amends: whom it is about, the statement it belongs to, if any.

    With `reason` it is not filed yet, and why.
    """

    about: str
    root: int | None
    reason: str = ""


class Entries:
    """Keeps the entries in the read models' `schema`."""

    def __init__(self, schema: str) -> None:
        self.schema = schema

    def originals(self, tx: Tx, places: Iterable[Place]) -> dict[Place, Original]:
        """Return what is known of these events, of those that were received."""
        wanted = sorted(set(places))
        query = (
            "WITH wanted (log, position) AS (SELECT * FROM unnest(%s::text[], %s::bigint[])) "
            f"SELECT log, position, about, root, '' FROM wanted JOIN {self.schema}.entries USING (log, position) "
            f"LEFT JOIN {self.schema}.statements USING (log, position) "
            f"UNION ALL SELECT log, position, '', NULL, reason FROM wanted "
            f"JOIN {self.schema}.waiting USING (log, position)"
        )
        columns = [log for log, _ in wanted], [position for _, position in wanted]
        rows = tx.execute(query.encode(), columns, binary=True).fetchall()
        return {(log, position): Original(*known) for log, position, *known in rows}

    def note(self, tx: Tx, filed: Sequence[tuple[Arrival, str, int]]) -> None:
        """Note events with whom they are about and their positions in the case log."""
        rows = [
            (arrival.log, arrival.event.position, position, about, *(_names(arrival) if about == NO_FAMILY else _NONE))
            for arrival, about, position in filed
        ]
        # who stands nowhere is noted too, so that what waits for them is found
        persons = [(person,) for person in sorted(filter(is_person, {about for _, about, _ in filed}))]
        named = {(*one, *arrival.place()) for arrival, _, _ in filed for one in mentions(arrival)}
        write(
            tx,
            Insert(f"{self.schema}.entries", "text bigint bigint text text text text", rows),
            Insert(f"{self.schema}.places", "text", persons, "ON CONFLICT DO NOTHING"),
            Insert(f"{self.schema}.mentions", "text text text bigint", sorted(named)),
        )


_NONE = (None, None, None)


def _names(arrival: Arrival) -> tuple[str | None, str | None, str | None]:
    """Return by what other events may refer to one about nobody: only those are looked for by it."""
    attributes = arrival.event.attributes
    return attributes["id"], attributes.get("correlationid"), attributes.get("causationid")
