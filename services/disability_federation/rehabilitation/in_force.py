"""What is in force on a day of a child's training: the aid of its process, an interruption."""

from datetime import date

from services.disability_federation.rehabilitation.events import RehabAidDecided, RehabInterrupted, RehabResumed
from services.disability_federation.rehabilitation.providers.in_force import last_by
from shared.language.rules import Past


def approved_aid(past: Past) -> RehabAidDecided | None:
    """Return the newest approval of aid in the process."""
    decided = past.events(RehabAidDecided, same="process", before=True)
    return next((one.event for one in reversed(decided) if one.event.decision == "approved"), None)


def interruption(past: Past, day: date) -> RehabInterrupted | None:
    """Return the interruption of the process's training that lasts on a day."""
    steps = past.events(RehabInterrupted, RehabResumed, same="process")
    last = last_by(day, steps, {RehabInterrupted: "from_date", RehabResumed: "resumed_on"})
    return last if isinstance(last, RehabInterrupted) else None
