"""From the family case to the engine: what is known on K of a family, of the city, and of the parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.entitlements.city import City
from services.entitlements.engine import Case, case
from services.entitlements.facts import Facts, fact
from services.entitlements.policy import Policy, policy
from services.family_case.domain import Place
from services.family_case.history import Entry, People, history
from services.family_case.reading import Filed, Queries, Reader
from shared.language.catalogue import NEW_NUMBER, Renumbers
from shared.log.amended import Amended, as_amended
from shared.log.record import RecordedEvent


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the families on one day: the city's facts and the parameters."""

    city: City
    policy: Policy
    _until: dict[date, City] = field(default_factory=dict)

    def until(self, day: date) -> City:
        """Return what of the city counts by the end of a day; the last one asked for is kept."""
        found = self._until.get(day)
        if found is None:
            found = self.city.until(day)
            self._until.clear()
            self._until[day] = found
        return found


class Loader:
    """Loads what the engine judges. What is about nobody is kept, and added to as the case log grows."""

    def __init__(self, queries: Queries) -> None:
        self.queries = queries
        self._reached = 0
        self._about_nobody: dict[str, list[RecordedEvent]] = {}
        self._around: dict[date | None, Around] = {}

    def case(
        self, family: str, reader: Reader, purpose: str, known: date | None = None, effective: date | None = None
    ) -> tuple[Case, People]:
        """Return what is known of a family by the end of a day, and how its persons are called.

        `effective`: whose facts are the family's depends on who belongs to it on that day. Raises NoSuchFamily.
        """
        return read(self.queries.filed(family, reader, purpose, known, effective), known)

    def around(
        self, known: date | None = None, upto: Mapping[str, int] | None = None, besides: Place | None = None
    ) -> Around:
        """Return what is known beside the families by the end of a day.

        `upto`: as of these positions of the logs; `besides`: as if the event there were not.
        """
        reached = self.queries.reached()
        if reached < self._reached:  # the read models are made anew
            self._about_nobody, self._around, self._reached = {}, {}, 0
        if reached > self._reached:
            for one in self.queries.about_nobody(self._reached):
                self._about_nobody.setdefault(one.log, []).append(one.event)
                self._around = {}
            self._reached = reached
        if upto is not None:
            return self._as_of(known, upto)
        if besides is not None:
            log, position = besides
            others = self._about_nobody | {log: [one for one in self._about_nobody[log] if one.position != position]}
            return around((log, one) for log, some in others.items() for one in as_amended(some, known))
        if known not in self._around:
            self._around[known] = self._as_of(known, None)
        return self._around[known]

    def _as_of(self, known: date | None, upto: Mapping[str, int] | None) -> Around:
        amended = []
        for log, some in self._about_nobody.items():
            received = some if upto is None else [one for one in some if one.position <= upto.get(log, 0)]
            amended += [(log, one) for one in as_amended(received, known)]
        return around(amended)


def read(filed: Filed, known: date | None) -> tuple[Case, People]:
    """Return what is known of a family by the end of a day, and how its persons are called."""
    entries = history(filed.arrivals, known)
    people = People(entries)
    born, several = births(entries, people)
    same = people.one if several else str
    facts = (fact(entry.arrival.log, entry.amended, same) for entry in entries)
    case_ = case(filed.number, (one for one in facts if one), born, filed.spans)
    case_.numbers = _other_numbers(entries, people) if several else {}
    return case_, people


def around(amended: Iterable[tuple[str, Amended]]) -> Around:
    """Return what events about nobody, as they stand, say of the city and the parameters."""
    amended = list(amended)
    facts = (fact(log, one) for log, one in amended)
    return Around(City(Facts(one for one in facts if one)), policy(one for _, one in amended))


def births(entries: Iterable[Entry], people: People) -> tuple[dict[str, date], bool]:
    """Return the birth dates of the persons that events name, by their one token; whether somebody has several."""
    lists = dict.fromkeys(entry.attributes.get("persons", "") for entry in entries)
    said = dict.fromkeys(one for some in lists for one in some.split())
    found: dict[str, date] = {}
    several = False
    for token, born, _ in (one.split("/") for one in said):
        one = people.one(token)
        several |= one != token
        if born and (one == token or one not in found):
            found[one] = date.fromisoformat(born)
    return found | _by_right_numbers(entries), several


def _other_numbers(entries: Iterable[Entry], people: People) -> dict[str, str]:
    """Return the other tokens of persons who have several, each with the one that stands for them."""
    words = (word for entry in entries for word in entry.attributes.get("persons", "").split())
    tokens = {word.partition("/")[0] for word in words}
    return {token: one for token in tokens if (one := people.one(token)) != token}


def _by_right_numbers(entries: Iterable[Entry]) -> dict[str, date]:
    """Return the birth dates of persons whose number was corrected: that in the wrong one is nobody's."""
    found: dict[str, date] = {}
    for entry in entries:
        one = entry.amended
        if isinstance(one.effect, Renumbers) and one.stands and one.event.subject:
            said = (one.event, *one.corrections)[-1].attributes
            words = (word.split("/") for word in said.get("persons", "").split())
            born = {token: day for token, day, _ in words if day}
            if day := born.get(said.get(NEW_NUMBER, "")):
                found[one.event.subject] = date.fromisoformat(day)
    return found
