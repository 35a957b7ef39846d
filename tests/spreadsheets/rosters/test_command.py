"""A roster from the office's file to the log, by the command: asked, judged, recorded, compared, and given back."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.commands import template
from services.commands.import_roster import AnswersUnreadable, _read_answers
from services.spreadsheets.files import open_book
from services.spreadsheets.headers import find_table
from services.spreadsheets.rosters import ROSTERS
from services.spreadsheets.rosters.reading import title_of
from services.spreadsheets.rosters.understanding import missing_columns
from tests.spreadsheets.rosters.conftest import Office
from tests.spreadsheets.rosters.sheet import SETTING, number
from tests.spreadsheets.rosters.test_files import DIBAO

A, B, C = number(91), number(92), number(93)


def roster(path: Path, *rows: tuple[Any, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in (("2026年3月低保花名册",), DIBAO, *rows):
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


def household(nth: int, person: str, amount: str = "632") -> tuple[str, ...]:
    return (f"虚构{nth:03}", "虚构甲", person, "虚构甲", person, "农村整户", amount, "2025-04", "2025-03-31")


def test_a_roster_is_asked_about_judged_recorded_and_compared(office: Office, tmp_path: Path) -> None:
    def run(file: Path, *, status: int = 0, answered: bool = True, **options: Any) -> list[dict[str, Any]]:
        answers = {"joined_on": "2026-01-01"} if answered else None
        return office.imports(file, "dibao", status=status, answers=answers, **options)

    march = roster(tmp_path / "march.xlsx", household(1, A), household(2, B))
    assert [line["question"] for line in run(march, answered=False, status=1)] == ["joined_on"]

    assert run(march, dry_run=True)[-1]["recorded"] == 2
    assert run(march, dry_run=True)[-1]["recorded"] == 2, "nothing was recorded"
    assert run(march)[-1]["recorded"] == 2
    assert run(march)[-1]["already_recorded"] == 2
    assert run(march, answered=False)[-1]["already_recorded"] == 2, "since when it reports is asked once"

    april = roster(tmp_path / "april.xlsx", household(1, A, "700"), household(3, C), household(4, "4.21299E+17"))
    out = tmp_path / "marked.xlsx"
    lines = run(april, out=out, status=1)
    assert {line["row"]: line["verdict"] for line in lines if "verdict" in line} == {3: "proposed", 5: "refused"}
    assert (lines[-1]["recorded"], lines[-1]["proposals"]) == (1, 1), "what is gone waits for a file that can be read"
    marked = openpyxl.load_workbook(out).worksheets[0]
    assert [str(marked.cell(at, 10).value)[:3] for at in range(2, 6)] == ["结果", "待确认", "已记录", "被拒绝"]

    may = roster(tmp_path / "may.xlsx", household(1, A, "700"), household(3, C))
    proposals = [line["proposal"] for line in run(may) if "proposal" in line]
    assert proposals == ["civil_affairs.dibao_reviewed", "civil_affairs.dibao_terminated"]
    kept = "".join(path.read_text(encoding="utf-8") for path in (office.data / "imports").glob("*.json"))
    assert A not in kept


def test_an_answer_file_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(AnswersUnreadable):
        _read_answers(path)


@pytest.mark.parametrize("code", list(ROSTERS))
def test_the_template_of_a_roster_is_read_as_that_roster(code: str, tmp_path: Path) -> None:
    out = tmp_path / "sheet.xlsx"
    template.command(out=out, roster=code, kind="")
    table = find_table(open_book(out).sheets[0], ROSTERS[code].columns)
    assert table is not None
    assert missing_columns(ROSTERS[code], table.columns, title_of(ROSTERS[code], [], SETTING)) == []
    assert table.unknown == []
