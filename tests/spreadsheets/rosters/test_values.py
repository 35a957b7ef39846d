"""What the cells of a roster say, however they were typed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.spreadsheets import cells
from services.spreadsheets.rosters import census, certificates
from shared.language.kinds import Unreadable
from tests.spreadsheets.rosters.sheet import SETTING, number


def why(read: Any, cell: Any) -> str:
    with pytest.raises(Unreadable) as refused:
        read(cell, SETTING)
    assert str(cell) not in "".join(refused.value.words), "a fault says nothing of the value"
    return str(refused.value.words[0])


@pytest.mark.parametrize(
    "cell",
    [45723, 45723.0, "45723", "2025-03-07", "2025/3/7", "2025.3.7", "20250307", 20250307, "2025年3月7日",
     "２０２５年３月７日", " 2025-3-7 ", datetime(2025, 3, 7, 9, tzinfo=UTC), "2025-03-07 00:00:00"],
)  # fmt: skip
def test_a_day_is_read_in_every_way_that_sheets_write_it(cell: Any) -> None:
    assert cells.day(cell, SETTING) == date(2025, 3, 7)


@pytest.mark.parametrize("cell", ["25-03-07", "25年3月7日", "3/7/25"])
def test_a_year_of_two_digits_is_refused(cell: str) -> None:
    assert why(cells.day, cell) == "two_digit_year"


@pytest.mark.parametrize("cell", ["2025-02-30", "昨天", 12])
def test_what_is_no_day_is_refused(cell: Any) -> None:
    assert why(cells.day, cell) == "not_a_date"


@pytest.mark.parametrize(
    "cell", ["2026-03", "202603", "2026年3月", "2026年03月份", "2026/3", "2026.3", date(2026, 3, 1), 202603]
)
def test_a_month_is_read_in_every_way(cell: Any) -> None:
    assert cells.month(cell, SETTING) == "2026-03"


def test_a_month_alone_takes_the_year_of_the_title() -> None:
    assert cells.month("3月", SETTING, 2026) == "2026-03"
    assert why(cells.month, "3月") == "year_missing"


def test_several_months_in_a_cell_are_told_apart() -> None:
    assert cells.months("1-3月", SETTING, 2026) == ("2026-01", "2026-02", "2026-03")
    assert cells.months("2026年1月至3月".replace("月至", "至"), SETTING) == ("2026-01", "2026-02", "2026-03")
    assert why(cells.month, "2026年1-3月") == "several_months"


@pytest.mark.parametrize("cell", ["13月", "2026-13", "三月份呢"])
def test_what_is_no_month_is_refused(cell: str) -> None:
    assert why(lambda value, setting: cells.month(value, setting, 2026), cell) == "not_a_month"


@pytest.mark.parametrize(
    "cell", ["1,250.00", "1250元", "1250", "¥1250", "￥1,250.00", 1250, 1250.0, "１２５０", "'1250"]
)
def test_an_amount_is_read_however_it_is_typed(cell: Any) -> None:
    assert cells.amount(cell, SETTING) == Decimal("1250.00")


def test_a_computed_amount_is_the_cent_that_it_means() -> None:
    assert cells.amount(0.1 + 0.2, SETTING) == Decimal("0.30")
    assert why(cells.amount, 0.125) == "too_many_places"


@pytest.mark.parametrize("cell", ["-", "/", "无", "", "  ", "——", None])
def test_what_says_nothing_is_absent_and_not_zero(cell: Any) -> None:
    assert cells.amount(cell, SETTING) is None


@pytest.mark.parametrize("cell", ["#REF!", "#N/A"])
def test_the_error_of_a_formula_is_refused(cell: str) -> None:
    assert why(cells.amount, cell) == "formula_error"


@pytest.mark.parametrize(("yes", "no"), [("是", "否"), ("√", "×"), ("有", "无"), ("1", "0"), ("Y", "N"), (True, False)])
def test_yes_and_no_are_read(yes: Any, no: Any) -> None:
    assert cells.yes_no(yes, SETTING) is True
    assert cells.yes_no(no, SETTING) is False


@pytest.mark.parametrize("cell", ["一级", "1级", "Ⅰ级", "1", "一级(重度)", 1])
def test_a_code_is_read_by_code_name_or_alias(cell: Any) -> None:
    assert certificates.grade(cell, SETTING) == "1"


def test_a_number_in_a_numeric_cell_is_ruined_also_where_it_passes_its_check() -> None:
    passes = number(2)
    assert not passes.endswith("X")
    assert why(cells.number, int(passes)) == "resident_id_ruined_by_spreadsheet"
    assert why(cells.number, "4.21299E+17") == "resident_id_ruined_by_spreadsheet"
    assert why(cells.number, number(1)[:15] + "000") == "resident_id_ruined_by_spreadsheet"


def test_an_identity_number_is_cleaned() -> None:
    typed = f"'\u00a0{number(1)[:6]} {number(1)[6:14]}-{number(1)[14:]}\u3000"
    assert cells.number(typed, SETTING) == number(1)


def test_an_identity_number_is_no_certificate_number() -> None:
    assert why(cells.certificate, number(1)) == "id_number_for_certificate"


def test_a_certificate_number_as_a_number_is_ruined() -> None:
    assert why(cells.certificate, 42129920180412001141) == "certificate_ruined_by_spreadsheet"


def test_of_an_account_four_digits_are_kept() -> None:
    assert cells.tail("6222 0212-3456 7890", SETTING) == "7890"
    assert cells.tail("****7890", SETTING) == "7890"
    assert why(cells.tail, 6222021234567890) == "ruined_by_spreadsheet"


def test_a_student_number_without_its_letter_gets_it() -> None:
    assert cells.student_number(number(1), SETTING) == f"G{number(1)}"


def test_what_a_disability_is_made_of_is_read_in_both_ways() -> None:
    made = ({"category": "4", "grade": "1"}, {"category": "5", "grade": "2"})
    assert certificates.parts("肢体一级、智力二级", SETTING) == made
    assert certificates.parts("4-1;5-2", SETTING) == made


def test_a_disability_is_no_category_of_self_help_and_the_codes_are_offered() -> None:
    with pytest.raises(Unreadable) as refused:
        census.ROSTER.column("category").read("视力", SETTING)
    assert refused.value.words[0] == "ambiguous_code"
    assert "SH1" in refused.value.words[1]
