"""A family's history as a case worker reads it: as known on one day, as effective on another. Pure.

Order: per source the order of its log; across sources by when each source wrote the event down, ties by the log's name.
An event counts as written down no earlier than what stands before it in the same log and history, and no later than it
was recorded: a clock that runs ahead of ours proves nothing. What was withdrawn or corrected moves nobody: where its
clock contradicts what follows it in its log, it goes there. So the order follows from the events alone, however they
arrived, and two entries that stand and stay keep theirs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.family_case.domain import Arrival, Place
from services.family_case.membership import Household
from shared.keys.ring import is_sealed
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Withdraws
from shared.language.envelope import civil_day
from shared.language.kinds import chinese_day
from shared.language.persons import TOKEN
from shared.language.sentence import sentence
from shared.log.amended import Amended, as_amended, asserted_on
from shared.log.record import RecordedEvent
from shared.policy.lists import code_lists

_SHOWN = (
    *("id", "source", "process", "division", "org", "legacy", "correlationid", "causationid"),
    *("recordedby", "approvedby", "filedigest", "filesheet", "filerow"),
)
"""The attributes of an event that stand in its entry as they are."""


@dataclass(slots=True)
class Entry:
    """One event in a history, as it stands."""

    arrival: Arrival
    amended: Amended

    @property
    def attributes(self) -> dict[str, Any]:
        """The event's attributes."""
        return self.arrival.event.attributes

    @property
    def data(self) -> dict[str, Any]:
        """The event's payload as it stands."""
        return self.amended.data

    @property
    def declaration(self) -> Declaration | None:
        """What was declared for the event's type."""
        return CATALOGUE.get(self.arrival.event.type)

    @property
    def asserted(self) -> date:
        """The day on which the source wrote it down."""
        return asserted_on(self.arrival.event)

    @property
    def happened(self) -> date:
        """The day on which it happened, as the source says."""
        return civil_day(self.attributes["time"])

    @property
    def effective(self) -> date:
        """The day from which it counts: for a correction or withdrawal, the day of the original."""
        first = self.amended
        while first.original is not None:
            first = first.original
        return civil_day(first.event.attributes["time"])


def history(filed: Iterable[Arrival], known: date | None = None) -> list[Entry]:
    """Return the entries of a history in order.

    `known`: only what its sources had written down by the end of that day.
    """
    by_log: dict[str, dict[int, Arrival]] = defaultdict(dict)
    for arrival in filed:
        by_log[arrival.log][arrival.position] = arrival
    placed = []
    for log, arrivals in by_log.items():
        amended = as_amended((one.event for one in arrivals.values()), known)
        for counts, one in zip(_counts_from(amended), amended, strict=True):
            placed.append(((counts, log, one.event.position), Entry(arrivals[one.event.position], one)))
    return [entry for _, entry in sorted(placed, key=lambda pair: pair[0])]


def effective_by(entries: list[Entry], day: date | None) -> list[Entry]:
    """Return the entries that had happened by the end of a day; without a day, all of them."""
    return entries if day is None else [entry for entry in entries if entry.effective <= day]


class People:
    """Names persons for a reader by their place in the family, year of birth and sex, never by who they are.

    Who belongs to the family is what stands in these entries.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        self._household = Household(entry.amended for entry in entries)
        self._facts: dict[str, tuple[str, str]] = {}
        merged: dict[str, tuple[str, str]] = {}
        read: dict[str, tuple[str, bool, tuple[str, str]]] = {}
        for entry in entries:
            for fact in entry.attributes.get("persons", "").split():
                if fact not in read:  # most events say the same of the same persons
                    token, born, sex = fact.split("/")
                    one = self._household.one(token)
                    read[fact] = one, one == token, (born, sex)
                one, itself, known = read[fact]
                (self._facts if itself else merged)[one] = known
        self._facts = merged | self._facts

    def label(self, token: str) -> str:
        """Return how a person is called in this history, by whichever of their numbers."""
        token = self._household.one(token)
        born, sex = self._facts.get(token, ("", ""))
        role = "户主" if token == self._household.head else "成员" if token in self.members else "相关人员"
        about = [{"1": "男", "2": "女"}.get(sex, ""), f"{born[:4]}年生" if born else ""]
        described = f"{role}（{'，'.join(part for part in about if part)}）" if any(about) else role
        head = self._household.head
        alike = [other for other in self.members if self._facts.get(other) == (born, sex) and other != head]
        if token in alike and len(alike) > 1:
            described += "甲乙丙丁戊己庚辛壬癸"[alike.index(token) % 10]
        return described

    def one(self, token: str) -> str:
        """Return the token that stands for a person who has several."""
        return self._household.one(token)

    @property
    def members(self) -> list[str]:
        """The members of the family, as tokens, in the order in which they were named."""
        return self._household.members


def as_json(
    entry: Entry,
    number: int,
    people: People,
    names: Mapping[str, str],
    flags: Mapping[Place, Iterable[Mapping[str, str]]] | None = None,
) -> dict[str, Any]:
    """Return an entry as JSON. `names` are the departments' Chinese names by log, `flags` the entries' by place."""
    event, declaration = entry.arrival.event, entry.declaration
    found: dict[str, Any] = {
        "number": number,
        "happened": entry.happened.isoformat(),
        "asserted": entry.asserted.isoformat(),
        "month": entry.asserted.isoformat()[:7],
        "days_late": (entry.asserted - entry.happened).days,
        "department": names.get(entry.arrival.log, entry.arrival.log),
        "by": _who(entry.arrival.log, event, names),
        "log": entry.arrival.log,
        "position": entry.arrival.position,
        "type": event.type,
        "label": declaration.label if declaration else event.type,
        "clauses": list(declaration.clauses_of(entry.data)) if declaration else [],
        "subject": people.label(event.subject) if event.subject and TOKEN.fullmatch(event.subject) else event.subject,
        "sentence": _sentence(entry, people),
        "data": _visible(entry.data),
    }
    for name in _SHOWN:
        if name in entry.attributes:
            found[name] = entry.attributes[name]
    amended = entry.amended
    if flagged := list((flags or {}).get(entry.arrival.place(), ())):
        found["flags"] = flagged
    if amended.corrections:
        mark = _mark(entry.arrival.log, amended.corrections[-1], names)
        found["corrected"] = mark | {"changes": changes(amended, people), "before": _visible(event.data)}
    if amended.withdrawal is not None:
        found["withdrawn"] = _mark(entry.arrival.log, amended.withdrawal, names)
    if amended.original is not None:
        original = amended.original.event
        found["amends"] = {"id": original.id, "log": entry.arrival.log, "position": original.position}
    return found


def changes(amended: Amended, people: People) -> list[dict[str, str]]:
    """Return what corrections changed, field by field, as a reader sees it."""
    declaration = CATALOGUE.get(amended.event.type)
    if declaration is None:
        return []
    found = []
    for name, fact in declaration.facts.items():
        before, after = amended.event.data.get(name), amended.data.get(name)
        if before != after and not fact.sealed:
            found.append(
                {
                    "field": name,
                    "label": fact.label,
                    "before": fact.show(before, people.label),
                    "after": fact.show(after, people.label),
                }
            )
    return found


def _counts_from(amended: list[Amended]) -> list[str]:
    """Return for each event of one log, in its order, the time by which it is ordered: it never falls.

    Times in a log are normalised, all in one offset: they follow each other as their texts do.
    """
    found: list[str] = []
    latest = ""
    for one in amended:
        asserted = one.event.attributes["recordedtime"]
        counts = max(latest, min(asserted, one.event.attributes.get("loggedtime") or asserted))
        found.append(counts)
        if one.stands and not one.corrections:
            latest = counts
    for index in range(len(found) - 2, -1, -1):
        found[index] = min(found[index], found[index + 1])
    return found


def _mark(log: str, by: RecordedEvent, names: Mapping[str, str]) -> dict[str, Any]:
    effect = CATALOGUE.effect_of(by.type)
    reason = by.data.get(effect.reason, "") if isinstance(effect, Corrects | Withdraws) else ""
    return {
        "id": by.id,
        "who": _who(log, by, names),
        "source": by.source,
        "when": asserted_on(by).isoformat(),
        "why": reason,
    }


def _who(log: str, event: RecordedEvent, names: Mapping[str, str]) -> str:
    """Return who wrote it down: the division and the department, as in 嘉鱼县残联."""
    division: str = code_lists()["DIV"]["codes"].get(event.attributes.get("division"), {}).get("zh", "")
    return division + names.get(log, log)


def _sentence(entry: Entry, people: People) -> str:
    if entry.declaration is None:
        return "（此类事件尚无说明）"
    text = sentence(entry.declaration, entry.data, entry.arrival.event.subject, people.label)
    original = entry.amended.original
    declaration = CATALOGUE.get(original.event.type) if original else None
    if original is None or declaration is None:
        return text
    newest = bool(original.corrections) and original.corrections[-1] is entry.arrival.event
    changed = changes(original, people) if newest else []
    return text + about_original(asserted_on(original.event).isoformat(), declaration.label, changed)


def about_original(day: str, label: str, changed: Iterable[Mapping[str, str]]) -> str:
    """Return what is said of the record that an amendment is about: when it was written down, what it is, what changed.

    `changed` is what `changes` returns.
    """
    parts = [f"{change['label']}由“{change['before']}”改为“{change['after']}”" for change in changed]
    return f"。所涉记录：{chinese_day(day)}登记的“{label}”" + (f"（{'；'.join(parts)}）" if parts else "")


def _visible(data: dict[str, Any]) -> dict[str, Any]:
    """Return a payload without what is sealed: each sealed field says only that it is."""
    return {
        name: {"sealed": True} if is_sealed(value) else _visible(value) if isinstance(value, dict) else value
        for name, value in data.items()
    }
