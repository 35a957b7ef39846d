"""Which event of the Human Resources and Social Security Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator
from datetime import date

from services.hrss.events import EmploymentStarted, JobRecommended, ParentJobNeedRegistered
from shared.errors import Fault
from shared.language.rules import Past, Rules, age_on

WORKING_AGE = 16
"""Nobody younger may be employed (劳动法 art. 15)."""

RULES = Rules()
RULES.after(JobRecommended, ParentJobNeedRegistered, same="person", effect="flag", fault="need_not_registered")


@RULES.invariant(ParentJobNeedRegistered)
def who_looks_for_work_is_of_working_age(event: ParentJobNeedRegistered, past: Past) -> Iterator[Fault]:
    """Refuse a need for work of somebody below 16."""
    yield from _too_young(event.registered_on, past)


@RULES.invariant(EmploymentStarted)
def who_works_is_of_working_age(event: EmploymentStarted, past: Past) -> Iterator[Fault]:
    """Refuse employment of somebody below 16."""
    yield from _too_young(event.from_date, past)


def _too_young(day: date, past: Past) -> Iterator[Fault]:
    born = past.born(past.subject or "")
    if born is not None and (born > day or age_on(day, born) < WORKING_AGE):
        zh = f"该人员在此日期未满 {WORKING_AGE} 周岁；请核对人员和日期。"
        en = f"The person is younger than {WORKING_AGE} on that day; check the person and the day."
        yield Fault("outside_age", "/subject", zh, en)
