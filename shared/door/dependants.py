"""Dependants: which events on record rest on one that is being withdrawn. They stay; somebody has to look at them."""

from shared.door.memory import Memory
from shared.door.past import LogPast
from shared.door.reading import Event
from shared.keys.persons import LinkKey
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.kinds import EVENT
from shared.language.rules import Rules
from shared.log.amended import Amended
from shared.log.lookups import values_in

MOST = 100
"""How many are listed at most."""


def dependants(target: Amended, memory: Memory, rules: Rules, link: LinkKey) -> list[str]:
    """Return the ids of the later events of the same process, family, organisation or base that rest on an event.

    They name it as their cause or in a field, or it is all that their type has to come after.
    """
    past = LogPast(memory, link, _again(target))
    later = [one for one in past.around() if one.event.position > target.event.position]
    return [one.event.id for one in later if _rests(one, target, memory, rules, link)][:MOST]


def _rests(one: Amended, target: Amended, memory: Memory, rules: Rules, link: LinkKey) -> bool:
    references = [name for name, fact in _declaration(one).facts.items() if fact.kind is EVENT]
    if target.event.id in (one.event.attributes.get("causationid"), *values_in(one.data, references)):
        return True
    event = _again(one)
    without = LogPast(memory, link, event, besides=target.event.position)
    return rules.out_of_order(event.typed(), without) and not rules.out_of_order(
        event.typed(), LogPast(memory, link, event)
    )


def _again(one: Amended) -> Event:
    """Return an event on record as rules are asked about a new one."""
    declaration = _declaration(one)
    return Event(declaration, one.event.attributes, vars(declaration.load(one.data)), {})


def _declaration(one: Amended) -> Declaration:
    declaration = CATALOGUE.get(one.event.type)
    assert declaration is not None  # noqa: S101 - it was asked for by its type
    return declaration
