"""`yihu indicators`: the numbers of a month, as they are known, as they were published, and why they differ."""

import re
from typing import Annotated, Any

import typer

from services.commands.options import HERE, AsJson, Data, Known, as_json, day, say

EXAMPLES = (
    "yihu indicators --month 2026-03",
    "yihu indicators --month 2026-03 --known 2026-04-05 --table coverage --county 421221 --json",
    "yihu indicators --month 2026-03 --publish",
    "yihu indicators --published 2026-03",
    "yihu indicators --month 2026-03 --why",
)
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
Month = Annotated[str, typer.Option(metavar="MONTH", help="统计月份，如 2026-03 / month; default: this month")]


def command(
    data: Data = HERE,
    month: Month = "",
    on: Annotated[str, typer.Option(metavar="DATE", help="某一天而不是月末，如 9月1日 / a day instead")] = "",
    known: Known = "",
    county: Annotated[str, typer.Option(metavar="CODE", help="只看一个区划 / one county")] = "",
    table: Annotated[str, typer.Option(metavar="NAME", help="只看一张表，如 coverage / one table")] = "",
    json: AsJson = False,
    public: Annotated[bool, typer.Option("--public", help="按公开要求隐去小数目 / as it may be published")] = False,
    publish: Annotated[bool, typer.Option("--publish", help="经残联接口公布 / publish through the door")] = False,
    published: Annotated[
        str, typer.Option("--published", metavar="MONTH", help="查已公布的 / what was published of a month")
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="与 --published 同用：重新计算核对 / compute it again")
    ] = False,
    why: Annotated[
        bool, typer.Option("--why", help="与已公布的相比为何变化 / why it differs from what was published")
    ] = False,
) -> None:
    """统计指标：应救尽救、逾期、资金、教育安置等。 Indicators, reproducible from what they rest on.

    全市要逐户判定，一万户约需三分钟。 Every family is judged anew: about three minutes for 10,000.
    """
    from services.entitlements.indicators import publishing
    from services.entitlements.indicators.computing import Basis, month_end
    from services.processes import assembly
    from services.processes.installation import Installation
    from shared.language.envelope import china_now

    installation = Installation(data)
    indicators = assembly.indicators(installation.settings())
    every = publishing.publications(indicators.queries.about_nobody())
    if published:
        found = publishing.of_month(_month(published, "--published"), every)
        differs = publishing.again(indicators, found, every, _progress) if check else []
        document = publishing.as_tables(found) | {"public": True}
        print(as_json(document) if json else "\n".join(_lines(document)))
        if differs:
            say(f"重新计算后不同：{'、'.join(differs)}。 These tables come out otherwise.")
            raise typer.Exit(1)
        return
    today = china_now().date()
    month = _month(month, "--month") if month else f"{today:%Y-%m}"
    known_on, effective = day(known, "--known"), day(on, "--on") or month_end(month, today)
    if why:
        one = publishing.of_month(month, every)
        basis = Basis(one.basis.effective, known_on or today, indicators.positions())
        print(as_json(publishing.why(indicators, one.basis, basis, _progress)))
        return
    computed = indicators.compute(effective, known_on or (today if publish else None), progress=_progress)
    tables = publishing.public(computed, every) if public or publish else computed.tables
    if publish:
        _publish(installation, list(publishing.events(month, computed, tables, china_now().isoformat("T", "seconds"))))
    shown = [one.as_json() for one in tables if table in {"", one.layout.name}]
    if not shown:
        raise typer.BadParameter(
            f"没有这张表；可选：{'、'.join(one.layout.name for one in tables)}。 No such table.", param_hint="--table"
        )
    if county:
        shown = [_of(one, county) for one in shown]
    document = {"month": month} | computed.basis.as_json() | {"public": public or publish, "tables": shown}
    print(as_json(document) if json else "\n".join(_lines(document)))


def _lines(document: dict[str, Any]) -> list[str]:
    from services.entitlements.indicators.text import basis_line, lines

    return [basis_line(document), *lines(document["tables"])]


def _of(table: dict[str, Any], county: str) -> dict[str, Any]:
    return table | {"rows": [row for row in table["rows"] if row.get("county", county) == county]}


def _publish(installation: Any, events: list[dict[str, Any]]) -> None:
    """Record what is published at the federation's door. Raises Exit when something is refused."""
    from services.commands.sending import send

    send(installation, events)
    say(f"已公布，{len(events)} 条事件。 Published, {len(events)} events.")


def _month(text: str, option: str) -> str:
    if not _MONTH.fullmatch(text):
        raise typer.BadParameter("应为月份，如 2026-03。 A month, like 2026-03.", param_hint=option)
    return text


def _progress(done: int, of: int) -> None:
    if done < of:
        say(f"已判定 {done} / {of} 户。 Families judged.")
