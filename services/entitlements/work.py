"""Work lists: what is open by department, county and clause, the most urgent first; from verdicts kept up to date."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.departments import BY_NAME
from services.entitlements.rules import load
from services.entitlements.verdicts import LIST_ORDER
from services.family_case.access import AccessLog, Reader
from shared.errors import Fault, Refused
from shared.language.envelope import china_now
from shared.policy.lists import clauses, code_lists
from shared.postgres.database import Database

PAGE = 50
"""How many rows a list shows at a time."""
LONGEST = 500
"""How many rows may be asked for at a time."""
COLUMNS = (
    "family",
    "rule",
    "subject",
    "who",
    "type",
    "since",
    "due",
    "department",
    "division",
    "county",
    "clause",
    "state",
    "held_until",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the lists: empty texts ask for all. `held` adds what somebody put on hold."""

    department: str = ""
    division: str = ""
    clause: str = ""
    rule: str = ""
    type: str = ""
    held: bool = False
    after: str = ""
    """Where the page before ended, as it said in `next`."""
    limit: int = PAGE
    known: date | None = None
    effective: date | None = None
    """As known on one day, as effective on another; without both it is what is kept for today."""
    county: str = ""
    """Where the family is; `division` is where somebody has to act."""
    late: str = ""
    """`1` for what is overdue alone, `0` for what is not."""


def bounded(wanted: Wanted, reader: Reader) -> Wanted:
    """Return of a part of the lists what somebody may see: a desk its department's, a case worker their county's."""
    if reader.role == "department_desk":
        code = BY_NAME[reader.department].code if reader.department in BY_NAME else "?"  # which there is not
        return replace(wanted, department=code, division=reader.division or wanted.division)
    return replace(wanted, county=reader.division or wanted.county)


class WorkLists:
    """The lists, in the schema of the verdicts."""

    def __init__(self, owed: Database, clock: Callable[[], datetime] = china_now) -> None:
        self.database = owed
        self.access = AccessLog(owed)
        self.schema = owed.schema
        self.clock = clock

    def open(self, wanted: Wanted, reader: Reader, purpose: str) -> dict[str, Any]:
        """Return a page of what somebody may see, as `page` does; that they see it is on record before this returns.

        Raises Refused or AccessNotRecorded.
        """
        found = self.page(bounded(wanted, reader))
        self.access.record(reader, purpose, "work", families_of(found))
        return found

    def heads(self, wanted: Wanted, most: int) -> dict[bool, dict[str, Any]]:
        """Return the beginnings of two lists, each with how many there are: what is overdue (True), and what is not.

        List and number are of one query. The oldest overdue first; else the most urgent, by when it is due. It is not
        on record that somebody sees it: whoever shows it says so first.
        """
        today = self.clock().date()
        rows = self.database.all(
            f"SELECT {', '.join(COLUMNS)}, late, number FROM (SELECT *, count(*) OVER (PARTITION BY late) AS number, "
            "row_number() OVER (PARTITION BY late ORDER BY due NULLS LAST, urgency, since, family, rule, subject) AS n "
            f"FROM (SELECT *, due IS NOT NULL AND due < %s AS late FROM {self.schema}.open "
            "WHERE (held_until IS NULL OR held_until < %s) AND %s IN ('', department) AND %s IN ('', division) "
            "AND %s IN ('', county)) AS bound) AS numbered WHERE n <= %s ORDER BY late, n",
            today,
            today,
            wanted.department,
            wanted.division,
            wanted.county,
            most,
        )
        found: dict[bool, dict[str, Any]] = {late: {"count": 0, "rows": []} for late in (True, False)}
        for *row, late, number in rows:
            found[late]["count"] = number
            found[late]["rows"].append(_as_json(dict(zip(COLUMNS, row, strict=True)), today))
        return found

    def page(self, wanted: Wanted) -> dict[str, Any]:
        """Return a page of a list: rows in the order of urgency and age, and where the next page begins.

        Raises Refused for a department, county, clause, rule or kind of gap that there is not.
        """
        check(wanted)
        today = self.clock().date()
        values: list[Any]
        conditions, values = ["(held_until IS NULL OR %s OR held_until < %s)"], [wanted.held, today]
        for column in ("department", "division", "clause", "rule", "type", "county"):
            if value := getattr(wanted, column):
                conditions.append(f"{column} = %s")
                values.append(value)
        if wanted.late:
            conditions.append("(due IS NOT NULL AND due < %s) = %s")
            values += [today, wanted.late == "1"]
        if wanted.after:
            conditions.append("(urgency, since, family, rule, subject) > (%s, %s, %s, %s, %s)")
            values += place(wanted.after) or []
        rows = self.database.all(
            f"SELECT {', '.join(COLUMNS)} FROM {self.schema}.open WHERE {' AND '.join(conditions)} "
            "ORDER BY urgency, since, family, rule, subject LIMIT %s",
            *values,
            wanted.limit + 1,
        )
        return as_page([dict(zip(COLUMNS, row, strict=True)) for row in rows], wanted.limit, today)

    def counts(self, bounds: Wanted | None = None) -> list[dict[str, Any]]:
        """Return how much is open for each department and county, by kind of gap, within somebody's bounds."""
        own = bounds or Wanted()
        rows = self.database.all(
            f"SELECT department, division, type, count(*), min(since) FROM {self.schema}.open "
            "WHERE (held_until IS NULL OR held_until < %s) AND %s IN ('', department) AND %s IN ('', division) "
            "AND %s IN ('', county) GROUP BY 1, 2, 3 ORDER BY 1, 2, min(urgency)",
            self.clock().date(),
            own.department,
            own.division,
            own.county,
        )
        names = ("department", "division", "type", "count", "oldest")
        return [dict(zip(names, (*row[:4], row[4].isoformat()), strict=True)) for row in rows]

    def behind(self) -> int:
        """Return how many families wait to be judged: what the lists do not show yet."""
        row = self.database.one(f"SELECT count(*) FROM {self.schema}.judged WHERE wake <= %s", self.clock().date())
        return int(row[0]) if row else 0

    def reached(self) -> int:
        """Return up to which position of the case log it was looked whom events concern."""
        row = self.database.one(f"SELECT reached FROM {self.schema}.progress")
        return int(row[0]) if row else 0


def families_of(page: Mapping[str, Any]) -> list[str]:
    """Return the families that a page of a list names, each once."""
    return list(dict.fromkeys(row["family"] for row in page["rows"]))


def check(wanted: Wanted) -> None:
    """Raise Refused with a fault for each part of a request that names nothing there is."""
    lists = code_lists()
    known = {
        "department": lists["DEPT"]["codes"],
        "division": lists["DIV"]["codes"],
        "county": lists["DIV"]["codes"],
        "clause": clauses(),
        "rule": load(),
        "type": lists["GAPTYPE"]["codes"],
    }
    faults = [
        Fault("unknown_code", f"/{name}", f"没有这一项；可选：{'、'.join(codes)}。", f"One of {', '.join(codes)}.")
        for name, codes in known.items()
        if getattr(wanted, name) and getattr(wanted, name) not in codes
    ]
    if not 1 <= wanted.limit <= LONGEST:
        faults.append(Fault("out_of_range", "/limit", f"应为 1 到 {LONGEST}。", f"From 1 to {LONGEST}."))
    if wanted.after and place(wanted.after) is None:
        faults.append(Fault("not_a_place", "/after", "应为上一页给出的 next。", "This must be the `next` of a page."))
    if faults:
        raise Refused(faults, 400)


def as_page(rows: Sequence[Mapping[str, Any]], limit: int, day: date) -> dict[str, Any]:
    """Return a page of a day's list; `rows` are from its beginning on, one more than `limit` if the list goes on."""
    found = [_as_json(row, day) for row in rows[:limit]]
    return {"day": day.isoformat(), "rows": found, "next": _next(found[-1]) if len(rows) > limit else None}


def _as_json(row: Mapping[str, Any], day: date) -> dict[str, Any]:
    found = {name: row[name] for name in COLUMNS}
    found["days"] = (day - found["since"]).days
    for name in ("since", "due", "held_until"):
        found[name] = found[name].isoformat() if found[name] else None
    found["label"] = load()[found["rule"]].label
    return found


def _next(row: dict[str, Any]) -> str:
    return "~".join([row["type"], row["since"], row["family"], row["rule"], row["subject"]])


def place(after: str) -> list[Any] | None:
    """Return the place in the order of a list that a page's `next` names; None for what is none."""
    parts = after.split("~")
    try:
        type_, since, family, rule, subject = parts
        return [LIST_ORDER.index(type_), date.fromisoformat(since), family, rule, subject]
    except ValueError:
        return None
