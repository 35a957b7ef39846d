"""`yihu act`: what a case worker does about a gap or a duplicate, recorded at the federation's door."""

from typing import Annotated, Literal

import typer

from services.commands.options import HERE, Data, as_json, say

EXAMPLES = (
    "yihu act hold XN-F-C5MG00B2 E02 G4 --until 2027-08-31 --reason 等待植入手术后开训",
    "yihu act decline XN-F-C5MG00B2 CARE --person 成员（女，2021年生） --by 户主（男，1988年生） --until 2027-12-31",
    "yihu act refer XN-F-C5MG00B2 EDU --person 成员（女，2021年生） --to EDU --dry-run",
    "yihu act dismiss TOKEN TOKEN --reason 两人出生医学证明不同",
)
Action = Literal["hold", "decline", "refer", "answer", "merge", "dismiss"]


def command(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="ACTION",
            help="hold 暂缓 FAMILY RULE GAP；decline 谢绝 FAMILY NEED；refer 转介 FAMILY NEED；"
            "answer 答复转介 FAMILY PROCESS；merge 合并 SURVIVOR MERGED；dismiss 排除疑似重复 PERSON OTHER",
        ),
    ],
    named: Annotated[list[str], typer.Argument(metavar="WORDS...", help="案卷编号等，依次写 / in this order")],
    data: Data = HERE,
    person: Annotated[str, typer.Option(metavar="WHO", help="所涉成员：如清单所称，或代号 / as lists call them")] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="暂缓或谢绝至 / until")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="原因，不得含个人号码 / why; no personal number")] = "",
    by: Annotated[str, typer.Option(metavar="WHO", help="谢绝人；暂缓的责任人账号 / who declines or answers")] = "",
    to: Annotated[str, typer.Option(metavar="CODE", help="转介至部门，如 EDU / department")] = "",
    decision: Annotated[str, typer.Option(metavar="CODE", help="答复：approved、refused… / decision")] = "",
    because: Annotated[str, typer.Option(metavar="CODE", help="不予同意原因，如 institution / why refused")] = "",
    process: Annotated[str, typer.Option(metavar="ID", help="转介编号 / the referral's number")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出事件，不报送 / show the event only")] = False,
) -> None:
    """处置：暂缓、谢绝、转介、答复、合并、排除重复，经残联接口登记。 Deal with a gap or a duplicate.

    登记后印出回执；下次 yihu owed 和 yihu work 即按其列示。 Prints the receipt; lists follow it at once.
    """
    from uuid import uuid4

    from services.commands.sending import send
    from services.entitlements.actions import Words, all_faults, event_of
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.errors import Refused
    from shared.language.envelope import china_now

    installation = Installation(data)
    settings = installation.settings()
    said = {"person": person, "until": until, "reason": reason, "by": by, "to": to}
    words = Words(action, named, said | {"decision": decision, "because": because, "process": process})
    about = assembly.about_family(words.name(0), settings)
    event = event_of(words, about, f"act-{uuid4().hex}", china_now().isoformat("T", "seconds"))
    if faults := all_faults(words, event, assembly.faults_of(event, settings)):
        raise Refused(faults, 400)
    if dry_run:
        print(as_json(event))
        say("未报送。 Not sent.")
        return
    receipts = send(installation, [event])
    for one in receipts:
        print(as_json(one))
    say("已登记。 Recorded.")
