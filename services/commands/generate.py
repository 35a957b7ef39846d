"""`yihu generate`: a made-up city, as events to try the program on."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from services.commands.options import say

EXAMPLES = (
    "yihu generate --families 600 --out city.jsonl",
    "yihu generate --faulty --expected answers.jsonl --out faulty.jsonl",
)
SEED = 2025
FAMILIES = 600


def command(
    families: Annotated[int, typer.Option(metavar="N", help="家庭数 / how many families")] = FAMILIES,
    seed: Annotated[int, typer.Option(metavar="S", help="同一种子得到同一城市 / the same seed, the same city")] = SEED,
    faulty: Annotated[
        bool, typer.Option("--faulty", help="另含应被拒绝或标记的事件 / with events to be refused or flagged")
    ] = False,
    expected: Annotated[
        str, typer.Option(metavar="FILE", help="与 --faulty 同用：各错误事件应得的答复 / what each of those must meet")
    ] = "",
    out: Annotated[str, typer.Option(metavar="FILE", help="写入文件；- 为标准输出 / a file, or - for stdout")] = "-",
) -> None:
    """生成一座虚构城市的事件。 Generate the events of a made-up city.

    每行一个事件，按登记时间排列；人名、地名、机构名和号码均为虚构，同一种子的小城市是大城市的开头。
    One event a line, by the time of writing; every person and place is invented. The same seed gives the same families.
    """
    from services.city.city import lines
    from services.city.people import LARGEST

    if not 1 <= families <= LARGEST:
        raise typer.BadParameter(f"应为 1 至 {LARGEST}。 From 1 to {LARGEST}.", param_hint="--families")
    if seed < 0:
        raise typer.BadParameter("不得为负数。 It must not be negative.", param_hint="--seed")
    if expected and not faulty:
        raise typer.BadParameter("须与 --faulty 同用。 It goes with --faulty.", param_hint="--expected")
    with ExitStack() as stack:
        to: BinaryIO = sys.stdout.buffer if out == "-" else stack.enter_context(_file(out, "--out"))
        beside = stack.enter_context(_file(expected, "--expected")) if expected else None
        count = 0
        for line in lines(families, seed, faulty=faulty, beside=beside):
            to.write(line + b"\n")
            count += 1
        to.flush()
    say(f"已生成 {families} 户、{count} 条事件。 {families} families, {count} events.")


def _file(name: str, option: str) -> BinaryIO:
    try:
        return Path(name).open("wb")
    except OSError:
        raise typer.BadParameter("文件不能写入。 This file cannot be written.", param_hint=option) from None
