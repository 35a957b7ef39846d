"""How somebody wants pages: language, larger print, high contrast. Kept in a cookie, without a script."""

from dataclasses import replace

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from services.console.language import COOKIE, EN, KEPT_S, ZH, looks
from services.console.roles import PUBLIC, needs
from services.console.sign_in import on_loopback, own


def preference_pages() -> Blueprint:
    """Return what changes how pages look."""
    pages = Blueprint("preferences", __name__)

    @pages.post("/language")
    @needs(PUBLIC)
    def language() -> ResponseReturnValue:
        wanted = looks()
        if request.form.get("language") in {ZH, EN}:
            wanted = replace(wanted, language=request.form["language"])
        if "large" in request.form:
            wanted = replace(wanted, large=request.form["large"] == "1")
        if "contrast" in request.form:
            wanted = replace(wanted, contrast=request.form["contrast"] == "1")
        answer = redirect(own(request.form.get("back", "")), 303)
        answer.set_cookie(COOKIE, str(wanted), KEPT_S, httponly=True, samesite="Lax", secure=not on_loopback())
        return answer

    return pages
