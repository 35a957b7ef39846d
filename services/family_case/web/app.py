"""The family case's web application: its pages and API, a blueprint each, and what holds for all of them."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, render_template, request

from services.family_case.base_reading import BaseQueries
from services.family_case.reading import Queries
from services.family_case.web.access import let_in
from services.family_case.web.base import base_pages
from services.family_case.web.desk import desk_pages
from services.family_case.web.family import family_pages
from services.family_case.web.search import search_pages
from services.family_case.web.service import service_endpoints
from services.family_case.web.story import LABEL, story_pages
from shared.door.web import PROBLEM, handle_errors
from shared.keys.files import Permit
from shared.keys.persons import LinkKey
from shared.language.kinds import chinese_day
from shared.policy.lists import code_lists

SEARCH_BYTES = 4_096
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
    # what stands beside a family, and what others show of it: a label and an endpoint each
    app.jinja_env.globals["beside_a_family"] = [(LABEL, "story.page")]
    app.jinja_env.globals["beside_the_families"] = []
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    _answer_people(app)
    handle_errors(app)
    let_in(app, permits, open_console=open_console)
    app.register_blueprint(search_pages(queries, link, allow_test_regions=allow_test_regions))
    app.register_blueprint(family_pages(queries))
    app.register_blueprint(story_pages(queries))
    app.register_blueprint(base_pages(BaseQueries(queries)))
    app.register_blueprint(desk_pages(queries))
    app.register_blueprint(service_endpoints(queries))
    return app


def _answer_people(app: Flask) -> None:
    """Answer a browser with a page, also when something went wrong; no page may load or run anything."""

    @app.after_request
    def for_people(response: Response) -> Response:
        if response.mimetype == PROBLEM and "text/html" in request.headers.get("Accept", ""):
            problem: Any = response.get_json()
            response.set_data(render_template("problem.html", problem=problem))
            response.mimetype = "text/html"
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = POLICY
        return response
