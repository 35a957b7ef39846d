"""What other programs ask of the service itself: whether it is well, and what its API is."""

from typing import Any

from flask import Blueprint

from services.family_case.reading import Queries
from services.family_case.web.openapi import case_api


def service_endpoints(queries: Queries) -> Blueprint:
    """Return the endpoints that say nothing of a family."""
    pages = Blueprint("service", __name__)

    @pages.get("/health")
    def get_health() -> Any:
        return {"status": "ok", "sources": queries.sources()}

    @pages.get("/openapi.json")
    def get_openapi() -> Any:
        return case_api(list(queries.names))

    return pages
