"""Two numbers that may be one person's are proposed with what matches; a person decides, and the decision is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.commands import duplicates
from services.family_case.duplicate_reading import Duplicates
from services.family_case.duplicates import Known, candidates, pair_of, proposals
from services.processes import assembly
from services.processes.installation import Installation
from tests.family_case.conftest import Hub
from tests.family_case.test_merges import same_person
from tests.family_case.test_moves import at
from tests.family_case.test_receiving import STRANGER, child_registered, withdrawn
from tests.world import DAUGHTER, FATHER, MOTHER, event, family_opened

BROTHER = "421299202105120218"
"""Born on one day with the daughter, of another sex."""
AGAIN = "422399202105120222"
"""Another number with the daughter's birth date and sex."""
NEWBORN = "U420000001"
"""A birth certificate number: it says nothing of birth or sex."""


def dismissed(person: str, other: str) -> dict[str, Any]:
    data = {"other": other, "grounds": "两人出生医学证明不同"}
    return event("disability_federation.duplicate_dismissed", data, person)


def proposed(hub: Hub) -> list[dict[str, Any]]:
    return Duplicates(hub.queries).proposed()


def guarded(guardian: str, on: str) -> dict[str, Any]:
    data = {"guardian": guardian, "relation": "50", "from_date": on}
    return event("disability_federation.guardian_designated", data, DAUGHTER, **at(on))


def token(hub: Hub, person: str) -> str:
    """Return how a person is known."""
    [(_, told)] = hub.say(child_registered(person))
    return str(told.subject)


def known(token: str, family: str = "", born: str = "2017-09-03", **more: Any) -> Known:
    return Known(token, born, "2", family, more.get("division", "421221"), frozenset(more.get("guardians", ())))


# -- pure


def test_who_waits_may_be_a_member_born_on_the_same_day() -> None:
    persons = [known("a", "F1"), known("b", division="")]
    assert candidates(persons, set()) == {("a", "b")}
    [found] = proposals({("a", "b")}, {one.token: one for one in persons})
    assert (found.matches, found.differs, found.unknown) == (
        ("born", "sex"), (), ("guardian", "household", "division"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (known("b", born="2017-09-04"), "another birthday"),
        (known("b", "F2", division="421202"), "a member of a family in another county"),
        (known("b", "F2"), "a member of another family, without a guardian in common"),
        (known("b", guardians=["x"]), "another guardian"),
        (known("b", division="421202"), "waits in another county"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_differs_in_what_counts_is_not_proposed(other: Known, why: str) -> None:
    persons = [known("a", "F1", guardians=["g"]), other]
    pairs = candidates(persons, set())
    assert proposals(pairs, {one.token: one for one in persons}) == [], why


def test_members_of_two_families_with_one_guardian_are_proposed_and_those_that_match_most_come_first() -> None:
    persons = [known("a", "F1", guardians=["g"]), known("b", "F2", guardians=["g", "h"]), known("c")]
    found = proposals(candidates(persons, set()), {one.token: one for one in persons})
    assert [(one.one.token, one.other.token) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found[0].matches == ("born", "sex", "guardian", "division")
    assert found[0].differs == ("household",)


def test_twins_whom_one_opening_names_are_two() -> None:
    persons = [known("a", "F1"), known("b", "F1")]
    assert candidates(persons, {pair_of("b", "a")}) == set()


# -- the case


def test_a_number_in_no_family_is_proposed_until_somebody_merges_or_dismisses(hub: Hub) -> None:
    hub.tell(family_opened([FATHER, MOTHER, DAUGHTER]), child_registered(AGAIN), child_registered(BROTHER))
    [pair] = proposed(hub)
    assert {one["person"] for one in pair["persons"]} == {token(hub, DAUGHTER), token(hub, AGAIN)}
    assert {one["family"] for one in pair["persons"]} == {hub.families[0], None}
    assert pair["matches"] == ["born", "sex"]
    merge, dismissal = same_person(DAUGHTER, AGAIN), dismissed(DAUGHTER, AGAIN)
    hub.tell(merge)
    assert proposed(hub) == []
    hub.tell(withdrawn(merge))
    assert len(proposed(hub)) == 1
    hub.tell(dismissal)
    assert proposed(hub) == []
    assert dismissal["id"] in hub.ids(hub.families[0]), "it stands in the history"
    hub.tell(withdrawn(dismissal))
    assert len(proposed(hub)) == 1


def test_a_newborns_first_number_is_proposed_beside_the_child_of_the_same_guardian(hub: Hub) -> None:
    guardian = guarded(FATHER, "2021-05-12")
    newborn = guarded(FATHER, "2021-05-20") | {"subject": NEWBORN, "id": "newborn"}
    hub.tell(family_opened([FATHER, MOTHER, DAUGHTER]), guardian, newborn)
    [pair] = proposed(hub)
    assert {one["person"] for one in pair["persons"]} == {token(hub, DAUGHTER), token(hub, NEWBORN)}
    assert pair["matches"] == ["guardian"]
    assert "born" in pair["unknown"]


def test_nobody_is_merged_by_the_program(hub: Hub) -> None:
    hub.tell(family_opened([FATHER, DAUGHTER]), family_opened([STRANGER]), child_registered(AGAIN))
    before = hub.documents(), hub.waiting()
    proposed(hub)
    assert (hub.documents(), hub.waiting()) == before


def test_the_command_lists_them_in_words_and_as_json(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.tell(family_opened([FATHER, DAUGHTER]), child_registered(AGAIN))
    monkeypatch.setattr(Installation, "settings", lambda _: hub.settings)
    monkeypatch.setattr(assembly, "queries", lambda _: hub.queries)
    duplicates.command(data=Path("x"))
    shown = capsys.readouterr().out
    assert "相符：出生日期、性别" in shown
    assert "共 1 对" in shown
    duplicates.command(data=Path("x"), json=True)
    assert len(json.loads(capsys.readouterr().out)["duplicates"]) == 1
