"""What a family is owed: its page, and the same for programs."""

from typing import Any

from flask import Blueprint, render_template, request

from services.entitlements.owed import Asked, Owed
from services.entitlements.text import change, process_line
from services.entitlements.verdicts import State
from services.entitlements.words import STATES, missing_name
from services.family_case.reading import NoSuchFamily
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters
from shared.errors import Fault, Refused
from shared.policy.lists import clauses, code_lists

LABEL = "应得事项"
"""What the page is called where the family's page leads to it."""


def owed_pages(owed: Owed) -> Blueprint:
    """Return the page of what a family is owed, and the API beside it."""
    pages = Blueprint("owed", __name__, template_folder="templates")

    @pages.get("/families/<family>/owed")
    def page(family: str) -> Any:
        only_parameters("known", "effective", "all")
        if not family.isprintable():
            raise NoSuchFamily
        html = request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json") == "text/html"
        asked = Asked(asked_day("known"), asked_day("effective"), _flag("all"))
        document = owed.open(family, reader(), "page" if html else "api", asked)
        if not html:
            return document
        lists = code_lists()
        return render_template(
            "owed.html",
            owed=document,
            asked=asked,
            change=change,
            process_line=process_line,
            missing_name=missing_name,
            states={str(state): zh for state, zh in STATES.items()},
            overdue={str(State.GAP), str(State.LAPSED)},
            kinds={code: one["zh"] for code, one in lists["GAPTYPE"]["codes"].items()},
            departments={code: one["zh"] for code, one in lists["DEPT"]["codes"].items()},
            clauses=clauses(),
        )

    return pages


def _flag(name: str) -> bool:
    """Return whether a parameter of the address is set. Raises Refused for what is neither yes nor no."""
    text = request.args.get(name, "").strip().lower()
    if text not in {"", "0", "1", "false", "true"}:
        fault = Fault("not_a_flag", f"/{name}", "应为 1 或 0。", "This must be 1 or 0.")
        raise Refused([fault], 400)
    return text in {"1", "true"}
