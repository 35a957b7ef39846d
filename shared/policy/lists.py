"""The policy as data: its clauses, and the code lists that events draw from."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def code_lists() -> dict[str, dict[str, Any]]:
    """Return the code lists by name: each has `zh`, `en` and `codes`, a mapping of code to `zh`, `en`, `test`."""
    text = files("shared.policy").joinpath("code_lists.json").read_text(encoding="utf-8")
    lists: dict[str, dict[str, Any]] = json.loads(text)
    return lists


@cache
def clauses() -> dict[str, str]:
    """Return the policy clauses: id to a short paraphrase in Chinese."""
    text = files("shared.policy").joinpath("clauses.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


@cache
def flags() -> dict[str, dict[str, str]]:
    """Return what can be remarked on an event without refusing it: code to one sentence each in `zh` and `en`."""
    text = files("shared.policy").joinpath("flags.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found
