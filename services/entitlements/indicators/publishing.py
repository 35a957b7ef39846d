"""What is published: events of the federation, one for each part of a table, that keep what their numbers rest on.

A row is its keys and numbers in the order of the event's columns, with bars between them; a line has several rows.
Asked again, a publication is read from its events. Computed again from its days and positions, it is the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

import orjson

from services.disability_federation.supervision.events import IndicatorsPublished
from services.entitlements.facts import Fact, fact
from services.entitlements.indicators.computing import Basis, Computed, Indicators, Progress
from services.entitlements.indicators.fold import LAYOUTS
from services.entitlements.indicators.small_cells import Shown, published
from services.entitlements.indicators.tables import Key, Table, plain
from services.entitlements.judging import Answer
from services.family_case.domain import Arrival
from shared.errors import Fault, Refused
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import civil_day
from shared.language.fields import MANY
from shared.language.kinds import LINE_LENGTH
from shared.log.amended import as_amended

INSIDE = {"alarms"}
"""Tables that tell of the rules, not of the families, and are not published."""
_BAR, _NEXT = "|", ";"
Lines = dict[str, list[str]]
"""The rows of tables by name, as they are published."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published of a month at once: its basis, and of each table the columns and rows."""

    month: str
    basis: Basis
    columns: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, tuple[str, ...]]
    place: int


def public(computed: Computed, before: Sequence[Publication] = ()) -> list[Table]:
    """Return the tables as they may leave the platform, after what was published before."""
    return [
        published(table, computed.least, shown_before(table, before))
        for table in computed.tables
        if table.layout.name not in INSIDE
    ]


def shown_before(table: Table, before: Sequence[Publication]) -> Shown:
    """Return the counts of a table that publications show, of several the newest."""
    layout, found = table.layout, dict[tuple[Key, str], int]()
    for one in before:
        columns = one.columns.get(layout.name)
        if columns != (*layout.by, *layout.columns):
            continue
        for row in one.rows[layout.name]:
            values = dict(zip(columns, row.split(_BAR), strict=True))
            key = tuple(values[name] for name in layout.by)
            found.update({(key, name): int(values[name]) for name in layout.people if values[name].isdecimal()})
    return found


def lines_of(tables: Iterable[Table]) -> Lines:
    """Return the rows of tables as they are published; a table without rows is not."""
    found: Lines = {}
    for table in tables:
        layout = table.layout
        rows = [
            _BAR.join([*key, *(str("" if (said := plain(row.get(name))) is None else said) for name in layout.columns)])
            for key, row in sorted(table.rows.items())
        ]
        if rows:
            found[layout.name] = rows
    return found


def events(month: str, computed: Computed, tables: Sequence[Table], today: str) -> Iterator[dict[str, Any]]:
    """Yield the events that publish tables; `today` is the time at which they are.

    The basis must name a day of knowing.
    """
    basis, rows = computed.basis, lines_of(tables)
    known = (basis.known or basis.effective).isoformat()
    parameters, declaration = _packed(basis.parameters), CATALOGUE.of(IndicatorsPublished)
    for table in tables:
        layout = table.layout
        packed = _packed(rows.get(layout.name, ()))
        parts = [packed[begin : begin + MANY] for begin in range(0, len(packed), MANY)]
        for number, part in enumerate(parts, 1):
            data = {
                "month": month,
                "table": layout.name,
                "part": number,
                "parts": len(parts),
                "known_on": known,
                "effective_on": basis.effective.isoformat(),
                "edition": basis.edition,
                "positions": [f"{log} {position}" for log, position in sorted(basis.positions.items())],
                "columns": _packed((*layout.by, *layout.columns)),
                "rows": part,
            }
            yield {
                "specversion": "1.0",
                "id": f"indicators-{month}-{known}-{layout.name}-{number}",
                "source": f"urn:yihu:{declaration.department}:desk",
                "type": declaration.type,
                "time": today,
                "recordedtime": today,
                "division": "421200",
                "data": data | ({"parameters": parameters} if parameters else {}),
            }


def publications(arrivals: Iterable[Arrival]) -> list[Publication]:
    """Return what was published, oldest first, by the events about nobody, as they stand."""
    found: dict[tuple[str, date], list[Fact[IndicatorsPublished]]] = defaultdict(list)
    by_log: dict[str, list[Any]] = defaultdict(list)
    for one in arrivals:
        by_log[one.log].append(one.event)
    for log, some in by_log.items():
        for amended in as_amended(some):
            made = fact(log, amended)
            if made and made.cls is IndicatorsPublished:
                found[made.event.month, made.event.known_on].append(made)
    made_of = (_publication(facts) for facts in found.values())
    return sorted(made_of, key=lambda one: one.place)


def _publication(facts: Sequence[Fact[IndicatorsPublished]]) -> Publication:
    first = min(facts, key=lambda one: one.place)
    event = first.event
    rows: dict[str, list[str]] = defaultdict(list)
    for one in sorted(facts, key=lambda one: (one.event.table, one.event.part)):
        rows[one.event.table] += _unpacked(one.event.rows)
    positions = {log: int(at) for log, at in (one.split() for one in event.positions)}
    basis = Basis(
        event.effective_on, event.known_on, positions, event.edition, tuple(_unpacked(event.parameters or ()))
    )
    columns = {one.event.table: tuple(_unpacked(one.event.columns)) for one in facts}
    return Publication(event.month, basis, columns, {name: tuple(some) for name, some in rows.items()}, first.place[1])


def as_tables(one: Publication) -> dict[str, Any]:
    """Return a publication with its rows by name, in the form in which tables are computed."""
    known = {layout.name: layout for layout in LAYOUTS}
    tables = []
    for name, rows in sorted(one.rows.items()):
        columns, layout = one.columns[name], known.get(name)
        by = layout.by if layout else ()
        words = layout.columns if layout else {}
        tables.append(
            {
                "name": name,
                "zh": layout.zh if layout else name,
                "by": [column for column in columns if column in by],
                "columns": {column: words.get(column, column) for column in columns if column not in by},
                "rows": [dict(zip(columns, row.split(_BAR), strict=True)) for row in rows],
            }
        )
    return {"month": one.month} | one.basis.as_json() | {"tables": tables}


def of_month(month: str, every: Sequence[Publication]) -> Publication:
    """Return the newest publication of a month. Raises Refused where there is none."""
    found = [one for one in every if one.month == month]
    if not found:
        zh, en = "这个月的指标还没有公布。", "Nothing was published of this month."
        raise Refused([Fault("not_published", "/month", zh, en)], 404)
    return found[-1]


def again(indicators: Indicators, one: Publication, every: Sequence[Publication], progress: Progress) -> list[str]:
    """Compute a publication again from its days and positions; return the tables that come out otherwise: none."""
    computed = indicators.compute(one.basis.effective, one.basis.known, one.basis.positions, progress)
    now = lines_of(public(computed, [other for other in every if other.place < one.place]))
    return sorted(name for name in {*now, *one.rows} if tuple(now.get(name, ())) != tuple(one.rows.get(name, ())))


# -- why a number would be another one now


def why(indicators: Indicators, first: Basis, second: Basis, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Return what was recorded between two days of knowing about the families whose verdicts on one day differ.

    Counts and ids of events: of families and persons nothing is said. Events about no family stand apart, since any
    verdict may rest on them.
    """
    before = {
        answer.case.number: _print(answer)
        for answer in indicators.answers(first.effective, first.known, first.positions, progress)
    }
    after: dict[str, bytes] = {}
    arrivals: dict[str, list[Arrival]] = {}
    for answer in indicators.answers(first.effective, second.known, second.positions, progress):
        number = answer.case.number
        after[number] = _print(answer)
    differ = sorted(number for number in {*before, *after} if before.get(number) != after.get(number))
    for number, filed in indicators.queries.filed_of(differ, date.max, second.known, second.positions).items():
        arrivals[number] = filed.arrivals
    new = [one for some in arrivals.values() for one in some if _between(one, first, second)]
    nobody = [one for one in indicators.queries.about_nobody() if _between(one, first, second)]
    return {
        "effective": first.effective.isoformat(),
        "from": first.as_json(),
        "to": second.as_json(),
        "families_that_differ": len(differ),
        "recorded": _by_type(new),
        "recorded_about_no_family": _by_type(nobody),
    }


def _print(answer: Answer) -> bytes:
    """Return a fingerprint of everything that tables take from a family's verdicts."""
    said = [
        [
            one.rule.id,
            one.subject,
            str(one.verdict.state),
            [[g.type, str(g.since), str(g.due), g.department, g.division, str(g.held_until)] for g in one.verdict.gaps],
            [[w.type, str(w.since), str(w.due)] for w in one.verdict.warnings],
        ]
        for one in answer.judged
    ]
    return blake2b(orjson.dumps([answer.county, said]), digest_size=16).digest()


def _between(one: Arrival, first: Basis, second: Basis) -> bool:
    """Whether an event was not known yet on the first day, and was on the second."""
    return not _is_known(one, first) and _is_known(one, second)


def _is_known(one: Arrival, basis: Basis) -> bool:
    recorded = civil_day(one.event.attributes["recordedtime"])
    return (basis.known is None or recorded <= basis.known) and one.event.position <= basis.positions.get(one.log, 0)


def _by_type(some: Iterable[Arrival]) -> list[dict[str, Any]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in some:
        if one.event.type != CATALOGUE.of(IndicatorsPublished).type:
            found[one.event.type].append(one.event.id)
    return [{"type": name, "count": len(ids), "ids": sorted(ids)} for name, ids in sorted(found.items())]


# -- lines


def _packed(rows: Iterable[str]) -> list[str]:
    """Return rows as lines that an event can hold, as many in each as there is room for."""
    found: list[str] = []
    for row in rows:
        if found and len(found[-1]) + len(_NEXT) + len(row) <= LINE_LENGTH:
            found[-1] += _NEXT + row
        else:
            found.append(row)
    return found


def _unpacked(lines: Iterable[str]) -> list[str]:
    return [row for line in lines for row in line.split(_NEXT)]
