"""The family case's web application: its pages and API, a blueprint each, and what holds for all of them."""

from collections.abc import Callable

from flask import Flask

from services.family_case.base_reading import BaseQueries
from services.family_case.reading import Queries
from services.family_case.web.access import People, let_in
from services.family_case.web.base import base_pages
from services.family_case.web.desk import desk_pages
from services.family_case.web.family import family_pages
from services.family_case.web.search import search_pages
from services.family_case.web.service import service_endpoints
from services.family_case.web.story import story_pages
from shared.door.web import handle_errors
from shared.keys.files import Permit
from shared.keys.persons import LinkKey
from shared.language.kinds import chinese_day
from shared.policy.lists import code_lists

SEARCH_BYTES = 4_096


def family_app(
    queries: Queries,
    link: LinkKey,
    permits: Callable[[], dict[str, Permit]],
    *,
    allow_test_regions: bool,
    people: People | None = None,
) -> Flask:
    """Return the web application of the family case; `people` lets persons in, without it only programs are.

    Its pages extend the console's layout, so they are there with the console only.
    """
    app = Flask("services.family_case.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = SEARCH_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.filters["chinese_day"] = chinese_day
    app.jinja_env.globals["made_up"] = allow_test_regions
    app.jinja_env.globals["divisions"] = code_lists()["DIV"]["codes"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    handle_errors(app)
    let_in(app, permits, people)
    app.register_blueprint(search_pages(queries, link, allow_test_regions=allow_test_regions))
    app.register_blueprint(family_pages(queries))
    app.register_blueprint(story_pages(queries))
    app.register_blueprint(base_pages(BaseQueries(queries)))
    app.register_blueprint(desk_pages(queries))
    app.register_blueprint(service_endpoints(queries))
    return app
