"""The documents for other programs are valid by the official tools, and what travels is as they say."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from services.departments import BY_NAME, load_catalogue
from services.family_case.web.openapi import case_api
from shared.bus import asyncapi
from shared.bus.broker import PARAMETERS, Delivery
from shared.bus.inbox import in_queue
from shared.bus.parameters import Announcer
from shared.door.department import Department
from shared.door.http import DAYS, PAGE
from shared.door.intake import BATCH_EVENTS
from shared.door.openapi import department_api
from shared.language.catalogue import CATALOGUE
from shared.language.envelope import china_now
from shared.log.record import batch
from tests.world import MOTHER, ROOT, event, records, story

DOCS = ROOT / "docs"
CONSENT = "disability_federation.consent_recorded"
OFFICIAL = Path(__file__).with_name("official")


@cache
def bus() -> dict[str, Any]:
    """Return the published document of the bus."""
    found: dict[str, Any] = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", BY_NAME)
def test_the_openapi_document_of_each_door_is_valid(name: str) -> None:
    load_catalogue()
    own = [known for known in CATALOGUE if known.department == name]
    OpenAPIV31SpecValidator(department_api(name, own, events=BATCH_EVENTS, records=PAGE, days=DAYS)).validate()


def test_the_openapi_document_of_the_family_case_is_valid() -> None:
    OpenAPIV31SpecValidator(case_api(list(BY_NAME))).validate()


def test_the_asyncapi_document_is_valid_by_the_official_schema() -> None:
    official = json.loads((OFFICIAL / "asyncapi-3.0.0.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(official).iter_errors(bus())] == []
    assert list(Draft7Validator(official).iter_errors(bus() | {"channels": {"finance": {"address": 1}}}))


def test_the_asyncapi_document_is_what_the_declarations_say() -> None:
    printed = "from services.commands import reference; print(reference.asyncapi(), end='')"
    made = subprocess.run([sys.executable, "-c", printed], cwd=ROOT, check=True, capture_output=True)
    assert (DOCS / "asyncapi.json").read_text(encoding="utf-8") == made.stdout.decode(), "run `make catalogue`"


@pytest.mark.parametrize("letter", ["a", "b"])
@pytest.mark.parametrize("name", BY_NAME)
def test_a_message_of_a_department_is_as_the_document_says(name: str, letter: str) -> None:
    submitted = [one for one in story(letter) if one["type"].startswith(f"{name}.")]
    recorded = records(name, submitted, china_now())
    payload = json.loads(batch((one.position, one.encode()) for one in recorded))
    validator = _validator(name)
    for one in payload:
        assert [error.message for error in validator.iter_errors([one])] == []
        assert list(validator.iter_errors([one | {"data": one["data"] | {"nobody_declared": 1}}]))
        assert list(validator.iter_errors([{key: value for key, value in one.items() if key != "sequence"}]))


@pytest.mark.parametrize("name", BY_NAME)
def test_what_a_department_sends_by_its_queue_is_as_the_document_says(name: str) -> None:
    assert asyncapi.BATCH_EVENTS == BATCH_EVENTS
    assert bus()["channels"][f"{name}.in"]["address"] == in_queue(name).name
    sent = [one for letter in "ab" for one in story(letter) if one["type"].startswith(f"{name}.")][:3]
    validator, single = _validator(f"{name}.batch"), _validator(f"{name}.event")
    assert [error.message for error in validator.iter_errors(sent)] == []
    assert [error.message for error in single.iter_errors(sent[0])] == []
    for spoiled in ({"data": 1}, {"nobody": 1}, {"type": "nobody.knows"}):
        assert list(validator.iter_errors([sent[0] | spoiled]))


def test_a_message_may_hold_records_of_both_versions_of_a_type_and_none_that_says_another() -> None:
    consent = {"consent_by": MOTHER, "scope": "康复", "form_doc": "同意书A-01"}
    both = [event(CONSENT, consent), event(CONSENT, consent | {"scopes": ["rehab"]})]
    recorded = records("disability_federation", both, china_now())
    payload = json.loads(batch((one.position, one.encode()) for one in recorded))
    assert [one.get("dataschema") for one in payload] == [None, f"urn:yihu:{CONSENT}:2"]
    validator = _validator("disability_federation")
    assert [error.message for error in validator.iter_errors(payload)] == []
    for one, named in zip(payload, (2, 1), strict=True):
        said = one | {"dataschema": f"urn:yihu:{CONSENT}:{named}"}
        assert bool(list(validator.iter_errors([said]))) == ("scopes" not in one["data"])
    assert list(validator.iter_errors([payload[0] | {"dataschema": f"urn:yihu:{CONSENT}:3"}]))


def test_what_is_announced_of_a_policy_parameter_is_as_the_document_says(
    department: Callable[[str], Department],
) -> None:
    federation, sent = department("disability_federation"), _Sent()
    data = {"parameter": "P-CONSENT-AGE", "value": "16", "effective_from": "2025-03-01", "basis_doc": "虚构文件1号"}
    federation.receive(event("disability_federation.policy_parameter_set", data, None))
    announcer = Announcer("disability_federation", federation.database, federation.signer, sent)  # type: ignore[arg-type]
    announcer.step()
    channel = bus()["channels"]["parameters"]
    validator = Draft202012Validator(bus()["components"]["messages"]["parameter"]["payload"])
    assert channel["bindings"]["amqp"]["exchange"]["name"] == PARAMETERS.name
    assert sorted(sent.found) == sorted(channel["parameters"]["parameter"]["enum"])
    for one in sent.found.values():
        assert [error.message for error in validator.iter_errors(one)] == []
    assert sent.found["P-CONSENT-AGE"]["standing"] == [["16", "2025-03-01", None, 1]]
    assert list(validator.iter_errors(sent.found["P-CONSENT-AGE"] | {"standing": [["16"]]}))


class _Sent:  # its method is that of BusWriter
    """Keeps what would be published, by routing key."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def publish(self, delivery: Delivery, routing_key: str) -> None:
        """Keep one message."""
        self.found[routing_key] = json.loads(delivery.body)


@cache
def _schema(uri: str) -> Resource[Any]:
    return DRAFT202012.create_resource(json.loads((DOCS / uri).read_text(encoding="utf-8")))


def _validator(name: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry(retrieve=_schema)  # type: ignore[call-arg]
    registry = registry.with_resource("asyncapi.json", DRAFT202012.create_resource(bus()))
    schema = {"$ref": f"asyncapi.json#/components/messages/{name}/payload"}
    return Draft202012Validator(schema, registry=registry)
