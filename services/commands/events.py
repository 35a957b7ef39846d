"""`yihu events`: the catalogue of event types."""

from typing import Annotated

import typer

from services.commands.options import AsJson

EXAMPLES = ("yihu events", "yihu events --json")


def command(
    json: AsJson = False,
    schema: Annotated[str, typer.Option(metavar="TYPE", help="一类事件的 JSON Schema（报送时）")] = "",
    stored: Annotated[bool, typer.Option("--stored", help="与 --schema 同用：入账和发布时的 JSON Schema")] = False,
) -> None:
    """事件目录。 The catalogue of event types."""
    from services.commands import reference

    if schema:
        print(reference.schema_text(schema, stored=stored), end="")
    else:
        print(reference.as_json() if json else reference.as_list(), end="")
