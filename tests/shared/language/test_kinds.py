import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from shared.language import kinds
from shared.language.kinds import (
    COUNT_LIMIT,
    KINDS,
    LINE_LENGTH,
    NOTE_LENGTH,
    Kind,
    Organisation,
    Setting,
    Unreadable,
    code_of,
)
from shared.language.persons import Person
from shared.policy.parameters import VALUE_LENGTH

SETTING = Setting(date(2025, 11, 22), allow_test_regions=True)
# Everybody here is fabricated: divisions 421299 and 422399 are not assigned.
GIRL = "42129920210512020X"
CERTIFICATE = GIRL + "21"
TOKEN = "p-" + "a2" * 16
USCC = "52421299MJXRE0019W"
PERSON = Person(GIRL, born="2021-05-12", sex="2")

GOOD: list[tuple[Kind, Any, Any]] = [
    (kinds.PERSON, GIRL, PERSON),
    (kinds.PERSON, " 421299 20210512 020x", PERSON),
    (kinds.PERSON, CERTIFICATE, PERSON),
    (kinds.PERSON, TOKEN, Person(token=TOKEN)),
    (kinds.PERSON, "U420000123", Person("U420000123")),
    (kinds.PARTY, GIRL, PERSON),
    (kinds.PARTY, TOKEN, Person(token=TOKEN)),
    (kinds.PARTY, "xn-f-0a1b2c3d", "XN-F-0A1B2C3D"),
    (kinds.PARTY, USCC, Organisation(USCC)),
    (kinds.PARTY, {"code": USCC, "name": "虚构服务中心"}, Organisation(USCC, "虚构服务中心")),
    (kinds.ORGANISATION, USCC.lower(), Organisation(USCC)),
    (kinds.ORGANISATION, "2142000123", Organisation("2142000123")),
    (kinds.ORGANISATION, {"code": "JG-1".replace("-", "."), "name": "甲"}, Organisation("JG.1", "甲")),
    (kinds.EVENT, "a-019", "a-019"),
    (kinds.EVENT, GIRL, GIRL),
    (kinds.PROCESS, "嘉教（2025）12号", "嘉教（2025）12号"),
    (kinds.PAYLOAD, {"any": ["thing"]}, {"any": ["thing"]}),
    (code_of("HUKOUTYPE"), "rural", "rural"),
    (kinds.DAY, "2024-02-29", date(2024, 2, 29)),
    (kinds.MONTH, "2025-04", "2025-04"),
    (kinds.YEAR, 2025, 2025),
    (kinds.FLAG, False, False),
    (kinds.COUNT, 0, 0),
    (kinds.COUNT, COUNT_LIMIT, COUNT_LIMIT),
    (kinds.MONEY, "3000.1", Decimal("3000.10")),
    (kinds.MONEY, "0", Decimal("0.00")),
    (kinds.HOURS, "1.25", Decimal("1.25")),
    (kinds.HOURS, 36, Decimal(36)),
    (kinds.RATE, "0.3333", Decimal("0.3333")),
    (kinds.PARAMETER_VALUE, "x" * VALUE_LENGTH, "x" * VALUE_LENGTH),
    (kinds.LINE, "  cafe\u0301 ", "caf\u00e9"),
    (kinds.USCC, " 52421299-mjxre001-9w", USCC),
    (kinds.COMPONENT, {"category": "2", "grade": "1"}, {"category": "2", "grade": "1"}),
    (kinds.CONDITION, {"no": "1", "met": True, "evidence": "甲"}, {"no": "1", "met": True, "evidence": "甲"}),
    (
        kinds.CONDITION,
        {"no": "7", "met": False, "evidence": "乙", "valid_to": "2026-01-31"},
        {"no": "7", "met": False, "evidence": "乙", "valid_to": "2026-01-31"},
    ),
    (kinds.DIGEST, "0f" * 32, "0f" * 32),
    (kinds.NOTE, "第一行\r\n第二行", "第一行\n第二行"),
    (kinds.DOCUMENT, "同意书A-01", "同意书A-01"),
    (kinds.OFFICER, "嘉鱼县残联", "嘉鱼县残联"),
    (kinds.NAME, "阿卜杜拉·买买提", "阿卜杜拉·买买提"),
    (kinds.ADDRESS, "虚构镇1组", "虚构镇1组"),
    (kinds.PHONE, "+86 138 0013 8000", "13800138000"),
    (kinds.CERTIFICATE, CERTIFICATE.lower(), CERTIFICATE),
    (kinds.STUDENT_NUMBER, "G421299201712090159", "G421299201712090159"),
    (kinds.LOCAL_NUMBER, "救助〔2025〕1号", "救助〔2025〕1号"),
    (kinds.ACCOUNT_TAIL, "0001", "0001"),
]

BAD: list[tuple[Kind, Any, str]] = [
    (kinds.PERSON, GIRL[:-1] + "1", "resident_id_checksum"),
    (kinds.PERSON, 42129920210512020, "not_text"),
    (kinds.PERSON, {"number": GIRL}, "not_text"),
    (kinds.PERSON, TOKEN + "a", "certificate_shape"),
    (kinds.PERSON, "", "empty"),
    (kinds.PARTY, {"code": USCC}, "not_text"),
    (kinds.PARTY, "某某家庭", "organisation_code_shape"),
    (kinds.PARTY, GIRL[:-1] + "1", "uscc_checksum"),
    (kinds.ORGANISATION, USCC[:-1] + "X", "uscc_checksum"),
    (kinds.ORGANISATION, "虚构医院", "organisation_code_shape"),
    (kinds.ORGANISATION, {"code": USCC, "name": "甲", "phone": "1"}, "not_text"),
    (kinds.ORGANISATION, {"code": USCC, "name": "甲 13800138000"}, "personal_number_in_clear"),
    (kinds.ORGANISATION, "13800138000", "organisation_code_shape"),
    (kinds.EVENT, "", "empty"),
    (kinds.EVENT, "\u0430-019", "mistakable_character"),
    (kinds.PROCESS, "\u200b", "empty"),
    (kinds.PAYLOAD, [], "not_an_object"),
    (kinds.PAYLOAD, "{}", "not_an_object"),
    (code_of("HUKOUTYPE"), 1, "not_text"),
    (code_of("HUKOUTYPE"), ["rural"], "not_text"),
    (kinds.DAY, "2025-02-29", "not_a_date"),
    (kinds.DAY, "2025-2-9", "not_a_date"),
    (kinds.DAY, "20250209", "not_a_date"),
    (kinds.DAY, "2025-02-0９", "not_a_date"),
    (kinds.DAY, "2025-02-09\n", "not_a_date"),
    (kinds.DAY, "1899-12-31", "not_a_date"),
    (kinds.DAY, 45_000, "not_a_date"),
    (kinds.MONTH, "2025-13", "not_a_month"),
    (kinds.MONTH, "202５-04", "not_a_month"),
    (kinds.MONTH, "2025-04-01", "not_a_month"),
    (kinds.YEAR, "2025", "not_a_count"),
    (kinds.YEAR, 25, "not_a_count"),
    (kinds.FLAG, "true", "not_a_flag"),
    (kinds.FLAG, 1, "not_a_flag"),
    (kinds.COUNT, -1, "not_a_count"),
    (kinds.COUNT, True, "not_a_count"),
    (kinds.COUNT, 1.0, "not_a_count"),
    (kinds.COUNT, COUNT_LIMIT + 1, "not_a_count"),
    (kinds.MONEY, 3000, "not_money"),
    (kinds.MONEY, "-1.00", "negative_amount"),
    (kinds.MONEY, "3000.001", "not_money"),
    (kinds.MONEY, "３000", "not_money"),
    (kinds.MONEY, "3,000", "not_money"),
    (kinds.MONEY, "1e3", "not_money"),
    (kinds.MONEY, "NaN", "not_money"),
    (kinds.MONEY, "9" * 13, "not_money"),
    (kinds.HOURS, "1.255", "not_hours"),
    (kinds.HOURS, 10**12, "not_hours"),
    (kinds.HOURS, True, "not_hours"),
    (kinds.HOURS, -1, "not_hours"),
    (kinds.HOURS, 1.5, "not_hours"),
    (kinds.RATE, "0.33333", "not_a_rate"),
    (kinds.RATE, "50%", "not_a_rate"),
    (kinds.RATE, 0.5, "not_a_rate"),
    (kinds.PARAMETER_VALUE, "x" * (VALUE_LENGTH + 1), "too_long"),
    (kinds.PARAMETER_VALUE, "联系 13800138000", "personal_number_in_clear"),
    (kinds.LINE, "甲\n乙", "not_one_line"),
    (kinds.LINE, "甲\u2029乙", "not_one_line"),
    (kinds.LINE, "x" * (LINE_LENGTH + 1), "too_long"),
    (kinds.LINE, "联系 13800138000", "personal_number_in_clear"),
    (kinds.LINE, "证号42129920210512020X21", "personal_number_in_clear"),
    (kinds.LINE, "a\x00b", "illegal_character"),
    (kinds.LINE, "a\u202eb", "illegal_character"),
    (kinds.LINE, None, "not_text"),
    (kinds.USCC, "52421299MJXRE0019", "uscc_shape"),
    (kinds.COMPONENT, {"category": "2"}, "not_a_component"),
    (kinds.COMPONENT, {"category": "2", "grade": "9"}, "not_a_component"),
    (kinds.COMPONENT, {"category": ["2"], "grade": "1"}, "not_a_component"),
    (kinds.COMPONENT, {"category": "2", "grade": "1", "more": "1"}, "not_a_component"),
    (kinds.COMPONENT, "21", "not_a_component"),
    (kinds.CONDITION, {"no": 0, "met": True, "evidence": "甲"}, "not_a_condition"),
    (kinds.CONDITION, {"no": True, "met": True, "evidence": "甲"}, "not_a_condition"),
    (kinds.CONDITION, {"no": "8", "met": True, "evidence": "甲"}, "not_a_condition"),
    (kinds.CONDITION, {"no": "1", "met": 1, "evidence": "甲"}, "not_a_condition"),
    (kinds.CONDITION, {"no": "1", "met": True}, "not_a_condition"),
    (kinds.CONDITION, {"no": "1", "met": True, "evidence": "甲", "by": "乙"}, "not_a_condition"),
    (kinds.CONDITION, {"no": ["1"], "met": True, "evidence": "甲"}, "not_a_condition"),
    (kinds.CONDITION, {"no": "1", "met": True, "evidence": "甲", "valid_to": "2026-02-30"}, "not_a_date"),
    (kinds.CONDITION, "1", "not_a_condition"),
    (kinds.DIGEST, "0F" * 32, "not_a_digest"),
    (kinds.DIGEST, "0f" * 31, "not_a_digest"),
    (kinds.NOTE, "x" * (NOTE_LENGTH + 1), "too_long"),
    (kinds.NOTE, " \n ", "empty"),
    (kinds.NOTE, "a\x07b", "illegal_character"),
    (kinds.DOCUMENT, 7, "not_text"),
    (kinds.OFFICER, "", "empty"),
    (kinds.NAME, "张3", "person_name_characters"),
    (kinds.ADDRESS, "", "empty"),
    (kinds.PHONE, "12345", "phone_shape"),
    (kinds.CERTIFICATE, GIRL, "certificate_shape"),
    (kinds.STUDENT_NUMBER, GIRL, "student_number_shape"),
    (kinds.LOCAL_NUMBER, "", "empty"),
    (kinds.ACCOUNT_TAIL, "１234", "not_an_account_tail"),
    (kinds.ACCOUNT_TAIL, "12345", "not_an_account_tail"),
    (kinds.ACCOUNT_TAIL, 1234, "not_an_account_tail"),
]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def read(kind: Kind, value: Any, setting: Setting = SETTING) -> Any:
    return kind.parse(value, setting)


def refusal_of(kind: Kind, value: Any, setting: Setting = SETTING) -> str | None:
    """Return the code with which a value is refused, or None when it is accepted."""
    return next(iter(words_of(kind, value, setting)), None)


def words_of(kind: Kind, value: Any, setting: Setting = SETTING) -> tuple[str, ...]:
    """Return code and sentences with which a value is refused; of an accepted one, nothing."""
    try:
        read(kind, value, setting)
    except Unreadable as unreadable:
        return unreadable.words
    return ()


def name_of(parameter: Any) -> str | None:
    return parameter.name if isinstance(parameter, Kind) else None


@pytest.mark.parametrize(("kind", "value", "typed"), GOOD, ids=name_of)
def test_a_value_of_its_kind_is_read(kind: Kind, value: Any, typed: Any) -> None:
    found = read(kind, value)
    assert found == typed
    assert type(found) is type(typed)


@pytest.mark.parametrize(("kind", "value", "code"), BAD, ids=name_of)
def test_a_value_that_is_not_of_its_kind_is_refused(kind: Kind, value: Any, code: str) -> None:
    assert refusal_of(kind, value) == code


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_kind_has_a_good_and_a_bad_example(kind: Kind) -> None:
    assert kind in [example[0] for example in GOOD]
    assert kind in [example[0] for example in BAD]


def test_every_kind_that_is_declared_is_read() -> None:
    declared = {kind for kind in vars(kinds).values() if isinstance(kind, Kind)}
    assert set(KINDS) == declared


@pytest.mark.parametrize(("kind", "value", "typed"), GOOD, ids=name_of)
def test_what_is_read_also_fits_the_schema(kind: Kind, value: Any, typed: Any) -> None:
    del typed
    assert list(Draft202012Validator(dict(kind.sent)).iter_errors(value)) == []


SHAPES = [
    kinds.DIGEST,
    kinds.ACCOUNT_TAIL,
    kinds.MONTH,
    kinds.MONEY,
    kinds.RATE,
    kinds.HOURS,
    kinds.COUNT,
    kinds.YEAR,
    kinds.FLAG,
    kinds.PAYLOAD,
]


@pytest.mark.parametrize("kind", SHAPES, ids=name_of)
@given(value=ANYTHING | st.text("0123456789.-０a", max_size=8) | st.sampled_from([value for _, value, _ in GOOD + BAD]))
def test_where_the_schema_says_everything_it_agrees_with_the_reader(kind: Kind, value: Any) -> None:
    fits = Draft202012Validator(dict(kind.sent)).is_valid(value)
    if isinstance(value, float) and value.is_integer():
        return  # JSON Schema calls 1.0 an integer; a reader wants it written as one
    assert (refusal_of(kind, value) is None) == fits


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
@given(value=ANYTHING)
def test_any_value_is_read_or_unreadable_in_words_that_do_not_repeat_it(kind: Kind, value: Any) -> None:
    told = words_of(kind, f"{value}zq7731" if isinstance(value, str) else value)
    assert "zq7731" not in repr(told)
    assert all(told)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (kinds.PERSON, GIRL),
        (kinds.PARTY, CERTIFICATE),
        (kinds.CERTIFICATE, CERTIFICATE),
        (kinds.STUDENT_NUMBER, "G421299201712090159"),
    ],
    ids=name_of,
)
def test_a_number_of_a_fabricated_region_is_refused_unless_it_is_allowed(kind: Kind, value: str) -> None:
    assert refusal_of(kind, value) is None
    assert refusal_of(kind, value, Setting(SETTING.today, allow_test_regions=False)) is not None


def test_the_number_of_a_condition_may_be_sent_as_a_number() -> None:
    assert read(kinds.CONDITION, {"no": 7, "met": False, "evidence": "甲"})["no"] == "7"


def test_a_code_counts_from_its_first_to_its_last_day() -> None:
    def on(day: date, name: str, code: str) -> str | None:
        return refusal_of(code_of(name), code, replace(SETTING, day=day))

    assert on(date(1998, 12, 31), "DIV", "421281") == "unknown_code"
    assert on(date(1999, 1, 1), "DIV", "421281") is None
    assert on(date(1998, 12, 31), "DIVOLD", "422302") is None
    assert on(date(1999, 1, 1), "DIVOLD", "422302") == "unknown_code"
    assert on(date(1990, 1, 1), "DIV", "421299") is None  # made-up regions have no days


def test_without_a_day_of_the_event_the_codes_of_today_count() -> None:
    assert refusal_of(code_of("DIV"), "421281") is None
    assert refusal_of(code_of("DIVOLD"), "422302") == "unknown_code"


def test_a_person_cannot_be_born_after_today() -> None:
    assert refusal_of(kinds.PERSON, GIRL, Setting(date(2021, 5, 11), allow_test_regions=True)) is not None


def test_an_organisation_is_its_code_whatever_its_name() -> None:
    assert read(kinds.ORGANISATION, {"code": USCC, "name": "甲"}) == read(kinds.ORGANISATION, USCC)


def test_a_text_that_is_far_too_long_is_refused_before_it_is_composed_which_would_take_minutes() -> None:
    begun = time.monotonic()
    for kind in (kinds.LINE, kinds.NOTE, kinds.PERSON, kinds.ORGANISATION):
        assert refusal_of(kind, "a" + "\u0300\u0323" * 200_000) == "too_long"
    assert time.monotonic() - begun < 5
