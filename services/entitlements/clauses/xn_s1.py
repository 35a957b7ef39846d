"""XN-S1 (督导检查): the city's plan of the year, its inspection, and the report on it."""

from datetime import date

from services.disability_federation.supervision.events import (
    AnnualPlanAdopted,
    InspectionHeld,
    InspectionReportSubmitted,
)
from services.entitlements.chain import Chain
from services.entitlements.city import Whole
from services.entitlements.policy import Due
from services.entitlements.rules import rule
from services.entitlements.verdicts import Verdict
from shared.log.parameters import CITY
from shared.policy.calendar import on_month_day
from shared.policy.lists import code_lists

LAST_DAY = "12-31"


@rule("E28", "XN-S1", "city", "督导检查与上报", alarms=10)
def supervision(city: Whole, chain: Chain) -> Verdict:
    """Judge the yearly duties: a plan adopted, an inspection held, its report submitted; past years stay open."""
    for year in range(city.param("P-START-YEAR"), city.on.year + 1):
        begin = date(year, 1, 1)
        plans = [one for one in city.facts.of(AnnualPlanAdopted) if one.event.year == year and _federations(one.event)]
        chain.cite(plans[:1])
        if not plans:
            _due(chain, AnnualPlanAdopted, begin, city.param("P-PLAN-DATE", begin))
        held = [one for one in city.facts.of(InspectionHeld) if one.event.held_on.year == year]
        chain.cite(held)
        if not _enough(city, [one.event.division for one in held], begin):
            _due(chain, InspectionHeld, begin, LAST_DAY)
        reports = [one for one in city.facts.of(InspectionReportSubmitted) if one.event.year == year]
        if reports:
            chain.cite(reports[:1])
        else:
            _due(chain, InspectionReportSubmitted, begin, city.param("P-REPORT-DATE", begin))
    return chain.verdict()


def _federations(plan: AnnualPlanAdopted) -> bool:
    """Whether a plan is the federation's own: other departments' plans are recorded with their names."""
    return plan.by_department in {None, "DPF"}


def _enough(city: Whole, divisions: list[str], begin: date) -> bool:
    """Whether enough was inspected in a year: in the city, or in every county where that is asked for."""
    wanted: int = city.param("P-INSPECT-PER-YEAR", begin)
    if city.param("P-INSPECT-SCOPE", begin) == "city":
        return len(divisions) >= wanted
    counties = [code for code in code_lists()["DIV"]["codes"] if code != CITY and code.startswith(CITY[:4])]
    return all(divisions.count(county) >= wanted for county in counties)


def _due(chain: Chain, awaited: type, begin: date, month_day: str) -> None:
    """Take one duty of a year that is not done."""
    if not chain.covered(awaited, CITY, begin):
        chain.cannot_tell(awaited, begin, CITY)
    else:
        chain.clock("G3", Due(on_month_day(begin.year, month_day)), "DPF", CITY)
