"""Signing in and out. What is answered to a wrong password and to a name that nobody has is the same, after as long."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from services.console.language import t
from services.console.roles import PUBLIC, needs
from services.console.sessions import Sessions
from shared.errors import Fault

COOKIE = "yihu_session"
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def sign_in_pages(sessions: Sessions) -> Blueprint:
    """Return the pages for signing in and out."""
    pages = Blueprint("console", __name__)

    def form(fault: Fault | None = None, name: str = "") -> str:
        return render_template("sign_in.html", faults=[fault] if fault else [], name=name, next=own(_wanted()))

    @pages.get("/sign-in")
    @needs(PUBLIC)
    def sign_in() -> ResponseReturnValue:
        return form()

    @pages.post("/sign-in")
    @needs(PUBLIC)
    def signed_in() -> ResponseReturnValue:
        name, password = request.form.get("user", "").strip().lower(), request.form.get("password", "")
        if not sessions.accounts.password_is(name, password):
            zh, en = "用户名或口令不对。", "The name or the password is wrong."
            return form(Fault("not_signed_in", "/password", zh, en), name), 401
        sessions.end(request.cookies.get(COOKIE, ""))
        session.clear()  # forms of before do not count for whoever is here now
        answer = redirect(own(_wanted()), 303)
        answer.set_cookie(
            COOKIE, sessions.begin(name), httponly=True, samesite="Lax", secure=not on_loopback(), path="/"
        )
        return answer

    @pages.post("/sign-out")
    @needs("home")
    def sign_out() -> ResponseReturnValue:
        sessions.end(request.cookies.get(COOKIE, ""))
        session.clear()
        flash(t("您已退出。", "You are signed out."))
        answer = redirect(url_for("console.sign_in"), 303)
        answer.delete_cookie(COOKIE)
        return answer

    return pages


def _wanted() -> str:
    return request.form.get("next") or request.args.get("next") or ""


def own(address: str) -> str:
    """Return an address if it is a page of ours, else the home page: nobody is sent elsewhere from here."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not (parts.scheme or parts.netloc) and "\\" not in address
    return address if ours and not address.startswith("//") and address.isprintable() else url_for("home.page")


def on_loopback() -> bool:
    """Whether the request is for this machine's own name, where no TLS is in front."""
    host = request.host
    return (host if host.endswith("]") else host.rsplit(":", 1)[0]) in LOOPBACK
