"""A family's history as a story: its page, and the same for programs."""

from typing import Any

from flask import Blueprint, render_template, request

from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.story import story
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters

LABEL = "这一户的经历（连起来读）"
"""What the page is called where the family's page leads to it."""


def story_pages(queries: Queries) -> Blueprint:
    """Return the page of the story of a family and the API beside it."""
    pages = Blueprint("story", __name__)

    @pages.get("/families/<family>/story")
    def page(family: str) -> Any:
        only_parameters("known", "effective")
        if not family.isprintable():
            raise NoSuchFamily
        html = request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json") == "text/html"
        document = queries.open(family, reader(), "page" if html else "api", asked_day("known"), asked_day("effective"))
        found = story(document)
        return render_template("story.html", story=found) if html else found

    return pages
