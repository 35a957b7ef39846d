"""Workbooks as strangers hand them in: read as a person would, or refused with the cure in one sentence."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.worksheet.table import Table

from services.spreadsheets.files import NotASheet
from services.spreadsheets.marking import mark
from tests.spreadsheets.office import HEADS, Import, number, row

TABLE = (HEADS, row(1), row(2))
DAY = dt.date(2026, 3, 7)
NOON = dt.datetime(2026, 3, 7, 12, 30)  # noqa: DTZ001 - a spreadsheet has no time zones
MADE = Path(__file__).parent / "made"
Change = Callable[[bytes], bytes]
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "发放.xlsx"


def written(path: Path, rows: Sequence[Sequence[Any]] = TABLE, change: Callable[[Any, Any], Any] | None = None) -> Path:
    """Write a workbook by openpyxl, changed by a function of book and sheet."""
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(list(cells))  # type: ignore[union-attr]
    if change is not None:
        change(book, book.active)
    book.save(path)
    return path


def drawn(path: Path, change: Callable[[Any, Any], Any], **options: Any) -> Path:
    """Write a workbook by XlsxWriter."""
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("发放")
    for at, cells in enumerate(TABLE):
        sheet.write_row(at, 0, cells)
    change(book, sheet)
    book.close()
    return path


def edited(path: Path, changes: dict[str, Change | None]) -> Path:
    """Change parts of a package as they are written; None leaves one out."""
    with zipfile.ZipFile(path) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            change = changes.get(name, lambda same: same)
            if change is not None:
                new.writestr(name, change(content))
    return path


def everywhere(path: Path, *pairs: tuple[bytes, bytes]) -> Path:
    def change(content: bytes) -> bytes:
        for old, new in pairs:
            content = content.replace(old, new)
        return content

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return edited(path, dict.fromkeys(names, change))


def whole(found: Import) -> None:
    """Hold that all of the plain table was read."""
    assert (list(found.events), found.faults) == ([2, 3], {})
    assert found.field("amount") == {2: "1250.00", 3: "1250.00"}
    assert found.field("paid_on") == {2: "2026-03-07", 3: "2026-03-07"}


@pytest.mark.parametrize(
    "said",
    [
        DAY,
        NOON,
        46088,
        46088.5,
        20260307,
        "46088",
        "2026-03-07",
        "2026/3/7",
        "2026.3.7",
        "20260307",
        "2026年3月7日",
        "2026年03月07号",
        "二〇二六年三月七日",
        "二○二六年三月七日",
        "2026年三月七日",
        "2026-3-7 00:00:00",
        "2026-03-07T00:00:00+08:00",
        "２０２６年３月７日",
        "2026 年 3 月 7 日",
        "2026\u00a0-03-07",
        "2026—03—07",
        "2026\\3\\7",
        "2026、3、7",
        "2026.3.7.",
        "2026/3/7 星期六",
        "2026年3月7日（星期六）",
        "'2026-03-07",
        "2026-03-07\n08:00:00",
    ],
)
def test_a_day_is_read_however_it_is_written(path: Path, said: Any) -> None:
    assert Import(written(path, [HEADS, row(1, 发放日期=said)])).field("paid_on") == {2: "2026-03-07"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("26-3-7", "two_digit_year"),
        ("7/3/2026", "not_a_date"),
        ("03/07/2026", "not_a_date"),
        ("2026年3月", "not_a_date"),
        ("2026-02-30", "not_a_date"),
        ("2026-13-01", "not_a_date"),
        ("民国115年3月7日", "not_a_date"),
        ("星期六", "not_a_date"),
        (1.5, "not_a_date"),
        (60, "not_a_date"),
        (dt.time(12, 0), "not_a_date"),
        ("2026-03-07T20:00:00Z", "not_a_date"),
        (2026.3, "not_a_date"),
        (True, "not_a_date"),
    ],
)
def test_what_may_be_another_day_or_none_is_refused(path: Path, said: Any, code: str) -> None:
    assert Import(written(path, [HEADS, row(1, 发放日期=said)])).faults == {2: [code]}


def test_days_before_the_leap_day_that_never_was_are_what_excel_shows(path: Path) -> None:
    rows = [HEADS, row(1, 发放日期=dt.date(1900, 1, 15)), row(2, 发放日期=dt.date(1900, 3, 1))]
    assert Import(written(path, rows)).field("paid_on") == {2: "1900-01-15", 3: "1900-03-01"}


@pytest.mark.parametrize(
    "said",
    [
        "2026-03",
        "202603",
        202603,
        "2026年3月份",
        "二〇二六年三月",
        "2026.3",
        2026.03,
        "2026/03",
        DAY,
        46082,
        "2026.03.01",
    ],
)
def test_a_month_is_read_however_it_is_written(path: Path, said: Any) -> None:
    assert Import(written(path, [HEADS, row(1, 所属月份=said)])).field("period") == {2: "2026-03"}


def test_a_month_that_lost_a_nought_as_a_number_is_refused(path: Path) -> None:
    rows = [
        HEADS,
        row(1, 所属月份=2026.1),
        row(2, 所属月份="2026.1"),
        row(3, 所属月份=2026.11),
        row(4, 所属月份="二〇二六年十二月"),
    ]
    found = Import(written(path, rows))
    assert found.faults == {2: ["ambiguous_month"]}
    assert found.field("period") == {3: "2026-01", 4: "2026-11", 5: "2026-12"}


@pytest.mark.parametrize(
    "said",
    [
        1250,
        1250.0,
        1250.0000000001,
        "１２５０",
        "1，250.00",
        "¥1,250",
        "￥1250",
        "1250元",
        "1 250",
        "1250\u00a0",
        "1250元整",
        "'1250",
    ],
)
def test_an_amount_is_read_however_it_is_written(path: Path, said: Any) -> None:
    assert Import(written(path, [HEADS, row(1, 金额=said)])).field("amount") == {2: "1250.00"}


@pytest.mark.parametrize(
    "said",
    [
        "(1250)",
        "1250.005",
        "1.250,00",
        "12,50",
        "12万",
        "$5",
        "NaN",
        "inf",
        1e300,
        -1e300,
        "壹仟贰佰伍拾元",
        "1250、1300",
        True,
        DAY,
        "#N/A",
        "#DIV/0!",
        "-",
        "无",
        "1250.-",
    ],
)
def test_what_is_no_amount_is_refused_and_never_nought(path: Path, said: Any) -> None:
    assert list(Import(written(path, [HEADS, row(1, 金额=said)])).faults) == [2]


def test_identity_numbers_that_were_ruined_are_refused_and_those_that_are_only_decorated_are_read(path: Path) -> None:
    fine = number(5)
    decorated = (
        f"'{fine}",
        f"’{fine}",
        f"\u00a0{fine}\u3000",
        f"{fine[:6]} {fine[6:14]} {fine[14:]}",
        f"{fine}\n",
        "".join(chr(ord(one) + 0xFEE0) for one in fine),
        f"\u200b{fine}",
    )
    ruined = ("4.21299E+17", 4.21299201805120e17, "421299201805120000", 421299201805120011, "4.21299201805E+017")
    found = Import(written(path, [HEADS, *(row(1, 身份证号=one) for one in (*decorated, *ruined))]))
    assert {event["subject"] for event in found.events.values()} == {fine}
    assert len(found.events) == len(decorated)
    assert set(map(tuple, found.faults.values())) == {("resident_id_ruined_by_spreadsheet",)}


def test_two_persons_in_a_cell_of_one_are_refused(path: Path) -> None:
    assert Import(written(path, [HEADS, row(1, 身份证号=f"{number(1)}、{number(2)}")])).faults.keys() == {2}


def test_blanks_of_all_kinds_and_line_breaks_in_headers_do_not_matter(path: Path) -> None:
    heads = (
        "姓\u3000名",
        "身份证号\u00a0",
        "待遇\n项目",
        "金额(元)",
        "所属月份 ",
        "收款方\u200b",
        "\ufeff资金来源",
        "*发放日期：",
    )
    whole(Import(written(path, [heads, *TABLE[1:]])))


def test_a_header_twice_and_one_that_is_empty(path: Path) -> None:
    found = Import(written(path, [(*HEADS, "金额", None, "", "姓名"), [*row(1), "99", "x", "y", "别名"]]))
    assert found.field("amount") == {2: "1250.00"}
    assert found.table.doubled == ["金额", "姓名"], "it is said that they are not read"


def test_a_header_in_the_seventh_row_below_titles(path: Path) -> None:
    above = [("某县2026年3月发放表",), (None,), ("单位：虚构县", None, "单位：元"), ("a",), ("b",), ("c",)]
    found = Import(written(path, [*above, *TABLE], lambda _, sheet: sheet.merge_cells("A1:H1")))
    assert (found.table.header, list(found.events)) == (7, [8, 9])


def test_a_header_of_two_rows_with_merged_cells(path: Path) -> None:
    heads = [(*HEADS[:3], "发放情况", None, None, None, None), (None, None, None, *HEADS[3:])]

    def merge(_: Any, sheet: Any) -> None:
        for cells in ("A1:A2", "B1:B2", "C1:C2", "D1:H1"):
            sheet.merge_cells(cells)

    assert list(Import(written(path, [*heads, *TABLE[1:]], merge)).events) == [3, 4]


def test_totals_in_the_middle_and_at_the_end_are_no_rows(path: Path) -> None:
    totals = [
        ["小计", None, None, 1250],
        ["小 计", None, None, 1250],
        ["合计：", None, None, 1250],
        ["总计（元）", None, None, 1],
        ["合计2人", None, None, 1],
        ["共2人"],
        [None, None, None, "合计", 2500],
        ["本页小计", 1],
        ["Total", None, None, 1],
        ["累计", None, None, 1],
    ]
    found = Import(written(path, [HEADS, row(1), *totals, row(2)]))
    assert (list(found.events), found.faults) == ([2, 13], {})
    assert set(found.skipped.values()) == {"total"}
    assert len(found.table.totals) == len(totals)


def test_what_is_hidden_filtered_frozen_or_a_table_is_read_and_a_very_hidden_sheet_is_named(path: Path) -> None:
    def hide(book: Any, sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.freeze_panes, sheet.auto_filter.ref = "B2", "A1:H3"
        sheet.add_table(Table(displayName="T1", ref="A1:H3"))
        book.create_sheet("深").append(list(HEADS))
        book["深"].sheet_state = "veryHidden"

    found = Import(written(path, change=hide))
    whole(found)
    assert found.others == ["深"]
    assert [one.code for one in found.found.warnings[2]] == ["hidden_row"]


def test_a_cell_of_an_error_or_a_formula_without_a_value_is_refused(path: Path) -> None:
    def change(_: Any, sheet: Any) -> None:
        for place, said in (("D2", "#N/A"), ("D3", "#REF!")):
            sheet[place].value, sheet[place].data_type = said, "e"
        sheet["D4"] = "=1000+250"

    found = Import(written(path, [*TABLE, row(3)], change))
    assert found.faults == {at: ["formula_error"] for at in (2, 3, 4)}


def test_a_formula_is_read_by_the_value_that_it_shows(path: Path) -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet.write_formula(1, 3, "=1+1", None, 1250)
        sheet.write_formula(2, 0, '="虚"', None, "虚构")
        sheet.write_formula(2, 7, '=TEXT(1,"")', None, "2026-03-07")

    whole(Import(drawn(path, change)))


def test_rich_text_comments_charts_and_pictures_of_a_sheet_do_not_matter(path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.write_rich_string(1, 0, "虚", book.add_format({"bold": True}), "构", book.add_format(), "甲")
        sheet.write_comment(1, 1, "注")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=发放!$D$2:$D$3"})
        book.add_chartsheet("图").set_chart(chart)

    found = Import(drawn(path, change))
    whole(found)
    mark(found.book, found.table, lambda _: "已记录", path.with_name("结果.xlsx"))
    again = openpyxl.load_workbook(path.with_name("结果.xlsx"))
    assert [cell.value for cell in again["发放"]["I"]] == ["结果", "已记录", "已记录"]


def test_inline_strings_are_read(path: Path) -> None:
    whole(Import(drawn(path, lambda *_: None, constant_memory=True)))


def test_phonetic_runs_are_no_part_of_a_name(path: Path) -> None:
    runs = '</t><rPh sb="0" eb="1"><t>キョコウ</t></rPh><phoneticPr fontId="1"/></si>'
    found = Import(everywhere(drawn(path, lambda *_: None), ("甲</t></si>".encode(), f"甲{runs}".encode())))
    whole(found)
    assert "キ" not in str(list(found.book.sheets[0].rows()))


def test_strict_packages_and_those_with_macros_are_read(path: Path) -> None:
    ours = b"http://schemas.openxmlformats.org/"
    strict = (ours + b"spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")
    relation = (ours + b"officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships")
    whole(Import(everywhere(drawn(path, lambda *_: None), strict, relation)))
    macros = path.with_suffix(".xlsm")
    whole(
        Import(
            everywhere(
                drawn(macros, lambda *_: None), (b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
            )
        )
    )


def test_the_conventions_of_wps_are_read_and_given_back(path: Path) -> None:
    """Its own namespace in the sheet, lists in an extension, dates with a fallback format, a part of its own."""
    day = {"num_format": r"yyyy\/m\/d;@"}
    drawn(path, lambda book, sheet: sheet.write_datetime(1, 7, DAY, book.add_format(day)))
    extension = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="urn:x14">'
        '<x14:dataValidations count="1" xmlns:xm="urn:xm"><x14:dataValidation type="list">'
        "<x14:formula1><xm:f>Sheet2!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>C2:C9</xm:sqref>"
        "</x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )
    own = b'<worksheet xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" '
    edited(path, {SHEET: lambda part: part.replace(b"<worksheet ", own).replace(b"</worksheet>", extension.encode())})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/woinfos/bookinfo.xml", "<woBookProps/>")
    found = Import(path)
    whole(found)
    mark(found.book, found.table, lambda _: "已记录", path.with_name("结果.xlsx"))
    with zipfile.ZipFile(path.with_name("结果.xlsx")) as archive:
        assert extension.encode() in archive.read(SHEET)
        assert archive.read("xl/woinfos/bookinfo.xml") == b"<woBookProps/>"


def test_cells_without_places_are_counted_and_a_wrong_dimension_is_not_believed(path: Path) -> None:
    whole(Import(edited(written(path), {SHEET: lambda part: re.sub(rb' r="[A-Z]*[0-9]+"', b"", part)})))
    huge = {SHEET: lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', part)}
    whole(Import(edited(written(path), huge)))  # type: ignore[arg-type]


def test_a_last_column_and_links_to_elsewhere_do_not_matter(path: Path) -> None:
    found = Import(written(path, [[*HEADS, *[None] * (16_384 - len(HEADS) - 1), "远"], *TABLE[1:]]))
    whole(found)
    assert found.table.unknown == ["远"]
    link = b'<externalReferences><externalReference r:id="rId99" xmlns:r="x"/></externalReferences><sheets>'
    whole(Import(edited(written(path), {BOOK: lambda part: part.replace(b"<sheets>", link)})))


def test_a_sheet_formatted_far_below_its_rows_is_read_and_given_back(path: Path) -> None:
    below = "".join(f'<row r="{at}" s="1" customFormat="1"><c r="A{at}" s="1"/></row>' for at in range(4, 20_000))
    found = Import(
        edited(written(path), {SHEET: lambda part: part.replace(b"</sheetData>", f"{below}</sheetData>".encode())})
    )
    whole(found)
    assert len(list(found.book.sheets[0].rows())) == 3


def test_merged_cells_of_rows_hold_for_each(path: Path) -> None:
    rows = [HEADS, row(1), row(2, 待遇项目=None)]
    assert Import(written(path, rows, lambda _, sheet: sheet.merge_cells("C2:C3"))).field("benefit") == {
        2: "DIBAO",
        3: "DIBAO",
    }


def test_an_old_workbook_is_read_whatever_its_name_says(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("发放", cell_overwrite_ok=True)
    rows = [*TABLE, row(3, 身份证号=421299201805120011.0), row(4, 金额=True)]
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(at, column, cell)
    sheet.write(1, 7, DAY, xlwt.easyxf(num_format_str="yyyy/m/d"))
    book.add_sheet("隐").write(0, 0, "姓名")
    book.get_sheet("隐").visibility = 2
    book.save(str(tmp_path / "a.xlsx"))
    found = Import(tmp_path / "a.xlsx")
    assert (found.book.kind, found.others) == ("xls", ["隐"])
    assert found.field("paid_on") == {2: "2026-03-07", 3: "2026-03-07"}
    assert found.faults == {4: ["resident_id_ruined_by_spreadsheet"], 5: ["not_an_amount"]}


@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx"])
def test_a_file_of_libreoffice_is_read(kind: str) -> None:
    """Made by `make.py`: a title, a real day, a hidden row and sheet, a formula, merged cells, a total."""
    found = Import(MADE / f"libreoffice.{kind}")
    assert (found.book.kind, found.others, found.faults) == (kind, ["隐"], {})
    assert (found.table.title, found.skipped) == (["2026年3月虚构县发放明细"], {7: "total"})
    assert found.field("amount") == {3: "1250.00", 4: "1250.50", 5: "1250.00", 6: "1250.00"}
    assert set(found.field("paid_on").values()) == {"2026-03-07"}
    assert set(found.field("benefit").values()) == {"DIBAO"}


def changed(name: str, change: Change | None) -> Callable[[Path], Path]:
    return lambda path: edited(written(path), {name: change})


def archive(name: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        with zipfile.ZipFile(path, "w") as made:
            if name:
                made.writestr(name, "<x/>")
        return path

    return make


def locked_old(path: Path) -> Path:
    """Write an old workbook whose second record says that the rest is encrypted."""
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, "姓名")
    book.save(str(path))
    raw = bytearray(path.read_bytes())
    begins = raw.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    raw[begins : begins + 2] = b"\x2f\x00"
    path.write_bytes(raw)
    return path


def locked_open(path: Path) -> Path:
    """Write an OpenDocument whose manifest says how its content is encrypted."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        made.writestr("content.xml", bytes(range(256)))
    return path


def cut(path: Path) -> Path:
    raw = written(path).read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    return path


def bomb(path: Path) -> Path:
    """Write a small archive with a sheet that unpacks to far more than its rows."""
    with zipfile.ZipFile(written(path)) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    blank = b" " * 16 * 1024 * 1024
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content.replace(b"</sheetData>", blank + b"</sheetData>") if name == SHEET else content)
    return path


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda _: MADE / "encrypted.xlsx", "spreadsheet_locked"),
        (locked_old, "spreadsheet_locked"),
        (locked_open, "spreadsheet_locked"),
        (cut, "not_a_spreadsheet"),
        (changed(SHEET, lambda part: part[:-100]), "not_a_spreadsheet"),
        (changed(SHEET, None), "not_a_spreadsheet"),
        (changed(BOOK, lambda part: part[:-20]), "not_a_spreadsheet"),
        (archive(""), "not_a_spreadsheet"),
        (archive("word/document.xml"), "not_a_spreadsheet"),
        (archive("Index/Document.iwa"), "not_a_spreadsheet"),
        (bomb, "not_a_spreadsheet"),
    ],
    ids=[
        "encrypted",
        "encrypted xls",
        "encrypted ods",
        "cut",
        "sheet cut",
        "sheet gone",
        "book cut",
        "empty",
        "a text",
        "Numbers",
        "bomb",
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(path: Path, make: Callable[[Path], Path], code: str) -> None:
    with pytest.raises(NotASheet) as refused:
        Import(make(path))
    assert refused.value.code == code
    assert refused.value.zh.endswith("。")
