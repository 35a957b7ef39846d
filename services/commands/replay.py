"""`yihu replay`: rebuild every read model from the logs."""

from typing import Annotated

import typer

from services.commands.options import HERE, Data, Effective, Known, as_json, day, say

EXAMPLES = ("yihu replay --check", "yihu replay --known 2025-06-30")


def command(
    data: Data = HERE,
    known: Known = "",
    effective: Effective = "",
    check: Annotated[
        bool, typer.Option("--check", help="与现有读模型比对 / compare with the live read models")
    ] = False,
) -> None:
    """从各部门日志重建。 Rebuild every history from the logs.

    Into fresh tables, which go away again; what is live stays as it is.
    """
    from services.processes.installation import Installation
    from services.processes import assembly

    known_on, effective_on = day(known, "--known"), day(effective, "--effective")
    found = assembly.replay(Installation(data).settings(), known_on, effective_on, check=check)
    print(as_json(found))
    if found["differences"]:
        say(f"重建结果与现有读模型有 {len(found['differences'])} 处不同。 The live read models differ.")
        raise typer.Exit(1)
    say(f"重建 {found['events']} 条事件、{found['families']} 户。" + ("与现有读模型一致。" if check else ""))
