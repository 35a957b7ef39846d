"""What is in force on a day: the designation of an institution, a community station with its services."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.disability_federation.rehabilitation.providers.events import (
    CommunityStationClosed,
    CommunityStationOpened,
    InstitutionDesignated,
    InstitutionDesignationEnded,
)
from shared.language.rules import OnRecord, Past, key_of


def designated(past: Past, institution: Any, day: date, *, kind: str | None = None) -> bool:
    """Whether an institution is designated on a day, as one of this kind; `institution` is one, or its code.

    An end takes away every designation that began before its day.
    """
    known = past.events(InstitutionDesignated, InstitutionDesignationEnded, same="organisation", of=key_of(institution))
    ends = [one.event.ended_on for one in known if isinstance(one.event, InstitutionDesignationEnded)]
    terms = [one.event for one in known if isinstance(one.event, InstitutionDesignated)]
    return any(
        one.valid_from <= day <= one.valid_to and not any(one.valid_from < end <= day for end in ends)
        for one in terms
        if kind is None or one.kind == kind
    )


def station(past: Past, code: str | None, day: date) -> CommunityStationOpened | None:
    """Return the opening of a station that is open on a day, None where it is not."""
    steps = past.events(CommunityStationOpened, CommunityStationClosed, same="organisation", of=code)
    last = last_by(day, steps, {CommunityStationOpened: "opened_on", CommunityStationClosed: "closed_on"})
    return last if isinstance(last, CommunityStationOpened) else None


def last_by(day: date, steps: Sequence[OnRecord[Any]], days: dict[type[Any], str]) -> Any:
    """Return the last step that was taken by a day, whenever it was recorded; `days` are the fields with their days."""
    taken = [one.event for one in steps if getattr(one.event, days[type(one.event)]) <= day]
    return max(reversed(taken), key=lambda one: getattr(one, days[type(one)]), default=None)  # of one day, the newest
