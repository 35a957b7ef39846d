"""Finance: what families are paid and pay back, and the city's budgets."""

from datetime import date

from services.city import calibration
from services.city.life import Life
from services.city.people import Person
from services.city.places import place
from services.city.story import Story, money

FINANCE = "finance"


def paid(
    life: Life, who: Person, benefit: str, amount: float, on: date, fund: str, process: str | None,
    period: str | None = None,
) -> None:
    """Tell that a benefit was paid out to whoever keeps the family's account; rarely it is paid back."""
    story = life.story
    if on > life.end:
        return
    story.tell(
        f"{FINANCE}.benefit_paid", on, who, process,
        benefit=benefit, amount=money(amount), period=period, payee=life.family.parent,
        account_tail=f"{life.number * 7 % 10000:04}", fund=fund, paid_on=on,
    )
    if benefit in {"DIBAO", "LIVE_SUB"} and story.chance(0.002):
        back = story.after(on, 20, 60)
        story.tell(
            f"{FINANCE}.benefit_recovered", back, who, process,
            benefit=benefit, amount=money(amount / 2), reason="当月家庭情况变化，多发部分退回。", recovered_on=back,
            period=period,
        )


def budgets(story: Story) -> None:
    """Each year's funds of the city: planned, handed to the counties, spent, and reported."""
    purposes = {"REHAB": ("province", 9_000_000), "HOMEMOD": ("esf", 1_200_000), "COCHLEAR": ("city", 600_000)}
    purposes |= {"JOBSUP": ("esf", 2_000_000)}
    for year in (2025, 2026):
        on = story.after(date(year, 2, 10), 0, 5)
        for number, (purpose, (fund, amount)) in enumerate(purposes.items(), 1):
            document = f"虚构财预〔{year}〕{number}号"
            story.tell(
                f"{FINANCE}.fund_budgeted", on, None,
                year=year, fund=fund, purpose=purpose, amount=money(amount), doc_no=document,
            )
            for county, (_, share) in calibration.COUNTIES.items():
                story.tell(
                    f"{FINANCE}.fund_appropriated", story.after(on, 20, 45), None,
                    fund=fund, to_division=county, purpose=purpose, amount=money(amount * share / 100),
                    doc_no=f"虚构财拨〔{year}〕{number}-{county}号", year=year,
                )
            if year == 2025:
                for difficult, part in ((True, 0.62), (False, 0.3)):
                    story.tell(
                        f"{FINANCE}.fund_spent", date(2026, 1, 20), None,
                        year=year, fund=fund, purpose=purpose, amount=money(amount * part), for_difficult=difficult,
                        division=calibration.CITY, doc_no=f"虚构财决〔{year}〕{number}号",
                    )
        pooled = date(year, 3, 12)
        for unit in ("机关单位", "供电公司", "税务分局"):
            story.tell(
                f"{FINANCE}.cadre_support_pooled", pooled, None,
                unit=f"虚构{unit}", amount=money(story.rng.randint(20, 90) * 100), pooled_on=pooled,
            )
    published = date(2026, 2, 10)
    story.tell(
        f"{FINANCE}.fund_report_published", published, None,
        year=2025, doc_no="虚构财公〔2026〕1号", published_on=published,
    )
    for county in calibration.COUNTIES:
        story.tell(
            "self_help_funding_assigned", date(2025, 4, 8), None, _division=county,
            year=2025, fund="esf", amount=money(60_000 if place(county) else 0),
        )
