"""Spreadsheets as Excel, WPS and LibreOffice leave them are opened: kinds, encodings, merges, what is hidden."""

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.spreadsheets.files import FAILED, Book, NotASheet, open_book

DAY = dt.date(2025, 3, 7)


def rows(book: Book, sheet: int = 0) -> list[list[Any]]:
    return [row.values for row in book.sheets[sheet].rows()]


def written(path: Path, text: str, encoding: str) -> Book:
    path.write_bytes(text.encode(encoding))
    return open_book(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_text_file_is_read_in_its_encoding_and_by_its_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    text = "\r\n".join(separator.join(cells) for cells in (("姓名", "号码"), ("虚构䶮", '="42"'), ("", "")))
    book = written(tmp_path / "a.csv", text, encoding)
    assert (book.kind, book.encoding, book.separator) == ("csv", encoding, separator)
    assert rows(book) == [["姓名", "号码"], ["虚构䶮", "42"], [None, None]]


def test_what_gb_18030_has_moved_is_read_where_it_is_now(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("姓名,甲\n虚构".encode("gb18030") + b"\xfe\x59,1\n")
    assert rows(open_book(tmp_path / "a.csv"))[1][0] == "虚构\u9fb4"


def test_a_cell_with_line_breaks_is_one_cell_and_rows_are_counted_as_the_sheet_does(tmp_path: Path) -> None:
    book = written(tmp_path / "a.csv", 'a,"x\ny"\n\nb,2\n', "utf-8")
    assert [(row.number, row.values) for row in book.sheets[0].rows()] == [(1, ["a", "x\ny"]), (2, []), (3, ["b", "2"])]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xff\xff\x81,\x80\n", "unknown_charset"),
        (b"<html><table><tr><td>1</td></tr></table>", "spreadsheet_is_a_page"),
        (b"PK\x03\x04broken", "not_a_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", "not_a_spreadsheet"),
        (b"%PDF\x00\x01", "not_a_spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_in_words(tmp_path: Path, raw: bytes, code: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(raw)
    with pytest.raises(NotASheet) as refused:
        open_book(tmp_path / "a.xlsx")
    assert refused.value.code == code


def test_an_archive_that_declares_entities_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>')
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    with pytest.raises(NotASheet):
        open_book(tmp_path / "a.xlsx")


def test_a_workbook_says_its_merges_and_what_is_hidden(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["B3"] = "标题"
    sheet.merge_cells("B3:D4")
    sheet["B5"], sheet["C5"], sheet["D5"] = 421299201805120011, DAY, True
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["D"].hidden = True
    book.create_sheet("隐").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    found = open_book(tmp_path / "a.xlsx")
    assert [(sheet.name, sheet.visible) for sheet in found.sheets] == [("Sheet", True), ("隐", False)]
    own = list(found.sheets[0].rows())
    assert own[2].values == own[3].values == [None, "标题", "标题", "标题"]
    assert (own[4].values[2:], own[4].hidden, own[3].hidden) == ([DAY, True], True, False)
    assert isinstance(own[4].values[1], float)
    assert found.sheets[0].hidden_columns == {3}


def test_days_of_a_1904_workbook_are_the_days_that_it_shows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet: Any = book.active
    sheet["A1"] = DAY
    book.save(tmp_path / "a.xlsx")
    old = xlwt.Workbook()
    old.dates_1904 = True
    serial = (DAY - dt.date(1904, 1, 1)).days
    old.add_sheet("S").write(0, 0, serial, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    old.save(str(tmp_path / "a.xls"))
    assert rows(open_book(tmp_path / "a.xlsx")) == rows(open_book(tmp_path / "a.xls")) == [[DAY]]
    assert open_book(tmp_path / "a.xlsx").from_1904


def test_a_formula_without_a_value_or_with_an_error_is_no_empty_cell(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet()
    sheet.write(1, 3, "甲")
    for column, value in enumerate((3, "#REF!")):
        sheet.write_formula(0, column, "=1+2", None, value)
    book.close()
    raw = openpyxl.load_workbook(tmp_path / "a.xlsx")
    raw.save(tmp_path / "b.xlsx")  # without any values
    assert rows(open_book(tmp_path / "a.xlsx"))[0][:2] == [3, FAILED]
    assert rows(open_book(tmp_path / "b.xlsx"))[0][:2] == [FAILED, FAILED]


def test_an_old_workbook_has_merges_too(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write_merge(0, 0, 0, 1, "标题")
    sheet.write(1, 0, "a")
    sheet.write(1, 1, 2)
    book.save(str(tmp_path / "a.xls"))
    found = open_book(tmp_path / "a.xls")
    assert (found.kind, rows(found)) == ("xls", [["标题", "标题"], ["a", 2]])


def test_a_sheet_of_libreoffice_is_read(tmp_path: Path) -> None:
    cells = '<table:table-cell office:value-type="string"><text:p>姓名</text:p></table:table-cell>'
    day = '<table:table-cell office:value-type="date" office:date-value="2025-03-07"/>'
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet><table:table table:name='S'>"
        f"<table:table-row>{cells}{day}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    found = open_book(tmp_path / "a.ods")
    assert (found.kind, rows(found)) == ("ods", [["姓名", DAY]])


def test_a_cell_far_outside_does_not_eat_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook(write_only=False)
    sheet: Any = book.active
    sheet["A1"], sheet["XFD1048576"] = 1, 1
    raw = io.BytesIO()
    book.save(raw)
    (tmp_path / "a.xlsx").write_bytes(raw.getvalue())
    with pytest.raises(NotASheet) as refused:
        open_book(tmp_path / "a.xlsx")
    assert refused.value.code == "spreadsheet_too_large"
