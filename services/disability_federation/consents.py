"""To what a person, or who speaks for them, has consented, by the federation's own records."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from services.disability_federation.registry.events import ConsentRecorded, ConsentWithdrawn
from shared.language.rules import OnRecord, Past
from shared.policy.lists import code_lists


def consents(past: Past, day: date, scope: str, of: str | None = None) -> list[OnRecord[ConsentRecorded]]:
    """Return the consents of a person, or the subject, to a scope (a code of CONSENT) that are in force on a day."""
    found: list[OnRecord[ConsentRecorded]] = []
    known: Sequence[OnRecord[Any]] = past.events(ConsentRecorded, ConsentWithdrawn, same="person", of=of)
    for one in sorted((one for one in known if one.happened <= day), key=lambda one: one.happened):
        if scope in scopes_of(one.event):
            found = [*found, one] if isinstance(one.event, ConsentRecorded) else []
    return [one for one in found if one.event.valid_to is None or one.event.valid_to >= day]


def scopes_of(event: ConsentRecorded | ConsentWithdrawn) -> frozenset[str]:
    """Return the scopes of a consent or its withdrawal: the codes, or without them, what the words on the form say."""
    return frozenset(_read(event.scope) if event.scopes is None else event.scopes)


def _read(words: str) -> Iterator[str]:
    for code, entry in code_lists()["CONSENT"]["codes"].items():
        if any(word in words for word in entry["words"]):
            yield code
