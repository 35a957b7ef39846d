"""Pictures say what their tables say, to whoever sees colours, shapes, or nothing."""

import re
from decimal import Decimal

import pytest
from markupsafe import Markup

from services.console import charts
from services.console.charts import Table

LANES = Table("各部门", ("部门", "2024年", "2025年"), [("残联", [3, None]), ("教育", [0, 12]), ("<民政>", [1, 1])])
BARS = Table(
    "覆盖", ("县", "户"), [("甲县", [Decimal("71.5")]), ("乙县", ["少于5，不公布"]), ("丙县", [None]), ("丁", [0])]
)
TREND = Table("趋势", ("项目", "1月", "2月", "3月"), [("已救", [1, None, 3]), ("应救", [4, 4, 5])])
DRAWN = {
    "lanes": lambda: charts.lanes("2025年教育有 12 条", LANES),
    "bars": lambda: charts.bars("甲县 71.5", BARS),
    "trend": lambda: charts.trend("由 1 升至 3", TREND),
}


def cells(figure: Markup) -> list[str]:
    return re.findall(r'<td class="number">([^<]*)</td>', figure)


@pytest.mark.parametrize("kind", DRAWN)
def test_a_picture_is_named_with_what_it_shows_and_has_its_table_beside_it(kind: str) -> None:
    figure = DRAWN[kind]()
    [name] = re.findall(r'<svg role="img" aria-label="([^"]+)"', figure)

    assert re.search(r"\d", name)
    assert figure.count("<figure") == figure.count("<table") == figure.count("<caption") == 1
    assert figure.count('scope="col"') + figure.count('scope="row"') == len(re.findall("<th\\b", figure))
    assert " style=" not in figure


@pytest.mark.parametrize("kind", DRAWN)
def test_what_is_drawn_stands_in_the_table_and_nothing_else_is_drawn(kind: str) -> None:
    figure = DRAWN[kind]()
    drawn = re.findall(r'data-v="([^"]*)"', figure)

    assert drawn
    assert [one for one in cells(figure) if kind == "bars" or one not in {"0", "无数据"}] == drawn


def test_hidden_none_and_zero_are_three_words() -> None:
    assert cells(charts.bars("甲县 71.5", BARS)) == ["71.5", "少于5，不公布", "无数据", "0"]


def test_what_is_written_in_a_picture_is_text_and_no_markup() -> None:
    assert "<民政>" not in DRAWN["lanes"]()
    assert "&lt;民政&gt;" in DRAWN["lanes"]()


def test_every_colour_is_readable_on_paper() -> None:
    assert charts.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert min(charts.contrast(one, charts.PAPER) for one in (*charts.PALETTE, charts.INK, charts.GRID)) >= 3


def test_lines_and_lanes_differ_without_colour() -> None:
    figure = re.sub(r'(fill|stroke)="#\w+"', "", DRAWN["trend"]())
    dashes = set(re.findall(r'stroke-width="2.5" stroke-dasharray="([^"]*)"', figure))

    assert len(dashes) == len(TREND.rows)
    assert len(set(charts.DASHES)) == len(set(charts.SHAPES)) == len(charts.PALETTE) == 7


def test_a_line_breaks_off_where_there_is_no_number() -> None:
    assert DRAWN["trend"]().count('stroke-width="2.5"') == 2 + len(TREND.rows)  # and the key


def test_a_cell_leads_to_what_it_counts() -> None:
    figure = charts.lanes("3", LANES, {("残联", "2024年"): "/families/X?year=2024&lane=dpf"})

    assert '<a href="/families/X?year=2024&amp;lane=dpf">3<span class="hidden"> 残联 2024年</span></a>' in figure
