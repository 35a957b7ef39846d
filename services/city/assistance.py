"""Civil affairs: 低保 with its checks and payments, marginal families, 特困, and temporary aid."""

from datetime import date, timedelta

from services.city import calibration
from services.city.life import Life
from services.city.money import paid
from services.city.people import Person
from services.city.places import short
from services.city.story import first_of, money, month, months

CIVIL = "civil_affairs"


def dibao(life: Life) -> date:
    """The family applies for 低保; return the day of the decision."""
    story, head = life.story, life.family.head
    standard = calibration.DIBAO_STANDARD[life.hukou]
    single = story.chance(0.3)
    on = life.soon(6, 50)
    kind, persons, who = ("family", life.family.members, head)
    if single:
        _marginal(life, standard, on)
        on = story.after(on, 15, 30)
        kind, persons, who = "single_marginal", [life.child], life.child
    process = life.process("DB")
    story.tell(
        f"{CIVIL}.dibao_applied", on, who, process,
        dibao_type=kind, applicant=who, persons=persons, authorisation_doc=life.document("授权"), applied_on=on,
        assisted_by=f"{short(life.county)}虚构镇社会救助站" if story.chance(0.4) else None,
    )
    accepted = story.after(on, 1, 4)
    if story.chance(0.06):
        story.tell(
            f"{CIVIL}.dibao_acceptance_decided", accepted, who, process,
            decision="returned", accepted_on=accepted, missing="收入证明。",
        )
        accepted = story.after(accepted, 4, 12)
    story.tell(f"{CIVIL}.dibao_acceptance_decided", accepted, who, process, decision="approved", accepted_on=accepted)
    income = story.rng.randint(standard // 3, standard - 90)
    checked = story.after(accepted, 5, 12)
    story.tell(
        f"{CIVIL}.household_economy_checked", checked, who, process,
        checked_on=checked, per_capita_income_month=money(income if not single else standard + 60),
        standard_month=money(standard), property_ok=True, method="入户与信息核对", income_stable=story.chance(0.7),
    )
    day = story.after(checked, 1, 3)
    if story.chance(0.1):
        story.tell(f"{CIVIL}.democratic_appraisal_held", day, who, process, held_on=day, result="同意")
    if story.chance(0.05):
        story.tell(
            f"{CIVIL}.deadline_extended", day, who, process,
            extended_on=day, new_due=day + timedelta(days=21), reason="家庭情况需要进一步核对。",
        )
    posted = story.after(day, 1, 5)
    story.tell(
        f"{CIVIL}.dibao_notice_posted", posted, who, process,
        from_date=posted, to_date=posted + timedelta(days=7), place="虚构村公示栏", minors_hidden=True,
    )
    decided = story.after(posted, 8, 14)
    if story.chance(0.03):
        filed = story.after(posted, 2, 5)
        story.tell(f"{CIVIL}.dibao_notice_objected", filed, who, process, filed_on=filed, claim="反映家中有经营收入。")
        decided = story.after(decided, 6, 10)
    amount = round(standard * 0.6) if single else (standard - income) * len(persons)
    pay_from = month(decided, 1)
    story.tell(
        f"{CIVIL}.dibao_decided", decided, who, process,
        decision="approved", dibao_type=kind, persons=persons, amount_month=money(amount), pay_from=pay_from,
        decided_on=decided, cert_no=f"虚构低保第{life.number:05}号" if story.chance(0.5) else None,
    )
    if story.chance(0.6):
        delivered = story.after(decided, 1, 5)
        story.tell(
            f"{CIVIL}.decision_delivered", delivered, who, process,
            delivered_on=delivered, mode=story.rng.choice(("direct", "resident", "electronic")),
            delivered_to=life.family.parent,
        )
    if life.within(decided):
        life.assisted_from = pay_from
    _on_dibao(life, process, who, amount, pay_from, decided)
    return decided


def _on_dibao(life: Life, process: str, who: Person, amount: int, pay_from: str, decided: date) -> None:
    """The months of a grant: payments, the yearly review, the end after a move or better times."""
    story, subject = life.story, who
    last = month(life.end)
    if life.move and life.move[0] == "hukou" and life.move[1] > first_of(pay_from):
        last = month(life.move[1])
        story.tell(
            f"{CIVIL}.dibao_terminated", story.after(life.move[1], 10, 25), subject, process, _division=life.county,
            reason="moved", effective_to=last,
        )
    elif story.chance(0.06):
        last = month(decided, story.rng.randint(5, 10))
        stopped = story.after(first_of(last), 5, 20)
        story.tell(
            f"{CIVIL}.dibao_terminated", stopped, subject, process,
            reason="income", effective_to=last, fade_out_to=month(stopped, 3) if story.chance(0.4) else None,
        )
    reviewed = story.after(decided, 340, 380)
    raised = "9999"
    if month(reviewed) <= last:
        more = story.chance(0.2)
        raised = month(reviewed, 1) if more else raised
        story.tell(
            f"{CIVIL}.dibao_reviewed", reviewed, subject, process,
            reviewed_on=reviewed, result="increase" if more else "keep",
            amount_month=money(amount + 40 if more else amount), effective_from=month(reviewed, 1) if more else None,
            next_due=reviewed + timedelta(days=365),
        )
    for period in months(pay_from, last):
        on = story.after(first_of(period), 9, 14)
        paid(life, subject, "DIBAO", amount + 40 if period >= raised else amount, on, "county", process, period=period)


def _marginal(life: Life, standard: int, on: date) -> None:
    """A family just above the line: recognised as marginal, so that its disabled member can apply alone."""
    story, head = life.story, life.family.head
    income = standard + story.rng.randint(10, standard // 2 - 20)
    process = life.process("MG")
    story.tell(
        f"{CIVIL}.household_economy_checked", on, head, process,
        checked_on=on, per_capita_income_month=money(income), standard_month=money(standard), property_ok=True,
    )
    decided = story.after(on, 4, 9)
    story.tell(
        f"{CIVIL}.marginal_family_decided", decided, head, process,
        decision="approved", per_capita_income_month=money(income), multiple="1.5", valid_from=decided,
        valid_to=decided + timedelta(days=364),
    )
    if story.chance(0.12):
        ended = story.after(decided, 150, 300)
        story.tell(f"{CIVIL}.marginal_family_ended", ended, head, process, reason="income", effective_to=ended)


def emergencies(life: Life) -> None:
    """Temporary aid, and 特困 for a child without supporters."""
    story, head = life.story, life.family.head
    if story.chance(0.15):
        process, on = life.process("TA"), life.soon(30, 300)
        urgent = story.chance(0.4)
        cause, why = story.rng.choice((("illness", "孩子住院"), ("accident", "务工受伤"), ("rehab", "康复支出过大")))
        story.tell(
            f"{CIVIL}.temp_aid_applied", on, head, process,
            kind="emergency" if urgent else "expenditure", cause=why, cause_kind=cause, applied_on=on,
            proactive=True if story.chance(0.2) else None,
        )
        if urgent:
            granted = story.after(on, 0, 2)
            story.tell(
                f"{CIVIL}.temp_aid_emergency_granted", granted, head, process,
                amount=money(2000), granted_on=granted, by_org=f"{short(life.county)}虚构乡人民政府",
            )
        decided = story.after(on, 5, 16)
        amount = story.rng.choice((1500, 2500, 3500))
        story.tell(
            f"{CIVIL}.temp_aid_decided", decided, head, process,
            decision="approved", amount=money(amount), decided_on=decided, fund="county",
        )
        paid(life, head, "TEMPAID", amount, story.after(decided, 3, 12), "county", process)
    if (not life.family.adults and story.chance(0.6)) or story.chance(0.015):
        _destitute(life)


def _destitute(life: Life) -> None:
    story, child = life.story, life.child
    process, on = life.process("TK"), life.soon(20, 60)
    story.tell(f"{CIVIL}.tekun_applied", on, child, process, applied_on=on, assisted_by="虚构村委会")
    assessed = story.after(on, 4, 10)
    story.tell(
        f"{CIVIL}.self_care_assessed", assessed, child, process, unmet_items=2, result="partial", assessed_on=assessed
    )
    decided = story.after(assessed, 5, 12)
    refused = story.chance(0.3)
    pay_from = month(decided, 1)
    story.tell(
        f"{CIVIL}.tekun_decided", decided, child, process,
        decision="refused" if refused else "approved", refuse_reason="economy" if refused else None,
        care_level=None if refused else "partial", pay_from=None if refused else pay_from,
        amount_month=None if refused else money(980), fund=None if refused else "county",
    )
    if refused:
        return
    until = month(decided, story.rng.randint(4, 8))
    for period in months(pay_from, until):
        paid(life, child, "TEKUN", 980, story.after(first_of(period), 8, 14), "county", process, period=period)
    story.tell(
        f"{CIVIL}.tekun_terminated", story.after(first_of(until), 5, 20), child, process,
        reason="other", effective_to=until,
    )


def two_subsidies(life: Life) -> None:
    """The two subsidies: applied for at the street office, reviewed by the federation, paid monthly."""
    if life.certified is None or not story_goes_on(life):
        return
    story, child = life.story, life.child
    category, grade = life.certified_for, life.family.grade
    wanted = ["LIVE_SUB"] if life.assisted_from else []
    wanted += ["CARE_SUB"] if grade in "12" else []
    if not wanted or not story.chance(0.8):
        return
    process, on = life.process("TS"), story.after(life.certified, 10, 70)
    story.tell(
        f"{CIVIL}.two_subsidies_applied", on, child, process,
        benefits=wanted, applied_on=on, channel=story.rng.choice(("跨省通办", "街道窗口", "网上申请")),
    )
    reviewed = story.after(on, 3, 9)
    story.tell("two_subsidies_reviewed", reviewed, child, process, decision="approved", category=category, grade=grade)
    decided = story.after(reviewed, 4, 14)
    total = sum({"LIVE_SUB": calibration.LIVE_SUB, "CARE_SUB": calibration.CARE_SUB}[one] for one in wanted)
    story.tell(
        f"{CIVIL}.two_subsidies_decided", decided, child, process,
        decision="approved", benefits=wanted, pay_from=month(on), monthly_total=money(total),
    )
    last = month(life.end)
    if story.chance(0.06):
        last = month(decided, story.rng.randint(4, 9))
        stopped = story.after(first_of(last), 20, 28)
        story.tell(
            f"{CIVIL}.two_subsidies_stopped",
            stopped,
            child,
            process,
            benefits=wanted,
            reason="grade",
            effective_to=last,
        )
    for period in months(month(on), last):
        day = max(story.after(first_of(period), 18, 26), decided)
        for benefit in wanted:
            amount = calibration.LIVE_SUB if benefit == "LIVE_SUB" else calibration.CARE_SUB
            paid(life, child, benefit, amount, day, "county", process, period=period)


def story_goes_on(life: Life) -> bool:
    """Whether there is time for it between the certificate and the end."""
    return life.certified is not None and life.within(life.certified, 60)
