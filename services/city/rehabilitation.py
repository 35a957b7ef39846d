"""Rehabilitation: diagnosis, training aid year by year with its months and bills, own costs, cochlear implants."""

from datetime import date, timedelta

from services.city import calibration
from services.city.life import Life
from services.city.money import paid
from services.city.places import CENTRES, Organisation, centre, hospital, short
from services.city.story import first_of, money, month, months

SEVERITIES = {
    "HEA": "双耳平均听力损失大于90分贝",
    "VIS": "矫正视力0.05",
    "PHY": "双下肢肌张力增高",
    "INT": "发育商低于50",
}
TOOLS = {"AUT": "孤独症治疗评估量表", "PHY": "粗大运动功能测量", "HEA": "听觉言语能力评估", "INT": "发育商评估"}


def diagnosis(life: Life) -> None:
    """A hospital found out what the child has."""
    story, child = life.story, life.child
    if child.age(life.opened) >= 7 and not story.chance(0.3):
        return
    on = life.soon(2, 14)
    level = "3A" if story.chance(0.8) else "3B"
    story.tell(
        "diagnosis_reported", on, child,
        category=life.family.category, severity=SEVERITIES.get(life.family.category), hospital=hospital(level),
        hospital_level=level, reported_on=on, recommend_rehab=True, doc=life.document("诊断"),
    )


def training(life: Life) -> None:
    """Training aid of each year: applied for, decided, begun at a centre, month by month until it ends."""
    story, child = life.story, life.child
    if not story.chance(calibration.IN_AID):
        return
    which = story.rng.randrange(CENTRES)
    begun = life.soon(15, 70)
    for year in range(begun.year, calibration.LAST.year + 1):
        on = begun if year == begun.year else story.after(date(year, 1, 5), 0, 40)
        if child.age(on + timedelta(days=30)) >= 16 or on.month > 10 or not life.within(on, 30):
            continue
        if not _year(life, on, year, which):
            return


def _year(life: Life, on: date, year: int, which: int) -> bool:
    """Tell a year of aid; return whether there may be another one."""
    story, child, category = life.story, life.child, life.family.category
    process = life.process("RA", year)
    story.tell(
        "rehab_aid_applied", on, child, process,
        items=["TRAIN"] if story.chance(0.85) else ["TRAIN", "ASSESS"], category=category,
        applied_by=life.family.parent, aid_year=year,
    )
    decided = story.after(on, 4, 16)
    if story.chance(0.04):
        story.tell(
            "rehab_aid_decided", decided, child, process,
            decision="refused", refuse_reason=story.rng.choice(("document", "hukou", "duplicate")),
        )
        return False
    aid_to = date(year, 12, 31)
    story.tell(
        "rehab_aid_decided", decided, child, process,
        decision="approved", items=["TRAIN"], category=category, aid_from=decided, aid_to=aid_to,
        annual_limit=money(calibration.ANNUAL_LIMIT), fund="province" if story.chance(0.5) else None,
    )
    started = story.after(decided, 5, 35)
    if started >= aid_to - timedelta(days=20) or not life.within(started):
        return True
    life.in_training = True
    at = centre(story.where(started), which)
    story.tell(
        "rehab_started", started, child, process,
        institution=at, mode=story.rng.choice(("FULL", "FULL", "PART")), started_on=started,
        agreement_doc=life.document("训练协议"),
    )
    assessed = story.after(started, 3, 20)
    tool = TOOLS.get(category, "功能评估表")
    story.tell("rehab_assessed", assessed, child, process, stage="initial", tool=tool, result="已建立训练目标。")
    paused = story.after(started, 70, 100) if story.chance(0.07) else None
    resumed = story.after(paused, 40, 75) if paused else None
    ended, reason = aid_to, "period"
    if story.chance(0.05):
        ended, reason = story.after(started, 100, 160), story.rng.choice(("voluntary", "goal"))
        ended = min(ended, aid_to)
    at = _changed(life, process, started, at, ended)
    if paused and resumed and resumed < ended:
        story.tell(
            "rehab_interrupted", paused, child, process,
            reason="孩子住院治疗。", from_date=paused, expected_resume=paused + timedelta(days=45),
        )
        story.tell("rehab_resumed", resumed, child, process, resumed_on=resumed)
    else:
        paused = resumed = None
    aided, own = _months(life, process, started, ended, (paused, resumed))
    story.tell(
        "rehab_assessed", min(ended, story.after(started, 80, 150)), child, process,
        stage="mid", tool=tool, result="较初次有进步。",
    )
    story.tell("rehab_ended", ended, child, process, reason=reason, ended_on=ended, outcome="按计划完成本年度训练。")
    _bills(life, process, aided)
    if own > 600 and story.chance(0.5):
        _own_costs(life, year, started, ended, own)
    return reason == "period"


def _changed(life: Life, process: str, started: date, at: Organisation, ended: date) -> Organisation:
    """Go on at another centre after a move or a wish."""
    story = life.story
    on: date | None = None
    new = at
    if life.move and started < life.move[1] < ended:
        on, new = story.after(life.move[1], 6, 20), centre(life.move[2])
    elif story.chance(0.03):
        on = story.after(started, 50, 110)
        new = next(one for one in (centre(life.county, 0), centre(life.county, 1)) if one != at)
    if on is None or on >= ended:
        return at
    story.tell(
        "rehab_institution_changed", on, life.child, process,
        old_institution=at, new_institution=new, cross_county=bool(life.move),
        approved_by=f"{short(life.county)}残联", from_date=on,
    )
    return new


def _months(
    life: Life, process: str, started: date, ended: date, pause: tuple[date | None, date | None]
) -> tuple[dict[str, int], int]:
    """Tell each month's training; return what aid paid by month, and what the family paid."""
    story = life.story
    aided: dict[str, int] = {}
    own = 0
    left = calibration.ANNUAL_LIMIT
    for period in months(month(started), month(ended)):
        first = first_of(period)
        if pause[0] and pause[1] and month(pause[0]) < period < month(pause[1]):
            continue
        on = story.after(first_of(month(first, 1)), 1, 6)
        if not life.within(on):
            break
        sessions = story.rng.randint(10, 22)
        share = min(story.rng.choice((1260, 1480, 1580)), left)
        left -= share
        insurance = 120 if story.chance(0.15) else 0
        cost = share + insurance + story.rng.choice((0, 0, 200, 480, 820))
        late = life.late()
        story.tell(
            "rehab_month_reported", on, life.child, process, _late=late,
            month=period, sessions=sessions, hours=str(sessions * 2), absent_days=story.rng.choice((None, 1, 2)),
            fee_total=money(cost), fee_aided=money(share), fee_self=money(cost - share - insurance),
            fee_insurance=money(insurance) if insurance else None,
        )
        aided[period], own = share, own + cost - share - insurance
        if story.chance(0.5):
            day = story.after(on, 8, 16)
            paid(life, life.child, "FAMLIV", calibration.FAMILY_ALLOWANCE, day, "province", process, period=period)
    return aided, own


def _bills(life: Life, process: str, aided: dict[str, int]) -> None:
    """The centre's bill for the months that were reported."""
    if len(aided) < 2:
        return
    story = life.story
    since, until = min(aided), max(aided)
    told = [one.event for one in story.told if one.event.get("process") == process]
    begun = next((one for one in told if one["type"].endswith("rehab_started")), None)
    if begun is None or any(one["type"].endswith("rehab_institution_changed") for one in told):
        return
    at = begun["data"]["institution"]
    reported = max(one.recorded for one in story.told if one.event.get("process") == process)
    on = max(story.after(first_of(month(first_of(until), 2)), 3, 15), story.after(reported, 1, 5))
    story.tell(
        "rehab_fees_settled", on, life.child, process,
        institution=at, period_from=since, period_to=until, amount=money(sum(aided.values())), fund="province",
    )


def _own_costs(life: Life, year: int, started: date, ended: date, own: int) -> None:
    story, child = life.story, life.child
    on = story.after(min(ended, calibration.LAST), 8, 30)
    process = life.process("SP", year)
    story.tell(
        "self_paid_subsidy_applied", on, child, process,
        period_from=started, period_to=ended, self_paid=money(own), includes_device=False,
        invoices_doc=life.document("票据", f"-{year}"),
    )
    decided = story.after(on, 6, 24)
    if life.recognised is None:
        story.tell("self_paid_subsidy_decided", decided, child, process, decision="refused", refuse_reason="category")
        return
    amount = min(own / 2, 6000)
    story.tell(
        "self_paid_subsidy_decided", decided, child, process,
        decision="approved", eligible_self_paid=money(own), rate="0.5", amount=money(amount), fund="city",
    )
    paid(life, child, "SELFPAY", amount, story.after(decided, 10, 40), "city", process)


def cochlear(life: Life) -> None:
    """A child that does not hear gets an implant."""
    story, child = life.story, life.child
    if life.family.category != "HEA" or life.family.grade not in "12" or life.recognised is None:
        return
    if not story.chance(0.7):
        return
    on = story.after(life.recognised, 10, 60)
    report = _report(life, on, "3A")
    process, applied = life.process("CO"), story.after(on, 1, 6)
    story.tell("cochlear_subsidy_applied", applied, child, process, report_event=report, applied_by=life.family.parent)
    decided = story.after(applied, 5, 20)
    story.tell(
        "cochlear_subsidy_decided", decided, child, process,
        decision="approved", amount=money(calibration.COCHLEAR_AMOUNT), fund="city",
    )
    implanted = story.after(decided, 15, 50)
    side = story.rng.choice(("left", "right"))
    story.tell(
        "cochlear_implanted", implanted, child, process, _late=story.rng.choice((0, 1, 2)),
        hospital=hospital(), side=side, implanted_on=implanted,
    )
    paid(life, child, "COCHLEAR", calibration.COCHLEAR_AMOUNT, story.after(implanted, 10, 40), "city", process)
    mapped = implanted
    for number in (1, 2, 3):
        mapped = story.after(mapped, 28, 50)
        story.tell("cochlear_mapped", mapped, child, process, mapping_no=number, mapped_on=mapped)


def _report(life: Life, on: date, level: str) -> str:
    return life.story.tell(
        "cochlear_report_issued", on, life.child,
        hospital=hospital(level), hospital_level=level, hearing_grade=life.family.grade, meets_condition=True,
        indication=True, reported_on=on, doc=life.document("人工耳蜗评估报告"),
    )
