"""The AsyncAPI 3.0 description of the bus: what departments publish, a channel each, derived from the declarations."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.bus.broker import EXCHANGE, LOG_HEADER, SIGNATURE_HEADER
from shared.bus.relay import PACK
from shared.language.catalogue import Declaration
from shared.language.envelope import BATCHED

_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_WORDS = {"type": "string", "description": "words separated by blanks"}


def bus_api(departments: Mapping[str, str], declarations: Iterable[Declaration], schemas: str) -> dict[str, Any]:
    """Return the AsyncAPI document: departments by name, each with what people call it.

    `schemas` is the folder, beside the document, in which each type's stored form is.
    """
    known = tuple(declarations)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Yihu 一户: the bus",
            "version": "0.1.0",
            "description": "Every department's log as it was recorded, in order, each message confirmed and signed. "
            "A message may come twice; what is missing is fetched from the department's log.",
        },
        "defaultContentType": BATCHED,
        "channels": {name: _channel(name, title) for name, title in departments.items()},
        "operations": {
            f"{name}.publish": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}} for name in departments
        },
        "components": {
            "messages": {name: _message(name, known) for name in departments},
            "schemas": {"record": _RECORD}
            | {one.type: _record(one, schemas) for one in known if one.department in departments},
        },
    }


def _channel(name: str, title: str) -> dict[str, Any]:
    return {
        "address": f"{name}.{{what}}",
        "title": title,
        "parameters": {"what": {"description": "the rest of the event's type, or `batch` where there are several"}},
        "messages": {"batch": {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": EXCHANGE.name, "type": EXCHANGE.type, "durable": EXCHANGE.durable},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _message(name: str, declarations: Iterable[Declaration]) -> dict[str, Any]:
    types = [{"$ref": f"#/components/schemas/{one.type}"} for one in declarations if one.department == name]
    return {
        "title": "a CloudEvents batch of records, by position",
        "contentType": BATCHED,
        "headers": {
            "type": "object",
            "required": [LOG_HEADER, SIGNATURE_HEADER],
            "properties": {
                LOG_HEADER: _TEXT | {"description": "the log, as its signer names it"},
                SIGNATURE_HEADER: _TEXT | {"description": "Ed25519 over the message, in base64"},
            },
        },
        "payload": {"type": "array", "minItems": 1, "maxItems": PACK, "items": {"oneOf": types}},
    }


def _record(declaration: Declaration, schemas: str) -> dict[str, Any]:
    return {
        "title": declaration.label,
        "allOf": [
            {"$ref": "#/components/schemas/record"},
            {
                "required": ["type", "data"],
                "properties": {
                    "type": {"const": declaration.type},
                    "data": {"$ref": f"{schemas}/{declaration.type}.stored.json"},
                },
            },
        ],
    }


_RECORD: dict[str, Any] = {
    "title": "what every record has; those of earlier versions can have more",
    "type": "object",
    "required": [
        "sequence", "specversion", "id", "source", "type", "time", "recordedtime", "loggedtime", "fingerprint",
        "streamversion", "data",
    ],
    "properties": {
        "sequence": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "the position in the log"},
        "specversion": {"const": "1.0"},
        "id": _TEXT,
        "source": _TEXT,
        "type": _TEXT,
        "time": _MOMENT,
        "recordedtime": _MOMENT,
        "loggedtime": _MOMENT,
        "fingerprint": _TEXT,
        "stream": _TEXT,
        "streamversion": {"type": "integer", "minimum": 1},
        "subject": _TEXT,
        "process": _TEXT,
        "division": _TEXT,
        "org": _TEXT,
        "correlationid": _TEXT,
        "causationid": _TEXT,
        "legacy": {"const": True},
        "recordedby": _TEXT,
        "approvedby": _TEXT,
        "filedigest": _TEXT,
        "filesheet": _TEXT,
        "filerow": {"type": "integer", "minimum": 1},
        "traceparent": _TEXT,
        "target": {"type": "integer", "minimum": 1, "description": "the position of what a correction restates"},
        "persons": _WORDS,
        "flags": _WORDS,
        "dependants": _TEXT | {"description": "of a withdrawal: the ids of what it leaves without its ground, as JSON"},
        "newnumber": _TEXT | {"description": "of a corrected number: its token; the number is sealed"},
        "data": {"type": "object"},
    },
}  # fmt: skip
"""The attributes of a record as it was hashed, and its position."""
