import json
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from services.departments import load_catalogue
from shared.language.catalogue import CATALOGUE, Declaration, event
from shared.language.fields import MANY, internal
from shared.language.form import Form
from shared.language.kinds import Decision, Flag, Line, Organisation, Rate, Setting
from shared.language.persons import Person
from shared.language.schemas import json_schema
from shared.language.validation import Invalid, check
from shared.policy.lists import code_lists
from tests.world import DAUGHTER, FATHER, MOTHER, SON, story

load_catalogue()
SETTING = Setting(date(2027, 12, 31), allow_test_regions=True)
STORIES = {submission["id"]: submission for letter in "ab" for submission in story(letter)}
OPENED = STORIES["a-001"]["data"]


def declaration(type_name: str) -> Declaration:
    found = CATALOGUE.get(type_name)
    assert found is not None
    return found


FAMILY = declaration("disability_federation.family_case_opened")


def faults_of(data: Any, of: Form = FAMILY, setting: Setting = SETTING) -> list[tuple[str, str]]:
    """Return pointer and code of every fault."""
    try:
        check(of, data, setting)
    except Invalid as invalid:
        return sorted((fault.pointer, fault.code) for fault in invalid.faults)
    return []


@cache
def validator(type_name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(declaration(type_name)), format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("submission", STORIES.values(), ids=list(STORIES))
def test_every_sample_event_fits_a_version_of_its_type_and_the_schema_of_it(submission: dict[str, Any]) -> None:
    fits = []
    for form in declaration(submission["type"]).forms:
        schema = Draft202012Validator(json_schema(form), format_checker=Draft202012Validator.FORMAT_CHECKER)
        fits.append(not faults_of(submission["data"], form))
        assert schema.is_valid(submission["data"]) == fits[-1]
        if fits[-1]:
            checked = check(form, submission["data"], SETTING)
            assert {name for name, value in checked.items() if value is not None} == submission["data"].keys()
    assert any(fits)


@pytest.mark.parametrize("submission", STORIES.values(), ids=list(STORIES))
def test_check_and_schema_refuse_the_same_changes_of_a_sample(submission: dict[str, Any]) -> None:
    """A required field gone, a field nobody declared, null, and a value of another JSON type."""
    declared = declaration(submission["type"])
    changes = [submission["data"] | {"nobody_declared_this": 1}, [submission["data"]], None, "x"]
    for name, value in submission["data"].items():
        rest = {key: other for key, other in submission["data"].items() if key != name}
        changes += [rest, rest | {name: None}, rest | {name: [[value]]}, rest | {name: 0.5}, rest | {name: ""}]
    for data in changes:
        assert (faults_of(data, declared) == []) == validator(submission["type"]).is_valid(data), data


@pytest.mark.parametrize("of", list(CATALOGUE), ids=lambda of: of.type)
def test_every_type_has_a_valid_json_schema_of_its_own(of: Declaration) -> None:
    schema = json_schema(of)
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert (schema["$id"], schema["title"]) == (of.dataschema, of.label)
    assert list(schema["properties"]) == list(of.facts)
    assert schema["required"] == [name for name, fact in of.facts.items() if fact.required]
    assert {name for name, fact in schema["properties"].items() if fact["x-sealed"]} == {
        name for name, fact in of.facts.items() if fact.sealed
    }


def test_values_come_out_typed_and_absent_ones_as_none() -> None:
    checked = check(FAMILY, OPENED, SETTING)
    assert checked["members"] == tuple(
        Person(number, born=born, sex=sex)
        for number, born, sex in [
            (FATHER, "1988-03-15", "1"),
            (MOTHER, "1990-07-08", "2"),
            (SON, "2017-09-03", "1"),
            (DAUGHTER, "2021-05-12", "2"),
        ]
    )
    assert checked["contact_phone"] is None
    implanted = check(declaration("finance.benefit_paid"), STORIES["a-018"]["data"], SETTING)
    assert isinstance(implanted["amount"], Decimal)
    diagnosis = check(declaration("disability_federation.diagnosis_reported"), STORIES["a-007"]["data"], SETTING)
    assert diagnosis["hospital"] == Organisation("12421299MB0HP00291")
    assert diagnosis["reported_on"] == date(2025, 2, 24)
    assert diagnosis["recommend_rehab"] is True


def test_all_faults_come_at_once_each_with_its_place() -> None:
    data = {
        "hukou_type": "noble",
        "address_text": 7,
        "members": [FATHER, "42129920210512020Y", None],
        "head": None,
        "source": "survey",
        "colour": "blue",
    }
    assert faults_of(data) == [
        ("/data/address_text", "not_text"),
        ("/data/colour", "unknown_field"),
        ("/data/division", "required"),
        ("/data/head", "null"),
        ("/data/hukou_type", "unknown_code"),
        ("/data/members/1", "resident_id_shape"),
        ("/data/members/2", "not_text"),
    ]


def test_no_fault_repeats_a_value_or_an_undeclared_name() -> None:
    number = "42129920210512020Y"
    data = dict.fromkeys(FAMILY.facts, number) | {"members": [number], number: number, "a/b": 1, "": 2, "~": 3}
    with pytest.raises(Invalid) as invalid:
        check(FAMILY, data, SETTING)
    told = repr([fault.as_dict() for fault in invalid.value.faults]) + str(invalid.value)
    assert number not in told
    assert {"/data/?", "/data/members/0"} <= {fault.pointer for fault in invalid.value.faults}


def test_a_pointer_begins_where_the_payload_stands() -> None:
    with pytest.raises(Invalid) as invalid:
        check(FAMILY, OPENED | {"head": 1}, SETTING, "/data/corrected_payload")
    assert [fault.pointer for fault in invalid.value.faults] == ["/data/corrected_payload/head"]


@pytest.mark.parametrize("data", [None, [], "x", 1, [OPENED]])
def test_a_payload_that_is_no_object_is_refused(data: Any) -> None:
    assert faults_of(data) == [("/data", "not_an_object")]


@pytest.mark.parametrize("members", [[], FATHER, {}, None, [FATHER] * (MANY + 1)])
def test_a_list_has_at_least_one_item_and_at_most_a_hundred(members: Any) -> None:
    code = "null" if members is None else "not_a_list"
    assert faults_of(OPENED | {"members": members}) == [("/data/members", code)]
    assert faults_of(OPENED | {"members": [FATHER] * MANY}) == []


def test_a_code_must_be_in_its_list_and_a_fabricated_region_allowed() -> None:
    assert faults_of(OPENED | {"division": "421299"}) == []
    strict = Setting(SETTING.today, allow_test_regions=False)
    assert ("/data/division", "unknown_code") in faults_of(OPENED | {"division": "421299"}, setting=strict)
    assert ("/data/division", "unknown_code") not in faults_of(OPENED, setting=strict)
    assert faults_of(OPENED | {"source": "rumour"}) == [("/data/source", "unknown_code")]


@pytest.mark.parametrize(
    "hostile", ["__class__", "_schema", "Data", "fields1", "\ud800", "x" * 1_000, "421299201709030139"]
)
def test_a_hostile_field_name_is_just_unknown(hostile: str) -> None:
    assert faults_of(OPENED | {hostile: {"a": 1}}) == [("/data/?", "unknown_field")]


def test_a_field_that_is_nearly_a_declared_one_is_told_which() -> None:
    with pytest.raises(Invalid) as invalid:
        check(FAMILY, OPENED | {"adress_text": "x"}, SETTING)
    assert [fault.en for fault in invalid.value.faults] == [
        "This event type has no such field. Did you mean address_text?"
    ]


def test_a_hundred_thousand_unknown_fields_are_not_answered_one_by_one() -> None:
    assert len(faults_of(OPENED | {f"a{number}": 1 for number in range(100_000)})) == 10


def test_every_code_list_that_a_field_names_has_codes_with_words() -> None:
    for of in CATALOGUE:
        for name, fact in of.facts.items():
            if fact.code_list:
                codes = code_lists()[fact.code_list]["codes"]
                assert codes, (of.type, name)
                assert all(code["zh"] for code in codes.values()), (of.type, name)


# ── conditions and bounds ──────────────────────────────────────────────────────────────────────────────────────────

AID = declaration("civil_affairs.temp_aid_decided")
REFUSED = {"decision": "refused", "refuse_reason": "economy", "decided_on": "2025-04-10"}


def declared(**conditions: Any) -> Declaration:
    """Return a declaration of the test alone, that no catalogue holds."""
    made: list[Declaration] = []
    body = {
        "__annotations__": {"decision": Decision, "flag": Flag | None, "why": Line | None, "share": Rate | None},
        "__module__": "services.testing",
        "decision": internal("决定"),
        "flag": internal("加急"),
        "why": internal("原因", **conditions),
        "share": internal("比例", "0.5", over=0, at_most=1),
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(CATALOGUE, "add", made.append)
        event("试", about="person", clause="XN-0", says="{subject}：{decision}", department="testing")(
            type("SomethingTried", (), body)
        )
    return made[0]


def test_a_refusal_without_its_reason_is_refused() -> None:
    without = {name: value for name, value in REFUSED.items() if name != "refuse_reason"}
    with pytest.raises(Invalid) as invalid:
        check(AID, without, SETTING)
    assert [fault.as_dict() for fault in invalid.value.faults] == [
        {
            "code": "refusal_without_reason",
            "pointer": "/data/refuse_reason",
            "zh": "不予同意的决定须写明原因。",
            "en": "A refusal must give its reason.",
        }
    ]
    assert faults_of(REFUSED, AID) == []


GIVES_REASON = [
    of for of in CATALOGUE if (fact := of.facts.get("refuse_reason")) and fact.when is not None and fact.when.required
]
"""The others were published without the field; of their decisions the door asks it (test_department)."""


@pytest.mark.holds("G.3")
@pytest.mark.parametrize("of", GIVES_REASON, ids=lambda of: of.type)
def test_every_family_that_is_refused_is_told_why(of: Declaration) -> None:
    refused = of.example() | {"decision": "refused"}
    assert faults_of(refused, of) == [("/data/refuse_reason", "refusal_without_reason")]
    assert faults_of(refused | {"refuse_reason": "document"}, of) == []


def test_what_is_wrong_with_a_reason_is_told_once() -> None:
    assert faults_of(REFUSED | {"refuse_reason": "mood"}, AID) == [("/data/refuse_reason", "unknown_code")]
    assert faults_of(REFUSED | {"decision": "maybe"}, AID) == [("/data/decision", "unknown_code")]


def test_a_reason_may_stand_beside_another_decision() -> None:
    assert faults_of(REFUSED | {"decision": "returned"}, AID) == []


def test_every_fault_comes_with_the_missing_reason() -> None:
    data = {"decision": "refused", "decided_on": "2025-02-30", "colour": 1}
    assert faults_of(data, AID) == [
        ("/data/colour", "unknown_field"),
        ("/data/decided_on", "not_a_date"),
        ("/data/refuse_reason", "refusal_without_reason"),
    ]


def test_a_conditional_field_is_required_under_its_condition_and_only_then() -> None:
    tried = declared(when="decision=refused|not_accepted")
    assert faults_of({"decision": "approved"}, tried) == []
    assert faults_of({"decision": "approved", "why": "甲"}, tried) == [("/data/why", "not_expected_here")]
    assert faults_of({"decision": "not_accepted"}, tried) == [("/data/why", "required_here")]
    assert faults_of({"decision": "refused", "why": "甲"}, tried) == []
    assert declared(when="decision=refused", otherwise="allowed").facts["why"].when is not None


def test_the_schema_of_a_conditional_field_says_the_same() -> None:
    for otherwise in ("absent", "allowed"):
        tried = declared(when="flag=true", otherwise=otherwise)
        fits = Draft202012Validator(json_schema(tried))
        for data in ({}, {"flag": True}, {"flag": False}):
            for more in ({}, {"why": "甲"}):
                payload = {"decision": "approved"} | data | more
                assert fits.is_valid(payload) == (faults_of(payload, tried) == []), payload


def test_a_condition_is_told_in_the_words_of_the_form() -> None:
    with pytest.raises(Invalid) as invalid:
        check(declared(when="flag=true"), {"decision": "approved", "flag": True}, SETTING)
    assert invalid.value.faults[0].zh == "加急为“是”时，须填写原因。"
    with pytest.raises(Invalid) as invalid:
        check(declared(when="decision=refused"), {"decision": "approved", "why": "甲"}, SETTING)
    assert invalid.value.faults[0].zh == "仅在决定为“不予同意”时填写原因。"


@pytest.mark.parametrize(
    ("share", "code"), [("0", "too_small"), ("0.0001", None), ("1", None), ("1.0001", "too_large"), ("x", "not_a_rate")]
)
def test_a_number_out_of_its_bounds_is_refused(share: str, code: str | None) -> None:
    expected = [] if code is None else [("/data/share", code)]
    assert faults_of({"decision": "approved", "share": share}, declared()) == expected


def test_a_payment_of_nothing_is_refused() -> None:
    paid = declaration("finance.benefit_paid")
    assert faults_of(paid.example() | {"amount": "0.00"}, paid) == [("/data/amount", "too_small")]


def test_the_day_of_one_check_is_not_that_of_the_next() -> None:
    """A type's schema is kept; the day comes with each check."""
    earlier = Setting(date(2021, 5, 11), allow_test_regions=True)
    assert faults_of(OPENED) == []
    assert faults_of(OPENED, setting=earlier) == [("/data/members/3", "resident_id_born_in_future")]
    assert faults_of(OPENED) == []
