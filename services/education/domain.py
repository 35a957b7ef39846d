"""Which event of the Education Bureau may follow which, and what none of them may contain."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from services.education.events import (
    CentreTeachingDelivered,
    CompulsoryEducationCompleted,
    EducationNeedsAssessed,
    EducationPlacementDecided,
    EducationPlacementDisputed,
    EducationPlacementReviewed,
    EducationPlanMade,
    HomeTeachingDelivered,
    ResourceSupportProvided,
    SchoolAgeChildRegistered,
    SchoolTermAnnounced,
    StudentAbsenceReported,
    StudentAbsenceResolved,
    StudentAidGranted,
    StudentEnrolled,
    StudentTransferred,
)
from shared.errors import Fault
from shared.language.rules import Past, Rules, age_on, flag, newest

TAUGHT_OUTSIDE_SCHOOL = ("HOME", "MEDEDU")
"""Modes in which the child is elsewhere, and a school still holds the student record 学籍."""
IN_ORDINARY_SCHOOL = ("INCL", "INCLKG", "SPECCLASS")
"""Modes in which a resource room or a visiting teacher supports the child."""
COMPULSORY = range(6, 16)
"""The ages of compulsory schooling on 31 August of the school year (义务教育法 art. 2, 11)."""
KINDERGARTEN = range(3, 7)
"""The ages of kindergarten on that day."""

RULES = Rules()
RULES.after(EducationPlacementDecided, EducationNeedsAssessed, same="person", number="EDU-03.a")
RULES.after(EducationPlacementDisputed, EducationPlacementDecided, same="process", number="EDU-04.a")
RULES.after(EducationPlacementReviewed, EducationPlacementDisputed, same="process", number="EDU-05.a")
RULES.after(StudentEnrolled, EducationPlacementDecided, same="person", number="EDU-06.a")
RULES.after(EducationPlanMade, StudentEnrolled, same="person", number="EDU-07.a")
RULES.after(HomeTeachingDelivered, EducationPlacementDecided, same="person", number="EDU-08.a")
RULES.after(StudentTransferred, StudentEnrolled, same="person", number="EDU-09.a")
RULES.after(CompulsoryEducationCompleted, StudentEnrolled, same="person", number="EDU-11.a")
RULES.after(StudentAidGranted, StudentEnrolled, same="person", number="EDU-12.a")
RULES.after(ResourceSupportProvided, StudentEnrolled, same="person", number="EDU-13.a")
RULES.after(StudentAbsenceResolved, StudentAbsenceReported, same="person", number="EDU-14.a")
RULES.after(CentreTeachingDelivered, EducationPlacementDecided, same="person", number="EDU-16.a")

RULES.given(
    EducationPlacementDecided, "defer_until", when=("mode", "DEFER"), code="deferral_without_end", number="EDU-03.1"
)
RULES.given(
    EducationPlacementDecided, "reason", when=("mode", "DEFER"), code="deferral_without_reason", number="EDU-03.2"
)
RULES.given(
    EducationPlacementDecided,
    "school",
    when=("mode", *TAUGHT_OUTSIDE_SCHOOL),
    code="school_missing",
    number="EDU-03.4",
)
RULES.given(
    EducationPlacementReviewed, "new_mode", when=("outcome", "changed"), code="new_mode_missing", number="EDU-05.1"
)
RULES.not_before(
    EducationPlacementReviewed, "reviewed_on", "filed_on", of=EducationPlacementDisputed, number="EDU-05.2"
)
RULES.declared(StudentEnrolled, "student_no", number="EDU-06.1")
RULES.not_before(EducationPlanMade, "review_due", "plan_year", number="EDU-07.1")
RULES.not_before(SchoolTermAnnounced, "ends_on", "starts_on", strictly=True, number="EDU-17.1")


@RULES.flag(SchoolAgeChildRegistered, number="EDU-01.1")
def a_child_of_school_age_is_registered(event: SchoolAgeChildRegistered, past: Past) -> Iterator[Fault]:
    """Flag a child who is registered for compulsory schooling and not of its age (6 to 15) in the school year."""
    if event.stage in {None, "COMP"}:
        yield from _outside(COMPULSORY, event, past)


@RULES.flag(SchoolAgeChildRegistered, number="EDU-01.2")
def a_child_of_kindergarten_age_is_registered(event: SchoolAgeChildRegistered, past: Past) -> Iterator[Fault]:
    """Flag a child who is registered for kindergarten and not of its age (3 to 6) in the school year."""
    if event.stage == "KG":
        yield from _outside(KINDERGARTEN, event, past)


@RULES.invariant(EducationPlacementDecided, number="EDU-03.1")
def a_deferral_ends_after_it_began(event: EducationPlacementDecided) -> Iterator[Fault]:
    """Refuse a deferral that ends before it begins."""
    if event.mode == "DEFER" and event.defer_until is not None and event.defer_until < event.from_date:
        zh, en = "暂缓期限不得早于起始日期。", "A deferral must not end before it begins."
        yield Fault("deferral_without_end", "/data/defer_until", zh, en)


@RULES.invariant(EducationPlacementDecided, number="EDU-03.3")
def nobody_is_exempted(event: EducationPlacementDecided) -> Iterator[Fault]:
    """Refuse to release a child from compulsory schooling (零拒绝)."""
    if event.mode == "EXEMPT":
        zh = "不得决定免予入学；确有困难的可暂缓入学。"
        en = "A child cannot be exempted from schooling; a deferral is possible."
        yield Fault("exemption_not_allowed", "/data/mode", zh, en)


@RULES.flag(EducationPlacementDecided, number="EDU-03.5")
def what_is_replaced_is_on_record(event: EducationPlacementDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision that replaces one of a process without a decision."""
    known = past.events(EducationPlacementDecided, same="person")
    if event.supersedes is not None and all(one.process != event.supersedes for one in known):
        yield flag("reference_unknown", "/data/supersedes")


@RULES.flag(EducationPlacementDecided, number="EDU-03.6")
def a_departure_from_the_experts_has_a_reason(event: EducationPlacementDecided, past: Past) -> Iterator[Fault]:
    """Flag another mode than the experts recommended last, without a reason."""
    assessed = newest(past, EducationNeedsAssessed, same="person")
    if assessed and event.mode != assessed.recommended_mode and event.reason is None:
        yield flag("against_recommendation", "/data/reason")


@RULES.flag(StudentEnrolled, number="EDU-06.2")
def a_child_is_taught_as_was_decided(event: StudentEnrolled, past: Past) -> Iterator[Fault]:
    """Flag an enrolment in another mode than the placement that is in force on the day."""
    placement = _placement(past, event.enrolled_on)
    if placement and placement.mode != event.mode:
        yield flag("differs_from_placement", "/data/mode")


@RULES.flag(StudentEnrolled, number="EDU-06.3")
def a_child_is_enrolled_once(_: StudentEnrolled, past: Past) -> Iterator[Fault]:
    """Flag a second enrolment without a transfer, or the end of compulsory schooling, in between."""
    last: Any = newest(past, StudentEnrolled, StudentTransferred, CompulsoryEducationCompleted, same="person")
    if isinstance(last, StudentEnrolled):
        yield flag("already_enrolled", "/subject")


@RULES.invariant(HomeTeachingDelivered, number="EDU-08.1")
def who_is_taught_at_home_is_placed_there(event: HomeTeachingDelivered, past: Past) -> Iterator[Fault]:
    """Refuse teaching at home on a day on which the child is placed elsewhere, or nowhere yet."""
    if not _is_placed(past, event.taught_on, "HOME"):
        yield Fault(
            "placement_not_home",
            "/data/taught_on",
            "授课日期有效的安置决定不是送教上门；请核对日期，或先登记安置决定。",
            "The placement in force on that day is not teaching at home; "
            "check the day, or have the placement recorded.",
        )


@RULES.invariant(CentreTeachingDelivered, number="EDU-16.1")
def who_is_taught_in_a_centre_is_placed_there(event: CentreTeachingDelivered, past: Past) -> Iterator[Fault]:
    """Refuse teaching in a rehabilitation centre on a day on which the child is placed elsewhere, or nowhere yet."""
    if not _is_placed(past, event.taught_on, "MEDEDU"):
        yield Fault(
            "placement_not_mededu",
            "/data/taught_on",
            "授课日期有效的安置决定不是康复机构医教结合；请核对日期，或先登记安置决定。",
            "The placement in force on that day is not teaching in a rehabilitation centre; "
            "check the day, or have the placement recorded.",
        )


@RULES.invariant(HomeTeachingDelivered, CentreTeachingDelivered, number=("EDU-08.2", "EDU-16.2"))
def somebody_taught_for_some_time(event: HomeTeachingDelivered | CentreTeachingDelivered) -> Iterator[Fault]:
    """Refuse teaching that took no time, or that nobody gave."""
    if event.hours <= 0:
        yield Fault("nothing_taught", "/data/hours", "课时须大于 0。", "The hours taught must be more than 0.")
    if event.teachers < 1:
        yield Fault("nothing_taught", "/data/teachers", "教师人数须至少为 1。", "At least one teacher must teach.")


@RULES.invariant(StudentTransferred, number="EDU-09.1")
def a_transfer_changes_something(event: StudentTransferred) -> Iterator[Fault]:
    """Refuse a transfer in which neither the school nor the student number is another one."""
    if event.from_school == event.to_school and event.student_no is None:
        zh = "转出与转入学校相同，且未变更学籍号。"
        en = "Both schools are the same and no student number is given: nothing changes."
        yield Fault("nothing_changed", "/data/to_school", zh, en)


@RULES.flag(StudentTransferred, number="EDU-09.2")
def a_transfer_leaves_the_school_on_record(event: StudentTransferred, past: Past) -> Iterator[Fault]:
    """Flag a transfer from another school than the one where the child is enrolled."""
    last: Any = newest(past, StudentEnrolled, StudentTransferred, same="person")
    known = last.school if isinstance(last, StudentEnrolled) else last and last.to_school
    if known not in {None, event.from_school}:
        yield flag("differs_from_record", "/data/from_school")


@RULES.invariant(StudentAbsenceReported, number="EDU-10.1")
def an_absence_lasts_a_day(event: StudentAbsenceReported) -> Iterator[Fault]:
    """Refuse an absence of no day."""
    if event.days_absent < 1:
        zh, en = "缺课天数须至少为 1。", "The child must have been absent for at least one day."
        yield Fault("nothing_absent", "/data/days_absent", zh, en)


@RULES.flag(ResourceSupportProvided, number="EDU-13.1")
def support_is_for_who_learns_in_an_ordinary_school(event: ResourceSupportProvided, past: Past) -> Iterator[Fault]:
    """Flag support of a child who, by the placement or enrolment that began last, is not in an ordinary school."""
    if _mode(past, event.served_on) not in IN_ORDINARY_SCHOOL:
        yield flag("differs_from_placement", "/data/served_on")


@RULES.invariant(StudentAbsenceResolved, number="EDU-14.1")
def an_absence_ends_once(event: StudentAbsenceResolved, past: Past) -> Iterator[Fault]:
    """Refuse the end of an absence that was not reported by then, or that has ended already."""
    reports = [one.event.reported_on for one in past.events(StudentAbsenceReported, same="person")]
    ends = [one.event.resolved_on for one in past.events(StudentAbsenceResolved, same="person")]
    if reports and _idle(reports, [*ends, event.resolved_on]) > _idle(reports, ends):
        yield Fault(
            "nothing_to_end",
            "/data/resolved_on",
            "该学生在此日期没有尚未解除的疑似失学报告；请核对日期，或先报送疑似失学报告。",
            "No absence of the child is open on that day; check the day, or have the absence reported first.",
        )


@RULES.invariant(SchoolTermAnnounced, number="EDU-17.2")
def terms_follow_one_another(event: SchoolTermAnnounced, past: Past) -> Iterator[Fault]:
    """Refuse a term that overlaps another one of the same place."""
    for one in past.events(SchoolTermAnnounced, same="anywhere"):
        same_place = (one.event.division or one.division) == (event.division or past.division)
        if same_place and one.event.starts_on <= event.ends_on and event.starts_on <= one.event.ends_on:
            yield Fault(
                "period_overlaps",
                "/data/starts_on",
                f"与同一地区已公布的学期（事件 {one.id}）日期重叠；原记录有误的，请报送更正。",
                f"This overlaps a term of the same place (event {one.id}); if that is wrong, send a correction.",
            )
            return


def _outside(ages: range, event: SchoolAgeChildRegistered, past: Past) -> Iterator[Fault]:
    born, day = past.born(past.subject or ""), date(event.school_year, 8, 31)
    if born is not None and (born > day or age_on(day, born) not in ages):
        yield flag("outside_age", "/subject")


def _placement(past: Past, day: date) -> EducationPlacementDecided | None:
    """Return the placement in force on a day: of those that have begun, the one that began last."""
    known = [one.event for one in past.events(EducationPlacementDecided, same="person", before=True)]
    begun = sorted((one for one in known if one.from_date <= day), key=lambda one: one.from_date)
    return begun[-1] if begun else None


def _is_placed(past: Past, day: date, mode: str) -> bool:
    """Whether the child is placed so on a day. Without any decision on record, that is refused instead."""
    placement = _placement(past, day)
    return placement.mode == mode if placement else not past.events(EducationPlacementDecided, same="person")


def _mode(past: Past, day: date) -> str | None:
    """Return how the child learns on a day: by the placement or enrolment that began last."""
    known = past.events(EducationPlacementDecided, StudentEnrolled, same="person", before=True)
    begun = sorted((pair for pair in map(_began, known) if pair[0] <= day), key=lambda pair: pair[0])
    return begun[-1][1] if begun else None


def _began(one: Any) -> tuple[date, str]:
    event = one.event
    return (event.enrolled_on if isinstance(event, StudentEnrolled) else event.from_date), event.mode


def _idle(reports: Sequence[date], ends: Sequence[date]) -> int:
    """Count the ends, in the order of their days, before which nothing was reported since the end before."""
    found, previous = 0, date.min
    for end in sorted(ends):
        found += not any(previous < reported <= end for reported in reports)
        previous = end
    return found
