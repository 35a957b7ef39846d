"""`yihu unmatched`: what stands in no history, and what a person at the desk decides about it."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import typer

from services.commands.options import HERE, AsJson, Data, as_json, say

EXAMPLES = (
    "yihu unmatched",
    "yihu unmatched retry",
    "yihu unmatched set-aside education/17 --reason 外市儿童，已转告原户籍地",
    "yihu unmatched take-up education/17 --reason 该户已迁入本市",
)
Action = Literal["list", "retry", "set-aside", "take-up"]


def command(
    action: Annotated[
        Action, typer.Argument(help="list 列出；retry 重试；set-aside 搁置；take-up 恢复办理", metavar="[ACTION]")
    ] = "list",
    item: Annotated[str, typer.Argument(help="编号，如 education/17 / as listed", metavar="[ITEM]")] = "",
    data: Data = HERE,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="原因，不得含个人号码 / why; no personal number")] = "",
    by: Annotated[str, typer.Option(metavar="KEY", help="经办账号 / an account key, not a name")] = "cli",
    json: AsJson = False,
) -> None:
    """未归入案卷的事件和隔离的消息。 What stands in no history: list, try again, set aside, take up.

    An event joins by itself once its person belongs to a family; nothing that is set aside disappears.
    """
    from services.processes import assembly
    from services.processes.installation import Installation

    settings = Installation(data).settings()
    if action == "retry":
        consumer = assembly.consumer(settings)
        done = {"filed": consumer.cases.file_unknown_types(), "read": consumer.read_again()}
        print(as_json(done))
        say(f"归档 {done['filed']} 条事件，读出 {done['read']} 条消息。 Filed {done['filed']}, read {done['read']}.")
        return
    desk = assembly.queries(settings).desk
    if action == "list":
        found = {"unmatched": desk.unmatched(), "quarantined": desk.messages(), "flagged": desk.flagged()}
        print(as_json(found) if json else "\n".join(_lines(found, assembly.NAMES)))
        return
    for name, given in (("ITEM", item), ("--reason", reason)):
        if not given:
            raise typer.BadParameter(f"搁置或恢复须写明编号和原因。 Give {name}.", param_hint=name)
    named = desk.decide(item, "set_aside" if action == "set-aside" else "taken_up", reason, by)
    print(as_json({"item": named, "decided": action}))
    say("已搁置。 Set aside." if action == "set-aside" else "已恢复办理。 Taken up again.")


def _lines(found: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    from services.family_case.reading import OWN_FLAGS
    from shared.policy.lists import code_lists

    divisions = code_lists()["DIV"]["codes"]
    for one in found["unmatched"]:
        where = divisions.get(one["division"], {}).get("zh", "未注明区划")
        yield f"{one['item']}  {where}{names[one['log']]} {one['label']}，{one['happened']}，已等候 {one['days']} 天"
        yield from _why(one)
        if "person" in one:
            yield f"     人员代号 {one['person']}"
    for one in found["quarantined"]:
        yield f"{one['item'][:12]}  {names.get(one['log'], '来源不明')}，{one['bytes']} 字节，已隔离 {one['days']} 天"
        yield from _why(one)
    for one in found["flagged"]:
        yield f"{one['log']}/{one['position']}  {one['family'] or '未归入'}"
        yield f"     {OWN_FLAGS[one['reason']]['zh']}"
    unmatched, messages, flagged = (len(found[name]) for name in ("unmatched", "quarantined", "flagged"))
    yield f"未归入 {unmatched} 条，隔离 {messages} 条，归属有矛盾 {flagged} 条。"


def _why(one: dict[str, Any]) -> Iterator[str]:
    for reason in one["reasons"]:
        yield f"     {reason['zh']}"
    if one["set_aside"]:
        yield f"     已搁置（{one['set_aside']['on']}，{one['set_aside']['who']}）：{one['set_aside']['reason']}"
