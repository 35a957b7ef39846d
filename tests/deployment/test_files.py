"""What of the deployment can be seen without an engine; the rest is proved by `make deployment`."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.processes import assembly
from services.processes.deployment import hand_out
from shared.bus.users import service_user
from shared.keys.files import Keys
from tests.world import ROOT

COMPOSE = ROOT / "deploy" / "compose"
SERVICES = {
    f"{file.stem}/{name}": service
    for file in sorted(COMPOSE.glob("*.yml"))
    for name, service in yaml.safe_load(file.read_text())["services"].items()
    if "extends" not in service
}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("city") / "密 钥"
    hand_out(directory)
    return directory


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_not_root_writes_nowhere_and_gains_no_privilege(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].split(":")[0] not in {"", "0", "root"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_handed_secrets_as_files_and_never_in_its_environment(name: str) -> None:
    environment: dict[str, Any] = SERVICES[name].get("environment", {})
    told = [key for key in environment if re.search("PASSWORD|KEY|SECRET|TOKEN", key)]
    assert [key for key in told if not key.endswith("_FILE") and key != "YIHU_KEYS"] == []
    assert not any(re.search("://[^/]*:[^/]*@", str(value)) for value in environment.values())


def test_only_what_talks_to_the_broker_has_its_password() -> None:
    having = {name for name, one in SERVICES.items() if any("/amqp" in str(v) for v in one.get("volumes", ()))}
    assert having == {"department/worker", "department/inbox", "family_case/worker"}


def test_a_service_is_handed_its_own_keys_and_nobody_elses(secrets: Path) -> None:
    for service in assembly.SERVICES:
        own = {path.name for path in (secrets / service / "keys").iterdir()}
        theirs = {
            f"{other}.{kind}" for other in assembly.SERVICES if other != service for kind in ("master", "signing")
        }
        assert not own & theirs
        permits = Keys(secrets / service / "keys").permits().values()
        assert {permit.department for permit in permits} == {service if service in assembly.NAMES else "*"}


def test_everything_handed_out_is_readable_by_one_user_alone(secrets: Path) -> None:
    assert {oct(path.stat().st_mode & 0o777) for path in secrets.rglob("*") if path.is_file()} == {"0o600"}


def test_handing_out_again_changes_nothing_and_makes_what_is_missing(secrets: Path) -> None:
    before = {path: path.read_bytes() for path in secrets.rglob("*") if path.is_file()}
    lost = secrets / "education" / "keys" / "education.master"
    lost.unlink()
    assert hand_out(secrets) == [lost]
    assert {path: path.read_bytes() for path in secrets.rglob("*") if path.is_file()} == before


def test_the_broker_knows_a_hash_of_each_password_that_was_handed_out(secrets: Path) -> None:
    users = {one["name"]: one for one in json.loads((secrets / "broker" / "definitions.json").read_text())["users"]}
    handed = [service_user(service) for service in assembly.SERVICES] + list(assembly.NAMES)
    assert all(users[name]["password_hash"] for name in handed)
    assert users["yihu"]["password_hash"] == ""


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [(["nobody", "up"], {}, "family_case"), (["all", "up"], {"YIHU_SECRETS": ""}, "yihu keys")],
)
def test_a_part_that_is_none_and_secrets_that_are_nowhere_are_told(
    arguments: list[str], environment: dict[str, str], told: str, secrets: Path
) -> None:
    nothing = {"YIHU_SECRETS": str(secrets), "YIHU_DOCKER": "false", "YIHU_COMPOSE": "false"}
    told_to = os.environ | nothing | environment
    found = subprocess.run([COMPOSE / "yihu", *arguments], env=told_to, capture_output=True, text=True, check=False)
    assert found.returncode != 0
    assert told in found.stderr
