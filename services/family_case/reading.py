"""Reading: the one exit through which a family's content leaves, and the questions that are asked before.

`open` is called by every page, answer of the API, command and export; nothing else puts a family's events into words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.family_case.access import AUDITOR, AccessLog, Reader, shown_by
from services.family_case.bases import AMENDED, PROCESS, Bases, base_fields
from services.family_case.case_file import CaseFile, CaseFiles
from services.family_case.desk import Desk
from services.family_case.domain import NO_FAMILY, Arrival, Place, case_key, filed_event, is_person
from services.family_case.flags import case_flags
from services.family_case.history import Entry, People, as_json, effective_by, history
from services.family_case.masking import NOTHING_BUT_THEIR_OWN, Desks, masked, members_seen, sees_families
from services.family_case.membership import MEMBER_ELSEWHERE, MERGE_CONFLICT, MERGE_UNKNOWN
from services.family_case.typed import looks_like
from shared.errors import Fault, Refused
from shared.keys.persons import LinkKey
from shared.language.envelope import china_now, moment
from shared.language.kinds import Setting, Unreadable, person
from shared.log.amended import Amended, asserted_on
from shared.log.record import decode
from shared.policy import lists
from shared.postgres.database import Database

LOOKED_THROUGH = 1_000
"""How many of the newest events are looked through for what changed."""
__all__ = ["AUDITOR", "NoSuchFamily", "Queries", "Reader"]

OWN_FLAGS = {
    MERGE_CONFLICT: {
        "zh": "与先前的合并冲突，未执行；请撤销其中一次合并。",
        "en": "Contradicts an earlier merge and was not applied; one of them must be withdrawn.",
    },
    MERGE_UNKNOWN: {
        "zh": "所指家庭或人员尚无案卷，合并未执行；建档后自动执行。",
        "en": "Names a family or person without a case and was not applied; it will be once the case is opened.",
    },
    MEMBER_ELSEWHERE: {
        "zh": "所列人员当时属于另一案卷，仍归该案卷；须登记离开原家庭，或将两户合并。",
        "en": "Names somebody who belongs to another case at that time and stays there; record that they left it, "
        "or merge the two.",
    },
}
"""What the case itself flags of who belongs together, in words, as long as it is so. The policy has the other flags."""
BY_DEPARTMENT, BY_CASE = "department", "case"
"""By whom a flag is raised: by the department, whose receipt says so too, or by the case alone."""


class NoSuchFamily(Refused):
    """There is no family case for this key."""

    def __init__(self) -> None:
        super().__init__([Fault("no_such_family", "", "没有这一案卷。", "There is no such family case.")], 404)


@dataclass(frozen=True, slots=True)
class Found:
    """A family's history before it is put into words."""

    family: str
    entries: list[Entry]
    people: People
    flagged: dict[Place, str]
    """What the family case flags about who belongs together."""


@dataclass(frozen=True, slots=True)
class _Located:
    """The case that a key leads to by now; whether a member belonged to another family too, and anything is flagged."""

    family: str
    crossed: bool
    flagged: bool
    division: str | None

    def shown_to(self, reader: Reader) -> bool:
        """Whether somebody may know of it: who is bound to a county knows of that county's families."""
        return sees_families(reader) and reader.division in {None, self.division}


@dataclass(frozen=True, slots=True)
class Filed:
    """What stands in a family's history on a day, and from which day to which each person belongs to the family."""

    number: str
    arrivals: list[Arrival]
    spans: set[tuple[str, date, date]]


@dataclass(frozen=True, slots=True)
class Retraction:
    """A correction or withdrawal, whom it is about, and in which family's history it stands, if in one."""

    about: str
    family: str | None
    arrival: Arrival


class Queries:
    """Read-only questions. `names` are the departments' Chinese names by log, `desks` what their desks must see."""

    def __init__(self, database: Database, names: dict[str, str], desks: Desks = NOTHING_BUT_THEIR_OWN) -> None:
        self.database = database
        self.names = names
        self.access = AccessLog(database)
        self.desks = desks
        self.desk = Desk(database)
        self.files = CaseFiles(database)
        self.log = f"{database.schema}.events"
        self.views = f"{database.schema}_views"

    def open(
        self, family: str, reader: Reader, purpose: str, known: date | None = None, effective: date | None = None
    ) -> dict[str, Any]:
        """Return a family's history as the JSON document of pages, API, commands and exports.

        `reader` opens it for a `purpose`, which is on record before this returns, and sees of it what is theirs to see
        (`masking`). Raises NoSuchFamily or AccessNotRecorded.
        """
        found = self._find(family, known, effective, reader)
        flags = self._flags(found, known)
        entries = [as_json(entry, n, found.people, self.names, flags) for n, entry in enumerate(found.entries, 1)]
        for place, base in self._bases(found.entries).items():
            entries[place]["base"] = base
        shows = shown_by(entry.arrival.event.type for entry in found.entries)
        document = {
            "family": found.family,
            "known": known.isoformat() if known else None,
            "effective": effective.isoformat() if effective else None,
            "members": members_seen(reader, found.people, found.entries, self.desks),
            "entries": entries,
            "sources": self.sources(),
        }
        self.access.record(reader, purpose, "history", [found.family], shows)
        return masked(document, reader, found.people.label, self.desks)

    def filed(
        self,
        family: str,
        reader: Reader,
        purpose: str,
        known: date | None = None,
        effective: date | None = None,
        kind: str = "owed",
    ) -> Filed:
        """Return what stands in a family's history on a day, as known on another, for what judges it.

        `reader` opens it for a `purpose`, as in `open`; `kind` is what is made of it. Raises NoSuchFamily or
        AccessNotRecorded.
        """
        return self.of_file(self.file_for(family, reader, purpose, known, kind), effective)

    def file_for(self, family: str, reader: Reader, purpose: str, known: date | None, kind: str) -> CaseFile:
        """Return the file of a family for what is made of it and leaves. Raises NoSuchFamily or AccessNotRecorded."""
        if reader.division is not None or not sees_families(reader):
            self._located(family, reader)
        file = self.case_file(family, known)
        if file is None:
            raise NoSuchFamily
        self.access.record(reader, purpose, kind, [file.number], shown_by(one.event.type for _, one in file.filed))
        return file

    @staticmethod
    def of_file(file: CaseFile, effective: date | None) -> Filed:
        """Return what stands in the history of a file's family on a day, and what it was rests on before that day."""
        spans = [span for span in file.membership.spans if span.family == file.number]
        arrivals = file.history(effective) + file.of_former_members(effective)
        return Filed(file.number, arrivals, {(one.person, one.begins, one.ends) for one in spans})

    def filed_of(
        self,
        families: Sequence[str],
        effective: date,
        known: date | None = None,
        upto: Mapping[str, int] | None = None,
    ) -> dict[str, Filed]:
        """Return what stands in the histories of families on a day, by case number, for what keeps their verdicts.

        A number that leads to another case, or led nowhere yet on the day of `known`, is not among them. `upto`: as of
        these positions of the logs.
        """
        views = self.views
        if known is not None or upto is not None:
            files = ((family, self.files.read(family, known, upto)) for family in families)
            return {family: self.of_file(file, effective) for family, file in files if file and file.number == family}
        rows = self.database.all(
            f"SELECT family, crossed FROM {views}.families WHERE family = now AND family = ANY(%s)", list(families)
        )
        found = {family: Filed(family, [], set()) for family, crossed in rows if not crossed}
        bodies = self.database.all(
            f"SELECT place.family, filed.body FROM {views}.places AS place "
            f"JOIN {views}.entries AS entry ON entry.about = place.key "
            f"JOIN {self.log} AS filed ON filed.position = entry.filed WHERE place.family = ANY(%s)",
            list(found),
        )
        for family, body in bodies:
            found[family].arrivals.append(filed_event(body))
        spans = self.database.all(
            f"SELECT family, person, begins, ends FROM {views}.spans WHERE family = ANY(%s)", list(found)
        )
        for family, member, begins, ends in spans:
            found[family].spans.add((member, begins or date.min, ends or date.max))
        crossing = [family for family, crossed in rows if crossed]
        return found | {family: self.filed(family, AUDITOR, "verdicts", None, effective) for family in crossing}

    def retractions(self) -> list[Retraction]:
        """Return every correction and withdrawal that was filed."""
        rows = self.database.all(
            f"SELECT entry.about, place.family, filed.body FROM {self.views}.mentions AS one "
            f"JOIN {self.views}.entries AS entry USING (log, position) "
            f"JOIN {self.log} AS filed ON filed.position = entry.filed "
            f"LEFT JOIN {self.views}.places AS place ON place.key = entry.about WHERE one.kind = %s",
            AMENDED,
        )
        return [Retraction(about, family, filed_event(body)) for about, family, body in rows]

    def about_nobody(self, after: int = 0) -> list[Arrival]:
        """Return what is filed about organisations, money and policy, and about no person.

        `after`: what was filed behind this position of the case log.
        """
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.entries AS entry JOIN {self.log} AS filed "
            "ON filed.position = entry.filed WHERE entry.about = %s AND entry.filed > %s",
            NO_FAMILY,
            after,
        )
        return [filed_event(row[0]) for row in rows]

    def reached(self) -> int:
        """Return the newest position of the case log that the read models hold."""
        row = self.database.one(f"SELECT max(filed) FROM {self.views}.entries")
        return (row[0] if row else None) or 0

    def family_of(self, key: str, reader: Reader = AUDITOR) -> str | None:
        """Return the case number for a person (token) or a case number, after merges; None when there is none.

        For whom `reader` may not know of there is none.
        """
        located = self._locate(key)
        return located.family if located and located.shown_to(reader) else None

    def search(self, key: str, link: LinkKey, reader: Reader = AUDITOR, *, allow_test_regions: bool) -> str | None:
        """Return the case number for what a person typed: a case number, a token, or an identity number.

        That somebody searched is on record before this returns, with the family that was found.
        Raises Refused when it is none of them, and says so if it looks like a mistyped case number or a base's code.
        """
        text = key.strip()
        if not text.isprintable():
            zh, en = "含有不可见或非法字符。", "There is an invisible or illegal character."
            raise Refused([Fault("illegal_character", "/id", zh, en)])
        if is_person(text) or case_key(text):
            token = text
        else:
            try:
                token = link.token(person(text, Setting(china_now().date(), allow_test_regions)))
            except Unreadable as error:
                raise Refused([looks_like(text) or error.at("/id")]) from None
        found = self.family_of(token, reader)
        self.access.record(reader, "search", "search", [found] if found else [])
        return found

    def listed(self, reader: Reader, purpose: str, most: int) -> tuple[list[dict[str, Any]], int]:
        """Return the first families that somebody may know of, and how many there are. Raises AccessNotRecorded."""
        every = self.families(reader)
        self.access.record(reader, purpose, "list", [one["family"] for one in every[:most]])
        return every[:most], len(every)

    def families(self, reader: Reader = AUDITOR) -> list[dict[str, Any]]:
        """Return all families that somebody may know of, by the case that they are by now: case number and division."""
        rows = self.database.all(
            f"SELECT family, division FROM {self.views}.families WHERE family = now AND (%s::text IS NULL "
            "OR division = %s) ORDER BY family",
            reader.division,
            reader.division,
        )
        return [{"family": row[0], "division": row[1]} for row in rows]

    def changed(self, reader: Reader, since: datetime, most: int) -> tuple[list[dict[str, Any]], int]:
        """Return the families of which something was filed since a time, the newest first, and how many there are.

        With how many events, and of which departments. It looks at the newest LOOKED_THROUGH events at most. It is not
        on record that somebody sees it: whoever shows it says so first.
        """
        last = self.reached()
        first = max(self._filed_by(since, last), last - LOOKED_THROUGH)
        places = [place for _, body in self._bodies(first, last) for place in [filed_event(body).place()]]
        rows = self.database.all(
            "SELECT own.now, max(by_now.division), count(*), array_agg(DISTINCT one.log), max(entry.filed) AS newest, "
            "count(*) OVER () FROM unnest(%s::text[], %s::bigint[]) AS one (log, position) "
            f"JOIN {self.views}.entries AS entry USING (log, position) "
            f"JOIN {self.views}.places ON places.key = entry.about "
            f"JOIN {self.views}.families AS own USING (family) "
            f"JOIN {self.views}.families AS by_now ON by_now.family = own.now "
            "WHERE %s::text IS NULL OR by_now.division = %s GROUP BY own.now ORDER BY newest DESC LIMIT %s",
            [log for log, _ in places],
            [position for _, position in places],
            reader.division,
            reader.division,
            most,
        )
        found = [
            {
                "family": row[0],
                "division": row[1],
                "events": row[2],
                "departments": [self.names.get(one, one) for one in row[3]],
            }
            for row in rows
        ]
        return found, int(rows[0][5]) if rows else 0

    def _bodies(self, after: int, last: int) -> list[tuple[int, bytes]]:
        return self.database.all(
            f"SELECT position, body FROM {self.log} WHERE position > %s AND position <= %s ORDER BY position",
            after,
            last,
        )

    def _filed_by(self, when: datetime, last: int) -> int:
        """Return the last position of the case log that was filed by a time: it is in the order of its times."""
        low, high = 0, last
        while low < high:
            middle = (low + high + 1) // 2
            [(_, body)] = self._bodies(middle - 1, middle)
            if moment(decode(body).attributes["loggedtime"]) <= when:
                low = middle
            else:
                high = middle - 1
        return low

    def numbers_of(self, family: str) -> list[str]:
        """Return every case number that leads to a family, its own among them."""
        rows = self.database.all(f"SELECT family FROM {self.views}.families WHERE now = %s ORDER BY family", family)
        return [row[0] for row in rows]

    def numbers(self) -> list[str]:
        """Return every case number that was ever given, of merged cases too."""
        return [row[0] for row in self.database.all(f"SELECT family FROM {self.views}.families ORDER BY family")]

    def sources(self) -> list[dict[str, Any]]:
        """Return for each department how far its log was received, what it has signed, and what is missing (G4)."""
        schema = self.database.schema
        rows = self.database.all(
            f"SELECT name, (SELECT max(position) FROM {schema}.inbox WHERE log = name), "
            f"(SELECT max(size) FROM {schema}.checkpoints_seen WHERE log = name) FROM unnest(%s::text[]) AS name",
            list(self.names),
        )
        reached = {log: (received or 0, signed or 0) for log, received, signed in rows}
        return [
            {"log": log, "department": name, "received": have, "missing": max(signed - have, 0)}
            for log, name in self.names.items()
            for have, signed in [reached[log]]
        ]

    def waiting(self) -> list[dict[str, Any]]:
        """Return what stands in no history, by department and reason (G10)."""
        return self.desk.waiting()

    def quarantined(self) -> list[dict[str, Any]]:
        """Return what could not be read, by log and reason (G10)."""
        return self.desk.quarantined()

    def case_file(self, key: str, known: date | None = None) -> CaseFile | None:
        """Return the file of the family of a person (token) or with a case number, as known on a day, if there is one.

        For what is worked out of a family beside its history; its content leaves through `open` alone.
        """
        return self.files.read(key if is_person(key) else case_key(key) or "", known)

    def _find(
        self, key: str, known: date | None = None, effective: date | None = None, reader: Reader = AUDITOR
    ) -> Found:
        """Return the history of a family, with the organisation-level events that its own events refer to.

        Raises NoSuchFamily.
        """
        located = self._located(key, reader)
        family, flagged = located.family, dict[Place, str]()
        if located.crossed or known or effective:
            file = self.case_file(key, known)
            filed = file.history(effective) if file else []
            family = file.number if file else case_key(key) or family  # a number not given by then leads nowhere yet
            flagged = file.membership.flags if file else flagged
        else:
            filed = self._own(family)
            if located.flagged:
                flagged = {(one["log"], one["position"]): one["reason"] for one in self.desk.flagged()}
        filed += self._context(filed)
        entries = history(filed, known)
        return Found(family, effective_by(entries, effective), People(entries), flagged)

    def _located(self, key: str, reader: Reader) -> _Located:
        """Return the case of a key. Raises NoSuchFamily where there is none, or none that this reader may know of."""
        located = self._locate(key)
        if located is None or not located.shown_to(reader):
            raise NoSuchFamily
        return located

    def _locate(self, key: str) -> _Located | None:
        """Return the case of a person (token), or that a case number leads to."""
        if is_person(key):
            own, named, by = f"{self.views}.places JOIN {self.views}.families AS own USING (family)", "places.key", key
        else:
            own, named, by = f"{self.views}.families AS own", "own.family", case_key(key) or ""
        row = self.database.one(
            f"SELECT now, crossed, EXISTS (SELECT FROM {self.views}.flagged), "
            f"(SELECT division FROM {self.views}.families AS by_now WHERE by_now.family = own.now) "
            f"FROM {own} WHERE {named} = %s",
            by,
        )
        return _Located(*row) if row else None

    def _own(self, family: str) -> list[Arrival]:
        """Return what is filed about those who stand in a family."""
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.places AS place "
            f"JOIN {self.views}.entries AS entry ON entry.about = place.key "
            f"JOIN {self.log} AS filed ON filed.position = entry.filed WHERE place.family = %s",
            family,
        )
        return [filed_event(row[0]) for row in rows]

    def _context(self, filed: list[Arrival]) -> list[Arrival]:
        """Return the events about no person that these refer to."""
        attributes = [arrival.event.attributes for arrival in filed]
        correlations = {one["correlationid"] for one in attributes if "correlationid" in one}
        causes = {one["causationid"] for one in attributes if "causationid" in one}
        if not correlations and not causes:
            return []
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.entries AS entry JOIN {self.log} AS filed "
            "ON filed.position = entry.filed WHERE entry.about = %s "
            "AND (entry.correlationid = ANY(%s) OR entry.id = ANY(%s))",
            NO_FAMILY,
            list(correlations),
            list(causes),
        )
        return [filed_event(row[0]) for row in rows]

    def _bases(self, entries: list[Entry]) -> dict[int, str]:
        """Return at which base what entries say was, by their places in the list: of those that were at one."""
        at_a_base = [(n, entry) for n, entry in enumerate(entries) if base_fields(entry.arrival.event.type)]
        if not at_a_base:
            return {}
        events = [(entry.arrival.log, entry.amended) for _, entry in at_a_base]
        if cohorts := sorted({entry.data["cohort"] for _, entry in at_a_base if "cohort" in entry.data}):
            events = self._cohorts(cohorts) + events
        whose = Bases(events)
        found = ((n, whose.of(entry.arrival.log, entry.amended)) for n, entry in at_a_base)
        return {n: base for n, base in found if base}

    def _cohorts(self, cohorts: list[str]) -> list[tuple[str, Amended]]:
        """Return what is about no person and names these cohorts, with their logs."""
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.mentions JOIN {self.views}.entries AS entry USING (log, position) "
            f"JOIN {self.log} AS filed ON filed.position = entry.filed WHERE kind = %s AND key = ANY(%s) "
            "AND entry.about = %s",
            PROCESS,
            cohorts,
            NO_FAMILY,
        )
        return [(entry.arrival.log, entry.amended) for entry in history(filed_event(row[0]) for row in rows)]

    def _flags(self, found: Found, known: date | None) -> dict[Place, list[dict[str, str]]]:
        """Return what is flagged about entries, in words, and by whom: their departments, or the family case."""
        codes: dict[Place, dict[str, str]] = defaultdict(dict)
        for entry in found.entries:
            for code in str(entry.attributes.get("flags", "")).split():
                codes[entry.arrival.place()][code] = BY_DEPARTMENT
        for place, flag in found.flagged.items():
            codes[place][flag] = BY_CASE
        history = [(entry.arrival.place(), entry.amended) for entry in found.entries]
        for place, some in case_flags(history, found.people.one, lambda ids: self._elsewhere(ids, known)).items():
            for code in some:
                codes[place].setdefault(code, BY_CASE)  # what the receipt says is not said twice
        texts = lists.flags() | OWN_FLAGS
        return {
            place: [
                {"code": code} | texts.get(code, {"zh": code, "en": code}) | {"raised_by": by}
                for code, by in some.items()
            ]
            for place, some in codes.items()
        }

    def _elsewhere(self, ids: set[str], known: date | None) -> set[str]:
        """Return which of these ids name an event about no person, written down by the end of a day."""
        rows = self.database.all(
            f"SELECT filed.body FROM {self.views}.entries AS entry JOIN {self.log} AS filed "
            "ON filed.position = entry.filed WHERE entry.about = %s AND entry.id = ANY(%s)",
            NO_FAMILY,
            list(ids),
        )
        events = [filed_event(row[0]).event for row in rows]
        return {event.id for event in events if known is None or asserted_on(event) <= known}
