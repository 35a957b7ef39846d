"""Which event in the modification of a home may follow which, and what none of them may contain."""

from collections.abc import Iterator

from services.disability_federation.granting import APPROVED
from services.disability_federation.home_modification.events import (
    HomeModificationApplied,
    HomeModificationAssessed,
    HomeModificationCompleted,
    HomeModificationDecided,
    HomeModificationInspected,
)
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, newest

RULES.after(HomeModificationAssessed, HomeModificationApplied, same="process", number="HOM-02.a")
RULES.after(HomeModificationDecided, HomeModificationApplied, same="process", number="HOM-03.a")
RULES.after(HomeModificationCompleted, HomeModificationDecided, same="process", number="HOM-04.a")
RULES.after(HomeModificationInspected, HomeModificationCompleted, same="process", number="HOM-05.a")

RULES.distinct(HomeModificationApplied, "items_wanted", code="code_named_twice", number="HOM-01.1")
RULES.given(
    HomeModificationDecided, "amount", "fund", when=("decision", APPROVED), code="amount_missing", number="HOM-03.1"
)
RULES.not_before(
    HomeModificationInspected, "inspected_on", "completed_on", of=HomeModificationCompleted, number="HOM-05.1"
)
RULES.declared(HomeModificationInspected, "defects", number="HOM-05.2")


@RULES.flag(HomeModificationDecided, number="HOM-03.2")
def no_more_is_granted_than_was_planned(event: HomeModificationDecided, past: Past) -> Iterator[Fault]:
    """Flag a grant above the budget of the assessment."""
    assessed = newest(past, HomeModificationAssessed, same="process")
    if assessed and event.amount is not None and event.amount > assessed.budget:
        yield flag("above_budget", "/data/amount")


@RULES.flag(HomeModificationDecided, number="HOM-03.3")
def no_more_is_granted_than_is_usual(event: HomeModificationDecided, past: Past) -> Iterator[Fault]:
    """Flag a grant above the usual amount; it is no limit."""
    if event.amount is not None and event.amount > past.parameter("P-HOMEMOD-AMOUNT"):
        yield flag("departs_from_parameter", "/data/amount")


@RULES.flag(HomeModificationCompleted, number="HOM-04.2")
def no_more_is_spent_than_was_granted(event: HomeModificationCompleted, past: Past) -> Iterator[Fault]:
    """Flag a cost above the amount of the newest approval."""
    decisions = past.events(HomeModificationDecided, same="process", before=True)
    granted = [one.event.amount for one in decisions if one.event.decision == APPROVED]
    if granted and granted[-1] is not None and event.cost > granted[-1]:
        yield flag("above_budget", "/data/cost")
