"""Accounts: who may sign in, in which role and bounds. They are folded from the console's own log, an event each.

The log is as every other: append-only, hashed, signed, checked by `yihu verify`. A password's hash never stands in it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any
from uuid import uuid4

from services.console.passwords import hashed, matches
from services.console.roles import ROLES
from services.family_case.reading import Reader
from shared.errors import Fault, Refused
from shared.language.envelope import china_now, stamp
from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder
from shared.policy.lists import code_lists
from shared.postgres.database import Database, Tx

SCHEMA = "console"
SOURCE = "urn:yihu:console"
NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
SHOWN = 40
"""How long the name may be by which others see a user."""
OF_A_DEPARTMENT, OF_A_COUNTY = "department_desk", "case_worker"
"""Which role is always bound to a department, and which always to a county."""
ADDED, ROLE_SET, PASSWORD_SET, LOCKED, UNLOCKED, CLOSED = (
    f"console.{what}" for what in ("user_added", "role_set", "password_set", "locked", "unlocked", "closed")
)


class NoSuchUser(Refused):
    """There is no open account of this name."""

    def __init__(self) -> None:
        super().__init__([Fault("no_such_user", "/user", "没有这一账号。", "There is no such account.")], 404)


@dataclass(frozen=True, slots=True)
class User:
    """An account: the name to sign in with, how others see it, role and bounds, and whether it is open."""

    name: str
    shown: str
    role: str
    department: str | None = None
    division: str | None = None
    closed: bool = False
    locked: str | None = None
    """Until when it is locked, as the log says it."""
    demo: bool = False
    """Whether everybody knows its password: it is let in from this machine only."""

    @property
    def reader(self) -> Reader:
        """As whom it reads."""
        return Reader(self.name, self.role, self.department, self.division)


class Accounts:
    """The accounts of an installation. `departments` are the names that a desk can be bound to."""

    def __init__(
        self, database: Database, departments: dict[str, str], clock: Callable[[], datetime] = china_now
    ) -> None:
        self.database = database
        self.departments = departments
        self.clock = clock
        self.log = LogRecorder(database)
        self._lock = Lock()
        self._read = 0
        self._users: dict[str, User] = {}

    def users(self, upto: int | None = None) -> dict[str, User]:
        """Return all accounts by name, closed ones too. `upto`: the log's last position, if it was just asked."""
        with self._lock:
            if upto is None or upto > self._read:
                for event in self.log.events(self._read):
                    self._users = told(self._users, event)
                    self._read = event.position
            return self._users

    def user(self, name: str) -> User:
        """Return an open account. Raises NoSuchUser."""
        found = self.users().get(name)
        if found is None or found.closed:
            raise NoSuchUser
        return found

    def add(self, user: User, password: str, by: str) -> None:
        """Add an account with its first password. Raises Refused."""
        self._check(user)
        kept = hashed(password, user.name)
        with self.database.transaction() as tx:
            self.log.lock(tx)
            if user.name in self.users():
                zh, en = "这个用户名已用过，请另取。", "This name is taken, or was; choose another."
                raise Refused([Fault("user_exists", "/user", zh, en)], 409)
            self._say(
                tx, ADDED, user.name, by, {"shown": user.shown} | _bounds(user) | ({"demo": True} if user.demo else {})
            )
            self._keep(tx, user.name, kept)

    def set_role(self, name: str, role: str, department: str | None, division: str | None, by: str) -> None:
        """Give an account another role or other bounds; they count from the next request on. Raises Refused."""
        changed = replace(self.user(name), role=role, department=department, division=division)
        self._check(changed)
        with self.database.transaction() as tx:
            self._say(tx, ROLE_SET, name, by, _bounds(changed))

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give an account another password; whoever is signed in with the old one no longer is. Raises Refused."""
        kept = hashed(password, self.user(name).name)
        with self.database.transaction() as tx:
            self._say(tx, PASSWORD_SET, name, by, {})
            self._keep(tx, name, kept)
            self._end_sessions(tx, name)

    def close(self, name: str, by: str, reason: str) -> None:
        """Close an account for good; its name stays taken. Raises NoSuchUser."""
        self.user(name)
        with self.database.transaction() as tx:
            self._say(tx, CLOSED, name, by, {"reason": reason})
            self._end_sessions(tx, name)

    def lock(self, name: str, until: datetime) -> None:
        """Note that an account is locked until a time. Raises NoSuchUser."""
        self.user(name)
        with self.database.transaction() as tx:
            self._say(tx, LOCKED, name, "yihu", {"until": stamp(until)})

    def unlock(self, name: str, by: str) -> None:
        """Note that an account may be tried again. Raises NoSuchUser."""
        self.user(name)
        with self.database.transaction() as tx:
            self._say(tx, UNLOCKED, name, by, {})
            key = sha256(f"user/{name}".encode()).digest()
            tx.execute(f"DELETE FROM {SCHEMA}.failures WHERE key = %s".encode(), (key,))

    def password_is(self, name: str, password: str, *, here: bool = False) -> bool:
        """Whether somebody has an open account with this password; it takes as long for who has none.

        `here`: whether the question comes from this machine, without which a demonstration's account is none.
        """
        user = self.users().get(name)
        row = self.database.one(f"SELECT hash FROM {SCHEMA}.passwords WHERE username = %s", name)
        known = row and user is not None and not user.closed and (here or not user.demo)
        kept: str | None = row[0] if row and known else None
        return matches(kept, password)

    def _check(self, user: User) -> None:
        """Raise Refused unless it can be an account."""
        divisions = code_lists()["DIV"]["codes"]
        faults = []
        if not NAME.fullmatch(user.name):
            zh, en = (
                "用户名为小写字母开头的 2 到 32 个字母、数字。",
                "A name has 2 to 32 of a-z, 0-9, and begins with a letter.",
            )
            faults.append(Fault("not_a_name", "/user", zh, en))
        if not (user.shown.strip() and user.shown.isprintable() and len(user.shown) <= SHOWN):
            zh, en = f"称呼须填写，至多 {SHOWN} 字。", f"How others see the user: at most {SHOWN} characters."
            faults.append(Fault("not_a_name", "/shown", zh, en))
        if user.role not in ROLES:
            faults.append(_unknown("role", ROLES))
        if user.department is not None and user.department not in self.departments:
            faults.append(_unknown("department", self.departments))
        if user.division is not None and user.division not in divisions:
            faults.append(_unknown("division", divisions))
        if user.role == OF_A_DEPARTMENT and user.department is None:
            zh, en = "部门窗口须指明部门。", "A department's desk needs its department."
            faults.append(Fault("required", "/department", zh, en))
        if user.role == OF_A_COUNTY and user.division is None:
            zh, en = "个案人员须指明县（市、区）。", "A case worker needs a county."
            faults.append(Fault("required", "/division", zh, en))
        if faults:
            raise Refused(faults)

    def _say(self, tx: Tx, type_: str, name: str, by: str, data: dict[str, Any]) -> None:
        self.log.lock(tx)
        stream = f"process/{name}"
        version = self.log.versions([stream]).get(stream, 0) + 1
        attributes = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": SOURCE,
            "type": type_,
            "time": stamp(self.clock()),
            "process": name,
        }
        self.log.append(tx, [RecordedEvent(None, version, attributes, {"by": by} | data)])

    def _keep(self, tx: Tx, name: str, kept: str) -> None:
        tx.execute(
            f"INSERT INTO {SCHEMA}.passwords AS old VALUES (%s, %s, %s) ON CONFLICT (username) "
            "DO UPDATE SET (hash, set_at) = (excluded.hash, excluded.set_at)".encode(),
            (name, kept, self.clock()),
        )

    def _end_sessions(self, tx: Tx, name: str) -> None:
        tx.execute(
            f"UPDATE {SCHEMA}.sessions SET ended = %s WHERE username = %s AND ended IS NULL".encode(),
            (self.clock(), name),
        )


def told(users: dict[str, User], event: RecordedEvent) -> dict[str, User]:
    """Return the accounts after one more event."""
    name, data = str(event.process), event.stored
    user = users.get(name) or User(name, "", "")
    match event.type:
        case "console.user_added":
            bounds = data.get("department"), data.get("division")
            user = User(name, data["shown"], data["role"], *bounds, demo=data.get("demo", False))
        case "console.role_set":
            user = replace(user, role=data["role"], department=data.get("department"), division=data.get("division"))
        case "console.locked":
            user = replace(user, locked=data["until"])
        case "console.unlocked" | "console.password_set":
            user = replace(user, locked=None)
        case "console.closed":
            user = replace(user, closed=True)
    return users | {name: user}


def _bounds(user: User) -> dict[str, str]:
    bounds = {"role": user.role, "department": user.department, "division": user.division}
    return {name: value for name, value in bounds.items() if value is not None}


def _unknown(name: str, known: Any) -> Fault:
    codes = "、".join(known)
    return Fault("unknown_code", f"/{name}", f"没有这一项；可选：{codes}。", f"One of {', '.join(known)}.")
