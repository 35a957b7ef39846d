"""Events of all seven departments about made-up families, as many as wanted, the same ones for the same seed.

    events = stories(proof.random, 400)   # a list in the order in which the desks write them down

A department's rules accept each event if its source sends its events in this order. Across departments there is no
order: much is said about a family before the federation opens it, and has to wait. Each family is opened once, nothing
waits for ever, and the times that a source asserts only grow.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from shared.language.envelope import CHINA
from shared.language.identifiers import check_character

REGIONS = ("421299", "422399")
"""Regions that do not exist, so that no number belongs to anybody."""
FIRST_DAY = datetime(2025, 3, 1, 9, tzinfo=CHINA)
ABREAST = 20
"""In how many families' departments things happen at the same time."""
HOSPITAL = {"code": "12421299MB0HP00104", "name": "虚构省立医院"}
CENTRE = {"code": "52421299MJXREH015B", "name": "虚构嘉鱼听语康复中心"}
SCHOOL = {"code": "2142990033", "name": "虚构通城一小"}
EMPLOYER = {"code": "91421299MACATG026K", "name": "虚构食品加工公司"}

Submission = dict[str, Any]


def stories(chance: random.Random, number: int) -> list[Submission]:
    """Return so many events of as many families as that takes; a family's story may break off."""
    plans: list[list[Submission]] = []
    while _length(plans) < number:
        plans += _by_department(_story(_Family(chance, len(plans))))
    while _length(plans) > number:
        chance.choice([plan for plan in plans if len(plan) > 1]).pop()
    return [_dated(submission, serial, chance) for serial, submission in enumerate(_mixed(plans, chance))]


def by_source(events: list[Submission]) -> dict[str, list[Submission]]:
    """Return the events by the source that sends them, each source's in order."""
    found: dict[str, list[Submission]] = {}
    for submission in events:
        found.setdefault(submission["source"], []).append(submission)
    return found


class _Family:
    """Two parents and a child, who exist only here."""

    def __init__(self, chance: random.Random, serial: int) -> None:
        self.chance, self.serial, self.sent = chance, serial, 0
        self.father, self.mother, self.child = self._person(1975, 1), self._person(1980, 2), self._person(2010, 0)
        self.members = [self.father, self.mother, self.child]

    def says(self, kind: str, subject: str | None, data: Submission, case: str = "") -> Submission:
        """Return an event about a member; `case` is the kind of case number that it has in its department."""
        self.sent += 1
        found = {
            "specversion": "1.0",
            "id": f"w{self.serial}-{self.sent}",
            "source": f"urn:yihu:{kind.partition('.')[0]}:desk",
            "type": kind,
            "data": data,
        }
        return (
            found | ({"subject": subject} if subject else {}) | ({"process": f"{case}-{self.serial}"} if case else {})
        )

    def _person(self, born: int, sex: int) -> str:
        """Return a number that no other has: the day of birth is the family's own, the rest is drawn."""
        day = date(born, 1, 1) + timedelta(days=self.serial % 3650)
        body = f"{self.chance.choice(REGIONS)}{day:%Y%m%d}{self.serial // 3650 % 50 + 10:02d}"
        body += str(2 * self.chance.randrange(5) + (sex % 2 if sex else self.chance.randrange(2)))
        return body + check_character(body)


def _story(home: _Family) -> Iterator[Submission]:
    says, chance, child, father, mother = home.says, home.chance, home.child, home.father, home.mother
    federation, civil, school = "disability_federation", "civil_affairs", "education"
    opened = {"hukou_type": "rural", "address_text": "虚构镇1组", "division": "421221", "members": home.members}
    yield says(f"{federation}.family_case_opened", father, opened | {"head": father, "source": "survey"})
    guardian = {"guardian": mother, "relation": "50", "from_date": "2021-05-12"}
    yield says(f"{federation}.guardian_designated", child, guardian)
    yield says(f"{federation}.needs_surveyed", father, {"surveyor": "虚构村残联专干", "needs": ["REHAB", "EDU"]})
    if chance.random() < 0.7:
        aid = {"items": ["TRAIN"], "category": "HEA"}
        applied = aid | {"applied_by": mother, "aid_year": 2025}
        yield says(f"{federation}.rehab_aid_applied", child, applied, "RA")
        granted = {"decision": "approved", "aid_from": "2025-03-09", "aid_to": "2025-12-31", "annual_limit": "15800.00"}
        yield says(f"{federation}.rehab_aid_decided", child, aid | granted, "RA")
        started = {"institution": CENTRE, "mode": "FULL", "started_on": "2025-03-20"}
        yield says(f"{federation}.rehab_started", child, started, "RA")
        for month in range(4, 4 + chance.randrange(4)):
            fees = {"fee_total": "2400.00", "fee_aided": "1580.00", "fee_self": "820.00"}
            trained = {"month": f"2025-{month:02d}", "sessions": 18, "hours": "36"}
            yield says(f"{federation}.rehab_month_reported", child, trained | fees, "RA")
    if chance.random() < 0.5:
        implanted = {"hospital": HOSPITAL, "side": "left", "implanted_on": "2025-02-17"}
        original = says(f"{federation}.cochlear_implanted", child, implanted, "CO") | {"legacy": True}
        yield original
        corrected = {"target_event": original["id"], "corrected_payload": implanted | {"side": "right"}}
        yield says(f"{federation}.event_corrected", child, corrected | {"reason": "录入错误"})
    applied = {"dibao_type": "family", "applicant": father, "persons": home.members, "applied_on": "2025-02-26"}
    yield says(f"{civil}.dibao_applied", father, applied | {"authorisation_doc": "授权A-1"}, "DB")
    yield says(f"{civil}.dibao_acceptance_decided", father, {"decision": "approved", "accepted_on": "2025-02-28"}, "DB")
    decided = {"decision": "approved", "dibao_type": "family", "persons": home.members, "amount_month": "632.00"}
    yield says(f"{civil}.dibao_decided", father, decided | {"pay_from": "2025-03", "decided_on": "2025-02-26"}, "DB")
    registered = {"school_year": 2025, "source": "match", "current_status": "未入学"}
    yield says(f"{school}.school_age_child_registered", child, registered)
    assessed = {"assessed_on": "2025-02-12", "committee": "虚构专家委员会", "recommended_mode": "INCL"}
    yield says(f"{school}.education_needs_assessed", child, assessed | {"report_doc": "评估B-1"})
    placed = {"mode": "INCL", "school": SCHOOL, "from_date": "2025-09-01", "plan_doc": "一人一案B-1"}
    yield says(f"{school}.education_placement_decided", child, placed, "PL")
    enrolled = {"school": SCHOOL, "student_no": f"G{child}", "enrolled_on": "2025-02-20", "mode": "INCL"}
    yield says(f"{school}.student_enrolled", child, enrolled)
    for parent in chance.sample((father, mother), chance.randrange(1, 3)):
        yield says("hrss.parent_job_need_registered", parent, {"job_kind": "FLEX", "registered_on": "2025-02-12"})
        job = {"employer": EMPLOYER, "post": "包装工", "channel": "春风行动", "recommended_on": "2025-02-26"}
        yield says("hrss.job_recommended", parent, job | {"accepted": True})
    yield says("medical_insurance.ltc_enrolled", child, {"year": 2025, "premium": "60.00"})
    yield says("medical_insurance.ltc_premium_assisted", child, {"year": 2025, "amount": "60.00", "fund": "medfund"})
    yield says("medical_insurance.ltc_assessment_applied", child, {"applied_on": "2025-02-02"}, "LT")
    yield says("culture_tourism.talent_identified", child, {"field": "绘画", "identified_on": "2025-02-16"})
    for month in range(2, 3 + chance.randrange(4)):
        paid = {"benefit": "DIBAO", "amount": "632.00", "period": f"2025-{month:02d}", "payee": father}
        rest = {"account_tail": "0001", "fund": "county", "paid_on": "2025-02-10"}
        yield says("finance.benefit_paid", father, paid | rest, "DB")
    if chance.random() < 0.2:  # about nobody: filed with the organisations
        parameter = {"parameter": "P-LTC-ACTIVE-FROM", "value": "2027-01-01", "effective_from": "2027-01-01"}
        yield says(f"{federation}.policy_parameter_set", None, parameter | {"basis_doc": f"假设文件{home.serial}"})


def _by_department(story: Iterator[Submission]) -> list[list[Submission]]:
    return list(by_source(list(story)).values())


def _mixed(plans: list[list[Submission]], chance: random.Random) -> Iterator[Submission]:
    """Yield the events of all plans, each plan's in order, a few plans going on at the same time."""
    ahead = plans.copy()
    chance.shuffle(ahead)
    under_way: list[list[Submission]] = []
    while ahead or under_way:
        while ahead and len(under_way) < ABREAST:
            under_way.append(ahead.pop())
        plan = chance.choice(under_way)
        yield plan.pop(0)
        if not plan:
            under_way.remove(plan)


def _dated(submission: Submission, serial: int, chance: random.Random) -> Submission:
    asserted = FIRST_DAY + timedelta(minutes=5 * serial)
    happened = asserted - timedelta(days=chance.randrange(3))
    return submission | {"time": happened.isoformat(), "recordedtime": asserted.isoformat(), "division": "421221"}


def _length(plans: list[list[Submission]]) -> int:
    return sum(map(len, plans))
