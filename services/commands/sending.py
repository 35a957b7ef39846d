"""What a command records itself: sent to the departments' doors with their own keys."""

from typing import Any

import orjson
import typer

from services.commands.emitter import Emitter
from services.commands.options import as_json, say
from services.processes.installation import Installation
from shared.door.client import Client


def send(installation: Installation, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send events to their departments' doors; return their receipts.

    What is refused is said with every fault. Raises Exit when something was, NotRunning or NotConfigured.
    """
    urls = installation.doors()
    keys = installation.senders.api_keys(urls)
    emitter = Emitter({name: Client(url, keys.get(name, "")) for name, url in urls.items()}, installation.receipts)
    lines = list(emitter.emit([[orjson.dumps(one) + b"\n" for one in events]]))
    refused = [line for line in lines if not line.recorded]
    for line in refused:
        say(as_json(line.answer, indent=None))
    if refused:
        raise typer.Exit(1)
    return [line.answer for line in lines]
