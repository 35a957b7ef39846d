"""XN-1 and XN-S2 (资金保障): the employment security fund is budgeted, first, for difficult families."""

from datetime import date

from services.disability_federation.home_modification.events import HomeModificationDecided
from services.disability_federation.rehabilitation.events import CochlearSubsidyDecided, SelfPaidSubsidyDecided
from services.entitlements.chain import Chain
from services.entitlements.city import Whole
from services.entitlements.policy import Due, amount
from services.entitlements.rules import rule
from services.entitlements.verdicts import Verdict
from services.finance.events import FundAppropriated, FundBudgeted, FundSpent
from services.hrss.events import StartupSupportDecided
from shared.log.parameters import CITY
from shared.policy.calendar import on_month_day

ESF = "esf"
"""The employment security fund (残保金)."""
COMMITS = {
    HomeModificationDecided: "HOMEMOD",
    CochlearSubsidyDecided: "COCHLEAR",
    SelfPaidSubsidyDecided: "SELFPAY",
    StartupSupportDecided: "STARTUP",
}
"""Decisions that promise an amount, with the benefit that it is of."""
OF_THE_FUND = (HomeModificationDecided, StartupSupportDecided)
"""Decisions of what the fund is for first: homes, training, starting a business."""


@rule("E29", "XN-1", "city", "资金保障", alarms=10)
def money_is_there(city: Whole, chain: Chain) -> Verdict:
    """Judge whether the fund was budgeted in time for the policy's purposes; a past year stays open until done."""
    for year in range(city.param("P-START-YEAR"), city.on.year + 1):
        begin = date(year, 1, 1)
        purposes = city.param("P-ESF-PURPOSES", begin)
        budgeted = [
            one
            for one in city.facts.of(FundBudgeted)
            if (one.event.year, one.event.fund) == (year, ESF) and one.event.purpose in purposes
        ]
        if budgeted:
            chain.cite(budgeted)
        elif not chain.covered(FundBudgeted, CITY, begin):
            chain.cannot_tell(FundBudgeted, begin, CITY)
        else:
            chain.clock("G3", Due(on_month_day(year, city.param("P-BUDGET-DATE", begin))), "FIN", CITY)
        _promised_too_much(city, chain, year)
    _spent_on_others(city, chain)
    return chain.verdict()


def _promised_too_much(city: Whole, chain: Chain, year: int) -> None:
    """Warn when more of a benefit was promised in a year than was appropriated, where anything was (G8)."""
    for cls, benefit in COMMITS.items():
        appropriated = [
            one
            for one in city.facts.of(FundAppropriated)
            if one.event.purpose == benefit and (one.event.year or one.occurred.year) == year
        ]
        left = sum(one.event.amount for one in appropriated)
        for one in city.promised if appropriated else []:
            if one.cls is cls and one.day.year == year:
                left -= amount(one.event.amount)
                if left < 0:
                    chain.warn("G8", one.day, None, one, *appropriated)
                    break


def _spent_on_others(city: Whole, chain: Chain) -> None:
    """Warn when the fund was spent on others while a difficult family waited for what was approved (G7)."""
    for one in city.facts.of(FundSpent):
        if one.event.fund == ESF and not one.event.for_difficult:
            waiting = [each.fact for each in city.waiting if each.since <= one.day <= (each.until or date.max)]
            if waiting:
                chain.warn("G7", one.day, None, one, *waiting)
