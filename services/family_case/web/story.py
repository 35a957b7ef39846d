"""A family's history as a story, for programs."""

from typing import Any

from flask import Blueprint

from services.family_case.reading import NoSuchFamily, Queries
from services.family_case.story import story
from services.family_case.web.access import reader
from services.family_case.web.family import asked_day
from shared.door.web import only_parameters


def story_pages(queries: Queries) -> Blueprint:
    """Return what programs may ask of the story of a family."""
    pages = Blueprint("story", __name__)

    @pages.get("/families/<family>/story")
    def page(family: str) -> Any:
        only_parameters("known", "effective")
        if not family.isprintable():
            raise NoSuchFamily
        return story(queries.open(family, reader(), "api", asked_day("known"), asked_day("effective")))

    return pages
