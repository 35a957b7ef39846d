"""The OpenAPI 3.1 description of the family case's query API."""

from collections.abc import Mapping
from typing import Any

TEXT = {"type": "string"}
DAY = {"type": "string", "format": "date"}
_JSON = "application/json"


def case_api(departments: list[str], beside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the OpenAPI document of the family case; it names where the departments' documents are.

    `beside`: the paths and schemas of what other services answer under the same address.
    """
    doors = ", ".join(f"/{name}/openapi.json" for name in departments)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yihu 一户: family cases",
            "version": "0.1.0",
            "description": f"An identity number never stands in an address. The departments' doors: {doors}",
        },
        "security": [{"key": []}],
        "paths": {
            "/families/search": {
                "post": {
                    "summary": "Find a family by an identity, certificate or case number",
                    "requestBody": {"required": True, "content": {_JSON: {"schema": object_("id")}}},
                    "responses": {"200": answer("case numbers: one or none", "Families")} | problems(400, 415, 422),
                }
            },
            "/families/{family}": {
                "get": view_of("A family's case in short (JSON) or as a page (HTML)", "Case", page=True)
            },
            "/families/{family}/history": {"get": view_of("A family's whole history", "History")},
            "/families/{family}/story": {
                "get": view_of("A family's history as a story, a paragraph a year", "Story", page=True)
            },
            "/bases": {
                "get": {
                    "summary": "The bases of the self-help programme, as they stand today (JSON, or HTML as a page)",
                    "responses": {"200": answer("every base that an event names", "Bases", page=True)} | problems(400),
                }
            },
            "/bases/{base}": {
                "get": view_of("How a base stands on a day (JSON), or its page (HTML)", "Base", "base", page=True)
            },
            "/bases/{base}/history": {"get": view_of("A base's whole history", "BaseHistory", "base")},
            "/waiting": {
                "get": {
                    "summary": "What stands in no history, what is quarantined, and the merges that were not applied",
                    "responses": {"200": {"description": "counts by log and reason; each merge with its family"}}
                    | problems(401, 403),
                }
            },
            "/unmatched": {
                "get": {
                    "summary": "Each event that stands in no history and each quarantined message, with age and why",
                    "responses": {"200": answer("the oldest first; at most 500 of each", "Unmatched", page=True)}
                    | problems(400),
                }
            },
            "/duplicates": {
                "get": {
                    "summary": "Pairs of numbers that may be one person's; somebody decides, the program merges nobody",
                    "responses": {"200": answer("those that match most first; at most 200", "Duplicates", page=True)}
                    | problems(400),
                }
            },
            "/health": {
                "get": {
                    "summary": "How far each department's log was received",
                    "security": [],
                    "responses": {"200": {"description": "ok"}} | problems(503),
                }
            },
        }
        | (beside or {}).get("paths", {}),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Families": {"type": "object", "properties": {"families": {"type": "array", "items": TEXT}}},
                "Case": _CASE | {"properties": _CASE["properties"] | {"entries": {"type": "integer"}}},
                "History": _CASE | {"properties": _CASE["properties"] | {"entries": _ENTRIES}},
                "Story": _STORY,
                "Bases": {"type": "object", "properties": {"bases": {"type": "array", "items": {"type": "object"}}}},
                "Base": _BASE | {"properties": _BASE["properties"] | {"entries": {"type": "integer"}}},
                "BaseHistory": _BASE | {"properties": _BASE["properties"] | {"entries": _ENTRIES}},
                "Unmatched": _UNMATCHED,
                "Duplicates": _DUPLICATES,
                "Problem": object_("type", "title", "code", "zh"),
            }
            | (beside or {}).get("schemas", {}),
        },
    }


def view_of(summary: str, schema: str, whose: str = "family", *, page: bool = False) -> dict[str, Any]:
    """Return the description of something that is opened, as known on one day and effective on another."""
    return {
        "summary": summary,
        "parameters": [
            {"name": whose, "in": "path", "required": True, "schema": TEXT},
            {"name": "known", "in": "query", "schema": DAY, "description": "as known on this day"},
            {"name": "effective", "in": "query", "schema": DAY, "description": "as effective on this day"},
        ],
        "responses": {"200": answer("the case", schema, page=page)} | problems(400, 404),
    }


def answer(description: str, schema: str, *, page: bool = False) -> dict[str, Any]:
    """Return the description of an answer that fits a schema; with `page`, in HTML too."""
    content: dict[str, Any] = {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content | ({"text/html": {"schema": TEXT}} if page else {})}


def problems(*codes: int) -> dict[str, Any]:
    """Return the descriptions of problems with these status codes, and of those that can always come."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(code): {"description": "a problem", "content": problem} for code in sorted({*codes, 401, 403, 503})}


def object_(*required: str) -> dict[str, Any]:
    """Return the schema of an object with these texts."""
    return {"type": "object", "required": list(required), "properties": dict.fromkeys(required, TEXT)}


_DAY_OR_NULL = {"type": ["string", "null"], "format": "date"}
_ENTRIES = {"type": "array", "items": {"type": "object"}, "description": "in order; see docs/events.md for `data`"}
_CASE: dict[str, Any] = {
    "type": "object",
    "required": ["family", "members", "known", "effective", "entries", "sources"],
    "properties": {
        "family": TEXT,
        "members": {"type": "array", "items": TEXT},
        "known": _DAY_OR_NULL,
        "effective": _DAY_OR_NULL,
        "sources": {"type": "array", "items": {"type": "object"}},
    },
}
_STORY: dict[str, Any] = {
    "type": "object",
    "required": ["family", "known", "effective", "opening", "paragraphs", "notes"],
    "properties": {
        "family": TEXT,
        "known": _DAY_OR_NULL,
        "effective": _DAY_OR_NULL,
        "opening": TEXT,
        "paragraphs": {"type": "array", "items": {"type": "object", "required": ["year", "sentences"]}},
        "notes": {"type": "array", "items": {"type": "object", "required": ["note", "event", "by", "recorded"]}},
    },
}
_BASE: dict[str, Any] = {
    "type": "object",
    "required": ["base", "known", "effective", "status", "entries", "sources"],
    "properties": {
        "base": TEXT | {"description": "the code of its host (USCC), or of a base elsewhere"},
        "known": _DAY_OR_NULL,
        "effective": _DAY_OR_NULL,
        "status": {
            "type": "object",
            "required": ["day", "state", "agreements", "team", "cohorts", "participants"],
            "properties": {
                "day": DAY | {"description": "`effective`, or `known`, or today"},
                "state": {"enum": ["in_force", "no_new_cohorts", "ended", "not_established", "elsewhere"]},
            },
            "description": "how it stands on that day; who takes part is counted, never named",
        },
        "sources": {"type": "array", "items": {"type": "object"}},
    },
}
_ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["item", "log", "reasons", "since", "days", "set_aside"],
    "properties": {
        "item": TEXT | {"description": "`log/position` of an event, or the digest of a message"},
        "log": TEXT,
        "reasons": {"type": "array", "items": object_("code", "zh", "en")},
        "since": DAY,
        "days": {"type": "integer"},
        "set_aside": {"type": ["object", "null"], "description": "why, by whom and when"},
    },
}
_UNMATCHED: dict[str, Any] = {
    "type": "object",
    "required": ["unmatched", "quarantined", "flagged"],
    "properties": {
        "unmatched": {"type": "array", "items": _ITEM},
        "quarantined": {"type": "array", "items": _ITEM},
        "flagged": {"type": "array", "items": {"type": "object"}},
    },
}
_WORDS: dict[str, Any] = {"type": "array", "items": TEXT}
_DUPLICATES: dict[str, Any] = {
    "type": "object",
    "required": ["duplicates"],
    "properties": {
        "duplicates": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["persons", "matches", "differs", "unknown"],
                "properties": {
                    "persons": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "object"}},
                    "matches": _WORDS,
                    "differs": _WORDS,
                    "unknown": _WORDS,
                },
            },
        },
    },
}
