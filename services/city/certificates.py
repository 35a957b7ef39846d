"""Disability certificates: old ones imported, new ones applied for and assessed, and what becomes of them."""

from datetime import date, timedelta

from services.city import calibration
from services.city.life import Life
from services.city.people import Person, drawn
from services.city.places import hospital
from services.city.story import years_later


def child(life: Life) -> date:
    """The child has a certificate already, or applies for one; return since when it counts."""
    story, one = life.story, life.child
    category, grade = calibration.CERTIFIED_AS[life.family.category], life.family.grade
    components = None
    if story.chance(calibration.MULTIPLE) and category != "5":
        components = [{"category": category, "grade": grade}, {"category": "5", "grade": str(min(int(grade) + 1, 4))}]
        category = "7"
    if one.age(life.opened) >= 5 and story.chance(0.55):
        return _imported(life, one, category, grade, components)
    process, applied = life.process("CT"), life.soon(10, 60)
    story.tell(
        "disability_certificate_applied", applied, one, process, apply_kind="first", applied_by=life.family.parent
    )
    assessed = story.after(applied, 4, 15)
    story.tell(
        "disability_assessed", assessed, one, process,
        category=category, grade=grade, components=components, hospital=hospital(), assessed_on=assessed,
        meets_standard=True,
    )
    if story.chance(0.03):
        filed = story.after(assessed, 3, 10)
        story.tell("disability_assessment_disputed", filed, one, process, level="city", filed_on=filed)
        assessed = story.after(filed, 10, 20)
        story.tell(
            "disability_assessed", assessed, one, process,
            category=category, grade=grade, components=components, hospital=hospital(), assessed_on=assessed,
            meets_standard=True,
        )
    issued = story.after(assessed, 5, 20)
    _issued(life, one, process, category, grade, components, issued)
    life.certified, life.certified_for = issued, category
    _later(life, category, grade, issued, components)
    return issued


def adult(life: Life) -> None:
    """A parent with a certificate of years ago."""
    parent = life.family.disabled_adult
    if parent and life.basis in {"multi", "both"}:
        life.adult_category = life.story.rng.choice("1244")
        _imported(life, parent, life.adult_category, drawn(life.story.rng, calibration.GRADES), None)


def _issued(
    life: Life, who: Person, process: str | None, category: str, grade: str,
    components: list[dict[str, str]] | None, on: date, recorded: date | None = None,
) -> None:
    life.story.tell(
        "disability_certificate_issued", on, who, process, _recorded=recorded, _legacy=recorded is not None,
        cert_no=f"{who.number}{category}{grade}", category=category, grade=grade, components=components, issued_on=on,
        valid_to=years_later(on, 10), issuer=f"{calibration.COUNTIES[life.county][0]}残联",
    )


def _imported(life: Life, who: Person, category: str, grade: str, components: list[dict[str, str]] | None) -> date:
    story = life.story
    recorded = life.soon(1, 10)
    years = story.rng.randint(1, 8)
    issued = max(life.opened - timedelta(days=365 * years + story.rng.randint(0, 300)), who.born + timedelta(days=900))
    if story.chance(0.08):  # it runs out within the time, and is renewed in its last year
        issued = years_later(life.opened, -10) + timedelta(days=story.rng.randint(60, 300))
        issued = max(issued, who.born + timedelta(days=400))
    _issued(life, who, None, category, grade, components, issued, recorded)
    runs_out = years_later(issued, 10)
    if who is life.child:
        life.certified = recorded
        life.certified_for = category
    if runs_out <= life.end:
        process, on = life.process("CTR"), story.after(runs_out - timedelta(days=120), 0, 80)
        on = max(on, recorded)
        story.tell(
            "disability_certificate_applied", on, who, process, apply_kind="renew", applied_by=life.family.parent
        )
        renewed = story.after(on, 5, 20)
        story.tell(
            "disability_certificate_renewed", renewed, who, process,
            cert_no=f"{who.number}{category}{grade}", category=category, grade=grade, components=components,
            issued_on=renewed, valid_to=years_later(renewed, 10),
        )
    elif who is life.child:
        _later(life, category, grade, recorded, components)
    return recorded


def _later(life: Life, category: str, grade: str, since: date, components: list[dict[str, str]] | None) -> None:
    """What becomes of a certificate: lost, frozen, changed, given up."""
    story, one = life.story, life.child
    turn = story.rng.random()
    on = story.after(since, 90, 260)
    if turn < 0.03:
        story.tell(
            "disability_certificate_reissued", on, one,
            cert_no=f"{one.number}{category}{grade}B1", reissue_seq=1, reason="遗失补发", issued_on=on,
        )
    elif turn < 0.05:
        story.tell("disability_certificate_frozen", on, one, reason="到期核查未到场", frozen_on=on)
        back = story.after(on, 10, 60)
        story.tell("disability_certificate_unfrozen", back, one, unfrozen_on=back)
    elif turn < 0.07 and grade in "123" and not components:
        milder = str(int(grade) + 1)
        story.tell(
            "disability_grade_changed", on, one,
            cert_no=f"{one.number}{category}{milder}", old_category=category, old_grade=grade, category=category,
            grade=milder, effective_on=on,
        )
    elif turn > 0.8 and life.basis is None:
        story.tell("disability_certificate_cancelled", on, one, reason="经康复不再符合残疾标准", cancelled_on=on)
