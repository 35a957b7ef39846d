"""To what a person, or who speaks for them, has consented, by the federation's own records."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.disability_federation.registry.events import ConsentRecorded, ConsentWithdrawn
from shared.language.rules import OnRecord, Past


def consents(past: Past, day: date, scope: str, of: str | None = None) -> list[OnRecord[ConsentRecorded]]:
    """Return the consents of a person, or the subject, to a scope (a code of CONSENT) that are in force on a day."""
    found: list[OnRecord[ConsentRecorded]] = []
    known: Sequence[OnRecord[Any]] = past.events(ConsentRecorded, ConsentWithdrawn, same="person", of=of)
    for one in sorted((one for one in known if one.happened <= day), key=lambda one: one.happened):
        if scope in one.event.scopes:
            found = [*found, one] if isinstance(one.event, ConsentRecorded) else []
    return [one for one in found if one.event.valid_to is None or one.event.valid_to >= day]
