"""Which event in a person's care may follow which, and what none of them may contain."""

from calendar import monthrange
from collections.abc import Iterator

from services.disability_federation.care.events import (
    CareServiceApplied,
    CareServiceDecided,
    CareServiceEnded,
    CareServiceReported,
    CareServiceStarted,
)
from services.disability_federation.granting import APPROVED
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past

RULES.after(CareServiceDecided, CareServiceApplied, same="process", number="CARE-02.a")
RULES.after(CareServiceStarted, CareServiceDecided, same="process", number="CARE-03.a")
RULES.after(CareServiceReported, CareServiceStarted, same="process", number="CARE-04.a")
RULES.after(CareServiceEnded, CareServiceStarted, same="process", number="CARE-05.a")

RULES.distinct(CareServiceApplied, "contents", code="code_named_twice", number="CARE-01.1")
RULES.given(CareServiceDecided, "setting", when=("decision", APPROVED), code="setting_missing", number="CARE-02.1")


@RULES.invariant(CareServiceStarted, number="CARE-03.2")
def care_starts_once(_: CareServiceStarted, past: Past) -> Iterator[Fault]:
    """Refuse a second start of the same process."""
    if past.events(CareServiceStarted, same="process"):
        zh = "本办件的托养已经开始；开始情况有误的，请报送更正。"
        en = "The care of this process has started already; if that is wrong, send a correction."
        yield Fault("already_started", "/process", zh, en)


@RULES.invariant(CareServiceReported, number="CARE-04.1")
def a_month_has_so_many_days(event: CareServiceReported) -> Iterator[Fault]:
    """Refuse more days of care than the month has."""
    year, month = (int(part) for part in event.month.split("-"))
    days = monthrange(year, month)[1]
    if event.days > days:
        zh, en = f"该月只有 {days} 天。", f"This month has only {days} days."
        yield Fault("too_many_days", "/data/days", zh, en)


@RULES.invariant(CareServiceReported, number="CARE-04.2")
def a_month_lies_within_the_care(event: CareServiceReported, past: Past) -> Iterator[Fault]:
    """Refuse a month before the care started, or after it ended."""
    starts = past.events(CareServiceStarted, same="process")
    ends = past.events(CareServiceEnded, same="process")
    early = any(event.month < str(one.event.started_on)[:7] for one in starts)
    late = any(event.month > str(one.event.ended_on)[:7] for one in ends)
    if early or late:
        zh = "月份不在托养起止日期之内；请核对月份。"
        en = "The month lies before the care started or after it ended; check the month."
        yield Fault("month_outside_service", "/data/month", zh, en)


@RULES.invariant(CareServiceEnded, number="CARE-05.1")
def care_ends_once_and_after_it_started(event: CareServiceEnded, past: Past) -> Iterator[Fault]:
    """Refuse a second end of the same process, and an end before the start."""
    if past.events(CareServiceEnded, same="process"):
        zh = "本办件的托养已经结束；结束情况有误的，请报送更正。"
        en = "The care of this process has ended already; if that is wrong, send a correction."
        yield Fault("already_ended", "/process", zh, en)
    if any(event.ended_on < one.event.started_on for one in past.events(CareServiceStarted, same="process")):
        zh, en = "结束日期不得早于开始日期。", "The care must not end before it started."
        yield Fault("already_ended", "/data/ended_on", zh, en)
