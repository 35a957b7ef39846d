"""The client of a department's HTTP door: used to emit events, and by the family case to fetch what it missed."""

import base64
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import orjson

from shared.errors import YihuError
from shared.keys.signing import Verifier, message_digest
from shared.language.envelope import BATCHED, STRUCTURED
from shared.log.record import RecordedEvent, decode_batch

TIMEOUT_S = 10.0
"""How long a door may take to begin its answer, and again to finish it."""
ANSWER_BYTES = 64 * 1024 * 1024
"""The longest answer that is read."""
READ_BYTES = 64 * 1024
PAGE = 500
SIGNATURE = "Yihu-Signature"


class DepartmentUnavailable(YihuError):
    """A department's door cannot be reached or does not answer as it should."""

    def __init__(self) -> None:
        super().__init__("department_unavailable", "部门服务暂不可用。", "The department's service is unavailable.")


class NotAnAddress(YihuError):
    """What was given as the address of the doors is none."""

    def __init__(self) -> None:
        super().__init__(
            "not_an_address",
            "服务地址不对，应如 http://127.0.0.1:8420。",
            "This is not the address of a service; it looks like http://127.0.0.1:8420.",
        )


class NotAKey(YihuError):
    """What was given as an API key cannot be one."""

    def __init__(self) -> None:
        super().__init__(
            "not_an_api_key", "接口密钥含有非法字符，请核对。", "The API key has illegal characters; check it."
        )


class _StayHere(HTTPRedirectHandler):
    """Follow no redirect: it would carry the API key to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered: the HTTP status and the JSON object."""

    status: int
    body: dict[str, Any]


class Client:
    """Talks to the departments' doors with one API key, under one address or, by name, others.

    Raises NotAnAddress or NotAKey.
    """

    def __init__(self, url: str, api_key: str, others: Mapping[str, str] | None = None) -> None:
        if not all(map(_is_address, [url, *(others or {}).values()])):
            raise NotAnAddress
        if not (api_key.isascii() and api_key.isprintable()):
            raise NotAKey
        self.url = url.rstrip("/")
        self.others = {department: other.rstrip("/") for department, other in (others or {}).items()}
        self.api_key = api_key
        # departments are never behind a proxy of the environment
        self._opener = build_opener(ProxyHandler({}), _StayHere())

    def emit(self, department: str, event: Any) -> Answer:
        """Send one event; return the receipt or the problem. Raises DepartmentUnavailable."""
        return self.post(department, json.dumps(event, ensure_ascii=False).encode())

    def post(self, department: str, raw: bytes) -> Answer:
        """Send the bytes of one event; return the receipt or the problem. Raises DepartmentUnavailable."""
        request = Request(f"{self._door(department)}/events", raw, {"Content-Type": STRUCTURED})  # noqa: S310
        status, body, _ = self._send(request)
        return Answer(status, _object(body))

    def ask(self, department: str, path: str, method: str = "GET") -> Answer:
        """Ask a department's door something about this key; an answer without content has an empty body.

        Raises DepartmentUnavailable.
        """
        request = Request(f"{self._door(department)}/{path}", method=method)  # noqa: S310 - our own address
        status, body, _ = self._send(request)
        return Answer(status, _object(body) if body else {})

    def open(self, department: str, asked: Mapping[str, Any]) -> Answer:
        """Have sealed fields opened: `user`, `role`, `purpose`, `records`. Raises DepartmentUnavailable."""
        raw = json.dumps(asked, ensure_ascii=False).encode()
        request = Request(f"{self._door(department)}/open", raw, {"Content-Type": "application/json"})  # noqa: S310
        status, body, _ = self._send(request)
        return Answer(status, _object(body))

    def emit_all(self, department: str, events: Sequence[Any]) -> list[Answer] | None:
        """Send events as one batch; return the receipt or problem of each, or None if the batch as such is refused.

        Raises DepartmentUnavailable.
        """
        return self._batch(department, events, "events")

    def other_names(self, department: str, pairs: Sequence[tuple[str, str]]) -> list[int] | None:
        """Return the places of the names that a department has otherwise for their numbers, None where it says nothing.

        Raises DepartmentUnavailable.
        """
        raw = json.dumps([{"person": person, "name": name} for person, name in pairs], ensure_ascii=False).encode()
        request = Request(f"{self._door(department)}/names", raw, {"Content-Type": "application/json"})  # noqa: S310
        status, body, _ = self._send(request)
        found = _object(body).get("other") if status == http.client.OK else None
        return [at for at in found if isinstance(at, int) and 0 <= at < len(pairs)] if isinstance(found, list) else None

    def _batch(self, department: str, events: Sequence[Any], way: str) -> list[Answer] | None:
        raw = json.dumps(events, ensure_ascii=False).encode()
        request = Request(f"{self._door(department)}/{way}", raw, {"Content-Type": BATCHED})  # noqa: S310
        status, body, _ = self._send(request)
        if status == http.client.SERVICE_UNAVAILABLE:
            raise DepartmentUnavailable
        if status != http.client.MULTI_STATUS:
            return None
        try:
            answers = [Answer(one["status"], one.get("receipt") or one["problem"]) for one in orjson.loads(body)]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise DepartmentUnavailable from None
        if len(answers) != len(events):
            raise DepartmentUnavailable
        return answers

    def log(self, department: str, after: int, verifier: Verifier) -> list[RecordedEvent]:
        """Fetch the records after a position, signed by the department. Raises DepartmentUnavailable."""
        request = Request(f"{self._door(department)}/log?after={after}&limit={PAGE}")  # noqa: S310 - our own address
        status, body, headers = self._send(request)
        try:
            signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
            if status != http.client.OK or not verifier.holds(message_digest(verifier.name, body), signature):
                raise DepartmentUnavailable
            return decode_batch(body)
        except ValueError:
            raise DepartmentUnavailable from None

    def unverified(self, department: str, after: int) -> list[dict[str, Any]]:
        """Fetch the records after a position as a reader sees them who checks no signature.

        Raises DepartmentUnavailable.
        """
        request = Request(f"{self._door(department)}/log?after={after}&limit={PAGE}")  # noqa: S310 - our own address
        status, body, _ = self._send(request)
        try:
            found: list[dict[str, Any]] = json.loads(body)
        except ValueError:
            raise DepartmentUnavailable from None
        if status != http.client.OK:
            raise DepartmentUnavailable
        return found

    def checkpoint(self, department: str) -> str:
        """Fetch the department's signed checkpoint. Raises DepartmentUnavailable."""
        status, body, _ = self._send(Request(f"{self._door(department)}/checkpoint"))  # noqa: S310 - our own address
        if status != http.client.OK:
            raise DepartmentUnavailable
        return body.decode("utf-8", "replace")

    def _door(self, department: str) -> str:
        return f"{self.others.get(department, self.url)}/{quote(department)}"

    def _send(self, request: Request) -> tuple[int, bytes, Any]:
        request.add_header("Authorization", f"Bearer {self.api_key}")
        try:
            with self._open(request) as answer:
                return answer.status, _whole(answer), answer.headers
        except (URLError, OSError, http.client.HTTPException):
            raise DepartmentUnavailable from None

    def _open(self, request: Request) -> Any:
        try:
            return self._opener.open(request, timeout=TIMEOUT_S)
        except HTTPError as error:
            return error  # a refusal is an answer too


class JudgingClient(Client):
    """Asks the doors what would come of events: nothing is recorded, and each answer is what the event would get."""

    def emit(self, department: str, event: Any) -> Answer:
        """Return what would come of one event. Raises DepartmentUnavailable."""
        answers = self.emit_all(department, [event])
        if answers is None:
            raise DepartmentUnavailable
        return answers[0]

    def emit_all(self, department: str, events: Sequence[Any]) -> list[Answer] | None:
        """Return what would come of each event of a batch, None if the batch as such is refused.

        Raises DepartmentUnavailable.
        """
        return self._batch(department, events, "judge")


def _whole(answer: Any) -> bytes:
    """Read an answer to its end. Raises DepartmentUnavailable when it is too long or takes too long."""
    deadline = time.monotonic() + TIMEOUT_S
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(READ_BYTES):
        parts.append(part)
        size += len(part)
        if size > ANSWER_BYTES or time.monotonic() > deadline:
            raise DepartmentUnavailable
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DepartmentUnavailable
    return found


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0 and url.isprintable()
        )
    except ValueError:
        return False
