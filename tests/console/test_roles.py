"""Who may what: a table, default deny, and no view without an ability."""

import pytest

from services.console.roles import ABILITIES, ENDPOINTS, MAY, PROGRAM, PUBLIC, ROLES, may, needed, needs
from services.departments import load_catalogue
from services.processes.web import application
from shared.keys.files import Keys
from shared.settings import Settings


def test_every_role_of_people_and_programs_has_its_abilities_and_there_are_no_others() -> None:
    assert set(MAY) == {*ROLES, PROGRAM}
    assert {ability for some in MAY.values() for ability in some} == set(ABILITIES)


def test_what_does_not_stand_in_the_table_is_denied() -> None:
    assert not may("case_worker", "accounts")
    assert not may("case_worker", None)
    assert not may("case_worker", "anything")
    assert not may("nobody", "home")
    assert not may("", PUBLIC)
    with pytest.raises(ValueError, match="anything"):
        needs("anything")


def test_leaders_and_administrators_see_no_family() -> None:
    assert not [role for role in ("leader", "administrator") if may(role, "read_family") or may(role, "find_family")]


def test_every_view_of_the_web_process_says_what_it_needs(settings: Settings) -> None:
    load_catalogue()
    assert Keys(settings.keys).permits()
    root = application(settings, ["family_case"]).app.__self__
    views = root.view_functions
    assert not [endpoint for endpoint, view in views.items() if needed(endpoint, view) not in {*ABILITIES, PUBLIC}]
    assert set(ENDPOINTS) <= set(views)
