"""A department's log read over its door, where this process has no address of its database: pages and a checkpoint.

The department signs each page; that only says who answered. What the pages say is held against what it signed and gave
away before: checkpoints, receipts, and the leaves that the family case keeps.
"""

from collections.abc import Iterator

from shared.door.client import Client
from shared.keys.signing import Verifier
from shared.log.record import RecordedEvent
from shared.log.recorder import row_of
from shared.log.verify import Book, Kept


class LogElsewhere:
    """The log of a department that is elsewhere. `verifier` has its public key."""

    def __init__(self, department: str, client: Client, verifier: Verifier) -> None:
        self.department = department
        self.client = client
        self.verifier = verifier

    def book(self) -> Book:
        """Return its rows as their bytes make them, and the one checkpoint that a door gives. Rows come after it.

        Raises DepartmentUnavailable, also while the rows are read, and Broken for a checkpoint that is none.
        """
        note = self.client.checkpoint(self.department)
        size = self.verifier.checkpoint(note).size
        return Book((row_of(event) for event in self.events()), [Kept(size, note)], whole=False)

    def events(self) -> Iterator[RecordedEvent]:
        """Yield its records in order. Raises DepartmentUnavailable."""
        last = 0
        while page := self.client.log(self.department, last, self.verifier):
            yield from page
            if page[-1].position <= last:  # a door that repeats itself must not keep us for ever
                return
            last = page[-1].position
