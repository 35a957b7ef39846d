"""Which value of a policy parameter is in force: what one department has set, as its log stands or as others hold it.

The department that sets parameters finds them in its log. Others keep what it announces in a table of their own, a row
for each parameter (`shared/bus/parameters.py` fills it); until something arrives, the default counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from shared.language.catalogue import CATALOGUE, Sets
from shared.log.amended import Amended
from shared.policy.parameters import Unfit, parameter
from shared.postgres.database import Database

CITY = "421200"
"""The division of the city itself: what is set for it, or for none, is set for every county."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that somebody set: its text, from which day it counts and where, and the position of its record."""

    text: str
    since: date
    division: str | None
    position: int

    def as_json(self) -> list[Any]:
        """Return it as others keep it."""
        return [self.text, self.since.isoformat(), self.division, self.position]


def types_that_set(department: str) -> list[str]:
    """Return the types of a department's events that set parameters."""
    return [one.type for one in CATALOGUE if one.department == department and isinstance(one.effect, Sets)]


def values_of(standing: Iterable[Amended]) -> dict[str, list[Value]]:
    """Return the values that stand, by parameter."""
    found: dict[str, list[Value]] = {}
    for one in standing:
        effect = one.effect
        if isinstance(effect, Sets) and one.stands:
            since, division = date.fromisoformat(one.data[effect.since]), one.data.get(effect.division)
            value = Value(one.data[effect.value], since, division, one.event.position)
            found.setdefault(one.data[effect.parameter], []).append(value)
    return found


def in_force(name: str, values: Iterable[Value], division: str | None, day: date) -> Any:
    """Return the value of a parameter in force in a division on a day, typed, or its default.

    What was set for the county itself comes first, then what took effect last, then what was recorded last. A value
    that does not fit its grammar, from before there was one, counts for nothing. Raises KeyError for an unknown name.
    """
    known = parameter(name)
    here = [one for one in values if one.since <= day and one.division in {None, CITY, division}]
    for one in sorted(here, key=lambda one: (one.division not in {None, CITY}, one.since, one.position), reverse=True):
        try:
            return known.read(one.text)
        except Unfit:
            continue
    return known.standard


def kept(database: Database) -> dict[str, list[Value]]:
    """Return what a department keeps of the values that another one has set, by parameter."""
    rows = database.all(f"SELECT parameter, standing::text FROM {database.schema}.parameters")
    return {name: [value_of(one) for one in orjson.loads(standing)] for name, standing in rows}


def keep(database: Database, name: str, position: int, values: Iterable[Value]) -> None:
    """Keep the values of a parameter as of a position of the other department's log, unless newer ones are kept."""
    with database.connection() as connection:
        connection.execute(
            f"INSERT INTO {database.schema}.parameters AS kept VALUES (%s, %s, %s::text::jsonb) "
            "ON CONFLICT (parameter) DO UPDATE SET position = excluded.position, standing = excluded.standing "
            "WHERE kept.position < excluded.position".encode(),
            (name, position, orjson.dumps([one.as_json() for one in values]).decode()),
        )


def value_of(said: list[Any]) -> Value:
    """Return a value as `as_json` wrote it. Raises ValueError or TypeError for what it did not write."""
    text, since, division, position = said
    return Value(str(text), date.fromisoformat(since), division, int(position))
