"""What the commands share: options, dates and words as people type them, and how a command speaks."""

import json
import os
import re
import sys
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

HERE = Path(".yihu")
Data = Annotated[Path, typer.Option("--data", envvar="YIHU_DATA", help="数据目录 / data directory", metavar="DIR")]
Who = Annotated[str, typer.Argument(metavar="[FAMILY|-]", help="案卷编号；- 从标准输入读证件号码 / - reads a number")]
Known = Annotated[str, typer.Option(metavar="DATE", help="当时已知到 / as known on this day")]
Effective = Annotated[str, typer.Option(metavar="DATE", help="事实截至 / as effective on this day")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
IDENTITY_DIGITS = 15
"""An identity number of the old kind has 15 digits; a certificate number has more."""
LONGEST = 200
"""How much of standard input is read: more than any number or name has."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(text: str, option: str) -> date | None:
    """Return the day that was typed, None for none. Raises BadParameter naming the option."""
    if not text:
        return None
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise typer.BadParameter(
            "应为存在的日期，如 2025-06-25。 A date in the calendar, like 2025-06-25.", param_hint=option
        ) from None


def typed(text: str, hint: str = "FAMILY") -> str:
    """Return what somebody typed to name a family or a base; `-` reads it from standard input.

    Whoever types a number as an argument is told that it stays in the shell's history. Raises BadParameter for nothing,
    and for what cannot be printed.
    """
    if text == "-":
        text = sys.stdin.readline(LONGEST).strip() if sys.stdin else ""
    elif len(re.sub(r"\D", "", unicodedata.normalize("NFKC", text))) >= IDENTITY_DIGITS:
        say(
            "提示：命令行参数会留在终端的历史记录里，证件号码宜用 - 从标准输入读。 "
            "Arguments stay in the shell's history; give numbers on standard input with `-`."
        )
    if not text or not text.isprintable():
        raise typer.BadParameter(
            "请给出证件号码、案卷编号或基地的单位代码。 Give an identity number, a case number or a base's code.",
            param_hint=hint,
        )
    return text


def can_write(path: Path | None, hint: str) -> None:
    """Raise BadParameter where no file can be written: said before anything is done, not after. None is no file."""
    if path is None:
        return
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        zh, en = "这里不能写文件，请核对目录和权限。", "No file can be written here; check directory and permission."
        raise typer.BadParameter(f"{zh} {en}", param_hint=hint)


def operator() -> Any:
    """Return as whom a command reads: whoever is logged in to this machine."""
    from getpass import getuser

    from services.family_case.reading import Reader

    return Reader(f"yihu/{getuser()}", "operator")


def as_json(found: Any, indent: int | None = 1) -> str:
    """Return JSON for stdout, Chinese as it is."""
    return json.dumps(found, ensure_ascii=False, indent=indent)


def say(text: str) -> None:
    """Write a line of words: to stderr, because stdout is for programs."""
    if sys.stderr is not None:  # it is None where the shell closed it
        print(text, file=sys.stderr)
