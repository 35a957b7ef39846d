"""Both versions of a type at the door: what is taken, how it is recorded, what is the same event, what rules read."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.door.department import Answer, Department
from shared.errors import IdTaken, Refused
from shared.keys.ring import is_sealed
from shared.language.catalogue import CATALOGUE
from shared.log.amended import RESTATED_SCHEMA, as_amended
from shared.log.record import RecordedEvent
from tests.world import DAUGHTER, MOTHER, event

Make = Callable[[str], Department]
FEDERATION = "disability_federation"
CONSENT = f"{FEDERATION}.consent_recorded"
FIRST, SECOND = f"urn:yihu:{CONSENT}:1", f"urn:yihu:{CONSENT}:2"
FORM = {"consent_by": MOTHER, "form_doc": "同意书A-01"}
IN_WORDS = FORM | {"scope": "康复、结对"}
IN_CODES = FORM | {"scope": "康复、结对", "scopes": ["rehab", "pairing"]}
CODES_ALONE = FORM | {"scopes": ["publicity"]}


@pytest.fixture
def federation(department: Make) -> Department:
    return department(FEDERATION)


def consent(data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    return event(CONSENT, data, DAUGHTER, **attributes)


def corrected(original: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    said = {"target_event": original["id"], "corrected_payload": data, "reason": "录入有误"}
    return event(f"{FEDERATION}.event_corrected", said, None)


def no_more(data: dict[str, Any]) -> dict[str, Any]:
    return event(f"{FEDERATION}.consent_withdrawn", data | {"effect": "停止。"}, DAUGHTER)


def last(department: Department) -> RecordedEvent:
    return list(department.recorder.events())[-1]


def codes(answer: Answer) -> list[str]:
    assert answer.refused is not None
    return sorted(f"{fault.code} {fault.pointer}" for fault in answer.refused.faults)


@pytest.mark.parametrize("named", [{}, {"dataschema": FIRST}])
def test_an_event_of_the_first_version_is_recorded_as_ever_and_read_in_the_second(
    federation: Department, named: dict[str, str]
) -> None:
    federation.receive(consent(IN_WORDS, **named))
    record = last(federation)
    kept = json.loads(record.encode())
    assert "dataschema" not in kept
    assert sorted(kept["data"]) == ["consent_by", "form_doc", "scope"]
    assert record.stored == kept["data"]
    assert record.data == record.stored | {"scopes": ["rehab", "pairing"]}
    place = (record.type, record.source, record.id, "form_doc")
    assert federation.ring.unseal(record.data["form_doc"], place) == FORM["form_doc"]


@pytest.mark.parametrize("named", [{}, {"dataschema": SECOND}])
@pytest.mark.parametrize("data", [IN_CODES, CODES_ALONE])
def test_an_event_of_the_second_version_says_so_in_its_record(
    federation: Department, data: dict[str, Any], named: dict[str, str]
) -> None:
    federation.receive(consent(data, **named))
    record = last(federation)
    kept = json.loads(record.encode())
    assert kept["dataschema"] == SECOND
    assert kept["data"].keys() == data.keys()
    assert record.data == record.stored == kept["data"]


def test_what_fits_both_versions_is_of_the_one_that_it_names(federation: Department) -> None:
    federation.receive(consent(IN_CODES, dataschema=FIRST))
    assert "dataschema" not in last(federation).attributes


@pytest.mark.parametrize(
    ("data", "named", "faults"),
    [
        (IN_WORDS, SECOND, ["required /data/scopes"]),
        (CODES_ALONE, FIRST, ["required /data/scope"]),
        (IN_CODES, f"urn:yihu:{CONSENT}:3", ["unknown_version /dataschema"]),
        (IN_CODES, "urn:yihu:finance.benefit_paid:1", ["unknown_version /dataschema"]),
        (IN_WORDS | {"consent_by": "1"}, None, ["identity_number /data/consent_by"]),
        (CODES_ALONE | {"consent_by": "1"}, None, ["identity_number /data/consent_by"]),
        (FORM, None, ["required /data/scopes"]),
    ],
)
def test_who_names_a_version_is_held_to_it_and_who_names_none_is_told_what_the_nearest_one_misses(
    federation: Department, data: dict[str, Any], named: str | None, faults: list[str]
) -> None:
    [answer] = federation.receive_all([consent(data, **({"dataschema": named} if named else {}))])
    told = codes(answer)
    assert [fault.split(" ")[1] for fault in told] == [fault.split(" ")[1] for fault in faults]
    assert told == faults or "consent_by" in told[0]


VERSIONS = [(IN_WORDS, IN_CODES), (IN_CODES, IN_WORDS)]


@pytest.mark.parametrize(("first", "again"), VERSIONS)
def test_the_same_event_in_the_other_version_gets_the_first_receipt(
    federation: Department, first: dict[str, Any], again: dict[str, Any]
) -> None:
    one = consent(first)
    receipt, _ = federation.receive(one)
    for other in (one | {"data": again}, one):
        assert federation.receive(other) == (receipt, False)
    together = consent(first)
    answers = federation.receive_all([together, together | {"data": again}])
    assert [answer.new for answer in answers] == [True, False]
    assert answers[0].receipt == answers[1].receipt


@pytest.mark.parametrize(("first", "again"), VERSIONS)
@pytest.mark.parametrize("change", [{"form_doc": "同意书A-02"}, {"scope": "教育"}, {"valid_to": "2027-01-01"}])
def test_another_event_in_the_other_version_is_another_event(
    federation: Department, first: dict[str, Any], again: dict[str, Any], change: dict[str, str]
) -> None:
    one = consent(first)
    federation.receive(one)
    with pytest.raises(IdTaken):
        federation.receive(one | {"data": again | change})


@pytest.mark.parametrize("data", [IN_WORDS, IN_CODES])
def test_in_its_own_version_an_event_is_compared_as_ever(federation: Department, data: dict[str, Any]) -> None:
    one = consent(data)
    receipt, _ = federation.receive(one | {"recordedtime": "2025-03-02T09:00:00+08:00"})
    assert federation.receive(one | {"recordedtime": "2025-03-02T01:00:00Z"}) == (receipt, False)
    with pytest.raises(IdTaken):
        federation.receive(one)


def test_the_same_correction_in_the_other_version_gets_the_first_receipt(federation: Department) -> None:
    original = consent(CODES_ALONE)
    federation.receive(original)
    one = corrected(original, IN_WORDS)
    receipt, _ = federation.receive(one)
    again = one | {"data": one["data"] | {"corrected_payload": IN_CODES}}
    assert federation.receive(again) == (receipt, False)
    with pytest.raises(IdTaken):
        federation.receive(one | {"data": one["data"] | {"corrected_payload": CODES_ALONE}})


@pytest.mark.parametrize(
    ("said", "restated", "named", "now"),
    [
        (IN_WORDS, CODES_ALONE, SECOND, ["publicity"]),
        (CODES_ALONE, IN_WORDS, None, ["rehab", "pairing"]),
        (IN_WORDS, FORM | {"scope": "教育"}, None, ["education"]),
        (CODES_ALONE, FORM | {"scopes": ["other"]}, SECOND, ["other"]),
    ],
)
def test_a_correction_restates_its_original_in_either_version_and_says_in_which(
    federation: Department, said: dict[str, Any], restated: dict[str, Any], named: str | None, now: list[str]
) -> None:
    original = consent(said)
    federation.receive(original)
    federation.receive(corrected(original, restated))
    correction = last(federation)
    assert correction.attributes.get(RESTATED_SCHEMA) == named
    assert "dataschema" not in correction.attributes, "a correction has one version"
    assert correction.stored["corrected_payload"].keys() == restated.keys()
    assert is_sealed(correction.stored["corrected_payload"]["form_doc"])
    first, second = as_amended(federation.recorder.events())
    assert first.data["scopes"] == now
    assert second.data["corrected_payload"] == first.data


def test_rules_read_the_newest_version_whichever_was_sent(federation: Department) -> None:
    original = consent(IN_WORDS)
    federation.receive(original)
    with pytest.raises(Refused) as refused:
        federation.receive(no_more({"scope": "宣传报道"}))
    assert [fault.code for fault in refused.value.faults] == ["consent_not_given"]
    federation.receive(corrected(original, CODES_ALONE))
    federation.receive(no_more({"scope": "宣传报道"}))
    with pytest.raises(Refused):
        federation.receive(no_more({"scopes": ["publicity"]}))
    federation.receive_all([consent(IN_WORDS), no_more({"scopes": ["pairing"]}), no_more({"scope": "未写明"})])
    kept = [record.attributes.get("dataschema") for record in federation.recorder.events()]
    assert kept == [None, None, None, None, f"urn:yihu:{FEDERATION}.consent_withdrawn:2", None]


def test_a_type_of_one_version_says_nothing_of_it_in_its_record(federation: Department) -> None:
    known = CATALOGUE.get(f"{FEDERATION}.needs_surveyed")
    assert known is not None
    federation.receive(event(known.type, known.example(), DAUGHTER, legacy=True, dataschema=known.dataschema))
    assert "dataschema" not in last(federation).attributes
