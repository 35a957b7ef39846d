"""Every rule of the Culture and Tourism Bureau, both ways; and what only a real log can show of them."""

from collections.abc import Callable

import pytest

from services.culture_tourism.events import (
    CulturalActivityHeld,
    CulturalActivityJoined,
    TalentIdentified,
    TalentTrained,
)
from shared.door.department import Department
from tests.departments.cases import Case, check
from tests.departments.past import On
from tests.departments.test_rules_at_the_door import said_of, withdrawn
from tests.world import DAUGHTER, SON, event

CASES = [
    Case("CUL-02.a", TalentTrained, refuses="out_of_order /subject", fine_given=[(TalentIdentified, "person")]),
    Case("CUL-02.1", TalentTrained, {"hours": "0"}, refuses="nothing_taught /data/hours", fine={"hours": "0.5"}),
    Case("CUL-05.1", CulturalActivityJoined, flags="reference_unknown",
         fine_given=[On(CulturalActivityHeld, "event", of="example-0001")]),
    Case("CUL-05.1", CulturalActivityJoined, flags="reference_unknown", fine={"activity": None}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_rule_stops_what_it_must_and_nothing_else(case: Case) -> None:
    check(case)


def test_a_talent_is_of_one_child_and_an_activity_is_known_as_it_stands(
    department: Callable[[str], Department],
) -> None:
    culture = department("culture_tourism")
    found = event("culture_tourism.talent_identified", {"field": "绘画", "identified_on": "2025-02-01"}, DAUGHTER)
    course = {"field": "绘画", "hours": "24", "finished_on": "2025-02-25"}
    hers, his = (event("culture_tourism.talent_trained", course, person) for person in (DAUGHTER, SON))
    assert said_of(culture, hers, found, his) == ["out_of_order", "", "out_of_order"]
    assert said_of(culture, hers) == [""]
    party = {"held_on": "2025-02-20", "name": "虚构联欢", "children_count": 9, "division": "421221"}
    held = event("culture_tourism.cultural_activity_held", party, None)
    joined = {"held_on": "2025-02-20", "name": "虚构联欢", "activity": held["id"]}
    children = [event("culture_tourism.cultural_activity_joined", joined, person) for person in (DAUGHTER, SON)]
    assert said_of(culture, held, children[0], withdrawn(held), children[1]) == ["", "", "", "reference_unknown"]
