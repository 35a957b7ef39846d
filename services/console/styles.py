"""The style sheet: one file of the package, served under a name with its hash, so that browsers may keep it."""

from hashlib import sha256
from importlib.resources import files

from flask import Blueprint, Response

from services.console.roles import PUBLIC, needs

_TEXT = files("services.console").joinpath("static", "console.css").read_bytes()
STYLES = f"/static/console-{sha256(_TEXT).hexdigest()[:12]}.css"
"""Where it is."""


def style_pages() -> Blueprint:
    """Return what serves the style sheet."""
    pages = Blueprint("styles", __name__, template_folder="templates")

    @pages.get(STYLES)
    @needs(PUBLIC)
    def console() -> Response:
        return Response(_TEXT, mimetype="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"})

    return pages
