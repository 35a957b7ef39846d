"""`yihu`: the command line. JSON goes to stdout, words to stderr; exit 0 done, 1 refused or broken, 2 usage."""

import json
import os
import re
import sys
import unicodedata
from datetime import date
from importlib import metadata
from pathlib import Path
from traceback import extract_tb
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

DATA = typer.Option("--data", envvar="YIHU_DATA", help="数据目录 / data directory", metavar="DIR")
Data = Annotated[Path, DATA]
HERE = Path(".yihu")
PORT = 8420
INTERRUPTED = 130
"""What the library makes of Ctrl-C."""
IDENTITY_DIGITS = 15
"""An identity number of the old kind has 15 digits; a certificate number has more."""

WELCOME = """一户 Yihu:每个残疾儿童家庭一份完整、可验证的历史,由七个部门各自报送的事件汇成。
One household, one verified history, from the events that seven departments report.

先试这几条 First commands:
  yihu up --demo                             启动并载入两户虚构样例  run everything with two made-up families
  yihu emit samples/family_a.jsonl           报送事件,得到回执  send events, get receipts
  yihu history XN-F-C5MG00B2                 一户的全部历史  a family's whole history
  yihu verify                                核验全部证据  check all evidence
  yihu events                                事件目录  the catalogue of event types

全部命令 All commands: yihu --help      某条命令 One command: yihu help emit
"""

app = typer.Typer(
    name="yihu",
    help="一户:每个残疾儿童家庭一份完整的历史。 One household, one history.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _examples(*lines: str) -> str:
    return "\b\n例 Examples:\n" + "\n".join(f"  {line}" for line in lines)


@app.callback(invoke_without_command=True)
def yihu(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="版本 / version")] = False,
) -> None:
    """一户:每个残疾儿童家庭一份完整的历史。 One household, one history."""
    if version:
        print(f"yihu {_version()}")
    elif context.invoked_subcommand is None:
        print(WELCOME, end="")


@app.command("help")
def show_help(
    context: typer.Context, command: Annotated[str, typer.Argument(help="命令 / command", metavar="COMMAND")] = ""
) -> None:
    """命令的用法。 How a command is used."""
    root: Any = context.parent
    if command and command not in root.command.commands:
        raise typer.BadParameter(f"没有命令 {command}。 No such command.", param_hint="COMMAND")
    wanted = root.command.commands[command] if command else root.command
    print(wanted.get_help(type(root)(wanted, info_name=command or "yihu", parent=root if command else None)))


@app.command(epilog=_examples("yihu up --demo", "yihu up --data /srv/yihu --port 8420"))
def up(
    data: Data = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port; the next free one if taken")] = PORT,
    amqp_uri: Annotated[str, typer.Option(help="RabbitMQ 地址 / RabbitMQ's address; default: in this process")] = "",
    database_url: Annotated[str, typer.Option(help="PostgreSQL 地址 / PostgreSQL's address; default: embedded")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="载入两户样例 / load the two sample families")] = False,
    once: Annotated[bool, typer.Option("--once", help="显示样例后结束 / end after showing the samples")] = False,
) -> None:
    """启动全部服务,直到 Ctrl-C。 Run everything until Ctrl-C, embedded by default."""
    from services.commands.up import Wanted
    from services.commands.up import up as run
    from services.processes.installation import Installation
    from shared.settings import EMBEDDED_BUS

    run(Wanted(Installation(data), port, amqp_uri or EMBEDDED_BUS, database_url, demo, once))


@app.command(epilog=_examples("yihu emit samples/family_a.jsonl", "cat events.jsonl | yihu emit -"))
def emit(
    file: Annotated[str, typer.Argument(help="事件文件,每行一个 CloudEvent;- 为标准输入 / one event per line")],
    data: Data = HERE,
    to: Annotated[str, typer.Option(help="服务地址 / address of the doors; default: the running service")] = "",
) -> None:
    """经各部门接口报送事件,逐行给出回执或全部原因。 Send events; one receipt, or every reason, for each line.

    With --to, the API key is read from YIHU_API_KEY; otherwise each department's key comes from the data directory.
    """
    from services.commands.emit import Emitter, read_lines
    from services.processes.installation import Installation
    from services.processes import assembly
    from shared.door.client import Client
    from shared.keys.files import Keys

    installation = Installation(data)
    own_key = os.environ.get("YIHU_API_KEY", "")
    urls = dict.fromkeys(assembly.NAMES, to) if to else installation.doors()
    keys = Keys(installation.keys)
    clients = {name: Client(url, own_key or keys.api_key(name)) for name, url in urls.items()}
    refused = 0
    emitter = Emitter(clients, installation.receipts, lambda: _say("部门服务没有回答,正在重试。 No answer; retrying."))
    for line in emitter.emit(read_lines(file, sys.stdin.buffer)):
        print(json.dumps(line.answer, ensure_ascii=False), flush=True)
        if line.unavailable:
            _say(f"{file}:{line.number} 起未报送:{_reasons(line.answer)}")
            _say("稍后用同一文件重报即可,已收的不会重复。 Send the same file again later; nothing is doubled.")
            raise typer.Exit(1)
        if not line.recorded:
            refused += 1
            _say(f"{file}:{line.number} 被拒绝 refused:{_reasons(line.answer)}")
    if refused:
        _say(f"共 {refused} 条被拒绝。 {refused} refused.")
        raise typer.Exit(1)


@app.command(epilog=_examples("yihu history XN-F-C5MG00B2", "yihu history - --known 2025-06-24 < 号码.txt"))
def history(
    who: Annotated[str, typer.Argument(metavar="PERSON-OR-FAMILY", help="证件号码(- 从标准输入读)或案卷编号")],
    data: Data = HERE,
    known: Annotated[str, typer.Option(metavar="DATE", help="当时已知到 / as known on this day")] = "",
    effective: Annotated[str, typer.Option(metavar="DATE", help="事实截至 / as effective on this day")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """一户的完整历史。 A family's whole history."""
    from services.commands.show import as_text
    from services.processes.installation import Installation
    from services.processes import assembly

    known_on, effective_on = _day(known, "--known"), _day(effective, "--effective")
    settings = Installation(data).settings()
    queries = assembly.queries(settings)
    family = assembly.family_for(_who(who), queries, settings)
    document = queries.as_json(queries.find(family, known_on, effective_on), known_on, effective_on)
    print(json.dumps(document, ensure_ascii=False, indent=1) if as_json else as_text(document), end="\n" * as_json)


@app.command(epilog=_examples("yihu replay --check", "yihu replay --known 2025-06-30"))
def replay(
    data: Data = HERE,
    known: Annotated[str, typer.Option(metavar="DATE", help="当时已知到 / as known on this day")] = "",
    effective: Annotated[str, typer.Option(metavar="DATE", help="事实截至 / as effective on this day")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="与现有读模型比对 / compare with the live read models")
    ] = False,
) -> None:
    """从各部门日志重建。 Rebuild every read model from the logs, into fresh tables."""
    from services.processes.installation import Installation
    from services.processes import assembly

    known_on, effective_on = _day(known, "--known"), _day(effective, "--effective")
    found = assembly.replay(Installation(data).settings(), known_on, effective_on, check=check)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    if found["differences"]:
        _say(f"重建结果与现有读模型有 {len(found['differences'])} 处不同。 The live read models differ.")
        raise typer.Exit(1)
    _say(f"重建 {found['events']} 条事件、{found['families']} 户。" + ("与现有读模型一致。" if check else ""))


@app.command(epilog=_examples("yihu verify", "yihu verify receipts.jsonl"))
def verify(
    receipts: Annotated[str, typer.Argument(help="回执文件(每行一份)/ a file of receipts; default: everything")] = "",
    data: Data = HERE,
) -> None:
    """验证证据:逐条重算哈希,核对位置、检查点与回执。 Re-hash every log; check positions, checkpoints, receipts."""
    from services.processes.installation import Installation
    from services.processes import assembly

    installation = Installation(data)
    counts, findings = assembly.verify(installation.settings(), installation.receipts, receipts)
    print(
        json.dumps(
            {"records": counts, "findings": [found.as_dict() for found in findings]}, ensure_ascii=False, indent=1
        )
    )
    for found in findings:
        _say(f"✗ {found.log} 第 {found.position} 条:{found.zh} {found.en}")
    if findings:
        raise typer.Exit(1)
    _say(f"✓ {sum(counts.values())} 条记录全部成立。 Everything holds.")


@app.command(epilog=_examples("yihu events", "yihu events --json"))
def events(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    schema: Annotated[str, typer.Option(metavar="TYPE", help="一类事件的 JSON Schema")] = "",
) -> None:
    """事件目录。 The catalogue of event types."""
    from services.commands import reference

    text = reference.schema_text(schema) if schema else reference.as_json() if as_json else reference.as_list()
    print(text, end="")


def main() -> None:
    """Run the command line; turn every error into one sentence and an exit code."""
    from shared.errors import YihuError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese shows question marks
    try:
        code = app(prog_name="yihu", standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:
            raise KeyboardInterrupt  # noqa: TRY301 - one place says it
    except TyperException as error:
        code = error.exit_code
        _usage(error)
    except YihuError as error:
        code = 1
        _say(f"{error.zh} {error.en} [{error.code}]")
    except BrokenPipeError:  # the reader, say `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (KeyboardInterrupt, typer.Abort):
        code = 1
        _say("已中断。 Interrupted.")
    except Exception as error:
        if os.environ.get("YIHU_DEBUG"):
            raise
        code = 1
        last = extract_tb(error.__traceback__)[-1]  # never its message: that may repeat what was typed
        _say(
            f"程序内部出错({type(error).__name__},{Path(last.filename).name}:{last.lineno});"
            "设 YIHU_DEBUG=1 再执行可看详情。 Something failed inside; YIHU_DEBUG=1 shows more. [internal]"
        )
    raise SystemExit(code if isinstance(code, int) else 0)


def _usage(error: TyperException) -> None:
    context = getattr(error, "ctx", None)
    if context is not None:
        _say(context.get_usage())
    _say(f"用法不对 Wrong usage: {error.format_message()}")
    _say(f"用法见 See: {context.command_path if context else 'yihu'} --help")


def _version() -> str:
    try:
        return metadata.version("yihu")
    except metadata.PackageNotFoundError:
        return "0 (not installed)"


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError:
        raise typer.BadParameter(
            "应为存在的日期,如 2025-06-25。 A date in the calendar, like 2025-06-25.", param_hint=option
        ) from None


def _who(text: str) -> str:
    if text == "-":
        text = sys.stdin.readline().strip()
    elif len(re.sub(r"\D", "", unicodedata.normalize("NFKC", text))) >= IDENTITY_DIGITS:
        _say(
            "提示:命令行参数会留在终端的历史记录里,证件号码宜用 - 从标准输入读。 "
            "Arguments stay in the shell's history; give numbers on standard input with `-`."
        )
    if not text or not text.isprintable():
        raise typer.BadParameter(
            "请给出证件号码或案卷编号。 Give an identity number or a case number.", param_hint="PERSON-OR-FAMILY"
        )
    return text


def _reasons(answer: dict[str, Any]) -> str:
    faults = answer.get("errors", [])
    return " ".join(f"[{fault['code']} {fault['pointer']}] {fault['zh']} {fault['en']}" for fault in faults)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
