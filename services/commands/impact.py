"""`yihu impact`: what a correction or withdrawal did to verdicts, and what rested on what is no longer said."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from services.commands.options import operator, HERE, AsJson, Data, Effective, as_json, day, say

EXAMPLES = (
    "yihu impact correction-42",
    "yihu impact --since 2026-01-01 --json",
    "yihu impact withdrawal-7 --effective 2026-03-31",
)


def command(
    event: Annotated[str, typer.Argument(metavar="[EVENT-ID]", help="更正或撤销事件的编号 / its id")] = "",
    data: Data = HERE,
    since: Annotated[str, typer.Option(metavar="DATE", help="自该日起登记的 / written down since")] = "",
    effective: Effective = "",
    json: AsJson = False,
) -> None:
    """更正或撤销影响了哪些判定、发放和安排。 Which verdicts, payments and plans a retraction touched."""
    from services.processes import assembly
    from services.processes.installation import Installation

    if bool(event) == bool(since):
        raise typer.BadParameter(
            "请给出事件编号，或用 --since 给出日期。 Give an event's id or --since.", param_hint="EVENT-ID"
        )
    impact = assembly.owed(Installation(data).settings()).impact
    found = impact.of(
        operator(),
        "command",
        event=event,
        since=day(since, "--since"),
        effective=day(effective, "--effective"),
        progress=lambda at, total: say(f"{at}/{total}") if total > 1 else None,
    )
    print(as_json(found) if json else "\n".join(lines(found)))


def lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of what retractions did."""
    from services.entitlements.text import impact_lines

    for one in found:
        yield from impact_lines(one)
    changed = {family["family"] for one in found for family in one["families"] if _changed(family)}
    yield f"共 {len(found)} 条更正或撤销，改变了 {len(changed)} 户的判定。"


def _changed(family: dict[str, Any]) -> bool:
    return any(verdict["changed"] for verdict in family["verdicts"])
