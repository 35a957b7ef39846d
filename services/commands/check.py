"""`yihu check`: what an integrator runs, with a sandbox key, against a door; or on its own events."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from services.commands.options import HERE, AsJson, Data, as_json, can_write, say

EXAMPLES = (
    "yihu check http://127.0.0.1:8420",
    "yihu check http://127.0.0.1:8420 --department education --junit report.xml",
    "yihu check events.jsonl http://127.0.0.1:8420 --key-file education.sandbox",
)


def command(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE] [URL]", help="自己的事件文件；服务地址 / own events; address of the doors"),
    ] = None,
    data: Data = HERE,
    department: Annotated[str, typer.Option(metavar="NAME", help="只查一个部门 / one department only")] = "",
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="沙箱密钥文件 / file with the sandbox key")
    ] = None,
    json: AsJson = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="另存 JUnit 报告 / write a JUnit report")] = None,
) -> None:
    """接入自检：只用沙箱，不留痕迹。 Check a door, or your own events, in the sandbox: nothing real is touched.

    Without FILE it tries what the door promises, type by type. With FILE it says which of your events would be
    recorded, which refused and why, and which types did not come. The sandbox is emptied first.

    The key is that of --key-file, of YIHU_API_KEY, or the data directory's; any but a sandbox key is refused.
    """
    from services.commands.kit import Kit, begin
    from services.commands.kit_report import junit as as_junit
    from services.commands.kit_report import kit_lines, own_events, own_lines
    from services.departments import domain_of, load_catalogue

    can_write(junit, "--junit")
    file, url = _file_and_url(what or [])
    clients = _clients(data, url, department, key_file)
    sources = {name: begin(client, name)["source"] for name, client in clients.items()}
    load_catalogue()
    if file:
        found, unseen = own_events(_sent(file, clients), list(clients))
        as_found: dict[str, Any] = {"types": [own.as_json(kind) for kind, own in sorted(found.items())]}
        print(as_json(as_found | {"unseen": unseen}) if json else "\n".join(own_lines(found, unseen)))
        if not found:
            say(f"{file} 中没有事件。 There are no events in it.")
            raise typer.Exit(1)
        broken = sum(own.refused for own in found.values())
        say(f"{broken} 条会被拒绝。 {broken} would be refused." if broken else "全部可记录。 All would be recorded.")
    else:
        cases = []
        for name, client in clients.items():
            say(f"检查 {name}…… Checking.")
            cases += list(Kit(client, name, domain_of(name).RULES, sources[name]).run())
        print(as_json([case.as_json() for case in cases]) if json else "\n".join(kit_lines(cases)))
        if junit is not None:
            junit.write_bytes(as_junit(cases))
        broken = sum(not case.passed for case in cases)
        say(f"{len(cases) - broken}/{len(cases)} 项通过。 {len(cases) - broken} of {len(cases)} hold.")
    if broken:
        raise typer.Exit(1)


def _file_and_url(given: list[str]) -> tuple[str, str]:
    urls = [one for one in given if one.startswith(("http://", "https://"))]
    files = [one for one in given if one not in urls]
    if len(urls) > 1 or len(files) > 1:
        raise typer.BadParameter(
            "至多一个文件和一个地址（http://…）。 One file and one address (http://…) at most.", param_hint="FILE URL"
        )
    return "".join(files), "".join(urls)


def _clients(data: Path, url: str, department: str, key_file: Path | None) -> dict[str, Any]:
    """Return a client of each department that is to be checked, with its sandbox key."""
    from services.commands.kit import NotASandbox
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.door.client import Client
    from shared.errors import NoSuchFile, nearest

    if department and department not in assembly.NAMES:
        zh, en = nearest(department, assembly.NAMES)
        raise typer.BadParameter(f"没有这个部门。{zh} No such department.{en}", param_hint="--department")
    wanted = [department] if department else list(assembly.NAMES)
    urls = dict.fromkeys(wanted, url) if url else Installation(data).doors()
    key = os.environ.get("YIHU_API_KEY", "")
    if key_file is not None:
        try:
            key = key_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise NoSuchFile from None
    if key and not department:  # the key knows whose it is
        wanted = [name for name in wanted if Client(urls[name], key).ask(name, "whoami").status == 200]  # noqa: PLR2004
    keys = dict.fromkeys(wanted, key) if key else Installation(data).senders.sandbox_keys(wanted)
    if not keys:
        raise NotASandbox
    return {name: Client(urls[name], own) for name, own in keys.items()}


def _sent(file: str, clients: dict[str, Any]) -> Iterator[Any]:
    from services.commands.emitter import Emitter, read_packs
    from shared.door.client import DepartmentUnavailable

    emitter = Emitter(clients, None, lambda: say("部门服务没有回答，正在重试。 No answer; retrying."))
    for line in emitter.emit(read_packs(file, sys.stdin.buffer if sys.stdin else None)):
        if line.unavailable:
            raise DepartmentUnavailable
        yield line
