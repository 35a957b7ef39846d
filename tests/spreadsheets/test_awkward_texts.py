"""Text files as programs and people leave them: read as a person would, or refused with the cure in one sentence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.spreadsheets.files import NotASheet
from tests.spreadsheets.office import HEADS, Import, number, row

TABLE = (list(HEADS), row(1), row(2))


def lines(rows: Sequence[Sequence[Any]], separator: str = ",", end: str = "\r\n") -> str:
    """Return rows as a text file; each cell in quotes, as exports have them."""
    return end.join(separator.join(f'"{"" if cell is None else cell}"' for cell in cells) for cells in rows)


def imported(path: Path, text: str | bytes, encoding: str = "utf-8") -> Import:
    file = path / "发放.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return Import(file)


@pytest.mark.parametrize(
    "raw",
    [
        *(lines(TABLE, separator).encode("utf-16") for separator in ",;\t"),
        b"\xfe\xff" + lines(TABLE).encode("utf-16-be"),
        b"\xef\xbb\xbf\xef\xbb\xbf" + lines(TABLE).encode(),
        lines(TABLE, end="\r").encode("gb18030"),
        lines(TABLE, end="\n").encode() + b"\n\n",
        lines([[*cells, *[""] * 5] for cells in TABLE]).encode() + b"\r\n" + b",,,,,,,,,,,,\r\n" * 3,
    ],
    ids=["utf16,", "utf16;", "utf16 tab", "utf16 big end", "two marks", "CR alone", "LF", "trailing commas"],
)
def test_the_same_table_is_read_whatever_the_encoding_line_ends_and_separator(tmp_path: Path, raw: bytes) -> None:
    found = imported(tmp_path, raw)
    assert (list(found.events), found.faults) == ([2, 3], {})
    assert found.field("amount") == {2: "1250.00", 3: "1250.00"}


def test_a_line_that_names_the_separator_is_no_row(tmp_path: Path) -> None:
    assert list(imported(tmp_path, "sep=;\r\n" + lines(TABLE, ";")).events) == [3, 4]


def test_a_header_and_a_cell_may_have_line_breaks(tmp_path: Path) -> None:
    heads = ["姓\n名" if head == "姓名" else head for head in HEADS]
    assert list(imported(tmp_path, lines([heads, row(1, 姓名="虚\n构"), row(2)])).events) == [2, 3]


def test_a_short_row_is_refused_and_a_long_one_is_read(tmp_path: Path) -> None:
    found = imported(tmp_path, lines([HEADS, row(1)[:5], row(2), [*row(3), "x", "y"]]))
    assert (list(found.events), found.faults) == ([3, 4], {2: ["required"] * 3})


def test_what_a_spreadsheet_is_kept_from_counting_is_its_text(tmp_path: Path) -> None:
    cells = row(1, 身份证号=f'="{number(1)}"')
    assert imported(tmp_path, "\t".join(HEADS) + "\n" + "\t".join(cells)).events[2]["subject"] == number(1)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (lines(TABLE).encode() + b"\0", "not_a_spreadsheet"),
        (lines(TABLE).encode("utf-16-le"), "unknown_charset"),
        (lines(TABLE).encode("utf-32"), "not_a_spreadsheet"),
        (b"\xef\xbb\xbf\r\n<HTML><table><tr><td>1</td></tr></table></HTML>", "spreadsheet_is_a_page"),
        (b'<?xml version="1.0"?><Workbook/>', "spreadsheet_is_a_page"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "spreadsheet_is_a_page"),
        (b"%PDF-1.4\n1 0 obj\n", "not_a_spreadsheet"),
        (b"{\\rtf1 text, text}", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "unknown_charset"),
        (lines(TABLE).encode() + b'\r\n"open,1,2\r\n' + lines([row(3)]).encode()[1:] + b'\r\n"', "quote_not_closed"),
        (lines(TABLE).encode() + b'\r\n"' + b"x\r\n" * 60_000, "quote_not_closed"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, raw: bytes, code: str) -> None:
    with pytest.raises(NotASheet) as refused:
        imported(tmp_path, raw)
    assert refused.value.code == code
    assert refused.value.zh.endswith("。")
