from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.json import canonical
from shared.log.evidence import leaf_hash
from shared.log.hashes import id_range, key_hash, name_hash, party_hash, stream_hash
from shared.log.lookups import keys_of
from shared.log.record import RecordedEvent, decode, stream_of

ATTRIBUTES = {"specversion": "1.0", "id": "e-1", "source": "urn:s", "type": "education.something"}
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)


def test_a_stream_is_the_process_or_else_the_subject_or_else_the_department() -> None:
    assert stream_of({"process": "甲-1", "subject": "p-a"}) == "process/甲-1"
    assert stream_of({"subject": "p-a"}) == "subject/p-a"
    assert stream_of({}) == "department"


def test_the_stream_is_written_only_where_it_does_not_follow() -> None:
    attributes = ATTRIBUTES | {"subject": "p-a"}
    own = RecordedEvent("subject/p-a", 3, attributes, {"n": 1})
    assert orjson.loads(own.encode()) == attributes | {"streamversion": 3, "data": {"n": 1}}
    amending = RecordedEvent("process/甲-1", 3, attributes, {"n": 1})
    assert orjson.loads(amending.encode()) == orjson.loads(own.encode()) | {"stream": "process/甲-1"}


@given(st.fixed_dictionaries({}, optional={"process": TEXT, "subject": TEXT}), TEXT, st.booleans())
def test_a_record_is_read_as_it_was_written_and_written_as_it_was_read(
    more: dict[str, Any], stream: str, follows: bool
) -> None:
    attributes = ATTRIBUTES | more
    event = RecordedEvent(stream_of(attributes) if follows else stream, 7, attributes, {"a": stream})
    read = decode(event.encode(), 4)
    assert (read.originator_id, read.originator_version, read.position) == (event.originator_id, 7, 4)
    assert read.data == event.data
    assert {name: value for name, value in read.attributes.items() if name != "stream"} == attributes
    read.exact = b""
    assert read.encode() == event.encode()


@given(TEXT)
def test_what_names_its_stream_though_it_follows_is_written_so_again(party: str) -> None:
    kept = ATTRIBUTES | {"subject": party, "stream": f"subject/{party}", "streamversion": 1, "data": {}}
    read = decode(canonical(kept))
    read.exact = b""
    assert read.encode() == canonical(kept)


def test_a_record_is_a_cloudevent_as_published() -> None:
    published = orjson.loads(RecordedEvent("subject/p-a", 1, ATTRIBUTES | {"subject": "p-a"}, {"n": 1}).encode())
    assert {"specversion", "id", "source", "type"} <= published.keys()
    assert all(name.isalnum() and name.islower() for name in published), "CloudEvents 1.0, 3: attribute names"


def test_hashes_are_those_that_older_logs_were_given() -> None:
    """Never to be changed: `log_004.sql` and `log_006.sql` compute the same, and what is on record is found by them."""
    assert stream_hash("process/甲-1") == 2520449080233940023
    assert name_hash("urn:yihu:education:desk", "一-1").hex() == "d4796fbd71621b3b4ef866303dba877b"
    assert party_hash("p-a") == 312956444719053130
    assert key_hash("education.something", "p-a").hex() == "277c243229cf30bf499e7100b9d2a0af"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(TEXT, TEXT, TEXT)
def test_an_id_is_found_whatever_its_source(source: str, other: str, id_: str) -> None:
    first, last = id_range(id_)
    assert first <= name_hash(source, id_) <= last
    assert first <= name_hash(other, id_) <= last
    assert (name_hash(source, id_) == name_hash(other, id_)) == (source == other)


FEDERATION = "disability_federation"


@pytest.mark.parametrize(
    ("type_name", "data", "keys"),
    [
        ("family_case_opened", {"members": ["p-a", "p-b"], "head": "p-a", "base": "甲"}, ["p-a", "p-b"]),
        ("family_case_opened", {"members": "p-a"}, ["p-a"]),
        (
            "family_case_opened",
            {"members": [1, None, {"name": "x"}, {"code": "91420000X", "name": "甲"}]},
            ["91420000X"],
        ),
        ("family_case_opened", {}, []),
        ("never_declared", {"members": ["p-a"]}, []),
        ("event_corrected", {"corrected_payload": {"members": ["p-c"], "head": "p-d"}, "members": "x"}, ["p-c"]),
        ("event_corrected", {"corrected_payload": None}, []),
        ("event_withdrawn", {"members": ["p-a"]}, []),
    ],
)
def test_the_keys_of_a_record_are_the_values_of_its_declared_fields(
    template: str, type_name: str, data: dict[str, Any], keys: list[str]
) -> None:
    assert template, "the catalogue is loaded"
    assert keys_of(RecordedEvent("s", 1, ATTRIBUTES | {"type": f"{FEDERATION}.{type_name}"}, data)) == keys
