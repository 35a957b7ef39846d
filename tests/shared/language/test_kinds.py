import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from shared.language import fields
from shared.language.fields import Kind, Organisation
from shared.language.kinds import COUNT_LIMIT, KINDS, LINE_LENGTH, NOTE_LENGTH, Setting, Unreadable
from shared.language.persons import Person

SETTING = Setting(date(2025, 11, 22), allow_test_regions=True)
# Everybody here is fabricated: divisions 421299 and 422399 are not assigned.
GIRL = "42129920210512020X"
CERTIFICATE = GIRL + "21"
TOKEN = "p-" + "a2" * 16
USCC = "52421299MJXRE0019W"
PERSON = Person(GIRL, born="2021-05-12", sex="2")

GOOD: list[tuple[Kind, Any, Any]] = [
    (fields.PERSON, GIRL, PERSON),
    (fields.PERSON, " 421299 20210512 020x", PERSON),
    (fields.PERSON, CERTIFICATE, PERSON),
    (fields.PERSON, TOKEN, Person(token=TOKEN)),
    (fields.PERSON, "U420000123", Person("U420000123")),
    (fields.PARTY, GIRL, PERSON),
    (fields.PARTY, TOKEN, Person(token=TOKEN)),
    (fields.PARTY, "xn-f-0a1b2c3d", "XN-F-0A1B2C3D"),
    (fields.PARTY, USCC, Organisation(USCC)),
    (fields.PARTY, {"code": USCC, "name": "虚构服务中心"}, Organisation(USCC, "虚构服务中心")),
    (fields.ORGANISATION, USCC.lower(), Organisation(USCC)),
    (fields.ORGANISATION, "2142000123", Organisation("2142000123")),
    (fields.ORGANISATION, {"code": "JG-1".replace("-", "."), "name": "甲"}, Organisation("JG.1", "甲")),
    (fields.EVENT, "a-019", "a-019"),
    (fields.PAYLOAD, {"any": ["thing"]}, {"any": ["thing"]}),
    (fields.CODE, "rural", "rural"),
    (fields.DAY, "2024-02-29", date(2024, 2, 29)),
    (fields.MONTH, "2025-04", "2025-04"),
    (fields.YEAR, 2025, 2025),
    (fields.FLAG, False, False),
    (fields.COUNT, 0, 0),
    (fields.COUNT, COUNT_LIMIT, COUNT_LIMIT),
    (fields.MONEY, "3000.1", Decimal("3000.10")),
    (fields.MONEY, "0", Decimal("0.00")),
    (fields.HOURS, "1.25", Decimal("1.25")),
    (fields.HOURS, 36, Decimal(36)),
    (fields.RATE, "0.3333", Decimal("0.3333")),
    (fields.LINE, "  cafe\u0301 ", "caf\u00e9"),
    (fields.USCC, " 52421299-mjxre001-9w", USCC),
    (fields.COMPONENT, {"category": "2", "grade": "1"}, {"category": "2", "grade": "1"}),
    (fields.DIGEST, "0f" * 32, "0f" * 32),
    (fields.NOTE, "第一行\r\n第二行", "第一行\n第二行"),
    (fields.DOCUMENT, "同意书A-01", "同意书A-01"),
    (fields.OFFICER, "嘉鱼县残联", "嘉鱼县残联"),
    (fields.NAME, "阿卜杜拉·买买提", "阿卜杜拉·买买提"),
    (fields.ADDRESS, "虚构镇1组", "虚构镇1组"),
    (fields.PHONE, "+86 138 0013 8000", "13800138000"),
    (fields.CERTIFICATE, CERTIFICATE.lower(), CERTIFICATE),
    (fields.STUDENT_NUMBER, "G421299201712090159", "G421299201712090159"),
    (fields.LOCAL_NUMBER, "救助〔2025〕1号", "救助〔2025〕1号"),
    (fields.ACCOUNT_TAIL, "0001", "0001"),
]

BAD: list[tuple[Kind, Any, str]] = [
    (fields.PERSON, GIRL[:-1] + "1", "resident_id_checksum"),
    (fields.PERSON, 42129920210512020, "not_text"),
    (fields.PERSON, {"number": GIRL}, "not_text"),
    (fields.PERSON, TOKEN + "a", "certificate_shape"),
    (fields.PERSON, "", "empty"),
    (fields.PARTY, {"code": USCC}, "not_text"),
    (fields.PARTY, "某某家庭", "organisation_code_shape"),
    (fields.PARTY, GIRL[:-1] + "1", "uscc_checksum"),
    (fields.ORGANISATION, USCC[:-1] + "X", "uscc_checksum"),
    (fields.ORGANISATION, "虚构医院", "organisation_code_shape"),
    (fields.ORGANISATION, {"code": USCC, "name": "甲", "phone": "1"}, "not_text"),
    (fields.ORGANISATION, {"code": USCC, "name": "甲 13800138000"}, "personal_number_in_clear"),
    (fields.ORGANISATION, "13800138000", "organisation_code_shape"),
    (fields.EVENT, "", "empty"),
    (fields.EVENT, GIRL, "personal_number_in_clear"),
    (fields.PAYLOAD, [], "not_an_object"),
    (fields.PAYLOAD, "{}", "not_an_object"),
    (fields.CODE, 1, "not_text"),
    (fields.CODE, ["rural"], "not_text"),
    (fields.DAY, "2025-02-29", "not_a_date"),
    (fields.DAY, "2025-2-9", "not_a_date"),
    (fields.DAY, "20250209", "not_a_date"),
    (fields.DAY, "2025-02-0９", "not_a_date"),
    (fields.DAY, "2025-02-09\n", "not_a_date"),
    (fields.DAY, "1899-12-31", "not_a_date"),
    (fields.DAY, 45_000, "not_a_date"),
    (fields.MONTH, "2025-13", "not_a_month"),
    (fields.MONTH, "202５-04", "not_a_month"),
    (fields.MONTH, "2025-04-01", "not_a_month"),
    (fields.YEAR, "2025", "not_a_count"),
    (fields.YEAR, 25, "not_a_count"),
    (fields.FLAG, "true", "not_a_flag"),
    (fields.FLAG, 1, "not_a_flag"),
    (fields.COUNT, -1, "not_a_count"),
    (fields.COUNT, True, "not_a_count"),
    (fields.COUNT, 1.0, "not_a_count"),
    (fields.COUNT, COUNT_LIMIT + 1, "not_a_count"),
    (fields.MONEY, 3000, "not_money"),
    (fields.MONEY, "-1.00", "negative_amount"),
    (fields.MONEY, "3000.001", "not_money"),
    (fields.MONEY, "３000", "not_money"),
    (fields.MONEY, "3,000", "not_money"),
    (fields.MONEY, "1e3", "not_money"),
    (fields.MONEY, "NaN", "not_money"),
    (fields.MONEY, "9" * 13, "not_money"),
    (fields.HOURS, "1.255", "not_hours"),
    (fields.HOURS, 10**12, "not_hours"),
    (fields.HOURS, True, "not_hours"),
    (fields.HOURS, -1, "not_hours"),
    (fields.HOURS, 1.5, "not_hours"),
    (fields.RATE, "0.33333", "not_a_rate"),
    (fields.RATE, "50%", "not_a_rate"),
    (fields.RATE, 0.5, "not_a_rate"),
    (fields.LINE, "甲\n乙", "not_one_line"),
    (fields.LINE, "甲\u2029乙", "not_one_line"),
    (fields.LINE, "x" * (LINE_LENGTH + 1), "too_long"),
    (fields.LINE, "联系 13800138000", "personal_number_in_clear"),
    (fields.LINE, "证号42129920210512020X21", "personal_number_in_clear"),
    (fields.LINE, "a\x00b", "illegal_character"),
    (fields.LINE, "a\u202eb", "illegal_character"),
    (fields.LINE, None, "not_text"),
    (fields.USCC, "52421299MJXRE0019", "uscc_shape"),
    (fields.COMPONENT, {"category": "2"}, "not_a_component"),
    (fields.COMPONENT, {"category": "2", "grade": "9"}, "not_a_component"),
    (fields.COMPONENT, {"category": ["2"], "grade": "1"}, "not_a_component"),
    (fields.COMPONENT, {"category": "2", "grade": "1", "more": "1"}, "not_a_component"),
    (fields.COMPONENT, "21", "not_a_component"),
    (fields.DIGEST, "0F" * 32, "not_a_digest"),
    (fields.DIGEST, "0f" * 31, "not_a_digest"),
    (fields.NOTE, "x" * (NOTE_LENGTH + 1), "too_long"),
    (fields.NOTE, " \n ", "empty"),
    (fields.NOTE, "a\x07b", "illegal_character"),
    (fields.DOCUMENT, 7, "not_text"),
    (fields.OFFICER, "", "empty"),
    (fields.NAME, "张3", "person_name_characters"),
    (fields.ADDRESS, "", "empty"),
    (fields.PHONE, "12345", "phone_shape"),
    (fields.CERTIFICATE, GIRL, "certificate_shape"),
    (fields.STUDENT_NUMBER, GIRL, "student_number_shape"),
    (fields.LOCAL_NUMBER, "", "empty"),
    (fields.ACCOUNT_TAIL, "１234", "not_an_account_tail"),
    (fields.ACCOUNT_TAIL, "12345", "not_an_account_tail"),
    (fields.ACCOUNT_TAIL, 1234, "not_an_account_tail"),
]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def read(kind: Kind, value: Any, setting: Setting = SETTING) -> Any:
    reading = KINDS[kind]
    return reading.read(value, setting) if reading.with_setting else reading.read(value)


def code_of(kind: Kind, value: Any, setting: Setting = SETTING) -> str | None:
    """Return the code with which a value is refused, or None when it is accepted."""
    return next(iter(words_of(kind, value, setting)), None)


def words_of(kind: Kind, value: Any, setting: Setting = SETTING) -> tuple[str, ...]:
    """Return code and sentences with which a value is refused; of an accepted one, nothing."""
    try:
        read(kind, value, setting)
    except Unreadable as unreadable:
        return unreadable.said
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
    assert code_of(kind, value) == code


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_kind_has_a_good_and_a_bad_example(kind: Kind) -> None:
    assert kind in [example[0] for example in GOOD]
    assert kind in [example[0] for example in BAD]


def test_every_kind_that_is_declared_is_read() -> None:
    declared = {kind for kind in vars(fields).values() if isinstance(kind, Kind)}
    assert KINDS.keys() == declared


@pytest.mark.parametrize(("kind", "value", "typed"), GOOD, ids=name_of)
def test_what_is_read_also_fits_the_schema(kind: Kind, value: Any, typed: Any) -> None:
    del typed
    assert list(Draft202012Validator(dict(KINDS[kind].schema)).iter_errors(value)) == []


SHAPES = [
    fields.DIGEST,
    fields.ACCOUNT_TAIL,
    fields.MONTH,
    fields.MONEY,
    fields.RATE,
    fields.HOURS,
    fields.COUNT,
    fields.YEAR,
    fields.FLAG,
    fields.PAYLOAD,
]


@pytest.mark.parametrize("kind", SHAPES, ids=name_of)
@given(value=ANYTHING | st.text("0123456789.-０a", max_size=8) | st.sampled_from([value for _, value, _ in GOOD + BAD]))
def test_where_the_schema_says_everything_it_agrees_with_the_reader(kind: Kind, value: Any) -> None:
    fits = Draft202012Validator(dict(KINDS[kind].schema)).is_valid(value)
    if isinstance(value, float) and value.is_integer():
        return  # JSON Schema calls 1.0 an integer; a reader wants it written as one
    assert (code_of(kind, value) is None) == fits


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
@given(value=ANYTHING)
def test_any_value_is_read_or_unreadable_in_words_that_do_not_repeat_it(kind: Kind, value: Any) -> None:
    said = words_of(kind, f"{value}zq7731" if isinstance(value, str) else value)
    assert "zq7731" not in repr(said)
    assert all(said)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (fields.PERSON, GIRL),
        (fields.PARTY, CERTIFICATE),
        (fields.CERTIFICATE, CERTIFICATE),
        (fields.STUDENT_NUMBER, "G421299201712090159"),
    ],
    ids=name_of,
)
def test_a_number_of_a_fabricated_region_is_refused_unless_it_is_allowed(kind: Kind, value: str) -> None:
    assert code_of(kind, value) is None
    assert code_of(kind, value, Setting(SETTING.today, allow_test_regions=False)) is not None


def test_a_person_cannot_be_born_after_today() -> None:
    assert code_of(fields.PERSON, GIRL, Setting(date(2021, 5, 11), allow_test_regions=True)) is not None


def test_an_organisation_is_its_code_whatever_its_name() -> None:
    assert read(fields.ORGANISATION, {"code": USCC, "name": "甲"}) == read(fields.ORGANISATION, USCC)


def test_a_text_that_is_far_too_long_is_refused_before_it_is_composed_which_would_take_minutes() -> None:
    begun = time.monotonic()
    for kind in (fields.LINE, fields.NOTE, fields.PERSON, fields.ORGANISATION):
        assert code_of(kind, "a" + "\u0300\u0323" * 200_000) == "too_long"
    assert time.monotonic() - begun < 5
