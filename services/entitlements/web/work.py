"""Work lists: the page of a department or county, and the same for programs."""

import re
from typing import Any

from flask import Blueprint, render_template, request

from services.entitlements.past_work import PastWork
from services.entitlements.rules import load
from services.entitlements.work import PAGE, Wanted, WorkLists, bounded
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters
from shared.errors import Fault, Refused
from shared.policy.lists import clauses, code_lists

_NAMES = ("department", "division", "clause", "rule", "type", "held", "late", "after", "limit", "known", "effective")


def work_pages(lists: WorkLists, past: PastWork) -> Blueprint:
    """Return the page of the work lists and the API beside it."""
    pages = Blueprint("work", __name__, template_folder="templates")

    @pages.get("/work")
    def page() -> Any:
        only_parameters(*_NAMES)
        wanted = _wanted()
        of_a_day = bool(wanted.known or wanted.effective)
        found = (past if of_a_day else lists).open(wanted, reader(), "work")
        found |= {"behind": 0 if of_a_day else lists.behind()}
        if request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json") != "text/html":
            return found
        codes, bounds = code_lists(), bounded(Wanted(), reader())
        return render_template(
            "work.html",
            work=found,
            wanted=wanted,
            counts=past.counts(wanted, bounds=bounds) if of_a_day else lists.counts(bounds),
            of_a_day=of_a_day,
            kinds={code: one["zh"] for code, one in codes["GAPTYPE"]["codes"].items()},
            departments={code: one["zh"] for code, one in codes["DEPT"]["codes"].items()},
            clauses=clauses(),
            rules={one.id: one.label for one in load().values()},
        )

    return pages


def _wanted() -> Wanted:
    """Return what the address asks for. Raises Refused for what cannot be read."""
    asked = {name: request.args.get(name, "").strip() for name in _NAMES}
    if not re.fullmatch(r"\d{0,6}", asked["limit"], re.ASCII):
        raise Refused([Fault("not_a_number", "/limit", "应为整数。", "This must be a whole number.")], 400)
    for flag in ("held", "late"):
        if asked[flag] not in {"", "0", "1"}:
            raise Refused([Fault("not_a_flag", f"/{flag}", "应为 1 或 0。", "This must be 1 or 0.")], 400)
    return Wanted(
        asked["department"],
        asked["division"],
        asked["clause"],
        asked["rule"],
        asked["type"],
        held=asked["held"] == "1",
        after=asked["after"],
        limit=int(asked["limit"] or PAGE),
        known=asked_day("known"),
        effective=asked_day("effective"),
        late=asked["late"],
    )
