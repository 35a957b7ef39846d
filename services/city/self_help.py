"""Self-help rehabilitation: five bases that meet their conditions, a cohort for each neighbourhood, who takes part.

A cohort belongs to a block of families by their numbers, so that a larger city has more cohorts, not other ones.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from services.city.calibration import CITY, COUNTIES
from services.city.life import Life
from services.city.people import GIVEN, OFFICIALS, SURNAMES, Person, person
from services.city.places import ASSOCIATION, NON_PROFIT, Organisation, base, uscc
from services.city.story import Story, workday, years_later

CATEGORIES = ("SH1", "SH2", "SH3", "SH4", "SH5")
CERTIFIED = {"1": "SH1", "2": "SH2", "4": "SH3"}
"""Which category is open to somebody certified for what."""
BLOCKS = {"SH1": 500, "SH2": 500, "SH3": 500, "SH4": 100, "SH5": 100}
"""How many families a cohort serves."""
SEATS, CAPACITY = 20, 30
TRAINERS = (("PRO", 3), ("PEER", 2), ("KIN", 1))
FORMER = Organisation(uscc(NON_PROFIT, "MJBA", 9), "虚构旧日之家服务基地")
"""A base that has ended."""
_CONDITIONS = ("登记证书", "康复服务协议", "承接意愿书", "师资名册", "消防验收意见书", "安全管理制度", "服务承诺书")


@dataclass(frozen=True, slots=True)
class Cohort:
    """When and under which number the families of a block are trained."""

    number: str
    category: str
    starts: date
    ends: date


def cohort(seed: int, category: str, block: int) -> Cohort:
    """Return the cohort of a block: it follows from the seed and the block."""
    rng = Random(f"{seed}/{category}/{block}")
    starts = workday(date(2025, 9, 8) + timedelta(days=rng.randint(0, 230)))
    return Cohort(f"{category}-{block + 1:04}", category, starts, starts + timedelta(days=rng.randint(4, 11)))


def cohorts(seed: int, families: int) -> list[Story]:
    """Return a story for each cohort of a city of so many families."""
    made = []
    for category, size in BLOCKS.items():
        for block in range(-(-families // size)):
            one = cohort(seed, category, block)
            story = Story(f"g{one.number}", seed, CITY)
            host = base(category)
            opened = workday(one.starts - timedelta(days=20))
            story.tell(
                "cohort_opened", opened, host, one.number,
                category=category, starts_on=one.starts, ends_on=one.ends, seats=SEATS, place=f"{host.name}培训室",
                base=host, recruited_from=opened,
            )
            filed = story.after(one.ends, 5, 25)
            story.tell(
                "service_archive_filed", filed, host, one.number,
                cohort=one.number, filed_on=filed, items="签到表、课程记录、评估表、回访计划。", base=host,
            )
            made.append(story)
    return made


def bases(story: Story) -> None:
    """The plan of the province, the survey, five bases with people and plans, and one that has ended."""
    for year in (2025, 2026):
        adopted = date(year, 3, 20)
        story.tell(
            "provincial_plan_adopted", adopted, None,
            province="虚构省", doc_no=f"虚构残联发〔{year}〕6号", adopted_on=adopted, year=year, plan_kind="action",
        )
    for category in CATEGORIES:
        for county in COUNTIES:
            count = story.rng.randint(12, 60)
            on = story.after(date(2025, 3, 24), 0, 20)
            story.tell(
                "baseline_surveyed", on, None, _division=county,
                category=category, count=count, division=county, trained_before=count // 6, surveyed_on=on,
                needing=count // 2, professionals=story.rng.randint(1, 6), needs=["KNOW", "PSY", "LIFE"],
            )
        _base(story, category)
    _former(story)


def _assessed(story: Story, host: Organisation, category: str, on: date, *, passed: bool = True) -> None:
    conditions = [
        {"no": str(number), "met": passed or number != 5, "evidence": f"虚构{evidence}"}
        for number, evidence in enumerate(_CONDITIONS, 1)
    ]
    conditions[0]["valid_to"] = "2029-12-31"
    story.tell(
        "base_applicant_assessed", on, host,
        org_name=host.name, uscc=host.code, category=category, conditions_met=conditions, capacity=CAPACITY,
        passed=passed, assessed_on=on, base=host,
    )


def _base(story: Story, category: str) -> None:
    host = base(category)
    assessed = story.after(date(2025, 4, 20), 0, 20)
    if category == "SH3":
        _assessed(story, host, category, assessed, passed=False)
        assessed = story.after(assessed, 15, 25)
    _assessed(story, host, category, assessed)
    established = story.after(assessed, 7, 14)
    story.tell(
        "base_established", established, host,
        base_name=host.name, uscc=host.code, category=category, division=CITY, mode="依托社会组织",
        agreement_doc=f"虚构四方协议{category}", established_on=established, valid_to=years_later(established, 3),
        association=ASSOCIATION,
    )
    manager = story.after(established, 3, 10)
    name = f"虚{story.rng.choice(('知行', '若水', '长庚'))}"
    story.tell("base_manager_appointed", manager, host, person_name=name, from_date=manager, base=host)
    place = CATEGORIES.index(category) * 10
    for role, count in TRAINERS:
        for _ in range(count):
            trainer = _trainer(story, place)
            place += 1
            qualified = story.after(established, 5, 25)
            story.tell(
                "trainer_qualified", qualified, None,
                trainer=trainer, role=role, course="虚构自助互助康复师资班", passed_on=qualified, can_lead=True,
                base=host,
            )
            assigned = story.after(qualified, 2, 8)
            story.tell("trainer_assigned", assigned, None, trainer=trainer, role=role, from_date=assigned, base=host)
    for year in (2025, 2026):
        planned = date(year, 7, 1) if year == 2025 else date(year, 1, 15)
        story.tell(
            "base_service_plan_made", planned, host,
            year=year, cohorts_planned=6, participants_planned=100, base=host,
        )
        seen = date(year, 8, 12) if year == 2025 else date(year, 4, 14)
        story.tell(
            "base_inspected", seen, host,
            inspected_on=seen, passed=True, findings="资料齐全。", base=host, next_due=seen + timedelta(days=365),
        )
    if category == "SH1":
        leaves = date(2026, 2, 27)
        trainer = _trainer(story, CATEGORIES.index(category) * 10)
        story.tell("trainer_removed", leaves, None, trainer=trainer, to_date=leaves, reason="调往外地", base=host)
        process = "SI-2025-1"
        hurt = date(2025, 11, 6)
        story.tell(
            "safety_incident_reported", hurt, host, process,
            occurred_on=hurt, kind="滑倒", injured=1, measures="送医检查，铺设防滑垫。", base=host,
        )
        closed = date(2025, 11, 20)
        story.tell(
            "safety_incident_closed", closed, host, process, closed_on=closed, outcome="无大碍，已整改。", base=host
        )


def _trainer(story: Story, place: int) -> Person:
    rng = Random(f"{story.seed}/trainer/{place}")
    year = OFFICIALS[place % (len(OFFICIALS) - 1)]
    return person(story.seed, place, year, "12"[place % 2], rng.choice(SURNAMES) + rng.choice(GIVEN))


def _former(story: Story) -> None:
    assessed = date(2025, 2, 18)
    _assessed(story, FORMER, "SH2", assessed)
    established = date(2025, 3, 4)
    story.tell(
        "base_established", established, FORMER,
        base_name=FORMER.name, uscc=FORMER.code, category="SH2", division=CITY, mode="依托社会组织",
        agreement_doc="虚构四方协议旧", established_on=established, valid_to=years_later(established, 3),
    )
    wrong = date(2025, 4, 9)
    story.tell(
        "violation_recorded",
        wrong,
        FORMER,
        uscc=FORMER.code,
        occurred_on=wrong,
        kind="service",
        penalty_doc="虚构处理决定1号",
    )
    ended = date(2025, 4, 28)
    story.tell("base_ended", ended, FORMER, ended_on=ended, reason="不再承接", base=FORMER)


def taking_part(life: Life) -> None:
    """A parent takes part in the cohort of the block: referred, enrolled, trained, followed up, entered nationally."""
    found = _participant(life)
    if found is None:
        return
    who, category = found
    story, one = life.story, cohort(life.story.seed, category, (life.number - 1) // BLOCKS[category])
    host = base(category)
    referred = story.after(one.starts, -30, -14)
    if referred < life.opened or not story.chance(0.8):
        return
    process = life.process("SR")
    story.tell(
        "participant_referred", referred, who, process,
        category=category, by_org=f"虚构{COUNTIES[life.county][0]}残联", referred_on=referred, base=host,
    )
    answered = story.after(referred, 2, 8)
    if story.chance(0.08):
        story.tell(
            "participant_referral_answered", answered, who, process,
            decision="refused", refuse_reason="fund", answered_on=answered, base=host,
        )
        return
    story.tell(
        "participant_referral_answered", answered, who, process,
        decision="approved", answered_on=answered, cohort=one.number, base=host,
    )
    process, enrolled = life.process("SH"), max(story.after(answered, 0, 4), workday(one.starts - timedelta(days=6)))
    enrolled = min(enrolled, one.starts)
    story.tell(
        "participant_enrolled", enrolled, who, process,
        category=category, cohort=one.number, enrolled_on=enrolled, willing=True, base=host,
        support=["transport", "lodging"] if story.chance(0.5) else None,
    )
    day, contents = one.starts, ["KNOW", "PSY", "LIFE"]
    for number in range(3):
        story.tell(
            "training_session_held", day, who, process,
            held_on=day, contents=[contents[number]], hours="6", trainers=3, base=host,
        )
        day += timedelta(days=1)
    stopped = story.chance(0.06)
    story.tell(
        "participant_finished", one.ends, who, process,
        outcome="withdrew" if stopped else "completed", finished_on=one.ends, total_hours="18", base=host,
        tool=None if stopped else "虚构自理能力量表", score_before=None if stopped else 52,
        score_after=None if stopped else story.rng.randint(56, 80),
    )
    if stopped:
        return
    exported = story.after(one.ends, 6, 15)
    story.tell(
        "service_record_exported",
        exported,
        who,
        process,
        exported_on=exported,
        export_no=f"虚构导出{one.number}",
        base=host,
    )
    if story.chance(0.08):
        rejected = story.after(exported, 2, 6)
        story.tell(
            "service_record_rejected", rejected, who, process, rejected_on=rejected, reason="照片不清晰", base=host
        )
        exported = story.after(rejected, 3, 8)
    uploaded = story.after(exported, 3, 12)
    story.tell(
        "service_record_uploaded", uploaded, who, process,
        uploaded_on=uploaded, external_id=f"虚构全国号{life.number:06}", base=host,
    )

    for months_after in (1, 3, 6):
        done = story.after(one.ends + timedelta(days=30 * months_after), 0, 8)
        story.tell(
            "follow_up_done", done, who, process,
            done_on=done, round=months_after, mode=story.rng.choice(("phone", "home", "online")), guidance=["HOMEG"],
            base=host,
        )


def _participant(life: Life) -> tuple[Person, str] | None:
    """Return who of the family could take part in which category: never more in a block than it has seats."""
    family, number = life.family, life.number - 1
    if family.disabled_adult and life.adult_category in CERTIFIED:
        return (family.disabled_adult, CERTIFIED[life.adult_category]) if number % 500 % 25 == 0 else None
    if number % 5 == 0 and family.adults:
        if family.category == "INT":
            return family.parent, "SH4"
        if family.category == "AUT":
            return family.parent, "SH5"
    return None
