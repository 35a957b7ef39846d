"""Masks: what each role sees of a family's history, said once. Pure.

ROLES says for each role, and each relation of a reader's department to an event's, how the event is viewed; a view says
of each class of field whether it is clear, generalised or hidden. Classes follow from the catalogue's sensitivities.
Whatever stands in no table is not seen. `masked` is applied to the document that a reading makes, sentences and
payloads together: what is hidden is not in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.family_case.access import ITSELF, Reader
from services.family_case.history import Entry, People, about_original
from services.family_case.members import members
from shared.language.catalogue import CATALOGUE, Corrects, Declaration, Of, Withdraws
from shared.language.fields import Fact
from shared.language.kinds import PAYLOAD, chinese_day
from shared.language.persons import TOKEN
from shared.language.sentence import sentence

Class = Literal["open", "internal", "amount", "personal", "sensitive", "sealed"]
Seen = Literal["clear", "generalised", "hidden"]
Relation = Literal["own", "needed", "other"]

NOT_SHOWN = "〔不公开〕"
"""What stands in a sentence where a field is hidden."""
CONTENT_NOT_SHOWN = "（内容不公开）"


@dataclass(frozen=True, slots=True)
class View:
    """How an event is seen: each class of its fields. `recorded`: who wrote it down, and in which file, too."""

    open: Seen = "hidden"
    internal: Seen = "hidden"
    amount: Seen = "hidden"
    personal: Seen = "hidden"
    sensitive: Seen = "hidden"
    sealed: Seen = "hidden"
    recorded: bool = False

    def of(self, fact: Fact) -> Seen:
        """Return how a field is seen."""
        found: Seen = getattr(self, class_of(fact))
        return found


EVERYTHING = View("clear", "clear", "clear", "clear", "clear", "generalised", recorded=True)
"""All that is not sealed; of what is, that it is there."""
TO_ACT = View("clear", "clear", "clear", "clear")
"""What another department did, for whoever must act because of it: no health, no hardship, nothing sealed."""
TO_AUDIT = View("clear", "clear", "clear", "generalised", "generalised", "generalised", recorded=True)
"""That it was done, when, by whom, for how much; of the persons no more than their place in the family."""
AS_PUBLISHED = View("clear", "clear", "clear")
"""What a base and the programme do, without the persons."""
HAPPENED = View()
"""That something of this kind happened, when, and where it was written down."""

ROLES: Mapping[str, Mapping[Relation, View]] = {
    "case_worker": {"own": EVERYTHING, "needed": EVERYTHING, "other": EVERYTHING},
    "supervisor": {"own": EVERYTHING, "needed": EVERYTHING, "other": EVERYTHING},
    "department_desk": {"own": EVERYTHING, "needed": TO_ACT, "other": HAPPENED},
    "auditor": {"own": TO_AUDIT, "needed": TO_AUDIT, "other": TO_AUDIT},
    "leader": {},
    "administrator": {},
    "program": {"own": EVERYTHING, "needed": EVERYTHING, "other": EVERYTHING},
    "operator": {"own": EVERYTHING, "needed": EVERYTHING, "other": EVERYTHING},
    ITSELF: {"own": EVERYTHING, "needed": EVERYTHING, "other": EVERYTHING},
}
"""Who sees an event of a family how. `program` has a key that reads everything, `operator` is at the command line of
the machine, ITSELF judges, replays and compares and shows nothing to anybody. Who has no view sees no family."""

BASES: Mapping[str, View] = {
    "case_worker": EVERYTHING,
    "supervisor": EVERYTHING,
    "department_desk": AS_PUBLISHED,
    "auditor": TO_AUDIT,
    "leader": AS_PUBLISHED,
    "program": EVERYTHING,
    "operator": EVERYTHING,
    ITSELF: EVERYTHING,
}
"""Who sees an event about a base how; a department's desk sees its own department's whole."""


@dataclass(frozen=True, slots=True)
class Desks:
    """What departments' desks see of each other.

    `needed`: of which types a department must see events to act as the rules say, and which sensitive fields of them.
    `only_for`: the departments that alone may know of events of a type.
    """

    needed: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    only_for: Mapping[str, frozenset[str]] = field(default_factory=dict)


NOTHING_BUT_THEIR_OWN = Desks()


def class_of(fact: Fact) -> Class:
    """Return the class of a field, by how sensitive it was declared; money that is not sensitive is an amount."""
    if fact.sealed:
        return "sealed"
    if fact.sensitivity == "S":
        return "sensitive"
    if fact.sensitivity == "P":
        return "open"
    if fact.kind.name in {"money", "rate"}:
        return "amount"
    return "internal" if fact.sensitivity == "I" else "personal"


def sees_families(reader: Reader) -> bool:
    """Whether somebody sees any family at all."""
    return bool(ROLES.get(reader.role))


def sees_everything(reader: Reader) -> bool:
    """Whether somebody sees all of a family that is not sealed."""
    views = ROLES.get(reader.role)
    return bool(views) and all(view is EVERYTHING for view in (views or {}).values())


def view_of(reader: Reader, type_name: str, desks: Desks) -> View | None:
    """Return how somebody sees events of a type in a family's history; None for whoever may not know of them."""
    views = ROLES.get(reader.role, {})
    if type_name in desks.only_for and views.get("other") is not EVERYTHING:
        if reader.role == "auditor":
            return HAPPENED
        if reader.department not in desks.only_for[type_name]:
            return None
    if reader.department == type_name.partition(".")[0]:
        return views.get("own")
    return views.get("needed" if type_name in desks.needed.get(reader.department or "", {}) else "other")


def masked(document: dict[str, Any], reader: Reader, label: Callable[[str], str], desks: Desks) -> dict[str, Any]:
    """Return the document of a family's history as somebody sees it. `label` names a person: token to label.

    Members are not its business: `members_seen`.
    """
    if sees_everything(reader):
        return document
    needed = desks.needed.get(reader.department or "", {})
    masks = _Masks(document["entries"], label, needed, lambda type_name: view_of(reader, type_name, desks))
    return document | {"entries": masks.entries()}


def masked_base(document: dict[str, Any], reader: Reader, label: Callable[[str], str]) -> dict[str, Any]:
    """Return the document of a base's history as somebody sees it."""
    view = BASES.get(reader.role)
    if view is EVERYTHING:
        return document

    def of(type_name: str) -> View | None:
        own = reader.role == "department_desk" and reader.department == type_name.partition(".")[0]
        return EVERYTHING if own else view

    return document | {"entries": _Masks(document["entries"], label, {}, of).entries()}


def members_seen(reader: Reader, people: People, entries: Iterable[Entry], desks: Desks) -> list[str]:
    """Return the members of a family: what became of them is said where the events that say so are seen."""
    views = ((entry, view_of(reader, entry.arrival.event.type, desks)) for entry in entries)
    return members(people, (entry for entry, view in views if view is not None and view.personal == "clear"))


class _Masks:
    """The entries of one history, masked. What amends an event is seen as that event is."""

    def __init__(
        self,
        entries: list[dict[str, Any]],
        label: Callable[[str], str],
        needed: Mapping[str, frozenset[str]],
        view_of_type: Callable[[str], View | None],
    ) -> None:
        self.needed = needed
        self.label = label
        self.view_of_type = view_of_type
        self.all = entries
        self.at = {(one["log"], one["position"]): one for one in entries}

    def entries(self) -> list[dict[str, Any]]:
        """Return what is seen of them; where something is not there at all, the numbers close up."""
        found = [one for entry in self.all if (one := self._entry(entry)) is not None]
        if len(found) == len(self.all):
            return found
        return [one | {"number": number} for number, one in enumerate(found, 1)]

    def _original(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        """Return the entry that another amends, None for what amends nothing, or nothing that is here."""
        named = entry.get("amends")
        return self.at.get((named["log"], named["position"])) if named else None

    def _root(self, entry: dict[str, Any]) -> dict[str, Any]:
        while (original := self._original(entry)) is not None:
            entry = original
        return entry

    def _entry(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        root = self._root(entry)
        view = self.view_of_type(root["type"])
        if view is None:
            return None
        if view is EVERYTHING:
            return entry
        if view is HAPPENED:
            return _happened(entry)
        return self._seen(entry, root, view)

    def _seen(self, entry: dict[str, Any], root: dict[str, Any], view: View) -> dict[str, Any]:
        declaration, about = CATALOGUE.get(entry["type"]), CATALOGUE.get(root["type"])
        found = entry | {"data": {}}
        if not view.recorded:
            found = {name: value for name, value in found.items() if name not in _RECORDED}
        if about is not None and isinstance(about.effect, Corrects | Withdraws):
            about = None  # what it amends is not here: nobody knows what its reason might tell
        reasons = about is not None and all(
            view.of(fact) == "clear" for fact in about.facts.values() if not fact.sealed
        )
        for mark in {"corrected", "withdrawn"} & found.keys():
            found[mark] = found[mark] | ({} if reasons else {"why": NOT_SHOWN})
        if "corrected" in found:
            changed = self._changes(entry, view)
            found["corrected"] |= {
                "changes": changed,
                "before": self._payload(declaration, entry["corrected"]["before"], view),
            }
        if declaration is None:
            return found
        found["data"] = self._payload(declaration, entry["data"], view, about, reasons=reasons)
        if isinstance(declaration.clause, Of) and declaration.clause.field not in found["data"]:
            found["clauses"] = list(declaration.clauses)  # the clause would say the code
        words = self._words(declaration, found["data"], entry["data"], view, reasons=reasons)
        found["sentence"] = sentence(declaration, found["data"], entry["subject"], self.label, words)
        original = self._original(entry)
        if original is not None and about is not None:
            newest = original.get("corrected", {}).get("id") == entry["id"]
            label = CATALOGUE.get(original["type"])
            found["sentence"] += about_original(
                original["asserted"],
                label.label if label else original["type"],
                self._changes(original, view) if newest else [],
            )
        return found

    def _changes(self, entry: dict[str, Any], view: View) -> list[dict[str, str]]:
        """Return what corrections changed, as far as it is clear."""
        declaration = CATALOGUE.get(entry["type"])
        facts = declaration.facts if declaration else {}
        return [
            one
            for one in entry["corrected"]["changes"]
            if one["field"] in facts
            and self._of_field(entry["type"], one["field"], facts[one["field"]], view) == "clear"
        ]

    def _payload(
        self,
        declaration: Declaration | None,
        data: Mapping[str, Any],
        view: View,
        about: Declaration | None = None,
        *,
        reasons: bool = True,
    ) -> dict[str, Any]:
        """Return what is seen of a payload. What nobody declared is not seen."""
        found: dict[str, Any] = {}
        for name, value in data.items():
            fact = declaration.facts.get(name) if declaration else None
            if declaration is None or fact is None:
                continue
            if fact.kind is PAYLOAD:
                found[name] = self._payload(about, value, view)
                continue
            shown = self._shown(declaration, name, fact, view, reasons=reasons)
            if shown == "clear":
                found[name] = _labelled(value, self.label)
            elif shown == "generalised" and (less := _generalised(fact, value, self.label)) is not None:
                found[name] = less
        return found

    def _shown(self, declaration: Declaration, name: str, fact: Fact, view: View, *, reasons: bool) -> Seen:
        effect = declaration.effect
        if isinstance(effect, Corrects | Withdraws) and name == effect.reason and not reasons:
            return "hidden"  # a reason in words may say what was wrong
        return self._of_field(declaration.type, name, fact, view)

    def _of_field(self, type_name: str, name: str, fact: Fact, view: View) -> Seen:
        """Return how a field is seen in a view: clear as well where what is to be done turns on it."""
        return "clear" if view is TO_ACT and name in self.needed.get(type_name, ()) else view.of(fact)

    def _words(
        self, declaration: Declaration, shown: Mapping[str, Any], data: Mapping[str, Any], view: View, *, reasons: bool
    ) -> dict[str, str]:
        """Return what stands in the sentence for fields that are not clear."""
        found = {}
        for name in {part.name for part in declaration.parts if part.name in data}:
            fact = declaration.facts[name]
            if self._shown(declaration, name, fact, view, reasons=reasons) == "clear":
                continue
            found[name] = _in_words(shown[name]) if name in shown else NOT_SHOWN
        return found


_RECORDED = {"recordedby", "approvedby", "filedigest", "filesheet", "filerow"}
_STRUCTURE = ("number", "happened", "asserted", "month", "days_late", "department", "by", "log", "position", "type")
_MARK = ("who", "when")


def _happened(entry: dict[str, Any]) -> dict[str, Any]:
    """Return that something happened: its kind, its days, who wrote it down, whether it still stands."""
    declaration = CATALOGUE.get(entry["type"])
    found = {name: entry[name] for name in (*_STRUCTURE, "label", "id", "source")}
    found |= {"clauses": list(declaration.clauses) if declaration else [], "subject": None, "data": {}}
    found["sentence"] = entry["label"] + CONTENT_NOT_SHOWN
    if "amends" in entry:
        found["amends"] = entry["amends"]
    for mark in {"corrected", "withdrawn"} & entry.keys():
        found[mark] = {name: entry[mark][name] for name in _MARK} | {"id": "", "source": "", "why": NOT_SHOWN}
    if "corrected" in found:
        found["corrected"] |= {"changes": [], "before": {}}
    return found


def _generalised(fact: Fact, stored: Any, label: Callable[[str], str]) -> Any:
    """Return a stored value with less in it: of a day the month, of a month the year, of a person the label.

    None where nothing less says anything. What is sealed says only that it is.
    """
    if fact.sealed:
        return {"sealed": True}
    if isinstance(stored, list):
        found = [_generalised(fact, one, label) for one in stored]
        return None if None in found else found
    if fact.kind.name in {"day", "month"}:
        return str(stored).rpartition("-")[0]
    if fact.kind.name == "year":
        return stored
    if fact.kind.name in {"person", "party"} and isinstance(stored, str) and TOKEN.fullmatch(stored):
        return label(stored)
    return None


def _labelled(stored: Any, label: Callable[[str], str]) -> Any:
    """Return a stored value with persons by their labels: tokens are for whoever sees everything."""
    if isinstance(stored, list):
        return [_labelled(one, label) for one in stored]
    return label(stored) if isinstance(stored, str) and TOKEN.fullmatch(stored) else stored


def _in_words(generalised: Any) -> str:
    """Return a generalised value as a sentence has it."""
    if isinstance(generalised, list):
        return "、".join(_in_words(one) for one in generalised)
    text = str(generalised)
    return chinese_day(text) if text[:4].isdigit() else text
