"""Who goes into another family takes their facts along (rules A2); what the former one was rests on them still."""

from datetime import date
from typing import Any

from services.civil_affairs.events import DibaoApplied, DibaoDecided, HouseholdEconomyChecked
from services.disability_federation.registry.events import FamilyMemberAdded, FamilyMemberRemoved
from services.entitlements.loading import Loader
from services.entitlements.owed import Asked, Owed
from services.finance.events import BenefitPaid
from tests.entitlements.evaluate import logs
from tests.entitlements.histories import CHILD, PARENT, SIBLING, History, number, token
from tests.family_case.conftest import READER, Hub

OTHER, GRANDPARENT = number("1985-04-05", 21), number("1960-02-01", 23)


def _told() -> History:
    """A disabled child and the grandparent to whom the family's dibao is paid go into another family in October."""
    history = History().opened("2025-01-08", PARENT, CHILD, SIBLING, GRANDPARENT).certified("2025-01-10")
    poor: dict[str, Any] = {"per_capita_income_month": "500.00", "standard_month": "650.00", "property_ok": True}
    history.say(HouseholdEconomyChecked, "2025-01-20", PARENT, checked_on="2025-01-20", **poor)
    said: dict[str, Any] = {"dibao_type": "family", "persons": [PARENT, CHILD, SIBLING, GRANDPARENT]}
    history.say(DibaoApplied, "2025-01-22", PARENT, process="D-1", applied_on="2025-01-22", **said)
    said |= {"decision": "approved", "pay_from": "2025-07", "decided_on": "2025-02-10"}
    history.say(DibaoDecided, "2025-02-10", PARENT, process="D-1", **said)
    history.recognised("2025-02-21", basis="dibao", members=(CHILD,)).certified("2025-03-03", SIBLING)
    for month in ("07", "08", "09"):
        paid = {"benefit": "DIBAO", "period": f"2025-{month}", "paid_on": f"2025-{month}-28"}
        history.say(BenefitPaid, f"2025-{month}-28", GRANDPARENT, **paid)
    history.opened("2025-01-09", OTHER)
    for person in (CHILD, SIBLING, GRANDPARENT):
        history.say(FamilyMemberRemoved, "2025-10-08", PARENT, person=person, left_on="2025-10-08", reason="separate")
        history.say(FamilyMemberAdded, "2025-10-20", OTHER, person=person, joined_on="2025-10-20")
    return history


def test_what_a_family_was_before_somebody_left_stays_what_it_was(hub: Hub) -> None:
    for log, some in logs(_told().events).items():
        hub.cases.receive(log, some)
    owed = Owed(Loader(hub.queries))

    def verdict(rule: str, day: str, of: str = PARENT) -> tuple[str, dict[str, str], dict[str, str]]:
        family = hub.queries.family_of(token(of)) or ""
        asked = Asked(None, date.fromisoformat(day), everything=True)
        [one] = [one for one in owed.open(family, READER, "test", asked)["verdicts"] if one["rule"] == rule]
        return one["state"], *({each["type"]: each["since"] for each in one[some]} for some in ("gaps", "warnings"))

    assert verdict("E01", "2025-10-07") == ("MET", {}, {})
    # the children are gone, since that day there is no ground: not since the recognition
    assert verdict("E01", "2025-12-01") == ("NOT_APPLICABLE", {}, {"G6": "2025-10-08"})
    # what was paid to the grandparent was paid: October alone is owed
    assert verdict("E16", "2025-12-01") == ("GAP", {"G3": "2025-11-11"}, {})
