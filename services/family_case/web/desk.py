"""The desk: what stands in no history yet, and which merges somebody has to look at."""

from typing import Any

from flask import Blueprint

from services.family_case.reading import OWN_FLAGS, Queries

HELD = {
    "unknown_person": "所涉人员尚未归入任何家庭；建档后自动归入",
    "unknown_type": "本版程序不认识这类事件；升级后自动归入",
    "filing_failed": "归档时出错；程序重启时再试",
    "unknown_log": "隔离：来源不明的消息",
    "not_signed_by_the_log": "隔离：签名不成立的消息",
    "not_readable": "隔离：无法读取的消息",
    "differs_from_what_was_received": "隔离：与先前接收的内容不同",
}
"""Why something is not in a history, in words."""


def desk_pages(queries: Queries) -> Blueprint:
    """Return what programs may ask about the desk."""
    pages = Blueprint("desk", __name__)

    @pages.get("/waiting")
    def get_waiting() -> Any:
        return {
            "waiting": queries.waiting(),
            "quarantined": queries.quarantined(),
            "flagged": queries.desk.flagged(),
        }

    return pages


def held(queries: Queries) -> list[dict[str, Any]]:
    """Return the rows of the desk on the first page: department, reason, number, and the family to look at."""

    def row(log: str, reason: str, count: int, family: str | None = None) -> dict[str, Any]:
        department = queries.names.get(log, "来源不明")
        return {"department": department, "reason": reason, "count": count, "family": family}

    waiting = [row(one["log"], HELD.get(one["reason"], one["reason"]), one["events"]) for one in queries.waiting()]
    flagged = [
        row(one["log"], f"合并：{OWN_FLAGS[one['reason']]['zh'].rstrip('。')}", 1, one["family"])
        for one in queries.desk.flagged()
    ]
    quarantined = [
        row(one["log"], HELD.get(one["reason"], one["reason"]), one["messages"]) for one in queries.quarantined()
    ]
    return waiting + flagged + quarantined
