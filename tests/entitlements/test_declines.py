"""Declines (rules A11): who can decline, for whom it counts, and what ends one early."""

from typing import Any

import pytest

from services.civil_affairs.events import HouseholdEconomyChecked
from services.disability_federation.care.events import CareServiceApplied, CareServiceDecided
from services.disability_federation.home_modification.events import HomeModificationApplied, HomeModificationDecided
from services.disability_federation.registry.events import GuardianDesignated, ServiceDeclined
from services.disability_federation.rehabilitation.devices.events import (
    AssistiveDeviceAssessed,
    AssistiveDeviceDecided,
)
from services.disability_federation.rehabilitation.events import RehabAidApplied, RehabAidDecided
from tests.entitlements.histories import CHILD, PARENT, SIBLING, History, number

GRANDPARENT = number("1960-02-01", 21)


def _family() -> History:
    history = History().opened("2025-01-08", PARENT, CHILD, GRANDPARENT).certified("2025-01-10")
    return history.recognised("2025-02-21").surveyed("2025-03-03", "REHAB", "HOME", "CARE", "DEV")


@pytest.mark.parametrize(
    ("rule", "need", "subject", "applied", "decided"),
    [
        ("E02", "REHAB", CHILD, RehabAidApplied, RehabAidDecided),
        ("E06", "HOME", "*", HomeModificationApplied, HomeModificationDecided),
        ("E10", "CARE", CHILD, CareServiceApplied, CareServiceDecided),
        ("E12", "DEV", CHILD, AssistiveDeviceAssessed, AssistiveDeviceDecided),
    ],
)
def test_a_refusal_does_not_end_a_decline_and_a_new_claim_does(
    rule: str, need: str, subject: str, applied: type, decided: type
) -> None:
    about = PARENT if subject == "*" else subject
    year: dict[str, Any] = {"aid_year": 2025} if applied is RehabAidApplied else {}
    history = _family()
    history.say(applied, "2025-03-10", about, process="P-1", **year)
    history.say(ServiceDeclined, "2025-03-12", about, need=need, declined_by=PARENT, until="2025-12-31")
    history.say(decided, "2025-03-20", about, process="P-1", decision="refused", refuse_reason="document")

    assert str(history.judged(rule, "2025-03-20", subject).state) == "DECLINED"
    assert str(history.judged(rule, "2025-12-31", subject).state) == "DECLINED"
    history.say(applied, "2025-05-06", about, process="P-2", **year)
    assert str(history.judged(rule, "2025-05-06", subject).state) == "PENDING"


def test_a_decline_by_who_was_guardian_then_goes_on_when_another_one_follows() -> None:
    history = _family()
    history.say(GuardianDesignated, "2025-01-08", CHILD, guardian=PARENT, relation="50", from_date="2019-05-12")
    history.say(ServiceDeclined, "2025-03-12", CHILD, need="CARE", declined_by=PARENT, until="2025-12-31")
    history.say(GuardianDesignated, "2025-06-02", CHILD, guardian=GRANDPARENT, relation="60", from_date="2025-06-01")

    assert str(history.judged("E10", "2025-07-01", CHILD).state) == "DECLINED"


def test_a_decline_by_who_is_guardian_only_later_does_not_count() -> None:
    history = _family()
    history.say(GuardianDesignated, "2025-01-08", CHILD, guardian=PARENT, relation="50", from_date="2019-05-12")
    history.say(ServiceDeclined, "2025-03-12", CHILD, need="CARE", declined_by=GRANDPARENT, until="2025-12-31")
    history.say(GuardianDesignated, "2025-06-02", CHILD, guardian=GRANDPARENT, relation="60", from_date="2025-06-01")

    assert str(history.judged("E10", "2025-07-01", CHILD).state) != "DECLINED"


def test_what_an_adult_declines_for_themselves_is_not_declined_for_the_family() -> None:
    history = _family()
    history.say(GuardianDesignated, "2025-01-08", CHILD, guardian=PARENT, relation="50", from_date="2019-05-12")
    poor: dict[str, Any] = {"per_capita_income_month": "500.00", "standard_month": "650.00", "property_ok": True}
    history.say(HouseholdEconomyChecked, "2025-03-03", PARENT, checked_on="2025-03-03", **poor)
    history.certified("2025-03-05", GRANDPARENT)
    history.say(ServiceDeclined, "2025-03-12", GRANDPARENT, need="DIBAO", declined_by=GRANDPARENT)

    assert str(history.judged("E16", "2025-03-12").state) == "ELIGIBLE_NOT_APPLIED"
    history.say(ServiceDeclined, "2025-03-13", PARENT, need="DIBAO", declined_by=PARENT)
    assert str(history.judged("E16", "2025-03-13").state) == "DECLINED"


def test_where_no_guardian_is_on_record_anyone_of_the_family_may_decline_and_nobody_else() -> None:
    history = _family()
    history.say(ServiceDeclined, "2025-03-12", CHILD, need="CARE", declined_by=SIBLING)
    assert str(history.judged("E10", "2025-03-12", CHILD).state) != "DECLINED"

    history.say(ServiceDeclined, "2025-03-13", CHILD, need="CARE", declined_by=GRANDPARENT)
    assert str(history.judged("E10", "2025-03-13", CHILD).state) == "DECLINED"
