"""A department's HTTP door: events in, log and checkpoint out. The web process never touches the bus."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, request

from shared.door.client import SIGNATURE
from shared.door.department import Answer, Department
from shared.door.openapi import department_api
from shared.door.refused import RefusedDesk
from shared.door.sandbox import MODE, Sandbox
from shared.door.web import as_problem, handle_errors, only_parameters, permit_of
from shared.errors import Fault, Refused
from shared.json import canonical, parse_each, parse_strict
from shared.keys.files import RIGHTS, Permit
from shared.keys.signing import message_digest
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import BATCHED, CHINA, STRUCTURED, is_json
from shared.log import checkpoints
from shared.log.record import batch
from shared.log.refused import DAYS as REFUSED_DAYS

EVENT_BYTES = 256 * 1024
BATCH_BYTES = 4 * 1024 * 1024
BATCH_EVENTS = 1_000
PAGE = 1_000
DAYS = 7
"""How many days of refusals are shown unless somebody asks for others."""
_MAY = {"write": ["report", "read"], "test": ["report", "read", "empty"], "read": ["read"]}


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who asks, and what answers: the department, or its sandbox for who tests."""

    permit: Permit
    department: Department
    desk: RefusedDesk


def department_app(
    name: str, department: Department, permits: Callable[[], dict[str, Permit]], sandbox: Sandbox | None = None
) -> Flask:
    """Return the web application of one department, to be mounted at `/<name>`.

    A key that tests reaches the `sandbox` and nothing else.
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
        try:
            submissions = _submissions()
        except Refused as refused:
            who.desk.note(who.permit.source, [None], [refused])
            raise
        answers = _receive(who.department, who.permit, submissions)
        who.desk.note(who.permit.source, submissions, [answer.refused for answer in answers])
        if request.mimetype != BATCHED:
            return _single(answers[0])
        return Response(canonical([_as_json(answer) for answer in answers]), 207, mimetype="application/json")

    @app.get("/log")
    def get_log() -> Response:
        read = caller(*RIGHTS).department
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
    return app


def _for_keys(app: Flask, name: str, caller: Callable[..., _Caller], sandbox: Sandbox | None) -> None:
    """Answer what the holder of a key asks about it, and about what was refused."""

    @app.get("/whoami")
    def get_whoami() -> Any:
        who = caller(*RIGHTS).permit
        found = {"department": name, "source": who.source, "mode": "live", "may": _MAY[who.may]}
        if who.may != "test" or sandbox is None:
            return found
        return found | {"mode": MODE, "emptied": sandbox.ends().astimezone(CHINA).isoformat(timespec="seconds")}

    @app.get("/refused")
    def get_refused() -> Any:
        who = caller(*RIGHTS)
        only_parameters("days")
        days = _number("days", DAYS, 1, REFUSED_DAYS)
        return {"department": name, "days": days, "refused": who.desk.lately(days)}

    @app.delete("/sandbox")
    def delete_sandbox() -> Any:
        caller("test")
        assert sandbox is not None  # noqa: S101 - nobody tests without one
        sandbox.empty()
        return "", 204


def _fault(code: str, zh: str, en: str) -> Fault:
    return Fault(code, "", zh, en)


def _submissions() -> list[Any]:
    """Return the events of the request, a Refused in the place of one that cannot be read. Raises Refused."""
    kind = request.mimetype
    if request.mimetype_params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise Refused([_fault("charset", "内容须为 UTF-8 编码。", "The body must be UTF-8.")], 415)
    if request.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        raise Refused([_fault("content_encoding", "不接受压缩的内容。", "A compressed body is not accepted.")], 415)
    if kind == BATCHED:
        return _batch()
    if kind == STRUCTURED:
        return [parse_strict(_body(EVENT_BYTES))]
    if is_json(kind) and "ce-specversion" in request.headers:
        return [_binary()]
    fault = _fault(
        "content_type",
        f"Content-Type 须为 {STRUCTURED}、{BATCHED}，或二进制模式的 JSON（带 ce- 头）。",
        f"Content-Type must be {STRUCTURED}, {BATCHED}, or JSON in binary mode (ce- headers).",
    )
    raise Refused([fault], 415)


def _receive(department: Department, allowed: Permit, submissions: list[Any]) -> list[Answer]:
    """Hand on what could be read and what this key may report, and answer the rest."""
    barred = [_barred(submission, allowed.source) for submission in submissions]
    handed_on = [one for one, refused in zip(submissions, barred, strict=True) if refused is None]
    answers = iter(department.receive_all(handed_on) if handed_on else ())
    return [next(answers) if refused is None else Answer(refused=refused) for refused in barred]


def _barred(submission: Any, source: str) -> Refused | None:
    if isinstance(submission, Refused):  # it could not be read
        return submission
    named = submission.get("source") if isinstance(submission, dict) else None
    if not isinstance(named, str) or named.strip() == source:
        return None
    fault = Fault("other_source", "/source", "此密钥不能以该来源报送。", "This key may not report as this source.")
    return Refused([fault], 403)


def _single(answer: Answer) -> Any:
    if answer.refused is not None:
        raise answer.refused
    return (answer.receipt, 201, {}) if answer.new else (answer.receipt, 200, {"Idempotency-Replayed": "true"})


def _batch() -> list[Any]:
    events = _items(_body(BATCH_BYTES))
    if events is None or not 1 <= len(events) <= BATCH_EVENTS:
        zh, en = (
            f"批量报送须为 1 到 {BATCH_EVENTS} 个事件的数组。",
            f"A batch is an array of 1 to {BATCH_EVENTS} events.",
        )
        raise Refused([_fault("batch_size", zh, en)])
    return events


def _as_json(answer: Answer) -> dict[str, Any]:
    if answer.refused is not None:
        return {"status": int(answer.refused.status), "problem": as_problem(answer.refused)}
    return {"status": 201 if answer.new else 200, "receipt": answer.receipt}


def _items(raw: bytes) -> list[Any] | None:
    """Return the events of a batch, a Refused in the place of one that cannot be read; None if it is no array."""
    items = parse_each(raw)
    if items is None or len(raw) <= EVENT_BYTES:
        return items
    return [
        item if isinstance(item, Refused) or len(canonical(item)) <= EVENT_BYTES else _too_large() for item in items
    ]


def _too_large(longest: int = EVENT_BYTES) -> Refused:
    return Refused([Fault("too_large", "", f"内容超过 {longest} 字节。", f"This exceeds {longest} bytes.")], 413)


def _binary() -> dict[str, Any]:
    """Read CloudEvents binary mode: attributes in `ce-` headers, percent-encoded UTF-8, data in the body."""
    submission: dict[str, Any] = {}
    for name, value in request.headers.items():
        if name.lower().startswith("ce-"):
            submission[name.lower()[3:]] = _unquoted(value)
    if "data" in submission:
        raise Refused(
            [_fault("ce_data", "内容放在正文，不放在 ce-data 头。", "The data is the body, not ce-data.")], 400
        )
    raw = _body(EVENT_BYTES)
    try:
        submission["data"] = parse_strict(raw)
    except Refused as refused:
        raise Refused([replace(fault, pointer=f"/data{fault.pointer}") for fault in refused.faults], 400) from None
    return submission


def _unquoted(value: str) -> str:
    """Decode a header; a letter that got lost on the way would be stored as another one for ever."""
    try:
        if value.isascii() and not _NO_ESCAPE.search(value):
            return unquote(value, errors="strict")
    except UnicodeDecodeError:
        pass
    zh, en = "ce- 头须为百分号编码的 UTF-8。", "A ce- header must be percent-encoded UTF-8."
    raise Refused([_fault("header_encoding", zh, en)], 400)


_NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def _body(longest: int) -> bytes:
    raw = request.get_data(cache=False)
    if len(raw) > longest:
        raise _too_large(longest)
    if not raw:
        raise Refused([Fault("empty", "", "请求没有内容。", "The request has no body.")], 400)
    return raw


def _number(name: str, default: int, lowest: int, highest: int) -> int:
    text = request.args.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,20}", text) or not lowest <= int(text) <= highest:
        zh, en = f"须为 {lowest} 到 {highest} 的整数。", f"This must be a whole number from {lowest} to {highest}."
        raise Refused([Fault("not_a_number", f"/{name}", zh, en)], 400)
    return int(text)
