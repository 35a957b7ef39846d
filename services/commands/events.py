"""`yihu events`: the catalogue of event types."""

from typing import Annotated

import typer

from services.commands.options import AsJson

EXAMPLES = ("yihu events", "yihu events --json")


def command(
    json: AsJson = False,
    schema: Annotated[str, typer.Option(metavar="TYPE", help="一类事件的 JSON Schema")] = "",
) -> None:
    """事件目录。 The catalogue of event types."""
    from services.commands import reference

    print(reference.schema_text(schema) if schema else reference.as_json() if json else reference.as_list(), end="")
