"""Which event of the Human Resources and Social Security Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.hrss.events import (
    EmploymentEnded,
    EmploymentStarted,
    EmploymentSupportApplied,
    JobRecommended,
    ParentJobNeedRegistered,
    StartupSupportDecided,
    TrainingProvided,
)
from shared.errors import Fault
from shared.language.rules import Past, Rules, age_on, flag, newest

WORKING_AGE = 16
"""Nobody younger may be employed (劳动法 art. 15)."""

RULES = Rules()
RULES.after(
    JobRecommended,
    ParentJobNeedRegistered,
    same="person",
    effect="flag",
    fault="need_not_registered",
    number="HRS-02.a",
)
RULES.after(EmploymentEnded, EmploymentStarted, same="person", number="HRS-04.a")
RULES.after(
    StartupSupportDecided,
    EmploymentSupportApplied,
    same="process",
    effect="flag",
    fault="decision_without_application",
    number="HRS-06.a",
)


@RULES.invariant(ParentJobNeedRegistered, number="HRS-01.1")
def who_looks_for_work_is_of_working_age(event: ParentJobNeedRegistered, past: Past) -> Iterator[Fault]:
    """Refuse a need for work of somebody below 16."""
    yield from _too_young(event.registered_on, past)


@RULES.invariant(EmploymentStarted, number="HRS-03.1")
def who_works_is_of_working_age(event: EmploymentStarted, past: Past) -> Iterator[Fault]:
    """Refuse employment of somebody below 16."""
    yield from _too_young(event.from_date, past)


@RULES.invariant(EmploymentEnded, number="HRS-04.1")
def an_employment_ends_once(event: EmploymentEnded, past: Past) -> Iterator[Fault]:
    """Refuse an end for which no employment is left: each end is that of one employment that began before."""
    starts = [one.event.from_date for one in past.events(EmploymentStarted, same="person")]
    ends = [one.event.ended_on for one in past.events(EmploymentEnded, same="person")]
    if starts and _too_many([*ends, event.ended_on], starts) > _too_many(ends, starts):
        yield Fault(
            "nothing_to_end",
            "/data/ended_on",
            "该人员在此日期没有尚未结束的就业登记；请核对日期，或先报送就业登记。",
            "No employment of the person is left that began by that day; check the day, or have its start recorded.",
        )


@RULES.invariant(TrainingProvided, number="HRS-05.1")
def a_course_takes_time(event: TrainingProvided) -> Iterator[Fault]:
    """Refuse a course of no hour."""
    if event.hours <= 0:
        yield Fault("nothing_taught", "/data/hours", "培训学时须大于 0。", "The hours of training must be more than 0.")


@RULES.flag(StartupSupportDecided, number="HRS-06.1")
def what_was_applied_for_is_decided(event: StartupSupportDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision on another scheme than was applied for last in the process."""
    applied = newest(past, EmploymentSupportApplied, same="process")
    if applied and event.scheme not in {None, applied.scheme}:
        yield flag("differs_from_application", "/data/scheme")


def _too_young(day: date, past: Past) -> Iterator[Fault]:
    born = past.born(past.subject or "")
    if born is not None and (born > day or age_on(day, born) < WORKING_AGE):
        zh = f"该人员在此日期未满 {WORKING_AGE} 周岁；请核对人员和日期。"
        en = f"The person is younger than {WORKING_AGE} on that day; check the person and the day."
        yield Fault("outside_age", "/subject", zh, en)


def _too_many(ends: Sequence[date], starts: Sequence[date]) -> int:
    """Count the ends, in the order of their days, for which no start is left on or before their day."""
    found = 0
    for before, end in enumerate(sorted(ends)):
        found += sum(start <= end for start in starts) <= before
    return found
