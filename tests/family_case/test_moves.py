"""A member joins, leaves, dies, or moves to another family: in whose history each event stands, on which day."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.family_case.domain import case_number
from services.family_case.membership import MEMBER_ELSEWHERE
from services.family_case.waiting import UNKNOWN_PERSON
from tests.family_case.conftest import Hub
from tests.family_case.test_receiving import STRANGER, child_registered, corrected, merged, needs, withdrawn
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened

MOVED_ON = date(2025, 5, 1)


def at(day: str) -> dict[str, str]:
    """Return when an event happened and was written down."""
    return {"time": f"{day}T09:00:00+08:00", "recordedtime": f"{day}T10:00:00+08:00"}


AFTER = at("2025-06-10")


def left(person: str, subject: str, on: str = "2025-05-01", **attributes: Any) -> dict[str, Any]:
    data = {"person": person, "reason": "separate", "left_on": on}
    return event("disability_federation.family_member_removed", data, subject, **(at(on) | attributes))


def joined(person: str, subject: str, on: str = "2025-05-01", **attributes: Any) -> dict[str, Any]:
    data = {"person": person, "relation": "20", "joined_on": on, "coresident": True}
    return event("disability_federation.family_member_added", data, subject, **(at(on) | attributes))


@pytest.fixture
def two(hub: Hub) -> tuple[str, str]:
    """Return two families' case numbers: the daughter leaves the first for the second on 1 May."""
    told = hub.tell(family_opened(**at("2025-02-01")), family_opened([STRANGER], **at("2025-02-01")))
    family, other = (case_number(one) for _, one in told)
    return family, other


def test_a_childs_events_follow_the_child_and_the_former_family_reads_them_on_the_days_before(
    hub: Hub, two: tuple[str, str]
) -> None:
    family, other = two
    before, survey = child_registered(**at("2025-03-01")), needs(DAUGHTER, **at("2025-03-02"))
    leaving, joining, after = left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER), child_registered(**AFTER)
    hub.tell(before, survey, leaving, joining, after)
    assert survey["id"] in hub.ids(family), "a survey of the family stays with the family"
    assert before["id"] not in hub.ids(family)
    assert leaving["id"] in hub.ids(family)
    assert {before["id"], joining["id"], after["id"]} <= set(hub.ids(other))
    assert survey["id"] not in hub.ids(other)
    on_the_day_before = ids(hub, family, effective=date(2025, 4, 30))
    assert before["id"] in on_the_day_before
    assert before["id"] not in ids(hub, other, effective=date(2025, 4, 30))
    assert before["id"] in ids(hub, other, effective=MOVED_ON)
    assert before["id"] in ids(hub, family, known=date(2025, 4, 30))


def test_every_event_stands_in_one_history_on_every_day(hub: Hub, two: tuple[str, str]) -> None:
    told = hub.tell(
        child_registered(), child_registered(SON), needs(DAUGHTER), left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER),
        child_registered(**AFTER), needs(DAUGHTER, **AFTER),
    )  # fmt: skip
    for day in (date(2025, 4, 30), MOVED_ON, None):
        shown = [name for family in two for name in ids(hub, family, effective=day)]
        happened = [one.id for _, one in told if day is None or one.attributes["time"][:10] <= day.isoformat()]
        assert len(shown) == len(set(shown))
        assert set(happened) <= set(shown)


def test_who_left_has_the_day_beside_and_the_next_family_names_them(hub: Hub, two: tuple[str, str]) -> None:
    family, other = two
    hub.tell(left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER))
    assert [shown for shown in hub.document(family)["members"] if "2025年5月1日离开" in shown]
    assert len(hub.document(other)["members"]) == 2


def test_undoing_a_move_gives_both_histories_back_with_the_new_events(hub: Hub, two: tuple[str, str]) -> None:
    family, other = two
    hub.tell(child_registered())
    before = {number: hub.ids(number) for number in two}
    leaving, joining = left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER)
    hub.tell(leaving, joining)
    undone = withdrawn(joining), withdrawn(leaving)
    hub.tell(*undone)
    assert set(hub.ids(family)) == {*before[family], leaving["id"], undone[1]["id"]}
    assert set(hub.ids(other)) == {*before[other], joining["id"], undone[0]["id"]}


def test_a_corrected_day_of_leaving_moves_the_day(hub: Hub, two: tuple[str, str]) -> None:
    family, _ = two
    early, leaving = child_registered(**at("2025-03-01")), left(DAUGHTER, FATHER)
    hub.tell(early, leaving, joined(DAUGHTER, STRANGER), corrected(leaving, left_on="2025-04-01"))
    assert hub.rows("SELECT family, ends FROM {views}.spans WHERE gone <> ''") == [(family, date(2025, 4, 1))]


def test_a_member_of_another_family_stays_there_and_the_statement_is_flagged_until_they_leave(
    hub: Hub, two: tuple[str, str]
) -> None:
    family, other = two
    joining = joined(DAUGHTER, STRANGER, legacy=True)
    hub.tell(child_registered(), joining)
    assert [entry["log"] for entry in hub.document(family)["entries"]] == ["disability_federation", "education"]
    [flagged] = [entry for entry in hub.document(other)["entries"] if "flags" in entry]
    assert (flagged["id"], [flag["code"] for flag in flagged["flags"]]) == (joining["id"], [MEMBER_ELSEWHERE])
    assert [row["reason"] for row in hub.queries.desk.flagged()] == [MEMBER_ELSEWHERE]
    hub.tell(left(DAUGHTER, FATHER))
    assert hub.queries.desk.flagged() == []
    assert len(hub.document(other)["members"]) == 2


def test_views_as_known_on_an_earlier_day_never_change(hub: Hub, two: tuple[str, str]) -> None:
    family, other = two
    hub.tell(child_registered(**at("2025-03-01")), needs(DAUGHTER, **at("2025-03-01")))
    day = date(2025, 4, 1)
    then = {(number, day_of): hub.document(number, day, day_of) for number in two for day_of in (None, day)}
    merge = merged(FATHER, other) | at("2025-04-05")
    hub.tell(left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER), merge)
    assert without_sources(then) == without_sources(
        {(number, day_of): hub.document(number, day, day_of) for number, day_of in then}
    )
    hub.tell(withdrawn(merge) | at("2025-06-01"))
    assert without_sources(then) == without_sources(
        {(number, day_of): hub.document(number, day, day_of) for number, day_of in then}
    )
    together = hub.document(other, known=date(2025, 5, 20))
    assert together["family"] == family, "the merge was known then"
    assert hub.document(other)["family"] == other


def test_who_left_and_joined_no_other_family_stands_where_they_were(hub: Hub) -> None:
    early, late = child_registered(), child_registered(**AFTER)
    hub.tell(family_opened([FATHER, MOTHER, DAUGHTER]), early, left(DAUGHTER, FATHER), late)
    assert {early["id"], late["id"]} < set(hub.ids())


def test_what_is_told_of_somebody_before_they_joined_comes_along(hub: Hub) -> None:
    early = child_registered(DAUGHTER)
    hub.tell(early, family_opened([FATHER, MOTHER]))
    assert hub.waiting() == [("education", UNKNOWN_PERSON, 1)]
    hub.tell(joined(DAUGHTER, FATHER))
    assert hub.waiting() == []
    assert early["id"] in hub.ids()


def test_the_answer_does_not_depend_on_which_department_was_heard_first(
    hub: Hub, another_hub: Callable[[], Hub]
) -> None:
    hub.tell(
        family_opened(), family_opened([STRANGER]), child_registered(), needs(DAUGHTER), left(DAUGHTER, FATHER),
        joined(DAUGHTER, STRANGER), child_registered(**AFTER),
    )  # fmt: skip
    other = another_hub()
    logs = {log: list(hub.made[log].recorder.events()) for log in hub.made}
    other.cases.receive("education", logs["education"])
    for one in logs["disability_federation"]:
        other.cases.receive("disability_federation", [one])
    assert other.documents() == hub.documents()
    spans = "SELECT * FROM {views}.spans ORDER BY 1, 2, 3"
    assert other.rows(spans) == hub.rows(spans)


def ids(hub: Hub, family: str, **days: date | None) -> list[str]:
    return [entry["id"] for entry in hub.document(family, **days)["entries"]]


def without_sources(documents: dict[Any, Any]) -> dict[Any, Any]:
    return {key: {name: value for name, value in one.items() if name != "sources"} for key, one in documents.items()}
