"""What is known beside a family: events about organisations and money, and whom else a service was granted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.entitlements.facts import Fact, Facts


@dataclass(frozen=True, slots=True)
class Approval:
    """A service was granted to a family: for whom priorities are kept, it says whether that one was difficult then."""

    family: str
    difficult: bool
    fact: Fact[Any]


class City:
    """The city as known on K: facts about organisations, and who was granted what, of services with a priority."""

    def __init__(self, facts: Facts, approvals: Iterable[Approval] = ()) -> None:
        self.facts = facts
        self.approvals = list(approvals)

    def until(self, day: date) -> "City":
        """Return what counts by the end of a day."""
        return City(self.facts.until(day), [one for one in self.approvals if one.fact.day <= day])

    def granted_to_others(self, cls: type[Any], division: str | None, family: str) -> list[Approval]:
        """Return the grants of a kind in a division to families that were not difficult then, this one aside."""
        return [
            one
            for one in self.approvals
            if one.fact.cls is cls and one.fact.division == division and one.family != family and not one.difficult
        ]


NOWHERE = City(Facts(()))
"""Nothing is known beside the family."""
