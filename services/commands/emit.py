"""`yihu emit`: send events to the departments' doors."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from services.commands.options import HERE, Data, say
from services.commands.resuming import Came, Resuming

EXAMPLES = ("yihu emit samples/family_a.jsonl", "cat events.jsonl | yihu emit -")
SAID_EVERY_S = 2.0
LOOK_EVERY = 100
"""After how many lines the clock is looked at."""


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

    For each line of the file one receipt, or every reason why it was refused. Broken off and started again, it goes on
    where it was; sending a line twice changes nothing.

    With --to, the API key is read from YIHU_API_KEY; otherwise each department's key comes from the data directory.
    """
    from services.commands.emitter import Emitter, read_packs
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.door.client import Client

    installation = Installation(data)
    own_key = os.environ.get("YIHU_API_KEY", "")
    urls = dict.fromkeys(assembly.NAMES, to) if to else installation.doors()
    own_keys = {} if own_key else installation.senders.api_keys(urls)
    # without a key here, a department that is elsewhere refuses: the others' events still go out
    clients = {name: Client(url, own_key or own_keys.get(name, "")) for name, url in urls.items()}
    as_line = json.JSONEncoder(ensure_ascii=False).encode  # made once: a hundred thousand lines are printed
    standard_input = sys.stdin.buffer if sys.stdin else None  # where the shell closed it
    emitter = Emitter(clients, installation.receipts, lambda: say("部门服务没有回答，正在重试。 No answer; retrying."))
    resuming = None if file == "-" else Resuming(installation.directory / "emitting", Path(file), urls.values())
    came = resuming.begin() if resuming else Came()
    if came.offset:
        say(
            f"接着上次，从第 {came.lines + 1} 行起；此前 {came.sent} 条，被拒绝 {came.refused} 条。 "
            f"Going on at line {came.lines + 1}; before it {came.sent} were sent, {came.refused} refused."
        )
    packs = read_packs(file, standard_input, came.offset)
    said = _Progress(came, Path(file).stat().st_size if resuming and Path(file).is_file() else 0)
    packs = resuming.follow(packs) if resuming else packs
    for line in emitter.emit(packs, came.lines, ahead=resuming is not None):
        if resuming:
            resuming.reached(line.number)
        came.sent += 1
        print(as_line(line.answer), flush=not said.size)
        if line.unavailable:
            say(f"{file}:{line.number} 起未报送：{_reasons(line.answer)}")
            say("稍后用同一文件重报即可，已收的不会重复。 Send the same file again later; nothing is doubled.")
            raise typer.Exit(1)
        if not line.recorded:
            came.refused += 1
            say(f"{file}:{line.number} 被拒绝 refused：{_reasons(line.answer)}")
        said.now()
    sys.stdout.flush()
    if resuming:
        resuming.end()
    if not came.sent:
        say(f"{file} 中没有事件。 There are no events in it.")
    if came.refused:
        say(f"共 {came.refused} 条被拒绝。 {came.refused} refused.")
        raise typer.Exit(1)


class _Progress:
    """Says now and then how far a file came; of what has no size, nothing."""

    def __init__(self, came: Came, size: int) -> None:
        self.size = size
        self._came, self._before = came, came.sent
        self._begun = self._said = time.monotonic()

    def now(self) -> None:
        """Say it, if it was not said lately."""
        if self._came.sent % LOOK_EVERY or not self.size or time.monotonic() < self._said + SAID_EVERY_S:
            return
        self._said = time.monotonic()
        sent, rate = self._came.sent, (self._came.sent - self._before) / (self._said - self._begun)
        share = self._came.offset * 100 // self.size
        say(f"已报送 {sent} 条（{share}%），每秒 {rate:.0f} 条。 {sent} sent, {rate:.0f} a second.")


def _reasons(answer: dict[str, Any]) -> str:
    faults = answer.get("errors", [])
    return " ".join(
        f"[{fault['code']} {fault['pointer']}".rstrip() + f"] {fault['zh']} {fault['en']}" for fault in faults
    )
