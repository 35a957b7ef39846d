"""The processes take names of services on their command lines."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from services.processes import assembly
from shared.settings import Settings
from tests.faults.tools.processes import Running
from tests.world import ROOT


@pytest.mark.parametrize("process", ["web 127.0.0.1 28400", "worker", "prepare"])
def test_a_name_that_is_no_service_is_refused_and_nothing_is_made(
    settings: Settings, tmp_path: Path, process: str
) -> None:
    named = replace(settings, keys=tmp_path / "keys")
    module, *words = process.split()
    command = [sys.executable, "-m", f"services.processes.{module}", *words, "educatoin"]
    ended = subprocess.run(
        command, env=os.environ | named.environment(), cwd=ROOT, check=False, capture_output=True, timeout=60
    )
    assert ended.returncode == 1
    assert "no_such_service" in ended.stderr.decode()
    assert not (tmp_path / "keys").exists()


def test_without_names_a_process_serves_all() -> None:
    assert assembly.services_named([]) == assembly.SERVICES
    assert assembly.services_named(["hrss"]) == ("hrss",)


def test_a_web_process_with_one_department_says_that_it_runs(settings: Settings, tmp_path: Path) -> None:
    running = Running.on_free_port(settings, tmp_path)
    try:
        running.start("web", "hrss")  # waits for /health
    finally:
        running.stop()
