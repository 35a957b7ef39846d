"""A family's history as a case worker reads it: as known on one day, as effective on another. Pure.

Order: per source the order of its log, across sources by when each source wrote the event down. It follows from the
events alone, so it is the same however they arrived, and what was shown never changes its order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.family_case.domain import Arrival
from shared.keys.ring import is_sealed
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Opens, Withdraws
from shared.language.envelope import CHINA, moment
from shared.language.persons import TOKEN
from shared.language.sentence import chinese_day, sentence, shown
from shared.policy.lists import code_lists

ADULT = 18
"""Age from which a member is shown as an adult (未成年人保护法 art. 2)."""


@dataclass
class Entry:
    """One event in a history, with what later events did to it."""

    arrival: Arrival
    data: dict[str, Any]
    correction: "Entry | None" = None
    withdrawal: "Entry | None" = None
    original: "Entry | None" = None
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def attributes(self) -> dict[str, Any]:
        """The event's attributes."""
        return self.arrival.event.attributes

    @property
    def declaration(self) -> Declaration | None:
        """What was declared for the event's type."""
        return CATALOGUE.get(self.arrival.event.type)

    @property
    def asserted(self) -> date:
        """The day on which the source wrote it down."""
        return _day(self.attributes["recordedtime"])

    @property
    def happened(self) -> date:
        """The day on which it happened, as the source says."""
        return _day(self.attributes["time"])

    @property
    def effective(self) -> date:
        """The day from which it counts: for a correction or withdrawal, the day of the original."""
        return self.original.effective if self.original else self.happened


def history(filed: Iterable[Arrival], known: date | None = None, effective: date | None = None) -> list[Entry]:
    """Return the entries of a history in order.

    `known`: only what its sources had written down by the end of that day. `effective`: only what had happened by the
    end of that day, with every correction known by `known` applied.
    """
    entries = [Entry(arrival, arrival.event.data) for arrival in filed]
    if known is not None:
        entries = [entry for entry in entries if entry.asserted <= known]
    entries = _ordered(entries)
    _amend(entries)
    return effective_by(entries, effective)


def effective_by(entries: list[Entry], day: date | None) -> list[Entry]:
    """Return the entries that had happened by the end of a day; without a day, all of them."""
    return entries if day is None else [entry for entry in entries if entry.effective <= day]


class People:
    """Names persons for a reader by their place in the family, year of birth and sex, never by who they are.

    Who belongs to the family is what its openings say in these entries: as corrected, without what was withdrawn.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._facts: dict[str, tuple[str, str]] = {}
        self._head = ""
        self._members: list[str] = []
        for entry in entries:
            self._learn(entry)

    def label(self, token: str) -> str:
        """Return how a person is called in this history."""
        born, sex = self._facts.get(token, ("", ""))
        role = "户主" if token == self._head else "成员" if token in self._members else "相关人员"
        about = [{"1": "男", "2": "女"}.get(sex, ""), f"{born[:4]}年生" if born else ""]
        described = f"{role}（{'，'.join(part for part in about if part)}）" if any(about) else role
        alike = [other for other in self._members if self._facts.get(other) == (born, sex) and other != self._head]
        if token in alike and len(alike) > 1:
            described += "甲乙丙丁戊己庚辛壬癸"[alike.index(token) % 10]
        return described

    @property
    def members(self) -> list[str]:
        """The members of the family, head first, as tokens."""
        return self._members

    def _learn(self, entry: Entry) -> None:
        for fact in entry.attributes.get("persons", "").split():
            token, born, sex = fact.split("/")
            self._facts[token] = (born, sex)
        effect = entry.declaration.effect if entry.declaration else None
        if isinstance(effect, Opens) and entry.withdrawal is None:
            self._head = self._head or entry.data[effect.head]
            self._members += [token for token in entry.data[effect.members] if token not in self._members]


def as_json(entry: Entry, number: int, people: People, names: dict[str, str]) -> dict[str, Any]:
    """Return an entry as JSON. `names` are the departments' Chinese names by log."""
    event, declaration = entry.arrival.event, entry.declaration
    found: dict[str, Any] = {
        "number": number,
        "happened": entry.happened.isoformat(),
        "asserted": entry.asserted.isoformat(),
        "month": entry.asserted.isoformat()[:7],
        "days_late": (entry.asserted - entry.happened).days,
        "department": names.get(entry.arrival.log, entry.arrival.log),
        "by": _who(entry, names),
        "log": entry.arrival.log,
        "position": entry.arrival.position,
        "type": event.type,
        "label": declaration.label if declaration else event.type,
        "clauses": list(declaration.clauses_of(entry.data)) if declaration else [],
        "subject": people.label(event.subject) if event.subject and TOKEN.fullmatch(event.subject) else event.subject,
        "sentence": _sentence(entry, people),
        "data": _visible(entry.data),
    }
    for name in ("id", "source", "process", "division", "org", "legacy", "correlationid", "causationid"):
        if name in entry.attributes:
            found[name] = entry.attributes[name]
    if entry.correction is not None:
        changed = changes(entry, people)
        found["corrected"] = _mark(entry.correction, names) | {"changes": changed, "before": _visible(entry.before)}
    if entry.withdrawal is not None:
        found["withdrawn"] = _mark(entry.withdrawal, names)
    if entry.original is not None:
        found["amends"] = {"id": entry.original.arrival.event.id, "log": entry.original.arrival.log}
    return found


def changes(entry: Entry, people: People) -> list[dict[str, str]]:
    """Return what a correction changed, field by field, as a reader sees it."""
    declaration = entry.declaration
    if declaration is None:
        return []
    found = []
    for name, said in declaration.facts.items():
        before, after = entry.before.get(name), entry.data.get(name)
        if before != after and not said.sealed:
            found.append(
                {
                    "field": name,
                    "label": said.label,
                    "before": shown(said, before, people.label),
                    "after": shown(said, after, people.label),
                }
            )
    return found


def _ordered(entries: list[Entry]) -> list[Entry]:
    latest: dict[str, datetime] = {}
    keyed = []
    for entry in sorted(entries, key=lambda entry: (entry.arrival.log, entry.arrival.position)):
        log = entry.arrival.log
        at = moment(entry.attributes["recordedtime"])
        latest[log] = max(latest.get(log, at), at)
        keyed.append(((latest[log], log, entry.arrival.position), entry))
    return [entry for _, entry in sorted(keyed, key=lambda pair: pair[0])]


def _amend(entries: list[Entry]) -> None:
    at = {(entry.arrival.log, entry.arrival.position): entry for entry in entries}
    amendments = [entry for entry in entries if entry.arrival.event.target is not None]
    for entry in amendments:
        entry.original = at.get((entry.arrival.log, entry.arrival.event.target or 0))
        if entry.original and entry.declaration and isinstance(entry.declaration.effect, Withdraws):
            entry.original.withdrawal = entry
    for entry in amendments:
        effect = entry.declaration.effect if entry.declaration else None
        if entry.original is not None and isinstance(effect, Corrects) and entry.withdrawal is None:
            original = entry.original
            original.before = original.before or original.data
            original.data = entry.data[effect.payload]
            original.correction = entry


def _mark(by: Entry, names: dict[str, str]) -> dict[str, Any]:
    effect = by.declaration.effect if by.declaration else None
    reason = by.data.get(effect.reason, "") if isinstance(effect, Corrects | Withdraws) else ""
    return {
        "id": by.arrival.event.id,
        "who": _who(by, names),
        "source": by.arrival.event.source,
        "when": by.asserted.isoformat(),
        "why": reason,
    }


def _who(entry: Entry, names: dict[str, str]) -> str:
    """Return who said it: the division and the department, as in 嘉鱼县残联."""
    division: str = code_lists()["DIV"]["codes"].get(entry.attributes.get("division"), {}).get("zh", "")
    return division + names.get(entry.arrival.log, entry.arrival.log)


def _sentence(entry: Entry, people: People) -> str:
    if entry.declaration is None:
        return "(此类事件尚无说明)"
    text = sentence(entry.declaration, entry.data, entry.arrival.event.subject, people.label)
    original = entry.original
    if original is None or original.declaration is None:
        return text
    about = f"{chinese_day(original.asserted.isoformat())}登记的“{original.declaration.label}”"
    if original.correction is entry:
        parts = [
            f"{change['label']}由“{change['before']}”改为“{change['after']}”" for change in changes(original, people)
        ]
        about += f"({';'.join(parts)})" if parts else ""
    return f"{text}。所涉记录:{about}"


def _visible(data: dict[str, Any]) -> dict[str, Any]:
    """Return a payload without what is sealed: each sealed field says only that it is."""
    return {
        name: {"sealed": True} if is_sealed(value) else _visible(value) if isinstance(value, dict) else value
        for name, value in data.items()
    }


def _day(time: str) -> date:
    return moment(time).astimezone(CHINA).date()
