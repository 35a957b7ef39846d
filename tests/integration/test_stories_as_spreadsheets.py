"""Stories A and B as the spreadsheets of offices: the same histories as over HTTP, byte by byte."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any

import openpyxl
import psycopg
import pytest
from werkzeug.serving import make_server

from services.commands import import_
from services.departments import BY_NAME, load_catalogue
from services.processes.installation import Installation
from services.spreadsheets import columns
from services.spreadsheets.templates import write_template
from shared.door.http import department_app
from shared.keys.files import Keys
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import STRUCTURED
from shared.settings import EMBEDDED_BUS, Settings
from tests.integration.test_queues import histories

load_catalogue()
HEADER, FIRST = 1, 3
"""The rows of a template: its header, and the one below its example."""


def as_cell(column: columns.Column, value: Any) -> Any:
    """Return a value as a clerk writes it: words for codes, numbers for money, days as days."""
    if isinstance(value, list):
        return "、".join(str(as_cell(column, one)) for one in value)
    if isinstance(value, dict):
        return f"{value['name']}（{value['code']}）"
    words = {str(code).lower(): zh for code, zh in column.cell.choices}
    if words:
        return words[str(value).lower()]
    if column.cell.format == "yyyy-mm-dd":
        return date.fromisoformat(value[:10])
    return float(Decimal(value)) if column.read is columns.cells.amount else value


def as_row(event: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the type of the sheet on which an event is written, and its cells by column; all of it is there."""
    said = dict(event)
    data, kind = said.pop("data"), said.pop("type")
    if kind.endswith(".event_corrected"):
        said |= {columns.CORRECTS: data["target_event"], columns.BECAUSE: data["reason"]}
        data, kind = data["corrected_payload"], "disability_federation.cochlear_implanted"
    del said["specversion"], said["source"]
    return kind, said | {f"data.{name}": value for name, value in data.items()}


def fill(path: Path, event: dict[str, Any]) -> Path:
    """Fill the template of an event's type with it, by another library than the one that reads it."""
    kind, said = as_row(event)
    declaration = CATALOGUE.get(kind)
    assert declaration is not None
    write_template(declaration, path, spare=True)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    known = columns.columns_of(declaration)
    for at, column in enumerate(known, 1):
        assert str(sheet.cell(HEADER, at).value).startswith(column.header)
        if column.name in said:
            sheet.cell(FIRST, at).value = as_cell(column, said.pop(column.name))
    assert said == {}, "what has no column"
    book.save(path)
    return path


@pytest.fixture
def offices(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Send an event as a sheet, through the command and the doors over HTTP."""
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "keys").symlink_to(keys)
    monkeypatch.setattr(import_, "note", lambda *_, **__: None)  # one more event, and the story has none of it
    permits = Keys(keys).permits()
    apps: dict[str, Any] = {}

    def dispatch(environ: Any, start: Any) -> Any:
        name, _, rest = environ["PATH_INFO"].lstrip("/").partition("/")
        return apps[name]({**environ, "PATH_INFO": f"/{rest}", "SCRIPT_NAME": f"/{name}"}, start)

    server = make_server("127.0.0.1", 0, dispatch)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(Installation, "doors", lambda _: dict.fromkeys(BY_NAME, f"http://127.0.0.1:{server.port}"))

    def send(doors: dict[str, Any], event: dict[str, Any]) -> Any:
        name = event["type"].partition(".")[0]
        apps.setdefault(name, department_app(name, doors[name].department, lambda: permits))
        path = fill(tmp_path / "sheet.xlsx", event)
        import_.command(path, kind="", data=tmp_path / "office", mapped=None, propose=None, dry_run=False, out=None,
                        to="", source="", roster="")  # fmt: skip
        position = doors[name].department.recorder.max_notification_id()
        [record] = doors[name].department.recorder.at([position])
        assert record.id == event["id"]
        return {"status": 201, "receipt": {"position": position}}

    yield send
    server.shutdown()


def test_both_stories_as_spreadsheets_give_the_same_histories_as_over_http_byte_by_byte(
    postgres: str, template: str, keys: Path, offices: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    def settings(name: str) -> Settings:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        url = psycopg.conninfo.make_conninfo(postgres, dbname=name)
        return Settings(url, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)

    permits = Keys(keys).permits()

    def over_http(doors: dict[str, Any], one: dict[str, Any]) -> Any:
        name = one["type"].partition(".")[0]
        client = department_app(name, doors[name].department, lambda: permits).test_client()
        key = {"Authorization": f"Bearer {Keys(keys).api_key(name)}"}
        answer = client.post("/events", data=json.dumps(one), content_type=STRUCTURED, headers=key)
        return {"status": answer.status_code, "receipt": answer.json}

    by_sheet = histories(settings("sheet_stories"), offices)
    assert len(by_sheet) == 2, capsys.readouterr().err
    assert by_sheet == histories(settings("http_stories"), over_http)
