"""Money by source; bills by who pays; what was paid twice; the levy; what nobody claimed, and months without cover.

Cash alone: what left an account less what came back, in the month in which it did. A promise or an appropriation is
never added to it. Amounts are yuan, to the cent. Source: rules D5 and D6.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from services.civil_affairs.events import CharityAidGranted
from services.disability_federation.rehabilitation.events import RehabMonthReported
from services.entitlements.circumstances import Family
from services.entitlements.clauses.xn_2_selfpaid import gone_unclaimed
from services.entitlements.clauses.xn_9_family import months_without_cover
from services.entitlements.facts import Fact, Facts
from services.entitlements.indicators.tables import CENT, COUNTY, NOWHERE_KNOWN, Counts, Key, Layout, Table, share
from services.entitlements.policy import amount
from services.finance.events import (
    BenefitPaid,
    BenefitRecovered,
    CadreSupportPooled,
    FundAppropriated,
    FundBudgeted,
    FundSpent,
)
from shared.policy.calendar import month_of

LEVY = "esf"
NO_FUND = "?"
"""The fund of what came back for a payment that is not on record."""
PAYERS = ("insurance", "upper", "aided", "institution", "charity", "self")
"""Who pays a bill, in the order of the policy."""

PAID = Layout(
    "paid",
    "待遇发放（按资金来源）",
    ("fund", "benefit", COUNTY, "month"),
    {"persons": "涉及人数", "paid": "发放", "recovered": "追回", "net": "发放减追回"},
    ("persons",),
    {},
    dict.fromkeys(("paid", "recovered", "net"), ("persons",)),
)
BILLS = Layout(
    "bills",
    "康复训练费用由谁承担",
    (COUNTY, "month"),
    {
        "persons": "儿童数",
        "bills": "账单数",
        "total": "费用合计",
        "insurance": "医保报销",
        "upper": "上级项目",
        "aided": "县市救助",
        "institution": "机构减免",
        "charity": "慈善帮扶（另计）",
        "self": "家庭自费",
    },
    ("persons",),
    {},
    dict.fromkeys(("bills", "total", *PAYERS), ("persons",)),
)
TWICE = Layout(
    "twice",
    "同一人同一待遇同一月份由两种资金发放",
    ("benefit", COUNTY),
    {"persons": "人数", "amount": "涉及金额"},
    ("persons",),
    {},
    {"amount": ("persons",)},
)
SPENT = Layout(
    "levy",
    "残保金支出用途",
    ("purpose", "year"),
    {"spent": "支出", "for_difficult": "其中用于困难残疾儿童家庭", "share": "占比"},
)
PROMISED = Layout(
    "promised",
    "预算与下达（不是支出，不与支出相加）",
    ("fund", "purpose", "year"),
    {"budgeted": "预算安排", "appropriated": "资金下达"},
)
CADRES = Layout("cadres", "干部包保资金归集（只列合计）", ("month",), {"pooled": "归集"})
UNCLAIMED = Layout(
    "unclaimed",
    "过期未申请的自费部分补助",
    (COUNTY,),
    {"persons": "儿童数", "quarters": "季度数", "self_paid": "自费金额"},
    ("persons",),
    {},
    {"quarters": ("persons",), "self_paid": ("persons",)},
)
UNCOVERED = Layout(
    "uncovered",
    "跨县迁移后低保空档",
    (COUNTY,),
    {"families": "家庭数", "months": "空档月数"},
    ("families",),
    {},
    {"months": ("families",)},
)


class Spending:
    """Counts what families were paid in the month of a day, and what they missed by that day."""

    def __init__(self, on: date) -> None:
        self._month = month_of(on)
        self._paid, self._bills, self._twice = Counts(), Counts(), Counts()
        self._unclaimed, self._uncovered = Counts(), Counts()
        self._facts: Facts = Facts(())

    def add(self, family: Family) -> None:
        """Count a family."""
        payments = family.facts.of(BenefitPaid)
        self._payments(family, payments)
        self._pay_twice(payments)
        self._of_bills(family)
        county = family.county or NOWHERE_KNOWN
        for child in family.children:
            if quarters := gone_unclaimed(child):
                self._unclaimed.add((county,), "persons")
                self._unclaimed.add((county,), "quarters", len(quarters))
                self._unclaimed.add((county,), "self_paid", sum(quarters.values(), Decimal(0)))
        if months := months_without_cover(family):
            self._uncovered.add((county,), "families")
            self._uncovered.add((county,), "months", months)

    def city(self, facts: Facts) -> None:
        """Take what is known of money beside the families."""
        self._facts = facts

    def _payments(self, family: Family, payments: list[Fact[BenefitPaid]]) -> None:
        persons: dict[Key, set[str]] = defaultdict(set)
        for one in payments:
            if month_of(one.day) == self._month:
                key: Key = (one.event.fund, one.event.benefit, one.division or NOWHERE_KNOWN, self._month)
                persons[key].add(one.subject)
                self._paid.add(key, "paid", one.event.amount)
        for back in family.facts.of(BenefitRecovered):
            if month_of(back.day) == self._month:
                fund = _fund_of(back, payments)
                key = (fund, back.event.benefit, back.division or NOWHERE_KNOWN, self._month)
                persons[key].add(back.subject)
                self._paid.add(key, "recovered", back.event.amount)
        for where, who in persons.items():
            self._paid.add(where, "persons", len(who))

    def _pay_twice(self, payments: list[Fact[BenefitPaid]]) -> None:
        """Count a person's months of a benefit that two funds paid, the later of them in this month."""
        found: dict[tuple[str, str, str], list[Fact[BenefitPaid]]] = defaultdict(list)
        for one in payments:
            if one.event.period and not one.event.supplement:
                found[one.subject, one.event.benefit, one.event.period].append(one)
        counted = set()
        for (person, benefit, _), some in found.items():
            if len({one.event.fund for one in some}) > 1 and month_of(some[-1].day) == self._month:
                key = (benefit, some[-1].division or NOWHERE_KNOWN)
                self._twice.add(key, "persons", (person, key) not in counted)
                self._twice.add(key, "amount", some[-1].event.amount)
                counted.add((person, key))

    def _of_bills(self, family: Family) -> None:
        seen = set()
        months = [one for one in family.facts.of(RehabMonthReported) if month_of(one.day) == self._month]
        for one in months:
            event, key = one.event, (one.division or NOWHERE_KNOWN, self._month)
            self._bills.add(key, "persons", one.subject not in seen)
            seen.add(one.subject)
            self._bills.add(key, "bills")
            for column, fee in {
                "total": event.fee_total,
                "insurance": event.fee_insurance,
                "upper": event.fee_upper,
                "aided": event.fee_aided,
                "institution": event.fee_institution,
                "self": event.fee_self,
            }.items():
                self._bills.add(key, column, amount(fee))
        for aid in family.facts.of(CharityAidGranted):
            if aid.subject in seen and month_of(aid.day) == self._month:
                place = next(one for one in months if one.subject == aid.subject).division or NOWHERE_KNOWN
                self._bills.add((place, self._month), "charity", amount(aid.event.amount))

    def tables(self) -> list[Table]:
        """Return the tables."""
        paid = self._paid.rows(PAID)
        for row in paid.values():
            row |= {column: _cents(row.get(column, 0)) for column in ("paid", "recovered")}
            row["net"] = row["paid"] - row["recovered"]
        bills, twice = self._bills.rows(BILLS), self._twice.rows(TWICE)
        for row in bills.values():
            row |= {column: _cents(row.get(column, 0)) for column in ("total", *PAYERS)}
        for row in twice.values():
            row["amount"] = _cents(row["amount"])
        unclaimed = self._unclaimed.rows(UNCLAIMED)
        for row in unclaimed.values():
            row["self_paid"] = _cents(row["self_paid"])
        return [
            Table(PAID, paid),
            Table(BILLS, bills),
            Table(TWICE, twice),
            *self._of_the_city(),
            Table(UNCLAIMED, unclaimed),
            Table(UNCOVERED, self._uncovered.rows(UNCOVERED)),
        ]

    def _of_the_city(self) -> list[Table]:
        year = int(self._month[:4])
        spent, promised, pooled = Counts(), Counts(), Counts()
        for one in self._facts.of(FundSpent):
            if one.event.fund == LEVY and one.event.year == year:
                key = (one.event.purpose, str(year))
                spent.add(key, "spent", one.event.amount)
                spent.add(key, "for_difficult", one.event.amount if one.event.for_difficult else Decimal(0))
        plans: list[Fact[Any]] = self._facts.of(FundBudgeted, FundAppropriated)
        for planned in plans:
            event = planned.event
            if (event.year or planned.occurred.year) == year:
                column = "budgeted" if isinstance(event, FundBudgeted) else "appropriated"
                promised.add((event.fund, event.purpose, str(year)), column, event.amount)
        for cadre in self._facts.of(CadreSupportPooled):
            if month_of(cadre.day) == self._month:
                pooled.add((self._month,), "pooled", cadre.event.amount)
        rows = spent.rows(SPENT)
        for row in rows.values():
            row["share"] = share(row["for_difficult"], row["spent"])
        return [Table(SPENT, rows), Table(PROMISED, promised.rows(PROMISED)), Table(CADRES, pooled.rows(CADRES))]


def _fund_of(back: Fact[BenefitRecovered], payments: list[Fact[BenefitPaid]]) -> str:
    """Return the fund of the newest payment that an amount came back for."""
    for one in reversed(payments):
        same = (one.subject, one.event.benefit) == (back.subject, back.event.benefit)
        if same and back.event.period in {None, one.event.period}:
            return one.event.fund
    return NO_FUND


def _cents(value: Decimal | int) -> Decimal:
    return Decimal(value).quantize(CENT)
