"""The desk: what stands in no history yet, what is quarantined, and what somebody has to look at."""

from typing import Any

from flask import Blueprint, render_template

from services.family_case.desk import REASONS
from services.family_case.duplicate_reading import Duplicates
from services.family_case.duplicates import WORDS
from services.family_case.reading import OWN_FLAGS, Queries
from services.family_case.web.access import reader
from services.family_case.web.family import wants_json
from shared.door.web import only_parameters


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

    @pages.get("/unmatched")
    def unmatched() -> Any:
        only_parameters()
        found = {
            "unmatched": queries.desk.unmatched(),
            "quarantined": queries.desk.messages(),
            "flagged": queries.desk.flagged(),
        }
        queries.access.record(reader(), "desk", "list", [one["family"] for one in found["flagged"] if one["family"]])
        if wants_json():
            return found
        return render_template("unmatched.html", desk=found, names=queries.names, flags=OWN_FLAGS)

    @pages.get("/duplicates")
    def duplicates() -> Any:
        only_parameters()
        found = Duplicates(queries).proposed()
        families = {person["family"] for pair in found for person in pair["persons"] if person["family"]}
        queries.access.record(reader(), "desk", "duplicates", sorted(families), ["personal"])
        return {"duplicates": found} if wants_json() else render_template("duplicates.html", pairs=found, words=WORDS)

    return pages


def held(queries: Queries) -> list[dict[str, Any]]:
    """Return the rows of the desk on the first page: department, reason, number, and the family to look at."""

    def row(log: str, reason: str, count: int, family: str | None = None) -> dict[str, Any]:
        department = queries.names.get(log, "来源不明")
        return {"department": department, "reason": reason, "count": count, "family": family}

    waiting = [row(one["log"], _words(one["reason"]), one["events"]) for one in queries.waiting()]
    flagged = [
        row(one["log"], f"归属：{OWN_FLAGS[one['reason']]['zh'].rstrip('。')}", 1, one["family"])
        for one in queries.desk.flagged()
    ]
    quarantined = [row(one["log"], _words(one["reason"]), one["messages"]) for one in queries.quarantined()]
    return waiting + flagged + quarantined


def _words(reason: str) -> str:
    return REASONS.get(reason, (reason, reason))[0]
