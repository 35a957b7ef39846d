"""What departments put right: a slip of the pen corrected some days later, an entry too many withdrawn."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from services.city import calibration
from services.city.story import Story, Told, workday

Change = Callable[[Any], Any]


def _other(number: str) -> Change:
    return lambda value: number if value != number else str(int(number) + 1)


def _one_more(value: int) -> int:
    return value + 1


def _day_before(value: str) -> str:
    return (date.fromisoformat(value) - timedelta(days=1)).isoformat()


SLIPS: dict[str, tuple[str, Change, str]] = {
    "disability_federation.rehab_month_reported": ("sessions", _one_more, "训练次数录错"),
    "disability_federation.pairing_visited": ("help", lambda _: "了解家庭情况。", "内容录错"),
    "disability_federation.community_rehab_provided": ("service", lambda _: "康复知识讲座", "服务项目选错"),
    "education.home_teaching_delivered": ("hours", _other("2"), "课时录错"),
    "education.resource_support_provided": ("hours", _other("3"), "课时录错"),
    "civil_affairs.volunteer_service_recorded": ("volunteers", _one_more, "人数录错"),
    "hrss.training_provided": ("hours", _other("80"), "课时录错"),
    "hrss.employment_started": ("monthly_income", _other("2150.00"), "收入录错"),
    "medical_insurance.basic_medical_insured": ("assisted", lambda value: not value, "资助情况选错"),
    "culture_tourism.cultural_activity_joined": ("name", lambda _: "虚构读书会", "活动名称录错"),
    "culture_tourism.talent_trained": ("hours", _other("24"), "课时录错"),
    "finance.benefit_paid": ("account_tail", _other("1234"), "账号后四位录错"),
}
"""What is easily typed wrong: the field, how, and the reason that is given later. Nothing else rests on it."""
EXTRA: dict[str, tuple[str, Change, str]] = {
    "disability_federation.community_rehab_provided": ("served_on", _day_before, "重复录入"),
    "education.resource_support_provided": ("served_on", _day_before, "重复录入"),
    "civil_affairs.volunteer_service_recorded": ("activity", lambda _: "陪同就医", "录入到其他家庭"),
    "hrss.job_recommended": ("post", lambda _: "食堂帮工", "录入到其他人员"),
    "medical_insurance.basic_medical_insured": ("year", lambda _: 2024, "年度选错"),
    "culture_tourism.cultural_activity_joined": ("held_on", _day_before, "重复录入"),
    "finance.benefit_paid": ("fund", lambda _: "foundation", "重复录入"),
}
"""What is entered once too often: in which field the extra entry differs, and why it is withdrawn."""


def put_right(story: Story) -> None:
    """Correct and withdraw a few of the entries that nothing else rests on."""
    for one in list(story.told):
        type_name = one.event["type"]
        if type_name in SLIPS and story.chance(calibration.CORRECTED * _rarely(type_name)):
            _correct(story, one, *SLIPS[type_name])
        elif type_name in EXTRA and story.chance(calibration.WITHDRAWN * _rarely(type_name)):
            _withdraw(story, one, *EXTRA[type_name])


def _rarely(type_name: str) -> float:
    """Payments come out of programs: they are rarely wrong. Who reports seldom is out of practice."""
    if type_name.startswith("finance"):
        return 0.15
    return 8 if type_name.startswith("culture_tourism") else 2.5


def _correct(story: Story, one: Told, field: str, change: Change, reason: str) -> None:
    right = deepcopy(one.event["data"])
    if right.get(field) is None:
        return
    on = workday(one.recorded + timedelta(days=story.rng.randint(2, 40)))
    if on > calibration.LAST or on > story.ends:
        return
    one.event["data"][field] = change(right[field])
    _amend(story, one, on, "event_corrected", corrected_payload=right, reason=reason)


def _withdraw(story: Story, one: Told, field: str, change: Change, reason: str) -> None:
    on = workday(one.recorded + timedelta(days=story.rng.randint(1, 20)))
    if on > calibration.LAST or on > story.ends or one.event["data"].get(field) is None:
        return
    extra = deepcopy(one)
    extra.event["id"] = f"{one.event['id']}x"
    extra.event["data"][field] = change(extra.event["data"][field])
    story.told.append(extra)
    _amend(story, extra, on, "event_withdrawn", reason=reason, approver="虚构科长", _approved=True)


def _amend(story: Story, one: Told, on: date, name: str, *, _approved: bool = False, **payload: Any) -> None:
    original = one.event
    department = original["type"].partition(".")[0]
    on = max(on, calibration.JOINED[department])
    story.tell(f"{department}.{name}", on, None, target_event=original["id"], **payload)
    if story.told and story.told[-1].event["type"].endswith(name):
        event = story.told[-1].event
        if "subject" in original:
            event["subject"] = original["subject"]
        event["division"] = original["division"]
        if _approved:
            event |= {"recordedby": f"{department}-desk", "approvedby": f"{department}-head"}
