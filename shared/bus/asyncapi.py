"""The AsyncAPI 3.0 description of the bus: what departments send in and publish, derived from the declarations.

Beside them there is a channel for the policy parameters that one department announces to the others.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.bus.broker import EXCHANGE, LOG_HEADER, PARAMETERS, PLAIN, QUESTIONS, SIGNATURE_HEADER
from shared.bus.inbox import WHY, in_queue, out_queue
from shared.bus.relay import PACK
from shared.language.catalogue import Declaration, Sets
from shared.language.envelope import BATCHED, NAMES, STRUCTURED
from shared.language.form import Form
from shared.policy.parameters import parameters

BATCH_EVENTS = 1_000
"""How many events a sender may put into one message: as many as over HTTP."""
_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_WORDS = {"type": "string", "description": "words separated by blanks"}


def bus_api(departments: Mapping[str, str], declarations: Iterable[Declaration], schemas: str) -> dict[str, Any]:
    """Return the AsyncAPI document: departments by name, each with what people call it.

    `schemas` is the folder, beside the document, in which each type's stored form is.
    """
    known = tuple(declarations)
    setter = next((one.department for one in known if isinstance(one.effect, Sets)), None)
    published = {name: _channel(name, title) for name, title in departments.items()}
    messages = {name: _message(name, known) for name in departments}
    operations = {f"{name}.publish": _send(name) for name in departments}
    if setter is not None:
        published |= {"parameters": _parameters_channel()}
        messages |= {"parameter": _PARAMETER}
        operations |= {f"{setter}.announce": _send("parameters")}
    for name, title in departments.items():
        published |= {f"{name}.in": _in_channel(name, title), f"{name}.out": _out_channel(name, title)}
        messages |= {f"{name}.{kind}": one for kind, one in _sent(name, known, schemas).items()}
        operations |= {f"{name}.receive": _receive(name)}
    published |= {"questions": _QUESTIONS, "answers": _ANSWERS}
    messages |= {"receipts": _RECEIPTS, "question": _QUESTION, "answer": _ANSWER}
    operations |= {"family_case.answer": _ANSWERING}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Yihu 一户: the bus",
            "version": "0.1.0",
            "description": "Every department's log as it was recorded, in order, each message confirmed and signed. "
            "A message may come twice; what is missing is fetched from the department's log.",
        },
        "defaultContentType": BATCHED,
        "channels": published,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": {"record": _RECORD, "submission": _SUBMISSION}
            | {
                form.name: _record(form, schemas)
                for one in known
                if one.department in departments
                for form in one.forms
            },
        },
    }


def _send(channel: str) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}}


def _channel(name: str, title: str) -> dict[str, Any]:
    return {
        "address": f"{name}.{{what}}",
        "title": title,
        "parameters": {"what": {"description": "the rest of the event's type, or `batch` where there are several"}},
        "messages": {"batch": {"$ref": f"#/components/messages/{name}"}},
        "bindings": _bindings(EXCHANGE),
    }


def _in_channel(name: str, title: str) -> dict[str, Any]:
    kinds = ("event", "batch")
    return {
        "address": in_queue(name).name,
        "title": f"{title} 报送 what its systems send in, with the properties `reply_to` and `correlation_id`",
        "messages": {kind: {"$ref": f"#/components/messages/{name}.{kind}"} for kind in kinds},
        "bindings": _bindings(in_queue(name).exchange),
    }


def _out_channel(name: str, title: str) -> dict[str, Any]:
    queue = out_queue(name)
    return {
        "address": queue.name,
        "title": f"{title} 回执 its answers, in this queue or in one whose name goes on after a full stop: `reply_to`",
        "messages": {"receipts": {"$ref": "#/components/messages/receipts"}},
        "bindings": {
            "amqp": {"is": "queue", "queue": {"name": queue.name, "durable": True}, "bindingVersion": "0.3.0"}
        },
    }


def _sent(name: str, declarations: Iterable[Declaration], schemas: str) -> dict[str, dict[str, Any]]:
    forms = [form for one in declarations if one.department == name for form in one.forms]
    events = {"oneOf": [_submission(form, schemas) for form in forms]}
    marked = {"correlationId": {"location": "$message.header#/correlation_id"}}
    return {
        "event": {
            "title": "one event, structured; in binary mode its attributes are headers that begin with `cloudEvents:`",
            "contentType": STRUCTURED,
            "payload": events,
        }
        | marked,
        "batch": {
            "title": "events, taken in order",
            "contentType": BATCHED,
            "payload": {"type": "array", "minItems": 1, "maxItems": BATCH_EVENTS, "items": events},
        }
        | marked,
    }


def _submission(form: Form, schemas: str) -> dict[str, Any]:
    """Return the schema of an event as a sender writes it; which version it is goes without saying."""
    properties = {"type": {"const": form.type}, "data": {"$ref": f"{schemas}/{form.name}.json"}}
    return {"allOf": [{"$ref": "#/components/schemas/submission"}, {"properties": properties}]}


def _receive(name: str) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name}.in"},
        "reply": {
            "address": {"description": "the property `reply_to`", "location": "$message.header#/reply_to"},
            "channel": {"$ref": f"#/channels/{name}.out"},
        },
    }


def _parameters_channel() -> dict[str, Any]:
    return {
        "address": "{parameter}",
        "title": "政策参数 policy parameters, as they stand",
        "parameters": {"parameter": {"description": "the parameter's name", "enum": list(parameters())}},
        "messages": {"standing": {"$ref": "#/components/messages/parameter"}},
        "bindings": _bindings(PARAMETERS),
    }


def _bindings(exchange: Any) -> dict[str, Any]:
    known = {"name": exchange.name, "type": exchange.type, "durable": exchange.durable}
    return {"amqp": {"is": "routingKey", "exchange": known, "bindingVersion": "0.3.0"}}


def _message(name: str, declarations: Iterable[Declaration]) -> dict[str, Any]:
    types = [
        {"$ref": f"#/components/schemas/{form.name}"}
        for one in declarations
        if one.department == name
        for form in one.forms
    ]
    return {
        "title": "a CloudEvents batch of records, by position",
        "contentType": BATCHED,
        "headers": _HEADERS,
        "payload": {"type": "array", "minItems": 1, "maxItems": PACK, "items": {"oneOf": types}},
    }


def _record(form: Form, schemas: str) -> dict[str, Any]:
    later = ["dataschema"] if form.version > 1 else []  # the first version goes without saying
    return {
        "title": form.label,
        "allOf": [
            {"$ref": "#/components/schemas/record"},
            {
                "required": ["type", "data", *later],
                "properties": {
                    "type": {"const": form.type},
                    "dataschema": {"const": form.dataschema},
                    "data": {"$ref": f"{schemas}/{form.name}.stored.json"},
                },
            },
        ],
    }


_HEADERS: dict[str, Any] = {
    "type": "object",
    "required": [LOG_HEADER, SIGNATURE_HEADER],
    "properties": {
        LOG_HEADER: _TEXT | {"description": "the log, as its signer names it"},
        SIGNATURE_HEADER: _TEXT | {"description": "Ed25519 over the message, in base64"},
    },
}

_PARAMETER: dict[str, Any] = {
    "title": "every value of one parameter that stands, as of a position of the log; the newest counts",
    "contentType": PLAIN,
    "headers": _HEADERS,
    "payload": {
        "type": "object",
        "required": ["parameter", "position", "standing"],
        "additionalProperties": False,
        "properties": {
            "parameter": _TEXT,
            "position": {"type": "integer", "minimum": 0},
            "standing": {
                "type": "array",
                "items": {
                    "type": "array",
                    "description": "the value as text, since when, in which division (null: in all), of which record",
                    "prefixItems": [
                        _TEXT,
                        {"type": "string", "format": "date"},
                        {"type": ["string", "null"]},
                        {"type": "integer", "minimum": 1},
                    ],
                    "minItems": 4,
                    "maxItems": 4,
                },
            },
        },
    },
}

_SUBMISSION: dict[str, Any] = {
    "title": "what every event has that is sent in; the others of its attributes are told in integrating.md",
    "type": "object",
    "required": ["specversion", "id", "source", "type", "time", "data"],
    "properties": {name: {} for name in NAMES}
    | {"specversion": {"const": "1.0"}, "id": _TEXT, "source": _TEXT, "type": _TEXT, "data": {"type": "object"}}
    | {name: {"type": "string", "format": "date-time"} for name in ("time", "recordedtime")},
    "additionalProperties": False,
}
_ONE_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"type": "integer", "description": "as over HTTP: 201, 200 if recorded before, or a refusal's"},
        "receipt": {"type": "object", "description": "signed"},
        "problem": {"type": "object", "description": "code, zh, en, retry, and every fault in `errors`"},
    },
}
_RECEIPTS: dict[str, Any] = {
    "title": "the answer to a message; that to a batch is a list, in its order",
    "contentType": PLAIN,
    "correlationId": {"location": "$message.header#/correlation_id"},
    "headers": {
        "type": "object",
        "properties": {WHY: _TEXT | {"description": "where the answer could not go to its `reply_to`: why not"}},
    },
    "payload": {"oneOf": [_ONE_ANSWER, {"type": "array", "items": _ONE_ANSWER}]},
}

_QUESTIONS: dict[str, Any] = {
    "address": "family_case.{method}",
    "title": "问家庭案卷 questions to the family case, as nameko's clients put them",
    "parameters": {"method": {"description": "what is asked", "enum": ["history", "owed"]}},
    "messages": {"question": {"$ref": "#/components/messages/question"}},
    "bindings": _bindings(QUESTIONS),
}
_ANSWERS: dict[str, Any] = {
    "address": None,
    "title": "the answers: each goes to the `reply_to` of its question",
    "messages": {"answer": {"$ref": "#/components/messages/answer"}},
    "bindings": _bindings(QUESTIONS),
}
_ANSWERING: dict[str, Any] = {
    "action": "receive",
    "channel": {"$ref": "#/channels/questions"},
    "reply": {
        "address": {"description": "the property `reply_to`", "location": "$message.header#/reply_to"},
        "channel": {"$ref": "#/channels/answers"},
    },
}
_DAY_OR_NONE: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
_QUESTION: dict[str, Any] = {
    "title": "a question, with the properties `reply_to` and `correlation_id`",
    "contentType": PLAIN,
    "correlationId": {"location": "$message.header#/correlation_id"},
    "payload": {
        "type": "object",
        "required": ["args", "kwargs"],
        "properties": {
            "args": {"type": "array", "description": "arguments without names: family, known, effective, all"},
            "kwargs": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "family": _TEXT | {"description": "a case number, or a person's token; never an identity number"},
                    "known": _DAY_OR_NONE,
                    "effective": _DAY_OR_NONE,
                    "all": {"type": "boolean", "description": "of `owed`: the settled verdicts too"},
                },
            },
        },
    },
}
_ANSWER: dict[str, Any] = {
    "title": "what the page of the family has as JSON, or an error",
    "contentType": PLAIN,
    "correlationId": {"location": "$message.header#/correlation_id"},
    "payload": {
        "type": "object",
        "required": ["result", "error"],
        "properties": {
            "result": {"type": ["object", "null"]},
            "error": {
                "type": ["object", "null"],
                "required": ["exc_type", "exc_path", "exc_args", "value"],
                "properties": {
                    "exc_type": _TEXT,
                    "exc_path": _TEXT,
                    "exc_args": {"type": "array"},
                    "value": {"type": "object", "required": ["code", "zh", "en", "faults"]},
                },
            },
        },
    },
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
        "dataschema": _TEXT | {"description": "the version of the payload; without it, the first"},
        "restatedschema": _TEXT | {"description": "of a correction: the version in which it restates its original"},
        "target": {"type": "integer", "minimum": 1, "description": "the position of what a correction restates"},
        "persons": _WORDS,
        "flags": _WORDS,
        "dependants": _TEXT | {"description": "of a withdrawal: the ids of what it leaves without its ground, as JSON"},
        "newnumber": _TEXT | {"description": "of a corrected number: its token; the number is sealed"},
        "data": {"type": "object"},
    },
}  # fmt: skip
"""The attributes of a record as it was hashed, and its position."""
