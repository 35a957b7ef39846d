"""The client of a department's HTTP door: used to emit events, and by the family case to fetch what it missed."""

import base64
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from shared.envelope import STRUCTURED, decode_batch
from shared.errors import YihuError
from shared.event import RecordedEvent
from shared.evidence import Verifier, message_digest

TIMEOUT_S = 10.0
PAGE = 500
SIGNATURE = "Yihu-Signature"


class DepartmentUnavailable(YihuError):
    """A department's door cannot be reached or does not answer as it should."""

    def __init__(self) -> None:
        super().__init__("department_unavailable", "部门服务暂不可用。", "The department's service is unavailable.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered: the HTTP status and the JSON body."""

    status: int
    body: Any


class Client:
    """Talks to the departments' doors under one address with one API key."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url.rstrip("/")
        self.api_key = api_key
        self._opener = build_opener(ProxyHandler({}))  # departments are never behind a proxy of the environment

    def emit(self, department: str, event: Any) -> Answer:
        """Send one event; return the receipt or the problem. Raises DepartmentUnavailable."""
        raw = json.dumps(event, ensure_ascii=False).encode()
        request = Request(f"{self.url}/{quote(department)}/events", raw, {"Content-Type": STRUCTURED})  # noqa: S310
        status, body, _ = self._send(request)
        return Answer(status, _parsed(body))

    def log(self, department: str, after: int, verifier: Verifier) -> list[RecordedEvent]:
        """Fetch the records after a position, signed by the department. Raises DepartmentUnavailable."""
        request = Request(f"{self.url}/{department}/log?after={after}&limit={PAGE}")  # noqa: S310 - our own address
        status, body, headers = self._send(request)
        try:
            signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
            if status != http.client.OK or not verifier.holds(message_digest(verifier.name, body), signature):
                raise DepartmentUnavailable
            return decode_batch(body)
        except ValueError:
            raise DepartmentUnavailable from None

    def checkpoint(self, department: str) -> str:
        """Fetch the department's signed checkpoint. Raises DepartmentUnavailable."""
        status, body, _ = self._send(Request(f"{self.url}/{department}/checkpoint"))  # noqa: S310 - our own address
        if status != http.client.OK:
            raise DepartmentUnavailable
        return body.decode("utf-8", "replace")

    def _send(self, request: Request) -> tuple[int, bytes, Any]:
        request.add_header("Authorization", f"Bearer {self.api_key}")
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read(), answer.headers
        except HTTPError as error:
            with error:
                return error.code, error.read(), error.headers
        except (URLError, OSError, http.client.HTTPException):
            raise DepartmentUnavailable from None


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise DepartmentUnavailable from None
