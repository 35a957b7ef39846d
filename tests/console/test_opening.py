"""Opening sealed fields from a family's page: a purpose first, both sides on record, the values once."""

import json
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from services.console.opening import opening_pages
from services.family_case.access import AccessLog
from services.processes import assembly
from shared.door.client import Answer, DepartmentUnavailable
from shared.door.department import Department
from shared.door.http import department_app
from shared.door.opening import schema_of
from shared.keys.files import Keys
from shared.log.recorder import LogRecorder
from shared.settings import Settings
from tests import people
from tests.family_case.conftest import Hub, hub
from tests.web.test_family_pages import read
from tests.world import DAUGHTER, FATHER, event, family_opened

__all__ = ["hub"]
FEDERATION = "disability_federation"
NAME, BEFORE, ADDRESS = "虚构小雨", "虚构晓雨", "虚构镇1组"
PURPOSE = "核对姓名，办理康复救助"


@dataclass
class Doors:
    """Asks the federation's door as the client does, without a server."""

    door: FlaskClient
    key: str
    away: bool = False

    def open(self, department: str, asked: dict[str, Any]) -> Answer:
        """Have fields opened."""
        if self.away:
            raise DepartmentUnavailable
        assert department == FEDERATION
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = self.door.post("/open", data=json.dumps(asked), headers=headers)
        return Answer(answer.status_code, answer.get_json())


@dataclass
class World:
    """A family with names, its federation's door and the console."""

    hub: Hub
    settings: Settings
    doors: Doors
    federation: Department
    family: str
    at: dict[str, int]

    def browser(self, role: str, **bounds: str) -> FlaskClient:
        app = people.app(self.hub.queries, self.settings)
        app.register_blueprint(opening_pages(self.hub.queries, lambda: self.doors))  # type: ignore[arg-type, return-value]
        found: FlaskClient = people.sign_in(app.test_client(), self.hub.database, role, **bounds)
        return found

    def path(self, what: str) -> str:
        return f"/families/{self.family}/open/{FEDERATION}/{self.at[what]}"

    def opened(self) -> list[dict[str, Any]]:
        """Return what the department's log of openings says."""
        return [one.stored for one in LogRecorder(self.federation.database.beside(schema_of(FEDERATION))).events()]

    def recorded(self) -> list[tuple[Any, ...]]:
        """Return what our record of access says of openings."""
        found = [(one.subject, one.stored) for one in AccessLog(self.hub.database).log.events()]
        return [(who, said["purpose"], said["families"]) for who, said in found if said["kind"] == "sealed"]


def registered(name: str, person: str, day: str = "2025-02-10") -> dict[str, Any]:
    data = {"name": name, "relation": "02", "coresident": True, "from_date": day}
    return event(f"{FEDERATION}.member_relation_recorded", data, person)


@pytest.fixture
def world(hub: Hub, settings: Settings) -> World:
    wrong = registered(BEFORE, DAUGHTER)
    correction = {"target_event": wrong["id"], "reason": "录入有误"}
    correction |= {"corrected_payload": registered(NAME, DAUGHTER)["data"]}
    later = {"time": "2025-03-02T09:00:00+08:00"}
    told = hub.tell(
        family_opened(division="421221"),
        wrong,
        event(f"{FEDERATION}.event_corrected", correction, DAUGHTER, **later),
        registered("虚构大山", FATHER),
    )
    at = dict(zip(("opened", "named", "corrected", "father"), (one.position for _, one in told), strict=True))
    federation = hub.made[FEDERATION]
    keys = Keys(settings.keys)
    openings = assembly.openings(FEDERATION, federation, settings)
    door = department_app(FEDERATION, federation, keys.permits, None, openings).test_client()
    return World(hub, settings, Doors(door, keys.opening_key), federation, hub.families[0], at)


def test_whoever_may_opens_an_address_with_a_purpose_and_both_sides_have_it_on_record(world: World) -> None:
    browser = world.browser("case_worker", division="421221")
    event = f"/families/{world.family}/events/{FEDERATION}/{world.at['opened']}"
    page = browser.get(event).get_data(as_text=True)
    assert world.path("opened") in page
    assert f"/families/{world.family}/names" in page
    assert ADDRESS not in page
    form = browser.get(world.path("opened"))
    read(form.get_data(as_text=True))
    assert "住址" in form.get_data(as_text=True)
    assert (world.opened(), world.recorded()) == ([], [])
    answer = browser.post(world.path("opened"), data={"purpose": PURPOSE})
    read(answer.get_data(as_text=True))
    assert ADDRESS in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    [opened] = world.opened()
    assert (opened["user"], opened["role"], opened["purpose"]) == ("case-worker.421221", "case_worker", PURPOSE)
    assert opened["opened"] == [{"position": world.at["opened"], "fields": ["address_text"]}]
    assert world.recorded() == [("case-worker.421221", "opening", [world.family])]
    assert ADDRESS not in browser.get(world.path("opened")).get_data(as_text=True)


def test_of_what_was_corrected_the_correction_is_opened(world: World) -> None:
    answer = world.browser("supervisor").post(world.path("named"), data={"purpose": PURPOSE}).get_data(as_text=True)
    assert NAME in answer
    assert BEFORE not in answer


def test_a_familys_names_are_opened_together_each_as_it_stands(world: World) -> None:
    answer = world.browser("supervisor").post(f"/families/{world.family}/names", data={"purpose": PURPOSE})
    text = answer.get_data(as_text=True)
    read(text)
    assert NAME in text
    assert "虚构大山" in text
    assert BEFORE not in text
    [opened] = world.opened()
    assert {one["position"] for one in opened["opened"]} == {world.at["corrected"], world.at["father"]}


def test_without_a_purpose_or_with_a_number_in_it_nothing_is_opened_or_recorded(world: World) -> None:
    browser = world.browser("supervisor")
    for purpose in ("", "看", f"核对{FATHER}"):
        answer = browser.post(world.path("opened"), data={"purpose": purpose})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.get_data(as_text=True)
        assert ADDRESS not in answer.get_data(as_text=True)
    assert (world.opened(), world.recorded()) == ([], [])


@pytest.mark.parametrize(
    ("role", "bounds", "status"),
    [
        ("department_desk", {"department": FEDERATION}, 403),
        ("auditor", {}, 403),
        ("leader", {}, 403),
        ("administrator", {}, 403),
        ("case_worker", {"division": "421202"}, 404),
    ],
)
def test_nobody_else_opens_anything(world: World, role: str, bounds: dict[str, str], status: int) -> None:
    browser = world.browser(role, **bounds)
    for path in (world.path("opened"), f"/families/{world.family}/names"):
        assert browser.get(path).status_code == status
        assert browser.post(path, data={"purpose": PURPOSE}).status_code == status
    assert (world.opened(), world.recorded()) == ([], [])


def test_a_key_opens_nothing_on_the_console(world: World) -> None:
    app = people.app(world.hub.queries, world.settings, Keys(world.settings.keys).permits)
    app.register_blueprint(opening_pages(world.hub.queries, lambda: world.doors))  # type: ignore[arg-type, return-value]
    headers = {"Authorization": f"Bearer {Keys(world.settings.keys).api_key('hub')}"}
    assert app.test_client().post(world.path("opened"), data={"purpose": PURPOSE}, headers=headers).status_code == 403
    assert world.opened() == []


def test_a_department_that_does_not_answer_is_said_and_so_is_a_destroyed_key(world: World) -> None:
    browser = world.browser("supervisor")
    world.doors.away = True
    assert browser.post(world.path("opened"), data={"purpose": PURPOSE}).status_code == 503
    world.doors.away = False
    with psycopg.connect(world.settings.database_url) as owner:
        owner.execute(b"DELETE FROM disability_federation.keys")
    answer = browser.post(world.path("opened"), data={"purpose": PURPOSE})
    assert answer.status_code == 200
    assert "密钥已销毁" in answer.get_data(as_text=True)


def test_an_entry_that_is_not_there_and_one_without_sealed_fields_answer_alike(world: World) -> None:
    browser = world.browser("supervisor")
    base = f"/families/{world.family}/open/{FEDERATION}"
    answers = [browser.get(f"{base}/{place}") for place in (999, world.at["corrected"])]
    answers.append(browser.get(f"/families/XN-F-00000000/open/{FEDERATION}/1"))
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.get_data() for answer in answers}) == 1
