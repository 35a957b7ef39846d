"""`yihu story`: the history of a family as a story, with footnotes to the events."""

from services.commands.options import operator, HERE, AsJson, Data, Effective, Known, Who, as_json, day, typed

EXAMPLES = ("yihu story XN-F-C5MG00B2", "yihu story - --known 2025-12-31 < 号码.txt")


def command(
    who: Who = "-",
    data: Data = HERE,
    known: Known = "",
    effective: Effective = "",
    json: AsJson = False,
) -> None:
    """把一户的历史连起来读，每句注明出处。 The history of a family as a story, each sentence with its source."""
    from services.family_case.story import lines, story
    from services.processes import assembly
    from services.processes.installation import Installation

    known_on, effective_on = day(known, "--known"), day(effective, "--effective")
    settings = Installation(data).settings()
    queries = assembly.queries(settings)
    text = typed(who)
    family = assembly.family_for(text, queries, settings)
    found = story(queries.open(family, operator(), "command", known_on, effective_on))
    print(as_json(found) if json else "\n".join(lines(found)))
