"""Indicators: the page of this month, which is computed when somebody asks, and of months that were published."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request

from services.entitlements.indicators import publishing
from services.entitlements.indicators.computing import Indicators
from services.entitlements.indicators.text import BY, named
from shared.door.web import only_parameters
from shared.errors import Fault, Refused
from shared.language.envelope import china_now
from shared.policy.lists import code_lists


def indicator_pages(indicators: Indicators) -> Blueprint:
    """Return the page of the indicators and the API beside it."""
    pages = Blueprint("indicators", __name__, template_folder="templates")

    @pages.get("/indicators")
    def page() -> Any:
        only_parameters("month", "table", "county")
        asked = {name: request.args.get(name, "").strip() for name in ("month", "table", "county")}
        document = _published(indicators, asked["month"]) if asked["month"] else _now(indicators)
        tables = [one for one in document["tables"] if asked["table"] in {"", one["name"]}]
        if not tables and asked["table"]:
            raise Refused([Fault("unknown_code", "/table", "没有这张表。", "There is no such table.")], 400)
        if asked["county"] and asked["county"] not in code_lists()["DIV"]["codes"]:
            raise Refused([Fault("unknown_code", "/county", "没有这个区划。", "There is no such county.")], 400)
        if asked["county"]:
            tables = [
                one | {"rows": [row for row in one["rows"] if row.get("county", asked["county"]) == asked["county"]]}
                for one in tables
            ]
        document |= {"tables": tables}
        if request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json") != "text/html":
            return document
        return render_template("indicators.html", found=document, by=BY, named=named, shown=shown)

    return pages


def shown(column: str, value: Any) -> str:
    """Return a cell of the page: a share in per cent, nothing for what there is none of, a hidden count as it is."""
    if value is None:
        return ""
    text = str(value)
    return f"{Decimal(text) * 100:.1f}%" if column.startswith("share") and text[:1].isdigit() else text


def _now(indicators: Indicators) -> dict[str, Any]:
    """Return the tables of today, computed within the last hour."""
    today = china_now().date()
    computed = indicators.recent(today)
    tables = [one.as_json() for one in computed.tables]
    return {"month": f"{today:%Y-%m}"} | computed.basis.as_json() | {"tables": tables}


def _published(indicators: Indicators, month: str) -> dict[str, Any]:
    """Return what was published of a month, in the form of what is computed. Raises Refused where nothing was."""
    every = publishing.publications(indicators.queries.about_nobody())
    return publishing.as_tables(publishing.of_month(month, every))
