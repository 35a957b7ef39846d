"""Signing in and out. What is answered to a wrong password and to a name that nobody has is the same, after as long."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from services.console import typed
from services.console.failures import Failures
from services.console.language import t
from services.console.roles import PUBLIC, needs
from services.console.sessions import Sessions
from shared.errors import Fault
from shared.keys.box import Box

COOKIE = "yihu_session"
_LONG_NUMBER = re.compile(r"\d{12}")
"""What could be an identity number that somebody typed into an address: it is not to be carried any further."""
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def sign_in_pages(sessions: Sessions, failures: Failures, box: Box) -> Blueprint:
    """Return the pages for signing in and out; `box` closes what was typed when a session had ended."""
    pages = Blueprint("console", __name__)

    def form(fault: Fault | None = None, name: str = "") -> str:
        return form_page(fault, name, request.form.get(typed.FIELD, ""))

    @pages.get("/sign-in")
    @needs(PUBLIC)
    def sign_in() -> ResponseReturnValue:
        return form()

    @pages.post("/sign-in")
    @needs(PUBLIC, most=typed.MOST)
    def signed_in() -> ResponseReturnValue:
        name, password = request.form.get("user", "").strip().lower(), request.form.get("password", "")
        address = request.remote_addr or ""
        if wait := failures.wait(name, address):
            minutes = -(-wait // 60)
            zh = f"登录失败次数过多，请在 {minutes} 分钟后再试。"
            en = f"Too many failures; try again in {minutes} minutes."
            return form(Fault("locked_out", "/password", zh, en), name), 429, {"Retry-After": str(wait)}
        if not sessions.accounts.password_is(name, password, here=on_loopback() and from_here(address)):
            failures.failed(name, address)
            zh, en = "用户名或口令不对。", "The name or the password is wrong."
            return form(Fault("not_signed_in", "/password", zh, en), name), 401
        failures.succeeded(name)
        sessions.end(request.cookies.get(COOKIE, ""))
        session.clear()  # forms of before do not count for whoever is here now
        kept = typed.open_(box, request.form.get(typed.FIELD, ""), name)
        answer = make_response(render_template("resume.html", typed=kept)) if kept else redirect(own(_wanted()), 303)
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


def form_page(fault: Fault | None = None, name: str = "", kept: str = "") -> str:
    """Return the form for signing in; `kept` is what was typed before, closed."""
    faults = [fault] if fault else []
    return render_template("sign_in.html", faults=faults, name=name, next=own(_wanted()), kept=kept)


def _wanted() -> str:
    wanted = request.form.get("next") if request.path == "/sign-in" else ""
    return wanted or request.args.get("next") or ""


def own(address: str) -> str:
    """Return an address if it is a page of ours, else the home page: nobody is sent elsewhere from here."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not (parts.scheme or parts.netloc or address.startswith("//"))
    plain = address.isprintable() and "\\" not in address and not _LONG_NUMBER.search(address)
    return address if ours and plain else url_for("home.page")


def from_here(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def on_loopback() -> bool:
    """Whether the request is for this machine's own name, where no TLS is in front."""
    host = request.host
    return (host if host.endswith("]") else host.rsplit(":", 1)[0]) in LOOPBACK
