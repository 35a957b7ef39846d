"""Reading a base: the one exit through which its page, its history and its answers to programs leave.

Entries are the events about the base itself. Who takes part belongs to families: here they are counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

from services.family_case.base_status import Setting, status
from services.family_case.bases import AMENDED, BASE, PARAMETER, PROCESS, Bases, concerns_nobody
from services.family_case.domain import Arrival, Place, filed_event
from services.family_case.history import Entry, People, as_json, effective_by, history
from services.family_case.masking import BASES, masked_base
from services.family_case.reading import AUDITOR, BY_DEPARTMENT, Queries, Reader
from shared.errors import Fault, Refused
from shared.language.envelope import china_now
from shared.language.kinds import Unreadable, organisation_code
from shared.log.amended import Amended, as_amended
from shared.log.parameters import in_force, values_of
from shared.policy import lists
from shared.policy.parameters import parameters

_PARAMETERS = "P-SH-"
"""How the names of the parameters begin that say what a base must be."""
_ROUNDS = 2
"""From a base to its cohorts and those who named it; from a cohort to those who took part."""


class NoSuchBase(Refused):
    """There is no base with this code: no event names it."""

    def __init__(self) -> None:
        super().__init__([Fault("no_such_base", "", "没有这一服务基地。", "There is no such base.")], 404)


class BaseQueries:
    """Read-only questions about bases. `clock` says which day is today."""

    def __init__(self, queries: Queries, clock: Callable[[], Any] = china_now) -> None:
        self.queries = queries
        self.database = queries.database
        self.clock = clock

    def base_of(self, key: str) -> str | None:
        """Return the code of a base as it is written, for what a person typed; None when no event names it.

        What may be a personal number is no code, and is not looked for.
        """
        try:
            code = organisation_code(key)
        except Unreadable:
            return None
        query = f"SELECT 1 FROM {self.queries.views}.mentions WHERE kind = %s AND key = %s LIMIT 1"
        return code if self.database.one(query, BASE, code) else None

    def codes(self) -> list[str]:
        """Return every code that an event names as that of a base, or a host's."""
        query = f"SELECT DISTINCT key FROM {self.queries.views}.mentions WHERE kind = %s ORDER BY key"
        return [row[0] for row in self.database.all(query, BASE)]

    def bases(self) -> list[dict[str, Any]]:
        """Return every base that an event is about, in short, as it stands today."""
        found = []
        for code in self.codes():
            if document := self._document(code, None, None):
                stands = document["status"]
                about = {name: stands[name] for name in ("name", "division", "state", "says")}
                categories = [one["label"] for one in stands["agreements"] if one["established_on"]]
                running = sum(one["state"] == "running" for one in stands["cohorts"])
                counts = {"cohorts": len(stands["cohorts"]), "running": running}
                enrolled = {"enrolled": stands["participants"]["enrolled"]}
                found.append({"base": code} | about | {"categories": categories} | counts | enrolled)
        return found

    def open(
        self, base: str, reader: Reader, purpose: str, known: date | None = None, effective: date | None = None
    ) -> dict[str, Any]:
        """Return a base's status and history as the JSON document of pages, API and commands.

        The status is that of the day `effective`, or `known`, or today. `reader` opens it for a `purpose`, and sees of
        it what is theirs to see. Raises NoSuchBase.
        """
        del purpose  # as for a family: what is recorded before anything leaves is decided here
        code = self.base_of(base) if reader.role in BASES else None
        document = self._document(code, known, effective, reader) if code else None
        if document is None:
            raise NoSuchBase
        return document | {"sources": self.queries.sources()}

    def _document(
        self, code: str, known: date | None, effective: date | None, reader: Reader = AUDITOR
    ) -> dict[str, Any] | None:
        """Return what is opened; None for a code that nothing is about, as what was filed stands or ever stood."""
        filed = self._filed(code)
        entries = history(filed)
        if not _at(code, [(entry.arrival.log, entry.amended) for entry in entries]):
            return None
        entries = history(filed, known) if known else entries
        events = [(entry.arrival.log, entry.amended) for entry in entries]
        about = {id(one) for one in _at(code, events)}
        own = [entry.arrival for entry in entries if id(entry.amended) in about and concerns_nobody(entry.amended)]
        shown = effective_by(history(own, known), effective)
        people = People(shown)
        whose = Bases(events)
        facts = [one for log, one in events if one.stands and one.original is None and whose.of(log, one) == code]
        day = effective or known or self.clock().date()
        flags = _flags(shown)
        document = {
            "base": code,
            "known": known.isoformat() if known else None,
            "effective": effective.isoformat() if effective else None,
            "status": status(facts, Setting(day, partial(self._parameter(facts, known), day=day), people.label)),
            "entries": [as_json(entry, n, people, self.queries.names, flags) for n, entry in enumerate(shown, 1)],
        }
        return masked_base(document, reader, people.label)

    def _parameter(self, facts: Iterable[Amended], known: date | None) -> Callable[..., Any]:
        """Return what says which value of a parameter is in force where the base was established."""
        divisions = [one.data["division"] for one in facts if "agreement_doc" in one.data]
        names = [name for name in parameters() if name.startswith(_PARAMETERS)]
        by_log = defaultdict(list)
        for arrival in self._found(PARAMETER, names):
            by_log[arrival.log].append(arrival.event)
        values = values_of(one for events in by_log.values() for one in as_amended(events, known))

        def parameter(name: str, day: date) -> Any:
            return in_force(name, values.get(name, ()), divisions[-1] if divisions else None, day)

        return parameter

    def _filed(self, code: str) -> list[Arrival]:
        """Return what may be about a base: what names it, its cohorts' and its participants' processes."""
        found = {one.place(): one for one in self._found(BASE, [code])}
        asked: set[str] = set()
        for _ in range(_ROUNDS):
            named = (one.event.attributes.get("process") for one in found.values())
            processes = {process for process in named if process} - asked
            if not processes:
                break
            found |= {one.place(): one for one in self._found(PROCESS, sorted(processes))}
            asked |= processes
        return list(found.values())

    def _found(self, kind: str, keys: list[str]) -> list[Arrival]:
        """Return the events that name one of these keys, with what they amend and what amends them."""
        views = self.queries.views
        rows = self.database.all(
            f"WITH RECURSIVE found (log, position) AS (SELECT log, position FROM {views}.mentions "
            "WHERE kind = %s AND key = ANY(%s) UNION SELECT step.log, step.position FROM found CROSS JOIN LATERAL ("
            f"SELECT log, position FROM {views}.mentions WHERE kind = '{AMENDED}' "
            "AND key = found.log || '/' || found.position "
            f"UNION ALL SELECT log, split_part(key, '/', 2)::bigint FROM {views}.mentions WHERE kind = '{AMENDED}' "
            "AND log = found.log AND position = found.position) AS step) "
            f"SELECT filed.body FROM found JOIN {views}.entries AS entry USING (log, position) "
            f"JOIN {self.queries.log} AS filed ON filed.position = entry.filed",
            kind,
            keys,
        )
        return [filed_event(row[0]) for row in rows]


def _at(code: str, events: list[tuple[str, Amended]]) -> list[Amended]:
    """Return the events that are about a base, or were before they were corrected; amendments with their originals."""
    whose = Bases(events)
    return [one for log, one in events if code in whose.ever(log, one)]


def _flags(entries: Iterable[Entry]) -> dict[Place, list[dict[str, str]]]:
    """Return what their departments flagged about entries, in words."""
    texts = lists.flags()
    return {
        entry.arrival.place(): [
            {"code": code} | texts.get(code, {"zh": code, "en": code}) | {"raised_by": BY_DEPARTMENT}
            for code in str(entry.attributes.get("flags", "")).split()
        ]
        for entry in entries
    }
