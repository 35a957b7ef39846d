"""The refused desk of a door: counts what senders had refused, so that they see what to fix.

Kept are the system (by its key), the type if there is such a type, the code of each fault and where it is. A value, an
id or a name that somebody made up is never kept: what no declaration knows of a pointer becomes `?`, a place in a list
becomes `*`.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from shared.errors import Fault, Refused
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import NAMES
from shared.language.schemas import json_schema
from shared.log import refused as counted
from shared.log.refused import Reason
from shared.postgres.database import Database

UNKNOWN = "unknown"
"""Stands for the type of what names none, or one that there is not."""

_log = logging.getLogger(__name__)


class RefusedDesk:
    """What the systems of one department had refused."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def note(self, source: str, submissions: Sequence[Any], refusals: Sequence[Refused | None]) -> None:
        """Count the refusals of a batch that a system has sent, by one statement; None was not refused.

        What fails here is logged and no more: the desk is never in a department's way.
        """
        reasons = Counter(
            Reason(source, _type(submission), fault.code, _pointer(fault))
            for submission, refusal in zip(submissions, refusals, strict=True)
            if refusal is not None and refusal.status < HTTPStatus.INTERNAL_SERVER_ERROR
            for fault in refusal.faults
        )
        if not reasons:
            return
        try:
            counted.count(self.database, reasons)
        except Exception as error:  # noqa: BLE001 - the sender is answered all the same
            _log.error("what was refused could not be counted: %s", type(error).__name__)

    def lately(self, days: int) -> list[dict[str, Any]]:
        """Return what was refused in the last days, the most frequent first. Raises Unavailable."""
        return counted.refused(self.database, days)


def _type(submission: Any) -> str:
    named = submission.get("type") if isinstance(submission, dict) else None
    return named if isinstance(named, str) and CATALOGUE.get(named) is not None else UNKNOWN


def _pointer(fault: Fault) -> str:
    known = _names()
    parts = fault.pointer.split("/")[1:]
    return "".join(f"/{part if part in known else '*' if part.isdecimal() else '?'}" for part in parts)


@cache
def _names() -> frozenset[str]:
    """Return every name that a declaration gives to something in an event."""
    schemas = [json_schema(form) for known in CATALOGUE for form in known.forms]
    return frozenset(NAMES) | {"data"} | {name for schema in schemas for name in _properties(schema)}


def _properties(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _properties(one)
    elif isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for one in schema.values():
            yield from _properties(one)
