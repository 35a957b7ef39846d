"""Verdicts as they stand today: an event re-judges whom it touches, a clock whom it falls due for.

A follower of the case log. First it looks whom new events concern and marks those families; then it judges what is
marked, a lot at a time, each lot in one transaction. Killed anywhere, it goes on where it was; several may judge at a
time. Everything in its tables follows from the logs and the day, and can be judged anew from nothing.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from services.disability_federation.care.events import CareServiceDecided
from services.disability_federation.home_modification.events import HomeModificationDecided
from services.entitlements.circumstances import APPROVED, Family
from services.entitlements.city import Approval, City, year_of
from services.entitlements.engine import Case, Judged, judge_family
from services.entitlements.facts import Fact, fact
from services.entitlements.loading import Around, Loader, read
from services.entitlements.today import Today
from services.entitlements.verdicts import LIST_ORDER, Gap, State, Warned
from services.family_case.bases import AMENDED
from services.family_case.domain import NO_FAMILY, Arrival, filed_event, is_person
from services.family_case.reading import Filed, Queries
from shared.language.catalogue import Sets
from shared.language.envelope import china_now
from shared.log.amended import as_amended
from shared.log.record import RecordedEvent
from shared.postgres.database import Database, Tx, column, is_unavailable

_log = logging.getLogger(__name__)

LOOKED = 2_000
"""How many events are looked through at a time."""
LOT = 100
"""How many families are judged in one transaction."""
PRIORITY: tuple[type[Any], ...] = (HomeModificationDecided, CareServiceDecided)
"""Grants of services in which the families of the group go first."""
WHOLE = "全家"
"""How the family as a whole is called in a list."""
NEVER = "0001-01-01"
"""From when a family is due that was never judged: before all others, so that what it was granted is known to them."""


@dataclass(slots=True)
class Answer:
    """A family judged: its verdicts, until when they hold, which grants to others they rest on, and its own grants."""

    case: Case
    names: dict[str, str]
    county: str | None
    judged: list[Judged]
    wake: date
    asks: list[str]
    grants: list[tuple[Fact[Any], bool]]
    family: Family


_Row = tuple[Any, ...]
GrantsTo = Callable[[str, str | None], list[Approval]]
"""Who answers which grants of a kind there were in a division."""


class Judging:
    """Keeps the verdicts of all families in the schema `owed`."""

    def __init__(self, queries: Queries, owed: Database, clock: Callable[[], datetime] = china_now) -> None:
        self.queries = queries
        self.database = owed
        self.loader = Loader(queries)
        self.clock = clock
        self.schema = owed.schema

    def step(self) -> int:
        """Look through new events, then judge a lot of what is marked; return how many were looked at and judged."""
        looked = self.look()
        return looked + (self.judge() if looked < LOOKED else 0)  # who is behind looks first whom all of it concerns

    def catch_up(self) -> int:
        """Look through everything new and judge everything marked or due; return how many families were judged."""
        total = 0
        while True:
            looked, judged = self.look(), self.judge()
            total += judged
            if not looked and not judged:
                return total

    def look(self) -> int:
        """Mark the families that the next events concern; return how many events were looked through."""
        with self.database.transaction() as tx:
            row = tx.execute(f"SELECT reached FROM {self.schema}.progress FOR UPDATE".encode()).fetchone()
            reached = row[0] if row else 0
            page = self._page(tx, reached)
            if not page:
                return 0
            upto = page[-1][0]
            self._mark(tx, [filed_event(body) for _, body in page if body is not None], reached, upto)
            tx.execute(f"UPDATE {self.schema}.progress SET reached = %s".encode(), (upto,))
            return len(page)

    def judge(self, lot: int = LOT) -> int:
        """Judge a lot of the families that are marked, or whose clocks fell due; return how many."""
        today = self.clock().date()
        with self.database.transaction() as tx:
            rows = tx.execute(
                f"SELECT family FROM {self.schema}.judged WHERE wake <= %s ORDER BY wake, family LIMIT %s "
                "FOR UPDATE SKIP LOCKED".encode(),
                (today, lot),
            ).fetchall()
            families = [row[0] for row in rows]
            if families:
                self._settle(tx, families, today)
            return len(families)

    def _settle(self, tx: Tx, families: Sequence[str], today: date) -> None:
        """Judge families, all together if that succeeds; otherwise set aside, until tomorrow, whom it fails for."""
        try:
            with tx.transaction():  # a savepoint
                granted = _Granted(self)
                answers = self.answers(families, today, granted=granted, briefly=True)
                self._write(tx, families, answers, today, granted)
        except Exception as error:
            if is_unavailable(error):
                raise
            if len(families) > 1:
                for family in families:
                    self._settle(tx, [family], today)
                return
            _log.error("not judged: %s", families[0], exc_info=error)
            query = f"UPDATE {self.schema}.judged SET failed = true, wake = %s WHERE family = %s"
            tx.execute(query.encode(), (today + timedelta(1), families[0]))

    def answers(
        self,
        families: Sequence[str],
        on: date,
        known: date | None = None,
        upto: Mapping[str, int] | None = None,
        granted: GrantsTo | None = None,
        *,
        briefly: bool = False,
    ) -> Iterator[Answer]:
        """Yield the answers about families, as known by the end of one day, on another.

        `upto`: as of these positions of the departments' logs. `granted` says what others were granted; without it
        that is what is kept for today. `briefly`: see `judge_family`.
        """
        around, granted = self.loader.around(known, upto), granted or _Granted(self)
        city = around.until(on)
        for filed in self.queries.filed_of(families, on, known, upto).values():
            yield self._answer(filed, around, _Asking(granted, city, on), known, briefly=briefly)

    def _answer(self, filed: Filed, around: Around, asking: "_Asking", known: date | None, *, briefly: bool) -> Answer:
        case_, people = read(filed, known)
        on = asking.on
        today = Today.of(on)
        family, judged = judge_family(case_, around.policy, today, asking, briefly=briefly)
        later = [one.day for one in case_.facts.all if one.day > on]
        grants = [
            (one, family.recognition(one.day) is not None)
            for cls in PRIORITY
            for one in family.facts.of(cls)
            if one.event.decision == APPROVED
        ]
        names = {one.token: people.label(one.token) for one in family.members}
        wake = min([today.wake, *later[:1]])
        return Answer(case_, names, family.county, judged, wake, sorted(asking.asked), grants, family)

    def beside(self, city: City, on: date) -> City:
        """Return what is known beside families on a day: of `city`, and of grants to others as they are kept."""
        return _Asking(_Granted(self), city, on)

    def counting(self, kinds: Iterable[str]) -> set[tuple[Any, ...]]:
        """Return which grants of some kinds others can rest on, with their days and years."""
        query = f"SELECT kind, family, log, position, day, year FROM {self.schema}.grants"
        return set(self.database.all(f"{query} WHERE NOT difficult AND kind = ANY(%s)", sorted(kinds)))

    def approvals(self, kind: str) -> list[Approval]:
        """Return the grants of a kind, as they stand, to families that were not difficult ones then."""
        views = self.queries.views
        rows = self.database.all(
            "WITH RECURSIVE granted AS ("
            f"SELECT family, log, position FROM {self.schema}.grants WHERE kind = %s AND NOT difficult "
            f"UNION SELECT granted.family, one.log, one.position FROM granted JOIN {views}.mentions AS one "
            f"ON one.kind = '{AMENDED}' AND one.key = granted.log || '/' || granted.position) "
            f"SELECT family, filed.body FROM granted JOIN {views}.entries AS entry USING (log, position) "
            f"JOIN {self.queries.log} AS filed ON filed.position = entry.filed",
            kind,
        )
        said: dict[tuple[str, str], list[RecordedEvent]] = {}
        for family, body in rows:
            arrival = filed_event(body)
            said.setdefault((family, arrival.log), []).append(arrival.event)
        facts = ((family, fact(log, one)) for (family, log), some in said.items() for one in as_amended(some))
        return [Approval(family, False, made) for family, made in facts if made]

    def _page(self, tx: Tx, reached: int) -> list[tuple[int, bytes | None]]:
        """Return the positions of the next entries, each with its body if that says whom it concerns.

        Whom the others concern follows from whom they are about.
        """
        views = self.queries.views
        query = (
            "SELECT page.filed, body.body FROM "  # each entry looks into the indexes, whatever statistics say
            f"(SELECT * FROM {views}.entries WHERE filed > %s ORDER BY filed LIMIT %s) AS page LEFT JOIN LATERAL "
            f"(SELECT true AS itself FROM {views}.statements AS said "
            "WHERE said.log = page.log AND said.position = page.position "
            f"UNION ALL SELECT true FROM {views}.mentions AS one "
            f"WHERE one.log = page.log AND one.position = page.position AND one.kind = '{AMENDED}' LIMIT 1) "
            f"AS says ON true LEFT JOIN LATERAL (SELECT body FROM {self.queries.log} WHERE position = page.filed "
            f"AND (says.itself OR page.about = '{NO_FAMILY}') OFFSET 0) AS body ON true ORDER BY page.filed"
        )
        return tx.execute(query.encode(), (reached, LOOKED), binary=True).fetchall()

    def _mark(self, tx: Tx, arrivals: Sequence[Arrival], after: int, upto: int) -> None:
        """Mark the families that the entries behind one position, up to another, concern to be judged at once.

        `arrivals` are those that say themselves whom they concern. Families that are being judged are marked too, after
        that: they may have been read before these events were filed.
        """
        today, views = self.clock().date(), self.queries.views
        everybody, divisions, cohorts, keys = _concerned(arrivals)
        if everybody:
            tx.execute(f"UPDATE {self.schema}.judged SET wake = least(wake, %s)".encode(), (today,))
        elif divisions:
            tx.execute(
                f"UPDATE {self.schema}.judged SET wake = least(wake, %s) "
                "WHERE judged IS NULL OR county = ANY(%s)".encode(),
                (today, sorted(divisions)),
            )
        tx.execute(
            "WITH about AS ("
            f"SELECT about FROM {views}.entries WHERE filed > %s AND filed <= %s UNION SELECT unnest(%s::text[]) UNION "
            f"SELECT entry.about FROM {views}.mentions AS one JOIN {views}.entries AS entry USING (log, position) "
            "WHERE one.kind = 'process' AND one.key = ANY(%s)), "
            f"touched AS (SELECT place.family FROM about JOIN {views}.places AS place ON place.key = about.about "
            f"UNION SELECT span.family FROM about JOIN {views}.spans AS span ON span.person = about.about) "
            f"INSERT INTO {self.schema}.judged AS old (family, wake) "
            f"SELECT DISTINCT family, '{NEVER}'::date FROM touched WHERE family IS NOT NULL "
            "ON CONFLICT (family) DO UPDATE SET wake = %s WHERE old.wake > %s".encode(),
            (after, upto, sorted(keys), sorted(cohorts), today, today),
        )

    def _write(
        self, tx: Tx, families: Sequence[str], answers: Iterable[Answer], today: date, granted: "_Granted"
    ) -> None:
        schema, judged, open_, grants = self.schema, list[_Row](), list[_Row](), list[_Row]()
        for one in answers:
            judged.append(_judged_row(one, today))
            open_ += open_rows(one)
            grants += [
                (one.case.number, *at.place, _kind(at.cls.__name__, at.division), difficult, at.day, year_of(at))
                for at, difficult in one.grants
            ]
            one.family.let_go()
        before = self._grants(tx, families)
        kinds = {kind for _, _, kind, difficult, *_ in before ^ {made[1:] for made in grants} if not difficult}
        if kinds or granted.seen:  # who grants and who asks take turns, so that neither misses the other
            tx.execute(b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"grants {schema}",))
        kinds |= granted.changed()
        for table in ("open", *(["grants"] if before else [])):
            tx.execute(f"DELETE FROM {schema}.{table} WHERE family = ANY(%s)".encode(), (list(families),))
        if gone := set(families) - {row[0] for row in judged}:
            tx.execute(f"DELETE FROM {schema}.judged WHERE family = ANY(%s)".encode(), (sorted(gone),))
        self._insert(
            tx,
            "judged (family, county, judged, wake, asks, said)",
            "text text date date text[] jsonb",
            judged,
            "ON CONFLICT (family) DO UPDATE SET county = excluded.county, judged = excluded.judged, "
            "wake = excluded.wake, asks = excluded.asks, said = excluded.said, failed = false",
        )
        types = "text text text text text smallint date date text text text text text date"
        self._insert(tx, "open", types, open_)
        self._insert(tx, "grants", "text text bigint text boolean date smallint", grants)
        if kinds:
            tx.execute(
                f"UPDATE {schema}.judged SET wake = %s WHERE wake > %s AND asks && %s::text[]".encode(),
                (today, today, sorted(kinds)),
            )

    def _insert(self, tx: Tx, table: str, kinds: str, rows: Sequence[tuple[Any, ...]], then: str = "") -> None:
        """Insert rows by one statement, each value as text: that is several times faster than the library's arrays."""
        if not rows:
            return
        names = [f"c{n}" for n in range(len(rows[0]))]
        values = ", ".join(f"{name}::{kind}" for name, kind in zip(names, kinds.split(), strict=True))
        arrays = ", ".join("%b::text[]" for _ in names)
        query = f"INSERT INTO {self.schema}.{table} SELECT {values} FROM unnest({arrays}) AS new ({', '.join(names)})"
        columns = [[None if value is None else str(value) for value in some] for some in zip(*rows, strict=True)]
        tx.execute(f"{query} {then}".encode(), [column("text", some) for some in columns])

    def _grants(self, tx: Tx, families: Sequence[str]) -> set[tuple[Any, ...]]:
        query = f"SELECT log, position, kind, difficult, day, year FROM {self.schema}.grants WHERE family = ANY(%s)"
        return set(tx.execute(query.encode(), (list(families),)).fetchall())


class _Granted:
    """The grants that a lot of families asks for, read once; `seen` are those, by kind, when they were read."""

    def __init__(self, judging: Judging) -> None:
        self.seen: dict[str, set[tuple[Any, ...]]] = {}
        self._judging = judging
        self._approvals: dict[str, list[Approval]] = {}

    def __call__(self, cls: str, division: str | None) -> list[Approval]:
        """Return the grants of a kind in a division to families that were not difficult ones then."""
        kind = _kind(cls, division)
        if kind not in self._approvals:
            self.seen[kind] = self._judging.counting([kind])
            self._approvals[kind] = self._judging.approvals(kind) if self.seen[kind] else []
        return self._approvals[kind]

    def changed(self) -> set[str]:
        """Return the kinds of which there are others by now than were read."""
        now = self._judging.counting(self.seen) if self.seen else set()
        return {one[0] for one in now ^ set().union(*self.seen.values())}


class _Asking(City):
    """The city, which notes which grants to others a family's verdicts rest on."""

    def __init__(self, granted: GrantsTo, city: City, on: date) -> None:
        super().__init__(city.facts)
        self._granted = granted
        self.on = on
        self.asked: set[str] = set()

    def granted_to_others(self, cls: type[Any], division: str | None, family: str) -> list[Approval]:
        """Return the grants of a kind in a division to families that were not difficult then, this one aside."""
        self.asked.add(_kind(cls.__name__, division))
        self.approvals = [one for one in self._granted(cls.__name__, division) if one.fact.day <= self.on]
        return super().granted_to_others(cls, division, family)


def _concerned(arrivals: Iterable[Arrival]) -> tuple[bool, set[str], set[str], set[str]]:
    """Return whom events about nobody, or about who belongs where, concern.

    That is everybody, the families of some divisions, the participants of some cohorts, and persons by their tokens.
    """
    everybody, divisions, cohorts, keys = False, set[str](), set[str](), set[str]()
    for one in arrivals:
        data, attributes = one.event.data, one.event.attributes
        if one.states or (one.event.target is not None and not is_person(one.event.subject)):
            keys.update(_tokens(data))
        if is_person(one.event.subject):
            continue
        if isinstance(one.effect, Sets) or one.event.target is not None or one.event.type.endswith(_FOR_ALL):
            everybody = True
        elif one.event.type.endswith(_BY_DIVISION):
            divisions.add(str(data.get("division") or attributes.get("division")))
        else:
            keys.update(_tokens(data))
            cohorts.update(str(said) for said in (attributes.get("process"), data.get("cohort")) if said)
    return everybody, divisions, cohorts, keys


_BY_DIVISION = ("institution_designated", "institution_designation_ended")
"""Events about organisations on which the verdicts of a division's families rest."""
_FOR_ALL = ("school_term_announced",)
"""Events about organisations on which verdicts anywhere rest: a child can go to school in another county."""


def _tokens(value: Any) -> Iterator[str]:
    if is_person(value):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _tokens(part)


def _kind(cls: str, division: str | None) -> str:
    """Return a kind of grants in a division as text."""
    return f"{cls}/{division}"


def _said(judged: Iterable[Judged]) -> str:
    """Return the verdicts of a family as JSON: rule, subject, state, due, gaps and warnings."""
    return orjson.dumps(
        [
            [
                one.rule.id,
                one.subject,
                str(one.verdict.state),
                one.verdict.due,
                [
                    [gap.type, gap.since, gap.due, gap.department, gap.division, gap.held_until]
                    for gap in one.verdict.gaps
                ],
                [[warning.type, warning.since, warning.due] for warning in one.verdict.warnings],
            ]
            for one in judged
            if one.verdict.state is not State.NOT_APPLICABLE
        ],
        default=_day,
    ).decode()


def _day(value: Any) -> str:
    """Return a day that watches as text: the encoder knows plain days alone."""
    if isinstance(value, date):
        return date.isoformat(value)
    raise TypeError


def _judged_row(one: Answer, today: date) -> _Row:
    """Return the row of a family's verdicts."""
    asks = "{" + ",".join(f'"{key}"' for key in one.asks) + "}"
    return one.case.number, one.county, today.isoformat(), one.wake.isoformat(), asks, _said(one.judged)


def open_rows(answer: Answer) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the work lists, in the order of the table's columns: what is overdue, missing or warned of."""
    for one in answer.judged:
        signs: list[Gap | Warned] = [*one.verdict.gaps, *one.verdict.warnings]
        for sign in signs:
            yield (
                answer.case.number,
                one.rule.id,
                one.subject,
                answer.names.get(one.subject, WHOLE),
                sign.type,
                LIST_ORDER.index(sign.type),
                date.isoformat(sign.since),
                date.isoformat(sign.due) if sign.due else None,
                sign.department,
                sign.division,
                answer.county,
                one.rule.clause,
                str(one.verdict.state),
                date.isoformat(sign.held_until) if isinstance(sign, Gap) and sign.held_until else None,
            )
