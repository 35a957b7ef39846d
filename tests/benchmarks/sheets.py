"""A long spreadsheet through a door: `yihu import` as a process of its own, its time and its memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import xlsxwriter

from shared.keys.files import Keys
from shared.language.identifiers import check_character
from shared.settings import Settings
from tests.benchmarks.measure import Line
from tests.faults.tools.processes import Running
from tests.world import ROOT

ROWS = 100_000
DEPARTMENT, TYPE = "finance", "finance.benefit_paid"
HEADS = ("姓名", "身份证号", "待遇项目", "金额", "所属月份", "收款方", "资金来源", "发放日期")


def sheets(settings: Settings, directory: Path, rows: int = ROWS) -> list[Line]:
    """Measure an import, the dry run before it, and the same file again."""
    path = directory / "发放.xlsx"
    directory.mkdir(parents=True, exist_ok=True)
    _write(path, rows)
    running = Running.on_free_port(settings, directory)
    running.start("web")
    try:
        key = Keys(settings.keys).api_key(DEPARTMENT)
        dry, _, _ = _imported(path, running.settings.url, key, "--dry-run")
        took, cpu, megabytes = _imported(path, running.settings.url, key, "--out", str(directory / "结果.xlsx"))
        again, _, _ = _imported(path, running.settings.url, key)
    finally:
        running.stop()
    return [
        Line(f"import of {rows:,} rows, given back marked", "s", took, ceiling=60),
        Line("— of it the importer's own CPU", "s", cpu),
        Line("— its memory", "MB", megabytes, ceiling=300),
        Line("— the dry run before", "s", dry),
        Line("— the same file again", "s", again),
    ]


def _imported(path: Path, url: str, key: str, *options: str) -> tuple[float, float, float]:
    """Import a file; return the seconds it took, those of its own CPU, and the most memory it had, in MB."""
    command = "from services.commands.cli import main; main()"
    arguments = ["import", str(path), "--type", TYPE, "--to", url, "--data", str(path.parent / "office"), *options]
    begun = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        cwd=ROOT,
        env=os.environ | {"YIHU_API_KEY": key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, "a row was refused"
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _write(path: Path, rows: int) -> None:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("发放")
    sheet.write_row(0, 0, HEADS)
    for nth in range(rows):
        number = _number(nth)
        said = ("虚构甲", number, "低保金", "1,250.00", "2026年3月", number, "县级财政", "2026.3.7")
        sheet.write_row(nth + 1, 0, said)
    book.close()


def _number(nth: int) -> str:
    """Return the number of a made-up person."""
    days, order = divmod(nth, 1_000)
    body = f"421299{1980 + days // 336}{days // 28 % 12 + 1:02}{days % 28 + 1:02}{order:03}"
    return body + check_character(body)
