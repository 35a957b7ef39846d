"""The first page of whoever has signed in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.console.roles import needs


def home_pages() -> Blueprint:
    """Return the home page."""
    pages = Blueprint("home", __name__)

    @pages.get("/")
    @needs("home")
    def page() -> ResponseReturnValue:
        return render_template("console_home.html")

    return pages
