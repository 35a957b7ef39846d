"""From the client of the doors to the doors, in one process."""

from collections.abc import Callable
from typing import Any

from shared.door.client import Client
from shared.keys.files import Keys
from shared.settings import Settings


class Wire(Client):
    """The program's client of the doors; `visit` takes what it asks there, with its key."""

    def __init__(self, settings: Settings, visit: Callable[[str, str], Any]) -> None:
        super().__init__(settings.url, Keys(settings.keys).api_key("hub"))
        self.visit = visit

    def _send(self, request: Any) -> tuple[int, bytes, Any]:
        answer = self.visit(request.selector, self.api_key)
        return answer.status_code, answer.data, answer.headers


class Living:
    """A part as it is now: after it died, the one made anew."""

    def __init__(self, now: Callable[[], Any]) -> None:
        self._now = now

    def __getattr__(self, name: str) -> Any:
        return getattr(self._now(), name)
