"""A rehearsal: who would gain and who would lose if parameters had other values, and what that would cost.

All families are judged as they are and with the draft, in one pass; nothing is written. A family whose verdicts never
asked for a drafted parameter is judged once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from multiprocessing import get_context
from typing import Any

from services.entitlements.circumstances import Family
from services.entitlements.city import City
from services.entitlements.comparing import Pair, pairs, said
from services.entitlements.costs import CENT, ESTIMATES, UNIT
from services.entitlements.drafts import Draft, DraftPolicy
from services.entitlements.engine import WHOLE_FAMILY, Case, Judged, judge_family
from services.entitlements.judging import Judging
from services.entitlements.loading import read
from services.entitlements.policy import FEEDS
from services.entitlements.rules import load
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import last_of, month_of, months_between
from shared.policy.parameters import parameter

LOT = 50
"""How many families are read at a time."""
TASK = 500
"""How many families a process is given at a time."""
GAINS, LOSES, LATE, CAUGHT_UP, OTHER = "gains", "loses", "newly_overdue", "no_longer_overdue", "other"
KINDS = {
    GAINS: "新获得资格",
    LOSES: "失去资格",
    LATE: "新逾期",
    CAUGHT_UP: "不再逾期",
    OTHER: "期限、缺口或提示有变",
}
"""In which ways a verdict can be another one, in the order of a report."""
_OUT = {State.NOT_IN_FORCE, State.NOT_APPLICABLE, State.NOT_ELIGIBLE}
_LATE = {State.GAP, State.LAPSED}

Progress = Callable[[int, int], None]
Key = tuple[str, str, str, str]
"""A day, a county, a rule, and in which way its verdicts are others."""


@dataclass(slots=True)
class Tally:
    """What a part of the families came to; parts add up."""

    families: int = 0
    judged_twice: int = 0
    reached: Counter[Key] = field(default_factory=Counter)
    subjects: Counter[Key] = field(default_factory=Counter)
    costs: dict[tuple[str, str, str], list[Decimal]] = field(default_factory=dict)
    """By month, county and benefit: now, and with the draft."""
    more: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)
    """By day, county and rule: what those who gain and lose would cost at most."""
    changed: set[str] = field(default_factory=set)
    listed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what another part came to."""
        self.families += other.families
        self.judged_twice += other.judged_twice
        self.reached.update(other.reached)
        self.subjects.update(other.subjects)
        for cost, (now, then) in other.costs.items():
            self.spend(cost, now, then)
        for key, value in other.more.items():
            self.more[key] = self.more.get(key, Decimal(0)) + value
        self.changed |= other.changed
        self.listed += other.listed

    def spend(self, key: tuple[str, str, str], now: Decimal, then: Decimal) -> None:
        """Add what a benefit costs in a month and county."""
        before = self.costs.setdefault(key, [Decimal(0), Decimal(0)])
        before[0] += now
        before[1] += then


class Rehearsal:
    """Judges families with and without drafts, on one day or several."""

    def __init__(self, judging: Judging, drafts: Sequence[Draft], days: Sequence[date]) -> None:
        self.judging = judging
        self.drafts = drafts
        self.days = days
        self.names = {one.parameter for one in drafts}
        self.estimates = [one for one in ESTIMATES if one.parameters & self.names]

    def families(self) -> list[str]:
        """Return whom there is to judge."""
        return [one["family"] for one in self.judging.queries.families()]

    def run(self, numbers: Sequence[str], progress: Progress = lambda *_: None) -> Tally:
        """Return what families come to."""
        found = Tally()
        around = self.judging.loader.around()
        policies = [(DraftPolicy(around.policy), DraftPolicy(around.policy, self.drafts)) for _ in self.days]
        cities = [City(around.city.facts.until(day)) for day in self.days]
        for at in range(0, len(numbers), LOT):
            lot = numbers[at : at + LOT]
            for day, policies_, city in zip(self.days, policies, cities, strict=True):
                for filed in self.judging.queries.filed_of(lot, day).values():
                    case, _ = read(filed, None)
                    self._family(found, case, day, policies_, self.judging.beside(city, day))
            found.families += len(lot)
            progress(found.families, len(numbers))
        return found

    def _family(
        self, found: Tally, case: Case, day: date, policies: tuple[DraftPolicy, DraftPolicy], city: City
    ) -> None:
        now, draft = policies
        now.asked.clear()
        family, judged = judge_family(case, now, day, city)
        asked = bool(now.asked & self.names) or FEEDS in self.names  # what is asked for below decides no verdict
        for estimate in self.estimates:
            key = (month_of(day), family.county or "", estimate.benefit)
            found.spend(key, *(estimate.count(family, policy, key[0]) for policy in policies))
        if not asked:
            return
        found.judged_twice += 1
        _, other = judge_family(case, draft, day, city)
        self._compare(found, family, day, draft, judged, other)

    def _compare(
        self, found: Tally, family: Family, day: date, draft: DraftPolicy, now: list[Judged], then: list[Judged]
    ) -> None:
        county, subjects = family.county or "", Counter[Key]()
        for pair in pairs(now, then):
            if not pair.differs:
                continue
            kind = kind_of(pair.before, pair.after)
            key = (day.isoformat(), county, pair.rule.id, kind)
            subjects[key] += 1
            found.listed.append({"family": family.number, "day": key[0], "kind": kind} | _as_json(pair))
            if kind in {GAINS, LOSES} and pair.rule.id in UNIT:
                each = draft.value(UNIT[pair.rule.id][0], family.county, day)
                spent = found.more.get(key[:3], Decimal(0))
                found.more[key[:3]] = spent + (each if kind == GAINS else -each)
        if subjects:
            found.changed.add(family.number)
        found.subjects.update(subjects)
        found.reached.update(subjects.keys())


def kind_of(before: Verdict, after: Verdict) -> str:
    """Return in which way a verdict is another one."""
    was_out, is_out = before.state in _OUT, after.state in _OUT
    if was_out != is_out:
        return LOSES if is_out else GAINS
    was_late, is_late = before.state in _LATE, after.state in _LATE
    if was_late != is_late:
        return LATE if is_late else CAUGHT_UP
    return OTHER


def days_between(first: str, last: str) -> list[date]:
    """Return the last day of each month from one to another."""
    return [last_of(month) for month in months_between(first, last)]


def report(rehearsal: Rehearsal, tally: Tally, *, listed: bool = False) -> dict[str, Any]:
    """Return what a rehearsal came to, as JSON. `listed`: each verdict that is another one, by case number."""
    found: dict[str, Any] = {
        "draft": [one.as_json() for one in rehearsal.drafts],
        "days": [day.isoformat() for day in rehearsal.days],
        "families": tally.families,
        "judged_twice": tally.judged_twice,
        "families_changed": len(tally.changed),
        "changes": [
            {
                "day": key[0],
                "county": key[1],
                "rule": key[2],
                "label": load()[key[2]].label,
                "kind": key[3],
                "families": tally.reached[key],
                "verdicts": tally.subjects[key],
            }
            for key in sorted(tally.subjects, key=lambda key: (key[0], list(KINDS).index(key[3]), key[2], key[1]))
        ],
        "costs": [
            {
                "month": month,
                "county": county,
                "benefit": benefit,
                "now": str(now.quantize(CENT)),
                "draft": str(then.quantize(CENT)),
                "difference": str((then - now).quantize(CENT)),
            }
            for (month, county, benefit), (now, then) in sorted(tally.costs.items())
            if now or then
        ],
        "estimates": [{"benefit": one.benefit, "how": one.how} for one in rehearsal.estimates],
        "at_most": [
            {
                "day": day,
                "county": county,
                "rule": rule,
                "amount": str(value.quantize(CENT)),
                "how": f"新获得资格者减去失去资格者，各乘{parameter(UNIT[rule][0]).zh}（{UNIT[rule][1]}）",
            }
            for (day, county, rule), value in sorted(tally.more.items())
        ],
    }
    if listed:
        found["verdicts"] = tally.listed
    return found


def _as_json(pair: Pair) -> dict[str, Any]:
    return {
        "rule": pair.rule.id,
        "subject": "family" if pair.subject == WHOLE_FAMILY else "person",
        "before": said(pair.before),
        "after": said(pair.after),
    }


def in_processes(
    make: Callable[[], Rehearsal], numbers: Sequence[str], jobs: int, progress: Progress = lambda *_: None
) -> Tally:
    """Return what families come to, judged by several processes. `make` makes a rehearsal in each of them."""
    found = Tally()
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (make,)) as pool:
        for part in pool.map(_part, _tasks(numbers)):
            found.add(part)
            progress(found.families, len(numbers))
    return found


def _tasks(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(numbers), TASK):
        yield numbers[at : at + TASK]


_OWN: list[Rehearsal] = []
"""The rehearsal of this process, where it is one of several."""


def _begin(make: Callable[[], Rehearsal]) -> None:
    _OWN[:] = [make()]


def _part(numbers: Sequence[str]) -> Tally:
    return _OWN[0].run(numbers)
