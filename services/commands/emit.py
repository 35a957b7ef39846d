"""`yihu emit`: send events to the departments' doors."""

import os
import sys
from typing import Annotated, Any

import typer

from services.commands.options import HERE, Data, as_json, say

EXAMPLES = ("yihu emit samples/family_a.jsonl", "cat events.jsonl | yihu emit -")


def command(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="事件文件，每行一个 CloudEvent；- 为标准输入 / one event per line")
    ],
    data: Data = HERE,
    to: Annotated[
        str, typer.Option(metavar="URL", help="服务地址 / address of the doors; default: the running service")
    ] = "",
) -> None:
    """经各部门接口报送事件，得到回执。 Send events, get receipts.

    For each line of the file one receipt, or every reason why it was refused.

    With --to, the API key is read from YIHU_API_KEY; otherwise each department's key comes from the data directory.
    """
    from services.commands.emitter import TOGETHER, Emitter, read_lines
    from services.processes.installation import Installation
    from services.processes import assembly
    from shared.door.client import Client
    from shared.keys.files import Keys

    installation = Installation(data)
    own_key = os.environ.get("YIHU_API_KEY", "")
    urls = dict.fromkeys(assembly.NAMES, to) if to else installation.doors()
    own_keys = {} if own_key else Keys(installation.keys).api_keys(urls)
    # without a key here, a department that is elsewhere refuses: the others' events still go out
    clients = {name: Client(url, own_key or own_keys.get(name, "")) for name, url in urls.items()}
    sent = refused = 0
    standard_input = sys.stdin.buffer if sys.stdin else ()  # it is None where the shell closed it
    emitter = Emitter(clients, installation.receipts, lambda: say("部门服务没有回答，正在重试。 No answer; retrying."))
    together = 1 if file == "-" else TOGETHER  # who types an event wants its answer
    for line in emitter.emit(read_lines(file, standard_input), together):
        sent += 1
        print(as_json(line.answer, indent=None), flush=True)
        if line.unavailable:
            say(f"{file}:{line.number} 起未报送：{_reasons(line.answer)}")
            say("稍后用同一文件重报即可，已收的不会重复。 Send the same file again later; nothing is doubled.")
            raise typer.Exit(1)
        if not line.recorded:
            refused += 1
            say(f"{file}:{line.number} 被拒绝 refused：{_reasons(line.answer)}")
    if not sent:
        say(f"{file} 中没有事件。 There are no events in it.")
    if refused:
        say(f"共 {refused} 条被拒绝。 {refused} refused.")
        raise typer.Exit(1)


def _reasons(answer: dict[str, Any]) -> str:
    faults = answer.get("errors", [])
    return " ".join(
        f"[{fault['code']} {fault['pointer']}".rstrip() + f"] {fault['zh']} {fault['en']}" for fault in faults
    )
