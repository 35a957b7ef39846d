"""An office with a data directory of its own, and the doors of the departments whose rosters it hands in."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import openpyxl
import pytest
import typer
from werkzeug.serving import make_server

from services.commands import import_
from services.processes.installation import Installation
from shared.door.department import Department
from shared.door.http import department_app
from shared.keys.files import Keys

NAMES = ("civil_affairs", "disability_federation", "education")


@pytest.fixture
def database_url(emptied_database_url: str) -> str:
    """One database for a file."""
    return emptied_database_url


class Office:
    """Imports rosters by the command, and says what was printed."""

    def __init__(self, data: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self.url = url
        self.capsys = capsys
        self.said = ""

    def imports(
        self, file: Path, roster: str, *, status: int = 0, answers: dict[str, Any] | None = None, **options: Any
    ) -> list[dict[str, Any]]:
        """Import a file as a roster; return the lines of the output."""
        given = self.data / "answers.json"
        given.write_text(json.dumps(answers or {}), encoding="utf-8")
        left: dict[str, Any] = {"month": "", "division": "", "correct": False, "dry_run": False, "out": None}
        left |= {"source": "", "kind": "", "mapped": None, "propose": None, "answers": given if answers else None}
        self.capsys.readouterr()
        exited = 0
        try:
            import_.command(file, roster=roster, data=self.data, to="", **(left | options))
        except typer.Exit as ended:
            exited = ended.exit_code
        printed = self.capsys.readouterr()
        self.said = printed.err
        assert exited == status, printed.err
        return [json.loads(line) for line in printed.out.splitlines()]

    def book(self, name: str, *rows: Sequence[Any]) -> Path:
        """Write a workbook of one sheet."""
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(list(row))
        path = self.data / name
        book.save(path)
        return path


@pytest.fixture
def departments(department: Callable[[str], Department]) -> dict[str, Department]:
    """The departments behind the doors."""
    return {name: department(name) for name in NAMES}


@pytest.fixture
def office(
    departments: dict[str, Department], keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Office]:  # fmt: skip
    """The office, with every key."""
    permits = Keys(keys).permits()
    apps = {name: department_app(name, own, lambda: permits) for name, own in departments.items()}

    def dispatch(environ: Any, start: Any) -> Any:
        name, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        return apps[name]({**environ, "PATH_INFO": f"/{rest}", "SCRIPT_NAME": f"/{name}"}, start)

    server = make_server("127.0.0.1", 0, dispatch, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    data = tmp_path / "office"
    data.mkdir()
    (data / "keys").symlink_to(keys)
    url = f"http://127.0.0.1:{server.port}"
    monkeypatch.setattr(Installation, "doors", lambda _: dict.fromkeys(NAMES, url))
    yield Office(data, url, capsys)
    server.shutdown()
