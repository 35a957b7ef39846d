"""A base's page and the list of bases, and both for programs."""

from itertools import groupby
from typing import Any

from flask import Blueprint, render_template

from services.family_case.base_reading import BaseQueries, NoSuchBase
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day, wants_json
from shared.door.web import only_parameters
from shared.policy.lists import clauses


def base_pages(bases: BaseQueries) -> Blueprint:
    """Return the pages of bases and the API beside them."""
    pages = Blueprint("base", __name__)

    def opened(base: str, purpose: str) -> dict[str, Any]:
        only_parameters("known", "effective")
        known, effective = asked_day("known"), asked_day("effective")
        if not base.isprintable():
            raise NoSuchBase
        return bases.open(base, reader(), purpose, known, effective)

    @pages.get("/bases")
    def listed() -> Any:
        only_parameters()
        found = bases.bases()
        return {"bases": found} if wants_json() else render_template("service_bases.html", bases=found)

    @pages.get("/bases/<base>")
    def page(base: str) -> Any:
        document = opened(base, "page")
        if wants_json():
            return document | {"entries": len(document["entries"])}
        months = [(month, list(entries)) for month, entries in groupby(document["entries"], lambda one: one["month"])]
        return render_template("service_base.html", case=document, months=months, clauses=clauses())

    @pages.get("/bases/<base>/history")
    def history(base: str) -> Any:
        return opened(base, "api")

    return pages
