"""Who left a family or died stands in its list of members with the day beside."""

from datetime import date
from typing import Any

from tests.family_case.conftest import READER, Hub
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened

LOG = "disability_federation"


def left(person: str, on: str) -> dict[str, Any]:
    return event(f"{LOG}.family_member_removed", {"person": person, "reason": "separate", "left_on": on}, FATHER)


def joined(person: str, on: str) -> dict[str, Any]:
    data = {"person": person, "relation": "10", "joined_on": on, "coresident": True}
    return event(f"{LOG}.family_member_added", data, FATHER)


def died(person: str, on: str) -> dict[str, Any]:
    return event(f"{LOG}.person_deceased", {"died_on": on}, person)


def members(hub: Hub) -> list[str]:
    found: list[str] = hub.document()["members"]
    return found


def test_who_left_or_died_stands_there_with_the_day(hub: Hub) -> None:
    hub.tell(family_opened([FATHER, MOTHER, SON, DAUGHTER]))
    assert not any("离开" in one or "去世" in one for one in members(hub))
    hub.tell(left(MOTHER, "2025-02-20"), died(SON, "2025-02-21"))
    father, mother, son, daughter = members(hub)
    assert mother.endswith("，1990年生，2025年2月20日离开）")
    assert son.endswith("，2017年生，2025年2月21日去世）")
    assert father == "户主（男，1988年生）"
    assert "日" not in daughter


def test_who_came_back_or_never_left_stands_there_without(hub: Hub) -> None:
    gone = left(MOTHER, "2025-02-20")
    hub.tell(family_opened([FATHER, MOTHER, SON]), gone, joined(MOTHER, "2025-02-25"))
    assert "离开" not in "".join(members(hub))
    dead = died(SON, "2025-02-21")
    hub.tell(dead)
    withdrawal = {"target_event": dead["id"], "reason": "登记有误", "approver": "县残联"}
    hub.tell(event(f"{LOG}.event_withdrawn", withdrawal, SON))
    assert "去世" not in "".join(members(hub))


def test_a_view_of_an_earlier_day_lists_them_as_they_were_then(hub: Hub) -> None:
    hub.tell(family_opened([FATHER, MOTHER, SON], time="2025-02-01T09:00:00+08:00"), left(MOTHER, "2025-02-20"))
    assert "离开" in "".join(hub.document()["members"])
    before = hub.queries.open(hub.families[0], READER, "test", None, date(2025, 2, 15))
    assert "离开" not in "".join(before["members"])
