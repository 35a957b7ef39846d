"""The query API and the page of a family. An identity number never stands in an address: search is a POST."""

import re
from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from itertools import groupby
from typing import Any

from flask import Flask, Response, redirect, render_template, request, url_for

from services.family_case.queries import NoSuchFamily, Queries
from services.family_case.web.openapi import case_api
from shared.door.http import PROBLEM, bearer, handle_errors, only_parameters
from shared.errors import Fault, Refused
from shared.json import parse_strict
from shared.keys.files import Permit, digest_of
from shared.keys.persons import LinkKey
from shared.language.sentence import chinese_day
from shared.policy.lists import clauses, code_lists

SEARCH_BYTES = 4_096
SHOWN = 200
"""How many families the first page lists; the others are found by searching."""
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
HELD = {
    "unknown_person": "所涉人员尚未归入任何家庭;建档后自动归入",
    "unknown_type": "本版程序不认识这类事件;升级后自动归入",
    "filing_failed": "归档时出错;程序重启时再试",
    "unknown_log": "隔离:来源不明的消息",
    "not_signed_by_the_log": "隔离:签名不成立的消息",
    "not_readable": "隔离:无法读取的消息",
    "differs_from_what_was_received": "隔离:与先前接收的内容不同",
}
"""Why something is not in a history, in words."""
FORM = "application/x-www-form-urlencoded"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
"""Pages load nothing, run no script and sit in no frame."""


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
    app.jinja_env.globals["made_up"] = allow_test_regions
    app.jinja_env.globals["divisions"] = code_lists()["DIV"]["codes"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    _answer_people(app)
    handle_errors(app)
    _let_in(app, permits, open_console=open_console)

    @app.get("/health")
    def get_health() -> Any:
        return {"status": "ok", "sources": queries.sources()}

    @app.get("/waiting")
    def get_waiting() -> Any:
        return {"waiting": queries.waiting(), "quarantined": queries.quarantined()}

    @app.get("/openapi.json")
    def get_openapi() -> Any:
        return case_api(list(queries.names))

    def home_page(fault: Fault | None = None) -> str:
        families = queries.families()
        shown = families[:SHOWN]
        held = [
            {"department": queries.names.get(row["log"], "来源不明"), "reason": HELD.get(row["reason"], row["reason"])}
            | {"count": row["events"] if "events" in row else row["messages"]}
            for row in queries.waiting() + queries.quarantined()
        ]
        return render_template(
            "home.html", families=shown, count=len(families), sources=queries.sources(), held=held, fault=fault
        )

    @app.get("/")
    def home() -> Any:
        return home_page()

    @app.post("/families/search")
    def search() -> Any:
        if request.mimetype not in {FORM, "application/json"}:
            zh, en = "Content-Type 须为 application/json 或表单。", "Content-Type must be application/json or a form's."
            raise Refused([Fault("content_type", "", zh, en)], 415)
        if request.mimetype != FORM:
            said = parse_strict(request.get_data())
            family = _search(queries, link, said, allow_test_regions=allow_test_regions)
            return {"families": [family] if family else []}
        try:
            family = _search(queries, link, dict(request.form), allow_test_regions=allow_test_regions)
        except Refused as error:
            return home_page(error.faults[0]), error.status
        return redirect(url_for("family_page", family=family) if family else url_for("home", found="none"), 303)

    @app.get("/families/<family>")
    def family_page(family: str) -> Any:
        only_parameters("known", "effective")
        known, effective = _day("known"), _day("effective")
        found = queries.find(_known(queries, family), known, effective)
        document = queries.as_json(found, known, effective)
        if request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "application/json":
            return {name: document[name] for name in ("family", "members", "known", "effective", "sources")} | {
                "entries": len(document["entries"])
            }
        # months in the order of the history: one that comes back later gets a second heading, nothing is moved
        months = [(month, list(entries)) for month, entries in groupby(document["entries"], lambda one: one["month"])]
        return render_template("family.html", case=document, months=months, clauses=clauses())

    @app.get("/families/<family>/history")
    def family_history(family: str) -> Any:
        only_parameters("known", "effective")
        known, effective = _day("known"), _day("effective")
        return queries.as_json(queries.find(_known(queries, family), known, effective), known, effective)

    return app


def _answer_people(app: Flask) -> None:
    """Answer a browser with a page, also when something went wrong; no page may load or run anything."""

    @app.after_request
    def for_people(response: Response) -> Response:
        if response.mimetype == PROBLEM and "text/html" in request.headers.get("Accept", ""):
            page = render_template("problem.html", problem=response.get_json())
            response.set_data(page)
            response.mimetype = "text/html"
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = POLICY
        return response


def _let_in(app: Flask, permits: Callable[[], dict[str, Permit]], *, open_console: bool) -> None:
    """Ask for a key that may read everything, unless the console is open to this machine."""

    @app.before_request
    def let_in() -> None:
        if request.endpoint in {"get_health", "get_openapi"}:
            return
        # the name is checked too: a page elsewhere cannot make its own name point to us
        if open_console and _host() in LOOPBACK and _from_this_machine():
            return
        found = permits().get(digest_of(bearer()))
        if found is None:
            raise Refused([Fault("no_key", "", "缺少有效的接口密钥。", "A valid API key is missing.")], 401)
        if found.may != "read" or found.department != "*":
            raise Refused(
                [Fault("not_permitted", "", "此密钥无权查看案卷。", "This key may not read family cases.")], 403
            )


def _from_this_machine() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _search(queries: Queries, link: LinkKey, said: Any, *, allow_test_regions: bool) -> str | None:
    key = said.get("id") if isinstance(said, dict) else None
    if not isinstance(key, str) or not key.strip():
        raise Refused([Fault("required", "/id", "请填写证件号码或案卷编号。", "Give a number or a case number.")])
    if said.keys() != {"id"}:
        raise Refused(
            [Fault("unknown_field", "/?", "只按一个号码查找。", "One number is searched for, and nothing else.")]
        )
    return queries.search(key, link, allow_test_regions=allow_test_regions)


def _known(queries: Queries, family: str) -> str:
    found = queries.family_of(family) if family.isprintable() else None
    if found is None:
        raise NoSuchFamily
    return found


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError:
        fault = Fault("not_a_date", f"/{name}", "应为日期,如 2025-06-25。", "This must be a date, like 2025-06-25.")
        raise Refused([fault], 400) from None


def _host() -> str:
    host = request.host
    return host if host.endswith("]") else host.rsplit(":", 1)[0]
