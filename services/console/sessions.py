"""Sessions: a row for each browser that is signed in. The browser holds 256 random bits, the row their hash."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from services.console.accounts import SCHEMA, Accounts, User
from shared.language.envelope import china_now

IDLE = timedelta(minutes=30)
"""How long somebody stays signed in who does nothing."""
LONGEST = timedelta(hours=12)
"""How long somebody stays signed in at all."""
KEPT = timedelta(days=30)
"""How long a session that has ended is kept."""
SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is kept when somebody was here last: a row is not to be written for each request."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that stands: whose it is, since when, and when that user was here the time before."""

    id: bytes
    user: User
    began: datetime
    visited: datetime | None


class Sessions:
    """Who is signed in."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        idle: timedelta = IDLE,
        longest: timedelta = LONGEST,
        clock: Callable[[], datetime] = china_now,
    ) -> None:
        self.accounts = accounts
        self.database = accounts.database
        self.idle, self.longest, self.clock = idle, longest, clock

    def begin(self, name: str) -> str:
        """Sign somebody in; return what the browser is to hold."""
        token, now = secrets.token_urlsafe(32), self.clock()
        with self.database.transaction() as tx:
            tx.execute(f"DELETE FROM {SCHEMA}.sessions WHERE seen < %s".encode(), (now - KEPT,))
            tx.execute(
                f"INSERT INTO {SCHEMA}.sessions (id, username, began, seen, visited) SELECT %s, %s, %s, %s, "
                f"(SELECT max(seen) FROM {SCHEMA}.sessions WHERE username = %s)".encode(),
                (digest(token), name, now, now, name),
            )
        return token

    def find(self, token: str) -> tuple[Session | None, str | None]:
        """Return the session of a browser if it stands, and whose it is or was; nothing for what nobody was given."""
        row = self.database.one(
            f"SELECT username, began, seen, ended, visited, (SELECT max(position) FROM {SCHEMA}.events) "
            f"FROM {SCHEMA}.sessions WHERE id = %s",
            digest(token),
        )
        if row is None:
            return None, None
        name, began, seen, ended, visited, reached = row
        user, now = self.accounts.users(reached or 0).get(name), self.clock()
        if user is None or user.closed or ended or now - seen > self.idle or now - began > self.longest:
            return None, name
        if now - seen > SEEN_EVERY:
            with self.database.connection() as connection:
                connection.execute(
                    f"UPDATE {SCHEMA}.sessions SET seen = %s WHERE id = %s AND ended IS NULL".encode(),
                    (now, digest(token)),
                )
        return Session(digest(token), user, began, visited), name

    def end(self, token: str) -> None:
        """Sign a browser out."""
        with self.database.connection() as connection:
            connection.execute(
                f"UPDATE {SCHEMA}.sessions SET ended = %s WHERE id = %s AND ended IS NULL".encode(),
                (self.clock(), digest(token)),
            )


def digest(token: str) -> bytes:
    """Return the form in which what a browser holds is kept."""
    return sha256(token.encode()).digest()
