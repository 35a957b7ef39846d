"""The first page and the search. An identity number never stands in an address: search is a POST."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from services.family_case.reading import Queries
from services.family_case.web.access import reader
from services.family_case.web.desk import held
from shared.door.web import only_parameters
from shared.errors import Fault, Refused
from shared.json import parse_strict
from shared.keys.persons import LinkKey

SHOWN = 200
"""How many families the first page lists; the others are found by searching."""
FORM = "application/x-www-form-urlencoded"


def search_pages(queries: Queries, link: LinkKey, *, allow_test_regions: bool) -> Blueprint:
    """Return the first page and the search."""
    pages = Blueprint("search", __name__)

    def find(given: Any) -> str | None:
        return queries.search(_key(given), link, reader(), allow_test_regions=allow_test_regions)

    def home_page(fault: Fault | None = None) -> str:
        families, count = queries.listed(reader(), "search", SHOWN)
        return render_template(
            "home.html",
            families=families,
            count=count,
            sources=queries.sources(),
            held=held(queries),
            fault=fault,
        )

    @pages.get("/families")
    def home() -> Any:
        only_parameters("found")
        return home_page()

    @pages.post("/families/search")
    def search() -> Any:
        if request.mimetype not in {FORM, "application/json"}:
            zh, en = "Content-Type 须为 application/json 或表单。", "Content-Type must be application/json or a form's."
            raise Refused([Fault("content_type", "", zh, en)], 415)
        if request.mimetype != FORM:
            family = find(parse_strict(request.get_data()))
            return {"families": [family] if family else []}
        try:
            family = find({name: value for name, value in request.form.items() if name != "csrf_token"})
        except Refused as error:
            return home_page(error.faults[0]), error.status
        return redirect(url_for("family.page", family=family) if family else url_for("search.home", found="none"), 303)

    return pages


def _key(given: Any) -> str:
    """Return the one number that is searched for. Raises Refused for anything else."""
    key = given.get("id") if isinstance(given, dict) else None
    if not isinstance(key, str) or not key.strip():
        raise Refused([Fault("required", "/id", "请填写证件号码或案卷编号。", "Give a number or a case number.")])
    if given.keys() != {"id"}:
        raise Refused(
            [Fault("unknown_field", "/?", "只按一个号码查找。", "One number is searched for, and nothing else.")]
        )
    return key
