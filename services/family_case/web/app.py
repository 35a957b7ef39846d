"""The query API and the page of a family. An identity number never stands in an address: search is a POST."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask, redirect, render_template, request, url_for

from services.family_case.queries import NoSuchFamily, Queries
from shared.catalogue import clauses
from shared.errors import Fault, Refused
from shared.json import parse_strict
from shared.keys import Permit, digest_of
from shared.persons import LinkKey
from shared.sentence import chinese_day
from shared.web import bearer, handle_errors

SEARCH_BYTES = 4_096
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def family_app(
    queries: Queries,
    link: LinkKey,
    permits: Callable[[], dict[str, Permit]],
    *,
    allow_test_regions: bool,
    open_console: bool,
) -> Flask:
    """Return the web application of the family case.

    `open_console` lets everyone on this machine in, without a key; it is for a demo on a loopback address only.
    """
    app = Flask("services.family_case.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = SEARCH_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.filters["chinese_day"] = chinese_day
    handle_errors(app)

    @app.before_request
    def let_in() -> None:
        if request.endpoint == "get_health":
            return
        if open_console and _host() in LOOPBACK:  # the name is checked: a page elsewhere cannot rebind its own to us
            return
        found = permits().get(digest_of(bearer()))
        if found is None or found.may != "read":
            raise Refused([Fault("no_key", "", "缺少有效的接口密钥。", "A valid API key is missing.")], 401)

    @app.get("/health")
    def get_health() -> Any:
        return {"status": "ok", "sources": queries.sources()}

    @app.get("/")
    def home() -> Any:
        return render_template("home.html", families=queries.families(), sources=queries.sources())

    @app.post("/families/search")
    def search() -> Any:
        form = request.form.get("id") if request.mimetype == "application/x-www-form-urlencoded" else None
        said = {"id": form} if form is not None else parse_strict(request.get_data())
        family = _search(queries, link, said, allow_test_regions=allow_test_regions)
        if form is not None:
            return redirect(url_for("family_page", family=family) if family else url_for("home", found="none"), 303)
        return {"families": [family] if family else []}

    @app.get("/families/<family>")
    def family_page(family: str) -> Any:
        known, effective = _day("known"), _day("effective")
        found = queries.find(_known(queries, family), known, effective)
        document = queries.as_json(found, known, effective)
        if request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "application/json":
            return {name: document[name] for name in ("family", "members", "known", "effective", "sources")} | {
                "entries": len(document["entries"])
            }
        return render_template("family.html", case=document, clauses=clauses())

    @app.get("/families/<family>/history")
    def family_history(family: str) -> Any:
        known, effective = _day("known"), _day("effective")
        return queries.as_json(queries.find(_known(queries, family), known, effective), known, effective)

    return app


def _search(queries: Queries, link: LinkKey, said: Any, *, allow_test_regions: bool) -> str | None:
    key = said.get("id") if isinstance(said, dict) else None
    if not isinstance(key, str):
        raise Refused([Fault("required", "/id", "请填写证件号码或案卷编号。", "Give a number or a case number.")])
    return queries.search(key, link, allow_test_regions=allow_test_regions)


def _known(queries: Queries, family: str) -> str:
    found = queries.family_of(family)
    if found is None:
        raise NoSuchFamily
    return found


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fault = Fault("not_a_date", f"/{name}", "应为日期,如 2025-06-25。", "This must be a date, like 2025-06-25.")
        raise Refused([fault], 400) from None


def _host() -> str:
    host = request.host
    return host if host.endswith("]") else host.rsplit(":", 1)[0]
