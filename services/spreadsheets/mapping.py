"""The mapping that an office keeps for its own sheet: its headers, each with the column that it is.

The program proposes one, a person keeps or changes it, and from then on it is used as it stands.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.spreadsheets.columns import Column
from services.spreadsheets.headers import word
from shared.errors import NoSuchFile, YihuError, nearest

SAME = "="
"""Before the name of a column: each row has here what it has there."""


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
    """A mapping: the event type, and which column each header of the office is; an empty one is left out.

    `values` are what every row has in a column that the sheet has not; with `=` before it, what another column has.
    """

    type: str
    columns: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)

    def given(self, known: Sequence[Column]) -> dict[str, str]:
        """Return the columns' names by the headers of the office. Raises NotAMapping for a column nobody knows."""
        names = _names(known, self.columns.values())
        return {theirs: names[word(ours)] for theirs, ours in self.columns.items()}

    def fixed(self, known: Sequence[Column]) -> dict[str, str]:
        """Return what every row has, by the columns' names. Raises NotAMapping for a column nobody knows."""
        same = [value.removeprefix(SAME) for value in self.values.values() if value.startswith(SAME)]
        names = _names(known, [*self.values, *same])
        return {
            names[word(ours)]: SAME + names[word(value[1:])] if value.startswith(SAME) else value
            for ours, value in self.values.items()
            if value.strip()
        }


def _names(known: Sequence[Column], used: Iterable[str]) -> dict[str, str]:
    names = {word(column.header): column.name for column in known} | {"": ""}
    for ours in used:
        if word(ours) not in names:
            raise NotAMapping(*nearest(ours, [column.header for column in known]))
    return names


def read_mapping(path: Path) -> Mapping:
    """Read a mapping. Raises NoSuchFile or NotAMapping."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        type_, columns, values = found["type"], found["columns"], found.get("values", {})
        pairs = [*columns.items(), *values.items()]
        if isinstance(type_, str) and all(isinstance(one, str) for pair in pairs for one in pair):
            return Mapping(type_, dict(columns), dict(values))
    except OSError:
        raise NoSuchFile from None
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise NotAMapping


def write_mapping(mapping: Mapping, known: Sequence[Column], path: Path) -> None:
    """Write a mapping for a person to look through: with it, every column that there is."""
    content = {
        "type": mapping.type,
        "columns": mapping.columns,
        "values": mapping.values,
        "choices": [f"{column.header}{'*' if column.needed else ''}" for column in known],
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
