"""The kit that an integrator runs: on doors that keep their promises, and on doors that break one."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client as Browser

from services.commands.emitter import Emitter, read_packs
from services.commands.kit import CASES, Case, Kit, NotASandbox, begin
from services.commands.kit_report import junit, kit_lines, own_events, own_lines
from services.departments import domain_of
from services.processes import assembly
from shared.door.client import Answer, Client
from shared.door.http import department_app
from shared.door.sandbox import Sandbox
from shared.keys.files import Keys, create
from shared.settings import EMBEDDED_BUS, Settings
from tests.world import ROOT, event

NAMES = list(assembly.NAMES)


class InProcess(Client):
    """A client of doors in this process; what `spoil` says of an answer is what comes."""

    def __init__(self, app: Any, key: str) -> None:
        super().__init__("http://127.0.0.1:9", key)
        self.app = app
        self.spoiled: dict[int, int] = {}

    def _send(self, request: Any) -> tuple[int, bytes, Any]:
        headers = dict(request.header_items()) | {"Authorization": f"Bearer {self.api_key}"}
        path = request.full_url.removeprefix(self.url)
        answer = Browser(self.app).open(path, method=request.get_method(), data=request.data, headers=headers)
        return answer.status_code, answer.data, answer.headers

    def emit_all(self, department: str, events: Any) -> list[Answer] | None:
        """Send a batch; the doors' answers with a status that is spoiled become another one."""
        answers = super().emit_all(department, events)
        assert answers is not None
        return [Answer(self.spoiled.get(answer.status, answer.status), answer.body) for answer in answers]


@pytest.fixture(scope="module")
def place(_own_database: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    keys = tmp_path_factory.mktemp("check") / "keys"
    create(keys, tuple(NAMES), assembly.SERVICES, sandboxes=True)
    assembly.migrate_all(_own_database, NAMES, sandboxes=True)
    return Settings(_own_database, EMBEDDED_BUS, keys, "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def doors(place: Settings) -> Iterator[Any]:
    """Every department's door with its sandbox, in this process."""
    permits = Keys(place.keys).permits
    real = {name: assembly.department(name, place) for name in NAMES}
    tried = {name: assembly.sandbox(name, place) for name in NAMES}
    apps = {f"/{name}": department_app(name, real[name], permits, Sandbox(partial(tried.get, name))) for name in NAMES}  # type: ignore[arg-type]
    yield DispatcherMiddleware(NotFound(), {path: app.wsgi_app for path, app in apps.items()})
    for one in (*real.values(), *tried.values()):
        one.database.close()
        one.ring._database.close()


@pytest.fixture
def client(doors: Any, place: Settings) -> InProcess:
    return InProcess(doors, Keys(place.keys).sandbox_keys(["education"])["education"])


def checked(client: InProcess, name: str) -> list[Case]:
    source = begin(client, name)["source"]
    return list(Kit(client, name, domain_of(name).RULES, source).run())


@pytest.mark.parametrize("name", NAMES)
def test_every_door_keeps_every_promise_for_every_type(name: str, doors: Any, place: Settings) -> None:
    client = InProcess(doors, Keys(place.keys).sandbox_keys([name])[name])
    cases = checked(client, name)
    assert "\n".join(line for line in kit_lines(cases) if not line.startswith("✓")) == ""
    assert {case.name for case in cases} >= set(CASES) - {"names", "order"}
    real = InProcess(doors, Keys(place.keys).api_key(name))
    assert real.unverified(name, 0) == [], "nothing real was touched"


def test_every_case_is_tried_somewhere_and_the_kit_can_be_run_again(client: InProcess) -> None:
    cases = checked(client, "education")
    assert {case.name for case in cases} | {"names"} == set(CASES)
    assert checked(client, "education") == cases


@pytest.mark.parametrize(("came", "instead", "broken"), [(200, 201, "again"), (409, 200, "changed"), (422, 201, "bad")])
def test_a_door_that_breaks_a_promise_is_found_and_told(
    came: int, instead: int, broken: str, client: InProcess
) -> None:
    client.spoiled = {came: instead}
    cases = checked(client, "education")
    failed = {case.name for case in cases if not case.passed}
    assert broken in failed
    told = "\n".join(kit_lines(cases))
    assert CASES[broken][1] in told
    assert CASES[broken][2] in told
    suite = ET.fromstring(junit(cases))[0]  # noqa: S314 - our own
    assert int(suite.attrib["failures"]) == sum(not case.passed for case in cases) > 0
    assert suite.attrib["name"] == "education"


def test_a_real_key_is_refused_before_anything_is_sent(doors: Any, place: Settings) -> None:
    real = InProcess(doors, Keys(place.keys).api_key("education"))
    with pytest.raises(NotASandbox):
        begin(real, "education")


def test_each_case_names_a_guarantee_of_the_readme() -> None:
    there = set(re.findall(r"^\| (G\d+) \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {guarantee for guarantee, _, _ in CASES.values()} <= there


def test_own_events_are_told_by_type_with_reasons_and_first_lines(client: InProcess, tmp_path: Path) -> None:
    begin(client, "education")
    data = {"school_year": 2020, "source": "survey", "current_status": "在家"}
    good = event("education.school_age_child_registered", data, id="own-1")
    bad = [good | {"id": f"own-{n}", "data": data | {"source": "hearsay"}} for n in (2, 3)]
    other = good | {"id": "own-4", "type": "educatoin.school_age_child_registered"}
    lines = [json.dumps(one) for one in (good, *bad, other, good)] + ["{"]
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(lines))
    emitter = Emitter({"education": client}, None)
    found, unseen = own_events(emitter.emit(read_packs(str(file), None)), ["education"])
    own = found[good["type"]].as_json(good["type"])
    assert (own["recorded"], own["again"], own["refused"]) == (1, 1, 2)
    assert [(one["code"], one["pointer"], one["count"], one["line"]) for one in own["reasons"]] == [
        ("unknown_code", "/data/source", 2, 2)
    ]
    assert set(found[""].reasons) == {("unknown_type", "/type"), ("not_json", "")}
    assert good["type"] not in unseen
    assert "education.student_enrolled" in unseen
    told = "\n".join(own_lines(found, unseen))
    assert "首见第 2 行 first in line 2" in told
    assert "hearsay" not in told
