"""The web application with people in it: who signs in, what a role may, and how every page of it is sent.

A request comes with a key (a program, to the API) or with a session (a person, to the pages). Nothing else is let in.
"""

import hmac
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin
from flask_wtf.csrf import CSRFError, CSRFProtect

from services.console import typed
from services.console.account_pages import account_pages, password_pages
from services.console.accounts import User
from services.console.failures import Failures
from services.console.family import family_pages
from services.console.home import home_pages
from services.console.language import looks, t
from services.console.navigation import navigation
from services.console.preferences import preference_pages
from services.console.roles import FORM_BYTES, PUBLIC, ROLES, may, needed
from services.console.sessions import Session, Sessions
from services.console.sign_in import COOKIE, form_page, own, sign_in_pages
from services.console.styles import STYLES, style_pages
from services.console.who_looked import who_looked_pages
from services.entitlements.belonging import Belonging
from services.entitlements.loading import Loader
from services.entitlements.owed import Owed
from services.entitlements.web.family import owed_pages
from services.entitlements.web.members import member_pages
from services.entitlements.work import WorkLists
from services.family_case.reading import Queries
from services.family_case.web.access import reader
from services.family_case.web.app import family_app
from shared.door.web import PROBLEM, problem
from shared.errors import Fault, Refused
from shared.keys.box import Box
from shared.keys.files import Permit
from shared.keys.persons import LinkKey
from shared.policy.lists import code_lists
from shared.postgres.database import Unavailable

SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Pages load one style sheet from here, run no script and sit in no frame."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """Who is signed in, as templates see it: `current_user.user`, `current_user.session`."""

    def __init__(self, session: Session) -> None:
        self.session, self.user = session, session.user
        self.id = session.user.name


def console_app(
    queries: Queries,
    link: LinkKey,
    permits: Callable[[], dict[str, Permit]],
    sessions: Sessions,
    *,
    secret: bytes,
    allow_test_regions: bool,
    lists: WorkLists | None = None,
    owes: Owed | None = None,
) -> Flask:
    """Return the web application of the family case with the console.

    `secret` is what its cookies are signed and its forms closed with; `lists` are what waits for somebody, `owes`
    answers what families are owed.
    """
    box = Box(secret, "console forms")
    app = family_app(
        queries, link, permits, allow_test_regions=allow_test_regions, people=lambda: _enter(sessions, box)
    )
    app.config.update(
        SECRET_KEY=hmac.digest(secret, b"console cookies", "sha256"),
        SESSION_COOKIE_NAME="yihu_form",
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: what was typed is not to be lost to a clock
        WTF_CSRF_CHECK_DEFAULT=False,  # by `_enter`: a program has a key and no form
        WTF_CSRF_SSL_STRICT=False,  # pages send no referrer
    )
    CSRFProtect(app)
    login = LoginManager(app)
    login.request_loader(lambda _: g.get("signed_in"))
    app.jinja_env.globals |= {
        "t": t,
        "looks": looks,
        "may": _reader_may,
        "navigation": navigation,
        "styles": STYLES,
        "here": _here,
    }
    app.jinja_env.globals |= {"role_words": ROLES.__getitem__, "bounds_words": partial(_bounds_words, queries.names)}
    app.before_request(_allowed)
    _answer_people(app)
    owes = owes or Owed(Loader(queries))
    app.register_blueprint(owed_pages(owes))
    app.register_blueprint(member_pages(Belonging(owes.loader)))
    for pages in (
        style_pages(),
        sign_in_pages(sessions, Failures(sessions.accounts, sessions.clock), box),
        preference_pages(),
        home_pages(queries, lists),
        family_pages(queries, owes),
        who_looked_pages(queries),
        account_pages(sessions.accounts),
        password_pages(sessions.accounts),
    ):
        app.register_blueprint(pages)

    @app.errorhandler(CSRFError)
    def form_expired(_: CSRFError) -> ResponseReturnValue:
        zh, en = "表单已过期，请返回上一页再提交一次。", "The form has expired; go back and send it again."
        return problem(Refused([Fault("form_expired", "", zh, en)], 400))

    return app


def _enter(sessions: Sessions, box: Box) -> ResponseReturnValue | None:
    """Note which person asks, or answer: who is not signed in signs in first. Raises Refused."""
    view = current_app.view_functions.get(request.endpoint or "")
    public = needed(request.endpoint, view) == PUBLIC
    request.max_content_length = getattr(view, "most", FORM_BYTES)
    try:
        found, whose = sessions.find(request.cookies.get(COOKIE, ""))
    except Unavailable:
        if not public:
            raise
        found, whose = None, None
    if found is not None:
        g.signed_in, g.reader = SignedIn(found), found.user.reader
    elif not public:
        return _sign_in_first(whose, box)
    if request.method not in SAFE and current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect()
    return None


def _sign_in_first(whose: str | None, box: Box) -> ResponseReturnValue:
    """Lead somebody to signing in; what they had typed stays with them, if the form was ours."""
    if "text/html" not in request.headers.get("Accept", ""):
        zh, en = "请先登录，或提供接口密钥。", "Sign in, or give an API key."
        raise Refused([Fault("no_key", "", zh, en)], 401)
    if request.method not in SAFE and whose is not None:
        try:
            current_app.extensions["csrf"].protect()
            return form_page(None, whose, typed.close(box, whose)), 401
        except CSRFError:
            pass
    path = own(request.full_path.rstrip("?")) if request.method in SAFE else "/"
    return redirect(url_for("console.sign_in", next=path if path != "/" else None), 303)


def _allowed() -> None:
    """Raise Refused unless the role of who asks has the ability that the view asks for."""
    if request.endpoint is None or "reader" not in g:  # there is no such address; or it is public
        return
    ability = needed(request.endpoint, current_app.view_functions.get(request.endpoint))
    if ability != PUBLIC and not may(reader().role, ability):
        zh, en = "您的角色不能使用这一功能。", "Your role cannot do this."
        raise Refused([Fault("not_permitted", "", zh, en)], 403)


def _here() -> str:
    """Return the address of the page that is shown, to come back to it; nothing of what could not be answered."""
    shown = request.method == "GET" and request.endpoint is not None and "failed" not in g
    return own(request.full_path.rstrip("?")) if shown else "/"


def _reader_may(ability: str) -> bool:
    """Whether who asks has an ability, for templates: `{% if may("record") %}`."""
    return "reader" in g and may(reader().role, ability)


def _bounds_words(departments: dict[str, str], user: User) -> str:
    """Return to which department and county an account is bound, in words, with a comma before each."""
    county = code_lists()["DIV"]["codes"].get(user.division or "", {})
    words = (departments.get(user.department or ""), t(county.get("zh", ""), county.get("en", "")))
    return "".join(f"，{one}" for one in words if one)


def _answer_people(app: Flask) -> None:
    """Answer a browser with a page, also when something went wrong; no page may load or run anything from elsewhere."""

    @app.after_request
    def for_people(response: Response) -> Response:
        if response.mimetype == PROBLEM and "text/html" in request.headers.get("Accept", ""):
            problem: Any = response.get_json()
            g.failed = True
            response.set_data(render_template("problem.html", problem=problem))
            response.mimetype = "text/html"
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = POLICY
            response.headers["Referrer-Policy"] = "no-referrer"
        return response
