"""All tables at once: a fold over families with their verdicts, and over what is known beside them. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from services.entitlements.circumstances import APPROVED, Family
from services.entitlements.city import City, Group, Waiting, Whole
from services.entitlements.clauses.xn_1 import COMMITS, OF_THE_FUND
from services.entitlements.engine import Judged, judge_city
from services.entitlements.facts import Fact
from services.entitlements.indicators import coverage, money, overdue, programme, schooling
from services.entitlements.indicators.coverage import Coverage
from services.entitlements.indicators.money import Spending
from services.entitlements.indicators.overdue import Overdue
from services.entitlements.indicators.programme import Programme
from services.entitlements.indicators.schooling import Enrolment
from services.entitlements.indicators.tables import Counts, Layout, Table
from services.entitlements.policy import Policy

CITY = Layout("city", "全市事项与基地师资", ("rule", "state"), {"count": "项数"})


LAYOUTS = (
    *(coverage.COVERAGE, coverage.LINKED, coverage.ADVISED, coverage.FAMILIES, coverage.RECOGNISED),
    *(overdue.OVERDUE, overdue.CONDUCT, overdue.ANSWERS, overdue.ALARMS),
    *(money.PAID, money.BILLS, money.TWICE, money.SPENT, money.PROMISED, money.CADRES),
    *(money.UNCLAIMED, money.UNCOVERED, schooling.ENROLMENT),
    *(programme.BASES, programme.PARTICIPANTS, programme.SUPPLY, CITY),
)
"""The forms of all tables."""


class Fold:
    """The indicators of one day: add every family once, then take the tables."""

    def __init__(self, on: date, policy: Policy) -> None:
        self._on = on
        self._policy = policy
        self._coverage = Coverage()
        self._overdue = Overdue(on, policy)
        self._money = Spending(on)
        self._enrolment = Enrolment()
        self._programme = Programme(on)
        self._promised: list[Fact[Any]] = []
        self._waiting: list[Waiting] = []

    def add(self, family: Family, judged: Iterable[Judged]) -> None:
        """Count a family with its verdicts of this day."""
        judged = list(judged)
        self._coverage.add(family, judged)
        self._overdue.add(family, judged)
        self._money.add(family)
        self._enrolment.add(family, judged)
        self._programme.add(family, judged)
        decided: list[Fact[Any]] = family.facts.of(*COMMITS)
        self._promised += [one for one in decided if one.event.decision == APPROVED]
        if family.difficult:
            gaps = [gap for one in judged for gap in one.verdict.gaps if gap.type == "G3"]
            rested_on = [(gap, one) for gap in gaps for one in gap.evidence if one.cls in OF_THE_FUND]
            self._waiting += [Waiting(gap.since, None, one) for gap, one in rested_on]

    def tables(self, city: City) -> list[Table]:
        """Return every table, after judging the city; `city` is what is known beside the families by this day."""
        group = Group(self._coverage.in_group, self._coverage.reached)
        whole = Whole(city.facts, self._policy, self._on, group, self._promised, self._waiting)
        judged = judge_city(whole)
        self._overdue.city(city.facts, judged)
        self._money.city(city.facts)
        self._programme.city(whole)
        return [
            *self._coverage.tables(),
            *self._overdue.tables(),
            *self._money.tables(),
            *self._enrolment.tables(),
            *self._programme.tables(),
            _of_the_city(judged),
        ]


def _of_the_city(judged: Iterable[Judged]) -> Table:
    counts = Counts()
    for one in judged:
        counts.add((one.rule.id, str(one.verdict.state)), "count")
    return Table(CITY, counts.rows(CITY))
