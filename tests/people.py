"""People for tests: accounts and sessions made directly, without a password and its hash, which take a while."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from services.console.accounts import ADDED, SCHEMA, SOURCE, Accounts
from services.console.app import console_app
from services.console.sessions import Sessions
from services.console.sign_in import COOKIE
from services.family_case.reading import Queries
from services.processes import assembly
from shared.keys.files import Permit
from shared.keys.persons import LinkKey
from shared.log.record import RecordedEvent
from shared.log.recorder import LogRecorder
from shared.postgres.database import Database
from shared.settings import Settings

SECRET = b"s" * 32
COUNTY = "421299"


def user(database: Database, role: str, department: str | None = None, division: str | None = None) -> str:
    """Add an account of a role, unless it is there; return its name, which is the role's and its bounds."""
    name = ".".join(one for one in (role.replace("_", "-"), department, division) if one)
    recorder = LogRecorder(database)
    if recorder.versions([f"process/{name}"]):
        return name
    attributes = {"id": name, "source": SOURCE, "type": ADDED, "time": "2026-01-05T09:00:00+08:00", "process": name}
    bounds = {"role": role, "department": department, "division": division}
    data = {"by": "test", "shown": name, **{key: value for key, value in bounds.items() if value}}
    with database.transaction() as tx:
        recorder.append(tx, [RecordedEvent(None, 1, {"specversion": "1.0"} | attributes, data)])
    return name


def token(sessions: Sessions, role: str, department: str | None = None, division: str | None = None) -> str:
    """Return what the browser of somebody of this role holds who has signed in."""
    return sessions.begin(user(sessions.database, role, department, division))


def of(database: Database) -> Sessions:
    """Return the sessions of an installation, by a connection to its console or its family case."""
    return Sessions(Accounts(database.beside(SCHEMA), assembly.NAMES))


def app(
    queries: Queries,
    settings: Settings,
    permits: Callable[[], dict[str, Permit]] = dict,
    *,
    allow_test_regions: bool = True,
) -> Flask:
    """Return the console over a family case, for the tests of pages."""
    link: LinkKey = assembly.link_key(settings)
    found = console_app(
        queries, link, permits, of(queries.database), secret=SECRET, allow_test_regions=allow_test_regions
    )
    found.config["WTF_CSRF_ENABLED"] = False
    return found


def browser(queries: Queries, settings: Settings, role: str = "supervisor", **bounds: str) -> FlaskClient:
    """Return the browser of somebody of a role who has signed in to the console over a family case."""
    found: FlaskClient = sign_in(app(queries, settings).test_client(), queries.database, role, **bounds)
    return found


def cookie(settings: Settings, role: str, **bounds: str) -> str:
    """Return the cookie of a browser of somebody of a role, for a server that runs."""
    accounts = assembly.accounts(settings)
    try:
        return f"{COOKIE}={token(Sessions(accounts), role, **bounds)}"
    finally:
        accounts.database.close()


def sign_in(client: FlaskClient | Client, database: Database, role: str = "supervisor", **bounds: str) -> Any:
    """Let a client's requests be those of somebody of a role; return the client."""
    held = token(of(database), role, **bounds)
    client.set_cookie(COOKIE, held)
    return client
