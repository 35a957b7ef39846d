"""SH-3 (师资达标): a base has its trainers, among them trained peers or kin, and one manager, while a cohort runs."""

from datetime import date

from services.disability_federation.self_help.events import CohortOpened, TrainerAssigned
from services.entitlements.bases import Base
from services.entitlements.chain import Chain
from services.entitlements.rules import rule
from services.entitlements.verdicts import State, Verdict


@rule("E33", "SH-3", "base", "自助互助基地师资达标", alarms=10)
def team_is_complete(base: Base, chain: Chain) -> Verdict:
    """Judge whether a base in force has the team that the programme asks for."""
    agreements = [one for one in base.agreements if base.in_force(one, base.on)]
    if not agreements:
        return chain.state(State.NOT_APPLICABLE)
    chain.cite(agreements, base.team_facts)
    division = agreements[0].event.division
    if not base.facts(TrainerAssigned) and not chain.covered(TrainerAssigned, division, agreements[0].day):
        chain.cannot_tell(TrainerAssigned, agreements[0].day, division)
        return chain.verdict()
    if base.is_complete(base.on):
        return chain.verdict()
    running = [one for one in base.facts(CohortOpened) if one.event.starts_on <= base.on <= one.event.ends_on]
    if not running:
        return chain.cite(base.team_facts).verdict(State.PENDING)
    begun = min(one.event.starts_on for one in running)
    since = max(begun, _below_since(base, agreements[0].day))
    chain.gap("G8", since, None, "SHR", division, *running)
    return chain.verdict()


def _below_since(base: Base, established: date) -> date:
    """Return the first day of the unbroken run, up to this day, in which the team is not complete."""
    since = None
    for day in sorted({established, *(one.day for one in base.team_facts)}):
        if day <= base.on:
            since = None if base.is_complete(day) else since or day
    return since or base.on
