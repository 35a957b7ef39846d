"""Families of the made-up city, as the engine judges them, without a database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.city.city import the_family, the_offices
from services.entitlements.city import City
from services.entitlements.engine import Case, case
from services.entitlements.facts import Fact, Facts, fact
from services.entitlements.policy import Policy, policy
from services.family_case.domain import is_person
from shared.log.amended import Amended, as_amended
from tests.entitlements.evaluate import logs


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Some families, and what is known beside them."""

    families: list[Case]
    city: City
    policy: Policy


def made_up(numbers: Iterable[int], seed: int) -> MadeUp:
    """Return families of the made-up city by their numbers, and its offices."""
    offices = list(_amended(event for _, event in the_offices(seed).lines()))
    beside = [found for log, one in offices if (found := fact(log, one))]
    families = [_family(number, seed) for number in numbers]
    return MadeUp(families, City(Facts(beside)), policy(one for _, one in offices))


def _family(number: int, seed: int) -> Case:
    facts: list[Fact[Any]] = []
    born: dict[str, date] = {}
    for log, one in _amended(event for _, event in the_family(number, seed).lines()):
        found = fact(log, one)
        if found and is_person(found.subject):
            facts.append(found)
        for said in one.event.attributes.get("persons", "").split():
            token, birth, _ = said.split("/")
            if birth:
                born[token] = date.fromisoformat(birth)
    return case(f"XN-F-{number:08}", facts, born)


def _amended(events: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Amended]]:
    for log, some in logs(events).items():
        yield from ((log, one) for one in as_amended(some))
