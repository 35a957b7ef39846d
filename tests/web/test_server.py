"""The web server itself: what it does with a request before any application sees it."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from waitress import create_server
from waitress.server import TcpWSGIServer

from services.processes import web


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Serve nothing on a free port."""
    monkeypatch.setattr(TcpWSGIServer, "channel_class", web._Channel)
    server = create_server(Flask("nothing"), host="127.0.0.1", port=0, threads=1)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.socket.getsockname()
    server.close()
    thread.join(5)


HEAD = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"


@pytest.mark.parametrize("begin", ["P", HEAD], ids=["head", "body"])
def test_a_request_that_trickles_for_too_long_is_refused(
    address: tuple[str, int], begin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "REQUEST_S", 0.3)
    with socket.create_connection(address, timeout=10) as sock:
        sock.sendall(begin.encode())
        deadline = time.monotonic() + 5
        sock.settimeout(0.05)
        answer = b""
        while not answer and time.monotonic() < deadline:
            sock.sendall(b"x")
            try:
                answer = sock.recv(65536)
            except TimeoutError:
                continue
        sock.settimeout(5)
        while more := sock.recv(65536):
            answer += more
    assert answer.split()[1] == b"408", answer[:40]
    assert b'"code": "request_timeout"' in answer
    assert b"application/problem+json" in answer
