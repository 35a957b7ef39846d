"""XN-S1, XN-1, XN-0, SH-G, SH-3: what is asked of the city and of the bases, state by state."""

from datetime import date

import pytest

from services.disability_federation.home_modification.events import HomeModificationDecided
from services.disability_federation.self_help.events import (
    BaseApplicantAssessed,
    BaseEnded,
    BaseEstablished,
    BaseManagerAppointed,
    BaseServicePlanMade,
    CohortOpened,
    TrainerAssigned,
    TrainerQualified,
    TrainerRemoved,
)
from services.disability_federation.supervision.events import (
    AnnualPlanAdopted,
    InspectionHeld,
    InspectionReportSubmitted,
)
from services.entitlements.city import Group, Waiting, Whole
from services.entitlements.engine import judge_city
from services.finance.events import FundAppropriated, FundBudgeted, FundSpent
from tests.entitlements.evaluate import known, logs, of_the_city
from tests.entitlements.histories import History, feeds_only, number, parameter, shown

CITY = "421200"
HOST = {"code": "52421299MJXBA00124", "name": "虚构希望之家"}
TRAINERS = [number("1980-01-01", n) for n in range(1, 8)]


def judged(
    history: History, rule: str, effective: str, subject: str = f"city:{CITY}"
) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return the state, gaps and warnings of a rule about the city or the base, everything being known."""
    [one] = of_the_city(logs(history.events), date(2034, 12, 31), date.fromisoformat(effective), rule, subject)
    return shown(one.verdict)


def of_the_base(history: History, effective: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return what E33 says of the base."""
    return judged(history, "E33", effective, f"base:{HOST['code']}")


# -- E28: the plan, the inspection, the report


def supervised() -> History:
    """Tell of a year with a plan, an inspection and a report."""
    history = History()
    history.say(AnnualPlanAdopted, "2025-03-01", None, at=CITY, year=2025, by_department="DPF")
    history.say(InspectionHeld, "2025-12-10", None, at=CITY, held_on="2025-12-10", division="421221")
    history.say(InspectionReportSubmitted, "2025-12-29", None, at=CITY, year=2025, submitted_on="2025-12-29")
    return history


@pytest.mark.parametrize(
    ("day", "state", "gaps"),
    [("2025-03-31", "PENDING", {}), ("2025-12-28", "PENDING", {}), ("2025-12-29", "MET", {}),
     ("2026-03-31", "PENDING", {}), ("2026-04-01", "GAP", {"G3": "2026-04-01"})],
)  # fmt: skip
def test_the_duties_of_a_year_are_done_by_their_days(day: str, state: str, gaps: dict[str, str]) -> None:
    assert judged(supervised(), "E28", day)[:2] == (state, gaps)


def test_a_year_without_a_plan_stays_open() -> None:
    history = supervised()
    del history.events[0]

    assert judged(history, "E28", "2026-02-05")[:2] == ("GAP", {"G3": "2025-04-01"})


def test_another_departments_plan_is_not_the_federations() -> None:
    history = supervised()
    history.events[0]["data"]["by_department"] = "EDU"

    assert judged(history, "E28", "2025-12-31")[:2] == ("GAP", {"G3": "2025-04-01"})


def test_each_county_is_inspected_where_that_is_asked_for() -> None:
    history = supervised()
    parameter(history, "P-INSPECT-SCOPE", "county", CITY, "2025-01-01", "2025-01-01")

    assert judged(history, "E28", "2026-01-01")[:2] == ("GAP", {"G3": "2026-01-01"})


def test_without_its_feed_nothing_is_known_of_supervision() -> None:
    history = History()
    feeds_only(history, "DPF", "REG")

    assert judged(history, "E28", "2025-06-01")[0] == "UNKNOWN"


# -- E29: the fund


def budgeted(purpose: str = "HOMEMOD", day: str = "2025-01-16") -> History:
    """Tell of a budget of the fund."""
    history = History()
    history.say(FundBudgeted, day, None, at=CITY, year=2025, fund="esf", purpose=purpose, amount="100000.00")
    return history


def test_the_fund_is_budgeted_for_the_policys_purposes() -> None:
    assert judged(History(), "E29", "2025-03-31")[:2] == ("PENDING", {})
    assert judged(budgeted(), "E29", "2025-04-01")[:2] == ("MET", {})
    assert judged(budgeted("REHAB"), "E29", "2025-04-01")[:2] == ("GAP", {"G3": "2025-04-01"})
    assert judged(budgeted(day="2025-05-06"), "E29", "2025-05-05")[:2] == ("GAP", {"G3": "2025-04-01"})
    assert judged(budgeted(day="2025-05-06"), "E29", "2025-05-06")[:2] == ("MET", {})


def spent(promised: str = "3000.00", *, for_difficult: bool = False) -> tuple[Whole, History]:
    """Tell of an appropriation, a decision of a family's, and what was spent; return the city with what waits."""
    history = budgeted()
    money = {"fund": "esf", "purpose": "HOMEMOD", "amount": "2000.00", "year": 2025}
    history.say(FundAppropriated, "2025-02-01", None, at=CITY, **money)
    history.say(HomeModificationDecided, "2025-05-06", process="GZ-1", decision="approved", amount=promised)
    spending = {"year": 2025, "fund": "esf", "amount": "100.00", "for_difficult": for_difficult}
    history.say(FundSpent, "2025-11-20", None, at=CITY, **spending)
    case, city, policy = known(logs(history.events), date(2034, 12, 31))
    decided = case.facts.of(HomeModificationDecided)
    waiting = [Waiting(date(2025, 10, 1), None, decided[0])]
    return Whole(city.facts, policy, date(2025, 12, 31), Group(), decided, waiting), history


def test_more_promised_than_appropriated_is_warned_of_from_the_decision_that_exceeds() -> None:
    [more] = judge_city(spent(for_difficult=True)[0], only=["E29"])
    [less] = judge_city(spent("2000.00", for_difficult=True)[0], only=["E29"])

    assert shown(more.verdict) == ("MET", {}, {"G8": "2025-05-06"})
    assert shown(less.verdict) == ("MET", {}, {})


def test_spending_on_others_is_warned_of_while_a_difficult_family_waits() -> None:
    [found] = judge_city(spent("2000.00")[0], only=["E29"])

    assert shown(found.verdict) == ("MET", {}, {"G7": "2025-11-20"})


# -- E30: the target


@pytest.mark.parametrize(
    ("day", "without_gap", "state", "gaps"),
    [(date(2027, 12, 31), 1, "PENDING", {}), (date(2028, 1, 1), 1, "GAP", {"G3": "2028-01-01"}),
     (date(2028, 1, 1), 2, "MET", {})],
)  # fmt: skip
def test_everybody_is_reached_by_the_target_day(day: date, without_gap: int, state: str, gaps: dict[str, str]) -> None:
    _, city, policy = known(logs(supervised().events), date(2034, 12, 31))
    [found] = judge_city(Whole(city.facts, policy, day, Group(2, without_gap)), only=["E30"])

    assert shown(found.verdict)[:2] == (state, gaps)


# -- E32, E33: bases and their teams


def base(category: str = "SH3", established: str = "2025-01-10", valid_to: str = "2027-12-31") -> History:
    """Tell of a base with a team of five, two of them trained peers, and a manager."""
    history = History()
    said = {"uscc": HOST["code"], "category": category, "established_on": established, "valid_to": valid_to}
    history.say(BaseEstablished, established, None, **said)
    for at, trainer in enumerate(TRAINERS[:5]):
        role = "PEER" if at < 2 else "PRO"
        history.say(
            TrainerQualified, "2024-12-01", None, trainer=trainer, role=role, passed_on="2024-12-01", can_lead=True
        )
        history.say(TrainerAssigned, established, None, trainer=trainer, role=role, from_date=established, base=HOST)
    history.say(BaseManagerAppointed, established, None, from_date=established, base=HOST)
    return history


def cohort(history: History, starts_on: str, ends_on: str, process: str = "SH-2025-01") -> History:
    """Open a cohort at the base."""
    history.say(CohortOpened, starts_on, None, process=process, starts_on=starts_on, ends_on=ends_on, base=HOST)
    return history


def test_a_category_without_a_base_cannot_be_told_or_is_the_citys_to_set_up() -> None:
    history = base()
    assert judged(history, "E32", "2025-02-01")[:2] == ("UNKNOWN", {"G5": "2025-01-01"})

    parameter(history, "P-SH-BASE-DUTY", "city", CITY, "2024-01-01", "2025-01-01")
    assert judged(history, "E32", "2025-02-01")[:2] == ("GAP", {"G3": "2025-01-01"})

    parameter(history, "P-SH-CATEGORIES", "SH3", CITY, "2024-01-01", "2025-01-01")
    assert judged(history, "E32", "2025-02-01")[:2] == ("MET", {})


def test_a_base_makes_its_plan_of_the_year() -> None:
    history = base()
    parameter(history, "P-SH-CATEGORIES", "SH3", CITY, "2024-01-01", "2025-01-01")
    assert judged(history, "E32", "2025-04-01")[:2] == ("GAP", {"G3": "2025-04-01"})

    history.say(BaseServicePlanMade, "2025-04-20", None, year=2025, base=HOST)
    assert judged(history, "E32", "2025-04-20")[:2] == ("MET", {})


def test_what_ends_within_a_year_is_warned_of_until_it_ends() -> None:
    history = base()
    conditions = [{"no": "5", "met": True, "evidence": "虚构消防验收意见书", "valid_to": "2026-06-30"}]
    said = {"uscc": HOST["code"], "category": "SH3", "conditions_met": conditions, "assessed_on": "2025-01-05"}
    history.say(BaseApplicantAssessed, "2025-01-05", None, **said)

    assert judged(history, "E32", "2025-06-29")[2] == {}
    assert judged(history, "E32", "2025-06-30")[2] == {"G6": "2025-06-30"}
    assert judged(history, "E32", "2026-06-30")[2] == {"G6": "2025-06-30"}
    assert judged(history, "E32", "2026-07-01")[2] == {}


def test_a_whole_team_meets_the_rule_wherever_its_trainers_qualified() -> None:
    assert of_the_base(base(), "2025-01-10")[:2] == ("MET", {})
    assert of_the_base(base(), "2025-01-09")[0] == "NOT_APPLICABLE"


def test_a_team_below_is_a_gap_while_a_cohort_runs_and_pending_before_and_after() -> None:
    history = cohort(base(), "2025-03-01", "2025-03-31")
    history.say(TrainerRemoved, "2025-03-12", None, trainer=TRAINERS[4], to_date="2025-03-12", base=HOST)

    assert of_the_base(history, "2025-03-12")[0] == "MET"
    assert of_the_base(history, "2025-03-13")[:2] == ("GAP", {"G8": "2025-03-13"})
    assert of_the_base(history, "2025-04-01")[:2] == ("PENDING", {})


def test_below_before_the_cohort_counts_from_its_first_day() -> None:
    history = base()
    history.say(TrainerRemoved, "2025-02-12", None, trainer=TRAINERS[0], to_date="2025-02-12", base=HOST)

    assert of_the_base(cohort(history, "2025-03-01", "2025-03-31"), "2025-03-05")[:2] == ("GAP", {"G8": "2025-03-01"})


def test_trained_peers_and_a_manager_are_asked_for() -> None:
    history = cohort(base(), "2025-03-01", "2025-03-31")
    no_manager = History()
    no_manager.events = history.events[:-2] + history.events[-1:]
    cannot_lead = History()
    cannot_lead.events = [
        dict(one, data=one["data"] | {"can_lead": False}) if "can_lead" in one["data"] else one
        for one in history.events
    ]

    assert of_the_base(no_manager, "2025-03-02")[0] == "GAP"
    assert of_the_base(cannot_lead, "2025-03-02")[0] == "GAP"


def test_without_its_feed_nothing_is_known_of_a_bases_trainers() -> None:
    history = base()
    history.events = history.events[:1]
    feeds_only(history, "DPF", "REG")

    assert of_the_base(history, "2025-02-01")[0] == "UNKNOWN"


def test_a_base_that_ended_has_no_team_to_judge() -> None:
    history = base()
    history.say(BaseEnded, "2025-02-28", None, ended_on="2025-02-28", base=HOST)

    assert of_the_base(history, "2025-03-01")[0] == "NOT_APPLICABLE"
