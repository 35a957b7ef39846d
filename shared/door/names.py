"""Whether a name belongs to its number, asked of the department that has sealed names: it says only which do not.

Who agrees and who is unknown get the same answer, so that nobody learns from it who is on record with which name by
asking once; and only a few names a day are compared for one person, so that nobody finds one out by trying.
"""

import logging
import unicodedata
from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Any

from shared.door.department import Department
from shared.door.known import Known
from shared.door.memory import Memory
from shared.door.sameness import Sameness
from shared.errors import Fault, Refused
from shared.language import envelope
from shared.language.catalogue import CATALOGUE
from shared.language.kinds import NAME, PERSON, Setting, Unreadable

MOST = 1_000
"""How many names are asked for at once."""
TRIES = 3
"""How many different names are compared for one person in a day, for one system."""
A_DAY = 200_000
"""How many persons a system may ask for in a day."""

_log = logging.getLogger(__name__)


class Names:
    """The names that a department has sealed. `today` is the day by which requests are counted."""

    def __init__(self, department: Department, today: Callable[[], date] | None = None) -> None:
        self.department = department
        self.today = today or (lambda: envelope.china_day(department.clock()))
        own = [one for one in CATALOGUE if one.department == department.reader.department and one.scope == "person"]
        self.fields = {
            one.type: names for one in own if (names := [name for name, fact in one.facts.items() if fact.kind is NAME])
        }
        self._day: date | None = None
        self._asked: dict[tuple[str, str], set[int]] = {}
        self._lock = Lock()

    def differ(self, source: str, asked: Any) -> list[int]:
        """Return the places of the names that are others than those on record. Raises Refused or Unavailable.

        `asked` is a list of `{"person": …, "name": …}`. A person or a name that cannot be read is not compared.
        """
        if not isinstance(asked, list) or not 1 <= len(asked) <= MOST:
            zh, en = f"须为 1 到 {MOST} 个人的数组。", f"This must be an array of 1 to {MOST} persons."
            raise Refused([Fault("batch_size", "", zh, en)])
        setting = Setting(self.today(), self.department.reader.allow_test_regions)
        pairs = {at: pair for at, one in enumerate(asked) if (pair := self._pair(one, setting)) is not None}
        allowed = self._allowed(source, pairs)
        known = self._known({token for token, _ in allowed.values()})
        found = [at for at, (token, name) in allowed.items() if known.get(token) and name not in known[token]]
        _log.info("%s had %d names compared; %d are others", source, len(allowed), len(found))
        return found

    def _pair(self, one: Any, setting: Setting) -> tuple[str, str] | None:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            return None
        try:
            person = PERSON.parse(one.get("person"), setting)
        except Unreadable:
            return None
        name = plain(one["name"])
        return (self.department.reader.link.token(person), name) if name else None

    def _allowed(self, source: str, pairs: dict[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
        """Return what is within the bounds of a day."""
        found = {}
        with self._lock:
            if self._day != self.today():
                self._day, self._asked = self.today(), {}
            for at, (token, name) in pairs.items():
                if (source, token) not in self._asked and len(self._asked) >= A_DAY:
                    continue
                names = self._asked.setdefault((source, token), set())
                if hash(name) in names or len(names) < TRIES:
                    names.add(hash(name))
                    found[at] = token, name
        return found

    def _known(self, tokens: set[str]) -> dict[str, set[str]]:
        """Return every name on record of these persons: one that was changed still stands on older sheets."""
        own = self.department
        if not self.fields or not tokens:
            return {}
        memory = Memory(own.recorder, [], [], Known(own.recorder))
        sameness = Sameness(own.reader, own.ring)
        found: dict[str, set[str]] = {}
        for one in memory.past("subject", tokens, list(self.fields)):
            said = sameness.content_of(one, memory)
            names = {plain(said[name]) for name in self.fields[one.event.type] if isinstance(said.get(name), str)}
            found.setdefault(str(one.event.subject), set()).update(names - {""})
        return found


def plain(name: str) -> str:
    """Return a name as it is compared: full width or not, without blanks and the dots between its parts."""
    return "".join(one for one in unicodedata.normalize("NFKC", name) if one.isalnum())
