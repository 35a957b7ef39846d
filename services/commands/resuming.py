"""How far `yihu emit` came with a file, so that a second run goes on where a first one broke off.

A shortcut and no more: what is sent again changes nothing. The note says how many bytes were answered and their digest;
if the file does not begin with them, or the note is gone, all is sent again. At the end the note is taken away.
"""

import hashlib
import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READ_BYTES = 1024 * 1024


@dataclass(slots=True)
class Came:
    """How far a file came: bytes and lines that were answered, and how many events of them came, and were refused."""

    offset: int = 0
    lines: int = 0
    sent: int = 0
    refused: int = 0


class Resuming:
    """The note of one file that is sent to some doors, in the data directory."""

    def __init__(self, directory: Path, file: Path, doors: Iterable[str]) -> None:
        names = json.dumps([str(file.resolve()), sorted(doors)])
        self._note = directory / f"{hashlib.sha256(names.encode()).hexdigest()[:32]}.json"
        self._file = file
        self._digest = hashlib.sha256()
        self._ends: deque[tuple[int, int, str]] = deque()
        self.came = Came()

    def begin(self) -> Came:
        """Return how far a run before came; the beginning if there was none, or the file is another now."""
        try:
            noted = json.loads(self._note.read_bytes())
            came, digest = Came(**noted["came"]), hashlib.sha256()
            with self._file.open("rb") as file:
                left = came.offset
                while left and (part := file.read(min(READ_BYTES, left))):
                    digest.update(part)
                    left -= len(part)
            if not left and digest.hexdigest() == noted["digest"]:
                self.came, self._digest = came, digest
        except (OSError, ValueError, TypeError, KeyError):
            pass
        return self.came

    def follow(self, packs: Iterable[list[bytes]]) -> Iterator[list[bytes]]:
        """Yield each pack, and remember where it ends."""
        offset, lines = self.came.offset, self.came.lines
        for pack in packs:
            for line in pack:
                self._digest.update(line)
                self._digest.update(b"\n")
            offset += sum(map(len, pack)) + len(pack)
            lines += len(pack)
            self._ends.append((lines, offset, self._digest.hexdigest()))
            yield pack

    def reached(self, number: int) -> None:
        """Note the packs before the one with this line: all of them were answered, counted and printed."""
        if not self._ends or number <= self._ends[0][0]:
            return
        sys.stdout.flush()
        while self._ends and number > self._ends[0][0]:
            self.came.lines, self.came.offset, digest = self._ends.popleft()
        self._keep({"came": {name: getattr(self.came, name) for name in Came.__slots__}, "digest": digest})

    def end(self) -> None:
        """Take the note away: the file came to its end."""
        with suppress(OSError):
            self._note.unlink(missing_ok=True)

    def _keep(self, noted: dict[str, Any]) -> None:
        with suppress(OSError):  # where nothing can be written, a second run begins anew
            self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = self._note.with_suffix(".part")
            part.write_text(json.dumps(noted))
            part.replace(self._note)
