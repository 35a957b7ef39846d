"""XN-8 (一人一案): an enrolled child has a plan of its own, reviewed in time, and is taught where it cannot come."""

from datetime import date, timedelta
from typing import Any

from services.education.events import (
    CentreTeachingDelivered,
    EducationPlanMade,
    HomeTeachingDelivered,
)
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person, day_after
from services.entitlements.clauses.xn_8 import placed_at_school
from services.entitlements.facts import Fact
from services.entitlements.policy import Due
from services.entitlements.rules import rule
from services.entitlements.schooling import Schooling
from services.entitlements.verdicts import State, Verdict
from shared.policy.calendar import first_of, last_of, month_of, months_between, next_month

EDU = "EDU"
MADE_BEFORE = timedelta(30)
"""How long before the enrolment a plan can be made and still be the one for it (the rule itself says so)."""
TAUGHT_BY: dict[str, type[Any]] = {"HOME": HomeTeachingDelivered, "MEDEDU": CentreTeachingDelivered}
"""Modes in which teachers come to the child, and what says that they did."""


@rule(
    "E15",
    "XN-8",
    "person",
    "个别化教育计划与送教",
    need="EDU",
    alarms=25,
    meant=lambda child: child.is_disabled_child and Schooling(child).applies,
)
def planned_and_taught(child: Person, chain: Chain) -> Verdict:
    """Judge whether an enrolled child has a plan, made and reviewed in time, and whether teachers come often enough."""
    entered = placed_at_school(child, Chain(chain.policy, chain.on, chain.opened, chain.division))
    if entered.state is State.UNKNOWN:
        entered.warnings = []  # they are the placement's
        return entered
    schooling = Schooling(child)
    chain.division = schooling.division
    chain.cite(child.family.opening, child.proof(child.on), schooling.facts)
    if not schooling.applies or not schooling.entries or schooling.deferred:
        return chain.state(State.NOT_APPLICABLE)
    plan = _plan(child, chain, schooling)
    if plan:
        _review(chain, plan)
    chain.because = {"plan": plan.day if plan else None, **_teaching(child, chain, schooling)}
    return chain.verdict()


def _plan(child: Person, chain: Chain, schooling: Schooling) -> Fact[EducationPlanMade] | None:
    """Take the plan for the newest enrolment (G1); return the newest one made. A transfer keeps the plan."""
    enrolment = schooling.enrolments[-1] if schooling.enrolments else None
    entered = enrolment or schooling.entries[-1]
    every = child.facts(EducationPlanMade)
    plans = [one for one in every if enrolment is None or one.day >= enrolment.day - MADE_BEFORE]
    if plans:
        chain.cite(plans)
        return plans[-1]
    begin = max(entered.day, child.disabled_since)
    tested = enrolment is not None and enrolment.day >= chain.tested_from(EducationPlanMade, chain.division)
    if not tested or not chain.covered(EducationPlanMade, chain.division, begin):
        chain.cannot_tell(EducationPlanMade, begin, chain.division)
    else:
        due = chain.policy.due("P-IEP-D", begin, chain.division)
        chain.clock("G1", due, EDU, chain.division, entered, outreach=True)
    return None


def _review(chain: Chain, plan: Fact[EducationPlanMade]) -> None:
    """Take the next plan (G4): by the day that the plan names, P-IEP-REVIEW-M at most after it was made.

    What was due before the case or the feed is not looked at: the next round counts.
    """
    begin, due = plan.day, min(plan.event.review_due, _round(chain, plan.day))
    tested_from = chain.tested_from(EducationPlanMade, chain.division)
    while due < tested_from:
        begin, due = due, _round(chain, due)
    if chain.on <= due:
        chain.upcoming.append(Due(due))
    elif not chain.covered(EducationPlanMade, chain.division, begin):
        chain.cannot_tell(EducationPlanMade, day_after(due), chain.division)
    else:
        chain.gap("G4", day_after(due), due, EDU, chain.division, plan)


def _round(chain: Chain, day: date) -> date:
    """Return by when a plan of a day is to be reviewed at the latest."""
    return chain.policy.due("P-IEP-REVIEW-M", day, chain.division).day


def _teaching(child: Person, chain: Chain, schooling: Schooling) -> dict[str, object]:
    """Take the full months in term of a child who is taught at home or in a centre (G4): often enough in each.

    The gap begins after the earliest short month of the unbroken run; a month with enough ends it. Return what the
    sentence says of it.
    """
    placed = schooling.placed
    taught_by = TAUGHT_BY.get(placed.mode) if placed else None
    if placed is None or taught_by is None:
        return {}
    visits = child.facts(taught_by)
    short, last = None, dict[str, object]()
    for month in _full_months(schooling, max(placed.since, schooling.entries[0].day)):
        if not _tested(chain, taught_by, month):
            continue
        count = sum(month_of(one.day) == month for one in visits)
        enough = schooling.param("P-HOMETEACH-MIN", first_of(month))
        last = {"month": month, "visits": count, "enough": enough}
        short = None if count >= enough else short or month
    if short is None:
        return last
    if chain.policy.feed(taught_by, chain.division, chain.on) is None:
        chain.cannot_tell(taught_by, day_after(last_of(short)), chain.division)
        return last
    since = [one for one in visits if month_of(one.day) >= short]
    chain.gap("G4", day_after(last_of(short)), last_of(short), EDU, chain.division, placed.fact, *since)
    return last


def _full_months(schooling: Schooling, begin: date) -> list[str]:
    """Return the months in term that lie wholly after a day, that day included, and are over."""
    first = month_of(begin) if begin.day == 1 else next_month(month_of(begin))
    months = months_between(first, next_month(month_of(schooling.on), -1))
    return [month for month in months if schooling.in_term(month)]


def _tested(chain: Chain, taught_by: type[Any], month: str) -> bool:
    """Whether a month is looked at: it was over when the case was open, and the feed had begun with it (rules A8)."""
    feed = chain.policy.feed(taught_by, chain.division, chain.on)
    return last_of(month) >= chain.opened and (feed is None or feed.covers(first_of(month)))
