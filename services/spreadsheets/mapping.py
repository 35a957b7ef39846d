"""The mapping that an office keeps for its own sheet: its headers, each with the column that it is.

The program proposes one, a person keeps or changes it, and from then on it is used as it stands.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from services.spreadsheets.columns import Column
from services.spreadsheets.headers import Table, word
from shared.errors import NoSuchFile, YihuError, nearest

ALIKE = 0.5
"""How much a header must look like a known one to be proposed for it."""


class NotAMapping(YihuError):
    """A file is no mapping, or names a column that there is not."""

    def __init__(self, zh: str = "", en: str = "") -> None:
        super().__init__(
            "not_a_mapping",
            f"这不是列对照文件，或其中的列名不对。{zh}",
            f"This is no mapping of columns, or it names a column that there is not.{en}",
        )


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping: the event type, and which column each header of the office is; an empty one is left out."""

    type: str
    columns: dict[str, str]

    def given(self, known: Sequence[Column]) -> dict[str, str]:
        """Return the columns' names by the headers of the office. Raises NotAMapping for a column nobody knows."""
        names = {word(column.header): column.name for column in known} | {"": ""}
        for ours in self.columns.values():
            if word(ours) not in names:
                raise NotAMapping(*nearest(ours, [column.header for column in known]))
        return {theirs: names[word(ours)] for theirs, ours in self.columns.items()}


def read_mapping(path: Path) -> Mapping:
    """Read a mapping. Raises NoSuchFile or NotAMapping."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        type_, columns = found["type"], found["columns"]
        if isinstance(type_, str) and all(isinstance(one, str) for pair in columns.items() for one in pair):
            return Mapping(type_, dict(columns))
    except OSError:
        raise NoSuchFile from None
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise NotAMapping


def proposed(type_: str, table: Table, known: Sequence[Column]) -> Mapping:
    """Return a mapping of what was recognised, and for another header the column that is most like it."""
    by_name = {column.name: column.header for column in known}
    at = {index: name for name, index in table.columns.items()}
    open_ = {
        word(text): column.header
        for column in known
        if column.name not in table.columns
        for text in (column.header, *column.aliases)
    }
    found: dict[str, str] = {}
    for index, header in table.headers.items():
        if index == table.result:
            continue
        near = get_close_matches(word(header), open_, 1, ALIKE)
        found[header] = by_name[at[index]] if index in at else open_[near[0]] if near else ""
    return Mapping(type_, found)


def write_mapping(mapping: Mapping, known: Sequence[Column], path: Path) -> None:
    """Write a mapping for a person to look through: with it, every column that there is."""
    content = {
        "type": mapping.type,
        "columns": mapping.columns,
        "choices": [f"{column.header}{'*' if column.needed else ''}" for column in known],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
