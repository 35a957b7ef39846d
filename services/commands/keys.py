"""`yihu keys`: the keys and passwords of a deployment, a directory for each service."""

from pathlib import Path
from typing import Annotated

import typer

from services.commands.options import say

EXAMPLES = ("yihu keys /srv/yihu/secrets",)


def command(
    directory: Annotated[Path, typer.Argument(metavar="DIRECTORY", help="写到这个目录 / where to")],
) -> None:
    """生成各部门的密钥和口令，每个服务一个目录。 Make each service's keys and passwords, a directory each.

    What is there already is kept. docs/operating.md says which directory goes to which host.
    """
    from services.processes.deployment import hand_out

    new = hand_out(directory)
    if new:
        say(f"{len(new)} 个新文件，在 {directory}；其中 all 是全市密钥，请移入保险处。 New files.")
    else:
        say(f"{directory} 中的密钥和口令已齐全，没有改动。 All there; nothing was changed.")
