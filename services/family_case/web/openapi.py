"""The OpenAPI 3.1 description of the family case's query API."""

from typing import Any

_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
_JSON = "application/json"


def case_api(departments: list[str]) -> dict[str, Any]:
    """Return the OpenAPI document of the family case; it names where the departments' documents are."""
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
                    "requestBody": {"required": True, "content": {_JSON: {"schema": _object("id")}}},
                    "responses": {"200": _answer("case numbers: one or none", "Families")} | _problems(400, 415, 422),
                }
            },
            "/families/{family}": {
                "get": _case("A family's case in short (JSON) or as a page (HTML)", "Case", page=True)
            },
            "/families/{family}/history": {"get": _case("A family's whole history", "History")},
            "/families/{family}/owed": {
                "get": _case("What a family is owed (JSON, or HTML as a page)", "Owed", page=True)
            },
            "/work": {
                "get": {
                    "summary": "What is open, the most urgent first, a page at a time (JSON, or HTML as a page)",
                    "parameters": [
                        {"name": name, "in": "query", "schema": _TEXT}
                        for name in ("department", "division", "clause", "rule", "type", "held", "after", "limit")
                    ],
                    "responses": {"200": _answer("a page of the list", "Work", page=True)} | _problems(400),
                }
            },
            "/bases": {
                "get": {
                    "summary": "The bases of the self-help programme, as they stand today (JSON, or HTML as a page)",
                    "responses": {"200": _answer("every base that an event names", "Bases", page=True)}
                    | _problems(400),
                }
            },
            "/bases/{base}": {
                "get": _case("How a base stands on a day (JSON), or its page (HTML)", "Base", "base", page=True)
            },
            "/bases/{base}/history": {"get": _case("A base's whole history", "BaseHistory", "base")},
            "/waiting": {
                "get": {
                    "summary": "What stands in no history, what is quarantined, and the merges that were not applied",
                    "responses": {"200": {"description": "counts by log and reason; each merge with its family"}}
                    | _problems(401, 403),
                }
            },
            "/unmatched": {
                "get": {
                    "summary": "Each event that stands in no history and each quarantined message, with age and why",
                    "responses": {"200": _answer("the oldest first; at most 500 of each", "Unmatched", page=True)}
                    | _problems(400),
                }
            },
            "/health": {
                "get": {
                    "summary": "How far each department's log was received",
                    "security": [],
                    "responses": {"200": {"description": "ok"}} | _problems(503),
                }
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Families": {"type": "object", "properties": {"families": {"type": "array", "items": _TEXT}}},
                "Case": _CASE | {"properties": _CASE["properties"] | {"entries": {"type": "integer"}}},
                "History": _CASE | {"properties": _CASE["properties"] | {"entries": _ENTRIES}},
                "Owed": _OWED,
                "Work": {
                    "type": "object",
                    "required": ["day", "rows", "next", "behind"],
                    "properties": {
                        "day": _DAY,
                        "rows": {"type": "array", "items": {"type": "object"}},
                        "next": {"type": ["string", "null"], "description": "the page after this one begins here"},
                        "behind": {"type": "integer", "description": "families that wait to be judged"},
                    },
                },
                "Bases": {"type": "object", "properties": {"bases": {"type": "array", "items": {"type": "object"}}}},
                "Base": _BASE | {"properties": _BASE["properties"] | {"entries": {"type": "integer"}}},
                "BaseHistory": _BASE | {"properties": _BASE["properties"] | {"entries": _ENTRIES}},
                "Unmatched": _UNMATCHED,
                "Problem": _object("type", "title", "code", "zh"),
            },
        },
    }


def _case(summary: str, schema: str, whose: str = "family", *, page: bool = False) -> dict[str, Any]:
    return {
        "summary": summary,
        "parameters": [
            {"name": whose, "in": "path", "required": True, "schema": _TEXT},
            {"name": "known", "in": "query", "schema": _DAY, "description": "as known on this day"},
            {"name": "effective", "in": "query", "schema": _DAY, "description": "as effective on this day"},
        ],
        "responses": {"200": _answer("the case", schema, page=page)} | _problems(400, 404),
    }


def _answer(description: str, schema: str, *, page: bool = False) -> dict[str, Any]:
    content: dict[str, Any] = {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content | ({"text/html": {"schema": _TEXT}} if page else {})}


def _problems(*codes: int) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(code): {"description": "a problem", "content": problem} for code in sorted({*codes, 401, 403, 503})}


def _object(*required: str) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": dict.fromkeys(required, _TEXT)}


_DAY_OR_NULL = {"type": ["string", "null"], "format": "date"}
_ENTRIES = {"type": "array", "items": {"type": "object"}, "description": "in order; see docs/events.md for `data`"}
_CASE: dict[str, Any] = {
    "type": "object",
    "required": ["family", "members", "known", "effective", "entries", "sources"],
    "properties": {
        "family": _TEXT,
        "members": {"type": "array", "items": _TEXT},
        "known": _DAY_OR_NULL,
        "effective": _DAY_OR_NULL,
        "sources": {"type": "array", "items": {"type": "object"}},
    },
}
_OWED: dict[str, Any] = {
    "type": "object",
    "required": ["family", "person", "known", "effective", "verdicts"],
    "properties": {
        "family": _TEXT,
        "person": {"type": ["string", "null"], "description": "the token of the number that was asked for"},
        "known": _DAY,
        "effective": _DAY,
        "verdicts": {
            "type": "array",
            "description": "the most urgent first; with ?all=1 the settled ones too",
            "items": {
                "type": "object",
                "required": ["rule", "clause", "subject", "state", "gaps", "warnings", "missing", "parameters"],
                "properties": {
                    "rule": _TEXT,
                    "clause": _TEXT,
                    "subject": _object("kind", "id"),
                    "state": _TEXT,
                    "gaps": {"type": "array", "items": {"type": "object"}},
                    "warnings": {"type": "array", "items": {"type": "object"}},
                    "missing": {"type": "array", "items": _object("type", "department")},
                    "parameters": {"type": "object"},
                    "evidence": {"type": "array", "items": _TEXT},
                    "says": _TEXT,
                },
            },
        },
    },
}
_BASE: dict[str, Any] = {
    "type": "object",
    "required": ["base", "known", "effective", "status", "entries", "sources"],
    "properties": {
        "base": _TEXT | {"description": "the code of its host (USCC), or of a base elsewhere"},
        "known": _DAY_OR_NULL,
        "effective": _DAY_OR_NULL,
        "status": {
            "type": "object",
            "required": ["day", "state", "agreements", "team", "cohorts", "participants"],
            "properties": {
                "day": _DAY | {"description": "`effective`, or `known`, or today"},
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
        "item": _TEXT | {"description": "`log/position` of an event, or the digest of a message"},
        "log": _TEXT,
        "reasons": {"type": "array", "items": _object("code", "zh", "en")},
        "since": _DAY,
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
