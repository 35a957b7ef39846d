"""A department's log read over its door, where this process has no address of its database: pages and a checkpoint.

The department signs each page; that only says who answered. What the pages say is held against what it signed and gave
away before: checkpoints, receipts, and the leaves that the family case keeps.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.door.client import Client, DepartmentUnavailable
from shared.errors import Broken, YihuError
from shared.keys.signing import Verifier
from shared.log.record import RecordedEvent
from shared.log.rows import row_of
from shared.log.verify import Book, Kept


class LogUnreachable(YihuError):
    """The log of a department that is elsewhere cannot be read over its door."""

    def __init__(self, department: str) -> None:
        super().__init__(
            "log_unreachable",
            f"无法经部门接口读取日志 {department}：接口没有回答，或所给内容不可读、签名不成立。",
            f"The log {department} cannot be read over its door: it does not answer, or not with what it signed.",
        )


class LogElsewhere:
    """The log of a department that is elsewhere. `verifier` has its public key."""

    def __init__(self, department: str, client: Client, verifier: Verifier) -> None:
        self.department = department
        self.client = client
        self.verifier = verifier

    def book(self) -> Book:
        """Return its rows as their bytes make them, and the one checkpoint that a door gives. Rows come after it.

        Raises LogUnreachable, also while the rows are read.
        """
        with self._reached():
            note = self.client.checkpoint(self.department)
            size = self.verifier.checkpoint(note).size
        return Book((row_of(event) for event in self.events()), [Kept(size, note)], whole=False)

    def events(self) -> Iterator[RecordedEvent]:
        """Yield its records in order. Raises LogUnreachable."""
        last = 0
        while page := self._page(last):
            yield from page
            if page[-1].position <= last:  # a door that repeats itself must not keep us for ever
                return
            last = page[-1].position

    def _page(self, after: int) -> list[RecordedEvent]:
        with self._reached():
            return self.client.log(self.department, after, self.verifier)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (DepartmentUnavailable, Broken):
            raise LogUnreachable(self.department) from None
