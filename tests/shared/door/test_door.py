"""A department's door over HTTP: what an integrator's system sends, and what it is answered."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from services.departments import BY_NAME
from services.processes import assembly
from shared.door.department import Department
from shared.door.http import PAGE, department_app
from shared.door.intake import BATCH_BYTES, BATCH_EVENTS, EVENT_BYTES
from shared.json import canonical
from shared.keys.files import Keys
from shared.keys.signing import message_digest
from shared.language.envelope import BATCHED, STRUCTURED, could_be_personal
from shared.log.record import RecordedEvent, decode_batch
from shared.postgres import database as database_module
from shared.settings import EMBEDDED_BUS, Settings
from tests.world import DAUGHTER, event, family_opened, story

OTHERS = [(own, other) for own in BY_NAME for other in BY_NAME if own != other]
Door = Callable[[str], FlaskClient]


@pytest.fixture
def door(department: Callable[[str], Department], settings: Settings) -> Door:
    permits = Keys(settings.keys).permits()
    return lambda name: department_app(name, department(name), lambda: permits).test_client()


@pytest.fixture(scope="module")
def key(keys: Path) -> Callable[[str], dict[str, str]]:
    return lambda name: {"Authorization": f"Bearer {Keys(keys).api_key(name)}"}


@pytest.fixture(scope="module")
def refusing(postgres: str, template: str, keys: Path) -> Iterator[Door]:
    """Doors for tests in which nothing is recorded: they share one database."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE refusing TEMPLATE {template}".encode())
    url = psycopg.conninfo.make_conninfo(postgres, dbname="refusing")
    settings = Settings(url, EMBEDDED_BUS, keys, "http://127.0.0.1:9", allow_test_regions=True)
    departments = {name: assembly.department(name, settings) for name in BY_NAME}
    permits = Keys(keys).permits()
    yield lambda name: department_app(name, departments[name], lambda: permits).test_client()
    for one in departments.values():
        one.database.close()
        one.ring._database.close()


@pytest.fixture
def doors_without_database(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], FlaskClient]]:
    monkeypatch.setattr(database_module, "POOL_WAIT_S", 0.3)
    gone = replace(settings, database_url="postgresql://postgres@127.0.0.1:9/postgres")
    made: list[Department] = []

    def make(name: str) -> FlaskClient:
        made.append(assembly.department(name, gone))
        return department_app(name, made[-1], Keys(settings.keys).permits).test_client()

    yield make
    for one in made:
        one.database.close()
        one.ring._database.close()


_years = count()


def registered(**attributes: Any) -> dict[str, Any]:
    """Return an event that needs nothing before it, each of another school year: another fact."""
    data = {"school_year": 2000 + next(_years) % 100, "source": "survey", "current_status": "在家"}
    return event("education.school_age_child_registered", data, **attributes)


def post(client: FlaskClient, body: Any, headers: dict[str, str], kind: str = STRUCTURED) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/events", data=raw, headers=headers, content_type=kind)


def problem_of(answer: TestResponse) -> dict[str, Any]:
    """Check that an answer is a whole problem document, and return it."""
    assert answer.mimetype == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.get_data())
    assert found["status"] == answer.status_code
    assert found["type"] == f"urn:yihu:problem:{found['code']}"
    assert found["code"] == found["errors"][0]["code"]
    assert found["title"].isascii()
    assert not found["zh"].isascii()
    assert found["retry"] is (answer.status_code in {429, 503})
    assert ("Retry-After" in answer.headers) is found["retry"]
    for fault in found["errors"]:
        assert fault.keys() == {"code", "pointer", "zh", "en"}
        assert fault["pointer"] == "" or fault["pointer"].startswith("/")
        assert fault["en"]
        assert not fault["zh"].isascii()
    return found


# What is taken


def test_an_event_is_answered_201_with_a_receipt_that_its_department_signed(
    door: Door, key: Any, settings: Any
) -> None:
    submission = registered()
    answer = post(door("education"), submission, key("education"))
    assert answer.status_code == 201
    assert answer.json["id"] == submission["id"]
    assert answer.json["position"] == 1
    assert Keys(settings.keys).verifier("education").receipt(answer.json)
    assert not Keys(settings.keys).verifier("education").receipt(answer.json | {"position": 2})


def test_the_same_event_again_is_answered_200_with_the_identical_receipt(door: Door, key: Any) -> None:
    client, submission = door("education"), registered()
    first = post(client, submission, key("education"))
    again = post(client, dict(reversed(submission.items())), key("education"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.get_data() == first.get_data()


def test_the_same_id_with_other_content_is_answered_409(door: Door, key: Any) -> None:
    client, submission = door("education"), registered()
    post(client, submission, key("education"))
    submission["data"] |= {"school_year": 2026}
    answer = post(client, submission, key("education"))
    assert answer.status_code == 409
    assert problem_of(answer)["errors"][0]["pointer"] == "/id"


def test_binary_mode_is_the_same_event_as_structured_mode(door: Door, key: Any) -> None:
    client = door("education")
    submission = registered(legacy=True, process="一年级-1")
    headers = {f"ce-{name}": quote(str(value), safe=":+@/") for name, value in submission.items() if name != "data"}
    headers["ce-legacy"] = "true"
    answer = client.post(
        "/events",
        data=json.dumps(submission["data"]),
        headers=key("education") | headers,
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.json
    page = client.get("/log", headers=key("hub"))
    [recorded] = decode_batch(page.get_data())
    assert recorded.attributes["process"] == "一年级-1"
    assert recorded.attributes["legacy"] is True
    assert recorded.data["school_year"] == submission["data"]["school_year"]


def test_a_batch_is_answered_for_each_event_in_order_and_a_bad_one_does_not_stop_the_others(
    door: Door, key: Any
) -> None:
    client = door("education")
    good, bad, last = registered(), registered(), registered()
    bad["data"] = {"school_year": "2025"}
    answer = post(client, [good, bad, last, good, 7], key("education"), BATCHED)
    assert answer.status_code == 207
    assert [one["status"] for one in answer.json] == [201, 422, 201, 200, 422]
    assert [one["receipt"]["id"] for one in answer.json if "receipt" in one] == [good["id"], last["id"], good["id"]]
    pointers = {fault["pointer"] for fault in answer.json[1]["problem"]["errors"]}
    assert pointers == {"/data/school_year", "/data/source", "/data/current_status"}
    assert answer.json[0]["receipt"] == answer.json[3]["receipt"]


def test_a_batch_may_hold_only_events_of_its_own_source(door: Door, key: Any) -> None:
    answer = post(door("education"), [registered(), registered(source="urn:other")], key("education"), BATCHED)
    assert [one["status"] for one in answer.json] == [201, 403]


OPTIONAL = ["subject", "recordedtime", "process", "division", "org", "correlationid", "causationid", "legacy"]
OPTIONAL += ["recordedby", "approvedby", "filedigest", "filesheet", "filerow"]
OPTIONAL += ["traceparent", "dataschema", "datacontenttype"]


def test_an_optional_attribute_that_is_null_is_absent(door: Door, key: Any) -> None:
    client, submission = door("education"), registered()
    for name in OPTIONAL:
        if name != "subject":  # this type needs one
            answer = post(client, registered(**{name: None}), key("education"))
            assert answer.status_code == 201, (name, answer.json)
    first, again = (
        post(client, submission, key("education")),
        post(client, submission | {"legacy": False}, key("education")),
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_data() == again.get_data()


def test_a_required_attribute_that_is_null_is_missed(refusing: Door, key: Any) -> None:
    for name in ("specversion", "id", "type", "time", "subject", "data"):
        answer = post(refusing("education"), registered() | {name: None}, key("education"))
        assert (answer.status_code, problem_of(answer)["errors"][0]["code"]) == (422, "required")
        assert problem_of(answer)["errors"][0]["pointer"] == f"/{name}"


@pytest.mark.parametrize(
    "kind",
    [
        *("application/json; charset=utf-8", "Application/JSON", "application/vnd.example.v1+json"),
        *('application/json;charset="UTF-8"', "text/json"),
    ],
)
def test_data_in_every_kind_of_json_is_recorded_in_structured_and_in_binary_mode(
    kind: str, door: Door, key: Any
) -> None:
    client = door("education")
    answer = post(client, registered(datacontenttype=kind), key("education"))
    assert answer.status_code == 201, answer.json
    submission = registered()
    headers = {f"ce-{name}": quote(str(text), safe=":+@/") for name, text in submission.items() if name != "data"}
    answer = client.post(
        "/events", data=json.dumps(submission["data"]), headers=headers | key("education"), content_type=kind
    )
    assert answer.status_code == 201, answer.json


def test_data_that_is_no_json_is_refused_in_both_modes(refusing: Door, key: Any) -> None:
    client, submission = refusing("education"), registered()
    answer = post(client, submission | {"datacontenttype": "text/xml"}, key("education"))
    assert problem_of(answer)["errors"][0]["pointer"] == "/datacontenttype"
    headers = {f"ce-{name}": quote(str(text), safe=":+@/") for name, text in submission.items() if name != "data"}
    answer = client.post("/events", data=b"<a/>", headers=headers | key("education"), content_type="text/xml")
    assert (answer.status_code, problem_of(answer)["code"]) == (415, "content_type")


def test_data_in_base64_is_refused_and_named(refusing: Door, key: Any) -> None:
    submission = registered(data_base64="e30=")
    del submission["data"]
    [fault] = problem_of(post(refusing("education"), submission, key("education")))["errors"]
    assert (fault["code"], fault["pointer"]) == ("data_base64", "/data_base64")


def test_a_byte_order_mark_before_a_body_is_passed_over(door: Door, key: Any) -> None:
    client, submission = door("education"), registered()
    mark = b"\xef\xbb\xbf"
    assert post(client, mark + json.dumps(submission).encode(), key("education")).status_code == 201
    answer = post(client, mark + json.dumps([submission]).encode(), key("education"), BATCHED)
    assert [one["status"] for one in answer.json] == [200]
    headers = {f"ce-{name}": quote(str(text), safe=":+@/") for name, text in submission.items() if name != "data"}
    body = mark + json.dumps(submission["data"]).encode()
    answer = client.post("/events", data=body, headers=headers | key("education"), content_type="application/json")
    assert answer.status_code == 200


def test_an_empty_content_encoding_is_none(door: Door, key: Any) -> None:
    for encoding in ("", " ", "identity", "Identity"):
        answer = post(door("education"), registered(), key("education") | {"Content-Encoding": encoding})
        assert answer.status_code == 201


def test_a_dataschema_is_ours_or_refused(door: Door, key: Any) -> None:
    client, ours = door("education"), "urn:yihu:education.school_age_child_registered:1"
    for submission in (registered(), registered(dataschema=ours)):
        assert post(client, submission, key("education")).status_code == 201
    answer = post(client, registered(dataschema="https://example.org/schema"), key("education"))
    assert (answer.status_code, problem_of(answer)["errors"][0]["pointer"]) == (422, "/dataschema")


FILE_NUMBERS = [
    "4212212025000008",
    "421221" + "202506010001",
    DAUGHTER,
    "嘉教-13800138000",
    "6222020200112230",
    "421221202500017",
]


@pytest.mark.parametrize("number", FILE_NUMBERS)
@pytest.mark.parametrize("which", ["process", "id", "correlationid", "causationid"])
def test_a_number_of_an_office_is_recorded_and_no_personal_number_lies_in_clear(
    which: str, number: str, door: Door, key: Any
) -> None:
    client, submission = door("education"), registered(**{which: number})
    first, again = post(client, submission, key("education")), post(client, submission, key("education"))
    assert (first.status_code, again.status_code) == (201, 200), first.json
    assert first.get_data() == again.get_data()
    raw = client.get("/log", headers=key("hub")).get_data()
    [recorded] = decode_batch(raw)
    if could_be_personal(number):
        assert recorded.attributes[which].startswith("k-")
        assert number not in raw.decode() + first.get_data(as_text=True)
    else:
        assert recorded.attributes[which] == number


def test_a_file_number_kept_as_a_token_still_holds_its_process_together(door: Door, key: Any) -> None:
    client = door("education")
    for submission in (registered(process=DAUGHTER), registered(process=f" {DAUGHTER[:6]}\u200b{DAUGHTER[6:]}")):
        assert post(client, submission, key("education")).status_code == 201
    first, second = decode_batch(client.get("/log", headers=key("hub")).get_data())
    assert (first.originator_id, first.originator_version + 1) == (second.originator_id, second.originator_version)


@pytest.mark.parametrize("number", FILE_NUMBERS)
def test_an_event_whose_id_could_be_a_personal_number_is_withdrawn_by_that_id(
    number: str, door: Door, key: Any
) -> None:
    client = door("education")
    assert post(client, registered(id=number), key("education")).status_code == 201
    data = {"target_event": number, "reason": "重复登记", "approver": "虚构经办人"}
    answer = post(client, event("education.event_withdrawn", data, subject=None), key("education"))
    assert answer.status_code == 201, answer.json
    raw = client.get("/log", headers=key("hub")).get_data()
    first, second = decode_batch(raw)
    assert second.data["target_event"] == first.attributes["id"]
    assert could_be_personal(number) != (number in raw.decode())


def test_in_a_list_of_ids_each_that_could_be_a_personal_number_is_kept_as_a_token(door: Door, key: Any) -> None:
    client = door("disability_federation")
    data = {
        "held_on": "2025-02-18",
        "channel": "社区宣传栏",
        "topic": "政策宣传",
        "personal_data_used": True,
        "persons": [DAUGHTER],
        "consents": [DAUGHTER, "consent-1"],
    }
    submission = event("disability_federation.publicity_activity_held", data, None)
    answer = post(client, submission, key("disability_federation"))
    assert answer.status_code == 201, answer.json
    raw = client.get("/log", headers=key("hub")).get_data()
    [recorded] = decode_batch(raw)
    masked, plain = recorded.data["consents"]
    assert (masked[:2], plain) == ("k-", "consent-1")
    assert DAUGHTER not in raw.decode()


def test_a_correction_names_its_original_by_the_number_or_by_the_token_of_the_receipt(door: Door, key: Any) -> None:
    client, submission = door("education"), registered(id=DAUGHTER)
    receipt = post(client, submission, key("education")).json
    for named in (DAUGHTER, receipt["id"], f"{DAUGHTER[:6]}\u200b{DAUGHTER[6:]}"):
        data = {
            "target_event": named,
            "reason": "录入错误",
            "corrected_payload": submission["data"] | {"school_year": 2026},
        }
        answer = post(client, event("education.event_corrected", data), key("education"))
        assert answer.status_code == 201, answer.json
    raw = client.get("/log", headers=key("hub")).get_data()
    assert DAUGHTER.encode() not in raw
    assert [one.target for one in decode_batch(raw)] == [None, 1, 1, 1]


def test_a_process_that_is_superseded_is_named_as_it_is_kept(door: Door, key: Any) -> None:
    client = door("education")
    data = {"mode": "INCL", "from_date": "2025-09-01", "plan_doc": "虚构文书", "school": "2142000123"}
    data["supersedes"] = DAUGHTER
    submission = event("education.education_placement_decided", data, process=DAUGHTER, legacy=True)
    assert post(client, submission, key("education")).status_code == 201
    raw = client.get("/log", headers=key("hub")).get_data()
    [recorded] = decode_batch(raw)
    assert recorded.data["supersedes"] == recorded.process
    assert DAUGHTER.encode() not in raw


@pytest.mark.parametrize("suffix", ["\u200b", "\u2060", "\ufe0f", "\u00ad", "\U000e0100", "\u3164"])
def test_an_id_that_looks_the_same_is_the_same(suffix: str, door: Door, key: Any) -> None:
    client, submission = door("education"), registered()
    assert post(client, submission, key("education")).status_code == 201
    assert post(client, submission | {"id": submission["id"] + suffix}, key("education")).status_code == 200
    assert len(decode_batch(client.get("/log", headers=key("hub")).get_data())) == 1


def test_a_retry_finds_what_the_version_before_recorded_under_an_id_with_invisible_characters(
    department: Callable[[str], Department], door: Door, key: Any
) -> None:
    ours, client = department("education"), door("education")
    post(client, registered(), key("education"))
    [like] = ours.recorder.events()
    submission = registered(id="\uff58\u200b1")
    fingerprint = ours.reader.link.fingerprint(canonical(submission))
    attributes = like.attributes | {"id": submission["id"], "fingerprint": fingerprint}
    old = RecordedEvent(like.originator_id, like.originator_version + 1, attributes, like.data)
    with ours.database.transaction() as tx:
        ours.recorder.append(tx, [old])
    answer = post(client, submission, key("education"))
    assert (answer.status_code, answer.json["id"], answer.json["position"]) == (200, submission["id"], 2)
    assert post(client, registered(id="x1"), key("education")).status_code == 201


def test_an_id_with_letters_that_look_like_others_is_refused(refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), registered(id="\u0445-1"), key("education"))
    assert problem_of(answer)["errors"][0]["code"] == "mistakable_character"


@pytest.mark.parametrize("value", ["%e4%b8", "%ff", "%zz", "%", "张", "caf\xe9"])
def test_a_letter_lost_in_a_header_of_binary_mode_is_refused(value: str, door: Door, key: Any) -> None:
    submission = registered()
    headers = {f"ce-{name}": quote(str(text), safe=":+@/") for name, text in submission.items() if name != "data"}
    headers |= {"ce-process": value.encode().decode("latin-1"), "Content-Type": "application/json"}
    answer = door("education").post("/events", json=submission["data"], headers=headers | key("education"))
    assert (answer.status_code, problem_of(answer)["code"]) == (400, "header_encoding")


@pytest.mark.parametrize("charset", ["gbk", "GB18030", "utf-16", "latin-1", "x"])
def test_a_body_that_is_announced_in_another_encoding_is_415(charset: str, door: Door, key: Any) -> None:
    kind = {"Content-Type": f"{STRUCTURED}; charset={charset}"}
    answer = door("education").post("/events", json=registered(), headers=kind | key("education"))
    assert (answer.status_code, problem_of(answer)["code"]) == (415, "charset")
    kind = {"Content-Type": f"{STRUCTURED}; charset=UTF-8"}
    assert door("education").post("/events", json=registered(), headers=kind | key("education")).status_code == 201


def test_a_foreign_sdk_reports_in_structured_and_in_binary_mode(door: Door, key: Any) -> None:
    client = door("education")
    for write in (to_structured_event, to_binary_event):
        submission = registered()
        message = write(
            CloudEvent(
                {name: value for name, value in submission.items() if name not in {"data", "time"}}, submission["data"]
            )
        )
        headers = dict(message.headers) | {"ce-time": submission["time"]}
        body = message.body
        if write is to_structured_event:
            headers, body = (
                dict(message.headers),
                json.dumps(json.loads(message.body) | {"time": submission["time"]}).encode(),
            )
        kind = headers.pop("content-type", "application/json")
        answer = client.post("/events", data=body, headers=key("education") | headers, content_type=kind)
        assert answer.status_code == 201, answer.json


def test_what_the_log_gives_out_is_an_event_to_a_foreign_sdk(door: Door, key: Any) -> None:
    client = door("education")
    post(client, registered(), key("education"))
    [published] = json.loads(client.get("/log", headers=key("hub")).get_data())
    data = published.pop("data")
    published.pop("time")
    assert CloudEvent(published, data).get_type() == "education.school_age_child_registered"


# Who may


@pytest.mark.parametrize(("own", "other"), OTHERS)
def test_a_departments_key_opens_no_other_departments_refusing(own: str, other: str, refusing: Door, key: Any) -> None:
    client = refusing(other)
    answers = [
        post(client, registered(), key(own)),
        post(client, [registered()], key(own), BATCHED),
        client.get("/log", headers=key(own)),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert {problem_of(answer)["code"] for answer in answers} == {"not_permitted"}


@pytest.mark.parametrize("name", BY_NAME)
def test_the_hubs_key_reads_every_log_and_writes_nowhere(name: str, refusing: Door, key: Any) -> None:
    client = refusing(name)
    assert client.get("/log", headers=key("hub")).status_code == 200
    assert post(client, registered(), key("hub")).status_code == 403


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic abc", "bearer\tx", "Bearer 密钥"]
)
def test_without_a_valid_key_nothing_is_read_or_written(header: str, refusing: Door) -> None:
    client = refusing("education")
    headers = {"Authorization": header.encode().decode("latin-1")} if header else {}
    for answer in (post(client, registered(), headers), client.get("/log", headers=headers)):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert problem_of(answer)["code"] == "no_key"


def test_a_key_speaks_only_as_its_own_source(refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), registered(source="urn:yihu:education:other"), key("education"))
    assert answer.status_code == 403
    assert problem_of(answer)["errors"][0]["pointer"] == "/source"


def test_another_departments_event_type_is_refused_even_with_the_right_key(refusing: Door, key: Any) -> None:
    submission = family_opened() | {"source": "urn:yihu:education:desk"}
    answer = post(refusing("education"), submission, key("education"))
    assert answer.status_code == 422
    assert problem_of(answer)["errors"][0] | {"zh": "", "en": ""} == {
        "code": "not_your_type",
        "pointer": "/type",
        "zh": "",
        "en": "",
    }


# What is refused


def test_an_event_of_more_than_the_limit_is_answered_413(refusing: Door, key: Any) -> None:
    client = refusing("education")
    submission = registered()
    submission["data"]["current_status"] = "长" * EVENT_BYTES
    assert problem_of(post(client, submission, key("education")))["status"] == 413
    too_much = b"[" + b" " * BATCH_BYTES + b"]"
    assert problem_of(post(client, too_much, key("education"), BATCHED))["status"] == 413


@pytest.mark.parametrize(
    "events", [[], [1] * (BATCH_EVENTS + 1), {}, "x", None], ids=["empty", "one too many", "object", "text", "null"]
)
def test_a_batch_is_an_array_of_one_to_a_thousand_events(events: Any, refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), events, key("education"), BATCHED)
    assert answer.status_code == 422
    assert problem_of(answer)["code"] == "batch_size"


def test_the_largest_batch_is_taken(refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), [1] * BATCH_EVENTS, key("education"), BATCHED)
    assert answer.status_code == 207
    assert len(answer.json) == BATCH_EVENTS


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/xml", "", "application/cloudevents+xml"]
)
def test_another_content_type_is_answered_415(kind: str, refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), registered(), key("education"), kind)
    assert answer.status_code == 415
    assert problem_of(answer)["code"] == "content_type"


def test_a_compressed_body_is_answered_415(refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), b"\x1f\x8b\x08", key("education") | {"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert problem_of(answer)["code"] == "content_encoding"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"{", "not_json"),
        (b"\xff\xfe{}", "not_utf8"),
        ("机构".encode("gb18030"), "not_utf8"),
        (b'{"a": NaN}', "not_finite"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b"[" * 200 + b"]" * 200, "too_deep"),
    ],
)
def test_what_is_no_json_is_answered_400(body: bytes, code: str, refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), body, key("education"))
    assert answer.status_code == 400
    assert problem_of(answer)["code"] == code


ODD = [
    (b'"\\ud800"', "half_character", "/data/current_status"),
    (b"18446744073709551616", "number_too_large", "/data/current_status"),
    (b"1e999", "number_too_large", "/data/current_status"),
    (b"NaN", "not_finite", "/data/current_status"),
    (b'"x", "current_status": "y"', "duplicate_key", "/data/current_status"),
    (b"[" * 30 + b"]" * 30, "too_deep", "/data/current_status" + "/0" * 18),
]


def spelled(submission: dict[str, Any], status: bytes) -> bytes:
    """Return an event as its sender spelled it, with this in the place of its status."""
    return json.dumps(submission, ensure_ascii=False).encode().replace('"在家"'.encode(), status)


@pytest.mark.parametrize(("status", "code", "pointer"), ODD)
def test_what_is_odd_in_one_event_of_a_batch_has_its_place_and_spoils_no_other(
    status: bytes, code: str, pointer: str, door: Door, key: Any
) -> None:
    first, odd, last = registered(), registered(), registered()
    body = b"[" + b",".join([spelled(first, '"在家"'.encode()), spelled(odd, status), spelled(last, b'"x"')]) + b"]"
    answer = post(door("education"), body, key("education"), BATCHED)
    assert [one["status"] for one in answer.json] == [201, 400, 201]
    assert [(fault["code"], fault["pointer"]) for fault in answer.json[1]["problem"]["errors"]] == [(code, pointer)]
    assert [one["receipt"]["id"] for one in answer.json if "receipt" in one] == [first["id"], last["id"]]


@pytest.mark.parametrize(("status", "code", "pointer"), ODD)
def test_what_is_odd_in_a_single_event_has_its_place(
    status: bytes, code: str, pointer: str, refusing: Door, key: Any
) -> None:
    client, submission = refusing("education"), registered()
    answer = post(client, spelled(submission, status), key("education"))
    assert answer.status_code == 400
    assert [(fault["code"], fault["pointer"]) for fault in problem_of(answer)["errors"]] == [(code, pointer)]
    headers = {f"ce-{name}": quote(str(text), safe=":+@/") for name, text in submission.items() if name != "data"}
    body = spelled(submission["data"], status)
    answer = client.post("/events", data=body, headers=headers | key("education"), content_type="application/json")
    assert answer.status_code == 400
    if code != "too_deep":  # the data alone nests one less deep
        assert [(fault["code"], fault["pointer"]) for fault in problem_of(answer)["errors"]] == [(code, pointer)]


@pytest.mark.parametrize("body", [b"[{]", b'[{"a": 1}, {"b" 2}]', b"[{}", b"[\xff]", b"[{},]"])
def test_a_batch_that_is_no_json_is_refused_whole(body: bytes, refusing: Door, key: Any) -> None:
    answer = post(refusing("education"), body, key("education"), BATCHED)
    assert answer.status_code == 400
    assert problem_of(answer)["code"] in {"not_json", "not_utf8"}


def test_a_large_event_in_a_batch_is_answered_413_alone(door: Door, key: Any) -> None:
    large = registered()
    large["data"]["current_status"] = "长" * EVENT_BYTES
    answer = post(door("education"), [registered(), large, registered()], key("education"), BATCHED)
    assert [one["status"] for one in answer.json] == [201, 413, 201]
    assert answer.json[1]["problem"]["code"] == "too_large"


def test_every_fault_of_envelope_and_payload_is_named_at_once(refusing: Door, key: Any) -> None:
    submission = registered(time="yesterday", colour="red", subject="421299")
    submission["data"] = {"school_year": True, "source": "??", "note": "x"}
    found = problem_of(post(refusing("education"), submission, key("education")))
    assert found["status"] == 422
    assert {fault["pointer"] for fault in found["errors"]} == {
        "/time",
        "/colour",
        "/subject",
        "/data/school_year",
        "/data/source",
        "/data/note",
        "/data/current_status",
    }


def test_an_unknown_address_is_answered_404_and_a_wrong_method_405(refusing: Door, key: Any) -> None:
    client = refusing("education")
    missing, wrong = client.get("/nowhere"), client.get("/events", headers=key("education"))
    assert problem_of(missing)["status"] == 404
    assert problem_of(wrong)["status"] == 405
    assert "POST" in wrong.headers["Allow"]


def test_when_the_database_is_gone_the_sender_is_told_to_try_again(doors_without_database: Door, key: Any) -> None:
    client = doors_without_database("education")
    answers = [
        post(client, registered(), key("education")),
        client.get("/log", headers=key("hub")),
        client.get("/health"),
        client.get("/checkpoint"),
    ]
    assert [answer.status_code for answer in answers] == [503, 503, 503, 503]
    for answer in answers:
        assert problem_of(answer)["retry"] is True
    batch = post(client, [registered()], key("education"), BATCHED)
    assert [one["status"] for one in batch.json] == [503]
    assert batch.json[0]["problem"]["retry"] is True


# What is given out


def test_the_log_is_given_out_in_pages_signed_by_the_department(door: Door, key: Any, settings: Any) -> None:
    client = door("education")
    submissions = [registered() for _ in range(5)]
    post(client, submissions, key("education"), BATCHED)
    verifier = Keys(settings.keys).verifier("education")
    after, ids = 0, []
    while True:
        page = client.get(f"/log?after={after}&limit=2", headers=key("hub"))
        body = page.get_data()
        signature = base64.b64decode(page.headers["Yihu-Signature"])
        assert verifier.holds(message_digest(verifier.name, body), signature)
        assert not verifier.holds(message_digest(verifier.name, body + b" "), signature)
        events = decode_batch(body)
        if not events:
            break
        assert len(events) <= 2
        ids += [one.id for one in events]
        after = events[-1].position
    assert ids == [one["id"] for one in submissions]
    assert after == 5


@pytest.mark.parametrize(
    "query",
    [
        *("after=-1", "after=x", "after=", "after=1.0", "after=１", "after=99999999999999999999", "after=1e3"),
        *(f"limit={PAGE + 1}", "limit=0", "limit=-5", "limit=None", "after=0&limit=abc", "after=%00"),
    ],
)
def test_a_page_outside_the_limits_is_answered_400_and_says_which_number(query: str, refusing: Door, key: Any) -> None:
    answer = refusing("education").get(f"/log?{query}", headers=key("hub"))
    assert answer.status_code == 400
    name = query.rpartition("&")[2].partition("=")[0]
    assert problem_of(answer)["errors"][0]["pointer"] == f"/{name}"


def test_a_page_after_the_end_is_empty_and_signed(refusing: Door, key: Any) -> None:
    answer = refusing("education").get("/log?after=4000000000000000000&limit=1000", headers=key("hub"))
    assert (answer.status_code, answer.get_data()) == (200, b"[]")
    assert answer.headers["Yihu-Signature"]


def test_the_checkpoint_counts_every_event_and_verifies_under_this_departments_key_alone(
    door: Door, key: Any, settings: Any
) -> None:
    client = door("education")
    post(client, [registered() for _ in range(3)], key("education"), BATCHED)
    note = client.get("/checkpoint").get_data(as_text=True)
    assert Keys(settings.keys).verifier("education").checkpoint(note).size == 3
    with pytest.raises(Exception, match="checkpoint"):
        Keys(settings.keys).verifier("finance").checkpoint(note)


def test_health_needs_no_key_and_tells_the_logs_position(door: Door, key: Any) -> None:
    client = door("education")
    post(client, registered(), key("education"))
    assert client.get("/health").json == {"status": "ok", "department": "education", "position": 1}


def test_no_answer_is_cached_or_guessed_at_by_a_browser(refusing: Door) -> None:
    for path in ("/health", "/nowhere", "/log"):
        headers = refusing("education").get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


# What the contract says


def documents(door: Door) -> dict[str, dict[str, Any]]:
    return {name: door(name).get("/openapi.json").json for name in BY_NAME}


def walk(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_openapi_document_is_whole(name: str, refusing: Door) -> None:
    document = refusing(name).get("/openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert {"title", "version"} <= document["info"].keys()
    for path, operations in document["paths"].items():
        assert path.startswith("/")
        for method, operation in operations.items():
            assert method in {"get", "post", "delete"}
            assert operation["responses"]
            for code, answer in operation["responses"].items():
                assert code.isdigit()
                assert answer["description"]
            for parameter in operation.get("parameters", []):
                assert {"name", "in", "schema"} <= parameter.keys()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for part in walk(document):
        if isinstance(part, dict) and "$ref" in part:
            target = part["$ref"].removeprefix("#/components/schemas/")
            assert target in document["components"]["schemas"]


def test_money_and_every_other_amount_is_never_a_json_number_in_the_contract(refusing: Door) -> None:
    for document in documents(refusing).values():
        kinds = [
            part["type"] for part in walk(document) if isinstance(part, dict) and isinstance(part.get("type"), str)
        ]
        assert kinds
        assert "number" not in kinds


def test_every_sample_event_fits_its_schema_in_the_contract_and_a_spoiled_one_does_not(refusing: Door) -> None:
    schemas = {
        name: schema
        for document in documents(refusing).values()
        for name, schema in document["components"]["schemas"].items()
    }
    for submission in story("a") + story("b"):
        versions = [schema for name, schema in schemas.items() if re.fullmatch(rf"{submission['type']}(\.v\d+)?", name)]
        validator = Draft202012Validator({"anyOf": versions})
        assert not list(validator.iter_errors(submission)), submission["id"]
        assert list(validator.iter_errors(submission | {"colour": "red"}))
        assert list(validator.iter_errors({name: value for name, value in submission.items() if name != "data"}))


def test_the_contract_knows_every_path_of_the_door_and_every_status_it_answers(door: Door, key: Any) -> None:
    client = door("education")
    document = client.get("/openapi.json").json
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert rules == set(document["paths"])
    seen = {
        post(client, registered(), key("education")).status_code,
        post(client, b"{", key("education")).status_code,
        post(client, {}, key("education")).status_code,
        post(client, registered(), {}).status_code,
        post(client, registered(), key("hub")).status_code,
        post(client, registered(), key("education"), "text/plain").status_code,
        post(client, [registered()], key("education"), BATCHED).status_code,
    }
    assert seen == {201, 400, 422, 401, 403, 415, 207}
    assert {str(code) for code in seen} <= document["paths"]["/events"]["post"]["responses"].keys()


def test_a_receipt_and_a_problem_are_what_the_contract_says(door: Door, key: Any) -> None:
    client = door("education")
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    receipt = post(client, registered(), key("education")).json
    Draft202012Validator(schemas["Receipt"] | {"additionalProperties": False}).validate(receipt)
    problem = problem_of(post(client, {}, key("education")))
    Draft202012Validator(schemas["Problem"] | {"additionalProperties": False}).validate(problem)


def test_the_answers_to_a_batch_and_a_flagged_receipt_are_what_the_contract_says(door: Door, key: Any) -> None:
    client = door("education")
    components = client.get("/openapi.json").json["components"]
    ahead = "2199-01-01T00:00:00+08:00"
    events = [registered(), {}, registered(time=ahead, recordedtime=ahead)]
    answers = post(client, events, key("education"), BATCHED).json
    assert [one["status"] for one in answers] == [201, 422, 201]
    assert answers[2]["receipt"]["flags"]
    Draft202012Validator({"components": components, "$ref": "#/components/schemas/Answers"}).validate(answers)
    Draft202012Validator(components["schemas"]["Receipt"] | {"additionalProperties": False}).validate(
        answers[2]["receipt"]
    )


def test_no_answer_says_the_identity_number_back(refusing: Door, key: Any) -> None:
    client = refusing("education")
    submission = registered(subject=DAUGHTER)
    submission["data"]["current_status"] = DAUGHTER
    answer = post(client, submission, key("education"))
    assert answer.status_code == 422
    assert DAUGHTER not in answer.get_data(as_text=True)
