"""Who may do what on the broker, as RabbitMQ's definitions: a user for each department's systems, one for each service.

A department's systems may publish to its own exchange alone, and make and read answer queues under its own name alone.
A department's processes may publish events under its own name alone. The user `yihu` is for an installation that runs
everything as one.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shared.bus.broker import EXCHANGE, PARAMETERS, QUESTIONS, case_queue, parameter_queue, question_queue
from shared.bus.inbox import in_queue, out_queue

OURS = r"^(yihu\.|nameko-rpc$|rpc-|amq\.default$)"
"""What the program itself makes, writes to and reads. Answers go by the default exchange, which is `amq.default`."""
PROGRAM = "yihu"
ANSWERS = "amq.default"
_SALT_BYTES = 4


class _May(NamedTuple):
    """What a user may make, write to and read: regular expressions of names."""

    configure: str
    write: str
    read: str


def service_user(service: str) -> str:
    """Return the broker's user as which a service's processes log in; `<department>` alone is for its systems."""
    return f"{service}.service"


def definitions(
    departments: Iterable[str], family_case: str, setter: str, passwords: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the definitions to import into a broker.

    `setter` is the department that sets policy parameters. Who has none of the `passwords` cannot log in.
    """
    names = tuple(departments)
    may = {PROGRAM: _May(OURS, OURS, OURS)} | {name: _systems(name) for name in names}
    may |= {service_user(name): _department(name, family_case, names if name == setter else ()) for name in names}
    may[service_user(family_case)] = _family_case(family_case)
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user(name, (passwords or {}).get(name)) for name in may],
        "permissions": [{"user": name, "vhost": "/"} | one._asdict() for name, one in may.items()],
        "topic_permissions": [
            {"user": service_user(name), "vhost": "/", "exchange": EXCHANGE.name}
            | {"write": rf"^{re.escape(name)}\.", "read": "^$"}
            for name in names
        ],
    }


def _user(name: str, password: str | None) -> dict[str, Any]:
    hashed = "" if password is None else _hashed(password)
    return {"name": name, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}


def _hashed(password: str) -> str:
    """Return a password as RabbitMQ keeps it: four bytes of salt, and the SHA-256 of salt and password, in base64."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _systems(department: str) -> _May:
    answers = re.escape(out_queue(department).name)
    own = in_queue(department).exchange.name
    return _May(rf"^{answers}\..+$", _names(own), rf"^{answers}(\..+)?$")


def _department(department: str, family_case: str, others: tuple[str, ...]) -> _May:
    """Return what a department's processes may; whoever sets parameters tells `others`.

    Who declares a queue must be able to make it, and to write to it and read from its exchange to bind it.
    """
    case, own, out = _case(family_case), in_queue(department).name, out_queue(department).name
    told = [parameter_queue(other).name for other in others if other != department] or [
        parameter_queue(department).name
    ]
    made = [EXCHANGE.name, case, PARAMETERS.name, *told, own, out]
    tells = [PARAMETERS.name] if others else []
    reads = [] if others else told
    return _May(
        _names(*made),
        _names(EXCHANGE.name, case, *tells, *told, own, out, ANSWERS),
        _names(EXCHANGE.name, PARAMETERS.name, *reads, own),
    )


def _family_case(name: str) -> _May:
    case, asked = _case(name), question_queue(name).name
    both = (case, QUESTIONS.name, asked)
    return _May(_names(EXCHANGE.name, *both), _names(*both), _names(EXCHANGE.name, *both))


def _case(family_case: str) -> str:
    return case_queue(f"yihu.{family_case}").name


def _names(*names: str) -> str:
    return f"^({'|'.join(map(re.escape, dict.fromkeys(names)))})$"
