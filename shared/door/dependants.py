"""What rests on an event that is withdrawn: whoever takes it back sees what else has to be looked at."""

from collections.abc import Iterator

from shared.door.memory import LogPast
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.rules import NAMED_BY, Rules, Same
from shared.log.amended import Amended
from shared.log.lookups import values_in
from shared.log.record import RecordedEvent

MOST = 100
"""How many are listed at most."""


def dependants(target: Amended, past: LogPast, rules: Rules) -> list[RecordedEvent]:
    """Return the later records that rest on one, of the same process, family, organisation or base.

    They say that it caused them, or name it, or nothing else on record precedes them as their order requires.
    """
    around = [one for one in past.around() if one.event.position != target.event.position]
    later = [one for one in around if one.event.position > target.event.position]
    resting = (one for one in later if _names(one, target.event.id) or _needs(one, target, around, past, rules))
    return [one.event for one in resting][:MOST]


def _names(one: Amended, id_: str) -> bool:
    references = [name for name, fact in _declared(one).facts.items() if fact.kind.name == "event"]
    return one.event.attributes.get("causationid") == id_ or id_ in values_in(one.data, references)


def _needs(one: Amended, target: Amended, around: list[Amended], past: LogPast, rules: Rules) -> bool:
    """Whether an order of an event was satisfied by the target, and is by nothing else."""
    if one.event.attributes.get("legacy"):
        return False
    for needs, same in rules.needs_of(_declared(one).cls):
        if _declared(target).cls in needs and _together(one, target, same, past):
            others = (other for other in around if other is not one and _declared(other).cls in needs)
            if not any(_together(one, other, same, past) for other in others):
                return True
    return False


def _together(one: Amended, other: Amended, same: Same, past: LogPast) -> bool:
    if same == "process":
        return one.event.process == other.event.process
    if same == "person":
        return one.event.subject == other.event.subject
    if same == "family":
        return {one.event.subject, other.event.subject} <= past.household()
    return same in NAMED_BY and not set(_keys(one, same)).isdisjoint(_keys(other, same))


def _keys(one: Amended, same: Same) -> Iterator[str | None]:
    if same == "organisation":
        yield one.event.subject
    yield from values_in(one.data, NAMED_BY[same])


def _declared(one: Amended) -> Declaration:
    declaration = CATALOGUE.get(one.event.type)
    assert declaration is not None  # noqa: S101 - it was asked for by its type
    return declaration
