"""Makes the files in `made/`, once, on a machine with LibreOffice (`soffice`) and the package msoffcrypto-tool.

`python -m tests.spreadsheets.make` from the checkout. The tests need neither: they read the files as they were made.
"""

import datetime as dt
import subprocess
import tempfile
from pathlib import Path

import xlsxwriter

from tests.spreadsheets.office import HEADS, row

MADE = Path(__file__).parent / "made"
LOCKED_BY = "虚构"


def source(path: Path) -> Path:
    """Write what is converted: a title, a real day and number, a hidden row and sheet, a formula, merges, a total."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("发放")
    sheet.merge_range("A1:H1", "2026年3月虚构县发放明细")
    rows = [HEADS, row(1), row(2, 金额=1250.5), row(3), row(4), ("合计", None, None, 5000.5)]
    for at, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(at, column, cell)
    sheet.write_datetime(2, 7, dt.datetime(2026, 3, 7), book.add_format({"num_format": "yyyy/m/d"}))  # noqa: DTZ001
    sheet.write_formula(4, 3, "=1000+250", None, 1250)
    sheet.merge_range("C5:C6", "低保金")
    sheet.set_row(3, options={"hidden": True})
    hidden = book.add_worksheet("隐")
    hidden.write_row(0, 0, HEADS)
    hidden.hide()
    book.close()
    return path


def main() -> None:
    """Write every file."""
    with tempfile.TemporaryDirectory() as temporary:
        first = source(Path(temporary) / "libreoffice.xlsx")
        for kind in ("ods", "xls", "xlsx"):
            subprocess.run(["soffice", "--headless", "--convert-to", kind, "--outdir", MADE, first], check=True)
        with first.open("rb") as file:
            from msoffcrypto.format import ooxml  # noqa: PLC0415

            with (MADE / "encrypted.xlsx").open("wb") as out:
                ooxml.OOXMLFile(file).encrypt(LOCKED_BY, out)


if __name__ == "__main__":
    main()
