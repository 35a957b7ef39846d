"""`yihu`: the command line. JSON goes to stdout, words to stderr; exit 0 done, 1 refused or broken, 2 usage."""

import errno
import os
import sys
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from services.commands import (
    act,
    check,
    duplicates,
    emit,
    events,
    generate,
    history,
    impact,
    import_,
    indicators,
    keys,
    members,
    owed,
    refused,
    rehearse,
    replay,
    story,
    template,
    unmatched,
    up,
    user,
    verify,
    work,
)
from services.commands import help as usage
from services.commands.options import say

COMMANDS: dict[str, Any] = {
    "help": usage,
    "up": up,
    "user": user,
    "emit": emit,
    "import": import_,
    "template": template,
    "refused": refused,
    "check": check,
    "history": history,
    "story": story,
    "members": members,
    "owed": owed,
    "work": work,
    "act": act,
    "impact": impact,
    "rehearse": rehearse,
    "indicators": indicators,
    "unmatched": unmatched,
    "duplicates": duplicates,
    "replay": replay,
    "verify": verify,
    "events": events,
    "generate": generate,
    "keys": keys,
}
"""Each command has a file; a file imports what it needs when the command runs, so that `--help` is there at once."""
INTERRUPTED = 130
"""What the library makes of Ctrl-C."""
_UNWRITABLE = {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EDQUOT}

app = typer.Typer(
    name="yihu",
    help="一户：每个残疾儿童家庭一份完整的历史。 One household, one history.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def yihu(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="版本 / version")] = False,
) -> None:
    """一户：每个残疾儿童家庭一份完整的历史。 One household, one history."""
    if version:
        print(f"yihu {_version()}")
    elif context.invoked_subcommand is None:
        print(usage.WELCOME, end="")


for _name, _file in COMMANDS.items():
    app.command(_name, epilog="\b\n例 Examples:\n" + "\n".join(f"  {line}" for line in _file.EXAMPLES))(_file.command)


def main() -> None:
    """Run the command line; turn every error into one sentence and an exit code."""
    from shared.errors import YihuError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows question marks
    try:
        code = app(prog_name="yihu", standalone_mode=False)
        if sys.stdout is not None:  # it is None where the shell closed it
            sys.stdout.flush()
        if code == INTERRUPTED:
            raise KeyboardInterrupt  # noqa: TRY301 - one place says it
    except TyperException as error:
        code = error.exit_code
        _usage(error)
    except YihuError as error:
        code = 1
        _refused(error)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            code = _internal(error)
        else:
            code = 1
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would fail once more at exit
            if error.errno != errno.EPIPE:  # the reader, say `head`, has seen enough
                say("结果写不出去，请看磁盘是否已满。 The output cannot be written; is the disk full? [not_written]")
    except (KeyboardInterrupt, typer.Abort):
        code = 1
        say("已中断。 Interrupted.")
    except Exception as error:  # noqa: BLE001 - whatever it is, a command ends with a sentence
        code = _internal(error)
    raise SystemExit(code if isinstance(code, int) else 0)


def _internal(error: Exception) -> int:
    if os.environ.get("YIHU_DEBUG"):
        raise error
    last = extract_tb(error.__traceback__)[-1]  # never its message: that may repeat what was typed
    say(
        f"程序内部出错（{type(error).__name__}，{Path(last.filename).name}:{last.lineno}）；"
        "设 YIHU_DEBUG=1 再执行可看详情。 Something failed inside; YIHU_DEBUG=1 shows more. [internal]"
    )
    return 1


def _refused(error: Any) -> None:
    """Say every fault of a refusal, each with its place; another error has one sentence."""
    for fault in getattr(error, "faults", (error,)):
        code = f"{fault.code} {getattr(fault, 'pointer', '')}".rstrip()
        say(f"{fault.zh} {fault.en} [{code}]")


def _usage(error: TyperException) -> None:
    context = getattr(error, "ctx", None)
    if context is not None:
        say(context.get_usage())
    say(f"用法不对 Wrong usage: {error.format_message()}")
    say(f"用法见 See: {context.command_path if context else 'yihu'} --help")


def _version() -> str:
    from importlib import metadata  # a third of the time that `--help` takes

    try:
        return metadata.version("yihu")
    except metadata.PackageNotFoundError:
        return "0 (not installed)"
