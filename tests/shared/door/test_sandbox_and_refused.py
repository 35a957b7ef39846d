"""The sandbox behind a door, and the desk that counts what was refused."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.processes import assembly
from shared.door.department import Department
from shared.door.http import department_app
from shared.door.intake import EVENT_BYTES
from shared.door.refused import RefusedDesk
from shared.door.sandbox import Sandbox
from shared.errors import Fault, Refused
from shared.keys.files import Keys, create
from shared.language.envelope import BATCHED, STRUCTURED
from shared.log import refused as counted
from shared.log import sandbox as throw_away
from shared.log.refused import ROWS, Reason
from shared.settings import EMBEDDED_BUS, Settings
from tests.world import DAUGHTER, FATHER, event

NAME = "education"
SOURCE = f"urn:yihu:{NAME}:desk"


@pytest.fixture(scope="module")
def place(_own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Where a whole installation is: a database with sandboxes, and their keys."""
    keys = tmp_path_factory.mktemp("sandbox") / "keys"
    create(keys, tuple(assembly.NAMES), assembly.SERVICES, sandboxes=True)
    assembly.migrate_all(_own_database, [NAME], sandboxes=True)
    return Settings(_own_database, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)


@pytest.fixture
def settings(place: Settings, database_url: str) -> Settings:
    assert place.database_url == database_url, "the file's database, emptied after each test"
    return place


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    made = Sandbox(partial(assembly.sandbox, NAME, settings))
    yield made
    closed = made.department()
    closed.database.close()
    closed.ring._database.close()


@pytest.fixture
def real(department: Callable[[str], Department]) -> Department:
    return department(NAME)


@pytest.fixture
def door(real: Department, sandbox: Sandbox, settings: Settings) -> FlaskClient:
    return department_app(NAME, real, Keys(settings.keys).permits, sandbox).test_client()


@pytest.fixture
def tests(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {Keys(settings.keys).sandbox_keys([NAME])[NAME]}"}


@pytest.fixture
def writes(settings: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {Keys(settings.keys).api_key(NAME)}"}


def registered(id_: str, year: int = 2020, **attributes: Any) -> dict[str, Any]:
    data = {"school_year": year, "source": "survey", "current_status": "在家"}
    return event("education.school_age_child_registered", data, id=id_, **attributes)


def post(door: FlaskClient, body: Any, headers: dict[str, str], kind: str = STRUCTURED) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return door.post("/events", data=raw, headers=headers, content_type=kind)


def lately(door: FlaskClient, headers: dict[str, str]) -> set[tuple[str, str, str, int]]:
    answer = door.get("/refused?days=1", headers=headers)
    assert answer.status_code == 200
    found = answer.get_json()["refused"]
    assert all(one["source"] == SOURCE and one["first"] <= one["last"] for one in found)
    return {(one["type"].rpartition(".")[2], one["code"], one["pointer"], one["count"]) for one in found}


# The sandbox


def test_a_sandbox_answers_like_the_real_door_and_keeps_it_apart(
    door: FlaskClient, real: Department, tests: dict[str, str], writes: dict[str, str], settings: Settings
) -> None:
    answer = post(door, registered("s-1"), tests)
    receipt = answer.get_json()
    assert (answer.status_code, receipt["mode"], receipt["position"]) == (201, "test", 1)
    assert receipt["log"] == "yihu/education/sandbox"
    assert not Keys(settings.keys).verifier(NAME).receipt(receipt), "it passes for no real receipt"
    assert post(door, registered("s-1"), tests).get_json() == receipt
    assert post(door, registered("s-1", 2021), tests).status_code == 409
    assert post(door, registered("s-2", 2021, source="urn:yihu:other:desk"), tests).status_code == 403
    order = event("education.education_plan_reviewed", {"school_year": 2020}, id="s-3")
    assert post(door, order, tests).status_code == 422 == post(door, order, writes).status_code
    assert real.recorder.max_notification_id() is None
    first = post(door, registered("s-1"), writes).get_json()
    assert "mode" not in first
    assert first["position"] == 1


def test_a_sandbox_key_reads_its_throw_away_log_and_no_other(
    door: FlaskClient, tests: dict[str, str], writes: dict[str, str]
) -> None:
    post(door, registered("real"), writes)
    post(door, registered("tried", 2021), tests)
    assert [one["id"] for one in json.loads(door.get("/log", headers=tests).data)] == ["tried"]
    assert [one["id"] for one in json.loads(door.get("/log", headers=writes).data)] == ["real"]


def test_whoami_says_what_a_key_may_do(
    door: FlaskClient, tests: dict[str, str], writes: dict[str, str], settings: Settings
) -> None:
    mine = {"department": NAME, "source": SOURCE}
    assert door.get("/whoami", headers=writes).get_json() == mine | {"mode": "live", "may": ["report", "read"]}
    tester = door.get("/whoami", headers=tests).get_json()
    assert tester.pop("emptied") > "2026"
    assert tester == mine | {"mode": "test", "may": ["report", "read", "empty"]}
    hub = {"Authorization": f"Bearer {Keys(settings.keys).api_key('hub')}"}
    assert door.get("/whoami", headers=hub).get_json()["may"] == ["read"]
    assert post(door, registered("no"), hub).status_code == 403
    other = {"Authorization": f"Bearer {Keys(settings.keys).sandbox_keys(['finance'])['finance']}"}
    assert door.get("/whoami", headers=other).status_code == 403
    assert door.get("/whoami").status_code == 401


def test_a_sandbox_is_emptied_by_command_and_by_nobody_elses_key(
    door: FlaskClient, tests: dict[str, str], writes: dict[str, str], sandbox: Sandbox
) -> None:
    said = {"filed_by": FATHER, "filed_on": "2025-02-10", "claim": "希望随班就读"}
    sealed = event("education.education_placement_disputed", said, id="s-1", legacy=True)
    first = post(door, sealed, tests)
    assert post(door, {}, tests).status_code == 422
    assert door.delete("/sandbox", headers=writes).status_code == 403
    assert door.delete("/sandbox", headers=tests).status_code == 204
    assert json.loads(door.get("/log", headers=tests).data) == []
    assert lately(door, tests) == set()
    again = post(door, sealed, tests)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json()["position"] == 1
    assert post(door, sealed, tests).status_code == 200, "its keys are those of now"
    assert sandbox.department().recorder.max_notification_id() == 1


def test_a_sandbox_is_emptied_when_its_time_is_over(
    door: FlaskClient, tests: dict[str, str], sandbox: Sandbox, settings: Settings
) -> None:
    post(door, registered("s-1"), tests)
    since = throw_away.filled_since(sandbox.department().database)
    assert throw_away.filled_since(sandbox.department().database) == since, "it stays for its time"
    with psycopg.connect(settings.database_url) as owner:
        old = timedelta(days=throw_away.DAYS, seconds=1)
        owner.execute("UPDATE education_sandbox.life SET since = since - %s", (old,))
    assert post(door, registered("s-1"), tests).status_code == 201


def test_a_door_without_a_sandbox_refuses_a_sandbox_key(
    real: Department, tests: dict[str, str], settings: Settings
) -> None:
    door = department_app(NAME, real, Keys(settings.keys).permits).test_client()
    assert post(door, registered("s-1"), tests).status_code == 403


# The refused desk


def test_the_desk_counts_what_was_refused_by_type_and_reason(door: FlaskClient, writes: dict[str, str]) -> None:
    bad = registered("b-1") | {"data": {"school_year": 2020, "source": "hearsay", "current_status": "在家"}}
    assert post(door, [bad, registered("b-2"), bad | {"id": "b-3"}, 7], writes, BATCHED).status_code == 207
    post(door, bad, writes)
    post(door, b"{", writes)
    post(door, registered("b-2", 2021), writes)
    post(door, registered("b-4"), writes, "text/plain")
    post(door, b'"' + b"x" * EVENT_BYTES + b'"', writes)
    post(door, registered("b-5", source="urn:yihu:other:desk"), writes)
    kind = "school_age_child_registered"
    assert lately(door, writes) == {
        (kind, "unknown_code", "/data/source", 3),
        (kind, "id_used_for_other_content", "/id", 1),
        (kind, "other_source", "/source", 1),
        ("unknown", "not_an_object", "", 1),
        ("unknown", "not_json", "", 1),
        ("unknown", "content_type", "", 1),
        ("unknown", "too_large", "", 1),
    }


def test_who_may_not_report_is_not_counted_and_days_are_numbers(door: FlaskClient, writes: dict[str, str]) -> None:
    assert post(door, {}, {}).status_code == 401
    assert lately(door, writes) == set()
    assert door.get("/refused").status_code == 401
    assert [door.get(f"/refused?days={days}", headers=writes).status_code for days in (0, 31, "x")] == [400] * 3
    assert door.get("/refused?day=3", headers=writes).status_code == 400


def test_nothing_that_somebody_made_up_is_kept(door: FlaskClient, writes: dict[str, str], settings: Settings) -> None:
    canary = "zhangsan"
    spoilt = registered(f"{canary}-1") | {canary: "x", "type": f"education.{canary}", "subject": FATHER}
    inside = registered("c-2") | {"data": {canary: FATHER, DAUGHTER: 1, "source": canary, "current_status": canary}}
    post(door, [spoilt, inside], writes, BATCHED)
    post(door, json.dumps(inside).replace("{", f'{{"{canary}": 1, "{canary}": 2,', 1).encode(), writes)
    found = lately(door, writes)
    assert {"unknown_type", "unknown_code", "duplicate_key"} <= {code for _, code, _, _ in found}
    assert {"/?", "/data/?", "/data/source"} <= {pointer for _, _, pointer, _ in found}
    with psycopg.connect(settings.database_url) as owner:
        rows = str(owner.execute("SELECT * FROM education.refused").fetchall())
    assert [value for value in (canary, FATHER, DAUGHTER) if value in rows] == []


def test_a_place_in_a_list_is_any_place(real: Department) -> None:
    desk = RefusedDesk(real.database)
    desk.note("s", [{}], [Refused([Fault("a", f"/data/members/{at}/name", "", "") for at in range(3)])])
    assert [(one["pointer"], one["count"]) for one in desk.lately(1)] == [("/data/members/*/name", 3)]


def test_a_day_has_so_many_rows_and_counts_the_rest_together(real: Department) -> None:
    for begin in (0, ROWS - 10):
        some = {Reason("s", "t", f"code_{n}", ""): 2 for n in range(begin, begin + ROWS - 5)}
        counted.count(real.database, counted.Counter(some))
    found = {one["code"]: one["count"] for one in counted.refused(real.database, 1)}
    assert len(found) == ROWS + 1
    assert found.pop("others") == 2 * (ROWS - 5 - 5 - 5)
    assert sum(found.values()) == 2 * (ROWS + 5)


def test_what_is_old_is_forgotten(real: Department, settings: Settings) -> None:
    counted.count(real.database, counted.Counter({Reason("s", "t", "old", ""): 1}))
    with psycopg.connect(settings.database_url) as owner:
        owner.execute("UPDATE education.refused SET day = day - 29")
    assert [one["code"] for one in counted.refused(real.database, 30)] == ["old"]
    assert counted.refused(real.database, 29) == []
    with psycopg.connect(settings.database_url) as owner:
        owner.execute("UPDATE education.refused SET day = day - 1")
    counted.count(real.database, counted.Counter({Reason("s", "t", "new", ""): 1}))
    with psycopg.connect(settings.database_url) as owner:
        assert owner.execute("SELECT code FROM education.refused").fetchall() == [("new",)]


def test_a_desk_that_fails_takes_no_answer_along(
    door: FlaskClient, writes: dict[str, str], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(settings.database_url) as owner:
        owner.execute("REVOKE EXECUTE ON FUNCTION education.refuse FROM yihu_education")
    try:
        assert post(door, {}, writes).status_code == 422
        assert "could not be counted: InsufficientPrivilege" in caplog.text
    finally:
        with psycopg.connect(settings.database_url) as owner:
            owner.execute("GRANT EXECUTE ON FUNCTION education.refuse TO yihu_education")
