"""Who reads: a person who is signed in, or a program with a key that may read everything. Nobody else is let in."""

from collections.abc import Callable

from flask import Flask, g, request
from flask.typing import ResponseReturnValue

from services.family_case.reading import Reader
from shared.door.web import permit_of
from shared.errors import Fault, Refused
from shared.keys.files import Permit

PUBLIC = {"service.get_health", "service.get_openapi"}
"""What says nothing of a family."""
PROGRAM = Reader("api", "program")

People = Callable[[], ResponseReturnValue | None]
"""Notes which person asks, in `g.reader`, or answers in their place; raises Refused."""


def let_in(app: Flask, permits: Callable[[], dict[str, Permit]], people: People | None = None) -> None:
    """Ask for a key that may read everything, or let `people` find out who asks without one; note who reads."""

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if request.endpoint in PUBLIC:
            return None
        if people is not None and "Authorization" not in request.headers:
            return people()
        found = permit_of(permits())
        if found.may != "read" or found.department != "*":
            raise Refused(
                [Fault("not_permitted", "", "此密钥无权查看案卷。", "This key may not read family cases.")], 403
            )
        g.reader = PROGRAM
        return None


def reader() -> Reader:
    """Return who reads: the same for a session and a key."""
    found: Reader = g.reader
    return found
