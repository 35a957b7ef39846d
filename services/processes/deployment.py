"""What each service of a deployment is handed: its own keys and passwords, and nobody else's.

`hand_out` makes a directory for each service, to be carried to the host on which it runs; compose files mount its
parts. Whatever is there already is kept, so that it may be run again, as for a department that was added.

    DIRECTORY/
      all/                  the keys of the whole city: into a safe, and off this machine
      <service>/keys        what its processes read as YIHU_KEYS
      <service>/pgpass      the password of its login, in libpq's form (PGPASSFILE)
      <service>/amqp        its address on the broker (YIHU_AMQP_URI_FILE)
      <service>/owner.pgpass
                            for preparing its database
      <service>/database/owner, login.sql
                            for the database itself, at its first start
      broker/definitions.json
                            who may do what on the broker, with hashed passwords
      desks/<department>.api, .sandbox, .amqp
                            for the people who connect a department's systems
"""

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from services.processes import assembly
from shared.bus.users import service_user
from shared.errors import YihuError
from shared.keys.files import create, digest_of

BROKER, DATABASE, OWNER = "rabbitmq:5672", "yihu", "yihu"
"""Where the broker is, and what the database and its owner are called, inside a deployment."""
PROGRAM_UID, SERVER_UID = 10001, 999
"""The users of the containers: ours in deploy/Dockerfile, and that of the images of PostgreSQL and RabbitMQ."""
_OF_A_DOOR = ("link", "{0}.master", "{0}.signing", "{0}.public", "{1}.public")
_OF_THE_CASE = ("link", "family_case.master", "family_case.signing", "family_case.public", "hub.api", "hub.open")


class NotHandedOut(YihuError):
    """The directory cannot be made or written."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            "directory_unusable",
            f"目录 {directory} 无法建立或写入；请检查路径与权限。",
            f"The directory {directory} cannot be made or written; check path and rights.",
        )


def hand_out(directory: Path) -> list[Path]:
    """Make what each service is handed; return the files that are new. Raises NotHandedOut, KeyMissing."""
    try:
        return list(_handed_out(directory))
    except OSError:
        raise NotHandedOut(directory) from None


def _handed_out(directory: Path) -> Iterator[Path]:
    whole = directory / "all"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    create(whole, tuple(assembly.NAMES), assembly.SERVICES, hub=True, sandboxes=True)
    passwords = {}
    for service in assembly.SERVICES:
        own = directory / service
        yield from _keys(whole, own / "keys", service)
        yield from _database(own, service)
        user = service_user(service)
        yield from _kept(own / "amqp", f"amqp://{user}:{_password()}@{BROKER}//")
        passwords[user] = _password_in(own / "amqp")
    for name in assembly.NAMES:
        desk = directory / "desks"
        for kind in ("api", "sandbox"):
            yield from _kept(desk / f"{name}.{kind}", (whole / f"{name}.{kind}").read_text())
        yield from _kept(desk / f"{name}.amqp", f"amqp://{name}:{_password()}@{BROKER}//")
        passwords[name] = _password_in(desk / f"{name}.amqp")
    users = json.dumps(assembly.broker_users(passwords), indent=1)
    yield from _kept(directory / "broker" / "definitions.json", users, SERVER_UID)


def _keys(whole: Path, own: Path, service: str) -> Iterator[Path]:
    """Yield what of all keys a service's processes read: table in docs/operating.md."""
    if service == assembly.FAMILY_CASE:
        names = [*_OF_THE_CASE, *(f"{name}.public" for name in assembly.NAMES)]
    else:
        names = list(dict.fromkeys(name.format(service, assembly.parameter_setter()) for name in _OF_A_DOOR))
    for name in names:
        yield from _kept(own / name, (whole / name).read_text())
    permits = json.loads((whole / "permits.json").read_text())
    here = {
        digest: permit | ({"department": service} if service in assembly.NAMES else {})
        for digest, permit in permits.items()
        if permit["department"] in {service, "*"}
    }
    yield from _kept(own / "permits.json", json.dumps(here, indent=1))
    assert digest_of((whole / "hub.api").read_text().strip()) in here  # noqa: S101 - the case reads every log


def _database(own: Path, service: str) -> Iterator[Path]:
    """Yield the passwords of a database's owner, who prepares it, and of the login as which the processes come."""
    yield from _kept(own / "database" / "owner", _password(), SERVER_UID)
    owner = (own / "database" / "owner").read_text().strip()
    yield from _kept(own / "owner.pgpass", f"*:*:{DATABASE}:{OWNER}:{owner}")
    yield from _kept(own / "pgpass", f"*:*:{DATABASE}:{service}:{_password()}")
    password = (own / "pgpass").read_text().strip().rpartition(":")[2]
    role = f"CREATE ROLE {service} LOGIN PASSWORD '{password}' NOSUPERUSER NOCREATEDB NOCREATEROLE;"
    yield from _kept(own / "database" / "login.sql", role, SERVER_UID)


def _password() -> str:
    return secrets.token_hex(24)  # nothing that an address or SQL would read otherwise


def _password_in(path: Path) -> str:
    return path.read_text().split(":")[2].partition("@")[0]


def _kept(path: Path, text: str, reader: int = PROGRAM_UID) -> Iterator[Path]:
    """Write a file that is not there yet, for its reader alone: the user of a container, if this is root."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text.strip() + "\n")
    if os.geteuid() == 0:
        os.chown(path.parent, reader, reader)
        os.chown(path, reader, reader)
    yield path
