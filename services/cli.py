"""`yihu`: the command line. JSON goes to stdout, words to stderr; exit 0 done, 1 refused or broken, 2 usage."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

DATA = typer.Option("--data", envvar="YIHU_DATA", help="数据目录 / data directory", metavar="DIR")
Data = Annotated[Path, DATA]
HERE = Path(".yihu")
PORT = 8420

app = typer.Typer(
    name="yihu",
    help="一户:每个残疾儿童家庭一份完整的历史。 One household, one history.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def up(
    data: Data = HERE,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port; the next free one if taken")] = PORT,
    amqp_uri: Annotated[str, typer.Option(help="RabbitMQ 地址 / RabbitMQ's address; default: in this process")] = "",
    database_url: Annotated[str, typer.Option(help="PostgreSQL 地址 / PostgreSQL's address; default: embedded")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="载入两户样例 / load the two sample families")] = False,
    once: Annotated[bool, typer.Option("--once", help="显示样例后结束 / end after showing the samples")] = False,
) -> None:
    """启动全部服务,直到 Ctrl-C。 Run everything until Ctrl-C, embedded by default."""
    from services.installation import Installation
    from services.up import Wanted, up as run
    from shared.settings import EMBEDDED_BUS

    run(Wanted(Installation(data), port, amqp_uri or EMBEDDED_BUS, database_url, demo, once))


@app.command()
def emit(
    file: Annotated[str, typer.Argument(help="事件文件,每行一个 CloudEvent;- 为标准输入 / one event per line")],
    data: Data = HERE,
    to: Annotated[str, typer.Option(help="服务地址 / address of the doors; default: the running service")] = "",
) -> None:
    """经各部门接口报送事件,逐行给出回执或全部原因。 Send events; one receipt, or every reason, for each line.

    With --to, the API key is read from YIHU_API_KEY; otherwise each department's key comes from the data directory.
    """
    from services import assembly
    from services.emit import Emitter, read_lines
    from services.installation import Installation
    from shared.client import Client
    from shared.keys import Keys

    installation = Installation(data)
    own_key = os.environ.get("YIHU_API_KEY", "")
    url = to or installation.settings().url
    keys = Keys(installation.keys)
    clients = {name: Client(url, own_key or keys.api_key(name)) for name in assembly.NAMES}
    refused = 0
    for line in Emitter(clients, installation.receipts).emit(read_lines(file, sys.stdin.buffer)):
        print(json.dumps(line.answer, ensure_ascii=False))
        if not line.recorded:
            refused += 1
            _say(f"{file}:{line.number} 被拒绝:{_reasons(line.answer)}")
    if refused:
        _say(f"共 {refused} 条被拒绝。 {refused} refused.")
        raise typer.Exit(1)


@app.command()
def history(
    who: Annotated[str, typer.Argument(metavar="PERSON-OR-FAMILY", help="证件号码(- 从标准输入读)或案卷编号")],
    data: Data = HERE,
    known: Annotated[str, typer.Option(metavar="DATE", help="当时已知到 / as known on this day")] = "",
    effective: Annotated[str, typer.Option(metavar="DATE", help="事实截至 / as effective on this day")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """一户的完整历史。 A family's whole history."""
    from services import assembly
    from services.installation import Installation
    from services.show import as_text

    known_on, effective_on = _day(known, "--known"), _day(effective, "--effective")
    settings = Installation(data).settings()
    queries = assembly.queries(settings)
    family = assembly.family_for(_who(who), queries, settings)
    document = queries.as_json(queries.find(family, known_on, effective_on), known_on, effective_on)
    print(json.dumps(document, ensure_ascii=False, indent=1) if as_json else as_text(document), end="\n" * as_json)


@app.command()
def replay(
    data: Data = HERE,
    known: Annotated[str, typer.Option(metavar="DATE", help="当时已知到 / as known on this day")] = "",
    effective: Annotated[str, typer.Option(metavar="DATE", help="事实截至 / as effective on this day")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="与现有读模型比对 / compare with the live read models")
    ] = False,
) -> None:
    """从各部门日志重建。 Rebuild every read model from the logs, into fresh tables."""
    from services import assembly
    from services.installation import Installation

    settings = Installation(data).settings()
    found = assembly.replay(settings, _day(known, "--known"), _day(effective, "--effective"), check=check)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    if found["differences"]:
        _say(f"重建结果与现有读模型有 {len(found['differences'])} 处不同。 The live read models differ.")
        raise typer.Exit(1)
    _say(f"重建 {found['events']} 条事件、{found['families']} 户。" + ("与现有读模型一致。" if check else ""))


@app.command()
def verify(
    receipts: Annotated[str, typer.Argument(help="回执文件(每行一份)/ a file of receipts; default: everything")] = "",
    data: Data = HERE,
) -> None:
    """验证证据:逐条重算哈希,核对位置、检查点与回执。 Re-hash every log; check positions, checkpoints, receipts."""
    from services import assembly
    from services.installation import Installation

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


@app.command()
def events(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
    schema: Annotated[str, typer.Option(metavar="TYPE", help="一类事件的 JSON Schema")] = "",
) -> None:
    """事件目录。 The catalogue of event types."""
    from services import reference

    text = reference.schema_text(schema) if schema else reference.as_json() if as_json else reference.as_list()
    print(text, end="")


def main() -> None:
    """Run the command line; turn our errors into one sentence and an exit code."""
    from shared.errors import YihuError

    try:
        app()
    except YihuError as error:
        _say(f"{error.zh} {error.en} [{error.code}]")
        raise SystemExit(1) from None
    except BrokenPipeError:
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        _say("已中断。 Interrupted.")
        raise SystemExit(1) from None


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("应为日期,如 2025-06-25。 A date like 2025-06-25.", param_hint=option) from None


def _who(text: str) -> str:
    if text == "-":
        return sys.stdin.readline().strip()
    if len(text) >= 15 and text[:15].isdigit():  # noqa: PLR2004 - an identity number
        _say("提示:命令行参数会留在历史记录里,证件号码宜用 - 从标准输入读。 Prefer `-`.")
    return text


def _reasons(answer: dict[str, Any]) -> str:
    return " ".join(f"[{fault['code']} {fault['pointer']}] {fault['zh']}" for fault in answer.get("errors", []))


def _say(text: str) -> None:
    print(text, file=sys.stderr)
