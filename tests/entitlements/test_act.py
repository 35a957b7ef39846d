"""What a case worker does about a gap, by one command: the event, its receipt, and what lists say afterwards."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.commands import sending
from services.commands.cli import app, main
from services.processes.installation import Installation
from shared.language.envelope import china_now
from tests.family_case.conftest import Hub
from tests.world import story

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an installation with one family; what it sends is recorded and filed."""
    hub.tell(*story("a"))

    def send(_: Installation, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"position": told.position, "id": told.id} for _, told in hub.tell(*events)]

    monkeypatch.setattr(Installation, "settings", lambda _: hub.settings)
    monkeypatch.setattr(sending, "send", send)
    return lambda *words: CliRunner().invoke(app, list(words))


def owed(run: Run, family: str, rule: str = "") -> list[dict[str, Any]]:
    document = json.loads(run("owed", family, "--json", "--all").stdout)
    return [one for one in document["verdicts"] if rule in {"", one["rule"]}]


def first_gap(run: Run, family: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a verdict with a gap that no other member has too."""
    every = [(one, gap) for one in owed(run, family) for gap in one["gaps"]]
    alone = [
        (one, gap)
        for one, gap in every
        if gap["type"] != "G5" and sum(other["rule"] == one["rule"] for other, _ in every) == 1
    ]
    return alone[0]


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["yihu", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_a_gap_is_held_by_one_command_and_says_so_afterwards(hub: Hub, run: Run) -> None:
    [family] = hub.families
    verdict, gap = first_gap(run, family)
    until = (china_now().date() + timedelta(20)).isoformat()
    words = ("act", "hold", family, verdict["rule"], gap["type"], "--until", until, "--reason", "等待手术后开训")

    shown = run(*words, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["data"]["hold_until"] == until
    assert "未报送" in shown.stderr
    assert not any("held_until" in each for one in owed(run, family) for each in one["gaps"])

    shown = run(*words)
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["position"]
    [held] = [one for one in owed(run, family, verdict["rule"]) if one["subject"] == verdict["subject"]]
    assert [each["held_until"] for each in held["gaps"] if each["type"] == gap["type"]] == [until]
    assert [each["kind"] for each in held["handled"]][-1] == "action"


def test_a_need_is_referred_and_answered(hub: Hub, run: Run) -> None:
    [family] = hub.families
    who = json.loads(run("members", family, "--json").stdout)["members"][-1]["who"]
    said = run("act", "refer", family, "EDU", "--person", who, "--to", "EDU")
    assert said.exit_code == 0, said.output
    process = json.loads(said.stdout)["id"]

    assert run("act", "answer", family, process, "--decision", "approved").exit_code == 0
    document = json.loads(run("owed", family, "--json").stdout)
    assert [one["state"] for one in document["processes"] if one["process"] == process] == ["MET"]


def test_a_service_is_declined_by_who_may(hub: Hub, run: Run) -> None:
    [family] = hub.families
    members = json.loads(run("members", family, "--json").stdout)["members"]
    child = next(one for one in members if one["guardians"])
    parent = child["guardians"][-1]["guardian"]
    said = run("act", "decline", family, "CULT", "--person", child["who"], "--by", parent)

    assert said.exit_code == 0, said.output


def test_two_who_look_alike_are_said_to_be_two(hub: Hub, run: Run) -> None:
    [family] = hub.families
    one, other = [each["person"] for each in json.loads(run("members", family, "--json").stdout)["members"]][:2]

    said = run("act", "dismiss", one, other, "--reason", "两人出生医学证明不同")
    assert said.exit_code == 0, said.output
    shown = json.loads(run("act", "merge", family, "XN-F-0A1B2C3D", "--reason", "同一户", "--dry-run").stdout)
    assert shown["data"]["merged_family"] == "XN-F-0A1B2C3D"


@pytest.mark.usefixtures("run")
def test_every_fault_is_said_at_once(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [family] = hub.families
    said = refused(monkeypatch, capsys, "act", "hold", family, "E99", "G0", "--until", "soon", "--person", "某人")

    for pointer in ("/reason", "/RULE", "/GAP", "/person", "/data/hold_until"):
        assert f"{pointer}]" in said, said
    assert "某人" not in said
    said = refused(monkeypatch, capsys, "act", "answer", family, "p-1", "--decision", "perhaps")
    assert "/decision]" in said
    assert "/PROCESS]" in said
    said = refused(monkeypatch, capsys, "act", "refer", "XN-F-0A1B2C3D", "EDU", "--to", "EDU")
    assert "no_such_family" in said
    assert "/person]" in said
