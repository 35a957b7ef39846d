"""What comes to the family: devices, community and psychological help, a barrier-free home, care."""

from datetime import timedelta

from services.city import calibration
from services.city.life import Life
from services.city.money import paid
from services.city.places import COUNSELLORS, care_home, device_centre, station
from services.city.story import first_of, money, month, months

DEVICES = {
    "HEA": ("22", "数字助听器", 3600),
    "VIS": ("22", "电子助视器", 2800),
    "PHY": ("12", "儿童轮椅", 1900),
    "SPE": ("22", "沟通板", 900),
    "INT": ("05", "认知训练教具", 600),
    "AUT": ("05", "感统训练器材", 800),
}
"""By what a child is trained for: the class of a device (GB/T 16432), what it is, and its price."""


def devices(life: Life) -> None:
    """A device is assessed, granted, fitted and looked after; another one is rented."""
    story, child = life.story, life.child
    needed = 0.55 if life.family.category in {"HEA", "VIS", "PHY"} else 0.12
    if story.chance(needed):
        device, name, price = DEVICES[life.family.category]
        process, on = life.process("AD"), life.soon(25, 200)
        at = device_centre(life.county)
        story.tell(
            "assistive_device_assessed", on, child, process, device_class=device, device_name=name, assessor_org=at
        )
        decided = story.after(on, 5, 20)
        if story.chance(0.06):
            story.tell(
                "assistive_device_decided", decided, child, process, decision="refused", refuse_reason="duplicate"
            )
        else:
            granted = round(price * 0.8)
            story.tell(
                "assistive_device_decided", decided, child, process,
                decision="approved", amount=money(granted), fund="province", reuse_years=3, device_class=device,
            )
            fitted = story.after(decided, 7, 40)
            story.tell(
                "assistive_device_fitted", fitted, child, process,
                device_class=device, device_name=name, fitted_on=fitted, price=money(price),
                self_paid=money(price - granted), training_given=True, for_rehab=True,
            )
            paid(life, child, "DEVICE", granted, story.after(fitted, 10, 40), "province", process)
            if story.chance(0.2):
                done = story.after(fitted, 60, 150)
                story.tell("assistive_device_maintained", done, child, work="更换配件", done_on=done, cost=money(60))
    if story.chance(0.05):
        process, on = life.process("AR"), life.soon(20, 240)
        due = on + timedelta(days=60)
        story.tell(
            "assistive_device_rented", on, child, process,
            device_name="站立架", station=station(life.county), due_back=due, deposit=money(100),
        )
        back = story.after(due, -12, 10)
        story.tell("assistive_device_returned", back, child, process, returned_on=back, condition="完好")


def visits(life: Life) -> None:
    """The community station and the counsellors."""
    story = life.story
    if story.chance(0.35):
        on = life.soon(20, 120)
        service = story.rng.choice(("居家训练指导", "家长课堂", "器具维护"))
        for _ in range(story.rng.randint(1, 3)):
            story.tell(
                "community_rehab_provided", on, life.child, _late=life.late(),
                station=station(life.county), service=service, served_on=on,
            )
            on = story.after(on, 25, 60)
    if story.chance(0.15):
        on = life.soon(30, 250)
        risk = story.chance(0.1)
        story.tell(
            "psychological_support_provided", on, life.child,
            provider=COUNSELLORS, served_on=on, mode=story.rng.choice(("面谈", "电话")),
            for_whom=story.rng.choice(("parent", "parent", "child", "family")), risk_flag=risk,
            follow_up_due=on + timedelta(days=21) if risk else None,
        )


def home(life: Life) -> None:
    """A home is made barrier-free: wanted, planned, granted, done, looked at."""
    story, head = life.story, life.family.head
    if life.recognised is None or not story.chance(0.35 if life.family.category in {"PHY", "VIS"} else 0.06):
        return
    process, on = life.process("HM"), story.after(life.recognised, 10, 90)
    items = story.rng.sample(("RAMP", "DOOR", "BATH", "FLOOR", "BELL", "BED"), story.rng.randint(2, 3))
    story.tell(
        "home_modification_applied", on, head, process, applicant=head, housing_right="自有住房", items_wanted=items
    )
    planned = story.after(on, 6, 20)
    budget = calibration.HOME_MODIFICATION
    story.tell(
        "home_modification_assessed", planned, head, process,
        items=items, plan_doc=life.document("改造方案"), budget=money(budget), dependence="部分依赖",
    )
    decided = story.after(planned, 6, 25)
    if story.chance(0.06):
        story.tell(
            "home_modification_decided", decided, head, process,
            decision="refused", refuse_reason="fund", priority=True, batch_year=decided.year,
        )
        return
    story.tell(
        "home_modification_decided", decided, head, process,
        decision="approved", priority=True, amount=money(budget), fund="esf", batch_year=decided.year,
    )
    done = story.after(decided, 25, 100)
    story.tell(
        "home_modification_completed", done, head, process,
        completed_on=done, contractor="虚构安居工程队", cost=money(budget - story.rng.randint(0, 30) * 10),
        photos_doc=life.document("改造照片"),
    )
    seen = story.after(done, 4, 20)
    fine = not story.chance(0.08)
    story.tell(
        "home_modification_inspected", seen, head, process,
        inspected_on=seen, passed=fine, defects=None if fine else "扶手松动，须返工。", family_signed=True,
    )
    if not fine:
        again = story.after(seen, 10, 25)
        story.tell(
            "home_modification_inspected", again, head, process, inspected_on=again, passed=True, family_signed=True
        )


def care(life: Life) -> None:
    """A child of 16, or one who needs much help, is cared for by the day or at home."""
    story, child = life.story, life.child
    wanted = life.family.grade == "1" and life.family.category in {"INT", "AUT", "PHY"}
    if life.recognised is None or not wanted or not story.chance(0.35):
        return
    process, on = life.process("CA"), story.after(life.recognised, 15, 80)
    setting = "DAY" if child.age(on) >= 14 else "HOME"
    contents = ["NURSE", "SELF"] if setting == "HOME" else ["SELF", "SOCIAL"]
    story.tell("care_service_applied", on, child, process, setting=setting, contents=contents)
    decided = story.after(on, 6, 24)
    if story.chance(0.08):
        story.tell(
            "care_service_decided", decided, child, process, decision="refused", refuse_reason="fund", priority=True
        )
        return
    story.tell(
        "care_service_decided", decided, child, process,
        decision="approved", priority=True, setting=setting, subsidy_per_month=money(400), fund="esf",
    )
    started = story.after(decided, 5, 25)
    story.tell(
        "care_service_started", started, child, process,
        provider=care_home(life.county), started_on=started, agreement_doc=life.document("服务协议"),
    )
    ended = story.after(started, 150, 420)
    for period in months(month(started), month(min(ended, life.end))):
        on = story.after(first_of(month(first_of(period), 1)), 1, 6)
        days = story.rng.randint(6, 20) if setting == "DAY" else story.rng.randint(4, 8)
        story.tell("care_service_reported", on, child, process, month=period, days=days, contents=contents)
        paid(life, child, "CARE", 400, story.after(on, 8, 15), "esf", process, period=period)
    story.tell("care_service_ended", ended, child, process, reason="voluntary", ended_on=ended)
