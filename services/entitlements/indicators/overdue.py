"""What is overdue, by department; what does not fit together; answers in time; alarms beside what was declared.

Days are counted to the day of the table. What somebody put on hold is counted apart. Source: rules D4, D10, D12.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from services.entitlements.circumstances import Family
from services.entitlements.engine import Judged
from services.entitlements.facts import Facts
from services.entitlements.indicators.tables import (
    COUNTY,
    NOWHERE_KNOWN,
    WHOLE_CITY,
    Counts,
    Key,
    Layout,
    Table,
    median,
    share,
)
from services.entitlements.policy import Policy
from services.entitlements.processes import clocks
from services.entitlements.rules import load
from services.entitlements.verdicts import State
from shared.policy.calendar import month_of

MISSING = "G5"
INCONSISTENT = {"G7", "G8"}
PRIVACY = "E31"
THOUSAND = 1_000

OVERDUE = Layout(
    "overdue",
    "各部门逾期事项",
    ("department", COUNTY, "rule", "type"),
    {"open": "逾期", "median_days": "逾期天数中位数", "oldest_days": "最长逾期天数", "held": "已登记暂缓"},
    ("open", "held"),
    {},
    {"median_days": ("open",), "oldest_days": ("open",)},
)
CONDUCT = Layout(
    "conduct",
    "隐私与前后不一致",
    ("department", COUNTY, "rule", "type"),
    {"count": "项数"},
    ("count",),
)
ANSWERS = Layout(
    "answers",
    "转介、异议、整改和共享的答复",
    ("clock", COUNTY),
    {"all": "应答复", "answered": "已答复", "in_time": "期限内待答复", "overdue": "逾期未答复"},
    ("all", "answered", "in_time", "overdue"),
    {"all": ("answered", "in_time", "overdue")},
)
ALARMS = Layout(
    "alarms",
    "当月新增提示（每千户）",
    ("rule",),
    {
        "gaps": "新增缺口",
        "warnings": "新增提示",
        "families": "家庭数",
        "per_thousand": "每千户每月",
        "declared": "事先申明上限",
    },
    ("gaps", "warnings"),
    {},
    {"per_thousand": ("gaps", "warnings")},
)
_ANSWERED = {State.MET: "answered", State.PENDING: "in_time"}


class Overdue:
    """Counts gaps, warnings and answers of families and of the city."""

    def __init__(self, on: date, policy: Policy) -> None:
        self._on = on
        self._policy = policy
        self._days: dict[Key, list[int]] = defaultdict(list)
        self._held, self._conduct, self._answers, self._new = Counts(), Counts(), Counts(), Counts()
        self._keys: set[Key] = set()
        self._families = 0

    def add(self, family: Family, judged: Iterable[Judged]) -> None:
        """Count a family."""
        self._families += 1
        for one in judged:
            self._signs(one)
        self._clocks(family.facts)

    def _signs(self, one: Judged) -> None:
        rule = one.rule.id
        for gap in one.verdict.gaps:
            key = (gap.department, gap.division or NOWHERE_KNOWN, rule, gap.type)
            if self._is_new(gap.since):
                self._new.add((rule,), "gaps")
            if rule == PRIVACY:
                self._conduct.add(key, "count")
            if gap.type == MISSING:
                continue
            self._keys.add(key)
            if gap.held_until:
                self._held.add(key, "held")
            else:
                self._days[key].append((self._on - gap.since).days)
        for warning in one.verdict.warnings:
            if self._is_new(warning.since):
                self._new.add((rule,), "warnings")
            if warning.type in INCONSISTENT:
                self._conduct.add((warning.department, warning.division or NOWHERE_KNOWN, rule, warning.type), "count")

    def city(self, facts: Facts, judged: Iterable[Judged]) -> None:
        """Count the verdicts about the city and its bases, and the answers that concern no family."""
        for one in judged:
            self._signs(one)
        self._clocks(facts)

    def _clocks(self, facts: Facts) -> None:
        for rule, _, verdict in clocks(facts, self._policy, self._on):
            county = verdict.evidence[0].division or NOWHERE_KNOWN
            self._answers.add((rule.id, county), _ANSWERED.get(verdict.state, "overdue"))

    def _is_new(self, since: date) -> bool:
        return month_of(since) == month_of(self._on)

    def tables(self) -> list[Table]:
        """Return the tables."""
        answers = Table(ANSWERS, self._answers.rows(ANSWERS))
        return [self._overdue(), Table(CONDUCT, self._conduct.rows(CONDUCT)), answers, self._alarms()]

    def _overdue(self) -> Table:
        days: dict[Key, list[int]] = defaultdict(list)
        for key in self._keys:
            days[key] = list(self._days[key])
        for (department, _, *rest), some in list(days.items()):
            days[department, WHOLE_CITY, *rest].extend(some)
        held = self._held.rows(OVERDUE)
        return Table(
            OVERDUE,
            {
                key: {
                    "open": len(some),
                    "median_days": median(some),
                    "oldest_days": max(some, default=None),
                    "held": held.get(key, {}).get("held", 0),
                }
                for key, some in days.items()
            },
        )

    def _alarms(self) -> Table:
        rows = self._new.rows(ALARMS)
        for id_, rule in load().items():
            row = rows.setdefault((id_,), {"gaps": 0, "warnings": 0})
            alarms = row["gaps"] + row["warnings"]
            row |= {
                "families": self._families,
                "per_thousand": share(alarms * THOUSAND, self._families),
                "declared": rule.alarms,
            }
        return Table(ALARMS, rows)
