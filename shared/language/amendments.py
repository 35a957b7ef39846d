"""The two event types that every department has: correcting and withdrawing an event of its own.

They are declared once here and belong to each department under its own name (`<department>.event_corrected`), because
only the department that reported an event can take it back.
"""

from shared.language.catalogue import Corrects, Withdraws, event
from shared.language.fields import internal, sensitive
from shared.language.kinds import Document, EventId, Line, Officer, Payload


def declare_amendments(department: str) -> None:
    """Declare the correction and the withdrawal of one department."""

    @event(
        "更正", about="event", clause="EXT-GDS", says="更正先前记录，原因：{reason}",
        department=department, effect=Corrects("target_event", "corrected_payload", "reason"),
    )  # fmt: skip
    class EventCorrected:
        """Recorded when an earlier event said something wrong: restates its whole payload."""

        target_event: EventId = internal("被更正事件编号")
        corrected_payload: Payload = sensitive("更正后的完整内容")
        reason: Line = internal("更正原因", "录入有误")
        evidence_doc: Document | None = internal("佐证文书")

    @event(
        "撤销", about="event", clause="EXT-GDS", says="撤销先前记录，原因：{reason}",
        department=department, effect=Withdraws("target_event", "reason"),
    )  # fmt: skip
    class EventWithdrawn:
        """Recorded when an earlier event, or a correction of it, should never have been said."""

        target_event: EventId = internal("被撤销事件编号")
        reason: Line = internal("撤销原因", "重复登记")
        approver: Officer = internal("批准人")
