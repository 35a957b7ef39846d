"""What offices do that is about no family: institutions, stations, plans, meetings, inspections, terms, campaigns."""

from datetime import date, timedelta

from services.city.calibration import CITY, COUNTIES
from services.city.places import (
    ARTS,
    ASSESSOR,
    CENTRES,
    CHARITY,
    NON_PROFIT,
    PARENTS,
    Organisation,
    care_home,
    centre,
    device_centre,
    hospital,
    place,
    school,
    short,
    station,
    uscc,
)
from services.city.story import Story, money

LEFT = Organisation(uscc(NON_PROFIT, "MJCE", 99), "虚构旧街康复中心")
"""A centre whose designation has ended."""


def institutions(story: Story) -> None:
    """Who may train, fit, treat, care and assess; stations; one centre and one station that stopped."""
    since = date(2025, 1, 2)
    for county in COUNTIES:
        named = [(centre(county, which), "REHAB") for which in range(CENTRES)]
        named += [(device_centre(county), "DEVICE"), (care_home(county), "CARE")]
        for one, kind in named:
            story.tell(
                "institution_designated", since, one, _division=county,
                org_name=one.name, uscc=one.code, kind=kind, division=county, valid_from=since,
                valid_to=date(2027, 12, 31), places=60 if kind == "REHAB" else None,
                categories=["HEA", "PHY", "INT", "AUT"] if kind == "REHAB" else None,
            )
            if kind == "REHAB":
                on = story.after(date(2025, 11, 10), 0, 20)
                story.tell(
                    "institution_evaluated", on, one, _division=county,
                    uscc=one.code, evaluated_on=on, result=story.rng.choice(("excellent", "good", "good", "pass")),
                    places=60, waiting=story.rng.randint(0, 9), staff=story.rng.randint(12, 40),
                )
        story.tell(
            "community_station_opened", since, station(county), _division=county,
            station=station(county), division=county, opened_on=since, services=["train", "rental", "visit"],
            guided_by=centre(county),
        )
    for one, kind in ((hospital("3A"), "HOSP"), (hospital("3B"), "HOSP"), (ASSESSOR, "LTCASSESS")):
        story.tell(
            "institution_designated", since, one,
            org_name=one.name, uscc=one.code, kind=kind, division=CITY, valid_from=since, valid_to=date(2027, 12, 31),
        )
    story.tell(
        "institution_designated", since, LEFT,
        org_name=LEFT.name, uscc=LEFT.code, kind="REHAB", division="421202", valid_from=since,
        valid_to=date(2026, 12, 31),
    )
    ended = date(2025, 9, 30)
    story.tell("institution_designation_ended", ended, LEFT, uscc=LEFT.code, reason="机构申请退出", ended_on=ended)
    old = Organisation(uscc(NON_PROFIT, "MJCB", 99), "虚构旧街社区康复站")
    story.tell(
        "community_station_opened", since, old,
        station=old, division="421202", opened_on=since, services=["train"],
    )
    closed = date(2025, 10, 31)
    story.tell("community_station_closed", closed, old, station=old, closed_on=closed, reason="并入街道康复站")


def parameters(story: Story) -> None:
    """What the federation of the city sets: when long-term care insurance begins, and an amount."""
    for name, value, since, on in (
        ("P-LTC-ACTIVE-FROM", "2026-01-01", date(2026, 1, 1), date(2025, 12, 8)),
        ("P-SELFPAY-CAP", "6000.00", date(2025, 1, 10), date(2025, 1, 3)),
    ):
        story.tell(
            "policy_parameter_set", on, None,
            parameter=name, value=value, effective_from=since, basis_doc=f"虚构残联发〔{on.year}〕3号",
        )


def supervision(story: Story) -> None:
    """Plans, meetings, inspections with what they led to, publicity, and an incident."""
    for year in (2025, 2026):
        for county in COUNTIES:
            on = story.after(date(year, 3, 3), 0, 20)
            story.tell(
                "annual_plan_adopted", on, None, _division=county,
                year=year, doc_no=f"虚构{short(county)}残联发〔{year}〕2号", targets="训练、改造、救助分项任务",
                by_department="DPF",
            )
        for number, on in enumerate((date(year, 4, 18), date(year, 10, 17)), 1):
            story.tell(
                "progress_meeting_held", on, None,
                held_on=on, departments=["DPF", "EDU", "CIV", "HRS", "MED"], minutes_doc=f"虚构会议纪要{year}-{number}",
            )
    for number, county in enumerate(COUNTIES, 1):
        process, on = f"IN-2025-{number}", story.after(date(2025, 9, 15), 0, 30)
        story.tell(
            "inspection_held", on, None, process, _division=county,
            held_on=on, division=county, departments=["DPF", "FIN"], cases_sampled=story.rng.randint(8, 20),
            findings="个别训练记录签字不全。" if number % 2 else None,
        )
        if number % 2:
            ordered = story.after(on, 3, 8)
            story.tell(
                "rectification_ordered", ordered, None, process, _division=county,
                issue="训练记录须由家长签字。", due_on=ordered + timedelta(days=30), responsible_dept="DPF",
            )
            done = story.after(ordered, 10, 28)
            story.tell(
                "rectification_done", done, None, process, _division=county,
                done_on=done, evidence="补签并复查。",
            )
    submitted = date(2025, 12, 19)
    story.tell(
        "inspection_report_submitted", submitted, None,
        year=2025, submitted_on=submitted, doc_no="虚构残联报〔2025〕11号",
    )
    for on, topic in ((date(2025, 5, 16), "全国助残日政策宣传"), (date(2026, 5, 15), "残疾儿童救助政策进村")):
        story.tell(
            "publicity_activity_held", on, None,
            held_on=on, channel="广场咨询", topic=f"虚构{topic}", personal_data_used=False, by_department="DPF",
        )
    happened = date(2025, 8, 7)
    story.tell(
        "privacy_incident_reported", happened, None,
        occurred_on=happened, affected_count=3, category="公示表误附证件号", measures="当日撤下并告知当事人。",
    )
    published = date(2026, 4, 3)
    story.tell(
        "indicators_published", published, None,
        month="2026-02", table="families", part=1, parts=1, known_on=published, effective_on=date(2026, 2, 28),
        edition="2", positions=["disability_federation 120"], columns=["county", "families"], rows=["*|57;421221|57"],
    )


def sharing(story: Story) -> None:
    """Data asked for and given, files read in, social organisations, donations."""
    for number, (dept, items) in enumerate((("CIV", "低保对象名单"), ("EDU", "适龄儿童名单"), ("MED", "参保情况")), 1):
        process, on = f"DS-2025-{number}", story.after(date(2025, 2, 20), 0, 40)
        story.tell(
            "data_share_requested", on, None, process,
            provider_dept=dept, purpose="困难残疾儿童家庭摸底比对。", items=items,
            legal_basis="虚构政务数据共享办法第9条",
        )
        answered = story.after(on, 4, 12)
        refused = number == 3
        story.tell(
            "data_share_answered", answered, None, process,
            decision="refused" if refused else "approved", refuse_reason="document" if refused else None,
            items=None if refused else items, valid_to=None if refused else date(2026, 12, 31),
        )
    for number, county in enumerate(COUNTIES, 1):
        on = story.after(date(2025, 3, 10), 0, 60)
        total = story.rng.randint(60, 180)
        wrong = max(1, total // 50)
        story.tell(
            "file_imported", on, None, f"IMP-{number}", _division=county,
            file_name=f"虚构{short(county)}摸底表.xlsx", sha256=f"{number:064x}", encoding="xlsx", rows_total=total,
            rows_accepted=total - wrong, rows_rejected=wrong, roster="census",
        )
    on = date(2025, 3, 18)
    story.tell(
        "social_org_engaged", on, PARENTS,
        org_name=PARENTS.name, uscc=PARENTS.code, fields=["PSY", "CHAR"], support="场地与经费",
        valid_to=date(2027, 3, 17),
    )
    seen = date(2025, 12, 11)
    story.tell(
        "social_org_evaluated", seen, PARENTS, uscc=PARENTS.code, evaluated_on=seen, result="good", families_served=48
    )
    for number in range(1, 9):
        on = story.after(date(2025, 3, 1), 0, 420)
        story.tell(
            "civil_affairs.donation_received", on, CHARITY,
            donor_kind=story.rng.choice(("org", "person", "collective")), in_kind=False,
            amount=money(story.rng.randint(5, 80) * 1000), designated_use="残疾儿童康复",
            receipt_no=f"虚构票{number:05}",
            organisation=CHARITY,
        )


def terms(story: Story) -> None:
    """School terms, places of support at schools, campaigns for jobs, activities of culture."""
    for year, term, first, last in (
        (2024, "spring", date(2025, 2, 17), date(2025, 7, 4)),
        (2025, "autumn", date(2025, 9, 1), date(2026, 1, 23)),
        (2025, "spring", date(2026, 3, 2), date(2026, 7, 10)),
    ):
        on = story.after(first, -20, -10)
        story.tell(
            "education.school_term_announced", on, None,
            school_year=year, term=term, starts_on=first, ends_on=last, division=CITY,
        )
    for county in COUNTIES:
        on = story.after(date(2025, 9, 1), 0, 40)
        story.tell(
            "education.support_resource_established", on, None, _division=county,
            school=school(county), kind="room", established_on=on, teachers=2,
        )
        for year in (2025, 2026):
            held = story.after(date(year, 2, 12), 0, 25)
            story.tell(
                "hrss.spring_breeze_event_held", held, None, _division=county,
                held_on=held, division=county, posts=story.rng.randint(40, 300),
                parents_invited=story.rng.randint(5, 60),
            )
        held = story.after(date(2025, 7, 10), 0, 240)
        story.tell(
            "culture_tourism.cultural_activity_held", held, ARTS, _division=county,
            held_on=held, name=f"虚构{place(county)}融合艺术节", children_count=story.rng.randint(12, 60),
            division=county,
        )
