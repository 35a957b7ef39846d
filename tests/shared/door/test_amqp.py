"""A department's door on the broker, asked with messages: the same answers as over HTTP."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.bus.inbox import Letter
from shared.door.amqp import QueueDoor
from shared.door.department import Department
from shared.door.http import department_app
from shared.door.intake import BATCH_EVENTS, EVENT_BYTES
from shared.keys.files import Keys
from shared.language.envelope import BATCHED, STRUCTURED
from shared.postgres import database as database_module
from shared.postgres.database import Database, Unavailable
from shared.settings import Settings
from tests.world import DAUGHTER, event

TYPE = "education.school_age_child_registered"
DATA = {"school_year": 2025, "source": "match", "current_status": "未入学"}


@pytest.fixture
def door(department: Callable[[str], Department], settings: Settings) -> QueueDoor:
    return QueueDoor("education", department("education"), Keys(settings.keys).permits)


def letter(submission: Any, kind: str = STRUCTURED, **said: Any) -> Letter:
    return Letter(submission if isinstance(submission, bytes) else json.dumps(submission).encode(), kind, **said)


def answers(door: QueueDoor, *letters: Letter) -> list[Any]:
    return [json.loads(answer) for answer in door.handle(list(letters))]


def binary(prefix: str, **more: Any) -> Letter:
    named = {name: value for name, value in event(TYPE, DATA).items() if name != "data"} | more
    return letter(DATA, "application/json", headers={f"{prefix}{name}": value for name, value in named.items()})


def test_structured_binary_and_batched_events_get_the_receipts_that_http_gives(
    door: QueueDoor, settings: Settings
) -> None:
    one, two, three = (event(TYPE, DATA | {"school_year": year}) for year in (2021, 2022, 2023))
    found = answers(door, letter(one), letter([two, three], BATCHED), binary("cloudEvents:"), binary("cloudEvents_"))
    assert [answer["status"] for answer in (found[0], *found[1], *found[2:])] == [201, 201, 201, 201, 200]
    assert [answer["receipt"]["position"] for answer in (found[0], *found[1], *found[2:])] == [1, 2, 3, 4, 4]
    client = department_app("education", door.department, Keys(settings.keys).permits).test_client()
    key = {"Authorization": f"Bearer {Keys(settings.keys).api_key('education')}"}
    over_http = client.post("/events", data=json.dumps(one), content_type=STRUCTURED, headers=key)
    assert over_http.status_code == 200
    assert over_http.json == found[0]["receipt"]


def test_the_same_message_again_gets_the_same_receipt_and_other_content_is_refused(door: QueueDoor) -> None:
    first = event(TYPE, DATA)
    [[told], [again], [other]] = (
        answers(door, letter(one)) for one in (first, first, first | {"data": DATA | {"school_year": 2024}})
    )
    assert (told["status"], again["status"]) == (201, 200)
    assert again["receipt"] == told["receipt"]
    assert (other["status"], other["problem"]["code"]) == (409, "id_used_for_other_content")


def test_a_flag_comes_in_the_receipt_and_a_refusal_with_every_reason_and_its_place(door: QueueDoor) -> None:
    flagged = event(TYPE, DATA, time="2099-01-01T09:00:00+08:00", recordedtime="2099-01-01T09:00:00+08:00")
    wrong = event(TYPE, DATA | {"source": "NONE", "other": 1}, subject="421299202105120201")
    taken, refused = answers(door, letter(flagged), letter(wrong))
    assert "happened_in_future" in taken["receipt"]["flags"]
    assert refused["status"] == 422
    pointers = {fault["pointer"] for fault in refused["problem"]["errors"]}
    assert {"/subject", "/data/source", "/data/other"} <= pointers
    assert "421299202105120201" not in json.dumps(refused)
    noted = {(one["source"], one["code"], one["pointer"]) for one in door.desk.lately(1)}
    assert ("yihu.in.education", "unknown_code", "/data/source") in noted


def test_one_bad_message_among_good_ones_takes_none_along(door: QueueDoor) -> None:
    good = [letter(event(TYPE, DATA | {"school_year": year})) for year in (2021, 2022)]
    bad = {
        "not_json": letter(b"{"),
        "not_utf8": letter(b"\xff\xfe"),
        "empty": letter(b""),
        "content_type": letter(event(TYPE, DATA), "text/plain"),
        "charset": letter(event(TYPE, DATA), f"{STRUCTURED}; charset=gb18030"),
        "content_encoding": letter(event(TYPE, DATA), coding="gzip"),
        "too_large": letter(b'"' + b"x" * EVENT_BYTES + b'"'),
        "batch_size": letter([], BATCHED),
        "other_source": letter(event(TYPE, DATA, source="urn:yihu:finance:desk")),
        "not_permitted": letter(event(TYPE, DATA), user="finance"),
        "not_your_type": letter(event("finance.benefit_paid", {}, source="urn:yihu:education:desk")),
        "ce_data": binary("cloudEvents:", data="x"),
        "not_text": binary("cloudEvents:", id=[1, {"deep": b"\x00"}]),
        "not_an_object": letter([1]),
    }
    found = answers(door, good[0], *bad.values(), good[1])
    assert found[0]["status"] == found[-1]["status"] == 201
    named = {name: answer["problem"]["errors"][0]["code"] for name, answer in zip(bad, found[1:-1], strict=True)}
    assert named == {name: name for name in bad} | {"not_text": named["not_text"]}
    assert all(400 <= answer["status"] < 500 for answer in found[1:-1])


def test_an_attribute_under_both_prefixes_is_refused_and_a_moment_of_the_protocol_is_read(door: QueueDoor) -> None:
    both = binary("cloudEvents:")
    assert both.headers
    twice = replace(both, headers=both.headers | {"cloudEvents_id": "another"})
    dated = binary("cloudEvents:", time=datetime(2025, 3, 1, 1, tzinfo=UTC).replace(tzinfo=None))
    refused, taken = answers(door, twice, dated)
    assert refused["problem"]["code"] == "duplicate_key"
    assert taken["status"] == 201


def test_the_departments_own_user_may_say_who_it_is_and_what_kombu_says_of_text_is_no_coding(door: QueueDoor) -> None:
    [answer] = answers(door, letter(event(TYPE, DATA), user="education", coding="utf-8"))
    assert answer["status"] == 201


def test_many_messages_are_taken_in_groups_of_a_batch(door: QueueDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = door.department.receive_all
    monkeypatch.setattr(door.department, "receive_all", lambda some, **_: sizes.append(len(some)) or real(some))
    half = letter([{}] * (BATCH_EVENTS // 2), BATCHED)
    found = answers(door, letter({}), half, half, letter({}), letter({}))
    assert sizes == [1 + BATCH_EVENTS // 2, BATCH_EVENTS // 2 + 2]
    assert [len(answer) for answer in found if isinstance(answer, list)] == [BATCH_EVENTS // 2] * 2


def test_while_the_database_does_not_answer_nobody_is_answered(
    department: Callable[[str], Department], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "POOL_WAIT_S", 0.3)
    gone = department("education")
    there, gone.database = gone.database, Database("postgresql://postgres@127.0.0.1:9/postgres", "education")
    door = QueueDoor("education", gone, Keys(settings.keys).permits)
    try:
        with pytest.raises(Unavailable):
            door.handle([letter(event(TYPE, DATA, subject=DAUGHTER))])
    finally:
        gone.database.close()
        gone.database = there
