"""`yihu refused`: what departments' systems had refused in the last days, so that somebody can fix it."""

import os
from collections.abc import Iterator
from itertools import groupby
from typing import Annotated, Any

import typer

from services.commands.options import HERE, AsJson, Data, as_json, say

EXAMPLES = ("yihu refused", "yihu refused --department education --days 30", "yihu refused --json")


def command(
    data: Data = HERE,
    department: Annotated[str, typer.Option(metavar="NAME", help="只看一个部门 / one department only")] = "",
    days: Annotated[int, typer.Option(min=1, max=30, help="最近几天 / how many days, today among them")] = 7,
    to: Annotated[
        str, typer.Option(metavar="URL", help="服务地址 / address of the doors; default: the running service")
    ] = "",
    json: AsJson = False,
) -> None:
    """近日被拒绝的报送：哪个系统、哪类事件、什么原因。 What was refused lately, by system, type and reason.

    No event and no value is kept of what was refused: only how often, why, and where in the event.

    With --to, the API key is read from YIHU_API_KEY; otherwise each department's key comes from the data directory.
    """
    from services.departments import load_catalogue
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.door.client import Client
    from shared.errors import nearest

    if department and department not in assembly.NAMES:
        zh, en = nearest(department, assembly.NAMES)
        raise typer.BadParameter(f"没有这个部门。{zh} No such department.{en}", param_hint="--department")
    installation = Installation(data)
    urls = dict.fromkeys(assembly.NAMES, to) if to else installation.doors()
    own_key = os.environ.get("YIHU_API_KEY", "")
    own_keys = {} if own_key else installation.senders.api_keys(urls)
    found, silent = [], 0
    for name in [department] if department else urls:
        answer = Client(urls[name], own_key or own_keys.get(name, "")).ask(name, f"refused?days={days}")
        if answer.status == 200:  # noqa: PLR2004 - HTTP OK
            found.append(answer.body)
        else:
            silent += 1
            say(f"{name}：{answer.body['zh']} {answer.body['title']} [{answer.body['code']}]")
    load_catalogue()
    print(as_json(found) if json else "\n".join(_lines(found, assembly.NAMES)))
    if silent and not found:
        raise typer.Exit(1)


def _lines(found: list[dict[str, Any]], names: dict[str, str]) -> Iterator[str]:
    from shared.language.catalogue import CATALOGUE

    total = 0
    for door in found:
        by_system = sorted(door["refused"], key=lambda one: (one["source"], one["type"], -one["count"]))
        for source, of_system in groupby(by_system, lambda one: one["source"]):
            yield f"{names[door['department']]}  {source}"
            for kind, reasons in groupby(of_system, lambda one: one["type"]):
                declaration = CATALOGUE.get(kind)
                yield f"  {declaration.label if declaration else '无法识别的类型'} {kind}"
                for one in reasons:
                    total += one["count"]
                    since = f"{one['first'][:16]} 至 {one['last'][:16]}".replace("T", " ")
                    yield f"    {one['count']:>6} 次  {one['code']} {one['pointer']}".rstrip() + f"  （{since}）"
    days = found[0]["days"] if found else 0
    yield f"最近 {days} 天共 {total} 条原因。原因代码见 docs/troubleshooting.md。 {total} reasons in {days} days."
