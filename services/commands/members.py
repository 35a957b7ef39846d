"""`yihu members`: who belonged to a family from when to when, and why; on any day, as known on any day."""

from services.commands.options import operator, HERE, AsJson, Data, Effective, Known, Who, as_json, day, typed

EXAMPLES = ("yihu members XN-F-C5MG00B2", "yihu members - --known 2025-12-31 --effective 2025-06-30 < 号码.txt")


def command(
    who: Who = "-",
    data: Data = HERE,
    known: Known = "",
    effective: Effective = "",
    json: AsJson = False,
) -> None:
    """一户的成员：何时起、何时止、因何事件；监护人、迁移、所在县市。 Who belonged to a family, when and why."""
    from services.entitlements.belonging import lines
    from services.processes import assembly
    from services.processes.installation import Installation

    known_on, effective_on = day(known, "--known"), day(effective, "--effective")
    settings = Installation(data).settings()
    belonging = assembly.belonging(settings)
    family = assembly.family_for(typed(who), belonging.loader.queries, settings)
    document = belonging.open(family, operator(), "command", known_on, effective_on)
    print(as_json(document) if json else "\n".join(lines(document)))
