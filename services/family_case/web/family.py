"""A family in short and its whole history, for programs; people get the console's pages under the same addresses."""

import re
from datetime import date
from typing import Any

from flask import Blueprint, request

from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.web.access import reader
from shared.door.web import only_parameters
from shared.errors import Fault, Refused


def family_pages(queries: Queries) -> Blueprint:
    """Return what programs may ask about a family."""
    pages = Blueprint("family", __name__)

    def opened(family: str, purpose: str) -> dict[str, Any]:
        only_parameters("known", "effective")
        known, effective = asked_day("known"), asked_day("effective")
        if not family.isprintable():
            raise NoSuchFamily
        return queries.open(family, reader(), purpose, known, effective)

    @pages.get("/families/<family>")
    def page(family: str) -> Any:
        document = opened(family, "api")
        short = {name: document[name] for name in ("family", "members", "known", "effective", "sources")}
        return short | {"entries": len(document["entries"])}

    @pages.get("/families/<family>/history")
    def history(family: str) -> Any:
        return opened(family, "api")

    return pages


def wants_json() -> bool:
    """Whether a program asks, and not a person."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "application/json"


def asked_day(name: str) -> date | None:
    """Return the day in a parameter of the address, None without one. Raises Refused for what is no day."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError:
        fault = Fault("not_a_date", f"/{name}", "应为日期，如 2025-06-25。", "This must be a date, like 2025-06-25.")
        raise Refused([fault], 400) from None
