"""A department's HTTP door: events in, log and checkpoint out. The web process never touches the bus."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, request

from shared.door.client import SIGNATURE
from shared.door.department import Answer, Department
from shared.door.intake import BATCH_BYTES, BATCH_EVENTS, Parcel, as_json, submissions_in, take_in
from shared.door.names import Names
from shared.door.openapi import department_api
from shared.door.opening import BODY_BYTES, NothingSealed, Openings
from shared.door.opening import read as read_opening
from shared.door.refused import RefusedDesk
from shared.door.sandbox import MODE, Sandbox
from shared.door.web import handle_errors, only_parameters, permit_of
from shared.errors import Fault, Refused
from shared.json import canonical, parse_strict
from shared.keys.files import RIGHTS, Permit
from shared.keys.signing import message_digest
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import BATCHED, CHINA
from shared.log import checkpoints
from shared.log.record import batch
from shared.log.refused import DAYS as REFUSED_DAYS

PAGE = 1_000
DAYS = 7
"""How many days of refusals are shown unless somebody asks for others."""
_MAY = {"write": ["report", "read"], "test": ["report", "read", "empty"], "read": ["read"], "open": ["open"]}
_READS = ("write", "read", "test")


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who asks, and what answers: the department, or its sandbox for who tests."""

    permit: Permit
    department: Department
    desk: RefusedDesk


def department_app(
    name: str,
    department: Department,
    permits: Callable[[], dict[str, Permit]],
    sandbox: Sandbox | None = None,
    openings: Openings | None = None,
) -> Flask:
    """Return the web application of one department, to be mounted at `/<name>`.

    A key that tests reaches the `sandbox` and nothing else; without `openings` nothing sealed is opened here.
    """
    app = Flask(f"yihu.{name}", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BATCH_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    handle_errors(app)
    desk = RefusedDesk(department.database)

    def caller(*may: str) -> _Caller:
        found = permit_of(permits())
        if found.department not in {name, "*"} or found.may not in may or (found.may == "test" and sandbox is None):
            raise Refused([Fault("not_permitted", "", "此密钥无权访问本部门。", "This key may not do this here.")], 403)
        if found.may != "test" or sandbox is None:
            return _Caller(found, department, desk)
        behind = sandbox.department()
        return _Caller(found, behind, RefusedDesk(behind.database))

    @app.post("/events")
    def post_events() -> Any:
        who = caller("write", "test")
        parcel = _parcel()
        try:
            submissions = submissions_in(parcel)
        except Refused as refused:
            who.desk.note(who.permit.source, [None], [refused])
            raise
        answers = take_in(who.department, {who.permit.source}, submissions)
        who.desk.note(who.permit.source, submissions, [answer.refused for answer in answers])
        if parcel.batched:
            return Response(canonical([as_json(answer) for answer in answers]), 207, mimetype="application/json")
        return _single(answers[0])

    @app.get("/log")
    def get_log() -> Response:
        read = caller(*_READS).department
        only_parameters("after", "limit")
        after, limit = _number("after", 0, 0, 2**62), _number("limit", PAGE, 1, PAGE)
        body = batch(read.recorder.bodies_after(after, limit))
        signature = read.signer.sign(message_digest(read.signer.name, body))
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
        return department_api(name, own, events=BATCH_EVENTS, records=PAGE, days=REFUSED_DAYS)

    _for_keys(app, name, caller, sandbox)
    _for_who_opens(app, caller, openings)
    _for_who_has_names(app, Names(department), permits)
    return app


def _for_who_opens(app: Flask, caller: Callable[..., _Caller], openings: Openings | None) -> None:
    """Open sealed fields for the family case, which says for whom and what for."""

    @app.post("/open")
    def post_open() -> Any:
        caller("open")
        if openings is None:
            raise NothingSealed
        request.max_content_length = BODY_BYTES
        return openings.open(read_opening(request.get_data(cache=False)))


def _for_who_has_names(app: Flask, names: Names, permits: Callable[[], dict[str, Permit]]) -> None:
    """Say which names do not belong to their numbers, to any system that may report to some department."""

    @app.post("/names")
    def post_names() -> Any:
        found = permit_of(permits())
        if found.may != "write":
            raise Refused([Fault("not_permitted", "", "此密钥无权核对姓名。", "This key may not compare names.")], 403)
        return {"other": names.differ(found.source, parse_strict(request.get_data(cache=False)))}


def _for_keys(app: Flask, name: str, caller: Callable[..., _Caller], sandbox: Sandbox | None) -> None:
    """Answer what the holder of a key asks about it, and about what was refused."""

    @app.post("/judge")
    def post_judge() -> Any:
        """Answer what would come of a batch of events: what `/events` would answer; nothing is recorded."""
        who = caller("write", "test")
        answers = take_in(who.department, {who.permit.source}, submissions_in(_parcel()), judge_only=True)
        return Response(canonical([as_json(answer) for answer in answers]), 207, mimetype="application/json")

    @app.get("/whoami")
    def get_whoami() -> Any:
        who = caller(*RIGHTS).permit
        found = {"department": name, "source": who.source, "mode": "live", "may": _MAY[who.may]}
        if who.may != "test" or sandbox is None:
            return found
        return found | {"mode": MODE, "emptied": sandbox.ends().astimezone(CHINA).isoformat(timespec="seconds")}

    @app.get("/refused")
    def get_refused() -> Any:
        who = caller(*_READS)
        only_parameters("days")
        days = _number("days", DAYS, 1, REFUSED_DAYS)
        return {"department": name, "days": days, "refused": who.desk.lately(days)}

    @app.delete("/sandbox")
    def delete_sandbox() -> Any:
        caller("test")
        assert sandbox is not None  # noqa: S101 - nobody tests without one
        sandbox.empty()
        return "", 204


def _single(answer: Answer) -> Any:
    if answer.refused is not None:
        raise answer.refused
    return (answer.receipt, 201, {}) if answer.new else (answer.receipt, 200, {"Idempotency-Replayed": "true"})


def _parcel() -> Parcel:
    return Parcel(
        request.mimetype,
        request.mimetype_params.get("charset", ""),
        request.headers.get("Content-Encoding", ""),
        partial(request.get_data, cache=False),
        _attributes if "ce-specversion" in request.headers else None,
    )


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
