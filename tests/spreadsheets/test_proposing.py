"""Whose sheet is it, and which of its headers is which column: proposed by words and by what stands below them."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.departments import load_catalogue
from services.spreadsheets.columns import columns_of
from services.spreadsheets.files import Book, open_book
from services.spreadsheets.importing import Importer
from services.spreadsheets.mapping import Mapping, NotAMapping
from services.spreadsheets.proposing import likely_table, likely_types, proposal
from shared.language.catalogue import CATALOGUE, Declaration
from shared.language.kinds import Setting

load_catalogue()
TODAY = date(2026, 12, 1)
NUMBER = "421299201805120011"
SHEETS: dict[str, tuple[list[list[Any]], dict[str, str], list[str]]] = {
    "finance.benefit_paid": (
        [["2026年3月低保金发放表"] * 8,
         ["序号", "领取人", "领取人证件号", "项目名称", "发放额(元)", "归属月份", "资金渠道", "打款日"],
         [1, "虚构甲", NUMBER, "低保金", "1,250.00", "2026年3月", "县级财政", "2026.3.7"]],
        {"序号": "", "领取人": "姓名", "领取人证件号": "身份证号", "项目名称": "待遇项目", "发放额(元)": "金额",
         "归属月份": "所属月份", "资金渠道": "资金来源", "打款日": "发放日期"},
        ["收款方"],
    ),
    "education.home_teaching_delivered": (
        [["虚构县送教上门登记表"],
         ["学生", "学生证件号码", "送教老师", "上门时间", "课时数", "内容"],
         ["虚构甲", NUMBER, "虚构乙", "2026/3/1", 2, "生活自理"]],
        {"学生": "姓名", "学生证件号码": "身份证号", "送教老师": "", "上门时间": "授课日期",
         "课时数": "课时", "内容": ""},
        ["教师人数", "家长已签字"],
    ),
    "disability_federation.assistive_device_fitted": (
        [["残疾儿童辅具发放台账"],
         ["编号", "残疾人", "证号", "辅助器具名称", "数量", "领取时间", "单价"],
         [1, "虚构甲", f"{NUMBER}21", "助听器", 1, date(2026, 3, 1), 3000]],
        {"编号": "", "残疾人": "姓名", "证号": "身份证号", "辅助器具名称": "辅具名称", "数量": "",
         "领取时间": "适配日期", "单价": "价格"},
        ["辅具主类"],
    ),
}  # fmt: skip


def book_of(path: Path, rows: list[list[Any]]) -> Book:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return open_book(path)


def declared(kind: str) -> Declaration:
    found = CATALOGUE.get(kind)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", list(SHEETS))
def test_a_sheet_with_headers_of_its_own_is_offered_its_type_and_its_columns(kind: str, tmp_path: Path) -> None:
    rows, expected, missing = SHEETS[kind]
    book = book_of(tmp_path / "a.xlsx", rows)
    assert kind in [one.type for one in likely_types(book)]
    known = columns_of(declared(kind))
    table = likely_table(book.sheets, known)
    assert table is not None
    assert table.header == 2
    found = proposal(declared(kind), table, known, Setting(TODAY, allow_test_regions=True))
    assert (found.columns, list(found.values)) == (expected, missing)


def test_what_every_row_has_may_be_said_once_or_be_that_of_another_column(tmp_path: Path) -> None:
    kind = "finance.benefit_paid"
    rows, columns, _ = SHEETS[kind]
    known = columns_of(declared(kind))
    values = {"收款方": "=身份证号", "区划": "嘉鱼县", "办件编号": ""}
    mapping = Mapping(kind, columns, values)
    importer = Importer(declared(kind), "urn:yihu:finance:desk", b"k", TODAY, mapping.fixed(known))
    importer.check_fixed()
    book = book_of(tmp_path / "a.xlsx", rows)
    table = likely_table(book.sheets, known)
    assert table is not None
    table.columns |= {mapping.given(known)[header]: at for at, header in table.headers.items() if columns[header]}
    assert importer.missing(table) == []
    event = importer.read(book, table).events.of(3).decode()
    assert f'"payee":"{NUMBER}"' in event
    assert '"division":"421221"' in event


@pytest.mark.parametrize("values", [{"资金来源": "没有的"}, {"没有的列": "1"}, {"收款方": "=没有的列"}])
def test_a_fixed_value_that_its_column_cannot_have_is_said_before_anything_is_read(values: dict[str, str]) -> None:
    declaration = declared("finance.benefit_paid")

    def used() -> None:
        fixed = Mapping(declaration.type, {}, values).fixed(columns_of(declaration))
        Importer(declaration, "urn:x", b"k", TODAY, fixed).check_fixed()

    with pytest.raises(NotAMapping):
        used()
