"""A department's HTTP door: events in, log and checkpoint out. The web process never touches the bus."""

import base64
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, request

from shared.door.client import SIGNATURE
from shared.door.department import Answer, Department
from shared.door.intake import BATCH_BYTES, BATCH_EVENTS, Parcel, as_json, submissions_in, take_in
from shared.door.openapi import department_api
from shared.door.web import handle_errors, only_parameters, permit_of
from shared.errors import Fault, Refused
from shared.json import canonical
from shared.keys.files import Permit
from shared.keys.signing import message_digest
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import BATCHED
from shared.log import checkpoints
from shared.log.record import batch

PAGE = 1_000


def department_app(name: str, department: Department, permits: Callable[[], dict[str, Permit]]) -> Flask:
    """Return the web application of one department, to be mounted at `/<name>`."""
    app = Flask(f"yihu.{name}", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BATCH_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    handle_errors(app)

    def permit(may: str) -> Permit:
        found = permit_of(permits())
        if found.department not in {name, "*"} or (may == "write" and found.may != "write"):
            raise Refused([Fault("not_permitted", "", "此密钥无权访问本部门。", "This key may not do this here.")], 403)
        return found

    @app.post("/events")
    def post_events() -> Any:
        allowed = permit("write")
        parcel = Parcel(
            request.mimetype,
            request.mimetype_params.get("charset", ""),
            request.headers.get("Content-Encoding", ""),
            partial(request.get_data, cache=False),
            _attributes if "ce-specversion" in request.headers else None,
        )
        answers = take_in(department, {allowed.source}, submissions_in(parcel))
        if parcel.batched:
            return Response(canonical([as_json(answer) for answer in answers]), 207, mimetype="application/json")
        return _single(answers[0])

    @app.get("/log")
    def get_log() -> Response:
        permit("read")
        only_parameters("after", "limit")
        after, limit = _number("after", 0, 0, 2**62), _number("limit", PAGE, 1, PAGE)
        body = batch(department.recorder.bodies_after(after, limit))
        signature = department.signer.sign(message_digest(department.signer.name, body))
        return Response(body, 200, {SIGNATURE: base64.b64encode(signature).decode()}, mimetype=BATCHED)

    @app.get("/checkpoint")
    def get_checkpoint() -> Response:
        return Response(checkpoints.current(department.recorder, department.signer), mimetype="text/plain")

    @app.get("/health")
    def get_health() -> Any:
        return {"status": "ok", "department": name, "position": department.recorder.max_notification_id() or 0}

    @app.get("/openapi.json")
    def get_openapi() -> Any:
        own = [known for known in CATALOGUE if known.department == name]
        return department_api(name, own, events=BATCH_EVENTS, records=PAGE)

    return app


def _single(answer: Answer) -> Any:
    if answer.refused is not None:
        raise answer.refused
    return (answer.receipt, 201, {}) if answer.new else (answer.receipt, 200, {"Idempotency-Replayed": "true"})


def _attributes() -> dict[str, Any]:
    """Return the attributes of CloudEvents binary mode: in `ce-` headers, percent-encoded UTF-8."""
    named = ((name.lower(), value) for name, value in request.headers.items())
    return {name[3:]: _unquoted(value) for name, value in named if name.startswith("ce-")}


def _unquoted(value: str) -> str:
    """Decode a header; a letter that got lost on the way would be stored as another one for ever."""
    try:
        if value.isascii() and not _NO_ESCAPE.search(value):
            return unquote(value, errors="strict")
    except UnicodeDecodeError:
        pass
    zh, en = "ce- 头须为百分号编码的 UTF-8。", "A ce- header must be percent-encoded UTF-8."
    raise Refused([Fault("header_encoding", "", zh, en)], 400)


_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def _number(name: str, default: int, lowest: int, highest: int) -> int:
    text = request.args.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,20}", text) or not lowest <= int(text) <= highest:
        zh, en = f"须为 {lowest} 到 {highest} 的整数。", f"This must be a whole number from {lowest} to {highest}."
        raise Refused([Fault("not_a_number", f"/{name}", zh, en)], 400)
    return int(text)
