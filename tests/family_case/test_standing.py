"""Which county holds a case, where its members are registered and who their guardians are, on each day."""

from datetime import date
from typing import Any

import pytest

from services.family_case.domain import case_number
from services.family_case.standing import HUKOU, RESIDENCE, Standing
from tests.family_case.conftest import Hub
from tests.family_case.test_moves import at, joined, left
from tests.family_case.test_receiving import STRANGER, child_registered, corrected, merged, withdrawn
from tests.world import DAUGHTER, FATHER, MOTHER, SON, event, family_opened

FEDERATION = "disability_federation"


@pytest.fixture
def family(hub: Hub) -> str:
    """Return the case number of a family in 421221, opened on 1 February."""
    [(_, opening)] = hub.tell(family_opened() | at("2025-02-01"))
    return case_number(opening)


def moved(kind: str, to: str, on: str, persons: list[str] | None = None, **attributes: Any) -> dict[str, Any]:
    data = {"move_kind": kind, "from_division": "421221", "to_division": to, "new_address_text": "虚构路1号"}
    data |= {"moved_on": on} | ({"persons": persons} if persons else {})
    return event(f"{FEDERATION}.household_moved", data, FATHER, **(at(on) | attributes))


def registered(person: str, on: str, **where: str) -> dict[str, Any]:
    data = {"relation": "20", "coresident": True, "from_date": on} | where
    return event(f"{FEDERATION}.member_relation_recorded", data, person, **at(on))


def guarded(guardian: str, on: str) -> dict[str, Any]:
    data = {"guardian": guardian, "relation": "50", "from_date": on}
    return event(f"{FEDERATION}.guardian_designated", data, DAUGHTER, **at(on))


def standing(hub: Hub, family: str, known: date | None = None) -> Standing:
    file = hub.queries.case_file(family, known)
    assert file is not None
    return Standing(file.number, file.membership, file.facts())


def token(hub: Hub, person: str) -> str:
    """Return how a person is known."""
    [(_, told)] = hub.say(child_registered(person))
    return str(told.subject)


def test_the_county_that_accepts_a_case_holds_it_from_that_day_on(hub: Hub, family: str) -> None:
    sent = event(f"{FEDERATION}.case_transferred", {"to_division": "421202"}, FATHER, **at("2025-04-01"))
    accepted = event(
        f"{FEDERATION}.case_transfer_accepted", {"accepted_division": "421202"}, FATHER, **at("2025-04-09")
    )
    hub.tell(moved("hukou", "421202", "2025-03-20"), sent, accepted)
    now = standing(hub, family)
    assert [now.holds(date(2025, 4, day)) for day in (1, 8, 9)] == ["421221", "421221", "421202"]
    assert now.holds(date(2024, 1, 1)) == "421221"
    assert standing(hub, family, known=date(2025, 4, 8)).holds(date(2025, 12, 31)) == "421221"
    hub.tell(withdrawn(accepted))
    assert standing(hub, family).holds(date(2025, 12, 31)) == "421221"


def test_a_family_moves_as_a_whole_or_some_of_it(hub: Hub, family: str) -> None:
    hub.tell(moved("hukou", "421202", "2025-04-01"), moved("residence", "421222", "2025-05-01", [DAUGHTER]))
    now, daughter, son = standing(hub, family), token(hub, DAUGHTER), token(hub, SON)
    assert [now.registered(son, HUKOU, day) for day in (date(2025, 3, 31), date(2025, 4, 1))] == ["421221", "421202"]
    assert [now.registered(one, RESIDENCE, date(2025, 5, 1)) for one in (son, daughter)] == ["421221", "421222"]


def test_what_is_recorded_of_a_member_counts_until_something_of_a_later_day(hub: Hub, family: str) -> None:
    hub.tell(registered(MOTHER, "2025-02-10", hukou_division="421223", residence_permit_division="421202"))
    mother = token(hub, MOTHER)
    assert standing(hub, family).registered(mother, HUKOU, date(2025, 3, 1)) == "421223"
    assert standing(hub, family).registered(mother, RESIDENCE, date(2025, 3, 1)) == "421202"
    move = moved("hukou", "421202", "2025-04-01")
    hub.tell(move)
    assert standing(hub, family).registered(mother, HUKOU, date(2025, 4, 1)) == "421202"
    hub.tell(corrected(move, moved_on="2025-04-05"))
    assert standing(hub, family).registered(mother, HUKOU, date(2025, 4, 1)) == "421223"


def test_who_left_does_not_move_with_the_family(hub: Hub, family: str) -> None:
    hub.tell(left(SON, FATHER, "2025-03-01"), moved("hukou", "421202", "2025-04-01"))
    assert standing(hub, family).registered(token(hub, SON), HUKOU, date(2025, 4, 1)) == "421221"


def test_those_designated_last_are_the_guardians(hub: Hub, family: str) -> None:
    hub.tell(guarded(FATHER, "2021-05-12"), guarded(MOTHER, "2025-03-01"))
    now, daughter = standing(hub, family), token(hub, DAUGHTER)
    assert now.guardians(daughter, date(2025, 2, 28)) == [token(hub, FATHER)]
    assert now.guardians(daughter, date(2025, 3, 1)) == [token(hub, MOTHER)]
    assert now.guardians(daughter, date(2021, 5, 11)) == []


def test_the_file_of_a_family_has_all_that_was_filed_of_everybody_who_ever_belonged_to_it(
    hub: Hub, family: str
) -> None:
    hub.tell(family_opened([STRANGER]) | at("2025-02-01"))
    early, late = child_registered(**at("2025-03-01")), child_registered(**at("2025-06-01"))
    hub.tell(early, left(DAUGHTER, FATHER), joined(DAUGHTER, STRANGER), late)
    for number in hub.families:
        file = hub.queries.case_file(number)
        assert file is not None
        assert {early["id"], late["id"]} < {one.event.id for _, one in file.facts()}
        assert file.number == number
    daughter = token(hub, DAUGHTER)
    assert file.membership.family(daughter, date(2025, 4, 30)) == family
    assert file.membership.family(daughter, date(2025, 5, 1)) != family
    before = hub.queries.case_file(daughter, known=date(2025, 4, 1))
    assert before is not None
    assert before.number == family
    assert late["id"] not in {one.event.id for _, one in before.facts()}


def test_there_is_no_file_where_nothing_was_known_yet(hub: Hub, family: str) -> None:
    assert hub.queries.case_file(family, known=date(2025, 1, 31)) is None
    assert hub.queries.case_file("XN-F-00000000") is None


def test_a_merged_family_is_held_where_the_one_that_was_kept_is(hub: Hub, family: str) -> None:
    opening = family_opened([STRANGER]) | at("2025-02-01")
    opening["data"] |= {"division": "421224"}
    [(_, other)] = hub.tell(opening)
    hub.tell(merged(FATHER, case_number(other)))
    now = standing(hub, case_number(other))
    assert standing(hub, family).holding == now.holding
    assert now.holds(date(2025, 6, 1)) == "421221"
