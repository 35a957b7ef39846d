"""Who belonged to a family, when and why: its page, and the same for programs."""

from typing import Any

from flask import Blueprint, render_template, request

from services.entitlements.belonging import Belonging, member_sentences, move_sentence, place, source
from services.family_case.reading import NoSuchFamily
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters

LABEL = "成员、监护人和所在县市"
"""What the page is called where the family's page leads to it."""


def member_pages(belonging: Belonging) -> Blueprint:
    """Return the page of a family's membership, and the API beside it."""
    pages = Blueprint("members", __name__, template_folder="templates")

    @pages.get("/families/<family>/members")
    def page(family: str) -> Any:
        only_parameters("known", "effective")
        if not family.isprintable():
            raise NoSuchFamily
        html = request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json") == "text/html"
        days = asked_day("known"), asked_day("effective")
        document = belonging.open(family, reader(), "page" if html else "api", *days)
        if not html:
            return document
        words = {"sentences": member_sentences, "move": move_sentence, "source": source, "place": place}
        return render_template("members.html", found=document, **words)

    return pages
