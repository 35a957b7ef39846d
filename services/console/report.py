"""The report to the city as an editable document: the numbers of a month that was published, and what they rest on.

Form of GB/T 9704-2012 (official documents): A4, margins of 37, 28, 35 and 26 mm, body 三号仿宋, title 二号小标宋.
Fonts are named and not shipped. Every number is the published one, so that it is found again by `yihu indicators`.
"""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Row
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.console.coverage import percent
from services.console.roles import needs
from services.entitlements.indicators.computing import Indicators
from services.entitlements.indicators.coverage import COVERAGE, FAMILIES, RECOGNISED
from services.entitlements.indicators.publishing import as_tables, of_month, publications
from services.entitlements.indicators.tables import WHOLE_CITY
from services.entitlements.indicators.text import BY, basis_line, named
from shared.door.web import only_parameters
from shared.language.kinds import chinese_day

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY, TITLE, HEAD = "仿宋_GB2312", "方正小标宋简体", "黑体"
MARGINS = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}
"""In millimetres (GB/T 9704-2012, 5.2)."""
BODY_PT, TITLE_PT, TABLE_PT, LINE_PT = 16, 22, 10.5, 28
WIDEST = 9
"""How many columns a table of the report has at most; the others stand in the published table."""
_LEFT_OUT = ("share_in_time", "share_gap", "share_lapsed", "share_held", "share_declined", "share_unknown")


def report_pages(indicators: Indicators) -> Blueprint:
    """Return the page of the reports and the documents."""
    pages = Blueprint("report", __name__)

    @pages.get("/report")
    @needs("indicators")
    def page() -> ResponseReturnValue:
        only_parameters("month")
        every = publications(indicators.queries.about_nobody())
        if month := request.args.get("month", "").strip():
            return redirect(url_for("report.document", month=of_month(month, every).month), 303)
        return render_template("report.html", months=sorted({one.month for one in every}, reverse=True))

    @pages.get("/report/<month>.docx")
    @needs("indicators")
    def document(month: str) -> ResponseReturnValue:
        found = as_tables(of_month(month, publications(indicators.queries.about_nobody())))
        answer = Response(report(found), mimetype=DOCX)
        answer.headers.set("Content-Disposition", "attachment", filename=f"report-{month}.docx")
        return answer

    return pages


def report(found: dict[str, Any]) -> bytes:
    """Return the report on a publication, in the form of `as_tables`, as a .docx file."""
    made = Document()
    _page(made)
    year, month = found["month"].split("-")
    title = f"咸宁市困难残疾儿童家庭救助帮扶情况报告（{year}年{int(month)}月）"
    made.core_properties.title, made.core_properties.language = title, "zh-CN"
    made.core_properties.author = made.core_properties.comments = ""
    _paragraph(made, title, "Title")
    tables = {one["name"]: one for one in found["tables"]}
    _paragraph(made, _summary(tables, found["effective"]))
    for number, table in enumerate(found["tables"], 1):
        _paragraph(made, f"{_ordinal(number)}、{table['zh']}", "Heading 1")
        _table(made, table)
    _paragraph(made, f"{_ordinal(len(found['tables']) + 1)}、数据依据", "Heading 1")
    _paragraph(made, basis_line(found) + "。以“*”表示的数字因数目较小不公布。")
    _paragraph(made, f"核对命令：yihu indicators --published {found['month']} --check")
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def _summary(tables: dict[str, dict[str, Any]], effective: str) -> str:
    """Return the first paragraph: families, recognition, and the rule that is furthest from its goal."""
    families = _of_city(tables.get(FAMILIES.name))
    recognised = _of_city(tables.get(RECOGNISED.name))
    said = f"截至{chinese_day(effective)}，"
    if families:
        said += (
            f"全市认定困难残疾儿童家庭{families['families']}户，其中各项救助帮扶均无逾期的{families['reached']}户，"
            f"占{percent(families['share_reached'])}；有逾期事项的{families['open']}户。"
        )
    if recognised:
        said += f"应认定{recognised['found']}户，已认定{recognised['recognised']}户，尚未认定{recognised['missed']}户。"
    rows = [row for row in tables.get(COVERAGE.name, {"rows": []})["rows"] if row["county"] == WHOLE_CITY]
    shown = [row for row in rows if row["share_met"] not in {"", "*"}]
    if shown:
        least = min(shown, key=lambda row: float(row["share_met"]))
        said += f"落实占比最低的事项为{named('rule', least['rule'])}，占{percent(least['share_met'])}。"
    return said


def _of_city(table: dict[str, Any] | None) -> dict[str, Any] | None:
    return next((row for row in table["rows"] if row["county"] == WHOLE_CITY), None) if table else None


def _page(made: Doc) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, millimetres in MARGINS.items():
        setattr(section, name, Mm(millimetres))
    for style, font, size in (("Normal", BODY, BODY_PT), ("Title", TITLE, TITLE_PT), ("Heading 1", HEAD, BODY_PT)):
        found: Any = made.styles[style]
        found.font.name, found.font.size, found.font.bold = font, Pt(size), False
        fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in [name for name in fonts.attrib if name.endswith("Theme")]:
            del fonts.attrib[theme]
        fonts.set(qn("w:eastAsia"), font)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "zh-CN")
        language.set(qn("w:eastAsia"), "zh-CN")
        for old in found.element.rPr.findall(qn("w:lang")):
            found.element.rPr.remove(old)
        found.element.rPr.append(language)
        found.paragraph_format.line_spacing = Pt(LINE_PT)
        found.paragraph_format.space_after = Pt(0)
    made.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _paragraph(made: Doc, text: str, style: str = "Normal") -> None:
    found = made.add_paragraph(text, style)
    if style == "Normal":
        found.paragraph_format.first_line_indent = Pt(2 * BODY_PT)  # two characters


def _table(made: Doc, table: dict[str, Any]) -> None:
    columns = [name for name in table["columns"] if name not in _LEFT_OUT][: WIDEST - len(table["by"])]
    heads = [BY.get(name, name) for name in table["by"]] + [table["columns"][name] for name in columns]
    found = made.add_table(rows=1, cols=len(heads), style="Table Grid")
    _fill(found.rows[0], heads)
    repeated = OxmlElement("w:tblHeader")
    found.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library has no other way
    for row in table["rows"]:
        keys = [named(name, row[name]) for name in table["by"]]
        _fill(found.add_row(), [*keys, *(_cell(name, row[name]) for name in columns)])
    made.add_paragraph()


def _cell(column: str, value: Any) -> str:
    return percent(value) if column.startswith("share") else str(value)


def _fill(row: _Row, texts: Iterable[str]) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = 1
        paragraph.add_run(text).font.size = Pt(TABLE_PT)


def _ordinal(number: int) -> str:
    """Return a number below 100 in Chinese, as headings count."""
    digits: Sequence[str] = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return f"{digits[tens] if tens > 1 else ''}{'十' if tens else ''}{digits[ones] if ones or not tens else ''}"
