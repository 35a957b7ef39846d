"""Commands in processes of their own, forked from one that has imported the program: a second each that is not spent.

What a command does when nothing is imported yet, `yihu_alone` shows in tests/cli/command.py.
"""

import multiprocessing
import os
import sys
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([
    "services.commands.cli",
    "services.commands.emitter",
    "services.commands.reference",
    "services.commands.running",
    "services.commands.show",
    "services.entitlements.text",
    "services.family_case.base_reading",
    "services.processes.assembly",
    "services.processes.installation",
    "tests.cli.forked",
])  # fmt: skip


def run(arguments: tuple[str, ...], streams: Path, environment: dict[str, str], seconds: float) -> int:
    """Run a command whose standard streams are the files 0, 1 and 2 of a directory; return its exit code."""
    process = _FORKS.Process(target=_command, args=(arguments, streams, environment))
    process.start()
    process.join(seconds)
    code = process.exitcode
    process.kill()
    process.join()
    process.close()
    assert code is not None, f"still running after {seconds} s"
    return code


def _command(arguments: tuple[str, ...], streams: Path, environment: dict[str, str]) -> None:
    for number, how in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        opened = os.open(streams / str(number), how)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - it stays open
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["yihu", *arguments]
    from services.commands.cli import main  # noqa: PLC0415 - imported already by the process that this one came from

    main()
