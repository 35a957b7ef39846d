"""Pictures made by the server: an SVG named with what it shows, and the table of the same numbers in the same figure.

Pure. Every mark carries its value (`data-v`), which a cell of the table says too. Lines and lanes differ by dashes and
shapes, bars by their labels, so that nothing rests on colour. What is no number is a word of its own and is drawn
hatched: nothing hidden looks like zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

Value = Decimal | int | str | None
"""A number; a word where there is none to show (少于5，不公布；情况不明); or nothing, which reads 无数据."""
NO_DATA = "无数据"

PAPER, INK, GRID = "#ffffff", "#1a1a1a", "#767676"
PALETTE = ("#1a4480", "#a3001e", "#1b5e20", "#5b2a86", "#7a4a00", "#00565e", "#3d3d3d")
"""Colours of lines, bars and marks, each readable on paper (a contrast of at least 3 to 1)."""
DASHES = ("none", "10 5", "2 5", "14 5 2 5", "6 6", "1 4", "20 6")
"""How lines differ where colours do not."""
SHAPES = ("circle", "square", "diamond", "up", "down", "cross", "ring")
"""How marks differ where colours do not."""

_CROSS = (
    *((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)),
    *((0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
)
_LINE = 28
_LEFT = 96
_WIDTH = 640
_DARK = 0.04045
"""Below this a part of a colour is linear (WCAG 2)."""


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers behind a picture: what the table is called, its heads, and rows that begin with their own head."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Value]]]


def lanes(finding: str, table: Table, links: Mapping[tuple[str, str], str] | None = None) -> Markup:
    """Return lanes, one a row of the table, with a mark for what happened in each column: larger where it was more.

    `links`: where a cell of the table leads to, by the heads of its row and column.
    """
    columns = table.heads[1:]
    most = max((value for _, values in table.rows for value in values if isinstance(value, int)), default=1) or 1
    step = (_WIDTH - _LEFT) / max(len(columns), 1)
    drawn = [_text(_LEFT + (at + 0.5) * step, 16, head, "middle") for at, head in enumerate(columns)]
    for row, (lane, values) in enumerate(table.rows):
        y = 22 + (row + 0.5) * _LINE
        drawn += [_text(0, y + 5, lane), _stroke(_LEFT, y, _WIDTH, y, GRID, DASHES[row % len(DASHES)])]
        for at, value in enumerate(values):
            if value:
                size = 5 + 6 * (int(value) / most) ** 0.5
                mark = _mark(SHAPES[row % len(SHAPES)], _LEFT + (at + 0.5) * step, y, size, PALETTE[row % len(PALETTE)])
                drawn.append(Markup('<g data-v="{}">{}</g>').format(value, mark))
    return _figure(finding, table, drawn, 26 + len(table.rows) * _LINE, links, nothing="0")


def bars(finding: str, table: Table) -> Markup:
    """Return a bar for each row of a table of two columns, the longest over the whole width."""
    numbers = [Decimal(values[0]) for _, values in table.rows if isinstance(values[0], Decimal | int)]
    most = max(numbers, default=Decimal(1)) or Decimal(1)
    room, drawn = _WIDTH - 2 * _LEFT, []
    for row, (label, values) in enumerate(table.rows):
        y, value = row * _LINE, values[0]
        drawn.append(_text(0, y + 19, label))
        if isinstance(value, Decimal | int):
            width = float(Decimal(value) / most) * room
            drawn += [_box(_LEFT, y + 5, width, PALETTE[0], value), _text(_LEFT + width + 6, y + 19, str(value))]
        else:
            drawn += [_box(_LEFT, y + 5, room, "none", value or NO_DATA), _text(_LEFT + 6, y + 19, value or NO_DATA)]
    return _figure(finding, table, drawn, len(table.rows) * _LINE + 4)


def trend(finding: str, table: Table) -> Markup:
    """Return a line for each row of a table, from column to column; it breaks off where there is no number."""
    columns = table.heads[1:]
    numbers = [Decimal(one) for _, values in table.rows for one in values if isinstance(one, Decimal | int)]
    most = max(numbers, default=Decimal(1)) or Decimal(1)
    step, high = (_WIDTH - _LEFT - 24) / max(len(columns) - 1, 1), 200
    drawn = [_stroke(_LEFT, high + 10, _WIDTH, high + 10, GRID), _text(_LEFT - 8, 18, str(most), "end")]
    drawn += [_text(_LEFT - 8, high + 14, "0", "end")]
    drawn += [_text(_LEFT + 12 + at * step, high + 30, head, "middle") for at, head in enumerate(columns)]
    for row, (label, values) in enumerate(table.rows):
        colour, dash, shape = (some[row % len(some)] for some in (PALETTE, DASHES, SHAPES))
        before: tuple[float, float] | None = None
        for at, value in enumerate(values):
            here = None
            if isinstance(value, Decimal | int):
                here = _LEFT + 12 + at * step, high + 10 - float(Decimal(value) / most) * high
                if before:
                    drawn.append(_stroke(*before, *here, colour, str(dash), 2.5))
                drawn.append(Markup('<g data-v="{}">{}</g>').format(value, _mark(str(shape), *here, 5, str(colour))))
            before = here
        key = high + 54 + row * 22
        drawn += [_stroke(_LEFT, key - 5, _LEFT + 40, key - 5, str(colour), str(dash), 2.5)]
        drawn += [_mark(str(shape), _LEFT + 20, key - 5, 5, str(colour)), _text(_LEFT + 50, key, label)]
    return _figure(finding, table, drawn, high + 44 + len(table.rows) * 22)


def contrast(one: str, other: str) -> float:
    """Return how strongly two colours (#rrggbb) stand out from each other: 1 to 21, as WCAG 2 counts."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= _DARK else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _figure(
    finding: str,
    table: Table,
    drawn: Sequence[Markup],
    height: float,
    links: Mapping[tuple[str, str], str] | None = None,
    nothing: str = NO_DATA,
) -> Markup:
    """Return picture and table together; the picture is named with what it shows."""
    svg = Markup('<svg role="img" aria-label="{}" viewBox="0 0 {} {:.0f}" font-size="14">{}</svg>').format(
        finding, _WIDTH, height, Markup().join(drawn)
    )
    heads = Markup().join(Markup('<th scope="col">{}</th>').format(one) for one in table.heads)
    rows = Markup().join(_row(table, lane, values, links or {}, nothing) for lane, values in table.rows)
    return Markup(
        '<figure class="chart"><div class="picture">{}</div>'
        '<div class="wide" role="region" tabindex="0" aria-label="{}"><table><caption>{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div></figure>"
    ).format(svg, table.caption, table.caption, heads, rows)


def _row(
    table: Table, lane: str, values: Sequence[Value], links: Mapping[tuple[str, str], str], nothing: str
) -> Markup:
    cells = []
    for head, value in zip(table.heads[1:], values, strict=True):
        text = nothing if value is None else str(value)
        where = links.get((lane, head)) if value else None
        inside = (
            Markup('<a href="{}">{}<span class="hidden"> {} {}</span></a>').format(where, text, lane, head)
            if where
            else text
        )
        cells.append(Markup('<td class="number">{}</td>').format(inside))
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(lane, Markup().join(cells))


def _text(x: float, y: float, text: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="currentColor">{}</text>').format(
        x, y, anchor, text
    )


def _stroke(x: float, y: float, to_x: float, to_y: float, colour: str, dash: str = "none", width: float = 1) -> Markup:
    return Markup(
        '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>'
    ).format(x, y, to_x, to_y, colour, width, dash)


def _box(x: float, y: float, width: float, fill: str, value: object) -> Markup:
    dashed = Markup(' stroke-dasharray="4 4"') if fill == "none" else ""
    return Markup(
        '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="18" fill="{}" stroke="{}"{} data-v="{}"/>'
    ).format(x, y, max(width, 1), fill, INK, dashed, value)


def _mark(shape: str, x: float, y: float, size: float, colour: str) -> Markup:
    """Return a mark of a shape, its middle at a place."""
    if shape in {"circle", "ring"}:
        fill, line = (colour, 0) if shape == "circle" else (PAPER, 3)
        return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" fill="{}" stroke="{}" stroke-width="{}"/>').format(
            x, y, size, fill, colour, line
        )
    corners = {
        "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
        "diamond": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
        "up": ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),
        "down": ((0, 1.1), (1.1, -0.9), (-1.1, -0.9)),
        "cross": _CROSS,
    }[shape]
    points = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in corners)
    return Markup('<polygon points="{}" fill="{}"/>').format(points, colour)
