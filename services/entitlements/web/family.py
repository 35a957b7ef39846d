"""What a family is owed, for programs."""

from typing import Any

from flask import Blueprint, request

from services.entitlements.owed import Asked, Owed
from services.family_case.reading import NoSuchFamily
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters
from shared.errors import Fault, Refused


def owed_pages(owed: Owed) -> Blueprint:
    """Return what programs may ask about what a family is owed."""
    pages = Blueprint("owed", __name__)

    @pages.get("/families/<family>/owed")
    def page(family: str) -> Any:
        only_parameters("known", "effective", "all")
        if not family.isprintable():
            raise NoSuchFamily
        asked = Asked(asked_day("known"), asked_day("effective"), _flag("all"))
        return owed.open(family, reader(), "api", asked)

    return pages


def _flag(name: str) -> bool:
    """Return whether a parameter of the address is set. Raises Refused for what is neither yes nor no."""
    text = request.args.get(name, "").strip().lower()
    if text not in {"", "0", "1", "false", "true"}:
        fault = Fault("not_a_flag", f"/{name}", "应为 1 或 0。", "This must be 1 or 0.")
        raise Refused([fault], 400)
    return text in {"1", "true"}
