"""A chain: the steps of one claim or offer, which say what is overdue, running or cannot be told. Pure.

A rule takes its steps in order and asks for the verdict at the end; the order of states is decided here alone (rules
A4), and so are clocks (A6), outreach (A7), recurring deliveries (A8), feeds (A5) and holds (A12).
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from services.entitlements.facts import Fact
from services.entitlements.policy import Due, Policy, source_of
from services.entitlements.verdicts import (
    CITY_DPF,
    LIST_ORDER,
    OVERDUE,
    Gap,
    Missing,
    State,
    Verdict,
    Warned,
    add_to,
)

Held = Mapping[str, tuple[date, Fact[Any]]]
"""Until when somebody holds a type of gap, and what says so."""


class Chain:
    """The steps of a rule for one subject on the day `on`.

    `opened` is when the family's first case was opened (a base's establishment): nothing was asked of anybody before.
    `division` is who holds the case: its parameters count, and it acts outside of processes.
    """

    def __init__(self, policy: Policy, on: date, opened: date, division: str | None, held: Held | None = None) -> None:
        self.policy = policy
        self.on = on
        self.opened = opened
        self.division = division
        self.held = held or {}
        self.gaps: dict[str, Gap] = {}
        self.warnings: dict[str, Warned] = {}
        self.missing: list[Missing] = []
        self._cited: dict[Fact[Any], None] = {}
        self.because: dict[str, Any] = {}
        """Values for the sentence that explains the verdict."""
        self.running: list[tuple[Due, bool]] = []
        """What is still open in time, and whether that is an offer nobody has taken up yet."""
        self.upcoming: list[Due] = []
        """By when something that was done is to be done again."""
        self.provisional = False

    def cite(self, *facts: "Fact[Any] | Iterable[Fact[Any]] | None") -> "Chain":
        """Add facts that it rests on; return it."""
        for one in facts:
            if isinstance(one, Fact):
                self._cited[one] = None
            else:
                for each in one or ():
                    self._cited[each] = None
        return self

    @property
    def evidence(self) -> list[Fact[Any]]:
        """The facts that it rests on, in the order in which they were cited."""
        return list(self._cited)

    def step(
        self,
        gap: str,
        parameter: str,
        begin: date,
        awaited: type[Any],
        division: str | None,
        *evidence: Fact[Any],
        department: str = "",
        extended: date | None = None,
    ) -> None:
        """Take a step of a claim that is not done: `awaited` is what would have done it, within `parameter` of `begin`.

        Where the absence of `awaited` proves nothing, it cannot be told. `division` is that of the claim; who acts is
        the department that would have said it, or another. `extended`: until when the deadline was put off.
        """
        due = self.policy.due(parameter, begin, division)
        self.expect(gap, due, begin, awaited, division, *evidence, department=department, extended=extended)

    def expect(
        self,
        gap: str,
        due: Due,
        begin: date,
        awaited: type[Any],
        division: str | None,
        *evidence: Fact[Any],
        department: str = "",
        extended: date | None = None,
    ) -> None:
        """Take a step that is not done like `step`, with a due day that does not follow from one parameter alone."""
        if not self.covered(awaited, division, begin):
            self.cannot_tell(awaited, begin, division)
            return
        if extended is not None:
            due = Due(extended, due.provisional)
        self.clock(gap, due, department or source_of(awaited), division, *evidence)

    def offer(
        self,
        parameter: str,
        awaited: type[Any],
        *conditions: date,
        department: str = "",
        division: str | None = None,
    ) -> date:
        """Take an offer that nobody has taken up yet (G1); return the day on which its clock began (rules A7).

        `division` is who makes it, where it is not who holds the case.
        """
        division = division or self.division
        begin = self.begin(awaited, *conditions, division=division)
        if not self.covered(awaited, division, begin):
            self.cannot_tell(awaited, max(conditions, default=self.opened), division)
            return begin
        due = self.policy.due(parameter, begin, division)
        self.clock("G1", due, department or source_of(awaited), division, outreach=True)
        return begin

    def rolling(
        self,
        parameter: str,
        awaited: type[Any],
        last: Fact[Any] | None,
        *conditions: date,
        department: str = "",
        day: date | None = None,
    ) -> None:
        """Take an offer that is made again and again: each time within `parameter` of the last one (rules A8).

        `day` is the day of the last one, where it is not its fact date.
        """
        if last is not None:
            day = day or last.day
            again = self.policy.due(parameter, day, self.division)
            if self.on <= again.day:
                self.cite(last)
                self.upcoming.append(again)
                return
            conditions = (*conditions, day)
            self.cite(last)
        self.offer(parameter, awaited, *conditions, department=department)

    def advise(self, awaited: type[Any], *conditions: date) -> Verdict:
        """Return that something which is only advised has not come about: no gap and no due day (rules A20)."""
        if not self.covered(awaited, self.division, self.begin(awaited, *conditions)):
            self.cannot_tell(awaited, max(conditions, default=self.opened), self.division)
        return self.verdict(State.ELIGIBLE_NOT_APPLIED)

    def begin(self, awaited: type[Any], *conditions: date, division: str | None = None) -> date:
        """Return when an outreach clock begins: when all conditions hold, the case is open and the feed has begun."""
        feed = self.policy.feed(awaited, division or self.division, self.on)
        return max([self.opened, *conditions, *([feed.since] if feed else [])])

    def not_before_catch_up(self, day: date, *conditions: date) -> Due:
        """Return a fixed day of the calendar as a due day, put off where the rule began to apply too late for it (A6).

        Whoever has a case, and all conditions, only shortly before it or later is given P-CATCHUP-D.
        """
        caught_up = self.policy.due("P-CATCHUP-D", max(self.opened, *conditions), self.division)
        return Due(max(day, caught_up.day))

    def tested_from(self, awaited: type[Any], division: str | None) -> date:
        """Return from when recurring deliveries are looked at: the case is open and the feed has begun (rules A8)."""
        feed = self.policy.feed(awaited, division, self.on)
        return max(self.opened, feed.since) if feed else self.opened

    def covered(self, awaited: type[Any], division: str | None, begin: date) -> bool:
        """Whether the absence of such an event since `begin` means that it did not happen (rules A5)."""
        feed = self.policy.feed(awaited, division, self.on)
        return feed is not None and feed.covers(begin)

    def clock(
        self,
        gap: str,
        due: Due,
        department: str,
        division: str | None,
        *evidence: Fact[Any],
        outreach: bool = False,
    ) -> None:
        """Take a step that is not done: in time it is running, after its due day it is a gap of this type."""
        if self.on <= due.day:
            self.running.append((due, outreach))
            self.provisional |= due.provisional
        else:
            self.gap(gap, due.day + timedelta(1), due.day, department, division, *evidence, provisional=due.provisional)

    def gap(
        self,
        type_: str,
        since: date,
        due: date | None,
        department: str,
        division: str | None,
        *evidence: Fact[Any],
        provisional: bool = False,
    ) -> None:
        """Add a gap; of one type the earliest stands, and the others only add what shows them."""
        if since > self.on:
            return
        found = Gap(type_, since, due, department, division, list(evidence), provisional=provisional)
        self.provisional |= provisional
        known = self.gaps.get(type_)
        if known is None:
            self.gaps[type_] = found
        elif since < known.since:
            add_to(found.evidence, [known.evidence])
            self.gaps[type_] = found
        else:
            add_to(known.evidence, [evidence])
        self.cite(evidence)

    def warn(
        self,
        type_: str,
        since: date,
        due: date | None = None,
        *evidence: Fact[Any],
        department: str = CITY_DPF[0],
        division: str | None = CITY_DPF[1],
    ) -> None:
        """Add a warning from its threshold day on; of one type the earliest stands."""
        if since > self.on:
            return
        known = self.warnings.get(type_)
        if known is None or since < known.since:
            self.warnings[type_] = Warned(type_, since, due, department, division, list(evidence))
        self.cite(evidence)

    def cannot_tell(self, cls: type[Any], since: date, division: str | None, detail: str = "") -> None:
        """Say that a fact of this class is needed and not there, since the question could be put (rules A3)."""
        since, department = max(self.opened, since), source_of(cls)
        name = f"{cls.__name__} {detail}".strip()
        self.missing.append(Missing(name, department))
        known = self.gaps.get("G5")
        if known is None or since < known.since:
            self.gaps["G5"] = Gap("G5", since, None, department, division, missing=name)

    def state(self, state: State, *evidence: "Fact[Any] | Iterable[Fact[Any]] | None") -> Verdict:
        """Return a verdict without gaps: no subject, a known exclusion, a decline. Warnings stay."""
        self.cite(*evidence)
        return Verdict(state, warnings=self._warned(), evidence=self.evidence, because=self.because)

    def verdict(self, otherwise: State = State.MET) -> Verdict:
        """Return what follows from the steps (rules A4). `otherwise`: what holds when everything due was delivered."""
        for type_, (until, by) in self.held.items():
            if type_ in self.gaps:
                self.gaps[type_].held_until = until
                self.cite(by)
        open_ = [one for one in self.gaps.values() if one.type != "G5"] if self.gaps else []
        free = {one.type for one in open_ if one.held_until is None}
        if not free.isdisjoint(OVERDUE):
            state = State.GAP
        elif "G4" in free:
            state = State.LAPSED
        elif open_ and not free:
            state = State.HELD
        elif self.missing:
            state = State.UNKNOWN
        elif any(not outreach for _, outreach in self.running):
            state = State.PENDING
        elif self.running:
            state = State.ELIGIBLE_NOT_APPLIED
        else:
            state = otherwise
        if state is not State.UNKNOWN:
            self.missing.clear()
            self.gaps.pop("G5", None)
        due = min([*[one.day for one, _ in self.running], *[one.day for one in self.upcoming]], default=None)
        gaps = list(self.gaps.values())
        if len(gaps) > 1:
            gaps.sort(key=lambda one: (LIST_ORDER.index(one.type), one.since))
        return Verdict(
            state,
            due,
            gaps,
            self._warned(),
            self.missing,
            self.evidence,
            provisional=self.provisional,
            because=self.because,
        )

    def _warned(self) -> list[Warned]:
        if not self.warnings:
            return []
        return sorted(self.warnings.values(), key=lambda one: (LIST_ORDER.index(one.type), one.since))
