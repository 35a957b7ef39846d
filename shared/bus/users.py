"""Who may do what on the broker: a user for the program, and one for each department, as RabbitMQ's definitions.

A department may publish to its own exchange alone, and make and read answer queues under its own name alone.
"""

import re
from collections.abc import Iterable
from typing import Any

from shared.bus.inbox import in_queue, out_queue

OURS = r"^(yihu\.|nameko-rpc$|rpc-|amq\.default$)"
"""What the program itself makes, writes to and reads. Answers go by the default exchange, which is `amq.default`."""


def definitions(departments: Iterable[str]) -> dict[str, Any]:
    """Return the definitions to import into a broker. No user has a password: nobody can log in before it is set."""
    permissions = {"yihu": (OURS, OURS, OURS)} | {name: _of(name) for name in departments}
    return {
        "vhosts": [{"name": "/"}],
        "users": [
            {"name": name, "password_hash": "", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}
            for name in permissions
        ],
        "permissions": [
            {"user": name, "vhost": "/", "configure": configure, "write": write, "read": read}
            for name, (configure, write, read) in permissions.items()
        ],
    }


def _of(department: str) -> tuple[str, str, str]:
    """Return what a department's user may configure, write and read."""
    own, answers = re.escape(in_queue(department).exchange.name), re.escape(out_queue(department).name)
    return rf"^{answers}\..+$", f"^{own}$", rf"^{answers}(\..+)?$"
