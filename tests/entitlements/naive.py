"""An evaluator of its own, in the plainest way: it starts from the departments' logs, and has no tables and no cache.

It decides for itself what was known on K, what was corrected or withdrawn, which numbers are one person's, who belongs
to which family, in whose history an event stands, and from which day it counts. The rules alone are the engine's. What
the live path answers is compared with it: so it shares none of that path's code, and may be slow.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from services.entitlements.city import Approval, City
from services.entitlements.engine import Case, Judged, judge
from services.entitlements.facts import Fact, Facts, fact
from services.entitlements.policy import policy
from services.family_case.domain import case_number, is_person
from shared.language.catalogue import CATALOGUE
from shared.log.amended import Amended
from shared.log.record import RecordedEvent

Logs = Mapping[str, Sequence[RecordedEvent]]
LAST_DAYS = ("effective_to", "to_date")
ENDS = ("terminated", "subsidies_stopped", "benefit_stopped", "family_ended", "trainer_removed")
DECIDED_BEFORE = ("placement_decided", "certificate_renewed")
FROM_THEN_ON = ("family_recognised", "parameter_set")
NOT_DONE = {"starts_on", "ends_on", "trigger_on", "due_on"}
PRIORITY = ("HomeModificationDecided", "CareServiceDecided")


@dataclass
class Said:
    """An event as it stands: its log and record, with its payload after every correction known."""

    log: str
    event: RecordedEvent
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """Its type, without the department."""
        return self.event.type.partition(".")[2]

    @property
    def time(self) -> date:
        """The day of the event."""
        return date.fromisoformat(self.event.attributes["time"][:10])

    @property
    def place(self) -> tuple[str, int]:
        """Its log and place there."""
        return self.log, self.event.position

    @property
    def is_of_family(self) -> bool:
        """Whether it stays with the family of its subject, and does not follow the person."""
        declaration = CATALOGUE.get(self.event.type)
        return declaration is not None and declaration.scope == "family"

    @property
    def counts_from(self) -> date:
        """The day from which it counts (rules A1, F)."""
        name, data = self.name, self.data
        if name.endswith(DECIDED_BEFORE):
            return self.time
        if name.endswith(ENDS):
            last = next(data[field] for field in LAST_DAYS if data.get(field))
            return _end(last) + timedelta(1)
        if name.endswith(FROM_THEN_ON):
            return date.fromisoformat(data["effective_from"])
        own = [field for field in data if field.endswith("_on") and field not in NOT_DONE and data[field]]
        own = own or [field for field in ("from_date",) if data.get(field)]
        return date.fromisoformat(data[own[0]]) if own else self.time


def _end(last: str) -> date:
    """Return a last day, also of a month."""
    if len(last) == len("2025-04-01"):
        return date.fromisoformat(last)
    year, month = int(last[:4]), int(last[5:])
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(1)


class Naive:
    """What these logs say, as known by the end of a day."""

    def __init__(self, logs: Logs, known: date) -> None:
        self.said = [one for log, events in sorted(logs.items()) for one in _standing(log, events, known)]
        self.known = [one for events in logs.values() for one in events if _written(one) <= known]
        self._find_persons()
        self._find_families()

    # -- persons

    def _find_persons(self) -> None:
        self.now: dict[str, str] = {}
        for one in self.said:
            if one.name == "duplicate_merged" and is_person(one.data.get("merged_person")):
                if is_person(one.data["survivor"]):
                    self.now.setdefault(one.data["merged_person"], one.data["survivor"])
            elif one.name == "person_identity_corrected" and (new := one.event.attributes.get("newnumber")):
                self.now.setdefault(new, str(one.event.subject))

    def one(self, person: str) -> str:
        """Return the number that remains of a person."""
        while person in self.now:
            person = self.now[person]
        return person

    # -- families

    def _find_families(self) -> None:
        """Go through the days: who belongs to which family since when, and until when."""
        self.spans: dict[str, list[list[Any]]] = defaultdict(list)
        self.stands: dict[tuple[str, int], str | None] = {}
        self._waiting: list[tuple[str, str, date]] = []
        """Who is named by a family while they belong to another: the person, the family, since when."""
        statements = [(day, one) for one in self.said if (day := _stated(one)) is not None]
        family: str | None
        for day, one in sorted(statements, key=lambda each: (each[0], each[1].place)):
            if one.name == "family_case_opened":
                family = opened = case_number(one.event)
                for person in map(self.one, one.data["members"]):
                    self._comes(person, opened, day if person in self.spans else date.min)
            else:
                family, person = self.family(self.one(str(one.event.subject)), day), self.one(one.data["person"])
                if family and one.name == "family_member_added":
                    self._comes(person, family, day)
                elif family:
                    self._leaves(person, family, day)
            self.stands[one.place] = family
        for one in self.said:
            if one.name == "person_deceased":
                for span in self.spans.get(self.one(str(one.event.subject)), []):
                    if span[0] <= one.counts_from < span[1]:
                        span[1] = one.counts_from
        self._unite()

    def _comes(self, person: str, family: str, day: date) -> None:
        here = self._family_on(person, day, living=True)
        if here is None:
            self.spans[person].append([day, date.max, family])
        elif here != family:
            self._waiting.append((person, family, day))

    def _leaves(self, person: str, family: str, day: date) -> None:
        for span in self.spans[person]:
            if span[2] == family and span[0] <= day < span[1]:
                span[1] = day
                mine = [each for each in self._waiting if each[0] == person]
                self._waiting = [each for each in self._waiting if each[0] != person]
                for _, other, since in mine:
                    self._comes(person, other, max(since, day))

    def _unite(self) -> None:
        """Let merged families be the one that remains."""
        into: dict[str, str] = {}
        for one in self.said:
            merged, survivor = one.data.get("merged_family"), one.data.get("survivor")
            if one.name == "duplicate_merged" and merged and survivor:
                ends = [
                    self.family(self.one(each), one.time) if is_person(each) else each for each in (merged, survivor)
                ]
                if all(ends) and ends[0] != ends[1]:
                    into[str(ends[0])] = str(ends[1])
        for span in (span for own in self.spans.values() for span in own):
            while span[2] in into:
                span[2] = into[span[2]]
        for place in self.stands:
            while self.stands[place] in into:
                self.stands[place] = into[str(self.stands[place])]

    def _family_on(self, person: str, day: date, *, living: bool = False) -> str | None:
        begun = [span for span in self.spans.get(person, []) if span[0] <= day and (not living or day < span[1])]
        return str(begun[-1][2]) if begun else None

    def family(self, person: str, day: date) -> str | None:
        """Return the family of a person's latest membership begun by a day; of the first one, before any."""
        own = self.spans.get(person, [])
        return self._family_on(person, day) or (str(own[0][2]) if own else None)

    @cached_property
    def families(self) -> list[str]:
        """The families by their case numbers."""
        return sorted({str(number) for number in self.stands.values() if number})

    # -- facts

    @cached_property
    def facts(self) -> list[tuple[Said, Fact[Any]]]:
        """What is said, as facts; each of them must count from the day that was found here."""
        found = []
        for one in self.said:
            made = fact(one.log, Amended(one.event, self._united(one.data)))
            if made is not None:
                made.subject = self.one(made.subject)
                assert made.day == one.counts_from, one.event.type
                found.append((one, made))
        return found

    def _united(self, data: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(data)
        for number in self.now:
            text = text.replace(number, self.one(number))
        found: dict[str, Any] = json.loads(text)
        return found

    def _histories(self, on: date) -> tuple[dict[str, list[Fact[Any]]], list[Fact[Any]]]:
        """Return the facts by family, as of a day, and those about nobody."""
        own: dict[str, list[Fact[Any]]] = defaultdict(list)
        around = []
        for one, made in self.facts:
            if not is_person(made.subject):
                around.append(made)
                continue
            if one.place in self.stands:
                family = self.stands[one.place]
            elif one.is_of_family:
                family = self.family(made.subject, one.time)
            else:
                family = self._family_on(made.subject, on)
                spans = self.spans.get(made.subject, [])
                for former in {span[2] for span in spans if span[0] <= on and one.time < span[1]} - {family}:
                    own[former].append(made)  # what that family was while they belonged to it rests on this
            if family:
                own[family].append(made)
        return own, around

    @cached_property
    def born(self) -> dict[str, date]:
        """When persons were born: by the number that remains, if it says so."""
        found: dict[str, date] = {}
        for event in self.known:
            for token, born, _ in (each.split("/") for each in event.attributes.get("persons", "").split()):
                if born and (token == self.one(token) or self.one(token) not in found):
                    found[self.one(token)] = date.fromisoformat(born)
        for one in self.said:  # the number that was wrong says when nobody was born
            for token, born, _ in (each.split("/") for each in one.event.attributes.get("persons", "").split()):
                if born and token == one.event.attributes.get("newnumber"):
                    found[self.one(token)] = date.fromisoformat(born)
        return found

    @cached_property
    def policy(self) -> Any:
        """The parameters."""
        return policy(Amended(one.event, one.data) for one in self.said if one.name == "policy_parameter_set")

    def judged(self, on: date) -> Iterator[tuple[str, list[Judged]]]:
        """Yield every family with its verdicts on a day."""
        own, around = self._histories(on)
        city = City(_cut(around, on), list(_granted(own, on)))
        for family in self.families:
            spans = {(person, *span[:2]) for person, some in self.spans.items() for span in some if span[2] == family}
            numbers = {token: self.one(token) for token in self.now}
            case = Case(family, _cut(own[family], on), self.born, spans, numbers)
            yield family, judge(case, self.policy, on, city)


def _cut(facts: list[Fact[Any]], on: date) -> Facts:
    """Return the facts that count by a day; later ones are known."""
    found = Facts(one for one in facts if one.day <= on)
    found._known = Facts(facts)
    return found


def _granted(own: Mapping[str, list[Fact[Any]]], on: date) -> Iterator[Approval]:
    """Yield whom something was granted in which difficult families go first, and whether it was one."""
    for family, facts in own.items():
        for one in facts:
            if one.day <= on and one.name in PRIORITY and one.event.decision == "approved":
                yield Approval(family, _was_difficult(facts, min(one.day, on), on), one)


def _was_difficult(facts: list[Fact[Any]], day: date, on: date) -> bool:
    """Whether the last of a family's recognitions and their ends by a day, as effective on another, is no end."""
    names = ("DifficultFamilyEnded", "DifficultFamilyRecognised")
    changes = [(one.day, names.index(one.name), one.order) for one in facts if one.name in names and one.day <= on]
    by_then = [one for one in changes if one[0] <= day]
    return bool(by_then) and max(by_then)[1] == 1


def _standing(log: str, events: Iterable[RecordedEvent], known: date) -> Iterator[Said]:
    """Yield what stands of a log: neither amendments, nor what was withdrawn, all of it as corrected last."""
    here = {one.position: one for one in events if _written(one) <= known}
    withdrawn = {one.target for one in here.values() if one.type.endswith(".event_withdrawn")}
    right: dict[int, dict[str, Any]] = {}
    for position in sorted(here):
        one = here[position]
        if one.type.endswith(".event_corrected") and position not in withdrawn and one.target is not None:
            right[one.target] = one.data["corrected_payload"]
    for position, one in here.items():
        if position not in withdrawn and "target" not in one.attributes:
            yield Said(log, one, right.get(position, one.data))


def _stated(one: Said) -> date | None:
    """Return the day of what says who belongs to a family; None for anything else."""
    if one.name == "family_case_opened":
        return one.time
    return one.counts_from if one.name in {"family_member_added", "family_member_removed"} else None


def _written(one: RecordedEvent) -> date:
    return date.fromisoformat(one.attributes["recordedtime"][:10])
