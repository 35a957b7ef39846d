"""The web process: every department's door and the console, mounted by path on one threaded server.

`python -m services.processes.web HOST PORT` serves all; further names serve only those departments (or `family_case`).
"""

import gc
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask
from waitress.utilities import Error
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from services.console.app import console_app
from services.console.coverage import coverage_pages
from services.console.family import FamilyPages
from services.console.family_record import record_pages
from services.console.opening import opening_pages
from services.console.report import report_pages
from services.console.sessions import Sessions
from services.entitlements.web.indicators import indicator_pages
from services.entitlements.web.openapi import BESIDE as OWED_API
from services.entitlements.web.work import work_pages
from services.family_case.web.service import BESIDE
from services.processes import assembly
from services.processes.supervisor import die_with_parent
from shared.door.http import department_app
from shared.door.intake import BATCH_BYTES
from shared.door.sandbox import Sandbox
from shared.door.web import handle_errors, http_problem
from shared.keys.box import Box
from shared.keys.files import Keys
from shared.logs import start_logging
from shared.settings import Settings

THREADS = 16
GARBAGE = (5_000, 20, 100)
"""When objects are looked through for garbage: all of them seldom, since doors keep many records, and a request that
meets it waits for it."""
STALLED_S = 20
"""How long a client may be silent in the middle of a request before its connection is closed."""
REQUEST_S = 60
"""How long a request may take to arrive, however it trickles: a connection is not to be held for ever."""
READ_BYTES = 4 * BATCH_BYTES
"""How large a body is read to its end: who sends too much gets a 413 then, not a broken connection to try again."""
DRAIN_S = 5.0
"""How long requests in flight may take after SIGTERM."""


class _Problem(ErrorTask):  # type: ignore[misc]
    """Answers what is no HTTP like everything else: as problem+json that repeats nothing of it."""

    def execute(self) -> None:
        answer = http_problem(self.request.error.code)
        self.status = answer.status
        self.response_headers.extend(answer.headers.items())
        self.set_close_on_finish()
        body = answer.get_data()
        self.content_length = len(body)
        self.write(body)


class _TooSlow(Error):  # type: ignore[misc]
    code = HTTPStatus.REQUEST_TIMEOUT


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses a request that two servers could understand differently: where it ends, for whom it is (RFC 9112).

    And one that takes longer than REQUEST_S to arrive.
    """

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.begun = time.monotonic()

    def received(self, data: bytes) -> int:
        if time.monotonic() - self.begun <= REQUEST_S:
            return int(super().received(data))
        self.error, self.completed = _TooSlow(""), True
        return len(data)

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        headers = self.headers
        two_lengths = self.chunked and "CONTENT_LENGTH" in headers
        unread_coding = "TRANSFER_ENCODING" in headers  # the library reads and removes it in version 1.1 alone
        host = headers.get("HOST", "" if self.version == "1.1" else "none")
        if self.version not in {"1.0", "1.1"} or two_lengths or unread_coding or not host or "," in host:
            raise ParsingError("ambiguous")


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser
    error_task_class = _Problem


def application(settings: Settings, names: Sequence[str]) -> Any:
    """Return the WSGI application with every wanted service mounted by path."""
    keys = Keys(settings.keys)
    keys.permits()  # a process without API keys does not start
    doors = {f"/{name}": _door(name, settings, keys) for name in names if name != assembly.FAMILY_CASE}
    if assembly.FAMILY_CASE in names:
        root = console_app(
            assembly.queries(settings),
            assembly.link_key(settings),
            keys.permits,
            Sessions(assembly.accounts(settings)),
            secret=keys.master(assembly.FAMILY_CASE),
            allow_test_regions=settings.allow_test_regions,
            lists=(lists := assembly.work_lists(settings)),
            owes=(owes := assembly.owed(settings)),
        )
        root.config[BESIDE] = OWED_API
        root.register_blueprint(work_pages(lists, assembly.past_work(settings)))
        root.register_blueprint(indicator_pages(indicators := assembly.indicators(settings)))
        root.register_blueprint(coverage_pages(indicators))
        root.register_blueprint(report_pages(indicators))
        root.register_blueprint(opening_pages(assembly.queries(settings), partial(assembly.opener, settings)))
        box, recorders = Box(keys.master(assembly.FAMILY_CASE), "console records"), partial(assembly.door_of, settings)
        pages = FamilyPages(owes.loader.queries, owes)
        root.register_blueprint(record_pages(pages, recorders, partial(assembly.faults_of, settings=settings), box))
    else:
        root = _doors_only()
    return DispatcherMiddleware(root.wsgi_app, {path: door.wsgi_app for path, door in doors.items()})


def _door(name: str, settings: Settings, keys: Keys) -> Flask:
    """Return a department's door, with its sandbox and what opens its sealed fields."""
    department = assembly.department(name, settings)
    sandbox = Sandbox(partial(assembly.sandbox, name, settings))
    return department_app(name, department, keys.permits, sandbox, assembly.openings(name, department, settings))


def _doors_only() -> Flask:
    """Return what answers beside the doors where the family case is not served."""
    root = Flask("yihu", static_folder=None)
    handle_errors(root)

    @root.get("/health")
    def get_health() -> Any:
        return {"status": "ok"}

    return root


def main(host: str, port: int, names: list[str]) -> None:
    """Serve until SIGTERM; then finish the requests in flight."""
    die_with_parent()
    start_logging()
    app = application(Settings.from_environment(), assembly.services_named(names))
    gc.freeze()  # what is here by now stays
    gc.set_threshold(*GARBAGE)
    TcpWSGIServer.channel_class = _Channel
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        channel_timeout=STALLED_S,
        max_request_body_size=READ_BYTES,
        max_request_header_size=32 * 1024,
        connection_limit=500,
        ident="",
        clear_untrusted_proxy_headers=True,
    )

    def stop(*_: Any) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    drain = partial(server.task_dispatcher.shutdown, cancel_pending=False, timeout=DRAIN_S)
    server.task_dispatcher.shutdown = drain  # `run` calls it when it is stopped
    try:
        server.run()
    finally:
        server.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
