"""What an earlier file said, kept beside the data directory so that the next one can be compared with it.

No number and no name is kept: persons are digests under a key of the installation, and what disappeared is told by its
row in the office's own last file. One file for each roster, division and office, readable by its owner alone.
"""

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.spreadsheets.rosters.declaring import LASTING, Known, OnRecord, Place, Roster
from shared.errors import YihuError

FORMAT = 1
_UNSAFE = re.compile(r"[^0-9A-Za-z_.-]+")


class MemoryUnreadable(YihuError):
    """What is kept of the last file cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "memory_unreadable",
            f"上一份名册的对照文件 {path} 无法读取；删去它即从头对照。",
            f"What is kept of the last file, {path}, cannot be read; without it the next file is the first.",
        )


class Remembered(OnRecord):
    """What is on record from earlier files, as it is kept: under keyed digests."""

    def __init__(
        self,
        secret: bytes,
        rows: Mapping[str, Known] | None = None,
        counts: Mapping[str, int] | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(rows, counts, answers)
        self.secret = secret

    def mask(self, value: str) -> str:
        """Return the keyed digest of a key or a person."""
        digest = hmac.new(self.secret, value.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:15]).decode()


def path_of(directory: Path, roster: Roster, division: str, office: str) -> Path:
    """Return where the memory of a roster, division and office is."""
    name = "-".join(filter(None, (roster.code, division, _UNSAFE.sub("_", office))))
    return directory / f"{name}.json"


def recall(path: Path, secret: bytes) -> Remembered:
    """Return what is kept; nothing where there was no file yet. Raises MemoryUnreadable."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        rows = {key: Known(Place(*one["place"]), one["facts"]) for key, one in found["rows"].items()}
        return Remembered(secret, rows, found["counts"], found["answers"])
    except FileNotFoundError:
        return Remembered(secret)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise MemoryUnreadable(path) from None


def keep(
    path: Path, rows: Mapping[str, Known], counts: Mapping[str, int], answers: Mapping[str, Any] | None = None
) -> None:
    """Keep what `OnRecord.after` returned, and the answers that last: all of it, or what was kept before."""
    whole: dict[str, Any] = {
        "format": FORMAT,
        "counts": dict(counts),
        "answers": {name: answer for name, answer in (answers or {}).items() if name in LASTING},
        "rows": {
            key: {"place": [known.place.sheet, known.place.row], "facts": known.facts} for key, known in rows.items()
        },
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(whole, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
