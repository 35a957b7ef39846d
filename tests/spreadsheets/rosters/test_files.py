"""Files as offices hand them in, written by another library than the one that reads them, to the rows of a roster."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.spreadsheets.files import open_book
from services.spreadsheets.rosters import ROSTERS
from services.spreadsheets.rosters.declaring import Context, Outcome
from services.spreadsheets.rosters.reading import NotThisRoster, Reading, read_book, title_of
from tests.spreadsheets.rosters.sheet import SETTING, number

A, B, C = number(81), number(82), number(83)
CERTIFICATES = ("姓名", "身份证号", "残疾人证号", "残疾类别", "残疾等级", "发证日期", "有效期至", "监护人")
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a workbook: each keyword is a sheet with its rows; `merge` are ranges of the first one."""

    def workbook(name: str, merge: Sequence[str] = (), **sheets: Sequence[Sequence[Any]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)  # type: ignore[arg-type]
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        for cells in merge:
            book.worksheets[0].merge_cells(cells)
        book.save(tmp_path / name)
        return tmp_path / name

    return workbook


def read(path: Path, roster: str, **answers: Any) -> tuple[Reading, Outcome]:
    context = Context(SETTING, "urn:x:sheets", answers={"joined_on": "2026-01-01"} | answers)
    reading = read_book(open_book(path), ROSTERS[roster], context)
    return reading, ROSTERS[roster].understand(reading.rows, reading.context)


DIBAO = (
    "低保证号",
    "户主姓名",
    "户主身份证号",
    "保障对象姓名",
    "身份证号",
    "保障类别",
    "户月保障金额",
    "起保月份",
    "审批日期",
)


def test_a_dibao_roster_with_title_merged_heads_and_a_total(write: Write) -> None:
    path = write(
        "名册.xlsx",
        merge=("A3:A4", "B3:B4", "C3:C4", "G3:G4"),
        花名册=[
            ("2026年3月虚构县低保花名册",), DIBAO,
            ("虚构001", "虚构甲", A, "虚构甲", A, "农村整户", 632, "2025-04", date(2025, 3, 31)),
            (None, None, None, "虚构乙", B, "农村整户", None, "2025-04", date(2025, 3, 31)),
            ("虚构002", "虚构丙", C, "虚构丙", C, "农村整户", "500元", "2025年4月", "2025.3.31"),
            ("合计", None, None, None, None, None, 1132), ("填表人：虚构丁", None, None, "审核人："),
        ],
    )  # fmt: skip
    reading, outcome = read(path, "dibao")
    assert reading.context.title["month"] == "2026-03"
    assert [one.event["data"]["persons"] for one in outcome.events] == [[A, B], [C]]
    assert reading.context.totals == {"amount": Decimal("1132.00")}
    assert [one.code for one in outcome.warnings] == []
    assert outcome.events[0].event["filesheet"] == "花名册"
    assert outcome.events[1].event["filerow"] == 5


def test_a_payment_run_says_its_benefit_in_the_title_and_its_total_is_compared(write: Write) -> None:
    heads = ("姓名", "身份证号", "发放金额", "资金来源", "所属月份", "发放日期", "银行账号")
    path = write(
        "发放.xlsx",
        明细=[
            ("虚构县2026年3月重度残疾人护理补贴发放明细表",), heads,
            ("虚构甲", A, 100, "县级", "3月", "2026-03-15", "6222000011112222"),
            ("虚构乙", B, 100, "县级", "3月", "2026-03-15", "6222000011113333"), ("合计", None, 300),
        ],
    )  # fmt: skip
    _, outcome = read(path, "payments")
    assert {one.event["data"]["benefit"] for one in outcome.events} == {"CARE_SUB"}
    assert {one.event["data"]["period"] for one in outcome.events} == {"2026-03"}
    assert outcome.warnings[0].code == "total_differs"


def test_certificates_with_two_rows_of_headers(write: Write) -> None:
    path = write(
        "导出.xlsx",
        merge=("H1:I1",),
        导出=[
            (*CERTIFICATES, None, "证件状态", "户籍地"),
            (None, None, None, None, None, None, None, "姓名", "身份证号", None, None),
            ("虚构甲", A, A + "21", "听力", "一级", "2025-03-20", "2035-03-20", "虚构乙", B, "有效", "嘉鱼县"),
        ],
    )  # fmt: skip
    _, outcome = read(path, "certificates")
    assert len(outcome.events) == 1
    assert outcome.proposals[0].event["data"]["guardian"] == B


def test_a_census_with_its_category_merged_and_the_professionals_below(write: Write) -> None:
    path = write(
        "摸底.xlsx",
        merge=("A3:A4",),
        摸底=[
            ("嘉鱼县自助互助康复摸底表 摸底日期：2026-03-01",), ("类别", "姓名", "身份证号", "是否愿意参加"),
            ("脊髓损伤", "虚构甲", A, "是"), (None, "虚构乙", B, "否"),
            ("专业技术人员",), ("姓名", "专业"), ("虚构丙", "康复治疗"), ("虚构丁", "护理"),
        ],
    )  # fmt: skip
    _, outcome = read(path, "census")
    data = outcome.events[0].event["data"]
    assert (data["count"], data["professionals"], data["division"]) == (2, 2, "421221")
    assert data["surveyed_on"] == "2026-03-01"


def test_professionals_on_a_sheet_of_their_own(write: Write) -> None:
    path = write(
        "摸底.xlsx",
        摸底=[("地区", "类别", "姓名", "身份证号", "摸底日期"), ("嘉鱼县", "SH3", "虚构甲", A, "2026-03-01")],
        专业技术人员=[("姓名", "职称"), ("虚构丙", "治疗师")],
    )
    reading, outcome = read(path, "census")
    assert outcome.events[0].event["data"]["professionals"] == 1
    assert reading.others == []


def test_a_training_month_has_the_institution_above_and_the_year_in_the_files_name(write: Write) -> None:
    heads = ("月份", "儿童姓名", "身份证号", "办件编号", "课时", "费用合计", "救助资金", "自费", "1", "2日", "3日")
    row = ("3月", "虚构甲", A, "xn-1", 40, 2000, 1500, 500, "√", "√", None)
    above = ("机构名称：虚构中心", "统一社会信用代码：52421299MJXREH015B")
    sheets = {"一": [above, heads, row], "二": [above, heads, (*row[:2], B, "xn-2", *row[4:])]}
    path = write("虚构中心2026训练.xlsx", **sheets)
    _, outcome = read(path, "training_month", lesson_minutes="45")
    assert [one.event["subject"] for one in outcome.events] == [A, B], "one sheet per child"
    data = outcome.events[0].event["data"]
    assert (data["month"], data["sessions"], data["hours"]) == ("2026-03", 2, "30.00")
    assert data["institution"] == {"code": "52421299MJXREH015B", "name": "虚构中心"}


def test_a_school_with_a_sheet_for_each_class(write: Write) -> None:
    above = ("学校名称：虚构县特殊教育学校", "学校标识码：2142000123", "学年学期：2025-2026学年第一学期")
    heads = ("姓名", "身份证号", "学籍号", "就读方式", "入学日期")
    path = write(
        "名册.xlsx",
        一年级一班=[above, heads, ("虚构甲", A, A, "特教学校", "2025-09-01")],
        一年级二班=[above, heads, ("虚构乙", B, f"G{B}", "送教", "2025-09-01")],
    )
    reading, outcome = read(path, "school")
    assert [one.event["data"]["grade_class"] for one in outcome.events] == ["一年级一班", "一年级二班"]
    assert [one.event["data"]["school"]["code"] for one in outcome.events] == ["2142000123"] * 2
    assert [table.sheet.name for table in reading.tables] == ["一年级一班", "一年级二班"]


def test_a_file_in_the_old_encoding_with_semicolons_is_read(tmp_path: Path) -> None:
    path = tmp_path / "发放.csv"
    lines = (
        "待遇项目;所属月份;发放日期;姓名;身份证号;发放金额;资金来源",
        f"低保金;2026年3月;2026-3-15;虚构甲;'{A};632元;县级",
    )
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    _, outcome = read(path, "payments")
    assert outcome.events[0].event["data"]["amount"] == "632.00"


def test_another_sheet_is_refused_with_the_columns_that_are_missing(write: Write) -> None:
    path = write("x.xlsx", 表=[("姓名", "身份证号", "金额"), ("虚构甲", A, 1)])
    with pytest.raises(NotThisRoster) as refused:
        read(path, "dibao")
    assert "低保证号" in refused.value.zh


def test_a_hidden_row_is_read_and_marked(write: Write) -> None:
    path = write("x.xlsx", 表=[("待遇项目", "所属月份", "发放日期", *DIBAO[3:5], "发放金额", "资金来源"),
                             ("DIBAO", "2026-03", "2026-03-15", "虚构甲", A, 1, "county")])  # fmt: skip
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(1, 4, "姓名")
    book.worksheets[0].row_dimensions[2].hidden = True
    book.save(path)
    _, outcome = read(path, "payments")
    assert len(outcome.events) == 1
    assert [one.code for one in outcome.warnings] == ["hidden_row"]


@pytest.mark.parametrize(
    ("code", "texts", "expected"),
    [
        ("training_month", ["虚构康复中心3月训练表", "2026"], {"month": "2026-03", "institution_name": "虚构康复中心"}),
        ("training_month", ["2026年3月5日填"], {"month": "2026-03"}),
        ("school", ["虚构县特殊教育学校2025年秋季学生名册"], {"school_name": "虚构县特殊教育学校", "term": 2025}),
        ("school", ["2025-2026学年第一学期", "2142000123"], {"school": "2142000123", "term": 2025}),
    ],
)
def test_a_title_says_without_a_label_whose_sheet_it_is_and_of_when(
    code: str, texts: list[str], expected: dict[str, Any]
) -> None:
    found = title_of(ROSTERS[code], texts, SETTING)
    assert {name: found.get(name) for name in expected} == expected
