"""Education: found, assessed, placed, enrolled, with plans, support, absences, transfers, and the end of school."""

from datetime import date, timedelta

from services.city import calibration
from services.city.life import Life
from services.city.money import paid
from services.city.people import drawn
from services.city.places import Organisation, centre, place, school
from services.city.story import money

EDU = "education"
AGES = range(6, 16)


def schooling(life: Life) -> None:
    """A child of school age, or of kindergarten age, is placed; most of them with a plan of their own."""
    story, child = life.story, life.child
    year = life.opened.year if life.opened.month < 9 else life.opened.year + 1
    start = date(year, 9, 1)
    age = child.age(date(year, 8, 31))
    if age in range(3, 6):
        _kindergarten(life, year)
        return
    if age not in AGES or not story.chance(calibration.ENROLLED):
        return
    registered = min(life.soon(10, 60), date(year, 6, 20))
    registered = max(registered, life.opened)
    story.tell(
        f"{EDU}.school_age_child_registered", registered, child,
        school_year=year, source=story.rng.choice(("match", "survey")), current_status="未入学" if age < 8 else "在读",
        stage="COMP",
    )
    mode = drawn(story.rng, calibration.MODES)
    if life.in_training and mode == "HOME" and story.chance(0.5):
        mode = "MEDEDU"
    assessed = story.after(registered, 10, 40)
    story.tell(
        f"{EDU}.education_needs_assessed", assessed, child,
        assessed_on=assessed, committee=f"{place(life.county)}残疾人教育专家委员会", recommended_mode=mode,
        report_doc=life.document("教育评估"),
    )
    decided = story.after(assessed, 7, 30)
    begins = max(start, decided)
    process = life.process("PL", 1)
    at = school(life.county, "SPEC" if mode == "SPEC" else "INCL")
    if story.chance(0.05) and mode in {"INCL", "HOME"}:
        process, decided = _disputed(life, process, mode, at, begins, decided)
        begins = max(begins, decided)
    else:
        _placed(life, process, mode, at, begins, decided)
    if age == 6 and story.chance(0.05):
        return
    enrolled = max(story.after(begins, 0, 3), decided)
    story.tell(
        f"{EDU}.student_enrolled", enrolled, child,
        school=at, student_no=f"G{child.number}", enrolled_on=enrolled, mode=mode,
        grade_class=f"{age - 5}年级" if mode in {"INCL", "SPEC"} and age < 15 else None,
    )
    _at_school(life, mode, at, enrolled)


def _placed(
    life: Life, process: str, mode: str, at: Organisation, begins: date, on: date, supersedes: str | None = None
) -> None:
    life.story.tell(
        f"{EDU}.education_placement_decided", on, life.child, process,
        mode=mode, school=at, from_date=begins, plan_doc=life.document("一人一案"), supersedes=supersedes,
    )


def _disputed(life: Life, process: str, mode: str, at: Organisation, begins: date, on: date) -> tuple[str, date]:
    """The first placement was another one; the parents object, and it is decided anew."""
    story = life.story
    story.tell(
        f"{EDU}.education_placement_decided", on, life.child, process,
        mode="SPEC", school=school(life.county, "SPEC"), from_date=begins, plan_doc=life.document("一人一案"),
        reason="就近学校暂无资源教室。",
    )
    filed = story.after(on, 2, 8)
    story.tell(
        f"{EDU}.education_placement_disputed", filed, life.child, process,
        filed_by=life.family.parent, filed_on=filed, claim="要求按评估建议安置。",
    )
    reviewed = story.after(filed, 7, 20)
    story.tell(
        f"{EDU}.education_placement_reviewed", reviewed, life.child, process,
        reviewed_on=reviewed, outcome="changed", new_mode=mode,
    )
    again, anew = story.after(reviewed, 1, 6), life.process("PL", 2)
    _placed(life, anew, mode, at, max(begins, again), again, supersedes=process)
    return anew, again


def _at_school(life: Life, mode: str, at: Organisation, enrolled: date) -> None:
    story, child = life.story, life.child
    if mode in {"INCL", "SPEC"} or story.chance(0.5):
        planned = story.after(enrolled, 15, 40)
        story.tell(
            f"{EDU}.education_plan_made", planned, child,
            plan_year=planned.year, goals_doc=life.document("个别化教育计划"), parent_signed=story.chance(0.95),
            review_due=planned + timedelta(days=365), support_hours="4" if mode == "INCL" else None,
        )
    if mode == "INCL":
        for service in story.rng.sample(("巡回指导", "资源教室训练", "辅具支持"), story.rng.randint(1, 3)):
            served = story.after(enrolled, 20, 250)
            story.tell(
                f"{EDU}.resource_support_provided", served, child,
                served_on=served, service=service, hours="2",
            )
    if mode in {"HOME", "MEDEDU"}:
        taught = story.after(enrolled, 7, 14)
        for _ in range(story.rng.randint(4, 8)):
            if mode == "HOME":
                story.tell(
                    f"{EDU}.home_teaching_delivered", taught, child, _late=life.late(),
                    taught_on=taught, hours="3", teachers=2, parent_signed=True,
                )
            else:
                story.tell(
                    f"{EDU}.centre_teaching_delivered", taught, child,
                    taught_on=taught, hours="3", institution=centre(life.county), teachers=1, parent_signed=True,
                )
            taught = story.after(taught, 14, 35)
    if story.chance(0.4):
        granted = story.after(enrolled, 40, 90)
        story.tell(
            f"{EDU}.student_aid_granted", granted, child,
            school_year=enrolled.year, kind="生活费补助", amount=money(1250), fund="county",
        )
        paid(life, child, "EDUAID", 1250, story.after(granted, 10, 30), "county", life.process("EA", enrolled.year))
    if mode in {"INCL", "SPEC"} and story.chance(0.05):
        reported = story.after(enrolled, 40, 160)
        story.tell(
            f"{EDU}.student_absence_reported", reported, child,
            reported_on=reported, days_absent=story.rng.randint(7, 20), reason="住院治疗。",
        )
        resolved = story.after(reported, 5, 30)
        story.tell(f"{EDU}.student_absence_resolved", resolved, child, resolved_on=resolved, outcome="returned")
    if life.move and life.move[1] > enrolled:
        on = story.after(life.move[1], 10, 40)
        story.tell(
            f"{EDU}.student_transferred", on, child, _division=life.move[2],
            from_school=at, to_school=school(life.move[2], "SPEC" if mode == "SPEC" else "INCL"), transferred_on=on,
        )
    leaves = date(2026, 6, 26)
    if child.age(date(2026, 8, 31)) >= 15 and enrolled < leaves and mode != "HOME":
        story.tell(
            f"{EDU}.compulsory_education_completed", leaves, child,
            completed_on=leaves, next_path=story.rng.choice(("中等职业学校", "特教高中", "在家")),
        )


def _kindergarten(life: Life, year: int) -> None:
    story, child = life.story, life.child
    if not story.chance(0.6):
        return
    on = max(min(life.soon(15, 70), date(year, 7, 10)), life.opened)
    story.tell(
        f"{EDU}.school_age_child_registered", on, child,
        school_year=year, source="survey", current_status="未入园", stage="KG",
    )
    if not story.chance(0.5):
        return
    assessed = story.after(on, 10, 30)
    story.tell(
        f"{EDU}.education_needs_assessed", assessed, child,
        assessed_on=assessed, committee=f"{place(life.county)}残疾人教育专家委员会", recommended_mode="INCLKG",
        report_doc=life.document("教育评估"),
    )
    decided = story.after(assessed, 7, 20)
    at = school(life.county, "INCLKG")
    begins = max(date(year, 9, 1), decided)
    _placed(life, life.process("PL", 1), "INCLKG", at, begins, decided)
    enrolled = story.after(begins, 0, 3)
    story.tell(
        f"{EDU}.student_enrolled", enrolled, child,
        school=at, student_no=f"G{child.number}", enrolled_on=enrolled, mode="INCLKG",
    )
