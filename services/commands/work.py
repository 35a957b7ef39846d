"""`yihu work`: what is open, by department, county and clause: the list that is to get shorter."""

from typing import Annotated, Any

import typer

from services.commands.options import operator, HERE, AsJson, Data, Effective, Known, as_json, day, say

EXAMPLES = (
    "yihu work --department DPF --county 421221",
    "yihu work --clause XN-9 --limit 20 --json",
    "yihu work --counts",
    "yihu work --known 2026-03-31 --effective 2026-02-28",
)


def command(
    data: Data = HERE,
    department: Annotated[str, typer.Option(metavar="CODE", help="部门代码，如 DPF / department")] = "",
    county: Annotated[str, typer.Option(metavar="CODE", help="区划代码，如 421221 / county")] = "",
    clause: Annotated[str, typer.Option(metavar="CLAUSE", help="条款，如 XN-2 / clause")] = "",
    rule: Annotated[str, typer.Option(metavar="RULE", help="规则，如 E02 / rule")] = "",
    gap: Annotated[str, typer.Option(metavar="TYPE", help="缺口类型，如 G3 / kind of gap")] = "",
    held: Annotated[bool, typer.Option("--held", help="也列出已暂缓的 / what is on hold too")] = False,
    limit: Annotated[int, typer.Option(metavar="N", help="最多几条 / at most so many")] = 50,
    after: Annotated[str, typer.Option(metavar="NEXT", help="接上一页 / from the end of the page before")] = "",
    counts: Annotated[bool, typer.Option("--counts", help="只列数量 / numbers only")] = False,
    known: Known = "",
    effective: Effective = "",
    json: AsJson = False,
) -> None:
    """待办清单：谁的哪一项逾期了、由谁落实。 Work lists: whose what is overdue, and who must act.

    今天的清单随时备好；写明日期的，要逐户重新判定。 Today's list is kept; for another day all families are judged anew.
    """
    from services.entitlements.text import count_lines, work_lines
    from services.entitlements.work import Wanted
    from services.processes import assembly
    from services.processes.installation import Installation

    known_on, effective_on = day(known, "--known"), day(effective, "--effective")
    wanted = Wanted(department, county, clause, rule, gap, held, after, limit, known_on, effective_on)
    settings = Installation(data).settings()
    found: Any
    if known_on or effective_on:
        past = assembly.past_work(settings)
        found = (
            {"counts": past.counts(wanted, _progress)}
            if counts
            else past.open(wanted, operator(), "command", _progress)
        )
        found |= {"behind": 0}
    else:
        lists = assembly.work_lists(settings)
        found = {"counts": lists.counts()} if counts else lists.open(wanted, operator(), "command")
        found |= {"behind": lists.behind()}
    print(as_json(found) if json else "\n".join(count_lines(found) if counts else work_lines(found)))


def _progress(done: int, of: int) -> None:
    if done < of:
        say(f"已判定 {done} / {of} 户。 Families judged.")
