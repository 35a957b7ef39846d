"""Reading who may be a duplicate: what the case knows of each person, gathered when somebody asks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import Any

from services.family_case.domain import Arrival, filed_event, is_person
from services.family_case.duplicates import Known, Pair, Proposal, candidates, pair_of, proposals, unborn
from services.family_case.history import history
from services.family_case.membership import Membership
from services.family_case.places import recorded_membership
from services.family_case.reading import Queries
from shared.language.catalogue import CATALOGUE, Distinguishes, Guards, Opens
from shared.log.record import RecordedEvent, decode

LISTED = 200
"""How many pairs are listed at most: those that match most."""


class Duplicates:
    """Asks the family case who may be one person under two numbers."""

    def __init__(self, queries: Queries) -> None:
        self.database = queries.database
        self.views, self.log = queries.views, queries.log

    def proposed(self) -> list[dict[str, Any]]:
        """Return the pairs, those that match most first: what matches, what differs, and what is not known.

        Both numbers stand in the answer, as tokens: whoever decides names them in an event.
        """
        rows = self.database.all(
            f"SELECT one.log, one.position, one.root, one.body, family FROM {self.views}.statements AS one "
            f"LEFT JOIN {self.views}.families AS f ON f.log = one.log AND f.position = one.position"
        )
        statements = [decode(body, position) for _, position, _, body, _ in rows]
        members = recorded_membership(rows)
        waiting = self._waiting()
        known = _known(members, [*statements, *waiting])
        for event in waiting:
            if is_person(event.subject) and (one := known.get(members.one(event.subject))) and not one.family:
                one.division = one.division or str(event.attributes.get("division") or "")
        pairs = candidates(known.values(), _together(members, statements))
        nameless = {one.token for one in known.values() if not one.born}
        apart = self._look_closer({token for pair in pairs for token in pair} | nameless, members, known)
        of_family: dict[str, list[str]] = defaultdict(list)
        for one in known.values():
            if one.family:
                of_family[one.family].append(one.token)
        also = set(unborn(known.values(), of_family, {one.token: one.family for one in known.values()}))
        apart |= self._look_closer({token for pair in also for token in pair}, members, known)
        return [_as_json(one) for one in proposals((pairs | also) - apart, known)[:LISTED]]

    def _waiting(self) -> list[RecordedEvent]:
        """Return what is filed about persons who are in no family."""
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.places AS place JOIN {self.views}.entries AS entry "
            f"ON entry.about = place.key JOIN {self.log} AS filed ON filed.position = entry.filed "
            "WHERE place.family IS NULL"
        )
        return [filed_event(row[0]).event for row in rows]

    def _look_closer(self, tokens: Collection[str], members: Membership, known: Mapping[str, Known]) -> set[Pair]:
        """Add the guardians of some persons; return the pairs that somebody has found to be two."""
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.entries AS entry JOIN {self.log} AS filed "
            "ON filed.position = entry.filed WHERE entry.about = ANY(%s)",
            sorted(tokens),
        )
        arrivals: list[Arrival] = [filed_event(row[0]) for row in rows]
        apart: set[Pair] = set()
        for entry in history(arrivals):
            effect, subject = entry.amended.effect, entry.arrival.event.subject
            if not entry.amended.stands or not is_person(subject):
                continue
            one = members.one(subject)
            if isinstance(effect, Guards) and one in known:
                known[one].guardians |= {members.one(entry.data[effect.guardian])}
            elif isinstance(effect, Distinguishes):
                apart.add(pair_of(one, members.one(entry.data[effect.person])))
        return apart


def _known(members: Membership, events: Iterable[RecordedEvent]) -> dict[str, Known]:
    """Return everybody whom some events name, with what their numbers say, and where they belong."""
    found: dict[str, Known] = {}
    tokens = {key for key in members.stands if is_person(key)}
    for event in events:
        for fact in str(event.attributes.get("persons", "")).split():
            token, born, sex = fact.split("/")
            one = found.setdefault(members.one(token), Known(members.one(token)))
            if not one.born or token == one.token:
                one.born, one.sex = born, sex
        if is_person(event.subject):
            tokens.add(event.subject)
    for token in tokens:
        found.setdefault(members.one(token), Known(members.one(token)))
    for one in found.values():
        one.family = members.family(one.token, date.max) or ""
        family = members.families.get(one.family)
        one.division = (family.division or "") if family else ""
    return found


def _together(members: Membership, statements: Iterable[RecordedEvent]) -> set[Pair]:
    """Return the pairs that one opening names: it says that they are two."""
    found: set[Pair] = set()
    for event in statements:
        effect = CATALOGUE.effect_of(event.type)
        if isinstance(effect, Opens):
            named = sorted({members.one(person) for person in event.data[effect.members]})
            found.update(combinations(named, 2))
    return found


def _as_json(found: Proposal) -> dict[str, Any]:
    return {
        "persons": [
            {
                "person": one.token,
                "born": one.born[:4] or None,
                "sex": one.sex or None,
                "family": one.family or None,
                "division": one.division or None,
            }
            for one in (found.one, found.other)
        ],
        "matches": list(found.matches),
        "differs": list(found.differs),
        "unknown": list(found.unknown),
    }
