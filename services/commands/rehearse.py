"""`yihu rehearse`: what would be otherwise if a parameter had another value: who gains, who loses, what it costs."""

import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from services.commands.options import HERE, AsJson, Data, Effective, as_json, day, say

EXAMPLES = (
    "yihu rehearse --set P-REHAB-AGE-TO=18",
    "yihu rehearse --set P-SELFPAY-RATE=0.7 --county 421221 --from 2026-01-01 --months 2026-01..2026-12 --json",
    "yihu rehearse 草案.json --jobs 2",
)
_MONTHS = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2]))\.\.(\d{4}-(?:0[1-9]|1[0-2]))", re.ASCII)
MOST_MONTHS = 36
"""How many months are rehearsed at a time."""


def command(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="参数草案（JSON）/ a file of drafts")] = "",
    data: Data = HERE,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="P-X=VALUE", help="参数草案，可多次 / a draft value")
    ] = None,
    county: Annotated[str, typer.Option(metavar="CODE", help="只在该县市，如 421221 / in one county")] = "",
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="草案生效日，默认一直如此 / from this day")] = "",
    effective: Effective = "",
    months: Annotated[
        str, typer.Option(metavar="FIRST..LAST", help="逐月月末，如 2026-01..2026-12 / at each month's end")
    ] = "",
    list_: Annotated[bool, typer.Option("--list", help="JSON 中逐条列出（案卷编号）/ each verdict")] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, metavar="N", help="几个进程 / processes")] = 1,
    json: AsJson = False,
) -> None:
    """参数试算：改一个参数，谁得谁失、花多少钱。 A draft parameter over the real history; nothing is changed."""
    from services.entitlements.drafts import read
    from services.entitlements.rehearsal import in_processes, report
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.language.envelope import china_now

    drafts = read(_said(file, set_ or []), county, from_)
    days = _days(months) or [day(effective, "--effective") or china_now().date()]
    settings = Installation(data).settings()
    rehearsal = assembly.rehearsal(settings, drafts, days)
    numbers = rehearsal.families()
    make = partial(assembly.rehearsal, settings, drafts, days)
    tally = in_processes(make, numbers, jobs, _progress) if jobs > 1 else rehearsal.run(numbers, _progress)
    found = report(rehearsal, tally, listed=list_)
    print(as_json(found) if json else "\n".join(lines(found)))


def lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a report."""
    from services.entitlements.text import rehearsal_lines

    return rehearsal_lines(found)


def _progress(done: int, total: int) -> None:
    say(f"已试算 {done}/{total} 户 families")


def _said(file: str, set_: list[str]) -> Any:
    from shared.errors import NoSuchFile
    from shared.json import parse_strict

    said: list[Any] = []
    if file:
        path = Path(file)
        if not path.is_file():
            raise NoSuchFile
        found = parse_strict(path.read_bytes())
        said += found if isinstance(found, list) else [{"parameter": k, "value": v} for k, v in dict(found).items()]
    for text in set_:
        name, mark, value = text.partition("=")
        if not mark:
            raise typer.BadParameter("应写作 参数=取值。 Write PARAMETER=VALUE.", param_hint="--set")
        said.append({"parameter": name.strip(), "value": value.strip()})
    if not said:
        raise typer.BadParameter("请给出草案文件，或用 --set。 Give a file of drafts, or --set.", param_hint="FILE")
    return said


def _days(months: str) -> list[date]:
    from services.entitlements.rehearsal import days_between

    if not months:
        return []
    written = _MONTHS.fullmatch(months)
    days = days_between(written[1], written[2]) if written and written[1] <= written[2] else []
    if not 1 <= len(days) <= MOST_MONTHS:
        raise typer.BadParameter(
            f"应为起止月份，如 2026-01..2026-12，最多 {MOST_MONTHS} 个月。 Two months, the earlier first.",
            param_hint="--months",
        )
    return days
