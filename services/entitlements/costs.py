"""What benefits whose amounts are parameters cost in a month: estimates, for rehearsals alone (rules A23). Pure.

No verdict depends on these amounts. What counts is the difference between two values: an estimate says how it is made
(`how`), and leaves out whatever is the same with both.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.civil_affairs.events import DibaoDecided
from services.disability_federation.home_modification.events import HomeModificationDecided
from services.disability_federation.rehabilitation.events import (
    CochlearSubsidyDecided,
    RehabAidDecided,
    RehabEnded,
    RehabMonthReported,
)
from services.entitlements.circumstances import APPROVED, FAMILY_DIBAO, Family
from services.entitlements.facts import Fact
from services.entitlements.policy import Policy, amount
from services.medical_insurance.events import LtcEnrolled
from shared.policy.calendar import last_of, month_of
from shared.policy.parameters import EVERYWHERE

MONTHS = 12
CENT = Decimal("0.01")
NONE = Decimal(0)
Count = Callable[[Family, Policy, str], Decimal]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one benefit costs in a month: by which parameters, how it is estimated, and the function that adds it up."""

    benefit: str
    parameters: frozenset[str]
    how: str
    count: Count


def _aid(family: Family, policy: Policy, month: str) -> Decimal:
    day = last_of(month)
    found = NONE
    for one in family.facts.of(RehabAidDecided):
        said = one.event
        if said.decision != APPROVED or not said.aid_from or not said.aid_to or not said.aid_from <= day <= said.aid_to:
            continue
        ended = [end for end in family.facts.of(RehabEnded, subject=one.subject) if one.day <= end.day <= day]
        if not ended:
            found += policy.value("P-REHAB-ANNUAL", one.division or family.county, day) / MONTHS
    return found


def _allowance(family: Family, policy: Policy, month: str) -> Decimal:
    months = [one for one in family.facts.of(RehabMonthReported) if one.event.month == month and one.event.sessions]
    values = [policy.value("P-FAMLIV-MONTH", one.division or family.county, last_of(month)) for one in months]
    return sum(values, NONE)


def _approved_once(cls: type[Any], parameter: str) -> Count:
    """Return what adds up a benefit that is paid once, in the month of its approval."""

    def count(family: Family, policy: Policy, month: str) -> Decimal:
        granted = [one for one in family.facts.of(cls) if one.event.decision == APPROVED and month_of(one.day) == month]
        return sum((policy.value(parameter, one.division or family.county, one.day) for one in granted), NONE)

    return count


def _dibao(family: Family, policy: Policy, month: str) -> Decimal:
    day = last_of(month)
    types = {one.event.dibao_type for one in family.facts.of(DibaoDecided)}
    found = NONE
    for one in family.dibao(day, types):
        if one.event.pay_from and one.event.pay_from > month:
            continue
        each = _standard(family, policy, one.division or family.county, day)
        if one.event.dibao_type != FAMILY_DIBAO:
            each *= policy.value("P-DIBAO-SINGLE-RATE", one.division or family.county, day)
        found += each * len(one.event.persons)
    return found


def _standard(family: Family, policy: Policy, division: str | None, day: date) -> Decimal:
    """Return the standard for a person of the family, by its registration in town or village."""
    kind = family.opening.event.hukou_type if family.opening else "rural"
    rows = policy.value("P-DIBAO-STD", division, day)
    own = [row for row in rows if row["division"] == division] or [row for row in rows if row["division"] == EVERYWHERE]
    return Decimal(own[-1].get(kind, own[-1]["rural"])) if own else NONE


def _premium(family: Family, policy: Policy, month: str) -> Decimal:
    enrolled = [one for one in family.facts.of(LtcEnrolled) if month_of(one.day) == month]
    values = [
        one.event.premium * policy.value("P-LTC-PREMIUM-SHARE", one.division or family.county, one.day)
        for one in enrolled
    ]
    return sum(values, NONE)


def _self_paid(family: Family, policy: Policy, month: str) -> Decimal:
    """Return what of a month's own cost is paid back: what the year has come to by it, less what it had before."""
    day = last_of(month)
    if family.recognition(min(day, family.on)) is None:
        return NONE
    found = NONE
    year = [one for one in family.facts.of(RehabMonthReported) if month[:4] == one.event.month[:4]]
    for child in sorted({one.subject for one in year}):
        own = [one for one in year if one.subject == child]
        rate = policy.value("P-SELFPAY-RATE", family.county, day)
        cap = policy.value("P-SELFPAY-CAP", family.county, day)
        by_now, before = (
            min(cap, rate * _fees(one for one in own if one.event.month <= month and (upto or one.event.month < month)))
            for upto in (True, False)
        )
        found += by_now - before
    return found


def _fees(months: Iterable[Fact[RehabMonthReported]]) -> Decimal:
    return sum((amount(one.event.fee_self) for one in months), NONE)


ESTIMATES = (
    Estimate("康复救助", frozenset({"P-REHAB-ANNUAL"}), "当月末在救助期内的儿童数×年度限额÷12", _aid),
    Estimate("家庭生活补贴", frozenset({"P-FAMLIV-MONTH"}), "当月有训练记录的儿童数×月标准", _allowance),
    Estimate(
        "人工耳蜗补助", frozenset({"P-COCHLEAR-AMOUNT"}), "当月批准的人数×补助标准",
        _approved_once(CochlearSubsidyDecided, "P-COCHLEAR-AMOUNT"),
    ),
    Estimate(
        "家庭无障碍改造", frozenset({"P-HOMEMOD-AMOUNT"}), "当月批准的户数×通常补助额",
        _approved_once(HomeModificationDecided, "P-HOMEMOD-AMOUNT"),
    ),
    Estimate(
        "低保金", frozenset({"P-DIBAO-STD", "P-DIBAO-SINGLE-RATE"}),
        "当月末在保人数×标准（单人户再乘通常比例），家庭收入不变，只看差额", _dibao,
    ),
    Estimate("长护险缴费资助", frozenset({"P-LTC-PREMIUM-SHARE"}), "当月参保人的个人缴费×资助比例", _premium),
    Estimate(
        "康复自费部分补助", frozenset({"P-SELFPAY-RATE", "P-SELFPAY-CAP"}),
        "认定家庭儿童当月自费×比例，每人每年不超过上限", _self_paid,
    ),
)  # fmt: skip
"""Every benefit whose amount is a parameter."""

UNIT = {
    "E02": ("P-REHAB-ANNUAL", "每年"),
    "E03": ("P-COCHLEAR-AMOUNT", "一次"),
    "E05": ("P-FAMLIV-MONTH", "每月"),
    "E06": ("P-HOMEMOD-AMOUNT", "一次"),
}
"""What one more person (or home) that a rule reaches costs at most, by which parameter, and how often."""
