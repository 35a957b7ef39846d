"""`yihu user`: who may sign in to the console."""

from typing import Annotated, Any

import typer

from services.commands.options import HERE, Data, operator, say

EXAMPLES = (
    "yihu user list",
    "yihu user add liu --shown 刘老师 --role case_worker --division 421202 < 口令.txt",
    "yihu user roles liu --role supervisor",
    "yihu user close liu --reason 调离",
)
ACTIONS = ("list", "add", "roles", "password", "unlock", "close")
"""What can be done with accounts. Only `list` needs no name."""


def command(
    action: Annotated[str, typer.Argument(metavar="|".join(ACTIONS), help="要做什么 / what to do")],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="用户名 / the user's name")] = "",
    shown: Annotated[str, typer.Option(metavar="TEXT", help="称呼，如 刘老师 / how others see the user")] = "",
    role: Annotated[str, typer.Option(metavar="ROLE", help="角色，见 yihu user list / the role")] = "",
    department: Annotated[str, typer.Option(metavar="NAME", help="所属部门 / the department bound to")] = "",
    division: Annotated[str, typer.Option(metavar="CODE", help="所属县市区代码 / the county bound to")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="原因 / why it is closed")] = "",
    data: Data = HERE,
) -> None:
    """控制台的账号。 Who may sign in to the console.

    口令在终端输入，或从标准输入读一行；从不作参数。 A password is asked for, or read from standard input.
    """
    from services.console.accounts import User
    from services.console.roles import ROLES
    from services.processes import assembly
    from services.processes.installation import Installation

    if action not in ACTIONS:
        raise typer.BadParameter(f"可选：{' '.join(ACTIONS)}。 One of these.", param_hint="ACTION")
    if (action == "list") == bool(name):
        raise typer.BadParameter("除 list 外须给出用户名。 A name, except for `list`.", param_hint="NAME")
    accounts, by = assembly.accounts(Installation(data).settings()), operator().name
    match action:
        case "list":
            for user in accounts.users().values():
                print(_line(user))
            say("角色 Roles: " + "、".join(f"{code} {zh}" for code, (zh, _) in ROLES.items()))
            return
        case "add":
            user = User(name, shown or name, role, department or None, division or None)
            accounts.add(user, _password(), by)
        case "roles":
            now = accounts.user(name)
            changed = role or now.role
            kept = (now.department, now.division) if changed == now.role else (None, None)
            accounts.set_role(name, changed, department or kept[0], division or kept[1], by)
        case "password":
            accounts.set_password(name, _password(), by)
        case "unlock":
            accounts.unlock(name, by)
        case "close":
            accounts.close(name, by, reason)
    say(f"账号 {name}：已{_DONE[action]}。 Done.")


_DONE = {"add": "建立", "roles": "改角色", "password": "换口令", "unlock": "解锁", "close": "关闭"}


def _line(user: Any) -> str:
    """Return an account as a line of a table."""
    bounds = [one for one in (user.department, user.division) if one]
    return "\t".join([user.name, user.shown, user.role, "/".join(bounds) or "-", "已关闭" if user.closed else "-"])


def _password() -> str:
    """Ask for a new password, twice on a terminal; else read a line."""
    import sys
    from getpass import getpass

    from shared.errors import YihuError

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass("口令 Password: ")
    if first != getpass("再输一次 Again: "):
        raise YihuError("passwords_differ", "两次输入不同。", "They differ.")
    return first
