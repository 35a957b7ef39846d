"""Who looked: a family's statement for its guardians, and the search of the record of access for the auditor."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from services.console.language import t
from services.console.roles import PROGRAM, ROLES, needs
from services.family_case.access import KINDS, PURPOSES, Asked
from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters
from shared.policy.lists import code_lists

PAGE = 100
"""How many records a page shows."""
CLASSES = {
    "public": ("公开", "public"),
    "internal": ("内部", "internal"),
    "personal": ("个人信息", "personal"),
    "sensitive": ("敏感个人信息", "sensitive"),
}
OTHERS = {PROGRAM: ("业务系统", "A program"), "operator": ("运维人员", "The operator")}


def who_looked_pages(queries: Queries) -> Blueprint:
    """Return the pages of who looked."""
    pages = Blueprint("who_looked", __name__)
    words = {"kinds": KINDS, "purposes": PURPOSES, "classes": CLASSES, "who": lambda one: _office(queries.names, one)}

    @pages.get("/families/<family>/access")
    @needs("who_looked")
    def statement(family: str) -> ResponseReturnValue:
        only_parameters("since")
        number = queries.family_of(family, reader()) if family.isprintable() else None
        if number is None:
            raise NoSuchFamily
        asked = Asked(families=queries.numbers_of(number), since=asked_day("since"))
        found, more = queries.access.find(asked, PAGE * 5)
        return render_template("statement.html", family=number, found=found, more=more, asked=asked, **words)

    @pages.get("/access")
    @needs("access_log")
    def search() -> ResponseReturnValue:
        only_parameters("reader", "family", "purpose", "since", "until", "before")
        given = {name: request.args.get(name, "").strip() for name in ("reader", "family", "purpose", "before")}
        numbers = [given["family"].upper()] if given["family"] else []
        asked = Asked(
            numbers,
            given["reader"],
            given["purpose"],
            asked_day("since"),
            asked_day("until"),
            int(given["before"]) if given["before"].isascii() and given["before"].isdigit() else None,
        )
        found, more = queries.access.find(asked, PAGE)
        return render_template("access.html", found=found, more=more, asked=asked, given=given, **words)

    return pages


def _office(departments: dict[str, str], one: dict[str, Any]) -> str:
    """Return which office somebody looked from, and in which post; no name."""
    county = code_lists()["DIV"]["codes"].get(one.get("division"), {})
    place = t(county.get("zh", ""), county.get("en", "")) + departments.get(one.get("department", ""), "")
    post = t(*(ROLES | OTHERS).get(one["role"], (one["role"], one["role"])))
    return f"{place} {post}".strip()
