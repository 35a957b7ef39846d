"""`yihu template`: an empty spreadsheet for one event type."""

from pathlib import Path
from typing import Annotated

import typer

from services.commands.options import can_write, say

EXAMPLES = ("yihu template finance.benefit_paid", "yihu template --roster dibao --out 低保花名册.xlsx")


def command(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="事件类型 / event type")] = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="写到 / where to")] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="连同少用的列：编号、录入日期、更正 / the seldom columns too: ids, corrections"),
    ] = False,
    roster: Annotated[str, typer.Option(metavar="ROSTER", help="名册，如 dibao / a roster instead of a type")] = "",
) -> None:
    """写一份空白表格模板。 Write an empty spreadsheet for a type of event.

    With Chinese headers, notes, drop-down lists and an example row; `yihu import` reads it when it is filled in.
    """
    from services.departments import load_catalogue
    from services.spreadsheets.columns import NO_SHEET, NoSheet
    from services.spreadsheets.templates import NO_NAME, write_template
    from shared.errors import nearest
    from shared.language.catalogue import CATALOGUE

    load_catalogue()
    can_write(out, "--out")
    if roster:
        _roster(roster, out)
        return
    declaration = CATALOGUE.get(kind)
    if declaration is None:
        zh, en = nearest(kind, [known.type for known in CATALOGUE])
        said = (
            f"没有这种事件类型。{zh} There is no such type.{en}" if kind else "请写明类型。 Name a type: yihu events."
        )
        raise typer.BadParameter(said, param_hint="TYPE")
    path = out or Path(NO_NAME.sub("、", declaration.label) + ".xlsx")
    try:
        write_template(declaration, path, spare=every)
    except NoSheet:
        raise typer.BadParameter(NO_SHEET, param_hint="TYPE") from None
    say(f"模板：{path} The template.")


def _roster(code: str, out: Path | None) -> None:
    from services.commands.import_roster import roster_of
    from services.spreadsheets.rosters.template import write_roster_template

    roster = roster_of(code)
    path = out or Path(f"{roster.zh}.xlsx")
    write_roster_template(roster, path)
    say(f"模板：{path} The template.")
