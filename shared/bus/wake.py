"""The wake-up between a door and the relay of its log: a datagram that says "look", and nothing else.

Whoever has recorded something rings; the relay, which would look again by itself a little later, looks at once. A
datagram that is lost, forged, doubled or sent without end changes nothing but when a relay looks.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

PENDING = 64
"""How many datagrams are taken away at a time: more than the kernel lets wait, and no sender can keep us here."""


def _path(directory: Path, name: str) -> Path:
    return directory / f"{name}.wake"


class Waker:
    """Rings for whoever waits under a name in a directory."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = str(_path(directory, name))

    def wake(self) -> None:
        """Ring. It waits for nobody and never fails: where nobody listens, the relay looks a little later."""
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(b"!", self._path)


class Bell:
    """Waits to be rung for under a name. Raises OSError where no socket can be made, in too long a path for one.

    A socket that a killed process left is replaced; of two that wait under one name, the later one is rung for.
    """

    def __init__(self, directory: Path, name: str) -> None:
        path = _path(directory, name)
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._socket.bind(str(made))
            made.chmod(0o600)
            made.rename(path)  # from here on it is found, and nobody else may write to it
        except OSError:
            self.close()
            made.unlink(missing_ok=True)
            raise

    def wait(self, seconds: float) -> bool:
        """Wait until somebody rings, or so many seconds; return whether somebody did. All that rang are answered."""
        self._socket.settimeout(seconds)
        with suppress(TimeoutError, BlockingIOError):
            self._socket.recv(1)
            self._socket.settimeout(0)
            with suppress(BlockingIOError):
                for _ in range(PENDING):
                    self._socket.recv(1)
            return True
        return False

    def close(self) -> None:
        """Listen no more. The file stays: it may be another's by now."""
        self._socket.close()
