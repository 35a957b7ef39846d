"""XN-4 (精神文化关爱): disabled children of difficult families get to learn, play, show their gifts and do sports."""

from services.culture_tourism.events import (
    CulturalActivityJoined,
    TalentIdentified,
    TalentPerformed,
    TalentTrained,
)
from services.disability_federation.charity.events import SportsEventJoined
from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.rules import decline_ended, declined, rule
from services.entitlements.verdicts import State, Verdict

OPPORTUNITIES = (TalentIdentified, TalentTrained, TalentPerformed, CulturalActivityJoined, SportsEventJoined)
"""What counts as an opportunity in culture, sports or arts."""


@rule("E07", "XN-4", "person", "精神文化关爱", need="CULT", alarms=25, meant=lambda child: child.is_disabled_child)
def culture_and_sports(child: Person, chain: Chain) -> Verdict:
    """Judge whether a disabled child of a difficult family had an opportunity in culture, sports or arts in time."""
    family, had = child.family, child.facts(*OPPORTUNITIES)
    chain.cite(family.held_by, family.recognised_by, child.proof(child.on))
    if not child.is_disabled_child:
        return chain.state(State.NOT_APPLICABLE)
    old_enough = child.birthday(child.param("P-CULT-AGE-FROM"))
    if not family.difficult or old_enough is None or child.on < old_enough:
        return chain.state(State.NOT_ELIGIBLE)
    if decline := declined(child, "CULT", had):
        return chain.state(State.DECLINED, decline.fact)
    begins = [family.difficult[0], child.disabled_since, old_enough, *decline_ended(child, "CULT", had)]
    sources = (
        CulturalActivityJoined,
        SportsEventJoined,
    )  # two departments say so: only if both do, silence says "none"
    silent = next(
        (one for one in sources if not chain.covered(one, family.county, chain.begin(one, *begins))), sources[0]
    )
    chain.because["last"] = had[-1].day if had else None
    chain.rolling("P-CULT-M", silent, had[-1] if had else None, *begins, department="CUL")
    return chain.verdict()
