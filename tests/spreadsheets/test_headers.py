"""The table on a sheet is found as people find it, and what is no row of it is left out."""

from dataclasses import dataclass
from typing import Any

from services.spreadsheets.files import Row, Sheet
from services.spreadsheets.headers import Table, choose, find_table, word


@dataclass(frozen=True)
class Column:
    """A column that is looked for."""

    name: str
    header: str
    aliases: tuple[str, ...] = ()


WANTED = (
    Column("name", "姓名"),
    Column("number", "身份证号", ("公民身份号码",)),
    Column("guardian", "监护人姓名"),
    Column("paid_on", "发放日期"),
)


def sheet(*rows: list[Any], name: str = "S", visible: bool = True) -> Sheet:
    return Sheet(name, visible, lambda: (Row(number, cells) for number, cells in enumerate(rows, 1)))


def found(*rows: list[Any]) -> Table:
    table = find_table(sheet(*rows), WANTED)
    assert table is not None
    return table


def test_a_header_is_found_below_titles_and_whatever_it_is_decorated_with() -> None:
    table = found(
        ["2026年3月名册", "2026年3月名册"],
        [None, None],
        ["姓　名：", "* 公民身份号码\n(18位)", "手机"],
        ["虚构甲", "1"],
    )
    assert (table.header, table.columns, table.title) == (3, {"name": 0, "number": 1}, ["2026年3月名册"])
    assert table.unknown == ["手机"]
    assert [table.cells(row) for row in table.rows()] == [{"name": "虚构甲", "number": "1"}]
    assert table.address(4, "number") == "S!B4"


def test_a_header_of_two_rows_is_joined_merged_or_not() -> None:
    merged = [["姓名", "监护人", "监护人"], ["姓名", "姓名", "身份证号"], ["甲", "乙", "2"]]
    table = found(*merged)
    assert table.columns == {"name": 0, "guardian": 1, "number": 2}
    assert (table.header, table.first) == (2, 3)
    assert found(["姓名", "监护人", None], [None, "姓名", "身份证号"]).columns == table.columns


def test_what_is_no_row_is_left_out_and_said() -> None:
    table = found(
        ["姓名", "身份证号", "发放日期"],
        ["甲", "1", "2025-01-01"],
        [None, " ", None],
        ["姓名", "身份证号", "发放日期"],
        ["备注", "2", "2025-01-01"],
        ["合 计", None, 3.0],
        ["填表人：虚构乙", None, "审核人："],
    )
    assert [row.number for row in table.rows()] == [2]
    assert table.skipped == [(4, "header"), (5, "foot"), (6, "total"), (7, "foot")]
    assert [row.number for row in table.totals] == [6]


def test_a_hidden_row_is_a_row() -> None:
    hidden = Sheet(
        "S", visible=True, rows=lambda: iter([Row(1, ["姓名", "身份证号"]), Row(2, ["甲", "1"], hidden=True)])
    )
    table = find_table(hidden, WANTED)
    assert table is not None
    assert [row.hidden for row in table.rows()] == [True]


def test_a_column_twice_is_read_once_and_said() -> None:
    assert found(["姓名", "身份证号", "公民身份号码"]).doubled == ["公民身份号码"]


def test_the_first_visible_sheet_with_a_table_is_read_and_the_others_are_named() -> None:
    heads = ["姓名", "身份证号"]
    said = {"a": ["说明"], "b": heads, "c": heads, "d": heads, "e": []}
    sheets = [sheet(cells, name=name, visible=name != "b") for name, cells in said.items()]
    table, others = choose(sheets, WANTED)
    assert table is not None
    assert (table.sheet.name, others) == ("c", ["a", "b", "d"])


def test_a_sheet_without_the_columns_has_no_table() -> None:
    assert find_table(sheet(["姓名", "别的"], ["甲", "1"]), WANTED) is None


def test_a_header_that_is_all_hint_stays_what_it_is() -> None:
    assert word("(元)") == "(元)"
    assert word("金额(元)") == "金额"
