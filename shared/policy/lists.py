"""The policy as data: its clauses, and the code lists that events draw from."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: the document it stands in, its place there (二（一）2; a law has none), and a short paraphrase."""

    document: str
    place: str
    says: str

    def __str__(self) -> str:
        """Return place and paraphrase, as an official cites it."""
        return f"{self.place} {self.says}".lstrip()


@cache
def code_lists() -> dict[str, dict[str, Any]]:
    """Return the code lists by name: each has `zh`, `en` and `codes`, a mapping of code to `zh`, `en`, `test`.

    A code that stands for a payment has its `clause`.
    """
    text = files("shared.policy").joinpath("code_lists.json").read_text(encoding="utf-8")
    lists: dict[str, dict[str, Any]] = json.loads(text)
    return lists


@cache
def clauses() -> dict[str, Clause]:
    """Return the policy's clauses by id, in the order of the policy."""
    text = files("shared.policy").joinpath("clauses.json").read_text(encoding="utf-8")
    return {name: Clause(**parts) for name, parts in json.loads(text).items()}


@cache
def flags() -> dict[str, dict[str, str]]:
    """Return what can be remarked on an event without refusing it: code to one sentence each in `zh` and `en`."""
    text = files("shared.policy").joinpath("flags.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
