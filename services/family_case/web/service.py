"""What other programs ask of the service itself: whether it is well, and what its API is."""

from typing import Any

from flask import Blueprint, current_app

from services.family_case.reading import Queries
from services.family_case.web.openapi import case_api

BESIDE = "API_BESIDE"
"""Where the application keeps the paths and schemas of what other services answer under the same address."""


def service_endpoints(queries: Queries) -> Blueprint:
    """Return the endpoints that say nothing of a family."""
    pages = Blueprint("service", __name__)

    @pages.get("/health")
    def get_health() -> Any:
        return {"status": "ok", "sources": queries.sources()}

    @pages.get("/openapi.json")
    def get_openapi() -> Any:
        return case_api(list(queries.names), current_app.config.get(BESIDE))

    return pages
