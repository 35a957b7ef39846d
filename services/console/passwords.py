"""Passwords: argon2id hashes, in a table of the console and in no log."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Fault, Refused

SHORTEST, LONGEST = 12, 200
"""How many characters a password has."""
_AT_A_TIME = BoundedSemaphore(2)
"""Each takes 19 MiB and some 30 ms of a processor: many at once would take everything."""
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS = _hasher.hash("a password that nobody has")
"""Checked where there is no account: the answer takes as long."""


def hashed(password: str, username: str) -> str:
    """Return the hash of a new password. Raises Refused for one that is too short, too long, or the name."""
    if not SHORTEST <= len(password) <= LONGEST or username in password.lower():
        zh = f"口令须为 {SHORTEST} 到 {LONGEST} 个字符，且不含用户名。"
        en = f"A password has {SHORTEST} to {LONGEST} characters and does not contain the user's name."
        raise Refused([Fault("password_weak", "/password", zh, en)])
    with _AT_A_TIME:
        return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; of no hash, never, and after the same time."""
    with _AT_A_TIME:
        try:
            found = _hasher.verify(kept or _NOBODYS, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return found and kept is not None
