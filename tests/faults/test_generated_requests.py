"""Requests that schemathesis draws from the OpenAPI documents: no 5xx, and every answer is as its document says."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from services.departments import BY_NAME
from services.processes import assembly
from shared.door.http import department_app
from shared.keys.files import Keys
from shared.settings import EMBEDDED_BUS, Settings
from tests import people
from tests.faults.tools.generated import each
from tests.faults.tools.proof import Proof
from tests.world import DAUGHTER, drop_database

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
POSTS, GETS = 1_130, 80
"""How many requests `make prove` draws for an operation, allowed ones and forbidden ones each: over 20,000 in all."""
DOCUMENTS = ("", *(f"/{name}" for name in BY_NAME))
"""Where each service is mounted; the family case is at the root."""


@pytest.fixture(scope="module")
def service(postgres: str, template: str, keys: Path) -> Iterator[Any]:
    """Every door and the family case as one WSGI application, as the web process mounts them."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE requests TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="requests")
    where = Settings(url, EMBEDDED_BUS, keys, "", allow_test_regions=True)
    permits, queries = Keys(keys).permits(), assembly.queries(where)
    departments = {name: assembly.department(name, where) for name in BY_NAME}
    root = people.app(queries, where, lambda: permits)
    doors = {f"/{name}": department_app(name, one, lambda: permits).wsgi_app for name, one in departments.items()}
    yield DispatcherMiddleware(root.wsgi_app, doors)
    databases = [queries.database, *(one.database for one in departments.values())]
    for database in (*databases, *(one.ring._database for one in departments.values())):
        database.close()
    drop_database(postgres, "requests")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_no_request_that_a_document_allows_or_forbids_gets_a_5xx_or_an_answer_beside_it(
    path: str, service: Any, keys: Path, proof: Proof
) -> None:
    document = schemathesis.openapi.from_wsgi(f"{path}/openapi.json", service)
    writing = Keys(keys).api_key(path.removeprefix("/") or "hub")
    reading = Keys(keys).api_key("hub")
    counted = Counter[str]()
    for found, mode in product(document.get_all_operations(), (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)):
        operation = found.ok()
        key = writing if operation.method == "post" else reading
        drawn, full = operation.as_strategy(generation_mode=mode), POSTS if operation.method == "post" else GETS
        try:
            each(proof, drawn, 10, full, partial(_answered, key, counted))
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "there is nothing to forbid where there are no parameters"
    proof.note(**counted)


def _answered(key: str, counted: Counter[str], case: Case) -> None:
    for submission in case.body if isinstance(case.body, list) else [case.body]:
        _by_us(submission)
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)
    counted["requests"] += 1
    counted[f"answered_{answer.status_code}"] += 1
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        _explained(answer.json())
    if answer.status_code == HTTPStatus.MULTI_STATUS:
        for one in answer.json():
            assert one["status"] < HTTPStatus.INTERNAL_SERVER_ERROR
            counted[f"each_answered_{one['status']}"] += 1
            if one["status"] == HTTPStatus.UNPROCESSABLE_ENTITY:
                _explained(one["problem"])


def _by_us(submission: Any) -> None:
    """Let an event come from the system that has the key, about a person: more than the first check shall see it."""
    if not isinstance(submission, dict):
        return
    if isinstance(submission.get("source"), str) and isinstance(submission.get("type"), str):
        submission["source"] = f"urn:yihu:{submission['type'].partition('.')[0]}:desk"
    if isinstance(submission.get("subject"), str):
        submission["subject"] = DAUGHTER


def _explained(problem: dict[str, Any]) -> None:
    """Check that every fault has its place, or that all of it is no event, or no batch."""
    for fault in problem["errors"]:
        assert fault["pointer"].startswith("/") or fault["code"] in {"not_an_object", "batch_size"}, fault
