"""Opening what is sealed at a department's door: who may, what is written down first, and what then comes out."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from services.processes import assembly
from shared.door.department import Department
from shared.door.http import department_app
from shared.door.opening import schema_of
from shared.errors import Broken
from shared.keys.files import Keys
from shared.log.recorder import LogRecorder
from shared.log.verify import read_book
from shared.postgres.database import Unavailable
from shared.settings import Settings
from tests.world import DAUGHTER, FATHER, event, family_opened

NAME = "虚构小雨"
WHO = {"user": "liu", "role": "case_worker", "purpose": "核对家庭成员姓名，办理康复救助"}
FEDERATION = "disability_federation"


def named(**changes: Any) -> dict[str, Any]:
    data = {"name": NAME, "relation": "02", "coresident": True, "from_date": "2025-02-10"}
    return event(f"{FEDERATION}.member_relation_recorded", data | changes, DAUGHTER)


@pytest.fixture
def federation(department: Callable[[str], Department]) -> Department:
    return department(FEDERATION)


@pytest.fixture
def door(federation: Department, settings: Settings) -> FlaskClient:
    openings = assembly.openings(FEDERATION, federation, settings)
    return department_app(FEDERATION, federation, Keys(settings.keys).permits, None, openings).test_client()


@pytest.fixture
def ask(door: FlaskClient, settings: Settings) -> Callable[..., Any]:
    def send(body: Any, key: str = "hub.open") -> Any:
        headers = {"Authorization": f"Bearer {Keys(settings.keys)._text(key)}"}
        return door.post("/open", data=json.dumps(body), headers=headers)

    return send


def recorded(federation: Department, *events: dict[str, Any]) -> list[int]:
    return [federation.receive(one)[0]["position"] for one in events]


def opened(federation: Department) -> list[dict[str, Any]]:
    """Return what the log of openings says."""
    log = LogRecorder(federation.database.beside(schema_of(FEDERATION)))
    return [one.stored for one in log.events()]


def test_a_value_is_opened_for_somebody_and_it_is_on_record_without_the_value(
    federation: Department, ask: Callable[..., Any], settings: Settings
) -> None:
    _, at = recorded(federation, family_opened(), named())
    answer = ask(WHO | {"records": [{"position": at, "fields": ["name"]}]})
    assert answer.status_code == 200
    assert answer.json["fields"] == [{"position": at, "field": "name", "state": "opened", "value": NAME}]
    assert answer.headers["Cache-Control"] == "no-store"
    assert opened(federation) == [WHO | {"opened": [{"position": at, "fields": ["name"]}]}]
    book = read_book(LogRecorder(federation.database.beside(schema_of(FEDERATION))))
    assert NAME.encode() not in b"".join(row.body for row in book.rows)
    counts, found = assembly.verify(settings, settings.keys)
    assert counts[schema_of(FEDERATION)] == 1
    assert [one for one in found if one.log == schema_of(FEDERATION)] == []


def test_what_a_correction_says_is_opened_where_it_stands(federation: Department, ask: Callable[..., Any]) -> None:
    first = named()
    correction = {"target_event": first["id"], "reason": "姓名录错"}
    correction |= {"corrected_payload": named(name="虚构晓雨")["data"]}
    later = {"time": "2025-03-02T09:00:00+08:00"}
    *_, at = recorded(
        federation, family_opened(), first, event(f"{FEDERATION}.event_corrected", correction, DAUGHTER, **later)
    )
    answer = ask(WHO | {"records": [{"position": at, "fields": ["corrected_payload/name"]}]})
    assert [one["value"] for one in answer.json["fields"]] == ["虚构晓雨"]


def test_nobody_opens_with_another_key_and_the_key_that_opens_reads_no_log(
    federation: Department, door: FlaskClient, ask: Callable[..., Any], settings: Settings
) -> None:
    [at] = recorded(federation, family_opened())
    body = WHO | {"records": [{"position": at, "fields": ["address_text"]}]}
    assert [ask(body, key).status_code for key in ("hub.api", f"{FEDERATION}.api")] == [403, 403]
    assert door.post("/open", data=json.dumps(body)).status_code == 401
    assert opened(federation) == []
    headers = {"Authorization": f"Bearer {Keys(settings.keys).opening_key}"}
    assert [door.get(path, headers=headers).status_code for path in ("/log", "/refused")] == [403, 403]
    assert door.get("/whoami", headers=headers).get_json()["may"] == ["open"]
    assert door.post("/events", data="{}", headers=headers).status_code == 403


def test_without_a_person_a_role_and_a_purpose_nothing_is_opened(
    federation: Department, ask: Callable[..., Any]
) -> None:
    [at] = recorded(federation, family_opened())
    whole = WHO | {"records": [{"position": at, "fields": ["address_text"]}]}
    for name in ("user", "role", "purpose", "records"):
        answer = ask({key: value for key, value in whole.items() if key != name})
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{name}")
    for wrong in ({"purpose": "看"}, {"purpose": f"核对{FATHER}"}, {"records": [{"position": 0, "fields": ["x"]}]}):
        answer = ask(whole | wrong)
        assert answer.status_code == 422
        assert FATHER not in answer.get_data(as_text=True)
    assert ask(whole | {"more": 1}).status_code == 422
    assert opened(federation) == []


def test_what_is_not_there_and_what_is_not_sealed_answer_alike(federation: Department, ask: Callable[..., Any]) -> None:
    [at] = recorded(federation, family_opened())
    asked = [(at, "hukou_type"), (at, "nothing"), (at, "members/0"), (at + 9, "address_text")]
    answers = [ask(WHO | {"records": [{"position": place, "fields": [name]}]}) for place, name in asked]
    assert {(answer.status_code, answer.get_data()) for answer in answers} == {(404, answers[0].get_data())}
    assert opened(federation) == []


def test_a_destroyed_key_says_so_although_the_door_still_has_it_in_memory(
    federation: Department, ask: Callable[..., Any], settings: Settings
) -> None:
    _, at = recorded(federation, family_opened(), named())
    body = WHO | {"records": [{"position": at, "fields": ["name"]}]}
    assert ask(body).json["fields"][0]["state"] == "opened"
    with psycopg.connect(settings.database_url) as owner:
        owner.execute(b"DELETE FROM disability_federation.keys")
    assert ask(body).json["fields"] == [{"position": at, "field": "name", "state": "destroyed"}]
    assert len(opened(federation)) == 2


def test_what_does_not_open_as_it_should_says_so(
    federation: Department, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise Broken("seal_broken", "", "")

    _, at = recorded(federation, family_opened(), named())
    monkeypatch.setattr(federation.ring, "unseal", broken)
    answer = ask(WHO | {"records": [{"position": at, "fields": ["name"]}]})
    assert answer.json["fields"][0]["state"] == "broken"


def test_if_it_cannot_be_written_down_nothing_is_opened(
    federation: Department, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise Unavailable

    _, at = recorded(federation, family_opened(), named())
    monkeypatch.setattr(LogRecorder, "append", full)
    answer = ask(WHO | {"records": [{"position": at, "fields": ["name"]}]})
    assert answer.status_code == 503
    assert NAME not in answer.get_data(as_text=True)
