import uuid
from datetime import datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.language.personal import personal_number_in
from tests.shared.language.test_identifiers import (
    BOY,
    CARD,
    GIRL,
    HOLDER,
    MOBILE,
    PUBLISHED,
    TODAY,
    credit_codes,
    fabricated_ids,
    with_check,
)


@pytest.mark.parametrize(
    "text",
    [
        BOY,
        GIRL.lower(),
        f"孩子身份证{BOY}，已核对。",
        "身份证:421299 20180512 0011",
        "身份证:421299-2018-05-12-0011",
        "身份证:421299 2018 05 12 001 1",
        "４２１２９９２０１８０５１２００１１",
        "421299\u200b201805120011",
        f"证号{HOLDER}21",
        f"证号{BOY}21B2",
        f"G{HOLDER}",
        f"id={GIRL}abc",
        f"100000 {BOY}",
        "".join(PUBLISHED[0]),
    ],
)
def test_a_resident_identity_number_is_found_in_free_text(text: str) -> None:
    assert personal_number_in(text) == "resident_id"


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        "4111 1111 1111 1111",
        "卡号4111-1111-1111-1111。",
        "卡号4111 1111 1111 1111 123",
        "6200000000000005",
        "6205500000000000004",
        "6205 5000 0000 0000 004",
        "620550 0000000000004",
        "3782 822463 10005",
        "378282246310005",
        "４１１１１１１１１１１１１１１１",
        f"2025 {CARD}",
    ],
)
def test_a_bank_card_number_is_found_in_free_text(text: str) -> None:
    assert personal_number_in(text) == "bank_card"


@pytest.mark.parametrize(
    "text",
    [
        MOBILE,
        f"联系电话{MOBILE}，家长",
        "138-0013-8000",
        "138 0013 8000",
        f"+86{MOBILE}",
        f"86-{MOBILE}",
        f"0086 {MOBILE}",
        f"tel.{MOBILE}",
        f"1.{MOBILE}",
        f"10.{MOBILE}",
        f"86{MOBILE}",
        f"{MOBILE}分机801",
        f"{MOBILE}万老师",
        "１３８００１３８０００",
        f"于2025-03-07致电{MOBILE}.",
    ],
)
def test_a_mobile_number_is_found_in_free_text(text: str) -> None:
    assert personal_number_in(text) == "mobile"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "咸残联发〔2025〕2号",
        "2025-03-07 2025-03-08 2025-03-09",
        "2021-2022 2023-2024",
        "20250101-20251231",
        "2025年3月7日14时30分",
        "20250307143000123",
        "1735689600000000",
        "20220919190702328913",
        "补贴1,380,013,800.00元",
        f"合计{MOBILE}.00",
        f"合计{MOBILE}元",
        f"合计{MOBILE} 万元",
        f"¥{MOBILE}",
        f"{CARD}.00元",
        "比例0.13800138000",
        "0.4111111111111111",
        "学校代码2142001234",
        "定点机构H42129900012",
        "0715-8123456",
        "421299201805120010",
        "421299201902290012",
        "4111111111111112",
        "52421299MJXRE0019W",
        f"1{MOBILE}",
    ],
)
def test_other_numbers_in_free_text_are_passed_over(text: str) -> None:
    assert personal_number_in(text) is None


@pytest.mark.parametrize("serial", range(40))
@pytest.mark.parametrize("division", ["421202", "421221", "422301", "420100"])
def test_a_file_number_of_an_office_is_no_bank_card_whatever_its_last_digit(division: str, serial: int) -> None:
    for digits in (5, 6, 7):
        assert personal_number_in(f"{division}2025{serial:0{digits}d}") is None
        assert personal_number_in(f"办件{division}2025{serial:0{digits}d}号") is None


@pytest.mark.parametrize(
    "body",
    [
        "99129920180512001",  # no province
        "47129920180512001",
        "42129918991231001",  # born before 1900
        "42129920251123001",  # born after today
        "42129920180532001",  # no day
    ],
)
def test_eighteen_digits_with_a_right_check_digit_need_a_province_and_a_birth_date_to_be_a_person(body: str) -> None:
    assert personal_number_in(with_check(body), today=TODAY) is None


def test_a_birth_date_of_today_is_one() -> None:
    assert personal_number_in(with_check("42129920251122001"), today=TODAY) == "resident_id"


@pytest.mark.parametrize("number", ["1111111111111117", "7000000000000003", "8000000000000002", "62000000000001"])
def test_digits_that_no_bank_issues_are_no_card(number: str) -> None:
    assert personal_number_in(number) is None


def test_timestamps_pass_the_luhn_check_by_chance_and_are_still_no_cards() -> None:
    for last in range(10):
        assert personal_number_in(f"2025030714300012{last}") is None
        assert personal_number_in(f"173568960000000{last}") is None


@pytest.mark.parametrize("text", [f"9{BOY}", f"{BOY}9", f"{BOY}99", with_check("02129920180512001")])
def test_an_id_inside_a_longer_number_or_beginning_with_nought_is_none(text: str) -> None:
    assert personal_number_in(text) != "resident_id"


@given(st.binary(min_size=32, max_size=32))
def test_a_digest_is_never_taken_for_a_personal_number(digest: bytes) -> None:
    assume(not digest.hex().isdigit())
    assert personal_number_in(f"sha256:{digest.hex()}") is None


def test_a_digest_around_a_personal_number_is_still_a_digest() -> None:
    assert personal_number_in(f"{BOY}a{CARD}b{MOBILE}".ljust(64, "0")) is None


@given(st.uuids())
@example(uuid.UUID("00000000-0000-4000-8000-013800138000"))
@example(uuid.UUID("00000000-4111-1111-1111-111100000000"))
def test_a_uuid_is_never_taken_for_a_personal_number(event_id: uuid.UUID) -> None:
    assert personal_number_in(str(event_id)) is None


@given(credit_codes() | credit_codes("0123456789"))
def test_a_credit_code_is_never_taken_for_a_bank_card_or_a_telephone(code: str) -> None:
    assert personal_number_in(f"承接机构代码{code}") is None


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the examples have no time zone
    st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y-%m-%dT%H:%M:%S.%f", "%Y%m%d%H%M%S%f"]),
    st.sampled_from([" ", "-", "—", "，"]),
)
def test_dates_and_times_are_never_taken_for_personal_numbers(moment: datetime, form: str, between: str) -> None:
    written = moment.strftime(form)
    assert personal_number_in(f"{written}{between}{written}") is None


@given(st.decimals(0, 10**13, places=2), st.sampled_from(["", "元", " 元"]))
def test_amounts_are_never_taken_for_personal_numbers(amount: object, unit: str) -> None:
    assert personal_number_in(f"补助{amount}{unit}") is None


@given(fabricated_ids(), st.text("，。家长abc\n", max_size=5), st.text("，。家长\n", max_size=5))
def test_every_number_is_found_wherever_it_stands(number: str, before: str, after: str) -> None:
    assert personal_number_in(before + number + after) == "resident_id"


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    assert personal_number_in(text) in {None, "resident_id", "bank_card", "mobile"}
