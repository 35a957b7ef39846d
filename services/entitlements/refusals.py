"""What follows for a rule from the refusal of its newest claim (rules A10). Pure."""

from collections.abc import Callable
from datetime import date
from typing import Any

from services.entitlements.chain import Chain
from services.entitlements.circumstances import Person
from services.entitlements.claims import FORMAL, Claim, refused
from services.entitlements.facts import Fact

Conform = Callable[[str, date], bool]
"""Whether the facts on a day bear out a reason."""


def follows(chain: Chain, claim: Claim | None, conform: Conform) -> list[date] | None:
    """Return the days before which no offer's clock begins, because of the refusal of a claim; None where it excludes.

    A refusal that the facts contradict is warned of. One that they bore out excludes for as long as they do.
    """
    decision = claim.decision if claim else None
    if claim is None or decision is None or claim.approved:
        return []
    chain.cite(claim.facts, decision)
    match refused(claim, lambda reason, fact: conform(reason, fact.day), chain.on):
        case "excluded":
            return None
        case "contradicted":
            chain.warn("G8", decision.day, None, decision)
            return [decision.day]
    formal = claim.outcome != "refused" or claim.reason in FORMAL
    return [] if formal else [decision.day]


def registered_elsewhere(person: Person, decision: Fact[Any], day: date) -> bool:
    """Whether a person was registered on a day in another county than the one that decided (rules A15)."""
    return person.division_on("hukou", day) != decision.division
