"""The two event types that every department has: correcting and withdrawing an event of its own.

They are declared once here and belong to each department under its own name (`<department>.event_corrected`), because
only the department that said something can take it back.
"""

from typing import Any

from shared.language.catalogue import Corrects, Withdraws, event
from shared.language.fields import DOCUMENT, EVENT, LINE, OFFICER, PAYLOAD, I, S, fact


def declare_amendments(department: str) -> None:
    """Declare the correction and the withdrawal of one department."""

    @event(
        "更正",
        clauses="EXT-GDS",
        scope="event",
        sentence="更正先前记录,原因:{reason}",
        department=department,
        effect=Corrects("target_event", "corrected_payload", "reason"),
    )
    class EventCorrected:
        """Recorded when an earlier event said something wrong: restates its whole payload."""

        target_event: str = fact(EVENT, I, "被更正事件编号")
        corrected_payload: dict[str, Any] = fact(PAYLOAD, S, "更正后的完整内容")
        reason: str = fact(LINE, I, "更正原因")
        evidence_doc: str | None = fact(DOCUMENT, I, "佐证文书", required=False)

    @event(
        "撤销",
        clauses="EXT-GDS",
        scope="event",
        sentence="撤销先前记录,原因:{reason}",
        department=department,
        effect=Withdraws("target_event", "reason"),
    )
    class EventWithdrawn:
        """Recorded when an earlier event, or a correction of it, should never have been said."""

        target_event: str = fact(EVENT, I, "被撤销事件编号")
        reason: str = fact(LINE, I, "撤销原因")
        approver: str = fact(OFFICER, I, "批准人")
