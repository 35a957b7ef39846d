"""The commands about what is owed, as somebody types them: words to read, JSON for programs, faults with places."""

import json
import sys
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from services.commands.cli import app, main
from services.processes.installation import Installation
from tests.entitlements.test_impact import told, withdrawn
from tests.family_case.conftest import Hub

Run = Callable[..., Result]


@pytest.fixture
def run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an installation with one family, whose recognition was withdrawn."""
    events, recognition = told("a", "difficult_family_recognised")
    hub.tell(*events, withdrawn(recognition))
    monkeypatch.setattr(Installation, "settings", lambda _: hub.settings)
    return lambda *words: CliRunner().invoke(app, list(words))


def test_impact_says_what_a_withdrawal_did(hub: Hub, run: Run) -> None:
    shown = run("impact", "w-1")

    assert shown.exit_code == 0
    assert "撤销（误登）" in shown.stdout
    assert f"家庭案卷 {hub.families[0]}" in shown.stdout
    assert "共 1 条更正或撤销，改变了 1 户的判定。" in shown.stdout
    found = json.loads(run("impact", "--since", "2026-03-01", "--json").stdout)
    assert [one["event"] for one in found] == ["w-1"]


def test_impact_wants_an_id_or_a_day(run: Run) -> None:
    assert run("impact").exit_code == 2
    assert run("impact", "w-1", "--since", "2026-03-01").exit_code == 2


def test_rehearse_says_who_would_gain_or_lose(run: Run) -> None:
    shown = run("rehearse", "--set", "P-REHAB-AGE-TO=4", "--effective", "2026-02-28")

    assert shown.exit_code == 0
    assert "试算：咸宁市一直按 P-REHAB-AGE-TO" in shown.stdout
    assert "失去资格" in shown.stdout
    assert "已试算 1/1 户" in shown.stderr
    months = json.loads(run("rehearse", "--set", "P-FAMLIV-MONTH=600", "--months", "2025-08..2025-10", "--json").stdout)
    assert months["days"] == ["2025-08-31", "2025-09-30", "2025-10-31"]


def test_rehearse_names_every_fault_of_a_draft(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("rehearse", "--set", "P-REHAB-AGE-TO=old", "--set", "P-NOTHING=1", "--county", "421221")
    monkeypatch.setattr(sys, "argv", ["yihu", *words])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert "/0/value" in shown
    assert "/1/parameter" in shown
    assert "old" not in shown
    assert run("rehearse", "--set", "P-REHAB-AGE-TO=4", "--months", "2025-10..2025-08").exit_code == 2
    assert run("rehearse").exit_code == 2


def test_story_tells_a_family_in_paragraphs_with_sources(hub: Hub, run: Run) -> None:
    shown = run("story", hub.families[0])

    assert shown.exit_code == 0
    assert "\n2025年\n" in shown.stdout
    assert "〔1〕" in shown.stdout
    assert json.loads(run("story", hub.families[0], "--json").stdout)["family"] == hub.families[0]


def test_owed_says_what_was_judged_anew(hub: Hub, run: Run) -> None:
    shown = run("owed", hub.families[0], "--known", "2026-03-02")

    assert shown.exit_code == 0
    assert "因2026年3月2日的撤销（误登）重新判定" in shown.stdout


def test_work_of_an_earlier_day_lists_what_was_open_then(hub: Hub, run: Run) -> None:
    shown = run("work", "--known", "2026-02-28", "--effective", "2025-12-31", "--limit", "500")

    assert shown.exit_code == 0
    assert hub.families[0] in shown.stdout
    found = json.loads(run("work", "--effective", "2025-12-31", "--counts", "--json").stdout)
    assert found["behind"] == 0
    assert sum(one["count"] for one in found["counts"]) > 0
