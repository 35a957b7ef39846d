"""What entitlements answer beside the family case, as OpenAPI 3.1."""

from typing import Any

from services.family_case.web.openapi import DAY, TEXT, answer, object_, problems, view_of

_OWED: dict[str, Any] = {
    "type": "object",
    "required": ["family", "person", "known", "effective", "verdicts", "processes", "escalations", "retracted"],
    "properties": {
        "family": TEXT,
        "person": {"type": ["string", "null"], "description": "the token of the number that was asked for"},
        "known": DAY,
        "effective": DAY,
        "verdicts": {
            "type": "array",
            "description": "the most urgent first; with ?all=1 the settled ones too",
            "items": {
                "type": "object",
                "required": ["rule", "clause", "subject", "state", "gaps", "warnings", "missing", "parameters"],
                "properties": {
                    "rule": TEXT,
                    "clause": TEXT,
                    "subject": object_("kind", "id"),
                    "state": TEXT,
                    "gaps": {"type": "array", "items": {"type": "object"}},
                    "warnings": {"type": "array", "items": {"type": "object"}},
                    "missing": {"type": "array", "items": object_("type", "department")},
                    "parameters": {"type": "object"},
                    "evidence": {"type": "array", "items": TEXT},
                    "says": TEXT,
                    "handled": {
                        "type": "array",
                        "description": "actions, declines, referrals and answers, in order",
                        "items": object_("kind", "event", "day", "says"),
                    },
                },
            },
        },
        "processes": {
            "type": "array",
            "description": "referrals, disputes, rectifications, requests for data: what waits or was answered",
            "items": object_("rule", "label", "process", "state", "asked"),
        },
        "escalations": {
            "type": "array",
            "description": "holds that ran out, and processes nobody answered in time: for who supervises",
            "items": object_("kind", "rule", "gap", "since", "department", "division", "says"),
        },
        "retracted": {
            "type": "array",
            "description": "corrections and withdrawals of the last 90 days that changed a verdict",
            "items": {
                "type": "object",
                "required": ["event", "department", "kind", "recorded", "why", "verdicts"],
                "properties": {"kind": {"enum": ["correction", "withdrawal"]}, "recorded": DAY},
            },
        },
    },
}
_WORK: dict[str, Any] = {
    "type": "object",
    "required": ["day", "rows", "next", "behind"],
    "properties": {
        "day": DAY,
        "rows": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"], "description": "the page after this one begins here"},
        "behind": {"type": "integer", "description": "families that wait to be judged"},
        "known": {"type": ["string", "null"], "description": "where a day was asked for: as known on it"},
        "effective": DAY,
    },
}
_INDICATORS: dict[str, Any] = {
    "type": "object",
    "required": ["month", "effective", "known", "positions", "edition", "parameters", "tables"],
    "properties": {
        "month": TEXT,
        "effective": DAY,
        "known": {"type": ["string", "null"]},
        "positions": {"type": "object", "description": "how far each department's log was read"},
        "edition": TEXT,
        "parameters": {"type": "array", "items": TEXT},
        "tables": {"type": "array", "items": object_("name", "by", "columns", "rows")},
    },
}
_FILTERS = ("department", "division", "clause", "rule", "type", "held", "after", "limit", "known", "effective")
_SAID: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_MEMBERS: dict[str, Any] = {
    "type": "object",
    "required": ["family", "head", "members", "counties", "moves", "merged", "known", "effective"],
    "properties": {
        "family": TEXT,
        "head": {"type": ["string", "null"]},
        "members": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["person", "who", "numbers", "spans", "guardians", "registered"],
                "properties": {
                    "person": TEXT,
                    "who": TEXT,
                    "numbers": {"type": "array", "items": TEXT, "description": "other tokens of the same person"},
                    "spans": {
                        "type": "array",
                        "description": "`from` null: ever since; `to` is the first day on which they do not belong",
                        "items": {"type": "object", "required": ["from", "to", "came"]},
                    },
                    "guardians": _SAID,
                    "registered": _SAID,
                },
            },
        },
        "counties": _SAID,
        "moves": _SAID,
        "merged": {"type": "array", "items": TEXT},
        "known": {"type": ["string", "null"]},
        "effective": {"type": ["string", "null"]},
    },
}
BESIDE: dict[str, Any] = {
    "paths": {
        "/families/{family}/owed": {
            "get": view_of("What a family is owed (JSON, or HTML as a page)", "Owed", page=True)
        },
        "/families/{family}/members": {
            "get": view_of("Who belonged to a family, when and why (JSON, or HTML as a page)", "Members", page=True)
        },
        "/work": {
            "get": {
                "summary": "What is open, the most urgent first, a page at a time (JSON, or HTML as a page)",
                "parameters": [{"name": name, "in": "query", "schema": TEXT} for name in _FILTERS],
                "responses": {"200": answer("a page of the list", "Work", page=True)} | problems(400),
            }
        },
        "/indicators": {
            "get": {
                "summary": "Indicators of a month (JSON, or HTML as a page): this month's are computed now",
                "parameters": [{"name": name, "in": "query", "schema": TEXT} for name in ("month", "table", "county")],
                "responses": {"200": answer("the tables", "Indicators", page=True)} | problems(400, 404),
            }
        },
    },
    "schemas": {"Owed": _OWED, "Members": _MEMBERS, "Work": _WORK, "Indicators": _INDICATORS},
}
"""The paths and schemas, for the document of the family case."""
