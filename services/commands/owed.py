"""`yihu owed`: what a family is still owed, by whom and why; on any day, as known on any day."""

from typing import Annotated, Any

import typer

from services.commands.options import operator, HERE, AsJson, Data, Effective, Known, Who, as_json, day, typed

EXAMPLES = (
    "yihu owed XN-F-C5MG00B2",
    "yihu owed - --known 2025-12-31 --explain < 号码.txt",
    "yihu owed XN-F-C5MG00B2 --effective 2026-03-31 --all --json",
)


def command(
    who: Who = "-",
    data: Data = HERE,
    known: Known = "",
    effective: Effective = "",
    json: AsJson = False,
    explain: Annotated[bool, typer.Option("--explain", help="逐项说明理由 / say why")] = False,
    everything: Annotated[bool, typer.Option("--all", help="也列出已落实和不适用的 / the settled ones too")] = False,
) -> None:
    """一户还应得到什么、由谁落实。 What a family is still owed, and who must act."""
    from services.entitlements.owed import Asked
    from services.family_case.domain import is_person
    from services.processes import assembly
    from services.processes.installation import Installation

    known_on, effective_on = day(known, "--known"), day(effective, "--effective")
    settings = Installation(data).settings()
    owed = assembly.owed(settings)
    text = typed(who)
    family = assembly.family_for(text, owed.loader.queries, settings)
    token = assembly.person_token(text, settings)
    asked = Asked(known_on, effective_on, everything, token if token and is_person(token) else None)
    document = owed.open(family, operator(), "command", asked)
    print(as_json(document) if json else as_text(document, explain=explain), end="\n" * json)


def as_text(document: dict[str, Any], *, explain: bool = False) -> str:
    """Return the JSON document of what a family is owed as text."""
    from services.entitlements.text import lines

    return "\n".join(lines(document, explain=explain)) + "\n"
