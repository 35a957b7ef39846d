"""Who belonged to a family, when and why, for programs."""

from typing import Any

from flask import Blueprint

from services.entitlements.belonging import Belonging
from services.family_case.reading import NoSuchFamily
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters


def member_pages(belonging: Belonging) -> Blueprint:
    """Return what programs may ask about a family's membership."""
    pages = Blueprint("members", __name__)

    @pages.get("/families/<family>/members")
    def page(family: str) -> Any:
        only_parameters("known", "effective")
        if not family.isprintable():
            raise NoSuchFamily
        return belonging.open(family, reader(), "api", asked_day("known"), asked_day("effective"))

    return pages
