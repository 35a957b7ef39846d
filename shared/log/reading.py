"""A log to read, wherever it lies: by its own database here; over its door in `shared.door.elsewhere`."""

from collections.abc import Iterator
from typing import Protocol

from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder
from shared.log.verify import Book, read_book


class Log(Protocol):
    """What an auditor needs of a log, to verify it and to replay from it."""

    def book(self) -> Book:
        """Return its rows and its checkpoints, as whoever keeps it shows them."""

    def events(self) -> Iterator[RecordedEvent]:
        """Yield its records in order, up to the last there is when the reading begins."""


class LogHere(LogRecorder):
    """A log whose database this process reaches."""

    def book(self) -> Book:
        """Return its tables."""
        return read_book(self)
