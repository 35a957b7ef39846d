"""SH-G (基地设立): each category of the self-help programme has a base, with an agreement and a plan of the year."""

from datetime import date, timedelta
from typing import Any

from services.disability_federation.self_help.events import BaseApplicantAssessed, BaseEstablished, BaseServicePlanMade
from services.entitlements.bases import Base
from services.entitlements.chain import Chain
from services.entitlements.city import Whole
from services.entitlements.facts import Fact
from services.entitlements.rules import rule
from services.entitlements.verdicts import Verdict
from shared.log.parameters import CITY
from shared.policy.calendar import add_days, add_months, on_month_day


@rule("E32", "SH-G", "city", "自助互助基地设立", alarms=10)
def bases_are_set_up(city: Whole, chain: Chain) -> Verdict:
    """Judge whether every category has a base in force; a base's plan of the year is due too."""
    since = add_days(city.param("P-SH-BASE-DATE"), 1)
    in_force = [(base, one) for base in city.bases for one in base.agreements if base.in_force(one, city.on)]
    for category in city.param("P-SH-CATEGORIES"):
        found = [one for _, one in in_force if one.event.category == category]
        chain.cite(found)
        if found:
            continue
        if city.param("P-SH-BASE-DUTY") == "province":
            chain.cannot_tell(BaseEstablished, since, CITY, "(province)")
        else:
            chain.gap("G3", since, since - timedelta(1), "DPF", CITY)
    for base, one in in_force:
        _plans(city, chain, base, one)
        _warn(city, chain, base, one)
    return chain.verdict()


def _plans(city: Whole, chain: Chain, base: Base, agreement: Fact[BaseEstablished]) -> None:
    """Take the service plans of a base: one a year, from the year in which it was established."""
    for year in range(max(city.param("P-START-YEAR"), agreement.day.year), city.on.year + 1):
        due = on_month_day(year, city.param("P-PLAN-DATE", date(year, 1, 1)))
        if due < agreement.day:
            due = add_days(agreement.day, city.param("P-CATCHUP-D", agreement.day))
        made = [one for one in base.facts(BaseServicePlanMade) if one.event.year == year]
        if not made and chain.on > due and chain.covered(BaseServicePlanMade, agreement.event.division, due):
            chain.gap("G3", due + timedelta(1), due, "DPF", agreement.event.division, agreement)


def _warn(city: Whole, chain: Chain, base: Base, agreement: Fact[BaseEstablished]) -> None:
    """Warn of an agreement or a condition that ends soon (G6)."""
    ends: list[tuple[date, Fact[Any]]] = [(agreement.event.valid_to, agreement)] if agreement.event.valid_to else []
    for one in base.facts(BaseApplicantAssessed)[-1:]:
        ends += [
            (date.fromisoformat(str(condition["valid_to"])), one)
            for condition in one.event.conditions_met
            if condition.get("valid_to")
        ]
    for end, one in ends:
        if end >= city.on:
            warned = add_months(end, -city.param("P-CERT-RENEW-M"))
            chain.warn("G6", warned, end, one, division=agreement.event.division)
