"""`yihu verify`: hold every log against everything signed or copied from it."""

from typing import Annotated

import typer

from services.commands.options import HERE, Data, as_json, say

EXAMPLES = ("yihu verify", "yihu verify receipts.jsonl")


def command(
    receipts: Annotated[
        str, typer.Argument(metavar="FILE", help="回执文件（每行一份）/ a file of receipts; default: everything")
    ] = "",
    data: Data = HERE,
) -> None:
    """核验全部证据。 Check all evidence.

    逐条重算哈希，核对位置、检查点与回执。 Re-hash every log; check positions, checkpoints, receipts.
    """
    from services.processes.installation import Installation
    from services.processes import assembly

    installation = Installation(data)
    counts, findings = assembly.verify(installation.settings(), installation.receipts, receipts)
    print(as_json({"records": counts, "findings": [found.as_dict() for found in findings]}))
    for found in findings:
        say(f"✗ {found.log} 第 {found.position} 条：{found.zh} {found.en}")
    if findings:
        raise typer.Exit(1)
    say(f"✓ {sum(counts.values())} 条记录全部成立。 Everything holds.")
