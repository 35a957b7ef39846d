"""Who may read: a key that may read everything, or anybody on this machine while the console is open to it."""

from collections.abc import Callable
from ipaddress import ip_address

from flask import Flask, g, request

from services.family_case.reading import Reader
from shared.door.web import permit_of
from shared.errors import Fault, Refused
from shared.keys.files import Permit

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
PUBLIC = {"service.get_health", "service.get_openapi"}
"""What says nothing of a family."""
CONSOLE = Reader("console", "case_worker")
PROGRAM = Reader("api", "program")


def let_in(app: Flask, permits: Callable[[], dict[str, Permit]], *, open_console: bool) -> None:
    """Ask for a key that may read everything, unless the console is open to this machine; note who reads."""

    @app.before_request
    def check() -> None:
        if request.endpoint in PUBLIC:
            return
        # the name is checked too: a page elsewhere cannot make its own name point to us
        if open_console and _host() in LOOPBACK and _from_this_machine():
            g.reader = CONSOLE
            return
        found = permit_of(permits())
        if found.may != "read" or found.department != "*":
            raise Refused(
                [Fault("not_permitted", "", "此密钥无权查看案卷。", "This key may not read family cases.")], 403
            )
        g.reader = PROGRAM


def reader() -> Reader:
    """Return who reads."""
    found: Reader = g.reader
    return found


def _from_this_machine() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _host() -> str:
    host = request.host
    return host if host.endswith("]") else host.rsplit(":", 1)[0]
