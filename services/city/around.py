"""What else reaches a family: work for parents, insurance, culture and sports, charity, volunteers, pairing."""

from datetime import date, timedelta

from services.city.life import Life
from services.city.money import paid
from services.city.places import ARTS, ASSESSOR, CHARITY, VOLUNTEERS, employer, unit
from services.city.story import first_of, money, month, months

HRSS, INSURANCE, CULTURE, CIVIL = "hrss", "medical_insurance", "culture_tourism", "civil_affairs"
LTC_FROM = date(2026, 1, 1)
"""From when long-term care insurance is in force in this city, which is made up."""


def work(life: Life) -> None:
    """A parent looks for work, learns, finds it or opens a shop."""
    story = life.story
    if not life.family.adults or not story.chance(0.28):
        return
    parent, on = story.rng.choice(life.family.adults), life.soon(40, 220)
    kind = story.rng.choice(("ENT", "FLEX", "FLEX", "PUBPOST"))
    story.tell(
        f"{HRSS}.parent_job_need_registered",
        on,
        parent,
        job_kind=kind,
        registered_on=on,
        constraints="须照顾孩子上下学。",
    )
    where = employer(story.rng.randrange(12))
    if story.chance(0.3):
        finished = story.after(on, 20, 60)
        story.tell(
            f"{HRSS}.training_provided", finished, parent,
            course=story.rng.choice(("家政服务", "电商直播", "中式面点")), hours="60", finished_on=finished, fund="esf",
            certificate="虚构培训合格证" if story.chance(0.7) else None,
        )
    if story.chance(0.7):
        recommended = story.after(on, 8, 50)
        taken = story.chance(0.6)
        story.tell(
            f"{HRSS}.job_recommended", recommended, parent,
            employer=where, post=story.rng.choice(("包装工", "保洁员", "仓库管理员")), channel="春风行动",
            recommended_on=recommended, accepted=taken,
        )
        if taken:
            started = story.after(recommended, 5, 25)
            story.tell(
                f"{HRSS}.employment_started", started, parent,
                kind=kind, employer=where, from_date=started, monthly_income=money(story.rng.randint(20, 34) * 100),
            )
            if story.chance(0.2):
                ended = story.after(started, 60, 200)
                story.tell(f"{HRSS}.employment_ended", ended, parent, ended_on=ended, reason="孩子需要陪护。")
    elif story.chance(0.5):
        process, applied = life.process("ES"), story.after(on, 10, 60)
        story.tell(
            f"{HRSS}.employment_support_applied", applied, parent, process,
            scheme="STARTUP1", as_parent=True, applied_on=applied,
        )
        decided = story.after(applied, 8, 25)
        story.tell(
            f"{HRSS}.startup_support_decided", decided, parent, process,
            decision="approved", kind="一次性创业补贴", amount=money(5000), as_parent=True, fund="esf",
            scheme="STARTUP1",
        )
        paid(life, parent, "STARTUP", 5000, story.after(decided, 10, 30), "esf", process)


def insurance(life: Life) -> None:
    """Basic medical insurance; long-term care once it is in force; commercial insurance."""
    story, child = life.story, life.child
    for year in (2025, 2026):
        on = date(year, 2, 1) + timedelta(days=life.number % 25)
        if on >= life.opened and story.chance(0.5):
            helped = life.assisted_from is not None and life.assisted_from <= month(on)
            story.tell(
                f"{INSURANCE}.basic_medical_insured", on, child,
                year=year, assisted=helped, premium_self=money(0 if helped else 400),
            )
    if story.chance(0.3):
        _long_term_care(life)
    if story.chance(0.12):
        on = life.soon(20, 150)
        story.tell(
            f"{INSURANCE}.commercial_insurance_taken", on, child,
            kind="ACC", insurer="虚构人寿保险公司", premium=money(100), supported_by="lottery", from_date=on,
            to_date=on + timedelta(days=364),
        )
        if story.chance(0.2):
            claimed = story.after(on, 40, 250)
            story.tell(
                f"{INSURANCE}.commercial_claim_paid", claimed, child,
                kind="ACC", amount=money(story.rng.randint(4, 30) * 100), paid_on=claimed,
            )


def _long_term_care(life: Life) -> None:
    story, child = life.story, life.child
    on = story.after(max(LTC_FROM, life.opened), 8, 25)
    story.tell(f"{INSURANCE}.ltc_enrolled", on, child, year=on.year, premium=money(60))
    if life.recognised and story.chance(0.9):
        helped = story.after(on, 4, 20)
        story.tell(f"{INSURANCE}.ltc_premium_assisted", helped, child, year=on.year, amount=money(60), fund="medfund")
    if life.family.grade not in "12" or not story.chance(0.5):
        return
    process, applied = life.process("LT"), story.after(on, 20, 50)
    story.tell(
        f"{INSURANCE}.ltc_assessment_applied", applied, child, process,
        applied_on=applied, disabled_since=max(child.born, applied - timedelta(days=700)),
    )
    concluded = story.after(applied, 10, 30)
    level = story.rng.choice("2345" if life.family.grade == "1" else "123")
    story.tell(
        f"{INSURANCE}.ltc_assessed", concluded, child, process,
        level=level, assessor_org=ASSESSOR, concluded_on=concluded, valid_to=concluded + timedelta(days=700),
        accepted=True,
    )
    if level == "2" and story.chance(0.3):
        filed = story.after(concluded, 2, 8)
        level = story.rng.choice("23")
        story.tell(f"{INSURANCE}.ltc_assessment_disputed", filed, child, process, filed_on=filed, new_level=level)
        concluded = filed
    decided = story.after(concluded, 4, 15)
    if level < "3":
        story.tell(
            f"{INSURANCE}.ltc_benefit_decided", decided, child, process,
            decision="refused", refuse_reason="level", level=level,
        )
        return
    start = month(concluded, 1)
    amount = {"3": 300, "4": 600, "5": 900}[level]
    story.tell(
        f"{INSURANCE}.ltc_benefit_decided", decided, child, process,
        decision="approved", level=level, service_mode="居家护理", from_month=start, amount_month=money(amount),
    )
    for period in months(start, month(life.end)):
        day = max(story.after(first_of(month(first_of(period), 1)), 4, 12), decided)
        paid(life, child, "LTCBEN", amount, day, "ltcfund", process, period=period)
    if story.chance(0.15):
        stopped = story.after(decided, 30, 70)
        story.tell(
            f"{INSURANCE}.ltc_benefit_stopped", stopped, child, process, reason="voluntary", effective_to=month(stopped)
        )


def culture(life: Life) -> None:
    """A gift is found and trained; a child takes part in culture and sports."""
    story, child = life.story, life.child
    if child.age(life.opened) < 4:
        return
    if story.chance(0.1):
        field, on = story.rng.choice(("绘画", "声乐", "舞蹈", "剪纸", "书法")), life.soon(40, 260)
        story.tell(f"{CULTURE}.talent_identified", on, child, field=field, identified_on=on, by_org=ARTS)
        if story.chance(0.7):
            finished = story.after(on, 40, 120)
            story.tell(
                f"{CULTURE}.talent_trained", finished, child,
                field=field, hours="32", finished_on=finished, provider=ARTS,
            )
            if story.chance(0.5):
                held = story.after(finished, 20, 80)
                story.tell(
                    f"{CULTURE}.talent_performed", held, child,
                    event_name=f"虚构残疾儿童{field}展演", level="市级", held_on=held,
                    award="优秀奖" if story.chance(0.3) else None,
                )
    if story.chance(0.12):
        on = story.after(max(life.opened, date(2025, 7, 5)), 10, 200)
        story.tell(
            f"{CULTURE}.cultural_activity_joined", on, child,
            name=story.rng.choice(("虚构图书馆亲子阅读", "虚构非遗体验课", "虚构无障碍观影")), held_on=on,
        )
    if story.chance(0.06):
        on = life.soon(60, 250)
        story.tell(
            "sports_event_joined", on, child,
            event_name="虚构特奥融合运动会", level=story.rng.choice(("county", "city")), held_on=on,
            discipline=story.rng.choice(("田径", "滚球", "游泳")), award="第三名" if story.chance(0.2) else None,
        )


def neighbours(life: Life) -> None:
    """Donations, volunteers, and an office that looks after the family."""
    story, head = life.story, life.family.head
    if story.chance(0.12):
        on, process = life.soon(40, 250), life.process("CH")
        story.tell(
            f"{CIVIL}.charity_aid_granted", on, head, process,
            organisation=CHARITY, kind=story.rng.choice(("康复器材", "助学", "生活物资")),
            amount=money(story.rng.randint(5, 30) * 100), granted_on=on,
        )
    if story.chance(0.22):
        on = life.soon(20, 200)
        for _ in range(story.rng.randint(1, 3)):
            story.tell(
                f"{CIVIL}.volunteer_service_recorded", on, head, _late=life.late(),
                activity=story.rng.choice(("陪伴外出", "课业辅导", "家务帮扶")), organisation=VOLUNTEERS,
                volunteers=story.rng.randint(1, 4), hours=str(story.rng.randint(2, 6)), served_on=on,
            )
            on = story.after(on, 20, 70)
    if life.recognised and life.consented and story.chance(0.6):
        process, on = life.process("PR"), story.after(life.recognised, 15, 60)
        story.tell(
            "pairing_established", on, head, process,
            unit=unit(life.number % 20), contact_person="虚构包保干部", from_date=on,
        )
        visited = on
        for _ in range(story.rng.randint(1, 4)):
            visited = story.after(visited, 40, 90)
            story.tell(
                "pairing_visited", visited, head, process, _late=life.late(),
                visited_on=visited, help=story.rng.choice(("送生活物资。", "了解康复进展。", "帮助办理手续。")),
            )
        if story.chance(0.08):
            ended = story.after(visited, 20, 60)
            story.tell("pairing_ended", ended, head, process, ended_on=ended, reason="包保干部调动")
