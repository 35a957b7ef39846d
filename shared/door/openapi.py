"""The OpenAPI 3.1 description of a department's door, derived from the declarations of its event types."""

from collections.abc import Iterable
from typing import Any

from shared.language.catalogue import Declaration
from shared.language.envelope import ACCOUNT, BATCHED, ID_LENGTH, STRUCTURED
from shared.language.form import Form
from shared.language.kinds import COUNT_LIMIT, DIGEST, LINE, LINE_LENGTH
from shared.language.schemas import json_schema

_TEXT = {"type": "string"}
_OPEN: dict[str, Any] = {
    "type": "object",
    "required": ["user", "role", "purpose", "records"],
    "additionalProperties": False,
    "properties": {
        "user": _TEXT,
        "role": _TEXT,
        "purpose": {"type": "string", "minLength": 4, "description": "what for, in a sentence; kept in clear"},
        "records": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["position", "fields"],
                "additionalProperties": False,
                "properties": {
                    "position": {"type": "integer", "minimum": 1},
                    "fields": {"type": "array", "minItems": 1, "items": _TEXT},
                },
            },
        },
    },
}
_MOMENT = {"type": "string", "format": "date-time"}
_ACCOUNT = {"type": "string", "pattern": f"^{ACCOUNT}$"}


def department_api(
    name: str, declarations: Iterable[Declaration], *, events: int, records: int, days: int
) -> dict[str, Any]:
    """Return the OpenAPI document of one department: at most so many `events` a batch, and `records` a page.

    What was refused is kept for so many `days`.
    """
    declared = list(declarations)
    schemas = {form.name: _event(known, form) for known in declared for form in known.forms}
    one = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in schemas]}
    answers = {
        "201": _answer("recorded: the receipt", "Receipt"),
        "200": _answer("was recorded before: the same receipt", "Receipt"),
        "207": _answer("a batch: one answer for each event, in order", "Answers"),
        "400": _answer("not JSON in UTF-8, empty, or with values that readers of JSON take differently", "Problem"),
        "401": _answer("no valid API key", "Problem"),
        "403": _answer("the key may not do this here", "Problem"),
        "409": _answer("the id was used for other content", "Problem"),
        "413": _answer("too large", "Problem"),
        "415": _answer("content type", "Problem"),
        "422": _answer("refused, with every reason", "Problem"),
        "500": _answer("our fault", "Problem"),
        "503": _answer("try again after Retry-After seconds", "Problem"),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Yihu 一户: {name}", "version": "0.1.0"},
        "servers": [{"url": f"/{name}"}],
        "security": [{"key": []}],
        "paths": {
            "/events": {
                "post": {
                    "summary": "Report events (CloudEvents 1.0: structured, batched or binary mode)",
                    "requestBody": {
                        "required": True,
                        "content": {
                            STRUCTURED: {"schema": one},
                            BATCHED: {"schema": {"type": "array", "items": one, "minItems": 1, "maxItems": events}},
                            "application/json": {"schema": {"type": "object"}},
                        },
                    },
                    "responses": answers,
                }
            },
            "/judge": {
                "post": {
                    "summary": "What would come of a batch of events: the answers of /events, and nothing is recorded",
                    "requestBody": {
                        "required": True,
                        "content": {
                            BATCHED: {"schema": {"type": "array", "items": one, "minItems": 1, "maxItems": events}}
                        },
                    },
                    "responses": {status: answers[status] for status in answers if status not in {"200", "201", "409"}},
                }
            },
            "/names": {
                "post": {
                    "summary": "Which names are not those on record for their numbers; three a day for each person",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"type": "array", "items": _NAMED, "minItems": 1}}},
                    },
                    "responses": {
                        "200": _answer("the places of the names that are others", "OtherNames"),
                        **{status: answers[status] for status in ("400", "401", "403", "413", "422", "503")},
                    },
                }
            },
            "/log": {
                "get": {
                    "summary": "The recorded events after a position, in order, as they were hashed",
                    "parameters": [_query("after", 0, 2**62), _query("limit", 1, records)],
                    "responses": {
                        "200": {"description": "a CloudEvents batch, signed in Yihu-Signature"},
                        "400": _answer("not a number within the limits", "Problem"),
                        "401": _answer("no valid API key", "Problem"),
                        "403": _answer("the key may not do this here", "Problem"),
                        "503": _answer("try again after Retry-After seconds", "Problem"),
                    },
                }
            },
            "/open": {
                "post": {
                    "summary": "Open sealed fields for a named person and purpose, which is on record first",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": _OPEN}}},
                    "responses": {
                        "200": {
                            "description": "where the opening is on record; each field opened, destroyed or broken"
                        },
                        "400": _answer("not JSON", "Problem"),
                        "401": _answer("no valid API key", "Problem"),
                        "403": _answer("the key may not do this here", "Problem"),
                        "404": _answer("a field is not there, or not sealed", "Problem"),
                        "413": _answer("too large", "Problem"),
                        "422": _answer("no person, role or purpose, or a personal number in it", "Problem"),
                        "503": _answer("try again after Retry-After seconds", "Problem"),
                    },
                }
            },
            "/whoami": {"get": _known("What this key may do here, and whether it only tests", "Whoami")},
            "/refused": {
                "get": _known(
                    "What the department's systems had refused lately: counts by system, type and reason, no values",
                    "RefusedLately",
                    {"name": "days", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": days}},
                )
            },
            "/sandbox": {
                "delete": {
                    "summary": "Empty the sandbox; for a key that tests",
                    "responses": {
                        "204": {"description": "emptied"},
                        "401": _answer("no valid API key", "Problem"),
                        "403": _answer("the key may not do this here", "Problem"),
                        "503": _answer("try again after Retry-After seconds", "Problem"),
                    },
                }
            },
            "/checkpoint": {"get": _open("A signed checkpoint over the log (C2SP tlog-checkpoint)")},
            "/health": {"get": _open("Whether the department's log can be reached")},
            "/openapi.json": {"get": _open("This document")},
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas
            | {"Receipt": _RECEIPT, "Problem": _PROBLEM, "Answers": _ANSWERS}
            | {"Whoami": _WHOAMI, "RefusedLately": _REFUSED, "OtherNames": _OTHER_NAMES},
        },
    }


def _event(declaration: Declaration, form: Form) -> dict[str, Any]:
    payload = {key: value for key, value in json_schema(form).items() if key not in {"$schema", "$id"}}
    person = declaration.scope in {"person", "family"}
    return {
        "type": "object",
        "title": declaration.label,
        "description": f"{form.cls.__doc__} ({', '.join(declaration.clauses)})",
        "required": ["specversion", "id", "source", "type", "time", "data", *(["subject"] if person else [])],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _TEXT | {"maxLength": ID_LENGTH},
            "source": _TEXT | {"maxLength": ID_LENGTH},
            "type": {"const": declaration.type},
            "subject": _TEXT,
            "time": _MOMENT,
            "recordedtime": _MOMENT,
            "process": _TEXT | {"maxLength": LINE_LENGTH},
            "division": _TEXT,
            "org": _TEXT,
            "correlationid": _TEXT | {"maxLength": ID_LENGTH},
            "causationid": _TEXT | {"maxLength": ID_LENGTH},
            "legacy": {"type": "boolean"},
            "recordedby": _ACCOUNT,
            "approvedby": _ACCOUNT,
            "filedigest": DIGEST.sent,
            "filesheet": LINE.sent,
            "filerow": {"type": "integer", "minimum": 1, "maximum": COUNT_LIMIT},
            "traceparent": _TEXT,
            "dataschema": {"const": form.dataschema},
            "datacontenttype": _TEXT,
            "data": payload,
        },
        "additionalProperties": False,
    }


def _answer(description: str, schema: str) -> dict[str, Any]:
    media = "application/problem+json" if schema == "Problem" else "application/json"
    return {"description": description, "content": {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _query(name: str, lowest: int, highest: int) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": "integer", "minimum": lowest, "maximum": highest}}


def _known(summary: str, schema: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what only a key of this department is told."""
    return {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            "200": _answer("ok", schema),
            "400": _answer("a parameter nobody knows, or not a number within the limits", "Problem"),
            "401": _answer("no valid API key", "Problem"),
            "403": _answer("the key may not do this here", "Problem"),
            "503": _answer("try again after Retry-After seconds", "Problem"),
        },
    }


def _open(summary: str) -> dict[str, Any]:
    return {"summary": summary, "security": [], "responses": {"200": {"description": "ok"}}}


_RECEIPT = {
    "type": "object",
    "required": ["verdict", "log", "position", "id", "source", "leaf", "loggedtime", "suite", "key", "signature"],
    "properties": {
        "verdict": {"const": "recorded"},
        "mode": {"const": "test"},
        "log": _TEXT,
        "position": {"type": "integer", "minimum": 1},
        "id": _TEXT,
        "source": _TEXT,
        "type": _TEXT,
        "leaf": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "loggedtime": _MOMENT,
        "flags": {"type": "array", "items": _TEXT},
        "dependants": {"type": "array", "items": _TEXT},
        "remarks": {"type": "array", "items": _TEXT},
        "suite": {"const": "intl"},
        "key": _TEXT,
        "signature": _TEXT,
    },
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "zh", "retry", "errors"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "zh": _TEXT,
        "retry": {"type": "boolean"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "pointer", "zh", "en"],
                "properties": {
                    "code": _TEXT,
                    "pointer": _TEXT,
                    "zh": _TEXT,
                    "en": _TEXT,
                    "record": {
                        "type": "object",
                        "required": ["id", "source", "position"],
                        "properties": {"id": _TEXT, "source": _TEXT, "position": {"type": "integer"}},
                    },
                },
            },
        },
    },
}
_ANSWERS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["status"],
        "additionalProperties": False,
        "minProperties": 2,
        "maxProperties": 2,
        "properties": {
            "status": {"type": "integer"},
            "receipt": {"$ref": "#/components/schemas/Receipt"},
            "problem": {"$ref": "#/components/schemas/Problem"},
        },
    },
}
_NAMED = {
    "type": "object",
    "required": ["person", "name"],
    "properties": {"person": _TEXT, "name": _TEXT},
}
_OTHER_NAMES = {
    "type": "object",
    "required": ["other"],
    "properties": {"other": {"type": "array", "items": {"type": "integer", "minimum": 0}}},
}
_WHOAMI = {
    "type": "object",
    "required": ["department", "source", "mode", "may"],
    "properties": {
        "department": _TEXT,
        "source": _TEXT,
        "mode": {"enum": ["live", "test"]},
        "may": {"type": "array", "items": {"enum": ["report", "read", "empty", "open"]}},
        "emptied": _MOMENT,
    },
}
_REFUSED = {
    "type": "object",
    "required": ["department", "days", "refused"],
    "properties": {
        "department": _TEXT,
        "days": {"type": "integer"},
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["source", "type", "code", "pointer", "count", "first", "last"],
                "properties": {
                    "source": _TEXT,
                    "type": _TEXT,
                    "code": _TEXT,
                    "pointer": _TEXT,
                    "count": {"type": "integer", "minimum": 1},
                    "first": _MOMENT,
                    "last": _MOMENT,
                },
            },
        },
    },
}
