"""A department's sandbox: the same way in as the real one, into a throw-away log that nobody relays or files."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from shared.door.department import Department
from shared.keys.signing import Signer
from shared.log import sandbox as throw_away

MODE = "test"


class SandboxSigner(Signer):
    """Signs as the throw-away log: under a name and a key id of its own, so no receipt of it passes for a real one."""

    def __init__(self, log: str, private_key: bytes) -> None:
        super().__init__(f"{log}/sandbox", private_key)

    def receipts(self, many: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return signed receipts that say that they are none."""
        return super().receipts([{"mode": MODE} | facts for facts in many])


class Sandbox:
    """The department behind a sandbox key, made when it is first asked for."""

    def __init__(self, make: Callable[[], Department]) -> None:
        self._make = make
        self._made: Department | None = None
        self._since: datetime | None = None
        self._lock = Lock()

    def department(self) -> Department:
        """Return the department on its throw-away log, which is emptied first if its time is over.

        Raises Unavailable.
        """
        with self._lock:
            made = self._department()
            self._follow(throw_away.filled_since(made.database))
            return made

    def empty(self) -> None:
        """Empty the throw-away log. Raises Unavailable."""
        with self._lock:
            self._follow(throw_away.empty(self._department().database))

    def ends(self) -> datetime:
        """Return when the log's time is over. Raises Unavailable."""
        return throw_away.filled_since(self.department().database) + timedelta(days=throw_away.DAYS)

    def _department(self) -> Department:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _follow(self, since: datetime) -> None:
        if self._made is not None and since != self._since:  # emptied, by this process or another
            self._made.ring.forget()
            self._since = since
