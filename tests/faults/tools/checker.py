"""Counts what a run did to the events, in the words of Jepsen's queue checkers. What must not happen is counted too.

    checker = Checker()
    checker.attempted(event)            # before an event is sent, once or more
    checker.acknowledged(event, receipt)  # its receipt came; or `refused(event)`: it was told that it is not recorded
    outcome = checker.check(settings)  # when everything is quiet: all logs, the case log, every shown history
    proof.note(**outcome.as_dict())
    assert outcome.holds, outcome.findings

It reads the database by SQL of its own and hashes by itself; only the shown histories come from the program. Each
source must send one event after the other, or say `Checker(one_by_one=False)`: then nothing orders the receipts.
"""

import threading
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from services.processes import assembly
from shared.settings import Settings
from tests.faults.tools.stored import Name, Place, Stored


@dataclass
class Outcome:
    """The counts of one run. `waiting`, `indeterminate` and `recovered` are no faults."""

    attempted: int = 0
    acknowledged: int = 0
    lost: int = 0
    """With a receipt, but not at its place in the log; or in the log, but neither in a history nor waiting for one."""
    duplicated: int = 0
    """Twice in a log, twice in the case log, or in two histories."""
    reordered: int = 0
    """Against the order of the receipts in a log, against the log's order in the case log or a shown history."""
    unexpected: int = 0
    """In a log, but never attempted, or refused; or receipted again by another receipt."""
    indeterminate: int = 0
    """Attempted, with neither receipt nor refusal."""
    recovered: int = 0
    """Those of them that are recorded all the same."""
    waiting: int = 0
    findings: list[str] = field(default_factory=list)
    _counted: set[tuple[Any, ...]] = field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, duplicated, reordered or unexpected."""
        return not (self.lost or self.duplicated or self.reordered or self.unexpected)

    def as_dict(self) -> dict[str, int]:
        """Return the counts alone, for `proof.note`."""
        return {name: value for name, value in asdict(self).items() if isinstance(value, int)}

    def found(self, what: str, places: Any, why: str) -> None:
        """Count places of one kind of fault, each once; a finding names the place and says what is wrong."""
        for place in sorted(set(places)):
            setattr(self, what, getattr(self, what) + ((what, place) not in self._counted))
            self._counted.add((what, place))
            self.findings.append(f"{what}: {'/'.join(map(str, place))} {why}")


class Checker:
    """Remembers what was sent and receipted in one run; may be told by several threads."""

    def __init__(self, *, one_by_one: bool = True) -> None:
        self.one_by_one = one_by_one
        self.receipts: dict[Name, dict[str, Any]] = {}
        self._attempted: dict[Name, str] = {}
        self._refused: set[Name] = set()
        self._differing: list[Place] = []
        self._order: dict[str, list[Name]] = defaultdict(list)
        self._lock = threading.Lock()

    def attempted(self, submission: dict[str, Any]) -> None:
        """Remember that an event is about to be sent."""
        with self._lock:
            self._attempted[_name(submission)] = submission["type"].partition(".")[0]

    def acknowledged(self, submission: dict[str, Any], receipt: dict[str, Any]) -> None:
        """Remember a receipt. The first one counts; every other one must be the same."""
        with self._lock:
            name = _name(submission)
            if name not in self.receipts:
                self.receipts[name] = receipt
                self._order[name[0]].append(name)
            elif self.receipts[name] != receipt:
                self._differing.append((self._attempted[name], receipt.get("position", 0)))

    def refused(self, submission: dict[str, Any]) -> None:
        """Remember that a sender was told: this is not recorded."""
        with self._lock:
            self._refused.add(_name(submission))

    def check(self, settings: Settings) -> Outcome:
        """Read everything that is stored and count."""
        stored = Stored(settings)
        outcome = Outcome(len(self._attempted), len(self.receipts), waiting=len(stored.waiting))
        at: dict[Name, list[Place]] = defaultdict(list)
        for place, (name, _) in stored.logged.items():
            at[name].append(place)
        self._check_receipts(settings, stored, outcome)
        _check_filing(stored, outcome)
        outcome.found("duplicated", (places[1] for places in at.values() if places[1:]), "is in its log already")
        allowed = self._attempted.keys() - (self._refused - self.receipts.keys())
        outcome.found("unexpected", (at[name][0] for name in at.keys() - allowed), "nobody sent it")
        outcome.found("unexpected", self._differing, "has a second receipt that is not the first one")
        unanswered = self._attempted.keys() - self.receipts.keys() - self._refused
        outcome.indeterminate, outcome.recovered = len(unanswered), len(unanswered & at.keys())
        return outcome

    def _check_receipts(self, settings: Settings, stored: Stored, outcome: Outcome) -> None:
        """Hold every receipt against the log, and the receipts of a source against the order in which they came."""
        verifiers = assembly.verifiers(settings)
        for name, receipt in self.receipts.items():
            log = self._attempted[name]
            promised = (name, receipt.get("leaf"))
            if not verifiers[log].receipt(receipt) or receipt.get("id") != name[1] or receipt.get("source") != name[0]:
                outcome.found("lost", [(log, name[1])], "has a receipt that does not hold")
            elif stored.logged.get((log, receipt.get("position", 0))) != promised:
                outcome.found("lost", [(log, receipt.get("position", 0))], "is not what its receipt says")
        for names in self._order.values() if self.one_by_one else ():
            places = [(self._attempted[name], self.receipts[name].get("position", 0)) for name in names]
            outcome.found("reordered", _backwards(places), "stands before what was receipted before it")


def _check_filing(stored: Stored, outcome: Outcome) -> None:
    """Everything that is in a log: once in the case log and in one history, or waiting; in the log's order."""
    filed = Counter(place for places in stored.filed.values() for place in places)
    organisations = stored.organisations
    shown = Counter(place for places in stored.shown.values() for place in places if place not in organisations)
    outcome.found("lost", stored.logged.keys() - stored.aside - filed.keys(), "is not filed and does not wait")
    homeless = (filed.keys() & stored.logged.keys()) - stored.waiting - organisations
    outcome.found("lost", homeless - shown.keys(), "is filed and in no history")
    outcome.found("duplicated", (place for place, times in filed.items() if times > 1), "is filed more than once")
    outcome.found("duplicated", (place for place, times in shown.items() if times > 1), "is shown more than once")
    for places in stored.shown.values():
        outcome.found("reordered", _backwards(places), "is shown after what its log has later")
    for stream, places in stored.filed.items():
        outcome.found("reordered", _backwards(places), f"is filed in {stream} after what its log has later")


def _backwards(places: list[Place]) -> list[Place]:
    """Return the places that come after one of the same log with a higher position."""
    highest: dict[str, int] = {}
    found = []
    for log, position in places:
        if position < highest.get(log, 0):
            found.append((log, position))
        highest[log] = max(highest.get(log, 0), position)
    return found


def _name(submission: dict[str, Any]) -> Name:
    return submission["source"], submission["id"]
