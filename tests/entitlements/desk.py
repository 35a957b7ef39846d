"""Verdicts beside a family case, on a day that the test sets; and what a naive evaluator says of the same families."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson

from services.city.city import events
from services.entitlements.circumstances import APPROVED, Family
from services.entitlements.city import Approval, City
from services.entitlements.engine import Case, judge
from services.entitlements.judging import PRIORITY, Judging, _said
from services.entitlements.loading import Around
from services.family_case.filing import FamilyCases
from services.family_case.reading import AUDITOR, Queries
from shared.language.envelope import CHINA
from shared.log.record import RecordedEvent
from shared.postgres.database import Database
from tests.world import records

Logs = Mapping[str, Sequence[RecordedEvent]]
WRITTEN = datetime(2035, 1, 1, tzinfo=CHINA)


class Desk:
    """Kept verdicts, on the day `today`."""

    def __init__(self, queries: Queries, owed: Database, today: date) -> None:
        self.today = today
        self.judging = Judging(queries, owed, self._clock)

    def _clock(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=CHINA)

    def catch_up(self) -> int:
        """Judge until nothing is left; return how many times a family was judged. Nobody may be set aside."""
        judged = self.judging.catch_up()
        database, schema = self.judging.database, self.judging.schema
        assert database.all(f"SELECT family FROM {schema}.judged WHERE failed OR judged IS NULL") == []
        return judged

    def said(self) -> dict[str, Any]:
        """Return the kept verdicts by family."""
        return dict(self.judging.database.all(f"SELECT family, said FROM {self.judging.schema}.judged"))

    def rows(self) -> list[Any]:
        """Return everything that is kept, apart from when it was judged and until when it holds."""
        database, schema = self.judging.database, self.judging.schema
        return [
            database.all(f"SELECT family, county, asks, said::text FROM {schema}.judged ORDER BY 1"),
            database.all(f"SELECT * FROM {schema}.open ORDER BY family, rule, subject, type"),
            database.all(f"SELECT * FROM {schema}.grants ORDER BY log, position"),
        ]

    def forget(self) -> None:
        """Begin from nothing."""
        with self.judging.database.transaction() as tx:
            for table in ("judged", "open", "grants"):
                tx.execute(f"DELETE FROM {self.judging.schema}.{table}".encode())
            tx.execute(f"UPDATE {self.judging.schema}.progress SET reached = 0".encode())

    def naively(self, on: date, known: date | None = None, families: Iterable[str] = ()) -> dict[str, Any]:
        """Return the verdicts of a day by family, from nothing: no tables, no watching day, nobody left out."""
        numbers = [one["family"] for one in self.judging.queries.families()]
        loader = self.judging.loader
        around = loader.around(known)
        cases = {one: loader.case(one, AUDITOR, "test", known, on)[0] for one in numbers}
        granted = [grant for case in cases.values() for grant in _granted(case, around, on)]
        city = City(around.city.facts.until(on), granted)
        return {
            number: orjson.loads(_said(judge(case, around.policy, on, city)))
            for number, case in cases.items()
            if number in (families or cases)
        }


def _granted(case: Case, around: Around, on: date) -> list[Approval]:
    family = Family(
        case.number, case.facts.until(on), around.policy, on, case.born, City(around.city.facts), case.spans
    )
    return [
        Approval(case.number, family.recognition(one.day) is not None, one)
        for cls in PRIORITY
        for one in family.facts.of(cls)
        if one.event.decision == APPROVED
    ]


def city(families: int, seed: int) -> dict[str, list[RecordedEvent]]:
    """Return the departments' logs of a made-up city, with its corrections, merges and moves."""
    by_log: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events(families, seed):
        by_log[event["type"].partition(".")[0]].append(event)
    return {log: records(log, some, WRITTEN) for log, some in by_log.items()}


def deliver(cases: FamilyCases, logs: Logs, chance: random.Random, parts: int) -> Iterable[int]:
    """File logs in so many parts, in any order, some of them twice; yield after each how many events it had."""
    cuts = {log: sorted(chance.choices(range(len(some) + 1), k=parts)) for log, some in logs.items()}
    pieces = {log: [*zip([0, *at], [*at, len(logs[log])], strict=True)] for log, at in cuts.items()}
    while pieces:
        log = chance.choice(sorted(pieces))
        begin, end = pieces[log].pop(0)
        again = chance.choice((0, 0, 7))
        cases.receive(log, logs[log][max(0, begin - again) : end])
        if not pieces[log]:
            del pieces[log]
        yield end - begin
