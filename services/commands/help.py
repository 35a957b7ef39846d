"""`yihu help`: how a command is used; and what `yihu` alone says."""

from typing import Annotated, Any

import typer

EXAMPLES = ("yihu help emit", "yihu help history")
WELCOME = """一户 Yihu：每个残疾儿童家庭一份完整、可验证的历史，由七个部门各自报送的事件汇成。
One household, one verified history, from the events that seven departments report.

先试这几条 First commands:
  yihu up --demo                             启动并载入两户虚构样例  run everything with two made-up families
  yihu emit samples/family_a.jsonl           报送事件，得到回执  send events, get receipts
  yihu history XN-F-C5MG00B2                 一户的全部历史  a family's whole history
  yihu verify                                核验全部证据  check all evidence
  yihu events                                事件目录  the catalogue of event types

全部命令 All commands: yihu --help      某条命令 One command: yihu help emit
"""


def command(
    context: typer.Context, command: Annotated[str, typer.Argument(help="命令 / command", metavar="COMMAND")] = ""
) -> None:
    """命令的用法。 How a command is used."""
    root: Any = context.parent
    if command and command not in root.command.commands:
        from shared.errors import nearest

        zh, en = nearest(command, root.command.commands)
        raise typer.BadParameter(f"没有这条命令。{zh} No such command.{en}", param_hint="COMMAND")
    wanted = root.command.commands[command] if command else root.command
    print(wanted.get_help(type(root)(wanted, info_name=command or "yihu", parent=root if command else None)))
