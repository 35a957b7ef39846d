"""API keys in running web processes: what is taken out of the file counts no more."""

import http.client
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.processes import assembly
from shared.door.client import Client, DepartmentUnavailable
from shared.keys.files import Keys, digest_of
from shared.settings import Settings
from tests.faults.tools.processes import Running
from tests.world import wait_for

REVOKED_WITHIN_S = 1.0


@pytest.fixture
def web(settings: Settings, tmp_path: Path) -> Iterator[Running]:
    """Run a web process with a copy of the keys, its console closed."""
    shutil.copytree(settings.keys, tmp_path / "keys")
    running = Running.on_free_port(replace(settings, keys=tmp_path / "keys"), tmp_path)
    running.start("web")
    yield running
    running.stop()


def status_of(web: Running, department: str) -> int:
    """Send no event to a door with the key of its department's desk; return the status."""
    key = Keys(web.settings.keys).api_key(department)
    return Client(web.settings.url, key).emit(department, {}).status


def reads(web: Running, department: str) -> bool:
    """Whether the hub's key opens the log of a department."""
    keys = Keys(web.settings.keys)
    try:
        Client(web.settings.url, keys.api_key("hub")).log(department, 0, keys.verifier(department))
    except DepartmentUnavailable:
        return False
    return True


def pages(web: Running) -> int:
    """Ask the family case for what waits, with the hub's key; return the status."""
    connection = http.client.HTTPConnection(str(urlsplit(web.settings.url).netloc), timeout=10)
    key = Keys(web.settings.keys).api_key("hub")
    connection.request("GET", "/waiting", headers={"Authorization": f"Bearer {key}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_revoked_key_is_refused_within_a_second_at_every_door_and_others_go_on(web: Running) -> None:
    keys, file = Keys(web.settings.keys), web.settings.keys / "permits.json"
    permits = json.loads(file.read_text())
    assert {status_of(web, name) for name in assembly.NAMES} == {422}
    assert pages(web) == 200
    kept = digest_of(keys.api_key("education"))
    file.write_text(json.dumps({kept: permits[kept]}))
    time.sleep(REVOKED_WITHIN_S)
    assert {name: status_of(web, name) for name in assembly.NAMES} == dict.fromkeys(assembly.NAMES, 401) | {
        "education": 422
    }
    assert not reads(web, "education")
    assert pages(web) == 401


def test_a_half_written_file_of_permits_shuts_nobody_out_and_is_logged(web: Running) -> None:
    file = web.settings.keys / "permits.json"
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    time.sleep(REVOKED_WITHIN_S)
    assert status_of(web, "education") == 422
    assert reads(web, "education")
    wait_for(lambda: "permits.json is missing or malformed" in web.output(), what="the log")
    file.write_text("{}")
    time.sleep(REVOKED_WITHIN_S)
    assert status_of(web, "education") == 401
