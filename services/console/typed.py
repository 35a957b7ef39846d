"""What somebody typed into a form when the session had ended: kept closed in the form for signing in.

Whoever typed it finds it again after signing in, and decides whether it is sent. Nothing is done by itself, and
nothing of it stands in an address.
"""

import json
from dataclasses import dataclass

from flask import request

from shared.errors import Broken
from shared.keys.box import Box

FIELD = "kept"
MOST = 64_000
"""How many characters it may have, closed: a form of FORM_BYTES, and what closing adds."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was not accepted: where it was going, its fields in order, and whether files were left out."""

    path: str
    fields: list[tuple[str, str]]
    files: bool


def close(box: Box, whose: str) -> str:
    """Return the form of this request, closed for whose session it was."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return box.close(json.dumps([request.path, fields, bool(request.files)], ensure_ascii=False), whose)


def open_(box: Box, closed: str, whose: str) -> Typed | None:
    """Return what was typed by who is signed in now; nothing for another's, and for what is none."""
    try:
        path, fields, files = json.loads(box.open(closed, whose))
    except Broken:
        return None
    return Typed(path, [(name, value) for name, value in fields], files)
