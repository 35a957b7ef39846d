"""What holds for every service that the federation grants to a family or a person: a home made barrier-free, care."""

from collections.abc import Iterator
from typing import Any

from services.disability_federation.care.events import CareServiceDecided, CareServiceStarted
from services.disability_federation.home_modification.events import HomeModificationCompleted, HomeModificationDecided
from services.disability_federation.in_force import is_recognised
from services.disability_federation.rules import RULES
from shared.errors import Fault
from shared.language.rules import Past, flag, newest

APPROVED = "approved"
DECIDED: dict[type[Any], type[Any]] = {
    HomeModificationCompleted: HomeModificationDecided,
    CareServiceStarted: CareServiceDecided,
}
"""What grants each service, by what shows that it was given."""


@RULES.invariant(HomeModificationCompleted, CareServiceStarted, number=("HOM-04.1", "CARE-03.1"))
def what_is_given_was_granted(event: HomeModificationCompleted | CareServiceStarted, past: Past) -> Iterator[Fault]:
    """Refuse a service whose newest decision is no approval."""
    decided = newest(past, DECIDED[type(event)], same="process")
    if decided and decided.decision != APPROVED:
        zh = "本办件最近一次决定不是同意；请先报送同意的决定。"
        en = "The newest decision of this process is no approval; have an approval recorded first."
        yield Fault("no_approval_in_force", "/process", zh, en)


@RULES.flag(HomeModificationDecided, CareServiceDecided, number=("HOM-03.4", "CARE-02.2"))
def a_recognised_family_comes_first(event: HomeModificationDecided | CareServiceDecided, past: Past) -> Iterator[Fault]:
    """Flag a decision that gives priority to a family that is not recognised, or none to one that is."""
    if event.priority != is_recognised(past, past.happened):
        yield flag("priority_differs", "/data/priority")
