"""One server and one browser a session; who opens a page is signed in without a password.

`console` has the address and the families; `open_page` gives a page of somebody of a role. The server has the doors of
all departments too, so that what is recorded on a page is really recorded.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from waitress import create_server

from services.processes import assembly
from services.processes.web import application
from shared.settings import EMBEDDED_BUS, Settings
from tests import people
from tests.browser.chromium import OPTIONS, installed
from tests.world import DAUGHTER, story

WAIT_MS = 15_000
"""How long a page may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Console:
    """A console that runs: its address, settings and the family of the first story."""

    url: str
    settings: Settings
    family: str


@pytest.fixture(scope="session")
def console(postgres: str, template: str, keys: Path) -> Iterator[Console]:
    """Start the console with both stories filed."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE browser TEMPLATE {template}".encode())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = psycopg.conninfo.make_conninfo(postgres, dbname="browser")
    settings = Settings(address, EMBEDDED_BUS, keys, f"http://127.0.0.1:{port}", allow_test_regions=True)
    _tell(settings)
    queries = assembly.queries(settings)
    family = assembly.family_for(DAUGHTER, queries, settings)
    queries.database.close()
    server = create_server(application(settings, assembly.SERVICES), host="127.0.0.1", port=port, threads=4)
    Thread(target=server.run, daemon=True).start()
    yield Console(f"http://127.0.0.1:{port}", settings, family)
    server.close()


def _tell(settings: Settings) -> None:
    """Let the departments record both stories, and file them."""
    cases, events = assembly.family_cases(settings), story("a") + story("b")
    for name in assembly.NAMES:
        department = assembly.department(name, settings)
        for submission in events:
            if submission["type"].startswith(f"{name}."):
                department.receive(submission)
        cases.receive(name, list(department.recorder.events()))
        department.database.close()
        department.ring._database.close()
    cases.database.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser. Without one the tests of this folder are left out: `make test` gets it."""
    program = installed()
    if program is None:
        pytest.skip("no Chromium: python -m tests.browser.chromium ensure")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield found
        found.close()


@pytest.fixture
def open_page(console: Console, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens a page: `open_page("/families", role="auditor", java_script_enabled=False)`."""
    contexts = []

    def opened(path: str, role: str | None = "supervisor", width: int = 1280, **options: Any) -> Page:
        bounds = {name: options.pop(name) for name in ("department", "division") if name in options}
        context = browser.new_context(
            base_url=console.url, viewport={"width": width, "height": 800}, locale="zh-CN", **options
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        if role:
            name, _, value = people.cookie(console.settings, role, **bounds).partition("=")
            context.add_cookies([{"name": name, "value": value, "url": console.url}])
        page = context.new_page()
        page.goto(path.replace("FAMILY", f"/families/{console.family}"))
        return page

    yield opened
    for context in contexts:
        context.close()
