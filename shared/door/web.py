"""What the web applications share: every error as problem+json, the API key of a request, and its parameters."""

import json
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.door.intake import as_problem
from shared.errors import Fault, Internal, Refused, YihuError, nearest, refusal
from shared.keys.files import Permit, digest_of
from shared.postgres.database import Unavailable

PROBLEM = "application/problem+json"
RETRY_AFTER_S = 2
"""After how long a client may try again what failed for want of the database."""


def handle_errors(app: Flask) -> None:
    """Answer every error as problem+json (RFC 9457): code, pointer, Chinese and English, never a value."""
    app.url_map.merge_slashes = False  # it would answer by repeating the address

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return problem(error)

    @app.errorhandler(Unavailable)
    def unavailable(error: Unavailable) -> Response:
        return problem(refusal(error, 503))

    @app.errorhandler(YihuError)
    def ours(error: YihuError) -> Response:
        app.logger.error("request failed: %s", error.code)
        return problem(refusal(error, 500))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        answer = http_problem(error.code or 500)
        if isinstance(error, MethodNotAllowed):
            answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        app.logger.error("request failed", exc_info=error)
        return problem(Internal())

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def http_problem(code: int) -> Response:
    """Return what HTTP itself has against a request as problem+json."""
    status = HTTPStatus(code)
    fault = Fault(status.name.lower(), "", _HTTP_ZH.get(status, "请求无法处理。"), status.phrase + ".")
    return problem(Refused([fault], status))


_HTTP_ZH = {
    HTTPStatus.BAD_REQUEST: "请求不符合 HTTP 规范。",
    HTTPStatus.NOT_FOUND: "没有这个地址。",
    HTTPStatus.METHOD_NOT_ALLOWED: "此地址不支持该方法。",
    HTTPStatus.REQUEST_TIMEOUT: "请求传送过慢。",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "内容超过大小上限。",
}


def problem(error: Refused) -> Response:
    """Return a refusal as problem+json."""
    content = as_problem(error)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if content["retry"] else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(content, ensure_ascii=False), error.status, headers, mimetype=PROBLEM)


def permit_of(permits: dict[str, Permit]) -> Permit:
    """Return what the API key of the request permits. Raises Refused (401) without a valid one."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    found = permits.get(digest_of(key.strip() if scheme.lower() == "bearer" else ""))
    if found is None:
        zh, en = "缺少有效的接口密钥。", "A valid API key is missing (Authorization: Bearer)."
        raise Refused([Fault("no_key", "", zh, en)], 401)
    return found


def only_parameters(*known: str) -> None:
    """Refuse a query with a parameter that nobody reads, or with one twice: it would be answered as if it were not."""
    for name, values in request.args.lists():
        if name not in known or len(values) > 1:
            hint_zh, hint_en = nearest(name, known) if name not in known else ("", "")
            zh, en = f"地址中有多余的参数。{hint_zh}", f"The address has a parameter too many.{hint_en}"
            raise Refused([Fault("unknown_parameter", f"/{name if name in known else '?'}", zh, en)], 400)
