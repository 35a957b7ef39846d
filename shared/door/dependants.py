"""Dependants: which events on record rest on one that is being withdrawn. They stay; somebody has to look at them."""

from collections.abc import Iterator

from shared.door.memory import LogPast, Memory
from shared.door.reading import Event
from shared.keys.persons import LinkKey
from shared.language.catalogue import CATALOGUE, Corrects, Withdraws
from shared.language.kinds import EVENT
from shared.language.rules import Rules
from shared.log.amended import Amended
from shared.log.lookups import keys_of, values_in
from shared.log.recorder import By


def dependants(target: Amended, memory: Memory, rules: Rules, link: LinkKey) -> list[str]:
    """Return the ids of the live events of the same process, person or base that rest on an event, in their order.

    They name it as their cause or in a field, or it is all that their type has to come after.
    """
    return [one.event.id for one in _around(target, memory) if _rests(one, target, memory, rules, link)]


def _around(target: Amended, memory: Memory) -> Iterator[Amended]:
    """Yield what was recorded later about the same, as it stands, amendments left out."""
    record = target.event
    types = [
        one.type
        for one in CATALOGUE
        if one.department == record.type.partition(".")[0] and not isinstance(one.effect, Corrects | Withdraws)
    ]
    asked: list[tuple[By, set[str]]] = [
        ("process", {record.process} if record.process else set()),
        ("subject", {record.subject, *keys_of(record)} - {None} if record.subject else set()),
        ("key", set(keys_of(record))),
    ]
    found = {one.event.position: one for by, keys in asked if keys for one in memory.past(by, keys, types)}
    return (found[position] for position in sorted(found) if position > record.position)


def _rests(one: Amended, target: Amended, memory: Memory, rules: Rules, link: LinkKey) -> bool:
    declaration = CATALOGUE.get(one.event.type)
    assert declaration is not None  # noqa: S101 - it was asked for by its type
    references = [name for name, fact in declaration.facts.items() if fact.kind is EVENT]
    if target.event.id in (one.event.attributes.get("causationid"), *values_in(one.data, references)):
        return True
    typed = declaration.load(one.data)
    event = Event(declaration, one.event.attributes, vars(typed), {})
    without = LogPast(memory, link, event, besides=target.event.position)
    return rules.out_of_order(typed, without) and not rules.out_of_order(typed, LogPast(memory, link, event))
