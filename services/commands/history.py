"""`yihu history`: the whole history of a family, or of a base of the self-help programme."""

from typing import Annotated

import typer

from services.commands.options import operator, HERE, AsJson, Data, Effective, Known, as_json, day, typed

EXAMPLES = (
    "yihu history XN-F-C5MG00B2",
    "yihu history - --known 2025-06-24 < 号码.txt",
    "yihu history 52421299MJXRE0019W --effective 2025-06-30",
)


def command(
    who: Annotated[
        str,
        typer.Argument(metavar="PERSON-OR-FAMILY", help="证件号码（- 从标准输入读）、案卷编号，或服务基地的单位代码"),
    ],
    data: Data = HERE,
    known: Known = "",
    effective: Effective = "",
    json: AsJson = False,
) -> None:
    """一户或一个服务基地的完整历史。 The whole history of a family, or of a self-help base."""
    from services.commands.show import as_text, base_as_text
    from services.family_case.base_reading import BaseQueries
    from services.processes.installation import Installation
    from services.processes import assembly

    known_on, effective_on = day(known, "--known"), day(effective, "--effective")
    settings = Installation(data).settings()
    queries = assembly.queries(settings)
    key, reader = typed(who, "PERSON-OR-FAMILY"), operator()
    bases = BaseQueries(queries)
    if base := bases.base_of(key):
        document = bases.open(base, reader, "command", known_on, effective_on)
        print(as_json(document) if json else base_as_text(document), end="\n" * json)
        return
    family = assembly.family_for(key, queries, settings)
    document = queries.open(family, reader, "command", known_on, effective_on)
    print(as_json(document) if json else as_text(document), end="\n" * json)
