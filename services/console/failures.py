"""Who failed to sign in waits before the next try, longer each time: by account, and by address.

Names that nobody has are counted like others, so that the wait tells nothing. An address may be that of a whole office
behind one proxy, so it takes more failures.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from services.console.accounts import SCHEMA, Accounts, NoSuchUser
from shared.language.envelope import china_now
from shared.postgres.database import Database

OF_AN_ACCOUNT, OF_AN_ADDRESS = 5, 50
"""How many failures are without a wait."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
"""How long the first wait is; each further failure doubles it."""
FORGOTTEN = timedelta(hours=24)
"""After how long without a failure those of before no longer count."""


class Failures:
    """Counts who failed to sign in."""

    def __init__(self, accounts: Accounts, clock: Callable[[], datetime] = china_now) -> None:
        self.accounts, self.clock = accounts, clock
        self.database: Database = accounts.database

    def wait(self, name: str, address: str) -> int:
        """Return for how many seconds nobody may try this account, or from this address."""
        row = self.database.one(
            f"SELECT max(until) FROM {SCHEMA}.failures WHERE key = ANY(%s)", [key_of("user", name), _address(address)]
        )
        until = row[0] if row else None
        return max(0, int((until - self.clock()).total_seconds()) + 1) if until and until > self.clock() else 0

    def failed(self, name: str, address: str) -> None:
        """Count a failure; an account that is locked by it has that in its log."""
        until = self._count(key_of("user", name), OF_AN_ACCOUNT)
        self._count(_address(address), OF_AN_ADDRESS)
        if until is not None:
            try:
                self.accounts.lock(name, until)
            except NoSuchUser:
                return

    def succeeded(self, name: str) -> None:
        """Forget the failures of an account; those of an address stay, however many accounts it has."""
        with self.database.connection() as connection:
            connection.execute(f"DELETE FROM {SCHEMA}.failures WHERE key = %s".encode(), (key_of("user", name),))

    def _count(self, key: bytes, free: int) -> datetime | None:
        """Count a failure under a key; return until when it is locked now, if it is."""
        now = self.clock()
        with self.database.transaction() as tx:
            tx.execute(f"DELETE FROM {SCHEMA}.failures WHERE last < %s".encode(), (now - FORGOTTEN,))
            row = tx.execute(
                f"INSERT INTO {SCHEMA}.failures AS old VALUES (%s, 1, %s, NULL) ON CONFLICT (key) DO UPDATE "
                "SET (number, last) = (old.number + 1, excluded.last) RETURNING number".encode(),
                (key, now),
            ).fetchone()
            number = int(row[0]) if row else 0
            if number < free:
                return None
            until: datetime = now + min(FIRST_WAIT * 2 ** min(number - free, 10), LONGEST_WAIT)
            tx.execute(f"UPDATE {SCHEMA}.failures SET until = %s WHERE key = %s".encode(), (until, key))
        return until


def key_of(kind: str, text: str) -> bytes:
    """Return under which key failures are counted."""
    return sha256(f"{kind}/{text}".encode()).digest()


def _address(address: str) -> bytes:
    return key_of("address", address)
