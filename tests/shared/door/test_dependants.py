"""A withdrawal tells what it leaves without its ground."""

from collections.abc import Callable
from typing import Any

import pytest

from services.departments import load_catalogue
from shared.door.department import Department
from tests.shared.door.test_batches import accepted, amended, applied, codes
from tests.world import DAUGHTER, event

load_catalogue()
Make = Callable[[str], Department]


@pytest.fixture
def civil(department: Make) -> Department:
    return department("civil_affairs")


def withdrawn(department: Department, of: str, **attributes: Any) -> dict[str, Any]:
    """Withdraw an event and return the receipt."""
    receipt, _ = department.receive(amended("withdrawn", of, approver="科长") | attributes)
    return receipt


@pytest.mark.holds("REG-23.3")
def test_what_rests_on_a_withdrawn_event_is_listed_and_flagged(civil: Department) -> None:
    application, answer, other = applied("P-1"), accepted("P-1"), applied("P-2")
    assert codes(civil.receive_all([application, answer, other])) == ["new"] * 3
    receipt = withdrawn(civil, application["id"], approvedby="acct-2")
    assert receipt["flags"] == ["dependants_left"]
    assert receipt["dependants"] == [answer["id"]]
    assert civil.signer.verifier.receipt(receipt)
    assert "dependants" not in withdrawn(civil, other["id"])


@pytest.mark.holds("REG-23.4")
def test_it_asks_for_somebodys_approval(civil: Department) -> None:
    application, answer = applied("P-1"), accepted("P-1")
    civil.receive_all([application, answer])
    assert withdrawn(civil, application["id"])["flags"] == ["dependants_left", "approval_missing"]


def test_nothing_rests_on_the_last_of_its_kind(civil: Department) -> None:
    application, answer = applied("P-1"), accepted("P-1")
    civil.receive_all([application, answer])
    assert "flags" not in withdrawn(civil, answer["id"])
    assert "flags" not in withdrawn(civil, application["id"]), "the answer is withdrawn itself"


def test_what_names_it_as_its_cause_rests_on_it(department: Make) -> None:
    culture = department("culture_tourism")
    talents = [
        event("culture_tourism.talent_identified", {"field": field, "identified_on": "2025-02-01"}, DAUGHTER)
        for field in ("绘画", "书法")
    ]
    talents[1]["causationid"] = talents[0]["id"]
    assert codes(culture.receive_all(talents)) == ["new", "new"]
    taken_back = event(
        "culture_tourism.event_withdrawn", {"target_event": talents[0]["id"], "reason": "重", "approver": "甲"}, None
    )
    receipt, _ = culture.receive(taken_back)
    assert receipt["dependants"] == [talents[1]["id"]]


def test_a_withdrawn_correction_leaves_its_original(civil: Department) -> None:
    application, answer = applied("P-1"), accepted("P-1")
    corrected = amended("corrected", application["id"], corrected_payload=application["data"])
    civil.receive_all([application, answer, corrected])
    assert "flags" not in withdrawn(civil, corrected["id"])
