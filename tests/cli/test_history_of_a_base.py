"""`yihu history` of a base: found by its code, in words and as the document of the API."""

import json
from pathlib import Path

import pytest

from services.commands import history
from services.family_case.base_reading import BaseQueries
from services.processes import assembly
from services.processes.installation import Installation
from tests.departments.test_self_help_at_the_door import base, cohort
from tests.family_case.conftest import READER, Hub, hub
from tests.family_case.test_bases import CODE, ELSEWHERE, TAKING_PART, taking_part

__all__ = ["hub"]


@pytest.fixture
def told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Return a case with a base here and one elsewhere, where the command finds it."""
    hub.tell(*base().values(), cohort(), *taking_part(TAKING_PART[0], "WD-7", ELSEWHERE))
    monkeypatch.setattr(Installation, "settings", lambda _: hub.settings)
    monkeypatch.setattr(assembly, "queries", lambda _: hub.queries)
    return hub


@pytest.mark.usefixtures("told")
def test_a_base_is_found_by_its_code_and_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    history.command(CODE.lower(), Path("x"), effective="2026-01-01")
    shown = capsys.readouterr().out.splitlines()
    assert shown[:5] == [
        f"服务基地 虚构希望之家（{CODE}）",
        "【历史视图：截至2026年1月1日的事实】",
        "2026年1月1日：在有效期内，可以开班",
        "脊髓损伤者：2024年4月1日设立，协议有效期至2027年3月31日",
        "师资 5 人，其中残疾人或残疾人亲友 2 人",
    ]
    assert shown[-1] == "共 11 条。各部门数据不缺。"


@pytest.mark.usefixtures("told")
def test_a_base_that_opens_no_cohort_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    history.command(CODE, Path("x"), effective="2027-04-01")
    assert "▲ 不得开新班：协议已过期，须续签。" in capsys.readouterr().out


@pytest.mark.usefixtures("told")
def test_a_base_elsewhere_has_no_entries_and_its_counts(capsys: pytest.CaptureFixture[str]) -> None:
    history.command("JG.0009", Path("x"))
    shown = capsys.readouterr().out
    assert "外地基地：本地没有设立协议" in shown
    assert "培训班 1 期，入班 1 人次，尚未结束 0 人次，已录入国家系统 0 人次" in shown
    assert "师资" not in shown
    assert "没有登记过这一基地的事件；学员的事件在其家庭案卷里。" in shown
    assert "共 0 条。" in shown


def test_its_json_is_the_document_of_the_api(told: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    history.command(CODE, Path("x"), known="2026-01-01", json=True)
    known = BaseQueries(told.queries).open(CODE, READER, "test", history.day("2026-01-01", "--known"))
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(known))
